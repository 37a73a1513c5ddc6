/* SPDX-License-Identifier: MIT */
/* LTTng's packets, looked at without libbabeltrace2: how much of a damaged file is whole. Internal to ingest/. */
#ifndef FENCELINE_INGEST_CTF_PACKETS_H
#define FENCELINE_INGEST_CTF_PACKETS_H

#include <stdbool.h>
#include <stdint.h>

/* The header that LTTng-UST writes at the beginning of each packet of a stream, little endian (metadata: tracer's TSDL,
 * packet.header and packet.context; the same in 2.8 and later). Sizes count bits. */
struct ctf_packet_header {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t stream_id;
	uint64_t stream_instance_id;
	uint64_t timestamp_begin, timestamp_end;
	uint64_t content_size, packet_size;
	uint64_t sequence;
	uint64_t discarded; /* events, since the tracer began */
};
#define CTF_PACKET_MAGIC UINT32_C(0xc1fc1fc1)

/* The header of the packet that begins there; false: none does, or it is not written yet. */
bool ctf_packet_at(int fd, uint64_t at, struct ctf_packet_header *header);

struct ctf_extent {
	uint64_t size;  /* of the file, bytes */
	uint64_t begin; /* where it is of interest from */
	uint64_t whole; /* up to there it is whole packets */
	bool cut;       /* a packet begins at `whole` whose end is missing, perhaps in its header */
};

/* For streams of LTTng; other tracers lay out their packets otherwise. 0 or -errno. */
int ctf_packets_look(const char *file, struct ctf_extent *extent);
/* Copies what is whole, and of a packet that is cut what is there, shortened so that it can be read. 0 or -errno. */
int ctf_packets_copy(const char *file, const struct ctf_extent *extent, const char *copy);

/* The first character of CTF 2's metadata, which LTTng writes from 2.15 on unless told: JSON texts, each behind this. */
#define CTF_2_METADATA '\x1e'
/* Does the metadata say that LTTng wrote the trace? */
bool ctf_metadata_is_lttng(const char *text);
/* The text of the folder's metadata up to its last whole declaration. *damaged: something was missing. NULL and errno if nothing can be
 * had of it; errno 0: it is empty. The caller owns the text. */
char *ctf_metadata_salvage(const char *folder, bool *damaged);

#endif
