/* SPDX-License-Identifier: MIT */
/*
 * On which side were the pings lost? Only what witnesses carry, a host being its clients' IP:
 *
 *   osd: its own complaint names the header, or this client; or clients of two hosts lost pings to it while one of these hosts
 *        had pings to another OSD answered
 *   client-host: this host's pings to two OSDs were lost while another host's to one of them were answered
 *   path: the OSD processed one of the lost pings, longer than the watch's timeout before the fence: its answer was lost
 *   unknown: else
 */
#include "correlate/where.h"
#include "correlate/findings.h"
#include "correlate/ping_fate.h"
#include "correlate/silence.h"
#include "model/clients.h"

#include <stdlib.h>
#include <string.h>

static bool same_host(const struct client *a, const struct client *b)
{
	return a->address.family && a->address.family == b->address.family &&
	       !memcmp(a->address.ip, b->address.ip, a->address.family == 2 /* AF_INET */ ? 4 : 16);
}

/* Since the first lost ping: what another watch had answered between it and the last sign of life tells of the time before. */
static int64_t losses_began(const struct findings *findings)
{
	return findings->lost_count ? findings->lost[0]->sent_ns : findings->life_ns;
}

/* What the pings of one client to one OSD (NULL: to any other than `not`) came to between the first lost ping and the fence. */
struct account {
	size_t answered, lost;
};

static void count_pings(const struct findings *findings, struct account *account, const struct watch *watch, const char *osd,
                        const char * not )
{
	int64_t begin_ns = losses_began(findings), end_ns = findings->until_ns - WATCH_SLACK_NS;

	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns < begin_ns || ping->sent_ns > end_ns || !*ping->osd || ping->seen < PING_CLIENT_LOG)
			continue;
		if (osd ? strcmp(ping->osd, osd) != 0 : !strcmp(ping->osd, not ))
			continue;
		if (ping->reply_ns && ping->result >= 0)
			account->answered++;
		else if (ping_was_lost(findings->model, watch, ping))
			account->lost++;
	}
}

/* Of all clients of the same host, or of all others. */
static struct account account_of(const struct findings *findings, bool same, const char *osd, const char * not )
{
	struct account account = { 0 };

	for (const struct client *client = findings->model->clients; client; client = client->next) {
		if (!client->address.family || same_host(client, findings->client) != same ||
		    fsids_differ(client->fsid, findings->client->fsid))
			continue;
		for (const struct image *image = client->images; image; image = image->next)
			for (const struct watch *watch = image->watches; watch; watch = watch->next)
				count_pings(findings, &account, watch, osd, not );
	}
	return account;
}

/* Other hosts that lost pings to the OSD: had one of them pings to another OSD answered meanwhile? */
static bool another_loser_was_answered_elsewhere(const struct findings *findings, const char *osd)
{
	for (const struct client *client = findings->model->clients; client; client = client->next) {
		struct account here = { 0 }, elsewhere = { 0 };
		if (!client->address.family || same_host(client, findings->client) ||
		    fsids_differ(client->fsid, findings->client->fsid))
			continue;
		for (const struct client *each = findings->model->clients; each; each = each->next)
			for (const struct image *image = each->address.family && same_host(each, client) ? each->images : NULL;
			     image; image = image->next)
				for (const struct watch *watch = image->watches; watch; watch = watch->next) {
					count_pings(findings, &here, watch, osd, NULL);
					count_pings(findings, &elsewhere, watch, NULL, osd);
				}
		if (here.lost && !here.answered && elsewhere.answered)
			return true;
	}
	return false;
}

static bool any_other_loser(const struct findings *findings, const char *osd)
{
	struct account others = account_of(findings, false, osd, NULL);

	return others.lost && !others.answered;
}

/* An OSD complains of operations that reached it: of the header's, which only the header's OSD has; of the client's others, such
 * as a write of data, only where that OSD is the one that lost the pings. Data lies on other OSDs, too. */
static bool complained(const struct findings *findings, const struct slow_run *run, const char *osd)
{
	const char *header = findings->watch ? findings->watch->oid : NULL;
	bool of_header = header && *run->object && !strcmp(run->object, header) &&
	                 model_log_of_cluster(run->source, findings->client) >= 0;
	bool of_client = run->client && run->client == findings->client && osd && !strcmp(run->osd, osd);

	return (of_header || of_client) && run->last_ns >= findings->life_ns - CLOCK_SLACK_NS &&
	       run->ts_ns <= findings->until_ns + CLOCK_SLACK_NS;
}

const struct slow_run *where_complaint(const struct findings *findings, const char *osd)
{
	for (const struct slow_run *run = findings->model->slow_runs; run; run = run->next)
		if (complained(findings, run, osd))
			return run;
	return NULL;
}

static bool is_osds_fault(const struct findings *findings, const char *name)
{
	const char *osd = name && strchr(name, ':') ? name : NULL;

	if (findings->stuck_ping || where_complaint(findings, name))
		return true;
	if (!osd || !any_other_loser(findings, osd))
		return false;
	return account_of(findings, true, NULL, osd).answered || another_loser_was_answered_elsewhere(findings, osd);
}

static bool lost_here_and_answered_there(const struct findings *findings, const char *osd)
{
	return account_of(findings, true, osd, NULL).lost && account_of(findings, false, osd, NULL).answered;
}

/* Another OSD of the pings of this watch that lost this host's and answered another host's; NULL: none. */
static const char *other_of_watch(const struct findings *findings, const struct watch *watch, const char *osd)
{
	const char *asked = osd;

	for (size_t i = 0; i < watch->ping_count; i++) {
		const char *other = watch->pings[i].osd;
		if (!*other || !strcmp(other, asked) || !strcmp(other, osd) || watch->pings[i].sent_ns < losses_began(findings))
			continue;
		if (lost_here_and_answered_there(findings, other))
			return other;
		asked = other;
	}
	return NULL;
}

static const char *other_osd_that_answered(const struct findings *findings, const char *osd)
{
	const char *found = NULL;

	for (const struct client *client = findings->model->clients; client && !found; client = client->next)
		for (const struct image *image = client->images; image && !found; image = image->next)
			for (const struct watch *watch = image->watches; watch && !found; watch = watch->next)
				if (client->address.family && same_host(client, findings->client))
					found = other_of_watch(findings, watch, osd);
	return found;
}

const char *where_answered_others(const struct findings *findings, const char *osd)
{
	struct account own = account_of(findings, true, osd, NULL), elsewhere = account_of(findings, true, NULL, osd);
	struct account others = account_of(findings, false, osd, NULL);

	if (!own.lost || !elsewhere.lost || elsewhere.answered)
		return NULL;
	if (others.answered)
		return osd;
	/* What it lost of other hosts' pings, too, it may have lost itself. */
	return others.lost ? NULL : other_osd_that_answered(findings, osd);
}

/* Pings come every five seconds, so a clock that is ahead by a tick makes an answered ping look like a lost one. The watch's
 * registration, which both saw, tells that the OSD's clock is not ahead. */
static bool both_saw_it_begin(const struct watch *watch)
{
	return watch->osd_registered_ns && watch->registered_ns && watch->registered_source &&
	       llabs(watch->osd_registered_ns - watch->registered_ns) <= CLOCK_SLACK_NS + watch->registered_latency_ns;
}

/* How much later the OSD has a ping than the client sent it, by those that were answered. */
static bool known_apart(const struct watch *watch, int64_t *apart_ns)
{
	size_t agree = 0;

	for (size_t i = 0; i < watch->osd_ping_count; i++)
		for (size_t j = 0; j < watch->ping_count; j++)
			if (watch->pings[j].reply_ns && watch->pings[j].result >= 0 && watch->pings[j].seen >= PING_CLIENT_LOG &&
			    llabs(watch->osd_pings[i] - watch->pings[j].sent_ns) <= CLOCK_SLACK_NS) {
				agree++;
				*apart_ns = watch->osd_pings[i] - watch->pings[j].sent_ns;
			}
	/* The watch may also have been connected anew, which the log tells in the same words, and at any time. */
	return agree >= 2;
}

/* By the OSD's own clock the last ping came a whole timeout before the fence. On the client's side it is one that was lost: which
 * one, the earlier pings tell, which both saw. */
static bool answer_was_lost(const struct findings *findings)
{
	const struct watch *watch = findings->watch;
	int64_t fence_ns = findings->osd_sign_ns        ? findings->osd_sign_ns
	                   : watch && watch->expired_ns ? watch->expired_ns
	                                                : findings->fence_ns;
	int64_t apart_ns = 0;

	if (!watch || !findings->osd_last_ns ||
	    fence_ns - findings->osd_last_ns < (int64_t)findings->timeout_s * NS_PER_S - CLOCK_SLACK_NS ||
	    !known_apart(watch, &apart_ns))
		return false;
	for (size_t i = 0; i < findings->lost_count && is_answerable(findings, findings->lost[i]); i++)
		if (llabs(findings->osd_last_ns - findings->lost[i]->sent_ns - apart_ns) <= WAY_DIFFERS_NS)
			return i == 0 || both_saw_it_begin(watch);
	return false;
}

void where_find(const struct findings *findings, struct incident *incident)
{
	const char *osd = incident->header_osd;
	bool by_address = osd && strchr(osd, ':');

	incident->where.side = SIDE_UNKNOWN;
	if (findings->silence.kind != SILENCE_LOST || !findings->client || findings->unseen)
		return;
	if (is_osds_fault(findings, osd))
		incident->where.side = SIDE_OSD;
	else if (answer_was_lost(findings))
		incident->where.side = SIDE_PATH;
	else if (by_address && !findings->doubtful_clocks && where_answered_others(findings, osd))
		incident->where.side = SIDE_CLIENT_HOST;
	incident->where.answered_here = by_address && account_of(findings, true, osd, NULL).answered;
	incident->where.answered_others = by_address && account_of(findings, false, osd, NULL).answered;
}
