/* SPDX-License-Identifier: MIT */
/* Gathers what is known of one fenced client: its image, watch, pings, stalls, what the lock breaker saw, its failed I/O. */
#include "correlate/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_PREFIX "rbd_header."

bool watch_is_header(const struct watch *watch)
{
	size_t length = watch->oid ? strlen(watch->oid) : 0;

	return length && (!strncmp(watch->oid, HEADER_PREFIX, strlen(HEADER_PREFIX)) ||
	                  (length > 4 && !strcmp(watch->oid + length - 4, ".rbd")));
}

bool watch_is_registered(const struct watch *watch)
{
	return !watch->error_ns || watch->error_ns != watch->registered_ns;
}

const struct image *image_of_header(const struct client *client, const char *oid)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next) {
		if (!strncmp(oid, HEADER_PREFIX, strlen(HEADER_PREFIX)) && *image->id &&
		    !strcmp(oid + strlen(HEADER_PREFIX), image->id))
			return image;
		for (const struct watch *watch = image->watches; watch; watch = watch->next)
			if (watch_is_header(watch) && !strcmp(watch->oid, oid))
				return image;
	}
	return NULL;
}

const struct client *client_of(const struct model *model, const struct process *process, uint64_t global_id)
{
	const struct client *only = NULL;

	for (const struct client *client = model->clients; client; client = client->next) {
		if (process ? client->process != process : !global_id)
			continue;
		if (global_id && client->global_id == global_id)
			return client;
		if (process && !only)
			only = client;
	}
	return global_id ? NULL : only;
}

int64_t stalled_between(const struct model *model, const struct process *process, int64_t begin_ns, int64_t end_ns,
                        const struct stall **longest)
{
	int64_t sum = 0, most = 0;

	for (const struct stall *stall = model->stalls; stall; stall = stall->next) {
		int64_t from = stall->begin_ns > begin_ns ? stall->begin_ns : begin_ns;
		int64_t until = stall->begin_ns + stall->gap_ns;
		if (until > end_ns)
			until = end_ns;
		if (stall->process != process || until <= from)
			continue;
		sum += until - from;
		if (until - from > most && longest) {
			most = until - from;
			*longest = stall;
		}
	}
	return sum;
}

/* ---- whose lock was broken ---- */

static bool is_sender(const struct blocklist_action *action, const struct process *process, uint64_t gid)
{
	if (action->process)
		return process == action->process;
	return action->by_gid && action->by_gid == gid;
}

/* The last list of watchers that the blocklister read before it sent the command; of this header if oid is given. */
static const struct watchers_listing *breakers_listing(const struct facts *facts, const char *oid)
{
	const struct blocklist_action *action = facts->episode->first;
	const struct watchers_listing *found = NULL;

	for (const struct watchers_listing *listing = facts->model->listings; listing; listing = listing->next) {
		if (!action || !is_sender(action, listing->process, listing->gid) || listing->result < 0)
			continue;
		if (listing->ts_ns > action->ts_ns || action->ts_ns - listing->ts_ns > BREAKER_LOOKBACK_NS)
			continue;
		if (!oid || !strcmp(oid, listing->oid))
			found = listing;
	}
	return found;
}

static const struct image *image_named(const struct client *client, const char *pool, const char *name, const char *id)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next)
		if ((*id && !strcmp(id, image->id)) || (*name && !strcmp(name, image->name) && !strcmp(pool, image->pool)))
			return image;
	return NULL;
}

/* The image whose snapshot call, or whose lock, the blocklister was busy with. */
static const struct image *image_of_breaker(const struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;
	const struct watchers_listing *listing = breakers_listing(facts, NULL);
	const struct image *image = listing ? image_of_header(facts->client, listing->oid) : NULL;

	for (const struct snapshot_call *call = facts->model->snapshots; call && !image && action; call = call->next)
		if (is_sender(action, call->process, call->gid) && call->begin_ns <= action->ts_ns &&
		    (!call->end_ns || call->end_ns >= action->ts_ns))
			image = image_named(facts->client, call->pool, call->image_name, call->image_id);
	for (const struct header_op *op = facts->model->header_ops; op && action && !image; op = op->next)
		if (is_sender(action, op->process, op->gid) && !strncmp(op->method, "lock.", 5) &&
		    llabs(op->ts_ns - action->ts_ns) < BREAKER_LOOKBACK_NS)
			image = image_of_header(facts->client, op->oid);
	return image;
}

static bool is_named(const struct image *image)
{
	return *image->name || *image->id;
}

static bool has_expired(const struct image *image, int64_t by_ns)
{
	for (const struct watch *watch = image->watches; watch; watch = watch->next)
		if (watch->expired_ns && watch->expired_ns <= by_ns + CLOCK_SLACK_NS)
			return true;
	return false;
}

/* Without a word from the blocklister: the image that failed first, else one whose watch had expired, else the first. */
static const struct image *image_likely(const struct facts *facts)
{
	const struct image *first = NULL, *failed = NULL, *expired = NULL;

	for (const struct image *image = facts->client ? facts->client->images : NULL; image; image = image->next) {
		if (!is_named(image))
			continue;
		if (image->first_eshutdown.ts_ns && (!failed || image->first_eshutdown.ts_ns < failed->first_eshutdown.ts_ns))
			failed = image;
		if (!first)
			first = image;
		if (!expired && has_expired(image, facts->fence_ns))
			expired = image;
	}
	return failed ? failed : expired ? expired : first;
}

/* ---- its watch and pings ---- */

static const struct watch *watch_at(const struct image *image, int64_t at_ns)
{
	const struct watch *found = NULL;

	for (const struct watch *watch = image ? image->watches : NULL; watch; watch = watch->next)
		if (watch_is_header(watch) && watch_is_registered(watch) && watch->registered_ns <= at_ns)
			found = watch;
	return found;
}

static bool is_ack(const struct ping *ping)
{
	return ping->reply_ns && ping->result >= 0;
}

static void find_last_ack(struct facts *facts)
{
	for (const struct watch *watch = facts->image ? facts->image->watches : NULL; watch; watch = watch->next) {
		if (!watch_is_header(watch) || watch->registered_ns > facts->fence_ns)
			continue;
		for (size_t i = 0; i < watch->ping_count; i++) {
			const struct ping *ping = &watch->pings[i];
			if (ping->sent_ns > facts->fence_ns)
				continue;
			facts->pings_known = true;
			if (!is_ack(ping) || ping->sent_ns < facts->last_ack_sent_ns)
				continue;
			facts->last_ack = ping;
			facts->last_ack_sent_ns = ping->sent_ns;
			facts->last_ack_ns = ping->reply_ns;
			facts->last_ack_source = ping->source;
		}
		/* A recording that began late knows the time only, from the watch's state. */
		if (watch->last_ack_sent_ns > facts->last_ack_sent_ns && watch->last_ack_sent_ns <= facts->fence_ns) {
			facts->last_ack = NULL;
			facts->last_ack_sent_ns = watch->last_ack_sent_ns;
			facts->last_ack_ns = watch->last_ack_ns;
			facts->last_ack_source = watch->last_ack_source;
		}
	}
}

/* Since when the OSD had not heard of the watch: the last acknowledged ping, or a registration after it. */
static int64_t last_sign_of_life(const struct facts *facts)
{
	int64_t registered_ns = facts->watch ? facts->watch->registered_ns : 0;

	return facts->last_ack_sent_ns > registered_ns ? facts->last_ack_sent_ns : registered_ns;
}

/* A process that stands still sends nothing, and what it had just sent may have been answered unseen: if it still stood
 * when the fence came. Had it woken before, it would have read the answer. */
static bool sent_around_stall(const struct facts *facts, int64_t sent_ns)
{
	for (const struct stall *stall = facts->model->stalls; stall; stall = stall->next) {
		int64_t end_ns = stall->begin_ns + stall->gap_ns;
		if (stall->process == facts->client->process && sent_ns >= stall->begin_ns - NS_PER_S && sent_ns <= end_ns &&
		    end_ns >= facts->fence_ns - CLOCK_SLACK_NS)
			return true;
	}
	return false;
}

/* Pings sent since then that the OSD had not acknowledged when the fence came. While the last acknowledged one is no
 * older than a healthy one can be, a ping without an answer is only on its way. */
static int find_lost(struct facts *facts)
{
	int64_t since_ns = last_sign_of_life(facts);
	const struct watch *watch = facts->watch;

	if (!watch || !watch->ping_count || facts->fence_ns - since_ns <= WATCH_OVERDUE_NS)
		return 0;
	facts->lost = calloc(watch->ping_count, sizeof *facts->lost);
	if (!facts->lost)
		return -ENOMEM;
	for (size_t i = 0; i < watch->ping_count; i++) {
		const struct ping *ping = &watch->pings[i];
		if (ping->sent_ns <= since_ns || ping->sent_ns > facts->fence_ns)
			continue;
		if (ping->reply_ns && ping->reply_ns < facts->fence_ns) {
			if (ping->result < 0 && ping->result != -ESHUTDOWN && !facts->refused)
				facts->refused = ping; /* -108 would be an earlier fence, not a lost watch */
			continue;
		}
		if (!sent_around_stall(facts, ping->sent_ns))
			facts->lost[facts->lost_count++] = ping;
	}
	return 0;
}

/* A process under the shim says something every few seconds, so long as it runs. */
static void find_silence(struct facts *facts)
{
	int64_t last_ns = 0;

	if (!facts->client || !facts->client->process)
		return;
	for (const struct client *client = facts->model->clients; client; client = client->next)
		if (client->process == facts->client->process && client->last_ns > last_ns)
			last_ns = client->last_ns;
	if (last_ns && facts->fence_ns - last_ns > 2 * WATCH_OVERDUE_NS)
		facts->silent_ns = facts->fence_ns - last_ns;
}

static void find_broken_watch(struct facts *facts)
{
	for (const struct watch *watch = facts->image ? facts->image->watches : NULL; watch; watch = watch->next)
		if (watch_is_header(watch) && watch->error && watch->error != -ESHUTDOWN && watch->error_ns < facts->fence_ns &&
		    watch->error_ns >= last_sign_of_life(facts) &&
		    !(watch->expired_ns && watch->expired_ns <= watch->error_ns + CLOCK_SLACK_NS)) /* then it only told of that */
			facts->broken = watch;
}

/* ---- the watch's timeout and its end ---- */

uint32_t watch_timeout(const struct model *model, const struct watch *watch, const char *oid,
                       const struct correlate_options *options, const char **from)
{
	uint32_t same = 0, any = 0;

	*from = watch && watch->timeout_logged ? "log" : "trace";
	if (watch && watch->timeout_s)
		return watch->timeout_s;
	for (const struct watchers_listing *listing = model->listings; listing; listing = listing->next)
		for (size_t i = 0; i < listing->count; i++) {
			if (!listing->watchers[i].timeout_s)
				continue;
			any = listing->watchers[i].timeout_s;
			if (oid && !strcmp(oid, listing->oid))
				same = any;
		}
	if (same || any) /* librbd asks for no timeout of its own: every watch gets the OSD's osd_client_watch_timeout */
		return same ? same : any;
	*from = "log";
	if (model->watch_timeout_s)
		return model->watch_timeout_s;
	*from = options->watch_timeout_s ? "option" : "assumed";
	return options->watch_timeout_s ? options->watch_timeout_s : WATCH_TIMEOUT_DEFAULT_S;
}

static void find_expiry(struct facts *facts)
{
	int64_t since_ns = last_sign_of_life(facts);
	int64_t computed_ns = since_ns + facts->timeout_s * NS_PER_S;

	facts->listing = facts->watch ? breakers_listing(facts, facts->watch->oid) : breakers_listing(facts, NULL);
	for (size_t i = 0; facts->listing && i < facts->listing->count; i++)
		if (address_same_client(&facts->listing->watchers[i].address, &facts->episode->address))
			facts->owner_listed = &facts->listing->watchers[i];
	if (facts->watch && facts->watch->expired_ns && facts->watch->expired_ns <= facts->fence_ns + CLOCK_SLACK_NS) {
		facts->expired_ns = facts->watch->expired_ns;
		facts->expired_from = "seen";
		facts->expired_logged = true;
	} else if (facts->listing && !facts->owner_listed) {
		facts->expired_ns = facts->listing->ts_ns;
		facts->expired_from = "seen";
	} else if (facts->refused) {
		facts->expired_ns = facts->refused->reply_ns;
		facts->expired_from = "seen";
	} else if (since_ns && computed_ns <= facts->fence_ns) {
		facts->expired_ns = computed_ns;
		facts->expired_from = "computed";
	}
}

static void find_break_call(struct facts *facts)
{
	const struct blocklist_action *action = facts->episode->first;

	for (const struct lock_break_call *call = facts->model->lock_breaks; call && action; call = call->next)
		if (is_sender(action, call->process, call->gid) && call->begin_ns <= action->ts_ns &&
		    (!call->end_ns || call->end_ns >= action->ts_ns))
			facts->break_call = call;
}

static void find_earlier_fence(struct facts *facts)
{
	const struct blocklist_action *action = facts->model->blocklists;

	for (; action && facts->episode->first && action->ts_ns < facts->fence_ns; action = action->next)
		if (!strcmp(action->op, "add") && !(action->has_result && action->result < 0) &&
		    blocklist_covers(action, &facts->episode->address))
			facts->earlier = action;
}

int facts_gather(struct facts *facts, const struct model *model, const struct episodes *episodes, const struct episode *episode,
                 const struct correlate_options *options)
{
	*facts = (struct facts){ .model = model, .episode = episode, .client = episode->client };
	facts->fence_ns = episode->begin_ns;
	facts->image = image_of_breaker(facts);
	if (!facts->image)
		facts->image = image_likely(facts);
	facts->watch = watch_at(facts->image, facts->fence_ns);
	facts->timeout_s =
	        watch_timeout(model, facts->watch, facts->watch ? facts->watch->oid : NULL, options, &facts->timeout_from);
	find_last_ack(facts);
	if (facts->client && find_lost(facts))
		return -ENOMEM;
	if (facts->client && facts->client->process && last_sign_of_life(facts))
		facts->stalled_ns =
		        stalled_between(model, facts->client->process, last_sign_of_life(facts), facts->fence_ns, &facts->stall);
	find_silence(facts);
	find_broken_watch(facts);
	find_expiry(facts);
	facts_after(facts);
	find_break_call(facts);
	find_earlier_fence(facts);
	facts_logs(facts, episodes);
	return 0;
}

void facts_release(struct facts *facts)
{
	free(facts->lost);
	facts->lost = NULL;
}
