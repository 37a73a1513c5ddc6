/* SPDX-License-Identifier: MIT */
/*
 * The LTTng-UST tracepoints fenceline:*, one per row of FL_EVENTS. LTTng includes this file several times over with its
 * macros defined differently, so everything that is not LTTng's own is spelled so that a second inclusion does no harm.
 * The macro names are those of LTTng-UST 2.12, which later releases still offer.
 */
#undef TRACEPOINT_PROVIDER
#define TRACEPOINT_PROVIDER fenceline

#undef TRACEPOINT_INCLUDE
#define TRACEPOINT_INCLUDE "fenceline_tp.h"

#if !defined(FENCELINE_TP_H) || defined(TRACEPOINT_HEADER_MULTI_READ)
#define FENCELINE_TP_H

#include "fenceline/events.h"

#include <lttng/tracepoint.h>

#ifndef FL_TP
#define FL_TP_U8(name) ctf_integer(uint8_t, name, event->name)
#define FL_TP_U32(name) ctf_integer(uint32_t, name, event->name)
#define FL_TP_I32(name) ctf_integer(int32_t, name, event->name)
#define FL_TP_U64(name) ctf_integer(uint64_t, name, event->name)
#define FL_TP_I64(name) ctf_integer(int64_t, name, event->name)
#define FL_TP_STR(name) ctf_string(name, event->name)
#define FL_TP_LAT(name) ctf_array(uint32_t, name, event->name, FL_LATENCY_BUCKETS)
#define FL_TP_FIELD(type, name, unit, text) FL_TP_##type(name)
#define FL_TP(tp, level, when) \
	TRACEPOINT_EVENT(fenceline, tp, TP_ARGS(const struct fl_##tp *, event), TP_FIELDS(FL_FIELDS_##tp(FL_TP_FIELD))) \
	TRACEPOINT_LOGLEVEL(fenceline, tp, TRACE_##level)
#endif

FL_EVENTS(FL_TP)

#endif

#include <lttng/tracepoint-event.h>
