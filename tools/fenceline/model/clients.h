/* SPDX-License-Identifier: MIT */
#ifndef FENCELINE_MODEL_CLIENTS_H
#define FENCELINE_MODEL_CLIENTS_H

#include "model/records.h"

/* The client of that address; of several, the one that lived then or next to it. NULL: none. */
struct client *model_client_by_address(const struct model *model, const struct address *address, int64_t at_ns);
/* Do the inputs tell of clients of more than one cluster? An OSD's log does not say which it is of. */
bool model_several_clusters(const struct model *model);

#endif
