/* SPDX-License-Identifier: MIT */
#include "render/text_io.h"
#include "render/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

struct io_sum {
	uint64_t reads, writes, discards, flushes, errors, read_bytes, write_bytes;
	uint64_t slowest_ns, lowest_rate, highest_rate;
	uint32_t inflight;
};

static void sum_io(struct io_sum *sum, const struct timeline_entry *entry)
{
	if (entry->io.latency_ns > sum->slowest_ns)
		sum->slowest_ns = entry->io.latency_ns;
	sum->errors += entry->io.result < 0;
	if (entry->io.op == FL_IO_READ) {
		sum->reads++;
		sum->read_bytes += entry->io.length;
	} else if (entry->io.op == FL_IO_FLUSH) {
		sum->flushes++;
	} else if (entry->io.op == FL_IO_DISCARD || entry->io.op == FL_IO_WRITE_ZEROES) {
		sum->discards++;
	} else {
		sum->writes++;
		sum->write_bytes += entry->io.length;
	}
}

static void sum_summary(struct io_sum *sum, const struct timeline_entry *entry)
{
	uint64_t ios =
	        (uint64_t)entry->summary->reads + entry->summary->writes + entry->summary->discards + entry->summary->flushes;
	uint64_t rate = entry->summary->span_ns ? (ios * NS_PER_S + entry->summary->span_ns / 2) / entry->summary->span_ns : ios;

	sum->reads += entry->summary->reads;
	sum->writes += entry->summary->writes;
	sum->discards += entry->summary->discards;
	sum->flushes += entry->summary->flushes;
	sum->errors += entry->summary->errors;
	sum->read_bytes += entry->summary->read_bytes;
	sum->write_bytes += entry->summary->write_bytes;
	sum->inflight = entry->summary->inflight;
	if (entry->summary->max_latency_ns > sum->slowest_ns)
		sum->slowest_ns = entry->summary->max_latency_ns;
	sum->lowest_rate = rate < sum->lowest_rate ? rate : sum->lowest_rate;
	sum->highest_rate = rate > sum->highest_rate ? rate : sum->highest_rate;
}

static void io_append(char *words, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void io_append(char *words, size_t size, const char *format, ...)
{
	size_t length = strlen(words);
	va_list args;

	va_start(args, format);
	vsnprintf(words + length, size - length, format, args);
	va_end(args);
}

static const char *io_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void io_words(const struct text *text, const struct io_sum *sum, bool rates, char *words, size_t size)
{
	char buf[TEXT_BUF];

	snprintf(words, size, "I/O ");
	if (rates && sum->lowest_rate == sum->highest_rate)
		io_append(words, size, "%" PRIu64 "/s: ", sum->lowest_rate);
	else if (rates)
		io_append(words, size, "%" PRIu64 "%s%" PRIu64 "/s: ", sum->lowest_rate, text->style->utf8 ? "\u2013" : "-",
		          sum->highest_rate);
	if (sum->writes)
		io_append(words, size, "%" PRIu64 " write%s (%s), ", sum->writes, io_plural(sum->writes),
		          text_bytes(sum->write_bytes, buf));
	if (sum->reads)
		io_append(words, size, "%" PRIu64 " read%s (%s), ", sum->reads, io_plural(sum->reads),
		          text_bytes(sum->read_bytes, buf));
	if (sum->discards)
		io_append(words, size, "%" PRIu64 " discard%s, ", sum->discards, io_plural(sum->discards));
	if (sum->flushes)
		io_append(words, size, "%" PRIu64 " flush%s, ", sum->flushes, sum->flushes == 1 ? "" : "es");
	if (sum->errors)
		io_append(words, size, "%" PRIu64 " failed, ", sum->errors);
	io_append(words, size, "slowest %s", text_span((int64_t)sum->slowest_ns, buf));
	if (sum->inflight)
		io_append(words, size, ", %" PRIu32 " in flight at the end", sum->inflight);
}

bool text_io_words(const struct text *text, const struct timeline_entry *const *entries, size_t count, char *words, size_t size)
{
	const struct timeline_entry *first = entries[0], *last = entries[count - 1];
	bool summary = first->kind == TL_IO_SUMMARY;
	struct io_sum sum = { .lowest_rate = UINT64_MAX };
	char span[TEXT_BUF];

	for (size_t i = 0; i < count; i++)
		(summary ? sum_summary : sum_io)(&sum, entries[i]);
	io_words(text, &sum, summary, words, size);
	if (last->ts_ns - first->ts_ns >= NS_PER_S)
		io_append(words, size, " (over %s)", text_span(last->ts_ns - first->ts_ns, span));
	return sum.errors || sum.slowest_ns > SLOW_IO_NS;
}
