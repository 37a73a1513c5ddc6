/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_graph.h"
#include "ingest/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct ctf_graph *ctf_graph_open(const char *folder, char **cause)
{
	struct ctf_graph *graph = xcalloc(1, sizeof(*graph));
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
	free(port->damage);
	port->damage = NULL;
}

bool ctf_graph_next(struct ctf_graph *graph, size_t stream, const bt_message **message, char **cause)
{
	struct port *port = &graph->ports[stream];

	*cause = NULL;
	while (port->next == port->count) {
		put_messages(port);
		if (port->ended || port->damage) {
			*cause = port->damage;
			port->damage = NULL;
			port_end(port);
			return false;
		}
		graph->turn = stream;
		if (bt_graph_run_once(graph->graph) < 0) { /* the graph's own failure: it was never configured */
			free(port->damage);
			port->damage = take_cause() ?: xstrdup("out of memory");
		}
	}
	*message = port->messages[port->next++];
	return true;
}

void ctf_graph_close(struct ctf_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++)
		port_end(&graph->ports[i]);
	bt_graph_put_ref(graph->graph);
	free(take_cause()); /* a pending error would end the next graph */
	free(graph->ports);
	free(graph);
}
