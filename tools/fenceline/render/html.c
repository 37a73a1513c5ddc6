/* SPDX-License-Identifier: MIT */
/* `--format html`: page.html with both JSON documents in it. One file, which asks the network for nothing. */
#include "render/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* page.html, put into the program as it is; FENCELINE_TIMELINE_PAGE is its path while compiling */
__asm__(".section .rodata\n"
        "timeline_page_begin: .incbin \"" FENCELINE_TIMELINE_PAGE "\"\n"
        "timeline_page_end: .byte 0\n"
        ".previous\n");
extern const char timeline_page_begin[] __attribute__((visibility("hidden")));
extern const char timeline_page_end[] __attribute__((visibility("hidden")));

struct escaping { /* a stream whose '<' become \u003c: "</script" and "<!--" would end or change the script element */
	FILE *out;
};

static ssize_t write_escaped(void *cookie, const char *text, size_t length)
{
	const struct escaping *escaping = cookie;
	const char *end = text + length, *less;

	for (; (less = memchr(text, '<', (size_t)(end - text))); text = less + 1) {
		fwrite(text, 1, (size_t)(less - text), escaping->out);
		fputs("\\u003c", escaping->out); /* '<' stands only inside JSON strings */
	}
	fwrite(text, 1, (size_t)(end - text), escaping->out);
	return ferror(escaping->out) ? -1 : (ssize_t)length;
}

static int print_data(const struct report *report, const struct render_style *style, FILE *out)
{
	struct escaping escaping = { out };
	FILE *stream = fopencookie(&escaping, "w", (cookie_io_functions_t){ .write = write_escaped });
	int error;

	if (!stream)
		return -ENOMEM;
	fputs("{\"timeline\":", stream);
	error = json_timeline(report, style, stream);
	fputs(",\"incidents\":", stream);
	if (!error)
		error = json_incidents(report, style, stream);
	fputs("}", stream);
	if (fclose(stream) && !error)
		error = -EIO;
	return error;
}

int html_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	static const char mark[] = "@DATA@";
	const char *data = memmem(timeline_page_begin, (size_t)(timeline_page_end - timeline_page_begin), mark, sizeof mark - 1);
	int error;

	fwrite(timeline_page_begin, 1, (size_t)(data - timeline_page_begin), out);
	error = print_data(report, style, out);
	data += sizeof mark - 1;
	fwrite(data, 1, (size_t)(timeline_page_end - data), out);
	return error ? error : ferror(out) ? -EIO : 0;
}
