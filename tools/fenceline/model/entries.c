/* SPDX-License-Identifier: MIT */
/* The timeline's entries: what each owns, and their order. */
#include "model/entries.h"
#include "model/memory.h"
#include "model/private.h"

#include <stdlib.h>
#include <string.h>

static struct timeline_entry *entries_append(struct model *model, struct image *image)
{
	if (image->entry_count == image->entry_capacity) {
		size_t capacity = image->entry_capacity ? 2 * image->entry_capacity : 16;
		struct timeline_entry *entries = reallocarray(image->entries, capacity, sizeof(*entries));
		if (!entries) {
			model->private->no_memory = true;
			return NULL;
		}
		image->entries = entries;
		image->entry_capacity = capacity;
	}
	return &image->entries[image->entry_count++];
}

#define ENTRY_STRINGS 3

/* Where a kind's own strings are. */
static size_t strings_of(struct timeline_entry *entry, const char **strings[ENTRY_STRINGS])
{
	size_t count = 0;

	switch (entry->kind) {
	case TL_IMAGE_OPEN:
		strings[count++] = &entry->open.snap;
		strings[count++] = &entry->open.device;
		strings[count++] = &entry->open.user;
		break;
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
		strings[count++] = &entry->watch.oid;
		strings[count++] = &entry->watch.osd;
		break;
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_CHECKED:
	case TL_LOCK_BROKEN:
		strings[count++] = &entry->lock.method;
		strings[count++] = &entry->lock.by_entity;
		break;
	case TL_GUEST_ERROR:
		strings[count++] = &entry->guest.device;
		strings[count++] = &entry->guest.text;
		break;
	case TL_STATE:
		if (entry->state.said == STATE_NOT_UNDERSTOOD)
			strings[count++] = &entry->state.not_understood;
		break;
	case TL_WINDOW_BEGIN:
		strings[count++] = &entry->window.why;
		break;
	case TL_RECORDING_GAP:
		strings[count++] = &entry->stall.why;
		break;
	default:
		break;
	}
	return count;
}

static void own(struct model *model, struct timeline_entry *entry)
{
	const char **strings[ENTRY_STRINGS];
	size_t count = strings_of(entry, strings);

	for (size_t i = 0; i < count; i++)
		*strings[i] = *strings[i] ? model_strdup(model, *strings[i]) : NULL;
	if (entry->kind == TL_IO_SUMMARY) {
		struct io_second *copy = model_alloc(model, sizeof(*copy));
		if (copy)
			*copy = *entry->summary;
		entry->summary = copy;
	}
}

void entry_add(struct model *model, struct image *image, const struct timeline_entry *entry)
{
	struct timeline_entry *added = model->private->options.keep_entries && image ? entries_append(model, image) : NULL;

	if (!added)
		return;
	*added = *entry;
	own(model, added);
}

static bool is_of_watch(const struct timeline_entry *entry, uint64_t cookie)
{
	switch (entry->kind) {
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
		return entry->watch.cookie == cookie;
	case TL_NOTIFY:
		return entry->notify.cookie == cookie;
	default:
		return false;
	}
}

void entries_move(struct model *model, struct image *from, struct image *to, uint64_t cookie)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->entry_count; i++) {
		struct timeline_entry *entry = &from->entries[i], *moved;
		moved = is_of_watch(entry, cookie) ? entries_append(model, to) : NULL;
		if (moved)
			*moved = *entry;
		else
			from->entries[kept++] = *entry;
	}
	from->entry_count = kept;
}

void entries_move_all(struct model *model, struct image *from, struct image *to)
{
	for (size_t i = 0; i < from->entry_count; i++) {
		struct timeline_entry *moved = entries_append(model, to);
		if (!moved)
			return;
		*moved = from->entries[i];
	}
	from->entry_count = 0;
}

/* qsort may change the order of equal times; the place in the array before sorting keeps it. */
struct ordered {
	struct timeline_entry entry;
	size_t place;
};

static int by_time(const void *a, const void *b)
{
	const struct ordered *left = a, *right = b;

	if (left->entry.ts_ns != right->entry.ts_ns)
		return left->entry.ts_ns < right->entry.ts_ns ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

void entries_sort(struct model *model, struct image *image)
{
	struct ordered *ordered;
	size_t sorted = 1;

	while (sorted < image->entry_count && image->entries[sorted - 1].ts_ns <= image->entries[sorted].ts_ns)
		sorted++;
	if (sorted >= image->entry_count)
		return;
	ordered = calloc(image->entry_count, sizeof(*ordered));
	if (!ordered) {
		model->private->no_memory = true;
		return;
	}
	for (size_t i = 0; i < image->entry_count; i++)
		ordered[i] = (struct ordered){ image->entries[i], i };
	qsort(ordered, image->entry_count, sizeof(*ordered), by_time);
	for (size_t i = 0; i < image->entry_count; i++)
		image->entries[i] = ordered[i].entry;
	free(ordered);
}

static void entry_release(struct timeline_entry *entry)
{
	const char **strings[ENTRY_STRINGS];
	size_t count = strings_of(entry, strings);

	for (size_t i = 0; i < count; i++)
		free((char *)*strings[i]);
	if (entry->kind == TL_IO_SUMMARY)
		free((struct io_second *)entry->summary);
}

void entries_free(struct image *image)
{
	for (size_t i = 0; i < image->entry_count; i++)
		entry_release(&image->entries[i]);
	free(image->entries);
}
