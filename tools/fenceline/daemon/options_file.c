/* SPDX-License-Identifier: MIT */
#include "daemon/options_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\r"

/* The file as one string: a value may have several lines. NULL with errno. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	int problem;

	if (!file)
		return NULL;
	errno = 0;
	if (getdelim(&text, &room, '\0', file) < 0) {
		problem = errno ? errno : ENODATA;
		free(text);
		text = NULL;
		errno = problem;
	}
	fclose(file);
	return text;
}

/* What follows a `=`, in place: without its quotes, and ended. Returns where the next line begins. */
static char *take_value(char *at)
{
	char quote = '\0', *out = at, *end = at;
	bool bare = false; /* has begun without a quote: then a quote in it is a letter */

	for (; *at && (quote || *at != '\n'); at++) {
		if (quote ? *at == quote : !bare && (*at == '\'' || *at == '"')) {
			quote = quote ? '\0' : *at;
			continue;
		}
		if (!quote && isspace((unsigned char)*at)) { /* counts between letters alone */
			if (bare)
				*out++ = *at;
			continue;
		}
		bare |= !quote;
		if (*at == '\\' && at[1] && quote != '\'') {
			if (*++at == '\n')
				continue;
			if (quote && !strchr("\"\\`$", *at))
				*out++ = '\\';
		}
		*out++ = *at;
		end = out;
	}
	at += *at != '\0'; /* the end may be written there */
	*end = '\0';
	return at;
}

/* The last one counts. Returns the value within `text`, or NULL. */
static char *find_value(char *text, const char *variable)
{
	char *value = NULL, *at = text, *begin;

	while (*at) {
		at += strspn(at, BLANKS);
		begin = at;
		if (*at != '#' && *at != ';')
			at += strcspn(at, "=\n");
		if (*at != '=') {
			at += strcspn(at, "\n");
			continue;
		}
		*at++ = '\0';
		begin[strcspn(begin, BLANKS)] = '\0';
		if (!strcmp(begin, variable))
			value = at;
		at = take_value(at);
	}
	return value;
}

static int split(char *text, char *words[], int most)
{
	char *out = text, *at = text, quote = '\0';
	int count = 0;

	while (*(at += strspn(at, BLANKS))) {
		if (count == most)
			return -E2BIG;
		words[count++] = out;
		for (; *at && (quote || !strchr(BLANKS, *at)); at++) {
			if (*at == '\\' && at[1])
				*out++ = *++at;
			else if (quote ? *at == quote : *at == '\'' || *at == '"')
				quote = quote ? '\0' : *at;
			else
				*out++ = *at;
		}
		at += *at != '\0'; /* the end may be written there */
		*out++ = '\0';
	}
	return count;
}

int options_file_words(const char *path, const char *variable, char *words[], int most, char **text)
{
	char *value;
	int count;

	*text = read_file(path);
	if (!*text)
		return -errno;
	value = find_value(*text, variable);
	count = value ? split(value, words, most) : -ENODATA;
	if (count < 0) {
		free(*text);
		*text = NULL;
	}
	return count;
}
