/* SPDX-License-Identifier: MIT */
#include "guard/progress.h"
#include "guard/image.h"
#include "guard/report_text.h"
#include "render/escape.h"
#include "render/style.h"
#include "render/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void tell_on_line(const struct look *look, const struct judgement *judgement, int64_t left_ns)
{
	struct render_style style = render_style_of(stderr);
	char spec[IMAGE_SPEC], left[TEXT_BUF], *words = NULL, *escaped;

	if (asprintf(&words, "waiting, %s left: %s: %s: %s", text_span(left_ns, left), image_spec_text(&look->spec, spec),
	             verdict_name(judgement->verdict), judgement->text) < 0)
		return;
	escaped = escape_terminal(words, style.utf8);
	free(words);
	if (escaped)
		fprintf(stderr, "\r%.*s\033[K", style.width - 1, escaped);
	free(escaped);
	fflush(stderr);
}

void progress_tell(struct progress *progress, const struct look *look, const struct judgement *judgement, int64_t left_ns)
{
	if (isatty(STDERR_FILENO)) {
		progress->on_line = true;
		tell_on_line(look, judgement, left_ns);
	} else if (!progress->rule || strcmp(progress->rule, judgement->rule)) {
		fputs("fenceline guard: waiting: ", stderr);
		report_line(look, judgement, stderr);
	}
	progress->rule = judgement->rule;
}

void progress_end(struct progress *progress)
{
	if (progress->on_line)
		fputs("\r\033[K", stderr);
	progress->on_line = false;
}
