/* SPDX-License-Identifier: MIT */
/*
 * The only thing that happens before the first wrapped call, and only in a QEMU system emulator: it must not wait
 * long for a session daemon that does not answer (LTTng's default is 3 s). The environment is set here, while the process has one
 * thread, and not where the provider is opened, where others may be reading it. Short-lived commands keep LTTng's
 * default: they would end before their events are enabled.
 */
#include "fenceline/provider.h"

#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void set_register_timeout(int argc, char **argv)
{
	const char *name;

	if (argc < 1 || !argv || !argv[0])
		return;
	name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	if (!strncmp(name, "qemu-system-", 12) || !strcmp(name, "qemu-kvm") || !strcmp(name, "kvm"))
		setenv("LTTNG_UST_REGISTER_TIMEOUT", FL_REGISTER_TIMEOUT_MS, 0);
}
