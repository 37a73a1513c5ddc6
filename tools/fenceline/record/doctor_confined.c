/* SPDX-License-Identifier: MIT */
#include "record/doctor_confined.h"
#include "record/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES "/etc/apparmor.d/abstractions/libvirt-qemu"
#define SITE  "/etc/apparmor.d/local/abstractions/libvirt-qemu"

/* 1 or 0; -1: there is no such file, or it cannot be read. */
static int file_begins(const char *path, const char *with)
{
	char text[64] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return -1;
	if (!fgets(text, sizeof text, file))
		*text = '\0';
	fclose(file);
	return !strncmp(text, with, strlen(with));
}

/* Does a line that is no comment speak of LTTng's wait files, as one that denies or one that allows? -errno if it cannot be read.
 */
static int rules_have(const char *path, int denying)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int found = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		const char *word = line + strspn(line, " \t");

		found |= *word != '#' && (strncmp(word, "deny ", 5) == 0) == denying && strstr(word, "lttng-ust-wait");
	}
	free(line);
	fclose(file);
	return found;
}

void doctor_check_apparmor(struct doctor *doctor)
{
	int enabled = file_begins("/sys/module/apparmor/parameters/enabled", "Y"), denied = rules_have(RULES, 1);

	doctor_begin(doctor, "apparmor");
	if (denied == 1)
		doctor_say(doctor, enabled == 1 ? VERDICT_FAILURE : VERDICT_WARNING,
		           "AppArmor: " RULES
		           " denies LTTng's wait files, so a confined VM is not recorded%s; `fenceline integrate libvirt`",
		           enabled == 1 ? "" : " once AppArmor is on (this kernel has it off)");
	else if (enabled < 0 && access("/sys/module", F_OK))
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "AppArmor: there is no /sys to ask whether it is on; mount -t sysfs sysfs /sys");
	else if (enabled != 1)
		doctor_say(doctor, VERDICT_OK, "AppArmor: off in this kernel");
	else if (denied == -ENOENT)
		doctor_say(doctor, VERDICT_OK, "AppArmor: on, and libvirt's rules for VMs (" RULES ") are not installed");
	else if (denied < 0)
		doctor_say(doctor, VERDICT_UNKNOWN, "AppArmor: on; %s: %s", RULES, strerror(-denied));
	else if (rules_have(SITE, 0) != 1 && rules_have(RULES, 0) != 1)
		doctor_say(doctor, VERDICT_FAILURE,
		           "AppArmor: on, and no rule lets a VM read LTTng's wait files; `fenceline integrate libvirt`");
	else
		doctor_say(doctor, VERDICT_OK,
		           "AppArmor: on; its rules for libvirt's VMs let LTTng's wait files through (read, not tried)");
}

/* Is selinuxfs in this kernel at all? Where it is, and not mounted, nothing can be asked. */
static int kernel_has_selinux(void)
{
	FILE *file = fopen("/proc/filesystems", "re");
	char line[128];
	int found = 0;

	while (file && fgets(line, sizeof line, file))
		found |= strstr(line, "selinuxfs") != NULL;
	if (file)
		fclose(file);
	return found;
}

void doctor_check_selinux(struct doctor *doctor)
{
	int enforcing = file_begins("/sys/fs/selinux/enforce", "1");

	doctor_begin(doctor, "selinux");
	if (enforcing < 0 && kernel_has_selinux())
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "SELinux: in this kernel, and whether it enforces cannot be read; run `getenforce` on the host");
	else if (enforcing < 0)
		doctor_say(doctor, VERDICT_OK, "SELinux: not in this kernel");
	else if (!enforcing)
		doctor_say(doctor, VERDICT_OK, "SELinux: permissive");
	else
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "SELinux: enforcing; whether it lets QEMU record was not looked at: see `fenceline integrate --print "
		           "libvirt`, and `ausearch -m avc -c qemu-kvm` after a VM has started");
}
