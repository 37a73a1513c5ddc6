/* SPDX-License-Identifier: MIT */
#include "record/tell.h"
#include "run/shim_path.h"

#include "fenceline/provider.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct fl_provider *provider;

/* Beside the shim; which of the two can be loaded tells which LTTng is installed. */
static const struct fl_provider *open_beside(const char *shim)
{
	static const char *const numbers[] = { "1", "0" };
	const char *slash = strrchr(shim, '/');
	fl_provider_fn *get = NULL;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers && !get; i++) {
		void *handle;
		if (snprintf(path, sizeof path, "%.*s/libfenceline-ust.so.%s", (int)(slash - shim), shim, numbers[i]) >=
		    (int)sizeof path)
			break;
		handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		get = handle ? (fl_provider_fn *)dlsym(handle, FL_PROVIDER_SYMBOL) : NULL;
	}
	return get ? get(FL_PROVIDER_ABI, FL_EV_COUNT) : NULL;
}

int tell_open(void)
{
	const char *timeout = getenv("LTTNG_UST_REGISTER_TIMEOUT");
	char shim[PATH_MAX];
	int status;

	if (provider)
		return 0;
	status = shim_path_find_self(shim, sizeof shim);
	if (status)
		return status;
	if (!timeout)
		setenv("LTTNG_UST_REGISTER_TIMEOUT", FL_REGISTER_TIMEOUT_MS, 1);
	provider = open_beside(shim);
	if (!timeout)
		unsetenv("LTTNG_UST_REGISTER_TIMEOUT");
	return provider ? 0 : -ENOENT;
}

bool tell_is_recorded(void)
{
	return provider && *provider->enabled[FL_EV_window_opened] && *provider->enabled[FL_EV_window_closed] &&
	       *provider->enabled[FL_EV_recording_gap];
}

uint64_t tell_window_opened(bool full, const char *why)
{
	static uint64_t windows;
	const struct fl_window_opened event = { .pid = (uint32_t)getpid(), .window = ++windows, .full = full, .why = why };

	if (provider)
		provider->emit[FL_EV_window_opened](&event);
	return windows;
}

void tell_window_closed(uint64_t window, bool full, int64_t opened_ns)
{
	const struct fl_window_closed event = {
		.pid = (uint32_t)getpid(), .window = window, .full = full, .opened_ns = opened_ns
	};

	if (provider)
		provider->emit[FL_EV_window_closed](&event);
}

void tell_gap(int64_t begin_ns, const char *why)
{
	const struct fl_recording_gap event = { .pid = (uint32_t)getpid(), .begin_ns = begin_ns, .why = why };

	if (provider)
		provider->emit[FL_EV_recording_gap](&event);
}
