/* SPDX-License-Identifier: MIT */
/* `--format html`: page.html with the JSON report in it. One file, which asks the network for nothing. */
#include "snaps/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* page.html, put into the program as it is; FENCELINE_SNAPS_PAGE is its path while compiling */
__asm__(".section .rodata\n"
        "snaps_page_begin: .incbin \"" FENCELINE_SNAPS_PAGE "\"\n"
        "snaps_page_end: .byte 0\n"
        ".previous\n");
extern const char snaps_page_begin[] __attribute__((visibility("hidden")));
extern const char snaps_page_end[] __attribute__((visibility("hidden")));

/* In a script element "</script" and "<!--" would end or change it; '<' stands only inside JSON strings. */
static void print_json(const char *json, size_t length, FILE *out)
{
	const char *end = json + length, *less;

	for (; (less = memchr(json, '<', (size_t)(end - json))); json = less + 1) {
		fwrite(json, 1, (size_t)(less - json), out);
		fputs("\\u003c", out);
	}
	fwrite(json, 1, (size_t)(end - json), out);
}

static int print_html(const struct snaps_report *report, const struct render_style *style, FILE *out)
{
	static const char mark[] = "@DATA@";
	size_t page_length = (size_t)(snaps_page_end - snaps_page_begin), length;
	const char *data = memmem(snaps_page_begin, page_length, mark, sizeof mark - 1);
	char *json = NULL;
	FILE *memory = open_memstream(&json, &length);
	int ret;

	if (!memory)
		return -ENOMEM;
	ret = snaps_json.print(report, style, memory);
	if (fclose(memory) && !ret)
		ret = -ENOMEM;
	if (!ret) {
		fwrite(snaps_page_begin, 1, (size_t)(data - snaps_page_begin), out);
		print_json(json, length, out);
		data += sizeof mark - 1;
		fwrite(data, 1, (size_t)(snaps_page_end - data), out);
		ret = ferror(out) ? -EIO : 0;
	}
	free(json);
	return ret;
}

const struct snaps_renderer snaps_html = { "html", print_html };
