/* SPDX-License-Identifier: MIT */
/* `fenceline preflight`: would taking the lock now fence a VM? */
#include "guard/image.h"
#include "guard/report_json.h"
#include "guard/report_text.h"
#include "run/commands.h"
#include "guard/preflight_options.h"
#include "render/json.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct argp_child children[] = { { &preflight_argp, 0, NULL, 0 }, { 0 } };
static const struct argp parser = {
	NULL,
	NULL, /* the input is the child's */
	"POOL[/NAMESPACE]/IMAGE...",
	"Would taking the image's exclusive lock now, as a snapshot does, fence a VM? Looks, and changes nothing: no watch is "
	"registered, no lock requested, taken or broken."
	"\v`safe`: nobody would be fenced. `wait`: the owner has its watch, but does not answer, is stopped, or its pings get "
	"lost. "
	"`would-fence`: the owner has no watch, so librbd would fence it, alive or not. `owner-dead`: it is fenced already, or "
	"proven "
	"gone. `cannot-tell`: the cluster did not say. Without --probe, `safe` means only that the owner has its watch. An OSD "
	"lists the watch of an owner that hangs until its timeout is over (30 s).\n\n"
	"The answer holds for the moment of the look. `fenceline guard` looks within 50 ms of a command's start.\n\n"
	"Exit codes: 0 safe, 4 wait, 5 would-fence, 6 owner-dead, 7 cannot-tell, 1 failed (no such image), 2 usage. Of several "
	"images the worst counts, in this order: 1, 5, 7, 4, 6, 0.\n\n"
	"The user needs mon 'profile rbd-read-only' and osd 'profile rbd-read-only'; with mgr 'allow r' the placement group's state is shown, too.\n\n"
	"Examples:\n"
	"  fenceline preflight --probe volumes/vm1\n"
	"  fenceline preflight --id cinder --format json volumes/vm1 volumes/vm2",
	children,
	NULL,
	NULL,
};

/* One that does not exist is a mistake of the caller's: one line, and no verdict. */
static bool is_mistake(const struct look *look)
{
	return look->fault.kind == FAULT_INPUT || look->fault.kind == FAULT_SETUP;
}

struct result {
	enum verdict worst;
	bool failed;
	json_t *images; /* owned */
};

static void preflight_one(struct asker *asker, const struct image_spec *spec, enum preflight_format format, struct result *result)
{
	struct asked *asked = asker_image(asker, spec);
	struct judgement judgement;
	struct look look;

	if (!asked)
		errx(EXIT_FAILED, "out of memory");
	asker_look(asker, asked, &look);
	judge(&look, &judgement);
	if (is_mistake(&look)) {
		report_say("%s", look.fault.text);
		result->failed = true;
		return;
	}
	asker_look_at_service(asker, asked, &look);
	result->worst = verdict_worse(result->worst, judgement.verdict);
	if (format == FORMAT_JSON)
		json_array_append_new(result->images, report_json(&look, &judgement));
	else
		report_text(&look, &judgement, stdout);
}

static int print_json(struct result *result)
{
	if (!json_array_size(result->images))
		return 0;
	return json_print(json_pack("{ss ss sO}", "schema", "fenceline/preflight/1", "verdict", verdict_name(result->worst),
	                            "images", result->images),
	                  stdout);
}

int cmd_preflight(int argc, char **argv)
{
	struct preflight_options options;
	struct asker *asker;
	struct result result = { VERDICT_SAFE, false, NULL };
	int code;

	preflight_options_init(&options);
	options.command = "preflight";
	if (argp_parse(&parser, argc, argv, 0, NULL, &options))
		return EXIT_USAGE;
	asker = asker_new(&options.asker);
	if (!asker)
		errx(EXIT_FAILED, "out of memory");
	result.images = json_array();
	for (size_t i = 0; i < options.count; i++)
		preflight_one(asker, &options.images[i], options.format, &result);
	code = result.failed ? EXIT_FAILED : verdict_exit_code(result.worst);
	if (options.format == FORMAT_JSON && print_json(&result))
		code = EXIT_FAILED;
	json_decref(result.images);
	free(options.images);
	return asker_end(asker, code);
}
