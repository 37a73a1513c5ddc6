/* SPDX-License-Identifier: MIT */
#include "fleet/wanted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *grown(void *array, size_t count, size_t size)
{
	/* In powers of two: appending stays cheap. */
	return count & (count - 1) ? array : reallocarray(array, count ? 2 * count : 1, size);
}

int wanted_add_text(char ***texts, size_t *count, const char *text)
{
	char **more;

	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*texts)[i], text))
			return 0;
	more = *text ? grown(*texts, *count, sizeof *more) : *texts;
	if (!*text)
		return 0;
	if (!more)
		return -ENOMEM;
	*texts = more;
	more[*count] = strdup(text);
	return more[(*count)++] ? 0 : -ENOMEM;
}

int wanted_add_process(struct wanted *wanted, const char *host, int64_t pid)
{
	struct wanted_process *more;

	for (size_t i = 0; i < wanted->process_count; i++)
		if (wanted->processes[i].pid == pid && !strcmp(wanted->processes[i].host, host))
			return 0;
	if (!pid)
		return 0;
	more = grown(wanted->processes, wanted->process_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->processes = more;
	more[wanted->process_count] = (struct wanted_process){ strdup(host), pid };
	return more[wanted->process_count++].host ? 0 : -ENOMEM;
}

int wanted_add_client(struct wanted *wanted, const char *ip, int64_t nonce, bool any_nonce)
{
	struct wanted_client *more;

	for (size_t i = 0; i < wanted->client_count; i++)
		if (wanted->clients[i].nonce == nonce && wanted->clients[i].any_nonce == any_nonce &&
		    !strcmp(wanted->clients[i].ip, ip))
			return 0;
	if (!*ip)
		return 0;
	more = grown(wanted->clients, wanted->client_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->clients = more;
	more[wanted->client_count] = (struct wanted_client){ strdup(ip), nonce, any_nonce };
	return more[wanted->client_count++].ip ? 0 : -ENOMEM;
}

int wanted_add_slot(struct wanted *wanted, uint32_t slot)
{
	uint32_t *more;

	for (size_t i = 0; i < wanted->slot_count; i++)
		if (wanted->slots[i] == slot)
			return 0;
	more = grown(wanted->slots, wanted->slot_count, sizeof *more);
	if (!more)
		return -ENOMEM;
	wanted->slots = more;
	more[wanted->slot_count++] = slot;
	return 0;
}

/* What happened then, and the ten minutes before and after it. */
int wanted_add_moment(struct wanted *wanted, int64_t ns)
{
	int64_t *more;
	int error = 0;

	for (int64_t slot = ns / SLOT_NS - 1; ns && !error && slot <= ns / SLOT_NS + 1; slot++)
		error = wanted_add_slot(wanted, (uint32_t)slot);
	more = error || !ns ? NULL : grown(wanted->moments, wanted->moment_count, sizeof *more);
	if (!more)
		return ns ? -ENOMEM : 0;
	wanted->moments = more;
	more[wanted->moment_count++] = ns;
	return 0;
}

int wanted_take(json_t *row, void *arg)
{
	return wanted_add_process(arg, row_text(row, "host"), row_number(row, "pid"));
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void wanted_free(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->process_count; i++)
		free(wanted->processes[i].host);
	for (size_t i = 0; i < wanted->client_count; i++)
		free(wanted->clients[i].ip);
	free(wanted->processes);
	free(wanted->clients);
	free_texts(wanted->uuids, wanted->uuid_count);
	free_texts(wanted->vms, wanted->vm_count);
	free_texts(wanted->image_ids, wanted->image_id_count);
	free_texts(wanted->ranges, wanted->range_count);
	free(wanted->slots);
	free(wanted->moments);
}
