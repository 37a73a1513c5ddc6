/* SPDX-License-Identifier: MIT */
/* The options of `fenceline run`, for the dispatcher and for the program that records. libc only. */
#ifndef FENCELINE_RUN_OPTIONS_H
#define FENCELINE_RUN_OPTIONS_H

#include <argp.h>

struct run_options { /* all borrowed from argv; NULL: not given */
	const char *record, *profile, *session;
	char **command;
};

/* Its input is a struct run_options. A wrong option ends the process with usage and argp_err_exit_status. */
extern const struct argp run_argp;

#endif
