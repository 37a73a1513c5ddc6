/* SPDX-License-Identifier: MIT */
/* Had the watch run out when the fencer looked? By the breaker's list, the OSD's log, the client's -107, or computed. */
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/senders.h"
#include "correlate/watches.h"
#include "model/clients.h"

#include <errno.h>
#include <string.h>

const struct watchers_listing *breakers_listing(const struct findings *findings, const char *oid)
{
	const struct blocklist_action *action = findings->episode->first;
	const struct watchers_listing *found = NULL;

	if (!oid)
		oid = findings->wanted;
	for (const struct watchers_listing *listing = action && oid ? findings->model->listings : NULL; listing;
	     listing = listing->next)
		if (listing->result >= 0 && is_look_before(action, listing) && !strcmp(oid, listing->oid))
			found = listing;
	return found;
}

/* ---- the timeout ---- */

/* What stood when the watch was registered (0: not known) and until the fence; 0: no input tells. A watch keeps what it was
 * given. A dump of the configuration has no time: it may show what was set after the fence. */
static uint32_t timeout_that_stood(const struct model *model, const struct client *client, int64_t registered_ns,
                                   int64_t until_ns, bool *differ)
{
	bool several = model_several_clusters(model), set_since = false;
	uint32_t stood = 0, dumped = 0;

	*differ = false;
	for (const struct timeout_told *told = model->timeouts; told; told = told->next) {
		if (several && model_log_of_cluster(told->source, client) <= 0) {
			continue;
		} else if (told->ts_ns > until_ns) {
			set_since |= told->seconds == dumped;
		} else if (!told->ts_ns) {
			*differ |= dumped && dumped != told->seconds;
			dumped = told->seconds;
		} else if (told->ts_ns <= registered_ns || !registered_ns) {
			*differ |= !registered_ns && stood && stood != told->seconds;
			stood = told->seconds;
		} else {
			*differ |= stood != told->seconds;
			stood = stood ? stood : told->seconds;
		}
	}
	if (!stood)
		return set_since ? 0 : dumped;
	*differ |= dumped && dumped != stood && !set_since;
	return stood;
}

/* Another watch's: of the same cluster, as far as the inputs tell. */
static uint32_t timeout_of_others(const struct model *model, const struct client *client, const char *oid)
{
	bool several = model_several_clusters(model);
	uint32_t any = 0;

	for (const struct watchers_listing *listing = model->listings; listing; listing = listing->next) {
		const struct client *asker = several ? client_of(model, listing->process, listing->gid) : NULL;
		bool same_watch = oid && !strcmp(oid, listing->oid);

		if (several && !same_watch && !(asker && client && *asker->fsid && !strcmp(asker->fsid, client->fsid)))
			continue;
		for (size_t i = 0; i < listing->count; i++) {
			if (listing->watchers[i].timeout_s && same_watch)
				return listing->watchers[i].timeout_s;
			any = listing->watchers[i].timeout_s ? listing->watchers[i].timeout_s : any;
		}
	}
	return any;
}

uint32_t watch_timeout(const struct model *model, const struct watch *watch, const char *oid, int64_t until_ns,
                       const struct correlate_options *options, const char **from, bool *differ)
{
	const struct client *client = watch ? watch->image->client : NULL;
	uint32_t found;

	*differ = false;
	*from = watch && watch->timeout_logged ? "log" : "trace";
	if (watch && watch->timeout_s)
		return watch->timeout_s;
	/* librbd asks for no timeout of its own: every watch gets the OSD's osd_client_watch_timeout */
	found = timeout_of_others(model, client, oid);
	if (found)
		return found;
	*from = "log";
	found = timeout_that_stood(model, client, watch ? watch->registered_ns : 0, until_ns, differ);
	if (found)
		return found;
	*differ = false;
	if (model->watch_timeout_s && !model_several_clusters(model))
		return model->watch_timeout_s;
	*from = options->watch_timeout_s ? "option" : "assumed";
	return options->watch_timeout_s ? options->watch_timeout_s : WATCH_TIMEOUT_DEFAULT_S;
}

/* ---- the breaker's list ---- */

void findings_listing(struct findings *findings)
{
	const struct watchers_listing *listing = breakers_listing(findings, findings->watch ? findings->watch->oid : NULL);

	findings->listing = listing;
	findings->listing_complete = listing && listing->count >= listing->expected;
	for (size_t i = 0; listing && i < listing->count; i++)
		if (address_same_client(&listing->watchers[i].address, &findings->episode->address))
			findings->owner_listed = &listing->watchers[i];
}

bool list_lacks_owner(const struct findings *findings)
{
	return findings->listing && findings->listing_complete && !findings->owner_listed;
}

/* ---- the expiry ---- */

/* A primary that takes the placement group over begins the timer anew. */
static bool primary_moved(const struct findings *findings)
{
	const char *osd = findings->last_ack ? findings->last_ack->osd : "";

	for (size_t i = 0; i < findings->lost_count; i++) {
		if (*osd && *findings->lost[i]->osd && strcmp(osd, findings->lost[i]->osd))
			return true;
		osd = *findings->lost[i]->osd ? findings->lost[i]->osd : osd;
	}
	return false;
}

/* Nothing is computed beyond what was recorded of the client, or across where it was not. */
static bool is_covered(const struct findings *findings, int64_t until_ns)
{
	const struct client *client = findings->client;

	if (!client->process || !client->process->pid)
		return true;
	if (client->last_ns < until_ns || client->first_ns > silent_since(findings) + WATCH_OVERDUE_NS)
		return false;
	return !findings->hole || findings->hole->begin_ns >= until_ns || (findings->stall && !findings->stall_contradicted);
}

static bool expiry_is_logged(const struct findings *findings)
{
	const struct watch *watch = findings->watch;
	int64_t until_ns = findings->osd_sign_ns ? findings->osd_sign_ns : findings->fence_ns + CLOCK_SLACK_NS;

	return watch && watch->expired_ns && watch->expired_ns <= until_ns && watch->expired_ns >= findings->osd_last_ns;
}

/* -107 is the OSD's word before the fence; a fence causes it, too. */
static bool refusal_came_before(const struct findings *findings, int64_t computed_ns)
{

	return findings->refused &&
	       (list_lacks_owner(findings) || (findings->timeout_known && computed_ns <= findings->refused->reply_ns));
}

static void set_expired(struct findings *findings, int64_t ns, const char *from)
{
	findings->expired_ns = ns;
	findings->expired_from = from;
}

/* The client's own silence, from the last ping that was acknowledged to the fence's first sign, is longer than the OSD's: a watch
 * that was gone after less than its timeout was not lost by it. */
static bool is_too_soon(const struct findings *findings, int64_t computed_ns)
{
	bool silent = findings->silence.kind == SILENCE_LOST || findings->silence.kind == SILENCE_STALLED;

	return silent && findings->timeout_known && findings->sign_ns && findings->one_clock && !findings->expired_logged &&
	       findings->until_ns + WATCH_SLACK_NS < computed_ns;
}

void findings_expiry(struct findings *findings)
{
	int64_t since_ns = silent_since(findings), computed_ns = since_ns + findings->timeout_s * NS_PER_S;

	findings->moved = primary_moved(findings);
	findings->timeout_known = strcmp(findings->timeout_from, "assumed") != 0 && !findings->timeouts_differ;
	if (expiry_is_logged(findings)) {
		set_expired(findings, findings->watch->expired_ns, "seen");
		findings->expired_logged = true;
	} else if (list_lacks_owner(findings)) {
		set_expired(findings, findings->listing->ts_ns, "seen");
	} else if (refusal_came_before(findings, computed_ns)) {
		set_expired(findings, findings->refused->reply_ns, "seen");
	} else if (findings->client && since_ns && !findings->moved && computed_ns <= findings->until_ns &&
	           !findings->silence.contradicted && is_covered(findings, computed_ns)) {
		set_expired(findings, computed_ns, "computed");
	}
	findings->too_soon = since_ns && is_too_soon(findings, computed_ns);
	findings->watch_there = findings->silence.contradicted ||
	                        (findings->client && since_ns && findings->timeout_known && !findings->expired_from &&
	                         findings->one_clock && findings->until_ns < computed_ns);
}

bool watch_was_gone(const struct findings *findings)
{
	return findings->expired_from || findings->broken_before;
}
