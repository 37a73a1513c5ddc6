/* SPDX-License-Identifier: MIT */
#include "ingest/log_fill.h"

#include "ingest/log_request.h"
#include "ingest/text_in.h"

#include <stdlib.h>
#include <string.h>

struct filling {
	struct event *event;
	const struct log_match *match;
	const struct log_line *line;
	const struct log_origin *origin;
	struct event_list *list;
};

static struct log_span fill_value(const struct filling *fill, enum log_value which)
{
	return fill->match->values[which];
}

static const char *text(const struct filling *fill, struct log_span span)
{
	return event_list_text(fill->list, span.at, span.length);
}

/* Nobody reads more of a line. */
#define WORDS_MOST ((size_t)4096)

static const char *words_of_line(const struct filling *fill)
{
	return event_list_text(fill->list, fill->line->text, strnlen(fill->line->text, WORDS_MOST));
}

static uint64_t trailing_number(struct log_span span)
{
	return log_span_number(span_from(span, span.length - text_digits_at_end(span.at, span.length)));
}

/* "osd.3,osd.7" of "osd.3,mon.a,osd.7", or of "3,7 (REQUEST_SLOW)": only OSDs. */
static const char *osds_of(const struct filling *fill, struct log_span list)
{
	char names[256] = "";
	size_t used = 0;

	for (const char *at = list.at, *end = at + list.length; at < end && used + 32 < sizeof(names);) {
		const char *comma = memchr(at, ',', (size_t)(end - at)) ?: end;
		struct log_span name = { at, (size_t)(comma - at) };

		if (span_begins(name, "osd.") || (*at >= '0' && *at <= '9'))
			used += (size_t)snprintf(
			        names + used, sizeof(names) - used, "%sosd.%llu", used ? "," : "",
			        (unsigned long long)log_span_number(
			                span_begins(name, "osd.") ? (struct log_span){ at + 4, name.length - 4 } : name));
		at = comma + 1;
	}
	return event_list_text(fill->list, names, used);
}

/* The OSD that the line names; else the one that the cluster log quotes; else the one that wrote this log. */
static const char *osd_of(const struct filling *fill)
{
	if (fill_value(fill, VALUE_osd).length)
		return text(fill, fill_value(fill, VALUE_osd));
	if (fill_value(fill, VALUE_store).length) {
		char name[32];

		snprintf(name, sizeof(name), "osd.%llu", (unsigned long long)trailing_number(fill_value(fill, VALUE_store)));
		return event_list_text(fill->list, name, strlen(name));
	}
	if (fill_value(fill, VALUE_osds).length)
		return osds_of(fill, fill_value(fill, VALUE_osds));
	if (span_begins(fill->line->who, "osd."))
		return text(fill, fill->line->who);
	if (fill->match->row->fact == FACT_slow_request && fill->match->row->what == SLOW_OF_CLUSTER)
		return "";
	return event_list_text(fill->list, fill->origin->osd, strlen(fill->origin->osd));
}

/* 0 if there is none, or it is no stamp. */
static int64_t time_of(const struct filling *fill, struct log_span span)
{
	return span.length < 48 ? stamp_of(span.at, span.length, fill->origin->zone->tz) : 0;
}

/* How long it has waited, where the line tells since when. */
static int64_t waited_since(const struct filling *fill)
{
	int64_t since_ns = time_of(fill, fill_value(fill, VALUE_since));

	return since_ns && since_ns < fill->event->ts_ns ? fill->event->ts_ns - since_ns : 0;
}

static bool fill_slow(const struct filling *fill)
{
	struct slow_request *slow = &fill->event->slow;
	struct log_request request = { 0 };

	/* A monitor's and a metadata server's own operations are no I/O of a VM. */
	if (span_begins(fill->line->who, "mds.") || span_begins(fill_value(fill, VALUE_osd), "mon") ||
	    span_begins(fill_value(fill, VALUE_osd), "mds") || span_begins(fill_value(fill, VALUE_osd), "mgr"))
		return false;
	if (fill_value(fill, VALUE_osds).length && !*osds_of(fill, fill_value(fill, VALUE_osds)))
		return false;
	if (fill_value(fill, VALUE_request).at)
		log_request_parse(fill_value(fill, VALUE_request), &request);
	*slow = (struct slow_request){ .osd = osd_of(fill),
		                       .count = fill_value(fill, VALUE_counted).at
		                                        ? trailing_number(fill_value(fill, VALUE_counted))
		                                        : log_span_number(fill_value(fill, VALUE_count)),
		                       .blocked_ns = fill_value(fill, VALUE_since).at
		                                             ? waited_since(fill)
		                                             : log_span_ns(fill_value(fill, VALUE_seconds)),
		                       .gid = request.gid,
		                       .cookie = request.cookie,
		                       .object = text(fill, request.object),
		                       .text = words_of_line(fill) };
	/* a health check that says 0 tells of the time before */
	return slow->count || !(fill_value(fill, VALUE_count).at || fill_value(fill, VALUE_counted).at);
}

static bool fill_watch(const struct filling *fill)
{
	struct watch_logged *watch = &fill->event->watch;
	struct log_request request = { 0 };

	if (fill_value(fill, VALUE_request).at)
		log_request_parse(fill_value(fill, VALUE_request), &request);
	*watch = (struct watch_logged){ .what = (enum watch_words)fill->match->row->what,
		                        .cookie = log_span_number(fill_value(fill, VALUE_cookie)),
		                        .gid = log_span_gid(fill_value(fill, VALUE_client)),
		                        .address = text(fill, fill_value(fill, VALUE_address)),
		                        .object = text(fill, fill_value(fill, VALUE_object)),
		                        .osd = text(fill, fill_value(fill, VALUE_osd)),
		                        .timeout_s = (uint32_t)log_span_number(fill_value(fill, VALUE_timeout)),
		                        .linger = log_span_number(fill_value(fill, VALUE_linger)),
		                        .result = log_span_result(fill_value(fill, VALUE_result)) };
	if (fill_value(fill, VALUE_request).at) {
		watch->cookie = request.cookie;
		watch->gid = request.gid;
		watch->object = text(fill, request.object);
	}
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

static uint8_t op_of(const struct filling *fill)
{
	if (fill_value(fill, VALUE_cmd).at)
		return op_of_cmd(fill_value(fill, VALUE_cmd));
	if (fill_value(fill, VALUE_op).at)
		return op_of_kernel(fill_value(fill, VALUE_op));
	return strstr(fill->match->row->form, "handle_write_object") ? FL_IO_WRITE : FL_IO_OPS;
}

/* What the words alone tell: a guest's disk knows only EIO, and who is blocklisted is told -108. */
static int32_t result_of(const struct filling *fill)
{
	if (fill_value(fill, VALUE_result).at)
		return log_span_result(fill_value(fill, VALUE_result));
	return (fill->match->row->what & ~ROW_ONE_IO) == LAYER_GUEST || fill_value(fill, VALUE_rbd_device).at ? -5 : -108;
}

static struct log_span device_of(const struct filling *fill)
{
	return fill_value(fill, VALUE_rbd_device).length ? fill_value(fill, VALUE_rbd_device) : fill_value(fill, VALUE_device);
}

static bool fill_failure(const struct filling *fill)
{
	struct io_failure *failure = &fill->event->failure;
	int what = fill->match->row->what;

	*failure = (struct io_failure){ .layer = (enum io_layer)(what & ~ROW_ONE_IO),
		                        .io = what & ROW_ONE_IO,
		                        .vm_name = text(fill, fill->line->vm),
		                        .vm_uuid = "",
		                        .device = text(fill, device_of(fill)),
		                        .pool = "",
		                        .image = "",
		                        .op = op_of(fill),
		                        .offset = log_span_number(fill_value(fill, VALUE_offset)),
		                        .length = log_span_number(fill_value(fill, VALUE_length)),
		                        .result = result_of(fill),
		                        .image_id = text(fill, log_request_image_id(fill_value(fill, VALUE_object))),
		                        .address = text(fill, fill_value(fill, VALUE_address)),
		                        .text = words_of_line(fill) };
	if (fill_value(fill, VALUE_sector).at &&
	    __builtin_mul_overflow(log_span_number(fill_value(fill, VALUE_sector)), 512, &failure->offset))
		failure->offset = 0;
	return failure->result != 0;
}

/* The kernel writes client4167. */
static uint64_t owner_of(const struct filling *fill)
{
	struct log_span kernels = fill_value(fill, VALUE_kclient);

	return kernels.length ? trailing_number(kernels) : log_span_gid(fill_value(fill, VALUE_client));
}

static bool fill_lock(const struct filling *fill)
{
	fill->event->lock = (struct lock_logged){ .what = (enum lock_words)fill->match->row->what,
		                                  .gid = owner_of(fill),
		                                  .by_gid = log_span_gid(fill_value(fill, VALUE_by)),
		                                  .cookie = log_span_number(fill_value(fill, VALUE_cookie)),
		                                  .address = text(fill, fill_value(fill, VALUE_address)),
		                                  .result = log_span_result(fill_value(fill, VALUE_result)),
		                                  .device = text(fill, fill_value(fill, VALUE_device)) };
	return true;
}

static bool fill_snapshot(const struct filling *fill)
{
	static const char *const ops[] = { "create", "remove", "rollback", "protect",
		                           "unprotect" }; /* the rows of log_client.c */

	fill->event->snapshot =
	        (struct snapshot_logged){ .op = ops[fill->match->row->what], .snap = text(fill, fill_value(fill, VALUE_snap)) };
	return true;
}

static bool fill_snaps(const struct filling *fill)
{
	struct log_span pg = fill_value(fill, VALUE_pg);

	fill->event->snaps = (struct snaps_logged){ .osd = osd_of(fill),
		                                    .pg = text(fill, pg),
		                                    .pool = pg.length ? log_span_number(pg) : UINT64_MAX,
		                                    .intervals = text(fill, fill_value(fill, VALUE_intervals)),
		                                    .removed = text(fill, fill_value(fill, VALUE_removed)) };
	return true;
}

const char *log_fill_range(struct event_list *list, struct log_span range)
{
	const char *slash = memrchr(range.at, '/', range.length), *end = range.at + range.length, *colon;
	char cidr[80];

	if (span_begins(range, "cidr:"))
		range = (struct log_span){ range.at + 5, range.length - 5 };
	colon = slash ? memrchr(range.at, ':', (size_t)(slash - range.at)) : NULL;
	if (!colon || range.length >= sizeof(cidr) || slash - colon > 6 || (colon > range.at && colon[-1] == ':'))
		return event_list_text(list, range.at, range.length);
	if (*range.at == '[' && colon[-1] == ']')
		snprintf(cidr, sizeof(cidr), "%.*s%.*s", (int)(colon - range.at - 2), range.at + 1, (int)(end - slash), slash);
	else
		snprintf(cidr, sizeof(cidr), "%.*s%.*s", (int)(colon - range.at), range.at, (int)(end - slash), slash);
	return event_list_text(list, cidr, strlen(cidr));
}

static bool fill_entry(const struct filling *fill)
{
	struct log_span target = fill_value(fill, fill_value(fill, VALUE_range).at ? VALUE_range : VALUE_address);
	/* without a port it is a range: an address always has one */
	bool range = fill_value(fill, VALUE_range).at || (target.length && !memchr(target.at, ':', target.length));

	fill->event->entry = (struct blocklist_entry){ .target = range ? log_fill_range(fill->list, target) : text(fill, target),
		                                       .range = range,
		                                       .lifted = fill->match->row->what == LISTED_LIFTED,
		                                       .expires_ns = time_of(fill, fill_value(fill, VALUE_until)) };
	return fill->event->entry.expires_ns || fill->event->entry.lifted;
}

/* A program's own word that it fences, or lifts a fence: as if the audit log said so, but for who it is. */
static bool fill_command(const struct filling *fill)
{
	struct log_span range = fill_value(fill, VALUE_range);
	/* one address has a port */
	bool many = range.length && !memchr(range.at, ':', range.length);

	fill->event->audit = (struct audit_blocklist){ .op = fill->match->row->what == ROW_ADD ? "add" : "rm",
		                                       .target = text(fill, range.at ? range : fill_value(fill, VALUE_address)),
		                                       .range = many,
		                                       .expire_s = -1,
		                                       .from_address = "",
		                                       .entity = "",
		                                       .phase = AUDIT_DISPATCH,
		                                       .result_text = "" };
	return true;
}

static bool fill_latency(const struct filling *fill)
{
	char osd[32];

	snprintf(osd, sizeof(osd), "osd.%llu", (unsigned long long)log_span_number(fill_value(fill, VALUE_count)));
	fill->event->latency = (struct osd_latency){ .osd = event_list_text(fill->list, osd, strlen(osd)),
		                                     .commit_ms = log_span_number(fill_value(fill, VALUE_commit)),
		                                     .apply_ms = log_span_number(fill_value(fill, VALUE_apply)) };
	return true;
}

static bool fill_timeout(const struct filling *fill)
{
	uint64_t seconds = log_span_number(fill_value(fill, VALUE_timeout));

	fill->event->timeout.seconds = (uint32_t)seconds;
	return seconds && seconds <= UINT32_MAX;
}

bool log_fill(struct event *event, const struct log_match *match, const struct log_line *line, const struct log_origin *origin,
              struct event_list *list)
{
	const struct filling fill = { event, match, line, origin, list };

	event->fact = match->row->fact;
	switch (match->row->fact) {
	case FACT_slow_request:
		return fill_slow(&fill);
	case FACT_watch_logged:
		return fill_watch(&fill);
	case FACT_io_failure:
		return fill_failure(&fill);
	case FACT_lock_logged:
		return fill_lock(&fill);
	case FACT_snapshot_logged:
		return fill_snapshot(&fill);
	case FACT_snaptrim:
	case FACT_removed_snaps:
		return fill_snaps(&fill);
	case FACT_blocklist_entry:
		return fill_entry(&fill);
	case FACT_audit_blocklist:
		return fill_command(&fill);
	case FACT_osd_latency:
		return fill_latency(&fill);
	case FACT_watch_timeout:
		return fill_timeout(&fill);
	case FACT_cluster_paused:
		event->paused.what = (enum pause_words)match->row->what;
		return true;
	case FACT_vm_logged: /* what it is is known from the log alone: log.c */
		event->vm = (struct vm_logged){ (enum vm_words)match->row->what, "", "", "", "", "", "", "", "" };
		return true;
	default:
		return false;
	}
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
