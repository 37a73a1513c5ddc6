/* SPDX-License-Identifier: MIT */
/*
 * Virtual machines as logs name them: by the log's path, and by the command line that libvirt writes into it. All logs of an
 * ingest share what they know, since a log that was rotated may hold the command line in another file than the failures.
 * Internal to ingest/. Not thread-safe.
 */
#ifndef FENCELINE_INGEST_LOG_VM_H
#define FENCELINE_INGEST_LOG_VM_H

#include "ingest/event_list.h"
#include "ingest/log_command.h"

struct log_vm; /* one that is known by name or UUID */
struct log_vms;

struct log_vms *log_vms_new(void);
void log_vms_free(struct log_vms *vms);

/* The VM of that log, by its path; NULL if the path names none. */
struct log_vm *log_vm_of_path(struct log_vms *vms, const char *path);
/* The one of that name, made if it is not known yet. */
struct log_vm *log_vm_named(struct log_vms *vms, struct log_span name);

/* The events of a command line go into `list`. *vm becomes the VM that it names; it is left alone if it names none. Frees the
 * command. */
void log_command_end(struct log_command *command, struct log_vms *vms, struct event_list *list, const struct source *source,
                     struct log_vm **vm);

/* An event of that VM's (vm may be NULL), an io_failure or vm_logged that its list keeps: what is learnt of the VM later goes
 * into it, too. */
void log_vm_event(struct log_vms *vms, struct log_vm *vm, struct event *event);
/* Puts what has been learnt into the events. */
void log_vms_complete(struct log_vms *vms);

#endif
