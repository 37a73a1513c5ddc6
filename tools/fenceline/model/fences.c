/* SPDX-License-Identifier: MIT */
/* At the end: who sent each blocklist command, in which cluster, and the timelines that it belongs into. */
#include "model/fences.h"
#include "model/clients.h"
#include "model/entries.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The call in the trace, else dispatch, else finished. */
static void set_time(struct blocklist_action *action)
{
	action->ts_ns = action->trace_ns ? action->trace_ns : action->dispatch_ns ? action->dispatch_ns : action->finished_ns;
}

static bool contradict(const char *a, const char *b)
{
	return *a && *b && strcmp(a, b) != 0;
}

/* A log names the sender by its global id alone, and two clusters may have equal ones: not a client of another user, nor of
 * another cluster than the fenced one's. */
static struct client *sender_of_gid(const struct model *model, const struct blocklist_action *action)
{
	const struct client *fenced = model_client_by_address(model, &action->address, action->ts_ns);
	struct client *client = action->by_gid && !action->by.family ? client_of_gid(model, action->by_gid) : NULL;

	if (!client || contradict(client->entity, action->entity) || (fenced && contradict(client->fsid, fenced->fsid)))
		return NULL;
	return client;
}

static void set_sender(struct model *model, struct blocklist_action *action)
{
	struct client *client;

	if (action->process)
		client = client_by_gid(model, action->process, action->by_gid);
	else
		client = model_client_by_address(model, &action->by, action->ts_ns) ?: sender_of_gid(model, action);
	if (!client)
		return;
	action->process = client->process;
	if (!action->by_gid)
		action->by_gid = client->global_id;
	if (*client->entity && !*action->entity) {
		model_set(model, &action->entity, client->entity);
		action->entity_from = "trace";
	}
	if (!*client->entity && *action->entity)
		model_set(model, &client->entity, action->entity);
}

bool blocklist_is_refusal(int32_t result)
{
	return result < 0 && result != -ETIMEDOUT;
}

/* May the lock breaker's log tell of this command? librbd and krbd fence the one client that holds the lock, never a range or a
 * host. */
static bool may_be_of_breaker(const struct model *model, const struct breaker_logged *breaker,
                              const struct blocklist_action *action)
{
	const struct client *owner = client_of_gid(model, breaker->gid);
	bool owner_known = breaker->address.family || (owner && owner->address.family);
	bool same_owner = address_same_client(&breaker->address, &action->address) ||
	                  (owner && address_same_client(&owner->address, &action->address));
	bool same_sender = breaker->by_gid && breaker->by_gid == action->by_gid;
	bool other_sender = breaker->by_gid && action->by_gid && !same_sender;

	return !strcmp(action->op, "add") && !action->range && !blocklist_is_refusal(breaker->result) && !other_sender &&
	       (same_owner || (!owner_known && same_sender)) && llabs(breaker->ts_ns - action->ts_ns) <= BREAKER_LOOKBACK_NS;
}

static bool is_same_sender(const struct blocklist_action *a, const struct blocklist_action *b)
{
	if (a->by.family && b->by.family)
		return address_same_client(&a->by, &b->by);
	return a->by_gid && a->by_gid == b->by_gid;
}

bool blocklist_is_of_breaker(const struct model *model, const struct breaker_logged *breaker,
                             const struct blocklist_action *action)
{
	if (!may_be_of_breaker(model, breaker, action))
		return false;
	/* that log does not tell by which of two senders' commands its own went out, unless it knows its own id */
	for (const struct blocklist_action *other = model->blocklists; other && !(breaker->by_gid && action->by_gid);
	     other = other->next)
		if (other != action && !is_same_sender(other, action) && may_be_of_breaker(model, breaker, other))
			return false;
	return true;
}

/* The lock breaker's own log says that it blocklists the owner; it also knows its own id, which the audit log may not. */
static bool is_lock_break(const struct model *model, struct blocklist_action *action)
{
	for (const struct breaker_logged *each = model->breakers; each; each = each->next) {
		if (!blocklist_is_of_breaker(model, each, action))
			continue;
		if (!action->by_gid)
			action->by_gid = each->by_gid;
		return true;
	}
	return false;
}

static void set_entry(const struct model *model, struct blocklist_action *action)
{
	if (action->entry == FL_ENTRY_UNKNOWN && !strcmp(action->op, "add") && is_lock_break(model, action))
		action->entry = FL_ENTRY_EXCLUSIVE_LOCK_BREAK;
}

/* By time, those of equal time as they came. */
static void sort_actions(struct model *model)
{
	struct blocklist_action *list = model->blocklists, *next;

	model->blocklists = NULL;
	for (; list; list = next) {
		struct blocklist_action **at = &model->blocklists;
		next = list->next;
		while (*at && (*at)->ts_ns <= list->ts_ns)
			at = &(*at)->next;
		list->next = *at;
		*at = list;
	}
}

static void entry_of_action(struct model *model, struct image *image, const struct blocklist_action *action)
{
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = action->ts_ns,
	                                    .kind = strcmp(action->op, "add") ? TL_BLOCKLIST_RM : TL_BLOCKLIST_ADD,
	                                    .source = action->trace_source ? action->trace_source : action->audit_source,
	                                    .blocklist = action });
}

/* Every image of a client; the client's own, nameless one if it has none. */
static void entries_of_client(struct model *model, struct client *client, const struct blocklist_action *action)
{
	bool named = false;

	for (struct image *image = client->images; image; image = image->next)
		if (image->serial) {
			entry_of_action(model, image, action);
			named = true;
		}
	if (!named)
		entry_of_action(model, image_of_serial(model, client, 0), action);
}

bool blocklist_reaches(const struct blocklist_action *action, const struct client *client)
{
	if (!client->address.family)
		return false;
	if (!strcmp(action->op, "clear"))
		return true;
	if (action->range)
		return address_in_range(&client->address, action->target);
	if (action->address.has_nonce && action->address.nonce)
		return address_same_client(&action->address, &client->address);
	/* A bare address, or one with nonce 0, fences every client on it; ranges say it alike, as /32 or /128. */
	return action->address.family == client->address.family &&
	       !memcmp(action->address.ip, client->address.ip, action->address.family == 2 ? 4 : 16);
}

bool blocklist_since(const struct model *model, const struct blocklist_action *after, const struct client *client)
{
	const struct blocklist_action *action = after ? after->next : model->blocklists;

	while (action && client->address.family && !blocklist_reaches(action, client))
		action = action->next;
	return action;
}

/* Somebody's list of watchers may have told its global id. */
static uint64_t gid_of_address(const struct model *model, const struct address *address)
{
	for (const struct watchers_listing *listing = model->listings; listing; listing = listing->next)
		for (size_t i = 0; i < listing->count; i++)
			if (address_same_client(&listing->watchers[i].address, address))
				return listing->watchers[i].gid;
	return 0;
}

/* A client that came later: a range does not fence it in hindsight, and a nonce may come back when the fence has long expired. */
static bool is_later(const struct blocklist_action *action, const struct client *client)
{
	int64_t lasts_s = action->expire_s > 0 ? action->expire_s : BLOCKLIST_EXPIRE_DEFAULT_S;
	int64_t lasts_ns = action->range ? CLOCK_SLACK_NS : lasts_s * NS_PER_S;

	return client->first_ns && client->first_ns > action->ts_ns + lasts_ns;
}

static void entries_of_action(struct model *model, const struct blocklist_action *action)
{
	struct client *sender = action->process ? client_by_gid(model, action->process, action->by_gid) : NULL;
	bool met = false;

	for (struct client *client = model->clients; client; client = client->next) {
		if (!blocklist_reaches(action, client) || is_later(action, client))
			continue;
		entries_of_client(model, client, action);
		met = true;
		if (client == sender)
			sender = NULL;
	}
	if (sender)
		entries_of_client(model, sender, action);
	if (!met && !action->range && action->address.family) {
		struct client *client = client_of_address(model, &action->address);
		if (client) {
			client->global_id = gid_of_address(model, &action->address);
			entries_of_client(model, client, action);
		}
	}
}

/* ---- what the cluster lists ---- */

/* The monitors fence a manager or a metadata server that is replaced, and what it had connected, with no command that an audit
 * log would hold: the daemon's own address has a port, its clients' entries end in the same moment. */
static bool is_of_daemon(const struct model *model, const struct fence_listed *listed)
{
	const struct client *client = model_client_by_address(model, &listed->address, listed->ts_ns);

	if (listed->address.family && listed->address.port)
		return true;
	/* A hyperconverged host has both; who is seen to be a VM is none of the manager's. */
	if (client && client->process && (client->process->pid || client->process->vm_name))
		return false;
	for (const struct fence_listed *other = model->fences_listed; other; other = other->next)
		if (other->address.port && other->address.family == listed->address.family &&
		    !memcmp(other->address.ip, listed->address.ip, listed->address.family == 2 ? 4 : 16) &&
		    llabs(other->expires_ns - listed->expires_ns) <= SAME_COMMAND_NS)
			return true;
	return false;
}

static void entry_of_listed(struct model *model, const struct fence_listed *listed)
{
	struct client *client = model_client_by_address(model, &listed->address, listed->ts_ns ? listed->ts_ns : model->last_ns);

	if (!client)
		client = client_of_address(model, &listed->address);
	if (client)
		entry_add(model, image_of_serial(model, client, 0),
		          &(struct timeline_entry){ .ts_ns = listed->ts_ns,
		                                    .kind = TL_STATE,
		                                    .source = listed->source,
		                                    .state = { .said = STATE_LISTED, .listed = listed } });
}

static void listed_finish(struct model *model)
{
	for (struct fence_listed *listed = model->fences_listed; listed; listed = listed->next) {
		listed->of_daemon = is_of_daemon(model, listed);
		if (!listed->of_daemon && !listed->range && listed->address.family && listed->address.nonce)
			entry_of_listed(model, listed);
	}
}

/* A frame that the tracer discarded leaves a hole. */
static void fill_stack(struct model *model, struct blocklist_action *action)
{
	for (size_t i = 0; i < action->frames; i++) {
		struct stack_entry *frame = &action->stack[i];
		if (!frame->module)
			frame->module = model_strdup(model, "?");
		if (!frame->build_id)
			frame->build_id = model_strdup(model, "");
		if (!frame->symbol)
			frame->symbol = model_strdup(model, "");
	}
}

/* False if clients of two clusters have this address. */
static bool take_fsid_at(const struct model *model, const struct address *address, const char **fsid)
{
	if (!address->family || !address->nonce)
		return true;
	for (const struct client *client = model->clients; client; client = client->next) {
		if (!address_same_client(&client->address, address))
			continue;
		if (fsids_differ(*fsid, client->fsid))
			return false;
		if (*client->fsid)
			*fsid = client->fsid;
	}
	return true;
}

/* A monitor's log is of one cluster, and no two clients have the same address and nonce: the cluster whose clients send or suffer
 * its commands. "" if no trace has such a client, or if they are of two clusters. */
static const char *fsid_by_clients(const struct model *model, const struct source *log)
{
	const char *fsid = "";

	for (const struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (action->audit_source == log &&
		    (!take_fsid_at(model, &action->address, &fsid) || !take_fsid_at(model, &action->by, &fsid)))
			return "";
	return fsid;
}

static void set_log_fsid(struct model *model, struct blocklist_action *action)
{
	const char *fsid;

	if (action->log_fsid)
		return;
	fsid = action->audit_source ? fsid_by_clients(model, action->audit_source) : "";
	for (struct blocklist_action *other = action; other; other = other->next)
		if (other->audit_source == action->audit_source)
			other->log_fsid = fsid;
}

void blocklist_finish(struct model *model)
{
	for (struct blocklist_action *action = model->blocklists; action; action = action->next) {
		set_time(action);
		set_sender(model, action);
		set_entry(model, action);
		fill_stack(model, action);
	}
	sort_actions(model);
	for (struct blocklist_action *action = model->blocklists; action; action = action->next) {
		set_log_fsid(model, action);
		entries_of_action(model, action);
	}
	listed_finish(model);
}
