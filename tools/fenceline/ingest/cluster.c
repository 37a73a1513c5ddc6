/* SPDX-License-Identifier: MIT */
#include "ingest/cluster.h"
#include "ingest/text_in.h"

#include <stdio.h>
#include <string.h>

bool cluster_is_fsid(const char *text, size_t length)
{
	return text_is_uuid(text, length, DECIMAL "abcdef");
}

void cluster_of_path(const char *path, char cluster[SOURCE_CLUSTER])
{
	static const char folder[] = "ceph/";

	*cluster = '\0';
	for (const char *at = strstr(path, folder); at; at = strstr(at + 1, folder)) {
		const char *fsid = at + sizeof(folder) - 1;
		size_t length = strcspn(fsid, "/");
		if ((at == path || at[-1] == '/') && fsid[length] == '/' && cluster_is_fsid(fsid, length))
			snprintf(cluster, SOURCE_CLUSTER, "%.*s", (int)length, fsid);
	}
}

void cluster_set(struct source *source, const char *given)
{
	if (!source->path || !strcmp(source->kind, "ctf"))
		return;
	cluster_of_path(source->path, source->cluster);
	if (!*source->cluster && given)
		snprintf(source->cluster, sizeof source->cluster, "%s", given);
}
