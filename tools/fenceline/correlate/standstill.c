/* SPDX-License-Identifier: MIT */
/* Did the client's process stand still, and was it the process, or only the shim's sampler that did not run? */
#include "correlate/standstill.h"
#include "correlate/findings.h"
#include "correlate/watches.h"

#include <string.h>

static size_t processes_like(const struct model *model, const struct process *process)
{
	size_t count = 0;

	for (const struct process *each = model->processes; each; each = each->next)
		count += each->pid == process->pid && !strcmp(each->host, process->host);
	return count;
}

/* How much of [begin, end] the client left no event in, by its holes. */
int64_t findings_unheard(const struct client *client, int64_t begin_ns, int64_t end_ns)
{
	int64_t sum = 0;

	for (size_t i = 0; i < client->hole_count; i++) {
		int64_t from = later(client->holes[i].begin_ns, begin_ns);
		int64_t until = client->holes[i].end_ns < end_ns ? client->holes[i].end_ns : end_ns;
		sum += until > from ? until - from : 0;
	}
	return sum;
}

/* A standstill names no client if its process has several, and containers may have equal pids. Then it belongs to whoever was
 * silent meanwhile. */
static bool is_of_client(const struct model *model, const struct stall *stall, const struct client *client)
{
	const struct process *process = client->process;

	if (!process || !stall->process || (stall->named && stall->process != process))
		return false;
	if (stall->process->pid != process->pid || strcmp(stall->process->host, process->host))
		return false;
	if (stall->named || processes_like(model, process) == 1)
		return stall->process == process;
	return 2 * findings_unheard(client, stall->begin_ns, stall->begin_ns + stall->gap_ns) >= stall->gap_ns;
}

int64_t stalled_between(const struct model *model, const struct client *client, int64_t begin_ns, int64_t end_ns,
                        const struct stall **longest)
{
	int64_t sum = 0, most = 0;

	for (const struct stall *stall = model->stalls; stall; stall = stall->next) {
		int64_t from = later(stall->begin_ns, begin_ns);
		int64_t until = stall->begin_ns + stall->gap_ns;
		if (until > end_ns)
			until = end_ns;
		if (until <= from || !is_of_client(model, stall, client))
			continue;
		sum += until - from;
		if (until - from > most && longest) {
			most = until - from;
			*longest = stall;
		}
	}
	return sum;
}

/* A process that stands still sends nothing, and what it had just sent may have been answered unseen: if it still stood
 * when the fence came. Had it woken before, it would have read the answer. */
bool sent_around_stall(const struct findings *findings, int64_t sent_ns)
{
	for (const struct stall *stall = findings->model->stalls; stall; stall = stall->next) {
		int64_t end_ns = stall->begin_ns + stall->gap_ns;
		if (sent_ns >= stall->begin_ns - SAMPLE_NS && sent_ns <= end_ns &&
		    end_ns >= findings->until_ns - CLOCK_SLACK_NS && is_of_client(findings->model, stall, findings->client))
			return true;
	}
	return false;
}

/* Only the sampler's thread was starved: pings left on the wire, or the process wrote events, in the middle of it. */
static bool was_busy_in(const struct findings *findings, const struct stall *stall)
{
	int64_t begin_ns = stall->begin_ns + SAMPLE_NS, end_ns = stall->begin_ns + stall->gap_ns - SAMPLE_NS;
	const struct watch *watch = findings->watch;

	for (size_t i = 0; watch && i < watch->ping_count; i++)
		if (watch->pings[i].seen >= PING_CLIENT_LOG && watch->pings[i].sent_ns > begin_ns &&
		    watch->pings[i].sent_ns < end_ns)
			return true;
	begin_ns = later(begin_ns, findings->client->first_ns); /* nothing is known of the time before */
	return end_ns - begin_ns > UNHEARD_NS && 2 * findings_unheard(findings->client, begin_ns, end_ns) < end_ns - begin_ns;
}

void findings_standstills(struct findings *findings)
{
	if (!findings->client->process || !findings->life_ns)
		return;
	findings->stalled_ns =
	        stalled_between(findings->model, findings->client, silent_since(findings), findings->until_ns, &findings->stall);
	findings->stall_contradicted = findings->stall && was_busy_in(findings, findings->stall);
}

/* Would a ping that left in the standstill have been seen? Else it may have been the sampler's thread alone that did not run. */
bool wire_shows(const struct findings *findings)
{
	if (findings->client->first_ns > findings->stall->begin_ns)
		return false;
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		for (size_t i = 0; i < watch->ping_count; i++)
			if (watch->pings[i].seen >= PING_CLIENT_LOG)
				return true;
	return false;
}
