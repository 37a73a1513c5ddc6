/* SPDX-License-Identifier: MIT */
/*
 * The only things that happen before the first wrapped call: the place of libfenceline.so is noted, while the path that
 * LD_PRELOAD named is good, and the environment is made fit, while the process has one thread; where the provider is opened
 * others may be reading it; and what fork and the ticker, which know nobody, will do is handed to them.
 * (Another library's constructor may come before, and open an image: neither waits for what it is handed.)
 *
 * LTTNG_UST_REGISTER_TIMEOUT: in a QEMU system emulator no answer of a session daemon is waited for longer than a second
 * (LTTng's default is 3 s); everywhere a negative one, an endless wait, is made finite. The start itself waits less
 * (provider_open.c).
 */
#include "client.h"
#include "base/fork.h"
#include "header_op.h"
#include "base/hook.h"
#include "image.h"
#include "io_stats.h"
#include "base/libraries.h"
#include "lock_break.h"
#include "noted.h"
#include "base/process.h"
#include "base/provider_open.h"
#include "record_pool.h"
#include "sampler.h"
#include "status.h"
#include "base/thread.h"
#include "base/ticker.h"
#include "watch.h"
#include "wire.h"

#include "fenceline/provider.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_emulator(int argc, char **argv)
{
	const char *name;

	if (argc < 1 || !argv || !argv[0])
		return false;
	name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	return !strncmp(name, "qemu-system-", 12) || !strcmp(name, "qemu-kvm") || !strcmp(name, "kvm");
}

/* Who has to forget what. */
static void after_fork_child(void)
{
	process_after_fork();
	hook_after_fork_child();
	provider_after_fork_child();
	libraries_after_fork_child();
	thread_after_fork_child();
	record_pool_after_fork_child();
	io_stats_after_fork_child();
	image_after_fork_child();
	client_after_fork_child();
	watch_after_fork_child();
	wire_after_fork_child();
	header_op_after_fork_child();
	lock_break_after_fork_child();
	noted_after_fork_child();
	status_after_fork_child();
	ticker_after_fork_child();
}

__attribute__((constructor)) static void constructor_begin(int argc, char **argv)
{
	static const struct ticker_work each_second = { sampler_look, sampler_look_behind, sampler_stalled };
	const char *timeout = getenv("LTTNG_UST_REGISTER_TIMEOUT");

	fork_child_does(after_fork_child);
	ticker_does(&each_second);
	provider_note_place();
	if (timeout ? strtol(timeout, NULL, 10) < 0 : is_emulator(argc, argv))
		setenv("LTTNG_UST_REGISTER_TIMEOUT", FL_REGISTER_TIMEOUT_MS, 1);
}
