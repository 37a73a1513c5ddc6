/* SPDX-License-Identifier: MIT */
/* `fenceline snaps`: what snapshot churn has done to a pool, and what it costs an OSD to start. */
#include "cmd.h"

#include <argp.h>
#include <stdio.h>

static const char doc[] = "What deleted snapshots have left in a pool's removed_snaps, and what it costs an OSD to start.";

int cmd_snaps(int argc, char **argv)
{
	const struct argp argp = { .args_doc = "INPUT...", .doc = doc };

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	fputs("fenceline snaps: this build understands no input yet\n", stderr);
	return EXIT_FAILED;
}
