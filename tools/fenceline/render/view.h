/* SPDX-License-Identifier: MIT */
/*
 * What of a report an output shows, after --vm, --image, --since and --until: processes, their images, and each image's
 * events in order of time. Formats only walk it.
 */
#ifndef FENCELINE_RENDER_VIEW_H
#define FENCELINE_RENDER_VIEW_H

#include "render/render.h"

struct view_image {
	const struct client *client;
	const struct image *image;              /* NULL: only the client is known */
	bool cluster;                           /* what OSDs and monitors say of no one image */
	const struct timeline_entry **events;   /* array owned; entries the model's, or the view's own */
	size_t count;
	struct timeline_entry *pings;           /* owned: those of the events that are of the image's pings */
};

struct view_vm {
	const struct process *process;          /* NULL: clients that no trace names the process of */
	struct view_image *images; size_t count; /* owned */
};

struct view {
	struct view_vm *vms; size_t count;      /* owned; processes in order of appearance, the unnamed last */
	struct timeline_entry *made; size_t made_count; /* owned: expiries that the verdict engine found */
	const struct incident **incidents; size_t incident_count;       /* array owned */
	const struct near_miss **near_misses; size_t near_miss_count;   /* array owned */
};

int view_open(const struct report *report, struct view *view); /* 0 or -ENOMEM */
void view_close(struct view *view);

/* Does the time lie in a snapshot call on this image, or so shortly after one that its deletion may still be at work? */
bool view_in_snapshot_window(const struct view_image *image, int64_t ts_ns);

/* Only the incidents and near misses; vms stays empty. */
int view_open_verdicts(const struct report *report, struct view *view);

/* Does --vm (NAME or UUID) mean this process? wanted NULL: any; process NULL: none. */
bool process_matches(const struct process *process, const char *wanted);
bool image_is_named(const struct image *image);
/* Does --image (NAME, POOL/NAME, POOL/NS/NAME or ID) mean this image? */
bool image_matches(const struct image *image, const char *wanted);
/* Are these two opens of one image? */
bool image_same(const struct image *a, const struct image *b);
/* The client's process, else the VM that a log names; NULL: not known. */
const struct process *incident_process(const struct incident *incident);

#endif
