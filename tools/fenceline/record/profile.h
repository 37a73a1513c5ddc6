/* SPDX-License-Identifier: MIT */
/* What a recording holds, and the ring buffers that it takes. */
#ifndef FENCELINE_RECORD_PROFILE_H
#define FENCELINE_RECORD_PROFILE_H

#include <stdint.h>

/* incident: everything but the one event per I/O. full: all. The name is also the LTTng channel's, so that `status` can tell. */
enum profile { PROFILE_INCIDENT, PROFILE_FULL, PROFILES };

extern const char *const profile_names[PROFILES];

/* The profile of that name, or -1. */
int profile_by_name(const char *name);

/*
 * Whose the ring buffers are. pid: each process has its own, and with it no way to read, destroy or truncate a neighbour's. uid:
 * all processes of a user share one, which takes less memory; a VM that its guest has taken over can end its neighbours.
 */
enum buffers { BUFFERS_PID, BUFFERS_UID, BUFFERS };

extern const char *const buffers_names[BUFFERS];

/* The kind of that name, or -1. */
int buffers_by_name(const char *name);

/*
 * Bytes of one sub-buffer, a power of 2: there are profile_subbuffers() for each of `rings` (one for each CPU, or just one, see
 * recording.c) and each process or user id, all in /dev/shm.
 *
 * Writing: they must hold what comes in between two visits of the consumer (PROFILE_READ_TIMER_US). 100,000 io events a second
 * of 75 bytes are 1.5 MiB per visit, on one CPU in the worst case. For a user full takes 8 MiB a CPU, but no more than 256 MiB in
 * all (and no less than 1 MiB a CPU); incident an eighth of the first two (and no less than 256 KiB a CPU). For a process full
 * takes 4 MiB a CPU, but no more than 32 MiB (and no less than 512 KiB a CPU), incident 256 KiB a CPU, but no more than 2 MiB
 * (and no less than 64 KiB a CPU: the largest event, a call stack, must fit into a sub-buffer).
 * Flight recorder: `flight_bytes`, not 0, is the memory for all rings together, and is what a snapshot holds at most.
 */
uint64_t profile_subbuffer_bytes(enum profile profile, enum buffers buffers, unsigned rings, uint64_t flight_bytes);

/* How many of them a ring has. A snapshot costs a flight recorder one of each CPU's, whether there is something new or not: so it has
 * 64, or as many of 8 KiB as fit into its memory, but no fewer than one that writes, PROFILE_SUBBUFFERS. */
unsigned profile_subbuffers(unsigned rings, uint64_t flight_bytes);

#define PROFILE_SUBBUFFERS 4
/* The consumer comes by itself: so the traced process never makes a system call to wake it. */
#define PROFILE_READ_TIMER_US 200000
/* Part-filled sub-buffers are handed on this often, so that a recording can be read while it grows. */
#define PROFILE_SWITCH_TIMER_US       1000000
#define PROFILE_FLIGHT_BYTES(buffers) ((buffers) == BUFFERS_PID ? 4ULL << 20 : 64ULL << 20)

/*
 * Parse a size: a number with an optional K, M or G (powers of 1024). Returns 0, or -EINVAL for anything else, for 0 and for
 * more than 1 TiB.
 */
int profile_parse_size(const char *text, uint64_t *bytes);

#endif
