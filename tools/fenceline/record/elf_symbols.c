/* SPDX-License-Identifier: MIT */
/* Reading the dynamic symbols of an ELF file. Offsets come from a file that may be anything: each is checked against its size. */
#include "record/elf_symbols.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int elf_open(struct elf_file *elf, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;
	struct stat st;
	void *bytes;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		status = -errno;
	else if (!S_ISREG(st.st_mode) || (size_t)st.st_size < sizeof(Elf64_Ehdr))
		status = -ENOEXEC;
	bytes = status ? MAP_FAILED : mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!status && bytes == MAP_FAILED)
		status = -errno;
	close(fd);
	if (status)
		return status;
	elf->bytes = bytes;
	elf->size = st.st_size;
	if (memcmp(bytes, ELFMAG, SELFMAG) || elf->bytes[EI_CLASS] != ELFCLASS64 ||
	    elf->bytes[EI_DATA] != (__BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)) {
		elf_close(elf);
		return -ENOEXEC;
	}
	return 0;
}

void elf_close(struct elf_file *elf)
{
	munmap((void *)elf->bytes, elf->size);
	elf->bytes = NULL;
}

/* `count` entries of `size` bytes at `offset`, or NULL if they do not lie within the file. */
static const void *table_at(const struct elf_file *elf, uint64_t offset, uint64_t count, uint64_t size)
{
	if (offset > elf->size || count > (elf->size - offset) / size || offset % 8)
		return NULL;
	return elf->bytes + offset;
}

static const Elf64_Shdr *sections(const struct elf_file *elf, size_t *count)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)elf->bytes;

	*count = header->e_shnum;
	return header->e_shentsize == sizeof(Elf64_Shdr) ? table_at(elf, header->e_shoff, header->e_shnum, sizeof(Elf64_Shdr))
	                                                 : NULL;
}

static int defines_in(const struct elf_file *elf, const Elf64_Shdr *symbols, const Elf64_Shdr *names, const char *wanted)
{
	uint64_t count = symbols->sh_size / sizeof(Elf64_Sym);
	const Elf64_Sym *table = table_at(elf, symbols->sh_offset, count, sizeof *table);
	size_t length = strlen(wanted) + 1;

	if (!table || names->sh_offset > elf->size || names->sh_size > elf->size - names->sh_offset)
		return 0;
	for (uint64_t i = 0; i < count; i++)
		if (table[i].st_shndx != SHN_UNDEF && table[i].st_name < names->sh_size &&
		    length <= names->sh_size - table[i].st_name &&
		    !memcmp(elf->bytes + names->sh_offset + table[i].st_name, wanted, length))
			return 1;
	return 0;
}

int elf_defines(const struct elf_file *elf, const char *symbol)
{
	size_t count;
	const Elf64_Shdr *section = sections(elf, &count);

	for (size_t i = 0; section && i < count; i++)
		if (section[i].sh_type == SHT_DYNSYM && section[i].sh_link < count)
			return defines_in(elf, &section[i], &section[section[i].sh_link], symbol);
	return 0;
}

int elf_is_dynamic(const struct elf_file *elf)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)elf->bytes;
	const Elf64_Phdr *segments = header->e_phentsize == sizeof(Elf64_Phdr)
	                                     ? table_at(elf, header->e_phoff, header->e_phnum, sizeof(Elf64_Phdr))
	                                     : NULL;

	for (size_t i = 0; segments && i < header->e_phnum; i++)
		if (segments[i].p_type == PT_INTERP)
			return 1;
	return 0;
}
