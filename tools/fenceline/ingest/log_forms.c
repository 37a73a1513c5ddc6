/* SPDX-License-Identifier: MIT */
#include "ingest/log_forms.h"

#include <string.h>

/* One row per form; the first that matches counts, so a form stands before those that would also take its lines. */
static struct log_form forms[] = {
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {who} ({who}) {number} : {channel} [{priority}] {text}",
	  "2026-11-22T21:45:35.509+0000 mon.a (mon.0) 12 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {who} ({who}) {number} : [{priority}] {text}",
	  "2026-11-22T22:02:26.539318+0000 mon.a (mon.0) 0 :  [INF] mkfs" },
	/* 12 and 13: name, then rank */
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {daemon} {daemon} {address} {number} : {channel} [{priority}] {text}",
	  "2018-03-04 21:23:50.450461 mon.a mon.0 10.10.10.1:6789/0 5575 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {who} {address} {number} : {channel} [{priority}] {text}",
	  "2020-03-12 23:53:11.646925 mon.0 127.0.0.1:6789/0 1565359 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {who} {number} : {channel} [{priority}] {text}",
	  "2020-03-12 23:53:11.646925 mon.0 1565359 : audit [INF] from=" },
	{ "tcmu-runner", SERVICE, "{stamp} {digits} [{level}] {text}",
	  "2020-10-19 16:07:37.963 2988 [ERROR] tcmu_rbd_has_lock:516 rbd/rbd.disk1: " },
	{ "ceph-cluster", FAMILY_CEPH, "{stamp} {who} [{priority}] {text}", "2020-03-12 23:53:11.646925 mon.a [INF] from=" },
	{ "ceph-daemon", FAMILY_CEPH, "{stamp} {thread} {number} log_channel({channel}) log [{priority}] : {text}",
	  "2026-11-22T22:02:54.337+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : from=" },
	{ "ceph-daemon", CEPH, "{stamp} {thread} {number} {text}",
	  "2026-11-22T22:02:26.401+0000 7f4d4ed46640  1 imported monmap:" },
	/* nova, cinder and the rest of OpenStack; ceph-csi and others that write with klog */
	{ "openstack", SERVICE, "{stamp} {digits} {level} {word} {text}",
	  "2024-03-27 12:59:18.620 7 ERROR cinder.volume.manager [req-1 - - -] rbd" },
	/* Python's, ceph-iscsi's */
	{ "ceph-iscsi", SERVICE, "{stamp} {level} [{word} - {text}",
	  "2020-10-19 16:07:37,963     INFO [gateway.py:79:rm()] - Removing" },
	{ "service", SERVICE, "{stamp} - {word} - {level} - {text}",
	  "2024-03-27 12:59:18,620 - backup.rbd - ERROR - [errno 108]" },
	{ "service", SERVICE, "{stamp} {level} {text}", "2024-03-27 12:59:18,620 ERROR [errno 108]" },
	{ "klog", SERVICE, "{klog_stamp} {digits} {file}:{digits}] {text}",
	  "E0327 12:59:18.620123       1 utils.go:200] ID: 12 Req-ID: 0001 GRPC error: rpc" },
	{ "libvirt", QEMU, "{stamp}: {text}", "2020-03-12 07:00:00.123+0000: starting up libvirt version: 4.5.0" },
	{ "qemu", QEMU, "{utc_stamp} {qemu}: {text}",
	  "2020-03-12T15:53:40.100000Z qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "qemu", QEMU, "{utc_stamp} {vm} {qemu}: {text}",
	  "2026-11-27T20:57:24.594065Z vm1 qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "qemu", QEMU, "{qemu}: {text}", "qemu-system-x86_64: rbd request failed: cmd 1" },
	{ "kernel", FAMILY_KERNEL, "{dmesg_stamp} {caller} {text}", "[Wed Mar 27 12:59:21 2024] [    T123] I/O error, dev vda" },
	{ "kernel", FAMILY_KERNEL, "{dmesg_stamp} {text}", "[Thu Mar 12 15:53:40 2020] blk_update_request: I/O error" },
	{ "kernel", FAMILY_KERNEL, "{uptime} {caller} {text}", "[   12.345678] [    T123] I/O error, dev vda, sector 34080" },
	{ "kernel", FAMILY_KERNEL, "{uptime}{caller} {text}", "[   12.345678][  T123] I/O error, dev vda, sector 34080" },
	{ "kernel", FAMILY_KERNEL, "{uptime} {text}", "[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE)" },
	{ "kernel", FAMILY_KERNEL, "<{number}>{uptime} {text}",
	  "<3>[   72.802543] I/O error, dev vda, sector 34080 op 0x1:(WRITE)" },
};

/* Ceph's own lines whose beginning was cut off, or was replaced by syslog's (clog_to_syslog): only where no other form matches.
 */
static struct log_form cut_forms[] = {
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} ({who}) {number} : {known_channel} [{known_priority}] {text}",
	  "mon.a (mon.0) 12 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} {daemon} {address} {number} : {known_channel} [{known_priority}] {text}",
	  "mon.a mon.0 10.10.10.1:6789/0 5575 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} {address} {number} : {known_channel} [{known_priority}] {text}",
	  "mon.0 10.10.10.1:6789/0 5575 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} ({who}) {number} : {text}", "mon.a (mon.0) 12 : from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} {address} {number} : {text}",
	  "mds.0 10.141.16.2:6800/2006482174 331 : slow request 34.323061" },
	{ "ceph-cluster", FAMILY_CEPH, "{daemon} {number} : {text}", "osd.3 331 : slow request 34.323061" },
	{ "ceph-cluster", FAMILY_CEPH, "{number} : {known_channel} [{known_priority}] {text}", "5575 : audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, ": {known_channel} [{known_priority}] {text}", ": audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "{known_channel} [{known_priority}] {text}", "audit [INF] from=" },
	{ "ceph-cluster", FAMILY_CEPH, "[{known_priority}] : {text}", "[INF] : from=" },
	{ "ceph-cluster", FAMILY_CEPH, "[{known_priority}] {text}", "[INF] from=" },
	{ "ceph-daemon", FAMILY_CEPH, "{long_thread} {number} log_channel({channel}) log [{known_priority}] : {text}",
	  "7fcabaffd6c0  0 log_channel(audit) log [INF] : from=" },
	{ "ceph-daemon", FAMILY_CEPH, "log_channel({channel}) log [{known_priority}] : {text}",
	  "log_channel(audit) log [INF] : from=" },
	{ "ceph-daemon", FAMILY_CEPH, "log [{known_priority}] : {text}", "log [INF] : from=" },
	{ "ceph-daemon", CEPH, "{long_thread} {number} {text}",
	  "7f3b1c0a3700 -1 librbd::ImageWatcher: 0x7f3b14008a30 image watch failed" },
};

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

struct log_form *log_forms_form(size_t i)
{
	return i < COUNT(forms) ? &forms[i] : i - COUNT(forms) < COUNT(cut_forms) ? &cut_forms[i - COUNT(forms)] : NULL;
}

static bool match_one(struct log_form *rows, size_t count, const char *line, const struct stamp_zone *zone,
                      struct log_line *parsed)
{
	for (size_t i = 0; i < count; i++)
		if (log_form_match(&rows[i], line, zone, parsed))
			return true;
	return false;
}

bool log_forms_match(const char *line, const struct stamp_zone *zone, struct log_line *parsed)
{
	return match_one(forms, COUNT(forms), line, zone, parsed);
}

/* What a wrapper says counts where the line itself does not say it, or has a time without a zone. */
static void add_wrappers(const struct log_line *outer, struct log_line *parsed)
{
	if (outer->stamp.ns && (!parsed->stamp.ns || (!parsed->stamp.has_zone && outer->stamp.has_zone)))
		parsed->stamp = outer->stamp;
	parsed->stamp.has_zone |= !parsed->stamp.ns; /* nothing was assumed */
	parsed->families &= outer->families;
	parsed->host = outer->host;
	parsed->file = outer->file;
	if (outer->kind)
		parsed->kind = outer->kind;
}

bool log_line_parse(struct unwrap *unwrap, const char *line, size_t length, const struct stamp_zone *zone,
                    struct log_line *parsed)
{
	struct log_line outer;
	bool known;

	unwrap_line(unwrap, line, length, zone, &outer);
	known = log_forms_match(outer.text, zone, parsed) || match_one(cut_forms, COUNT(cut_forms), outer.text, zone, parsed);
	if (!known || !(parsed->families & outer.families))
		*parsed = (struct log_line){ .kind = "", .families = FAMILY_ALL, .text = outer.text };
	add_wrappers(&outer, parsed);
	return known || outer.kind;
}

#define CUT_WITHIN 200 /* so much may be left of the envelope */

static bool match_rest(const char *text, const struct stamp_zone *zone, struct log_line *rest)
{
	static const char *const ends[] = { "log_channel(", ": audit [", ": cluster [" };
	static const char from[] = "from='", command[] = "cmd=[{\"prefix\"";
	size_t length = strnlen(text, CUT_WITHIN);
	const char *at;

	for (size_t i = 0; i < COUNT(ends); i++)
		if ((at = memmem(text, length, ends[i], strlen(ends[i]))) &&
		    match_one(cut_forms, COUNT(cut_forms), at, zone, rest))
			return true;
	at = memmem(text, length, from, sizeof(from) - 1);
	if (!at && !strncmp(text, command, sizeof(command) - 1))
		at = text;
	*rest = (struct log_line){ .kind = "ceph-cluster", .families = FAMILY_CEPH, .channel = "audit", .text = at };
	return at && strstr(at, "cmd=");
}

bool log_line_parse_rest(const struct stamp_zone *zone, struct log_line *parsed)
{
	struct log_line rest;

	if (!match_rest(parsed->text, zone, &rest) || !(parsed->families & rest.families))
		return false;
	parsed->text = rest.text;
	parsed->families &= rest.families;
	memcpy(parsed->channel, rest.channel, sizeof(parsed->channel));
	if (!*parsed->kind)
		parsed->kind = rest.kind;
	return true;
}
