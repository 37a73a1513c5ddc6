/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ctf_reader *ctf_reader_open(const char *folder, bool no_io, char **cause)
{
	struct ctf_reader *reader = calloc(1, sizeof(*reader));

	*cause = NULL;
	if (!reader)
		return NULL;
	reader->graph = ctf_graph_open(folder, cause);
	reader->decoder.no_io = no_io;
	if (reader->graph)
		return reader;
	free(reader);
	return NULL;
}

/* The trace's environment names its host. */
static void note_host(struct ctf_reader *reader, const bt_stream *stream)
{
	const bt_value *host =
	        bt_trace_borrow_environment_entry_value_by_name_const(bt_stream_borrow_trace_const(stream), "hostname");

	if (!*reader->host && host && bt_value_is_string(host))
		snprintf(reader->host, sizeof(reader->host), "%s", bt_value_string_get(host));
}

/* babeltrace names a stream after its first file. */
static bool position_add(struct ctf_reader *reader, const bt_stream *stream)
{
	struct ctf_position *positions = reallocarray(reader->positions, reader->position_count + 1, sizeof(*positions));
	const char *path = bt_stream_get_name(stream), *slash = path ? strrchr(path, '/') : NULL;
	char *file;

	if (!positions)
		return false;
	reader->positions = positions;
	file = strdup(slash ? slash + 1 : path ? path : "");
	if (!file)
		return false;
	reader->last_position = reader->position_count;
	positions[reader->position_count++] = (struct ctf_position){ .file = file, .stream = stream };
	note_host(reader, stream);
	return true;
}

/* False: out of memory. */
static bool count_message(struct ctf_reader *reader, const bt_message *message)
{
	const bt_stream *stream = ctf_stream_of(message);
	size_t at = reader->last_position;

	if (!stream)
		return true;
	if (at >= reader->position_count || reader->positions[at].stream != stream) {
		for (at = 0; at < reader->position_count && reader->positions[at].stream != stream; at++)
			;
		if (at == reader->position_count && !position_add(reader, stream))
			return false;
		reader->last_position = at;
	}
	if (bt_message_get_type(message) != BT_MESSAGE_TYPE_STREAM_BEGINNING)
		reader->positions[at].messages++;
	return true;
}

int ctf_reader_next(struct ctf_reader *reader, char **cause)
{
	const bt_message *message;
	int more;

	while ((more = ctf_graph_next(reader->graph, &message, cause)) == 1) {
		int decoded = count_message(reader, message) ? ctf_decode(&reader->decoder, message, &reader->event) : -1;
		if (decoded < 0)
			*cause = strdup("out of memory");
		if (decoded)
			return decoded < 0 ? -1 : 1;
	}
	return more;
}

uint64_t ctf_reader_position(const struct ctf_reader *reader, const char *file)
{
	for (size_t i = 0; i < reader->position_count; i++)
		if (!strcmp(reader->positions[i].file, file))
			return reader->positions[i].messages;
	return 0;
}

void ctf_reader_close(struct ctf_reader *reader)
{
	if (!reader)
		return;
	ctf_graph_close(reader->graph);
	ctf_decoder_release(&reader->decoder);
	for (size_t i = 0; i < reader->position_count; i++)
		free(reader->positions[i].file);
	free(reader->positions);
	free(reader);
}
