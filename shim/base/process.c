/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

_Atomic(uint32_t) process_id_cached;

uint32_t process_id_ask(void)
{
	uint32_t pid = (uint32_t)getpid();

	atomic_store_explicit(&process_id_cached, pid, memory_order_relaxed);
	return pid;
}

void process_after_fork(void)
{
	atomic_store_explicit(&process_id_cached, 0, memory_order_relaxed);
}

static void process_copy(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool is_interpreter(const char *name)
{
	static const char *const known[] = { "python", "perl", "ruby", "bash", "sh", "dash" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (starts_with(name, known[i]) &&
		    strspn(name + strlen(known[i]), "0123456789.") == strlen(name + strlen(known[i])))
			return true;
	return false;
}

/* Does an interpreter's option bring the program itself, as `-c CODE`, `-ec CODE`, perl's `-ne CODE` and a lone `-` do? Then
 * neither it nor what follows is a name, and it may be private. When in doubt, it does. */
static bool is_code(const char *option)
{
	return option[0] == '-' && option[1] != '-' && (!option[1] || strpbrk(option, "ceE"));
}

/* Does the next word belong to the option? */
static bool takes_a_word(const char *option)
{
	static const char *const known[] = { "-W", "-X", "-o" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(option, known[i]))
			return true;
	return false;
}

/* The program's name; for an interpreter that of its script, the first argument that is no option. */
static void parse_name(struct process_identity *identity, int argc, char *const argv[])
{
	const char *name = base_name(argv[0]);

	if (is_interpreter(name))
		for (int i = 1; i < argc; i++) {
			if (is_code(argv[i]))
				break;
			if (takes_a_word(argv[i])) {
				i++;
				continue;
			}
			if (!strcmp(argv[i], "-m") && i + 1 < argc) {
				name = argv[i + 1];
				break;
			}
			if (argv[i][0] != '-') {
				name = base_name(argv[i]);
				break;
			}
		}
	process_copy(identity->name, sizeof identity->name, name, strlen(name));
}

/* The value of key in QEMU's KEY=VALUE,... syntax, where ",," is a comma; implied_key is what a leading bare value means. */
static bool qemu_option(const char *options, const char *key, const char *implied_key, char *to, size_t size)
{
	bool first = true;

	while (*options) {
		const char *value = options + strcspn(options, "=,");
		bool found;
		size_t used = 0;

		if (*value == '=') {
			found = (size_t)(value - options) == strlen(key) && !strncmp(options, key, strlen(key));
			value++;
		} else {
			found = first && !strcmp(key, implied_key);
			value = options;
		}
		first = false;
		for (; *value && (*value != ',' || value[1] == ','); value++) {
			if (*value == ',')
				value++;
			if (found && used + 1 < size)
				to[used++] = *value;
		}
		if (found) {
			to[used] = '\0';
			return true;
		}
		options = *value ? value + 1 : value;
	}
	return false;
}

/* SMBIOS's system information, where Proxmox alone names the UUID. It may come in base64, the UUID never does. */
static void parse_smbios(struct process_identity *identity, const char *options)
{
	char type[8];

	if (qemu_option(options, "type", "", type, sizeof type) && !strcmp(type, "1"))
		qemu_option(options, "uuid", "", identity->vm_uuid, sizeof identity->vm_uuid);
}

static void parse_qemu(struct process_identity *identity, int argc, char *const argv[])
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "-smbios") || !strcmp(argv[i], "--smbios"))
			parse_smbios(identity, argv[i + 1]); /* -uuid goes before it */
	for (int i = 1; i + 1 < argc; i++) {
		const char *option = starts_with(argv[i], "--") ? argv[i] + 1 : argv[i];

		if (!strcmp(option, "-name"))
			qemu_option(argv[i + 1], "guest", "guest", identity->vm_name, sizeof identity->vm_name);
		else if (!strcmp(option, "-uuid"))
			process_copy(identity->vm_uuid, sizeof identity->vm_uuid, argv[i + 1], strlen(argv[i + 1]));
	}
}

/* TYPE.N with one of Ceph's types only: another program's -n may mean anything. */
static bool is_entity(const char *text)
{
	static const char *const types[] = { "client.", "mgr.", "osd.", "mds.", "mon." };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (starts_with(text, types[i]))
			return true;
	return false;
}

/* Ceph's own options: --id N, --user N, -n TYPE.N, --name TYPE.N, each with `=` or as two words. */
static void parse_entity(struct process_identity *identity, int argc, char *const argv[])
{
	static const struct {
		const char *option;
		bool full;
	} options[] = { { "--id", false }, { "--user", false }, { "--name", true }, { "-n", true } };

	for (int i = 0; i < argc; i++)
		for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
			size_t length = strlen(options[k].option);
			const char *value = NULL;

			if (!strcmp(argv[i], options[k].option) && i + 1 < argc)
				value = argv[i + 1];
			else if (starts_with(argv[i], options[k].option) && argv[i][length] == '=')
				value = argv[i] + length + 1;
			if (value && *value && (!options[k].full || is_entity(value)))
				snprintf(identity->entity, sizeof identity->entity, "%s%s", options[k].full ? "" : "client.",
				         value);
		}
}

/* Programs that run for as long as what they serve, by their names' beginnings. Python services are told by their scripts. */
static bool is_service(const char *name)
{
	static const char *const known[] = {
		"qemu-system-",   "qemu-kvm",   "kvm",           "qemu-nbd",     "qemu-storage-daemon",
		"qemu-pr-helper", "rbd-nbd",    "rbd-fuse",      "rbd-mirror",   "tcmu-runner",
		"cinder",         "nova",       "glance",        "manila",       "ceph-mgr",
		"ceph-mds",       "ceph-iscsi", "rbd-target-",   "radosgw",      "ganesha",
		"smbd",           "libvirtd",   "virtqemud",     "virtstoraged", "gnocchi",
		"uwsgi",          "mod_wsgi",   "httpd",         "apache2",      "gunicorn",
		"nvmf_tgt",       "spdk_tgt",   "privsep-helper"
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (starts_with(name, known[i]))
			return true;
	return false;
}

void process_parse_arguments(struct process_identity *identity, int argc, char *const argv[])
{
	if (argc < 1)
		return;
	parse_name(identity, argc, argv);
	identity->is_qemu = starts_with(identity->name, "qemu-system-") || !strcmp(identity->name, "qemu-kvm") ||
	                    !strcmp(identity->name, "kvm");
	identity->is_service = is_service(identity->name);
	if (identity->is_qemu)
		parse_qemu(identity, argc, argv);
	else if (!starts_with(identity->name, "qemu-"))
		parse_entity(identity, argc, argv);
}

static void parse_ceph_args(struct process_identity *identity)
{
	const char *args = secure_getenv("CEPH_ARGS");
	char text[1024], *words[64], *rest = text, *word;
	int count = 0;

	if (!args || strlen(args) >= sizeof text)
		return;
	strcpy(text, args);
	while (count < 64 && (word = strsep(&rest, " \t")))
		if (*word)
			words[count++] = word;
	parse_entity(identity, count, words);
}

/* Ceph's own programs connect as client.admin unless they are told otherwise (CEPH_ENTITY_TYPE_CLIENT's default name). */
static void default_entity(struct process_identity *identity)
{
	static const char *const programs[] = { "rbd", "rados", "rbd-nbd" };

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (!identity->entity[0] && !strcmp(identity->name, programs[i]))
			strcpy(identity->entity, "client.admin");
}

static struct process_identity identity;

static void read_identity(void)
{
	static char text[65536];
	char *argv[512];
	int argc = 0, fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = 0, got;
	struct utsname names;

	if (uname(&names) == 0)
		process_copy(identity.host, sizeof identity.host, names.nodename, strlen(names.nodename));
	parse_ceph_args(&identity);
	if (fd < 0)
		return;
	while (length < (ssize_t)sizeof text - 1 && (got = read(fd, text + length, sizeof text - 1 - (size_t)length)) > 0)
		length += got;
	close(fd);
	for (char *at = text; at < text + length && argc < 512; at += strlen(at) + 1)
		argv[argc++] = at;
	process_parse_arguments(&identity, argc, argv);
	default_entity(&identity);
}

const struct process_identity *process_identity(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_identity);
	return &identity;
}

bool process_is_filtered(void)
{
	static const char key[] = "\nSeccomp:\t";
	char text[4096];
	size_t length = 0;
	ssize_t got;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return true;
	while (length < sizeof text - 1 && (got = read(fd, text + length, sizeof text - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	text[length] = '\0';
	const char *value = strstr(text, key);
	return !value || value[sizeof key - 1] != '0';
}
