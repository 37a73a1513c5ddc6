/* SPDX-License-Identifier: MIT */
/*
 *     from='client.4123 10.0.0.1:0/35' entity='client.cinder' cmd=[{"prefix": "osd blocklist", ...}]: dispatch
 *     ... cmd='[{...}]': finished       only this line quotes the command
 *     ... cmd=[{...}]:  access denied   two spaces
 *     ... cmd={...} : dispatch          Tentacle
 * `from` may also be "client.? ADDR", "client.4123 " with nothing after it, or "-"; ADDR may be "-" or an addrvec.
 */
#include "ingest/log_audit.h"

#include "ingest/log_json.h"
#include "ingest/log_row.h"
#include "ingest/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The value of `key`, with or without quotes. Cuts it out of *text, which moves behind it. NULL if it is not there. */
static char *take_value(char **text, const char *key)
{
	char *begin = strstr(*text, key), *end;

	if (!begin)
		return NULL;
	begin += strlen(key);
	end = *begin == '\'' ? strchr(++begin, '\'') : begin + strcspn(begin, " ");
	if (!end)
		return NULL;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return begin;
}

/* "client.4123 10.0.0.1:0/35": the global id and the address; what is unknown stays 0 or "". */
static void parse_from(char *from, struct audit_blocklist *audit)
{
	const char *address = strchr(from, ' ');
	bool client = !strncmp(from, "client.", strlen("client."));

	audit->from_gid = client ? strtoull(from + strlen("client."), NULL, 10) : 0;
	audit->from_address = address ? address + 1 : client ? "" : from;
}

static int64_t seconds_of(const json_t *value)
{
	if (json_is_number(value))
		return (int64_t)json_number_value(value);
	return json_is_string(value) ? (int64_t)strtod(json_string_value(value), NULL) : -1;
}

static bool is_set(const json_t *value)
{
	return json_is_true(value) || (json_is_string(value) && strcmp(json_string_value(value), "false"));
}

/* Has it nothing but what an address or a range is written with? A page may have made a link of it. */
static bool is_address(const char *text)
{
	return text[strspn(text, "0123456789abcdefABCDEF.:/[],vny%- ")] == '\0';
}

/* 1 if the command changes the blocklist, else 0, or -EINVAL. */
static int parse_command(const json_t *command, struct audit_blocklist *audit)
{
	const char *prefix = log_json_text(command, "prefix"), *rest;

	if (strncmp(prefix, "osd blocklist", strlen("osd blocklist")) &&
	    strncmp(prefix, "osd blacklist", strlen("osd blacklist")))
		return 0;
	rest = prefix + strlen("osd blocklist");
	audit->op = log_json_text(command, "blocklistop");
	if (!*audit->op)
		audit->op = log_json_text(command, "blacklistop");
	if (!strcmp(rest, " clear"))
		audit->op = "clear";
	audit->range = is_set(json_object_get(command, "range")) || !strncmp(rest, " range", 6);
	audit->target = log_json_text(command, "addr");
	audit->expire_s = seconds_of(json_object_get(command, "expire"));
	if (!is_address(audit->target))
		return -EINVAL;
	return !strcmp(audit->op, "clear") || ((!strcmp(audit->op, "add") || !strcmp(audit->op, "rm")) && *audit->target);
}

/* What follows the command: `: dispatch`, `]': finished`, `:  access denied`. */
static int parse_phase(char *text, struct audit_blocklist *audit)
{
	static const struct {
		const char *words;
		enum audit_phase phase;
	} phases[] = { { "dispatch", AUDIT_DISPATCH }, { "finished", AUDIT_FINISHED }, { "access denied", AUDIT_DENIED } };

	text += strspn(text, "]' ");
	if (*text != ':')
		return -EINVAL;
	text += 1 + strspn(text + 1, " ");
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		size_t length = strlen(phases[i].words);
		if (strncmp(text, phases[i].words, length))
			continue;
		audit->phase = phases[i].phase;
		audit->result_text = text + length + strspn(text + length, " ");
		return 0;
	}
	return -EINVAL;
}

/* "config set": who is not asked, since a global value is the OSDs', too. Told once, when it is done. */
static int parse_config(const json_t *command, struct event *event)
{
	int64_t seconds = seconds_of(json_object_get(command, "value"));

	if (strcmp(log_json_text(command, "prefix"), "config set") || strcmp(log_json_text(command, "name"), WATCH_TIMEOUT) ||
	    seconds < 1 || seconds > UINT32_MAX)
		return 0;
	event->fact = FACT_watch_timeout;
	event->timeout.seconds = (uint32_t)seconds;
	return 1;
}

/* "osd pause", "osd unpause", "osd set" and "osd unset" of the same flag. */
static int parse_pause(const json_t *command, struct event *event)
{
	static const struct {
		const char *prefix;
		bool flag;
		enum pause_words what;
	} commands[] = { { "osd pause", false, PAUSE_BEGAN },
		         { "osd unpause", false, PAUSE_ENDED },
		         { "osd set", true, PAUSE_BEGAN },
		         { "osd unset", true, PAUSE_ENDED } };
	const char *prefix = log_json_text(command, "prefix"), *key = log_json_text(command, "key");

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(prefix, commands[i].prefix) ||
		    (commands[i].flag && strcmp(key, "pause") != 0 && strcmp(key, "pauserd") != 0))
			continue;
		event->fact = FACT_cluster_paused;
		event->paused.what = commands[i].what;
		return 1;
	}
	return 0;
}

static int parse_all(char *from, char *entity, char *text, const json_t *command, struct event *event)
{
	struct audit_blocklist audit = { .entity = entity, .expire_s = -1, .from_address = "" };
	int found = parse_command(command, &audit);

	if (found < 0)
		return found;
	if (found != 1 && !parse_config(command, event) && !parse_pause(command, event))
		return 0;
	if (parse_phase(text, &audit))
		return -EINVAL;
	if (found != 1)
		return audit.phase == AUDIT_FINISHED;
	parse_from(from, &audit);
	event->fact = FACT_audit_blocklist;
	event->audit = audit;
	return 1;
}

/* Cuts the text into strings that the payload points into; others lie in *command, which the caller owns. */
static int parse_line(char *text, struct event *event, json_t **command)
{
	char *from = take_value(&text, "from="), *entity = from ? take_value(&text, "entity=") : NULL;
	char *begin = entity ? strstr(text, "cmd=") : NULL;
	json_error_t error;

	if (!from && !strncmp(text, "cmd=[{", 6)) { /* who sent it was cut off */
		from = entity = text + strlen(text);
		begin = text;
	}
	if (!begin)
		return from ? -EINVAL : 0;
	begin += strcspn(begin, "[{");
	*command = json_loads(begin, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
	if (!*command)
		return -EINVAL;
	return parse_all(from, entity, begin + error.position, json_is_array(*command) ? json_array_get(*command, 0) : *command,
	                 event);
}

int audit_parse(const char *text, struct event *event, struct event_list *list)
{
	char *copy = xstrdup(text);
	json_t *command = NULL;
	int found = parse_line(copy, event, &command);

	if (found == 1)
		event_list_keep(list, event);
	json_decref(command);
	free(copy);
	return found;
}
