/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "action.h"
#include "base/emit.h"
#include "base/hook.h"
#include "image.h"
#include "ioctx.h"
#include "noted.h"
#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct snapshot_place {
	uint32_t image;
	const char *pool, *nspace, *name, *image_id;
};

static bool snapshot_wanted(struct snapshot_call *call)
{
	*call = (struct snapshot_call){ 0 };
	return emit_wanted(FL_EV_snapshot_begin) || emit_wanted(FL_EV_snapshot_end);
}

static void snapshot_fill(struct snapshot_call *call, const struct client *client, const struct snapshot_place *place,
                          const char *op, const char *snap)
{
	call->action = action_next();
	noted_snapshot();
	call->global_id = client_id(client);
	EMIT(snapshot_begin, .pid = process_id(), .global_id = call->global_id, .action = call->action, .image = place->image,
	     .op = op, .snap = text_or_empty(snap), .pool = place->pool, .nspace = place->nspace, .name = place->name,
	     .image_id = place->image_id);
}

/* Of an image whose open call went past us, librbd still tells name and id. */
static void ask_librbd(void *handle, char *name, size_t name_size, char *id, size_t id_size)
{
	int (*get_name)(void *, char *, size_t *) =
	        (int (*)(void *, char *, size_t *))library_symbol_for(LIB_RBD, "rbd_get_name", handle);
	int (*get_id)(void *, char *, size_t) =
	        (int (*)(void *, char *, size_t))library_symbol_for(LIB_RBD, "rbd_get_id", handle);

	if (!handle || !get_name || get_name(handle, name, &name_size) < 0)
		name[0] = '\0';
	if (!handle || !get_id || get_id(handle, id, id_size) < 0)
		id[0] = '\0';
}

void snapshot_begin(struct snapshot_call *call, void *handle, const char *op, const char *snap)
{
	struct image *image = image_find(handle);
	char name[256] = "", id[64] = "";
	int saved = errno;

	if (!snapshot_wanted(call))
		return;
	struct snapshot_place place = { 0, "", "", name, id };
	if (image)
		place = (struct snapshot_place){ image_serial(image), image->pool, image->nspace, image->name, image->id };
	else
		ask_librbd(handle, name, sizeof name, id, sizeof id);
	snapshot_fill(call, image ? image_client(image) : client_only(), &place, op, snap);
	errno = saved;
}

/* rbd_snap_info_t */
struct snap_info {
	uint64_t id, size;
	const char *name;
};
typedef int snap_list_fn(void *handle, struct snap_info *snaps, int *max);
typedef int snap_get_name_fn(void *handle, uint64_t snap_id, char *name, size_t *size);

/* Ceph 14 has no rbd_snap_get_name. False: not found, or no memory. */
static bool look_in_list(void *handle, uint64_t snap_id, char *name, size_t size)
{
	snap_list_fn *list = (snap_list_fn *)library_symbol_for(LIB_RBD, "rbd_snap_list", handle);
	void (*list_end)(struct snap_info *) =
	        (void (*)(struct snap_info *))library_symbol_for(LIB_RBD, "rbd_snap_list_end", handle);
	struct snap_info *snaps = NULL, *more;
	int room = 64, count = -ERANGE;
	bool found = false;

	/* refused for want of room, it says how much it wants */
	for (int tries = 0; list && list_end && count == -ERANGE && tries < 3; tries++) {
		more = realloc(snaps, (size_t)room * sizeof *snaps);
		if (!more)
			break;
		snaps = more;
		count = list(handle, snaps, &room);
	}
	for (int i = 0; i < count && !found; i++)
		if (snaps[i].id == snap_id) {
			snprintf(name, size, "%s", snaps[i].name);
			found = true;
		}
	if (count > 0)
		list_end(snaps);
	free(snaps);
	return found;
}

void snapshot_begin_by_id(struct snapshot_call *call, void *handle, const char *op, uint64_t snap_id)
{
	snap_get_name_fn *get_name = (snap_get_name_fn *)library_symbol_for(LIB_RBD, "rbd_snap_get_name", handle);
	char snap[256];
	size_t size = sizeof snap;
	int saved = errno;

	if (!snapshot_wanted(call))
		return;
	if (get_name ? get_name(handle, snap_id, snap, &size) < 0 : !look_in_list(handle, snap_id, snap, sizeof snap))
		snprintf(snap, sizeof snap, "#%llu", (unsigned long long)snap_id);
	errno = saved;
	snapshot_begin(call, handle, op, snap);
}

void snapshot_begin_group(struct snapshot_call *call, void *ioctx, const char *op, const char *group, const char *snap)
{
	struct ioctx_names names;
	char text[512];
	int saved = errno;

	if (!snapshot_wanted(call))
		return;
	ioctx_names(ioctx, &names);
	snprintf(text, sizeof text, "%s@%s", text_or_empty(group), text_or_empty(snap));
	snapshot_fill(call, client_of_ioctx(ioctx), &(struct snapshot_place){ 0, names.pool, names.nspace, "", "" }, op, text);
	errno = saved;
}

void snapshot_end(const struct snapshot_call *call, int result)
{
	if (call->action)
		EMIT(snapshot_end, .pid = process_id(), .global_id = call->global_id, .action = call->action, .result = result);
}
