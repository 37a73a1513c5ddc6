/* SPDX-License-Identifier: MIT */
#include "ingest/log_listing.h"

#include "ingest/log_row.h"
#include "ingest/text_in.h"
#include "ingest/tz.h"

#include <string.h>

/* Leading blanks and tabs of a line are not part of it here. */
static const struct log_row rows[] = {
	/* rbd status, rados listwatchers */
	{ FACT_watch_logged, WATCH_LISTED, NULL, "watcher={address} {client} cookie={cookie}",
	  "watcher=10.99.2.2:0/1489055483 client.4167 cookie=139889903416784" },
	/* ceph osd dump; before 16 it says blacklist */
	{ FACT_cluster_paused, PAUSE_BEGAN, NULL, "flags {}pauserd,",
	  "flags pauserd,pausewr,sortbitwise,recovery_deletes,purged_snapdirs" },
	{ FACT_blocklist_entry, 0, NULL, "blocklist {address} expires {until}",
	  "blocklist 10.99.2.2:0/1489055483 expires 2026-11-27T21:57:11.014068+0000" },
	{ FACT_blocklist_entry, 0, NULL, "blacklist {address} expires {until}",
	  "blacklist 10.99.2.2:0/1489055483 expires 2020-03-15 22:20:44.052504" },
	{ FACT_blocklist_entry, 0, NULL, "range blocklist cidr:{range} expires {until}",
	  "range blocklist cidr:10.88.0.0:0/16 expires 2026-11-27T21:56:40.314894+0000" },
	/* rbd lock ls */
	{ FACT_lock_logged, LOCK_LISTED, NULL, "{client} auto {cookie} {address}",
	  "client.4167  auto 139889903416784  10.99.2.2:0/1489055483" },
	/* a lock that librbd did not take: its id is whatever its owner calls it */
	{ FACT_lock_logged, LOCK_LISTED, NULL, "{client} {lock_id} {address}", "client.4167  compute1  10.99.2.2:0/1489055483" },
	/* what the commands themselves answer */
	{ FACT_blocklist_entry, 0, NULL, "blocklisting {address} until {until} (",
	  "blocklisting 10.99.2.2:0/1489055483 until 2026-11-27T21:57:11.014068+0000 (3600 sec)" },
	{ FACT_blocklist_entry, 0, NULL, "blacklisting {address} until {until} (",
	  "blacklisting 10.99.2.2:0/1489055483 until 2020-03-15 22:20:44.052504 (3600 sec)" },
	{ FACT_blocklist_entry, LISTED_LIFTED, NULL, "un-blocklisting {address}", "un-blocklisting 10.99.2.2:0/1489055483" },
	{ FACT_blocklist_entry, LISTED_LIFTED, NULL, "un-blacklisting {address}", "un-blacklisting 10.99.2.2:0/1489055483" },
	{ FACT_blocklist_entry, LISTED_LIFTED, NULL, "removed all blocklist entries", "removed all blocklist entries" },
	{ FACT_blocklist_entry, LISTED_LIFTED, NULL, "removed all blacklist entries", "removed all blacklist entries" },
	/* a piece of the JSON of an osd dump */
	{ FACT_blocklist_entry, 0, NULL, "\"{address}\": \"{until}\"",
	  "\"10.99.2.2:0/1489055483\": \"2026-11-27T21:57:11.014068+0000\"," },
	/* ceph config show, ceph config get, ceph.conf; with the section before it ceph config dump */
	{ FACT_watch_timeout, 0, NULL, "osd_client_watch_timeout {timeout}", "osd_client_watch_timeout            20      file" },
	{ FACT_watch_timeout, 0, NULL, "osd_client_watch_timeout = {timeout}", "osd_client_watch_timeout = 20" },
	{ FACT_watch_timeout, 0, NULL, "osd_client_watch_timeout={timeout}", "osd_client_watch_timeout=20" },
	{ FACT_watch_timeout, 0, NULL, "osd client watch timeout = {timeout}", "osd client watch timeout = 20" },
	{ FACT_watch_timeout, 0, NULL, "osd client watch timeout={timeout}", "osd client watch timeout=20" },
	{ FACT_watch_timeout, 0, NULL, "osd {} osd_client_watch_timeout {timeout}",
	  "osd         advanced  osd_client_watch_timeout               20" },
	{ FACT_watch_timeout, 0, NULL, "global {} osd_client_watch_timeout {timeout}",
	  "global      advanced  osd_client_watch_timeout               20" },
	/* ceph osd perf */
	{ FACT_osd_latency, 0, NULL, "{count} {commit} {apply}", "0                   12                  13" },
	/* ceph osd blocklist ls */
	{ FACT_blocklist_entry, 0, NULL, "cidr:{range} {until}", "cidr:10.88.0.0:0/16 2026-11-27T21:56:40.314894+0000" },
	{ FACT_blocklist_entry, 0, NULL, "{address} {until}", "10.99.2.2:0/1489055483 2026-11-27T21:57:11.014068+0000" },
};

const struct log_table log_listing_table = { FAMILY_LISTING, rows, sizeof(rows) / sizeof(*rows) };

/* How each listing's first line begins; a second word must stand somewhere near its beginning. */
static const struct {
	const char *kind, *first, *near;
} headers[] = {
	{ "ceph-osd-perf", "osd commit_latency(ms)", "" },
	{ "ceph-osd-perf", "osd  commit_latency(ms)", "" },
	{ "ceph-osd-perf", "osd fs_commit_latency(ms)", "" },
	{ "ceph-osd-perf", "osd  fs_commit_latency(ms)", "" },
	{ "ceph-osd-dump", "epoch ", "\nfsid " },
	{ "rbd-status", "Watchers:", "" },
	{ "rbd-status", "watcher=", " cookie=" },
	{ "rbd-lock-ls", "There is 1 ", "lock on this image" },
	{ "rbd-lock-ls", "There are ", "locks on this image" },
	{ "rbd-lock-ls", "Locker ", "Address" },
	{ "ceph-config", "NAME ", "osd_client_watch_timeout" },
	{ "ceph-config", "WHO ", "osd_client_watch_timeout" },
	{ "ceph-config", "[global]", "watch" },
	{ "ceph-config", "[osd]", "watch" },
	{ "ceph-config", "osd_client_watch_timeout", "" },
};

/* "10.0.0.1:0/7 2026-…" or "cidr:10.0.0.0:0/16 2026-…": `ceph osd blocklist ls` has no header. Returns its length, 0: it is
 * none. */
static size_t entry_length(const char *line, size_t length)
{
	const char *space = memchr(line, ' ', length), *slash = space ? memchr(line, '/', (size_t)(space - line)) : NULL;
	static const struct stamp_zone utc = { .tz = "UTC" };
	struct stamp ignored;
	char stamp[48];
	size_t left = space ? length - (size_t)(space + 1 - line) : 0, taken;

	if (!slash || !memchr(line, ':', (size_t)(slash - line)) || !left)
		return 0;
	text_copy(stamp, sizeof(stamp), space + 1, left);
	taken = stamp_parse(stamp, &utc, &ignored);
	return taken ? (size_t)(space + 1 - line) + taken : 0;
}

#define ROW_MOST 512

/* "1. ", "* ", "- " in front of an item. */
static size_t item_mark(const char *text, size_t length)
{
	size_t digits = text_run(text, length, DECIMAL);

	if (digits && digits < 4 && digits + 1 < length && char_in(text[digits], ".)") && text[digits + 1] == ' ')
		return digits + 2;
	return text_begins(text, length, "* ") || text_begins(text, length, "- ") ? 2 : 0;
}

/* Columns with one blank between them; YAML's key of one ends with a colon. */
static void put_columns(const char *text, size_t length, struct text_buffer *plain)
{
	plain->length = 0;
	for (size_t i = 0; i < length; i++) {
		bool blank = char_in(text[i], " \t|,;\"'`") || (text[i] == ':' && i + 1 < length && char_in(text[i + 1], " \""));

		if (!blank)
			text_buffer_add(plain, text + i, 1);
		else if (plain->length && plain->text[plain->length - 1] != ' ')
			text_buffer_add(plain, " ", 1);
	}
	if (plain->length && plain->text[plain->length - 1] == ' ')
		plain->text[--plain->length] = '\0';
}

bool log_listing_plain(const char *text, size_t length, struct text_buffer *plain)
{
	size_t mark = length < ROW_MOST ? item_mark(text, length) : length, entry;

	if (mark == length || !char_in(text[mark], "0123456789[c|\"`") || !memchr(text, '/', length))
		return false;
	put_columns(text + mark, length - mark, plain);
	if (!plain->length || (plain->length == length && !memcmp(plain->text, text, length)))
		return false;
	if (text_begins(plain->text, plain->length, "client."))
		return memmem(plain->text, plain->length, " auto ", 6);
	entry = entry_length(plain->text, plain->length);
	/* a remark, by the sign in front of it: other lists have columns with other things */
	if (!entry || (entry < plain->length && (plain->text[entry] != ' ' || !char_in(plain->text[entry + 1], "#<(/"))))
		return false;
	plain->text[plain->length = entry] = '\0';
	return true;
}

const char *log_listing_header(const char *line, size_t length)
{
	if (text_begins(line, length, "listed ") && memmem(line, length, " entr", 5)) /* what `blocklist ls` says on stderr */
		return "ceph-blocklist-ls";
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (text_begins(line, length, headers[i].first) &&
		    (*headers[i].near == '\n' || memmem(line, length, headers[i].near, strlen(headers[i].near))))
			return headers[i].kind;
	return NULL;
}

const char *log_listing_recognise(const char *head, size_t length)
{
	const char *newline, *end = head + length, *kind;

	head += text_run(head, length, " \t\r\n");
	length = (size_t)(end - head);
	newline = memchr(head, '\n', length) ?: end;
	kind = log_listing_header(head, (size_t)(newline - head));
	if (kind && strcmp(kind, "ceph-osd-dump")) /* an fsid must follow */
		return kind;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (text_begins(head, length, headers[i].first) && memmem(head, length, headers[i].near, strlen(headers[i].near)))
			return headers[i].kind;
	if (newline > head && newline[-1] == '\r')
		newline--;
	length = (size_t)(newline - head);
	return length && entry_length(head, length) == length ? "ceph-blocklist-ls" : NULL;
}
