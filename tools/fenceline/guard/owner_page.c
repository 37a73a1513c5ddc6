/* SPDX-License-Identifier: MIT */
#include "guard/owner_page.h"
#include "guard/owner.h"
#include "model/address.h"
#include "run/now.h"
#include "status/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The page is written once a second. If it is not, its process stands still, whatever its state says (a frozen control group). */
#define STANDS_STILL_NS INT64_C(4000000000)
#define NS_PER_S        INT64_C(1000000000)
#define TICK_S          5 /* objecter_tick_interval's default */

struct page_search {
	struct address address;
	uint64_t cookie;
	struct owner_process *owner;
	bool found;
};

static const struct fl_status_client *client_of(const struct status_page *page, const struct address *address)
{
	struct address client;

	for (uint32_t i = 0; i < page->client_count; i++)
		if (address_parse(page->clients[i].address, &client) && address_same_client(&client, address))
			return &page->clients[i];
	return NULL;
}

/* The watch with the lock's cookie, else another of that client: librbd may just have registered anew. */
static const struct fl_status_watch *watch_of(const struct status_page *page, uint64_t global_id, uint64_t cookie)
{
	const struct fl_status_watch *any = NULL;

	for (uint32_t i = 0; i < page->watch_count; i++) {
		if (page->watches[i].global_id != global_id)
			continue;
		if (page->watches[i].cookie == cookie)
			return &page->watches[i];
		any = &page->watches[i];
	}
	return any;
}

static void read_watch(const struct fl_status_watch *watch, struct owner_process *owner)
{
	int64_t lost_ns = ((watch->tick_s ? watch->tick_s : TICK_S) + 2) * NS_PER_S;

	owner->last_ack_ns = watch->last_ack_sent_ns;
	owner->unanswered = watch->unanswered > watch->overdue ? watch->unanswered : watch->overdue;
	if (watch->last_ack_mono_ns)
		owner->ack_age_ns = monotonic_ns() - watch->last_ack_mono_ns;
	if (owner->state == PROCESS_LIVES && (owner->ack_age_ns > lost_ns || watch->overdue))
		owner->state = PROCESS_SILENT;
}

static void search_page(struct status_process *process, void *arg)
{
	struct page_search *search = arg;
	struct owner_process *owner = search->owner;
	const struct status_page *page = process->page;
	const struct fl_status_client *client = page && process->state ? client_of(page, &search->address) : NULL;
	const struct fl_status_watch *watch;
	bool stands_still;

	if (!client || search->found)
		return;
	search->found = true;
	stands_still =
	        process->state == 'T' || process->state == 't' || monotonic_ns() - page->head.written_mono_ns > STANDS_STILL_NS;
	owner->witness = WITNESS_STATUS_PAGE;
	owner->pid = process->pid;
	owner->state = stands_still ? PROCESS_STOPPED : PROCESS_LIVES;
	snprintf(owner->vm, sizeof owner->vm, "%s", page->head.vm_name);
	watch = watch_of(page, client->global_id, search->cookie);
	if (watch)
		read_watch(watch, owner);
}

bool owner_by_status_page(const char *address, uint64_t cookie, struct owner_process *owner)
{
	struct page_search search = { .cookie = cookie, .owner = owner };
	struct status_finder *finder = address_parse(address, &search.address) ? status_finder_new() : NULL;

	if (finder)
		status_finder_look(finder, search_page, &search);
	status_finder_free(finder);
	return search.found;
}

/* A page that lists every client of its process, and that is still being written. */
static void add_if_whole(struct status_process *process, void *arg)
{
	struct page_pids *pids = arg;
	const struct status_page *page = process->page;
	pid_t *list;

	if (!page || !process->state || process->page_error || page->head.clients.left_out ||
	    monotonic_ns() - page->head.written_mono_ns > STANDS_STILL_NS)
		return;
	list = reallocarray(pids->list, pids->count + 1, sizeof *list);
	if (!list)
		return;
	pids->list = list;
	list[pids->count++] = process->pid;
}

void owner_whole_pages(struct page_pids *pids)
{
	struct status_finder *finder = status_finder_new();

	if (finder)
		status_finder_look(finder, add_if_whole, pids);
	status_finder_free(finder);
}
