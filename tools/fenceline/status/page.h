/* SPDX-License-Identifier: MIT */
/* Reading one status page (fenceline/status.h). Nothing of LTTng or Ceph is needed for it. */
#ifndef FENCELINE_STATUS_PAGE_H
#define FENCELINE_STATUS_PAGE_H

#include "fenceline/status.h"

/* A page as this program knows it: entries of another writer's size are cut or filled up with 0, strings end, counts fit. */
struct status_page {
	struct fl_status head;
	uint32_t client_count, image_count, watch_count, osd_count;
	struct fl_status_client clients[FL_STATUS_CLIENTS];
	struct fl_status_image images[FL_STATUS_IMAGES];
	struct fl_status_watch watches[FL_STATUS_WATCHES];
	struct fl_status_osd osds[FL_STATUS_OSDS];
};

/*
 * Open what may be a page, such as /proc/PID/fd/N. Whose process that is may put anything in its place, at any time: what is no
 * memfd is not opened at all, since a FIFO waits for its writer, a device does what it does when it is opened, and a file system
 * of somebody's own may never answer. Returns a descriptor for status_page_read, -EPROTO if it is no memfd, or another -errno.
 */
int status_page_open(const char *path);

/*
 * Read the page behind this descriptor (with pread alone: whatever its owner does to it, no signal comes of it). Any thread;
 * takes some 10 us. Returns 0, -EPROTO if it is no page or one of another version, -EAGAIN if it was being written each of
 * several times (its process may have been stopped just then), or another -errno.
 */
int status_page_read(int fd, struct status_page *page);

/* The client with this global id; NULL if the page has none. */
const struct fl_status_client *status_page_client(const struct status_page *page, uint64_t global_id);
/* The watch on an image's header; NULL if there is none. */
const struct fl_status_watch *status_page_watch(const struct status_page *page, const struct fl_status_image *image);

#endif
