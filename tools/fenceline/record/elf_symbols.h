/* SPDX-License-Identifier: MIT */
/* What a program or library file is and exports, read from the file: nothing of it is loaded or run. 64-bit ELF of this host's
 * byte order. */
#ifndef FENCELINE_RECORD_ELF_SYMBOLS_H
#define FENCELINE_RECORD_ELF_SYMBOLS_H

#include <stddef.h>

struct elf_file {
	const unsigned char *bytes; /* owned: the mapped file */
	size_t size;
};

/* Map the file at `path`. Returns 0, -errno, or -ENOEXEC if it is no ELF file that can be read here. */
int elf_open(struct elf_file *elf, const char *path);
void elf_close(struct elf_file *elf);

/* 1 if the dynamic symbol table defines `symbol`, 0 if not. */
int elf_defines(const struct elf_file *elf, const char *symbol);

/* 1 if it is a program that asks for the dynamic loader, and so honours LD_PRELOAD. */
int elf_is_dynamic(const struct elf_file *elf);

#endif
