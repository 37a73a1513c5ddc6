/* SPDX-License-Identifier: MIT */
/*
 *     osd_op(client.4167.0:16 1.6 1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784] snapc …
 *     osd_op(client.8079633.0:30 rbd_header.301027238e1f29 [watch ping cookie 139996606507840 gen 1] 0.a5bd3cee …   before 12
 *     osd_op(client.4534.0:1 1.1 1.e09bba91 (undecoded) …        the object is not told
 *     osd_op(unknown.0.0:16 …                                    in the client's own log
 */
#include "ingest/log_request.h"

#include <string.h>

static struct log_span take_word(struct log_span *rest)
{
	const char *space = memchr(rest->at, ' ', rest->length);
	struct log_span word = { rest->at, space ? (size_t)(space - rest->at) : rest->length };

	*rest = span_from(*rest, word.length + (space != NULL));
	return word;
}

/* "1.6", "1.e09bba91" */
static bool is_pg(struct log_span word)
{
	size_t digits = text_run(word.at, word.length, DECIMAL);

	if (!digits || digits == word.length || word.at[digits] != '.')
		return false;
	word = span_from(word, digits + 1);
	return text_run(word.at, word.length, DECIMAL "abcdef") == word.length;
}

/* Of pool:hash:namespace:key:name:snapshot the name, in which a colon is written %3a. */
static struct log_span name_of(struct log_span object)
{
	const char *end = memrchr(object.at, ':', object.length), *colon;

	if (!end)
		return object;
	colon = memrchr(object.at, ':', (size_t)(end - object.at));
	if (!colon)
		return (struct log_span){ 0 };
	return (struct log_span){ colon + 1, (size_t)(end - colon - 1) };
}

static uint64_t cookie_of(struct log_span rest)
{
	static const char cookie[] = " cookie ";
	const char *end = rest.length ? memchr(rest.at, ']', rest.length) : NULL, *at;

	if (!end || !span_begins(rest, "[watch "))
		return 0;
	at = memmem(rest.at, (size_t)(end - rest.at), cookie, strlen(cookie));
	return at ? log_span_number(span_from((struct log_span){ at, (size_t)(end - at) }, strlen(cookie))) : 0;
}

void log_request_parse(struct log_span text, struct log_request *request)
{
	struct log_span word;

	*request = (struct log_request){ 0 };
	if (span_begins(text, "osd_op("))
		text = span_from(text, strlen("osd_op("));
	if (!span_begins(text, "client.") && !span_begins(text, "unknown."))
		return;
	request->gid = log_span_gid(take_word(&text));
	word = take_word(&text);
	if (is_pg(word))
		word = take_word(&text);
	if (word.length && !is_pg(word))
		request->object = name_of(word);
	request->cookie = cookie_of(text);
}

struct log_span log_request_image_id(struct log_span object)
{
	static const char *const prefixes[] = { "rbd_header.", "rbd_object_map.", "rbd_data." };
	struct log_span id = { 0 };
	const char *dot;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (span_begins(object, prefixes[i]))
			id = span_from(object, strlen(prefixes[i]));
	if (!id.length || !span_begins(object, "rbd_data."))
		return id;
	dot = memrchr(id.at, '.', id.length);
	if (!dot)
		return (struct log_span){ 0 };
	id.length = (size_t)(dot - id.at);
	dot = memrchr(id.at, '.', id.length);
	return dot ? span_from(id, (size_t)(dot - id.at) + 1) : id;
}
