/* SPDX-License-Identifier: MIT */
/*
 * Was the client gone before it was fenced? By its own shutdown, by the end that a log tells of its VM, or because the same VM
 * was started anew and nothing was seen of the old process after that (an incoming migration starts while the old one still
 * runs). A client that was told -108 first was not gone: the fence came before its end.
 */
#include "correlate/gone.h"
#include "correlate/episode.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/senders.h"
#include "model/clients.h"

#include <string.h>

static bool is_same_vm(const struct process *a, const struct process *b)
{
	return model_same_vm(a, b) > 0 && !strcmp(a->name, b->name);
}

static int64_t last_heard(const struct findings *findings)
{
	int64_t last_ns = 0;

	for (const struct client *client = findings->model->clients; client; client = client->next)
		if (client->process == findings->client->process && client->last_ns > last_ns)
			last_ns = client->last_ns;
	return last_ns;
}

/* The first client of the same VM under another process, begun after all that is known of this one. */
static const struct client *find_successor(const struct findings *findings)
{
	const struct process *process = findings->client->process;
	const struct client *found = NULL;
	int64_t last_ns = last_heard(findings);

	for (const struct client *client = findings->model->clients; client; client = client->next)
		if (client->process && client->process != process && client->process->pid &&
		    is_same_vm(client->process, process) && client->first_ns > last_ns &&
		    (!found || client->first_ns < found->first_ns))
			found = client;
	return found;
}

static bool is_fencer(const struct findings *findings, const struct client *client)
{
	return findings->episode->first && findings->episode->first->process &&
	       findings->episode->first->process == client->process;
}

static bool is_before_fence(const struct findings *findings, int64_t ts_ns)
{
	return ts_ns && ts_ns <= findings->fence_ns;
}

/* The same VM under another process that began later and is not seen to end: started anew, or come by migration. If that fenced
 * this one, it runs whatever the clocks say. */
static const struct client *find_taker(const struct findings *findings)
{
	const struct client *found = NULL;

	for (const struct client *client = findings->model->clients; client; client = client->next)
		if (client->process && client->process != findings->client->process && client->process->pid &&
		    !client->shutdown_ns && client->first_ns > findings->client->first_ns &&
		    is_same_vm(client->process, findings->client->process))
			found = client;
	for (const struct blocklist_action *action = findings->model->blocklists; action; action = action->next)
		if (action->process && action->process != findings->client->process &&
		    is_same_vm(action->process, findings->client->process) &&
		    blocklist_covers(action, &findings->episode->address))
			found = client_of(findings->model, action->process, action->by_gid);
	return found;
}

/* By the OSD's log: when it found the client fenced; else when its watch timed out there, which a fenced client's does not: it
 * was not fenced yet. */
static int64_t fence_in_osd_log(const struct findings *findings)
{
	const struct watch *watch = findings->watch;

	return findings->osd_sign_ns ? findings->osd_sign_ns
	       : watch && watch->expired_source && model_one_clock(findings->model, watch->expired_source, watch->osd_source)
	               ? watch->expired_ns
	               : 0;
}

/* Was it over before the command was sent? Times of two clocks are compared only where events that both saw tie them. */
static bool is_shown_before(const struct findings *findings, int64_t end_ns, const struct source *source)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct source *osd = findings->watch ? findings->watch->osd_source : NULL;
	int64_t dispatched_ns = action && action->dispatch_ns ? action->dispatch_ns
	                        : action                      ? action->finished_ns - commit_took(findings)
	                                                      : 0;

	if (!action || !source)
		return false;
	if (action->trace_ns && model_clocks_tied(findings->model, source, action->trace_source))
		return end_ns + CLOCK_SLACK_NS < action->trace_ns;
	if (action->audit_source && model_clocks_tied(findings->model, source, action->audit_source))
		return end_ns + CLOCK_SLACK_NS < dispatched_ns;
	return osd && model_clocks_tied(findings->model, source, osd) &&
	       end_ns + commit_took(findings) + OSD_HAS_MAP_NS < fence_in_osd_log(findings);
}

static enum link_status by_successor(struct findings *findings)
{
	const struct client *successor = find_successor(findings);

	findings->successor = successor ? successor : find_taker(findings);
	if (!successor || findings->refused_from_ns || !is_before_fence(findings, successor->first_ns))
		return STATUS_MISSING;
	/* On one host the old one had ended when the new one began, by one clock; elsewhere it may only have been cut off. */
	if (strcmp(successor->process->host, findings->client->process->host))
		return STATUS_INFERRED;
	return is_fencer(findings, successor) || is_shown_before(findings, successor->first_ns, successor->first_source)
	               ? STATUS_SEEN
	               : STATUS_INFERRED;
}

/* Alive until it shut down, and never refused. A fence that came moments before may not have reached it: by two clocks that
 * nothing ties, which came first is not shown. */
static enum link_status by_shutdown(const struct findings *findings)
{
	int64_t end_ns = findings->client->shutdown_ns;
	bool alive_till_then = findings->life_ns && end_ns - findings->life_ns <= WATCH_OVERDUE_NS;

	if (!end_ns || findings->refused_from_ns || !is_before_fence(findings, end_ns))
		return STATUS_MISSING;
	return alive_till_then && is_shown_before(findings, end_ns, findings->client->first_source) ? STATUS_SEEN
	                                                                                            : STATUS_INFERRED;
}

static enum link_status names_vm(const struct process *logged, const struct process *traced)
{
	int same = logged == traced ? 1 : model_same_vm(logged, traced);

	return same > 0 ? STATUS_SEEN : same ? STATUS_MISSING : STATUS_INFERRED;
}

/* Where the trace falls silent as the log has the VM end, they are of one clock: the shim says something every three seconds. */
static const struct source *clock_of_end(const struct findings *findings)
{
	bool as_traced = findings->client->last_ns && findings->client->first_source &&
	                 findings->ended_ns - findings->client->last_ns <= UNHEARD_NS;

	return as_traced ? findings->client->first_source : findings->ended_source;
}

static bool is_ended_since(const struct findings *findings, const struct process *process, const struct vm_change *start)
{
	for (const struct vm_change *change = process->changes; change; change = change->next)
		if (change->ended && change->ts_ns > start->ts_ns && is_before_fence(findings, change->ts_ns) &&
		    !hosts_differ(change->host, start->host))
			return true;
	return false;
}

/* Did the VM run after that end, before the fence? Started anew, or on a host that it had been migrated to. */
static bool ran_after(const struct findings *findings, const struct process *process, const struct vm_change *end)
{
	for (const struct vm_change *change = process->changes; change; change = change->next)
		if (!change->ended && is_before_fence(findings, change->ts_ns) &&
		    (change->ts_ns > end->ts_ns ||
		     (hosts_differ(change->host, end->host) && !is_ended_since(findings, process, change))))
			return true;
	return false;
}

/* The end that is the client's: the first one before the fence, on its host, after which nothing was seen of it. Where no trace
 * shows the client, it may as well be what was started elsewhere or after that. */
static const struct vm_change *end_of_client(const struct findings *findings, const struct process *process)
{
	const struct client *client = findings->client;
	const struct vm_change *found = NULL;

	for (const struct vm_change *change = process->changes; change; change = change->next)
		if (change->ended && is_before_fence(findings, change->ts_ns) &&
		    client->last_ns <= change->ts_ns + CLOCK_SLACK_NS && (!found || change->ts_ns < found->ts_ns) &&
		    (client->first_source ? !hosts_differ(change->host, client->process->host)
		                          : !ran_after(findings, process, change)))
			found = change;
	return found;
}

/* The VM's own log (libvirt's) says that it ended. */
static enum link_status by_log(struct findings *findings)
{
	enum link_status best = STATUS_MISSING;

	for (const struct process *process = findings->model->processes; process; process = process->next) {
		enum link_status named = names_vm(process, findings->client->process);
		const struct vm_change *end = named > best ? end_of_client(findings, process) : NULL;
		if (!end)
			continue;
		best = named;
		findings->ended_ns = end->ts_ns;
		findings->ended_source = end->source;
	}
	if (findings->refused_from_ns)
		return STATUS_MISSING;
	if (best == STATUS_SEEN && !is_shown_before(findings, findings->ended_ns, clock_of_end(findings)))
		return STATUS_INFERRED;
	return best;
}

enum link_status findings_gone(struct findings *findings)
{
	enum link_status best = by_shutdown(findings), next;

	if (!findings->client->process)
		return best;
	next = by_log(findings);
	best = next > best ? next : best;
	next = findings->client->process->pid ? by_successor(findings) : STATUS_MISSING;
	return next > best ? next : best;
}

const struct client *findings_other_life(const struct findings *findings)
{
	const struct client *fenced = findings->client;

	if (!fenced || !fenced->process || !fenced->first_source)
		return NULL;
	for (const struct client *client = findings->model->clients; client; client = client->next)
		if (client->process && client->process != fenced->process && client->first_source && !client->shutdown_ns &&
		    client->last_ns + STORY_NS > findings->fence_ns && is_same_vm(client->process, fenced->process) &&
		    strcmp(client->process->host, fenced->process->host) &&
		    !model_clocks_tied(findings->model, client->first_source, fenced->first_source))
			return client;
	return NULL;
}
