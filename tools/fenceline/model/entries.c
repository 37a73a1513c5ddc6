/* SPDX-License-Identifier: MIT */
/* The timeline's entries: their names, their words, their order. */
#include "model/entries.h"
#include "model/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *error_words(int64_t result)
{
	static __thread char words[160];

	if (result < 0 && result > -4096)
		snprintf(words, sizeof(words), "%" PRId64 " %s", result, strerror((int)-result));
	else
		snprintf(words, sizeof(words), "%" PRId64, result);
	return words;
}

const char *duration_words(int64_t ns)
{
	static __thread char words[32];

	if (ns < 100 * NS_PER_MS)
		snprintf(words, sizeof(words), "%.1f ms", (double)ns / (double)NS_PER_MS);
	else if (ns < NS_PER_S)
		snprintf(words, sizeof(words), "%.0f ms", (double)ns / (double)NS_PER_MS);
	else
		snprintf(words, sizeof(words), "%.1f s", (double)ns / (double)NS_PER_S);
	return words;
}

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

struct timeline_entry *entry_add(struct model *model, struct image *image, int64_t ts_ns, enum timeline_kind kind,
                                 enum severity severity, const struct source *source, const char *format, ...)
{
	struct timeline_entry *entry;
	va_list args;
	char *text;
	int length;

	if (!model->private->options.keep_entries || !image)
		return NULL;
	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	entry = length < 0 ? NULL : entries_append(model, image);
	if (!entry) {
		model->private->no_memory = true;
		if (length >= 0)
			free(text);
		return NULL;
	}
	*entry = (struct timeline_entry){ .ts_ns = ts_ns, .kind = kind, .severity = severity, .source = source, .text = text };
	return entry;
}

static bool is_of_watch(const struct timeline_entry *entry, uint64_t cookie)
{
	switch (entry->kind) {
	case TL_WATCH_REGISTERED:
	case TL_WATCH_UNREGISTERED:
	case TL_WATCH_ERROR:
	case TL_WATCH_EXPIRED:
		return entry->watch.cookie == cookie;
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		return entry->ping.cookie == cookie;
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
	free(entry->text);
	switch (entry->kind) {
	case TL_PING_ACK:
	case TL_PING_LATE:
	case TL_PING_LOST:
		free(entry->ping.osd);
		break;
	case TL_SNAPSHOT_BEGIN:
	case TL_SNAPSHOT_END:
		free(entry->snapshot.op);
		free(entry->snapshot.snap);
		break;
	case TL_BLOCKLIST_ADD:
	case TL_BLOCKLIST_RM:
		free(entry->blocklist.target);
		free(entry->blocklist.entry);
		free(entry->blocklist.entity);
		free(entry->blocklist.by_address);
		break;
	case TL_LOCK_ACQUIRED:
	case TL_LOCK_LOST:
	case TL_LOCK_CHECKED:
	case TL_LOCK_BROKEN:
		free(entry->lock.method);
		break;
	case TL_SNAPTRIM:
	case TL_REMOVED_SNAPS:
		free(entry->snaps.osd);
		break;
	case TL_SLOW_REQUEST:
		free(entry->slow.osd);
		break;
	case TL_GUEST_ERROR:
		free(entry->guest.device);
		break;
	default:
		break;
	}
}

void entries_free(struct image *image)
{
	for (size_t i = 0; i < image->entry_count; i++)
		entry_release(&image->entries[i]);
	free(image->entries);
}
