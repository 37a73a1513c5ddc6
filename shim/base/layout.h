/* SPDX-License-Identifier: MIT */
/*
 * What is looked at inside of Ceph's own objects, and whether it may be. Two things must hold.
 *
 * The release is one of those known. Of a newer one, or one that does not tell its number, only C calls are recorded: their
 * handles are opaque. C++ methods, whose objects begin with a handle on the releases known, go straight to the real function.
 *
 * The first use has parsed: a MonCommand to a command, a bufferlist to a notify of librbd, a list of watchers to a ring of
 * addresses. A layout that has failed three times and never parsed is not tried again.
 *
 * Any thread; nothing here allocates or waits, and nothing asks Ceph but its version.
 */
#ifndef FENCELINE_SHIM_LAYOUT_H
#define FENCELINE_SHIM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define RELEASE_FIRST 14
#define RELEASE_LAST  20 /* the newest known; looked at on 14, 16, 18 and 20 */

/* The release that this text names, as ceph_version_to_str gives it ("16.2.15", "ceph version 16.2.15 (…)"); 0: none. */
int release_of_text(const char *text);
/* Is the library that this function of it lies in one of a known release? Slow: the answer is to be kept. Preserves errno. */
bool release_is_known(const void *function);

/* Something has been loaded: a librados built with the std::string from before C++11 is told as not understood. Its C++ calls have
 * other names, which no wrapper has. */
void layouts_look(void);

enum layout { LAYOUT_MON_COMMAND, LAYOUT_BUFFERLIST, LAYOUT_WATCHERS, LAYOUTS };

/* False: it has never parsed, and was tried often enough. */
bool layout_may_be_tried(enum layout layout);
/* A try has ended: did it parse to what it must be? */
void layout_tried(enum layout layout, bool parsed);

/* Why nothing could be told: this, or that a filter forbids every look. */
const char *layout_reason(const char *reason);

#define LAYOUTS_TEXT 128
/* What is not understood in this process, for its state: "" or, for instance, "release 21.1.0, MonCommand". */
const char *layouts_not_understood(char text[LAYOUTS_TEXT]);

#endif
