/* SPDX-License-Identifier: MIT */
/* What a mail is as it was sent. Internal to ingest/. */
#ifndef FENCELINE_INGEST_MAIL_TEXT_H
#define FENCELINE_INGEST_MAIL_TEXT_H

#include <stddef.h>

/* A mail, or a text copied from one, with its quoted-printable parts decoded: a line that was broken is whole again, and as many
 * empty ones stand behind it as it took, so that numbers of lines hold. NULL: text[0, length) has no such part. The caller frees
 * it; *decoded is its length. */
char *mail_text_decode(const char *text, size_t length, size_t *decoded);

#endif
