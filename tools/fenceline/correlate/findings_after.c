/* SPDX-License-Identifier: MIT */
/* What followed the fence: I/O that failed or waits, a ping, a watch or a header operation answered with -108. */
#include "correlate/findings_after.h"
#include "correlate/episode.h"
#include "correlate/findings.h"
#include "correlate/senders.h"
#include "correlate/sign.h"

#include <errno.h>
#include <string.h>

/* The -108 of this fence, by the client's own clock. */
static bool is_refused_then(const struct findings *findings, int64_t ts_ns)
{
	return findings->refused_from_ns && ts_ns >= findings->refused_from_ns && ts_ns <= findings->refused_until_ns;
}

static void find_failed_io(struct findings *findings)
{
	int64_t shutdown_ns = findings->client && findings->client->shutdown_ns ? findings->client->shutdown_ns : INT64_MAX;

	for (const struct image *image = findings->client ? findings->client->images : NULL; image; image = image->next)
		for (const struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next) {
			if (!is_refused_then(findings, run->begin_ns) || run->begin_ns >= shutdown_ns)
				continue;
			findings->failed_ios += run->ios;
			findings->failed_bytes += run->bytes;
			if (!findings->failed || run->begin_ns < findings->failed->begin_ns)
				findings->failed = run;
		}
}

/* Is there no other fence that the shim may have counted -108 of? */
static bool was_fenced_once(const struct findings *findings)
{
	for (const struct blocklist_action *action = findings->model->blocklists; action; action = action->next)
		if (!strcmp(action->op, "add") && !command_failed(action) &&
		    blocklist_covers(action, &findings->client->address) &&
		    (action->ts_ns < findings->episode->opened_ns || action->ts_ns > findings->episode->end_ns))
			return false;
	return true;
}

/* A recording that began after the fence, or lost events of it, has not all that failed. */
static void find_counted_io(struct findings *findings)
{
	if (!findings->client || !was_fenced_once(findings))
		return;
	for (const struct image *image = findings->client->images; image; image = image->next) {
		findings->counted_ios += image->counted_failures.ios;
		if (image->counted_failures.ios > (findings->counted ? findings->counted->counted_failures.ios : 0))
			findings->counted = image;
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
static void find_vm_failure(struct findings *findings)
{
	if (!findings->client || !findings->client->process || !findings->client->process->vm_name)
		return;
	for (const struct client *client = findings->model->clients; client; client = client->next) {
		if (client == findings->client || client->process != findings->client->process ||
		    is_fenced(findings->model, client))
			continue;
		for (const struct image *image = client->images; image; image = image->next)
			findings->vm_failed |= findings_inside(findings, image->first_eshutdown.ts_ns);
	}
}

static void take_refusal(struct findings *findings, int32_t result, int64_t ts_ns, const struct source *source)
{
	if (result != -ESHUTDOWN || !is_refused_then(findings, ts_ns) ||
	    (findings->refused_after_ns && findings->refused_after_ns <= ts_ns))
		return;
	findings->refused_after_ns = ts_ns;
	findings->refused_after_source = source;
}

/* The first -108 to a watch or to its pings, and the input that tells of that very one. */
static void find_refusal_after(struct findings *findings)
{
	const struct watch *watch = findings->image ? findings->image->watches : NULL;

	for (; watch; watch = watch->next) {
		take_refusal(findings, watch->error, watch->error_ns, watch->error_source);
		for (size_t i = 0; i < watch->ping_count; i++)
			take_refusal(findings, watch->pings[i].result, watch->pings[i].reply_ns, watch->pings[i].source);
	}
}

/* librbd gives up its lock, or asks for it again, and is refused: on Nautilus often the only -108 that a fenced client gets,
 * since its I/O then waits for the lock ("watcher not registered - delaying request", seen on 14.2.21). */
static void find_refused_op(struct findings *findings)
{
	const struct client *client = findings->client;

	for (const struct header_op *op = client ? findings->model->header_ops : NULL; op && !findings->refused_after_ns;
	     op = op->next)
		if (op->result == -ESHUTDOWN && op->process == client->process && op->gid == client->global_id &&
		    is_refused_then(findings, op->ts_ns)) {
			findings->refused_after_ns = op->ts_ns;
			findings->refused_after_source = op->source;
			findings->refused_op = op;
		}
}

static void find_waiting_io(struct findings *findings)
{
	for (const struct image *image = findings->client ? findings->client->images : NULL; image; image = image->next)
		if (image->waiting.since_ns && image->waiting.until_ns - image->waiting.since_ns >= WAITING_NS &&
		    findings_inside(findings, image->waiting.until_ns) && !image->close_ns)
			findings->waiting = image;
	findings->waiting_cut = findings->waiting && findings->episode->first &&
	                        findings->waiting->waiting.until_ns + CLOCK_SLACK_NS < findings->episode->first->ts_ns;
}

void findings_after(struct findings *findings)
{
	find_failed_io(findings);
	find_counted_io(findings);
	find_vm_failure(findings);
	find_refusal_after(findings);
	find_refused_op(findings);
	find_waiting_io(findings);
}
