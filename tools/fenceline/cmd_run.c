/* SPDX-License-Identifier: MIT */
/* `fenceline run`: a command under the shim. With an option of recording it is the record program's. */
#include "run/commands.h"
#include "run/run_options.h"
#include "run/supervise.h"

int cmd_run(int argc, char **argv)
{
	struct run_options options = { 0 };

	if (argp_parse(&run_argp, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (options.record || options.profile || options.session)
		return RUN_RECORDS;
	return supervise_under_shim(options.command[0]) ? EXIT_FAILED : supervise_exec(options.command);
}
