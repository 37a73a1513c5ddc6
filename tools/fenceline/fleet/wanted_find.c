/* SPDX-License-Identifier: MIT */
#include "fleet/wanted_find.h"
#include "fleet/wanted_where.h"
#include "model/address.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <arpa/inet.h>

#define ROUNDS 3 /* a victim's address leads to its process, that to its UUID, that to its successor */

static int add_vm(struct wanted *wanted, const json_t *row)
{
	int error = wanted_add_text(&wanted->uuids, &wanted->uuid_count, row_text(row, "uuid"));

	return error ? error : wanted_add_text(&wanted->vms, &wanted->vm_count, row_text(row, "vm"));
}

/* A client as an address names it; without a nonce it is all clients of the IP. */
static int add_address(struct wanted *wanted, const char *text)
{
	struct address address;
	char ip[INET6_ADDRSTRLEN];

	if (!address_parse(text, &address) || !inet_ntop(address.family, address.ip, ip, sizeof ip))
		return 0;
	return wanted_add_client(wanted, ip, (int64_t)address.nonce, !address.has_nonce || !address.nonce);
}

static int take_happened(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	int64_t nonce = row_number(row, "client_nonce");
	int error = wanted_add_moment(wanted, row_number(row, "ts_ns"));

	if (!error)
		error = wanted_add_process(wanted, row_text(row, "host"), row_number(row, "pid"));
	if (!error)
		error = add_vm(wanted, row);
	if (!error && nonce)
		error = wanted_add_client(wanted, row_text(row, "client_ip"), nonce, false);
	if (!error && row_number(row, "is_range"))
		error = wanted_add_text(&wanted->ranges, &wanted->range_count, row_text(row, "target"));
	else if (!error)
		error = add_address(wanted, row_text(row, "target"));
	return error ? error : add_address(wanted, row_text(row, "from_address")); /* the monitors know who sent the command */
}

/* ping_sample: overdue ones. */
static const char happened[] =
        "SELECT host, pid, client_ip, client_nonce, vm, uuid, ts_ns, "
        "visitParamExtractString(fields, 'from_address') AS from_address, if(event IN ('blocklist', 'audit_blocklist'), "
        "visitParamExtractString(fields, 'target'), '') AS target, visitParamExtractUInt(fields, 'range') AS is_range "
        "FROM {db}.events WHERE event IN ('blocklist', 'audit_blocklist', 'watch_error', 'io_eshutdown', 'io_failure', "
        "'lock_break_begin', "
        "'ping_sample', 'watch_logged', 'process_stalled') AND (event != 'ping_sample' OR rare = 1) AND " QUERY_WATCH_BROKEN
        " AND ";

static int find_happened(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs(happened, query.stream);
	where_days(wanted, &query);
	fprintf(query.stream,
	        " AND (slot BETWEEN %" PRId64 " AND %" PRId64 " AND ts_ns BETWEEN %" PRId64 " AND %" PRId64 " OR slot = 0)",
	        wanted->since_ns / SLOT_NS, wanted->until_ns / SLOT_NS, wanted->since_ns, wanted->until_ns);
	/* One of a kind in ten minutes tells enough. */
	fputs(" ORDER BY ts_ns LIMIT 1 BY event, slot, host, pid, client_ip, client_nonce, vm, uuid, target", query.stream);
	return query_rows(&query, store, take_happened, wanted);
}

static int take_process(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	int error = wanted_add_process(wanted, row_text(row, "host"), row_number(row, "pid"));

	if (!error && row_number(row, "client_nonce"))
		error = wanted_add_client(wanted, row_text(row, "client_ip"), row_number(row, "client_nonce"), false);
	if (!error)
		error = wanted_add_text(&wanted->image_ids, &wanted->image_id_count, row_text(row, "image_id"));
	return error ? error : add_vm(wanted, row);
}

/* How many of each have been asked about. */
struct asked {
	size_t processes, clients, uuids;
};

static bool all_asked(const struct wanted *wanted, const struct asked *asked)
{
	return asked->processes == wanted->process_count && asked->clients == wanted->client_count &&
	       asked->uuids == wanted->uuid_count;
}

/* States are nearly all that a store holds. Processes are in its key. Else one column alone is read of every state, and the
 * others only where that one fits: a number's is read ten times as fast as a pair's. */
enum by { BY_PROCESS, BY_NONCE, BY_IP, BY_UUID, BYS };

static void first_read(const struct wanted *wanted, const struct asked *asked, enum by by, struct query *query)
{
	switch (by) {
	case BY_NONCE:
		where_nonces(wanted, query, asked->clients);
		break;
	case BY_IP:
		where_hosts(wanted, query, asked->clients);
		break;
	case BY_UUID:
		where_texts(query, "uuid", "", wanted->uuids, asked->uuids, wanted->uuid_count);
		break;
	default:
		break;
	}
}

static bool nothing_new(const struct wanted *wanted, const struct asked *asked, enum by by)
{
	size_t any = 0, named = 0;

	for (size_t i = asked->clients; i < wanted->client_count; i++)
		wanted->clients[i].any_nonce ? any++ : named++;
	return !(by == BY_PROCESS ? wanted->process_count - asked->processes
	         : by == BY_NONCE ? named
	         : by == BY_IP    ? any
	                          : wanted->uuid_count - asked->uuids);
}

/* What is found is added to what is wanted: `asked` says where that begins. */
static int find_processes_by(struct wanted *wanted, struct store *store, const struct asked *asked, enum by by)
{
	struct query query;

	if (nothing_new(wanted, asked, by))
		return 0;
	if (query_begin(&query))
		return -ENOMEM;
	fprintf(query.stream, "SELECT DISTINCT host, pid, client_ip, client_nonce, vm, uuid, image_id FROM {db}.events %s ",
	        by == BY_PROCESS ? "" : "PREWHERE");
	first_read(wanted, asked, by, &query);
	fputs(" WHERE event IN ('state', 'client_connect', 'image_open') AND ", query.stream);
	where_time(wanted, &query);
	if (by == BY_NONCE) {
		fputs(" AND ", query.stream);
		where_addresses(wanted, &query, asked->clients);
	} else if (by == BY_PROCESS) {
		fputs(" AND ", query.stream);
		where_some_processes(wanted, &query, asked->processes, wanted->process_count);
	}
	return query_rows(&query, store, take_process, wanted);
}

static int find_processes(struct wanted *wanted, struct store *store)
{
	struct asked asked = { 0, 0, 0 };
	int error = 0;

	for (int i = 0; !error && i < ROUNDS && !all_asked(wanted, &asked); i++) {
		struct asked now = { wanted->process_count, wanted->client_count, wanted->uuid_count };
		for (enum by by = BY_PROCESS; !error && by < BYS; by++)
			error = find_processes_by(wanted, store, &asked, by);
		asked = now;
	}
	return error;
}

/* Who took snapshots of the images, or looked at their locks: each command is a process of its own. */
static int find_callers(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid FROM {db}.events WHERE ", query.stream);
	where_time(wanted, &query);
	fputs(" AND (event = 'snapshot_begin' AND ", query.stream);
	where_texts(&query, "image_id", "", wanted->image_ids, 0, wanted->image_id_count);
	fputs(" OR event IN ('header_op', 'watchers_listed') AND ", query.stream);
	where_texts(&query, "visitParamExtractString(fields, 'oid')", "rbd_header.", wanted->image_ids, 0,
	            wanted->image_id_count);
	fputc(')', query.stream);
	return query_rows(&query, store, wanted_take, wanted);
}

static int take_former(json_t *row, void *arg)
{
	int error = take_process(row, arg);

	return error ? error : wanted_add_moment(arg, row_number(row, "ts_ns"));
}

/* A client may be fenced long after it was gone. */
static int find_former(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (!wanted->client_count)
		return 0;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT host, pid, client_ip, client_nonce, vm, uuid, image_id, ts_ns FROM {db}.events WHERE event IN "
	      "('client_connect', "
	      "'client_shutdown') AND day >= ",
	      query.stream);
	query_day(&query, wanted->since_ns - DAY_NS);
	fprintf(query.stream, " AND ts_ns <= %" PRId64 " AND ", wanted->until_ns);
	where_clients(wanted, &query);
	fputs(" ORDER BY ts_ns DESC LIMIT 1 BY event, host, pid, client_ip, client_nonce", query.stream);
	return query_rows(&query, store, take_former, wanted);
}

static int take_in_range(json_t *row, void *arg)
{
	struct wanted *wanted = arg;
	struct address address;
	char text[128];

	snprintf(text, sizeof text, strchr(row_text(row, "client_ip"), ':') ? "[%s]:0/1" : "%s:0/1", row_text(row, "client_ip"));
	if (!address_parse(text, &address))
		return 0;
	for (size_t i = 0; i < wanted->range_count; i++)
		if (address_in_range(&address, wanted->ranges[i]))
			return wanted_add_client(wanted, row_text(row, "client_ip"), 0, true);
	return 0;
}

static int find_in_ranges(struct wanted *wanted, struct store *store)
{
	struct query query;

	if (!wanted->range_count)
		return 0;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT client_ip FROM {db}.events WHERE event IN ('state', 'client_connect') AND ", query.stream);
	where_time(wanted, &query);
	return query_rows(&query, store, take_in_range, wanted);
}

/* A VM or an image that was named is wanted whether something happened to it or not. */
static int find_named(struct wanted *wanted, struct store *store)
{
	const char *image = wanted->image ? strrchr(wanted->image, '/') : NULL;
	struct query query;

	if (!wanted->vm && !wanted->image)
		return 0;
	for (int64_t slot = wanted->since_ns / SLOT_NS; slot <= wanted->until_ns / SLOT_NS; slot++)
		if (wanted_add_slot(wanted, (uint32_t)slot))
			return -ENOMEM;
	if (query_begin(&query))
		return -ENOMEM;
	fputs("SELECT DISTINCT host, pid, client_ip, client_nonce, vm, uuid, image_id FROM {db}.events WHERE event IN ('state', "
	      "'client_connect', 'image_open') "
	      "AND ",
	      query.stream);
	where_time(wanted, &query);
	if (wanted->vm)
		query_vm(&query, wanted->vm);
	if (wanted->image) {
		fputs(" AND (image_id = ", query.stream);
		query_text(&query, wanted->image);
		fputs(" OR image = ", query.stream);
		query_text(&query, image ? image + 1 : wanted->image);
		fputc(')', query.stream);
	}
	return query_rows(&query, store, take_process, wanted);
}

int wanted_find(struct wanted *wanted, struct store *store)
{
	int error = find_happened(wanted, store);

	if (!error)
		error = find_in_ranges(wanted, store);
	if (!error)
		error = find_named(wanted, store);
	if (!error)
		error = find_former(wanted, store);
	if (!error)
		error = find_processes(wanted, store);
	return error ? error : find_callers(wanted, store);
}
