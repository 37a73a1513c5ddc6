/* SPDX-License-Identifier: MIT */
#include "ingest/form.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

static size_t value_named(const char *name, size_t length, const char *(*name_of)(size_t value))
{
	const char *known;

	for (size_t i = 0; (known = name_of(i)); i++)
		if (strlen(known) == length && !memcmp(known, name, length))
			return i;
	abort();
}

void form_cut(struct form *form, const char *text, const char *(*name_of)(size_t value))
{
	while (*text) {
		struct form_part *part = &XROOM(form->parts, form->count)[form->count];
		size_t length;

		form->count++;
		if (*text == '{' && *++text != '{') {
			length = strcspn(text, "}");
			*part = (struct form_part){ .value = value_named(text, length, name_of) };
			text += length + 1;
		} else {
			length = 1 + strcspn(text + 1, "{");
			*part = (struct form_part){ .literal = text, .length = length };
			text += length;
		}
	}
}
