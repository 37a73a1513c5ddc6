/* SPDX-License-Identifier: MIT */
#include "render/severity.h"
#include "correlate/senders.h"

#include <errno.h>
#include <string.h>

const char *severity_name(enum severity severity)
{
	static const char *const names[] = { "debug", "info", "notice", "warning", "error", "critical" };

	return names[severity];
}

static enum severity of_state(const struct timeline_entry *entry)
{
	switch (entry->state.said) {
	case STATE_COUNTS:
		return SEV_DEBUG;
	case STATE_LISTED:
		return SEV_NOTICE;
	default:
		return SEV_WARNING;
	}
}

static enum severity of_command(const struct blocklist_action *action)
{
	return !strcmp(action->op, "add") && !command_failed(action) ? SEV_CRITICAL : SEV_NOTICE;
}

enum severity severity_of(const struct timeline_entry *entry)
{
	switch (entry->kind) {
	case TL_IO:
		return SEV_DEBUG;
	case TL_IO_SUMMARY:
		return entry->summary->errors ? SEV_WARNING : SEV_DEBUG;
	case TL_IO_SLOW:
	case TL_PING_LATE:
	case TL_PROCESS_STALLED:
	case TL_SLOW_REQUEST:
	case TL_RECORDING_GAP:
		return SEV_WARNING;
	case TL_IO_ERROR:
	case TL_PING_LOST:
	case TL_WATCH_EXPIRED:
		return SEV_ERROR;
	case TL_IO_ESHUTDOWN:
		return SEV_CRITICAL;
	case TL_GUEST_ERROR:
		return entry->guest.result == -ESHUTDOWN ? SEV_CRITICAL : SEV_ERROR;
	case TL_WATCH_ERROR: /* a refused reconnect is tried again */
		return entry->watch.by == WATCH_BY_RECONNECT ? SEV_WARNING : SEV_ERROR;
	case TL_IMAGE_OPEN:
		return entry->open.result < 0 ? SEV_ERROR : SEV_INFO;
	case TL_IMAGE_CLOSE:
		return entry->close.result < 0 ? SEV_WARNING : SEV_INFO;
	case TL_LOCK_BROKEN:
		return entry->lock.by_entity ? SEV_CRITICAL : SEV_WARNING;
	case TL_LOCK_CHECKED:
		return strcmp(entry->lock.method, "lock.break_lock") ? SEV_INFO : SEV_WARNING;
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		return of_command(entry->blocklist);
	case TL_SNAPSHOT_END:
		return entry->snapshot.call->result < 0 ? SEV_WARNING : SEV_NOTICE;
	case TL_SNAPSHOT_BEGIN:
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
	case TL_WINDOW_BEGIN:
		return SEV_NOTICE;
	case TL_STATE:
		return of_state(entry);
	default:
		return SEV_INFO;
	}
}
