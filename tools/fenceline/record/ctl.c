/* SPDX-License-Identifier: MIT */
/* Opening liblttng-ctl. */
#include "record/ctl.h"

#include <dlfcn.h>
#include <err.h>
#include <stddef.h>

#define CTL_SONAME "liblttng-ctl.so.0"

static const struct {
	const char *name;
	size_t at;
} functions[] = {
#define CTL_ROW(name) { #name, offsetof(struct ctl, name) },
	CTL_FUNCTIONS(CTL_ROW)
#undef CTL_ROW
};

const struct ctl *ctl_load(void)
{
	static struct ctl table;
	static const struct ctl *loaded;
	void *library;

	if (loaded)
		return loaded;
	library = dlopen(CTL_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		warnx("cannot record: %s; install the packages liblttng-ctl0 and lttng-tools", dlerror());
		return NULL;
	}
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			warnx("cannot record: %s has no %s; LTTng 2.12 or later is needed", CTL_SONAME, functions[i].name);
			return NULL;
		}
		*(void **)((char *)&table + functions[i].at) = function;
	}
	*(void **)&table.lttng_session_descriptor_set_trace_format = dlsym(library, "lttng_session_descriptor_set_trace_format");
	return loaded = &table;
}
