/* SPDX-License-Identifier: MIT */
/* From status pages to a host: what is now, and counters that must not go back when a process ends. */
#include "metrics/host.h"
#include "model/address.h"
#include "osds/from_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CEPH_WATCH_TIMEOUT_S 30           /* osd_client_watch_timeout, Ceph 10 to 20 */
#define TICK_S               5            /* objecter_tick_interval */
#define LOST_NS              7000000000LL /* as the timeline: a ping is lost once it is this long without an answer */
#define GONE                 1024         /* clients that have ended are remembered, the newest of them */
#define LIVE                 4096         /* clients of a host; further ones are not found by their address */

/* What has to be remembered of a watch from one look to the next. */
struct memory {
	uint64_t global_id, cookie, lost, error_told;
	unsigned overdue;
	bool unanswered, seen;
};

/* In status_process.user. */
struct process_memory {
	struct memory watches[FL_STATUS_WATCHES];
	unsigned watch_count, client_count;
	char clients[FL_STATUS_CLIENTS][128];
};

struct host {
	int64_t now_ns;
	unsigned timeout_s, watch_count, watch_room, osd_count, gone_count;
	struct host_watch *watches;
	struct {
		char address[128];
		const struct status_process *process;
	} live[LIVE]; /* clients, with a watch or without */
	unsigned live_count;
	struct host_osd osds[HOST_OSDS + 1], retired[HOST_OSDS + 1]; /* of processes that run, that have ended; same places */
	struct host_totals totals, ended;
	struct {
		char address[128], vm[128];
		pid_t pid;
		int64_t last_ack_ns;
	} gone[GONE]; /* a ring, gone_count ever */
};

struct host *host_new(unsigned timeout_s)
{
	struct host *host = calloc(1, sizeof *host);

	if (host)
		host->timeout_s = timeout_s;
	return host;
}

void host_free(struct host *host)
{
	if (host)
		free(host->watches);
	free(host);
}

unsigned host_timeout(const struct host *host, const struct fl_status_watch *watch, const char **source)
{
	*source = watch->timeout_s ? "trace" : host->timeout_s ? "option" : "assumed";
	return watch->timeout_s ?: host->timeout_s ?: CEPH_WATCH_TIMEOUT_S;
}

/* ---- OSDs ---- */

static unsigned osd_place(struct host *host, const char *address)
{
	unsigned i;

	for (i = 0; i < host->osd_count; i++)
		if (!strcmp(host->retired[i].address, address))
			return i;
	if (i == HOST_OSDS)
		address = "other";
	else
		host->osd_count++;
	snprintf(host->retired[i].address, sizeof host->retired[i].address, "%s", address);
	return i;
}

static void add_osds(struct host *host, struct host_osd *to, const struct status_page *page)
{
	for (uint32_t i = 0; i < page->osd_count; i++) {
		struct host_osd *osd = &to[osd_place(host, page->osds[i].address)];

		osd->answered += page->osds[i].answered;
		osd->errors += page->osds[i].errors;
		osd->rtt_sum_ns += page->osds[i].rtt_sum_ns;
		for (int bucket = 0; bucket < HOST_RTT_BUCKETS; bucket++)
			osd->rtt[bucket] += page->osds[i].rtt[bucket];
		osd->vms++;
		osd->slow += osds_page_sample(page, &page->osds[i], host->now_ns) >= OSDS_FLOOR_NS;
	}
}

/* ---- Clients ---- */

static void remember_gone(struct host *host, const char *address, const struct status_process *process, int64_t last_ack_ns)
{
	unsigned at = host->gone_count++ % GONE;

	snprintf(host->gone[at].address, sizeof host->gone[at].address, "%s", address);
	snprintf(host->gone[at].vm, sizeof host->gone[at].vm, "%.127s", process->page->head.vm_name);
	host->gone[at].pid = process->pid;
	host->gone[at].last_ack_ns = last_ack_ns;
}

static int64_t newest_ack(const struct status_page *page, uint64_t global_id)
{
	int64_t newest = 0;

	for (uint32_t i = 0; i < page->watch_count; i++)
		if (page->watches[i].global_id == global_id && page->watches[i].last_ack_sent_ns > newest)
			newest = page->watches[i].last_ack_sent_ns;
	return newest;
}

static void format_address(const char *text, char *out, size_t size)
{
	struct address address;

	if (address_parse(text, &address))
		address_format(&address, out, size);
	else
		snprintf(out, size, "%s", text);
}

/* A client that the page no longer has was closed; all of them are gone with the process. A page that has no room for all of them
 * tells of none that it does not have: which ones it has changes with the shim's slots. */
static void follow_clients(struct host *host, const struct status_process *process, struct process_memory *memory)
{
	const struct status_page *page = process->page;

	for (unsigned k = 0; k < memory->client_count && !page->head.clients.left_out; k++) {
		bool still = false;

		for (uint32_t i = 0; i < page->client_count && !still; i++)
			still = !strcmp(memory->clients[k], page->clients[i].address);
		if (!still)
			remember_gone(host, memory->clients[k], process, 0);
	}
	memory->client_count = page->client_count;
	for (uint32_t i = 0; i < page->client_count && host->live_count < LIVE; i++, host->live_count++) {
		memcpy(host->live[host->live_count].address, page->clients[i].address, sizeof host->live->address);
		host->live[host->live_count].process = process;
	}
	for (uint32_t i = 0; i < page->client_count; i++)
		memcpy(memory->clients[i], page->clients[i].address, sizeof memory->clients[i]);
}

static void process_ended(struct host *host, const struct status_process *process)
{
	const struct status_page *page = process->page;

	for (uint32_t i = 0; i < page->client_count; i++)
		remember_gone(host, page->clients[i].address, process, newest_ack(page, page->clients[i].global_id));
	add_osds(host, host->retired, page);
	host->ended.fences += page->head.fences;
	host->ended.blocklists_sent += page->head.blocklists_sent;
}

/* ---- Watches ---- */

static struct memory *memory_of(struct process_memory *memory, const struct fl_status_watch *watch)
{
	for (unsigned i = 0; i < memory->watch_count; i++)
		if (memory->watches[i].global_id == watch->global_id && memory->watches[i].cookie == watch->cookie)
			return &memory->watches[i];
	if (memory->watch_count == FL_STATUS_WATCHES)
		return NULL;
	memory->watches[memory->watch_count] = (struct memory){ .global_id = watch->global_id, .cookie = watch->cookie };
	return &memory->watches[memory->watch_count++];
}

/* librbd gives a watch up once the OSD has told it that it is gone, and registers another: its error may have stood in no page.
 */
static bool was_given_up(const struct status_page *page, const struct memory *watch)
{
	const struct fl_status_client *client = status_page_client(page, watch->global_id);

	return watch->unanswered && !watch->error_told && client && !client->fenced_ns && !page->head.watches.left_out;
}

static void forget_watches(struct host *host, const struct status_page *page, struct process_memory *memory)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < memory->watch_count; i++)
		if (!memory->watches[i].seen && was_given_up(page, &memory->watches[i]))
			host->ended.near_miss_errors++;

	for (unsigned i = 0; i < memory->watch_count; i++)
		if (memory->watches[i].seen) {
			memory->watches[kept] = memory->watches[i];
			memory->watches[kept++].seen = false;
		}
	memory->watch_count = kept;
}

/* Pings that have been under way on the wire for `age_ns` or longer. The oldest is known, and each tick sends one. */
static unsigned older_than(const struct fl_status_watch *watch, int64_t now_ns, int64_t age_ns)
{
	int64_t tick_ns = (watch->tick_s ?: TICK_S) * 1000000000LL, over = now_ns - watch->oldest_unanswered_ns - age_ns;

	if (!watch->unanswered || !watch->oldest_unanswered_ns || over < 0)
		return 0;
	return over / tick_ns + 1 < watch->unanswered ? over / tick_ns + 1 : watch->unanswered;
}

static void count_lost(struct host *host, const struct fl_status_watch *watch, struct memory *memory)
{
	uint64_t lost = memory->lost;

	if (watch->pings_sent) {
		uint64_t out = watch->pings_sent - watch->pings_answered;

		lost = out - watch->unanswered + older_than(watch, host->now_ns, LOST_NS);
	} else if (watch->overdue > memory->overdue) {
		lost += watch->overdue - memory->overdue;
	}
	memory->overdue = watch->overdue;
	if (lost > memory->lost && lost - memory->lost < 1000) { /* an answer that comes late does not lower the count */
		if (*watch->osd)
			host->retired[osd_place(host, watch->osd)].lost += lost - memory->lost;
		memory->lost = lost;
	}
}

static void count_near_misses(struct host *host, const struct host_watch *entry, struct memory *memory)
{
	bool unanswered = entry->unanswered >= 2;

	if (memory->unanswered && !entry->unanswered && !entry->client->fenced_ns)
		host->ended.near_miss_pings++;
	if (unanswered || !entry->unanswered)
		memory->unanswered = unanswered;
	if (entry->watch->error && !memory->error_told && entry->watch->error != -108 && !entry->client->fenced_ns)
		host->ended.near_miss_errors++;
	memory->error_told = entry->watch->error != 0;
}

static struct host_watch *new_watch(struct host *host)
{
	if (host->watch_count == host->watch_room) {
		unsigned room = host->watch_room ? host->watch_room * 2 : 64;
		struct host_watch *more = realloc(host->watches, room * sizeof *more);

		if (!more)
			return NULL;
		host->watches = more;
		host->watch_room = room;
	}
	return memset(&host->watches[host->watch_count++], 0, sizeof(struct host_watch));
}

static const struct fl_status_image *image_of(const struct status_page *page, const struct fl_status_watch *watch)
{
	for (uint32_t i = 0; watch->image && i < page->image_count; i++)
		if (page->images[i].serial == watch->image)
			return &page->images[i];
	return NULL;
}

/* Two processes cannot have the same client: one of them claims what is another's. The first that was seen is kept. */
static bool is_claimed(const struct host *host, const struct host_watch *entry)
{
	for (const struct host_watch *other = host->watches; other < entry; other++)
		if (other->process != entry->process && other->watch->cookie == entry->watch->cookie &&
		    !strcmp(other->address, entry->address))
			return true;
	return false;
}

static void visit_watch(struct host *host, struct status_process *process, struct process_memory *known,
                        const struct fl_status_watch *watch)
{
	const struct fl_status_client *client = status_page_client(process->page, watch->global_id);
	struct memory *memory = client ? memory_of(known, watch) : NULL;
	struct host_watch *entry = memory ? new_watch(host) : NULL;
	unsigned aged;

	if (!entry)
		return;
	*entry = (struct host_watch){ .process = process, .page = process->page, .client = client, .watch = watch };
	entry->image = image_of(process->page, watch);
	format_address(client->address, entry->address, sizeof entry->address);
	aged = older_than(watch, host->now_ns, HOST_PING_GRACE_NS);
	entry->unanswered = aged > watch->overdue ? aged : watch->overdue;
	if (entry->unanswered)
		entry->unanswered_since_ns =
		        aged ? watch->oldest_unanswered_ns : watch->last_ack_sent_ns + (watch->tick_s ?: TICK_S) * 1000000000LL;
	memory->seen = true;
	count_lost(host, watch, memory);
	count_near_misses(host, entry, memory);
	entry->lost = memory->lost;
	if (is_claimed(host, entry)) {
		host->totals.conflicting++;
		host->watch_count--;
	}
}

/* ---- A look ---- */

void host_begin(struct host *host, int64_t now_ns)
{
	host->now_ns = now_ns;
	host->watch_count = host->live_count = 0;
	memset(&host->totals, 0, sizeof host->totals);
	memset(host->osds, 0, sizeof host->osds);
}

void host_visit(struct status_process *process, void *arg)
{
	struct host *host = arg;
	struct process_memory *memory = process->user;

	if (!process->page) {
		host->totals.unreadable += process->state != 0;
		return;
	}
	if (!process->state) {
		process_ended(host, process);
		free(memory);
		process->user = NULL;
		return;
	}
	if (!memory)
		memory = process->user = calloc(1, sizeof *memory);
	if (!memory)
		return;
	host->totals.processes++;
	if (*process->page->head.not_understood && !host->totals.not_understood++)
		snprintf(host->totals.not_understood_what, sizeof host->totals.not_understood_what, "%s",
		         process->page->head.not_understood);
	host->totals.fences += process->page->head.fences;
	host->totals.blocklists_sent += process->page->head.blocklists_sent;
	add_osds(host, host->osds, process->page);
	follow_clients(host, process, memory);
	for (uint32_t i = 0; i < process->page->watch_count; i++)
		visit_watch(host, process, memory, &process->page->watches[i]);
	forget_watches(host, process->page, memory);
}

static void add_osd(struct host_osd *to, const struct host_osd *retired)
{
	memcpy(to->address, retired->address, sizeof to->address);
	to->answered += retired->answered;
	to->errors += retired->errors;
	to->lost += retired->lost;
	to->rtt_sum_ns += retired->rtt_sum_ns;
	for (int bucket = 0; bucket < HOST_RTT_BUCKETS; bucket++)
		to->rtt[bucket] += retired->rtt[bucket];
}

void host_end(struct host *host)
{
	for (unsigned i = 0; i <= host->osd_count && i <= HOST_OSDS; i++)
		add_osd(&host->osds[i], &host->retired[i]);
	host->totals.fences += host->ended.fences;
	host->totals.blocklists_sent += host->ended.blocklists_sent;
	host->totals.near_miss_pings = host->ended.near_miss_pings;
	host->totals.near_miss_errors = host->ended.near_miss_errors;
}

int64_t host_now(const struct host *host)
{
	return host->now_ns;
}

const struct host_watch *host_watches(const struct host *host, unsigned *count)
{
	*count = host->watch_count;
	return host->watches;
}

const struct host_osd *host_osds(const struct host *host, unsigned *count)
{
	*count = host->osd_count + (*host->osds[HOST_OSDS].address != '\0');
	return host->osds;
}

const struct host_totals *host_totals(const struct host *host)
{
	return &host->totals;
}

/* ---- One client ---- */

static bool is_client(const char *text, const struct address *wanted)
{
	struct address address;

	return address_parse(text, &address) && address_same_client(wanted, &address);
}

static bool find_live(const struct host *host, const struct address *wanted, struct host_client *found)
{
	for (unsigned i = 0; i < host->live_count; i++) {
		const struct status_process *process = host->live[i].process;

		if (!is_client(host->live[i].address, wanted))
			continue;
		found->alive = HOST_ALIVE;
		found->stopped = process->state == 'T';
		found->pid = process->pid;
		snprintf(found->vm, sizeof found->vm, "%.127s", process->page->head.vm_name);
		return true;
	}
	return false;
}

static void find_pings(const struct host *host, const struct address *wanted, struct host_client *found)
{
	for (unsigned i = 0; i < host->watch_count; i++) {
		const struct host_watch *entry = &host->watches[i];

		if (!is_client(entry->address, wanted))
			continue;
		if (!found->last_ack_ns || entry->watch->last_ack_sent_ns < found->last_ack_ns)
			found->last_ack_ns = entry->watch->last_ack_sent_ns; /* of several watches the one that is worst off */
		if (entry->unanswered > found->unanswered)
			found->unanswered = entry->unanswered;
	}
}

static void find_gone(const struct host *host, const struct address *wanted, struct host_client *found)
{
	for (unsigned i = 0; i < host->gone_count && i < GONE; i++) {
		unsigned at = (host->gone_count - 1 - i) % GONE; /* the newest first */

		if (!is_client(host->gone[at].address, wanted))
			continue;
		found->alive = HOST_GONE;
		found->pid = host->gone[at].pid;
		found->last_ack_ns = host->gone[at].last_ack_ns;
		snprintf(found->vm, sizeof found->vm, "%s", host->gone[at].vm);
		return;
	}
}

void host_find_client(const struct host *host, const char *text, struct host_client *found)
{
	struct address wanted;

	memset(found, 0, sizeof *found);
	if (!address_parse(text, &wanted))
		return;
	if (find_live(host, &wanted, found))
		find_pings(host, &wanted, found);
	else
		find_gone(host, &wanted, found);
}
