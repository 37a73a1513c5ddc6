/* SPDX-License-Identifier: MIT */
#include "blocklist_command.h"

#include <stdlib.h>
#include <string.h>

/* A scanner for the one kind of JSON that monitor commands are: an object whose members are strings, numbers, literals,
 * or arrays of these. It stops at the first byte that does not fit, or when the command turns out to be another one. */
struct scan {
	const char *at, *end;
};

#define VALUE_MAX 256

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
		scan->at++;
}

static bool blocklist_command_take(struct scan *scan, char wanted)
{
	skip_space(scan);
	if (scan->at >= scan->end || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

static bool at_quote(struct scan *scan)
{
	skip_space(scan);
	return scan->at < scan->end && *scan->at == '"';
}

/* The character that an escape stands for; of \uXXXX those that addresses and names are made of. */
static bool take_escape(struct scan *scan, char *to)
{
	static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char hex[5] = "", *rest;

	if (scan->at >= scan->end)
		return false;
	char letter = *scan->at++;
	if (letter == 'u') {
		if (scan->end - scan->at < 4)
			return false;
		memcpy(hex, scan->at, 4);
		scan->at += 4;
		unsigned long code = strtoul(hex, &rest, 16);
		*to = code < 0x80 ? (char)code : '?';
		return *rest == '\0';
	}
	for (size_t i = 0; escapes[i]; i += 2)
		if (escapes[i] == letter) {
			*to = escapes[i + 1];
			return true;
		}
	return false;
}

/* A string; what does not fit in VALUE_MAX makes it "", which matches nothing. */
static bool take_string(struct scan *scan, char *to)
{
	size_t used = 0;

	if (!blocklist_command_take(scan, '"'))
		return false;
	while (scan->at < scan->end && *scan->at != '"') {
		char c = *scan->at++;
		if (c == '\\' && !take_escape(scan, &c))
			return false;
		if (used < VALUE_MAX)
			to[used++] = c;
	}
	to[used < VALUE_MAX ? used : 0] = '\0';
	return blocklist_command_take(scan, '"');
}

/* A number, true, false or null, as text. */
static bool take_word(struct scan *scan, char *to)
{
	size_t used = 0;

	skip_space(scan);
	while (scan->at < scan->end && !strchr(",]} \t\r\n\"[{:", *scan->at)) {
		if (used < VALUE_MAX - 1)
			to[used++] = *scan->at;
		scan->at++;
	}
	to[used] = '\0';
	return used > 0;
}

static bool take_scalar(struct scan *scan, char *to)
{
	return at_quote(scan) ? take_string(scan, to) : take_word(scan, to);
}

/* A scalar, or an array of which the first element counts. */
static bool take_value(struct scan *scan, char *to)
{
	char other[VALUE_MAX];

	to[0] = '\0';
	if (!blocklist_command_take(scan, '['))
		return take_scalar(scan, to);
	if (blocklist_command_take(scan, ']'))
		return true;
	if (!take_scalar(scan, to))
		return false;
	while (blocklist_command_take(scan, ','))
		if (!take_scalar(scan, other))
			return false;
	return blocklist_command_take(scan, ']');
}

enum verdict { OURS, NOT_OURS };

/* "osd blocklist", and "osd blocklist clear", which is a prefix of its own. */
static enum verdict set_prefix(struct blocklist_command *command, const char *value)
{
	static const char new_verb[] = "osd blocklist", old_verb[] = "osd blacklist";

	command->old_verb = !strncmp(value, old_verb, sizeof old_verb - 1);
	if (!command->old_verb && strncmp(value, new_verb, sizeof new_verb - 1) != 0)
		return NOT_OURS;
	value += sizeof new_verb - 1;
	if (!strcmp(value, " clear"))
		strcpy(command->op, "clear");
	else if (*value)
		return NOT_OURS;
	return OURS;
}

static enum verdict set_member(struct blocklist_command *command, const char *key, const char *value)
{
	if (!strcmp(key, "prefix"))
		return set_prefix(command, value);
	if (!strcmp(key, "blocklistop") || !strcmp(key, "blacklistop")) {
		if (strcmp(value, "add") != 0 && strcmp(value, "rm") != 0)
			return NOT_OURS;
		strcpy(command->op, value);
	} else if (!strcmp(key, "addr")) {
		memcpy(command->target, value, strlen(value) + 1);
	} else if (!strcmp(key, "range")) {
		command->range = !strcmp(value, "range") || !strcmp(value, "true");
	} else if (!strcmp(key, "expire")) {
		command->expire_s = strtoll(value, NULL, 10); /* of 3600.0 the part that counts */
	}
	return OURS;
}
_Static_assert(sizeof((struct blocklist_command *)0)->target == VALUE_MAX, "a value fits the target");

static bool parse(struct blocklist_command *command, struct scan *scan)
{
	char key[VALUE_MAX], value[VALUE_MAX];
	bool prefix = false;

	if (!blocklist_command_take(scan, '{'))
		return false;
	do {
		if (!take_string(scan, key) || !blocklist_command_take(scan, ':') || !take_value(scan, value))
			return false;
		if (set_member(command, key, value) == NOT_OURS)
			return false;
		prefix |= !strcmp(key, "prefix");
	} while (blocklist_command_take(scan, ','));
	return prefix && blocklist_command_take(scan, '}');
}

bool blocklist_command_parse(struct blocklist_command *command, const char *json, size_t length)
{
	struct scan scan = { json, json + length };

	*command = (struct blocklist_command){ .expire_s = -1 };
	return length <= BLOCKLIST_COMMAND_MAX && parse(command, &scan) && command->op[0];
}

void blocklist_command_add(struct blocklist_command *command, const char *address, size_t length, uint32_t expire_s)
{
	*command = (struct blocklist_command){ .op = "add", .expire_s = expire_s };
	if (length >= sizeof command->target)
		length = sizeof command->target - 1;
	memcpy(command->target, address, length);
}
