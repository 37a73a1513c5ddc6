/* SPDX-License-Identifier: MIT */
/* Whether something happened that a verdict may come of: rare rows that arrived in the store since the last look. */
#ifndef FENCELINE_FLEET_NEWS_H
#define FENCELINE_FLEET_NEWS_H

#include "fleet/query.h"

#define NEWS_SECONDS 180 /* how late a row may come to light that a shard held back */

struct news {
	struct { int64_t second; int64_t rows; } seen[NEWS_SECONDS + 2]; /* by the store's clock */
	size_t count;
	int64_t newest_s;          /* the newest arrival, by the store's clock */
	int64_t begin_ns, end_ns;  /* of what is new, by the rows' own clocks; 0: nothing is */
};

/* The first look takes what arrived in the last `back_s` seconds for new. 0 or -errno, said. */
int news_look(struct news *news, struct store *store, int64_t back_s);
void news_forget(struct news *news);

#endif
