/* SPDX-License-Identifier: MIT */
#include "record/doctor_process.h"
#include "record/doctor.h"
#include "record/coverage.h"
#include "record/doctor_host.h"
#include "record/doctor_waits.h"
#include "record/sessiond.h"
#include "record/elf_symbols.h"
#include "record/proc.h"
#include "run/shim_path.h"
#include "run/supervise.h"

#include "fenceline/provider.h"

#include <errno.h>
#include <lttng/lttng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOW_TO_START "start it with `fenceline run`; under libvirt set LD_PRELOAD by <qemu:env> in the domain's XML"

/* Returns 1 if the shim is in the process. */
static int check_shim_mapped(struct doctor *doctor, pid_t pid)
{
	char path[PATH_MAX], preload[PATH_MAX] = "";
	int mapped = proc_mapped(pid, SHIM_FILE, path);

	if (mapped < 0) {
		doctor_say(doctor, VERDICT_FAILURE, "process %d: its maps cannot be read: %s", (int)pid, strerror(-mapped));
		return 0;
	}
	if (mapped) {
		doctor_say(doctor, mapped == 1 ? VERDICT_OK : VERDICT_WARNING, "shim in the process: %s%s", path,
		           mapped == 1 ? "" : ", which has been replaced since; the process keeps the old one");
		return 1;
	}
	if (proc_environment(pid, "LD_PRELOAD", preload, sizeof preload) == 1 && strstr(preload, SHIM_FILE))
		doctor_say(doctor, VERDICT_FAILURE,
		           "shim: LD_PRELOAD names it (%s) and it is not there: can the process's user read it, within its "
		           "confinement?",
		           preload);
	else
		doctor_say(doctor, VERDICT_FAILURE,
		           "shim: not in the process, and it cannot be added to a running one; " HOW_TO_START);
	return 0;
}

/* Returns 1 if the process has librbd or librados in it. */
static int check_libraries(struct doctor *doctor, pid_t pid)
{
	char path[CEPH_LIBRARIES][PATH_MAX], root[64];
	const char *paths[CEPH_LIBRARIES] = { NULL };
	int replaced = 0;

	for (int i = 0; i < CEPH_LIBRARIES; i++) {
		int mapped = proc_mapped(pid, ceph_library_names[i], path[i]);

		if (mapped > 0)
			paths[i] = path[i];
		replaced |= mapped == 2;
	}
	if (!paths[CEPH_RADOS] && !paths[CEPH_RBD]) {
		doctor_say(doctor, VERDICT_WARNING, "Ceph: neither librbd nor librados is in the process (yet)");
		return 0;
	}
	doctor_say(doctor, VERDICT_OK, "Ceph in the process: %s", paths[CEPH_RBD] ? paths[CEPH_RBD] : paths[CEPH_RADOS]);
	snprintf(root, sizeof root, "/proc/%d/root", (int)pid);
	if (replaced)
		doctor_say(doctor, VERDICT_WARNING,
		           "calls: the libraries have been replaced since the process started; not looked at");
	else
		doctor_check_coverage(doctor, root, paths);
	return 1;
}

/* Does the session daemon list the process's tracepoints? */
static int is_registered(pid_t pid)
{
	struct lttng_event *events = NULL;
	struct lttng_handle *handle;
	struct lttng_domain domain;
	int count, found = 0;

	memset(&domain, 0, sizeof domain);
	domain.type = LTTNG_DOMAIN_UST;
	handle = lttng_create_handle(NULL, &domain);
	if (!handle)
		return 0;
	count = lttng_list_tracepoints(handle, &events);
	for (int i = 0; i < count && !found; i++)
		found = events[i].pid == pid && !strncmp(events[i].name, FL_PROVIDER_NAME ":", strlen(FL_PROVIDER_NAME ":"));
	if (count >= 0)
		free(events);
	lttng_destroy_handle(handle);
	return found;
}

static void check_registered(struct doctor *doctor, pid_t pid)
{
	long user = proc_user(pid);
	char label[256];

	if (!sessiond_answers())
		return; /* said by the host's checks */
	if (is_registered(pid)) {
		doctor_say(doctor, VERDICT_OK, "the session daemon knows the process: what it does can be recorded");
		return;
	}
	proc_label(pid, label, sizeof label);
	if (*label)
		doctor_say(
		        doctor, VERDICT_FAILURE,
		        "the session daemon does not know the process, which is confined (%s): it must be let use /run/lttng and "
		        "/dev/shm/lttng-ust-*",
		        label);
	else if (geteuid() && user >= 0 && user != (long)geteuid())
		doctor_say(doctor, VERDICT_FAILURE,
		           "the session daemon does not know the process, which is user %ld's: record as root", user);
	else
		doctor_say(doctor, VERDICT_FAILURE,
		           "the session daemon does not know the process: does it see the same /run/lttng, /dev/shm and process "
		           "ids?");
}

static void check_environment(struct doctor *doctor, pid_t pid, const char *program)
{
	char value[64];

	if (proc_environment(pid, "LTTNG_UST_ALLOW_BLOCKING", value, sizeof value) == 1)
		doctor_say(doctor, VERDICT_FAILURE,
		           "LTTNG_UST_ALLOW_BLOCKING is set: a full buffer would stop the process; unset it");
	if (supervise_is_qemu_system(program) && (proc_environment(pid, "LTTNG_UST_REGISTER_TIMEOUT", value, sizeof value) != 1 ||
	                                          atoi(value) > atoi(FL_REGISTER_TIMEOUT_MS)))
		doctor_say(doctor, VERDICT_WARNING,
		           "LTTNG_UST_REGISTER_TIMEOUT is not set, or long: the VM may wait 3 s for a session daemon when it "
		           "starts; " FL_REGISTER_TIMEOUT_MS " ms will do");
}

void doctor_check_process(struct doctor *doctor, pid_t pid)
{
	char program[PATH_MAX], path[PATH_MAX];
	int status = proc_program(pid, program);

	doctor_begin(doctor, "process");
	if (status) {
		doctor_say(doctor, VERDICT_FAILURE, "process %d: %s", (int)pid,
		           status == -ENOENT ? "there is none" : strerror(-status));
		return;
	}
	doctor_say(doctor, VERDICT_OK, "process %d: %s", (int)pid, program);
	if (!check_shim_mapped(doctor, pid))
		return;
	check_environment(doctor, pid, program);
	if (!check_libraries(doctor, pid))
		return;
	if (proc_mapped(pid, "libfenceline-ust.so.", path) < 1) {
		if (doctor_explain_waits(doctor, pid, "the process"))
			return;
		doctor_say(
		        doctor, VERDICT_FAILURE,
		        "trace provider: not in the process, though Ceph is; FENCELINE_LOG=stderr in its environment tells why");
		return;
	}
	doctor_say(doctor, VERDICT_OK, "trace provider in the process: %s", path);
	check_registered(doctor, pid);
}

/* ---- A command ---- */

/* The file that execvp would run. Returns 0 or -ENOENT. */
static int find_command(const char *command, char path[PATH_MAX])
{
	const char *search = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin";

	if (strchr(command, '/')) {
		snprintf(path, PATH_MAX, "%s", command);
		return access(path, X_OK) ? -ENOENT : 0;
	}
	while (*search) {
		size_t length = strcspn(search, ":");

		snprintf(path, PATH_MAX, "%.*s/%s", (int)length, search, command);
		if (!access(path, X_OK))
			return 0;
		search += length;
		search += *search == ':';
	}
	return -ENOENT;
}

void doctor_check_command(struct doctor *doctor, const char *command)
{
	char path[PATH_MAX];
	struct elf_file elf;
	struct stat st;
	int status = find_command(command, path);

	doctor_begin(doctor, "command");
	if (status || stat(path, &st)) {
		doctor_say(doctor, VERDICT_FAILURE, "command: there is no %s", command);
		return;
	}
	if (st.st_mode & (S_ISUID | S_ISGID)) {
		doctor_say(doctor, VERDICT_FAILURE, "command %s is set-user-id: the loader ignores LD_PRELOAD for it", path);
		return;
	}
	status = elf_open(&elf, path);
	if (status == -ENOEXEC) {
		doctor_say(doctor, VERDICT_OK, "command %s is a script: the shim goes with its interpreter and what that starts",
		           path);
		return;
	}
	if (status) {
		doctor_say(doctor, VERDICT_WARNING, "command %s cannot be read: %s", path, strerror(-status));
		return;
	}
	if (elf_is_dynamic(&elf))
		doctor_say(doctor, VERDICT_OK, "command %s loads what LD_PRELOAD names", path);
	else
		doctor_say(doctor, VERDICT_FAILURE, "command %s is statically linked: it ignores LD_PRELOAD", path);
	elf_close(&elf);
}
