/* SPDX-License-Identifier: MIT */
/* The options that preflight, guard and unlock share. */
#ifndef FENCELINE_GUARD_PREFLIGHT_OPTIONS_H
#define FENCELINE_GUARD_PREFLIGHT_OPTIONS_H

#include "guard/asker.h"
#include "guard/image.h"

#include <argp.h>

enum preflight_format { FORMAT_TEXT, FORMAT_JSON };
struct preflight_options {
	struct asker_options asker;
	enum preflight_format format;
	/* Where the arguments are images and nothing else: */
	const char *command;       /* its name, for the example in a complaint; NULL: the arguments are the caller's */
	size_t images_max;         /* 0: any number */
	struct image_spec *images; /* owned by the caller */
	size_t count;
};

/* An argp child; its input is a struct preflight_options, which preflight_options_init filled in. A wrong option ends the process
 * with usage. */
extern const struct argp preflight_argp;
void preflight_options_init(struct preflight_options *options);

/* "500ms", "5s", "2m", "1h", "5" (seconds) into ns. False if it is none of these, or negative. */
bool duration_parse(const char *text, int64_t *ns);
/* The same for an option's value; ends the process with usage if it is none, or more than a year. */
int64_t duration_option(struct argp_state *state, const char *option, const char *text);

/* Parses the images, as many as there are texts; ends the process with usage if one is wrong. The array is the caller's. NULL:
 * out of memory. */
struct image_spec *image_arguments(struct argp_state *state, char **texts, size_t count);

#endif
