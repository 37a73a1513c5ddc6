/* SPDX-License-Identifier: MIT */
#include "guard/answers.h"
#include "model/address.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_text(char *to, size_t size, const json_t *from)
{
	const char *text = json_string_value(from);

	snprintf(to, size, "%s", text ? text : "");
}

static bool entry_is(const char *entry, const struct address *client)
{
	struct address listed;

	if (!address_parse(entry, &listed))
		return false;
	if (address_same_client(&listed, client))
		return true;
	/* Nonce 0 is the whole host. */
	listed.nonce = listed.nonce ? listed.nonce : client->nonce;
	return address_same_client(&listed, client);
}

static void look_through(const json_t *entries, const struct address *client, struct fence_entry *fence)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *address = json_string_value(json_object_get(entry, "addr"));
		const char *range = json_string_value(json_object_get(entry, "range"));

		if (fence->listed || !((address && entry_is(address, client)) || (range && address_in_range(client, range))))
			continue;
		fence->listed = true;
		snprintf(fence->entry, sizeof fence->entry, "%s", address ? address : range);
		copy_text(fence->until, sizeof fence->until, json_object_get(entry, "until"));
	}
}

bool answer_blocklist(const char *json, size_t size, const char *address, struct fence_entry *fence)
{
	struct address client;
	bool read = false;

	memset(fence, 0, sizeof *fence);
	if (!address_parse(address, &client))
		return false;
	for (;;) {
		json_error_t error;
		json_t *entries = json_loadb(json, size, JSON_DISABLE_EOF_CHECK, &error);

		if (!json_is_array(entries)) {
			json_decref(entries);
			return read;
		}
		look_through(entries, &client, fence);
		json_decref(entries);
		read = true;
		json += error.position;
		size -= (size_t)error.position;
	}
}

bool answer_osd_map(const char *json, size_t size, struct placement *placement)
{
	json_t *map = json_loadb(json, size, 0, NULL), *acting = json_object_get(map, "acting"), *osd;
	size_t length = 0, i;

	memset(placement, 0, sizeof *placement);
	copy_text(placement->pgid, sizeof placement->pgid, json_object_get(map, "pgid"));
	placement->osd = json_is_integer(json_object_get(map, "acting_primary"))
	                         ? (int)json_integer_value(json_object_get(map, "acting_primary"))
	                         : -1;
	json_array_foreach(acting, i, osd)
	{
		if (length < sizeof placement->acting)
			length += (size_t)snprintf(placement->acting + length, sizeof placement->acting - length, "%s%d",
			                           i ? "," : "", (int)json_integer_value(osd));
	}
	json_decref(map);
	return *placement->pgid;
}

/* Does the text name it, not only something that begins with it (osd.1 and osd.12)? */
static bool names(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if ((at == text || !strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", at[-1])) &&
		    !strchr("0123456789abcdef_-", at[length] ? at[length] : ' '))
			return true;
	return false;
}

static void take_concern(struct concerns *concerns, const char *check, const char *text)
{
	struct concern *concern = &concerns->list[concerns->shown];

	concerns->count++;
	if (concerns->shown == CONCERNS_MAX)
		return;
	concerns->shown++;
	snprintf(concern->check, sizeof concern->check, "%s", check);
	snprintf(concern->text, sizeof concern->text, "%s", text);
}

struct sought {
	char osd[24], pg[40];
	const char *pool;
};

static bool bears_upon(const char *text, const struct sought *sought)
{
	return (*sought->osd && names(text, sought->osd)) || (*sought->pg && names(text, sought->pg)) ||
	       (strstr(text, "pool") && names(text, sought->pool));
}

/* What is said of every pool at all times, and is no trouble. */
static bool is_advice(const char *check)
{
	return (!strncmp(check, "POOL_", 5) && !strstr(check, "FULL")) || !strncmp(check, "TOO_", 4) ||
	       !strcmp(check, "CACHE_POOL_NO_HIT_SET");
}

static void read_check(const char *check, const json_t *value, const struct sought *sought, struct concerns *concerns)
{
	const char *summary = json_string_value(json_object_get(json_object_get(value, "summary"), "message"));
	const json_t *line;
	size_t before = concerns->count, i;
	bool of_all = !strcmp(check, "OSDMAP_FLAGS") || !strcmp(check, "OSD_FULL");

	if (is_advice(check))
		return;
	json_array_foreach(json_object_get(value, "detail"), i, line)
	{
		const char *text = json_string_value(json_object_get(line, "message"));
		if (text && bears_upon(text, sought))
			take_concern(concerns, check, text);
	}
	if (summary && concerns->count == before && (of_all || bears_upon(summary, sought)))
		take_concern(concerns, check, summary);
	if (concerns->count > before && (!strcmp(check, "SLOW_OPS") || !strcmp(check, "REQUEST_SLOW")))
		concerns->slow_ops = true;
}

bool answer_health(const char *json, size_t size, const struct placement *placement, const char *pool, struct concerns *concerns)
{
	json_t *health = json_loadb(json, size, 0, NULL), *value;
	struct sought sought = { "", "", pool };
	const char *check;

	memset(concerns, 0, sizeof *concerns);
	if (placement->osd >= 0)
		snprintf(sought.osd, sizeof sought.osd, "osd.%d", placement->osd);
	if (*placement->pgid)
		snprintf(sought.pg, sizeof sought.pg, "pg %s", placement->pgid);
	copy_text(concerns->status, sizeof concerns->status, json_object_get(health, "status"));
	json_object_foreach(json_object_get(health, "checks"), check, value)
	{
		read_check(check, value, &sought, concerns);
	}
	json_decref(health);
	return *concerns->status;
}

bool answer_pg_list(const char *json, size_t size, const char *pgid, struct group_state *state)
{
	json_t *list = json_loadb(json, size, 0, NULL), *groups = json_object_get(list, "pg_stats"), *group, *queue;
	bool found = false;
	size_t i;

	json_array_foreach(groups ? groups : list, i, group)
	{
		const char *id = json_string_value(json_object_get(group, "pgid"));
		if (!id || strcmp(id, pgid))
			continue;
		found = true;
		queue = json_object_get(group, "snaptrimq_len");
		copy_text(state->state, sizeof state->state, json_object_get(group, "state"));
		state->snaptrim_queue = json_is_integer(queue) ? json_integer_value(queue) : -1;
	}
	json_decref(list);
	return found;
}

/* An address vector gives its msgr2 address, or its first if it has none. Before Ceph had vectors: the address itself. */
static const char *address_in(const json_t *vector, const json_t *legacy)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(vector, "addrvec"), i, entry)
	{
		const char *type = json_string_value(json_object_get(entry, "type"));
		if (type && !strcmp(type, "v2"))
			return json_string_value(json_object_get(entry, "addr"));
	}
	entry = json_array_get(json_object_get(vector, "addrvec"), 0);
	return entry ? json_string_value(json_object_get(entry, "addr")) : json_string_value(legacy);
}

bool answer_osd_find(const char *json, size_t size, char host[64], char address[96])
{
	json_t *found = json_loadb(json, size, 0, NULL), *name = json_object_get(found, "host");
	const char *text = address_in(json_object_get(found, "addrs"), json_object_get(found, "ip"));

	name = name ? name : json_object_get(json_object_get(found, "crush_location"), "host");
	copy_text(host, 64, name);
	snprintf(address, 96, "%s", text ? text : "");
	json_decref(found);
	return *host || *address;
}

bool answer_seconds(const char *text, size_t size, double *seconds)
{
	char buf[64];
	char *end;

	snprintf(buf, sizeof buf, "%.*s", (int)(size < sizeof buf ? size : sizeof buf - 1), text);
	*seconds = strtod(buf + strspn(buf, " \"\n"), &end);
	return end != buf + strspn(buf, " \"\n") && *seconds > 0;
}

static void tell_vector(const json_t *vector, const json_t *legacy, void (*each)(const char *address, void *arg), void *arg)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(vector, "addrvec"), i, entry)
	{
		const char *text = json_string_value(json_object_get(entry, "addr"));
		if (text)
			each(text, arg);
	}
	if (json_is_string(legacy))
		each(json_string_value(legacy), arg);
}

bool answer_addresses(const char *json, size_t size, void (*each)(const char *address, void *arg), void *arg)
{
	json_t *dump = json_loadb(json, size, 0, NULL), *osds = json_object_get(dump, "osds"),
	       *mons = json_object_get(dump, "mons"), *one;
	bool read = osds || mons;
	size_t i;

	json_array_foreach(osds ? osds : mons, i, one)
	{
		tell_vector(json_object_get(one, "public_addrs"), json_object_get(one, "public_addr"), each, arg);
	}
	json_decref(dump);
	return read;
}

static int64_t whole(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : 0;
}

bool answer_client(const char *json, size_t size, struct client_answer *client)
{
	json_t *answer = json_loadb(json, size, 0, NULL);
	bool read = json_is_boolean(json_object_get(answer, "alive"));

	memset(client, 0, sizeof *client);
	client->alive = json_is_true(json_object_get(answer, "alive"));
	client->stopped = json_is_true(json_object_get(answer, "stopped"));
	client->last_ack_ns = whole(answer, "last_ack_ns");
	client->now_ns = whole(answer, "now_ns");
	client->unanswered = whole(answer, "unanswered");
	client->pid = whole(answer, "pid");
	copy_text(client->vm, sizeof client->vm, json_object_get(answer, "vm"));
	json_decref(answer);
	return read;
}
