/* SPDX-License-Identifier: MIT */
#include "objects.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>

#define VERSION_HIDDEN 0x8000 /* in DT_VERSYM: not the one that a name without a version means */

/* The tables of one object that a lookup by name needs. */
struct tables {
	uintptr_t base;
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint32_t *gnu_hash, *sysv_hash;
	const uint16_t *versions;
};

/* ld.so has added the load address on most architectures, and not in the vDSO. */
static const void *pointer(uintptr_t base, const ElfW(Dyn) * entry)
{
	return (const void *)(entry->d_un.d_ptr < base ? entry->d_un.d_ptr + base : entry->d_un.d_ptr);
}

static const ElfW(Dyn) * dynamic_section(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			return (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	return NULL;
}

static object_id id_of(const struct dl_phdr_info *info)
{
	return (object_id)dynamic_section(info);
}

static bool read_tables(struct tables *tables, const struct dl_phdr_info *info)
{
	const ElfW(Dyn) *entry = dynamic_section(info);

	*tables = (struct tables){ .base = info->dlpi_addr };
	for (; entry && entry->d_tag != DT_NULL; entry++)
		switch (entry->d_tag) {
		case DT_SYMTAB:
			tables->symbols = pointer(info->dlpi_addr, entry);
			break;
		case DT_STRTAB:
			tables->strings = pointer(info->dlpi_addr, entry);
			break;
		case DT_GNU_HASH:
			tables->gnu_hash = pointer(info->dlpi_addr, entry);
			break;
		case DT_HASH:
			tables->sysv_hash = pointer(info->dlpi_addr, entry);
			break;
		case DT_VERSYM:
			tables->versions = pointer(info->dlpi_addr, entry);
			break;
		}
	return tables->symbols && tables->strings && (tables->gnu_hash || tables->sysv_hash);
}

/* What has this name at this place of the symbol table; NULL if it is another one. */
static void *symbol_at(const struct tables *tables, uint32_t index, const char *name)
{
	const ElfW(Sym) *symbol = &tables->symbols[index];

	if (symbol->st_shndx == SHN_UNDEF ||
	    (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC && ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) ||
	    ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || (tables->versions && tables->versions[index] & VERSION_HIDDEN) ||
	    strcmp(tables->strings + symbol->st_name, name) != 0)
		return NULL;
	return (void *)(tables->base + symbol->st_value);
}

/* DT_GNU_HASH: buckets, first index that is in them, words and shift of a Bloom filter; then these, and a hash per symbol whose
 * lowest bit ends a chain. */
static void *find_gnu(const struct tables *tables, const char *name)
{
	const uint32_t *head = tables->gnu_hash, buckets = head[0], first = head[1], words = head[2], shift = head[3];
	const ElfW(Addr) *filter = (const ElfW(Addr) *)(head + 4);
	const uint32_t *bucket = (const uint32_t *)(filter + words), *chain = bucket + buckets;
	const unsigned bits = sizeof(ElfW(Addr)) * 8;
	uint32_t hash = 5381;
	void *found;

	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	ElfW(Addr) mask = (ElfW(Addr))1 << hash % bits | (ElfW(Addr))1 << (hash >> shift) % bits;
	if (!buckets || !words || (filter[hash / bits % words] & mask) != mask)
		return NULL;
	for (uint32_t i = bucket[hash % buckets]; i >= first; i++) {
		if ((chain[i - first] | 1) == (hash | 1) && (found = symbol_at(tables, i, name)))
			return found;
		if (chain[i - first] & 1)
			break;
	}
	return NULL;
}

static void *find_sysv(const struct tables *tables, const char *name)
{
	const uint32_t *head = tables->sysv_hash, buckets = head[0], *bucket = head + 2, *chain = bucket + buckets;
	uint32_t hash = 0;
	void *found = NULL;

	for (const char *c = name; *c; c++) {
		hash = (hash << 4) + (unsigned char)*c;
		hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
	}
	for (uint32_t i = buckets ? bucket[hash % buckets] : 0; i && !found; i = chain[i])
		found = symbol_at(tables, i, name);
	return found;
}

static void *find_in(const struct dl_phdr_info *info, const char *name)
{
	struct tables tables;

	if (!read_tables(&tables, info))
		return NULL;
	return tables.gnu_hash ? find_gnu(&tables, name) : find_sysv(&tables, name);
}

static object_id the_shim(void)
{
	return (object_id)_DYNAMIC;
}

/* ---- looking at all of them ---- */

struct search {
	const char *symbol;
	struct object_symbol *found;
	unsigned max, count;
	object_id shim, only; /* only: the one object asked about; 0: all */
	uintptr_t begin, end; /* its executable segment */
};

static int look_for_symbol(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	void *address;

	(void)size;
	if (id_of(info) == search->shim || (search->only && id_of(info) != search->only) ||
	    !(address = find_in(info, search->symbol)))
		return 0;
	if (search->count < search->max)
		search->found[search->count] = (struct object_symbol){ address, id_of(info) };
	search->count++;
	return 0;
}

unsigned objects_defining(const char *symbol, struct object_symbol *found, unsigned max)
{
	struct search search = { .symbol = symbol, .found = found, .max = max, .shim = the_shim() };

	dl_iterate_phdr(look_for_symbol, &search);
	return search.count;
}

void *object_defines(object_id object, const char *symbol)
{
	struct object_symbol found = { NULL, 0 };
	struct search search = { .symbol = symbol, .found = &found, .max = 1, .shim = the_shim(), .only = object };

	dl_iterate_phdr(look_for_symbol, &search);
	return found.address;
}

static int look_for_text(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;

	(void)size;
	if (id_of(info) != search->only)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
			search->begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			search->end = search->begin + info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

bool object_text(object_id object, uintptr_t *begin, uintptr_t *end)
{
	struct search search = { .only = object };

	dl_iterate_phdr(look_for_text, &search);
	*begin = search.begin;
	*end = search.end;
	return search.end > search.begin;
}

static int look_at_counts(struct dl_phdr_info *info, size_t size, void *arg)
{
	*(uint64_t *)arg = info->dlpi_adds + info->dlpi_subs;
	(void)size;
	return 1;
}

uint64_t objects_changes(void)
{
	uint64_t changes = 0;

	dl_iterate_phdr(look_at_counts, &changes);
	return changes;
}

static bool object_contains(const struct dl_phdr_info *info, uintptr_t address)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    address - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr < info->dlpi_phdr[i].p_memsz)
			return true;
	return false;
}

static int look_for_address(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t *address_then_id = arg;

	(void)size;
	if (!object_contains(info, *address_then_id))
		return 0;
	*address_then_id = id_of(info);
	return 1;
}

object_id object_of(const void *address)
{
	uintptr_t address_then_id = (uintptr_t)address;

	return dl_iterate_phdr(look_for_address, &address_then_id) ? address_then_id : 0;
}

/* ---- what ld.so would bind: from here on its lock is taken, which whoever loads or unloads something holds ---- */

static struct link_map *map_of(const void *address)
{
	struct link_map *map = NULL;
	Dl_info info;

	return dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP) ? map : NULL;
}

static struct object_symbol unless_ours(void *address)
{
	object_id object = object_of(address);

	if (!address)
		dlerror(); /* ours, not one for the host to find */
	return object && object != the_shim() ? (struct object_symbol){ address, object } : (struct object_symbol){ NULL, 0 };
}

struct object_symbol object_next(const char *symbol)
{
	return unless_ours(dlsym(RTLD_NEXT, symbol));
}

bool object_precedes(const char *symbol)
{
	return unless_ours(dlsym(RTLD_DEFAULT, symbol)).address;
}

static struct object_symbol in_scope(const char *name, const char *symbol)
{
	void *scope = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
	struct object_symbol found = { NULL, 0 };

	if (scope) {
		found = unless_ours(dlsym(scope, symbol));
		dlclose(scope);
	} else {
		dlerror();
	}
	return found;
}

struct object_symbol object_scope(const void *code, const char *symbol)
{
	const struct link_map *map = code ? map_of(code) : NULL;

	/* the program's own scope is the global one, which begins in front of the shim: object_next */
	return map && map->l_name && *map->l_name ? in_scope(map->l_name, symbol) : (struct object_symbol){ NULL, 0 };
}

struct object_symbol object_soname(const char *soname, const char *symbol)
{
	return in_scope(soname, symbol);
}

/* Of those that stay loaded; who finds no place is pinned once more. */
static _Atomic(object_id) pinned[64];
#define PINNED (sizeof pinned / sizeof *pinned)

static bool is_pinned(object_id object)
{
	for (size_t i = 0; i < PINNED; i++)
		if (atomic_load_explicit(&pinned[i], memory_order_relaxed) == object)
			return true;
	return false;
}

static void note_pinned(object_id object)
{
	object_id none = 0;

	for (size_t i = 0; i < PINNED && !atomic_compare_exchange_strong(&pinned[i], &none, object); i++)
		none = 0;
}

void object_pin(const struct object_symbol *symbol)
{
	const struct link_map *map;

	if (is_pinned(symbol->object) || !(map = map_of(symbol->address)))
		return;
	if (map->l_name && *map->l_name && !dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE))
		dlerror();
	else
		note_pinned(symbol->object);
}
