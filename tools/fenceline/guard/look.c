/* SPDX-License-Identifier: MIT */
#include "guard/look.h"
#include "guard/fault.h"
#include "guard/image.h"
#include "guard/owner_daemon.h"
#include "guard/owner_host.h"
#include "guard/owner_page.h"
#include "model/address.h"
#include "run/now.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void look_note_unknown(struct look *look, const char *what, const char *format, ...)
{
	struct unknown *unknown = &look->unknowns[look->unknown_count];
	va_list args;

	if (look->unknown_count == UNKNOWNS_MAX)
		return;
	look->unknown_count++;
	snprintf(unknown->what, sizeof unknown->what, "%s", what);
	va_start(args, format);
	vsnprintf(unknown->why, sizeof unknown->why, format, args);
	va_end(args);
}

/* librbd's own lock: tag "internal", exclusive, one owner, its cookie "auto HANDLE", and an address; anything else is -EBUSY to
 * it. */
static bool is_librbds(const struct lock *lock, uint64_t *handle, uint64_t *id)
{
	const struct locker *locker = &lock->lockers[0];
	char rest;

	return !strcmp(lock->tag, "internal") && lock->exclusive && lock->count == 1 && *locker->address &&
	       sscanf(locker->cookie, "auto %" SCNu64 "%c", handle, &rest) == 1 &&
	       sscanf(locker->client, "client.%" SCNu64 "%c", id, &rest) == 1;
}

static int read_lock(struct look *look, struct open_image *image)
{
	int status = image_lockers(image, &look->lock, &look->fault);

	if (status)
		return status;
	if (!look->lock.count) {
		look->lock_state = LOCK_FREE;
	} else if (is_librbds(&look->lock, &look->owner_handle, &look->owner_id)) {
		look->lock_state = LOCK_OWNED;
		look->owner = look->lock.lockers[0];
	} else {
		look->lock_state = LOCK_FOREIGN;
	}
	return 0;
}

/* librbd compares the texts of the addresses, and the cookie; both are in the same legacy form. */
static enum watch_state compare(struct look *look)
{
	enum watch_state state = WATCH_GONE;

	for (size_t i = 0; i < look->watchers.shown; i++) {
		const struct watcher *watcher = &look->watchers.list[i];
		if (strcmp(watcher->address, look->owner.address))
			continue;
		if (watcher->cookie == look->owner_handle) {
			look->watch_timeout_s = watcher->timeout_s;
			return WATCH_THERE;
		}
		state = WATCH_OTHER_COOKIE;
	}
	return look->watchers.shown < look->watchers.count ? WATCH_NOT_KNOWN : state;
}

static int read_watch(struct look *look, struct open_image *image)
{
	int status = image_watchers(image, &look->watchers, &look->fault);

	if (!status && look->lock_state == LOCK_OWNED)
		look->watch = compare(look);
	return status;
}

/* Lock and watchers are two questions: an owner that has handed the lock over between them must not look as if its watch were
 * gone. */
static int read_lock_and_watch(struct look *look, struct open_image *image)
{
	struct locker before;
	int status = read_lock(look, image);

	for (int tries = 0; !status && tries < 3; tries++) {
		status = read_watch(look, image);
		if (status || look->lock_state != LOCK_OWNED || look->watch == WATCH_THERE)
			break;
		before = look->owner;
		status = read_lock(look, image);
		if (look->lock_state == LOCK_OWNED && !strcmp(before.address, look->owner.address) &&
		    !strcmp(before.cookie, look->owner.cookie))
			break;
	}
	return status;
}

/* Before Ceph 16 the command was called blacklist. */
static int list_blocklist(struct open_image *image, char **out, size_t *size)
{
	static const char *const commands[] = { "{\"prefix\": \"osd blocklist ls\", \"format\": \"json\"}",
		                                "{\"prefix\": \"osd blacklist ls\", \"format\": \"json\"}" };
	int status = -EINVAL;

	for (size_t i = 0; i < 2 && status == -EINVAL; i++)
		status = cluster_command(image->cluster, false, commands[i], "reading the blocklist", out, size);
	return status;
}

/* Which owner or watcher that lived before is on the blocklist now? One that was there already is no news, and the fence of a
 * dead owner harms nobody: librbd blocklists it before it breaks the lock. */
static void compare_earlier(struct look *look, const struct look *earlier, const char *out, size_t size)
{
	struct fence_entry fence;

	look->earlier_known = answer_blocklist(out, size, earlier->owner.address, &fence) || earlier->lock_state != LOCK_OWNED;
	if (earlier->lock_state == LOCK_OWNED && earlier->fenced != FENCED_YES && earlier->process.state != PROCESS_GONE &&
	    fence.listed) {
		look->earlier_fenced = true;
		strcpy(look->earlier_address, earlier->owner.address);
		look->earlier_fence = fence;
	}
	for (size_t i = 0; i < earlier->watchers.shown && !look->earlier_fenced; i++) {
		const char *address = earlier->watchers.list[i].address;
		look->earlier_known &= answer_blocklist(out, size, address, &fence);
		look->earlier_fenced = fence.listed;
		strcpy(look->earlier_address, address);
		look->earlier_fence = fence;
	}
}

static bool watches_still(const struct watchers *watchers, const char *address)
{
	for (size_t i = 0; i < watchers->shown; i++)
		if (!strcmp(watchers->list[i].address, address))
			return true;
	return false;
}

static void read_fence(struct look *look, struct open_image *image, const struct look *earlier)
{
	static const char what[] = "whether the owner is fenced";
	struct fault fault;
	char *out = NULL;
	size_t size = 0;
	int status;

	if (look->lock_state != LOCK_OWNED && !earlier)
		return;
	status = list_blocklist(image, &out, &size);
	if (status) {
		fault_of_call(&fault, status, image->cluster->user, "read the blocklist",
		              "mon 'profile rbd-read-only' (or 'allow r')");
		look_note_unknown(look, what, "%s", fault.text);
	} else if (look->lock_state == LOCK_OWNED) {
		if (answer_blocklist(out, size, look->owner.address, &look->fence))
			look->fenced = look->fence.listed ? FENCED_YES : FENCED_NO;
		else
			look_note_unknown(look, what, "the blocklist is not readable: %.*s", (int)(size < 80 ? size : 80),
			                  out ? out : "");
	}
	if (!status && earlier)
		compare_earlier(look, earlier, out, size);
	cluster_free_answer(image->cluster, out);
}

static enum probe_state state_of_probe(const struct probe *probe)
{
	switch (probe->answer) {
	case NOTIFY_ANSWERED:
		return probe->all && probe->took_ns > PROBE_SLOW_NS ? PROBE_SLOW : PROBE_ANSWERED;
	case NOTIFY_MUTE:
		return PROBE_MUTE;
	default:
		return PROBE_FAILED;
	}
}

static void ask_owner(struct look *look, struct open_image *image, const struct look_options *options)
{
	struct probe probe = { .global_id = look->owner_id,
		               .cookie = look->owner_handle,
		               .timeout_s = options->probe_timeout_s ? options->probe_timeout_s : PROBE_TIMEOUT_S,
		               .deadline_ns = options->deadline_ns };

	if (!options->probe || look->lock_state != LOCK_OWNED || look->watch != WATCH_THERE || look->fenced == FENCED_YES)
		return;
	look->probe_timeout_s = probe.timeout_s;
	if (image_probe(image, &probe, &look->probe_fault)) {
		look->probe = PROBE_FAILED;
		return;
	}
	look->probe_sent_ns = probe.sent_ns;
	look->probe_ns = probe.took_ns;
	look->probe_others_mute = probe.answer == NOTIFY_ANSWERED && !probe.all;
	if (probe.answer == NOTIFY_ABSENT) { /* the watch ended between the two questions */
		look->watch = WATCH_GONE;
		return;
	}
	look->probe = state_of_probe(&probe);
	if (look->probe == PROBE_FAILED)
		fault_tell(&look->probe_fault, FAULT_CLUSTER, -EBADMSG, "cannot read what the owner answered");
}

static void add_peers(struct open_image *image, const char *json, struct peers *peers)
{
	char *out = NULL;
	size_t size = 0;

	if (!cluster_command(image->cluster, false, json, "asking for the cluster's addresses", &out, &size))
		answer_addresses(out, size, peers_add, peers);
	cluster_free_answer(image->cluster, out);
}

/* The last witness. It is asked only if the watch is gone: while the watch is there, it does not matter that the process cannot
 * be seen. */
static void prove_gone(struct look *look, struct open_image *image)
{
	struct owner_process *process = &look->process;
	struct peers peers = { 0 };

	add_peers(image, "{\"prefix\": \"osd dump\", \"format\": \"json\"}", &peers);
	add_peers(image, "{\"prefix\": \"mon dump\", \"format\": \"json\"}", &peers);
	if (!peers.count) {
		snprintf(process->why, sizeof process->why, "the addresses of the OSDs cannot be read");
	} else if (owner_is_gone(look->owner.address, &peers, process->why, sizeof process->why)) {
		process->state = PROCESS_GONE;
		process->witness = WITNESS_PROC;
	}
	peers_free(&peers);
}

static void read_process(struct look *look, struct open_image *image, const struct look_options *options)
{
	struct owner_process *process = &look->process;
	struct address address;
	char host[96];

	process->ack_age_ns = process->unanswered = -1;
	if (look->lock_state != LOCK_OWNED || !address_parse(look->owner.address, &address))
		return;
	process->here = owner_is_here(look->owner.address);
	if (process->here && owner_by_status_page(look->owner.address, look->owner_handle, process))
		return;
	snprintf(host, sizeof host, "%s", look->owner.address);
	if (*host == '[')
		memmove(host, host + 1, strlen(host)), *strchrnul(host, ']') = '\0';
	else
		*strchrnul(host, ':') = '\0';
	image->cluster->doing = "asking the record daemon on the owner's host";
	if (owner_by_daemon(host, options->daemon_port, look->owner.address, process))
		return;
	if (process->here && owner_by_daemon("127.0.0.1", options->daemon_port, look->owner.address, process))
		return;
	if (process->here && look->watch != WATCH_THERE)
		prove_gone(look, image);
}

static void look_begin(struct look *look, struct open_image *image)
{
	memset(look, 0, sizeof *look);
	look->looked_ns = epoch_ns();
	look->begun_ns = monotonic_ns();
	look->spec = image->spec;
	look->features = image->features;
	look->mirrored = image->mirrored;
	look->primary = image->primary;
	strcpy(look->id, image->id);
	strcpy(look->header, image->header);
	strcpy(look->group_name, image->group);
}

static void look_with(struct look *look, const struct look *before, struct open_image *image, const struct look_options *options)
{
	look_begin(look, image);
	if (!(image->features & IMAGE_EXCLUSIVE_LOCK)) {
		look->lock_state = LOCK_UNSUPPORTED;
	} else if (!read_lock_and_watch(look, image)) {
		look->earlier_watches = options->earlier && watches_still(&look->watchers, options->earlier->owner.address);
		read_fence(look, image, options->earlier);
		if (!before)
			read_process(look, image, options);
		else if (!strcmp(before->owner.address, look->owner.address))
			look->process = before->process;
		ask_owner(look, image, options);
	}
	look->ended_ns = monotonic_ns();
}

void look_take(struct look *look, struct open_image *image, const struct look_options *options)
{
	look_with(look, NULL, image, options);
}

void look_again(struct look *look, const struct look *before, struct open_image *image, const struct look_options *options)
{
	look_with(look, before, image, options);
}
