/* SPDX-License-Identifier: MIT */
#include "ingest/log_ops.h"

#include "ingest/log_fill.h"
#include "ingest/log_request.h"

#include <string.h>

#define COMPLAINT_S 30.0      /* osd_op_complaint_time */
#define LONGEST_S   1000000.0 /* no operation waits for ten days */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* {"description": "osd_op(client.4167.0:30 …", "initiated_at": …, "age": 45.2, "duration": 45.2}: `age` is since it began, also
 * of one that has ended. */
static void add_op(const json_t *op, const struct stamp_zone *zone, const struct source *source, struct event_list *list)
{
	const char *description = text_of(op, "description"), *initiated = text_of(op, "initiated_at");
	double seconds = json_number_value(json_object_get(op, "duration"));
	struct log_request request = { 0 };
	struct event event = { .fact = FACT_slow_request, .source = source }, named;

	if (seconds < COMPLAINT_S || seconds > LONGEST_S || strncmp(description, "osd_op(", strlen("osd_op(")) != 0)
		return;
	log_request_parse(span_of(description), &request);
	event.slow = (struct slow_request){ .osd = "",
		                            .count = 1,
		                            .blocked_ns = (int64_t)(seconds * 1e6) * 1000,
		                            .gid = request.gid,
		                            .cookie = request.cookie,
		                            .object = event_list_text(list, request.object.at, request.object.length),
		                            .text = event_list_text(list, description, strlen(description)) };
	event.ts_ns = stamp_of(initiated, strlen(initiated), zone->tz);
	event.ts_ns += event.ts_ns ? event.slow.blocked_ns : 0;
	event_list_add(list, &event, NULL);
	if (log_fill_named_watch(&event, &named))
		event_list_add(list, &named, NULL);
}

bool log_ops_read(const json_t *root, const struct stamp_zone *zone, const struct source *source, struct event_list *list)
{
	const json_t *ops = json_object_get(root, "ops") ?: json_object_get(root, "Ops"), *op; /* before 14 */
	size_t i;

	if (!json_is_array(ops) ||
	    (!json_object_get(root, "num_ops") && !json_object_get(json_array_get(ops, 0), "initiated_at")))
		return false;
	json_array_foreach(ops, i, op) add_op(op, zone, source, list);
	return true;
}
