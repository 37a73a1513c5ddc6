/* SPDX-License-Identifier: MIT */
/*
 * The only things that happen before the first wrapped call: the place of libfenceline.so is noted, while the path that
 * LD_PRELOAD named is good, and the environment is made fit, while the process has one thread; where the provider is opened
 * others may be reading it.
 *
 * LTTNG_UST_REGISTER_TIMEOUT: in a QEMU system emulator no answer of a session daemon is waited for longer than a second
 * (LTTng's default is 3 s); everywhere a negative one, an endless wait, is made finite. The start itself waits less
 * (provider_open.c).
 */
#include "provider_open.h"

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

__attribute__((constructor)) static void begin(int argc, char **argv)
{
	const char *timeout = getenv("LTTNG_UST_REGISTER_TIMEOUT");

	provider_note_place();
	if (timeout ? strtol(timeout, NULL, 10) < 0 : is_emulator(argc, argv))
		setenv("LTTNG_UST_REGISTER_TIMEOUT", FL_REGISTER_TIMEOUT_MS, 1);
}
