/* SPDX-License-Identifier: MIT */
#include "saved/saved.h"
#include "model/address.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int64_t ns_of(const json_t *object, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(object, key));
}

static void read_incident(const json_t *incident, struct verdict *verdict)
{
	const json_t *client = json_object_get(incident, "client"), *vm = json_object_get(incident, "vm");
	const json_t *eshutdown = json_object_get(incident, "first_eshutdown");

	verdict->address = text_of(client, "address");
	verdict->global_id = (uint64_t)ns_of(client, "global_id");
	verdict->vm = text_of(vm, "name");
	verdict->uuid = text_of(vm, "uuid");
	verdict->image_id = text_of(json_object_get(incident, "image"), "id");
	verdict->header = text_of(json_object_get(incident, "header"), "object");
	verdict->cause = text_of(incident, "cause");
	verdict->confidence = text_of(incident, "confidence");
	verdict->at_ns = ns_of(json_object_get(incident, "blocklist"), "ts_ns");
	verdict->sender = *text_of(json_object_get(incident, "blocklist"), "process");
	if (!verdict->at_ns)
		verdict->at_ns = ns_of(eshutdown, "ts_ns");
	verdict->harm = json_is_object(eshutdown) || ns_of(incident, "failed_ios") > 0;
}

static void read_near_miss(const json_t *near, struct verdict *verdict)
{
	const json_t *vm = json_object_get(near, "vm");

	verdict->address = text_of(json_object_get(near, "client"), "address");
	verdict->vm = text_of(vm, "name");
	verdict->uuid = text_of(vm, "uuid");
	verdict->image_id = text_of(json_object_get(near, "image"), "id");
	verdict->cause = text_of(near, "kind");
	verdict->header = verdict->confidence = "";
	verdict->at_ns = ns_of(near, "begin_ns");
}

int verdict_read(const char *folder, struct verdict *verdict)
{
	char path[PATH_MAX];
	const json_t *first;

	memset(verdict, 0, sizeof *verdict);
	snprintf(path, PATH_MAX, "%s/incidents.json", folder);
	verdict->json = json_load_file(path, 0, NULL);
	if (!verdict->json)
		return -ENODATA;
	if ((first = json_array_get(json_object_get(verdict->json, "incidents"), 0)))
		read_incident(first, verdict);
	else if ((first = json_array_get(json_object_get(verdict->json, "near_misses"), 0)))
		read_near_miss(first, verdict);
	else {
		verdict_free(verdict);
		return -ENODATA;
	}
	return 0;
}

void verdict_free(struct verdict *verdict)
{
	json_decref(verdict->json);
	verdict->json = NULL;
}

int verdict_rank(const struct verdict *verdict)
{
	static const char *const ranks[] = { "", "possible", "likely", "proven" };

	for (int i = 3; i > 0; i--)
		if (!strcmp(verdict->confidence, ranks[i]))
			return i;
	return 0;
}

/* ---- the folders ---- */

/* A name begins with its time, so their order is the order of time. Those with a dot in front are being made. */
static int is_incident(const struct dirent *entry)
{
	return isdigit((unsigned char)*entry->d_name) && strchr(entry->d_name, 'T');
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return -strcmp((*a)->d_name, (*b)->d_name);
}

int saved_list(const char *incidents, char ***names)
{
	struct dirent **entries;
	int count = scandir(incidents, &entries, is_incident, newest_first);

	*names = NULL;
	if (count < 0)
		return -errno;
	*names = calloc((size_t)count + 1, sizeof **names);
	for (int i = 0; i < count; i++) {
		if (*names)
			(*names)[i] = strdup(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return *names ? count : -ENOMEM;
}

void saved_free(char **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

bool saved_find(const char *incidents, const char *address, char path[PATH_MAX])
{
	struct address wanted, its;
	struct verdict verdict;
	char **names;
	int count = address_parse(address, &wanted) ? saved_list(incidents, &names) : 0;
	bool found = false;

	for (int i = 0; i < count && !found; i++) {
		snprintf(path, PATH_MAX, "%s/%s", incidents, names[i]);
		if (verdict_read(path, &verdict))
			continue;
		found = address_parse(verdict.address, &its) && address_same_client(&wanted, &its);
		verdict_free(&verdict);
	}
	if (count > 0)
		saved_free(names, count);
	return found;
}
