/* SPDX-License-Identifier: MIT */
#include "fleet/fetch.h"
#include "run/commands.h"

#include <stdio.h>
#include <string.h>

int fetch_begin(int argc, char **argv, const char *whose, struct store **store)
{
	struct store_url url;
	char why[256];

	if (argc < 4) {
		fprintf(stderr, "fenceline: %s\n", whose);
		return EXIT_USAGE;
	}
	if (store_url_parse(argv[1], &url, why, sizeof why)) {
		fprintf(stderr, "fenceline: %s: %s\n", argv[1], why);
		return EXIT_USAGE;
	}
	*store = store_open(&url);
	explicit_bzero(&url, sizeof url);
	if (!*store)
		return EXIT_FAILED;
	if (store_check_schema(*store) == STORE_DONE)
		return 0;
	fprintf(stderr, "fenceline: the store cannot be read: %s\n", store_why(*store));
	store_close(*store);
	return EXIT_FAILED;
}
