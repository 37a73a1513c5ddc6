/* SPDX-License-Identifier: MIT */
/*
 * What a line of a log says, as a table of forms: one row per form of line, one table per kind of log. A new release's line is
 * one more row. Internal to ingest/. Not thread-safe.
 *
 * Forms are of one language, in which the tables say what a line looks like, and log_forms.c and unwrap.c what stands around it:
 * {name} takes a value, "{{" is a brace, all else must be there as it is. The names of what lines say are listed here, those of
 * envelopes and wrappers in log_form.c.
 *
 * A row's form is matched from the beginning of what the envelope holds. {} takes anything, as little as the rest of the form
 * allows; a space stands for one or more. Text after the form's end is ignored.
 */
#ifndef FENCELINE_INGEST_LOG_ROW_H
#define FENCELINE_INGEST_LOG_ROW_H

#include "ingest/event.h"
#include "ingest/log_scan.h"
#include "ingest/text_in.h"

struct form_part {
	const char *literal; /* within the form's text; NULL: it is a value */
	size_t length;       /* of the literal */
	size_t value;        /* its place among the names */
};

struct form {
	struct form_part *parts; /* owned */
	size_t count;
};

/* Cuts the form's text, which it borrows, into parts. `name_of` tells the names, from 0 on, NULL behind the last. Aborts at a
 * name that there is not: no test gets past it. */
void form_cut(struct form *form, const char *text, const char *(*name_of)(size_t value));

struct log_row {
	enum fact fact;   /* FACT_COUNT: the line is known, and says nothing */
	int what;         /* enum watch_words, io_layer, lock_words, vm_words: by fact */
	const char *word; /* stands in every such line: what is scanned for; at least LOG_SCAN_SHORTEST bytes. NULL: none */
	const char *form;
	const char *example; /* what an envelope held in a real log */
};

#define ROW_ONE_IO      0x100 /* in `what` of an io_failure: the line stands for one I/O */
#define SLOW_OF_CLUSTER 1     /* `what` of a slow_request: health says so, it may be of any OSD */
#define LISTED_LIFTED   1     /* `what` of a blocklist_entry: it is taken off */
#define ROW_RM          0     /* `what` of an audit_blocklist: an address is taken off the blocklist */
#define ROW_ADD         1     /* the same: it is put there */

#define WATCH_TIMEOUT "osd_client_watch_timeout" /* the option, in seconds */

/* Who writes such lines. */
enum log_family {
	FAMILY_CEPH = 1,     /* monitors, OSDs, and the logs they share */
	FAMILY_CLIENT = 2,   /* librados and librbd, in a log of their own or on QEMU's stderr */
	FAMILY_QEMU = 4,     /* and libvirt */
	FAMILY_KERNEL = 8,   /* of a guest */
	FAMILY_LISTING = 16, /* what ceph and rbd print: line by line, no word to scan for */
	FAMILY_SERVICE = 32, /* programs that use images and are no QEMU: nova, cinder, ceph-csi, tcmu-runner */
};
#define FAMILY_ANY (FAMILY_CEPH | FAMILY_CLIENT | FAMILY_QEMU | FAMILY_KERNEL | FAMILY_SERVICE) /* of logs */
#define FAMILY_ALL (FAMILY_ANY | FAMILY_LISTING)

struct log_table {
	enum log_family family;
	const struct log_row *rows;
	size_t count;
};
extern const struct log_table log_osd_table, log_client_table, log_qemu_table, log_kernel_table;
extern const struct log_table log_service_table, log_refused_table, log_listing_table;
extern const struct log_table *const log_tables[]; /* all of them, NULL at the end */

/* What a name in braces takes. */
enum log_takes {
	TAKES_TEXT,     /* anything */
	TAKES_WORD,     /* no space in it */
	TAKES_NUMBER,   /* decimal digits */
	TAKES_FRACTION, /* and a point */
	TAKES_CLIENT,   /* "client.N" */
	TAKES_RBD,      /* "rbd2" */
	TAKES_ADDRESS,  /* a client's or a CIDR, as Ceph writes them */
	TAKES_SET,      /* of intervals, "[1~3,8~1]" */
};

/* The names that a form may hold in braces, V(name, what it takes, the field of the payload that it is; NULL: log_fill.c makes of
 * it what the event holds). */
#define LOG_VALUES(V) \
	V(none, TEXT, NULL) /* {} */ \
	V(cookie, NUMBER, "cookie") \
	V(linger, NUMBER, "linger")   /* the client's own number of a watch */ \
	V(client, CLIENT, "gid")      /* client.N */ \
	V(by, CLIENT, "by_gid")       /* client.N, the other one */ \
	V(address, ADDRESS, "address") /* a client's */ \
	V(osd, WORD, "osd")           /* osd.3, or its address */ \
	V(osds, TEXT, NULL)           /* several, "osd.3,osd.7" or "3,7" */ \
	V(store, WORD, NULL)          /* an OSD's folder, /var/lib/ceph/osd/ceph-3 */ \
	V(kclient, WORD, "gid")       /* client4167, the kernel's way of client.4167 */ \
	V(rbd_device, RBD, "device")  /* rbd2: of the kernel's own client */ \
	V(lock_id, WORD, NULL)        /* of a lock that librbd did not take */ \
	V(object, WORD, "object")     /* its name */ \
	V(pg, WORD, "pg")             /* 1.6 */ \
	V(count, NUMBER, "count") \
	V(counted, TEXT, "count")     /* anything, with a number at its end */ \
	V(seconds, FRACTION, "blocked_ns") /* how long something has waited */ \
	V(since, TEXT, NULL)          /* the stamp from which on it waits */ \
	V(timeout, NUMBER, "timeout_s") /* of a watch, in seconds */ \
	V(result, WORD, "result")     /* -108, osd:108, or (108) */ \
	V(device, WORD, "device")     /* vda, drive-virtio-disk0 */ \
	V(cmd, NUMBER, NULL)          /* QEMU's enum RBDAIOCmd */ \
	V(op, WORD, NULL)             /* 0x1:(WRITE), write */ \
	V(offset, NUMBER, "offset") \
	V(length, NUMBER, "length") \
	V(sector, NUMBER, NULL)       /* of 512 bytes */ \
	V(block, NUMBER, NULL)        /* of a file system's size, which is not told */ \
	V(snap, TEXT, "snap")         /* a snapshot's name */ \
	V(until, TEXT, NULL)          /* a stamp */ \
	V(range, ADDRESS, NULL)       /* a CIDR */ \
	V(commit, NUMBER, "commit_ms") \
	V(apply, NUMBER, "apply_ms") \
	V(intervals, SET, "intervals") \
	V(removed, SET, "removed") \
	V(request, TEXT, NULL)        /* osd_op(client.N… , or what follows its parenthesis: client, object and a watch's cookie */

enum log_value {
#define LOG_VALUE_ENUM(name, takes, field) VALUE_##name,
	LOG_VALUES(LOG_VALUE_ENUM)
#undef LOG_VALUE_ENUM
	        VALUES
};
extern const struct log_value_row {
	const char *name; /* as a form has it in braces */
	enum log_takes takes;
	const char *field;
} log_values[VALUES];

struct log_match {
	const struct log_row *row;
	struct log_span values[VALUES]; /* of one that the form has not, `at` is NULL */
};

/* Looks for the words of all tables' rows, and for those that the caller adds. */
struct log_scan *log_rows_scan(void);
/* Which of these words text[0, length) holds. */
log_words log_rows_words(const char *text, size_t length);
/* The first row of these families whose word is among `words`, which log_rows_words has told, and that matches text[0, length).
 * False: none does. */
bool log_rows_match(unsigned int families, log_words words, const char *text, size_t length, struct log_match *match);

/* What a value holds. Each is 0 where there is none. */
uint64_t log_span_number(struct log_span span);
int64_t log_span_ns(struct log_span seconds);
uint64_t log_span_gid(struct log_span client); /* of client.N */
int32_t log_span_result(struct log_span result);

/* What an OSD's request, as Ceph writes it, tells: the client, the object and, of a watch operation, the cookie. Of all other
 * requests nothing is known. */
void log_request_parse(struct log_span text, struct log_span values[VALUES]);

/* The image of rbd_data.ID.N, rbd_data.POOL.ID.N (data pool), rbd_header.ID, rbd_object_map.ID; length 0 for other objects. */
struct log_span log_request_image_id(struct log_span object);

#endif
