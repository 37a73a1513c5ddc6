/* SPDX-License-Identifier: MIT */
/* Guest I/O: what failed because the client is blocklisted is counted, each I/O once; the rest is for the timeline. */
#include "model/entries.h"
#include "model/fences.h"
#include "model/handlers.h"
#include "model/identity.h"
#include "model/image.h"
#include "model/memory.h"
#include "model/once.h"
#include "model/private.h"

static struct eshutdown_run *current_run(struct model *model, struct image *image, const struct fl_io *io,
                                         const struct event *event)
{
	struct eshutdown_run **at = &image->eshutdown_runs, *run;

	while (*at && (*at)->next)
		at = &(*at)->next;
	if (*at && !blocklist_since(model, (*at)->after, image->client)) {
		(*at)->after = model->private->blocklist_tail;
		return *at;
	}
	run = model_alloc(model, sizeof(*run));
	if (!run)
		return NULL;
	*run = (struct eshutdown_run){ .begin_ns = event->ts_ns,
		                       .op = io->op,
		                       .offset = io->offset,
		                       .length = io->length,
		                       .source = event->source,
		                       .after = model->private->blocklist_tail };
	*(*at ? &(*at)->next : at) = run;
	return run;
}

static void count_eshutdown(struct model *model, struct image *image, const struct fl_io *io, const struct event *event)
{
	struct eshutdown_run *run = current_run(model, image, io, event);

	if (run) {
		run->end_ns = event->ts_ns;
		run->ios++;
		run->bytes += io->length;
	}
	image->failed_ios++;
	image->failed_bytes += io->length;
	image->last_eshutdown.ts_ns = event->ts_ns;
	image->last_eshutdown.op = io->op;
	image->last_eshutdown.offset = io->offset;
	image->last_eshutdown.length = io->length;
	image->last_eshutdown.source = event->source;
	if (!image->first_eshutdown.ts_ns)
		image->first_eshutdown =
		        (__typeof__(image->first_eshutdown)){ event->ts_ns, io->op, io->offset, io->length, event->source };
}

static enum timeline_kind kind_of_io(enum fact fact)
{
	switch (fact) {
	case FACT_io:
		return TL_IO;
	case FACT_io_slow:
		return TL_IO_SLOW;
	case FACT_io_eshutdown:
		return TL_IO_ESHUTDOWN;
	default:
		return TL_IO_ERROR;
	}
}

static uint64_t hash_of_io(const struct event *event, const struct fl_io *io)
{
	uint64_t hash = hash_number(hash_number(event->fact, io->global_id), io->image);

	hash = hash_number(hash_number(hash, io->op), io->offset);
	return hash_number(hash_number(hash, io->length), (uint64_t)io->result);
}

void io_event(struct model *model, const struct event *event)
{
	/* io, io_slow, io_error and io_eshutdown have the same fields */
	const struct fl_io *io = &event->trace.io;
	struct client *client = client_of_event(model, event);
	struct image *image = client ? image_of_serial(model, client, io->image) : NULL;

	if (!image || (event->fact == FACT_io && !model->private->options.keep_io))
		return;
	if (told_twice(model, event, hash_of_io(event, io)))
		return;
	if (event->fact == FACT_io_eshutdown)
		count_eshutdown(model, image, io, event);
	/* io_eshutdown comes with it and says more: one I/O, one line. */
	if (event->fact == FACT_io_error && io->result == -108)
		return;
	entry_add(model, image,
	          &(struct timeline_entry){ .ts_ns = event->ts_ns,
	                                    .kind = kind_of_io(event->fact),
	                                    .source = event->source,
	                                    .io = { io->op, io->offset, io->length, io->result, io->latency_ns } });
}

static void note_waiting(struct image *image, const struct fl_io_summary *payload, const struct event *event)
{
	uint64_t done = (uint64_t)payload->reads + payload->writes + payload->discards + payload->flushes;

	image->waiting.since_ns = done || !payload->inflight ? 0
	                          : image->waiting.since_ns  ? image->waiting.since_ns
	                                                     : event->ts_ns - (int64_t)payload->span_ns;
	image->waiting.until_ns = event->ts_ns;
	image->waiting.ios = payload->inflight;
	image->waiting.source = event->source;
}

void io_summary(struct model *model, const struct event *event)
{
	const struct fl_io_summary *payload = &event->trace.io_summary;
	struct client *client = client_of_event(model, event);
	struct image *image = client ? image_of_serial(model, client, payload->image) : NULL;
	struct io_second second;

	if (!image)
		return;
	note_waiting(image, payload, event);
	if (!model->private->options.keep_entries)
		return;
	second = (struct io_second){ .reads = payload->reads,
		                     .writes = payload->writes,
		                     .discards = payload->discards,
		                     .flushes = payload->flushes,
		                     .errors = payload->errors,
		                     .inflight = payload->inflight,
		                     .read_bytes = payload->read_bytes,
		                     .write_bytes = payload->write_bytes,
		                     .max_latency_ns = payload->max_latency_ns,
		                     .span_ns = payload->span_ns };
	for (size_t i = 0; i < FL_LATENCY_BUCKETS; i++)
		second.latency[i] = payload->latency[i];
	entry_add(model, image,
	          &(struct timeline_entry){
	                  .ts_ns = event->ts_ns, .kind = TL_IO_SUMMARY, .source = event->source, .summary = &second });
}
