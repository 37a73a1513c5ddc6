/* SPDX-License-Identifier: MIT */
#include "daemon/awaited.h"
#include "run/now.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int awaited_note(const char *path, const char *address)
{
	FILE *file = fopen(path, "ae");
	int status = 0;

	if (!file)
		return -errno;
	if (fprintf(file, "%s\n", address) < 0)
		status = -EIO;
	if (fclose(file) && !status)
		status = -errno;
	return status;
}

/* Its time; 0: it is not waited for. */
static int64_t until_ms(const struct awaited *awaited, const char *address)
{
	for (size_t i = 0; i < awaited->count; i++)
		if (!strcmp(awaited->list[i].address, address))
			return awaited->list[i].until_ms;
	return 0;
}

bool awaited_is_overdue(const struct awaited *awaited, const char *address)
{
	int64_t until = until_ms(awaited, address);

	return until && monotonic_ms() >= until;
}

void awaited_take(struct awaited *awaited, const char *path)
{
	struct awaited before = *awaited;
	FILE *file = fopen(path, "re");
	char line[128];

	awaited->count = 0;
	while (file && awaited->count < AWAITED && fgets(line, sizeof line, file)) {
		int64_t until;
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) >= sizeof awaited->list->address || until_ms(awaited, line))
			continue;
		until = until_ms(&before, line);
		strcpy(awaited->list[awaited->count].address, line);
		awaited->list[awaited->count++].until_ms = until ? until : monotonic_ms() + AWAITED_MS;
	}
	if (file)
		fclose(file);
}

bool awaited_is_news(const struct awaited *awaited, const struct pages *pages)
{
	int64_t fenced_ns, now = monotonic_ms();

	for (size_t i = 0; i < awaited->count; i++)
		if (now >= awaited->list[i].until_ms || !pages_has_client(pages, awaited->list[i].address, &fenced_ns) ||
		    fenced_ns)
			return true;
	return !awaited->count;
}
