/* SPDX-License-Identifier: MIT */
/* An image gets its name late: what was told of its header until then is its own. */
#include "model/naming.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/private.h"
#include "model/watch.h"

#include <string.h>

/* Moves the watches on the image's header to it, now that its id is known. */
static void image_adopt_watches(struct model *model, struct image *image)
{
	struct image *nameless = image_of_serial(model, image->client, 0);
	struct watch *next;

	for (struct watch *watch = nameless && nameless != image ? nameless->watches : NULL; watch; watch = next) {
		next = watch->next;
		if (image_is_header(image, "", "", watch->oid))
			watch_tie(model, watch, image);
	}
}

void image_identify(struct model *model, struct image *image, const char *pool, const char *nspace, const char *name,
                    const char *id)
{
	bool new_id = *id && strcmp(image->id, id);

	model_set(model, &image->pool, pool);
	model_set(model, &image->nspace, nspace);
	model_set(model, &image->name, name);
	model_set(model, &image->id, id);
	if (new_id)
		image_adopt_watches(model, image);
}

struct image *image_of_name(struct model *model, struct client *client, const char *pool, const char *nspace, const char *name)
{
	uint32_t serial = LOGGED_SERIALS;
	struct image *image;

	for (image = client->images; image; image = image->next, serial++)
		if (!strcmp(image->name, name) && !strcmp(image->pool, pool) && !strcmp(image->nspace, nspace))
			return image;
	image = *name ? image_add(model, client, serial) : NULL;
	if (image)
		image_identify(model, image, pool, nspace, name, "");
	return image;
}
