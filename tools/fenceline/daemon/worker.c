/* SPDX-License-Identifier: MIT */
#include "daemon/worker.h"
#include "daemon/files.h"
#include "daemon/folder.h"
#include "daemon/keep.h"
#include "daemon/logs.h"
#include "saved/saved.h"
#include "daemon/say.h"
#include "daemon/thin.h"
#include "run/programs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FRESH_NS (180 * INT64_C(1000000000)) /* what is older than this, and was not noticed now, belongs to another case */

struct work {
	const struct work_order *order;
	const struct daemon_options *options;
	char all[PATH_MAX]; /* trace/ and logs/ of the case; found/ after reading */
	bool awaits;        /* something is left for when its client has met the fence */
};

/* ---- gathering ---- */

static int move_rings(const char *folder, const char *trace)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char from[PATH_MAX], to[PATH_MAX];

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "ring-", 5))
			continue;
		files_path(from, "%s/%s", folder, entry->d_name);
		files_path(to, "%s/%s", trace, entry->d_name);
		files_remove(to); /* ring-ended, of when it was asked before */
		if (rename(from, to))
			say("cannot move %s: %s", from, strerror(errno));
	}
	closedir(dir);
	return 0;
}

/* A copy is made anew as long as there is what it was made of. */
static void make_way(const struct work *work, const char *to)
{
	if (!work->order->left)
		files_remove(to);
}

/* What was in the rings when their session daemon died, some minutes ago at most (rings.h). */
static int take_recovered(const struct work *work)
{
	char from[PATH_MAX], to[PATH_MAX];
	int status;

	files_path(from, "%s/work/recovered", work->options->output);
	files_path(to, "%s/trace/recovered", work->all);
	make_way(work, to);
	status = files_copy_tree(from, to, true);
	return status == -ENOENT ? 0 : status;
}

/* Also the traces of an earlier session: it may have ended between the command and the -108. */
static int take_fencers(const struct work *work)
{
	char from[PATH_MAX], to[PATH_MAX];
	int status;

	files_path(from, "%s/work/fencers", work->options->output);
	files_path(to, "%s/trace/fencers", work->all);
	make_way(work, to);
	status = files_copy_tree(from, to, false);
	return status == -ENOENT ? 0 : status;
}

static int take_logs(const struct work *work)
{
	char path[PATH_MAX];
	int status;

	files_path(path, "%s/logs", work->all);
	make_way(work, path);
	if (files_bytes(path))
		return 0;
	status = files_make_folders(path);
	for (size_t i = 0; !status && i < work->options->log_count; i++)
		if (logs_take_end(work->options->logs[i], path))
			say("cannot read %s, a log of --with", work->options->logs[i]);
	return status;
}

static int worker_gather(struct work *work, const char *folder)
{
	char path[PATH_MAX];
	int status;

	files_path(work->all, "%s/all", folder);
	files_path(path, "%s/trace", work->all);
	status = files_make_folders(path);
	if (!status)
		status = move_rings(folder, path);
	if (!status)
		thin_snapshots(path);
	if (!status)
		status = take_fencers(work);
	if (!status)
		status = take_recovered(work);
	if (!status)
		status = take_logs(work);
	return status;
}

/* ---- what is to be done with each verdict ---- */

static bool was_noticed(const struct work *work, const struct verdict *verdict)
{
	for (size_t i = 0; i < work->order->count; i++)
		if (*work->order->notices[i].address && folder_same_client(work->order->notices[i].address, verdict->address))
			return true;
	return false;
}

/* A client of this host that has not met its fence yet, or not before the last snapshot: its folder is made when it has. */
static bool is_to_come(const struct work *work, const struct verdict *verdict)
{
	const struct work_order *order = work->order;
	char incidents[PATH_MAX], path[PATH_MAX];
	int64_t fenced_ns;

	if (verdict->harm || !order->pages || !pages_has_client(order->pages, verdict->address, &fenced_ns))
		return false;
	if ((fenced_ns && fenced_ns + AWAITED_SETTLE_NS < order->snapshot_ns) ||
	    awaited_is_overdue(order->awaited, verdict->address))
		return false;
	files_path(incidents, "%s/incidents", work->options->output);
	return !saved_find(incidents, verdict->address, path); /* else it was waited for once */
}

static int await(struct work *work, const char *address)
{
	char path[PATH_MAX];

	work->awaits = true;
	files_path(path, "%s/" WORKER_AWAITED, work->order->folder);
	return awaited_note(path, address);
}

static int write_down(struct work *work, const char *found)
{
	struct verdict verdict;
	int status = verdict_read(found, &verdict);

	if (status)
		return status;
	if (!was_noticed(work, &verdict) && work->order->snapshot_ns - verdict.at_ns > FRESH_NS)
		status = 0;
	else if (is_to_come(work, &verdict))
		status = await(work, verdict.address);
	else
		status = folder_write(work->options, work->all, found, &verdict, was_noticed(work, &verdict));
	verdict_free(&verdict);
	return status;
}

/* From here on the next case may be written down. */
static void mark_written(const char *folder)
{
	char path[PATH_MAX];
	int fd;

	files_path(path, "%s/" WORKER_WRITTEN, folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd >= 0)
		close(fd);
}

static int work_on(struct work *work, const char *folder)
{
	char found[PATH_MAX], each[PATH_MAX];
	int status = worker_gather(work, folder), count, failed = 0;

	if (status) {
		say("cannot put together what was recorded, in %s: %s", folder, strerror(-status));
		return status;
	}
	files_path(found, "%s/found", folder);
	count = folder_read(work->options, work->all, found);
	for (int i = 0; i < count; i++) {
		files_path(each, "%s/%d", found, i);
		status = write_down(work, each);
		if (status)
			failed = status;
	}
	status = folder_write_again(work->options, work->all);
	failed = status ? status : failed;
	if (count == 0)
		say("a fence was noticed, but what was recorded of it shows none");
	files_path(found, "%s/incidents", work->options->output);
	keep_newest(found, work->options->keep_count, work->options->keep_bytes);
	failed = count < 0 ? count : failed;
	if (!failed)
		mark_written(folder);
	folder_call_hooks(work->options);
	return failed;
}

pid_t worker_start(const struct work_order *order)
{
	struct work work = { .order = order, .options = order->options };
	pid_t parent = getpid(), child = fork();
	sigset_t none;
	int status;

	if (child < 0)
		return -errno;
	if (child) {
		setpgid(child, child);
		return child;
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTERM, SIG_DFL);
	status = work_on(&work, order->folder);
	_exit(status ? 1 : work.awaits ? WORKER_AWAITS : 0);
}

void worker_clear_unfinished(const char *output)
{
	char path[PATH_MAX], each[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	files_path(path, "%s/incidents", output);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, FOLDER_UNFINISHED, strlen(FOLDER_UNFINISHED)))
			continue;
		files_path(each, "%s/%s", path, entry->d_name);
		files_remove(each);
	}
	if (dir)
		closedir(dir);
}
