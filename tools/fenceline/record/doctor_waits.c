/* SPDX-License-Identifier: MIT */
#include "record/doctor_waits.h"
#include "record/doctor.h"
#include "record/proc.h"
#include "record/wait_make.h"

#include "shim/base/wait_files.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define REMEDY "`fenceline record start` makes it, and systemd-tmpfiles does at boot (fenceline.conf)"

/* The N of the liblttng-ust that the host's provider loads; unknown: of all that are known. */
static unsigned installed[2];

static const unsigned *numbers(void)
{
	return *installed ? installed : wait_files_numbers;
}

/* The first file that is not good for the user, in path. */
static enum wait_file waits_look(const char *folder, const struct wait_files_user *user, char path[WAIT_FILES_PATH])
{
	enum wait_file is = WAIT_FILE_GOOD;

	for (const unsigned *number = numbers(); *number && is == WAIT_FILE_GOOD; number++)
		is = wait_files_look(folder, *number, user, path);
	return is;
}

void doctor_check_waits(struct doctor *doctor, const char *library)
{
	struct wait_users users = { .count = 0 };
	char path[WAIT_FILES_PATH];
	int wrong = 0;

	*installed = wait_files_number_of(library);
	wait_users_find(&users);
	for (int i = 0; i < users.count; i++) {
		const gid_t group = (gid_t)users.uid[i];
		const struct passwd *name = getpwuid(users.uid[i]);
		const struct wait_files_user user = { users.uid[i], &group, 1 };
		enum wait_file is = waits_look(WAIT_FILES_FOLDER, &user, path);

		if (is != WAIT_FILE_GOOD)
			doctor_say(doctor, VERDICT_WARNING,
			           "wait files: %s %s, so a sandboxed VM of user %s (%u) is not recorded; " REMEDY, path,
			           wait_file_text(is), name ? name->pw_name : "without a name", (unsigned)users.uid[i]);
		wrong += is != WAIT_FILE_GOOD;
	}
	if (!wrong)
		doctor_say(doctor, VERDICT_OK, "wait files: in place for each user that may run VMs (%d of them)", users.count);
}

int doctor_explain_waits(struct doctor *doctor, pid_t pid, const char *who)
{
	char folder[sizeof "/proc//root" WAIT_FILES_FOLDER + 16], path[WAIT_FILES_PATH];
	struct wait_files_user user;
	struct proc_rights rights;

	if (proc_rights(pid, &rights) || !rights.filtered)
		return 0;
	snprintf(folder, sizeof folder, "/proc/%d/root" WAIT_FILES_FOLDER, (int)pid);
	user = (struct wait_files_user){ rights.uid, rights.groups, rights.group_count };
	enum wait_file is = waits_look(folder, &user, path);
	if (is == WAIT_FILE_GOOD)
		return 0;
	doctor_say(doctor, VERDICT_FAILURE,
	           "trace provider: %s has not opened it, since it is sandboxed (seccomp) and would be killed for making %s, "
	           "which %s "
	           "for it; " REMEDY ", and the process looks again every 3 s",
	           who, path, wait_file_text(is));
	return 1;
}
