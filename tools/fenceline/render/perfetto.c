/* SPDX-License-Identifier: MIT */
/*
 * `--format perfetto`: the Trace Event Format (JSON) that Perfetto's UI and trace_processor read. A process per VM, threads
 * for the lanes of marks, asynchronous slices for what lasts, counters from the summaries of each second.
 */
#include "render/formats.h"
#include "correlate/senders.h"
#include "render/json_event.h"
#include "render/text.h"
#include "render/trace_event.h"
#include "render/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LANES(L) \
	L(PINGS, "pings") \
	L(WATCH, "watch") \
	L(LOCK, "lock") L(SNAPSHOTS, "snapshots") L(FENCE, "fence") L(OSDS, "OSDs") L(ERRORS, "errors") L(IMAGE, "image")
#define LANE_NUMBER(name, text) LANE_##name,
enum lane { LANES(LANE_NUMBER) LANE_COUNT };
#define LANE_NAME(name, text) text,
static const char *const lane_names[] = { LANES(LANE_NAME) };

/* What lasts, and so has a begin and an end. */
enum span { SPAN_IMAGE, SPAN_LOCK, SPAN_FENCE, SPAN_COUNT };
static const char *const span_names[] = { "image open", "exclusive lock held", "on the blocklist" };

enum keyed { KEYED_WATCH, KEYED_SNAPSHOT }; /* of which several may be open: told apart by cookie or action */

struct open_span {
	enum keyed what;
	uint64_t key;
	const struct timeline_entry *entry;
	uint64_t id;
};

struct writer {
	struct trace_writer to; /* its prefix: the image's name, if its process has several; owned */
	int64_t end_ns;
	/* What the image at hand needs. */
	uint32_t threads[LANE_COUNT];
	const struct view_image *image;
	uint64_t open[SPAN_COUNT];
	struct open_span *spans;
	size_t span_count, span_capacity;
};

/* ---- counters ---- */

static double per_second(uint64_t count, uint64_t span_ns)
{
	return span_ns ? (double)count * (double)NS_PER_S / (double)span_ns : 0;
}

static void put_summary(struct writer *writer, const struct timeline_entry *entry)
{
	const struct io_second *sum = entry->summary;
	int64_t begin_ns = entry->ts_ns - (int64_t)sum->span_ns; /* a counter holds its value from its time on */

	trace_counters(&writer->to, begin_ns, "I/O per second",
	               json_pack("{s:f, s:f, s:f, s:f}", "reads", per_second(sum->reads, sum->span_ns), "writes",
	                         per_second(sum->writes, sum->span_ns), "discards", per_second(sum->discards, sum->span_ns),
	                         "flushes", per_second(sum->flushes, sum->span_ns)));
	trace_counters(&writer->to, begin_ns, "bytes per second",
	               json_pack("{s:f, s:f}", "read", per_second(sum->read_bytes, sum->span_ns), "written",
	                         per_second(sum->write_bytes, sum->span_ns)));
	trace_counters(&writer->to, begin_ns, "I/O",
	               json_pack("{s:f, s:I, s:I}", "slowest ms", (double)sum->max_latency_ns / (double)NS_PER_MS, "in flight",
	                         (json_int_t)sum->inflight, "failed", (json_int_t)sum->errors));
}

/* ---- spans ---- */

static void open_span(struct writer *writer, enum span span, const struct timeline_entry *entry)
{
	if (!writer->open[span])
		writer->open[span] = trace_slice_begin(&writer->to, entry->ts_ns, span_names[span], json_event(entry));
}

static void close_span(struct writer *writer, enum span span, int64_t ts_ns)
{
	if (writer->open[span])
		trace_slice_end(&writer->to, writer->open[span], ts_ns, span_names[span]);
	writer->open[span] = 0;
}

static const char *keyed_name(enum keyed what, const struct timeline_entry *entry, char *buf, size_t size)
{
	if (what == KEYED_WATCH)
		return "watch registered";
	snprintf(buf, size, "snapshot %s", entry->snapshot.call->op);
	return buf;
}

static bool is_open(const struct writer *writer, enum keyed what, uint64_t key)
{
	for (size_t i = 0; i < writer->span_count; i++)
		if (writer->spans[i].what == what && writer->spans[i].key == key)
			return true;
	return false;
}

static void open_keyed(struct writer *writer, enum keyed what, uint64_t key, const struct timeline_entry *entry)
{
	char name[64];

	if (is_open(writer, what, key))
		return;
	if (writer->span_count == writer->span_capacity) {
		size_t capacity = writer->span_capacity ? 2 * writer->span_capacity : 8;
		struct open_span *spans = reallocarray(writer->spans, capacity, sizeof(*spans));
		if (!spans) {
			writer->to.error = -ENOMEM;
			return;
		}
		writer->spans = spans;
		writer->span_capacity = capacity;
	}
	writer->spans[writer->span_count++] =
	        (struct open_span){ what, key, entry,
		                    trace_slice_begin(&writer->to, entry->ts_ns, keyed_name(what, entry, name, sizeof(name)),
		                                      json_event(entry)) };
}

/* key NULL: whatever its key is. */
static void close_keyed(struct writer *writer, enum keyed what, const uint64_t *key, int64_t ts_ns)
{
	char name[64];
	size_t kept = 0;

	for (size_t i = 0; i < writer->span_count; i++) {
		const struct open_span *span = &writer->spans[i];
		if (span->what != what || (key && span->key != *key))
			writer->spans[kept++] = *span;
		else
			trace_slice_end(&writer->to, span->id, ts_ns, keyed_name(what, span->entry, name, sizeof(name)));
	}
	writer->span_count = kept;
}

/* Does the blocklist command name this image's client, rather than having been sent by it? */
static bool is_target(const struct writer *writer, const struct timeline_entry *entry)
{
	struct address target;

	address_parse(entry->blocklist->target, &target);
	return address_same_client(&target, &writer->image->client->address);
}

static void close_all(struct writer *writer, int64_t ts_ns)
{
	for (int span = 0; span < SPAN_COUNT; span++)
		if (span != SPAN_FENCE) /* a fence outlives the image */
			close_span(writer, (enum span)span, ts_ns);
	close_keyed(writer, KEYED_WATCH, NULL, ts_ns);
}

static void put_io(struct writer *writer, const struct timeline_entry *entry)
{
	static const char *const ops[] = FL_IO_OP_NAMES;
	char name[64];

	snprintf(name, sizeof(name), "%s%s", entry->kind == TL_IO_SLOW ? "slow " : "",
	         entry->io.op < FL_IO_OPS ? ops[entry->io.op] : "I/O");
	trace_slice(&writer->to, entry->ts_ns - (int64_t)entry->io.latency_ns, entry->ts_ns, name, json_event(entry));
}

static void put_watch(struct writer *writer, const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_PING_ACK: /* a recording that began later than the watch: an acknowledged ping proves it */
		open_keyed(writer, KEYED_WATCH, entry->ping.cookie, entry);
		break;
	case TL_WATCH_REGISTERED:
		open_keyed(writer, KEYED_WATCH, entry->watch.cookie, entry);
		break;
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
		close_keyed(writer, KEYED_WATCH, &entry->watch.cookie, entry->ts_ns);
		break;
	case TL_WATCH_EXPIRED:
		close_keyed(writer, KEYED_WATCH, NULL, entry->ts_ns);
		break;
	default:
		break;
	}
}

static void put_lock(struct writer *writer, const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_LOCK_ACQUIRED:
		open_span(writer, SPAN_LOCK, entry);
		break;
	case TL_LOCK_LOST:
		if (entry->lock.result >= 0)
			close_span(writer, SPAN_LOCK, entry->ts_ns);
		break;
	case TL_LOCK_BROKEN:
		if (entry->lock.by_entity) /* its own, broken by somebody else */
			close_span(writer, SPAN_LOCK, entry->ts_ns);
		break;
	default:
		break;
	}
}

/* What the entry begins, ends or is, besides a mark. */
static void put_spans(struct writer *writer, const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_IMAGE_OPEN:
		if (entry->open.result >= 0)
			open_span(writer, SPAN_IMAGE, entry);
		break;
	case TL_IMAGE_CLOSE:
		close_all(writer, entry->ts_ns);
		break;
	case TL_PING_ACK:
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
		put_watch(writer, entry);
		break;
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_BROKEN:
		put_lock(writer, entry);
		break;
	case TL_SNAPSHOT_BEGIN:
		open_keyed(writer, KEYED_SNAPSHOT, entry->snapshot.call->action, entry);
		break;
	case TL_SNAPSHOT_END:
		close_keyed(writer, KEYED_SNAPSHOT, &entry->snapshot.call->action, entry->ts_ns);
		break;
	case TL_BLOCKLIST_ADD:
		if (!command_failed(entry->blocklist) && is_target(writer, entry))
			open_span(writer, SPAN_FENCE, entry);
		break;
	case TL_BLOCKLIST_RM:
		close_span(writer, SPAN_FENCE, entry->ts_ns);
		break;
	case TL_PROCESS_STALLED:
		trace_slice(&writer->to, entry->stall.begin_ns, entry->stall.begin_ns + entry->stall.gap_ns, "process stalled",
		            json_event(entry));
		break;
	case TL_IO_SUMMARY:
		put_summary(writer, entry);
		break;
	case TL_IO:
	case TL_IO_SLOW:
		put_io(writer, entry);
		break;
	default:
		break;
	}
}

/* ---- marks ---- */

/* LANE_COUNT: shown otherwise, or not at all. */
static enum lane lane_of(enum timeline_kind kind)
{
	switch (kind) {
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
	case TL_PROCESS_STALLED:
	case TL_RECORDING_GAP:
		return LANE_PINGS;
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
	case TL_NOTIFY:
		return LANE_WATCH;
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_CHECKED:
	case TL_LOCK_BROKEN:
		return LANE_LOCK;
	case TL_SNAPSHOT_BEGIN:
	case TL_SNAPSHOT_END:
	case TL_WINDOW_BEGIN:
	case TL_WINDOW_END:
		return LANE_SNAPSHOTS;
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		return LANE_FENCE;
	case TL_SLOW_REQUEST:
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
		return LANE_OSDS;
	case TL_IO_ERROR:
	case TL_IO_ESHUTDOWN:
	case TL_GUEST_ERROR:
		return LANE_ERRORS;
	case TL_IMAGE_OPEN:
	case TL_IMAGE_CLOSE:
		return LANE_IMAGE;
	default:
		return LANE_COUNT;
	}
}

static void put_image(struct writer *writer, const struct view_image *image, bool alone)
{
	char name[TEXT_NAME];

	memset(writer->threads, 0, sizeof(writer->threads));
	memset(writer->open, 0, sizeof(writer->open));
	writer->image = image;
	writer->to.prefix = NULL;
	if (!alone) {
		writer->to.prefix = strdup(image->image ? text_image(image->image, name) : "no image");
		writer->to.error = writer->to.prefix ? writer->to.error : -ENOMEM;
	}
	for (size_t i = 0; i < image->count && !writer->to.error; i++) {
		const struct timeline_entry *entry = image->events[i];
		enum lane lane = lane_of(entry->kind);
		if (!entry->ts_ns) /* said by a log that gives no time */
			continue;
		put_spans(writer, entry);
		if (lane == LANE_COUNT)
			continue;
		if (!writer->threads[lane])
			writer->threads[lane] = trace_thread(&writer->to, writer->to.prefix, lane_names[lane]);
		trace_instant(&writer->to, writer->threads[lane], entry->ts_ns, timeline_kind_name(entry->kind),
		              json_event(entry));
	}
	close_all(writer, writer->end_ns);
	close_span(writer, SPAN_FENCE, writer->end_ns);
	close_keyed(writer, KEYED_SNAPSHOT, NULL, writer->end_ns);
	free(writer->to.prefix);
	writer->to.prefix = NULL;
}

static void put_vm(struct writer *writer, const struct view_vm *vm)
{
	const struct process *process = vm->process;
	char who[TEXT_NAME], image[TEXT_NAME];
	char *name = NULL;
	int length;

	if (process && process->vm_name)
		length = asprintf(&name, "VM %s (pid %" PRIu32 "%s%s)", process->vm_name, process->pid,
		                  *process->host ? " on " : "", process->host);
	else
		length = asprintf(&name, "%s",
		                  vm->images[0].client->address.family || process ? text_who(vm->images[0].client, NULL, who)
		                                                                  : "the cluster");
	if (length < 0) {
		writer->to.error = -ENOMEM;
		return;
	}
	if (vm->count == 1 && vm->images[0].image) {
		char *both;
		length = asprintf(&both, "%s, image %s", name, text_image(vm->images[0].image, image));
		free(name);
		name = length < 0 ? NULL : both;
	}
	trace_process(&writer->to, name ? name : "");
	free(name);
	for (size_t i = 0; i < vm->count && !writer->to.error; i++)
		put_image(writer, &vm->images[i], vm->count == 1);
}

/* A verdict is a process of its own, first of all: its evidence as marks that say what they prove. */
static void put_incident(struct writer *writer, const struct incident *incident)
{
	char who[TEXT_NAME], title[TEXT_NAME + 96];
	uint32_t thread;

	snprintf(title, sizeof(title), "Verdict on %s: %s (%s)", text_who(incident->client, incident->address_text, who),
	         cause_name(incident->cause), confidence_name(incident->confidence));
	trace_process(&writer->to, title);
	thread = trace_thread(&writer->to, NULL, "evidence");
	for (size_t i = 0; i < incident->evidence_count; i++)
		if (incident->evidence[i].ts_ns)
			trace_instant(&writer->to, thread, incident->evidence[i].ts_ns, incident->evidence[i].text,
			              json_pack("{s:i, s:I, s:o}", "number", (int)i + 1, "ts_ns",
			                        (json_int_t)incident->evidence[i].ts_ns, "source",
			                        json_name(incident->evidence[i].source)));
}

static void note_time(struct writer *writer, int64_t begin_ns, int64_t end_ns)
{
	if (begin_ns > 0 && (!writer->to.base_ns || begin_ns < writer->to.base_ns))
		writer->to.base_ns = begin_ns;
	if (end_ns > writer->end_ns)
		writer->end_ns = end_ns;
}

/* Where time begins: nothing of what is shown may lie before it. */
static void find_times(struct writer *writer, const struct view *view)
{
	for (size_t i = 0; i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++)
			for (size_t k = 0; k < view->vms[i].images[j].count; k++) {
				const struct timeline_entry *entry = view->vms[i].images[j].events[k];
				int64_t begin_ns = entry->ts_ns;
				if (entry->kind == TL_IO || entry->kind == TL_IO_SLOW)
					begin_ns -= (int64_t)entry->io.latency_ns;
				if (entry->kind == TL_IO_SUMMARY)
					begin_ns -= (int64_t)entry->summary->span_ns;
				if (entry->kind == TL_PROCESS_STALLED)
					begin_ns = entry->stall.begin_ns;
				note_time(writer, begin_ns, entry->ts_ns);
			}
	for (size_t i = 0; i < view->incident_count; i++)
		for (size_t j = 0; j < view->incidents[i]->evidence_count; j++)
			note_time(writer, view->incidents[i]->evidence[j].ts_ns, view->incidents[i]->evidence[j].ts_ns);
}

static int put_tail(struct writer *writer, const struct report *report)
{
	char moment[TEXT_BUF];

	fputs("\n],\n\"displayTimeUnit\":\"ms\",\n\"otherData\":", writer->to.out);
	return json_print(json_pack("{s:s, s:I, s:s, s:I, s:I, s:o}", "schema", "fenceline/perfetto/1", "base_ns",
	                            (json_int_t)writer->to.base_ns, "base_utc", text_moment(writer->to.base_ns, moment),
	                            "lost_events", (json_int_t)report->model->lost_events, "orphans",
	                            (json_int_t)report->model->orphans, "inputs", json_inputs(report)),
	                  writer->to.out);
}

int perfetto_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	struct writer writer = { .to = { .out = out } };
	struct view view;
	int error = view_open(report, &view);

	(void)style;
	if (error)
		return error;
	find_times(&writer, &view);
	fputs("{\"traceEvents\":[", out);
	for (size_t i = 0; i < view.incident_count; i++)
		put_incident(&writer, view.incidents[i]);
	for (size_t i = 0; i < view.count && !writer.to.error; i++)
		put_vm(&writer, &view.vms[i]);
	error = writer.to.error ? writer.to.error : put_tail(&writer, report);
	fputs("}\n", out);
	free(writer.spans);
	view_close(&view);
	return error ? error : ferror(out) ? -EIO : 0;
}
