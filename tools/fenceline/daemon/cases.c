/* SPDX-License-Identifier: MIT */
#include "daemon/cases.h"
#include "daemon/awaited.h"
#include "daemon/files.h"
#include "daemon/limit.h"
#include "daemon/reach_note.h"
#include "daemon/say.h"
#include "daemon/unwritten.h"
#include "daemon/worker.h"
#include "run/now.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Failing I/O, pings answered with -108 and the fencer's last steps follow within this time. What comes later is another case;
 * the client's address brings it into the same folder. */
#define SETTLE_MS 2500
/* A case takes in what is noticed while it settles, but no longer than this after its beginning. */
#define LONGEST_MS 6000
/* A client that is waited for has met its fence, or has ended: how long until what it noted is in its ring. */
#define NEWS_MS   1200
#define SNAPSHOTS 4 /* of a case while it settles, at most: when one more notice comes a second after the last snapshot */
#define NUMBERS   8 /* all of them; from then on the last one is taken anew */
#define CASES     64
#define NOTICES   256

enum step { FREE, SETTLING, READY, AT_WORK, AWAITING };

struct one_case {
	enum step step;
	char folder[PATH_MAX];
	int64_t begun_ms, due_ms, snapshot_ms;
	int64_t snapshot_ns; /* of the last one, since the epoch */
	int snapshots;
	struct notice notices[NOTICES];
	size_t count;
	pid_t worker;
	int64_t worker_until_ms;
	bool written; /* the worker is with the hooks */
	bool left;    /* by an earlier daemon: tried once more */
};

struct cases {
	const struct daemon_options *options;
	struct sessions *sessions;
	const struct pages *pages;
	struct one_case list[CASES];
	struct awaited awaited;
	struct limit limit;
	bool ends; /* nobody is waited for any more */
	unsigned number;
	unsigned left; /* cases that an earlier daemon could not write down */
	uint64_t written;
};

struct cases *cases_new(const struct daemon_options *options, struct sessions *sessions, const struct pages *pages)
{
	struct cases *cases = calloc(1, sizeof *cases);
	char path[PATH_MAX];

	if (!cases)
		return NULL;
	cases->options = options;
	cases->sessions = sessions;
	cases->pages = pages;
	cases->left = unwritten_gather(options->output);
	if (cases->left)
		say("fences that could not be written down before are tried once more: %u", cases->left);
	files_path(path, "%s/work/unasked", options->output);
	files_remove(path);
	worker_clear_unfinished(options->output);
	return cases;
}

void cases_free(struct cases *cases)
{
	free(cases);
}

static void take_snapshot(struct cases *cases, struct one_case *one)
{
	char folder[PATH_MAX];
	int status, number = one->snapshots < NUMBERS ? one->snapshots++ : NUMBERS - 1;

	files_path(folder, "%s/ring-%d-window", one->folder, number);
	files_remove(folder);
	files_path(folder, "%s/ring-%d", one->folder, number);
	files_remove(folder);
	one->snapshot_ms = monotonic_ms();
	one->snapshot_ns = epoch_ns();
	status = sessions_snapshot(cases->sessions, folder);
	if (status == -EAGAIN && cases->sessions->rings) /* the rings are files, which can be read without LTTng */
		rings_take(cases->sessions->rings, folder);
	else if (!status && cases->sessions->rings)
		rings_tell_users(cases->sessions->rings, folder);
	if (status == -ENODATA)
		files_remove(folder);
	else
		reach_note(cases->options, folder);
}

/* A VM that is killed takes its ring along, perhaps before the first snapshot. */
static void take_ended(struct cases *cases, const struct one_case *one)
{
	char folder[PATH_MAX];

	files_path(folder, "%s/ring-ended", one->folder);
	files_remove(folder);
	if (cases->sessions->rings)
		rings_take_ended(cases->sessions->rings, folder);
}

static struct one_case *cases_free_one(struct cases *cases)
{
	struct one_case *one = NULL;

	for (int i = 0; !one && i < CASES; i++)
		if (cases->list[i].step == FREE)
			one = &cases->list[i];
	if (one)
		memset(one, 0, sizeof *one);
	return one;
}

static struct one_case *cases_begin(struct cases *cases)
{
	struct one_case *one = cases_free_one(cases);

	if (!one)
		return NULL;
	files_path(one->folder, "%s/work/cases/" UNWRITTEN_NAME, cases->options->output, (long long)(epoch_ns() / 1000000),
	           ++cases->number);
	one->step = SETTLING;
	one->begun_ms = monotonic_ms();
	one->due_ms = one->begun_ms + SETTLE_MS;
	take_snapshot(cases, one);
	return one;
}

static bool worker_runs(const struct cases *cases)
{
	for (int i = 0; i < CASES; i++)
		if (cases->list[i].step == AT_WORK && !cases->list[i].written)
			return true;
	return false;
}

static struct one_case *cases_find(struct cases *cases, enum step step)
{
	for (int i = 0; i < CASES; i++)
		if (cases->list[i].step == step && (step != SETTLING || monotonic_ms() - cases->list[i].begun_ms < LONGEST_MS))
			return &cases->list[i];
	return NULL;
}

/* The case that a notice belongs to. A -108 belongs to the case of the blocklist command before it. One that cannot be read yet,
 * since another is, takes in what comes meanwhile: all of it is read once then. */
static struct one_case *settling(struct cases *cases, enum notice_kind kind)
{
	struct one_case *one = cases_find(cases, SETTLING);

	if (one)
		return one;
	if (kind == NOTICE_FENCED)
		one = cases_find(cases, AWAITING);
	if (!one && worker_runs(cases))
		one = cases_find(cases, READY);
	if (!one)
		return NULL;
	one->step = SETTLING;
	one->begun_ms = monotonic_ms();
	if (one->snapshots < SNAPSHOTS || kind == NOTICE_FENCED)
		take_snapshot(cases, one);
	return one;
}

void cases_notice(const struct notice *notice, void *arg)
{
	struct cases *cases = arg;
	struct one_case *one;

	if (!limit_allows(&cases->limit, notice, monotonic_ms()))
		return;
	one = settling(cases, notice->kind);
	if (notice->kind == NOTICE_FENCED)
		say("the client %s of %s%s (pid %d) was told -108", *notice->address ? notice->address : "(gone by now)",
		    *notice->vm ? "VM " : "a process", notice->vm, (int)notice->pid);
	else if (notice->kind == NOTICE_SENT)
		say("a process of this host sent a blocklist command");
	if (!one) {
		one = cases_begin(cases);
		if (!one) {
			say("too many fences at once: this one is in the ring, and will be in the next folder");
			return;
		}
	} else if (one->snapshots < SNAPSHOTS && monotonic_ms() - one->snapshot_ms > 1000) {
		take_snapshot(cases, one);
	}
	if (one->count < NOTICES)
		one->notices[one->count++] = *notice;
	one->due_ms = monotonic_ms() + SETTLE_MS;
	if (one->due_ms > one->begun_ms + LONGEST_MS)
		one->due_ms = one->begun_ms + LONGEST_MS;
}

/* One waiting case is enough: when it is read, everything that was sent by then is read. */
static void put_off(struct cases *cases, struct one_case *one)
{
	static const enum step steps[] = { AWAITING, SETTLING, READY };
	struct one_case *other = NULL;

	for (size_t i = 0; !other && i < sizeof steps / sizeof *steps; i++)
		other = cases_find(cases, steps[i]);
	if (!other) {
		one->step = AWAITING;
		return;
	}
	for (size_t n = 0; n < one->count && other->count < NOTICES; n++)
		other->notices[other->count++] = one->notices[n];
	files_remove(one->folder);
	one->step = FREE;
}

/* A guest that gives up at its first errors ends between two looks at its page: no -108 of it will be told any more, and its ring
 * holds what there was. The worker is asked again, as it is when one has been waited for long enough. */
static void wait_no_longer(struct cases *cases, struct one_case *one)
{
	if (!cases->ends && !awaited_is_news(&cases->awaited, cases->pages))
		return;
	one->step = SETTLING;
	one->begun_ms = monotonic_ms();
	one->due_ms = cases->ends ? monotonic_ms() : monotonic_ms() + NEWS_MS;
}

/* TERM first: a hook has a group of its own, which the worker ends. */
static void end_worker(const struct one_case *one)
{
	kill(one->worker, SIGTERM);
	nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	kill(-one->worker, SIGKILL); /* its group: readers are in it */
	kill(one->worker, SIGKILL);
}

/* All is written down, but for what waits. */
static void note_written(struct cases *cases, struct one_case *one)
{
	char path[PATH_MAX];

	if (one->written)
		return;
	one->written = true;
	if (one->left) /* asked for nobody */
		return;
	files_path(path, "%s/" WORKER_AWAITED, one->folder);
	awaited_take(&cases->awaited, path);
}

static void keep_unwritten(struct cases *cases, const struct one_case *one)
{
	char path[PATH_MAX];
	int status = unwritten_take(cases->options->output, one->folder, path);

	say("a fence could not be written down; what was recorded of it stays in %s%s", status ? one->folder : path,
	    one->left ? "" : ", and is tried once more when the daemon is started anew");
}

static void cases_collect(struct cases *cases, struct one_case *one)
{
	char mark[PATH_MAX];
	int status;
	bool ended = waitpid(one->worker, &status, WNOHANG) == one->worker;

	files_path(mark, "%s/" WORKER_WRITTEN, one->folder);
	if (!access(mark, F_OK))
		note_written(cases, one);
	if (!ended) {
		if (monotonic_ms() > one->worker_until_ms)
			end_worker(one);
		return;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_AWAITS) {
		put_off(cases, one);
		return;
	}
	if (one->written) {
		files_remove(one->folder);
		cases->written++;
	} else {
		keep_unwritten(cases, one);
	}
	one->step = FREE;
}

/* What the worker that put it off has left: the next case would not wait for this one. */
static void cases_forget(const struct one_case *one, const char *name)
{
	char path[PATH_MAX];

	files_path(path, "%s/%s", one->folder, name);
	unlink(path);
}

static void start_worker(struct cases *cases, struct one_case *one)
{
	struct work_order order = { .options = cases->options,
		                    .left = one->left,
		                    .pages = cases->ends || one->left ? NULL : cases->pages,
		                    .awaited = &cases->awaited,
		                    .folder = one->folder,
		                    .notices = one->notices,
		                    .count = one->count,
		                    .snapshot_ns = one->snapshot_ns };

	cases_forget(one, WORKER_WRITTEN);
	cases_forget(one, WORKER_AWAITED);
	one->worker = worker_start(&order);
	if (one->worker < 0) {
		say("cannot start a process to write a fence down: %s", strerror((int)-one->worker));
		return; /* tried again */
	}
	one->step = AT_WORK;
	one->written = false;
	one->worker_until_ms = monotonic_ms() + WORKER_MS;
}

/* When there is nothing else to do. */
static void try_once_more(struct cases *cases)
{
	struct one_case *one = cases_free_one(cases);

	if (!one || unwritten_next(cases->options->output, one->folder, &one->snapshot_ns)) {
		cases->left = 0;
		return;
	}
	one->left = true;
	start_worker(cases, one);
	cases->left -= one->step == AT_WORK;
}

int cases_tick(struct cases *cases)
{
	struct notice waited;
	int open = 0;

	while (!cases->ends && limit_next(&cases->limit, monotonic_ms(), &waited))
		cases_notice(&waited, cases);
	for (int i = 0; i < CASES; i++) {
		struct one_case *one = &cases->list[i];
		if (one->step == AWAITING)
			wait_no_longer(cases, one);
		if (one->step == SETTLING && monotonic_ms() >= one->due_ms) {
			take_snapshot(cases, one);
			take_ended(cases, one);
			one->step = READY;
		}
		if (one->step == AT_WORK)
			cases_collect(cases, one);
		if (one->step == READY && !worker_runs(cases)) /* one after the other: they write to the same folders */
			start_worker(cases, one);
		open += one->step != FREE;
	}
	if (!open && cases->left && !cases->ends)
		try_once_more(cases);
	return open;
}

uint64_t cases_written(const struct cases *cases)
{
	return cases->written;
}

void cases_finish(struct cases *cases, int seconds)
{
	int64_t until = monotonic_ms() + seconds * 1000;

	cases->ends = true;
	for (int i = 0; i < CASES; i++)
		cases->list[i].due_ms = monotonic_ms();
	while (cases_tick(cases) && monotonic_ms() < until)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	for (int i = 0; i < CASES; i++)
		if (cases->list[i].step == AT_WORK)
			end_worker(&cases->list[i]);
}
