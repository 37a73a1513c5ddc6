/* SPDX-License-Identifier: MIT */
#include "osds/osds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void osds_free(struct osds *osds)
{
	for (size_t i = 0; i < osds->count; i++) {
		for (size_t k = 0; k < osds->list[i].vm_count; k++) {
			free(osds->list[i].vms[k].name);
			free(osds->list[i].vms[k].rtts);
		}
		free(osds->list[i].vms);
	}
	free(osds->list);
	memset(osds, 0, sizeof *osds);
}

/* Room for one more of that size, zeroed, at the end of an array; NULL: no memory. */
static void *one_more(void *array, size_t *count, size_t *capacity, size_t size)
{
	char **list = array, *more;

	if (*count == *capacity) {
		more = reallocarray(*list, *capacity ? 2 * *capacity : 8, size);
		if (!more)
			return NULL;
		*list = more;
		*capacity = *capacity ? 2 * *capacity : 8;
	}
	return memset(*list + (*count)++ * size, 0, size);
}

struct osd_seen *osds_find(struct osds *osds, const char *address)
{
	struct osd_seen *osd;

	for (size_t i = 0; i < osds->count; i++)
		if (!strcmp(osds->list[i].address, address))
			return &osds->list[i];
	osd = one_more(&osds->list, &osds->count, &osds->capacity, sizeof *osd);
	if (osd)
		snprintf(osd->address, sizeof osd->address, "%s", address);
	else
		osds->no_memory = true;
	return osd;
}

static struct osd_vm *find_vm(struct osds *osds, struct osd_seen *osd, const void *key, const char *name)
{
	struct osd_vm *vm;

	for (size_t i = 0; i < osd->vm_count; i++)
		if (osd->vms[i].key == key)
			return &osd->vms[i];
	vm = one_more(&osd->vms, &osd->vm_count, &osd->vm_capacity, sizeof *vm);
	if (!vm || !(vm->name = strdup(name))) {
		osds->no_memory = true;
		return NULL;
	}
	vm->key = key;
	return vm;
}

void osds_add_sample(struct osds *osds, struct osd_seen *osd, const void *key, const char *name, int64_t rtt_ns)
{
	struct osd_vm *vm = osd ? find_vm(osds, osd, key, name) : NULL;
	int64_t *rtt = vm ? one_more(&vm->rtts, &vm->count, &vm->capacity, sizeof *rtt) : NULL;

	if (rtt)
		*rtt = rtt_ns;
	else
		osds->no_memory = true;
}

static unsigned bucket_of(int64_t rtt_ns)
{
	uint64_t us = (uint64_t)rtt_ns / 1000;
	unsigned bucket = us ? 63 - (unsigned)__builtin_clzll(us) : 0;

	return bucket < OSDS_BUCKETS ? bucket : OSDS_BUCKETS - 1;
}

void osds_add(struct osds *osds, const char *address, const void *key, const char *name, int64_t rtt_ns, int32_t result)
{
	struct osd_seen *osd = osds_find(osds, address);

	if (!osd)
		return;
	if (rtt_ns == OSDS_LOST_NS) {
		osd->lost++;
	} else {
		osd->answered++;
		osd->errors += result < 0;
		osd->buckets[bucket_of(rtt_ns)]++;
	}
	osds_add_sample(osds, osd, key, name, rtt_ns);
}

/* ---- The statistics ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of sorted numbers: the smallest that `share` of them do not exceed. -1: there are none. */
static int64_t quantile(const int64_t *sorted, size_t count, double share)
{
	size_t at = (size_t)(share * (double)count);

	if (!count)
		return -1;
	if ((double)at == share * (double)count && at)
		at--;
	return sorted[at < count ? at : count - 1];
}

int64_t osds_quantile_of_buckets(const uint64_t buckets[OSDS_BUCKETS], double share)
{
	uint64_t all = 0, seen = 0;

	for (int i = 0; i < OSDS_BUCKETS; i++)
		all += buckets[i];
	for (int i = 0; i < OSDS_BUCKETS; i++) {
		seen += buckets[i];
		if (all && (double)seen >= share * (double)all)
			return (INT64_C(2000) << i);
	}
	return -1;
}

static void osds_measure(struct osds *osds, struct osd_seen *osd)
{
	size_t count = 0, at = 0;
	int64_t *all;

	for (size_t i = 0; i < osd->vm_count; i++)
		count += osd->vms[i].count;
	osd->median_ns = osd->p99_ns = -1;
	all = calloc(count + 1, sizeof *all);
	if (!all) {
		osds->no_memory = true;
		return;
	}
	for (size_t i = 0; i < osd->vm_count; i++) {
		struct osd_vm *vm = &osd->vms[i];
		if (vm->count)
			qsort(vm->rtts, vm->count, sizeof *vm->rtts, by_number);
		vm->median_ns = quantile(vm->rtts, vm->count, 0.5);
		if (vm->count)
			memcpy(all + at, vm->rtts, vm->count * sizeof *all);
		at += vm->count;
	}
	qsort(all, count, sizeof *all, by_number);
	osd->median_ns = quantile(all, count, 0.5);
	osd->p99_ns = osds->live || osds->added_up ? osds_quantile_of_buckets(osd->buckets, 0.99) : quantile(all, count, 0.99);
	free(all);
}

/* The median of the other OSDs' medians: one bad OSD among three does not move it. */
static int64_t others(struct osds *osds, const struct osd_seen *but)
{
	int64_t *medians = calloc(osds->count, sizeof *medians), found;
	size_t count = 0;

	if (!medians) {
		osds->no_memory = true;
		return -1;
	}
	for (size_t i = 0; i < osds->count; i++)
		if (&osds->list[i] != but && osds->list[i].median_ns >= 0)
			medians[count++] = osds->list[i].median_ns;
	qsort(medians, count, sizeof *medians, by_number);
	found = quantile(medians, count, 0.5);
	free(medians);
	return found;
}

static bool stands_out(int64_t median_ns, int64_t others_ns)
{
	return others_ns >= 0 && others_ns <= INT64_MAX / OSDS_FACTOR && median_ns >= OSDS_FLOOR_NS &&
	       median_ns >= OSDS_FACTOR * others_ns;
}

/* Finds it every OSD slow that it pings, and are they several? */
static bool is_slow_itself(const struct osds *osds, const void *key)
{
	size_t pings = 0, slow = 0;

	for (size_t i = 0; i < osds->count; i++)
		for (size_t k = 0; k < osds->list[i].vm_count; k++) {
			const struct osd_vm *vm = &osds->list[i].vms[k];
			if (vm->key != key || vm->median_ns < 0)
				continue;
			pings++;
			slow += stands_out(vm->median_ns, osds->list[i].others_ns);
		}
	return pings > 1 && slow == pings;
}

static void judge_one(const struct osds *osds, struct osd_seen *osd)
{
	osd->slow_vms = 0;
	for (size_t i = 0; i < osd->vm_count; i++) {
		struct osd_vm *vm = &osd->vms[i];
		vm->slow = stands_out(vm->median_ns, osd->others_ns) && !is_slow_itself(osds, vm->key);
		osd->slow_vms += vm->slow;
	}
	osd->slow = osd->slow_vms >= OSDS_VMS;
}

static int worst_first(const void *a, const void *b)
{
	const struct osd_seen *x = a, *y = b;

	if (x->slow != y->slow)
		return y->slow - x->slow;
	if (x->median_ns != y->median_ns)
		return x->median_ns < y->median_ns ? 1 : -1;
	return strcmp(x->address, y->address);
}

void osds_judge(struct osds *osds)
{
	for (size_t i = 0; i < osds->count; i++)
		osds_measure(osds, &osds->list[i]);
	for (size_t i = 0; i < osds->count; i++)
		osds->list[i].others_ns = others(osds, &osds->list[i]);
	for (size_t i = 0; i < osds->count; i++)
		judge_one(osds, &osds->list[i]);
	if (osds->count)
		qsort(osds->list, osds->count, sizeof *osds->list, worst_first);
}
