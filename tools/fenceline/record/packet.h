/* SPDX-License-Identifier: MIT */
/*
 * The header of a packet as LTTng-UST 2.12 to 2.16 writes it in CTF 1.8, little endian: magic u32, UUID, stream u32, instance u64,
 * begin u64, end u64 (its clock: ns of CLOCK_MONOTONIC), content u64 (bits), size u64 (bits), sequence u64, discarded u64, CPU u32.
 * For a look at how much was written and when; whoever wants the events reads the metadata.
 */
#ifndef FENCELINE_RECORD_PACKET_H
#define FENCELINE_RECORD_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define PACKET_HEADER_BYTES 84 /* a packet without events is that long */
#define PACKET_MAGIC        UINT32_C(0xc1fc1fc1)

struct packet_header {
	uint64_t begin_ns, end_ns;
	uint64_t content, size; /* bytes */
};

/* False: there is no packet there. */
static inline bool packet_read(int fd, off_t at, struct packet_header *header)
{
	char bytes[PACKET_HEADER_BYTES];
	uint32_t magic;

	if (pread(fd, bytes, sizeof bytes, at) != (ssize_t)sizeof bytes)
		return false;
	memcpy(&magic, bytes, sizeof magic);
	memcpy(&header->begin_ns, bytes + 32, 8);
	memcpy(&header->end_ns, bytes + 40, 8);
	memcpy(&header->content, bytes + 48, 8);
	memcpy(&header->size, bytes + 56, 8);
	header->content /= 8;
	header->size /= 8;
	return magic == PACKET_MAGIC && header->size >= PACKET_HEADER_BYTES && header->size <= UINT32_MAX;
}

#endif
