/* SPDX-License-Identifier: MIT */
/* What a recording holds, and the ring buffers that it takes. */
#include "record/profile.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FLIGHT_SUBBUFFERS 64
#define FLIGHT_LEAST      8192 /* bytes of a sub-buffer, for which there are fewer of them */

const char *const profile_names[PROFILES] = { "incident", "full" };

const char *const buffers_names[BUFFERS] = { "pid", "uid" };

static const struct {
	uint64_t least, most, budget; /* bytes: of one sub-buffer at least and at most; of all rings together */
} sizes[BUFFERS][PROFILES] = {
	[BUFFERS_PID] = { [PROFILE_INCIDENT] = { 16ULL << 10, 64ULL << 10, 2ULL << 20 },
	                  [PROFILE_FULL] = { 128ULL << 10, 1ULL << 20, 32ULL << 20 } },
	[BUFFERS_UID] = { [PROFILE_INCIDENT] = { 64ULL << 10, 256ULL << 10, 32ULL << 20 },
	                  [PROFILE_FULL] = { 256ULL << 10, 2ULL << 20, 256ULL << 20 } },
};

int buffers_by_name(const char *name)
{
	for (int i = 0; i < BUFFERS; i++)
		if (!strcmp(name, buffers_names[i]))
			return i;
	return -1;
}

int profile_by_name(const char *name)
{
	for (int i = 0; i < PROFILES; i++)
		if (!strcmp(name, profile_names[i]))
			return i;
	return -1;
}

unsigned profile_subbuffers(unsigned rings, uint64_t flight_bytes)
{
	uint64_t share = flight_bytes / (rings ? rings : 1);
	unsigned count = flight_bytes ? FLIGHT_SUBBUFFERS : PROFILE_SUBBUFFERS;

	while (count > PROFILE_SUBBUFFERS && share / count < FLIGHT_LEAST)
		count /= 2;
	return count;
}

uint64_t profile_subbuffer_bytes(enum profile profile, enum buffers buffers, unsigned rings, uint64_t flight_bytes)
{
	uint64_t least = flight_bytes ? 4096 : sizes[buffers][profile].least;
	uint64_t most = flight_bytes ? UINT64_MAX / 2 : sizes[buffers][profile].most;
	uint64_t share = (flight_bytes ? flight_bytes : sizes[buffers][profile].budget) / (rings ? rings : 1) /
	                 profile_subbuffers(rings, flight_bytes);
	uint64_t bytes = least;

	while (bytes * 2 <= share && bytes * 2 <= most)
		bytes *= 2;
	return bytes;
}

int profile_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	unsigned long long value;
	const char *unit;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || !isdigit((unsigned char)*text) || value > 1ULL << 40)
		return -EINVAL;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return -EINVAL;
		for (int i = 0; i <= unit - units && value <= 1ULL << 40; i++)
			value <<= 10;
	}
	if (!value || value > 1ULL << 40)
		return -EINVAL;
	*bytes = value;
	return 0;
}
