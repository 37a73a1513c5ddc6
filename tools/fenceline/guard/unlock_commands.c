/* SPDX-License-Identifier: MIT */
#include "guard/unlock_commands.h"
#include "guard/image.h"
#include "model/address.h"
#include "render/escape.h"
#include "render/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A shell's word: the names are somebody else's. */
static void put_word(const char *text, FILE *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:";

	if (*text && !text[strspn(text, plain)]) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

/* One command of up to three words behind its beginning; NULL ends them. */
static void unlock_add(json_t *list, const char *what, const char *command, const char *first, const char *second,
                       const char *third)
{
	const char *words[] = { first, second, third };
	char *text = NULL;
	size_t size = 0;
	FILE *line = open_memstream(&text, &size);

	if (!line)
		return;
	fputs(command, line);
	for (size_t i = 0; i < 3 && words[i]; i++) {
		fputc(' ', line);
		put_word(words[i], line);
	}
	if (!fclose(line))
		json_array_append_new(list, json_pack("{so ss}", "command", json_name(text), "what", what));
	free(text);
}

json_t *unlock_commands(const struct look *look, enum unlock_way way)
{
	const struct locker *locker = &look->lock.lockers[0];
	json_t *list = json_array();
	char spec[IMAGE_SPEC];

	image_spec_text(&look->spec, spec);
	if (way == UNLOCK_PROVE) {
		unlock_add(
		        list,
		        "as root on the owner's host, the one with the address above: only there its process can be looked for",
		        "fenceline preflight", spec, NULL, NULL);
		unlock_add(list, "if the owner lives: it registers its watch again once its pings arrive", "rbd status", spec,
		           NULL, NULL);
	}
	if (way == UNLOCK_BREAK)
		unlock_add(list, "looks once more, fences the owner (again) and breaks its lock", "fenceline unlock --yes", spec,
		           NULL, NULL);
	unlock_add(list,
	           way == UNLOCK_BREAK       ? "the same by hand"
	           : way == UNLOCK_GIVE_BACK ? "takes the lock away; whoever holds it is fenced first"
	                                     : "once you know that it is dead: this FENCES the owner and breaks its lock",
	           "rbd lock rm", spec, locker->cookie, locker->client);
	return list;
}

void unlock_print(json_t *commands, FILE *out)
{
	json_t *command;
	size_t i;

	json_array_foreach(commands, i, command)
	{
		char *text = escape_terminal(json_string_value(json_object_get(command, "command")), true);
		fprintf(out, "  %s\n      # %s\n", text ? text : "", json_string_value(json_object_get(command, "what")));
		free(text);
	}
}
