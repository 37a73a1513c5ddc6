/* SPDX-License-Identifier: MIT */
#include "ingest/log_document.h"

#include "ingest/fact_fields.h"
#include "ingest/log_fill.h"
#include "ingest/log_ops.h"
#include "ingest/python_text.h"
#include "ingest/text_in.h"
#include "ingest/unwrap_marks.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct document {
	const struct stamp_zone *zone;
	const struct source *source;
	struct event_list *list;
	int64_t ts_ns; /* of what is read, 0: none */
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* A number, also one written as text. */
static uint64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	return text ? log_span_number(span_of(text)) : 0;
}

static int64_t time_of(const struct document *document, const char *text)
{
	return stamp_of(text, strlen(text), document->zone->tz);
}

static const char *document_keep(struct document *document, const char *text)
{
	return event_list_text(document->list, text, strlen(text));
}

static void document_add(struct document *document, struct event *event)
{
	event->ts_ns = document->ts_ns;
	event->source = document->source;
	event_list_add(document->list, event, NULL);
}

static void add_entry(struct document *document, const char *address, bool range, const char *until)
{
	struct event event = { .fact = FACT_blocklist_entry };

	if (!*address)
		return;
	event.entry = (struct blocklist_entry){ .target = document_keep(document, address),
		                                .range = range,
		                                .expires_ns = time_of(document, until) };
	if (range)
		event.entry.target = log_fill_range(document->list, span_of(address));
	document_add(document, &event);
}

/* {"type": "any", "addr": "10.0.0.9:0", "nonce": 77}: how an OSD dumps an address; "" if it is none. */
static const char *address_of(struct document *document, const json_t *addr)
{
	char address[160];

	if (!*text_of(addr, "addr"))
		return "";
	snprintf(address, sizeof(address), "%s/%llu", text_of(addr, "addr"), (unsigned long long)number_of(addr, "nonce"));
	return document_keep(document, address);
}

/* {"entity_addr_t": ADDRESS, "expire_time": …}: an OSD's dump_blocklist. Its dump_watchers has the same address, and no time. */
static bool add_entry_of_osd(struct document *document, const json_t *entry)
{
	const json_t *addr = json_object_get(entry, "entity_addr_t");

	if (!addr || !json_object_get(entry, "expire_time"))
		return false;
	add_entry(document, address_of(document, addr), !strcmp(text_of(addr, "type"), "cidr"), text_of(entry, "expire_time"));
	return true;
}

/* [{"addr": …, "until": …}] and then [{"range": …, "until": …}] */
static bool read_blocklist(struct document *document, const json_t *root)
{
	const json_t *each;
	size_t i;
	bool known = false;

	json_array_foreach(root, i, each)
	{
		known |= add_entry_of_osd(document, each);
		if (!json_object_get(each, "until"))
			continue;
		add_entry(document, text_of(each, "addr"), false, text_of(each, "until"));
		add_entry(document, text_of(each, "range"), true, text_of(each, "until"));
		known = true;
	}
	return known;
}

static void read_entries(struct document *document, const json_t *entries, bool range)
{
	const char *address;
	json_t *until;

	json_object_foreach((json_t *)entries, address, until)
	        add_entry(document, address, range, json_string_value(until) ?: "");
}

/* When the flag was set is not in it. */
static void add_pause(struct document *document, const char *flags)
{
	struct event event = { .fact = FACT_cluster_paused, .paused = { PAUSE_BEGAN } };

	if (strstr(flags, "pauserd"))
		document_add(document, &event);
}

/* The map's age is the time of what it says. `ceph report` has the map one level deeper. */
static bool read_osd_dump(struct document *document, const json_t *root)
{
	root = json_object_get(root, "osdmap") ?: root;
	if (!json_object_get(root, "epoch") || !json_object_get(root, "pools"))
		return false;
	add_pause(document, text_of(root, "flags"));
	document->ts_ns = time_of(document, text_of(root, "modified"));
	read_entries(document, json_object_get(root, "blacklist"), false); /* before 16 */
	read_entries(document, json_object_get(root, "blocklist"), false);
	read_entries(document, json_object_get(root, "range_blocklist"), true);
	document->ts_ns = 0;
	return true;
}

/* From 14 on one level deeper. */
static bool read_osd_perf(struct document *document, const json_t *root)
{
	const json_t *infos = json_object_get(root, "osd_perf_infos"), *each;
	size_t i;

	if (!infos)
		infos = json_object_get(json_object_get(root, "osdstats"), "osd_perf_infos");
	json_array_foreach(infos, i, each)
	{
		const json_t *stats = json_object_get(each, "perf_stats");
		struct event event = { .fact = FACT_osd_latency };

		event.latency =
		        (struct osd_latency){ log_fill_osd(document->list, number_of(each, "id")),
			                      number_of(stats, "commit_latency_ms"), number_of(stats, "apply_latency_ms") };
		document_add(document, &event);
	}
	return json_is_array(infos);
}

/* One of a list of watchers: `watcher` has its cookie and, by the key `timeout`, that. */
static void add_watch(struct document *document, const json_t *watcher, uint64_t gid, const char *address, const char *object,
                      const char *timeout)
{
	struct event event = { 0 };

	fact_clear(&event, FACT_watch_logged);
	event.watch.what = WATCH_LISTED;
	event.watch.cookie = number_of(watcher, "cookie");
	event.watch.gid = gid;
	event.watch.address = document_keep(document, address);
	event.watch.object = document_keep(document, object);
	event.watch.timeout_s = (uint32_t)number_of(watcher, timeout);
	if (event.watch.cookie)
		document_add(document, &event);
}

/* {"address": "10.0.0.2:0/7", "client": 4123, "cookie": 93825} */
static void add_watcher(struct document *document, const json_t *watcher)
{
	add_watch(document, watcher, number_of(watcher, "client"), text_of(watcher, "address"), "", NULL);
}

static bool read_rbd_status(struct document *document, const json_t *root)
{
	json_t *watchers = json_object_get(root, "watchers"), *each;
	const char *name;
	size_t i;

	if (!watchers || json_object_get(root, "oid"))
		return false;
	json_array_foreach(watchers, i, each) add_watcher(document, each);
	json_object_foreach(watchers, name, each) /* before 14 */
	        add_watcher(document, each);
	return true;
}

/* "client.8079633": {"cookie": …, "timeout_seconds": 30, "addr": {"nonce": 3613298630, "addr": "127.0.0.1:0"}} */
static bool read_object_info(struct document *document, const json_t *root)
{
	const json_t *oid = json_object_get(root, "oid");
	json_t *watchers = json_object_get(root, "watchers"), *each;
	const char *client;

	if (!oid || !json_is_object(watchers))
		return false;
	json_object_foreach(watchers, client, each)
	        add_watch(document, each, log_span_gid(span_of(client)), address_of(document, json_object_get(each, "addr")),
	                  text_of(oid, "oid"), "timeout_seconds");
	return true;
}

/* [{"object": "rbd_header.ID", "entity_name": {"type": "client", "num": 4167}, "cookie": …, "timeout": 30, "entity_addr_t":
 * ADDRESS}]: an OSD's dump_watchers */
static bool read_dump_watchers(struct document *document, const json_t *root)
{
	const json_t *each;
	size_t i;
	bool known = false;

	json_array_foreach(root, i, each) if (json_object_get(each, "entity_name") && json_object_get(each, "cookie"))
	{
		add_watch(document, each, number_of(json_object_get(each, "entity_name"), "num"),
		          address_of(document, json_object_get(each, "entity_addr_t")), text_of(each, "object"), "timeout");
		known = true;
	}
	return known;
}

static void add_lock(struct document *document, const char *client, const char *id, const char *address)
{
	struct event event = { .fact = FACT_lock_logged };

	if (strncmp(id, "auto ", strlen("auto "))) /* not librbd's own: taken by hand, it fences nobody */
		return;
	id += strlen("auto ");
	event.lock = (struct lock_logged){ .what = LOCK_LISTED,
		                           .gid = log_span_gid(span_of(client)),
		                           .cookie = log_span_number(span_of(id)),
		                           .address = document_keep(document, address),
		                           .device = "" };
	document_add(document, &event);
}

/* [{"id": "auto …", "locker": "client.N", "address": …}]; before 14 {"auto …": {"locker": …, "address": …}} */
static bool read_lock_ls(struct document *document, const json_t *root)
{
	const char *id;
	json_t *each;
	size_t i;
	bool known = false;

	json_array_foreach(root, i, each) if (json_object_get(each, "locker"))
	{
		add_lock(document, text_of(each, "locker"), text_of(each, "id"), text_of(each, "address"));
		known = true;
	}
	json_object_foreach((json_t *)root, id, each) if (json_object_get(each, "locker"))
	{
		add_lock(document, text_of(each, "locker"), id, text_of(each, "address"));
		known = true;
	}
	return known;
}

/* rados lock info: {"name": "rbd_lock", "lockers": [{"name": "client.N", "cookie": "auto …", "addr": …}]} */
static bool read_lock_info(struct document *document, const json_t *root)
{
	const json_t *lockers = json_object_get(root, "lockers"), *each;
	size_t i;

	if (strcmp(text_of(root, "name"), "rbd_lock"))
		return false;
	json_array_foreach(lockers, i, each)
	        add_lock(document, text_of(each, "name"), text_of(each, "cookie"), text_of(each, "addr"));
	return true;
}

static void add_timeout(struct document *document, uint64_t seconds)
{
	struct event event = { .fact = FACT_watch_timeout, .timeout = { (uint32_t)seconds } };

	if (seconds && seconds <= UINT32_MAX)
		document_add(document, &event);
}

#define WATCH_TIMEOUT "osd_client_watch_timeout"

/* config show, config get: {"osd_client_watch_timeout": "30", …}; config dump: [{"name": …, "value": "30"}] */
static bool read_config(struct document *document, const json_t *root)
{
	const json_t *each;
	size_t i;
	bool known = json_object_get(root, WATCH_TIMEOUT);

	if (known)
		add_timeout(document, number_of(root, WATCH_TIMEOUT));
	json_array_foreach(root, i, each) if (json_object_get(each, "section") && json_object_get(each, "name"))
	{
		if (!strcmp(text_of(each, "name"), WATCH_TIMEOUT))
			add_timeout(document, number_of(each, "value"));
		known = true;
	}
	return known;
}

static bool read_ops(struct document *document, const json_t *root)
{
	return log_ops_read(root, document->zone, document->source, document->list);
}

/* One row per kind; the first that knows the document counts. */
static const struct {
	const char *kind;
	bool (*read)(struct document *document, const json_t *root);
} readers[] = {
	{ "ceph-blocklist-ls", read_blocklist }, { "ceph-osd-dump", read_osd_dump },
	{ "ceph-osd-perf", read_osd_perf },      { "object-info", read_object_info },
	{ "rbd-status", read_rbd_status },       { "rbd-lock-ls", read_lock_ls },
	{ "rbd-lock-ls", read_lock_info },       { "ceph-config", read_config },
	{ "rbd-status", read_dump_watchers },    { "ceph-osd-ops", read_ops },
};

static const char *read_one(struct document *document, const json_t *root)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (readers[i].read(document, root))
			return readers[i].kind;
	return NULL;
}

/* "listed 2 entries" is what `blocklist ls` says on stderr, before or behind. */
static size_t skip(const char *text, size_t length)
{
	static const char listed[] = "listed ";
	size_t at = 0;

	for (;;) {
		at += text_run(text + at, length - at, " \t\r\n");
		if (length - at < sizeof(listed) || memcmp(text + at, listed, sizeof(listed) - 1))
			return at;
		while (at < length && text[at] != '\n')
			at++;
	}
}

bool log_document_recognise(const char *head, size_t length)
{
	size_t at = skip(head, length);

	if (at < length && head[at] == '{')
		return true;
	if (python_begins(head + at, length - at))
		return true;
	if (at == length || head[at] != '[')
		return false;
	at++;
	at += text_run(head + at, length - at, " \t\r\n");
	return at == length || head[at] == '{' || head[at] == ']' || head[at] == '"';
}

const char *log_document_in(const char *text, size_t length, size_t line)
{
	size_t marks = unwrap_marks(text, line);
	const char *arrow = memmem(text + marks, line - marks, "=> ", 3);

	if (log_document_recognise(text + marks, length - marks))
		return text + marks;
	return arrow && arrow + 3 < text + line && char_in(arrow[3], "[{") ? arrow + 3 : NULL;
}

/* Numbers of 64 bits without a sign (an auid, an owner) do not fit jansson's: those of more than 18 digits are quoted, and
 * number_of reads them all the same. `into` has room for it. Stops once it has written `stop` bytes; returns how many it took. */
static size_t quote_numbers(const char *text, size_t length, char *into, size_t stop, size_t *written)
{
	bool inside = false;
	size_t at = 0;

	for (*written = 0; at < length && *written < stop;) {
		size_t digits = inside ? 0 : text_run(text + at, length - at, DECIMAL), take = digits ? digits : 1;
		bool quote = digits > 18 && at && strchr(" \t\n:,[", text[at - 1] ?: 'x');

		if (inside && text[at] == '\\' && at + 1 < length)
			take = 2;
		else if (text[at] == '"')
			inside = !inside;
		if (quote)
			into[(*written)++] = '"';
		memcpy(into + *written, text + at, take);
		*written += take;
		if (quote)
			into[(*written)++] = '"';
		at += take;
	}
	return at;
}

static json_t *load_python(const char *text, size_t length, size_t *used)
{
	struct text_buffer json = { 0 };
	json_t *root;

	*used = python_to_json(text, length, &json);
	root = *used ? json_loadb(json.text, json.length, 0, NULL) : NULL;
	free(json.text);
	return root;
}

/* One JSON value, and how much of the text it takes. NULL: it is damaged. */
static json_t *load_one(const char *text, size_t length, size_t *used)
{
	json_error_t error;
	json_t *root = json_loadb(text, length, JSON_DISABLE_EOF_CHECK, &error);
	char *quoted;
	size_t written;

	*used = (size_t)error.position;
	if (root)
		return root;
	if (json_error_code(&error) != json_error_numeric_overflow)
		return load_python(text, length, used);
	quoted = xmalloc(length + length / 8 + 8);
	quote_numbers(text, length, quoted, SIZE_MAX, &written);
	root = json_loadb(quoted, written, JSON_DISABLE_EOF_CHECK, &error);
	if (root)
		*used = quote_numbers(text, length, quoted, (size_t)error.position, &written);
	free(quoted);
	return root;
}

json_t *log_document_next(const char *text, size_t length, size_t *at)
{
	json_t *root = NULL;
	size_t taken;

	*at += skip(text + *at, length - *at);
	if (*at < length)
		root = load_one(text + *at, length - *at, &taken);
	if (root)
		*at += taken;
	return root;
}

void log_document_read(const char *text, size_t length, const struct stamp_zone *zone, const struct source *source,
                       struct event_list *list, struct log_documents *documents)
{
	struct document document = { .zone = zone, .source = source, .list = list };
	bool empty = true;
	json_t *root;
	size_t at = 0;

	documents->kind = NULL;
	documents->used = 0;
	while ((root = log_document_next(text, length, &at))) {
		const char *found = read_one(&document, root);

		empty &= json_is_array(root) && !json_array_size(root);
		json_decref(root);
		if (!found)
			documents->other(documents->arg, text + documents->used, at - documents->used);
		documents->kind = documents->kind ?: found;
		documents->used = at;
	}
	documents->whole = at == length;
	if (empty && documents->used) /* [][]: nobody is fenced */
		documents->kind = "ceph-blocklist-ls";
}
