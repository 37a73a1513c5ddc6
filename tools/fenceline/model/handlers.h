/* SPDX-License-Identifier: MIT */
/* Who takes each fact. */
#ifndef FENCELINE_MODEL_HANDLERS_H
#define FENCELINE_MODEL_HANDLERS_H

#include "model/records.h"

/* H(fact, handler): the table of model_add, and the handlers' declarations. A fact that is not here changes nothing. */
#define HANDLERS(H) \
	H(client_connect, client_connected) \
	H(client_shutdown, client_shut_down) \
	H(image_open, image_opened) \
	H(image_close, image_closed) \
	H(watch_registered, watch_registered) \
	H(watch_unregistered, watch_unregistered) \
	H(watch_error, watch_error) \
	H(notify, watch_notify) \
	H(ping_sent, ping_sent) \
	H(ping_reply, ping_reply) \
	H(watch_reconnect_reply, watch_reconnected) \
	H(ping_sample, ping_sample) \
	H(process_stalled, process_stalled) \
	H(header_op, header_op_done) \
	H(watchers_listed, watchers_listed) \
	H(watcher_listed, watcher_listed) \
	H(lock_break_begin, lock_break_began) \
	H(lock_break_end, lock_break_ended) \
	H(blocklist, blocklist_traced) \
	H(blocklist_result, blocklist_result) \
	H(stack_frame, blocklist_frame) \
	H(snapshot_begin, snapshot_began) \
	H(snapshot_end, snapshot_ended) \
	H(io, io_event) \
	H(io_slow, io_event) \
	H(io_error, io_event) \
	H(io_eshutdown, io_event) \
	H(io_summary, io_summary) \
	H(state, state_told) \
	H(passthrough, passed_through) \
	H(window_opened, window_opened) \
	H(window_closed, window_closed) \
	H(recording_gap, recording_gap) \
	H(audit_blocklist, blocklist_audited) \
	H(lost_events, events_lost) \
	H(snaptrim, snaps_changed) \
	H(removed_snaps, snaps_changed) \
	H(slow_request, slow_told) \
	H(watch_logged, watch_told) \
	H(io_failure, failure_told) \
	H(blocklist_entry, fence_listed) \
	H(lock_logged, lock_told) \
	H(snapshot_logged, snapshot_told) \
	H(osd_latency, osd_latency_told) \
	H(watch_timeout, watch_timeout_told) \
	H(cluster_paused, pause_told) \
	H(vm_logged, vm_told)
#define HANDLER_DECLARATION(fact, handler) void handler(struct model *model, const struct event *event);
HANDLERS(HANDLER_DECLARATION)
#undef HANDLER_DECLARATION

#endif
