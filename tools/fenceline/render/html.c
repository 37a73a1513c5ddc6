/* SPDX-License-Identifier: MIT */
/* `--format html`: page/ with both JSON documents in it. One file, which asks the network for nothing. */
#include "render/formats.h"
#include "render/json.h"
#include "render/json_incidents.h"
#include "render/json_timeline.h"
#include "render/text.h"
#include "render/text_timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The files of page/ are put into the program as they are; FENCELINE_PAGE is that folder's path while compiling. */
#define PAGE_FILE(name, file) \
	__asm__(".section .rodata\n" \
	        "page_" #name "_begin: .incbin \"" FENCELINE_PAGE "/" file "\"\n" \
	        "page_" #name "_end: .byte 0\n" \
	        ".previous\n"); \
	extern const char page_##name##_begin[] __attribute__((visibility("hidden"))); \
	extern const char page_##name##_end[] __attribute__((visibility("hidden")));
PAGE_FILE(html, "page.html")
PAGE_FILE(css, "page.css")
PAGE_FILE(lanes, "lanes.js")
PAGE_FILE(chart, "chart.js")
PAGE_FILE(page, "page.js")

/* Columns of the verdict's words: a paragraph is one line, which the browser breaks where its panel ends. */
#define WORDS_WIDTH 100000

/* The verdicts as `incidents` prints them: what to do stands only there. */
static int print_words(const struct report *report, FILE *out)
{
	static const struct render_style style = { .utf8 = true, .width = WORDS_WIDTH };
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	int error = stream ? text_incidents(report, &style, stream) : -ENOMEM;

	if (stream && fclose(stream) && !error)
		error = -ENOMEM;
	if (!error)
		error = json_print(json_name(text), out);
	free(text);
	return error;
}

/* What processes are called: the documents' "vm" says it of VMs only. */
static int print_processes(const struct report *report, FILE *out)
{
	json_t *all = json_array();

	for (const struct process *each = report->model->processes; each; each = each->next)
		if (each->pid && json_array_append_new(all, json_process(each, json_object()))) {
			json_decref(all);
			return -ENOMEM;
		}
	return json_print(all, out);
}

/* What a title says of each cause. */
static int print_causes(FILE *out)
{
	json_t *all = json_object();

	for (enum cause cause = 0; cause < CAUSE_COUNT; cause++)
		if (json_object_set_new(all, cause_name(cause), json_string(cause_title(cause)))) {
			json_decref(all);
			return -ENOMEM;
		}
	return json_print(all, out);
}

static int print_data(const struct report *report, const struct render_style *style, FILE *out)
{
	FILE *stream = json_in_page(out);
	int error;

	if (!stream)
		return -ENOMEM;
	fputs("{\"timeline\":", stream);
	error = json_timeline(report, style, stream);
	fputs(",\"incidents\":", stream);
	if (!error)
		error = json_incidents(report, style, stream);
	fputs(",\"words\":", stream);
	if (!error)
		error = print_words(report, stream);
	fputs(",\"processes\":", stream);
	if (!error)
		error = print_processes(report, stream);
	fputs(",\"causes\":", stream);
	if (!error)
		error = print_causes(stream);
	fputs("}", stream);
	if (fclose(stream) && !error)
		error = -EIO;
	return error;
}

/* The page up to the mark; returns where it goes on after it. */
static const char *print_until(const char *page, const char *mark, FILE *out)
{
	const char *at = memmem(page, (size_t)(page_html_end - page), mark, strlen(mark));

	fwrite(page, 1, (size_t)(at - page), out);
	return at + strlen(mark);
}

int html_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	const char *page = print_until(page_html_begin, "@STYLE@", out);
	int error;

	fwrite(page_css_begin, 1, (size_t)(page_css_end - page_css_begin), out);
	page = print_until(page, "@DATA@", out);
	error = print_data(report, style, out);
	page = print_until(page, "@SCRIPT@", out);
	fwrite(page_lanes_begin, 1, (size_t)(page_lanes_end - page_lanes_begin), out);
	fwrite(page_chart_begin, 1, (size_t)(page_chart_end - page_chart_begin), out);
	fwrite(page_page_begin, 1, (size_t)(page_page_end - page_page_begin), out);
	fwrite(page, 1, (size_t)(page_html_end - page), out);
	return error ? error : ferror(out) ? -EIO : 0;
}
