/* SPDX-License-Identifier: MIT */
/*
 * The snapshot window: the rotation during which the client was fenced. One rotation is a run of snapshot calls by one
 * client on one image, no two further apart than a minute. cinder and `rbd` make a new connection for each call, so
 * "one client" is one Ceph user on one host, not one address.
 */
#include "correlate/window.h"
#include "correlate/findings.h"
#include "correlate/senders.h"
#include "correlate/wanted.h"
#include "correlate/watches.h"
#include "model/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *entity_of(const struct findings *findings, const struct snapshot_call *call)
{
	const struct client *client = client_of(findings->model, call->process, call->gid);

	return client ? client->entity : "";
}

static bool same_image(const struct snapshot_call *a, const struct snapshot_call *b)
{
	if (*a->image_id && *b->image_id)
		return !strcmp(a->image_id, b->image_id);
	return !strcmp(a->image_name, b->image_name) && !strcmp(a->pool, b->pool) && !strcmp(a->nspace, b->nspace);
}

static bool same_caller(const struct findings *findings, const struct snapshot_call *a, const struct snapshot_call *b)
{
	const struct client *x = client_of(findings->model, a->process, a->gid),
	                    *y = client_of(findings->model, b->process, b->gid);

	if (x && y && fsids_differ(x->fsid, y->fsid))
		return false;
	if (a->process == b->process)
		return true;
	return a->process && b->process && !strcmp(a->process->host, b->process->host) && *entity_of(findings, a) &&
	       !strcmp(entity_of(findings, a), entity_of(findings, b));
}

static bool on_fenced_image(const struct findings *findings, const struct snapshot_call *call)
{
	return is_on_image(findings->image, call->pool, call->image_name, call->image_id);
}

/* Whether the fenced client has it, as far as its trace names what it has. */
static bool is_of_client(const struct findings *findings, const struct snapshot_call *call)
{
	const struct client *client = findings->client;
	bool any = false;

	for (const struct image *image = client && client->process && client->process->pid ? client->images : NULL; image;
	     image = image->next) {
		bool comparable = (*image->id && *call->image_id) || (*image->name && *call->image_name);
		if (!*image->id && !*image->name)
			continue;
		if (!comparable || is_on_image(image, call->pool, call->image_name, call->image_id))
			return true;
		any = true;
	}
	return !any;
}

/* One client may take snapshots of many images. The fencer's list, or the lock that it broke, tells which one it wanted; it is
 * none that the fenced client does not have. */
static bool on_another_image(const struct findings *findings, const struct snapshot_call *call)
{
	if (findings->wanted && *call->image_id && is_sender(findings->episode->first, call->process, call->gid))
		return !is_header_of(findings->wanted, call->image_id);
	if (findings->image_from_breaker && *findings->image->id && *call->image_id)
		return strcmp(findings->image->id, call->image_id) != 0;
	return !is_of_client(findings, call);
}

/* May that call's client have sent the command? Certain if both are known by their addresses. */
static bool is_open_to(const struct findings *findings, const struct blocklist_action *action, const struct snapshot_call *call)
{
	const struct client *client = client_of(findings->model, call->process, call->gid);

	return !action->by.family || !client || !client->address.family || address_same_client(&action->by, &client->address);
}

/* librbd fences from within a snapshot call; a command, or a call of the API, is made beside one. */
static bool may_be_for_snapshot(const struct findings *findings)
{
	return findings->episode->first && (!findings->entry || findings->entry == FL_ENTRY_EXCLUSIVE_LOCK_BREAK);
}

/* The snapshot call from within which the blocklist command was sent. If the sender is not traced: the one on that image
 * by the same Ceph user. */
static const struct snapshot_call *call_of_fence(const struct findings *findings)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct snapshot_call *found = NULL, *call = may_be_for_snapshot(findings) ? findings->model->snapshots : NULL;

	for (; call; call = call->next) {
		bool sender = is_sender(action, call->process, call->gid);
		bool same_user = !action->process && !action->by_gid && is_open_to(findings, action, call) && *action->entity &&
		                 !strcmp(action->entity, entity_of(findings, call)) && on_fenced_image(findings, call);
		/* Where several are open, the one on the fenced image is taken first. */
		if (is_open_at(call, action->ts_ns) && (sender || same_user) && !on_another_image(findings, call) &&
		    (!found || !on_fenced_image(findings, found) || on_fenced_image(findings, call)))
			found = call;
	}
	return found;
}

/* Another call of the sender was open, too, on the same image, or on any where it is not known whose lock was wanted: which of
 * the two it was for is not known. (A log tells no end of a call: there the later call is the open one.) */
static bool is_one_of_several(const struct findings *findings, const struct snapshot_call *of)
{
	const struct blocklist_action *action = findings->episode->first;

	for (const struct snapshot_call *call = findings->model->snapshots; call; call = call->next)
		if (call != of && call->process && is_sender(action, call->process, call->gid) &&
		    !on_another_image(findings, call) && (same_image(call, of) || !findings->wanted) &&
		    is_open_at(call, action->ts_ns) && (strcmp(call->op, of->op) != 0 || strcmp(call->snap, of->snap) != 0))
			return true;
	return false;
}

static int64_t end_of(const struct snapshot_call *call)
{
	return call->end_ns ? call->end_ns : call->begin_ns;
}

static bool belongs(const struct findings *findings, const struct snapshot_call *call, const struct snapshot_call *of)
{
	return call == of || (same_image(call, of) && same_caller(findings, call, of));
}

/* Widens [begin, end] as long as a call of that caller lies within a minute of it. */
static void window_widen(const struct findings *findings, const struct snapshot_call *of, int64_t *begin_ns, int64_t *end_ns)
{
	bool grown = true;

	while (grown) {
		grown = false;
		for (const struct snapshot_call *call = findings->model->snapshots; call; call = call->next) {
			if (!belongs(findings, call, of) || call->begin_ns > *end_ns + ROTATION_GAP_NS ||
			    end_of(call) < *begin_ns - ROTATION_GAP_NS)
				continue;
			if (call->begin_ns < *begin_ns) {
				*begin_ns = call->begin_ns;
				grown = true;
			}
			if (end_of(call) > *end_ns) {
				*end_ns = end_of(call);
				grown = true;
			}
		}
	}
}

static int window_fill(const struct findings *findings, const struct snapshot_call *of, struct snapshot_window *window)
{
	int64_t begin_ns = of->begin_ns, end_ns = end_of(of);
	size_t count = 0;

	window_widen(findings, of, &begin_ns, &end_ns);
	for (int pass = 0; pass < 2; pass++) {
		for (const struct snapshot_call *call = findings->model->snapshots; call; call = call->next) {
			if (!belongs(findings, call, of) || call->begin_ns < begin_ns || call->begin_ns > end_ns)
				continue;
			if (pass)
				window->ops[window->count++] =
				        (struct window_op){ call->op, call->snap, call->begin_ns, call->end_ns };
			else
				count++;
		}
		if (!pass && !(window->ops = calloc(count, sizeof *window->ops)))
			return -ENOMEM;
	}
	window->begin_ns = begin_ns;
	window->end_ns = end_ns;
	for (size_t i = 0; i < window->count; i++)
		if (!window->ops[i].end_ns) /* still open, or its end was not recorded */
			window->end_ns = 0;
	return 0;
}

int window_find(const struct findings *findings, struct snapshot_window **window)
{
	const struct snapshot_call *call = call_of_fence(findings);

	*window = NULL;
	if (!call)
		return 0;
	*window = calloc(1, sizeof **window);
	if (!*window)
		return -ENOMEM;
	if (!is_one_of_several(findings, call)) {
		(*window)->op = call->op;
		(*window)->snap = call->snap;
	}
	(*window)->entity = *entity_of(findings, call) ? entity_of(findings, call) : findings->episode->first->entity;
	(*window)->process = call->process;
	return window_fill(findings, call, *window);
}

void window_free(struct snapshot_window *window)
{
	if (window)
		free(window->ops);
	free(window);
}
