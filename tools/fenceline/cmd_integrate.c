/* SPDX-License-Identifier: MIT */
/* `fenceline integrate`: how the shim gets into what starts VMs and takes snapshots, and out again. */
#include "run/commands.h"
#include "integrate/target.h"
#include "run/shim_path.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *target, *root, *shim;
	int print, undo, refresh;
};

enum { OPTION_PRINT = 256, OPTION_UNDO, OPTION_ROOT, OPTION_REFRESH, OPTION_SHIM };

static const struct argp_option option_table[] = {
	{ "print", OPTION_PRINT, NULL, 0, "Only print what would be written", 0 },
	{ "undo", OPTION_UNDO, NULL, 0, "Take back what was written, to the byte", 0 },
	{ "root", OPTION_ROOT, "DIR", 0, "Work on the system below DIR, such as an image's root", 0 },
	{ "refresh", OPTION_REFRESH, NULL, 0, "Write anew what an upgrade has replaced, for each TARGET that is integrated", 0 },
	{ "shim", OPTION_SHIM, "FILE", 0, "The shim's path where it will run (default: this installation's)", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case OPTION_PRINT:
		options->print = 1;
		return 0;
	case OPTION_UNDO:
		options->undo = 1;
		return 0;
	case OPTION_REFRESH:
		options->refresh = 1;
		return 0;
	case OPTION_ROOT:
		options->root = strcmp(arg, "/") ? arg : "";
		return 0;
	case OPTION_SHIM:
		options->shim = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->target)
			argp_error(state, "one TARGET at a time, not '%s' as well", arg);
		options->target = arg;
		if (!target_find(arg) && strcmp(arg, "all"))
			argp_error(state,
			           "no TARGET '%s'; there are libvirt, cinder, nova, rbd, kolla, proxmox, and all with --undo",
			           arg);
		return 0;
	case ARGP_KEY_END:
		if (!options->target && !options->refresh)
			argp_error(state, "name a TARGET: libvirt, cinder, nova, rbd, kolla or proxmox");
		if (options->print + options->undo + options->refresh > 1)
			argp_error(state, "one of --print, --undo and --refresh, not two");
		if (options->target && !strcmp(options->target, "all") && !options->undo)
			argp_error(state, "'all' goes with --undo alone");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	option_table,
	parse_option,
	"[TARGET]",
	"Bring the shim into what starts VMs or takes snapshots. TARGET is libvirt, cinder, nova, rbd, kolla or proxmox."
	"\vlibvirt, cinder and nova get a drop-in for their systemd unit, with LD_PRELOAD in the daemon's environment; libvirt "
	"hands it "
	"on to QEMU. libvirt's AppArmor rules are opened as far as LTTng needs it. rbd gets a wrapper in /usr/local/bin. For "
	"kolla and "
	"proxmox fenceline prints what to do.\n\n"
	"Nothing is restarted. At the end it says what takes effect when. A second run changes nothing.\n\n"
	"Examples:\n"
	"  fenceline integrate --print libvirt\n"
	"  fenceline integrate libvirt\n"
	"  fenceline integrate --undo libvirt\n"
	"  fenceline integrate --root /srv/images/compute libvirt\n\n"
	"Exit codes: 0 done, 1 failed, 2 usage.",
	NULL,
	NULL,
	NULL,
};

static void advise(const struct target *target, const char *shim)
{
	int folder = strrchr(shim, '/') - shim;
	const char *at;

	if (!target->advice)
		return;
	at = strstr(target->advice, "%s");
	if (!at)
		puts(target->advice);
	else
		printf("%.*s%.*s%s\n", (int)(at - target->advice), target->advice, folder, shim, at + 2);
}

/* Apply or take back each edit. Returns an exit code; counts what changed. */
static int carry_out(const struct target *target, struct plan *plan, const struct options *options, int *changed)
{
	int code = EXIT_DONE;

	for (int i = 0; i < plan->count; i++) {
		const struct edit *edit = &plan->edits[i];
		int status = edit_apply(edit, options->undo ? EDIT_UNDO : EDIT_DO, options->root);

		if (status == -EEXIST) {
			fprintf(stderr, "fenceline: %s%s is there and not fenceline's; move it away, then integrate %s again\n",
			        options->root, edit->path, target->name);
			code = EXIT_FAILED;
		} else if (status < 0) {
			fprintf(stderr, "fenceline: %s%s: %s\n", options->root, edit->path, strerror(-status));
			code = EXIT_FAILED;
		} else if (status) {
			printf("%-8s %s%s\n", options->undo ? "undone" : "written", options->root, edit->path);
			++*changed;
		}
	}
	return code;
}

static int is_integrated(const struct plan *plan, const char *root)
{
	for (int i = 0; i < plan->count; i++)
		if (edit_is_ours(&plan->edits[i], root))
			return 1;
	return 0;
}

static int say_done(const struct target *target, const struct options *options, int changed)
{
	if (!changed)
		printf("%s: nothing to do, it is %s\n", target->name, options->undo ? "not integrated" : "integrated already");
	else if (target->takes_effect && !*options->root)
		printf("\nIt takes effect with:\n%s\n", target->takes_effect);
	return EXIT_DONE;
}

static int integrate(const struct target *target, const struct options *options)
{
	struct plan plan = { .undo = options->undo };
	int code = EXIT_DONE, changed = 0;

	if (!target->plan) {
		if (!options->undo && !options->refresh)
			advise(target, options->shim);
		return EXIT_DONE;
	}
	if (target->plan(target, options->root, options->shim, options->print || options->undo, &plan)) {
		fprintf(stderr, "fenceline: %s\n", strerror(ENOMEM));
		code = EXIT_FAILED;
	} else if (options->print) {
		for (int i = 0; i < plan.count; i++)
			edit_show(&plan.edits[i], options->root, stdout);
		advise(target, options->shim);
	} else if (options->refresh) {
		if (is_integrated(&plan, options->root))
			code = carry_out(target, &plan, options, &changed);
	} else if (!plan.count && !*plan.trouble) {
		fprintf(stderr, "fenceline: %s is not here: no %s; --print shows what would be written\n", target->name,
		        target->looked_for);
		code = EXIT_FAILED;
	} else {
		code = carry_out(target, &plan, options, &changed);
		if (code == EXIT_DONE && !*plan.trouble)
			say_done(target, options, changed);
	}
	if (*plan.trouble && !options->undo) {
		fprintf(stderr, "fenceline: %s\n", plan.trouble);
		code = EXIT_FAILED;
	}
	plan_free(&plan);
	return code;
}

int cmd_integrate(int argc, char **argv)
{
	struct options options = { .root = "" };
	char shim[PATH_MAX];
	int code = EXIT_DONE;

	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	if (!options.shim && shim_path_find_self(shim, sizeof shim)) {
		fprintf(stderr, "fenceline: no " SHIM_FILE ": looked for %s; is fenceline-shim installed?\n", shim);
		return EXIT_FAILED;
	}
	options.shim = options.shim ?: shim;
	if (options.shim[0] != '/') {
		fprintf(stderr, "fenceline: --shim takes an absolute path, not '%s'\n", options.shim);
		return EXIT_USAGE;
	}
	for (const struct target *target = targets; target->name; target++)
		if (!options.target || !strcmp(options.target, "all") || !strcmp(options.target, target->name)) {
			int now = integrate(target, &options);

			code = now > code ? now : code;
		}
	return code;
}
