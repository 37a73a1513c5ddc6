/* SPDX-License-Identifier: MIT */
/* The images of a client: found by their serial number or their header object. */
#include "model/image.h"
#include "model/entries.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

struct image *image_add(struct model *model, struct client *client, uint32_t serial)
{
	struct image *image = model_alloc(model, sizeof(*image)), **tail = &client->images;

	if (!image)
		return NULL;
	image->client = client;
	image->serial = serial;
	image->pool = model_strdup(model, "");
	image->nspace = model_strdup(model, "");
	image->name = model_strdup(model, "");
	image->id = model_strdup(model, "");
	while (*tail)
		tail = &(*tail)->next;
	return *tail = image;
}

static struct image *image_find(const struct client *client, uint32_t serial)
{
	for (struct image *image = client->images; image; image = image->next)
		if (image->serial == serial)
			return image;
	return NULL;
}

struct image *image_of_serial(struct model *model, struct client *client, uint32_t serial)
{
	struct image *image = image_find(client, serial);

	/* Serials are the process's: an event that does not know its client still finds its image. */
	for (struct client *other = model->clients; other && !image && serial && !client->global_id; other = other->next)
		if (other->process == client->process)
			image = image_find(other, serial);
	return image ? image : image_add(model, client, serial);
}

struct image *image_of_object(struct model *model, struct client *client, const char *oid)
{
	static const char header[] = "rbd_header.";
	uint32_t serial = LOGGED_SERIALS;
	struct image *image;

	if (strncmp(oid, header, sizeof(header) - 1) || !oid[sizeof(header) - 1])
		return NULL;
	for (image = client->images; image; image = image->next, serial++)
		if (!strcmp(image->id, oid + sizeof(header) - 1))
			return image;
	image = image_add(model, client, serial);
	if (image)
		model_set(model, &image->id, oid + sizeof(header) - 1);
	return image;
}

bool image_is_header(const struct image *image, const char *pool, const char *nspace, const char *oid)
{
	static const char format2[] = "rbd_header.", format1[] = ".rbd";
	size_t name = strlen(image->name);

	if ((*pool && *image->pool && strcmp(pool, image->pool)) || (*pool && strcmp(nspace, image->nspace)))
		return false;
	if (!strncmp(oid, format2, sizeof(format2) - 1))
		return *image->id && !strcmp(oid + sizeof(format2) - 1, image->id);
	return name && !strncmp(oid, image->name, name) && !strcmp(oid + name, format1);
}

static void watch_free(struct watch *watch)
{
	free(watch->oid);
	free(watch->pings);
	free(watch->past_pings);
	free(watch->osd_pings);
	free(watch);
}

void image_free(struct image *image)
{
	struct eshutdown_run *next_run;
	struct watch *next;

	for (struct eshutdown_run *run = image->eshutdown_runs; run; run = next_run) {
		next_run = run->next;
		free(run);
	}
	for (struct watch *watch = image->watches; watch; watch = next) {
		next = watch->next;
		watch_free(watch);
	}
	entries_free(image);
	free(image->pool);
	free(image->nspace);
	free(image->name);
	free(image->id);
	free(image);
}
