/* SPDX-License-Identifier: MIT */
#include "daemon/limit.h"
#include "daemon/say.h"

/* This process's, or the one that can be done without best. */
static struct limited *find(struct limit *limit, pid_t pid)
{
	struct limited *oldest = limit->list;

	for (int i = 0; i < LIMIT_PROCESSES; i++) {
		if (limit->list[i].pid == pid)
			return &limit->list[i];
		if (limit->list[i].paid_ms < oldest->paid_ms)
			oldest = &limit->list[i];
	}
	*oldest = (struct limited){ .pid = pid };
	return oldest;
}

static bool has_to_wait(const struct limited *one, int64_t now_ms)
{
	return one->paid_ms > now_ms + (LIMIT_STORIES - 1) * LIMIT_EACH_MS;
}

bool limit_allows(struct limit *limit, const struct notice *notice, int64_t now_ms)
{
	struct limited *one;

	if (!notice->pid)
		return true;
	one = find(limit, notice->pid);
	if (one->paid_ms && now_ms - one->begun_ms < LIMIT_TOGETHER_MS)
		return true;
	if (has_to_wait(one, now_ms)) {
		if (!one->waits)
			say("the process %d tells of fences too often: what it tells is looked at once a minute", (int)one->pid);
		one->waits = true;
		one->last = *notice;
		return false;
	}
	one->begun_ms = now_ms;
	one->paid_ms = (one->paid_ms > now_ms ? one->paid_ms : now_ms) + LIMIT_EACH_MS;
	one->waits = false;
	return true;
}

bool limit_next(struct limit *limit, int64_t now_ms, struct notice *notice)
{
	for (int i = 0; i < LIMIT_PROCESSES; i++)
		if (limit->list[i].waits && !has_to_wait(&limit->list[i], now_ms)) {
			limit->list[i].waits = false;
			*notice = limit->list[i].last;
			return true;
		}
	return false;
}
