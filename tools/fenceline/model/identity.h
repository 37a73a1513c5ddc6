/* SPDX-License-Identifier: MIT */
/* Who: processes and clients. */
#ifndef FENCELINE_MODEL_IDENTITY_H
#define FENCELINE_MODEL_IDENTITY_H

#include "model/records.h"

struct client *client_of_event(struct model *model, const struct event *event);
/* The cluster as a client with one image that has no name; no list holds it. */
struct client *client_of_cluster(struct model *model);
/* A client that only its address tells of. */
struct client *client_of_address(struct model *model, const struct address *address);
void client_set_address(struct model *model, struct client *client, const char *text);
void client_identify(struct model *model, const struct event *event, struct client *client);
/* The client of that global id, whatever process; ids are the cluster's. NULL: not known. */
struct client *client_of_gid(const struct model *model, uint64_t gid);
struct client_record;
/* The chain of clients whose ids have the same hash as this one; NULL for 0. */
struct client_record *gid_chain(const struct model *model, uint64_t gid);
void client_set_gid(struct model *model, struct client *client, uint64_t gid);
struct client *client_add(struct model *model, struct process *process, uint64_t gid);
struct process *process_add(struct model *model, const char *host, uint32_t pid, uint32_t owner);
/* Another user's process on that host says that it is this VM, too: told once of each of them. */
void claimed_twice(struct model *model, struct process *process, struct image *image, const struct event *event);
void client_free(struct client *client);
/* Those for which `out` says so leave the model and are freed; nothing may point at them any more. */
void clients_remove(struct model *model, bool (*out)(const struct model *model, const struct client *client));
struct client *client_by_gid(const struct model *model, const struct process *process, uint64_t gid);

#endif
