/* SPDX-License-Identifier: MIT */
#include "record/doctor_census.h"
#include "record/doctor.h"
#include "record/doctor_waits.h"
#include "record/proc.h"
#include "run/shim_path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The guest's name from QEMU's `-name guest=NAME,…` or `-name NAME`; "" if it has none. */
static void guest_name(pid_t pid, char *name, size_t size)
{
	char path[64], *line = NULL;
	size_t room = 0;
	int next = 0;
	FILE *file;

	*name = '\0';
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&line, &room, '\0', file) > 0) {
		if (next) {
			const char *value = strncmp(line, "guest=", 6) ? line : line + 6;

			snprintf(name, size, "%.*s", (int)strcspn(value, ","), value);
			break;
		}
		next = !strcmp(line, "-name");
	}
	free(line);
	if (file)
		fclose(file);
}

/* What a process calls itself: its program, or the script that an interpreter runs (/usr/bin/python3 /usr/bin/cinder-volume). */
static void process_name(const char *base, pid_t pid, char *name, size_t size)
{
	char path[64], arguments[512];
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, arguments, sizeof arguments - 1);
	if (fd >= 0)
		close(fd);
	arguments[length > 0 ? length : 0] = '\0';
	snprintf(name, size, "%.*s", (int)size - 1, base);
	if (strncmp(base, "python", 6) || length <= 0)
		return;
	for (const char *at = arguments + strlen(arguments) + 1; at < arguments + length; at += strlen(at) + 1)
		if (*at && *at != '-') {
			snprintf(name, size, "%.*s", (int)size - 1, strrchr(at, '/') ? strrchr(at, '/') + 1 : at);
			return;
		}
}

/* ---- VMs ---- */

/* In libvirt's sandbox LTTng is not opened without its wait files; the shim alone then records nothing. */
static void look_into_vm(struct doctor_census *census, pid_t pid, const char *who)
{
	struct proc_rights rights;
	char path[PATH_MAX];

	doctor_begin(census->doctor, "sandbox");
	if (!proc_rights(pid, &rights) && rights.filtered)
		census->sandboxed++;
	if (proc_mapped(pid, "libfenceline-ust.so.", path) > 0)
		census->vms_recordable++;
	else if (!doctor_explain_waits(census->doctor, pid, who))
		doctor_say(census->doctor, VERDICT_FAILURE,
		           "%s has the shim and not its trace provider, so nothing of it is recorded; `fenceline doctor --pid "
		           "%d` tells "
		           "more",
		           who, (int)pid);
}

static void look_at_vm(struct doctor_census *census, pid_t pid, int shimmed)
{
	char name[128], who[192];

	guest_name(pid, name, sizeof name);
	snprintf(who, sizeof who, "VM %s (pid %d)", *name ? name : "without a name", (int)pid);
	census->vms++;
	census->vms_with += shimmed;
	if (census->kept < DOCTOR_VMS)
		census->vm[census->kept++] = pid;
	doctor_begin(census->doctor, "vm");
	if (!shimmed)
		doctor_say(census->doctor, VERDICT_WARNING,
		           "%s uses librbd without the shim; it gets it at its next start or live migration, once `fenceline "
		           "integrate libvirt` was run",
		           who);
	else
		look_into_vm(census, pid, who);
}

/* ---- What takes or deletes snapshots, or opens images, beside QEMU ---- */

static const char *remedy_of(const char *name)
{
	if (!strncmp(name, "cinder", 6))
		return "`fenceline integrate cinder`, then restart it";
	if (!strncmp(name, "nova", 4))
		return "`fenceline integrate nova`, then restart it";
	if (!strncmp(name, "libvirtd", 8) || !strncmp(name, "virt", 4))
		return "`fenceline integrate libvirt`, then restart it";
	if (!strncmp(name, "ceph-mgr", 8))
		return "it takes snapshots only if its rbd_support module has a schedule; set LD_PRELOAD to the shim in its unit "
		       "(`systemctl edit`) if so";
	return "start it with `fenceline run --`, or set LD_PRELOAD to the shim in its unit (`systemctl edit`)";
}

static void look_at_other(struct doctor_census *census, const char *base, pid_t pid, int shimmed)
{
	char name[128];

	census->others++;
	census->others_with += shimmed;
	if (shimmed)
		return;
	process_name(base, pid, name, sizeof name);
	doctor_begin(census->doctor, "snapshots");
	doctor_say(census->doctor, VERDICT_WARNING,
	           "%s (pid %d) uses librbd without the shim: whom it fences is known from the audit log alone; %s", name,
	           (int)pid, remedy_of(name));
}

static void look_at(struct doctor_census *census, pid_t pid)
{
	char program[PATH_MAX], path[PATH_MAX];
	const char *base;
	int rbd, shimmed, status = proc_program(pid, program);

	if (status) {
		census->unreadable += status == -EACCES || status == -EPERM; /* else it has ended, or is the kernel's */
		return;
	}
	base = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
	rbd = proc_mapped(pid, "librbd.so", path);
	if (rbd == -EACCES || rbd == -EPERM)
		census->unreadable++;
	if (rbd <= 0 || !strncmp(base, "fenceline-", 10)) /* preflight and guard fence nobody, and unlock says what it does */
		return;
	shimmed = proc_mapped(pid, SHIM_FILE, path) > 0;
	if (!strncmp(base, "qemu-system", 11) || !strcmp(base, "qemu-kvm") || !strcmp(base, "kvm"))
		look_at_vm(census, pid, shimmed);
	else
		look_at_other(census, base, pid, shimmed);
}

static void sum_up_vms(const struct doctor_census *census)
{
	struct doctor *doctor = census->doctor;

	doctor_begin(doctor, "vms");
	if (census->unreadable)
		doctor_say(doctor, VERDICT_UNKNOWN, "VMs: processes that could not be looked at: %u; %s", census->unreadable,
		           geteuid() ? "run this as root" : "their /proc is closed to root here, as in containers");
	if (census->vms)
		doctor_say(doctor, census->vms_with == census->vms ? VERDICT_OK : VERDICT_WARNING,
		           "VMs: %u of %u that use librbd have the shim", census->vms_with, census->vms);
	else if (!census->unreadable)
		doctor_say(doctor, VERDICT_OK, "VMs: none uses librbd here now");
	doctor_begin(doctor, "sandbox");
	if (census->vms_with && census->vms_recordable == census->vms_with)
		doctor_say(doctor, VERDICT_OK, "sandbox: %u of the VMs with the shim are in one, and each has opened LTTng",
		           census->sandboxed);
	doctor_begin(doctor, "snapshots");
	if (census->others_with == census->others && !census->unreadable)
		doctor_say(doctor, VERDICT_OK, "snapshots: %u process%s beside VMs use%s librbd now, %s", census->others,
		           census->others == 1 ? "" : "es", census->others == 1 ? "s" : "",
		           census->others ? "all under the shim" : "so none lacks the shim");
}

void doctor_take_census(struct doctor_census *census)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			look_at(census, atoi(entry->d_name));
	if (dir)
		closedir(dir);
	sum_up_vms(census);
}
