/* SPDX-License-Identifier: MIT */
/* The table of what there is to integrate with, and how each plan is made. */
#include "integrate/target.h"
#include "integrate/systemd.h"
#include "run/shim_path.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct edit *add_edit(struct plan *plan, const struct target *target, enum edit_kind kind, char *path, char *text)
{
	struct edit *edit = &plan->edits[plan->count];

	if (!path || (!text && kind != EDIT_LINES) || plan->count == PLAN_EDITS) {
		free(path);
		free(text);
		return NULL;
	}
	*edit = (struct edit){ .kind = kind, .target = target->name, .path = path, .text = text, .mode = 0644 };
	plan->count++;
	return edit;
}

static char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *text, ...)
{
	char *made;
	va_list args;

	va_start(args, text);
	if (vasprintf(&made, text, args) < 0)
		made = NULL;
	va_end(args);
	return made;
}

/* ---- systemd: LD_PRELOAD in the environment of the service, which hands it on to what it starts ---- */

static int plan_unit(struct plan *plan, const struct target *target, const char *root, const char *unit, const char *shim)
{
	char before[PATH_MAX], *preload;

	if (systemd_preload(root, unit, before, sizeof before) && !plan->undo) {
		snprintf(plan->trouble, sizeof plan->trouble,
		         "%s sets LD_PRELOAD for %s, and systemd lets that file win over every drop-in: add %s there, in front",
		         before, unit, shim);
		return 0;
	}
	preload = shim_path_preload(before, shim);
	if (!preload)
		return -ENOMEM;
	if (!add_edit(
	            plan, target, EDIT_FILE, format("/etc/systemd/system/%s.d/" DROP_IN, unit),
	            format("# Written by `fenceline integrate %s`, removed by `fenceline integrate --undo %s`; folders made: 0\n"
	                   "[Service]\n"
	                   "Environment=\"LD_PRELOAD=%s\"\n",
	                   target->name, target->name, preload)))
		plan->count = -1;
	free(preload);
	return plan->count < 0 ? -ENOMEM : 0;
}

static int plan_units(const struct target *target, const char *root, const char *shim, int all, struct plan *plan)
{
	int status = 0;

	for (const char *const *unit = target->units; *unit && !status; unit++)
		if (all || systemd_has_unit(root, *unit))
			status = plan_unit(plan, target, root, *unit, shim);
	return status;
}

/* ---- libvirt: and what AppArmor lets QEMU do ---- */

#define ABSTRACTION "/etc/apparmor.d/abstractions/libvirt-qemu"
#define SITE        "/etc/apparmor.d/local/abstractions/libvirt-qemu"

/* libvirt 9.0.0's abstraction has two: deny /dev/shm/lttng-ust-wait-* r, and the same below /run/shm. A deny beats every allow.
 */
static int denies_lttng(const char *line, size_t length)
{
	size_t blanks = strspn(line, " \t");

	return length > blanks && !strncmp(line + blanks, "deny ", 5) && memmem(line, length, "lttng-ust-wait", 14) != NULL;
}

/* What QEMU with the shim had open under libvirt 9.0.0 and LTTng 2.13.9, where abstractions/base and libvirt-qemu do not allow
 * it. */
static char *apparmor_rules(const char *shim)
{
	int folder = strrchr(shim, '/') - shim;

	return format("  %.*s/libfenceline*.so* mr,\n"
	              "  /etc/fenceline/ r,\n"
	              "  /etc/fenceline/disable r,\n"
	              "  /{dev,run}/shm/lttng-ust-wait-* r,\n"
	              "  /{dev,run}/shm/shm-ust-consumer-* rw,\n"
	              "  /{,var/}run/lttng/lttng-ust-sock-* rw,\n"
	              "  @{PROC}/@{pid}/{cmdline,comm,maps,status,task/*/comm} r,\n",
	              folder, shim);
}

static int plan_libvirt(const struct target *target, const char *root, const char *shim, int all, struct plan *plan)
{
	char *abstraction = edit_read(root, ABSTRACTION);
	struct edit *lines;
	int status = plan_units(target, root, shim, all, plan);

	if (!status && plan->count > 0 && (all || abstraction)) {
		lines = add_edit(plan, target, EDIT_LINES, strdup(ABSTRACTION), NULL);
		if (lines)
			lines->matches = denies_lttng;
		if (!lines || !add_edit(plan, target, EDIT_BLOCK, strdup(SITE), apparmor_rules(shim)))
			status = -ENOMEM;
	}
	if (abstraction && !strstr(abstraction, "local/abstractions/libvirt-qemu"))
		snprintf(plan->trouble, sizeof plan->trouble,
		         "%s does not include <local/abstractions/libvirt-qemu>: the rules written there reach no VM; include it",
		         ABSTRACTION);
	free(abstraction);
	return status;
}

/* ---- rbd: a wrapper in front of it ---- */

static int plan_rbd(const struct target *target, const char *root, const char *shim, int all, struct plan *plan)
{
	char *rbd = edit_read(root, "/usr/bin/rbd");
	struct edit *wrapper = NULL;

	(void)shim;
	if (rbd || all) {
		wrapper = add_edit(plan, target, EDIT_FILE, strdup("/usr/local/bin/rbd"),
		                   format("#!/bin/sh\n"
		                          "# Written by `fenceline integrate rbd`, removed by `fenceline integrate --undo rbd`; "
		                          "folders made: 0\n"
		                          "exec fenceline run -- /usr/bin/rbd \"$@\"\n"));
		if (wrapper)
			wrapper->mode = 0755;
	}
	free(rbd);
	return (rbd || all) && !wrapper ? -ENOMEM : 0;
}

/* ---- The table ---- */

/* svirt_t and its like are of the attribute virt_domain; what a service without a policy of its own makes in /dev/shm is tmpfs_t,
 * in /run var_run_t. noatsecure: the loader keeps LD_PRELOAD when libvirtd's child becomes QEMU. */
#define SELINUX_MODULE \
	"SELinux: a module that lets QEMU keep LD_PRELOAD and use LTTng. checkmodule takes it; no kernel that enforces has " \
	"tried it, so " \
	"look at\n" \
	"`ausearch -m avc -c qemu-kvm` after a VM has started. With it the wrapper is not needed.\n" \
	"  cat >fenceline.te <<'TE'\n" \
	"module fenceline 1.0;\n" \
	"require {\n" \
	"    attribute virt_domain;\n" \
	"    type virtd_t, tmpfs_t, var_run_t, lib_t, unconfined_service_t;\n" \
	"    class process noatsecure;\n" \
	"    class file { getattr open read write map execute };\n" \
	"    class sock_file { getattr write };\n" \
	"    class unix_stream_socket connectto;\n" \
	"    class fd use;\n" \
	"}\n" \
	"allow virtd_t virt_domain:process noatsecure;\n" \
	"allow virt_domain lib_t:file { getattr open read map execute };\n" \
	"allow virt_domain tmpfs_t:file { getattr open read write map };\n" \
	"allow virt_domain var_run_t:sock_file { getattr write };\n" \
	"allow virt_domain unconfined_service_t:unix_stream_socket connectto;\n" \
	"allow virt_domain unconfined_service_t:fd use;\n" \
	"TE\n" \
	"  checkmodule -M -m -o fenceline.mod fenceline.te && semodule_package -o fenceline.pp -m fenceline.mod && semodule -i " \
	"fenceline.pp"

static const char *const libvirt_units[] = { "libvirtd.service", "virtqemud.service", NULL };
static const char *const cinder_units[] = { "cinder-volume.service", "cinder-backup.service", "openstack-cinder-volume.service",
	                                    "openstack-cinder-backup.service", NULL };
static const char *const nova_units[] = { "nova-compute.service", "openstack-nova-compute.service", NULL };

const struct target targets[] = {
	{ "libvirt", "every QEMU that libvirtd or virtqemud starts, nova's too", plan_libvirt, libvirt_units,
	  "libvirtd.service or virtqemud.service",
	  "systemctl daemon-reload && systemctl restart libvirtd     (or virtqemud)\n"
	  "The restart leaves running VMs alone. A VM has the shim from its next start on, or once it is live-migrated to a host "
	  "that has it;\n"
	  "its AppArmor profile is read anew at that moment, too.",
	  "Where LD_PRELOAD is stripped, nothing of the above helps. That is so under SELinux when QEMU changes its domain at "
	  "exec, and under\n"
	  "AppArmor when libvirt's security_driver is \"none\" and libvirtd itself is confined. Put a wrapper in QEMU's place "
	  "then:\n"
	  "  dpkg-divert --rename --add /usr/bin/qemu-system-x86_64\n"
	  "  printf '#!/bin/sh\\nLD_PRELOAD=%s/" SHIM_FILE
	  " exec /usr/bin/qemu-system-x86_64.distrib \"$@\"\\n' >/usr/bin/qemu-system-x86_64\n"
	  "  chmod 755 /usr/bin/qemu-system-x86_64\n" SELINUX_MODULE },
	{ "cinder", "cinder-volume and cinder-backup, which take and delete snapshots", plan_units, cinder_units,
	  "cinder-volume.service or cinder-backup.service",
	  "systemctl daemon-reload && systemctl restart cinder-volume     (at a quiet hour: it ends what it is doing)", NULL },
	{ "nova", "nova-compute, which takes snapshots and clones where VMs live on RBD", plan_units, nova_units,
	  "nova-compute.service", "systemctl daemon-reload && systemctl restart nova-compute     (VMs live on)", NULL },
	{ "rbd", "`rbd` in cron jobs and scripts", plan_rbd, NULL, "/usr/bin/rbd",
	  "At once, for whoever finds /usr/local/bin before /usr/bin. A file in /etc/cron.d that sets no PATH has only "
	  "/usr/bin:/bin: write\n"
	  "`fenceline run -- rbd` there.",
	  NULL },
	{ "kolla", "kolla's containers of libvirt and cinder-volume", NULL, NULL, NULL, NULL,
	  "Not tried; from kolla-ansible's documented variables. The images need liblttng-ust1 and libunwind8: build them with\n"
	  "  nova_libvirt_packages_append and cinder_volume_packages_append: ['fenceline-shim']     (template override of "
	  "kolla-build)\n"
	  "In /etc/kolla/globals.yml, so that the containers share LTTng's sockets and memory with the host, which records:\n"
	  "  nova_libvirt_extra_volumes:  [\"/dev/shm:/dev/shm\", \"/run/lttng:/run/lttng\", "
	  "\"/etc/fenceline/ld.so.preload:/etc/ld.so.preload:ro\"]\n"
	  "  cinder_volume_extra_volumes: [\"/dev/shm:/dev/shm\", \"/run/lttng:/run/lttng\", "
	  "\"/etc/fenceline/ld.so.preload:/etc/ld.so.preload:ro\"]\n"
	  "/etc/fenceline/ld.so.preload on the host has one line, the shim's path in the container:\n"
	  "  %s/" SHIM_FILE "\n"
	  "The shim does nothing in a process that does not load librados. Then: kolla-ansible reconfigure, and live-migrate the "
	  "VMs." },
	{ "proxmox", "Proxmox VE's daemons that start VMs and take snapshots", NULL, NULL, NULL, NULL,
	  "Not tried on Proxmox VE. pvedaemon, pve-ha-lrm and pvescheduler start QEMU and `rbd`; give each a drop-in:\n"
	  "  for unit in pvedaemon pve-ha-lrm pvescheduler; do\n"
	  "    mkdir -p /etc/systemd/system/$unit.service.d\n"
	  "    printf '[Service]\\nEnvironment=\"LD_PRELOAD=%s/" SHIM_FILE
	  "\"\\n' >/etc/systemd/system/$unit.service.d/zz-fenceline.conf\n"
	  "  done; systemctl daemon-reload\n"
	  "They take effect when each daemon is restarted, for VMs that it starts then. `qm start` on a shell needs `fenceline "
	  "run -- qm start ID`." },
	{ NULL },
};

const struct target *target_find(const char *name)
{
	for (const struct target *target = targets; target->name; target++)
		if (!strcmp(target->name, name))
			return target;
	return NULL;
}

void plan_free(struct plan *plan)
{
	for (int i = 0; i < plan->count; i++)
		edit_free(&plan->edits[i]);
}
