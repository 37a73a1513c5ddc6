/* SPDX-License-Identifier: MIT */
#include "ingest/event_copy.h"
#include "ingest/feed.h"

#include <stdlib.h>
#include <string.h>

/* Where the strings lie of what only logs tell; those of trace events are in the list that makes them (fields.c). */
#define STRING(fact, member) \
	{ \
		FACT_##fact, offsetof(struct event, member) \
	}
static const struct {
	enum fact fact;
	size_t offset;
} strings[] = {
	STRING(audit_blocklist, audit.op),
	STRING(audit_blocklist, audit.target),
	STRING(audit_blocklist, audit.from_address),
	STRING(audit_blocklist, audit.entity),
	STRING(audit_blocklist, audit.result_text),
	STRING(slow_request, slow.osd),
	STRING(slow_request, slow.object),
	STRING(slow_request, slow.text),
	STRING(snaptrim, snaps.osd),
	STRING(snaptrim, snaps.pg),
	STRING(snaptrim, snaps.intervals),
	STRING(snaptrim, snaps.removed),
	STRING(removed_snaps, snaps.osd),
	STRING(removed_snaps, snaps.pg),
	STRING(removed_snaps, snaps.intervals),
	STRING(removed_snaps, snaps.removed),
	STRING(watch_logged, watch.address),
	STRING(watch_logged, watch.object),
	STRING(watch_logged, watch.osd),
	STRING(io_failure, failure.vm_name),
	STRING(io_failure, failure.vm_uuid),
	STRING(io_failure, failure.device),
	STRING(io_failure, failure.pool),
	STRING(io_failure, failure.image),
	STRING(io_failure, failure.image_id),
	STRING(io_failure, failure.address),
	STRING(io_failure, failure.text),
	STRING(blocklist_entry, entry.target),
	STRING(lock_logged, lock.address),
	STRING(lock_logged, lock.device),
	STRING(snapshot_logged, snapshot.op),
	STRING(snapshot_logged, snapshot.snap),
	STRING(osd_latency, latency.osd),
	STRING(vm_logged, vm.name),
	STRING(vm_logged, vm.uuid),
	STRING(vm_logged, vm.host),
	STRING(vm_logged, vm.device),
	STRING(vm_logged, vm.pool),
	STRING(vm_logged, vm.namespace),
	STRING(vm_logged, vm.image),
	STRING(vm_logged, vm.user),
};
#define COUNT (sizeof(strings) / sizeof(*strings))

/* A struct that grew may have a new string: name it above, then put its new size here. */
#define SAME_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), "event_copy.c does not know all strings of struct " #type)
SAME_SIZE(audit_blocklist, 72);
SAME_SIZE(slow_request, 56);
SAME_SIZE(snaps_logged, 40);
SAME_SIZE(watch_logged, 72);
SAME_SIZE(io_failure, 112);
SAME_SIZE(blocklist_entry, 24);
SAME_SIZE(lock_logged, 56);
SAME_SIZE(snapshot_logged, 16);
SAME_SIZE(osd_latency, 24);
SAME_SIZE(watch_timeout_logged, 4);
SAME_SIZE(cluster_paused, 4);
SAME_SIZE(vm_logged, 72);
_Static_assert(FACT_COUNT == (int)FL_EV_COUNT + 14, "event_copy.c does not know a kind of fact");

/* The string that this place of the event points to; `each` runs over all its strings. NULL: no more. */
static const char **next_string(struct event *event, size_t *each)
{
	if (fact_is_trace(event->fact)) {
		const struct event_row *row = event_row((enum fl_event)event->fact);
		while (*each < row->count) {
			const struct field_row *field = &row->fields[(*each)++];
			if (field->type == FIELD_STR)
				return (const char **)((char *)&event->trace + field->offset);
		}
		return NULL;
	}
	while (*each < COUNT) {
		size_t at = (*each)++;
		if (strings[at].fact == event->fact)
			return (const char **)((char *)event + strings[at].offset);
	}
	return NULL;
}

struct event *event_copy(const struct event *event)
{
	struct event *copy;
	const char **string;
	size_t each = 0, size = sizeof(*copy);
	char *text;

	while ((string = next_string((struct event *)event, &each)))
		size += strlen(*string) + 1;
	copy = malloc(size);
	if (!copy)
		return NULL;
	*copy = *event;
	text = (char *)(copy + 1);
	for (each = 0; (string = next_string(copy, &each)); text += strlen(text) + 1)
		*string = strcpy(text, *string);
	return copy;
}
