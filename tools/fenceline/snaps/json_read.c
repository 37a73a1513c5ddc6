/* SPDX-License-Identifier: MIT */
#include "snaps/json_read.h"

#include "snaps/intervals/interval_text.h"
#include "snaps/json_objects.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	size_t length;
	enum {
		SEEN,          /* that it is there is all */
		NUMBER,        /* what is none is told */
		NUMBER_IF_ANY, /* and what is none is of no account */
		TEXT,
		LONG_TEXT, /* not copied */
		SET,
		POOL_ID,
		MODE,
		FSID,
		PGID,
		STATE,
		MESSAGE
	} how;
	size_t where; /* in struct frame */
} keys[] = {
#define KEY_ROW(name, how, where) [KEY_##name] = { #name, sizeof #name - 1, how, offsetof(struct frame, where) },
	KEYS(KEY_ROW)
#undef KEY_ROW
};

static enum key key_of(const char *text)
{
	size_t length = strlen(text);

	for (enum key key = KEY_none + 1; key < sizeof keys / sizeof *keys; key++)
		if (keys[key].length == length && !memcmp(keys[key].name, text, length))
			return key;
	return KEY_none;
}

/* What an object said goes, where it stands stays. */
static void clear(struct frame *frame)
{
	const struct frame keep = { .array = frame->array, .key = frame->key, .pool = -1 };

	free(frame->name);
	free(frame->removed);
	free(frame->modified);
	free(frame->release);
	free(frame->flags);
	interval_set_free(&frame->pool_snaps);
	interval_set_free(&frame->intervals);
	interval_set_free(&frame->purged);
	*frame = keep;
}

/* An unsigned number of 64 bits, as a number or as a string; false: it is none. */
static bool json_read_number(const char *text, size_t length, uint64_t *value)
{
	*value = 0;
	length -= length > 1 && text[length - 1] == 'L'; /* Python's */
	for (size_t i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*value, (uint64_t)10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(text[i] - '0'), value))
			return false;
	return length > 0;
}

/* A placement group's purged_snaps are snapids as Ceph prints them, in hex (pg_info_t::dump, dump_stream of a snapid_t, all
 * releases); the numbers of an OSDMap are decimal. */
static bool is_of_pg(const struct json_read *read)
{
	const struct frame *list = &read->frames[read->depth ? read->depth - 1 : 0];

	return list->array && list->key == KEY_purged_snaps;
}

static bool json_read_hex(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 16);
	return isxdigit((unsigned char)*text) && !*end && !errno;
}

static void take_number(struct json_read *read, enum key key, const char *text, size_t length, uint64_t *value)
{
	if (is_of_pg(read) ? json_read_hex(text, value) : json_read_number(text, length, value))
		return;
	*value = 0;
	warn_at(&read->account->warnings, &read->place, "%s: '%.40s' is no number of 64 bits; left out", keys[key].name, text);
}

static void take_pool_id(struct json_read *read, struct frame *frame, const char *text, size_t length)
{
	uint64_t value;

	frame->refused = !json_read_number(text, length, &value) || value > INT64_MAX;
	if (!frame->refused)
		frame->pool = (int64_t)value;
	else if (json_has(frame, KEY_snap_seq) || json_has(frame, KEY_removed_snaps) ||
	         read->frames[read->depth - 1].key == KEY_pools)
		warn_at(&read->account->warnings, &read->place, "pool '%.40s': its id is no number; this pool is left out", text);
}

static void take_member(struct json_read *read, struct frame *frame, enum key key, const char *text, size_t length)
{
	void *to = (char *)frame + keys[key].where;
	char **string = to;

	switch (keys[key].how) {
	case SEEN:
		break;
	case NUMBER:
		take_number(read, key, text, length, to);
		break;
	case NUMBER_IF_ANY:
		json_read_number(text, length, to);
		break;
	case TEXT:
		free(*string);
		*string = xstrdup(text);
		break;
	case LONG_TEXT:
		free(*string);
		*string = json_scan_steal(&read->scan);
		break;
	case SET:
		interval_text_parse(text, length, to, NULL, NULL, NULL);
		break;
	case POOL_ID:
		take_pool_id(read, frame, text, length);
		break;
	case MODE:
		frame->mode = !strcmp(text, "selfmanaged") ? SNAP_MODE_SELFMANAGED
		              : !strcmp(text, "pool")      ? SNAP_MODE_POOL
		                                           : SNAP_MODE_UNKNOWN;
		break;
	case FSID:
		if (length == FSID_LENGTH)
			account_fsid(read->account, &read->place, text);
		break;
	case PGID:
		snprintf(frame->pgid, sizeof frame->pgid, "%s", text);
		break;
	case STATE:
		snprintf(frame->state, sizeof frame->state, "%s", text);
		break;
	case MESSAGE:
		read->told += read->message(read->message_arg, text, length);
		break;
	}
}

/* A member comes a second time. Among members that were found alone it begins the next object; inside an object the last one
 * counts. */
static void take_again(struct json_read *read, struct frame *frame, const char *key)
{
	if (!read->implied || read->depth != 1) {
		warn_at(&read->account->warnings, &read->place, "'%s' comes twice in one object; the last one counts", key);
		return;
	}
	json_finish(read, 1);
	clear(frame);
}

static void on_value(struct json_read *read, const char *name, const char *text, size_t length)
{
	struct frame *frame = &read->frames[read->depth];
	enum key key = frame->array ? KEY_none : key_of(name);

	if (key == KEY_none)
		return;
	if (json_has(frame, key) && (key == KEY_pool || key == KEY_pool_name || key == KEY_snap_seq || key == KEY_removed_snaps ||
	                             key == KEY_epoch || key == KEY_pgid))
		take_again(read, frame, name);
	frame->seen |= UINT64_C(1) << key;
	take_member(read, frame, key, text, length);
}

static void on_event(void *arg, enum json_event event, const char *key, const char *text, size_t length)
{
	struct json_read *read = arg;
	struct frame *frame;

	if (read->doubtful) /* nothing of it counts */
		return;
	switch (event) {
	case JSON_EVENT_OPEN_OBJECT:
	case JSON_EVENT_OPEN_ARRAY:
		read->members |= *key || read->depth;
		read->frames[read->depth].seen |= read->frames[read->depth].array ? 0 : UINT64_C(1) << key_of(key);
		frame = &read->frames[++read->depth];
		*frame = (struct frame){ .array = event == JSON_EVENT_OPEN_ARRAY, .key = key_of(key), .pool = -1 };
		break;
	case JSON_EVENT_CLOSE:
		json_finish(read, read->depth);
		clear(&read->frames[read->depth--]);
		if (!read->depth) {
			json_finish_document(read);
			clear(&read->frames[0]);
			read->named_pg[0] = '\0';
		}
		break;
	case JSON_EVENT_ODD:
		read->doubtful = !read->members && strcmp(text, JSON_SCAN_LEFT_OUT) != 0;
		if (!read->doubtful)
			warn_at(&read->account->warnings, &read->place, "odd JSON: %s; what can be read is read", text);
		break;
	default:
		read->members |= *key != '\0';
		on_value(read, key, text, length);
	}
}

struct json_read *json_read_new(struct maps *maps, struct account *account, const char *path, json_message_fn *message, void *arg)
{
	struct json_read *read = XNEW(struct json_read, .maps = maps, .account = account, .place.path = path, .message = message,
	                              .message_arg = arg);

	read->frames[0].pool = -1;
	read->scan.event = on_event;
	read->scan.arg = read;
	return read;
}

void json_read_imply(struct json_read *read)
{
	read->implied = true;
	json_scan_imply(&read->scan);
}

void json_read_name_pg(struct json_read *read, const char *text, size_t length)
{
	snprintf(read->named_pg, sizeof read->named_pg, "%.*s", (int)length, text);
}

bool json_read_open(const struct json_read *read)
{
	return read->scan.depth > 0;
}

uint64_t json_read_told(const struct json_read *read)
{
	return read->told;
}

/* Some code, or a sentence: forget that it began. */
static void json_drop(struct json_read *read)
{
	json_scan_drop(&read->scan);
	for (; read->depth; read->depth--)
		clear(&read->frames[read->depth]);
	clear(&read->frames[0]);
	read->implied = read->doubtful = false;
}

size_t json_read_take(struct json_read *read, const char *text, size_t length, unsigned int edges, uint64_t line)
{
	size_t taken;

	read->place.line = line;
	if (!json_read_open(read))
		read->members = false;
	taken = json_scan_take(&read->scan, text, length, edges);
	if (!read->doubtful)
		return taken;
	json_drop(read);
	return length;
}

void json_read_end(struct json_read *read)
{
	bool middle = json_scan_end(&read->scan);

	if (read->doubtful) {
		json_drop(read);
		return;
	}
	if (middle && read->members)
		warn_at(&read->account->warnings, &read->place,
		        "this JSON is broken (it ends in the middle); what came before is counted");
	read->implied = false;
}

void json_read_free(struct json_read *read)
{
	for (size_t i = 0; i <= JSON_SCAN_DEPTH; i++)
		clear(&read->frames[i]);
	json_scan_free(&read->scan);
	free(read);
}
