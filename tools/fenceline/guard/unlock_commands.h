/* SPDX-License-Identifier: MIT */
/* The commands that `unlock` prints, to be copied into a shell. */
#ifndef FENCELINE_GUARD_UNLOCK_COMMANDS_H
#define FENCELINE_GUARD_UNLOCK_COMMANDS_H

#include "guard/look.h"

#include <jansson.h>

enum unlock_way {
	UNLOCK_BREAK,     /* the owner is dead or fenced */
	UNLOCK_PROVE,     /* it may live: how to find out, and what breaks its lock all the same */
	UNLOCK_GIVE_BACK, /* a foreign lock */
};
/* An array of {"command", "what"}. NULL: out of memory. */
json_t *unlock_commands(const struct look *look, enum unlock_way way);
/* The same for a person, indented. */
void unlock_print(json_t *commands, FILE *out);

#endif
