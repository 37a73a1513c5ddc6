/* SPDX-License-Identifier: MIT */
#include "model/clients.h"
#include "model/private.h"

#include <string.h>

/* How far the time lies outside what is known of the client; 0 inside, or if nothing is known of either. */
static int64_t distance(const struct client *client, int64_t at_ns)
{
	if (!at_ns || !client->first_ns)
		return 0;
	if (at_ns < client->first_ns)
		return client->first_ns - at_ns;
	return at_ns > client->last_ns ? at_ns - client->last_ns : 0;
}

struct client *model_client_in_cluster(const struct model *model, const struct address *address, int64_t at_ns, const char *fsid)
{
	struct client *found = NULL;

	/* A nonce may come back, on the same host or on another one: the client that lived then, or next to it. */
	for (struct client *client = model->clients; client; client = client->next)
		if (address_same_client(&client->address, address) && !fsids_differ(client->fsid, fsid) &&
		    (!found || distance(client, at_ns) < distance(found, at_ns)))
			found = client;
	return found;
}

struct client *model_client_by_address(const struct model *model, const struct address *address, int64_t at_ns)
{
	return model_client_in_cluster(model, address, at_ns, "");
}

bool fsids_differ(const char *a, const char *b)
{
	return *a && *b && strcmp(a, b) != 0;
}

/* Two clusters count their clients alike: then a global id alone names nobody. */
bool model_several_clusters(const struct model *model)
{
	const char *fsid = "";

	for (const struct client *client = model->clients; client; client = client->next) {
		if (fsids_differ(fsid, client->fsid))
			return true;
		fsid = *client->fsid ? client->fsid : fsid;
	}
	return false;
}

int model_log_of_cluster(const struct source *log, const struct client *client)
{
	return !*log->cluster || !client || !*client->fsid ? 0 : strcmp(log->cluster, client->fsid) ? -1 : 1;
}

bool hosts_differ(const char *a, const char *b)
{
	size_t length = strcspn(a, ".");

	if (!a[length] || !b[strcspn(b, ".")])
		return *a && *b && (length != strcspn(b, ".") || strncmp(a, b, length) != 0);
	return strcmp(a, b) != 0;
}

int model_same_vm(const struct process *a, const struct process *b)
{
	if (a->vm_uuid && b->vm_uuid && *a->vm_uuid && *b->vm_uuid)
		return strcmp(a->vm_uuid, b->vm_uuid) ? -1 : 1;
	if (!a->vm_name || !b->vm_name || !*a->vm_name || strcmp(a->vm_name, b->vm_name) != 0)
		return -1;
	return hosts_differ(a->host, b->host) ? -1 : 0;
}

bool client_was_answered(const struct client *client, int64_t after_ns, int64_t before_ns)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next)
		for (const struct watch *watch = image->watches; watch; watch = watch->next)
			for (size_t i = 0; i < watch->ping_count; i++)
				if (watch->pings[i].reply_ns && watch->pings[i].result >= 0 &&
				    watch->pings[i].sent_ns > after_ns && watch->pings[i].reply_ns < before_ns)
					return true;
	return false;
}

bool client_has_disk(const struct client *client)
{
	/* What belongs to no image hangs at one without a number, if the model keeps entries. */
	for (const struct image *image = client->images; image; image = image->next)
		if (image->serial || *image->id || image->watches)
			return true;
	return ((const struct client_record *)client)->failed;
}
