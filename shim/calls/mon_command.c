/* SPDX-License-Identifier: MIT */
/*
 * Monitor commands that blocklist: those that an application sends through librados (`ceph osd blocklist add` is
 * rados_mon_command in python), and, from Ceph 16 on, those of librbd itself, which appear only at the monitor client.
 */
#include "calls.h"
#include "follow/blocklist.h"
#include "base/emit.h"
#include "base/layout.h"

#include <string.h>

/* The monitors join the strings of a command before they parse it; so do we. */
struct command_text {
	size_t length;
	char json[BLOCKLIST_COMMAND_MAX + 1];
};

/* False: too long to be one of ours. */
static bool append(struct command_text *text, const char *part, size_t length)
{
	if (length > BLOCKLIST_COMMAND_MAX - text->length)
		return false;
	memcpy(text->json + text->length, part, length);
	text->length += length;
	return true;
}

/* ---- librados' API ---- */

static void mon_command_begin(struct blocklist_action *action, void *cluster, const struct command_text *text, const char *call,
                              const void *caller)
{
	struct blocklist_command command;

	if (blocklist_command_parse(&command, text->json, text->length))
		blocklist_begin(action, &command, FL_ENTRY_MONITOR_COMMAND, call, client_of_cluster(cluster), caller);
}

static void begin_c(struct blocklist_action *action, void *cluster, const char **strings, size_t count, const char *call,
                    const void *caller)
{
	struct command_text text = { 0 };

	*action = (struct blocklist_action){ 0 };
	if (!blocklist_wanted())
		return;
	for (size_t i = 0; i < count; i++)
		if (!append(&text, strings[i], strlen(strings[i])))
			return;
	mon_command_begin(action, cluster, &text, call, caller);
}

/* A std::string passed by value is passed by reference to the caller's copy of it. */
typedef int Rados_mon_command_fn(void **self, void *command, const void *input, void *output, void *status);

static void begin_cpp(struct blocklist_action *action, void *cluster, const void *command, const void *caller)
{
	struct command_text text;

	*action = (struct blocklist_action){ 0 };
	if (!blocklist_wanted() || !peek_std_string(command, text.json, sizeof text.json))
		return;
	text.length = strlen(text.json);
	mon_command_begin(action, cluster, &text, "librados::Rados::mon_command", caller);
}

/* ---- the monitor client ---- */

#define MON_COMMAND_SIZE    0x140
#define STD_STRING_SIZE     32
#define COMMAND_STRINGS_MAX 16

struct sent_command {
	uint64_t tid;
	struct command_text text;
};

enum found { FOUND_COMMAND, FOUND_OTHER, FOUND_NOTHING };

/* Could this be the std::string that a command begins with? Looks at its first bytes only. */
static bool begins_like_json(uintptr_t string)
{
	struct {
		const char *text;
		size_t length, capacity;
	} s;
	char head;

	if (!peek((const void *)string, &s, sizeof s) || !s.length)
		return false;
	if (s.text == (const char *)string + offsetof(__typeof__(s), capacity) ? s.length > 15 : s.capacity < s.length)
		return false;
	return peek(s.text, &head, 1) && head == '{';
}

/* Every command names itself by its prefix; other text in braces that lies about is none. */
static enum found read_strings(struct command_text *text, uintptr_t first, size_t count)
{
	char part[BLOCKLIST_COMMAND_MAX + 1];

	text->length = 0;
	if (!begins_like_json(first))
		return FOUND_NOTHING;
	for (size_t i = 0; i < count; i++)
		if (!peek_std_string((const void *)(first + i * STD_STRING_SIZE), part, sizeof part) ||
		    !append(text, part, strlen(part)))
			return FOUND_OTHER;
	return memmem(text->json, text->length, "\"prefix\"", strlen("\"prefix\"")) ? FOUND_COMMAND : FOUND_NOTHING;
}

/*
 * Reads a MonClient::MonCommand. Where it keeps its vector of strings differs from release to release (0x30 on 14, 0x50 on
 * 16 to 18, 0x70 on 20), so it is looked for: a {begin, end, capacity} of strings of which the first begins like JSON. The
 * word before it is the tid, on every one of them. FOUND_OTHER: a command too long to be one of ours.
 */
static enum found read_command(const void *command, struct sent_command *sent)
{
	uintptr_t words[MON_COMMAND_SIZE / sizeof(uintptr_t)];
	size_t count = peek_some(command, words, sizeof words) / sizeof *words;
	enum found found = FOUND_NOTHING;

	for (size_t i = 1; i + 2 < count && found == FOUND_NOTHING; i++) {
		uintptr_t first = words[i], end = words[i + 1], capacity = words[i + 2];
		if (!first || first >= end || end > capacity || (end - first) % STD_STRING_SIZE ||
		    (capacity - first) % STD_STRING_SIZE || (end - first) / STD_STRING_SIZE > COMMAND_STRINGS_MAX)
			continue;
		sent->tid = words[i - 1];
		found = read_strings(&sent->text, first, (end - first) / STD_STRING_SIZE);
	}
	return found;
}

/* Commands that were sent a moment ago. A number for each; 0: none. */
#define RECENT 16
static _Atomic(uint64_t) recent[RECENT];
static _Atomic(unsigned) recent_next;

static uint64_t mix(uint64_t a, uint64_t b)
{
	return (a ^ b) * UINT64_C(0x9e3779b97f4a7c15) ^ a >> 29;
}

/* The monitor client sends a command again when it has found another monitor: once is enough for us. */
static bool is_repeat(const void *mon_client, const void *command, uint64_t tid)
{
	uint64_t key = mix(mix((uintptr_t)mon_client, (uintptr_t)command), tid) | 1;

	for (unsigned i = 0; i < RECENT; i++)
		if (atomic_load_explicit(&recent[i], memory_order_relaxed) == key)
			return true;
	atomic_store_explicit(&recent[atomic_fetch_add(&recent_next, 1) % RECENT], key, memory_order_relaxed);
	return false;
}

/* A monitor older than Ceph 16 refuses `osd blocklist`; then librbd asks again with the old verb: the same action. */
static bool is_old_verb_retry(const void *mon_client, const struct blocklist_command *command)
{
	static _Atomic(uint64_t) last_new;
	uint64_t key = mix((uintptr_t)mon_client, command->op[0]);

	for (const char *c = command->target; *c; c++)
		key = mix(key, (unsigned char)*c);
	if (command->old_verb)
		return atomic_exchange(&last_new, 0) == (key | 1);
	atomic_store(&last_new, key | 1);
	return false;
}

/*
 * The MonClient is a member of librados' RadosClient, which is the rados_t; neorados, librbd's own way from Ceph 16 on,
 * shares it. So of all clients it is the one whose rados_t lies closest before it.
 */
#define RADOS_CLIENT_MAX 0x10000

struct owner_search {
	uintptr_t mon_client, distance;
	struct client *client;
};

static void look_at_client(struct client *client, void *arg)
{
	struct owner_search *search = arg;
	uintptr_t distance = search->mon_client - (uintptr_t)atomic_load(&client->cluster);

	if (distance < search->distance) {
		search->distance = distance;
		search->client = client;
	}
}

static struct client *client_of_mon_client(const void *mon_client)
{
	struct owner_search search = { (uintptr_t)mon_client, RADOS_CLIENT_MAX, NULL };

	client_each(look_at_client, &search);
	return search.client ? search.client : client_only();
}

/* Our caller holds the monitor client's lock: here nothing asks Ceph, allocates or waits. */
static void look_at_command(void *mon_client, void *command, const void *caller)
{
	struct blocklist_command parsed;
	struct sent_command sent;

	enum found found = layout_may_be_tried(LAYOUT_MON_COMMAND) ? read_command(command, &sent) : FOUND_NOTHING;

	if (found != FOUND_OTHER)
		layout_tried(LAYOUT_MON_COMMAND, found == FOUND_COMMAND);
	if (found == FOUND_NOTHING)
		hook_pass(HOOK_MonClient_send_command, layout_reason("unknown layout of MonCommand"));
	else if (found == FOUND_COMMAND && blocklist_command_parse(&parsed, sent.text.json, sent.text.length) &&
	         !is_repeat(mon_client, command, sent.tid) && !is_old_verb_retry(mon_client, &parsed))
		blocklist_sent(&parsed, "MonClient::_send_command", client_of_mon_client(mon_client), caller);
}

void MonClient_send_command(void *self, void *command)
{
	const void *caller = __builtin_return_address(0);

	REAL_OR_RETURN(MonClient_send_command, , self, command);
	if (blocklist_wanted())
		look_at_command(self, command, caller);
	real(self, command);
}

/* What goes to the monitors otherwise. */
#define ROW(...)
#define MON_COMMAND_ROW(id, symbol, library, need, first, last, type, parameters, arguments, before) \
	WRAPPER(id, type, parameters, arguments, struct blocklist_action action; before, blocklist_end(&action, result))
#include "base/table.h"
