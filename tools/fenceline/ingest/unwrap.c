/* SPDX-License-Identifier: MIT */
#include "ingest/unwrap.h"
#include "ingest/xalloc.h"

#include "ingest/text_in.h"
#include "ingest/unwrap_json.h"
#include "ingest/unwrap_marks.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST    10                           /* wrappers around one line */
#define HEAD       1024                         /* of a line, in which a wrapper shows */
#define LONGEST    ((size_t)1 << 20)            /* of a line that JSON or colours are taken off: both make a copy */
#define BEFORE     " \t\r\"'|,;>]}=+*`\xab\xbb" /* the last byte of what stands before an envelope; guillemets, too */
#define WORDS_DEEP 3                            /* mere words that may stand before what tells that they are wrappers */

/* What must follow a wrapper, which on its own would fit too much. */
enum must_follow {
	ANYTHING,
	A_BEGINNING, /* a stamp, a program, JSON ..., or what the caller knows */
	A_STAMP,
	AN_OBJECT, /* JSON */
};

struct wrapper {
	bool first; /* fits nothing else, so it goes before the caller is asked whether the line is its own */
	enum must_follow follows;
	struct log_form form; /* kind: of a log that has such lines; NULL: the wrapper does not make a log of what is inside */
};

#define FORM(kind, ...) \
	{ \
		kind, FAMILY_ALL, __VA_ARGS__ \
	}
/* What makes a log of what is inside needs nothing behind it. */
#define LOG_FIRST(...)           true, ANYTHING, FORM(__VA_ARGS__)
#define LOG(...)                 false, ANYTHING, FORM(__VA_ARGS__)
#define TEXT_FIRST(follows, ...) true, follows, FORM(NULL, __VA_ARGS__)
#define TEXT(follows, ...)       false, follows, FORM(NULL, __VA_ARGS__)

/* One row per wrapper; the first that matches is taken off, then all are tried again on what was inside. */
static struct wrapper wrappers[] = {
	/* an OSD's dump of recent events, newest last: -3 */
	{ TEXT_FIRST(A_STAMP, "{number}> {text}", "-3> 2024-03-27") },
	/* RFC 5424, as it is and behind a stamp that was not there; RFC 3164 */
	{ LOG_FIRST("syslog", "<{digits}>1 {stamp} {word} {application} {word} {word} {structured} {text}",
	            "<134>1 2024-03-27T12:59:18.620Z n1 ceph-mon 7 - - 2024-") },
	{ LOG_FIRST("syslog", "<{digits}>1 - {word} {application} {word} {word} {structured} {text}",
	            "<134>1 - n1 ceph-mon 7 - - 2024-") },
	{ LOG_FIRST("syslog", "<{digits}>{syslog_stamp} {host} {program}: {text}", "<30>Mar 27 12:59:18 n1 ceph-mon[7]: 2024-") },
	{ LOG_FIRST("syslog", "<{digits}>{stamp} {host} {program}: {text}",
	            "<30>2024-03-27T12:59:18.620+00:00 n1 ceph-mon[7]: 2024-") },
	/* journalctl -o short-monotonic and short-delta */
	{ LOG_FIRST("syslog", "{uptime} {host} {process}: {text}", "[  716.136018] node1 ceph-mon[2101]: 2024-") },
	/* -o verbose, export, json-sse */
	{ LOG_FIRST("syslog", "MESSAGE={text}", "MESSAGE=debug 2024-") },
	{ TEXT_FIRST(AN_OBJECT, "data: {text}", "data: {\"MESSAGE\"") },
	/* Fluent Bit's stdout, before and from 2.1 on */
	{ LOG_FIRST("container", "[{digits}] {container}: [{word} {{{text}", "[0] tail.0: [1711544358.620500000, {\"log\"=>") },
	{ LOG_FIRST("container", "[{digits}] {container}: [[{word} {{}], {{{text}",
	            "[0] tail.0: [[1711544358.620500000, {}], {\"log\"=>") },
	/* klog, around what a program of Ceph's said */
	{ TEXT_FIRST(A_STAMP, "{klog_stamp} {digits} {file}:{digits}] {text}",
	             "I0327 12:59:18.620123       1 exec.go:12] 2024-03-27") },
	/* kubectl logs --prefix, kubetail, docker compose logs, docker service logs */
	{ TEXT_FIRST(A_BEGINNING, "[{container} {container}] {text}", "[rook-ceph-mon-a-5d9 mon] 2024-") },
	{ TEXT_FIRST(A_BEGINNING, "[{container}] {text}", "[pod/rook-ceph-mon-a-5d9/mon] 2024-") },
	{ TEXT_FIRST(A_BEGINNING, "{container} | {text}", "mon-1  | debug 2024-") },

	/* Fluentd's files and its stdout */
	{ TEXT(AN_OBJECT, "{stamp} {container} {text}", "2024-03-27T12:59:18+00:00 kube.mon {\"log\"") },
	{ TEXT(AN_OBJECT, "{stamp} {container}: {text}", "2024-03-27T12:59:18+00:00 kube.mon: {\"log\"") },
	{ TEXT(AN_OBJECT, "{word} {word} +{digits} {container}: {text}",
	       "2024-03-27 12:59:18.620000000 +0000 kube.mon: {\"log\"") },
	/* syslog's files, journalctl -o short, short-iso, short-unix, short-full, with-unit */
	{ LOG("syslog", "{syslog_stamp} {host} {program}: {text}",
	      "Mar 12 15:53:40 compute1 kernel: [   12.345678] blk_update_request") },
	{ LOG("syslog", "{stamp} {host} {program}: {text}", "2020-03-12T15:53:40.123456+08:00 compute1 ceph-osd[812]: 2020-") },
	{ LOG("syslog", "{unix_stamp} {host} {program}: {text}", "1584028420.123456 compute1 ceph-osd[812]: 2020-") },
	{ LOG("syslog", "{full_stamp} {host} {program}: {text}",
	      "Wed 2024-03-27 12:59:18 UTC node1 ceph-mon@a.service[2101]: 2024-") },
	/* syslog with facility and severity, however they were put */
	{ LOG("syslog", "{syslog_stamp} {host} {facility}.{severity} {program}: {text}",
	      "Mar 27 12:59:18 node1 daemon.info ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{stamp} {host} {facility}.{severity} {program}: {text}",
	      "2024-03-27T12:59:18+00:00 node1 daemon.err ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{syslog_stamp} {facility}.{severity} {host} {program}: {text}",
	      "Mar 27 12:59:18 daemon.info node1 ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{stamp} {facility}.{severity} {host} {program}: {text}",
	      "2024-03-27T12:59:18+00:00 daemon.info node1 ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{syslog_stamp} {host} {facility} {severity} {program}: {text}",
	      "Mar 27 12:59:18 node1 daemon info ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{stamp} {host} {facility} {severity} {program}: {text}",
	      "2024-03-27T12:59:18+00:00 node1 daemon info ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{stamp} {host} {severity} {program}: {text}",
	      "2024-03-27T12:59:18+00:00 node1 info ceph-mon[7]: 2024-") },
	{ LOG("syslog", "{stamp} {severity} {facility} {program} {text}",
	      "2020-06-16T14:59:23.3999 info kern kernel  [679635.647794] libceph") },
	{ TEXT(A_BEGINNING, "{facility}.{severity} {text}", "daemon.info Mar 27 12:59:18") },
	{ TEXT(A_BEGINNING, "{facility} :{severity} : {text}", "kern  :err   : [   72.802543] I/O error") },
	/* what Kubernetes keeps of a container; P: the line goes on in the next one, log_pieces.h puts them together */
	{ LOG("container", "{stamp} {stream} F {text}", "2025-04-18T00:45:16.379012345Z stderr F debug 2025-") },
	{ LOG("container", "{stamp} {stream} P {text}", "2025-04-18T00:45:16.379012345Z stderr P debug 2025-") },
	/* collectors' columns; Rook's own log around what it ran */
	{ TEXT(A_BEGINNING, "[{stamp}] {text}", "[2024-03-27T12:59:18Z] debug 2024-") },
	{ TEXT(AN_OBJECT, "{word} {container}> {text}", "011.4549 rbd> {\"log\"") },
	{ TEXT(A_BEGINNING, "{stamp} +{digits} | {container} | {text}", "2022-11-12 10:11:00 +0800 | messages | Nov 12") },
	{ TEXT(A_BEGINNING, "{stamp} | {container} | {text}", "2022-11-12 10:11:00 | messages | Nov 12") },
	{ TEXT(A_BEGINNING, "{stamp} {priority} | {container}: {text}", "2021-06-22 13:49:28.922733 I | exec: debug 2021-") },
	/* kubectl logs --timestamps, docker logs -t */
	{ TEXT(A_BEGINNING, "{stamp} {text}", "2024-03-27T12:59:18.620500000Z debug 2024-") },
	/* a container's stderr: the log's name, or the cluster log's channel */
	{ false, A_STAMP, { NULL, CEPH, "debug {text}", "debug 2024-03-27" } },
	{ false, A_STAMP, { NULL, CEPH, "audit {text}", "audit 2024-03-27" } },
	{ false, A_STAMP, { NULL, CEPH, "cluster {text}", "cluster 2024-03-27" } },
	{ false, A_STAMP, { NULL, CEPH, "cephadm {text}", "cephadm 2024-03-27" } },
	/* stern */
	{ TEXT(A_STAMP, "{container} {container} {text}", "rook-ceph-mon-a-5d9 mon 2024-") },
	{ TEXT(A_STAMP, "{word} {container} {container} {text}", "rook-ceph rook-ceph-mon-a-5d9 mon 2024-") },
	/* a journal whose stamps were cut off */
	{ LOG("syslog", "{host} {process}: {text}", "node1 ceph-mon[2101]: from=") },
	{ LOG("syslog", "{process}: {text}", "ceph-mon[2101]: from=") },
	/* journalctl --no-hostname */
	{ LOG("syslog", "{syslog_stamp} {process}: {text}", "Mar 27 12:59:18 ceph-mon[2101]: 2024-") },
	{ LOG("syslog", "{stamp} {process}: {text}", "2024-03-27T12:59:18+0000 ceph-mon[2101]: 2024-") },
	/* a list, as YAML has it */
	{ TEXT(A_BEGINNING, "- {text}", "- 2024-") },
	/* pdsh, clush; grep -Hn, its lines of context, grep -n */
	{ TEXT(A_BEGINNING, "{host_before_colon}: {text}", "node1: 2024-") },
	{ TEXT(A_BEGINNING, "{file_of_context}{text}", "/var/log/ceph/ceph-1.log-12-2024-") },
	{ TEXT(A_BEGINNING, "{file}:{digits}:{text}", "ceph.audit.log:12:2024-") },
	{ TEXT(A_BEGINNING, "{file}:{text}", "/var/log/ceph/ceph.audit.log.1.gz:2024-") },
	{ TEXT(A_BEGINNING, "{digits}:{text}", "12:2024-") },
	{ TEXT(A_BEGINNING, "{digits}-{text}", "12-2024-") },
	{ TEXT(A_BEGINNING, "{digits} {text}", "12  2024-") },
};

/* The order in which wrappers are tried, and the caller is asked between. */
enum place { FIRST, STRICT, LOOSE };

static enum place place_of(const struct wrapper *wrapper)
{
	return wrapper->first ? FIRST : wrapper->follows == A_BEGINNING ? LOOSE : STRICT;
}

struct unwrap {
	unwrap_begins *begins;
	const void *arg;
	bool own; /* the line at hand has the caller's words: only an envelope says that they do not begin it */
	/* of the line at hand, owned */
	struct unwrapped_json json[DEEPEST];
	size_t json_count;
	char *text;
	size_t text_size;
};

struct log_form *unwrap_form(size_t i)
{
	return i < sizeof(wrappers) / sizeof(*wrappers) ? &wrappers[i].form : NULL;
}

struct unwrap *unwrap_new(unwrap_begins *begins, const void *arg)
{
	return XNEW(struct unwrap, .begins = begins, .arg = arg);
}

static void unwrap_forget(struct unwrap *unwrap)
{
	while (unwrap->json_count)
		unwrap_json_free(&unwrap->json[--unwrap->json_count]);
}

void unwrap_free(struct unwrap *unwrap)
{
	if (!unwrap)
		return;
	unwrap_forget(unwrap);
	free(unwrap->text);
	free(unwrap);
}

static bool is_stamp(const char *text, const struct stamp_zone *zone)
{
	struct stamp stamp;

	return stamp_parse(text, zone, &stamp) || stamp_parse_full(text, zone, &stamp);
}

/* What a wrapper may stand before, whoever the caller is: not much of it would stand behind a word in the middle of a line. */
static bool is_beginning(const char *text, const struct stamp_zone *zone)
{
	static const char *const words[] = { "debug ", "audit ", "cluster ", "from='",   "[INF]",
		                             "[WRN]",  "[ERR]",  "[DBG]",    "MESSAGE=", "\"MESSAGE\" : " };
	static struct log_form forms[] = { { .form = "{process}: {text}" },
		                           { .form = "{host} {process}: {text}" },
		                           { .form = "<{digits}>{text}" },
		                           { .form = "{number}> {text}" } };
	struct log_line ignored;
	struct stamp stamp;

	if (is_stamp(text, zone) || stamp_parse_syslog(text, zone, &stamp) || stamp_parse_unix(text, zone, &stamp) ||
	    stamp_parse_dmesg(text, zone, &stamp) || stamp_parse_klog(text, zone, &stamp))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strncmp(text, words[i], strlen(words[i])))
			return true;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (log_form_match(&forms[i], text, zone, &ignored))
			return true;
	return false;
}

static enum unwrap_own callers(const struct unwrap *unwrap, const char *text, size_t length)
{
	return unwrap->begins ? unwrap->begins(unwrap->arg, text, length) : UNWRAP_NOT_OWN;
}

static bool may_follow(const struct unwrap *unwrap, enum must_follow what, const char *text, size_t length,
                       const struct stamp_zone *zone, unsigned int depth);

/* Does another wrapper stand there? Then a mere word before it was a wrapper as well. */
static bool is_wrapped(const struct unwrap *unwrap, const char *head, const char *text, size_t length,
                       const struct stamp_zone *zone, unsigned int depth)
{
	struct log_line parsed;

	for (size_t i = 0; depth && i < sizeof(wrappers) / sizeof(*wrappers); i++) {
		size_t taken;

		if (!log_form_match(&wrappers[i].form, head, zone, &parsed))
			continue;
		taken = (size_t)(parsed.text - head);
		if (may_follow(unwrap, wrappers[i].follows, text + taken, length - taken, zone, depth - 1))
			return true;
	}
	return false;
}

static bool may_follow(const struct unwrap *unwrap, enum must_follow what, const char *text, size_t length,
                       const struct stamp_zone *zone, unsigned int depth)
{
	size_t marks = what == ANYTHING ? 0 : unwrap_marks(text, length);
	char head[HEAD];

	if (what == ANYTHING)
		return true;
	text += marks;
	length -= marks;
	if (what == AN_OBJECT)
		return length && *text == '{';
	text_copy(head, sizeof(head), text, length);
	if (what == A_STAMP)
		return is_stamp(head + (strncmp(head, "debug ", 6) ? 0 : 6), zone);
	return is_beginning(head + char_in(*head, UNWRAP_QUOTES), zone) || unwrap_json_recognise(text, length) ||
	       callers(unwrap, text, length) > (unwrap->own ? UNWRAP_OWN_WORDS : UNWRAP_NOT_OWN) ||
	       is_wrapped(unwrap, head, text, length, zone, depth);
}

/* A name that lies in the copy of the line's head, where it lies in the line. */
static void keep_name(struct log_span *kept, struct log_span name, const char *head, const char *line)
{
	if (name.length)
		*kept = (struct log_span){ line + (name.at - head), name.length };
}

static void keep_stamp(struct log_line *inner, const struct stamp *stamp)
{
	if (stamp->ns && (!inner->stamp.ns || !inner->stamp.has_zone || stamp->has_zone))
		inner->stamp = *stamp;
}

static bool take_form(struct unwrap *unwrap, enum place place, const struct stamp_zone *zone, struct log_line *inner)
{
	char head[HEAD];
	struct log_line parsed;

	text_copy(head, sizeof(head), inner->text, inner->length);
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(*wrappers); i++) {
		struct wrapper *wrapper = &wrappers[i];
		size_t taken;

		if (place_of(wrapper) != place || !log_form_match(&wrapper->form, head, zone, &parsed))
			continue;
		taken = (size_t)(parsed.text - head);
		if (!may_follow(unwrap, wrapper->follows, inner->text + taken, inner->length - taken, zone, WORDS_DEEP))
			continue;
		keep_name(&inner->host, parsed.host, head, inner->text);
		keep_name(&inner->file, parsed.file, head, inner->text);
		keep_stamp(inner, &parsed.stamp);
		inner->families &= parsed.families;
		if (!inner->kind)
			inner->kind = wrapper->form.kind;
		inner->text += taken;
		inner->length -= taken;
		return true;
	}
	return false;
}

/* A string with its quotes, as JSON or as a table of commas writes it. */
static bool take_string(struct unwrap *unwrap, const char *text, size_t length, struct log_line *inner)
{
	struct unwrapped_json *json = &unwrap->json[unwrap->json_count];

	if (unwrap->json_count == DEEPEST || length >= LONGEST || !unwrap_json_string(text, length, json))
		return false;
	unwrap->json_count++;
	inner->text = json->text;
	inner->length = json->length;
	return true;
}

/* The length of a member's key in front of its string, where the object is spread over lines or is none of JSON's; 0: none. */
static size_t take_key(const struct log_line *inner)
{
	/* journalctl -o json-pretty; Fluent Bit */
	static const char *const keys[] = { "\"MESSAGE\" : ", "\"log\"=>", "\"message\"=>", "\"MESSAGE\"=>" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && inner->length < LONGEST; i++)
		if (text_begins(inner->text, inner->length, keys[i]))
			return strlen(keys[i]);
	return 0;
}

static bool take_json(struct unwrap *unwrap, const struct stamp_zone *zone, struct log_line *inner)
{
	struct unwrapped_json *json = &unwrap->json[unwrap->json_count];
	size_t key = take_key(inner);

	if (unwrap->json_count == DEEPEST)
		return false;
	if (key) {
		if (!unwrap_json_string(inner->text + key, inner->length - key, json))
			return false;
	} else if (!unwrap_json_object(inner->text, inner->length < LONGEST ? inner->length : LONGEST, zone, json)) {
		return false;
	}
	unwrap->json_count++;
	if (json->host.length)
		inner->host = json->host;
	keep_stamp(inner, &json->stamp);
	if (json->program)
		inner->families &= log_form_families(json->program);
	if (!inner->kind)
		inner->kind = "container";
	inner->text = json->text;
	inner->length = json->length;
	return true;
}

/* Terminal colours, anywhere in the line. */
static bool take_colours(struct unwrap *unwrap, struct log_line *inner)
{
	if (inner->length > LONGEST || !unwrap_has_colours(inner->text, inner->length))
		return false;
	if (inner->length >= unwrap->text_size) {
		unwrap->text = xreallocarray(unwrap->text, inner->length + 1, 1);
		unwrap->text_size = inner->length + 1;
	}
	/* the text may lie in that buffer already */
	inner->length = unwrap_drop_colours(inner->text, inner->length, unwrap->text);
	unwrap->text[inner->length] = '\0';
	inner->text = unwrap->text;
	return true;
}

static bool is_plain(const char *text, size_t length)
{
	struct log_plain plain;

	return log_plain_split(text, length, &plain);
}

/* One of a list of strings, as JSON and Ansible print it: "a line", with its comma; as YAML and Markdown do: 'a line', `a line`;
 * as Python does: b'a line\n'. */
static bool take_element(struct unwrap *unwrap, const struct stamp_zone *zone, struct log_line *inner)
{
	const char *text = inner->text, *end = text + inner->length, *closing, *inside;

	if (end - text > 3 && char_in(*text, "bu") && char_in(text[1], "\"'"))
		text++;
	if (end - text < 3 || !char_in(*text, UNWRAP_QUOTES))
		return false;
	closing = unwrap_closing_quote(text, end);
	if (closing + 1 != end && (closing + 2 != end || closing[1] != ','))
		return false;
	for (inside = text + 1; closing - inside > 2 && !memcmp(inside, "\\t", 2);)
		inside += 2; /* a line that is set in */
	return may_follow(unwrap, A_BEGINNING, inside, (size_t)(closing - inside), zone, WORDS_DEEP) &&
	       take_string(unwrap, text, (size_t)(closing + 1 - text), inner);
}

/* Another column of the row may be its time. */
static bool take_field(struct unwrap *unwrap, const struct stamp_zone *zone, struct log_line *inner)
{
	const char *field;
	size_t length = unwrap_longest_field(inner->text, inner->length, &field);
	struct stamp stamp;
	char head[HEAD];

	if (!length)
		return false;
	text_copy(head, sizeof(head), inner->text, inner->length);
	if (stamp_parse(head + (*head == '"'), zone, &stamp))
		keep_stamp(inner, &stamp);
	return take_string(unwrap, field, length, inner);
}

/* Ceph's own envelope behind what nobody knows: a tag, labels, columns. In quotes it is a field of a table, or a value. */
static bool take_what_stands_before(struct unwrap *unwrap, const struct stamp_zone *zone, struct log_line *inner)
{
	size_t most = inner->length < HEAD ? inner->length : HEAD;

	if (take_field(unwrap, zone, inner))
		return true;
	for (size_t at = 1; at < most; at++) {
		const char *text = inner->text + at;

		if (*text != '2' || !char_in(text[-1], BEFORE) || !is_plain(text, inner->length - at))
			continue;
		if (char_in(text[-1], "\"'"))
			return take_string(unwrap, text - 1, inner->length - at + 1, inner);
		inner->text = text;
		inner->length -= at;
		return true;
	}
	return false;
}

static bool take_one(struct unwrap *unwrap, const struct stamp_zone *zone, struct log_line *inner)
{
	size_t marks = unwrap_marks(inner->text, inner->length);
	enum unwrap_own own;

	inner->text += marks;
	inner->length -= marks;
	if (is_plain(inner->text, inner->length))
		return marks;
	unwrap->own = false;
	if (take_json(unwrap, zone, inner) || take_form(unwrap, FIRST, zone, inner))
		return true;
	own = callers(unwrap, inner->text, inner->length);
	if (own == UNWRAP_OWN_ENVELOPE)
		return marks;
	if (take_form(unwrap, STRICT, zone, inner))
		return true;
	unwrap->own = own == UNWRAP_OWN_WORDS;
	return take_element(unwrap, zone, inner) || take_form(unwrap, LOOSE, zone, inner) ||
	       (!own && take_what_stands_before(unwrap, zone, inner)) || marks;
}

bool unwrap_line(struct unwrap *unwrap, const char *text, size_t length, const struct stamp_zone *zone, struct log_line *inner)
{
	unsigned int layers = 0;
	bool coloured;

	*inner = (struct log_line){ .text = text, .length = length, .families = FAMILY_ALL };
	unwrap_forget(unwrap);
	coloured = take_colours(unwrap, inner);
	if (is_plain(inner->text, inner->length))
		return coloured;
	for (; layers < DEEPEST && take_one(unwrap, zone, inner); layers++)
		take_colours(unwrap, inner);
	return layers || coloured;
}
