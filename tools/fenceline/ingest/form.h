/* SPDX-License-Identifier: MIT */
/*
 * The language of forms, in which the tables say what a line looks like, and what stands around it: {name} takes a value, "{{" is
 * a brace, all else must be there as it is. log_row.h lists the names of what lines say, log_form.c those of envelopes and
 * wrappers. Internal to ingest/.
 */
#ifndef FENCELINE_INGEST_FORM_H
#define FENCELINE_INGEST_FORM_H

#include <stddef.h>

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

#endif
