/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_graph.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ctf_graph {
	bt_graph *graph;
	/* The sink's messages of one turn; babeltrace owns the array until the next turn, the references are ours. */
	bt_message_array_const messages;
	uint64_t count, next;
	const bt_message *current;
	bool ended;
	char *damage; /* told with messages that came before it; owned */
};

/* What went wrong at the bottom, in one line; what lies above only repeats it. NULL if nothing did. */
static char *take_cause(void)
{
	const bt_error *error = bt_current_thread_take_error();
	char *cause = NULL;

	if (!error)
		return NULL;
	if (bt_error_get_cause_count(error))
		cause = strdup(bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
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

static bt_graph_simple_sink_component_initialize_func_status sink_initialize(bt_message_iterator *iterator, void *data)
{
	(void)iterator;
	(void)data;
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_INITIALIZE_FUNC_STATUS_OK;
}

static bt_graph_simple_sink_component_consume_func_status sink_consume(bt_message_iterator *iterator, void *data)
{
	struct ctf_graph *graph = data;

	graph->next = graph->count = 0;
	switch (bt_message_iterator_next(iterator, &graph->messages, &graph->count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_END;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_AGAIN;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_MEMORY_ERROR:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_MEMORY_ERROR;
	default:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
	}
}

/* ---- the graph ---- */

/* Plugins are loaded once and kept: loading searches folders. */
static const bt_plugin *plugin_find(const char *name)
{
	const bt_plugin *plugin = NULL;

	bt_plugin_find(name, BT_TRUE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &plugin);
	return plugin;
}

static const bt_component_class_source *source_class(void)
{
	static const bt_plugin *plugin;

	if (!plugin)
		plugin = plugin_find("ctf");
	return plugin ? bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs") : NULL;
}

static const bt_component_class_filter *muxer_class(void)
{
	static const bt_plugin *plugin;

	if (!plugin)
		plugin = plugin_find("utils");
	return plugin ? bt_plugin_borrow_filter_component_class_by_name_const(plugin, "muxer") : NULL;
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

/* Every stream has an output port of its own; the muxer grows an input port for each that is connected. */
static bool connect(bt_graph *graph, const bt_component_source *source, const bt_component_sink *sink)
{
	uint64_t streams = bt_component_source_get_output_port_count(source);
	const bt_port_input *end = bt_component_sink_borrow_input_port_by_index_const(sink, 0);
	const bt_component_filter *muxer = NULL;

	if (streams == 1)
		return !bt_graph_connect_ports(graph, bt_component_source_borrow_output_port_by_index_const(source, 0), end,
		                               NULL);
	if (bt_graph_add_filter_component(graph, muxer_class(), "muxer", NULL, BT_LOGGING_LEVEL_NONE, &muxer))
		return false;
	for (uint64_t i = 0; i < streams; i++)
		if (bt_graph_connect_ports(graph, bt_component_source_borrow_output_port_by_index_const(source, i),
		                           bt_component_filter_borrow_input_port_by_index_const(muxer, i), NULL))
			return false;
	return !bt_graph_connect_ports(graph, bt_component_filter_borrow_output_port_by_index_const(muxer, 0), end, NULL);
}

bool ctf_graph_prepare(void)
{
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	if (source_class() && muxer_class())
		return true;
	free(take_cause());
	return false;
}

struct ctf_graph *ctf_graph_open(const char *folder, char **cause)
{
	struct ctf_graph *graph = calloc(1, sizeof(*graph));
	const bt_component_source *source;
	const bt_component_sink *sink;

	*cause = NULL;
	if (!graph)
		return NULL;
	if (!ctf_graph_prepare()) { /* before anything can fail: with an error pending no plugin may be looked for */
		*cause = strdup("libbabeltrace2 finds no CTF plugin; install its plugins");
		free(graph);
		return NULL;
	}
	graph->graph = bt_graph_create(0);
	source = graph->graph ? add_source(graph->graph, folder) : NULL;
	if (source && !bt_component_source_get_output_port_count(source)) {
		graph->ended = true; /* nothing recorded yet: every stream is empty */
		return graph;
	}
	if (source &&
	    !bt_graph_add_simple_sink_component(graph->graph, "fenceline", sink_initialize, sink_consume, NULL, graph, &sink) &&
	    connect(graph->graph, source, sink))
		return graph;
	*cause = take_cause();
	ctf_graph_close(graph);
	return NULL;
}

int ctf_graph_next(struct ctf_graph *graph, const bt_message **message, char **cause)
{
	*cause = NULL;
	if (graph->current)
		bt_message_put_ref(graph->current);
	graph->current = NULL;
	while (graph->next == graph->count) {
		if (graph->damage) {
			*cause = graph->damage;
			graph->damage = NULL;
			graph->ended = true;
			return -1;
		}
		if (graph->ended)
			return 0;
		switch (bt_graph_run_once(graph->graph)) {
		case BT_GRAPH_RUN_ONCE_STATUS_OK:
			/* 2.0 hands over what came before the damage, and leaves the error pending. */
			graph->damage = take_cause();
			break;
		case BT_GRAPH_RUN_ONCE_STATUS_AGAIN:
			break;
		case BT_GRAPH_RUN_ONCE_STATUS_END:
			graph->ended = true;
			break;
		default:
			graph->ended = true;
			*cause = take_cause();
			return -1;
		}
	}
	*message = graph->current = graph->messages[graph->next++];
	return 1;
}

void ctf_graph_close(struct ctf_graph *graph)
{
	if (graph->current)
		bt_message_put_ref(graph->current);
	while (graph->next < graph->count)
		bt_message_put_ref(graph->messages[graph->next++]);
	bt_graph_put_ref(graph->graph);
	free(take_cause()); /* a pending error would end the next graph */
	free(graph->damage);
	free(graph);
}
