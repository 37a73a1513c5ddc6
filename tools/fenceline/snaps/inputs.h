/* SPDX-License-Identifier: MIT */
/* Opens inputs, recognises what they are by content, and reads them into the account in order of time. */
#ifndef FENCELINE_SNAPS_INPUTS_H
#define FENCELINE_SNAPS_INPUTS_H

#include "snaps/account.h"

/* paths: "-" is stdin. Returns 0; or -errno after saying on stderr, in one line, which input cannot be read and why (missing,
 * empty, a folder). Inputs that hold nothing known are told, and are no failure. */
int inputs_read(struct account *account, char *const paths[], size_t count);

#endif
