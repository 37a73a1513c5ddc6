/* SPDX-License-Identifier: MIT */
#include "render/style.h"
#include "render/formats.h"
#include "render/json_incidents.h"
#include "render/text.h"
#include "render/text_timeline.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Text that goes to a file or a mail. */
#define WIDTH_DEFAULT 110
#define WIDTH_MIN     60
#define WIDTH_MAX     160

#define RENDERER(name, io, incidents, about) { #name, io, name##_timeline, incidents },
const struct renderer renderers[] = { FORMATS(RENDERER){ 0 } };
#undef RENDERER

const struct renderer *renderer_find(const char *format)
{
	for (size_t i = 0; renderers[i].format; i++)
		if (!strcmp(renderers[i].format, format))
			return &renderers[i];
	return NULL;
}

/* A locale that says nothing, as in a container, does not say ASCII either. */
static bool locale_is_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return true;
}

static int width_of(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = WIDTH_DEFAULT;

	if (columns && atoi(columns) > 0)
		width = atoi(columns);
	else if (isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col)
		width = size.ws_col;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

struct render_style render_style_of(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct render_style style = { .utf8 = locale_is_utf8(), .width = width_of(out) };

	style.colour = isatty(fileno(out)) && !(no_colour && *no_colour) && term && strcmp(term, "dumb");
	return style;
}
