/* SPDX-License-Identifier: MIT */
/*
 * Blocklist commands. One command leaves up to six facts: the call in the trace and its result, and in the audit log its
 * dispatch and its end, each perhaps in two envelopes; a client that retries with the old verb doubles these. All of them
 * become one action.
 */
#include "model/blocklist.h"
#include "model/fences.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static bool same_target(const struct blocklist_action *action, bool range, const char *target, const struct address *address)
{
	if (action->range != range)
		return false;
	if (!range && action->address.family && action->address.has_nonce)
		return address_same_client(&action->address, address);
	return same_text(action->target, target);
}

static bool is_near(const struct blocklist_action *action, int64_t ts_ns)
{
	const int64_t times[] = { action->trace_ns, action->dispatch_ns, action->finished_ns };

	for (size_t i = 0; i < 3; i++)
		if (times[i] && llabs(times[i] - ts_ns) <= SAME_COMMAND_NS)
			return true;
	return false;
}

struct fact_key { /* what a fact says of its command */
	int64_t ts_ns;
	const char *op, *target;
	bool range, ends; /* ends: the audit log's finished, which may trail the next command */
	struct address address, by;
	uint64_t by_gid;    /* 0: not known */
	const char *entity; /* "" if not told by the audit log */
	const struct process *process;
};

/* By the sender's address, else its global id; an audit line may name neither, then by its user. */
static bool same_sender(const struct blocklist_action *action, const struct fact_key *key)
{
	if (action->by.family && key->by.family && action->by.has_nonce && key->by.has_nonce)
		return address_same_client(&action->by, &key->by);
	if (action->by_gid && key->by_gid)
		return action->by_gid == key->by_gid;
	/* The monitors name one sender in one way: an address alone, and a number alone, are of two. */
	if (!action->trace_ns && !key->process && (action->by.has_nonce || action->by_gid) && (key->by.has_nonce || key->by_gid))
		return false;
	if (*action->entity && *key->entity && !strcmp(action->entity_from, "audit") && strcmp(action->entity, key->entity))
		return false;
	return !action->process || !key->process || action->process == key->process;
}

/* Monitors that are slow take longer to commit than two commands of one sender lie apart: the end of a command that has none yet.
 */
static bool is_its_end(const struct blocklist_action *action, const struct fact_key *key)
{
	bool named = (action->by.has_nonce && key->by.has_nonce) || (action->by_gid && key->by_gid);

	return key->ends && named && action->dispatch_ns && !action->finished_ns && key->ts_ns >= action->dispatch_ns &&
	       key->ts_ns - action->dispatch_ns <= COMMIT_WITHIN_NS;
}

static struct blocklist_action *action_find(const struct model *model, const struct fact_key *key)
{
	struct blocklist_action *found = NULL;

	for (struct blocklist_action *action = model->blocklists; action; action = action->next) {
		if (!(is_near(action, key->ts_ns) || is_its_end(action, key)) ||
		    !same_target(action, key->range, key->target, &key->address))
			continue;
		if (!same_text(action->op, key->op))
			found = key->ends ? found : NULL; /* an rm between two adds parts them */
		else if (same_sender(action, key))
			found = action;
	}
	return found;
}

static struct blocklist_action *action_add(struct model *model, const struct fact_key *key, int64_t expire_s)
{
	struct blocklist_action *action = model_alloc(model, sizeof(*action));

	if (!action)
		return NULL;
	action->ts_ns = key->ts_ns;
	action->op = model_strdup(model, key->op);
	action->target = model_strdup(model, key->target);
	action->range = key->range;
	action->address = key->address;
	action->expire_s = expire_s;
	action->call = model_strdup(model, "");
	action->entity = model_strdup(model, "");
	action->by_address = model_strdup(model, "");
	action->entity_from = "";
	if (model->private->blocklist_tail)
		model->private->blocklist_tail->next = action;
	else
		model->blocklists = action;
	return model->private->blocklist_tail = action;
}

static void set_sender(struct model *model, struct blocklist_action *action, const struct address *by, const char *text)
{
	char normal[96];

	if (action->by.family || !by->family)
		return;
	action->by = *by;
	model_set(model, &action->by_address, by->has_nonce ? address_format(by, normal, sizeof(normal)) : text);
}

void blocklist_traced(struct model *model, const struct event *event)
{
	const struct fl_blocklist *payload = &event->trace.blocklist;
	struct client *client = client_of_event(model, event);
	struct fact_key key = { .ts_ns = event->ts_ns,
		                .op = payload->op,
		                .target = payload->target,
		                .range = payload->range,
		                .by_gid = payload->global_id,
		                .entity = "" };
	struct blocklist_action *action;
	bool again;

	if (!client)
		return;
	client_set_address(model, client, payload->by_address);
	model_set(model, &client->entity, payload->by_entity);
	key.process = client->process;
	address_parse(payload->target, &key.address);
	key.by = client->address;
	action = action_find(model, &key);
	again = action && action->trace_ns && action->action != payload->action;
	if (!action || (again && action->has_result && blocklist_is_refusal(action->result))) /* refused, and tried again */
		action = action_add(model, &key, payload->expire_s);
	if (!action || action->trace_ns) /* a retry, or a copy of the recording */
		return;
	action->trace_ns = event->ts_ns;
	action->trace_source = event->source;
	action->entry = payload->entry < FL_ENTRIES ? (enum fl_blocklist_entry)payload->entry : FL_ENTRY_UNKNOWN;
	action->process = client->process;
	action->by_gid = payload->global_id;
	action->action = payload->action;
	if (payload->expire_s >= 0)
		action->expire_s = payload->expire_s;
	model_set(model, &action->call, payload->call);
	set_sender(model, action, &client->address, payload->by_address);
	if (!*action->entity && *payload->by_entity) {
		model_set(model, &action->entity, payload->by_entity);
		action->entity_from = "trace";
	}
}

static void take_first(int64_t *time, int64_t ts_ns)
{
	if (!*time || ts_ns < *time)
		*time = ts_ns;
}

void blocklist_audited(struct model *model, const struct event *event)
{
	const struct audit_blocklist *audit = &event->audit;
	struct fact_key key = { .ts_ns = event->ts_ns,
		                .op = audit->op,
		                .target = audit->target,
		                .range = audit->range,
		                .ends = audit->phase != AUDIT_DISPATCH,
		                .by_gid = audit->from_gid,
		                .entity = audit->entity };
	struct blocklist_action *action;

	address_parse(audit->target, &key.address);
	address_parse(audit->from_address, &key.by);
	action = action_find(model, &key);
	if (!action)
		action = action_add(model, &key, audit->expire_s);
	if (!action)
		return;
	take_first(audit->phase == AUDIT_DISPATCH ? &action->dispatch_ns : &action->finished_ns, event->ts_ns);
	if (audit->phase == AUDIT_DENIED) {
		action->has_result = true;
		action->result = -13;
	}
	if (!action->audit_source)
		action->audit_source = event->source;
	if (!action->by_gid)
		action->by_gid = audit->from_gid;
	if (audit->expire_s >= 0)
		action->expire_s = audit->expire_s;
	set_sender(model, action, &key.by, audit->from_address);
	if (*audit->entity) { /* the monitor knows who it was: rather than what a configuration file says */
		model_set(model, &action->entity, audit->entity);
		action->entity_from = "audit";
	}
}

void blocklist_join(struct model *model, struct blocklist_action *traced, struct blocklist_action *audited)
{
	struct blocklist_action **at = &model->blocklists;

	traced->dispatch_ns = audited->dispatch_ns;
	traced->finished_ns = audited->finished_ns;
	traced->audit_source = audited->audit_source;
	if (audited->has_result && !traced->has_result) {
		traced->has_result = true;
		traced->result = audited->result;
	}
	if (audited->expire_s >= 0)
		traced->expire_s = audited->expire_s;
	if (*audited->entity) {
		model_set(model, &traced->entity, audited->entity);
		traced->entity_from = "audit";
	}
	while (*at != audited)
		at = &(*at)->next;
	*at = audited->next;
	blocklist_free(audited);
}

static struct blocklist_action *action_of_call(const struct model *model, const struct client *client, uint64_t serial)
{
	for (struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (action->process == client->process && action->action == serial && action->trace_ns)
			return action;
	return NULL;
}

void blocklist_result(struct model *model, const struct event *event)
{
	const struct fl_blocklist_result *payload = &event->trace.blocklist_result;
	struct client *client = client_of_event(model, event);
	struct blocklist_action *action = client ? action_of_call(model, client, payload->action) : NULL;

	if (!action) {
		model->orphans++;
		return;
	}
	action->has_result = true;
	action->result = payload->result;
}

void blocklist_frame(struct model *model, const struct event *event)
{
	const struct fl_stack_frame *payload = &event->trace.stack_frame;
	struct client *client = client_of_event(model, event);
	struct blocklist_action *action = client ? action_of_call(model, client, payload->action) : NULL;
	struct stack_entry *frame;

	if (!action || payload->index >= FL_STACK_MAX)
		return;
	if (!action->stack)
		action->stack = model_alloc(model, FL_STACK_MAX * sizeof(*action->stack));
	if (!action->stack)
		return;
	frame = &action->stack[payload->index];
	model_set(model, &frame->module, *payload->module ? payload->module : "?");
	model_set(model, &frame->build_id, payload->build_id);
	model_set(model, &frame->symbol, payload->symbol);
	frame->offset = payload->offset;
	if (payload->index >= action->frames)
		action->frames = payload->index + 1;
}

void blocklist_free(struct blocklist_action *action)
{
	for (size_t i = 0; action->stack && i < FL_STACK_MAX; i++) {
		free(action->stack[i].module);
		free(action->stack[i].build_id);
		free(action->stack[i].symbol);
	}
	free(action->stack);
	free(action->op);
	free(action->target);
	free(action->call);
	free(action->entity);
	free(action->by_address);
	free(action);
}
