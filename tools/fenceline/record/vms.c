/* SPDX-License-Identifier: MIT */
#include "record/vms.h"
#include "record/coverage.h"
#include "record/proc.h"
#include "run/shim_path.h"
#include "run/supervise.h"

#include <dirent.h>
#include <stdlib.h>

unsigned vms_without_shim(void)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	unsigned count = 0;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);
		if (pid <= 0 || proc_program(pid, path) || !supervise_is_qemu_system(path))
			continue;
		count += proc_mapped(pid, ceph_library_names[CEPH_RBD], path) > 0 && proc_mapped(pid, SHIM_FILE, path) == 0;
	}
	if (dir)
		closedir(dir);
	return count;
}
