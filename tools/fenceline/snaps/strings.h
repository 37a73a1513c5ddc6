/* SPDX-License-Identifier: MIT */
/* A dump as a string of what ran the command: `{"stdout": "epoch 9\\npool 1 …"}`, its lines as a list, b'epoch 9\\n…' of Python. */
#ifndef FENCELINE_SNAPS_STRINGS_H
#define FENCELINE_SNAPS_STRINGS_H

#include "snaps/account.h"

#define STRINGS_MOST ((size_t)1 << 20) /* of an input that is looked at so */

/* Reads the dumps in the strings of text[0, length), a whole input. False: there are none, and nothing was told. */
bool strings_read(struct account *account, const char *path, const char *text, size_t length);

#endif
