/* SPDX-License-Identifier: MIT */
#include "ingest/log_forms.h"
#include "ingest/tz.h"

#include <string.h>

/*
 * One row per form; the first that matches counts, so a form stands before those that would also take its lines.
 *
 *   %T stamp   %w word   %a address   %n decimal number, may be negative   %x hexadecimal thread id   %c channel   %p priority
 *   %m the text: the rest of the line   a space: one or more spaces   anything else: itself
 */
static const struct log_form {
	const char *kind;
	const char *form;
	const char *example;
} forms[] = {
	{ "ceph-cluster", "%T %w (%w) %n : %c [%p] %m", "2026-11-22T21:45:35.509+0000 mon.a (mon.0) 12 : audit [INF] from=" },
	{ "ceph-cluster", "%T %w (%w) %n : [%p] %m", "2026-11-22T22:02:26.539318+0000 mon.a (mon.0) 0 :  [INF] mkfs" },
	{ "ceph-cluster", "%T %w %a %n : %c [%p] %m",
	  "2020-03-12 23:53:11.646925 mon.0 127.0.0.1:6789/0 1565359 : audit [INF] from=" },
	{ "ceph-cluster", "%T %w %n : %c [%p] %m", "2020-03-12 23:53:11.646925 mon.0 1565359 : audit [INF] from=" },
	{ "ceph-cluster", "%T %w [%p] %m", "2020-03-12 23:53:11.646925 mon.a [INF] from=" },
	{ "ceph-daemon", "%T %x %n log_channel(%c) log [%p] : %m",
	  "2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : from=" },
	{ "ceph-daemon", "%T %x %n %m", "2026-11-22T22:02:26.401+0000 7f4d4ed46640  1 imported monmap:" },
};

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdef";

/* One character of a form after the %. Moves *at behind what it took; false if that is not there. */
static bool take_part(char part, const char **at, const char *tz, struct log_line *parsed)
{
	size_t length = 0;

	switch (part) {
	case 'T':
		length = stamp_parse(*at, tz, &parsed->ts_ns, &parsed->has_zone);
		break;
	case 'n':
		length = **at == '-';
		length += strspn(*at + length, digits);
		break;
	case 'x':
		length = strspn(*at, hex_digits);
		break;
	case 'w':
		length = strcspn(*at, " ()[]");
		break;
	case 'a':
		length = strcspn(*at, " ");
		break;
	case 'c':
	case 'p':
		length = strspn(*at, "abcdefghijklmnopqrstuvwxyz_-ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (part == 'c' && length < sizeof(parsed->channel)) {
			memcpy(parsed->channel, *at, length);
			parsed->channel[length] = '\0';
		}
		break;
	case 'm':
		parsed->text = *at;
		return true;
	}
	*at += length;
	return length > 0;
}

static bool matches(const char *form, const char *line, const char *tz, struct log_line *parsed)
{
	parsed->channel[0] = '\0';
	for (; *form; form++) {
		if (*form == '%') {
			if (!take_part(*++form, &line, tz, parsed))
				return false;
		} else if (*form == ' ') {
			/* Before the text the space may be missing: an empty text loses its trailing blank in many hands. */
			if (*line != ' ' && *line)
				return false;
			line += strspn(line, " ");
		} else if (*line++ != *form) {
			return false;
		}
	}
	return true;
}

bool log_line_parse(const char *line, const char *tz, struct log_line *parsed)
{
	if (*line < '1' || *line > '2') /* no year: spares the forms most lines that are none */
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (matches(forms[i].form, line, tz, parsed)) {
			parsed->kind = forms[i].kind;
			return true;
		}
	return false;
}
