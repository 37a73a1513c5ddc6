/* SPDX-License-Identifier: MIT */
/*
 *     /usr/bin/qemu-system-x86_64 -name guest=vm1,debug-threads=on -uuid 0ca4… -drive file=rbd:volumes/vm1:id=cinder:…,id=drive-…
 *     -blockdev '{"driver":"rbd","pool":"vms","image":"…_disk","user":"nova","node-name":"libvirt-1-storage"}' \
 *
 * up to libvirt 5 in one line, later one option a line. Values are quoted as for a shell; a comma in one is doubled.
 */
#include "ingest/log_command.h"

#include "ingest/log_json.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct log_command *log_command_new(int64_t ts_ns, uint64_t line, struct log_span host)
{
	return XNEW(struct log_command, .ts_ns = ts_ns, .line = line, .name = xstrdup(""), .uuid = xstrdup(""),
	            .option = xstrdup(""), .host = xstrndup(host.length ? host.at : "", host.length));
}

void command_drives_free(struct command_drive *drives)
{
	while (drives) {
		struct command_drive *drive = drives;

		drives = drive->next;
		free(drive->device);
		free(drive->pool);
		free(drive->namespace);
		free(drive->image);
		free(drive->user);
		free(drive);
	}
}

void log_command_free(struct log_command *command)
{
	command_drives_free(command->drives);
	free(command->name);
	free(command->uuid);
	free(command->host);
	free(command->option);
	free(command);
}

static void command_set(char **to, char *text)
{
	free(*to);
	*to = text;
}

/* The value of `key` in "a=b,key=value,…", "" if it is not there. Doubled commas are one. */
static char *value_of(const char *options, const char *key)
{
	size_t length = strlen(key), used = 0;
	char *value = xcalloc(1, strlen(options) + 1);

	for (const char *at = options; at; at += *at == ',') {
		bool found = !strncmp(at, key, length) && at[length] == '=';

		if (found)
			at += length + 1;
		for (; *at && (*at != ',' || at[1] == ','); at++) {
			if (found)
				value[used++] = *at;
			at += *at == ',';
		}
		if (found || !*at)
			break;
	}
	return value;
}

static void command_append(struct log_command *command, struct command_drive *drive)
{
	struct command_drive **end = &command->drives;

	while (*end)
		end = &(*end)->next;
	*end = drive;
}

/* Up to an unescaped one of `stops`, whose place is returned; backslashes are taken away. */
static char *take_escaped(const char **at, const char *stops)
{
	char *text = xcalloc(1, strlen(*at) + 1);
	size_t used = 0;

	for (; **at && !strchr(stops, **at); ++*at) {
		*at += **at == '\\' && (*at)[1];
		text[used++] = **at;
	}
	return text;
}

/* Of pool/namespace/image, pool/image, image@snapshot what follows the pool. */
static void split_image(struct command_drive *drive)
{
	char *slash = strchr(drive->image, '/'), *at;

	if (slash) {
		*slash = '\0';
		free(drive->namespace);
		drive->namespace = xstrdup(drive->image);
		memmove(drive->image, slash + 1, strlen(slash + 1) + 1);
	}
	at = strchr(drive->image, '@');
	if (at)
		*at = '\0';
}

/* file=rbd:POOL/IMAGE:id=USER:conf=… */
static void take_drive(struct log_command *command, const char *options)
{
	char *file = value_of(options, "file");
	const char *at = file + 4;

	if (!strncmp(file, "rbd:", 4)) {
		struct command_drive *drive = xcalloc(1, sizeof(*drive));

		drive->pool = take_escaped(&at, "/");
		at += *at == '/';
		drive->image = take_escaped(&at, ":");
		drive->namespace = xstrdup("");
		drive->device = value_of(options, "id");
		while (*at == ':' && strncmp(at, ":id=", 4)) {
			at++;
			free(take_escaped(&at, ":"));
		}
		at += *at ? 4 : 0;
		drive->user = take_escaped(&at, ":");
		split_image(drive);
		command_append(command, drive);
	}
	free(file);
}

static char *json_text(const json_t *object, const char *key)
{
	return xstrdup(log_json_text(object, key));
}

/* {"driver":"rbd",…}, also where it is the "file" of another */
static void take_blockdev(struct log_command *command, const json_t *object)
{
	if (json_is_object(json_object_get(object, "file")))
		take_blockdev(command, json_object_get(object, "file"));
	if (!strcmp(log_json_text(object, "driver"), "rbd"))
		command_append(command, XNEW(struct command_drive, .device = json_text(object, "node-name"),
		                             .pool = json_text(object, "pool"), .namespace = json_text(object, "namespace"),
		                             .image = json_text(object, "image"), .user = json_text(object, "user")));
}

static void take_value(struct log_command *command, const char *value)
{
	if (!strcmp(command->option, "-name")) {
		char *guest = value_of(value, "guest");

		if (!*guest) { /* the name alone, and then maybe options */
			free(guest);
			guest = xstrndup(value, strcspn(value, ","));
		}
		command_set(&command->name, guest);
	} else if (!strcmp(command->option, "-uuid")) {
		command_set(&command->uuid, xstrdup(value));
	} else if (!strcmp(command->option, "-drive")) {
		take_drive(command, value);
	} else if (!strcmp(command->option, "-blockdev")) {
		json_t *object = *value == '{' ? json_loads(value, 0, NULL) : NULL;

		take_blockdev(command, object);
		json_decref(object);
	}
}

/* One word as a shell reads it, from *at on, without its quotes. False at the end. */
static bool next_word(const char **at, const char *end, char *word)
{
	char quote = '\0';

	while (*at < end && **at == ' ')
		++*at;
	if (*at == end)
		return false;
	for (; *at < end && (quote || **at != ' '); ++*at) {
		char c = **at;

		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? '\0' : c;
		else if (c == '\\' && quote != '\'' && *at + 1 < end)
			*word++ = *++*at;
		else
			*word++ = c;
	}
	*word = '\0';
	return true;
}

void log_command_add(struct log_command *command, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	char *word = xmalloc(length + 1);

	if (length && end[-1] == '\\')
		end--;
	while (next_word(&at, end, word)) {
		bool option = *word == '-';

		if (!option)
			take_value(command, word);
		command_set(&command->option, xstrdup(option ? word : ""));
	}
	free(word);
}
