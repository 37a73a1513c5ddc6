/* SPDX-License-Identifier: MIT */
#include "status/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TRIES 20 /* a writing takes some 10 us */

/* ---- opening ---- */

/* The kernel has one file system for all of them. */
static dev_t memfds(void)
{
	int fd = memfd_create("", MFD_CLOEXEC);
	struct stat st = { 0 };

	if (fd < 0)
		return 0;
	fstat(fd, &st);
	close(fd);
	return st.st_dev;
}

/* From what the kernel knows by itself: a file of FUSE is asked nothing. */
static bool is_memfd(int fd)
{
	struct statx st;

	return !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) &&
	       makedev(st.stx_dev_major, st.stx_dev_minor) == memfds();
}

int status_page_open(const char *path)
{
	int found = open(path, O_PATH | O_CLOEXEC), fd = -EPROTO;
	char again[32];

	if (found < 0)
		return -errno;
	if (is_memfd(found)) {
		snprintf(again, sizeof again, "/proc/self/fd/%d", found);
		fd = open(again, O_RDONLY | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	close(found);
	return fd;
}

/* ---- reading ---- */

static int read_at(int fd, void *to, size_t size, off_t at)
{
	ssize_t n;

	do
		n = pread(fd, to, size, at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EPROTO;
}

static int read_sequence(int fd, uint32_t *sequence)
{
	return read_at(fd, sequence, sizeof *sequence, offsetof(struct fl_status, sequence));
}

/* A copy that nobody wrote to meanwhile. 0, -EAGAIN, or another -errno. */
static int read_whole(int fd, char *bytes, uint32_t *used)
{
	uint32_t before, after;
	int error = read_sequence(fd, &before);

	if (error)
		return error;
	if (before & 1)
		return -EAGAIN;
	error = read_at(fd, used, sizeof *used, offsetof(struct fl_status, used));
	if (!error && (*used < offsetof(struct fl_status, clients) || *used > FL_STATUS_BYTES))
		error = -EPROTO;
	if (!error)
		error = read_at(fd, bytes, *used, 0);
	if (!error)
		error = read_sequence(fd, &after);
	return error ? error : after == before ? 0 : -EAGAIN;
}

static int check_kind(int fd)
{
	struct {
		uint64_t magic;
		uint32_t version;
	} kind;
	int error = read_at(fd, &kind, sizeof kind, 0);

	if (error)
		return error;
	return kind.magic == FL_STATUS_MAGIC && kind.version == FL_STATUS_VERSION ? 0 : -EPROTO;
}

/* Entries into an array of our own. Returns how many there are. */
static uint32_t page_take(const struct fl_status_part *part, const char *bytes, uint32_t used, void *to, size_t size,
                          uint32_t most)
{
	size_t each = part->entry_bytes < size ? part->entry_bytes : size;
	uint32_t count = part->count < most ? part->count : most;

	memset(to, 0, size * most);
	if (!each || part->offset > used || part->entry_bytes > FL_STATUS_BYTES)
		return 0;
	if (count > (used - part->offset) / part->entry_bytes)
		count = (used - part->offset) / part->entry_bytes;
	for (uint32_t i = 0; i < count; i++)
		memcpy((char *)to + i * size, bytes + part->offset + (size_t)i * part->entry_bytes, each);
	return count;
}

#define END(text) ((text)[sizeof(text) - 1] = '\0')

static void end_strings(struct status_page *page)
{
	END(page->head.host);
	END(page->head.process);
	END(page->head.vm_name);
	END(page->head.vm_uuid);
	END(page->head.blocklist_target);
	END(page->head.not_understood);
	for (uint32_t i = 0; i < page->client_count; i++) {
		END(page->clients[i].address);
		END(page->clients[i].entity);
		END(page->clients[i].fsid);
		END(page->clients[i].version);
	}
	for (uint32_t i = 0; i < page->image_count; i++) {
		END(page->images[i].pool);
		END(page->images[i].nspace);
		END(page->images[i].name);
		END(page->images[i].id);
	}
	for (uint32_t i = 0; i < page->watch_count; i++) {
		END(page->watches[i].oid);
		END(page->watches[i].osd);
	}
	for (uint32_t i = 0; i < page->osd_count; i++)
		END(page->osds[i].address);
}

int status_page_read(int fd, struct status_page *page)
{
	static __thread char bytes[FL_STATUS_BYTES];
	uint32_t used = 0, head_bytes;
	int error = check_kind(fd);

	for (int i = 0; !error && i < TRIES && (error = read_whole(fd, bytes, &used)) == -EAGAIN; i++) {
		error = i + 1 < TRIES ? 0 : -EAGAIN;
		usleep(50);
	}
	if (error)
		return error;
	memset(&page->head, 0, sizeof page->head);
	memcpy(&head_bytes, bytes + offsetof(struct fl_status, head_bytes), sizeof head_bytes);
	if (head_bytes > used)
		return -EPROTO;
	memcpy(&page->head, bytes, head_bytes < sizeof page->head ? head_bytes : sizeof page->head);
	page->client_count = page_take(&page->head.clients, bytes, used, page->clients, sizeof *page->clients, FL_STATUS_CLIENTS);
	page->image_count = page_take(&page->head.images, bytes, used, page->images, sizeof *page->images, FL_STATUS_IMAGES);
	page->watch_count = page_take(&page->head.watches, bytes, used, page->watches, sizeof *page->watches, FL_STATUS_WATCHES);
	page->osd_count = page_take(&page->head.osds, bytes, used, page->osds, sizeof *page->osds, FL_STATUS_OSDS);
	end_strings(page);
	return 0;
}

const struct fl_status_client *status_page_client(const struct status_page *page, uint64_t global_id)
{
	for (uint32_t i = 0; i < page->client_count; i++)
		if (page->clients[i].global_id == global_id)
			return &page->clients[i];
	return NULL;
}

const struct fl_status_watch *status_page_watch(const struct status_page *page, const struct fl_status_image *image)
{
	for (uint32_t i = 0; i < page->watch_count; i++)
		if (image->serial && page->watches[i].image == image->serial)
			return &page->watches[i];
	return NULL;
}
