/* SPDX-License-Identifier: MIT */
/* Pieces of the text output: colours, wrapped lines, words for times and sizes. */
#ifndef FENCELINE_RENDER_TEXT_H
#define FENCELINE_RENDER_TEXT_H

#include "render/view.h"

struct text {
	FILE *out;
	const struct render_style *style;
	const char *folder; /* that all inputs are in: said once, in the head; */
	size_t folder_length; /* so many bytes of it, with its slash; 0: they have none in common */
};

struct text text_of(const struct report *report, const struct render_style *style, FILE *out);
/* A path of an input as the text shows it. */
const char *text_source(const struct text *text, const char *path);

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GREEN, INK_YELLOW, INK_RED, INK_ALARM, INK_CYAN };

/* Escape sequences; "" without colour. */
const char *ink(const struct text *text, enum ink ink);
const char *ink_off(const struct text *text);
enum ink ink_of(enum severity severity);
const char *mark_of(const struct text *text, enum severity severity);

/* Prints words (raw names inside: they are escaped here) behind a prefix that already stands on the line and takes
 * `indent` columns; what does not fit goes on in lines indented by as much. Ends the line. */
void text_wrap(const struct text *text, int indent, enum ink colour, const char *words);
/* The same, in printf's words. */
void text_wrapf(const struct text *text, int indent, enum ink colour, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Each fills buf and returns it. */
#define TEXT_BUF 64
const char *text_date(int64_t ns, char buf[TEXT_BUF]);     /* 2026-11-22 */
const char *text_clock(int64_t ns, char buf[TEXT_BUF]);    /* 21:41:07.123 */
const char *text_moment(int64_t ns, char buf[TEXT_BUF]);   /* 2026-11-22 21:41:07 */
const char *text_relative(int64_t ns, char buf[TEXT_BUF]); /* +0.012 s, -12m03 s */
const char *text_span(int64_t ns, char buf[TEXT_BUF]);     /* 0.5 ms, 12.3 s, 1 h */
const char *text_bytes(uint64_t bytes, char buf[TEXT_BUF]); /* 92 KiB */

/* "vm1", else "rbd (pid 4711 on storage1)", else the client's address. Returns buf. */
#define TEXT_NAME 512
const char *text_who(const struct client *client, const char *address, char buf[TEXT_NAME]);
const char *text_process(const struct process *process, char buf[TEXT_NAME]);
const char *text_image(const struct image *image, char buf[TEXT_NAME]); /* pool/namespace/name */

/* ---- the sections ---- */

int text_timeline(const struct report *report, const struct render_style *style, FILE *out);
int text_incidents(const struct report *report, const struct render_style *style, FILE *out);
/* Verdicts, near misses, or that there are none; then what the inputs could not show. */
/* Did the inputs tell of nothing at all? */
bool text_is_empty(const struct model *model);
void text_verdicts(const struct text *text, const struct report *report, const struct view *view);
/* The links of the verdict, each with its status, and what carries it. */
void text_chain(const struct text *text, const struct incident *incident);
/* The numbers of the lines of evidence with that role: "1, 3-5"; "" if there are none. Returns buf. */
const char *evidence_numbers(const struct incident *incident, unsigned int role, char buf[TEXT_BUF]);
void text_remedies(const struct text *text, const struct report *report, const struct incident *incident);

/* One line of a section: an event, or a run of like ones. */
struct text_line {
	int64_t ts_ns;
	enum severity severity;
	char *words; /* owned */
	size_t order; /* among lines of one instant */
};
struct text_lines { struct text_line *list; size_t count, capacity; };
/* Folds the events, which are in order of time, into lines; `others` (may be NULL) tells which of them are by another
 * process than the section's. 0 or -ENOMEM. */
struct text_event { const struct timeline_entry *entry; const struct process *by; /* NULL: the section's own */ };
int text_fold(const struct text *text, const struct text_event *events, size_t count, struct text_lines *lines);
/* The same for a run of I/O, count > 0: one line of words; true if something in it failed or took longer than a second. */
bool text_io_words(const struct text *text, const struct timeline_entry *const *entries, size_t count, char *words, size_t size);
void text_lines_free(struct text_lines *lines);

#endif
