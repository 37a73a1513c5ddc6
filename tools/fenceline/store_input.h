/* SPDX-License-Identifier: MIT */
/* INPUTs that are a store of many hosts, clickhouse://HOST/DB: fetched by fenceline-fleet, then read like any other. */
#ifndef FENCELINE_STORE_INPUT_H
#define FENCELINE_STORE_INPUT_H

#include "options.h"
#include "run/programs.h"

struct store_inputs {
	char **inputs; /* as given, what was fetched in the place of each URL; owned */
	size_t count;
	int *fds; /* of what was fetched; owned */
	size_t fd_count;
};

bool store_input_is(const char *input);
/*
 * Fetches what the options ask for from each URL among their inputs. --since and --until, if they count from the end of the
 * inputs, count from now then, and become fixed times; without --since it is the last day, which is said. 0, or -errno, said;
 * close in either case.
 */
int store_inputs_open(struct report_options *options, struct store_inputs *opened);
/* Starts fenceline-fleet's `command` (fetch, fetch-osds) for the store, the times fixed as above. 0 or -errno, said. */
int store_open_output(const char *url, const char *command, struct report_options *options, struct program_output *output);
void store_inputs_close(struct store_inputs *opened);

#endif
