/* SPDX-License-Identifier: MIT */
#include "follow_recent.h"
#include "ingest/fact_fields.h"
#include "ingest/xalloc.h"
#include "render/json_timeline.h"
#include "render/view.h"
#include "run/now.h"
#include "when.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an incident's story takes; what is in flight longer is shown without its other half. */
#define WINDOW_NS (600 * NS_PER_S)
/* I/O pairs with nothing: it stays until the client that it belongs to has had time to give its name. */
#define IO_NS (10 * NS_PER_S)
/* An entry that is older than all that is new, by this much, is no news, but due to what has left the window. */
#define STALE_NS (60 * NS_PER_S)
/* `state` names a client every 3 s (shim/follow/state.h). */
#define NAME_NS (8 * NS_PER_S)
#define OVER_NS (15 * NS_PER_S)

struct held {
	struct event *event; /* owned */
	uint64_t serial;
};

struct shown { /* an entry, by what does not change when more is known of it */
	struct shown_key {
		int64_t ts_ns;
		uint64_t kind, nth, global_id; /* nth: of equal ones (of several images of a client) */
		char address[96];              /* holds every one: 46 for the IP, 5 for the port, 20 for the nonce */
	} key;
	int64_t since_ns; /* when it was first there, of the monotonic clock */
	bool shown;
};

struct recent {
	const struct report_options *options;
	struct held *held;
	size_t count;
	uint64_t serial;
	const struct source **sources; /* of all events ever; borrowed from who reads them */
	size_t source_count;
	void *shown;                              /* of struct shown, by tsearch */
	int64_t oldest_new_ns, last_ns, first_ns; /* last: of all events ever; first: of the first step */
	int64_t since_ns, until_ns;
	bool since_resolved, resolved;
	bool news;  /* events taken since the last step */
	bool waits; /* a later step will tell something even if no event comes */
	/* Of the step at hand: */
	void *next; /* what will be `shown` */
	FILE *out;
	int64_t now_ns;
	bool final;
};

struct recent *recent_new(const struct report_options *options)
{
	return XNEW(struct recent, .options = options, .oldest_new_ns = INT64_MAX, .since_ns = INT64_MIN, .until_ns = INT64_MAX);
}

static void note_source(struct recent *recent, const struct source *source)
{
	for (size_t i = recent->source_count; i-- > 0;)
		if (recent->sources[i] == source)
			return;
	XROOM(recent->sources, recent->source_count)[recent->source_count] = source;
	recent->source_count++;
}

int recent_take(const struct event *event, void *arg)
{
	struct recent *recent = arg;

	note_source(recent, event->source);
	XROOM(recent->held, recent->count);
	recent->held[recent->count++] = (struct held){ event_copy(event), recent->serial++ };
	recent->news = true;
	if (event->ts_ns < recent->oldest_new_ns)
		recent->oldest_new_ns = event->ts_ns;
	if (event->ts_ns > recent->last_ns)
		recent->last_ns = event->ts_ns;
	if (event->ts_ns && (!recent->first_ns || event->ts_ns < recent->first_ns))
		recent->first_ns = event->ts_ns;
	return 0;
}

/* Relative times count from what there was at the beginning. */
static void resolve_times(struct recent *recent)
{
	if (!recent->since_resolved)
		recent->since_ns = since_resolve(&recent->options->since, recent->first_ns, recent->last_ns);
	recent->until_ns = until_resolve(&recent->options->until, recent->since_ns, recent->first_ns, recent->last_ns);
	recent->since_resolved = recent->resolved = true;
}

/* ---- what has been shown ---- */

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct shown_key)); /* which has no padding */
}

/* Its place in the coming set. The client is known by its address, which a log knows as well as a trace. The image does not
 * count: an entry moves to it once it is known which one it is. */
static struct shown *recent_note(struct recent *recent, const struct client *client, const struct timeline_entry *entry)
{
	struct shown *shown = XNEW(struct shown, .key = { .ts_ns = entry->ts_ns, .kind = entry->kind });

	snprintf(shown->key.address, sizeof(shown->key.address), "%s", client->address_text);
	if (!*client->address_text)
		shown->key.global_id = client->global_id;
	while (*(struct shown **)xtsearch(shown, &recent->next, by_key) != shown)
		shown->key.nth++;
	return shown;
}

/* ---- when an entry is shown ---- */

/* How much later than the entry all is known that its words or its time depend on. */
static int64_t delay_of(const struct view_vm *vm, const struct timeline_entry *entry)
{
	bool logged = entry->source && strcmp(entry->source->kind, "ctf") && strcmp(entry->source->kind, "events");

	if (vm->process && !*vm->process->name && !vm->process->vm_name)
		return NAME_NS;
	switch (entry->kind) {
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		return logged ? 6 * NS_PER_S
		              : 0; /* the call in the trace has the better time; audit lines trail it by up to 5 s */
	case TL_WATCH_EXPIRED:
		return 6 * NS_PER_S; /* computed at first, perhaps; then seen by who broke the lock */
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		return entry->ping.seen == PING_WIRE ? 0 : 7 * NS_PER_S; /* a better witness may come, and alone be shown */
	case TL_SLOW_REQUEST:
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
		return 3 * NS_PER_S; /* lines of many placement groups become one entry */
	default:
		return 0;
	}
}

static bool is_due(const struct recent *recent, const struct view_vm *vm, const struct timeline_entry *entry,
                   const struct shown *shown)
{
	int64_t delay_ns = delay_of(vm, entry);

	return recent->final || recent->last_ns - entry->ts_ns >= delay_ns || recent->now_ns - shown->since_ns >= delay_ns;
}

static int show_event(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, void *arg)
{
	struct recent *recent = arg;
	struct shown *shown = recent_note(recent, image->client, entry);
	const struct shown *const *before = tfind(shown, &recent->shown, by_key);

	if (before) {
		*shown = **before;
	} else {
		shown->since_ns = recent->now_ns;
		shown->shown = entry->ts_ns < recent->oldest_new_ns - STALE_NS || recent->oldest_new_ns == INT64_MAX;
	}
	if (shown->shown)
		return 0;
	if (!is_due(recent, vm, entry, shown)) {
		recent->waits = true;
		return 0;
	}
	shown->shown = true;
	return ndjson_line(vm, image, entry, recent->out);
}

/* ---- a step ---- */

static int by_time(const void *a, const void *b)
{
	const struct held *left = a, *right = b;

	if (left->event->ts_ns != right->event->ts_ns)
		return left->event->ts_ns < right->event->ts_ns ? -1 : 1;
	return left->serial < right->serial ? -1 : left->serial > right->serial;
}

static int make_model(struct recent *recent, struct model **model, struct verdicts *verdicts)
{
	static const struct model_options keep = { .keep_entries = true, .keep_io = true };
	const struct correlate_options correlate_options = { recent->options->watch_timeout_s };
	int error = 0;

	*model = model_new(&keep);
	if (!*model)
		return -ENOMEM;
	for (size_t i = 0; i < recent->count && !error; i++)
		error = model_add(recent->held[i].event, *model);
	if (error)
		return error;
	/* No skew is estimated: what has been shown cannot be moved once the first event shows that there is some. */
	for (size_t i = 0; i < recent->source_count; i++)
		model_clock_given(*model, *recent->sources[i]->host ? recent->sources[i]->host : recent->sources[i]->path, 0);
	model_finish(*model);
	return correlate(*model, &correlate_options, verdicts);
}

static int show_new(struct recent *recent, FILE *out, bool last)
{
	const struct report_options *options = recent->options;
	struct verdicts verdicts = { 0 };
	struct report report = { .verdicts = &verdicts,
		                 .vm = options->vm,
		                 .image = options->image,
		                 .since_ns = recent->since_ns,
		                 .until_ns = recent->until_ns };
	struct model *model;
	struct view view;
	int error = make_model(recent, &model, &verdicts);

	report.model = model;
	if (!error)
		error = view_open(&report, &view);
	if (!error) {
		recent->out = out;
		recent->final = last;
		recent->now_ns = monotonic_ns();
		recent->waits = false;
		error = ndjson_walk(&view, show_event, recent);
		view_close(&view);
	}
	verdicts_free(&verdicts);
	model_free(model);
	return error;
}

/* ---- what stays ---- */

static bool names_client(enum fact fact)
{
	switch (fact) {
	case FACT_state:
	case FACT_client_connect:
	case FACT_client_shutdown:
	case FACT_image_open:
	case FACT_image_close:
	case FACT_watch_registered:
	case FACT_watch_unregistered:
	case FACT_vm_logged:
		return true;
	default:
		return false;
	}
}

static bool is_io(enum fact fact)
{
	return fact == FACT_io || fact == FACT_io_slow || fact == FACT_io_error || fact == FACT_io_summary;
}

static bool same_client(const struct event *a, const struct event *b)
{
	return a->head.pid == b->head.pid && a->head.global_id == b->head.global_id && !strcmp(a->source->host, b->source->host);
}

/* Does a later event say the same, or that the client is gone for good? */
static bool is_superseded(const struct recent *recent, size_t at)
{
	const struct event *event = recent->held[at].event;

	if (!fact_is_trace(event->fact))
		return false;
	for (size_t i = recent->count; i-- > at + 1;) {
		const struct event *later = recent->held[i].event;
		if (!fact_is_trace(later->fact) || !same_client(event, later))
			continue;
		if (later->fact == FACT_client_shutdown)
			return later->ts_ns < recent->last_ns - WINDOW_NS;
		if (event->fact == FACT_state && later->fact == FACT_state &&
		    later->trace.state.image == event->trace.state.image)
			return true;
	}
	return event->fact == FACT_client_shutdown;
}

static bool stays(const struct recent *recent, size_t at)
{
	const struct event *event = recent->held[at].event;
	int64_t age_ns = recent->last_ns - event->ts_ns;

	if (is_io(event->fact))
		return age_ns < IO_NS;
	if (event->fact == FACT_state)
		return age_ns < IO_NS || !is_superseded(recent, at);
	return age_ns < WINDOW_NS || (names_client(event->fact) && !is_superseded(recent, at));
}

static void trim(struct recent *recent)
{
	size_t kept = 0;

	for (size_t i = 0; i < recent->count; i++)
		if (stays(recent, i)) /* it looks at later ones alone */
			recent->held[kept++] = recent->held[i];
		else
			free(recent->held[i].event);
	recent->count = kept;
}

int recent_show(struct recent *recent, FILE *out, bool last)
{
	int error;

	/* In a recording that has just begun, all that comes is later than now. */
	if (!recent->count && recent->options->since.kind == WHEN_BEFORE_END)
		recent->since_resolved = true;
	if (!recent->count || !(recent->news || recent->waits || last))
		return 0;
	qsort(recent->held, recent->count, sizeof(*recent->held), by_time);
	if (!recent->resolved)
		resolve_times(recent);
	error = show_new(recent, out, last);
	tdestroy(recent->shown, free);
	recent->shown = recent->next;
	recent->next = NULL;
	recent->oldest_new_ns = INT64_MAX;
	recent->news = false;
	if (!error)
		trim(recent);
	return error;
}

bool recent_is_over(const struct recent *recent)
{
	return recent->resolved && recent->until_ns != INT64_MAX && recent->last_ns > recent->until_ns + OVER_NS;
}

void recent_free(struct recent *recent)
{
	if (!recent)
		return;
	for (size_t i = 0; i < recent->count; i++)
		free(recent->held[i].event);
	free(recent->held);
	free(recent->sources);
	tdestroy(recent->shown, free);
	tdestroy(recent->next, free);
	free(recent);
}
