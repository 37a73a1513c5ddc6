/* SPDX-License-Identifier: MIT */
/* `fenceline doctor`: what a host in use has beside fenceline: VMs, what takes snapshots, confinement, the recorder, the clock.
 */
#include "record/doctor.h"
#include "record/proc.h"
#include "run/shim_path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#define RULES          "/etc/apparmor.d/abstractions/libvirt-qemu"
#define DAEMON_LOCK    "/run/fenceline-daemon.lock"
#define FDS_OF_A_VM    4 /* LTTng's session daemon, up to 2.13, and one more for each CPU (seen on 2.13.9) */
#define FDS_OF_ITS_OWN 100
#define NEWEST_KNOWN   20

/* ---- Who uses librbd here ---- */

struct census {
	struct doctor *doctor;
	unsigned vms, vms_with, others_with, unreadable;
	pid_t vm; /* one of them */
};

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

/* What takes or deletes snapshots, or opens images, beside QEMU: named by its program or by its script. */
static const char *snapshot_taker(const char *base, pid_t pid, char *script, size_t size)
{
	static const char *const names[] = {
		"cinder-volume", "cinder-backup", "nova-compute",        "rbd-mirror", "rbd-nbd",
		"tcmu-runner",   "qemu-nbd",      "qemu-storage-daemon", "ceph-mgr",   "glance-api"
	};
	char path[64], arguments[512];
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, arguments, sizeof arguments - 1);
	if (fd >= 0)
		close(fd);
	arguments[length > 0 ? length : 0] = '\0';
	for (const char *at = arguments; !strncmp(base, "python", 6) && at < arguments + length; at += strlen(at) + 1)
		if (*at == '/') { /* /usr/bin/python3 /usr/bin/cinder-volume */
			base = strrchr(at, '/') + 1;
			if (strncmp(base, "python", 6))
				break;
		}
	snprintf(script, size, "%s", base);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(base, names[i]))
			return names[i];
	return NULL;
}

static void look_at_vm(struct census *census, pid_t pid, int shimmed)
{
	char name[128];

	guest_name(pid, name, sizeof name);
	census->vms++;
	census->vms_with += shimmed;
	census->vm = pid;
	if (!shimmed)
		doctor_say(census->doctor, VERDICT_WARNING,
		           "VM %s (pid %d) uses librbd without the shim; it gets it at its next start or live migration, once "
		           "`fenceline "
		           "integrate libvirt` was run",
		           *name ? name : "without a name", (int)pid);
}

static void look_at(struct census *census, pid_t pid)
{
	char program[PATH_MAX], path[PATH_MAX], script[PATH_MAX];
	const char *base, *taker;
	int rbd, shimmed;

	if (proc_program(pid, program))
		return;
	base = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
	rbd = proc_mapped(pid, "librbd.so", path);
	if (rbd < 0)
		census->unreadable++;
	if (rbd <= 0)
		return;
	shimmed = proc_mapped(pid, SHIM_FILE, path) > 0;
	if (!strncmp(base, "qemu-system", 11) || !strcmp(base, "qemu-kvm") || !strcmp(base, "kvm")) {
		look_at_vm(census, pid, shimmed);
		return;
	}
	taker = snapshot_taker(base, pid, script, sizeof script);
	census->others_with += shimmed;
	if (!shimmed && taker)
		doctor_say(census->doctor, VERDICT_WARNING,
		           "%s (pid %d) uses librbd without the shim: whom it fences is known from the audit log alone; %s, then "
		           "restart it",
		           taker, (int)pid,
		           !strncmp(taker, "cinder", 6) ? "`fenceline integrate cinder`"
		           : !strncmp(taker, "nova", 4) ? "`fenceline integrate nova`"
		                                        : "set LD_PRELOAD to the shim in its unit's environment");
}

static void take_census(struct census *census)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			look_at(census, atoi(entry->d_name));
	if (dir)
		closedir(dir);
	doctor_begin(census->doctor, "vms");
	if (census->vms)
		doctor_say(census->doctor, census->vms_with == census->vms ? VERDICT_OK : VERDICT_WARNING,
		           "VMs: %u of %u that use librbd have the shim", census->vms_with, census->vms);
	else if (geteuid())
		doctor_say(census->doctor, VERDICT_UNKNOWN, "VMs: not looked at, other users' processes are root's to see");
	else
		doctor_say(census->doctor, VERDICT_OK, "VMs: none uses librbd here now");
}

/* ---- Confinement ---- */

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

/* Does a line that is no comment deny LTTng's wait files? -errno if the rules cannot be read. */
static int rules_deny(void)
{
	FILE *file = fopen(RULES, "re");
	char *line = NULL;
	size_t size = 0;
	int denied = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		const char *word = line + strspn(line, " \t");

		denied |= !strncmp(word, "deny ", 5) && strstr(word, "lttng-ust-wait");
	}
	free(line);
	fclose(file);
	return denied;
}

static void check_apparmor(struct doctor *doctor)
{
	int enabled = file_begins("/sys/module/apparmor/parameters/enabled", "Y"), denied = rules_deny();

	doctor_begin(doctor, "apparmor");
	if (denied == 1)
		doctor_say(doctor, enabled == 1 ? VERDICT_FAILURE : VERDICT_WARNING,
		           "AppArmor: " RULES
		           " denies LTTng's wait files, so a confined VM is not recorded%s; `fenceline integrate libvirt`",
		           enabled == 1 ? "" : " once AppArmor is on (this kernel has it off)");
	else if (enabled != 1)
		doctor_say(doctor, VERDICT_OK, "AppArmor: off in this kernel");
	else if (denied < 0)
		doctor_say(doctor, denied == -ENOENT ? VERDICT_OK : VERDICT_UNKNOWN, "AppArmor: on; %s: %s", RULES,
		           strerror(-denied));
	else
		doctor_say(doctor, VERDICT_OK, "AppArmor: on; its rules for libvirt's VMs let LTTng's wait files through");
}

static void check_selinux(struct doctor *doctor)
{
	int enforcing = file_begins("/sys/fs/selinux/enforce", "1");

	doctor_begin(doctor, "selinux");
	if (enforcing < 0)
		doctor_say(doctor, VERDICT_OK, "SELinux: not in this kernel");
	else if (!enforcing)
		doctor_say(doctor, VERDICT_OK, "SELinux: permissive");
	else
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "SELinux: enforcing; whether it lets QEMU record was not looked at: see `fenceline integrate --print "
		           "libvirt`, and "
		           "`ausearch -m avc -c qemu-kvm` after a VM has started");
}

/* ---- The recorder and LTTng's session daemon ---- */

static void check_recorder(struct doctor *doctor)
{
	int fd = open(DAEMON_LOCK, O_RDONLY | O_CLOEXEC), running;

	doctor_begin(doctor, "recorder");
	running = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	if (running)
		doctor_say(doctor, VERDICT_OK, "record daemon: runs");
	else if (fd < 0 && errno == EACCES)
		doctor_say(doctor, VERDICT_UNKNOWN, "record daemon: not looked at, its lock is root's");
	else
		doctor_say(doctor, VERDICT_WARNING,
		           "record daemon: does not run, so nothing is recorded when it happens; `systemctl enable --now "
		           "fenceline`");
}

/* Soft limit of open files; -1 if it cannot be read. */
static long open_files(pid_t pid)
{
	char path[64], line[256];
	long limit = -1;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
	file = fopen(path, "re");
	while (file && limit < 0 && fgets(line, sizeof line, file))
		if (!strncmp(line, "Max open files", 14))
			limit = strstr(line, "unlimited") ? 1 << 30 : strtol(line + 14, NULL, 10);
	if (file)
		fclose(file);
	return limit;
}

/* Root's session daemon, the one that processes of this host find; 0 if there is none. Others run in containers of their own. */
static pid_t session_daemon(void)
{
	FILE *file = fopen("/run/lttng/lttng-sessiond.pid", "re");
	int pid = 0;

	if (file && fscanf(file, "%d", &pid) != 1)
		pid = 0;
	if (file)
		fclose(file);
	return pid;
}

static void check_session_daemon(struct doctor *doctor, const struct census *census)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), limit, needed;
	pid_t daemon = session_daemon();
	char path[64];
	struct stat its, ours;

	if (!daemon)
		return; /* said by the host's checks */
	doctor_begin(doctor, "descriptors");
	needed = (long)(census->vms + census->others_with) * (FDS_OF_A_VM + cpus) + FDS_OF_ITS_OWN;
	limit = open_files(daemon);
	doctor_say(doctor,
	           limit < 0        ? VERDICT_UNKNOWN
	           : limit < needed ? VERDICT_FAILURE
	                            : VERDICT_OK,
	           "session daemon: may open %ld files and needs about %ld for %u processes%s", limit, needed,
	           census->vms + census->others_with,
	           limit >= 0 && limit < needed ? "; raise LimitNOFILE of its unit, or let the record daemon start it" : "");
	if (!census->vm)
		return;
	doctor_begin(doctor, "shm");
	snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)daemon);
	if (stat(path, &ours)) {
		doctor_say(doctor, VERDICT_UNKNOWN, "/dev/shm of the session daemon: %s", strerror(errno));
		return;
	}
	snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)census->vm);
	if (stat(path, &its))
		doctor_say(doctor, VERDICT_UNKNOWN, "/dev/shm of VMs: %s", strerror(errno));
	else if (its.st_dev != ours.st_dev || its.st_ino != ours.st_ino)
		doctor_say(doctor, VERDICT_FAILURE,
		           "/dev/shm: a VM (pid %d) has another one than the session daemon, as containers have; mount the "
		           "host's into the "
		           "container (`fenceline integrate kolla`)",
		           (int)census->vm);
	else
		doctor_say(doctor, VERDICT_OK, "/dev/shm: VMs and the session daemon share it");
}

/* ---- The clock ---- */

static void check_clock(struct doctor *doctor)
{
	struct timex timex = { 0 };
	int state = adjtimex(&timex);

	doctor_begin(doctor, "clock");
	if (state < 0)
		doctor_say(doctor, VERDICT_UNKNOWN, "clock: %s", strerror(errno));
	else if (state == TIME_ERROR || timex.status & STA_UNSYNC)
		doctor_say(doctor, VERDICT_WARNING,
		           "clock: the kernel does not know it to be in step with others; hosts that disagree make verdicts "
		           "weaker. Run an NTP "
		           "client (chrony), unless the host's hypervisor keeps it");
	else
		doctor_say(doctor, VERDICT_OK, "clock: in step, within %ld ms by the kernel's estimate", timex.maxerror / 1000);
}

void doctor_check_ceph_major(struct doctor *doctor, const char *version)
{
	int major = atoi(version);

	doctor_begin(doctor, "ceph-major");
	if (major > NEWEST_KNOWN)
		doctor_say(doctor, VERDICT_WARNING,
		           "Ceph %d is newer than any that this fenceline knows (14 to %d): what needs a known layout is not "
		           "recorded there",
		           major, NEWEST_KNOWN);
}

void doctor_check_deployed(struct doctor *doctor)
{
	struct census census = { .doctor = doctor };

	doctor_begin(doctor, "vm");
	take_census(&census);
	check_apparmor(doctor);
	check_selinux(doctor);
	check_recorder(doctor);
	check_session_daemon(doctor, &census);
	check_clock(doctor);
}
