/* SPDX-License-Identifier: MIT */
#include "guard/asker.h"
#include "guard/bounded.h"
#include "guard/fault.h"
#include "guard/image.h"
#include "guard/service.h"
#include "run/now.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
/* The verdict does not need this, and the manager may be away: it is only told. */
#define SERVICE_NS (2 * NS_PER_S)
#define GROUP_NS   (1 * NS_PER_S)
#define LEAVE_NS   (1 * NS_PER_S)

struct asked {
	struct asked *next;
	struct image_spec spec;
	struct open_image image;
	bool open;
};

struct asker {
	struct asker_options options;
	struct cluster cluster;
	bool connected;
	struct fault unconnected; /* kind FAULT_NONE: not tried, or connected */
	struct asked *images;
};

/* What the bounded thread works on; its own until that is done. */
struct task {
	void (*work)(struct task *task);
	struct asker *asker;
	struct asked *asked;
	bool again;
	struct look look, known;
	struct look_options options;
	struct locker locker;
	int status;
};

struct asker *asker_new(const struct asker_options *options)
{
	struct asker *asker = calloc(1, sizeof *asker);

	if (asker)
		asker->options = *options;
	return asker;
}

struct asked *asker_image(struct asker *asker, const struct image_spec *spec)
{
	struct asked *asked = calloc(1, sizeof *asked);

	if (!asked)
		return NULL;
	asked->spec = *spec;
	asked->next = asker->images;
	asker->images = asked;
	return asked;
}

/* ---- on the bounded thread ---- */

static int connect_once(struct asker *asker)
{
	if (asker->connected)
		return 0;
	if (asker->unconnected.kind != FAULT_NONE)
		return -ENOTCONN;
	if (cluster_connect(&asker->cluster, &asker->options.cluster, &asker->unconnected)) {
		cluster_close(&asker->cluster);
		return -ENOTCONN;
	}
	asker->connected = true;
	return 0;
}

static int open_once(struct task *task)
{
	struct asked *asked = task->asked;

	if (connect_once(task->asker)) {
		task->look.fault = task->asker->unconnected;
		return -ENOTCONN;
	}
	if (asked->open)
		return 0;
	if (image_open(&asked->image, &task->asker->cluster, &asked->spec, &task->look.fault)) {
		image_close(&asked->image);
		return -EIO;
	}
	asked->open = true;
	return 0;
}

static void do_look(struct task *task)
{
	if (open_once(task))
		return;
	if (task->again)
		look_again(&task->look, &task->known, &task->asked->image, &task->options);
	else
		look_take(&task->look, &task->asked->image, &task->options);
}

static void do_service(struct task *task)
{
	task->look = task->known;
	if (task->asked->open)
		look_at_service(&task->look, &task->asked->image);
}

static void do_group(struct task *task)
{
	task->look = task->known;
	if (task->asked->open)
		look_at_group(&task->look, &task->asked->image);
}

static void do_break(struct task *task)
{
	task->status = image_break_lock(&task->asked->image, &task->locker, &task->look.fault);
}

static void do_close(struct task *task)
{
	for (struct asked *asked = task->asker->images; asked; asked = asked->next)
		image_close(&asked->image);
	cluster_close(&task->asker->cluster);
}

static void asker_serve(void *arg)
{
	struct task *task = arg;

	task->work(task);
}

/* ---- on the caller's ---- */

static struct task *task_new(struct asker *asker, struct asked *asked, void (*work)(struct task *task), int64_t bound_ns)
{
	struct task *task = calloc(1, sizeof *task);

	if (!task)
		return NULL;
	task->asker = asker;
	task->asked = asked;
	task->work = work;
	task->options.probe = asker->options.probe;
	task->options.daemon_port = asker->options.daemon_port;
	task->options.deadline_ns = monotonic_ns() + bound_ns;
	if (asked)
		task->look.spec = asked->spec;
	return task;
}

static void tell_unanswered(const struct asker *asker, int status, struct fault *fault)
{
	const char *doing = asker->cluster.doing;

	if (status == -ETIMEDOUT)
		fault_tell(fault, FAULT_CLUSTER, status, "the cluster did not answer within %.3g s, %s",
		           (double)asker->options.cluster.timeout_ns / NS_PER_S, doing ? doing : "being opened");
	else if (status == -EINTR)
		fault_tell(fault, FAULT_CLUSTER, status, "interrupted, %s", doing ? doing : "at the beginning");
	else
		fault_tell(fault, FAULT_SETUP, status, "cannot start to ask");
}

/* Runs the task. If it ends in time, its look is copied to *look. After a timeout the task stays: its thread still works on it.
 */
static int asker_run(struct task *task, struct look *look)
{
	int status = task ? bounded_run(asker_serve, task, task->options.deadline_ns) : -ENOMEM;

	if (!status) {
		*look = task->look;
		free(task);
	}
	return status;
}

static void finish_look(struct asker *asker, struct asked *asked, struct task *task, struct look *look)
{
	int status;

	memset(look, 0, sizeof *look);
	look->spec = asked->spec;
	status = asker_run(task, look);
	if (status)
		tell_unanswered(asker, status, &look->fault);
}

void asker_look(struct asker *asker, struct asked *asked, struct look *look)
{
	finish_look(asker, asked, task_new(asker, asked, do_look, asker->options.cluster.timeout_ns), look);
}

void asker_look_again(struct asker *asker, struct asked *asked, const struct look *before, struct look *look)
{
	struct task *task = task_new(asker, asked, do_look, asker->options.cluster.timeout_ns);

	if (task) {
		task->known = *before;
		task->again = true;
	}
	finish_look(asker, asked, task, look);
}

void asker_look_after(struct asker *asker, struct asked *asked, const struct look *earlier, struct look *look)
{
	struct task *task = task_new(asker, asked, do_look, asker->options.cluster.timeout_ns);

	if (task) {
		task->known = *earlier;
		task->options.earlier = &task->known;
	}
	finish_look(asker, asked, task, look);
}

void asker_follow(struct asker *asker, struct asked *asked, const struct look *earlier, bool whole, int64_t bound_ns,
                  struct look *look)
{
	int64_t timeout_ns = asker->options.cluster.timeout_ns;
	struct task *task = task_new(asker, asked, do_look, bound_ns < timeout_ns ? bound_ns : timeout_ns);

	if (task) {
		task->known = *earlier;
		task->again = !whole;
		task->options.probe = true;
		task->options.probe_timeout_s = 1;
		task->options.earlier = &task->known;
	}
	finish_look(asker, asked, task, look);
}

/* Does a part of it within bound_ns. False if it was not answered; then nothing is added. */
static bool look_further(struct asker *asker, struct asked *asked, void (*work)(struct task *task), int64_t bound_ns,
                         struct look *look)
{
	struct task *task = task_new(asker, asked, work, bound_ns);

	if (task)
		task->known = *look;
	return !asker_run(task, look);
}

void asker_look_at_service(struct asker *asker, struct asked *asked, struct look *look)
{
	if (look->fault.kind != FAULT_NONE)
		return;
	if (!look_further(asker, asked, do_service, SERVICE_NS, look))
		look_note_unknown(look, "what serves the header", "the monitors did not answer within 2 s, %s",
		                  asker->cluster.doing);
	else if (!look_further(asker, asked, do_group, GROUP_NS, look))
		look_note_unknown(look, "the placement group's state and snaptrim queue",
		                  "the manager did not answer within a second");
}

void asker_try_again(struct asker *asker)
{
	if (bounded_is_idle())
		asker->unconnected.kind = FAULT_NONE;
}

int asker_break_lock(struct asker *asker, struct asked *asked, const struct locker *locker, struct fault *fault)
{
	struct task *task = task_new(asker, asked, do_break, asker->options.cluster.timeout_ns);
	int status;

	if (task)
		task->locker = *locker;
	status = task ? bounded_run(asker_serve, task, task->options.deadline_ns) : -ENOMEM;
	if (status) {
		tell_unanswered(asker, status, fault);
		return status;
	}
	status = task->status;
	*fault = task->look.fault;
	free(task);
	return status;
}

int asker_end(struct asker *asker, int code)
{
	struct task *task = asker ? task_new(asker, NULL, do_close, LEAVE_NS) : NULL;
	struct asked *next;

	fflush(NULL);
	if (!bounded_is_idle()) /* somebody was waited for long enough */
		_exit(code);
	if (task && bounded_run(asker_serve, task, task->options.deadline_ns))
		_exit(code);
	free(task);
	for (struct asked *asked = asker ? asker->images : NULL; asked; asked = next) {
		next = asked->next;
		free(asked);
	}
	free(asker);
	return code;
}
