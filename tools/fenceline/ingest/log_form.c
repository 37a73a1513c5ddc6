/* SPDX-License-Identifier: MIT */
#include "ingest/log_form.h"

#include <string.h>

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
static const char letters[] = "abcdefghijklmnopqrstuvwxyz_-ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* Seconds since boot: [   72.802543]; short-delta: [716.136018 <    0.000004>] */
static size_t take_uptime(const char *at)
{
	size_t length;

	if (*at != '[')
		return 0;
	length = 1 + strspn(at + 1, " ");
	length += strspn(at + length, "0123456789. <>");
	return at[length] == ']' && strcspn(at, digits) < length && memchr(at, '.', length) ? length + 1 : 0;
}

/* Who printed it, if the kernel was built to say so (CONFIG_PRINTK_CALLER): a task or a processor. */
static size_t take_caller(const char *at)
{
	size_t length = *at == '[' ? 1 + strspn(at + 1, " ") : 0, number;

	if (!length || (at[length] != 'T' && at[length] != 'C'))
		return 0;
	number = strspn(at + length + 1, digits);
	length += 1 + number;
	return number && at[length] == ']' ? length + 1 : 0;
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

/* The same with its pid, or the kernel. */
static size_t take_process(const char *at, struct log_line *parsed)
{
	size_t length = take_program(at, parsed);

	return length && (at[length - 1] == ']' || parsed->families == FAMILY_KERNEL) ? length : 0;
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

static size_t take_who(const char *at, struct log_line *parsed)
{
	return form_keep(&parsed->who, at, strcspn(at, " \t()[]"));
}

/* With a colon it is a stamp. */
static size_t take_vm(const char *at, struct log_line *parsed)
{
	size_t length = form_keep(&parsed->vm, at, strcspn(at, " \t()[]"));

	return memchr(at, ':', length) ? 0 : length;
}

/* A name or an address; a word with a colon behind it is no host, and a stamp is none. */
static size_t take_host(const char *at, struct log_line *parsed)
{
	size_t length = strcspn(at, " \t()[]{}\"'=|,;<>");

	if (length && (at[length - 1] == ':' || (memchr(at, ':', length) && strspn(at, "0123456789abcdef:") < length)))
		return 0;
	return form_keep(&parsed->host, at, length);
}

/* A host before a colon: no address, no path. */
static size_t take_host_before_colon(const char *at, struct log_line *parsed)
{
	size_t length = strcspn(at, ": \t()[]{}\"'=|,;<>/");

	return at[length] == ':' ? form_keep(&parsed->host, at, length) : 0;
}

/* grep's: up to the colon, "/var/log/ceph/ceph.audit.log", "(standard input)". */
static size_t take_path(const char *at, struct log_line *parsed)
{
	static const char piped[] = "(standard input)";

	if (!strncmp(at, piped, sizeof(piped) - 1))
		return sizeof(piped) - 1;
	return form_keep(&parsed->file, at, strcspn(at, ": \t()[]{}\"'=|,;<>"));
}

/* The same where grep prints a line around a hit, with its number: "ceph.log-12-". */
static size_t take_path_of_context(const char *at, struct log_line *parsed)
{
	size_t length = strcspn(at, ": \t()[]{}\"'=|,;<>"), end = 0;

	for (size_t dash = 1; dash < length && !end; dash++) {
		size_t number = at[dash] == '-' ? strspn(at + dash + 1, digits) : 0;

		if (number && at[dash + 1 + number] == '-') {
			form_keep(&parsed->file, at, dash);
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
static size_t take_daemon(const char *at, struct log_line *parsed)
{
	static const char *const types[] = { "mon.", "osd.", "mgr.", "mds.", "client." };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strncmp(at, types[i], strlen(types[i])))
			return take_who(at, parsed);
	return 0;
}

static size_t take_channel(const char *at, struct log_line *parsed)
{
	size_t length = strspn(at, letters);

	if (length < sizeof(parsed->channel))
		text_copy(parsed->channel, sizeof(parsed->channel), at, length);
	return length;
}

/* audit or cluster */
static size_t take_known_channel(const char *at, struct log_line *parsed)
{
	size_t length = take_channel(at, parsed);

	return strcmp(parsed->channel, "audit") && strcmp(parsed->channel, "cluster") ? 0 : length;
}

static size_t take_number(const char *at)
{
	size_t sign = *at == '-';

	return sign + strspn(at + sign, digits);
}

/* One that names UTC. */
static size_t take_utc_stamp(const char *at, const struct stamp_zone *zone, struct stamp *stamp)
{
	size_t length = stamp_parse(at, zone, stamp);

	return length && at[length - 1] == 'Z' ? length : 0;
}

/* What each name in braces takes: a stamp, one of some words, bytes of a set or up to one of a set, or what a function says,
 * which may keep it in the line. */
static const struct envelope_value {
	const char *name;
	stamp_fn *stamp;
	const char *const *words;
	const char *of, *until;
	size_t least; /* so many bytes, or it is not there */
	size_t (*take)(const char *at);
	size_t (*keep)(const char *at, struct log_line *parsed);
} values[] = {
	{ "text" }, /* the rest of the line */
	{ "stamp", stamp_parse },
	{ "utc_stamp", take_utc_stamp },        /* which says so with a Z */
	{ "full_stamp", stamp_parse_full },     /* "Wed 2024-03-27 12:59:18 UTC" */
	{ "syslog_stamp", stamp_parse_syslog }, /* without a year */
	{ "klog_stamp", stamp_parse_klog },     /* "I0327 12:59:18.620123" */
	{ "unix_stamp", stamp_parse_unix },     /* seconds since the epoch */
	{ "dmesg_stamp", stamp_parse_dmesg },   /* dmesg -T's, in brackets */
	{ "uptime", .take = take_uptime },      /* in brackets */
	{ "caller", .take = take_caller },      /* in brackets: T123, C0 */
	{ "number", .take = take_number },      /* may be negative */
	{ "digits", .of = digits },
	{ "thread", .of = hex_digits },
	{ "long_thread", .of = hex_digits, .least = 8 },
	{ "word", .until = " \t" },
	{ "address", .until = " " },
	{ "who", .keep = take_who },       /* mon.a, osd.3 */
	{ "daemon", .keep = take_daemon }, /* the same, and only that */
	{ "channel", .keep = take_channel },
	{ "known_channel", .keep = take_known_channel },
	{ "priority", .of = letters },
	{ "known_priority", .words = priorities },
	{ "host", .keep = take_host },
	{ "host_before_colon", .keep = take_host_before_colon },
	{ "vm", .keep = take_vm },
	{ "program", .keep = take_program },         /* maybe with its pid */
	{ "process", .keep = take_process },         /* with it, or the kernel */
	{ "application", .keep = take_application }, /* a word */
	{ "qemu", .take = take_qemu },               /* its own name */
	/* what Kubernetes and Docker call their things: "rook-ceph-mon-a-5d9", "pod/rook-ceph-mon-a-5d9/mon" */
	{ "container", .of = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@" },
	{ "file", .keep = take_path },
	{ "file_of_context", .keep = take_path_of_context }, /* with the line's number and dashes */
	{ "structured", .take = take_structured },           /* RFC 5424's data */
	{ "facility", .words = facilities },                 /* syslog's */
	{ "severity", .words = severities },
	{ "level", .words = levels }, /* OpenStack's */
	{ "stream", .words = streams },
};

static const char *name_of(size_t value)
{
	return value < sizeof(values) / sizeof(*values) ? values[value].name : NULL;
}

/* How many bytes the value takes; 0: it is not there. */
static size_t take_value(const struct envelope_value *value, const char *at, const struct stamp_zone *zone,
                         struct log_line *parsed)
{
	size_t length;

	if (value->stamp)
		return value->stamp(at, zone, &parsed->stamp);
	if (value->words)
		return take_one_of(at, value->words);
	if (value->take || value->keep)
		return value->take ? value->take(at) : value->keep(at, parsed);
	length = value->of ? strspn(at, value->of) : strcspn(at, value->until);
	return length >= value->least ? length : 0;
}

/* Behind the literal; NULL: it is not there. A space stands for one blank or more; at the line's end for none: an empty text
 * loses its trailing blank in many hands. */
static const char *skip_literal(const struct form_part *part, const char *at)
{
	for (size_t i = 0; i < part->length; i++) {
		bool blank = part->literal[i] == ' ';

		if (blank ? *at && *at != ' ' && *at != '\t' : *at != part->literal[i])
			return NULL;
		at += blank ? strspn(at, " \t") : 1;
	}
	return at;
}

bool log_form_match(struct log_form *form, const char *line, const struct stamp_zone *zone, struct log_line *parsed)
{
	*parsed = (struct log_line){ .kind = form->kind, .families = form->families };
	if (!form->cut.parts)
		form_cut(&form->cut, form->form, name_of);
	for (const struct form_part *part = form->cut.parts; part < form->cut.parts + form->cut.count; part++) {
		if (part->literal) {
			line = skip_literal(part, line);
			if (!line)
				return false;
		} else if (part->value) {
			size_t taken = take_value(&values[part->value], line, zone, parsed);
			if (!taken)
				return false;
			line += taken;
		} else {
			parsed->text = line;
		}
	}
	return true;
}

/* ---- Ceph's own, by its first bytes ---- */

#define THREAD_DIGITS 8 /* a pthread_t is an address; a shorter number behind a stamp is a column of some table */

static size_t skip_word(const char *text, size_t length, size_t at)
{
	while (at < length && text[at] != ' ')
		at++;
	while (at < length && text[at] == ' ')
		at++;
	return at;
}

bool log_plain_split(const char *text, size_t length, struct log_plain *plain)
{
	size_t at = 19, thread;

	*plain = (struct log_plain){ 0 };
	if (length < 40 || text[0] != '2' || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
		return false;
	while (at < 36 && text[at] != ' ')
		at++;
	if (text[at++] != ' ' || text[at - 2] == 'Z' || length - at < 8)
		return false;
	if (!memcmp(text + at, "mon.", 4) || !memcmp(text + at, "osd.", 4) || !memcmp(text + at, "mgr.", 4))
		return text[at + 4] != ' ';
	for (thread = at; at < length && text[at] != ' '; at++) {
		int digit = text[at] >= '0' && text[at] <= '9'   ? text[at] - '0'
		            : text[at] >= 'a' && text[at] <= 'f' ? text[at] - 'a' + 10
		                                                 : -1;
		if (digit < 0)
			return false;
		plain->thread = plain->thread << 4 | (unsigned int)digit;
	}
	if (at - thread < THREAD_DIGITS || length - at < 2 || !char_in(text[at + 1], " -0123456789"))
		return false;
	plain->text = skip_word(text, length, skip_word(text, length, at));
	return true;
}
