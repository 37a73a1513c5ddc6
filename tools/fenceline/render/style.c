/* SPDX-License-Identifier: MIT */
#include "render/style.h"
#include "render/html.h"
#include "render/json_incidents.h"
#include "render/json_timeline.h"
#include "render/perfetto.h"
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

static const struct renderer text = { "text", false, text_timeline, text_incidents };
static const struct renderer json = { "json", true, json_timeline, json_incidents };
static const struct renderer ndjson = { "ndjson", true, ndjson_timeline, NULL };
static const struct renderer html = { "html", false, html_timeline, NULL };
static const struct renderer perfetto = { "perfetto", true, perfetto_timeline, NULL };
const struct renderer *const renderers[] = { &text, &json, &ndjson, &html, &perfetto, NULL };

const struct renderer *renderer_find(const char *format)
{
	for (size_t i = 0; renderers[i]; i++)
		if (!strcmp(renderers[i]->format, format))
			return renderers[i];
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
