/* SPDX-License-Identifier: MIT */
/* One log while it is read, and how its lines become events. Internal to ingest/log*.c. */
#ifndef FENCELINE_INGEST_LOG_LINE_H
#define FENCELINE_INGEST_LOG_LINE_H

#include "ingest/intake.h"
#include "ingest/line_reader.h"
#include "ingest/log_fill.h"
#include "ingest/log_pieces.h"
#include "ingest/log_vm.h"

struct log {
	const char *path; /* borrowed from the source */
	struct stamp_zone zone;
	struct ingest *ingest;  /* borrowed, like its sources and VMs */
	struct source *source;  /* of lines that name no host */
	struct source *of_host; /* of the host that a line named last; NULL: none has */
	bool grows;                      /* it comes in parts; no line is its last */
	const char *known_as;            /* the kind that its first lines show; NULL: none yet */
	struct event_list *list;         /* borrowed: the ingest's, of this part */
	struct line_reader *reader;      /* owned once the list reads on */
	uint64_t line;                   /* the last that was looked at */
	struct unwrap *unwrap;           /* owned */
	log_words audit, start, name;    /* the bits of words that are no row's */
	unsigned int families, bare;     /* which rows may match at all, and which without an envelope */
	char osd[16];                    /* whose log it is, "osd.3"; "" if not known or no OSD's */
	struct log_vm *vm;               /* the same; NULL if not known */
	bool every_line;                 /* each is looked at, not only those that hold a row's word */
	struct log_command *command;     /* owned: a command line that is not at its end */
	struct log_pieces pieces;        /* of a line whose end is still to come */
	struct text_buffer text;         /* owned: the line at hand */
	struct text_buffer columns;      /* owned: the row of a listing that it holds, without its table */
	int64_t last_naive_ns;           /* of the last line without a zone; 0: there was none */
	bool hour_twice;                 /* such a line lies in an hour that comes twice */
	bool without_zone, year_assumed; /* a line that matters had no zone, no year */
	bool odd_zone;                   /* or one whose offset is not known */
	bool year_of_others;             /* the year is the one of the other inputs */
	bool assumed_said;               /* what was assumed has been told */
	uint64_t malformed, first_malformed; /* audit lines that are cut or damaged; the first's number */
	const char *listing; /* the kind of listing whose rows come; NULL: none */
	uint64_t listed_said, listed_read; /* entries of a blocklist: "listed N entries", and those that are there */
	/* What is told at the end of a log that gave no event. */
	uint64_t events, known;                 /* events; lines that had a form */
	uint64_t unread_commands, first_unread; /* lines with a blocklist command that are not understood; the first's number */
	bool audit_read;                        /* one that is */
	const char *archive;                    /* "a tar archive", which nobody has unpacked; NULL: it is none */
	bool other_json, damaged_json;          /* JSON of a kind that is not read; JSON that ends before its end */
	struct odd_line {
		uint64_t number;
		char text[80];
	} odd; /* the first line that no form matched; number 0: there is none */
};

struct log *log_new(struct ingest *ingest, const char *path);
void log_free(struct log *log); /* may be NULL */

/* The envelope of a line; parsed->text lies in log->text. False if it has none. */
bool log_parse(struct log *log, const struct line *line, struct log_line *parsed);
/* The same, but an envelope of which only something is left is none: the line may be the end of another. */
bool log_parse_whole(struct log *log, const struct line *line, struct log_line *parsed);
/* The same without "# " in front, where a row or the header of a listing follows: somebody made a comment of it. */
struct line log_uncomment(struct line line);
/* Sets the kind of log that has such lines bare of any envelope. False: nobody knows. */
bool log_knows_bare(struct log *log, const char *text, const char **kind);
/* What the log is, if that is not told yet; NULL: nobody knows. */
void log_note_kind(struct log *log, const char *kind);
void log_note_zone(struct log *log, const struct log_line *parsed);
/* A line that nobody knows: the first is kept. */
void log_note_odd(struct log *log, const struct line *line);
/* A line that may say something. */
void log_take(struct log *log, const struct line *line);
/* No line comes any more. */
void log_take_end(struct log *log);

#endif
