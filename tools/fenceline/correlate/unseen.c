/* SPDX-License-Identifier: MIT */
/*
 * -108 that no command and no entry of the blocklist explains: by a client's own trace, then by logs, then by lines without a
 * time. A fence explains what its client was told from a while before it, for clocks differ, until it was over; and after that
 * what may be left of it, but not what comes to a client that was answered with 0 again, or begun, in between.
 */
#include "correlate/unseen.h"
#include "correlate/answers.h"
#include "correlate/episode.h"
#include "correlate/incident.h"
#include "model/clients.h"
#include "model/times.h"

#include <errno.h>
#include <string.h>

/* ---- by the client's own trace ---- */

static int64_t io_refused(const struct image *image, int64_t after_ns)
{
	const struct eshutdown_run *run = image->eshutdown_runs;

	while (run && run->begin_ns <= after_ns)
		run = run->next;
	return run ? run->begin_ns : 0;
}

/* When a client was first refused since then; 0: never. One that shuts down with I/O in flight gets -108 as well, and that is no
 * fence: then the -108 comes with or after the shutdown, and neither a ping nor the watch says it. */
static int64_t refused_after(const struct client *client, int64_t after_ns)
{
	int64_t first_ns = 0;

	for (const struct image *image = client->images; image; image = image->next) {
		int64_t io_ns = io_refused(image, after_ns), watch_ns = image_watch_refused(image, after_ns);
		int64_t refused_ns = io_ns ? io_ns : watch_ns;
		bool closing = image->close_ns && image->close_ns - refused_ns < CLOSING_NS;
		bool shut_down = client->shutdown_ns && client->shutdown_ns <= refused_ns;
		if (refused_ns && !((!watch_ns && closing) || ((!watch_ns || !io_ns) && shut_down)))
			first_ns = earlier_ns(first_ns, refused_ns);
	}
	return first_ns;
}

static bool began_after(const struct client *client, int64_t ts_ns)
{
	for (const struct image *image = client->images; image; image = image->next)
		if (image->open_ns && image->open_ns <= ts_ns)
			return false;
	return client->first_ns > ts_ns;
}

static bool is_explained_by(const struct episode *episode, const struct client *client, int64_t refused_ns)
{
	int64_t over_ns = episode->end_ns;

	if (refused_ns + episode_reach(episode) < episode->begin_ns)
		return false;
	if (over_ns == NO_END_NS || refused_ns <= over_ns + CLOCK_SLACK_NS)
		return true;
	return !began_after(client, over_ns) && !client_was_answered(client, over_ns, refused_ns);
}

static int add_unexplained(struct episodes *episodes, const struct model *model, const struct client *client, int64_t refused_ns)
{
	struct episode *episode;

	for (size_t i = 0; i < episodes->count; i++)
		if (episode_is_of(model, &episodes->list[i], client) && is_explained_by(&episodes->list[i], client, refused_ns))
			return 0;
	episode = episode_append(episodes);
	if (!episode)
		return -ENOMEM;
	*episode = (struct episode){ .client = client, .address = client->address, .begin_ns = refused_ns, .end_ns = NO_END_NS };
	return 0;
}

/* Its first -108, and the first after each fence that was over. */
static int find_in_traces(struct episodes *episodes, const struct model *model)
{
	size_t known = episodes->count;

	for (const struct client *client = model->clients; client; client = client->next) {
		int64_t refused_ns = refused_after(client, 0);
		if (refused_ns && add_unexplained(episodes, model, client, refused_ns))
			return -ENOMEM;
		for (size_t i = 0; i < known; i++) {
			const struct episode *over = &episodes->list[i];
			if (over->end_ns == NO_END_NS || !episode_is_of(model, over, client))
				continue;
			refused_ns = refused_after(client, over->end_ns);
			if (refused_ns && add_unexplained(episodes, model, client, refused_ns))
				return -ENOMEM;
		}
	}
	return 0;
}

/* ---- by logs ---- */

static bool has_episode(const struct episodes *episodes, const struct model *model, const struct client *client)
{
	for (size_t i = 0; i < episodes->count; i++)
		if (episode_is_of(model, &episodes->list[i], client))
			return true;
	return false;
}

/* Operators often fence for a day. A -108 right after the start of such an entry belongs to it, if no other entry can be meant.
 */
static struct episode *listed_for_a_day(struct episodes *episodes, const struct failure_run *run)
{
	struct episode *only = NULL;

	for (size_t i = 0; i < episodes->count; i++) {
		struct episode *episode = &episodes->list[i];
		int64_t since_ns = run->begin_ns - (episode->expires_ns - DAY_NS);
		if (episode->first || !episode->listed || !episode->expires_ns || since_ns < -CLOCK_SLACK_NS ||
		    since_ns > STORY_NS || (run->client && run->client != episode->client))
			continue;
		if (only)
			return NULL;
		only = episode;
	}
	return only;
}

static int find_unexplained(struct episodes *episodes, const struct model *model)
{
	for (const struct failure_run *run = model->failures; run; run = run->next) {
		const struct client *client = run->client ? run->client : run->holder;
		bool explained = run->result != -ESHUTDOWN || !run->begin_ns || !client || has_episode(episodes, model, client);
		struct episode *episode;
		for (size_t i = 0; i < episodes->count && !explained; i++)
			explained = episode_explains(&episodes->list[i], run);
		if (explained)
			continue;
		episode = listed_for_a_day(episodes, run);
		if (episode) {
			episode->begin_ns = run->begin_ns;
			continue;
		}
		episode = episode_append(episodes);
		if (!episode)
			return -ENOMEM;
		*episode = (struct episode){
			.client = client, .address = client->address, .begin_ns = run->begin_ns, .end_ns = NO_END_NS
		};
	}
	return 0;
}

/* A fence of which nothing but a line without a time tells. Where the inputs hold a fence with a time, such a line may be that
 * one's, and a client that a trace shows would have its -108 there. */
static int find_undated(struct episodes *episodes, const struct model *model)
{
	size_t dated = episodes->count;

	for (const struct failure_run *run = model->failures; run; run = run->next) {
		const struct client *client = run->client ? run->client : run->holder;
		struct episode *episode;
		if (run->result != -ESHUTDOWN || run->begin_ns || !client || (dated && !run->client) ||
		    (client->process && client->process->pid) || has_episode(episodes, model, client))
			continue;
		episode = episode_append(episodes);
		if (!episode)
			return -ENOMEM;
		*episode = (struct episode){ .client = client, .address = client->address, .undated = true, .end_ns = NO_END_NS };
	}
	return 0;
}

int episodes_find_unseen(struct episodes *episodes, const struct model *model)
{
	if (find_in_traces(episodes, model) || find_unexplained(episodes, model))
		return -ENOMEM;
	return find_undated(episodes, model);
}
