/* SPDX-License-Identifier: MIT */
/* From status pages to metrics: what is counted, what survives a process, what a hostile page can do. With --print: the
 * exposition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/exposition.h"

#define SECOND 1000000000LL
#define NOW    (1764400000 * SECOND)

static struct status_page a_page(const char *vm, const char *client)
{
	struct status_page page = { .client_count = 1, .image_count = 1, .watch_count = 1, .osd_count = 1 };

	snprintf(page.head.vm_name, sizeof page.head.vm_name, "%s", vm);
	snprintf(page.clients[0].address, sizeof page.clients[0].address, "%s", client);
	page.clients[0].global_id = page.watches[0].global_id = page.images[0].global_id = 4711;
	page.images[0].serial = page.watches[0].image = 1;
	snprintf(page.images[0].pool, sizeof page.images[0].pool, "vms");
	snprintf(page.images[0].name, sizeof page.images[0].name, "%s-disk", vm);
	snprintf(page.images[0].id, sizeof page.images[0].id, "10ab");
	page.watches[0].cookie = 99;
	page.watches[0].tick_s = 5;
	page.watches[0].last_ack_sent_ns = NOW - 3 * SECOND;
	page.watches[0].pings_sent = page.watches[0].pings_answered = 10;
	snprintf(page.watches[0].osd, sizeof page.watches[0].osd, "10.0.0.9:6800");
	snprintf(page.osds[0].address, sizeof page.osds[0].address, "10.0.0.9:6800");
	page.osds[0].answered = page.osds[0].rtt[9] = 10;
	return page;
}

static struct status_process a_process(const struct status_page *page, pid_t pid)
{
	return (struct status_process){ .pid = pid, .state = 'S', .shim = true, .page = page };
}

static void look(struct host *host, int64_t now_ns, struct status_process *processes, int count)
{
	host_begin(host, now_ns);
	for (int i = 0; i < count; i++)
		host_visit(&processes[i], host);
	host_end(host);
}

static char *exposed(const struct host *host)
{
	struct recorder_state recorder = { .recording = true, .started_ns = NOW };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	exposition_write(host, &recorder, out);
	fclose(out);
	return text;
}

static void end(struct host *host, struct status_process *process)
{
	process->state = 0;
	look(host, NOW, process, 1);
	host_free(host);
}

static void pings_count_as_unanswered_two_seconds_after_they_were_sent(void **state)
{
	struct status_page page = a_page("vm1", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 1);
	struct host *host = host_new(0);
	unsigned count;

	(void)state;
	page.watches[0].pings_sent = 12;
	page.watches[0].unanswered = 2;
	page.watches[0].oldest_unanswered_ns = NOW;
	look(host, NOW + SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->unanswered, 0);
	look(host, NOW + 3 * SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->unanswered, 1);
	look(host, NOW + 7 * SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->unanswered, 2);
	assert_int_equal(host_watches(host, &count)->unanswered_since_ns, NOW);
	end(host, &process);
}

static void a_lost_ping_is_counted_once_and_stays_counted(void **state)
{
	struct status_page page = a_page("vm1", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 1);
	struct host *host = host_new(0);
	unsigned count;

	(void)state;
	page.watches[0].pings_sent = 11;
	page.watches[0].unanswered = 1;
	page.watches[0].oldest_unanswered_ns = NOW;
	look(host, NOW + 6 * SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->lost, 0);
	look(host, NOW + 8 * SECOND, &process, 1);
	look(host, NOW + 9 * SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->lost, 1);
	page.watches[0].pings_answered = 11; /* it comes late */
	page.watches[0].unanswered = 0;
	look(host, NOW + 10 * SECOND, &process, 1);
	assert_int_equal(host_watches(host, &count)->lost, 1);
	assert_int_equal(host_osds(host, &count)->lost, 1);
	end(host, &process);
}

static void what_an_osd_was_asked_does_not_go_back_when_a_vm_ends(void **state)
{
	struct status_page pages[2] = { a_page("vm1", "10.0.0.1:0/1"), a_page("vm2", "10.0.0.1:0/2") };
	struct status_process processes[2] = { a_process(&pages[0], 1), a_process(&pages[1], 2) };
	struct host *host = host_new(0);
	unsigned count;

	(void)state;
	pages[0].head.fences = 1;
	look(host, NOW, processes, 2);
	assert_int_equal(host_osds(host, &count)->answered, 20);
	assert_int_equal(host_osds(host, &count)->vms, 2);
	processes[0].state = 0;
	look(host, NOW, processes, 2);
	look(host, NOW, processes + 1, 1);
	assert_int_equal(host_osds(host, &count)->answered, 20);
	assert_int_equal(host_osds(host, &count)->vms, 1);
	assert_int_equal(count, 1);
	assert_int_equal(host_totals(host)->fences, 1);
	end(host, &processes[1]);
}

static void a_client_is_alive_then_gone_and_known_by_ip_and_nonce(void **state)
{
	struct status_page page = a_page("vm1", "v2:10.0.0.1:0/1");
	struct status_process process = a_process(&page, 7);
	struct host *host = host_new(0);
	struct host_client found;

	(void)state;
	look(host, NOW, &process, 1);
	host_find_client(host, "10.0.0.1:3456/1", &found);
	assert_int_equal(found.alive, HOST_ALIVE);
	assert_int_equal(found.last_ack_ns, NOW - 3 * SECOND);
	host_find_client(host, "10.0.0.1:0/2", &found);
	assert_int_equal(found.alive, HOST_UNKNOWN);
	process.state = 0;
	look(host, NOW, &process, 1);
	host_find_client(host, "10.0.0.1:0/1", &found);
	assert_int_equal(found.alive, HOST_GONE);
	assert_int_equal(found.last_ack_ns, NOW - 3 * SECOND);
	host_free(host);
}

/* As the shim writes it: the first clients that there is room for, in the order of its slots. */
static void write_slots(struct status_page *page, int from, int to)
{
	page->client_count = page->head.clients.left_out = 0;
	for (int slot = from; slot < to; slot++)
		if (page->client_count < FL_STATUS_CLIENTS) {
			struct fl_status_client *client = &page->clients[page->client_count++];
			client->global_id = 4000 + slot;
			snprintf(client->address, sizeof client->address, "10.0.0.1:0/%d", 5000 + slot);
		} else {
			page->head.clients.left_out++;
		}
}

static enum host_alive alive(const struct host *host, const char *address)
{
	struct host_client found;

	host_find_client(host, address, &found);
	return found.alive;
}

/* 33 disks of a VM; one is detached, another attached, in its slot: the last client has no room any more, and lives. */
static void a_client_that_a_full_page_leaves_out_is_not_gone(void **state)
{
	struct status_page page = a_page("vm1", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 7);
	struct host *host = host_new(0);

	(void)state;
	write_slots(&page, 0, FL_STATUS_CLIENTS);
	look(host, NOW, &process, 1);
	assert_int_equal(alive(host, "10.0.0.1:0/5031"), HOST_ALIVE);
	write_slots(&page, -1, FL_STATUS_CLIENTS);
	look(host, NOW + SECOND, &process, 1);
	assert_int_equal(page.head.clients.left_out, 1);
	assert_int_equal(alive(host, "10.0.0.1:0/5031"), HOST_UNKNOWN);
	write_slots(&page, -1, FL_STATUS_CLIENTS - 1); /* this page is whole: the client that it has no more was closed */
	look(host, NOW + 2 * SECOND, &process, 1);
	write_slots(&page, -1, FL_STATUS_CLIENTS - 2);
	look(host, NOW + 3 * SECOND, &process, 1);
	assert_int_equal(alive(host, "10.0.0.1:0/5030"), HOST_GONE);
	assert_int_equal(alive(host, "10.0.0.1:0/5029"), HOST_ALIVE);
	end(host, &process);
}

static void a_watch_that_a_full_page_leaves_out_is_no_near_miss(void **state)
{
	struct status_page page = a_page("vm1", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 1);
	struct host *host = host_new(0);

	(void)state;
	page.watches[0].unanswered = 4;
	page.watches[0].oldest_unanswered_ns = NOW - 20 * SECOND;
	look(host, NOW, &process, 1);
	page.watch_count = 0;
	page.head.watches.left_out = 1;
	look(host, NOW + SECOND, &process, 1);
	assert_int_equal(host_totals(host)->near_miss_errors, 0);
	end(host, &process);
}

static void a_page_that_claims_anothers_client_is_not_shown(void **state)
{
	struct status_page pages[2] = { a_page("vm1", "10.0.0.1:0/1"), a_page("vm1", "10.0.0.1:0/1") };
	struct status_process processes[2] = { a_process(&pages[0], 1), a_process(&pages[1], 2) };
	struct host *host = host_new(0);
	unsigned count;

	(void)state;
	look(host, NOW, processes, 2);
	assert_int_equal((host_watches(host, &count), count), 1);
	assert_int_equal(host_watches(host, &count)->process->pid, 1);
	assert_int_equal(host_totals(host)->conflicting, 1);
	processes[0].state = processes[1].state = 0;
	look(host, NOW, processes, 2);
	host_free(host);
}

static void names_cannot_break_the_exposition(void **state)
{
	struct status_page page = a_page("a\"b\\c\nd\xff\xc3\xa9\x1b", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 1);
	struct host *host = host_new(0);
	char *text;

	(void)state;
	look(host, NOW, &process, 1);
	text = exposed(host);
	assert_non_null(strstr(text, "vm=\"a\\\"b\\\\c\\nd?\xc3\xa9?\""));
	free(text);
	end(host, &process);
}

static void more_osds_than_there_is_room_for_are_counted_together(void **state)
{
	struct host *host = host_new(0);
	unsigned count, n = 0;

	(void)state;
	for (int process = 0; process < 12; process++) {
		struct status_page page = a_page("vm", "10.0.0.1:0/1");
		struct status_process one = a_process(&page, process + 1);

		page.osd_count = FL_STATUS_OSDS;
		for (int i = 0; i < FL_STATUS_OSDS; i++) {
			snprintf(page.osds[i].address, sizeof page.osds[i].address, "10.0.1.1:%u", ++n);
			page.osds[i].answered = 1;
		}
		one.state = 0; /* so that all of them stay in the sums */
		look(host, NOW, &one, 1);
	}
	assert_string_equal((host_osds(host, &count) + HOST_OSDS)->address, "other");
	assert_int_equal((host_osds(host, &count) + HOST_OSDS)->answered, n - HOST_OSDS);
	assert_int_equal(count, HOST_OSDS + 1);
	host_free(host);
}

/* Its pings lost, a watch is gone and another registered within a second: no page has shown its error. */
static void a_watch_that_is_given_up_is_a_near_miss(void **state)
{
	struct status_page page = a_page("vm1", "10.0.0.1:0/1");
	struct status_process process = a_process(&page, 1);
	struct host *host = host_new(0);

	(void)state;
	page.watches[0].unanswered = 4;
	page.watches[0].oldest_unanswered_ns = NOW - 20 * SECOND;
	look(host, NOW, &process, 1);
	page.watches[0].cookie = 100;
	page.watches[0].unanswered = 0;
	look(host, NOW + SECOND, &process, 1);
	assert_int_equal(host_totals(host)->near_miss_errors, 1);
	page.watches[0].cookie = 101; /* a watch that was well: an image closed and opened again */
	look(host, NOW + 2 * SECOND, &process, 1);
	page.watches[0].unanswered = 4;
	page.watches[0].oldest_unanswered_ns = NOW - 20 * SECOND;
	look(host, NOW + 3 * SECOND, &process, 1);
	page.clients[0].fenced_ns = NOW + 4 * SECOND; /* this one did not miss */
	page.watch_count = 0;
	look(host, NOW + 4 * SECOND, &process, 1);
	assert_int_equal(host_totals(host)->near_miss_errors, 1);
	end(host, &process);
}

static void a_process_whose_last_ping_took_50_ms_finds_the_osd_slow(void **state)
{
	struct status_page pages[3] = { a_page("vm1", "10.0.0.1:0/1"), a_page("vm2", "10.0.0.1:0/2"),
		                        a_page("vm3", "10.0.0.1:0/3") };
	struct status_process processes[3] = { a_process(&pages[0], 1), a_process(&pages[1], 2), a_process(&pages[2], 3) };
	struct host *host = host_new(0);
	unsigned count;
	char *text;

	(void)state;
	for (int i = 0; i < 3; i++)
		pages[i].osds[0].last_ns = NOW - 4 * SECOND;
	pages[0].osds[0].rtt_last_ns = 49999999;
	pages[1].osds[0].rtt_last_ns = 50000000;
	pages[2].watches[0].unanswered = 1; /* its answer has not come yet */
	pages[2].watches[0].oldest_unanswered_ns = NOW - 3 * SECOND;
	look(host, NOW, processes, 3);
	assert_int_equal(host_osds(host, &count)->slow, 2);
	assert_int_equal(host_osds(host, &count)->vms, 3);
	text = exposed(host);
	assert_non_null(strstr(text, "fenceline_osd_slow_processes{osd=\"10.0.0.9:6800\"} 2\n"));
	free(text);
	look(host, NOW + 60 * SECOND, processes, 2); /* what is a minute old is no news */
	assert_int_equal(host_osds(host, &count)->slow, 0);
	for (int i = 0; i < 3; i++)
		processes[i].state = 0;
	look(host, NOW, processes, 3);
	host_free(host);
}

static int print(void)
{
	struct status_page pages[2] = { a_page("vm \"1\"\\\n\xff", "10.0.0.1:0/1"), a_page("vm2", "[fd00::1]:0/2") };
	struct status_process processes[2] = { a_process(&pages[0], 1), a_process(&pages[1], 2) };
	struct host *host = host_new(0);
	char *text;

	look(host, NOW, processes, 2);
	text = exposed(host);
	fputs(text, stdout);
	free(text);
	processes[0].state = processes[1].state = 0;
	look(host, NOW, processes, 2);
	host_free(host);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pings_count_as_unanswered_two_seconds_after_they_were_sent),
		cmocka_unit_test(a_lost_ping_is_counted_once_and_stays_counted),
		cmocka_unit_test(what_an_osd_was_asked_does_not_go_back_when_a_vm_ends),
		cmocka_unit_test(a_client_is_alive_then_gone_and_known_by_ip_and_nonce),
		cmocka_unit_test(a_client_that_a_full_page_leaves_out_is_not_gone),
		cmocka_unit_test(a_watch_that_a_full_page_leaves_out_is_no_near_miss),
		cmocka_unit_test(a_watch_that_is_given_up_is_a_near_miss),
		cmocka_unit_test(a_process_whose_last_ping_took_50_ms_finds_the_osd_slow),
		cmocka_unit_test(a_page_that_claims_anothers_client_is_not_shown),
		cmocka_unit_test(names_cannot_break_the_exposition),
		cmocka_unit_test(more_osds_than_there_is_room_for_are_counted_together),
	};

	if (argc > 1 && !strcmp(argv[1], "--print"))
		return print();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
