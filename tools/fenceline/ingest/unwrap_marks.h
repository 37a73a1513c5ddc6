/* SPDX-License-Identifier: MIT */
/* Marks of mails, pastes and terminals around a line. Internal to ingest/. */
#ifndef FENCELINE_INGEST_UNWRAP_MARKS_H
#define FENCELINE_INGEST_UNWRAP_MARKS_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes at the beginning are blanks, quote marks ("> ", "# | "), NULs, a byte order mark or the like. */
size_t unwrap_marks(const char *text, size_t length);

/* Escape sequences, as the terminal gets them, or colours as `cat -v` and rsyslog write them. */
bool unwrap_has_colours(const char *text, size_t length);
/* The text without them goes to `into`, which holds `length` bytes and may be the text itself. Returns its length. */
size_t unwrap_drop_colours(const char *text, size_t length, char *into);

/* May unwrap_straighten change this? */
bool unwrap_is_typeset(const char *text, size_t length);
/* Undoes what a page, a word processor or a chat did to the text, in place: curly quotes, "&quot;", tags, Markdown's "\_", tabs,
 * colours without their escape. True: something was changed; *length, which is then its new one, never grows. `text` ends with
 * NUL, and does so after it. For a line that is not understood as it is. */
bool unwrap_straighten(char *text, size_t *length);

/* Does text[0, length) begin with a prompt, "root@mon1:~# " or "[root@mon1 ~]# " or "$ "? What follows is a command line. */
bool unwrap_prompt(const char *text, size_t length);

#endif
