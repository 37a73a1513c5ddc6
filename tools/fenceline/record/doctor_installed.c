/* SPDX-License-Identifier: MIT */
#include "record/doctor_installed.h"
#include "record/doctor.h"
#include "integrate/systemd.h"
#include "integrate/target.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRAPPER "/usr/local/bin/rbd" /* of `fenceline integrate rbd` */

static void check_units(struct doctor *doctor)
{
	int here = 0, lacking = 0;

	for (const struct target *target = targets; target->name; target++)
		for (const char *const *unit = target->units; unit && *unit; unit++) {
			char path[PATH_MAX];

			if (!systemd_has_unit("", *unit))
				continue;
			here++;
			snprintf(path, sizeof path, "/etc/systemd/system/%s.d/" DROP_IN, *unit);
			if (!access(path, F_OK))
				continue;
			lacking++;
			doctor_say(doctor, VERDICT_WARNING,
			           "%s is installed and not integrated: what it starts or does has no shim; `fenceline integrate "
			           "%s`",
			           *unit, target->name);
		}
	if (here && !lacking)
		doctor_say(doctor, VERDICT_OK, "services: each of the %d that are installed here brings the shim along", here);
	else if (!here)
		doctor_say(doctor, VERDICT_OK, "services: neither libvirt, cinder nor nova is installed here as a systemd unit");
}

/* The `rbd` that a line calls to make or remove a snapshot, not by way of fenceline; NULL if it calls none. */
static const char *bare_rbd(const char *line)
{
	const char *word = line + strspn(line, " \t"), *rbd, *snap;

	if (*word == '#' || strstr(word, "fenceline "))
		return NULL;
	for (rbd = strstr(word, "rbd"); rbd; rbd = strstr(rbd + 1, "rbd"))
		if ((rbd == word || strchr(" \t/;&|('\"`", rbd[-1])) && isspace((unsigned char)rbd[3]))
			break;
	snap = rbd ? strstr(rbd, " snap ") : NULL;
	if (snap && (strstr(snap, " create") || strstr(snap, " add") || strstr(snap, " rm") || strstr(snap, " remove") ||
	             strstr(snap, " purge") || strstr(snap, " rollback")))
		return rbd;
	return NULL;
}

/* Is `rbd` without a path the wrapper here? cron gives /usr/bin:/bin, unless the table says otherwise; what run-parts runs has
 * the PATH of /etc/crontab. */
static int finds_wrapper(const char *path, const char *last_path)
{
	const char *ours = *last_path ? strstr(last_path, "/usr/local/bin") : NULL, *theirs = strstr(last_path, "/usr/bin");

	if (access(WRAPPER, X_OK))
		return 0;
	return (ours && (!theirs || ours < theirs)) || strstr(path, "ly/") != NULL;
}

/* Returns how many of its lines take snapshots with a bare rbd, or -errno. */
static int check_cron_file(struct doctor *doctor, const char *path)
{
	char *line = NULL, search[512] = "";
	FILE *file = fopen(path, "re");
	size_t size = 0;
	int found = 0;

	if (!file)
		return -errno;
	for (int number = 1; getline(&line, &size, file) > 0; number++) {
		const char *rbd = bare_rbd(line);

		if (!strncmp(line, "PATH=", 5))
			snprintf(search, sizeof search, "%s", line + 5);
		if (!rbd || ((rbd == line || rbd[-1] != '/') && finds_wrapper(path, search)))
			continue;
		found++;
		doctor_say(doctor, VERDICT_WARNING,
		           "%s line %d runs rbd without the shim: whom it fences is known from the audit log alone; write "
		           "`fenceline run -- rbd` there",
		           path, number);
	}
	free(line);
	fclose(file);
	return found;
}

static void check_cron(struct doctor *doctor)
{
	static const char *const patterns[] = {
		"/etc/crontab",       "/etc/cron.d/*",       "/etc/cron.hourly/*",         "/etc/cron.daily/*",
		"/etc/cron.weekly/*", "/etc/cron.monthly/*", "/var/spool/cron/crontabs/*", "/var/spool/cron/*"
	};
	int looked = 0, found = 0, unreadable = 0;

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		glob_t files;
		struct stat st;

		if (glob(patterns[i], 0, NULL, &files))
			continue;
		for (size_t k = 0; k < files.gl_pathc; k++) {
			int lines;

			if (stat(files.gl_pathv[k], &st) || !S_ISREG(st.st_mode))
				continue;
			lines = check_cron_file(doctor, files.gl_pathv[k]);
			looked += lines >= 0;
			unreadable += lines < 0;
			found += lines > 0 ? lines : 0;
		}
		globfree(&files);
	}
	unreadable += geteuid() && !access("/var/spool/cron", F_OK); /* users' own tables are root's to see */
	if (unreadable)
		doctor_say(doctor, VERDICT_UNKNOWN, "cron: some of its tables could not be read; run this as root");
	else if (!found)
		doctor_say(doctor, VERDICT_OK,
		           "cron: none of its %d files takes snapshots with a bare rbd (what their scripts do was "
		           "not looked at)",
		           looked);
}

void doctor_check_installed(struct doctor *doctor)
{
	doctor_begin(doctor, "services");
	check_units(doctor);
	doctor_begin(doctor, "cron");
	check_cron(doctor);
}
