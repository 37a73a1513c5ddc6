/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with the inputs, one line on stderr each, naming the place. The same kind of trouble in the same input is
 * told a few times and then only counted; warnings_finish says how many were left out. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_WARNINGS_H
#define FENCELINE_SNAPS_WARNINGS_H

#include <stddef.h>
#include <stdint.h>

struct place {
	const char *path;
	uint64_t line;   /* 0: the input as a whole, or a map */
	uint64_t column; /* 0: the line as a whole */
	uint64_t epoch;  /* of the map, 0: none */
};

struct warnings {
	struct warning_kind {
		const char *path, *format; /* borrowed; together the kind */
		uint64_t count;
	} * kinds;
	size_t count;
	char **told; /* owned, each owned: what was printed, for the report */
	size_t told_count;
	uint64_t total;
};

void warn_at(struct warnings *warnings, const struct place *place, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same for a text that is a kind of its own (no % in it counts), about the interval that begins at `at` and ends before `end`
 * at the latest: it is quoted, after `whose` ("pool 3: ", or ""). */
void warn_interval(struct warnings *warnings, const struct place *place, const char *whose, const char *text, const char *at,
                   const char *end);
/* Says how many were left out of the kinds that came too often. */
void warnings_finish(struct warnings *warnings);
void warnings_free(struct warnings *warnings);

#endif
