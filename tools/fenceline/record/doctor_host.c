/* SPDX-License-Identifier: MIT */
#include "record/doctor_host.h"
#include "record/doctor.h"
#include "record/coverage.h"
#include "record/doctor_deployed.h"
#include "record/doctor_waits.h"
#include "record/sessiond.h"
#include "record/proc.h"
#include "run/shim_path.h"

#include "fenceline/provider.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEWEST_LTTNG 16

/* ---- What has to be loaded to be looked at is loaded in a child, which answers with one line ---- */

typedef void child_fn(FILE *answer, const char *argument);

static int ask_child(child_fn *ask, const char *argument, char *answer, size_t size)
{
	int fds[2], status = 0, null;
	FILE *from;
	pid_t child;

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child) {
		FILE *to = fdopen(fds[1], "w");

		null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		dup2(null, 2);
		alarm(10);
		ask(to, argument);
		fflush(to);
		_exit(0); /* and no destructor of what was loaded */
	}
	close(fds[1]);
	from = fdopen(fds[0], "r");
	*answer = '\0';
	if (child < 0 || !from || !fgets(answer, size, from))
		status = child < 0 ? -errno : -EIO;
	answer[strcspn(answer, "\n")] = '\0';
	if (from)
		fclose(from);
	if (child > 0)
		waitpid(child, NULL, 0);
	return status;
}

/* Whoever loads liblttng-ust registers with the session daemon, and a recording with buffers per process would then hold a trace
 * of this child, which ends at once: babeltrace2 cannot read such a one. So it finds none; of others than root root's is left.
 * And it makes LTTng's wait files where they are missing, which is what is to be looked at: it has a /dev/shm of its own. */
static void hide_lttng(void)
{
	setenv("LTTNG_HOME", "/nonexistent", 1);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	mount("none", "/run/lttng", "tmpfs", 0, NULL);
	mount("none", "/dev/shm", "tmpfs", 0, NULL);
}

static void load_provider(FILE *answer, const char *path)
{
	char ust[PATH_MAX] = "";
	fl_provider_fn *get;
	void *handle;

	setenv("LTTNG_UST_REGISTER_TIMEOUT", "0", 1);
	hide_lttng();
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	get = handle ? (fl_provider_fn *)dlsym(handle, FL_PROVIDER_SYMBOL) : NULL;
	if (!get)
		fprintf(answer, "-%s\n", dlerror());
	else if (!get(FL_PROVIDER_ABI, FL_EV_COUNT))
		fputs("-it was built for another version of the shim\n", answer);
	else if (proc_mapped(getpid(), "liblttng-ust.so.", ust) < 1)
		fputs("-it loads no liblttng-ust\n", answer);
	else
		fprintf(answer, "+%s\n", ust);
}

static void load_ceph(FILE *answer, const char *unused)
{
	char rbd[PATH_MAX] = "", rados[PATH_MAX] = "", common[PATH_MAX] = "";
	const char *(*version)(void);
	void *handle;

	(void)unused;
	if (!dlopen("librados.so.2", RTLD_LAZY | RTLD_LOCAL)) {
		fprintf(answer, "-%s\n", dlerror());
		return;
	}
	dlopen("librbd.so.1", RTLD_LAZY | RTLD_LOCAL);
	proc_mapped(getpid(), ceph_library_names[CEPH_RBD], rbd);
	proc_mapped(getpid(), ceph_library_names[CEPH_RADOS], rados);
	proc_mapped(getpid(), ceph_library_names[CEPH_COMMON], common);
	handle = dlopen(common, RTLD_LAZY | RTLD_NOLOAD);
	version = handle ? (const char *(*)(void))dlsym(handle, "_Z19ceph_version_to_strv") : NULL;
	fprintf(answer, "+%s\t%s\t%s\t%s\n", version ? version() : "of unknown version", rbd, rados, common);
}

/* ---- The checks ---- */

/* `library` gets the liblttng-ust.so that a provider loads; "" if none does. */
static void check_provider(struct doctor *doctor, const char *shim, char library[PATH_MAX])
{
	char pattern[PATH_MAX + 32], answer[PATH_MAX + 64];
	glob_t found;

	doctor_begin(doctor, "provider");
	snprintf(pattern, sizeof pattern, "%.*s/libfenceline-ust.so.[0-9]", (int)(strrchr(shim, '/') - shim), shim);
	if (glob(pattern, 0, NULL, &found)) {
		doctor_say(doctor, VERDICT_FAILURE,
		           "trace provider: there is no %s, so nothing can be recorded; `apt install --reinstall "
		           "fenceline-shim`",
		           pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (ask_child(load_provider, found.gl_pathv[i], answer, sizeof answer))
			doctor_say(doctor, VERDICT_FAILURE, "trace provider %s: a process that loads it ends", found.gl_pathv[i]);
		else if (*answer == '+') {
			doctor_say(doctor, VERDICT_OK, "trace provider %s, with %s", found.gl_pathv[i], answer + 1);
			snprintf(library, PATH_MAX, "%.*s", PATH_MAX - 1, answer + 1);
			doctor_begin(doctor, "wait-files");
			doctor_check_waits(doctor, library);
			doctor_begin(doctor, "provider");
		} else
			doctor_say(doctor, found.gl_pathc > 1 ? VERDICT_WARNING : VERDICT_FAILURE, "trace provider %s: %s",
			           found.gl_pathv[i], answer + 1);
	}
	globfree(&found);
}

static void check_shim(struct doctor *doctor, char library[PATH_MAX])
{
	char path[PATH_MAX * 4];
	int status = shim_path_find_self(path, sizeof path);

	if (status == -ENOENT)
		doctor_say(doctor, VERDICT_FAILURE, "shim: missing; looked for %s; `apt install fenceline-shim`", path);
	else if (status)
		doctor_say(doctor, VERDICT_FAILURE, "shim: %s", strerror(-status));
	else {
		doctor_say(doctor, VERDICT_OK, "shim %s", path);
		check_provider(doctor, path, library);
	}
}

static void check_daemon(struct doctor *doctor)
{
	if (sessiond_answers())
		doctor_say(doctor, VERDICT_OK, "session daemon: one answers%s", sessiond_ours() ? ", started by fenceline" : "");
	else if (system("command -v lttng-sessiond >/dev/null 2>&1"))
		doctor_say(doctor, VERDICT_FAILURE,
		           "session daemon: none answers, and lttng-sessiond is not installed; `apt install lttng-tools`");
	else
		doctor_say(doctor, VERDICT_OK, "session daemon: none answers; `fenceline record start` starts one");
}

/* LTTng up to 2.12 talks to liblttng-ust.so.0, later ones to .so.1; the two do not understand each other. */
static void check_lttng(struct doctor *doctor, const char *library)
{
	FILE *said = popen("lttng-sessiond --version 2>/dev/null", "re");
	int major = 0, minor = 0, known, old_library = strstr(library, ".so.0") != NULL;

	known = said && fscanf(said, "%d.%d", &major, &minor) == 2;
	if (said)
		pclose(said);
	doctor_begin(doctor, "lttng");
	if (!known)
		doctor_say(doctor, VERDICT_UNKNOWN, "LTTng: no lttng-sessiond tells its version; `apt install lttng-tools`");
	else if (*library && (major > 2 || minor > 12) == old_library)
		doctor_say(
		        doctor, VERDICT_FAILURE,
		        "LTTng: the session daemon is %d.%d and the trace provider loads %s, which it does not understand; `apt "
		        "install lttng-tools liblttng-ust%d` of one release",
		        major, minor, library, !old_library);
	else if (major > 2 || minor > NEWEST_LTTNG)
		doctor_say(doctor, VERDICT_WARNING,
		           "LTTng: %d.%d is newer than any that this fenceline was tried with (2.12 to 2.%d); `fenceline record "
		           "start` "
		           "and a VM's restart will show",
		           major, minor, NEWEST_LTTNG);
	else
		doctor_say(doctor, VERDICT_OK, "LTTng: %d.%d", major, minor);
}

void doctor_check_coverage(struct doctor *doctor, const char *root, const char *const paths[])
{
	char files[CEPH_LIBRARIES][PATH_MAX];
	const char *present[CEPH_LIBRARIES] = { NULL };
	struct coverage coverage;
	char release[32];
	int status;

	for (int i = 0; i < CEPH_LIBRARIES; i++)
		if (paths[i] && *paths[i]) {
			snprintf(files[i], sizeof files[i], "%s%s", root, paths[i]);
			present[i] = files[i];
		}
	status = coverage_of(present, &coverage);
	snprintf(release, sizeof release, coverage.first == coverage.last ? "%d" : "%d to %d", coverage.first, coverage.last);
	if (status)
		doctor_say(doctor, VERDICT_WARNING, "calls: the libraries cannot be read (%s), so nothing is known about them",
		           strerror(-status));
	else if (coverage.required_missing)
		doctor_say(doctor, VERDICT_FAILURE,
		           "calls: most like Ceph %s, but %d of the calls that verdicts rest on are not exported, among them %s; "
		           "`apt install --only-upgrade "
		           "fenceline fenceline-shim`, if there is a newer one",
		           release, coverage.required_missing, coverage.missing);
	else
		doctor_say(doctor, VERDICT_OK,
		           "calls: those of Ceph %s; %d of the table's %d are there, and all that verdicts rest on", release,
		           coverage.found, coverage.rows);
}

static void check_ceph(struct doctor *doctor)
{
	char answer[PATH_MAX * 3 + 64], *field[1 + CEPH_LIBRARIES], *rest = answer + 1;

	if (ask_child(load_ceph, NULL, answer, sizeof answer) || *answer != '+') {
		doctor_say(doctor, VERDICT_WARNING, "Ceph: no librados to be found%s%s; `apt install librbd1`",
		           *answer ? ": " : "", *answer ? answer + 1 : "");
		return;
	}
	for (int i = 0; i < 1 + CEPH_LIBRARIES; i++)
		field[i] = strsep(&rest, "\t") ?: "";
	doctor_say(doctor, *field[1] ? VERDICT_OK : VERDICT_WARNING, "Ceph %s: %s", field[0],
	           *field[1] ? field[1] : "no librbd.so.1; `apt install librbd1`");
	doctor_check_ceph_major(doctor, field[0]);
	doctor_begin(doctor, "calls");
	doctor_check_coverage(doctor, "", (const char *const *)field + 1);
}

void doctor_check_host(struct doctor *doctor)
{
	char library[PATH_MAX] = "";

	doctor_begin(doctor, "shim");
	check_shim(doctor, library);
	doctor_begin(doctor, "session-daemon");
	check_daemon(doctor);
	check_lttng(doctor, library);
	doctor_begin(doctor, "ceph");
	check_ceph(doctor);
}
