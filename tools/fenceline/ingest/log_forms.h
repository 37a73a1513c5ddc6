/* SPDX-License-Identifier: MIT */
/* The envelopes that Ceph, its clients, QEMU and kernels put around a line's text. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_FORMS_H
#define FENCELINE_INGEST_LOG_FORMS_H

#include "ingest/log_form.h"
#include "ingest/unwrap.h"

/* `line` ends with NUL. False if no form matches it. */
bool log_forms_match(const char *line, const struct stamp_zone *zone, struct log_line *parsed);
/* The forms, from 0 on, so that a test can look at each one's example; NULL behind the last. */
struct log_form *log_forms_form(size_t i);

/* What log_forms_match does after all wrappers are taken off: parsed->text lies in the line or in the unwrapper's buffer, and ends with NUL. True
 * if the line had an envelope, or a log's wrapper that stands for one; else parsed->text is what is left. */
bool log_line_parse(struct unwrap *unwrap, const char *line, size_t length, const struct stamp_zone *zone,
                    struct log_line *parsed);

/* Of a line that log_line_parse did not know, as it left *parsed: an envelope of which something is left is known by its end, or by
 * how an audit line goes on. */
bool log_line_parse_rest(const struct stamp_zone *zone, struct log_line *parsed);

#endif
