/* SPDX-License-Identifier: MIT */
/* A watch of the image that ended with an error of its own before the fence: not by the fence, which causes a -107, too. */
#include "correlate/broken_watch.h"
#include "correlate/expiry.h"
#include "correlate/findings.h"
#include "correlate/look.h"
#include "correlate/watches.h"

#include <errno.h>

/* Was all recorded from there to the watch's error, so that a registration would have been seen? */
static bool is_recorded_since(const struct findings *findings, const struct watch *broken, int64_t begin_ns)
{
	return !discarded_between(findings, begin_ns, broken->error_ns) && findings->client->first_ns <= begin_ns;
}

/* The list from before the fence lacks the owner, so its watch was gone by then. That this error tells of it is certain only
 * where the client had that watch before the fencer looked: one that was registered anew after the list is broken by the fence.
 */
static bool list_explains(const struct findings *findings, const struct watch *broken)
{

	if (!list_lacks_owner(findings))
		return false;
	if (broken->registered_ns)
		return broken->registered_ns <= look_began(findings) || came_with_image(findings->image, broken);
	return is_recorded_since(findings, broken, look_began(findings));
}

/* One clock saw both, and the error came first. */
static bool is_before_command(const struct findings *findings, const struct watch *broken)
{
	const struct blocklist_action *action = findings->episode->first;

	return action && action->trace_ns && is_on_clients_clock(findings, action->trace_source) &&
	       broken->error_ns + COARSE_CLOCK_NS < action->trace_ns;
}

/* The OSD's word that the watch timed out: the client's error only tells of that, unless one clock has it earlier. */
static bool only_tells_of_timeout(const struct findings *findings, const struct watch *watch)
{
	if (!watch->expired_ns)
		return false;
	return watch->expired_ns <= watch->error_ns + CLOCK_SLACK_NS || !watch->error_source || !watch->expired_source ||
	       !model_clocks_tied(findings->model, watch->expired_source, watch->error_source);
}

void find_broken_watch(struct findings *findings)
{
	for (const struct watch *watch = findings_next_watch(findings, NULL); watch; watch = findings_next_watch(findings, watch))
		if (watch->error && watch->error != -ESHUTDOWN && watch->error_ns <= findings->until_ns &&
		    watch->error_ns >= findings->life_ns && !only_tells_of_timeout(findings, watch))
			findings->broken = watch;
	findings->broken_before =
	        findings->broken && (findings->broken->error != -ENOTCONN || list_explains(findings, findings->broken) ||
	                             is_before_command(findings, findings->broken));
}
