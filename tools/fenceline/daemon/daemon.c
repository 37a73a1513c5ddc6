/* SPDX-License-Identifier: MIT */
#include "daemon/cases.h"
#include "daemon/daemon.h"
#include "daemon/fencers.h"
#include "daemon/files.h"
#include "daemon/outlets.h"
#include "daemon/pages.h"
#include "daemon/reach_note.h"
#include "daemon/say.h"
#include "daemon/sessions.h"
#include "daemon/window.h"
#include "record/tell.h"
#include "record/vms.h"
#include "run/commands.h"
#include "run/now.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define HOST_LOCK       "/run/fenceline-daemon.lock"
#define PRUNE_TICKS     60
#define FENCERS_AGE_S   900 /* how long a fencer's trace is kept: its victim may notice the fence that much later */
#define FINISH_S        20
#define CHECK_TICKS     2
#define WAIT_TICKS      10 /* a user that has never run a VM may begin to */
#define SLOWEST_RETRY   60
#define KEEP_TICKS      10
#define NEWS_TICKS      5
#define VMS_TICKS       60      /* how often all VMs are looked at for one without the shim */
#define FULL_DISK_BYTES 8388608 /* some seconds of what is written */
#define KNOWN_FILE      "alive"
#define SHORTEST_GAP_NS 3000000000 /* the file's time is as old as a check at most */

struct daemon {
	struct daemon_options *options; /* borrowed */
	int (*reread)(struct daemon_options *options);
	struct sessions sessions;
	struct rings *rings; /* NULL: none are kept */
	struct pages *pages;
	struct fencers *fencers;
	struct cases *cases;
	struct window *window;
	struct host *host;
	struct outlets *outlets;
	int signals, timer, lock, host_lock;
	unsigned ticks, retry, news_ticks;
	bool recording, ends, disk_full;
	bool silent;      /* the session daemon did not answer at the last check */
	bool is_recorded; /* itself, at the last look for a gap to be told */
	uint64_t pruned;  /* how many cases had been written down then */
	int64_t known_ns; /* when recording was last seen to go on; 0: never */
	struct {
		int64_t begin_ns; /* 0: none */
		const char *why;
	} gap; /* to be told as soon as it can be recorded */
};

/* ---- one on a host, one in a folder ---- */

/* The lock's descriptor, or -errno. */
static int take_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -errno;
	}
	return fd;
}

static int take_locks(struct daemon *daemon)
{
	char path[PATH_MAX];
	int status = files_make_folders(daemon->options->output);

	files_path(path, "%s/.lock", daemon->options->output);
	daemon->lock = status ? status : take_lock(path);
	if (daemon->lock == -EWOULDBLOCK)
		say("another record daemon writes to %s", daemon->options->output);
	else if (daemon->lock < 0)
		say("cannot write to %s: %s", daemon->options->output, strerror(-daemon->lock));
	if (daemon->lock < 0)
		return daemon->lock;
	/* Its sessions have fixed names: two on one session daemon would end each other's. */
	daemon->host_lock = take_lock(HOST_LOCK);
	if (daemon->host_lock == -EWOULDBLOCK) {
		say("a record daemon runs on this host already");
		return daemon->host_lock;
	}
	return 0;
}

/* ---- signals and time ---- */

static int open_events(struct daemon *daemon)
{
	const struct itimerspec second = { { 1, 0 }, { 0, 1000000 } };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	daemon->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	daemon->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (daemon->signals < 0 || daemon->timer < 0 || timerfd_settime(daemon->timer, 0, &second, NULL))
		return -errno;
	return 0;
}

static void take_signals(struct daemon *daemon)
{
	struct signalfd_siginfo info;

	while (read(daemon->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo != SIGHUP) {
			daemon->ends = true;
			continue;
		}
		say_to_manager("RELOADING=1");
		if (daemon->reread(daemon->options))
			say("the options were not read again");
		else
			say("the options were read again");
		say_to_manager("READY=1");
	}
}

/* ---- gaps ---- */

/* A file bears the time: a daemon that comes later can tell since when there was none. */
static void note_known(struct daemon *daemon)
{
	char path[PATH_MAX];
	int fd;

	daemon->known_ns = epoch_ns();
	files_path(path, "%s/work/" KNOWN_FILE, daemon->options->output);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return;
	futimens(fd, NULL);
	close(fd);
}

static void find_gap_before(struct daemon *daemon)
{
	char path[PATH_MAX];
	struct stat st;

	files_path(path, "%s/work/" KNOWN_FILE, daemon->options->output);
	if (stat(path, &st) || daemon->sessions.taken_over)
		return;
	daemon->gap.begin_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	daemon->gap.why = "no record daemon ran";
	if (epoch_ns() - daemon->gap.begin_ns < SHORTEST_GAP_NS)
		daemon->gap.begin_ns = 0;
}

/* A second after this process is recorded: LTTng enables a session's events in it first, and starts it there last. */
static void tell_of_gap(struct daemon *daemon)
{
	bool is_recorded = daemon->gap.begin_ns && daemon->recording && tell_is_recorded(), was_recorded = daemon->is_recorded;

	daemon->is_recorded = is_recorded;
	if (!is_recorded || !was_recorded)
		return;
	tell_gap(daemon->gap.begin_ns, daemon->gap.why);
	say("the recording has a gap of %.1f s: %s", (double)(epoch_ns() - daemon->gap.begin_ns) / 1e9, daemon->gap.why);
	daemon->gap.begin_ns = 0;
}

/* ---- the disk ---- */

/* LTTng's consumer does not say what it could not write, and 2.13's may stand still for ever when it could not write its metadata
 * (seen), the session daemon with it: so it has nothing to write then. */
static void look_at_disk(struct daemon *daemon)
{
	struct statvfs disk;
	bool full = !statvfs(daemon->options->output, &disk) && (uint64_t)disk.f_bavail * disk.f_frsize < FULL_DISK_BYTES;

	if (full && !daemon->disk_full)
		say("cannot write any more: the disk of %s is full, and fences that are sent from this host will not be noticed",
		    daemon->options->output);
	else if (!full && daemon->disk_full)
		say("there is room on the disk again");
	daemon->disk_full = full;
	if (daemon->recording)
		sessions_pause_fencers(&daemon->sessions, full);
}

/* ---- a second ---- */

static void begin_gap(struct daemon *daemon, const char *why)
{
	if (!daemon->gap.begin_ns)
		daemon->gap.begin_ns = daemon->known_ns;
	daemon->gap.why = why;
}

static void check_recording(struct daemon *daemon)
{
	int status = sessions_check(&daemon->sessions);

	if (status == -ESTALE) {
		say("the session daemon or its sessions are gone: recording begins anew");
		daemon->recording = false;
		daemon->retry = 0;
		begin_gap(daemon, "the session daemon or its sessions were gone");
	}
	if (!status && daemon->silent)
		begin_gap(daemon, "LTTng's session daemon did not answer; who was recorded before went on being recorded");
	daemon->silent = status == -EAGAIN;
	if (!status)
		note_known(daemon);
}

/* Everything is made anew when it has gone, ever more seldom if that does not work. */
static void keep_recording(struct daemon *daemon)
{
	if (daemon->recording && daemon->ticks % CHECK_TICKS == 0)
		check_recording(daemon);
	if (daemon->recording && daemon->ticks % WAIT_TICKS == 0)
		sessions_wait_files();
	if (daemon->recording || (daemon->retry && daemon->ticks % daemon->retry))
		return;
	if (sessions_begin(&daemon->sessions, daemon->options)) {
		daemon->retry = daemon->retry ? daemon->retry * 2 : 1;
		daemon->retry = daemon->retry > SLOWEST_RETRY ? SLOWEST_RETRY : daemon->retry;
		return;
	}
	daemon->recording = true;
	daemon->retry = 0;
	if (!daemon->known_ns) {
		if (tell_open())
			say("cannot open the trace provider: windows and gaps will not be in the trace");
		find_gap_before(daemon);
	}
}

/* It is a moment in which a command would be lost: whoever misses one is to see that. */
static void write_metadata(struct daemon *daemon)
{
	int64_t begin_ns = epoch_ns();

	if (sessions_write_metadata(&daemon->sessions))
		tell_gap(begin_ns, "LTTng described the fencers; VMs went on being recorded");
}

static void look_for_fencers(struct daemon *daemon)
{
	char above[PATH_MAX];

	if (!daemon->recording)
		return;
	if (fencers_look(daemon->fencers, daemon->sessions.fencers)) {
		struct notice sent = { .kind = NOTICE_SENT, .at_ns = epoch_ns() };
		cases_notice(&sent, daemon->cases);
	}
	if (fencers_want_metadata(daemon->fencers))
		write_metadata(daemon);
	/* After a case, too: a night of fences is when most is left. */
	if (daemon->ticks % PRUNE_TICKS == PRUNE_TICKS - 1 || cases_written(daemon->cases) != daemon->pruned) {
		daemon->pruned = cases_written(daemon->cases);
		files_path(above, "%s/work/fencers", daemon->options->output);
		fencers_prune(daemon->fencers, above, daemon->sessions.fencers, daemon->sessions.consumer.pid, FENCERS_AGE_S);
		if (daemon->rings)
			rings_prune(daemon->rings);
	}
}

/* When a process is chosen, its rings take some moments to appear: until then they are looked for more often. */
static void daemon_track(struct daemon *daemon, const struct live_pid *pids, size_t count)
{
	size_t before = daemon->sessions.ring.count;

	if (!sessions_track(&daemon->sessions, pids, count) && daemon->sessions.ring.count != before)
		daemon->news_ticks = NEWS_TICKS;
	if (daemon->rings)
		rings_keep(daemon->rings, daemon->news_ticks || daemon->ticks % KEEP_TICKS == 0, daemon->sessions.consumer.pid);
	daemon->news_ticks -= daemon->news_ticks > 0;
}

static void second(struct daemon *daemon)
{
	char status[128];
	const char *why;
	const struct live_pid *pids;
	size_t count;
	int64_t signs_ns;
	int pages, open;

	keep_recording(daemon);
	look_at_disk(daemon);
	pages = pages_look(daemon->pages, cases_notice, daemon->cases);
	pids = pages_pids(daemon->pages, &count);
	if (daemon->recording)
		daemon_track(daemon, pids, count);
	look_for_fencers(daemon);
	signs_ns = pages_window_ns(daemon->pages, &why);
	window_tick(daemon->window, signs_ns, why, daemon->recording);
	tell_of_gap(daemon);
	if (daemon->recording)
		reach_tick(&daemon->sessions);
	open = cases_tick(daemon->cases);
	if (daemon->ticks % VMS_TICKS == 0)
		outlets_recorder(daemon->outlets)->vms_without_shim = vms_without_shim();
	outlets_recorder(daemon->outlets)->recording = daemon->recording && !daemon->silent;
	outlets_recorder(daemon->outlets)->incidents = cases_written(daemon->cases);
	outlets_tick(daemon->outlets);
	if (daemon->ticks % 10 == 0) {
		snprintf(status, sizeof status, "STATUS=%s, %d processes under the shim, %d fences being written down",
		         !daemon->recording ? "not recording"
		         : daemon->silent   ? "LTTng's session daemon does not answer"
		                            : "recording",
		         pages < 0 ? 0 : pages, open);
		say_to_manager(status);
	}
	daemon->ticks++;
}

/* A fence is noticed within a second, and its snapshots are taken to the tenth of one. */
static void daemon_serve(struct daemon *daemon)
{
	struct pollfd events[] = { { daemon->signals, POLLIN, 0 },
		                   { daemon->timer, POLLIN, 0 },
		                   { outlets_fd(daemon->outlets), POLLIN, 0 } };
	uint64_t expirations;

	while (!daemon->ends) {
		int wait_ms = outlets_timeout_ms(daemon->outlets);

		if (poll(events, 3, wait_ms >= 0 && wait_ms < 200 ? wait_ms : 200) < 0 && errno != EINTR)
			break;
		outlets_serve(daemon->outlets);
		take_signals(daemon);
		if (read(daemon->timer, &expirations, sizeof expirations) == (ssize_t)sizeof expirations)
			second(daemon);
		else
			cases_tick(daemon->cases);
	}
}

static int daemon_begin(struct daemon *daemon)
{
	int status = take_locks(daemon);

	if (!status)
		status = open_events(daemon);
	if (status)
		return status;
	daemon->sessions.rings = daemon->rings = rings_new(daemon->options);
	daemon->host = host_new(daemon->options->watch_timeout_s);
	daemon->pages = daemon->host ? pages_new(daemon->options->also_watch_error, daemon->host) : NULL;
	daemon->outlets = daemon->host ? outlets_new(daemon->options, daemon->host) : NULL;
	daemon->fencers = fencers_new();
	daemon->cases = daemon->pages ? cases_new(daemon->options, &daemon->sessions, daemon->pages) : NULL;
	daemon->window = window_new(&daemon->sessions, daemon->options);
	if (!daemon->fencers || !daemon->cases || !daemon->window || !daemon->outlets)
		return -ENOMEM;
	keep_recording(daemon);
	return 0;
}

static void daemon_end(struct daemon *daemon)
{
	say_to_manager("STOPPING=1");
	if (daemon->cases)
		cases_finish(daemon->cases, FINISH_S);
	if (daemon->window)
		window_end(daemon->window);
	if (daemon->recording)
		sessions_end(&daemon->sessions);
	rings_free(daemon->rings);
	window_free(daemon->window);
	cases_free(daemon->cases);
	fencers_free(daemon->fencers);
	pages_free(daemon->pages);
	outlets_free(daemon->outlets);
	host_free(daemon->host);
	close(daemon->signals);
	close(daemon->timer);
	close(daemon->lock);
	close(daemon->host_lock);
}

int daemon_run(struct daemon_options *options, int (*reread)(struct daemon_options *options))
{
	struct daemon daemon = { .options = options, .reread = reread, .signals = -1, .timer = -1, .lock = -1, .host_lock = -1 };
	int status;

	say_find_manager();
	status = daemon_begin(&daemon);
	if (!status) {
		say("records; incidents come into %s/incidents", options->output);
		say_to_manager("READY=1");
		daemon_serve(&daemon);
	}
	daemon_end(&daemon);
	return status ? EXIT_FAILED : EXIT_DONE;
}
