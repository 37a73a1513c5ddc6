/* SPDX-License-Identifier: MIT */
#include "guard/verdict.h"
#include "guard/image.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
#define VERDICT_NAME(id, name, code, weight) name,
		VERDICTS(VERDICT_NAME)
#undef VERDICT_NAME
	};

	return names[verdict];
}

int verdict_exit_code(enum verdict verdict)
{
	static const int codes[] = {
#define VERDICT_CODE(id, name, code, weight) code,
		VERDICTS(VERDICT_CODE)
#undef VERDICT_CODE
	};

	return codes[verdict];
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	static const int weights[] = {
#define VERDICT_WEIGHT(id, name, code, weight) weight,
		VERDICTS(VERDICT_WEIGHT)
#undef VERDICT_WEIGHT
	};

	return weights[b] > weights[a] ? b : a;
}

#define ANY (-1)

/* The first row that fits counts. A column is a value of the look's enum, or ANY. */
static const struct row {
	const char *rule;
	int lock, fenced, watch, process, probe;
	enum verdict verdict;
	const char *reason; /* %-words are those of verdict_fill() */
} rows[] = {
	{ "no-exclusive-lock", LOCK_UNSUPPORTED, ANY, ANY, ANY, ANY, VERDICT_SAFE,
	  "the image has no exclusive-lock feature: no lock is taken, so nobody is fenced" },
	{ "not-locked", LOCK_FREE, ANY, ANY, ANY, ANY, VERDICT_SAFE, "nobody holds the lock" },
	{ "foreign-lock", LOCK_FOREIGN, ANY, ANY, ANY, ANY, VERDICT_WAIT,
	  "{locker} holds the lock in a way that is not librbd's own (`rbd lock add`, or shared): librbd breaks no such lock and "
	  "fences nobody, but whoever needs the lock is refused (-EBUSY) until it is given back" },
	{ "fenced-already", LOCK_OWNED, FENCED_YES, ANY, ANY, ANY, VERDICT_OWNER_DEAD,
	  "the owner, {owner}, is fenced already ({fence}): it can write no more, and taking the lock harms nobody anew" },
	{ "watch-not-known", LOCK_OWNED, ANY, WATCH_NOT_KNOWN, ANY, ANY, VERDICT_CANNOT_TELL,
	  "the image has more watchers than can be listed: the owner, {owner}, may be among them" },
	{ "gone", LOCK_OWNED, ANY, WATCH_GONE, PROCESS_GONE, ANY, VERDICT_OWNER_DEAD,
	  "the owner, {owner}, has no watch, and its process is gone ({witness})" },
	{ "gone-other-cookie", LOCK_OWNED, ANY, WATCH_OTHER_COOKIE, PROCESS_GONE, ANY, VERDICT_OWNER_DEAD,
	  "the owner, {owner}, has no watch of the lock's cookie, and its process is gone ({witness})" },
	{ "other-cookie", LOCK_OWNED, ANY, WATCH_OTHER_COOKIE, ANY, ANY, VERDICT_WOULD_FENCE,
	  "the owner, {owner}, lives: it has registered its watch anew, and the lock still carries the old cookie. librbd "
	  "compares "
	  "both, takes it for dead and fences it; the owner mends that by itself within seconds" },
	{ "unwatched-and-alive", LOCK_OWNED, ANY, WATCH_GONE, PROCESS_LIVES, ANY, VERDICT_WOULD_FENCE,
	  "the owner, {owner}, has no watch, so librbd takes it for dead and fences it; but it lives ({witness})" },
	{ "unwatched-and-silent", LOCK_OWNED, ANY, WATCH_GONE, PROCESS_SILENT, ANY, VERDICT_WOULD_FENCE,
	  "the owner, {owner}, has lost its watch, since its pings are not acknowledged ({witness}); it lives, and librbd would "
	  "fence "
	  "it" },
	{ "unwatched-and-stopped", LOCK_OWNED, ANY, WATCH_GONE, PROCESS_STOPPED, ANY, VERDICT_WOULD_FENCE,
	  "the owner, {owner}, has lost its watch, since its process is stopped ({witness}); librbd would fence it" },
	{ "unwatched", LOCK_OWNED, ANY, WATCH_GONE, PROCESS_NOT_KNOWN, ANY, VERDICT_WOULD_FENCE,
	  "the owner, {owner}, has no watch, so librbd takes it for dead and fences it. It may live: {process}" },
	{ "answered", LOCK_OWNED, ANY, WATCH_THERE, PROCESS_GONE, PROBE_ANSWERED, VERDICT_SAFE,
	  "the owner, {owner}, has its watch and answered in {took}, so it lives, whatever is said of its process ({witness})" },
	{ "slow-to-answer", LOCK_OWNED, ANY, WATCH_THERE, PROCESS_GONE, PROBE_SLOW, VERDICT_WAIT,
	  "the owner, {owner}, has its watch and answered, so it lives, whatever is said of its process ({witness}); but only "
	  "after {took}: its pings are as slow" },
	{ "ending", LOCK_OWNED, ANY, WATCH_THERE, PROCESS_GONE, ANY, VERDICT_WAIT,
	  "the owner's process is gone ({witness}), but its watch is listed until the OSD's timeout; then it is dead for librbd, "
	  "too" },
	{ "stopped", LOCK_OWNED, ANY, WATCH_THERE, PROCESS_STOPPED, ANY, VERDICT_WAIT,
	  "the owner, {owner}, has its watch still, but its process is stopped ({witness}): it sends no pings and answers "
	  "nobody" },
	{ "silent", LOCK_OWNED, ANY, WATCH_THERE, PROCESS_SILENT, ANY, VERDICT_WAIT,
	  "the owner, {owner}, has its watch still, but its pings are not acknowledged ({witness}): the watch is about to "
	  "expire" },
	{ "mute", LOCK_OWNED, ANY, WATCH_THERE, ANY, PROBE_MUTE, VERDICT_WAIT,
	  "the owner, {owner}, has its watch still, but did not answer in {timeout}: it hangs, or what it sends does not arrive. "
	  "librbd would ask it until its watch is gone, and then fence it" },
	{ "slow-to-answer", LOCK_OWNED, ANY, WATCH_THERE, ANY, PROBE_SLOW, VERDICT_WAIT,
	  "the owner, {owner}, has its watch and answered, but only after {took}: its pings are as slow" },
	{ "probe-failed", LOCK_OWNED, ANY, WATCH_THERE, ANY, PROBE_FAILED, VERDICT_CANNOT_TELL,
	  "the owner, {owner}, has its watch, but whether it answers could not be asked: {probe}" },
	{ "answered", LOCK_OWNED, ANY, WATCH_THERE, ANY, PROBE_ANSWERED, VERDICT_SAFE,
	  "the owner, {owner}, has its watch and answered in {took}" },
	{ "watched", LOCK_OWNED, ANY, WATCH_THERE, ANY, PROBE_NOT_ASKED, VERDICT_SAFE,
	  "the owner, {owner}, has its watch; whether it answers was not asked (--probe asks)" },
};

static bool fits(const struct row *row, const struct look *look)
{
	return (row->lock == ANY || row->lock == (int)look->lock_state) &&
	       (row->fenced == ANY || row->fenced == (int)look->fenced) &&
	       (row->watch == ANY || row->watch == (int)look->watch) &&
	       (row->process == ANY || row->process == (int)look->process.state) &&
	       (row->probe == ANY || row->probe == (int)look->probe);
}

static void say_duration(char *buf, size_t size, int64_t ns)
{
	if (ns < 1000000000)
		snprintf(buf, size, "%.1f ms", (double)ns / 1e6);
	else
		snprintf(buf, size, "%.1f s", (double)ns / 1e9);
}

static void say_witness(char *buf, size_t size, const struct owner_process *process)
{
	static const char *const who[] = { "", "its own status page says so", "the record daemon on its host says so",
		                           "nothing on this host can be it any more" };
	char age[32] = "";
	size_t length;

	snprintf(buf, size, "%s", who[process->witness]);
	length = strlen(buf);
	if (process->pid)
		length += (size_t)snprintf(buf + length, size - length, ", %s%spid %d", process->vm, *process->vm ? ", " : "",
		                           (int)process->pid);
	if (process->ack_age_ns >= 0 && process->state != PROCESS_GONE && length < size) {
		say_duration(age, sizeof age, process->ack_age_ns);
		snprintf(buf + length, size - length, ", last ping acknowledged %s ago", age);
	}
}

static void say_took(char *buf, size_t size, const struct look *look)
{
	say_duration(buf, size, look->probe_ns);
	if (look->probe_others_mute)
		snprintf(buf + strlen(buf), size - strlen(buf), " or less (another watcher did not answer)");
}

/* The words of a {name} in a reason. */
static void say_word(const char *name, size_t length, const struct look *look, char *buf, size_t size)
{
	const struct locker *first = &look->lock.lockers[0];
	const struct owner_process *process = &look->process;

	if (!strncmp(name, "owner", length))
		snprintf(buf, size, "%s at %s", look->owner.client, look->owner.address);
	else if (!strncmp(name, "locker", length))
		snprintf(buf, size, "%s%s (%s)", first->client, look->lock.count > 1 ? " and others" : "", first->cookie);
	else if (!strncmp(name, "fence", length))
		snprintf(buf, size, "%s, until %s", look->fence.entry, look->fence.until);
	else if (!strncmp(name, "witness", length))
		say_witness(buf, size, process);
	else if (!strncmp(name, "process", length))
		snprintf(buf, size, "%s", *process->why ? process->why : "nobody was asked");
	else if (!strncmp(name, "probe", length))
		snprintf(buf, size, "%s", look->probe_fault.text);
	else if (!strncmp(name, "timeout", length))
		snprintf(buf, size, "%u s", look->probe_timeout_s);
	else if (!strncmp(name, "took", length))
		say_took(buf, size, look);
	else
		*buf = '\0';
}

static void verdict_fill(const char *reason, const struct look *look, char *text, size_t size)
{
	size_t at = 0;

	while (*reason && at + 1 < size) {
		const char *end = *reason == '{' ? strchr(reason, '}') : NULL;
		if (end) {
			say_word(reason + 1, (size_t)(end - reason - 1), look, text + at, size - at);
			at += strlen(text + at);
			reason = end + 1;
		} else {
			text[at++] = *reason++;
		}
	}
	text[at] = '\0';
}

void judge(const struct look *look, struct judgement *judgement)
{
	if (look->fault.kind != FAULT_NONE) {
		judgement->verdict = VERDICT_CANNOT_TELL;
		judgement->rule = "not-seen";
		snprintf(judgement->text, sizeof judgement->text, "%s", look->fault.text);
		return;
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!fits(&rows[i], look))
			continue;
		judgement->verdict = rows[i].verdict;
		judgement->rule = rows[i].rule;
		verdict_fill(rows[i].reason, look, judgement->text, sizeof judgement->text);
		return;
	}
	judgement->verdict = VERDICT_CANNOT_TELL;
	judgement->rule = "no-rule";
	snprintf(judgement->text, sizeof judgement->text, "nothing is known of who holds the lock");
}

bool verdict_may_change(const struct judgement *judgement, const struct look *look)
{
	switch (judgement->verdict) {
	case VERDICT_WAIT:
	case VERDICT_WOULD_FENCE:
		return true;
	case VERDICT_CANNOT_TELL:
		return look->fault.kind == FAULT_CLUSTER || look->probe_fault.kind == FAULT_CLUSTER;
	default:
		return false;
	}
}
