/* SPDX-License-Identifier: MIT */
/* Beginning and ending a recording. */
#include "record/recording.h"
#include "record/output.h"
#include "record/patience.h"
#include "record/sessiond.h"

#include "fenceline/events.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <lttng/lttng.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define PENDING_TIMEOUT_MS   30000
#define TRACE_FORMAT_CTF_1_8 1

/* Since LTTng 2.15; NULL before. By another name, since the headers of 2.15 declare it with an enum that older ones have not. */
extern int set_trace_format(struct lttng_session_descriptor *descriptor,
                            int format) __asm__("lttng_session_descriptor_set_trace_format") __attribute__((weak));

/* Which buffers a session has only its first channel decides. */
static struct lttng_domain ust_domain(enum buffers buffers)
{
	struct lttng_domain domain;

	memset(&domain, 0, sizeof domain);
	domain.type = LTTNG_DOMAIN_UST;
	domain.buf_type = buffers == BUFFERS_PID ? LTTNG_BUFFER_PER_PID : LTTNG_BUFFER_PER_UID;
	return domain;
}

static int recording_fail(const char *what, const char *session, int code)
{
	warnx("cannot %s recording '%s': %s", what, session, lttng_strerror(code));
	return -EIO;
}

unsigned recording_rings(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	/* LTTng 2.14 and later can do with one ring for all CPUs; the consumer of 2.16.0 ends when such a channel has timers
	 * (seen). */
	return cpus > 0 ? (unsigned)cpus : 1;
}

/* ---- Start ---- */

static struct lttng_session_descriptor *recording_describe(const struct recording_options *options, const char *folder)
{
	const char *name = options->session, *relayd = options->relayd;
	char url[PATH_MAX];

	if (!relayd)
		return options->flight_bytes ? lttng_session_descriptor_snapshot_local_create(name, folder)
		                             : lttng_session_descriptor_local_create(name, folder);
	snprintf(url, sizeof url, "%s%s", strstr(relayd, "://") ? "" : "net://", relayd);
	return options->flight_bytes ? lttng_session_descriptor_snapshot_network_create(name, url, NULL)
	                             : lttng_session_descriptor_network_create(name, url, NULL);
}

void recording_set_format(struct lttng_session_descriptor *descriptor)
{
	/* LTTng 2.15 and later write CTF 2 unless told: babeltrace2 2.0, on the host that reads it, knows only 1.8. */
	if (set_trace_format)
		set_trace_format(descriptor, TRACE_FORMAT_CTF_1_8);
}

static int create_session(const struct recording_options *options, const char *folder)
{
	struct lttng_session_descriptor *descriptor = recording_describe(options, folder);
	int code;

	if (!descriptor) {
		warnx("cannot start recording '%s': not a session name, or not the address of a relay daemon", options->session);
		return -EINVAL;
	}
	recording_set_format(descriptor);
	code = lttng_create_session_ext(descriptor);
	lttng_session_descriptor_destroy(descriptor);
	if (code == LTTNG_OK)
		return 0;
	if (code == LTTNG_ERR_EXIST_SESS) {
		warnx("there is a recording '%s' already; `fenceline record status` shows it, `fenceline record stop --session "
		      "%s` "
		      "ends it, --session gives another name",
		      options->session, options->session);
		return -EEXIST;
	}
	return recording_fail("start", options->session, -code);
}

/* LTTng 2.16 lets nobody ask for it. */
int recording_enable_metadata(struct lttng_handle *handle, enum buffers buffers, bool *late)
{
	struct lttng_domain domain = ust_domain(buffers);
	struct lttng_channel *channel = lttng_channel_create(&domain);
	int code;

	if (!channel)
		return -LTTNG_ERR_NOMEM;
	snprintf(channel->name, sizeof channel->name, "metadata");
	channel->enabled = 1;
	channel->attr.overwrite = 0;
	channel->attr.switch_timer_interval = PROFILE_SWITCH_TIMER_US;
	code = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	*late = code == -LTTNG_ERR_INVALID_CHANNEL_NAME;
	return *late ? 0 : code;
}

static int enable_channel(struct lttng_handle *handle, const struct recording_options *options, enum profile profile,
                          uint64_t flight_bytes)
{
	struct lttng_domain domain = ust_domain(options->buffers);
	struct lttng_channel *channel = lttng_channel_create(&domain);
	unsigned rings = recording_rings();
	int code;

	if (!channel)
		return -LTTNG_ERR_NOMEM;
	snprintf(channel->name, sizeof channel->name, "%s", profile_names[profile]);
	channel->enabled = 1; /* LTTng 2.16 takes it at its word, and would record nothing */
	channel->attr.overwrite = options->flight_bytes != 0;
	channel->attr.subbuf_size = profile_subbuffer_bytes(profile, options->buffers, rings, flight_bytes);
	channel->attr.num_subbuf = profile_subbuffers(rings, flight_bytes);
	channel->attr.output = LTTNG_EVENT_MMAP;
	/* Nobody reads a flight recorder until its snapshot is asked for. */
	channel->attr.read_timer_interval = options->flight_bytes ? 0 : PROFILE_READ_TIMER_US;
	channel->attr.switch_timer_interval = options->flight_bytes ? 0 : PROFILE_SWITCH_TIMER_US;
	code = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	return code;
}

#define DEBUG_EVENT(event, level, when) +(LTTNG_LOGLEVEL_##level == LTTNG_LOGLEVEL_DEBUG)
_Static_assert(0 FL_EVENTS(DEBUG_EVENT) == 1, "the event per I/O alone has the log level DEBUG");

/* By the log level, not by an exclusion: LTTng 2.13.9's session daemon dies when `lttng list SESSION` is asked for an event with
 * one (seen). */
int recording_enable_event(struct lttng_handle *handle, const char *channel, const char *name, bool without_io)
{
	struct lttng_event *event = lttng_event_create();
	int code;

	if (!event)
		return -LTTNG_ERR_NOMEM;
	snprintf(event->name, sizeof event->name, FL_PROVIDER_NAME ":%s", name);
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = without_io ? LTTNG_EVENT_LOGLEVEL_RANGE : LTTNG_EVENT_LOGLEVEL_ALL;
	event->loglevel = without_io ? LTTNG_LOGLEVEL_DEBUG_LINE : -1;
	code = lttng_enable_event_with_exclusions(handle, event, channel, NULL, 0, NULL);
	lttng_event_destroy(event);
	return code;
}

/* A wildcard, so that events of a newer shim are recorded too; or the event per I/O alone. */
static int enable_events(struct lttng_handle *handle, enum profile profile, bool only_io)
{
	return recording_enable_event(handle, profile_names[profile], only_io ? "io" : "*", profile == PROFILE_INCIDENT);
}

static int enable_profile(struct lttng_handle *handle, const struct recording_options *options)
{
	bool two_rings = options->flight_bytes && options->profile == PROFILE_FULL;
	uint64_t bytes = two_rings ? options->flight_bytes / 2 : options->flight_bytes;
	int code = enable_channel(handle, options, options->profile, bytes);

	if (!code)
		code = enable_events(handle, options->profile, two_rings);
	if (code || !two_rings)
		return code;
	/* I/O of a second or two fills a ring: what names the VM and explains a fence would not be in it any more. */
	code = enable_channel(handle, options, PROFILE_INCIDENT, bytes);
	return code ? code : enable_events(handle, PROFILE_INCIDENT, false);
}

static int start_session(const struct recording_options *options)
{
	struct lttng_domain domain = ust_domain(options->buffers);
	struct lttng_handle *handle = lttng_create_handle(options->session, &domain);
	int code = handle ? 0 : -LTTNG_ERR_NOMEM;
	bool late;

	if (!code && !options->flight_bytes)
		code = recording_enable_metadata(handle, options->buffers, &late);
	if (!code)
		code = enable_profile(handle, options);
	if (!code)
		code = lttng_start_tracing(options->session);
	if (handle)
		lttng_destroy_handle(handle);
	if (code) {
		recording_fail("start", options->session, code);
		lttng_destroy_session_no_wait(options->session);
	}
	return code ? -EIO : 0;
}

/* Too small a /dev/shm (64 MiB in many containers) costs a process all its events, and LTTng says so nowhere. */
static void check_memory(const struct recording_options *options)
{
	unsigned rings = recording_rings();
	uint64_t needed = profile_subbuffer_bytes(options->profile, options->buffers, rings, options->flight_bytes) *
	                  (profile_subbuffers(rings, options->flight_bytes) + 1) * rings;
	char need[32], have[32];
	struct statvfs shm;

	if (statvfs("/dev/shm", &shm))
		warn("no /dev/shm: LTTng has nowhere to put its buffers");
	else if (shm.f_bavail * shm.f_frsize < needed)
		warnx("/dev/shm has %s free and the buffers take %s per %s: processes whose buffers do not fit record nothing",
		      output_size_text(shm.f_bavail * shm.f_frsize, have, sizeof have),
		      output_size_text(needed, need, sizeof need), options->buffers == BUFFERS_PID ? "process" : "user id");
}

/* Before the session daemon: it would make the one for everybody, and wakes at once whoever waits there. */
static void make_wait_files(const struct wait_users *more)
{
	struct wait_users users = { .count = 0 };

	for (int i = 0; more && i < more->count; i++)
		wait_users_add(&users, more->uid[i]);
	wait_users_find(&users);
	wait_files_make(&users);
}

int recording_start(const struct recording_options *options)
{
	char folder[PATH_MAX] = "";
	int status, made = 0, started = 0;

	status = options->relayd ? 0 : output_prepare(options->output, folder, sizeof folder, &made);
	if (status)
		return status;
	make_wait_files(options->users);
	status = sessiond_ensure(&started);
	if (!status)
		status = create_session(options, folder);
	if (!status)
		status = start_session(options);
	if (!status)
		check_memory(options);
	if (status && started)
		sessiond_release();
	if (status && made)
		rmdir(folder);
	return status;
}

/* ---- Stop and snapshot ---- */

/* Wait until the consumer has written everything. Returns 1 if it has not in time. */
static int wait_for_data(const char *session)
{
	for (int waited = 0; lttng_data_pending(session) == 1; waited += 20) {
		if (waited >= PENDING_TIMEOUT_MS)
			return 1;
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	}
	return 0;
}

int recording_stop(const char *session, struct recording *last, int *pending)
{
	int status, code;

	*pending = 0;
	status = recordings_find(session, last);
	if (status)
		return status;
	code = lttng_stop_tracing_no_wait(session);
	if (code && code != -LTTNG_ERR_TRACE_ALREADY_STOPPED)
		return recording_fail("stop", session, code);
	if (!last->flight_recorder)
		*pending = wait_for_data(session);
	recordings_read_channel(last);
	code = *pending ? lttng_destroy_session_no_wait(session) : lttng_destroy_session(session);
	if (code)
		return recording_fail("end", session, code);
	if (*last->output == '/')
		last->bytes = output_bytes(last->output);
	return sessiond_release() < 0 ? -ETIMEDOUT : 0;
}

int recording_snapshot(const char *session)
{
	struct recording recording;
	int status, code;

	status = recordings_find(session, &recording);
	if (status)
		return status;
	if (!recording.flight_recorder) {
		warnx("recording '%s' is no flight recorder: its trace is in %s already; start one with --flight-recorder",
		      session, recording.output);
		return -EINVAL;
	}
	code = lttng_snapshot_record(session, NULL, 1);
	return code ? recording_fail("take a snapshot of", session, code) : 0;
}
