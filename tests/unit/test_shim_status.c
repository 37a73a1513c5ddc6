/* SPDX-License-Identifier: MIT */
/* The status page as the shim writes it: what is in it, and what the host may do to its descriptor. */
#include "fakes/watch_fixture.h"
#include "status/page.h"
#include "follow/noted.h"
#include "follow/status.h"
#include "follow/status_page.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The descriptor of our page, by its name; -1: none. */
static int page_fd(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = -1;

	while ((entry = readdir(dir))) {
		char target[64] = "";
		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1) > 0 &&
		    !strncmp(target, "/memfd:" FL_STATUS_NAME, strlen("/memfd:" FL_STATUS_NAME)))
			found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

static struct status_page page;

static bool read_page(void)
{
	int fd = page_fd();

	return fd >= 0 && status_page_read(fd, &page) == 0;
}

static bool has_watch(void)
{
	return read_page() && page.watch_count == 1;
}

static bool has_no_watch(void)
{
	return read_page() && page.watch_count == 0;
}

static bool has_reply(void)
{
	return has_watch() && page.watches[0].pings_answered == 1;
}

static bool is_fenced(void)
{
	return read_page() && page.client_count && page.clients[0].fenced_ns && page.head.fences == 1;
}

static void a_watch_its_pings_and_its_fence_are_in_the_page(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	struct connection c = connection_open();

	(void)state;
	fake_age_ms = 3001;
	assert_true(within_s(5, has_watch));
	assert_int_equal(page.head.pid, getpid());
	assert_true(page.watches[0].cookie == cookie);
	assert_string_equal(page.watches[0].oid, "rbd_header.10aa");
	assert_true(llabs(page.head.written_ns - page.watches[0].last_ack_sent_ns - 3000000000) < 1500000000);
	assert_true(llabs(page.head.written_mono_ns - page.watches[0].last_ack_mono_ns - 3000000000) < 1500000000);
	enabled[FL_EV_ping_sent] = 1;
	enabled[FL_EV_ping_reply] = 1;
	send_ping(c, cookie);
	usleep(20000);
	answer(c, cookie, 0);
	assert_true(within_s(5, has_reply));
	assert_int_equal(page.watches[0].pings_sent, 1);
	assert_int_equal(page.watches[0].unanswered, 0);
	assert_true(page.watches[0].last_rtt_ns >= 20000000 && page.watches[0].last_rtt_ns < 2000000000);
	assert_int_equal(page.osd_count, 1);
	assert_int_equal(page.osds[0].answered, 1);
	assert_false(is_fenced());
	send_ping(c, cookie);
	answer(c, cookie, -108);
	assert_true(within_s(5, is_fenced));
	assert_int_equal(page.osds[0].errors, 1);
	connection_close(c);
	end_watch(&ioctx, cookie);
	assert_true(within_s(5, has_no_watch));
}

static int other_file;

/* The page is there again, and the number that was its own is another file's, untouched. */
static bool has_new_page(void)
{
	struct stat st;

	return has_watch() && page_fd() != other_file && !fstat(other_file, &st) && st.st_size == 5;
}

static void a_host_that_closes_every_descriptor_keeps_its_files_and_gets_a_new_page(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	char text[6] = "";

	(void)state;
	assert_true(within_s(5, has_watch));
	other_file = page_fd();
	int file = memfd_create("guest", 0);
	assert_int_equal(write(file, "guest", 5), 5);
	/* What close-all and an open come to; by system call, since ThreadSanitizer takes what is meant here for a mistake. */
	assert_int_equal(syscall(SYS_dup3, file, other_file, 0), other_file);
	close(file);
	assert_true(within_s(5, has_new_page));
	assert_int_equal(pread(other_file, text, 5, 0), 5);
	assert_string_equal(text, "guest");
	syscall(SYS_close, other_file);
	end_watch(&ioctx, cookie);
}

static int child_has_a_page_of_its_own(void)
{
	struct ctx2 ctx2 = { ctx2_vtable };

	if (page_fd() >= 0)
		return 1; /* the parent's */
	live_watch(&ioctx, "rbd_header.10cc", &ctx2);
	return within_s(5, has_watch) && page.head.pid == (uint32_t)getpid() && !strcmp(page.watches[0].oid, "rbd_header.10cc")
	               ? 0
	               : 2;
}

static void a_forked_child_has_a_page_of_its_own(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	assert_true(within_s(5, has_watch));
	assert_int_equal(exit_code_of_child(child_has_a_page_of_its_own), 0);
	assert_true(within_s(5, has_watch));
	assert_string_equal(page.watches[0].oid, "rbd_header.10aa");
	end_watch(&ioctx, cookie);
}

static void nobody_else_can_shrink_grow_or_write_it(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);
	char path[64];
	int fd;

	(void)state;
	assert_true(within_s(5, has_watch));
	assert_true(fcntl(page_fd(), F_GETFD) & FD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", page_fd());
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, FL_STATUS_BYTES * 2), -1);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_true(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
	end_watch(&ioctx, cookie);
}

static void what_a_process_sent_and_began_is_in_the_page(void **state)
{
	struct ctx2 ctx2 = { ctx2_vtable };
	uint64_t cookie = live_watch(&ioctx, "rbd_header.10aa", &ctx2);

	(void)state;
	noted_blocklist("10.0.0.2:0/123");
	noted_snapshot();
	for (int i = 0; i < FL_STATUS_OSDS + 3; i++) {
		char osd[32];
		snprintf(osd, sizeof osd, "10.0.1.%d:6800", i);
		noted_ping_answered(osd, 1000000, 0);
	}
	usleep(1300000);
	assert_true(within_s(5, has_watch));
	assert_int_equal(page.head.blocklists_sent, 1);
	assert_string_equal(page.head.blocklist_target, "10.0.0.2:0/123");
	assert_int_equal(page.head.snapshots_begun, 1);
	assert_true(page.head.osds.left_out >= 3);
	assert_int_equal(page.osd_count, FL_STATUS_OSDS);
	end_watch(&ioctx, cookie);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_watch_its_pings_and_its_fence_are_in_the_page),
		TEST(a_host_that_closes_every_descriptor_keeps_its_files_and_gets_a_new_page),
		TEST(a_forked_child_has_a_page_of_its_own),
		TEST(nobody_else_can_shrink_grow_or_write_it),
		TEST(what_a_process_sent_and_began_is_in_the_page),
	};

	fixture_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
