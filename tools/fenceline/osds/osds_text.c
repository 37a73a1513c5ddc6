/* SPDX-License-Identifier: MIT */
#include "osds/osds_text.h"
#include "render/escape.h"
#include "render/style.h"
#include "render/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The chart's columns are the buckets; all below 0.26 ms are one, and all from 8.4 s on. */
#define FIRST   7
#define LAST    23
#define COLUMNS (LAST - FIRST + 1)
#define NAME    22

static const char *span(int64_t ns, char buf[TEXT_BUF])
{
	if (ns == OSDS_LOST_NS)
		return "lost";
	return ns < 0 ? "-" : text_span(ns, buf);
}

/* How the round trips are spread: the height of a column is its share of the fullest one's, on a scale of halves, so that one in
 * a hundred is still seen. */
static void chart(const struct text *text, const struct osd_seen *osd)
{
	static const char *const bars[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char plain[] = " .:-=+*#@";
	uint64_t columns[COLUMNS] = { 0 }, most = 0;

	for (int i = 0; i < OSDS_BUCKETS; i++) {
		int column = i < FIRST ? 0 : i > LAST ? COLUMNS - 1 : i - FIRST;
		columns[column] += osd->buckets[i];
		if (columns[column] > most)
			most = columns[column];
	}
	for (int i = 0; i < COLUMNS; i++) {
		int height = columns[i] ? 8 : 0;
		for (uint64_t share = most; height > 1 && columns[i] <= share / 2; share /= 2)
			height--;
		if (text->style->utf8)
			fputs(bars[height], text->out);
		else
			fputc(plain[height], text->out);
	}
}

static void row(const struct text *text, const struct osd_seen *osd)
{
	char median[TEXT_BUF], p99[TEXT_BUF], slow[32];
	char *address = escape_terminal(osd->address, text->style->utf8);

	snprintf(slow, sizeof slow, "%zu of %zu", osd->slow_vms, osd->vm_count);
	fprintf(text->out, "%s%-*s%s %9" PRIu64 " %6" PRIu64 " %9s %9s  %-9s ", ink(text, osd->slow ? INK_ALARM : INK_BOLD), NAME,
	        address ? address : "", ink_off(text), osd->answered, osd->lost, span(osd->median_ns, median),
	        span(osd->p99_ns, p99), slow);
	chart(text, osd);
	fputc('\n', text->out);
	free(address);
}

/* "vm1, vm2 and 5 more" */
static void names_of_slow(const struct osd_seen *osd, char *buf, size_t size)
{
	size_t shown = 0, length = 0;

	*buf = '\0';
	for (size_t i = 0; i < osd->vm_count && shown < 4; i++)
		if (osd->vms[i].slow && length < size)
			length += (size_t)snprintf(buf + length, size - length, "%s%s", shown++ ? ", " : "", osd->vms[i].name);
	if (shown < osd->slow_vms && length < size)
		snprintf(buf + length, size - length, " and %zu more", osd->slow_vms - shown);
}

static void tell_slow(const struct text *text, const struct osds *osds, const struct osd_seen *osd)
{
	char median[TEXT_BUF], others[TEXT_BUF], names[1200];

	names_of_slow(osd, names, sizeof names);
	fputs("  ", text->out);
	text_wrapf(text, 2, INK_PLAIN,
	           "The OSD at %s stands out: %s %s, the others' median %s; %zu of %zu %s find it slow (%s). First hold snapshot "
	           "jobs back (fenceline guard does). Which one it is: `ceph osd dump | grep %s`. Then look at its disk, at "
	           "snaptrim, scrub and recovery: `ceph tell osd.N dump_ops_in_flight`.",
	           osd->address, osds->live ? "last round trips" : "median", span(osd->median_ns, median),
	           span(osd->others_ns, others), osd->slow_vms, osd->vm_count, osds->by_host ? "hosts" : "VMs", names,
	           osd->address);
}

static void tell_one_vm(const struct text *text, const struct osds *osds, const struct osd_seen *osd)
{
	char names[1200];

	names_of_slow(osd, names, sizeof names);
	fputs("  ", text->out);
	text_wrapf(text, 2, INK_PLAIN, "%s alone finds the OSD at %s slow: that may be %s, and is no verdict on the OSD.", names,
	           osd->address, osds->by_host ? "the host itself" : "its own host");
}

static void tell_none(const struct text *text, const struct osds *osds)
{
	fputs("  ", text->out);
	if (osds->count == 1)
		text_wrap(text, 2, INK_PLAIN, "There is only one OSD: it cannot be compared.");
	else
		text_wrapf(text, 2, INK_PLAIN,
		           "No OSD stands out: none is %d ms or slower, and %d times as slow as the others, for %d %s.",
		           (int)(OSDS_FLOOR_NS / 1000000), OSDS_FACTOR, OSDS_VMS, osds->by_host ? "hosts" : "VMs");
}

static void tell_all(const struct text *text, const struct osds *osds)
{
	bool told = false;

	for (size_t i = 0; i < osds->count; i++) {
		if (osds->list[i].slow)
			tell_slow(text, osds, &osds->list[i]);
		else if (osds->list[i].slow_vms)
			tell_one_vm(text, osds, &osds->list[i]);
		told |= osds->list[i].slow_vms > 0;
	}
	if (!told)
		tell_none(text, osds);
}

int osds_print_text(const struct osds *osds, FILE *out)
{
	struct render_style style = render_style_of(out);
	struct text text = { out, &style };
	char begin[TEXT_BUF], end[TEXT_BUF];

	if (!osds->count) {
		fprintf(out,
		        "No watch ping with its OSD: they are seen on the wire, while something is recorded and connections are "
		        "not encrypted.\n");
		return ferror(out) ? -EIO : 0;
	}
	if (osds->live)
		fputs("Watch pings of this host's processes: the last round trip of each, and how all were spread since they "
		      "began\n\n",
		      out);
	else
		fprintf(out, "Watch pings from %s to %s UTC\n\n", text_moment(osds->begin_ns, begin),
		        text_moment(osds->end_ns, end));
	fprintf(out, "%s%-*s %9s %6s %9s %9s  %-9s <.3ms  16ms  1s 8s%s\n", ink(&text, INK_DIM), NAME, "OSD", "ANSWERED", "LOST",
	        osds->live ? "NOW" : "MEDIAN", "P99", "SLOW FOR", ink_off(&text));
	for (size_t i = 0; i < osds->count; i++)
		row(&text, &osds->list[i]);
	fputc('\n', out);
	tell_all(&text, osds);
	if (osds->unplaced)
		fprintf(out, "  %" PRIu64 " %s whose OSD is not known (encrypted connections, logs) %s left out.\n",
		        osds->unplaced,
		        osds->live            ? osds->unplaced == 1 ? "watch" : "watches"
		        : osds->unplaced == 1 ? "ping"
		                              : "pings",
		        osds->unplaced == 1 ? "is" : "are");
	return ferror(out) ? -EIO : 0;
}
