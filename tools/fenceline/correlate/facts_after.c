/* SPDX-License-Identifier: MIT */
/* What followed the fence: I/O that failed or waits, a ping, a watch or a header operation answered with -108. */
#include "correlate/facts_after.h"
#include "correlate/episode.h"
#include "correlate/facts.h"
#include "correlate/sign.h"

#include <errno.h>
#include <string.h>

/* Of the -108 of this fence, as the client's own clock has them. */
static bool is_refused_then(const struct facts *facts, int64_t ts_ns)
{
	return facts->refused_from_ns && ts_ns >= facts->refused_from_ns && ts_ns <= facts->refused_until_ns;
}

static void find_failed_io(struct facts *facts)
{
	int64_t shutdown_ns = facts->client && facts->client->shutdown_ns ? facts->client->shutdown_ns : INT64_MAX;

	for (const struct image *image = facts->client ? facts->client->images : NULL; image; image = image->next)
		for (const struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next) {
			if (!is_refused_then(facts, run->begin_ns) || run->begin_ns >= shutdown_ns)
				continue;
			facts->failed_ios += run->ios;
			facts->failed_bytes += run->bytes;
			if (!facts->failed || run->begin_ns < facts->failed->begin_ns)
				facts->failed = run;
		}
}

static bool is_fenced(const struct model *model, const struct client *client)
{
	for (const struct blocklist_action *action = model->blocklists; action; action = action->next)
		if (!strcmp(action->op, "add") && blocklist_covers(action, &client->address))
			return true;
	return false;
}

/* Another drive of the same VM: each has a client of its own. */
static void find_vm_failure(struct facts *facts)
{
	if (!facts->client || !facts->client->process || !facts->client->process->vm_name)
		return;
	for (const struct client *client = facts->model->clients; client; client = client->next) {
		if (client == facts->client || client->process != facts->client->process || is_fenced(facts->model, client))
			continue;
		for (const struct image *image = client->images; image; image = image->next)
			facts->vm_failed |= facts_inside(facts, image->first_eshutdown.ts_ns);
	}
}

static void take_refusal(struct facts *facts, int32_t result, int64_t ts_ns, const struct source *source)
{
	if (result != -ESHUTDOWN || !is_refused_then(facts, ts_ns) ||
	    (facts->refused_after_ns && facts->refused_after_ns <= ts_ns))
		return;
	facts->refused_after_ns = ts_ns;
	facts->refused_after_source = source;
}

/* The first -108 to a watch or to its pings, and the input that tells of that very one. */
static void find_refusal_after(struct facts *facts)
{
	const struct watch *watch = facts->image ? facts->image->watches : NULL;

	for (; watch; watch = watch->next) {
		take_refusal(facts, watch->error, watch->error_ns, watch->error_source);
		for (size_t i = 0; i < watch->ping_count; i++)
			take_refusal(facts, watch->pings[i].result, watch->pings[i].reply_ns, watch->pings[i].source);
	}
}

/* librbd gives up its lock, or asks for it again, and is refused: on Nautilus often the only -108 that a fenced client gets,
 * since its I/O then waits for the lock ("watcher not registered - delaying request", seen on 14.2.21). */
static void find_refused_op(struct facts *facts)
{
	const struct client *client = facts->client;

	for (const struct header_op *op = client ? facts->model->header_ops : NULL; op && !facts->refused_after_ns; op = op->next)
		if (op->result == -ESHUTDOWN && op->process == client->process && op->gid == client->global_id &&
		    is_refused_then(facts, op->ts_ns)) {
			facts->refused_after_ns = op->ts_ns;
			facts->refused_after_source = op->source;
			facts->refused_op = op;
		}
}

static void find_waiting_io(struct facts *facts)
{
	for (const struct image *image = facts->client ? facts->client->images : NULL; image; image = image->next)
		if (image->waiting.since_ns && image->waiting.until_ns - image->waiting.since_ns >= WAITING_NS &&
		    facts_inside(facts, image->waiting.until_ns) && !image->close_ns)
			facts->waiting = image;
}

void facts_after(struct facts *facts)
{
	find_failed_io(facts);
	find_vm_failure(facts);
	find_refusal_after(facts);
	find_refused_op(facts);
	find_waiting_io(facts);
}
