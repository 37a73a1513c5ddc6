/* SPDX-License-Identifier: MIT */
/* Pieces of the text output: colours, wrapped lines, words for times and sizes. */
#ifndef FENCELINE_RENDER_TEXT_H
#define FENCELINE_RENDER_TEXT_H

#include "render/render.h"
#include "render/severity.h"

struct text {
	FILE *out;
	const struct render_style *style;
	const char *folder;   /* that all inputs are in: said once, in the head; */
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
const char *text_date(int64_t ns, char buf[TEXT_BUF]);      /* 2026-11-22 */
const char *text_clock(int64_t ns, char buf[TEXT_BUF]);     /* 21:41:07.123 */
const char *text_moment(int64_t ns, char buf[TEXT_BUF]);    /* 2026-11-22 21:41:07 */
const char *text_relative(int64_t ns, char buf[TEXT_BUF]);  /* +0.012 s, -12m03 s */
const char *text_span(int64_t ns, char buf[TEXT_BUF]);      /* 0.5 ms, 12.3 s, 1 h */
const char *text_bytes(uint64_t bytes, char buf[TEXT_BUF]); /* 92 KiB */

/* "vm1", else "rbd (pid 4711 on storage1)", else the client's address. Returns buf. */
#define TEXT_NAME 512
const char *text_who(const struct client *client, const char *address, char buf[TEXT_NAME]);
const char *text_process(const struct process *process, char buf[TEXT_NAME]);
const char *text_image(const struct image *image, char buf[TEXT_NAME]); /* pool/namespace/name */

#endif
