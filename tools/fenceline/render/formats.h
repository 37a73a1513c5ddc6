/* SPDX-License-Identifier: MIT */
/* The one list of formats: --help, what --format takes, its completion and the table of renderers come from it. */
#ifndef FENCELINE_RENDER_FORMATS_H
#define FENCELINE_RENDER_FORMATS_H

#include "render/render.h"

/*
 * F(name, wants_io of struct renderer, its incidents or NULL, what it is)
 *
 * NAME_timeline prints the timeline; it is declared here and lives in NAME.c or NAME_timeline.c. Returns 0 or -errno.
 */
#define FORMATS(F) \
	F(text, false, text_incidents, "for a person; the default") \
	F(json, true, json_incidents, "fenceline/timeline/1") \
	F(ndjson, true, NULL, "one event a line, as JSON") \
	F(html, false, NULL, "one file for a browser") \
	F(perfetto, true, NULL, "for ui.perfetto.dev or trace_processor")
#define FORMAT_DECLARATION(name, io, incidents, about) \
	int name##_timeline(const struct report *report, const struct render_style *style, FILE *out);
FORMATS(FORMAT_DECLARATION)
#undef FORMAT_DECLARATION

/* "  json: fenceline/timeline/1\n" and so on, and " text json ndjson ...": both are literals. */
#define FORMAT_ABOUT(name, io, incidents, about) "  " #name ": " about "\n"
#define FORMAT_NAME(name, io, incidents, about)  " " #name

#endif
