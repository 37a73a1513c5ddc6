/* SPDX-License-Identifier: MIT */
#include "fleet/rows.h"
#include "ingest/event_text.h"
#include "ingest/fact_fields.h"
#include "model/address.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS 1024

/* A client of a process, or one of its images: who it is. */
struct known {
	struct known *next;
	char *host;
	uint32_t pid, image; /* image 0: what all images of it have */
	uint64_t gid;
	char vm[256], uuid[64], address[128], pool[128], nspace[128], name[256], image_id[64];
};

struct rows {
	const char *shipper;
	struct known *buckets[BUCKETS];
	uint64_t seq;
};

struct rows *rows_new(const char *shipper)
{
	struct rows *rows = calloc(1, sizeof *rows);

	if (rows)
		rows->shipper = shipper;
	return rows;
}

void rows_free(struct rows *rows)
{
	struct known *next;

	for (size_t i = 0; rows && i < BUCKETS; i++)
		for (struct known *known = rows->buckets[i]; known; known = next) {
			next = known->next;
			free(known->host);
			free(known);
		}
	free(rows);
}

/* ---- Fields by name ---- */

static const struct field_row *row_of(const struct event *event, const char *name)
{
	const struct event_row *rows = fact_row(event->fact);

	for (size_t i = 0; i < rows->count; i++)
		if (!strcmp(rows->fields[i].name, name))
			return &rows->fields[i];
	return NULL;
}

static const char *text_of(const struct event *event, const char *name)
{
	const struct field_row *row = row_of(event, name);

	return row && row->type == FIELD_STR ? *(const char *const *)fact_field(event, row) : "";
}

static int64_t number_of(const struct event *event, const char *name)
{
	const struct field_row *row = row_of(event, name);
	const void *from = row ? fact_field(event, row) : NULL;

	return !row || row->type == FIELD_STR || row->type == FIELD_LAT ? 0 : field_number(row->type, from);
}

/* ---- Who ---- */

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static struct known **place_of(struct rows *rows, const struct event *event, uint32_t image)
{
	const struct fl_head *head = &event->head;
	uint64_t hash = mix(HASH_BEGIN, event->source->host, strlen(event->source->host));
	struct known **place;

	hash = mix(hash, &head->pid, sizeof head->pid);
	hash = mix(hash, &head->global_id, sizeof head->global_id);
	hash = mix(hash, &image, sizeof image);
	for (place = &rows->buckets[hash % BUCKETS]; *place; place = &(*place)->next)
		if ((*place)->pid == head->pid && (*place)->gid == head->global_id && (*place)->image == image &&
		    !strcmp((*place)->host, event->source->host))
			break;
	return place;
}

static struct known *know(struct rows *rows, const struct event *event, uint32_t image)
{
	struct known **place = place_of(rows, event, image);

	if (!*place) {
		*place = calloc(1, sizeof **place);
		if (*place) {
			(*place)->host = strdup(event->source->host);
			(*place)->pid = event->head.pid;
			(*place)->gid = event->head.global_id;
			(*place)->image = image;
		}
		if (*place && !(*place)->host) {
			free(*place);
			*place = NULL;
		}
	}
	return *place;
}

static void keep(char *to, size_t size, const char *text)
{
	if (*text)
		snprintf(to, size, "%s", text);
}

void rows_learn(struct rows *rows, const struct event *event)
{
	struct known *known;
	uint32_t image;

	if (event->fact != FACT_state && event->fact != FACT_client_connect && event->fact != FACT_image_open)
		return;
	known = know(rows, event, 0);
	if (!known)
		return;
	keep(known->vm, sizeof known->vm, text_of(event, "vm_name"));
	keep(known->uuid, sizeof known->uuid, text_of(event, "vm_uuid"));
	keep(known->address, sizeof known->address, text_of(event, "address"));
	image = (uint32_t)number_of(event, "image");
	known = image ? know(rows, event, image) : NULL;
	if (!known)
		return;
	keep(known->pool, sizeof known->pool, text_of(event, "pool"));
	keep(known->nspace, sizeof known->nspace, text_of(event, "nspace"));
	keep(known->name, sizeof known->name, text_of(event, "name"));
	keep(known->image_id, sizeof known->image_id, text_of(event, "image_id"));
}

/* ---- The row ---- */

bool row_is_rare(const struct event *event)
{
	switch (event->fact) {
	case FACT_state:
	case FACT_ping_sent:
	case FACT_io:
	case FACT_io_summary:
	case FACT_passthrough:
		return false;
	case FACT_ping_reply:
		return event->trace.ping_reply.result != 0;
	case FACT_ping_sample:
		return event->trace.ping_sample.change > 1;
	default:
		return true;
	}
}

bool row_tells_harm(const struct event *event)
{
	switch (event->fact) {
	case FACT_blocklist:
	case FACT_audit_blocklist:
	case FACT_watch_error:
	case FACT_io_eshutdown:
	case FACT_process_stalled:
		return true;
	case FACT_ping_reply:
		return event->trace.ping_reply.result != 0;
	default:
		return false;
	}
}

/* The same fact always gets the same: copies of a trace lie at several paths, a log's line at one. */
static uint64_t id_of(const struct rows *rows, const struct event *event, const char *fields, size_t size)
{
	bool trace = fact_is_trace(event->fact);
	uint64_t hash = mix(HASH_BEGIN, event->source->host, strlen(event->source->host) + 1);

	if (!trace) {
		hash = mix(hash, rows->shipper, strlen(rows->shipper) + 1);
		hash = mix(hash, event->source->path, strlen(event->source->path) + 1);
		hash = mix(hash, &event->line, sizeof event->line);
	}
	hash = mix(hash, &event->ts_ns, sizeof event->ts_ns);
	hash = mix(hash, &event->fact, sizeof event->fact);
	return mix(hash, fields, size);
}

static void text_column(FILE *out, const char *name, const char *text)
{
	if (!*text)
		return;
	fprintf(out, ",\"%s\":", name);
	event_text_string(out, text);
}

static void number_column(FILE *out, const char *name, int64_t number)
{
	if (number)
		fprintf(out, ",\"%s\":%" PRId64, name, number);
}

/* The client that a log's line is about: its address, or the one that it fences. */
static void address_columns(FILE *out, const struct event *event, const struct known *client)
{
	const char *text =
	        text_of(event, event->fact == FACT_audit_blocklist || event->fact == FACT_blocklist_entry ? "target" : "address");
	struct address address;
	char ip[INET6_ADDRSTRLEN];

	if (!*text && client)
		text = client->address;
	if (!address_parse(text, &address) || !inet_ntop(address.family, address.ip, ip, sizeof ip))
		return;
	text_column(out, "client_ip", ip);
	if (address.has_nonce)
		fprintf(out, ",\"client_nonce\":%" PRIu64, address.nonce);
}

static const char *either(const char *own, const char *known)
{
	return *own ? own : known;
}

static void who_columns(struct rows *rows, const struct event *event, FILE *out)
{
	static const struct known nobody;
	bool trace = fact_is_trace(event->fact);
	uint32_t serial = trace ? (uint32_t)number_of(event, "image") : 0;
	const struct known *client = trace ? *place_of(rows, event, 0) : NULL,
	                   *image = serial ? *place_of(rows, event, serial) : NULL;

	address_columns(out, event, client);
	if (!client)
		client = &nobody;
	if (!image)
		image = &nobody;
	text_column(out, "vm", either(text_of(event, event->fact == FACT_vm_logged ? "name" : "vm_name"), client->vm));
	text_column(out, "uuid", either(text_of(event, event->fact == FACT_vm_logged ? "uuid" : "vm_uuid"), client->uuid));
	text_column(out, "pool", either(text_of(event, "pool"), image->pool));
	text_column(out, "namespace", either(text_of(event, trace ? "nspace" : "namespace"), image->nspace));
	text_column(out, "image", either(trace ? text_of(event, "name") : text_of(event, "image"), image->name));
	text_column(out, "image_id", either(text_of(event, "image_id"), image->image_id));
}

static void source_columns(const struct rows *rows, const struct event *event, FILE *out)
{
	const struct source *source = event->source;
	char *path = NULL;

	text_column(out, "host", source->host);
	text_column(out, "shipper", rows->shipper);
	/* A clock that no host is named for goes by its path, and two hosts have the same paths. */
	if (asprintf(&path, "%s:%s", rows->shipper, source->path) >= 0)
		text_column(out, "source", path);
	free(path);
	text_column(out, "source_kind", source->kind);
	text_column(out, "tz", source->tz);
	text_column(out, "tz_from", source->tz_from);
	number_column(out, "line", (int64_t)event->line);
	number_column(out, "uid", event->owner ? event->owner - 1 : 0);
	number_column(out, "owner", event->owner);
	text_column(out, "cluster", source->cluster);
}

void rows_write(struct rows *rows, const struct event *event, FILE *out)
{
	time_t seconds = event->ts_ns ? event->ts_ns / NS_PER_S : time(NULL);
	char *fields = NULL, day[16];
	size_t size = 0;
	FILE *memory = open_memstream(&fields, &size);
	struct tm tm;

	if (!memory)
		return;
	event_text_fields(memory, event);
	fclose(memory);
	rows_learn(rows, event);
	strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&seconds, &tm));
	fprintf(out,
	        "{\"day\":\"%s\",\"event\":\"%s\",\"slot\":%" PRId64 ",\"ts_ns\":%" PRId64 ",\"id\":%" PRIu64 ",\"seq\":%" PRIu64,
	        day, fact_row(event->fact)->name, event->ts_ns / SLOT_NS, event->ts_ns, id_of(rows, event, fields, size),
	        rows->seq++);
	if (fact_is_trace(event->fact)) {
		number_column(out, "pid", event->head.pid);
		number_column(out, "gid", (int64_t)event->head.global_id);
	} else {
		number_column(out, "gid", number_of(event, "gid"));
	}
	who_columns(rows, event, out);
	text_column(out, "osd", text_of(event, "osd"));
	number_column(out, "result", number_of(event, "result"));
	number_column(out, "rtt_ns", number_of(event, "rtt_ns"));
	number_column(out, "rare", row_is_rare(event));
	source_columns(rows, event, out);
	text_column(out, "fields", fields);
	fputs("}\n", out);
	free(fields);
}
