/* SPDX-License-Identifier: MIT */
/* The images of a client. */
#ifndef FENCELINE_MODEL_IMAGE_H
#define FENCELINE_MODEL_IMAGE_H

#include "model/records.h"

#define LOGGED_SERIALS (UINT32_C(1) << 31) /* serials of traces count from 1 */

/* The event's image; serial 0: the client's own, which has no name. */
struct image *image_of_serial(struct model *model, struct client *client, uint32_t serial);
bool image_is_header(const struct image *image, const char *pool, const char *nspace, const char *oid);
void image_free(struct image *image);
struct image *image_add(struct model *model, struct client *client, uint32_t serial);
/* The image of a header object, rbd_header.ID, made if need be; NULL if the object is no header. */
struct image *image_of_object(struct model *model, struct client *client, const char *oid);

#endif
