/* SPDX-License-Identifier: MIT */
#include "daemon/sessions.h"
#include "daemon/answers.h"
#include "daemon/consumer.h"
#include "daemon/files.h"
#include "daemon/say.h"
#include "record/wait_make.h"
#include "record/profile.h"
#include "record/recording.h"
#include "record/sessiond.h"

#include "fenceline/events.h"

#include <errno.h>
#include <limits.h>
#include <lttng/lttng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_BYTES  (8ULL << 20) /* of a process's ring while a window is open */
#define FENCERS_BYTES (256ULL << 10)
#define FILE_BYTES    (4ULL << 20) /* of a file of the fencers' session, four of them for each CPU and process or user */
#define FILE_COUNT    4

/* For how long LTTng may take. It waits for each process that it asks, up to 30 s (sessiond.c). */
#define WORK_MS  45000
#define BEGIN_MS 90000

/* What proves a fence in the process that sent it. */
static const char *const fencer_events[] = { "client_connect",   "watch_registered", "client_shutdown", "image_open",
	                                     "image_close",      "header_op",        "watchers_listed", "watcher_listed",
	                                     "lock_break_begin", "lock_break_end",   "blocklist",       "blocklist_result",
	                                     "stack_frame",      "snapshot_begin",   "snapshot_end",    "window_opened",
	                                     "window_closed",    "recording_gap" };
static const char *const sent_events[] = { "blocklist" };
static const char *const all_events[] = { "*" };
static const char *const io_events[] = { "io" };

struct channel {
	const char *name;
	const char *const *events;
	size_t event_count;
	bool without_io;
	uint64_t bytes; /* of all its sub-buffers on all CPUs */
	unsigned subbuffers;
	bool ring;
};

static long cpus(void)
{
	long count = sysconf(_SC_NPROCESSORS_CONF);

	return count > 0 ? count : 1;
}

uint64_t sessions_ring_subbuffer(uint64_t ring_bytes, long cpu_count)
{
	uint64_t bytes = 4096;

	while (bytes * 2 * RING_SUBBUFFERS * (uint64_t)cpu_count <= ring_bytes)
		bytes *= 2;
	return bytes;
}

static struct lttng_domain domain_of(const struct daemon_options *options)
{
	return (struct lttng_domain){ .type = LTTNG_DOMAIN_UST,
		                      .buf_type = options->per_uid ? LTTNG_BUFFER_PER_UID : LTTNG_BUFFER_PER_PID };
}

static int session_fail(const char *what, const char *session, int code)
{
	say("cannot %s the session %s: %s", what, session, lttng_strerror(code));
	return -EIO;
}

/* ---- making one ---- */

static int enable_channel(struct lttng_handle *handle, struct lttng_domain *domain, const struct channel *channel)
{
	struct lttng_channel *made = lttng_channel_create(domain);
	int code;

	if (!made)
		return -LTTNG_ERR_NOMEM;
	snprintf(made->name, sizeof made->name, "%s", channel->name);
	made->enabled = 1;
	made->attr.overwrite = channel->ring;
	made->attr.num_subbuf = channel->subbuffers;
	made->attr.subbuf_size = 4096;
	while (made->attr.subbuf_size * 2 * channel->subbuffers * (uint64_t)cpus() <= channel->bytes)
		made->attr.subbuf_size *= 2;
	made->attr.output = LTTNG_EVENT_MMAP;
	made->attr.read_timer_interval = channel->ring ? 0 : PROFILE_READ_TIMER_US;
	made->attr.switch_timer_interval = channel->ring ? 0 : PROFILE_SWITCH_TIMER_US;
	if (!channel->ring) {
		made->attr.tracefile_size = FILE_BYTES;
		made->attr.tracefile_count = FILE_COUNT;
	}
	code = lttng_enable_channel(handle, made);
	lttng_channel_destroy(made);
	return code;
}

static int session_fill(struct sessions *sessions, const char *session, const struct channel *channels, size_t count)
{
	struct lttng_domain domain = domain_of(sessions->options);
	struct lttng_handle *handle = lttng_create_handle(session, &domain);
	int code = handle ? 0 : -LTTNG_ERR_NOMEM;

	if (!code && !channels->ring)
		code = recording_enable_metadata(handle, sessions->options->per_uid ? BUFFERS_UID : BUFFERS_PID,
		                                 &sessions->late_metadata);
	for (size_t i = 0; !code && i < count; i++) {
		code = enable_channel(handle, &domain, &channels[i]);
		for (size_t n = 0; !code && n < channels[i].event_count; n++)
			code = recording_enable_event(handle, channels[i].name, channels[i].events[n], channels[i].without_io);
	}
	if (!code && channels->ring)
		code = lttng_untrack_pid(handle, -1); /* nobody, until sessions_track */
	if (!code)
		code = lttng_start_tracing(session);
	if (handle)
		lttng_destroy_handle(handle);
	if (!code)
		return 0;
	lttng_destroy_session_no_wait(session);
	return session_fail("make", session, code);
}

/* 0; 1: there is one of that name; -errno, said. `folder` is for snapshots, or for a session on disk. */
static int session_create(const char *session, const char *folder, bool ring)
{
	struct lttng_session_descriptor *descriptor = ring ? lttng_session_descriptor_snapshot_local_create(session, folder)
	                                                   : lttng_session_descriptor_local_create(session, folder);
	int code;

	if (!descriptor)
		return -EINVAL;
	recording_set_format(descriptor);
	code = lttng_create_session_ext(descriptor);
	lttng_session_descriptor_destroy(descriptor);
	if (code == LTTNG_OK)
		return 0;
	return code == LTTNG_ERR_EXIST_SESS ? 1 : session_fail("make", session, -code);
}

static int begin_ring(struct sessions *sessions)
{
	const struct channel channels[] = {
		{ CHANNEL_RING, all_events, 1, true, sessions->options->ring_bytes, RING_SUBBUFFERS, true },
	};
	char folder[PATH_MAX];
	int status;

	files_path(folder, "%s/work/unasked", sessions->options->output);
	status = session_create(SESSION_RING, folder, true);
	sessions->taken_over = status == 1;
	if (status == 1) { /* a daemon was killed: its ring may hold a story */
		say("takes over the flight recorder that a daemon left behind");
		return 0;
	}
	if (status)
		return status;
	if (sessions->rings) { /* what the session before left, if anything did */
		rings_recover(sessions->rings);
		if (lttng_set_session_shm_path(SESSION_RING, rings_folder(sessions->rings)))
			say("the flight recorder will not outlive its session daemon");
	}
	return session_fill(sessions, SESSION_RING, channels, 1);
}

/* A folder of its own for each beginning: what an earlier session wrote stays an input for a while. */
static int begin_fencers(struct sessions *sessions)
{
	const struct channel channels[] = {
		{ RECORDING_FENCERS, fencer_events, sizeof fencer_events / sizeof *fencer_events, false, FENCERS_BYTES, 4,
		  false },
		{ CHANNEL_SENT, sent_events, 1, false, FENCERS_BYTES / 4, 2, false },
	};
	int status;

	lttng_destroy_session(SESSION_FENCERS); /* what it holds is on disk */
	snprintf(sessions->fencers, sizeof sessions->fencers, "%s/work/fencers/%lld", sessions->options->output,
	         (long long)time(NULL));
	status = files_make_folders(sessions->fencers);
	if (status) {
		say("cannot make %s: %s", sessions->fencers, strerror(-status));
		return status;
	}
	status = session_create(SESSION_FENCERS, sessions->fencers, false);
	return status ? (status > 0 ? -EEXIST : status) : session_fill(sessions, SESSION_FENCERS, channels, 2);
}

void sessions_wait_files(void)
{
	struct wait_users users = { .count = 0 };

	wait_users_find(&users);
	wait_files_make(&users);
}

int sessions_begin(struct sessions *sessions, const struct daemon_options *options)
{
	int started, status;

	sessions->options = options;
	sessions_wait_files();
	if (!answers_begin(BEGIN_MS))
		return -EAGAIN;
	status = sessiond_ensure(&started);
	if (!status)
		status = begin_ring(sessions);
	if (!status)
		status = begin_fencers(sessions);
	if (!status) {
		sessions->window = sessions->paused = false;
		sessions->ring.count = sessions->full.count = 0;
		consumer_find(&sessions->consumer);
		sessions->has_files = sessiond_pid() != 0;
	}
	return answers_end() ? status : -EAGAIN;
}

/* ---- whom the rings record ---- */

static bool is_tracked(const struct tracked *tracked, uint32_t pid)
{
	for (size_t i = 0; i < tracked->count; i++)
		if (tracked->pids[i] == pid)
			return true;
	return false;
}

static bool is_live(uint32_t pid, const struct live_pid *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i].pid == pid)
			return true;
	return false;
}

static bool is_new(const struct tracked *tracked, const struct live_pid *live)
{
	return !live->stopped && tracked->count < SESSIONS_TRACKED && !is_tracked(tracked, live->pid);
}

/* Is everything as it is to be? */
static bool is_settled(const struct tracked *tracked, const struct live_pid *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_new(tracked, &pids[i]))
			return false;
	for (size_t i = 0; i < tracked->count; i++)
		if (!is_live(tracked->pids[i], pids, count))
			return false;
	return true;
}

static int session_track(const struct sessions *sessions, const char *session, struct tracked *tracked,
                         const struct live_pid *pids, size_t count)
{
	struct lttng_domain domain = domain_of(sessions->options);
	struct lttng_handle *handle;
	size_t kept = 0;
	int code;

	if (is_settled(tracked, pids, count))
		return 0;
	if (!answers_begin(WORK_MS))
		return -EAGAIN;
	handle = lttng_create_handle(session, &domain);
	code = handle ? 0 : -LTTNG_ERR_NOMEM;
	for (size_t i = 0; !code && i < tracked->count; i++) {
		if (is_live(tracked->pids[i], pids, count)) {
			tracked->pids[kept++] = tracked->pids[i];
			continue;
		}
		code = lttng_untrack_pid(handle, (int)tracked->pids[i]);
		code = code == -LTTNG_ERR_PID_NOT_TRACKED ? 0 : code;
	}
	if (!code)
		tracked->count = kept;
	for (size_t i = 0; !code && i < count; i++) {
		if (!is_new(tracked, &pids[i]))
			continue;
		code = lttng_track_pid(handle, (int)pids[i].pid);
		code = code == -LTTNG_ERR_PID_TRACKED ? 0 : code;
		if (!code)
			tracked->pids[tracked->count++] = pids[i].pid;
	}
	if (handle)
		lttng_destroy_handle(handle);
	if (!answers_end())
		return -EAGAIN;
	return code ? session_fail("choose processes for", session, code) : 0;
}

int sessions_track(struct sessions *sessions, const struct live_pid *pids, size_t count)
{
	int status;

	sessions->live = pids;
	sessions->live_count = count;
	status = session_track(sessions, SESSION_RING, &sessions->ring, pids, count);
	if (!status && sessions->window)
		status = session_track(sessions, SESSION_WINDOW, &sessions->full, pids, count);
	return status;
}

/* ---- are they there? ---- */

/* What it holds of the rings' folder must go first (rings.h). */
static void end_ring(struct sessions *sessions)
{
	if (sessions->rings)
		rings_leave(sessions->rings);
	lttng_destroy_session_no_wait(SESSION_RING);
}

/* A session daemon whose consumer has died records nothing any more, and starts no other one. One whose files are gone, its
 * sockets among them, records nobody who begins later. */
static void end_crippled(struct sessions *sessions, const char *why)
{
	say("%s", why);
	sessions->consumer.pid = 0;
	end_ring(sessions);
	lttng_destroy_session_no_wait(SESSION_FENCERS);
	lttng_destroy_session_no_wait(SESSION_WINDOW);
	if (sessiond_release() != 1)
		say("the session daemon is not ours to end, or has other sessions: start it anew, nothing is recorded until then");
}

/* Both are there and enabled. */
static bool are_listed(const struct sessions *sessions)
{
	struct lttng_session *list = NULL;
	int count = lttng_list_sessions(&list), found = 0;

	for (int i = 0; i < count; i++)
		found += (list[i].enabled && !strcmp(list[i].name, SESSION_RING)) ||
		         (list[i].enabled == !sessions->paused && !strcmp(list[i].name, SESSION_FENCERS));
	if (count >= 0)
		free(list);
	return found == 2;
}

static int session_check(struct sessions *sessions)
{
	if (!sessiond_answers())
		return -ESTALE;
	if (access(sessions->fencers, F_OK)) { /* LTTng would go on writing to nowhere */
		say("%s is gone", sessions->fencers);
		return -ESTALE;
	}
	if (consumer_is_gone(&sessions->consumer)) {
		end_crippled(sessions, "LTTng's consumer is gone");
		return -ESTALE;
	}
	if (sessions->has_files && !sessiond_pid()) {
		end_crippled(sessions, "the files of LTTng's session daemon are gone");
		return -ESTALE;
	}
	return are_listed(sessions) ? 0 : -ESTALE;
}

int sessions_check(struct sessions *sessions)
{
	int status;

	if (!answers_begin(WORK_MS))
		return -EAGAIN;
	status = session_check(sessions);
	return answers_end() ? status : -EAGAIN;
}

void sessions_pause_fencers(struct sessions *sessions, bool pause)
{
	int code;

	if (sessions->paused == pause || !answers_begin(WORK_MS))
		return;
	code = pause ? lttng_stop_tracing_no_wait(SESSION_FENCERS) : lttng_start_tracing(SESSION_FENCERS);
	if (!answers_end())
		return;
	if (code && code != -LTTNG_ERR_TRACE_ALREADY_STOPPED && code != -LTTNG_ERR_TRACE_ALREADY_STARTED)
		session_fail(pause ? "stop" : "start", SESSION_FENCERS, code);
	else
		sessions->paused = pause;
}

bool sessions_write_metadata(struct sessions *sessions)
{
	if (!sessions->late_metadata || sessions->paused)
		return false;
	sessions_pause_fencers(sessions, true);
	if (!sessions->paused)
		return false;
	sessions_pause_fencers(sessions, false); /* if that fails, it is tried each second (daemon.c) */
	return true;
}

/* ---- snapshots and windows ---- */

static int session_snapshot(const char *session, const char *folder)
{
	struct lttng_snapshot_output *output = lttng_snapshot_output_create();
	char url[PATH_MAX];
	int code = output ? 0 : -LTTNG_ERR_NOMEM;

	snprintf(url, sizeof url, "file://%s", folder);
	if (!code)
		code = lttng_snapshot_output_set_ctrl_url(url, output);
	if (!code)
		code = lttng_snapshot_record(session, output, 1);
	if (output)
		lttng_snapshot_output_destroy(output);
	if (code == -LTTNG_ERR_SNAPSHOT_NODATA)
		return -ENODATA;
	return code ? session_fail("take a snapshot of", session, code) : 0;
}

int sessions_snapshot(struct sessions *sessions, const char *folder)
{
	char of_window[PATH_MAX];
	int status = files_make_folders(folder);

	if (status) {
		say("cannot make %s: %s", folder, strerror(-status));
		return status;
	}
	if (!answers_begin(WORK_MS))
		return -EAGAIN;
	status = session_snapshot(SESSION_RING, folder);
	if (sessions->window) {
		snprintf(of_window, sizeof of_window, "%s-window", folder);
		if (!files_make_folders(of_window))
			session_snapshot(SESSION_WINDOW, of_window);
	}
	if (!answers_end())
		return -EAGAIN;
	/* A snapshot with nothing in it is called a success, and leaves no file. */
	return !status && !files_bytes(folder) ? -ENODATA : status;
}

static int open_window(struct sessions *sessions)
{
	/* The flight recorder has all the others, and what both had would be told twice. */
	const struct channel channels[] = { { CHANNEL_WINDOW, io_events, 1, false, WINDOW_BYTES, WINDOW_SUBBUFFERS, true } };
	char folder[PATH_MAX];
	int status;

	lttng_destroy_session(SESSION_WINDOW); /* left behind by a daemon that was killed */
	files_path(folder, "%s/work/unasked", sessions->options->output);
	status = session_create(SESSION_WINDOW, folder, true);
	return status ? status : session_fill(sessions, SESSION_WINDOW, channels, 1);
}

int sessions_window(struct sessions *sessions, bool open)
{
	int status = 0;

	if (open == sessions->window)
		return 0;
	if (!answers_begin(WORK_MS))
		return -EAGAIN;
	if (open)
		status = open_window(sessions);
	else
		lttng_destroy_session(SESSION_WINDOW);
	if (!answers_end())
		return -EAGAIN;
	sessions->full.count = 0;
	if (open && !status)
		status = session_track(sessions, SESSION_WINDOW, &sessions->full, sessions->live, sessions->live_count);
	sessions->window = open && !status;
	return status;
}

void sessions_end(struct sessions *sessions)
{
	sessions_window(sessions, false);
	if (!answers_begin(WORK_MS)) {
		say("the sessions stay: LTTng's session daemon does not answer");
		return;
	}
	if (sessiond_answers()) {
		end_ring(sessions);
		lttng_destroy_session(SESSION_FENCERS);
		sessiond_release();
	}
	answers_end();
}
