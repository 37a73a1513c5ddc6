/* SPDX-License-Identifier: MIT */
#include "render/text.h"
#include "render/escape.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *ink(const struct text *text, enum ink ink)
{
	static const char *const sequences[] = { "",         "\033[1m",  "\033[2m",    "\033[32m",
		                                 "\033[33m", "\033[31m", "\033[1;31m", "\033[36m" };

	return text->style->colour ? sequences[ink] : "";
}

const char *ink_off(const struct text *text)
{
	return text->style->colour ? "\033[0m" : "";
}

enum ink ink_of(enum severity severity)
{
	static const enum ink inks[] = { INK_DIM, INK_PLAIN, INK_CYAN, INK_YELLOW, INK_RED, INK_ALARM };

	return inks[severity];
}

const char *mark_of(const struct text *text, enum severity severity)
{
	static const char *const utf8[] = { " ", "\u00b7", "\u2022", "\u25b2", "\u2717", "\u2716" };
	static const char *const ascii[] = { " ", ".", "o", "!", "x", "X" };

	return (text->style->utf8 ? utf8 : ascii)[severity];
}

/* Does the command between backquotes that begins here fit on one line, with what sticks to its end? */
static bool command_fits(const char *at, size_t room)
{
	const char *close = strchr(at + 1, '`');

	return close && text_columns(at, (size_t)(close - at) + strcspn(close, " ")) <= room;
}

/* How many bytes of `words` fit into `room` columns, broken at a space if there is one. A command stays whole: it is copied. */
static size_t fitting(const char *words, size_t room)
{
	size_t length = strlen(words), best = 0;
	bool inside = false, whole = false;

	if (text_columns(words, length) <= room)
		return length;
	for (size_t i = 0; i < length && text_columns(words, i) <= room; i++) {
		if (words[i] == '`') {
			inside = !inside;
			whole = inside && command_fits(words + i, room);
		}
		if (words[i] == ' ' && i && !whole)
			best = i;
	}
	if (!best) /* one long word: it stays whole, so that it can be copied */
		best = strcspn(words + 1, " ") + 1;
	return best;
}

void text_wrap(const struct text *text, int indent, enum ink colour, const char *words)
{
	char *escaped = escape_terminal(words, text->style->utf8);
	const char *rest = escaped ? escaped : "(out of memory)";
	size_t room = text->style->width > indent + 20 ? (size_t)(text->style->width - indent) : 20;

	for (bool first = true; first || *rest; first = false) {
		size_t bytes = fitting(rest, room);
		fprintf(text->out, "%*s%s%.*s%s\n", first ? 0 : indent, "", ink(text, colour), (int)bytes, rest,
		        colour == INK_PLAIN ? "" : ink_off(text));
		rest += bytes;
		rest += strspn(rest, " ");
	}
	free(escaped);
}

void text_wrapf(const struct text *text, int indent, enum ink colour, const char *format, ...)
{
	char *words;
	va_list args;

	va_start(args, format);
	if (vasprintf(&words, format, args) < 0)
		words = NULL;
	va_end(args);
	text_wrap(text, indent, colour, words ? words : "(out of memory)");
	free(words);
}

static const char *in_utc(int64_t ns, const char *format, char buf[TEXT_BUF])
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;

	strftime(buf, TEXT_BUF, format, gmtime_r(&seconds, &tm));
	return buf;
}

const char *text_date(int64_t ns, char buf[TEXT_BUF])
{
	return in_utc(ns, "%Y-%m-%d", buf);
}

const char *text_moment(int64_t ns, char buf[TEXT_BUF])
{
	return in_utc(ns, "%Y-%m-%d %H:%M:%S", buf);
}

const char *text_clock(int64_t ns, char buf[TEXT_BUF])
{
	size_t length = strlen(in_utc(ns, "%H:%M:%S", buf));

	snprintf(buf + length, TEXT_BUF - length, ".%03d", (int)(ns % NS_PER_S / NS_PER_MS));
	return buf;
}

const char *text_relative(int64_t ns, char buf[TEXT_BUF])
{
	int64_t ms = llabs(ns) / NS_PER_MS;
	char sign = ns < 0 ? '-' : '+';

	if (ms < 600000)
		snprintf(buf, TEXT_BUF, "%c%" PRId64 ".%03" PRId64 "s", sign, ms / 1000, ms % 1000);
	else if (ms < 100 * 3600000LL)
		snprintf(buf, TEXT_BUF, "%c%" PRId64 "h%02" PRId64 "m%02" PRId64 "s", sign, ms / 3600000, ms / 60000 % 60,
		         ms / 1000 % 60);
	else
		snprintf(buf, TEXT_BUF, "%c%" PRId64 "d%02" PRId64 "h", sign, ms / 86400000, ms / 3600000 % 24);
	return buf;
}

const char *text_span(int64_t ns, char buf[TEXT_BUF])
{
	if (ns < 10 * NS_PER_MS)
		snprintf(buf, TEXT_BUF, "%.1f ms", (double)ns / NS_PER_MS);
	else if (ns < NS_PER_S)
		snprintf(buf, TEXT_BUF, "%.0f ms", (double)ns / NS_PER_MS);
	else if (ns < 600 * NS_PER_S)
		snprintf(buf, TEXT_BUF, "%.1f s", (double)ns / NS_PER_S);
	else if (ns % (3600 * NS_PER_S) == 0)
		snprintf(buf, TEXT_BUF, "%" PRId64 " h", ns / (3600 * NS_PER_S));
	else
		snprintf(buf, TEXT_BUF, "%.0f min", (double)ns / (60 * NS_PER_S));
	return buf;
}

const char *text_bytes(uint64_t bytes, char buf[TEXT_BUF])
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, TEXT_BUF, value < 10 && unit && value != (double)(int)value ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return buf;
}

const char *text_process(const struct process *process, char buf[TEXT_NAME])
{
	if (!process)
		snprintf(buf, TEXT_NAME, "an unknown process");
	else
		snprintf(buf, TEXT_NAME, "%s (pid %" PRIu32 "%s%s)", *process->name ? process->name : "a process", process->pid,
		         *process->host ? " on " : "", process->host);
	return buf;
}

const char *text_who(const struct client *client, const char *address, char buf[TEXT_NAME])
{
	if (client && client->process && client->process->vm_name)
		snprintf(buf, TEXT_NAME, "%s", client->process->vm_name);
	else if (client && client->process)
		text_process(client->process, buf);
	else if (client && !address && *client->address_text)
		snprintf(buf, TEXT_NAME, "client %s", client->address_text);
	else
		snprintf(buf, TEXT_NAME, "client %s", address ? address : "(address not known)");
	return buf;
}

const char *text_image(const struct image *image, char buf[TEXT_NAME])
{
	snprintf(buf, TEXT_NAME, "%s%s%s%s%s", image->pool, *image->pool ? "/" : "", image->nspace, *image->nspace ? "/" : "",
	         *image->name ? image->name : image->id);
	return buf;
}

struct text text_of(const struct report *report, const struct render_style *style, FILE *out)
{
	const char *first = report->source_count ? report->sources[0]->path : "";
	const char *slash = strrchr(first, '/');
	size_t length = slash ? (size_t)(slash - first) + 1 : 0;

	for (size_t i = 1; i < report->source_count; i++)
		while (length && strncmp(report->sources[i]->path, first, length))
			for (length--; length && first[length - 1] != '/'; length--)
				;
	return (struct text){ out, style, first, length > 1 ? length : 0 }; /* "/" is no folder worth a line */
}

const char *text_source(const struct text *text, const char *path)
{
	bool inside = text->folder_length && !strncmp(path, text->folder, text->folder_length);

	return inside ? path + text->folder_length : path;
}
