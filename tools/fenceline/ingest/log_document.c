/* SPDX-License-Identifier: MIT */
#include "ingest/log_document.h"

#include "ingest/fact_fields.h"
#include "ingest/log_fill.h"

#include <stdio.h>
#include <string.h>

#define COMPLAINT_S 30.0      /* osd_op_complaint_time */
#define LONGEST_S   1000000.0 /* no operation waits for ten days */

/* A number, also one written as text. */
static uint64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	return text ? log_span_number(span_of(text)) : 0;
}

static int64_t time_of(const struct log_documents *documents, const char *text)
{
	return stamp_of(text, strlen(text), documents->zone->tz);
}

static void document_add(struct log_documents *documents, struct event *event)
{
	event->ts_ns = documents->ts_ns;
	event->source = documents->source;
	event_list_add(documents->list, event);
}

static void add_entry(struct log_documents *documents, const char *address, bool range, const char *until)
{
	struct event event = { .fact = FACT_blocklist_entry };

	if (!*address)
		return;
	event.entry = (struct blocklist_entry){ .target = range ? log_fill_range(documents->list, span_of(address)) : address,
		                                .range = range,
		                                .expires_ns = time_of(documents, until) };
	document_add(documents, &event);
}

/* {"type": "any", "addr": "10.0.0.9:0", "nonce": 77}: how an OSD dumps an address; "" if it is none. */
static const char *address_of(struct log_documents *documents, const json_t *addr)
{
	char address[160];

	if (!*log_json_text(addr, "addr"))
		return "";
	snprintf(address, sizeof(address), "%s/%llu", log_json_text(addr, "addr"), (unsigned long long)number_of(addr, "nonce"));
	return event_list_text(documents->list, address, strlen(address));
}

/* {"entity_addr_t": ADDRESS, "expire_time": …}: an OSD's dump_blocklist. Its dump_watchers has the same address, and no time. */
static bool add_entry_of_osd(struct log_documents *documents, const json_t *entry)
{
	const json_t *addr = json_object_get(entry, "entity_addr_t");

	if (!addr || !json_object_get(entry, "expire_time"))
		return false;
	add_entry(documents, address_of(documents, addr), !strcmp(log_json_text(addr, "type"), "cidr"),
	          log_json_text(entry, "expire_time"));
	return true;
}

/* [{"addr": …, "until": …}] and then [{"range": …, "until": …}] */
static bool add_listed(struct log_documents *documents, const json_t *entry)
{
	const char *until = log_json_text(entry, "until");
	bool known = add_entry_of_osd(documents, entry);

	if (!json_object_get(entry, "until"))
		return known;
	add_entry(documents, log_json_text(entry, "addr"), false, until);
	add_entry(documents, log_json_text(entry, "range"), true, until);
	return true;
}

static void read_entries(struct log_documents *documents, const json_t *entries, bool range)
{
	const char *address;
	json_t *until;

	json_object_foreach((json_t *)entries, address, until)
	        add_entry(documents, address, range, json_string_value(until) ?: "");
}

/* The map's age is the time of what it says. `ceph report` has the map one level deeper. */
static bool read_osd_dump(struct log_documents *documents, const json_t *root)
{
	struct event paused = { .fact = FACT_cluster_paused, .paused = { PAUSE_BEGAN } };

	root = json_object_get(root, "osdmap") ?: root;
	if (!json_object_get(root, "epoch") || !json_object_get(root, "pools"))
		return false;
	if (strstr(log_json_text(root, "flags"), "pauserd")) /* when the flag was set is not in it */
		document_add(documents, &paused);
	documents->ts_ns = time_of(documents, log_json_text(root, "modified"));
	read_entries(documents, json_object_get(root, "blacklist"), false); /* before 16 */
	read_entries(documents, json_object_get(root, "blocklist"), false);
	read_entries(documents, json_object_get(root, "range_blocklist"), true);
	documents->ts_ns = 0;
	return true;
}

/* From 14 on one level deeper. */
static bool read_osd_perf(struct log_documents *documents, const json_t *root)
{
	const json_t *outer = json_object_get(root, "osd_perf_infos") ? root : json_object_get(root, "osdstats");
	const json_t *infos = json_object_get(outer, "osd_perf_infos"), *each;
	size_t i;

	json_array_foreach(infos, i, each)
	{
		const json_t *stats = json_object_get(each, "perf_stats");
		struct event event = { .fact = FACT_osd_latency };

		event.latency =
		        (struct osd_latency){ log_fill_osd(documents->list, number_of(each, "id")),
			                      number_of(stats, "commit_latency_ms"), number_of(stats, "apply_latency_ms") };
		document_add(documents, &event);
	}
	return json_is_array(infos);
}

/* One of a list of watchers: `watcher` has its cookie and, by the key `timeout`, that. */
static void add_watch(struct log_documents *documents, const json_t *watcher, uint64_t gid, const char *address,
                      const char *object, const char *timeout)
{
	struct event event = { 0 };

	fact_clear(&event, FACT_watch_logged);
	event.watch.what = WATCH_LISTED;
	event.watch.cookie = number_of(watcher, "cookie");
	event.watch.gid = gid;
	event.watch.address = address;
	event.watch.object = object;
	event.watch.timeout_s = (uint32_t)number_of(watcher, timeout);
	if (event.watch.cookie)
		document_add(documents, &event);
}

/* {"address": "10.0.0.2:0/7", "client": 4123, "cookie": 93825} */
static void add_watcher(struct log_documents *documents, const json_t *watcher)
{
	add_watch(documents, watcher, number_of(watcher, "client"), log_json_text(watcher, "address"), "", NULL);
}

static bool read_rbd_status(struct log_documents *documents, const json_t *root)
{
	json_t *watchers = json_object_get(root, "watchers"), *each;
	const char *name;
	size_t i;

	if (!watchers || json_object_get(root, "oid"))
		return false;
	json_array_foreach(watchers, i, each) add_watcher(documents, each);
	json_object_foreach(watchers, name, each) /* before 14 */
	        add_watcher(documents, each);
	return true;
}

/* "client.8079633": {"cookie": …, "timeout_seconds": 30, "addr": {"nonce": 3613298630, "addr": "127.0.0.1:0"}} */
static bool read_object_info(struct log_documents *documents, const json_t *root)
{
	const json_t *oid = json_object_get(root, "oid");
	json_t *watchers = json_object_get(root, "watchers"), *each;
	const char *client;

	if (!oid || !json_is_object(watchers))
		return false;
	json_object_foreach(watchers, client, each)
	        add_watch(documents, each, log_span_gid(span_of(client)), address_of(documents, json_object_get(each, "addr")),
	                  log_json_text(oid, "oid"), "timeout_seconds");
	return true;
}

/* [{"object": "rbd_header.ID", "entity_name": {"type": "client", "num": 4167}, "cookie": …, "timeout": 30, "entity_addr_t":
 * ADDRESS}]: an OSD's dump_watchers */
static bool add_watcher_of_osd(struct log_documents *documents, const json_t *watcher)
{
	const json_t *name = json_object_get(watcher, "entity_name");

	if (!name || !json_object_get(watcher, "cookie"))
		return false;
	add_watch(documents, watcher, number_of(name, "num"), address_of(documents, json_object_get(watcher, "entity_addr_t")),
	          log_json_text(watcher, "object"), "timeout");
	return true;
}

static void add_lock(struct log_documents *documents, const char *client, const char *id, const char *address)
{
	struct event event = { .fact = FACT_lock_logged };

	if (strncmp(id, "auto ", strlen("auto "))) /* not librbd's own: taken by hand, it fences nobody */
		return;
	id += strlen("auto ");
	event.lock = (struct lock_logged){ .what = LOCK_LISTED,
		                           .gid = log_span_gid(span_of(client)),
		                           .cookie = log_span_number(span_of(id)),
		                           .address = address,
		                           .device = "" };
	document_add(documents, &event);
}

static bool add_locker(struct log_documents *documents, const char *id, const json_t *lock)
{
	if (!json_object_get(lock, "locker"))
		return false;
	add_lock(documents, log_json_text(lock, "locker"), id, log_json_text(lock, "address"));
	return true;
}

/* [{"id": "auto …", "locker": "client.N", "address": …}]; before 14 {"auto …": {"locker": …, "address": …}} */
static bool read_lock_ls(struct log_documents *documents, const json_t *root)
{
	const char *id;
	json_t *each;
	size_t i;
	bool known = false;

	json_array_foreach(root, i, each) known |= add_locker(documents, log_json_text(each, "id"), each);
	json_object_foreach((json_t *)root, id, each) known |= add_locker(documents, id, each);
	return known;
}

/* rados lock info: {"name": "rbd_lock", "lockers": [{"name": "client.N", "cookie": "auto …", "addr": …}]} */
static bool read_lock_info(struct log_documents *documents, const json_t *root)
{
	const json_t *lockers = json_object_get(root, "lockers"), *each;
	size_t i;

	if (strcmp(log_json_text(root, "name"), "rbd_lock"))
		return false;
	json_array_foreach(lockers, i, each)
	        add_lock(documents, log_json_text(each, "name"), log_json_text(each, "cookie"), log_json_text(each, "addr"));
	return true;
}

static void add_timeout(struct log_documents *documents, uint64_t seconds)
{
	struct event event = { .fact = FACT_watch_timeout, .timeout = { (uint32_t)seconds } };

	if (seconds && seconds <= UINT32_MAX)
		document_add(documents, &event);
}

/* config show, config get: {"osd_client_watch_timeout": "30", …} */
static bool read_config(struct log_documents *documents, const json_t *root)
{
	if (!json_object_get(root, WATCH_TIMEOUT))
		return false;
	add_timeout(documents, number_of(root, WATCH_TIMEOUT));
	return true;
}

/* config dump: [{"section": …, "name": …, "value": "30"}] */
static bool add_setting(struct log_documents *documents, const json_t *setting)
{
	if (!json_object_get(setting, "section") || !json_object_get(setting, "name"))
		return false;
	if (!strcmp(log_json_text(setting, "name"), WATCH_TIMEOUT))
		add_timeout(documents, number_of(setting, "value"));
	return true;
}

/* {"description": "osd_op(client.4167.0:30 …", "initiated_at": …, "age": 45.2, "duration": 45.2}: `age` is since it began, also
 * of one that has ended. */
static void add_op(struct log_documents *documents, const json_t *op)
{
	const char *description = log_json_text(op, "description");
	double seconds = json_number_value(json_object_get(op, "duration"));
	struct log_span values[VALUES] = { 0 };
	struct event event = { .fact = FACT_slow_request, .source = documents->source }, named;

	if (seconds < COMPLAINT_S || seconds > LONGEST_S || strncmp(description, "osd_op(", strlen("osd_op(")) != 0)
		return;
	log_request_parse(span_of(description), values);
	event.slow = (struct slow_request){ .osd = "",
		                            .count = 1,
		                            .blocked_ns = (int64_t)(seconds * 1e6) * 1000,
		                            .gid = log_span_gid(values[VALUE_client]),
		                            .cookie = log_span_number(values[VALUE_cookie]),
		                            .object = event_list_text(documents->list, values[VALUE_object].at,
		                                                      values[VALUE_object].length),
		                            .text = description };
	event.ts_ns = time_of(documents, log_json_text(op, "initiated_at"));
	event.ts_ns += event.ts_ns ? event.slow.blocked_ns : 0;
	event_list_add(documents->list, &event);
	if (log_fill_named_watch(&event, &named))
		event_list_add(documents->list, &named);
}

/* What an OSD's dump_ops_in_flight, dump_blocked_ops and dump_historic_slow_ops print. Each operation that took so long that an
 * OSD complains becomes a slow request, and the watch that it names. Which OSD it was is not told. */
static bool read_ops(struct log_documents *documents, const json_t *root)
{
	const json_t *ops = json_object_get(root, "ops") ?: json_object_get(root, "Ops"), *op; /* before 14 */
	size_t i;

	if (!json_is_array(ops) ||
	    (!json_object_get(root, "num_ops") && !json_object_get(json_array_get(ops, 0), "initiated_at")))
		return false;
	json_array_foreach(ops, i, op) add_op(documents, op);
	return true;
}

/* One row per kind; the first that knows the document counts. A list is known by any of its members. */
static const struct {
	const char *kind;
	bool (*read)(struct log_documents *documents, const json_t *root);
	bool (*member)(struct log_documents *documents, const json_t *member);
} readers[] = {
	{ "ceph-blocklist-ls", .member = add_listed },
	{ "ceph-osd-dump", read_osd_dump },
	{ "ceph-osd-perf", read_osd_perf },
	{ "object-info", read_object_info },
	{ "rbd-status", read_rbd_status },
	{ "rbd-lock-ls", read_lock_ls },
	{ "rbd-lock-ls", read_lock_info },
	{ "ceph-config", read_config },
	{ "ceph-config", .member = add_setting },
	{ "rbd-status", .member = add_watcher_of_osd },
	{ "ceph-osd-ops", read_ops },
};

static const char *read_one(struct log_documents *documents, const json_t *root)
{
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		bool known = readers[i].read && readers[i].read(documents, root);
		const json_t *member;
		size_t at;

		if (readers[i].member)
			json_array_foreach(root, at, member) known |= readers[i].member(documents, member);
		if (known)
			return readers[i].kind;
	}
	return NULL;
}

void log_document_read(const char *text, size_t length, struct log_documents *documents)
{
	bool empty = true;
	json_t *root;
	size_t at = 0;

	while ((root = log_json_next(text, length, &at))) {
		const char *found = read_one(documents, root);

		empty &= json_is_array(root) && !json_array_size(root);
		if (!found)
			log_json_strings(root, documents->other, documents->arg);
		json_decref(root);
		documents->kind = documents->kind ?: found;
		documents->used = at;
	}
	documents->whole = at == length;
	if (empty && documents->used) /* [][]: nobody is fenced */
		documents->kind = "ceph-blocklist-ls";
}
