/* SPDX-License-Identifier: MIT */
/*
 * The trace provider, opened at the first wrapped call, or later from the sampler's thread where that was not safe:
 * under a seccomp filter only when LTTng's wait files are in place (wait_files.h), for without them liblttng-ust forks.
 *
 * No start waits longer than a second for LTTng, whatever the session daemon does, and no service waits at all.
 */
#ifndef FENCELINE_SHIM_PROVIDER_OPEN_H
#define FENCELINE_SHIM_PROVIDER_OPEN_H

/* Notes the real path of libfenceline.so: the provider is looked for beside it and nowhere else. For the constructor. */
void provider_note_place(void);

/* Opens the provider if that has not been tried yet. Any thread; preserves errno. */
void provider_open(void);

/* Looks again, if the provider was left alone because of a wait file. Sampler thread only. */
void provider_look_again(void);

/* In a forked child: whoever was opening it is gone. */
void provider_after_fork_child(void);

#endif
