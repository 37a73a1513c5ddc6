/* SPDX-License-Identifier: MIT */
/* The reader of status pages: whatever stands in a page, it stays within its bounds, and it takes a whole copy or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "status/find.h"
#include "status/page.h"

struct fixture {
	int fd;
	struct fl_status *head; /* the writer's mapping */
	struct status_page *page;
};

static void *entries(struct fl_status *head, struct fl_status_part *part, size_t size, uint32_t count)
{
	*part = (struct fl_status_part){ head->used, count, (uint32_t)size, 0 };
	head->used += (uint32_t)(size * count);
	return (char *)head + part->offset;
}

static void fill(struct fl_status *head)
{
	struct fl_status_client *client;
	struct fl_status_image *image;
	struct fl_status_watch *watch;

	memset(head, 0, FL_STATUS_BYTES);
	head->magic = FL_STATUS_MAGIC;
	head->version = FL_STATUS_VERSION;
	head->head_bytes = head->used = sizeof *head;
	head->sequence = 2;
	head->pid = (uint32_t)getpid();
	strcpy(head->vm_name, "vm1");
	client = entries(head, &head->clients, sizeof *client, 1);
	client->global_id = 4711;
	strcpy(client->address, "10.0.0.2:0/123");
	image = entries(head, &head->images, sizeof *image, 1);
	image->serial = 7;
	image->global_id = 4711;
	watch = entries(head, &head->watches, sizeof *watch, 2);
	watch[1].image = 7;
	watch[1].cookie = 99;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	fixture->fd = memfd_create(FL_STATUS_NAME, MFD_CLOEXEC);
	assert_int_equal(ftruncate(fixture->fd, FL_STATUS_BYTES), 0);
	fixture->head = mmap(NULL, FL_STATUS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fixture->fd, 0);
	fixture->page = malloc(sizeof *fixture->page);
	fill(fixture->head);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	munmap(fixture->head, FL_STATUS_BYTES);
	close(fixture->fd);
	free(fixture->page);
	free(fixture);
	return 0;
}

static void a_page_is_read_as_it_was_written(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(status_page_read(fixture->fd, fixture->page), 0);
	assert_string_equal(fixture->page->head.vm_name, "vm1");
	assert_int_equal(fixture->page->watch_count, 2);
	assert_string_equal(status_page_client(fixture->page, 4711)->address, "10.0.0.2:0/123");
	assert_int_equal(status_page_watch(fixture->page, &fixture->page->images[0])->cookie, 99);
	assert_null(status_page_client(fixture->page, 1));
}

static void entries_of_another_size_are_cut_or_filled_up(void **state)
{
	struct fixture *fixture = *state;
	struct fl_status *head = fixture->head;
	char *at;

	at = entries(head, &head->clients, sizeof(struct fl_status_client) + 24, 2); /* a newer writer's */
	memset(at, 1, 2 * (sizeof(struct fl_status_client) + 24));
	((struct fl_status_client *)(at + sizeof(struct fl_status_client) + 24))->global_id = 5;
	at = entries(head, &head->images, 16, 1); /* an older one's */
	((struct fl_status_image *)at)->global_id = 6;
	assert_int_equal(status_page_read(fixture->fd, fixture->page), 0);
	assert_int_equal(fixture->page->client_count, 2);
	assert_int_equal(fixture->page->clients[1].global_id, 5);
	assert_int_equal(strlen(fixture->page->clients[0].address), sizeof fixture->page->clients[0].address - 1);
	assert_int_equal(fixture->page->images[0].global_id, 6);
	assert_int_equal(fixture->page->images[0].ios, 0);
}

static void another_version_and_no_page_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->head->version = 2;
	assert_int_equal(status_page_read(fixture->fd, fixture->page), -EPROTO);
	fixture->head->version = FL_STATUS_VERSION;
	fixture->head->magic = 0;
	assert_int_equal(status_page_read(fixture->fd, fixture->page), -EPROTO);
	fill(fixture->head);
	assert_int_equal(ftruncate(fixture->fd, 100), 0);
	assert_int_equal(status_page_read(fixture->fd, fixture->page), -EPROTO);
	assert_int_equal(ftruncate(fixture->fd, FL_STATUS_BYTES), 0);
}

static void one_that_is_being_written_is_not_taken(void **state)
{
	struct fixture *fixture = *state;

	fixture->head->sequence = 3;
	assert_int_equal(status_page_read(fixture->fd, fixture->page), -EAGAIN);
}

/* Numbers that lead outside, of every part and field, from a process that wants to see us crash. */
static void nothing_in_a_page_leads_outside_it(void **state)
{
	static const uint32_t odd[] = {
		0, 1, 7, 4096, FL_STATUS_BYTES - 1, FL_STATUS_BYTES, FL_STATUS_BYTES + 1, UINT32_MAX, UINT32_MAX / 2
	};
	struct fixture *fixture = *state;

	for (size_t at = 8; at + 4 <= sizeof(struct fl_status); at += 4)
		for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
			fill(fixture->head);
			memcpy((char *)fixture->head + at, &odd[i], 4);
			if (!status_page_read(fixture->fd, fixture->page))
				assert_true(fixture->page->watch_count <= FL_STATUS_WATCHES);
		}
	for (int i = 0; i < 2000; i++) {
		struct fl_status_part *parts = &fixture->head->clients;
		fill(fixture->head);
		for (int n = 0; n < 4; n++)
			parts[n] = (struct fl_status_part){ (uint32_t)random(), (uint32_t)random() % 300,
				                            (uint32_t)random() % 2000, 0 };
		status_page_read(fixture->fd, fixture->page);
	}
}

static _Atomic(bool) enough;

static void *write_on(void *arg)
{
	struct fl_status *head = arg;

	for (uint64_t n = 1; !atomic_load(&enough); n++) {
		__atomic_store_n(&head->sequence, head->sequence | 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		head->fences = head->blocklists_sent = head->snapshots_begun = n;
		((struct fl_status_watch *)((char *)head + head->watches.offset))[1].cookie = n;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		__atomic_store_n(&head->sequence, head->sequence + 1, __ATOMIC_RELEASE);
		for (int i = 0; i < 2000; i++)
			__asm__ volatile("");
	}
	return NULL;
}

static void a_copy_is_whole_or_there_is_none(void **state)
{
	struct fixture *fixture = *state;
	int whole = 0;
	pthread_t writer;

	pthread_create(&writer, NULL, write_on, fixture->head);
	for (int i = 0; i < 20000; i++) {
		if (status_page_read(fixture->fd, fixture->page))
			continue;
		whole++;
		assert_int_equal(fixture->page->head.fences, fixture->page->head.snapshots_begun);
		assert_true(fixture->page->head.fences == fixture->page->watches[1].cookie ||
		            fixture->page->watches[1].cookie == 99);
	}
	atomic_store(&enough, true);
	pthread_join(writer, NULL);
	assert_true(whole > 0);
}

/* Waiting for the FIFO's writer would be waiting for ever: the alarm ends this program then. */
static void what_stands_in_a_pages_place_is_not_opened(void **state)
{
	struct fixture *fixture = *state;
	char folder[] = "/tmp/status-page-XXXXXX", path[64];
	int fd;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/" FL_STATUS_NAME, folder);
	alarm(10);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(status_page_open(path), -EPROTO);
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(status_page_open(path), -EPROTO);
	close(fd);
	unlink(path);
	rmdir(folder);
	assert_int_equal(status_page_open("/dev/null"), -EPROTO);
	assert_int_equal(status_page_open(path), -ENOENT);
	alarm(0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fixture->fd);
	fd = status_page_open(path);
	assert_int_equal(status_page_read(fd, fixture->page), 0);
	close(fd);
}

/* ---- found by way of /proc ---- */

struct sought {
	pid_t pid;
	int seen;
	char state;
};

static void note(struct status_process *process, void *arg)
{
	struct sought *sought = arg;

	if (process->pid == sought->pid) {
		sought->seen++;
		sought->state = process->state;
	}
}

static void a_childs_inherited_page_is_not_its_own_and_an_end_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	struct status_finder *finder = status_finder_new();
	struct sought us = { getpid(), 0, 0 }, child = { fork(), 0, 0 };

	if (!child.pid)
		for (;;)
			pause();
	assert_true(status_finder_look(finder, note, &us) >= 1);
	assert_int_equal(us.seen, 1);
	assert_true(us.state && strchr("RSD", us.state));
	assert_true(status_finder_look(finder, note, &child) >= 1);
	assert_int_equal(child.seen, 0);
	fixture->head->pid = (uint32_t)child.pid;
	for (int i = 0; i < 70 && !child.seen; i++)
		status_finder_look(finder, note, &child);
	assert_int_equal(child.seen, 1);
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	status_finder_look(finder, note, &child);
	assert_int_equal(child.seen, 2);
	assert_int_equal(child.state, 0);
	status_finder_look(finder, note, &child);
	assert_int_equal(child.seen, 2);
	status_finder_free(finder);
}

static void note_page(struct status_process *process, void *arg)
{
	if (process->page)
		note(process, arg);
}

static void who_has_pages_without_end_is_not_searched_to_the_end(void **state)
{
	struct fixture *fixture = *state;
	struct status_finder *finder = status_finder_new();
	struct sought us = { getpid(), 0, 0 };
	int others[100], own;

	own = fcntl(fixture->fd, F_DUPFD_CLOEXEC, 500); /* the last one */
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), fixture->fd);
	for (int i = 0; i < 100; i++) {
		others[i] = memfd_create(FL_STATUS_NAME, MFD_CLOEXEC);
		assert_true(others[i] < own);
	}
	status_finder_look(finder, note_page, &us);
	assert_int_equal(us.seen, 0);
	for (int i = 0; i < 100; i++)
		close(others[i]);
	for (int i = 0; i < 70 && !us.seen; i++)
		status_finder_look(finder, note_page, &us);
	assert_true(us.seen);
	status_finder_free(finder);
	close(own);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_page_is_read_as_it_was_written),
		CASE(entries_of_another_size_are_cut_or_filled_up),
		CASE(another_version_and_no_page_are_refused),
		CASE(one_that_is_being_written_is_not_taken),
		CASE(nothing_in_a_page_leads_outside_it),
		CASE(a_copy_is_whole_or_there_is_none),
		CASE(what_stands_in_a_pages_place_is_not_opened),
		CASE(who_has_pages_without_end_is_not_searched_to_the_end),
		CASE(a_childs_inherited_page_is_not_its_own_and_an_end_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
