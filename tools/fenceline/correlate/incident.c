/* SPDX-License-Identifier: MIT */
#include "correlate/incident.h"
#include "model/times.h"

#include <string.h>

const char *cause_name(enum cause cause)
{
#define CAUSE_NAME(id, name, title, means) name,
	static const char *const names[] = { CAUSES(CAUSE_NAME) };
#undef CAUSE_NAME

	return names[cause];
}

const char *cause_title(enum cause cause)
{
#define CAUSE_TITLE(id, name, title, means) title,
	static const char *const titles[] = { CAUSES(CAUSE_TITLE) };
#undef CAUSE_TITLE

	return titles[cause];
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = { "possible", "likely", "proven" };

	return names[confidence];
}

const char *link_name(enum link link)
{
	static const char *const names[] = { "silence", "watch", "fencer", "fence", "harm" };

	return names[link];
}

const char *link_status_name(enum link_status status)
{
	static const char *const names[] = { "missing", "contradicted", "none", "inferred", "seen" };

	return names[status];
}

const char *client_state_name(enum client_state state)
{
	static const char *const names[] = { "unknown", "alive", "silent", "stalled", "gone" };

	return names[state];
}

const char *side_name(enum side side)
{
	static const char *const names[] = { "unknown", "osd", "client-host", "path" };

	return names[side];
}

const char *near_kind_name(enum near_kind kind)
{
	static const char *const names[] = { "pings-lost", "watch-expired", "watch-error", "fence-refused" };

	return names[kind];
}

int64_t incident_ns(const struct incident *incident)
{
	return incident->blocklist               ? incident->blocklist->ts_ns
	       : incident->first_eshutdown.ts_ns ? incident->first_eshutdown.ts_ns
	                                         : incident->begin_ns;
}

const char *incident_entry_name(const struct incident *incident)
{
	static const char *const names[] = FL_BLOCKLIST_ENTRY_NAMES;

	return incident->entry > FL_ENTRY_UNKNOWN && incident->entry < FL_ENTRIES ? names[incident->entry] : NULL;
}

int64_t blocklist_expire_s(const struct blocklist_action *action)
{
	return action->expire_s > 0 ? action->expire_s : BLOCKLIST_EXPIRE_DEFAULT_S;
}
