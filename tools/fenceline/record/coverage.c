/* SPDX-License-Identifier: MIT */
/* The shim's table against installed libraries. */
#include "record/coverage.h"
#include "record/elf_symbols.h"

#include <stddef.h>
#include <string.h>

#define LIB_RBD         CEPH_RBD
#define LIB_RADOS       CEPH_RADOS
#define LIB_CEPH_COMMON CEPH_COMMON
#define LIB_C           CEPH_LIBRARIES /* always there */
#define REQUIRED        1
#define OPTIONAL        0

static const struct row {
	const char *symbol;
	int library, required, first, last;
} rows[] = {
#define ROW(id, symbol, library, need, first, last, ...) { symbol, library, need, first, last },
#include "shim/base/table.h"
};

#define ROWS (sizeof rows / sizeof *rows)

const char *const ceph_library_names[CEPH_LIBRARIES] = { "librbd.so.", "librados.so.", "libceph-common.so." };

static int row_is_of(const struct row *row, int release)
{
	return row->first <= release && (!row->last || release <= row->last);
}

/* Rows that the release and the libraries disagree about. */
static int mismatches(const signed char *exported, int release)
{
	int count = 0;

	for (size_t i = 0; i < ROWS; i++)
		count += exported[i] >= 0 && exported[i] != row_is_of(&rows[i], release);
	return count;
}

/* The release that fits best; several where the table names nothing that has changed between them. */
static void best_releases(const signed char *exported, int *first, int *last)
{
	static const int releases[] = { 14, 16, 18, 20 };
	int least = ROWS + 1;

	for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
		int count = mismatches(exported, releases[i]);

		if (count < least)
			*first = releases[i];
		if (count <= least) {
			*last = releases[i];
			least = count;
		}
	}
}

/* exported[i]: 1 or 0; -1 for a row of a library that is not looked at. */
static int look_up(const char *const paths[CEPH_LIBRARIES], signed char *exported)
{
	struct elf_file elf;
	int status;

	memset(exported, -1, ROWS);
	for (int library = 0; library < CEPH_LIBRARIES; library++) {
		if (!paths[library])
			continue;
		status = elf_open(&elf, paths[library]);
		if (status)
			return status;
		for (size_t i = 0; i < ROWS; i++)
			if (rows[i].library == library)
				exported[i] = elf_defines(&elf, rows[i].symbol);
		elf_close(&elf);
	}
	return 0;
}

int coverage_of(const char *const paths[CEPH_LIBRARIES], struct coverage *coverage)
{
	signed char exported[ROWS];
	int status = look_up(paths, exported);

	memset(coverage, 0, sizeof *coverage);
	if (status)
		return status;
	best_releases(exported, &coverage->first, &coverage->last);
	for (size_t i = 0; i < ROWS; i++) {
		if (exported[i] < 0 || !row_is_of(&rows[i], coverage->first))
			continue;
		coverage->rows++;
		coverage->found += exported[i];
		if (!exported[i] && rows[i].required) {
			coverage->required_missing++;
			coverage->missing = rows[i].symbol;
		}
	}
	return 0;
}
