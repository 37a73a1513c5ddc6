/* SPDX-License-Identifier: MIT */
/*
 * `--format perfetto`: the Trace Event Format (JSON) that Perfetto's UI and trace_processor read. A process per VM, threads
 * for the lanes of marks, asynchronous slices for what lasts, counters from the summaries of each second.
 */
#ifndef FENCELINE_RENDER_PERFETTO_H
#define FENCELINE_RENDER_PERFETTO_H

#include "render/render.h"

int perfetto_timeline(const struct report *report, const struct render_style *style, FILE *out);

#endif
