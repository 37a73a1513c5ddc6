/* SPDX-License-Identifier: MIT */
/*
 * libarchive, opened when the first compressed log is read. Linked in, it and the ICU, libxml2 and OpenSSL or nettle behind it
 * would cost every `fenceline run` 10 ms.
 */
#ifndef FENCELINE_INGEST_ARCHIVE_LIBRARY_H
#define FENCELINE_INGEST_ARCHIVE_LIBRARY_H

#include <archive.h>

#define ARCHIVE_FUNCTIONS(F) \
	F(archive_error_string) \
	F(archive_read_data) \
	F(archive_read_free) \
	F(archive_read_new) \
	F(archive_read_next_header) \
	F(archive_read_open) \
	F(archive_read_support_filter_all) \
	F(archive_read_support_format_raw) \
	F(archive_set_error)

struct archive_library {
#define ARCHIVE_MEMBER(name) __typeof__(name) *name;
	ARCHIVE_FUNCTIONS(ARCHIVE_MEMBER)
#undef ARCHIVE_MEMBER
};

/* The functions, loaded once; NULL if the library is not there or lacks one. Any thread. */
const struct archive_library *archive_library(void);

#endif
