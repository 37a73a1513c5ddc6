/* SPDX-License-Identifier: MIT */
#include "record/doctor_deployed.h"
#include "record/doctor.h"
#include "record/doctor_census.h"
#include "record/doctor_confined.h"
#include "record/doctor_installed.h"
#include "record/output.h"
#include "record/patience.h"
#include "record/profile.h"
#include "record/recording.h"
#include "record/sessiond.h"

#include <errno.h>
#include <fcntl.h>
#include <lttng/lttng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define DAEMON_LOCK    "/run/fenceline-daemon.lock"
#define FDS_OF_A_VM    4 /* LTTng's session daemon, up to 2.13, and one more for each CPU (seen on 2.13.9) */
#define FDS_OF_ITS_OWN 100
#define OLDEST_KNOWN   14
#define NEWEST_KNOWN   20

/* ---- The recorder and LTTng's session daemon ---- */

/* Are the daemon's sessions recording? 1, 0, or -1 if the session daemon does not say. */
static int ring_records(void)
{
	static const char *const names[] = { "fenceline-daemon", "fenceline-fencers" }; /* daemon/sessions.h */
	struct lttng_session *list = NULL;
	int count, found = 0;

	patience_begin(PATIENCE_LOOK_MS);
	count = lttng_list_sessions(&list);
	patience_end();
	for (int i = 0; i < count; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			found += list[i].enabled && !strcmp(list[i].name, names[k]);
	free(list);
	return count < 0 ? -1 : found == sizeof names / sizeof *names;
}

static void check_ring(struct doctor *doctor)
{
	int records = sessiond_answers() ? ring_records() : 0;

	doctor_begin(doctor, "ring");
	if (records < 0)
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "ring: the session daemon does not say what it records; `lttng list` tells more");
	else if (!records)
		doctor_say(doctor, VERDICT_FAILURE,
		           "ring: the record daemon runs, but its recording does not: nothing is kept; `journalctl -u fenceline` "
		           "tells "
		           "why, `systemctl restart fenceline` makes it anew");
	else
		doctor_say(doctor, VERDICT_OK, "ring: the record daemon's recording is on");
}

static void check_recorder(struct doctor *doctor)
{
	int fd = open(DAEMON_LOCK, O_RDONLY | O_CLOEXEC), problem = errno, running;

	doctor_begin(doctor, "recorder");
	running = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
	if (fd >= 0)
		close(fd);
	if (running)
		doctor_say(doctor, VERDICT_OK, "record daemon: runs");
	else if (fd < 0 && problem == EACCES)
		doctor_say(doctor, VERDICT_UNKNOWN, "record daemon: not looked at, its lock is root's; run this as root");
	else
		doctor_say(doctor, VERDICT_WARNING,
		           "record daemon: does not run, so nothing is recorded when it happens; `systemctl enable --now "
		           "fenceline`");
	if (running && !geteuid())
		check_ring(doctor);
	else if (running) {
		doctor_begin(doctor, "ring");
		doctor_say(doctor, VERDICT_UNKNOWN, "ring: not looked at, its session daemon is root's; run this as root");
	}
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

static void check_descriptors(struct doctor *doctor, const struct doctor_census *census, pid_t daemon)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), limit = open_files(daemon), processes = census->vms + census->others_with;
	long needed = processes * (FDS_OF_A_VM + cpus) + FDS_OF_ITS_OWN;

	doctor_begin(doctor, "descriptors");
	if (limit < 0)
		doctor_say(doctor, VERDICT_UNKNOWN,
		           "session daemon: how many files it may open cannot be read; run this as root");
	else if (limit < needed)
		doctor_say(doctor, VERDICT_FAILURE,
		           "session daemon: may open %ld files and needs about %ld for %ld processes; `prlimit --pid %d "
		           "--nofile=65536` raises it now, LimitNOFILE=65536 in its unit for good",
		           limit, needed, processes, (int)daemon);
	else
		doctor_say(doctor, VERDICT_OK, "session daemon: may open %ld files and needs about %ld for %ld processes", limit,
		           needed, processes);
}

static void check_shared_memory(struct doctor *doctor, const struct doctor_census *census, pid_t daemon)
{
	char path[64];
	struct stat its, ours;
	unsigned shared = 0;

	if (!census->kept)
		return;
	doctor_begin(doctor, "shm");
	snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)daemon);
	if (stat(path, &ours)) {
		doctor_say(doctor, VERDICT_UNKNOWN, "/dev/shm of the session daemon: %s; run this as root", strerror(errno));
		return;
	}
	for (unsigned i = 0; i < census->kept; i++) {
		snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)census->vm[i]);
		if (stat(path, &its))
			doctor_say(doctor, VERDICT_UNKNOWN, "/dev/shm of the VM with pid %d: %s", (int)census->vm[i],
			           strerror(errno));
		else if (its.st_dev != ours.st_dev || its.st_ino != ours.st_ino)
			doctor_say(doctor, VERDICT_FAILURE,
			           "/dev/shm: the VM with pid %d has another one than the session daemon, as containers have; "
			           "mount the host's into the container (`fenceline integrate kolla`)",
			           (int)census->vm[i]);
		else
			shared++;
	}
	if (shared == census->kept)
		doctor_say(doctor, VERDICT_OK, "/dev/shm: the session daemon shares it with %u VM%s%s", shared,
		           shared == 1 ? "" : "s", census->kept < census->vms ? "; the others were not looked at" : "");
}

/* The session daemon's /dev/shm holds the rings; where none runs, this process's own is the one it will have. */
static void check_room(struct doctor *doctor, const struct doctor_census *census, pid_t daemon)
{
	unsigned rings = recording_rings(), coming = census->vms - census->vms_with;
	uint64_t needed = profile_subbuffer_bytes(PROFILE_FULL, BUFFERS_PID, rings, 0) * (PROFILE_SUBBUFFERS + 1) * rings;
	char path[64] = "/dev/shm", have[32], need[32];
	struct statvfs shm;

	doctor_begin(doctor, "memory");
	if (daemon)
		snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)daemon);
	if (statvfs(path, &shm) && (!daemon || statvfs("/dev/shm", &shm))) {
		doctor_say(doctor, VERDICT_FAILURE, "/dev/shm: %s; LTTng keeps its buffers there; mount -t tmpfs tmpfs /dev/shm",
		           strerror(errno));
		return;
	}
	coming += !coming;
	output_size_text(shm.f_bavail * shm.f_frsize, have, sizeof have);
	output_size_text(needed, need, sizeof need);
	if (shm.f_bavail * shm.f_frsize < needed * coming)
		doctor_say(doctor, VERDICT_WARNING,
		           "/dev/shm has %s free; the full profile takes %s per VM, and %u more are to come; `mount -o "
		           "remount,size=%lluM /dev/shm`",
		           have, need, coming, (unsigned long long)(shm.f_blocks * shm.f_frsize + needed * coming) / 1048576 + 1);
	else
		doctor_say(doctor, VERDICT_OK, "/dev/shm has %s free; the full profile takes %s per VM", have, need);
}

static void check_session_daemon(struct doctor *doctor, const struct doctor_census *census)
{
	pid_t daemon = session_daemon();

	if (daemon) { /* that there is none is said by the host's checks */
		check_descriptors(doctor, census, daemon);
		check_shared_memory(doctor, census, daemon);
	}
	check_room(doctor, census, daemon);
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
		           "weaker. `apt install "
		           "chrony`, unless the host's hypervisor keeps it");
	else
		doctor_say(doctor, VERDICT_OK, "clock: in step, within %ld ms by the kernel's estimate", timex.maxerror / 1000);
}

void doctor_check_ceph_major(struct doctor *doctor, const char *version)
{
	int major = atoi(version);

	doctor_begin(doctor, "ceph-major");
	if (major <= 0)
		doctor_say(doctor, VERDICT_UNKNOWN, "Ceph: its libraries do not tell their version; `ceph --version` may");
	else if (major < OLDEST_KNOWN)
		doctor_say(doctor, VERDICT_WARNING,
		           "Ceph %d is older than any that this fenceline was tried with (%d to %d); `fenceline "
		           "doctor --pid PID` of a VM tells which calls are not there",
		           major, OLDEST_KNOWN, NEWEST_KNOWN);
	else if (major > NEWEST_KNOWN)
		doctor_say(doctor, VERDICT_WARNING,
		           "Ceph %d is newer than any that this fenceline knows (%d to %d): what needs a known layout is not "
		           "recorded there; `apt install --only-upgrade fenceline fenceline-shim`, if there is a newer one",
		           major, OLDEST_KNOWN, NEWEST_KNOWN);
}

void doctor_check_deployed(struct doctor *doctor)
{
	struct doctor_census census = { .doctor = doctor };

	doctor_take_census(&census);
	doctor_check_installed(doctor);
	doctor_check_apparmor(doctor);
	doctor_check_selinux(doctor);
	check_recorder(doctor);
	check_session_daemon(doctor, &census);
	check_clock(doctor);
}
