/* SPDX-License-Identifier: MIT */
#include "ingest/log_vm.h"
#include "ingest/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct log_vm {
	struct log_vm *next;
	char *folder;                 /* owned: where the path that names it lies; "" if no path does */
	char *name, *uuid;            /* owned, "" if not known */
	struct command_drive *drives; /* owned, the last told first */
	const struct log_vm *same; /* of one that has a name or a UUID alone: the only one known by both; NULL if there is none */
};

struct log_vms {
	struct log_vm *first; /* owned */
	struct waiting {
		struct event *event; /* borrowed from an event list */
		const struct log_vm *vm;
	} * waiting; /* owned */
	size_t waiting_count;
	bool complete; /* every log has been opened: nothing more is learnt but in the order of time */
};

struct log_vms *log_vms_new(void)
{
	return xcalloc(1, sizeof(struct log_vms));
}

void log_vms_free(struct log_vms *vms)
{
	struct log_vm *vm;

	if (!vms)
		return;
	while ((vm = vms->first)) {
		vms->first = vm->next;
		command_drives_free(vm->drives);
		free(vm->folder);
		free(vm->name);
		free(vm->uuid);
		free(vm);
	}
	free(vms->waiting);
	free(vms);
}

static bool is_text(const char *text, struct log_span span)
{
	return strlen(text) == span.length && (!span.length || !memcmp(text, span.at, span.length));
}

/* One log names a VM by its UUID alone (nova's console.log) or by its name (syslog), another by both. Of several of one name,
 * which it is is not known; and two folders are two hosts', which may have a VM of one name each. */
static void find_same(const struct log_vms *vms, struct log_vm *vm)
{
	for (const struct log_vm *other = vms->first; other && (!*vm->name || !*vm->uuid); other = other->next) {
		if (!*other->name || !*other->uuid ||
		    strcmp(*vm->name ? other->name : other->uuid, *vm->name ? vm->name : vm->uuid))
			continue;
		if (*vm->name && *vm->folder && *other->folder && strcmp(vm->folder, other->folder) != 0)
			continue;
		if (vm->same && strcmp(vm->same->uuid, other->uuid)) {
			vm->same = NULL;
			return;
		}
		if (!vm->same || !vm->same->drives)
			vm->same = other;
	}
}

/* VMs of two hosts may have one name. Of those in one folder the UUID tells which, if it is known: the last one otherwise. */
static struct log_vm *find_or_make(struct log_vms *vms, struct log_span folder, struct log_span name, struct log_span uuid)
{
	for (struct log_vm *vm = vms->first; vm; vm = vm->next)
		if (is_text(vm->folder, folder) && is_text(vm->name, name) && (!uuid.length || is_text(vm->uuid, uuid)))
			return vm;
	vms->first = XNEW(struct log_vm, .next = vms->first, .folder = xstrndup(folder.length ? folder.at : "", folder.length),
	                  .name = xstrndup(name.length ? name.at : "", name.length),
	                  .uuid = xstrndup(uuid.length ? uuid.at : "", uuid.length));
	if (vms->complete)
		find_same(vms, vms->first);
	return vms->first;
}

struct log_vm *log_vm_named(struct log_vms *vms, struct log_span name)
{
	const struct log_span none = { 0 };

	return find_or_make(vms, none, name, none);
}

/* How the paths of logs name VMs: what lies between the two, where the whole ends as a log's name may (.log, .log.1.gz …). */
static const struct path_form {
	const char *before, *after;
	bool uuid; /* it names the UUID */
} path_forms[] = {
	{ "/libvirt/qemu/", ".log", false },     /* libvirt's */
	{ "/instances/", "/console.log", true }, /* nova's */
	{ "/qemu-", ".log", false },
	{ "/console-", ".log", false },
};

/* Between the last `before`, with which a path may also begin, then without its slash, and the last `after`. */
static struct log_span between(const char *path, const struct path_form *form)
{
	const char *begin = NULL, *end = NULL, *at;

	if (!strncmp(path, form->before + 1, strlen(form->before + 1)))
		begin = path + strlen(form->before + 1);
	for (at = path; (at = strstr(at, form->before)); at++)
		begin = at + strlen(form->before);
	for (at = begin; at && (at = strstr(at, form->after)); at++)
		end = at;
	if (!end || end == begin || (memchr(begin, '/', (size_t)(end - begin))))
		return (struct log_span){ 0 };
	return (struct log_span){ begin, (size_t)(end - begin) };
}

struct log_vm *log_vm_of_path(struct log_vms *vms, const char *path)
{
	const struct log_span none = { 0 };

	for (size_t i = 0; i < sizeof(path_forms) / sizeof(*path_forms); i++) {
		struct log_span found = between(path, &path_forms[i]);

		if (found.length && !path_forms[i].uuid)
			return find_or_make(vms, (struct log_span){ path, (size_t)(found.at - path) }, found, none);
		if (found.length && text_is_uuid(found.at, found.length, DECIMAL "abcdefABCDEF"))
			return find_or_make(vms, none, none, found);
	}
	return NULL;
}

/* A later start's drives stand before an earlier one's. */
static void keep_drives(struct log_vm *vm, struct log_command *command)
{
	struct command_drive *drive;

	while ((drive = command->drives)) {
		command->drives = drive->next;
		drive->next = vm->drives;
		vm->drives = drive;
	}
}

/* The VM of a command line; `vm`, the path's, if it names none. NULL without either. */
static struct log_vm *vm_of(const struct log_command *command, struct log_vms *vms, struct log_vm *vm)
{
	const struct log_span name = span_of(command->name), uuid = span_of(command->uuid);

	if (vm && (!name.length || is_text(vm->name, name)) && !*vm->uuid) {
		free(vm->uuid);
		vm->uuid = xstrdup(command->uuid);
	} else if (name.length || uuid.length) {
		vm = find_or_make(vms, span_of(vm ? vm->folder : ""), name, uuid);
	}
	return vm;
}

void log_command_end(struct log_command *command, struct log_vms *vms, struct event_list *list, const struct source *source,
                     struct log_vm **vm)
{
	struct event event = { .ts_ns = command->ts_ns, .fact = FACT_vm_logged, .source = source, .line = command->line };

	if (*command->name || *command->uuid || command->drives) {
		*vm = vm_of(command, vms, *vm);
		event.vm = (struct vm_logged){ VM_STARTED, command->name, command->uuid, command->host, "", "", "", "", "" };
		event_list_add(list, &event);
		for (const struct command_drive *drive = command->drives; drive; drive = drive->next) {
			event.vm = (struct vm_logged){ VM_DRIVE,    command->name,    command->uuid, command->host, drive->device,
				                       drive->pool, drive->namespace, drive->image,  drive->user };
			event_list_add(list, &event);
		}
		if (*vm)
			keep_drives(*vm, command);
	}
	log_command_free(command);
}

/* Which image a device is: the one drive of that name, or, if the line names no device, the VM's only image. */
static const struct command_drive *drive_of(const struct log_vm *vm, const char *device)
{
	const struct command_drive *first = vm->drives;

	for (const struct command_drive *drive = first; drive; drive = drive->next) {
		if (*device && !strcmp(drive->device, device))
			return drive;
		if (!*device && (strcmp(drive->pool, first->pool) || strcmp(drive->image, first->image)))
			return NULL;
	}
	return *device ? NULL : first;
}

static void complete(struct event *event, const struct log_vm *vm)
{
	const struct command_drive *drive;

	vm = vm->same ?: vm;
	if (event->fact == FACT_vm_logged) {
		event->vm.name = vm->name;
		event->vm.uuid = vm->uuid;
		return;
	}
	event->failure.vm_name = vm->name;
	event->failure.vm_uuid = vm->uuid;
	/* Which of a VM's disks a guest calls vda is not told. */
	drive = event->failure.layer == LAYER_GUEST ? drive_of(vm, "") : drive_of(vm, event->failure.device);
	if (drive) {
		event->failure.pool = drive->pool;
		event->failure.image = drive->image;
	}
}

void log_vm_event(struct log_vms *vms, struct log_vm *vm, struct event *event)
{
	if (!vm)
		return;
	if (vms->complete) {
		complete(event, vm);
		return;
	}
	XROOM(vms->waiting, vms->waiting_count);
	vms->waiting[vms->waiting_count++] = (struct waiting){ event, vm };
}

void log_vms_complete(struct log_vms *vms)
{
	if (!vms)
		return;
	for (struct log_vm *vm = vms->first; vm; vm = vm->next)
		find_same(vms, vm);
	for (size_t i = 0; i < vms->waiting_count; i++)
		complete(vms->waiting[i].event, vms->waiting[i].vm);
	vms->waiting_count = 0;
	vms->complete = true;
}
