/* SPDX-License-Identifier: MIT */
#include "record/recordings.h"

#include "record/output.h"
#include "record/patience.h"
#include "record/profile.h"
#include "record/sessiond.h"

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
#include <time.h>

/* A full ring buffer's counter may be sampled out of order; LTTng up to 2.13 takes one that went back for a wrap-around at 2^63
 * and adds so much (seen on 2.13.15, a million events and a busy host). What is below that is exact. */
#define DISCARDED_BITS ((UINT64_C(1) << 63) - 1)

int recordings_read_channel(struct recording *recording)
{
	struct lttng_domain domain = { .type = LTTNG_DOMAIN_UST, .buf_type = LTTNG_BUFFER_PER_UID };
	struct lttng_handle *handle = lttng_create_handle(recording->session, &domain);
	struct lttng_channel *channels = NULL;
	int count, status = -ENOENT;
	bool full = false;

	if (!handle)
		return -ENOMEM;
	count = lttng_list_channels(handle, &channels);
	for (int i = 0; i < count && !full; i++) { /* the full profile's session has a ring of the other, too */
		if (profile_by_name(channels[i].name) < 0 && strcmp(channels[i].name, RECORDING_FENCERS))
			continue;
		status = 0;
		full = !strcmp(channels[i].name, profile_names[PROFILE_FULL]);
		snprintf(recording->profile, sizeof recording->profile, "%s", channels[i].name);
		recording->subbuffers = (unsigned)channels[i].attr.num_subbuf;
		/* In a flight recorder events are overwritten, not discarded. */
		if (lttng_channel_get_discarded_event_count(&channels[i], &recording->discarded))
			recording->discarded = 0;
		recording->discarded &= DISCARDED_BITS;
	}
	if (count >= 0)
		free(channels);
	lttng_destroy_handle(handle);
	return status;
}

/* A flight recorder's session has no path of its own; its snapshots have. */
static void read_snapshot_output(struct recording *recording)
{
	struct lttng_snapshot_output_list *list = NULL;
	struct lttng_snapshot_output *output; /* const in LTTng 2.13, not yet in 2.12 */
	const char *url;

	if (lttng_snapshot_list_output(recording->session, &list))
		return;
	output = (struct lttng_snapshot_output *)lttng_snapshot_output_list_get_next(list);
	url = output ? lttng_snapshot_output_get_ctrl_url(output) : "";
	if (!strncmp(url, "file://", strlen("file://")))
		url += strlen("file://");
	snprintf(recording->output, sizeof recording->output, "%s", url);
	lttng_snapshot_output_list_destroy(list);
}

/* The newest folder in it that LTTng made for a snapshot. */
static bool newest_snapshot(const char *output, char path[PATH_MAX])
{
	struct dirent *entry;
	time_t newest = 0;
	char each[PATH_MAX];
	struct stat st;
	DIR *dir = opendir(output);

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "snapshot", strlen("snapshot")) ||
		    snprintf(each, sizeof each, "%s/%s", output, entry->d_name) >= (int)sizeof each || stat(each, &st) ||
		    st.st_mtime < newest)
			continue;
		newest = st.st_mtime;
		memcpy(path, each, sizeof each);
	}
	if (dir)
		closedir(dir);
	return newest != 0;
}

/* The record daemon measures by itself and leaves a note beside where its snapshots would go; of another one the last snapshot
 * tells. */
static void read_reach(struct recording *recording)
{
	const char *slash = strrchr(recording->output, '/');
	char path[PATH_MAX];

	if (*recording->output != '/' || !recording->flight_recorder)
		return;
	snprintf(path, sizeof path, "%.*s/reach-%.200s", (int)(slash - recording->output), recording->output, recording->session);
	if (!reach_load(path, &recording->reach))
		return;
	if (!newest_snapshot(recording->output, path) ||
	    reach_measure(path, recording->profile, recording->subbuffers, &recording->reach))
		recording->reach.measured_ns = 0;
}

static void read_buffers(struct recording *recording)
{
	struct lttng_domain *domains = NULL;
	int count = lttng_list_domains(recording->session, &domains);

	recording->buffers = BUFFERS_UID;
	for (int i = 0; i < count; i++)
		if (domains[i].type == LTTNG_DOMAIN_UST && domains[i].buf_type == LTTNG_BUFFER_PER_PID)
			recording->buffers = BUFFERS_PID;
	if (count >= 0)
		free(domains);
}

static int read_session(const struct lttng_session *session, struct recording *recording)
{
	uint64_t created = 0;

	memset(recording, 0, sizeof *recording);
	snprintf(recording->session, sizeof recording->session, "%s", session->name);
	snprintf(recording->output, sizeof recording->output, "%s", session->path);
	recording->active = session->enabled;
	recording->flight_recorder = session->snapshot_mode;
	if (lttng_session_get_creation_time(session, &created) == LTTNG_OK)
		recording->since_ns = (int64_t)created * 1000000000;
	if (recording->flight_recorder)
		read_snapshot_output(recording);
	if (*recording->output == '/')
		recording->bytes = output_bytes(recording->output);
	read_buffers(recording);
	if (recordings_read_channel(recording))
		return -ENOENT;
	read_reach(recording);
	return 0;
}

/* Returns how many, -errno, or LTTng's own (negative) code in *code. */
static int read_list(struct recording **list, int *others, int *code)
{
	struct lttng_session *sessions = NULL;
	int count, found = 0;

	if (!sessiond_answers())
		return 0;
	count = lttng_list_sessions(&sessions);
	if (count < 0) {
		*code = count;
		return -EIO;
	}
	*list = calloc(count + 1, sizeof **list);
	for (int i = 0; *list && i < count; i++)
		if (read_session(&sessions[i], &(*list)[found]))
			++*others;
		else
			found++;
	free(sessions);
	return *list ? found : -ENOMEM;
}

int recordings_list(struct recording **list, int *others)
{
	int count, code = 0;

	*list = NULL;
	*others = 0;
	patience_begin(PATIENCE_LOOK_MS);
	count = read_list(list, others, &code);
	if (!patience_end()) {
		free(*list);
		*list = NULL;
		warnx("LTTng's session daemon (pid %d) does not answer: it stands still, or waits for a process that does; `kill -CONT` "
		      "lets one that is stopped go on",
		      sessiond_pid());
		return -ETIMEDOUT;
	}
	if (code)
		warnx("cannot list recordings: %s", lttng_strerror(code));
	return count;
}

int recordings_find(const char *session, struct recording *found)
{
	struct recording *list;
	int others, count = recordings_list(&list, &others), status = count < 0 ? count : -ENOENT;

	for (int i = 0; i < count; i++)
		if (!strcmp(list[i].session, session)) {
			*found = list[i];
			status = 0;
		}
	if (count == 0 && !others)
		warnx("no recording '%s': %s", session,
		      sessiond_answers() ? "the session daemon has no session" : "no session daemon answers");
	else if (status == -ENOENT && count >= 0)
		warnx("no recording '%s'; `fenceline record status` lists them", session);
	free(list);
	return status;
}
