/* SPDX-License-Identifier: MIT */
/*
 * Whose process wrote a trace, where each process has a ring of its own: a file beside the trace's folder, as the record daemon
 * leaves it and readers find it. ust/pid/qemu-4711-20261129-100000.uid is of ust/pid/qemu-4711-20261129-100000/, and holds one
 * line, "uid 64055". Nobody who is recorded can write there.
 */
#ifndef FENCELINE_USER_NOTE_H
#define FENCELINE_USER_NOTE_H

#define FENCELINE_USER_NOTE        ".uid" /* behind the folder's name */
#define FENCELINE_USER_NOTE_FORMAT "uid %u\n"

#endif
