/* SPDX-License-Identifier: MIT */
/*
 *     osd_op(client.4167.0:16 1.6 1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784] snapc …
 *     osd_op(client.8079633.0:30 rbd_header.301027238e1f29 [watch ping cookie 139996606507840 gen 1] 0.a5bd3cee …   before 12
 *     osd_op(client.4534.0:1 1.1 1.e09bba91 (undecoded) …        the object is not told
 *     osd_op(unknown.0.0:16 …                                    in the client's own log
 */
#include "ingest/log_request.h"

#include "ingest/text_in.h"

#include <string.h>

static struct log_span behind(struct log_span span, size_t length)
{
	return (struct log_span){ span.at + length, span.length - length };
}

static struct log_span take_word(struct log_span *rest)
{
	const char *space = memchr(rest->at, ' ', rest->length);
	struct log_span word = { rest->at, space ? (size_t)(space - rest->at) : rest->length };

	*rest = behind(*rest, word.length + (space != NULL));
	return word;
}

/* "1.6", "1.e09bba91" */
static bool is_pg(struct log_span word)
{
	size_t i = 0;

	while (i < word.length && word.at[i] >= '0' && word.at[i] <= '9')
		i++;
	if (!i || i == word.length || word.at[i] != '.')
		return false;
	for (i++; i < word.length; i++)
		if (!memchr("0123456789abcdef", word.at[i], 16))
			return false;
	return true;
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

	if (!end || !text_begins(rest.at, rest.length, "[watch "))
		return 0;
	at = memmem(rest.at, (size_t)(end - rest.at), cookie, sizeof(cookie) - 1);
	return at ? log_span_number((struct log_span){ at + sizeof(cookie) - 1, (size_t)(end - at) - (sizeof(cookie) - 1) }) : 0;
}

void log_request_parse(struct log_span text, struct log_request *request)
{
	static const char osd_op[] = "osd_op(";
	struct log_span word;

	*request = (struct log_request){ 0 };
	if (text_begins(text.at, text.length, osd_op))
		text = behind(text, sizeof(osd_op) - 1);
	if (!text_begins(text.at, text.length, "client.") && !text_begins(text.at, text.length, "unknown."))
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
		if (text_begins(object.at, object.length, prefixes[i]))
			id = behind(object, strlen(prefixes[i]));
	if (!id.length || !text_begins(object.at, object.length, "rbd_data."))
		return id;
	dot = memrchr(id.at, '.', id.length);
	if (!dot)
		return (struct log_span){ 0 };
	id.length = (size_t)(dot - id.at);
	dot = memrchr(id.at, '.', id.length);
	return dot ? behind(id, (size_t)(dot - id.at) + 1) : id;
}
