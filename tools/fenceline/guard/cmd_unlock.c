/* SPDX-License-Identifier: MIT */
/* `fenceline unlock`: a VM does not start, since the lock of its image is still that of an earlier client. Is that one dead? */
#include "guard/image.h"
#include "guard/report_json.h"
#include "guard/report_text.h"
#include "run/commands.h"
#include "guard/preflight_options.h"
#include "guard/unlock_commands.h"
#include "render/json.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct options {
	struct preflight_options common;
	bool yes;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'y':
		options->yes = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option option_table[] = {
	{ "yes", 'y', NULL, 0, "Break the lock, if its owner is fenced or proven gone", 0 },
	{ 0 },
};
static const struct argp_child children[] = { { &preflight_argp, 0, NULL, 0 }, { 0 } };
static const struct argp parser = {
	option_table,
	parse_option,
	"POOL[/NAMESPACE]/IMAGE",
	"A VM does not start, since an earlier client holds the lock of its image: is that one alive, fenced or dead? Says so, "
	"with the "
	"evidence, and prints the commands. Without --yes nothing is changed."
	"\vA new start breaks the lock of a dead client by itself, if its user may blocklist (mon 'profile rbd'). Where it may "
	"not, "
	"every VM stays down after a power cut.\n\n"
	"With --yes the lock is broken as librbd breaks it: the owner's address is put on the blocklist first (again, if it is "
	"there "
	"already: an hour from now), so nothing of it can write later. This is done only if the owner is on the blocklist or "
	"proven gone, and it is looked at once more right before. The user needs mon 'profile rbd' and osd 'profile rbd'.\n\n"
	"Exit codes: 0 nobody holds the lock (any more), 6 the owner is fenced or gone: --yes breaks its lock, 5 not proven, 4 "
	"the owner "
	"is alive or has its watch, 7 cannot tell, 1 failed, 2 usage.\n\n"
	"Examples:\n"
	"  fenceline unlock volumes/vm1\n"
	"  fenceline unlock --id nova --yes volumes/vm1",
	children,
	NULL,
	NULL,
};

/* The verdict in the words of this command. */
static const struct state {
	const char *name, *text;
	int exit_code;
} states[] = {
#define STATE_NONE 0
	{ "unlocked", "nobody holds the lock: nothing is to be done", 0 },
#define STATE_DEAD 1
	{ "dead", "the lock's owner is dead: its lock may be broken", 6 },
#define STATE_FENCED 2
	{ "fenced", "the lock's owner is fenced: it can write no more, and its lock may be broken", 6 },
#define STATE_NOT_PROVEN 3
	{ "not-proven", "the lock's owner has no watch, but nothing proves that it is dead: whoever breaks the lock fences it",
	  5 },
#define STATE_ALIVE 4
	{ "alive", "the lock's owner is alive: the lock is its own", 4 },
#define STATE_MUTE 5
	{ "mute",
	  "the lock's owner has its watch still and does not answer: within the watch's timeout it answers again, or loses it",
	  4 },
#define STATE_FOREIGN 6
	{ "foreign", "the lock is not librbd's own: somebody took it by `rbd lock add`, and has to give it back", 4 },
#define STATE_CANNOT_TELL 7
	{ "cannot-tell", "it cannot be told who holds the lock", 7 },
};

static const struct state *state_of(const struct look *look, const struct judgement *judgement)
{
	if (look->lock_state == LOCK_FREE || look->lock_state == LOCK_UNSUPPORTED)
		return &states[STATE_NONE];
	if (look->lock_state == LOCK_FOREIGN)
		return &states[STATE_FOREIGN];
	switch (judgement->verdict) {
	case VERDICT_OWNER_DEAD:
		return &states[look->fenced == FENCED_YES ? STATE_FENCED : STATE_DEAD];
	case VERDICT_WOULD_FENCE:
		return &states[STATE_NOT_PROVEN];
	case VERDICT_WAIT:
		return &states[STATE_MUTE];
	case VERDICT_SAFE:
		return &states[STATE_ALIVE];
	case VERDICT_CANNOT_TELL:
		break;
	}
	return &states[STATE_CANNOT_TELL];
}

static bool may_be_broken(const struct state *state)
{
	return state == &states[STATE_DEAD] || state == &states[STATE_FENCED];
}

static enum unlock_way way_of(const struct state *state)
{
	return may_be_broken(state) ? UNLOCK_BREAK : state == &states[STATE_FOREIGN] ? UNLOCK_GIVE_BACK : UNLOCK_PROVE;
}

/* Are there commands to print in this state? There are none while the owner lives: nothing may be broken. */
static bool has_commands(const struct state *state)
{
	return may_be_broken(state) || state == &states[STATE_NOT_PROVEN] || state == &states[STATE_FOREIGN];
}

struct unlocking {
	struct asker *asker;
	struct asked *asked;
	struct look look;
	struct judgement judgement;
	const struct state *state;
	bool broken;
};

static void look_and_judge(struct unlocking *unlocking, bool again)
{
	struct look before = unlocking->look;

	if (again)
		asker_look_again(unlocking->asker, unlocking->asked, &before, &unlocking->look);
	else
		asker_look(unlocking->asker, unlocking->asked, &unlocking->look);
	judge(&unlocking->look, &unlocking->judgement);
	unlocking->state = state_of(&unlocking->look, &unlocking->judgement);
}

/* Breaks it if a look just before still allows it. Returns an exit code. */
static int break_it(struct unlocking *unlocking)
{
	struct locker owner = unlocking->look.owner;
	struct fault fault = { 0 };

	look_and_judge(unlocking, true);
	if (!may_be_broken(unlocking->state) || strcmp(owner.client, unlocking->look.owner.client) ||
	    strcmp(owner.cookie, unlocking->look.owner.cookie)) {
		report_say("not broken: what was seen a moment ago is so no more");
		return unlocking->state->exit_code;
	}
	if (asker_break_lock(unlocking->asker, unlocking->asked, &owner, &fault)) {
		report_say("not broken: %s", fault.text);
		return EXIT_FAILED;
	}
	look_and_judge(unlocking, true);
	if (unlocking->look.lock_state == LOCK_OWNED && !strcmp(owner.cookie, unlocking->look.owner.cookie)) {
		report_say("the lock was broken, and %s holds it still", owner.client);
		return EXIT_FAILED;
	}
	unlocking->broken = true;
	report_say("broken: the lock of %s at %s, which is fenced for the time that the cluster is set to (an hour by default)",
	           owner.client, owner.address);
	return EXIT_DONE;
}

static void print_text(const struct unlocking *unlocking)
{
	json_t *commands;

	report_text(&unlocking->look, &unlocking->judgement, stdout);
	printf("\n%s\n", unlocking->state->text);
	if (!has_commands(unlocking->state))
		return;
	commands = unlock_commands(&unlocking->look, way_of(unlocking->state));
	unlock_print(commands, stdout);
	json_decref(commands);
}

static int print_json(const struct unlocking *unlocking, json_t *seen, json_t *commands)
{
	return json_print(json_pack("{ss ss sb so so}", "schema", "fenceline/unlock/1", "state", unlocking->state->name, "broken",
	                            unlocking->broken, "commands", commands, "image", seen),
	                  stdout);
}

static int unlock(struct unlocking *unlocking, const struct options *options)
{
	bool json = options->common.format == FORMAT_JSON;
	json_t *seen, *commands;
	int code;

	look_and_judge(unlocking, false);
	if (unlocking->look.fault.kind == FAULT_INPUT || unlocking->look.fault.kind == FAULT_SETUP) {
		report_say("%s", unlocking->look.fault.text);
		return EXIT_FAILED;
	}
	code = unlocking->state->exit_code;
	seen = report_json(&unlocking->look, &unlocking->judgement);
	commands = has_commands(unlocking->state) ? unlock_commands(&unlocking->look, way_of(unlocking->state)) : json_array();
	if (!json)
		print_text(unlocking);
	if (options->yes && may_be_broken(unlocking->state))
		code = break_it(unlocking);
	else if (options->yes && code)
		report_say("not broken: only the lock of an owner that is fenced or proven gone is");
	if (!json) {
		json_decref(seen);
		json_decref(commands);
	} else if (print_json(unlocking, seen, commands)) {
		code = EXIT_FAILED;
	}
	return code;
}

int cmd_unlock(int argc, char **argv)
{
	struct options options = { 0 };
	struct unlocking *unlocking = calloc(1, sizeof *unlocking);
	struct asker *asker;
	int code;

	preflight_options_init(&options.common);
	options.common.command = "unlock";
	options.common.images_max = 1;
	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	options.common.asker.probe = true;
	asker = asker_new(&options.common.asker);
	if (!asker || !unlocking)
		errx(EXIT_FAILED, "out of memory");
	unlocking->asker = asker;
	unlocking->asked = asker_image(asker, options.common.images);
	if (!unlocking->asked)
		errx(EXIT_FAILED, "out of memory");
	code = unlock(unlocking, &options);
	free(options.common.images);
	free(unlocking);
	return asker_end(asker, code);
}
