/* SPDX-License-Identifier: MIT */
#include "daemon/pages.h"
#include "model/address.h"
#include "run/now.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was noticed of a process before: kept with it by the finder. */
struct noticed {
	uint64_t fences;                     /* of the page's head */
	uint64_t clients[FL_STATUS_CLIENTS]; /* global ids of those noticed as fenced */
	size_t client_count;
	struct {
		uint64_t cookie;
		int32_t error;
	} errors[FL_STATUS_WATCHES];
	size_t error_count;
};

struct live { /* a client in the last look */
	struct address address;
	int64_t fenced_ns; /* 0: it is not */
};

#define PIDS 1024

struct pages {
	struct status_finder *finder;
	struct host *host; /* borrowed: metrics, which look at the same pages */
	bool watch_errors, begun;
	int64_t window_ns;
	char window_why[400];
	struct live *live; /* owned */
	size_t live_count, live_room;
	struct live_pid pids[PIDS];
	size_t pid_count;
	notice_fn *tell; /* during a look */
	void *arg;
};

struct pages *pages_new(bool watch_errors, struct host *host)
{
	struct pages *pages = calloc(1, sizeof *pages);

	if (!pages)
		return NULL;
	pages->watch_errors = watch_errors;
	pages->host = host;
	pages->finder = status_finder_new();
	if (!pages->finder) {
		free(pages);
		return NULL;
	}
	return pages;
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	status_finder_free(pages->finder);
	free(pages->live);
	free(pages);
}

static struct notice notice_of(const struct status_process *process, enum notice_kind kind, const char *address, int64_t at_ns)
{
	struct notice notice = { .kind = kind, .pid = process->pid, .at_ns = at_ns };

	snprintf(notice.address, sizeof notice.address, "%s", address);
	snprintf(notice.vm, sizeof notice.vm, "%s", process->page->head.vm_name);
	return notice;
}

static bool already(struct noticed *noticed, uint64_t global_id)
{
	for (size_t i = 0; i < noticed->client_count; i++)
		if (noticed->clients[i] == global_id)
			return true;
	if (noticed->client_count == FL_STATUS_CLIENTS) /* long gone ones */
		noticed->client_count = 0;
	noticed->clients[noticed->client_count++] = global_id;
	return false;
}

static void notice_fences(struct pages *pages, struct status_process *process, struct noticed *noticed)
{
	const struct status_page *page = process->page;
	bool named = false;

	for (uint32_t i = 0; i < page->client_count; i++) {
		const struct fl_status_client *client = &page->clients[i];
		if (!client->fenced_ns || already(noticed, client->global_id))
			continue;
		named = true;
		if (pages->begun) {
			struct notice notice = notice_of(process, NOTICE_FENCED, client->address, client->fenced_ns);
			pages->tell(&notice, pages->arg);
		}
	}
	/* One that was shut down between two looks. */
	if (page->head.fences > noticed->fences && !named && pages->begun) {
		struct notice notice = notice_of(process, NOTICE_FENCED, "", page->head.fenced_ns);
		pages->tell(&notice, pages->arg);
	}
	noticed->fences = page->head.fences;
}

static void notice_watch_errors(struct pages *pages, struct status_process *process, struct noticed *noticed)
{
	const struct status_page *page = process->page;
	size_t count = 0;

	for (uint32_t i = 0; i < page->watch_count; i++) {
		const struct fl_status_watch *watch = &page->watches[i];
		const struct fl_status_client *client = status_page_client(page, watch->global_id);
		bool known = false;

		if (!watch->error)
			continue;
		for (size_t n = 0; n < noticed->error_count; n++)
			known |= noticed->errors[n].cookie == watch->cookie;
		if (!known && pages->begun && client && !client->fenced_ns) {
			struct notice notice = notice_of(process, NOTICE_WATCH_ERROR, client->address, page->head.written_ns);
			pages->tell(&notice, pages->arg);
		}
		noticed->errors[count].cookie = watch->cookie;
		noticed->errors[count++].error = watch->error;
	}
	noticed->error_count = count;
}

static void note_live(struct pages *pages, const struct status_page *page)
{
	for (uint32_t i = 0; i < page->client_count; i++) {
		if (pages->live_count == pages->live_room) {
			size_t room = pages->live_room * 2 + 64;
			struct live *live = reallocarray(pages->live, room, sizeof *live);
			if (!live)
				return;
			pages->live = live;
			pages->live_room = room;
		}
		struct live *live = &pages->live[pages->live_count];
		if (!address_parse(page->clients[i].address, &live->address))
			continue;
		live->fenced_ns = page->clients[i].fenced_ns;
		pages->live_count++;
	}
}

/* One from the future is no sign yet: it would be the last one for hours after the clock was set back, and a process can write
 * anything into its page. */
static void sign(struct pages *pages, const struct status_page *page, int64_t ns, const char *what)
{
	bool vm = *page->head.vm_name;

	if (ns <= pages->window_ns || ns > epoch_ns())
		return;
	pages->window_ns = ns;
	snprintf(pages->window_why, sizeof pages->window_why, what, vm ? "VM " : "",
	         vm ? page->head.vm_name : page->head.process);
}

static void note_window(struct pages *pages, const struct status_page *page)
{
	sign(pages, page, page->head.snapshot_ns, "%s%s began a snapshot call");
	for (uint32_t i = 0; i < page->watch_count; i++) {
		const struct fl_status_watch *watch = &page->watches[i];
		sign(pages, page, watch->lock_request_ns, "a peer asked %s%s for its lock");
		sign(pages, page, watch->snapshot_ns, "a peer asked %s%s to create or remove a snapshot");
	}
}

static void pages_visit(struct status_process *process, void *arg)
{
	struct pages *pages = arg;
	struct noticed *noticed = process->other;

	host_visit(process, pages->host);
	if (!process->page) /* of another version: said by doctor and metrics */
		return;
	if (!noticed)
		noticed = process->other = calloc(1, sizeof *noticed);
	if (noticed) {
		notice_fences(pages, process, noticed);
		if (pages->watch_errors)
			notice_watch_errors(pages, process, noticed);
	}
	note_window(pages, process->page);
	if (process->state) {
		note_live(pages, process->page);
		if (pages->pid_count < PIDS)
			pages->pids[pages->pid_count++] =
			        (struct live_pid){ process->page->head.pid, process->state == 'T' || process->state == 't' };
	} else {
		free(noticed);
		process->other = NULL;
	}
}

int pages_look(struct pages *pages, notice_fn *tell, void *arg)
{
	int count;

	pages->tell = tell;
	pages->arg = arg;
	pages->live_count = pages->pid_count = 0;
	if (pages->window_ns > epoch_ns())
		pages->window_ns = 0;
	host_begin(pages->host, epoch_ns());
	count = status_finder_look(pages->finder, pages_visit, pages);
	host_end(pages->host);
	pages->begun = true;
	return count;
}

const struct live_pid *pages_pids(const struct pages *pages, size_t *count)
{
	*count = pages->pid_count;
	return pages->pids;
}

int64_t pages_window_ns(const struct pages *pages, const char **why)
{
	*why = pages->window_why;
	return pages->window_ns;
}

bool pages_has_client(const struct pages *pages, const char *address, int64_t *fenced_ns)
{
	struct address wanted;

	*fenced_ns = 0;
	if (!address_parse(address, &wanted))
		return false;
	for (size_t i = 0; i < pages->live_count; i++)
		if (address_same_client(&pages->live[i].address, &wanted)) {
			*fenced_ns = pages->live[i].fenced_ns;
			return true;
		}
	return false;
}
