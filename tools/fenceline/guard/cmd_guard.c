/* SPDX-License-Identifier: MIT */
/* `fenceline guard`: a command that takes an image's lock, run only while that fences nobody. */
#include "guard/image.h"
#include "guard/report_json.h"
#include "guard/report_text.h"
#include "run/commands.h"
#include "guard/bounded.h"
#include "guard/guarded.h"
#include "guard/hold.h"
#include "guard/preflight_options.h"
#include "render/json.h"
#include "render/text.h"
#include "run/supervise.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct preflight_options common;
	struct guarded_options guarded;
	struct image_spec *images; /* owned */
	size_t count;
};

enum { KEY_WAIT = 0x200, KEY_EVERY, KEY_NO_HOLD };

static const struct argp_option option_table[] = {
	{ "wait", KEY_WAIT, "D", 0,
	  "How long to wait for `safe` before giving up, and how long CMD may be stopped (default: 10m; 0: not at all)", 0 },
	{ "every", KEY_EVERY, "D", 0, "How often to look meanwhile (default: 2s)", 0 },
	{ "no-hold", KEY_NO_HOLD, NULL, 0, "Never stop CMD while it runs; only say what becomes of the owner", 0 },
	{ 0 },
};

static void take_arguments(struct options *options, struct argp_state *state)
{
	char **arguments = state->argv + state->next;
	size_t count = (size_t)(state->argc - state->next), images = 0;

	/* argp has taken the "--" away, if it stood first; else it is still there. */
	while (images < count && strcmp(arguments[images], "--"))
		images++;
	if (!images || images + 1 >= count)
		argp_error(state, "images, then -- and the command; for example: guard volumes/vm1 -- rbd snap create {}@daily");
	options->count = images;
	options->images = image_arguments(state, arguments, images);
	options->guarded.command = arguments + images + 1;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case KEY_WAIT:
		options->guarded.wait_ns = duration_option(state, "--wait", arg);
		return 0;
	case KEY_EVERY:
		options->guarded.every_ns = duration_option(state, "--every", arg);
		if (!options->guarded.every_ns)
			argp_error(state, "--every must leave some time between the looks");
		return 0;
	case KEY_NO_HOLD:
		options->guarded.never_hold = true;
		return 0;
	case ARGP_KEY_ARGS:
		take_arguments(options, state);
		state->next = state->argc;
		return options->images ? 0 : ENOMEM;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no image and no command; for example: guard volumes/vm1 -- rbd snap create {}@daily");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { &preflight_argp, 0, NULL, 0 }, { 0 } };
static const struct argp parser = {
	option_table,
	parse_option,
	"POOL[/NAMESPACE]/IMAGE... -- CMD...",
	"Run CMD, which takes the image's exclusive lock (a snapshot, a resize, a backup), when that fences no living VM: at "
	"`safe` and "
	"`owner-dead` of `fenceline preflight --probe`. Waits at `wait` and `would-fence`, and gives up after --wait."
	"\v{} in CMD is the image. With several images CMD runs once for each, one after the other. If one is given up, the "
	"others still get their turn.\n\n"
	"The owner is always asked whether it answers: a VM that hangs keeps its watch for another 30 s. librbd would wait "
	"that long and then fence it. CMD is forked before the last look and starts within 50 ms of that look's last answer "
	"(usually 1 ms; `window` in the JSON says how long it was). No look can see what changes in that moment.\n\n"
	"While CMD runs, the owner is asked again and again. After each answer its watch lasts for the OSD's timeout less the "
	"5 s between two pings: 25 s as a rule. If no other answer comes within four fifths of that, CMD and all its "
	"descendants are stopped (SIGSTOP). They go on once the owner answers, and are killed after --wait. What CMD has "
	"others do (a service, another host) cannot be stopped, nor what runs as another user unless guard is root's: a CMD that "
	"is set-uid, as sudo, is refused without --no-hold. At the end guard says whether every client that was alive "
	"still is.\n\n"
	"An owner that is dead on a host that nobody can ask stays `would-fence`; `fenceline unlock` tells what to do.\n\n"
	"Exit codes: CMD's own if it ran, or 128 + N if signal N ended it; if it did not, or was killed: 4 wait, 5 would-fence, "
	"7 "
	"cannot-tell, "
	"1 failed "
	"(no such image), 2 usage, 126 and 127 CMD cannot be run. 3: a client was fenced all the same. Since CMD's codes may be "
	"the same, "
	"stderr and --format json say whether it ran; with json CMD's stdout goes to stderr. Of several images: 3, else the "
	"first that is "
	"not 0.\n\n"
	"Examples:\n"
	"  fenceline guard --id cinder volumes/vm1 -- \\\n"
	"      rbd --id cinder snap create {}@daily\n"
	"  fenceline guard --wait 1h volumes/vm1 volumes/vm2 -- ./backup.sh {}",
	children,
	NULL,
	NULL,
};

static const char *const after_names[] = { NULL, "not-known", "lives", "mute", "unwatched", "fenced" };

/* What of the look after CMD is not known stands first among its unknowns. */
static const char *why_not_known(const struct look *after)
{
	if (after->fault.kind != FAULT_NONE)
		return after->fault.text;
	return after->unknown_count ? after->unknowns[0].why : "the blocklist is not readable";
}

static const char *what_became(const struct guarded *guarded, char *buf, size_t size)
{
	static const char *const words[] = {
		"nobody that lived was fenced",
		"whether somebody that lived was fenced cannot be told: ",
		"the owner still has its watch, so it was not fenced",
		"the owner still has its watch, but does not answer now",
		"the owner has no watch any more, and is not fenced: it gave the image up, or its pings get lost now",
		""
	};

	snprintf(buf, size, "%s%s", words[guarded->owner_after],
	         guarded->owner_after == AFTER_NOT_KNOWN ? why_not_known(&guarded->after) : "");
	return buf;
}

static void say_ran(const struct guarded *guarded, const char *spec)
{
	char ran[TEXT_BUF], window[TEXT_BUF], span[TEXT_BUF], held[TEXT_BUF + 40] = "", became[600];

	what_became(guarded, became, sizeof became);
	text_span(guarded->command_ns, ran);
	text_span(guarded->window_ns, window);
	if (guarded->followed.held_ns)
		snprintf(held, sizeof held, " (%s of them it was stopped)", text_span(guarded->followed.held_ns, span));
	if (guarded->owner_after == AFTER_FENCED)
		report_say("%s: CMD ran %s%s and ended with %d; and %s was FENCED meanwhile (%s, until %s)", spec, ran, held,
		           guarded->command_code,
		           *guarded->after.earlier_address ? guarded->after.earlier_address : guarded->before.owner.address,
		           *guarded->after.earlier_fence.entry ? guarded->after.earlier_fence.entry : "seen while it ran",
		           guarded->after.earlier_fence.until);
	else if (guarded->followed.ended)
		report_say("%s: CMD ran %s%s and was killed: %s: %s; %s", spec, ran, held,
		           verdict_name(guarded->followed.verdict.verdict), guarded->followed.verdict.text, became);
	else if (guarded->followed.refused)
		report_say("%s: CMD ran %s, though process %d of it could not be stopped (EPERM), and ended with %d; %s", spec,
		           ran, (int)guarded->followed.refused, guarded->command_code, became);
	else
		report_say("%s: CMD ran %s%s, from %s after the last look, and ended with %d; %s", spec, ran, held, window,
		           guarded->command_code, became);
}

static void guard_say(const struct guarded *guarded)
{
	char spec[IMAGE_SPEC], waited[TEXT_BUF];

	image_spec_text(&guarded->before.spec, spec);
	text_span(guarded->waited_ns, waited);
	switch (guarded->outcome) {
	case OUTCOME_RAN:
		say_ran(guarded, spec);
		break;
	case OUTCOME_MISTAKE:
		report_say("%s: CMD did not run: %s", spec, guarded->before.fault.text);
		break;
	case OUTCOME_INTERRUPTED:
		report_say("%s: CMD did not run: %s came after %s", spec, strsignal(guarded->signal), waited);
		break;
	case OUTCOME_NOT_STARTED:
		report_say("%s: CMD did not run", spec);
		break;
	case OUTCOME_GAVE_UP:
		report_say("%s: CMD did not run: given up after %s: %s: %s", spec, waited, verdict_name(guarded->verdict.verdict),
		           guarded->verdict.text);
		if (guarded->verdict.verdict == VERDICT_WOULD_FENCE)
			report_say("if the owner is dead, `fenceline unlock %s` tells how to make sure and how to break its lock",
			           spec);
		break;
	}
}

static json_t *guarded_json(const struct guarded *guarded)
{
	static const char *const outcomes[] = { "ran", "gave-up", "mistake", "interrupted", "not-started" };
	bool ran = guarded->outcome == OUTCOME_RAN;

	return json_pack("{ss sb so si so so si so sI so so so sb so sI sb so}", "outcome", outcomes[guarded->outcome], "ran",
	                 ran, "image",
	                 json_pack("{so so so}", "pool", json_name(guarded->before.spec.pool), "namespace",
	                           json_name(guarded->before.spec.nspace), "name", json_name(guarded->before.spec.name)),
	                 "exit_code", guarded->exit_code, "command_exit", ran ? json_integer(guarded->command_code) : json_null(),
	                 "command_ns", ran ? json_integer(guarded->command_ns) : json_null(), "looks", (int)guarded->looks,
	                 "window_ns", ran ? json_integer(guarded->window_ns) : json_null(), "waited_ns",
	                 (json_int_t)guarded->waited_ns, "before", report_json(&guarded->before, &guarded->verdict), "after",
	                 ran ? report_json(&guarded->after, &guarded->verdict_after) : json_null(), "owner_after",
	                 after_names[guarded->owner_after] ? json_string(after_names[guarded->owner_after]) : json_null(),
	                 "fenced", guarded->owner_after == AFTER_FENCED, "why",
	                 guarded->before.fault.kind != FAULT_NONE ? json_name(guarded->before.fault.text) : json_null(),
	                 "held_ns", (json_int_t)guarded->followed.held_ns, "killed", guarded->followed.ended, "cannot_signal",
	                 guarded->followed.refused ? json_integer(guarded->followed.refused) : json_null());
}

static int guard_all(struct asker *asker, const struct options *options, json_t *list)
{
	struct guarded *guarded = calloc(1, sizeof *guarded);
	int code = 0;

	for (size_t i = 0; guarded && i < options->count; i++) {
		guard_image(asker, &options->images[i], &options->guarded, guarded);
		guarded->before.spec = options->images[i];
		guard_say(guarded);
		if (list)
			json_array_append_new(list, guarded_json(guarded));
		if (guarded->exit_code && (!code || guarded->owner_after == AFTER_FENCED))
			code = guarded->exit_code;
		if (guarded->outcome == OUTCOME_INTERRUPTED) {
			code = guarded->exit_code;
			break;
		}
	}
	free(guarded);
	return code;
}

int cmd_guard(int argc, char **argv)
{
	struct options options = { .guarded = { .wait_ns = INT64_C(600000000000), .every_ns = INT64_C(2000000000), .out = -1 } };
	struct asker *asker;
	json_t *list = NULL;
	int code;

	preflight_options_init(&options.common);
	if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &options))
		return EXIT_USAGE;
	if (!options.guarded.never_hold && hold_is_outranked_by(options.guarded.command[0]))
		errx(EXIT_FAILED,
		     "%s runs as another user, so it could not be stopped when the owner falls silent: run guard itself that way "
		     "(sudo fenceline guard ... -- rbd ...), or give --no-hold",
		     options.guarded.command[0]);
	options.common.asker.probe = true;
	if (options.common.format == FORMAT_JSON) {
		list = json_array();
		options.guarded.out = STDERR_FILENO;
	}
	supervise_hold_signals();
	bounded_interrupt_by(guard_interrupted);
	asker = asker_new(&options.common.asker);
	if (!asker)
		errx(EXIT_FAILED, "out of memory");
	code = guard_all(asker, &options, list);
	if (list && json_print(json_pack("{ss si so}", "schema", "fenceline/guard/1", "exit_code", code, "images", list), stdout))
		code = EXIT_FAILED;
	free(options.images);
	return asker_end(asker, code);
}
