/* SPDX-License-Identifier: MIT */
/*
 * liblttng-ctl, opened when a recording command first needs it. Linked in, it and the ICU and libxml2 behind it would cost
 * every `fenceline run` 6 to 8 ms; and a host that only reads traces need not have it.
 */
#ifndef FENCELINE_RECORD_CTL_H
#define FENCELINE_RECORD_CTL_H

#include <lttng/lttng.h>

#define CTL_FUNCTIONS(F) \
	F(lttng_strerror) \
	F(lttng_session_daemon_alive) \
	F(lttng_session_descriptor_local_create) \
	F(lttng_session_descriptor_network_create) \
	F(lttng_session_descriptor_snapshot_local_create) \
	F(lttng_session_descriptor_snapshot_network_create) \
	F(lttng_session_descriptor_destroy) \
	F(lttng_create_session_ext) \
	F(lttng_create_handle) \
	F(lttng_destroy_handle) \
	F(lttng_channel_create) \
	F(lttng_channel_destroy) \
	F(lttng_enable_channel) \
	F(lttng_list_channels) \
	F(lttng_channel_get_discarded_event_count) \
	F(lttng_event_create) \
	F(lttng_event_destroy) \
	F(lttng_enable_event_with_exclusions) \
	F(lttng_start_tracing) \
	F(lttng_stop_tracing_no_wait) \
	F(lttng_data_pending) \
	F(lttng_destroy_session) \
	F(lttng_destroy_session_no_wait) \
	F(lttng_list_sessions) \
	F(lttng_list_tracepoints) \
	F(lttng_session_get_creation_time) \
	F(lttng_snapshot_list_output) \
	F(lttng_snapshot_output_list_get_next) \
	F(lttng_snapshot_output_list_destroy) \
	F(lttng_snapshot_output_get_ctrl_url) \
	F(lttng_snapshot_record)

struct ctl {
#define CTL_MEMBER(name) __typeof__(name) *name;
	CTL_FUNCTIONS(CTL_MEMBER)
#undef CTL_MEMBER
	/* Since LTTng 2.15; NULL before. It takes an enum lttng_trace_format, which older headers have not. */
	int (*lttng_session_descriptor_set_trace_format)(struct lttng_session_descriptor *descriptor, int format);
};

#define CTL_TRACE_FORMAT_CTF_1_8 1

/*
 * The table, loaded once; NULL, and the reason on stderr, if the library is missing or lacks a function. Main thread only.
 */
const struct ctl *ctl_load(void);

#endif
