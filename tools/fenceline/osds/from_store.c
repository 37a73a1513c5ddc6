/* SPDX-License-Identifier: MIT */
#include "osds/from_store.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int64_t number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

/* Rows come sorted by who: the key of the last one is enough to compare with. */
static const char *key_of(struct osds_of_store *of, const char *who)
{
	char **more;

	if (of->key_count && !strcmp(of->keys[of->key_count - 1], who))
		return of->keys[of->key_count - 1];
	more = reallocarray(of->keys, of->key_count + 1, sizeof *more);
	if (!more)
		return NULL;
	of->keys = more;
	more[of->key_count] = strdup(who);
	return more[of->key_count] ? more[of->key_count++] : NULL;
}

/* The median of what it sent: as the store says, else by its buckets; a lost ping counts as the longest. */
static int64_t sample_of(const json_t *row, const uint64_t buckets[OSDS_BUCKETS])
{
	int64_t told = number(row, "median_ns");

	if (number(row, "lost") > number(row, "answered"))
		return OSDS_LOST_NS;
	return told >= 0 ? told : osds_quantile_of_buckets(buckets, 0.5);
}

static int add_row(struct osds_of_store *of, const json_t *row)
{
	const char *address = json_string_value(json_object_get(row, "osd")),
	           *who = json_string_value(json_object_get(row, "who")), *name = json_string_value(json_object_get(row, "name"));
	const json_t *told = json_object_get(row, "buckets"), *each;
	uint64_t buckets[OSDS_BUCKETS] = { 0 };
	int64_t begin_ns = number(row, "begin_ns"), end_ns = number(row, "end_ns"), sample_ns;
	struct osds *osds = of->osds;
	struct osd_seen *osd;
	const char *key;
	size_t i;

	if (!address || !who || !name)
		return -EINVAL;
	key = key_of(of, who);
	osd = osds_find(osds, address);
	if (!key || !osd)
		return -ENOMEM;
	json_array_foreach(told, i, each) if (i < OSDS_BUCKETS) buckets[i] = (uint64_t)json_integer_value(each);
	for (i = 0; i < OSDS_BUCKETS; i++)
		osd->buckets[i] += buckets[i];
	osd->answered += (uint64_t)number(row, "answered");
	osd->errors += (uint64_t)number(row, "errors");
	osd->lost += number(row, "lost") > 0 ? (uint64_t)number(row, "lost") : 0;
	osds->added_up = true;
	osds->by_host |= number(row, "counted") != 0;
	osds->begin_ns = !osds->begin_ns || begin_ns < osds->begin_ns ? begin_ns : osds->begin_ns;
	osds->end_ns = end_ns > osds->end_ns ? end_ns : osds->end_ns;
	sample_ns = sample_of(row, buckets);
	if (sample_ns >= 0)
		osds_add_sample(osds, osd, key, *name ? name : who, sample_ns);
	return osds->no_memory ? -ENOMEM : 0;
}

int osds_of_rows(struct osds_of_store *of, FILE *stream)
{
	char *line = NULL;
	size_t size = 0;
	int error = 0;

	while (!error && getline(&line, &size, stream) > 0) {
		json_t *row = json_loads(line, 0, NULL);
		error = row ? add_row(of, row) : -EINVAL;
		json_decref(row);
	}
	free(line);
	return error;
}

void osds_of_store_free(struct osds_of_store *of)
{
	for (size_t i = 0; i < of->key_count; i++)
		free(of->keys[i]);
	free(of->keys);
}
