/* SPDX-License-Identifier: MIT */
/*
 * What `fenceline integrate` does to a file, so that it can be undone to the byte. An edit is a function from what the file
 * holds to what it is to hold; nothing is remembered elsewhere, so a file that an upgrade has replaced is simply edited again.
 */
#ifndef FENCELINE_INTEGRATE_EDIT_H
#define FENCELINE_INTEGRATE_EDIT_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum edit_kind {
	EDIT_FILE,  /* the whole file is ours: `text`; undone, it goes, with the folders that were made for it */
	EDIT_BLOCK, /* `text` between two marks, at the top of somebody's file or where they are; the file is made if there is none */
	EDIT_LINES, /* lines that `matches` takes are commented out; a file that is not there stays so */
};

struct edit {
	enum edit_kind kind;
	const char *target; /* the word after `fenceline integrate`; borrowed */
	char *path;         /* absolute, without the root; owned */
	char *text;         /* owned, or NULL */
	mode_t mode;        /* of a file that is made */
	int (*matches)(const char *line, size_t length);
};

enum edit_way { EDIT_DO, EDIT_UNDO };

/*
 * What the file holds after the edit. `old` is what it holds now, NULL if it is not there. *new is malloc'ed and the caller's,
 * or NULL: the file is not to be there. Returns 0; -EEXIST if EDIT_FILE meets a file that fenceline did not write; -ENOMEM.
 */
int edit_result(const struct edit *edit, enum edit_way way, const char *old, char **new);

/*
 * Carries the edit out below `root` ("" for this machine). A file is replaced as a whole or not at all; owner and mode stay.
 * Returns 1 if the file was changed, 0 if it was as it is to be, or -errno.
 */
int edit_apply(const struct edit *edit, enum edit_way way, const char *root);

/* Is the edit in the file now? 1 or 0; for EDIT_LINES also 1 if there is nothing to comment out. */
int edit_is_done(const struct edit *edit, const char *root);

/* For EDIT_FILE: has fenceline written the file that is there, whatever stands in it now? 1 or 0. */
int edit_is_ours(const struct edit *edit, const char *root);

/* What the edit would do, for a reader: the file's name and its lines. */
void edit_show(const struct edit *edit, const char *root, FILE *out);

/* Reads a whole text file. Returns malloc'ed text, NULL with errno set otherwise. */
char *edit_read(const char *root, const char *path);

void edit_free(struct edit *edit);

#endif
