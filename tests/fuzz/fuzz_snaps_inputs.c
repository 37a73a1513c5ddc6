/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an input of `fenceline snaps`: every parser, the account, the numbers and all reports.
 * clang -fsanitize=fuzzer,address,undefined; seeds: tests/fixtures/snaps.
 */
#include "snaps/inputs.h"
#include "snaps/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static FILE *nowhere;
static int file;
static char path[32];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	nowhere = fopen("/dev/null", "w");
	file = memfd_create("input", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	return nowhere && file >= 0 ? 0 : -1;
}

/* What must hold whatever the input was. */
static void check(const struct snaps_pool *pool)
{
	uint64_t ids = 0;

	for (size_t i = 0; i < pool->removed.count; i++) {
		ids += pool->removed.items[i].length;
		if (i && pool->removed.items[i].start <= interval_end(&pool->removed.items[i - 1]))
			abort();
	}
	if (ids != pool->removed.ids || !interval_set_subset(&pool->burnt, &pool->removed))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct render_style style = { .utf8 = true, .width = 80 };
	struct account account = { 0 };
	struct snaps_report report = { .account = &account };
	FILE *err = stderr;

	stderr = nowhere; /* warnings are wanted, but not on the screen a million times */
	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	inputs_read(&account, (char *[]){ path }, 1);
	account_finish(&account);
	for (const struct snaps_pool *pool = account.pools; pool; pool = pool->next)
		check(pool);
	snaps_text.print(&report, &style, nowhere);
	snaps_json.print(&report, &style, nowhere);
	snaps_html.print(&report, &style, nowhere);
	stderr = err;
	account_free(&account);
	return 0;
}
