/* SPDX-License-Identifier: MIT */
/*
 * Skew between hosts' clocks, from events that two of them saw: a blocklist command in its sender's trace and in the audit log;
 * the registration of a watch, and its pings, in the client's trace and in the OSD's log. One event alone moves no clock: it may
 * be another than it seems (a cookie that comes back, a registration that took long). The monitors' clock is the reference where
 * there is one, for Ceph itself keeps monitors within 50 ms of each other.
 *
 * An event is seen later by one side than by the other without any skew: a monitor notes a command some milliseconds after it was
 * sent. So nothing below a second is corrected, and nothing if the events do not agree about it. The model is shifted, not the
 * inputs: those may be 40 GB.
 */
#include "model/clocks.h"
#include "model/blocklist.h"
#include "model/clocks_shift.h"
#include "model/memory.h"
#include "model/private.h"
#include "model/sources.h"

#include <stdlib.h>
#include <string.h>

/* So many samples of one pair must agree: those that differ by more than the clocks' slack tell of no constant skew. */
#define SAMPLES_MIN 2

struct sample {                     /* ahead's clock minus behind's, as one event shows it */
	const char *ahead, *behind; /* names of clocks */
	int64_t delta_ns, way_ns;
	const struct source *by;
};

struct clock { /* a node of the graph that samples span */
	const char *name;
	bool of_log, reached, given;
	int64_t offset_ns;
	size_t samples;
	const struct source *by;
	size_t group; /* of those that may be compared; 0: not found out yet */
};

struct clocks {
	struct model *model;
	struct sample *samples;
	size_t sample_count;
	struct clock *list;
	size_t count;
};

static void add_sample(struct clocks *clocks, const struct source *ahead, const struct source *behind, int64_t delta_ns,
                       int64_t way_ns)
{
	const char *a = model_clock(clocks->model, ahead), *b = model_clock(clocks->model, behind);
	struct sample *samples;

	if (!strcmp(a, b))
		return;
	samples = reallocarray(clocks->samples, clocks->sample_count + 1, sizeof(*samples));
	if (!samples) {
		clocks->model->private->no_memory = true;
		return;
	}
	clocks->samples = samples;
	samples[clocks->sample_count++] = (struct sample){ a, b, delta_ns, way_ns, ahead };
}

/* ---- what two saw ---- */

static bool same_command(const struct blocklist_action *a, const struct blocklist_action *b)
{
	return a->range == b->range && !strcmp(a->op, b->op) && address_same_client(&a->by, &b->by) &&
	       (a->range ? !strcmp(a->target, b->target) : address_same_client(&a->address, &b->address));
}

static int64_t audited_ns(const struct blocklist_action *action)
{
	return action->dispatch_ns ? action->dispatch_ns : action->finished_ns;
}

static bool only_traced(const struct blocklist_action *action)
{
	return action->trace_ns && !audited_ns(action);
}

static bool only_audited(const struct blocklist_action *action)
{
	return !action->trace_ns && audited_ns(action);
}

/* The audit log's word of a command that its sender's trace holds, too far away in time to have been joined at once: a sender has
 * a nonce of its own, so sender, target and operation name the command. A sender may have sent several alike: the first in the
 * trace is then the first in the audit log, the second the second. */
static struct blocklist_action *counterpart(const struct model *model, const struct blocklist_action *traced)
{
	size_t place = 0, traces = 0, audits = 0;
	bool before = true;

	for (const struct blocklist_action *each = model->blocklists; each; each = each->next) {
		before = before && each != traced;
		place += before && only_traced(each) && same_command(each, traced);
		traces += only_traced(each) && same_command(each, traced);
		audits += only_audited(each) && same_command(each, traced);
	}
	if (traces != audits) /* a retry that only one of the two tells of: which is which, nothing tells */
		return NULL;
	for (struct blocklist_action *each = model->blocklists; each; each = each->next)
		if (only_audited(each) && same_command(each, traced) && !place--)
			return each;
	return NULL;
}

static void sample_commands(struct clocks *clocks)
{
	for (const struct blocklist_action *action = clocks->model->blocklists; action; action = action->next) {
		const struct blocklist_action *audited = only_traced(action) ? counterpart(clocks->model, action) : action;
		if (!action->trace_ns || !audited || !audited_ns(audited))
			continue;
		add_sample(clocks, audited->audit_source, action->trace_source, audited_ns(audited) - action->trace_ns,
		           audited->dispatch_ns ? DISPATCH_WAY_NS : FINISH_WAY_NS);
	}
}

/* Registered more than once with one cookie, by either witness: which is which cannot be told. */
static bool comes_back(const struct watch *watch)
{
	size_t count = 0;

	for (const struct image *image = watch->image->client->images; image; image = image->next)
		for (const struct watch *each = image->watches; each; each = each->next)
			count += each->cookie == watch->cookie;
	return count > 1;
}

/* The OSD took it on somewhere between the client's call and its end. */
static int64_t registration_delta(const struct watch *watch)
{
	return ((const struct watch_record *)watch)->logged.registered_ns - watch->registered_ns +
	       watch->registered_latency_ns / 2;
}

/* Pings come every five seconds: which is which is known only where the registration tells about how far the clocks are apart. */
static void sample_pings(struct clocks *clocks, const struct watch *watch, int64_t delta_ns)
{
	for (size_t i = 0; i < watch->osd_ping_count; i++)
		for (size_t j = 0; j < watch->ping_count; j++) {
			const struct ping *ping = &watch->pings[j];
			int64_t apart_ns = watch->osd_pings[i] - ping->sent_ns;
			if (ping->seen >= PING_CLIENT_LOG && ping->reply_ns && ping->result >= 0 &&
			    llabs(apart_ns - delta_ns) <= CLOCK_SLACK_NS + watch->registered_latency_ns / 2)
				add_sample(clocks, watch->osd_source, ping->source, apart_ns, DISPATCH_WAY_NS);
		}
}

static void sample_watches(struct clocks *clocks)
{
	for (const struct client *client = clocks->model->clients; client; client = client->next)
		for (const struct image *image = client->images; image; image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next) {
				const struct watch_record *record = (const struct watch_record *)watch;
				if (!watch->registered_ns || !watch->registered_source || !record->logged.registered_ns ||
				    comes_back(watch))
					continue;
				add_sample(clocks, record->logged.osd_source, watch->registered_source, registration_delta(watch),
				           DISPATCH_WAY_NS + watch->registered_latency_ns / 2);
				sample_pings(clocks, watch, registration_delta(watch));
			}
}

/* ---- from samples to offsets ---- */

static struct clock *clock_of(struct clocks *clocks, const char *name)
{
	for (size_t i = 0; i < clocks->count; i++)
		if (!strcmp(clocks->list[i].name, name))
			return &clocks->list[i];
	clocks->list[clocks->count] = (struct clock){ .name = name };
	for (const struct clock_offset *given = clocks->model->clocks; given; given = given->next)
		clocks->list[clocks->count].given |= !strcmp(given->host, name);
	return &clocks->list[clocks->count++];
}

/* The monitors first, then other logs, then hosts of traces; each by name. */
static int by_worth(const void *a, const void *b)
{
	const struct clock *x = a, *y = b;

	if (x->of_log != y->of_log)
		return x->of_log ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_delta(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How far `to` is behind `from`, by the median of all their samples; false if there are none, or if they do not agree. */
static bool measure(const struct clocks *clocks, const char *from, const char *to, struct clock *result)
{
	int64_t *deltas = NULL, way_ns = 0;
	size_t count = 0;
	bool agree;

	for (size_t i = 0; i < clocks->sample_count; i++) {
		const struct sample *sample = &clocks->samples[i];
		bool forward = sample->ahead == from && sample->behind == to;
		if (!forward && (sample->ahead != to || sample->behind != from))
			continue;
		deltas = deltas ?: calloc(clocks->sample_count, sizeof(*deltas));
		if (!deltas)
			return false;
		deltas[count++] = forward ? sample->delta_ns : -sample->delta_ns;
		way_ns = sample->way_ns > way_ns ? sample->way_ns : way_ns;
		result->by = sample->by;
	}
	if (count)
		qsort(deltas, count, sizeof(*deltas), by_delta);
	agree = count >= SAMPLES_MIN && deltas[count - 1] - deltas[0] <= CLOCK_SLACK_NS + way_ns;
	if (agree) {
		result->samples = count;
		result->offset_ns = llabs(deltas[count / 2]) < way_ns ? 0 : deltas[count / 2];
	}
	free(deltas);
	return agree;
}

/* Goes from one clock to all that share events with it, and on from there. */
static void spread(struct clocks *clocks, const struct clock *from)
{
	for (size_t i = 0; i < clocks->count; i++) {
		struct clock *to = &clocks->list[i], measured = { 0 };
		if (to->reached || !measure(clocks, from->name, to->name, &measured))
			continue;
		to->reached = true;
		to->offset_ns = to->given ? 0 : from->offset_ns + measured.offset_ns;
		to->samples = measured.samples;
		to->by = measured.by;
		spread(clocks, to);
	}
}

static void estimate(struct clocks *clocks)
{
	clocks->list = calloc(2 * clocks->sample_count, sizeof(*clocks->list));
	if (!clocks->list) {
		clocks->model->private->no_memory = true;
		return;
	}
	/* From here on equal names are the same one: each pair of clocks looks at all samples. */
	for (size_t i = 0; i < clocks->sample_count; i++) {
		struct clock *ahead = clock_of(clocks, clocks->samples[i].ahead);
		ahead->of_log = true;
		clocks->samples[i].ahead = ahead->name;
		clocks->samples[i].behind = clock_of(clocks, clocks->samples[i].behind)->name;
	}
	qsort(clocks->list, clocks->count, sizeof(*clocks->list), by_worth);
	for (size_t i = 0; i < clocks->count; i++) {
		if (clocks->list[i].reached)
			continue;
		clocks->list[i].reached = true;
		spread(clocks, &clocks->list[i]);
	}
}

/* Do the two have an event in common that both saw at one time, or several that agree on how far they are apart? */
static bool are_tied(const struct clocks *clocks, const char *a, const char *b)
{
	struct clock measured;
	bool any = false;

	if (measure(clocks, a, b, &measured))
		return true;
	for (size_t i = 0; i < clocks->sample_count; i++) {
		const struct sample *sample = &clocks->samples[i];
		if ((sample->ahead != a || sample->behind != b) && (sample->ahead != b || sample->behind != a))
			continue;
		if (llabs(sample->delta_ns) > sample->way_ns)
			return false;
		any = true;
	}
	return any;
}

static void note_tied(struct clocks *clocks, size_t at, size_t group)
{
	clocks->list[at].group = group;
	for (size_t i = 0; i < clocks->count; i++)
		if (!clocks->list[i].group && are_tied(clocks, clocks->list[at].name, clocks->list[i].name))
			note_tied(clocks, i, group);
}

/* Which clocks may be compared once they have been shifted: kept for model_clocks_tied. */
static void note_groups(struct clocks *clocks)
{
	struct model *model = clocks->model;

	for (size_t i = 0; i < clocks->count; i++) {
		struct tied_clock *tied;
		if (!clocks->list[i].group)
			note_tied(clocks, i, i + 1);
		tied = model_alloc(model, sizeof(*tied));
		if (!tied)
			return;
		tied->name = model_strdup(model, clocks->list[i].name);
		tied->group = clocks->list[i].group;
		tied->next = model->private->tied;
		model->private->tied = tied;
	}
}

static size_t group_of(const struct model *model, const char *name)
{
	for (const struct tied_clock *each = model->private->tied; each; each = each->next)
		if (!strcmp(each->name, name))
			return each->group;
	return 0;
}

bool model_clocks_tied(const struct model *model, const struct source *a, const struct source *b)
{
	const char *x = model_clock(model, a), *y = model_clock(model, b);
	size_t group = group_of(model, x);

	return !strcmp(x, y) || (group && group == group_of(model, y));
}

static void note_offset(struct model *model, const char *host, int64_t offset_ns, const char *from, const struct clock *clock)
{
	struct clock_offset *offset = model_alloc(model, sizeof(*offset)), **at = &model->clocks;

	if (!offset)
		return;
	offset->host = model_strdup(model, host);
	offset->offset_ns = offset_ns;
	offset->from = from;
	offset->samples = clock ? clock->samples : 0;
	offset->by = clock ? clock->by : NULL;
	while (*at && offset->host && strcmp((*at)->host, offset->host) < 0)
		at = &(*at)->next;
	offset->next = *at;
	*at = offset;
}

void model_clock_given(struct model *model, const char *host, int64_t offset_ns)
{
	note_offset(model, clock_of_log(model, host), offset_ns, "option", NULL);
}

/* What trace and audit log tell of one command, however far apart their clocks. */
static void join_commands(struct model *model)
{
	for (struct blocklist_action *action = model->blocklists; action; action = action->next) {
		struct blocklist_action *audited = only_traced(action) ? counterpart(model, action) : NULL;
		if (audited)
			blocklist_join(model, action, audited);
	}
}

void clocks_finish(struct model *model)
{
	struct clocks clocks = { .model = model };
	bool any = false;

	sample_commands(&clocks);
	sample_watches(&clocks);
	if (clocks.sample_count)
		estimate(&clocks);
	if (clocks.list)
		note_groups(&clocks);
	for (size_t i = 0; clocks.list && i < clocks.count; i++) {
		const struct clock *clock = &clocks.list[i];
		if (!clock->offset_ns || clock->given)
			continue;
		note_offset(model, clock->name, clock->offset_ns, "estimated", clock);
		any = true;
	}
	if (any) {
		clocks_shift(model);
	}
	join_commands(model);
	free(clocks.samples);
	free(clocks.list);
}
