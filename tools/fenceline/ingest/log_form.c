/* SPDX-License-Identifier: MIT */
#include "ingest/log_form.h"

#include <string.h>

#define CEPH (FAMILY_CEPH | FAMILY_CLIENT)
#define QEMU (FAMILY_QEMU | FAMILY_CLIENT)

#define SERVICE (FAMILY_SERVICE | FAMILY_CLIENT)

/* By how their names begin; others may say anything but what a kernel says. */
static const struct {
	const char *program;
	unsigned int families;
} programs[] = {
	{ "kernel", FAMILY_KERNEL },
	{ "qemu", QEMU },
	{ "QEMU", QEMU },
	{ "kvm", QEMU },
	{ "libvirt", QEMU },
	{ "virtqemud", QEMU },
	{ "ceph", CEPH | FAMILY_SERVICE | FAMILY_LISTING },
	{ "tcmu-runner", SERVICE },
	{ "nova", SERVICE },
	{ "cinder", SERVICE },
	{ "", CEPH | QEMU | FAMILY_SERVICE | FAMILY_LISTING },
};

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdef";

static size_t take_bracketed(const char *at)
{
	size_t length;

	if (*at != '[')
		return 0;
	length = 1 + strspn(at + 1, " ");
	length += strspn(at + length, "0123456789. <>"); /* short-delta: [716.136018 <    0.000004>] */
	return at[length] == ']' && strcspn(at, digits) < length && memchr(at, '.', length) ? length + 1 : 0;
}

unsigned int log_form_families(const char *program)
{
	for (size_t i = 0;; i++)
		if (!strncmp(program, programs[i].program, strlen(programs[i].program)))
			return programs[i].families;
}

/* "ceph-osd[812]" or "kernel": no space, no colon, nothing of JSON. */
static size_t take_program(const char *at, struct log_line *parsed)
{
	size_t length = strcspn(at, " :[");

	if (strcspn(at, "]{}\"'") < length)
		return 0;
	parsed->families = log_form_families(at);
	if (length && at[length] == '[') {
		length += 1 + strspn(at + length + 1, digits);
		length = at[length] == ']' ? length + 1 : 0;
	}
	return length;
}

/* The same as a word of its own: RFC 5424. */
static size_t take_application(const char *at, struct log_line *parsed)
{
	parsed->families = log_form_families(at);
	return strcspn(at, " \t");
}

/* "qemu-system-x86_64", "/usr/libexec/qemu-kvm", "kvm" */
static size_t take_qemu(const char *at)
{
	size_t length = strcspn(at, " :["), name = length;

	while (name && at[name - 1] != '/')
		name--;
	return at[length] == ':' && (!strncmp(at + name, "qemu", 4) || !strncmp(at + name, "kvm", 3)) ? length : 0;
}

static size_t form_keep(struct log_span *word, const char *at, size_t length)
{
	if (!word->length)
		*word = (struct log_span){ at, length };
	return length;
}

static size_t take_word(const char *at, struct log_span *word)
{
	return form_keep(word, at, strcspn(at, " \t()[]"));
}

/* A name or an address; a word with a colon behind it is no host, and a stamp is none. */
static size_t take_host(const char *at, struct log_span *host)
{
	size_t length = strcspn(at, " \t()[]{}\"'=|,;<>");

	if (length && (at[length - 1] == ':' || (memchr(at, ':', length) && strspn(at, "0123456789abcdef:") < length)))
		return 0;
	return form_keep(host, at, length);
}

/* A host before a colon: no address, no path. */
static size_t take_host_before_colon(const char *at, struct log_span *host)
{
	size_t length = strcspn(at, ": \t()[]{}\"'=|,;<>/");

	return at[length] == ':' ? form_keep(host, at, length) : 0;
}

/* What Kubernetes and Docker call their things: "rook-ceph-mon-a-5d9", "pod/rook-ceph-mon-a-5d9/mon". */
static size_t take_container(const char *at, struct log_span *container)
{
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@");

	if (container->length) /* pod and container */
		container->length = (size_t)(at + length - container->at);
	return form_keep(container, at, length);
}

/* grep's: up to the colon, "/var/log/ceph/ceph.audit.log", "(standard input)". */
static size_t take_path(const char *at, struct log_span *file)
{
	static const char piped[] = "(standard input)";

	if (!strncmp(at, piped, sizeof(piped) - 1))
		return sizeof(piped) - 1;
	return form_keep(file, at, strcspn(at, ": \t()[]{}\"'=|,;<>"));
}

/* The same where grep prints a line around a hit, with its number: "ceph.log-12-". */
static size_t take_path_of_context(const char *at, struct log_span *file)
{
	size_t length = strcspn(at, ": \t()[]{}\"'=|,;<>"), end = 0;

	for (size_t dash = 1; dash < length && !end; dash++) {
		size_t number = at[dash] == '-' ? strspn(at + dash + 1, digits) : 0;

		if (number && at[dash + 1 + number] == '-') {
			form_keep(file, at, dash);
			end = dash + number + 2;
		}
	}
	return end;
}

/* RFC 5424's structured data: "-" or "[id key=\"value\"]...". */
static size_t take_structured(const char *at)
{
	size_t length = 0;

	if (*at == '-')
		return 1;
	while (at[length] == '[') {
		const char *end = at + length;

		while ((end = strchr(end, ']')) && end[-1] == '\\')
			end++;
		if (!end)
			return 0;
		length = (size_t)(end + 1 - at);
	}
	return length;
}

static size_t take_one_of(const char *at, const char *const *words)
{
	for (; *words; words++) {
		size_t length = strlen(*words);

		if (!strncmp(at, *words, length) && strchr(" \t.:[])", at[length] ?: ' '))
			return length;
	}
	return 0;
}

static const char *const facilities[] = { "kern",   "user",   "mail",   "daemon", "authpriv", "auth",   "syslog",
	                                  "lpr",    "news",   "uucp",   "cron",   "ftp",      "local0", "local1",
	                                  "local2", "local3", "local4", "local5", "local6",   "local7", NULL };
static const char *const severities[] = { "emerg",   "panic", "alert",  "crit", "error", "err",
	                                  "warning", "warn",  "notice", "info", "debug", NULL };
static const char *const levels[] = { "DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "TRACE", "AUDIT", NULL };
static const char *const priorities[] = { "DBG", "INF", "SEC", "WRN", "ERR", NULL };
static const char *const streams[] = { "stdout", "stderr", NULL };

/* A daemon of Ceph. */
static size_t take_entity(const char *at, struct log_span *who)
{
	static const char *const types[] = { "mon.", "osd.", "mgr.", "mds.", "client." };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strncmp(at, types[i], strlen(types[i])))
			return take_word(at, who);
	return 0;
}

static size_t take_name(const char *at, char *into, size_t size)
{
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz_-ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (length < size) {
		memcpy(into, at, length);
		into[length] = '\0';
	}
	return length;
}

/* The stamps. */
static size_t take_stamp(char part, const char *at, const struct stamp_zone *zone, struct log_line *parsed)
{
	size_t length = 0;

	switch (part) {
	case 'T':
		return stamp_parse(at, zone->tz, &parsed->ts_ns, &parsed->has_zone);
	case 'Z':
		length = stamp_parse(at, zone->tz, &parsed->ts_ns, &parsed->has_zone);
		return length && at[length - 1] == 'Z' ? length : 0;
	case 'F':
		return stamp_parse_full(at, zone->tz, &parsed->ts_ns, &parsed->has_zone);
	case 'S':
		parsed->year_assumed = true;
		return stamp_parse_syslog(at, zone, &parsed->ts_ns);
	case 'I':
		parsed->year_assumed = true;
		return stamp_parse_klog(at, zone, &parsed->ts_ns);
	case 'U':
		parsed->has_zone = true;
		return stamp_parse_unix(at, &parsed->ts_ns);
	case 'D':
		return stamp_parse_dmesg(at, zone->tz, &parsed->ts_ns);
	case 'K':
		return take_bracketed(at);
	}
	return 0;
}

/* One character of a form after the %: how many of the line's it takes, 0 if what it stands for is not there. */
static size_t take_part(char part, const char *at, const struct stamp_zone *zone, struct log_line *parsed)
{
	char ignored[16];
	size_t length;

	switch (part) {
	case 'n':
		length = *at == '-';
		return length + strspn(at + length, digits);
	case 'N':
		return strspn(at, digits);
	case 'x':
		return strspn(at, hex_digits);
	case 'X':
		length = strspn(at, hex_digits);
		return length >= 8 ? length : 0;
	case 'w':
		return take_word(at, &parsed->who);
	case 'e':
		return take_entity(at, &parsed->who);
	case 'k':
		length = take_name(at, parsed->channel, sizeof(parsed->channel));
		return strcmp(parsed->channel, "audit") && strcmp(parsed->channel, "cluster") ? 0 : length;
	case 'y':
		return take_one_of(at, priorities);
	case 'W':
		return strcspn(at, " \t");
	case 'h':
		return take_host(at, &parsed->host);
	case 'H':
		return take_host_before_colon(at, &parsed->host);
	case 'v':
		length = take_word(at, &parsed->vm);
		return memchr(at, ':', length) ? 0 : length; /* that is a stamp */
	case 'a':
		return strcspn(at, " ");
	case 'c':
		return take_name(at, parsed->channel, sizeof(parsed->channel));
	case 'p':
		return take_name(at, ignored, sizeof(ignored));
	case 'g':
		return take_program(at, parsed);
	case 'G':
		length = take_program(at, parsed);
		return length && (at[length - 1] == ']' || parsed->families == FAMILY_KERNEL) ? length : 0;
	case 'A':
		return take_application(at, parsed);
	case 'q':
		return take_qemu(at);
	case 'C':
		return take_container(at, &parsed->container);
	case 'P':
		return take_path(at, &parsed->file);
	case 'Q':
		return take_path_of_context(at, &parsed->file);
	case 'd':
		return take_structured(at);
	case 'f':
		return take_one_of(at, facilities);
	case 'l':
		return take_one_of(at, severities);
	case 'L':
		return take_one_of(at, levels);
	case 'o':
		return take_one_of(at, streams);
	}
	return take_stamp(part, at, zone, parsed);
}

bool log_form_match(const struct log_form *row, const char *line, const struct stamp_zone *zone, struct log_line *parsed)
{
	*parsed = (struct log_line){ .kind = row->kind, .families = row->families };
	for (const char *form = row->form; *form; form++) {
		if (form[0] == '%' && form[1] == 'm') {
			parsed->text = line;
			return true;
		}
		if (*form == '%') {
			size_t taken = take_part(*++form, line, zone, parsed);
			if (!taken)
				return false;
			line += taken;
		} else if (*form == ' ') {
			/* Before the text the space may be missing: an empty text loses its trailing blank in many hands. */
			if (*line != ' ' && *line != '\t' && *line)
				return false;
			line += strspn(line, " \t");
		} else if (*line++ != *form) {
			return false;
		}
	}
	return true;
}
