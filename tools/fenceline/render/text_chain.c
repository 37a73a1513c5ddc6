/* SPDX-License-Identifier: MIT */
#include "render/text_chain.h"
#include "render/text.h"

#include <stdlib.h>

const char *evidence_numbers(const struct incident *incident, unsigned int role, char buf[TEXT_BUF])
{
	size_t length = 0, count = incident->evidence_count;

	*buf = '\0';
	for (size_t i = 0; i < count && length < TEXT_BUF - 16; i++) {
		size_t last = i;
		if (!(incident->evidence[i].roles & role))
			continue;
		while (last + 1 < count && incident->evidence[last + 1].roles & role)
			last++;
		length += (size_t)snprintf(buf + length, TEXT_BUF - length, last > i ? "%s%zu-%zu" : "%s%zu", length ? ", " : "",
		                           i + 1, last + 1);
		i = last;
	}
	return buf;
}

static const char *mark_of_status(const struct text *text, enum link_status status)
{
	static const char *const utf8[] = { "?", "✗", "–", "~", "✓" }, *const ascii[] = { "?", "x", "-", "~", "+" };

	return (text->style->utf8 ? utf8 : ascii)[status];
}

static enum ink ink_of_status(enum link_status status)
{
	static const enum ink inks[] = { INK_YELLOW, INK_RED, INK_DIM, INK_YELLOW, INK_GREEN };

	return inks[status];
}

static void print_line(const struct text *text, const struct incident *incident, const char *words, unsigned int role, int indent)
{
	char numbers[TEXT_BUF];

	evidence_numbers(incident, role, numbers);
	text_wrapf(text, indent, INK_PLAIN, "%s%s%s%s", words, *numbers ? " [" : "", numbers, *numbers ? "]" : "");
}

void text_chain(const struct text *text, const struct incident *incident)
{
	fprintf(text->out, "\n  %sThe chain%s\n", ink(text, INK_BOLD), ink_off(text));
	for (enum link link = 0; link < LINKS; link++) {
		const struct chain_link *each = &incident->chain[link];
		fprintf(text->out, "   %s%s %-8s%-13s%s", ink(text, ink_of_status(each->status)),
		        mark_of_status(text, each->status), link_name(link), link_status_name(each->status), ink_off(text));
		print_line(text, incident, each->text, ROLE(link), 26);
	}
	if (incident->where.text) {
		fprintf(text->out, "     %-21s", "where");
		print_line(text, incident, incident->where.text, ROLE_WHERE, 26);
	}
	if (!incident->contradiction_count)
		return;
	fprintf(text->out, "\n  %sWitnesses that disagree%s\n", ink(text, INK_BOLD), ink_off(text));
	for (size_t i = 0; i < incident->contradiction_count; i++) {
		fputs("   -  ", text->out);
		print_line(text, incident, incident->contradictions[i], ROLE_CONTRADICTION(i), 6);
	}
}
