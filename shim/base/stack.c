/* SPDX-License-Identifier: MIT */
#include "stack.h"

#include "emit.h"
#include "hook.h"
#include "process.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#define BUILD_ID_MAX 32 /* bytes; a SHA-1 has 20 */

struct frame {
	uintptr_t address;
	uintptr_t offset;
	char module[64];
	char build_id[2 * BUILD_ID_MAX + 1];
};

struct stack {
	struct frame frame[FL_STACK_MAX];
	int frames;
};

static void copy_base_name(char *to, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!*path)
		path = program_invocation_short_name; /* the loader has no name for the program itself */
	strncpy(to, slash ? slash + 1 : path, size - 1);
	to[size - 1] = '\0';
}

/* The GNU build id among the notes of one segment; "" if it is not there. */
static void read_build_id(const char *notes, size_t size, size_t align, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
		const ElfW(Nhdr) *note = (const void *)(notes + at);
		size_t name = at + sizeof *note;
		size_t text = (name + note->n_namesz + align - 1) & ~(align - 1);

		if (text > size || note->n_descsz > size - text)
			return;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(notes + name, "GNU", 4)) {
			for (size_t i = 0; i < note->n_descsz && i < BUILD_ID_MAX; i++) {
				*hex++ = digits[(unsigned char)notes[text + i] >> 4];
				*hex++ = digits[(unsigned char)notes[text + i] & 15];
			}
			*hex = '\0';
			return;
		}
		at = (text + note->n_descsz + align - 1) & ~(align - 1);
	}
}

static bool contains(const struct dl_phdr_info *object, uintptr_t address)
{
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		if (segment->p_type == PT_LOAD && address - object->dlpi_addr - segment->p_vaddr < segment->p_memsz)
			return true;
	}
	return false;
}

/* dl_iterate_phdr callback: fills in the frames that lie in this object. */
static int name_frames(struct dl_phdr_info *object, size_t size, void *arg)
{
	struct stack *stack = arg;

	(void)size;
	for (int i = 0; i < stack->frames; i++) {
		struct frame *frame = &stack->frame[i];

		if (frame->module[0] || !contains(object, frame->address - 1))
			continue;
		frame->offset = frame->address - object->dlpi_addr;
		copy_base_name(frame->module, sizeof frame->module, object->dlpi_name);
		for (int k = 0; k < object->dlpi_phnum && !frame->build_id[0]; k++) {
			const ElfW(Phdr) *segment = &object->dlpi_phdr[k];
			if (segment->p_type == PT_NOTE)
				read_build_id((const char *)(object->dlpi_addr + segment->p_vaddr), segment->p_memsz,
				              segment->p_align == 8 ? 8 : 4, frame->build_id);
		}
	}
	return 0;
}

/* A return address may be the first byte after its function, if the call was its last instruction. */
static const char *symbol_of(uintptr_t return_address)
{
	Dl_info found;

	return dladdr((void *)(return_address - 1), &found) && found.dli_sname ? found.dli_sname : "";
}

static bool in_shim(uintptr_t return_address)
{
	Dl_info us, them;

	return dladdr(hook_rows, &us) && dladdr((void *)(return_address - 1), &them) && us.dli_fbase == them.dli_fbase;
}

static void stack_collect(struct stack *stack)
{
	uintptr_t addresses[FL_STACK_MAX];
	const struct fl_provider *provider = atomic_load_explicit(&emit_provider, memory_order_acquire);
	int count = provider->backtrace(addresses, FL_STACK_MAX), first = 0;

	while (first < count && in_shim(addresses[first]))
		first++;
	stack->frames = 0;
	for (int i = first; i < count; i++)
		stack->frame[stack->frames++] = (struct frame){ .address = addresses[i] };
	dl_iterate_phdr(name_frames, stack);
}

void stack_emit(uint64_t action, uint64_t global_id)
{
	struct stack stack;
	int saved = errno;

	if (!emit_wanted(FL_EV_stack_frame))
		return;
	stack_collect(&stack);
	for (int i = 0; i < stack.frames; i++) {
		const struct frame *frame = &stack.frame[i];
		EMIT(stack_frame, .pid = process_id(), .global_id = global_id, .action = action, .index = (uint32_t)i,
		     .frames = (uint32_t)stack.frames, .module = frame->module, .offset = frame->offset,
		     .build_id = frame->build_id, .symbol = symbol_of(frame->address));
	}
	errno = saved;
}
