/* SPDX-License-Identifier: MIT */
#include "ingest/log_forms.h"

#include <string.h>

#define CEPH (FAMILY_CEPH | FAMILY_CLIENT)
#define QEMU (FAMILY_QEMU | FAMILY_CLIENT)

/*
 * One row per form; the first that matches counts, so a form stands before those that would also take its lines.
 *
 *   %T stamp   %Z stamp in UTC that says so   %S syslog's stamp, without a year   %U seconds since the epoch
 *   %D dmesg -T's stamp in brackets   %K seconds since boot in brackets
 *   %w who says it: mon.a, osd.3   %a address   %n decimal number, may be negative   %x hexadecimal thread id   %c channel
 *   %p priority   %h host   %g program, maybe with its pid   %q QEMU's own name   %v a VM's name
 *   %m the text: the rest of the line   a space: one or more spaces   anything else: itself
 */
static const struct log_form {
	const char *kind;
	unsigned int families;
	const char *form;
	const char *example;
} forms[] = {
	{ "ceph-cluster", FAMILY_CEPH, "%T %w (%w) %n : %c [%p] %m",
	  "2026-11-22T21:45:35.509+0000 mon.a (mon.0) 12 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "%T %w (%w) %n : [%p] %m",
	  "2026-11-22T22:02:26.539318+0000 mon.a (mon.0) 0 :  [INF] mkfs" },
	{ "ceph-cluster", FAMILY_CEPH, "%T %w %a %n : %c [%p] %m",
	  "2020-03-12 23:53:11.646925 mon.0 127.0.0.1:6789/0 1565359 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "%T %w %n : %c [%p] %m", "2020-03-12 23:53:11.646925 mon.0 1565359 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "%T %w [%p] %m", "2020-03-12 23:53:11.646925 mon.a [INF] from=" },
	{ "ceph-daemon", FAMILY_CEPH, "%T %x %n log_channel(%c) log [%p] : %m",
	  "2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : from=" },
	{ "ceph-daemon", CEPH, "%T %x %n %m", "2026-11-22T22:02:26.401+0000 7f4d4ed46640  1 imported monmap:" },
	/* a container's stderr */
	{ "ceph-daemon", FAMILY_CEPH, "debug %T %x %n log_channel(%c) log [%p] : %m",
	  "debug 2025-04-18T00:45:16.379+0000 7fc66a099640  0 log_channel(audit) log [DBG] : from=" },
	{ "ceph-daemon", CEPH, "debug %T %x %n %m",
	  "debug 2025-04-18T00:45:17.475+0000 7fc6666d5640 -1 mon.a@0(probing) e2 get_health_metrics" },
	{ "libvirt", FAMILY_QEMU, "%T: %m", "2020-03-12 07:00:00.123+0000: starting up libvirt version: 4.5.0" },
	{ "qemu", QEMU, "%Z %q: %m", "2020-03-12T15:53:40.100000Z qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "qemu", QEMU, "%Z %v %q: %m", "2026-11-27T20:57:24.594065Z vm1 qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "qemu", QEMU, "%q: %m", "qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "kernel", FAMILY_KERNEL, "%D %m", "[Thu Mar 12 15:53:40 2020] blk_update_request: I/O error" },
	{ "kernel", FAMILY_KERNEL, "%K %m", "[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE)" },
	{ "kernel", FAMILY_KERNEL, "<%n>%K %m", "<3>[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE)" },
};

/* Around any of the others: journald's short, short-iso and short-unix, syslog's files, what Kubernetes keeps of a container. */
static const struct log_form outer_forms[] = {
	{ "syslog", FAMILY_ANY, "%S %h %g: %m", "Mar 12 15:53:40 compute1 kernel: [   12.345678] blk_update_request: I/O error" },
	{ "syslog", FAMILY_ANY, "%T %h %g: %m", "2020-03-12T15:53:40.123456+08:00 compute1 ceph-osd[812]: 2020-03-12" },
	{ "syslog", FAMILY_ANY, "%U %h %g: %m", "1584028420.123456 compute1 ceph-osd[812]: 2020-03-12" },
	{ "container", CEPH, "%T %p F %m", "2025-04-18T00:45:16.379012345Z stderr F debug 2025-04-18T00:45:16.379+0000" },
};

/* Ceph's own lines where syslog's stamp replaces theirs (clog_to_syslog): only inside the outer forms. */
static const struct log_form bare_forms[] = {
	{ "ceph-cluster", FAMILY_CEPH, "%w (%w) %n : %m", "mon.a (mon.0) 12 : from=" },
	{ "ceph-cluster", FAMILY_CEPH, "%w %a %n : %m", "mds.0 10.141.16.2:6800/2006482174 331 : slow request 34.323061" },
	{ "ceph-cluster", FAMILY_CEPH, "%w %n : %m", "osd.3 331 : slow request 34.323061" },
};

/* By how their names begin; others may say anything but what a kernel says. */
static const struct {
	const char *program;
	unsigned int families;
} programs[] = {
	{ "kernel", FAMILY_KERNEL }, { "qemu", QEMU },      { "QEMU", QEMU }, { "kvm", QEMU },
	{ "libvirt", QEMU },         { "virtqemud", QEMU }, { "ceph", CEPH }, { "", CEPH | QEMU },
};

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdef";

static size_t take_bracketed(const char *at)
{
	size_t length;

	if (*at != '[')
		return 0;
	length = 1 + strspn(at + 1, " ");
	length += strspn(at + length, "0123456789.");
	return at[length] == ']' ? length + 1 : 0;
}

/* "ceph-osd[812]" or "kernel": no space, no colon. */
static size_t take_program(const char *at, struct log_line *parsed)
{
	size_t length = strcspn(at, " :[");

	parsed->families = 0;
	for (size_t i = 0; !parsed->families; i++)
		if (!strncmp(at, programs[i].program, strlen(programs[i].program)))
			parsed->families = programs[i].families;
	if (length && at[length] == '[') {
		length += 1 + strspn(at + length + 1, digits);
		length = at[length] == ']' ? length + 1 : 0;
	}
	return length;
}

/* "qemu-system-x86_64", "/usr/libexec/qemu-kvm", "kvm" */
static size_t take_qemu(const char *at)
{
	size_t length = strcspn(at, " :["), name = length;

	while (name && at[name - 1] != '/')
		name--;
	return at[length] == ':' && (!strncmp(at + name, "qemu", 4) || !strncmp(at + name, "kvm", 3)) ? length : 0;
}

static size_t take_word(const char *at, struct log_span *word)
{
	size_t length = strcspn(at, " ()[]");

	if (!word->length)
		*word = (struct log_span){ at, length };
	return length;
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

/* One character of a form after the %: how many of the line's it takes, 0 if what it stands for is not there. */
static size_t take_part(char part, const char *at, const struct stamp_zone *zone, struct log_line *parsed)
{
	char ignored[16];
	size_t length;

	switch (part) {
	case 'T':
		return stamp_parse(at, zone->tz, &parsed->ts_ns, &parsed->has_zone);
	case 'Z':
		length = stamp_parse(at, zone->tz, &parsed->ts_ns, &parsed->has_zone);
		return length && at[length - 1] == 'Z' ? length : 0;
	case 'S':
		parsed->year_assumed = true;
		return stamp_parse_syslog(at, zone, &parsed->ts_ns);
	case 'U':
		parsed->has_zone = true;
		return stamp_parse_unix(at, &parsed->ts_ns);
	case 'D':
		return stamp_parse_dmesg(at, zone->tz, &parsed->ts_ns);
	case 'K':
		return take_bracketed(at);
	case 'n':
		length = *at == '-';
		return length + strspn(at + length, digits);
	case 'x':
		return strspn(at, hex_digits);
	case 'w':
		return take_word(at, &parsed->who);
	case 'h':
		return take_word(at, &parsed->host);
	case 'v':
		return take_word(at, &parsed->vm);
	case 'a':
		return strcspn(at, " ");
	case 'c':
		return take_name(at, parsed->channel, sizeof(parsed->channel));
	case 'p':
		return take_name(at, ignored, sizeof(ignored));
	case 'g':
		return take_program(at, parsed);
	case 'q':
		return take_qemu(at);
	}
	return 0;
}

static bool matches(const struct log_form *row, const char *line, const struct stamp_zone *zone, struct log_line *parsed)
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
			if (*line != ' ' && *line)
				return false;
			line += strspn(line, " ");
		} else if (*line++ != *form) {
			return false;
		}
	}
	return true;
}

#define MATCH(rows, line, zone, parsed) match_one(rows, sizeof(rows) / sizeof(*(rows)), line, zone, parsed)

static bool match_one(const struct log_form *rows, size_t count, const char *line, const struct stamp_zone *zone,
                      struct log_line *parsed)
{
	for (size_t i = 0; i < count; i++)
		if (matches(&rows[i], line, zone, parsed))
			return true;
	return false;
}

/* What stands inside is told by whoever wrote it; only where it has no time, or one without a zone, is the outer one better. */
static void look_inside(const struct stamp_zone *zone, struct log_line *parsed)
{
	struct log_line inner;

	if (!MATCH(forms, parsed->text, zone, &inner) &&
	    !(parsed->families & FAMILY_CEPH && MATCH(bare_forms, parsed->text, zone, &inner)))
		return;
	if (!(inner.families & parsed->families))
		return;
	if (inner.ts_ns && (inner.has_zone || !parsed->has_zone)) {
		parsed->ts_ns = inner.ts_ns;
		parsed->has_zone = inner.has_zone;
		parsed->year_assumed = false;
	}
	memcpy(parsed->channel, inner.channel, sizeof(parsed->channel));
	parsed->families &= inner.families;
	parsed->who = inner.who;
	parsed->vm = inner.vm;
	parsed->text = inner.text;
}

bool log_line_parse(const char *line, const struct stamp_zone *zone, struct log_line *parsed)
{
	if (MATCH(forms, line, zone, parsed))
		return true;
	if (!MATCH(outer_forms, line, zone, parsed))
		return false;
	look_inside(zone, parsed);
	return true;
}
