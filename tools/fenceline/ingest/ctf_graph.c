/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_graph.h"
#include "ingest/fact_fields.h"
#include "ingest/xalloc.h"

#include <babeltrace2/babeltrace.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a field is read; settled once per event class. */
struct member {
	uint64_t index; /* in the payload structure of the trace */
	const struct field_row *row;
	bool is_signed;
};

struct ctf_class {
	const bt_event_class *class;
	enum fact kind;         /* FACT_COUNT: not ours */
	struct member *members; /* owned */
	size_t count;
};

struct port {
	bt_message_iterator *iterator; /* owned; NULL: not begun, at its end, or dropped */
	/* The messages of one turn: babeltrace owns the array until the iterator's next turn, the references are ours until then.
	 */
	bt_message_array_const messages;
	uint64_t count, next;
	bool ended;
	char *damage; /* told after the messages that came before it; owned */
};

struct ctf_graph {
	bt_graph *graph;
	struct port *ports; /* owned */
	size_t count, turn; /* turn: whose messages the sink asks for when it is run */
	bool no_io;
	void *classes; /* of struct ctf_class, by tsearch: event classes live as long as the graph that made them */
};

/* What went wrong at the bottom, in one line; what lies above only repeats it. NULL if nothing did. */
static char *take_cause(void)
{
	const bt_error *error = bt_current_thread_take_error();
	char *cause = NULL;

	if (!error)
		return NULL;
	if (bt_error_get_cause_count(error))
		cause = xstrdup(bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
	bt_error_release(error);
	if (cause) {
		/* The details of where in the file follow the first sentence. */
		cause[strcspn(cause, "\n")] = '\0';
		char *details = strstr(cause, ": ");
		if (details && strchr(details, '='))
			*details = '\0';
	}
	return cause;
}

/* ---- the sink ---- */

static bt_component_class_initialize_method_status sink_initialize(bt_self_component_sink *sink,
                                                                   bt_self_component_sink_configuration *configuration,
                                                                   const bt_value *params, void *data)
{
	struct ctf_graph *graph = data;
	char name[32];

	(void)configuration;
	(void)params;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(sink), graph);
	for (size_t i = 0; i < graph->count; i++) {
		snprintf(name, sizeof(name), "stream%zu", i);
		if (bt_self_component_sink_add_input_port(sink, name, NULL, NULL))
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status sink_configured(bt_self_component_sink *sink)
{
	struct ctf_graph *graph = bt_self_component_get_data(bt_self_component_sink_as_self_component(sink));

	for (size_t i = 0; i < graph->count; i++) {
		struct port *port = &graph->ports[i];
		if (bt_message_iterator_create_from_sink_component(
		            sink, bt_self_component_sink_borrow_input_port_by_index(sink, i), &port->iterator)) {
			port->iterator = NULL;
			port->damage = take_cause();
		}
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* Takes the next event of the stream whose turn it is. What is wrong with one stream is no error of the graph: the others go on.
 */
static bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *sink)
{
	struct ctf_graph *graph = bt_self_component_get_data(bt_self_component_sink_as_self_component(sink));
	struct port *port = &graph->ports[graph->turn];
	bt_message_iterator_next_status status;

	if (!port->iterator) {
		port->ended = true;
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
	}
	status = bt_message_iterator_next(port->iterator, &port->messages, &port->count);
	if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN)
		return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK) {
		port->count = 0;
		port->ended = true;
	}
	/* 2.0 can hand over what came before the damage, and leave the error pending. */
	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_END && !port->damage) {
		port->damage = take_cause();
		if (port->ended && !port->damage)
			port->damage = xstrdup("unknown");
	}
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
}

static const bt_component_class_sink *sink_class(void)
{
	static bt_component_class_sink *class;

	if (!class) {
		class = bt_component_class_sink_create("fenceline", sink_consume);
		if (class && (bt_component_class_sink_set_initialize_method(class, sink_initialize) ||
		              bt_component_class_sink_set_graph_is_configured_method(class, sink_configured)))
			class = NULL;
	}
	return class;
}

/* ---- the graph ---- */

/* Kept: loading a plugin searches folders. */
static const bt_component_class_source *source_class(void)
{
	static const bt_plugin *plugin;

	if (!plugin)
		bt_plugin_find("ctf", BT_TRUE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &plugin);
	return plugin ? bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs") : NULL;
}

bool ctf_graph_prepare(void)
{
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	if (source_class() && sink_class())
		return true;
	free(take_cause());
	return false;
}

static const bt_component_source *add_source(bt_graph *graph, const char *folder)
{
	const bt_component_source *source = NULL;
	bt_value *params = bt_value_map_create(), *inputs = NULL;

	if (params && !bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) &&
	    !bt_value_array_append_string_element(inputs, folder))
		bt_graph_add_source_component(graph, source_class(), "trace", params, BT_LOGGING_LEVEL_NONE, &source);
	bt_value_put_ref(params);
	return source;
}

/* Every stream has an output port of its own. */
static bool connect(struct ctf_graph *graph, const bt_component_source *source)
{
	const bt_component_sink *sink;

	graph->count = bt_component_source_get_output_port_count(source);
	if (!graph->count) /* nothing recorded yet: every stream is empty */
		return true;
	graph->ports = xcalloc(graph->count, sizeof(*graph->ports));
	if (bt_graph_add_sink_component_with_initialize_method_data(graph->graph, sink_class(), "events", NULL, graph,
	                                                            BT_LOGGING_LEVEL_NONE, &sink))
		return false;
	for (uint64_t i = 0; i < graph->count; i++)
		if (bt_graph_connect_ports(graph->graph, bt_component_source_borrow_output_port_by_index_const(source, i),
		                           bt_component_sink_borrow_input_port_by_index_const(sink, i), NULL))
			return false;
	return true;
}

struct ctf_graph *ctf_graph_open(const char *folder, bool no_io, char **cause)
{
	struct ctf_graph *graph = XNEW(struct ctf_graph, .no_io = no_io);
	const bt_component_source *source;

	*cause = NULL;
	if (!ctf_graph_prepare()) { /* before anything can fail: with an error pending no plugin may be looked for */
		*cause = xstrdup("libbabeltrace2 finds no CTF plugin; install its plugins");
		free(graph);
		return NULL;
	}
	graph->graph = bt_graph_create(0);
	source = graph->graph ? add_source(graph->graph, folder) : NULL;
	if (source && connect(graph, source))
		return graph;
	*cause = take_cause();
	ctf_graph_close(graph);
	return NULL;
}

size_t ctf_graph_streams(const struct ctf_graph *graph)
{
	return graph->count;
}

/* ---- event classes ---- */

/* A trace of another program may use our names for something else. */
static bool fits(bt_field_class_type type, const struct field_row *row)
{
	return bt_field_class_type_is(type, row->type == FIELD_STR   ? BT_FIELD_CLASS_TYPE_STRING
	                                    : row->type == FIELD_LAT ? BT_FIELD_CLASS_TYPE_ARRAY
	                                                             : BT_FIELD_CLASS_TYPE_INTEGER);
}

static void find_members(struct ctf_class *known, const bt_field_class *payload)
{
	const struct event_row *row = fact_row(known->kind);

	known->members = xcalloc(row->count, sizeof(*known->members));
	for (uint64_t i = 0; payload && i < bt_field_class_structure_get_member_count(payload); i++) {
		const bt_field_class_structure_member *trace = bt_field_class_structure_borrow_member_by_index_const(payload, i);
		const char *name = bt_field_class_structure_member_get_name(trace);
		bt_field_class_type type =
		        bt_field_class_get_type(bt_field_class_structure_member_borrow_field_class_const(trace));

		for (size_t field = 0; field < row->count; field++)
			if (!strcmp(row->fields[field].name, name) && fits(type, &row->fields[field]))
				known->members[known->count++] =
				        (struct member){ i, &row->fields[field],
					                 bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER) };
	}
}

static enum fact kind_of(const bt_event_class *class)
{
	static const char prefix[] = FL_PROVIDER_NAME ":";
	const char *name = bt_event_class_get_name(class);
	enum fact kind;

	if (!name || strncmp(name, prefix, sizeof(prefix) - 1))
		return FACT_COUNT;
	/* Without a clock there is no time to order it by. */
	if (!bt_stream_class_borrow_default_clock_class_const(bt_event_class_borrow_stream_class_const(class)))
		return FACT_COUNT;
	kind = fact_by_name(name + sizeof(prefix) - 1);
	return fact_is_trace(kind) ? kind : FACT_COUNT;
}

static int by_class(const void *a, const void *b)
{
	const struct ctf_class *left = a, *right = b;

	return left->class < right->class ? -1 : left->class > right->class;
}

static struct ctf_class *class_of(struct ctf_graph *graph, const bt_event_class *class)
{
	struct ctf_class *const *found = tfind(&(struct ctf_class){ class }, &graph->classes, by_class), *known;

	if (found)
		return *found;
	known = XNEW(struct ctf_class, class, kind_of(class));
	xtsearch(known, &graph->classes, by_class);
	if (known->kind != FACT_COUNT)
		find_members(known, bt_event_class_borrow_payload_field_class_const(class));
	return known;
}

static void class_free(void *known)
{
	free(((struct ctf_class *)known)->members);
	free(known);
}

/* ---- fields ---- */

static void read_array(const bt_field *field, uint32_t *buckets)
{
	uint64_t length = bt_field_array_get_length(field);

	for (uint64_t i = 0; i < length && i < FL_LATENCY_BUCKETS; i++) {
		const bt_field *element = bt_field_array_borrow_element_field_by_index_const(field, i);
		if (bt_field_class_type_is(bt_field_get_class_type(element), BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
			buckets[i] = (uint32_t)bt_field_integer_unsigned_get_value(element);
	}
}

static void read_member(const struct member *member, const bt_field *payload, char *to)
{
	const bt_field *field = bt_field_structure_borrow_member_field_by_index_const(payload, member->index);

	to += member->row->offset;
	switch (member->row->type) {
	case FIELD_STR:
		/* libbabeltrace2 2.0.4 reuses fields: an empty string still holds the text of an earlier event, only its
		 * length is right. */
		*(const char **)to = bt_field_string_get_length(field) ? bt_field_string_get_value(field) : "";
		break;
	case FIELD_LAT:
		read_array(field, (uint32_t *)to);
		break;
	default:
		field_put_number(member->row, to,
		                 member->is_signed ? (uint64_t)bt_field_integer_signed_get_value(field)
		                                   : bt_field_integer_unsigned_get_value(field));
	}
}

static bool time_of(const bt_clock_snapshot *snapshot, int64_t *ts_ns)
{
	if (bt_clock_snapshot_get_ns_from_origin(snapshot, ts_ns)) {
		bt_current_thread_clear_error(); /* while it is pending, the library's next call ends the program */
		return false;
	}
	return *ts_ns <= FIELD_NS_MOST && *ts_ns >= -FIELD_NS_MOST;
}

static enum ctf_message decode_event(struct ctf_graph *graph, const bt_message *message, struct event *event)
{
	const bt_event *trace = bt_message_event_borrow_event_const(message);
	const struct ctf_class *known = class_of(graph, bt_event_borrow_class_const(trace));
	const bt_field *payload;

	if (known->kind == FACT_COUNT)
		return MESSAGE_UNKNOWN;
	if (known->kind == FACT_io && graph->no_io)
		return MESSAGE_SKIPPED;
	if (!time_of(bt_message_event_borrow_default_clock_snapshot_const(message), &event->ts_ns))
		return MESSAGE_OTHER;
	fact_clear(event, known->kind);
	payload = bt_event_borrow_payload_field_const(trace);
	for (size_t i = 0; i < known->count; i++)
		read_member(&known->members[i], payload, (char *)&event->trace);
	return MESSAGE_EVENT;
}

static bool decode_discarded(const bt_message *message, struct event *event)
{
	const bt_stream_class *class = bt_stream_borrow_class_const(bt_message_discarded_events_borrow_stream_const(message));

	if (!bt_stream_class_discarded_events_have_default_clock_snapshots(class))
		return false;
	if (!time_of(bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(message), &event->lost.begin_ns) ||
	    !time_of(bt_message_discarded_events_borrow_end_default_clock_snapshot_const(message), &event->lost.end_ns))
		return false;
	event->fact = FACT_lost_events;
	event->line = 0;
	event->ts_ns = event->lost.begin_ns;
	if (bt_message_discarded_events_get_count(message, &event->lost.count) != BT_PROPERTY_AVAILABILITY_AVAILABLE)
		event->lost.count = 1; /* some, it is not known how many */
	return true;
}

/* ---- its messages ---- */

/* The host that a stream's first message names: its trace's environment has it. */
static const char *host_of(const bt_message *beginning)
{
	const bt_trace *trace = bt_stream_borrow_trace_const(bt_message_stream_beginning_borrow_stream_const(beginning));
	const bt_value *host = bt_trace_borrow_environment_entry_value_by_name_const(trace, "hostname");

	return host && bt_value_is_string(host) ? bt_value_string_get(host) : "";
}

static void put_messages(struct port *port)
{
	for (uint64_t i = 0; i < port->count; i++)
		bt_message_put_ref(port->messages[i]);
	port->next = port->count = 0;
}

static void port_end(struct port *port)
{
	put_messages(port);
	if (port->iterator)
		bt_message_iterator_put_ref(port->iterator);
	port->iterator = NULL;
	port->ended = true;
}

/* NULL: the stream ends. */
static const bt_message *next_message(struct ctf_graph *graph, size_t stream)
{
	struct port *port = &graph->ports[stream];

	while (port->next == port->count) {
		put_messages(port);
		if (port->ended || port->damage) {
			port_end(port);
			return NULL;
		}
		graph->turn = stream;
		if (bt_graph_run_once(graph->graph) < 0) { /* the graph's own failure: it was never configured */
			free(port->damage);
			port->damage = take_cause() ?: xstrdup("out of memory");
		}
	}
	return port->messages[port->next++];
}

enum ctf_message ctf_graph_next(struct ctf_graph *graph, size_t stream, struct event *event, const char **text)
{
	const bt_message *message = next_message(graph, stream);

	*text = graph->ports[stream].damage;
	if (!message)
		return MESSAGE_END;
	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_STREAM_BEGINNING:
		*text = host_of(message);
		return MESSAGE_HOST;
	case BT_MESSAGE_TYPE_EVENT:
		return decode_event(graph, message, event);
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		return decode_discarded(message, event) ? MESSAGE_EVENT : MESSAGE_OTHER;
	default:
		return MESSAGE_OTHER;
	}
}

void ctf_graph_close(struct ctf_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		port_end(&graph->ports[i]);
		free(graph->ports[i].damage);
	}
	tdestroy(graph->classes, class_free);
	bt_graph_put_ref(graph->graph);
	free(take_cause()); /* a pending error would end the next graph */
	free(graph->ports);
	free(graph);
}
