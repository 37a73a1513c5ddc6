/* SPDX-License-Identifier: MIT */
/* An image's name, once it is known. */
#ifndef FENCELINE_MODEL_NAMING_H
#define FENCELINE_MODEL_NAMING_H

#include "model/records.h"

void image_identify(struct model *model, struct image *image, const char *pool, const char *nspace, const char *name,
                    const char *id);
struct image *image_of_name(struct model *model, struct client *client, const char *pool, const char *nspace, const char *name);

#endif
