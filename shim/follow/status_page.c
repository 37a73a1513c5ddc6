/* SPDX-License-Identifier: MIT */
#include "status_page.h"

#include "base/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8U /* Linux 6.3; asked for where vm.memfd_noexec refuses anything else */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1: what is mapped by now stays writable, nothing else becomes so */
#endif

static struct fl_status *page; /* NULL: none */
static int page_fd = -1;
static dev_t page_dev;
static ino_t page_ino;

/*
 * Is our descriptor still ours? A program that becomes a daemon closes all it does not know, and the number may be another
 * file's by now: so nothing is ever written through it, and it is closed only if this says yes.
 */
static bool still_ours(void)
{
	struct stat st;

	return page_fd >= 0 && !fstat(page_fd, &st) && st.st_dev == page_dev && st.st_ino == page_ino;
}

static int make_memfd(void)
{
	int fd = memfd_create(FL_STATUS_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create(FL_STATUS_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

/* Not dumped with the host, and not the child's after a fork. */
static struct fl_status *map_page(int fd)
{
	struct fl_status *mapped = mmap(NULL, FL_STATUS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (mapped == MAP_FAILED)
		return NULL;
	madvise(mapped, FL_STATUS_BYTES, MADV_DONTDUMP);
	madvise(mapped, FL_STATUS_BYTES, MADV_DONTFORK);
	return mapped;
}

static void seal(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL))
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

static struct fl_status *make_page(void)
{
	int fd = make_memfd();
	struct fl_status *made = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	/* Allocated now: where memory is accounted strictly a fault could fail later, and that is SIGBUS. */
	if (!fchmod(fd, 0600) && !fallocate(fd, 0, 0, FL_STATUS_BYTES) && !fstat(fd, &st))
		made = map_page(fd);
	if (!made) {
		close(fd);
		return NULL;
	}
	seal(fd);
	page_fd = fd;
	page_dev = st.st_dev;
	page_ino = st.st_ino;
	made->magic = FL_STATUS_MAGIC;
	made->version = FL_STATUS_VERSION;
	made->head_bytes = sizeof *made;
	made->begun_ns = now_realtime_ns();
	return made;
}

/* ThreadSanitizer knows no fences, and nobody reads the page in this process. */
static void order_stores(void)
{
#ifndef __SANITIZE_THREAD__
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

struct fl_status *status_page_begin(void)
{
	if (page && !still_ours()) {
		munmap(page, FL_STATUS_BYTES);
		page = NULL;
	}
	if (!page)
		page = make_page();
	if (!page)
		return NULL;
	__atomic_store_n(&page->sequence, page->sequence | 1, __ATOMIC_RELAXED);
	order_stores();
	return page;
}

void status_page_end(void)
{
	order_stores();
	__atomic_store_n(&page->sequence, page->sequence + 1, __ATOMIC_RELEASE);
}

void status_page_forget(void)
{
	if (still_ours())
		close(page_fd);
	page_fd = -1;
	page = NULL; /* MADV_DONTFORK: there is no mapping in here */
}
