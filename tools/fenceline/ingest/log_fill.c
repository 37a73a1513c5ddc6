/* SPDX-License-Identifier: MIT */
#include "ingest/log_fill.h"

#include "ingest/fact_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct log_span value(const struct log_filling *fill, enum log_value which)
{
	return fill->match->values[which];
}

static const char *text(const struct log_filling *fill, struct log_span span)
{
	return event_list_text(fill->list, span.at, span.length);
}

/* Nobody reads more of a line. */
#define WORDS_MOST ((size_t)4096)

static const char *words_of_line(const struct log_filling *fill)
{
	return event_list_text(fill->list, fill->line->text, strnlen(fill->line->text, WORDS_MOST));
}

static uint64_t trailing_number(struct log_span span)
{
	return log_span_number(span_from(span, span.length - text_digits_at_end(span.at, span.length)));
}

/* The number that the field is: a result, how long, whose, or how many. */
static uint64_t number_of(const struct field_row *field, enum log_takes takes, struct log_span span)
{
	if (field->type == FIELD_I32)
		return (uint64_t)log_span_result(span);
	if (takes == TAKES_FRACTION)
		return (uint64_t)log_span_ns(span);
	if (takes == TAKES_WORD || takes == TAKES_TEXT)
		return trailing_number(span);
	return takes == TAKES_CLIENT ? log_span_gid(span) : log_span_number(span);
}

/* What the line says of the field goes into it, and what its row means into `what`. A field of which the line says nothing is 0
 * or "". */
static void fill_field(const struct log_filling *fill, const struct field_row *field)
{
	void *to = fact_field(fill->event, field);
	const struct log_value_row *known = NULL;
	struct log_span span = { 0 };

	for (size_t i = 0; i < VALUES && !known; i++)
		if (value(fill, i).at && log_values[i].field && !strcmp(log_values[i].field, field->name)) {
			known = &log_values[i];
			span = value(fill, i);
		}
	if (field->type == FIELD_STR)
		*(const char **)to = text(fill, span);
	else if (known)
		field_put_number(field, to, number_of(field, known->takes, span));
	else
		field_put_number(field, to, strcmp(field->name, "what") ? 0 : (uint64_t)fill->match->row->what);
}

/* "osd.3,osd.7" of "osd.3,mon.a,osd.7", or of "3,7 (REQUEST_SLOW)": only OSDs. */
static const char *osds_of(const struct log_filling *fill, struct log_span list)
{
	char names[256] = "";
	size_t used = 0;

	for (const char *at = list.at, *end = at + list.length; at < end && used + 32 < sizeof(names);) {
		const char *comma = memchr(at, ',', (size_t)(end - at)) ?: end;
		struct log_span name = { at, (size_t)(comma - at) };
		bool osd = span_begins(name, "osd.");

		if (osd)
			name = span_from(name, strlen("osd."));
		if (osd || char_in(*at, DECIMAL))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%sosd.%llu", used ? "," : "",
			                         (unsigned long long)log_span_number(name));
		at = comma + 1;
	}
	return event_list_text(fill->list, names, used);
}

const char *log_fill_osd(struct event_list *list, uint64_t number)
{
	char name[32];

	snprintf(name, sizeof(name), "osd.%llu", (unsigned long long)number);
	return event_list_text(list, name, strlen(name));
}

/* Of a line that has no {osd}: the one whose folder it names, or several; else the one that the cluster log quotes; else the one
 * that wrote this log. */
static const char *osd_of(const struct log_filling *fill)
{
	if (value(fill, VALUE_store).length)
		return log_fill_osd(fill->list, trailing_number(value(fill, VALUE_store)));
	if (value(fill, VALUE_osds).length)
		return osds_of(fill, value(fill, VALUE_osds));
	if (span_begins(fill->line->who, "osd."))
		return text(fill, fill->line->who);
	if (fill->match->row->fact == FACT_slow_request && fill->match->row->what == SLOW_OF_CLUSTER)
		return "";
	return text(fill, span_of(fill->osd));
}

/* 0 if there is none, or it is no stamp. */
static int64_t time_of(const struct log_filling *fill, struct log_span span)
{
	return span.length < 48 ? stamp_of(span.at, span.length, fill->zone->tz) : 0;
}

static bool fill_slow(const struct log_filling *fill)
{
	struct slow_request *slow = &fill->event->slow;
	int64_t since_ns = time_of(fill, value(fill, VALUE_since));

	/* A monitor's and a metadata server's own operations are no I/O of a VM. */
	if (span_begins(fill->line->who, "mds.") || span_begins(value(fill, VALUE_osd), "mon") ||
	    span_begins(value(fill, VALUE_osd), "mds") || span_begins(value(fill, VALUE_osd), "mgr"))
		return false;
	if (!*slow->osd)
		slow->osd = osd_of(fill);
	if (value(fill, VALUE_osds).length && !*slow->osd)
		return false;
	slow->text = words_of_line(fill);
	if (since_ns && since_ns < fill->event->ts_ns)
		slow->blocked_ns = fill->event->ts_ns - since_ns;
	/* a health check that says 0 tells of the time before */
	return slow->count || !(value(fill, VALUE_count).at || value(fill, VALUE_counted).at);
}

static bool fill_watch(const struct log_filling *fill)
{
	const struct watch_logged *watch = &fill->event->watch;

	return watch->cookie || watch->linger || watch->what == WATCH_FENCED; /* which names the client alone */
}

/* QEMU's enum RBDAIOCmd. */
static uint8_t op_of_cmd(struct log_span cmd)
{
	static const uint8_t ops[] = { FL_IO_READ, FL_IO_WRITE, FL_IO_DISCARD, FL_IO_FLUSH, FL_IO_WRITE_ZEROES };
	uint64_t number = log_span_number(cmd);

	return number < sizeof(ops) ? ops[number] : FL_IO_OPS;
}

/* The kernel's, such as 0x1:(WRITE), or its own client's. */
static uint8_t op_of_kernel(struct log_span op)
{
	static const struct {
		const char *name;
		uint8_t op;
	} names[] = { { "(READ)", FL_IO_READ },
		      { "(WRITE)", FL_IO_WRITE },
		      { "(DISCARD)", FL_IO_DISCARD },
		      { "(WRITE_ZEROES)", FL_IO_WRITE_ZEROES },
		      { "(FLUSH)", FL_IO_FLUSH },
		      { "(WRITE_SAME)", FL_IO_WRITESAME },
		      { "zeroout", FL_IO_WRITE_ZEROES },
		      { "discard", FL_IO_DISCARD },
		      { "read", FL_IO_READ },
		      { "write", FL_IO_WRITE } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (memmem(op.at, op.length, names[i].name, strlen(names[i].name)))
			return names[i].op;
	return FL_IO_OPS;
}

static uint8_t op_of(const struct log_filling *fill)
{
	if (value(fill, VALUE_cmd).at)
		return op_of_cmd(value(fill, VALUE_cmd));
	if (value(fill, VALUE_op).at)
		return op_of_kernel(value(fill, VALUE_op));
	return strstr(fill->match->row->form, "handle_write_object") ? FL_IO_WRITE : FL_IO_OPS;
}

/* What the words alone tell: a guest's disk knows only EIO, and who is blocklisted is told -108. */
static int32_t result_of(const struct log_filling *fill)
{
	if (value(fill, VALUE_result).at)
		return log_span_result(value(fill, VALUE_result));
	return (fill->match->row->what & ~ROW_ONE_IO) == LAYER_GUEST || value(fill, VALUE_rbd_device).at ? -5 : -108;
}

static bool fill_failure(const struct log_filling *fill)
{
	struct io_failure *failure = &fill->event->failure;
	int what = fill->match->row->what;

	failure->layer = (enum io_layer)(what & ~ROW_ONE_IO);
	failure->io = what & ROW_ONE_IO;
	failure->vm_name = text(fill, fill->line->vm);
	failure->op = op_of(fill);
	failure->result = result_of(fill);
	failure->image_id = text(fill, log_request_image_id(value(fill, VALUE_object)));
	failure->text = words_of_line(fill);
	if (value(fill, VALUE_sector).at &&
	    __builtin_mul_overflow(log_span_number(value(fill, VALUE_sector)), 512, &failure->offset))
		failure->offset = 0;
	return failure->result != 0;
}

static bool fill_snapshot(const struct log_filling *fill)
{
	static const char *const ops[] = { "create", "remove", "rollback", "protect",
		                           "unprotect" }; /* the rows of log_client.c */

	fill->event->snapshot.op = ops[fill->match->row->what];
	return true;
}

static bool fill_snaps(const struct log_filling *fill)
{
	struct snaps_logged *snaps = &fill->event->snaps;

	if (!*snaps->osd)
		snaps->osd = osd_of(fill);
	snaps->pool = *snaps->pg ? log_span_number(value(fill, VALUE_pg)) : UINT64_MAX;
	return true;
}

const char *log_fill_range(struct event_list *list, struct log_span range)
{
	const char *slash = memrchr(range.at, '/', range.length), *end = range.at + range.length, *colon;
	char cidr[80];

	if (span_begins(range, "cidr:"))
		range = span_from(range, strlen("cidr:"));
	colon = slash ? memrchr(range.at, ':', (size_t)(slash - range.at)) : NULL;
	if (!colon || range.length >= sizeof(cidr) || slash - colon > 6 || (colon > range.at && colon[-1] == ':'))
		return event_list_text(list, range.at, range.length);
	if (*range.at == '[' && colon[-1] == ']')
		snprintf(cidr, sizeof(cidr), "%.*s%.*s", (int)(colon - range.at - 2), range.at + 1, (int)(end - slash), slash);
	else
		snprintf(cidr, sizeof(cidr), "%.*s%.*s", (int)(colon - range.at), range.at, (int)(end - slash), slash);
	return event_list_text(list, cidr, strlen(cidr));
}

static bool fill_entry(const struct log_filling *fill)
{
	struct blocklist_entry *entry = &fill->event->entry;
	struct log_span target = value(fill, value(fill, VALUE_range).at ? VALUE_range : VALUE_address);

	/* without a port it is a range: an address always has one */
	entry->range = value(fill, VALUE_range).at || (target.length && !memchr(target.at, ':', target.length));
	entry->target = entry->range ? log_fill_range(fill->list, target) : text(fill, target);
	entry->lifted = fill->match->row->what == LISTED_LIFTED;
	entry->expires_ns = time_of(fill, value(fill, VALUE_until));
	return entry->expires_ns || entry->lifted;
}

/* A program's own word that it fences, or lifts a fence: as if the audit log said so, but for who it is. */
static bool fill_command(const struct log_filling *fill)
{
	struct audit_blocklist *audit = &fill->event->audit;
	struct log_span range = value(fill, VALUE_range);

	audit->op = fill->match->row->what == ROW_ADD ? "add" : "rm";
	audit->target = text(fill, range.at ? range : value(fill, VALUE_address));
	audit->range = range.length && !memchr(range.at, ':', range.length); /* one address has a port */
	audit->expire_s = -1;
	audit->phase = AUDIT_DISPATCH;
	return true;
}

static bool fill_latency(const struct log_filling *fill)
{
	fill->event->latency.osd = log_fill_osd(fill->list, log_span_number(value(fill, VALUE_count)));
	return true;
}

static bool fill_timeout(const struct log_filling *fill)
{
	uint64_t seconds = log_span_number(value(fill, VALUE_timeout));

	fill->event->timeout.seconds = (uint32_t)seconds;
	return seconds && seconds <= UINT32_MAX;
}

/* What is said by more than the values alone. Which VM it is, is known from the log, log_line.c. */
static bool (*const fills[FACT_COUNT])(const struct log_filling *fill) = {
	[FACT_slow_request] = fill_slow,        [FACT_watch_logged] = fill_watch,      [FACT_io_failure] = fill_failure,
	[FACT_snapshot_logged] = fill_snapshot, [FACT_snaptrim] = fill_snaps,          [FACT_removed_snaps] = fill_snaps,
	[FACT_blocklist_entry] = fill_entry,    [FACT_audit_blocklist] = fill_command, [FACT_osd_latency] = fill_latency,
	[FACT_watch_timeout] = fill_timeout,
};

bool log_fill(const struct log_filling *fill)
{
	enum fact fact = fill->match->row->fact;
	const struct event_row *row;

	if (fact == FACT_COUNT)
		return false;
	fill->event->fact = fact;
	row = fact_row(fact);
	for (size_t i = 0; i < row->count; i++)
		fill_field(fill, &row->fields[i]);
	return !fills[fact] || fills[fact](fill);
}

bool log_fill_named_watch(const struct event *slow, struct event *named)
{
	if (slow->fact != FACT_slow_request || !slow->slow.cookie || !*slow->slow.object)
		return false;
	*named = (struct event){ .ts_ns = slow->ts_ns, .fact = FACT_watch_logged, .source = slow->source, .line = slow->line };
	named->watch = (struct watch_logged){ .what = WATCH_NAMED,
		                              .cookie = slow->slow.cookie,
		                              .gid = slow->slow.gid,
		                              .address = "",
		                              .object = slow->slow.object,
		                              .osd = slow->slow.osd };
	return true;
}
