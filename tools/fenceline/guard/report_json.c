/* SPDX-License-Identifier: MIT */
/* The JSON of schema/preflight-1.json. */
#include "guard/report_json.h"
#include "guard/image.h"
#include "guard/service.h"
#include "render/json.h"

#include <errno.h>
#include <string.h>

static json_t *number_or_null(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *image_json(const struct look *look)
{
	return json_pack("{so so so so}", "pool", json_name(look->spec.pool), "namespace", json_name(look->spec.nspace), "name",
	                 json_name(look->spec.name), "id", json_name(look->id));
}

static json_t *owner_json(const struct look *look)
{
	if (look->lock_state != LOCK_OWNED)
		return json_null();
	return json_pack("{ss sI ss ss sI}", "client", look->owner.client, "global_id", (json_int_t)look->owner_id, "address",
	                 look->owner.address, "cookie", look->owner.cookie, "handle", (json_int_t)look->owner_handle);
}

static json_t *lock_json(const struct look *look)
{
	static const char *const states[] = { "not-known", "unsupported", "free", "owned", "foreign" };
	json_t *lockers = json_array();

	for (size_t i = 0; i < look->lock.shown; i++)
		json_array_append_new(lockers, json_pack("{so so so}", "client", json_name(look->lock.lockers[i].client),
		                                         "cookie", json_name(look->lock.lockers[i].cookie), "address",
		                                         json_name(look->lock.lockers[i].address)));
	return json_pack("{ss so so sI so}", "state", states[look->lock_state], "tag",
	                 look->lock.count ? json_name(look->lock.tag) : json_null(), "exclusive",
	                 look->lock.count ? json_boolean(look->lock.exclusive) : json_null(), "count",
	                 (json_int_t)look->lock.count, "lockers", lockers);
}

static json_t *watchers_json(const struct look *look)
{
	json_t *list = json_array();

	for (size_t i = 0; i < look->watchers.shown; i++) {
		const struct watcher *watcher = &look->watchers.list[i];
		bool owners = look->lock_state == LOCK_OWNED && !strcmp(watcher->address, look->owner.address) &&
		              watcher->cookie == look->owner_handle;
		json_array_append_new(list, json_pack("{so sI sI sb}", "address", json_name(watcher->address), "global_id",
		                                      (json_int_t)watcher->global_id, "cookie", (json_int_t)watcher->cookie,
		                                      "owner", owners));
	}
	return list;
}

static json_t *fence_json(const struct look *look)
{
	if (look->fenced != FENCED_YES)
		return json_null();
	return json_pack("{so so}", "entry", json_name(look->fence.entry), "until", json_name(look->fence.until));
}

static json_t *probe_json(const struct look *look)
{
	static const char *const states[] = { NULL, "answered", "slow", "mute", "failed" };

	if (look->probe == PROBE_NOT_ASKED)
		return json_null();
	return json_pack("{ss sI so}", "result", states[look->probe], "took_ns", (json_int_t)look->probe_ns, "why",
	                 look->probe == PROBE_FAILED ? json_name(look->probe_fault.text) : json_null());
}

static json_t *process_json(const struct look *look)
{
	static const char *const states[] = { "not-known", "lives", "silent", "stopped", "gone" };
	static const char *const witnesses[] = { NULL, "status-page", "daemon", "proc" };
	const struct owner_process *process = &look->process;

	if (look->lock_state != LOCK_OWNED)
		return json_null();
	return json_pack("{ss so sb so so so so so so}", "state", states[process->state], "witness",
	                 process->witness ? json_string(witnesses[process->witness]) : json_null(), "here", process->here, "pid",
	                 number_or_null(process->pid, process->pid), "vm", json_name(process->vm), "last_ack_ns",
	                 number_or_null(process->last_ack_ns, process->last_ack_ns), "ack_age_ns",
	                 number_or_null(process->ack_age_ns >= 0, process->ack_age_ns), "unanswered",
	                 number_or_null(process->unanswered >= 0, process->unanswered), "why",
	                 process->state == PROCESS_NOT_KNOWN ? json_name(process->why) : json_null());
}

static json_t *concerns_json(const struct concerns *concerns)
{
	json_t *list = json_array();

	for (size_t i = 0; i < concerns->shown; i++)
		json_array_append_new(list, json_pack("{so so}", "check", json_name(concerns->list[i].check), "text",
		                                      json_name(concerns->list[i].text)));
	return list;
}

static json_t *header_json(const struct look *look)
{
	const struct service *service = &look->service;
	const struct group_state *group = &service->group;

	if (!service->known)
		return json_null();
	return json_pack(
	        "{so so so so so so so so so sb so so}", "object", json_name(look->header), "pgid",
	        json_name(service->placement.pgid), "osd", number_or_null(service->placement.osd >= 0, service->placement.osd),
	        "acting", json_name(service->placement.acting), "osd_host", json_name(service->osd_host), "osd_address",
	        json_name(service->osd_address), "state", json_name(group->state), "snaptrim_queue",
	        number_or_null(group->snaptrim_queue >= 0, group->snaptrim_queue), "health", json_name(service->concerns.status),
	        "slow_ops", service->concerns.slow_ops, "concerns", concerns_json(&service->concerns), "watch_timeout_s",
	        service->watch_timeout_s > 0 ? json_real(service->watch_timeout_s) : json_null());
}

static json_t *unknowns_json(const struct look *look)
{
	json_t *list = json_array();

	for (size_t i = 0; i < look->unknown_count; i++)
		json_array_append_new(list, json_pack("{so so}", "what", json_name(look->unknowns[i].what), "why",
		                                      json_name(look->unknowns[i].why)));
	return list;
}

static json_t *has_watch_json(const struct look *look)
{
	if (look->lock_state != LOCK_OWNED || look->watch == WATCH_NOT_KNOWN)
		return json_null();
	return json_boolean(look->watch == WATCH_THERE);
}

static json_t *mirror_json(const struct look *look)
{
	return look->mirrored ? json_string(look->primary ? "primary" : "non-primary") : json_null();
}

json_t *report_json(const struct look *look, const struct judgement *judgement)
{
	return json_pack("{so ss ss so so so so so so so so so so so so so sI sI}", "image", image_json(look), "verdict",
	                 verdict_name(judgement->verdict), "rule", judgement->rule, "text", json_name(judgement->text), "owner",
	                 owner_json(look), "owner_has_watch", has_watch_json(look), "lock", lock_json(look), "watchers",
	                 watchers_json(look), "fence", fence_json(look), "fenced",
	                 look->fenced == FENCED_NOT_KNOWN ? json_null() : json_boolean(look->fenced == FENCED_YES), "probe",
	                 probe_json(look), "process", process_json(look), "header", header_json(look), "group",
	                 json_name(look->group_name), "mirror", mirror_json(look), "unknown", unknowns_json(look), "looked_ns",
	                 (json_int_t)look->looked_ns, "took_ns", (json_int_t)(look->ended_ns - look->begun_ns));
}
