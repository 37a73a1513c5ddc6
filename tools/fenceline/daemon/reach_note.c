/* SPDX-License-Identifier: MIT */
#include "daemon/reach_note.h"
#include "daemon/files.h"
#include "record/reach.h"
#include "run/now.h"

#include <stdio.h>

#define AFTER_CHANGE_S 60
#define AGAIN_S        (3 * 3600)
#define SHORTEST_S     900 /* between two of our own, however often processes come and go */

static void reach_note_one(const struct daemon_options *options, const char *folder, const char *session, const char *channel,
                           unsigned subbuffers)
{
	struct reach reach;
	char path[PATH_MAX];

	files_path(path, "%s/work/reach-%s", options->output, session);
	if (!reach_measure(folder, channel, subbuffers, &reach) && reach.least_s)
		reach_save(&reach, path);
}

void reach_note(const struct daemon_options *options, const char *folder)
{
	char of_window[PATH_MAX];

	reach_note_one(options, folder, SESSION_RING, CHANNEL_RING, RING_SUBBUFFERS);
	files_path(of_window, "%s-window", folder);
	reach_note_one(options, of_window, SESSION_WINDOW, CHANNEL_WINDOW, WINDOW_SUBBUFFERS);
}

void reach_tick(struct sessions *sessions)
{
	static int64_t last_s, changed_s;
	static size_t count;
	char folder[PATH_MAX];
	int64_t now = monotonic_ms() / 1000;

	if (sessions->ring.count != count) {
		count = sessions->ring.count;
		changed_s = now;
	}
	if (!count || (last_s && now - last_s < SHORTEST_S))
		return;
	if (!(changed_s && now - changed_s >= AFTER_CHANGE_S) && !(last_s && now - last_s >= AGAIN_S))
		return;
	last_s = now;
	changed_s = 0;
	files_path(folder, "%s/work/reach", sessions->options->output);
	files_remove(folder);
	if (!sessions_snapshot(sessions, folder))
		reach_note(sessions->options, folder);
	files_remove(folder);
	files_path(folder, "%s/work/reach-window", sessions->options->output);
	files_remove(folder);
}
