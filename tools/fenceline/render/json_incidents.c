/* SPDX-License-Identifier: MIT */
#include "render/json_incidents.h"
#include "correlate/episode.h"
#include "render/json.h"
#include "render/view.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static json_t *window_json(const struct snapshot_window *window)
{
	json_t *ops, *by;

	if (!window)
		return json_null();
	ops = json_array();
	for (size_t i = 0; i < window->count; i++)
		json_array_append_new(ops,
		                      json_pack("{s:o, s:o, s:o, s:o}", "op", json_name(window->ops[i].op), "snap",
		                                json_name(window->ops[i].snap), "begin_ns", json_time(window->ops[i].begin_ns),
		                                "end_ns", json_time(window->ops[i].end_ns)));
	by = json_process(window->process, json_pack("{s:o}", "entity", json_name(window->entity)));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "begin_ns", json_time(window->begin_ns), "end_ns",
	                 json_time(window->end_ns), "op", json_name(window->op), "snap", json_name(window->snap), "by", by, "ops",
	                 ops);
}

static json_t *stack_json(const struct blocklist_action *action)
{
	json_t *stack = json_array();

	for (size_t i = 0; i < action->frames; i++)
		json_array_append_new(stack, json_pack("{s:o, s:I, s:o, s:o}", "module", json_name(action->stack[i].module),
		                                       "offset", (json_int_t)action->stack[i].offset, "build_id",
		                                       json_name(action->stack[i].build_id), "symbol",
		                                       json_name(action->stack[i].symbol)));
	return stack;
}

/* A range, or a whole host, that the cluster lists: who fenced it and since when, no input tells (ts_ns 0). */
static json_t *listed_json(const struct fence_listed *listed)
{
	const char *range = !strncmp(listed->target, "cidr:", 5) ? listed->target + 5 : listed->target;
	struct address address;
	char text[128];

	/* Monitors write 10.0.0.0:0/24 for 10.0.0.0/24. */
	if (listed->range && address_parse(range, &address) && address.has_nonce) {
		uint64_t bits = address.nonce;
		char *port;
		address.has_nonce = false;
		address_format(&address, text, sizeof text);
		port = strrchr(text, ':');
		snprintf(port ? port : text, sizeof text - (size_t)((port ? port : text) - text), "/%" PRIu64, bits);
		range = text;
	}
	return json_pack("{s:I, s:n, s:n, s:{s:n, s:n}, s:n, s:n, s:n, s:I, s:o, s:n, s:n, s:o, s:[]}", "ts_ns", (json_int_t)0,
	                 "entry", "entity", "by_client", "global_id", "address", "process", "pid", "host", "expire_s",
	                 (json_int_t)0, "expires_ns", json_time(listed->expires_ns), "removed_ns", "result", "range",
	                 listed->range ? json_name(range) : json_null(), "stack");
}

static json_t *blocklist_json(const struct incident *incident)
{
	const struct blocklist_action *action = incident->blocklist;
	json_t *blocklist;

	if (!action && incident->listed && listed_is_of_many(incident->listed))
		return listed_json(incident->listed);
	if (!action)
		return json_null();
	blocklist = json_pack("{s:I, s:o, s:o, s:{s:o, s:o}}", "ts_ns", (json_int_t)action->ts_ns, "entry",
	                      json_name(incident_entry_name(incident)), "entity", json_name(action->entity), "by_client",
	                      "global_id", action->by_gid ? json_integer((json_int_t)action->by_gid) : json_null(), "address",
	                      json_name(action->by_address));
	blocklist = json_process(action->process, blocklist);
	if (!blocklist)
		return NULL;
	json_object_set_new(blocklist, "expire_s", json_integer(blocklist_expire_s(action)));
	json_object_set_new(blocklist, "expires_ns", json_time(incident->expires_ns));
	json_object_set_new(blocklist, "removed_ns", json_time(incident->removed_ns));
	json_object_set_new(blocklist, "result", action->has_result ? json_integer(action->result) : json_null());
	json_object_set_new(blocklist, "range", action->range ? json_name(action->target) : json_null());
	json_object_set_new(blocklist, "stack", stack_json(action));
	return blocklist;
}

static json_t *eshutdown_json(const struct incident *incident)
{
	static const char *const ops[] = FL_IO_OP_NAMES;

	if (!incident->first_eshutdown.ts_ns)
		return json_null();
	return json_pack("{s:I, s:o, s:I, s:I}", "ts_ns", (json_int_t)incident->first_eshutdown.ts_ns, "op",
	                 incident->first_eshutdown.op < FL_IO_OPS ? json_string(ops[incident->first_eshutdown.op]) : json_null(),
	                 "offset", (json_int_t)incident->first_eshutdown.offset, "length",
	                 (json_int_t)incident->first_eshutdown.length);
}

static json_t *evidence_json(const struct incident *incident)
{
	json_t *evidence = json_array();

	for (size_t i = 0; i < incident->evidence_count; i++)
		json_array_append_new(evidence, json_pack("{s:I, s:o, s:o}", "ts_ns", (json_int_t)incident->evidence[i].ts_ns,
		                                          "source", json_name(incident->evidence[i].source), "text",
		                                          json_name(incident->evidence[i].text)));
	return evidence;
}

static json_t *numbers_json(const struct incident *incident, unsigned int role)
{
	json_t *numbers = json_array();

	for (size_t i = 0; i < incident->evidence_count; i++)
		if (incident->evidence[i].roles & role)
			json_array_append_new(numbers, json_integer((json_int_t)i + 1));
	return numbers;
}

static json_t *chain_json(const struct incident *incident)
{
	json_t *chain = json_array();

	for (enum link link = 0; link < LINKS; link++)
		json_array_append_new(chain, json_pack("{s:s, s:s, s:o, s:o}", "link", link_name(link), "status",
		                                       link_status_name(incident->chain[link].status), "evidence",
		                                       numbers_json(incident, ROLE(link)), "text",
		                                       json_name(incident->chain[link].text)));
	return chain;
}

static json_t *where_json(const struct incident *incident)
{
	if (!incident->where.text)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o}", "side", side_name(incident->where.side), "osd", json_name(incident->where.osd),
	                 "evidence", numbers_json(incident, ROLE_WHERE), "text", json_name(incident->where.text));
}

static json_t *contradictions_json(const struct incident *incident)
{
	json_t *list = json_array();

	for (size_t i = 0; i < incident->contradiction_count; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "text", json_name(incident->contradictions[i]), "evidence",
		                                      numbers_json(incident, ROLE_CONTRADICTION(i))));
	return list;
}

static json_t *missing_json(const struct incident *incident)
{
	json_t *missing = json_array();

	for (size_t i = 0; i < incident->missing_count; i++)
		json_array_append_new(missing, json_name(incident->missing[i]));
	return missing;
}

static json_t *who_json(const struct incident *incident)
{
	json_t *others = json_array();

	for (size_t i = 0; i < incident->other_count; i++)
		json_array_append_new(others, json_image(incident->other_images[i]));
	return json_pack("{s:o, s:o, s:o, s:o}", "vm", json_vm(incident_process(incident)), "image", json_image(incident->image),
	                 "other_images", others, "client", json_client(incident->client, incident->address_text));
}

static json_t *header_json(const struct incident *incident)
{
	if (!incident->header_object)
		return json_null();
	/* An address; logs may know only its name, which the text tells. */
	return json_pack("{s:o, s:o}", "object", json_name(incident->header_object), "osd",
	                 incident->header_osd && strchr(incident->header_osd, ':') ? json_name(incident->header_osd)
	                                                                           : json_null());
}

static json_t *incident_json(const struct incident *incident)
{
	json_t *json = who_json(incident);
	json_t *links = json_pack("{s:o, s:s, s:o, s:o}", "chain", chain_json(incident), "client_state",
	                          client_state_name(incident->client_state), "where", where_json(incident), "contradictions",
	                          contradictions_json(incident));
	json_t *rest = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:s, s:o, s:o}", "cause",
	                         cause_name(incident->cause), "last_ping_ack_ns", json_time(incident->last_ping_ack_ns),
	                         "lost_pings", incident->lost_pings < 0 ? json_null() : json_integer(incident->lost_pings),
	                         "watch_expired_ns", json_time(incident->watch_expired_ns), "watch_expired_from",
	                         json_name(incident->watch_expired_from), "watch_timeout_s", json_time(incident->watch_timeout_s),
	                         "watch_timeout_from", json_name(incident->watch_timeout_from), "header", header_json(incident),
	                         "snapshot_window", window_json(incident->window), "blocklist", blocklist_json(incident),
	                         "first_eshutdown", eshutdown_json(incident), "failed_ios", (json_int_t)incident->failed_ios,
	                         "failed_bytes", (json_int_t)incident->failed_bytes, "waiting_ios",
	                         (json_int_t)incident->waiting_ios, "confidence", confidence_name(incident->confidence),
	                         "evidence", evidence_json(incident), "missing_evidence", missing_json(incident));

	if (rest && incident->unrecorded_ios)
		json_object_set_new(rest, "unrecorded_ios", json_integer((json_int_t)incident->unrecorded_ios));
	if (!json || !rest || !links || json_object_update(json, rest) || json_object_update(json, links)) {
		json_decref(json);
		json = NULL;
	}
	json_decref(rest);
	json_decref(links);
	return json;
}

static json_t *near_miss_json(const struct near_miss *near_miss)
{
	const struct image *image = near_miss->image;

	return json_pack("{s:o, s:o, s:o, s:s, s:I, s:o, s:I, s:o}", "vm",
	                 json_vm(near_miss->client ? near_miss->client->process : NULL), "image",
	                 image && image_is_named(image) ? json_image(image) : json_null(), "client",
	                 json_client(near_miss->client, near_miss->address_text), "kind", near_kind_name(near_miss->kind),
	                 "begin_ns", (json_int_t)near_miss->begin_ns, "end_ns", json_time(near_miss->end_ns),
	                 "longest_ping_gap_ns", (json_int_t)near_miss->longest_ping_gap_ns, "text", json_name(near_miss->text));
}

static json_t *document(const struct report *report, const struct view *view)
{
	json_t *incidents = json_array(), *near_misses = json_array();

	for (size_t i = 0; i < view->incident_count; i++)
		if (json_array_append_new(incidents, incident_json(view->incidents[i])))
			goto no_memory;
	for (size_t i = 0; i < view->near_miss_count; i++)
		if (json_array_append_new(near_misses, near_miss_json(view->near_misses[i])))
			goto no_memory;
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "schema", "fenceline/incidents/1", "lost_events",
	                 (json_int_t)report->model->lost_events, "orphans", (json_int_t)report->model->orphans, "clocks",
	                 json_clocks(report), "inputs", json_inputs(report), "incidents", incidents, "near_misses", near_misses);
no_memory:
	json_decref(incidents);
	json_decref(near_misses);
	return NULL;
}

int json_incidents(const struct report *report, const struct render_style *style, FILE *out)
{
	struct view view;
	json_t *json;
	int error = view_open_verdicts(report, &view);

	(void)style;
	if (error)
		return error;
	json = document(report, &view);
	view_close(&view);
	if (!json)
		return -ENOMEM;
	error = json_dumpf(json, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) ? -EIO : 0;
	fputc('\n', out);
	json_decref(json);
	return error;
}
