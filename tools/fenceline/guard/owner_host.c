/* SPDX-License-Identifier: MIT */
#include "guard/owner_host.h"
#include "guard/owner_page.h"
#include "model/address.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool owner_is_here(const char *text)
{
	struct address address;
	struct ifaddrs *list;
	bool here = false;

	if (!address_parse(text, &address) || getifaddrs(&list))
		return false;
	for (const struct ifaddrs *one = list; one && !here; one = one->ifa_next) {
		if (!one->ifa_addr || one->ifa_addr->sa_family != address.family)
			continue;
		if (address.family == AF_INET)
			here = !memcmp(&((struct sockaddr_in *)one->ifa_addr)->sin_addr, address.ip, 4);
		else
			here = !memcmp(&((struct sockaddr_in6 *)one->ifa_addr)->sin6_addr, address.ip, 16);
	}
	freeifaddrs(list);
	return here;
}

/* Walks /proc. `each` returns false to end the walk. */
static bool each_process(bool (*each)(pid_t pid, void *arg), void *arg)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	bool on = proc;

	while (on && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			on = each(atoi(entry->d_name), arg);
	if (proc)
		closedir(proc);
	return on;
}

struct search {
	struct stat netns; /* ours */
	char *why;
	size_t why_size;
	struct sockets *sockets;
	struct page_pids whole; /* owned */
};

static bool has_whole_page(const struct search *search, pid_t pid)
{
	for (size_t i = 0; i < search->whole.count; i++)
		if (search->whole.list[i] == pid)
			return true;
	return false;
}

/* 1: it lives in our network namespace; 0: it does not, or has ended meanwhile; -1: it will not be seen. */
static int shares_network(pid_t pid, const struct search *search)
{
	struct stat netns;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
	if (stat(path, &netns))
		return errno == ENOENT || errno == ESRCH ? 0 : -1;
	return netns.st_ino == search->netns.st_ino && netns.st_dev == search->netns.st_dev;
}

static bool has_librbd(pid_t pid)
{
	char path[64], *line = NULL;
	size_t size = 0;
	bool has = false;
	FILE *maps;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	while (maps && !has && getline(&line, &size, maps) > 0)
		has = strstr(line, "/librbd.so");
	free(line);
	if (maps)
		fclose(maps);
	return has;
}

static void name_of(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *comm;

	snprintf(name, size, "?");
	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	comm = fopen(path, "re");
	if (comm && fgets(name, (int)size, comm))
		name[strcspn(name, "\n")] = '\0';
	if (comm)
		fclose(comm);
}

static bool is_none_of_it(pid_t pid, void *arg)
{
	struct search *search = arg;
	char name[64];
	int shares = shares_network(pid, search);

	if (shares < 0) {
		snprintf(search->why, search->why_size, "process %d cannot be looked into: only root sees them all", (int)pid);
		return false;
	}
	if (!shares)
		return true;
	sockets_explain(search->sockets, pid);
	if (pid == getpid() || !has_librbd(pid) || has_whole_page(search, pid))
		return true;
	name_of(pid, name, sizeof name);
	snprintf(search->why, search->why_size,
	         "%s (pid %d) on this host has librbd loaded and no status page that names its clients: it may be the owner",
	         name, (int)pid);
	return false;
}

/* The kernel gives the first PID namespace this number on every machine. */
static bool sees_all_processes(void)
{
	struct stat pidns;

	return !stat("/proc/self/ns/pid", &pidns) && pidns.st_ino == 0xEFFFFFFCu;
}

bool owner_is_gone(const char *address, const struct peers *peers, char *why, size_t size)
{
	struct search search = { .why = why, .why_size = size, .sockets = sockets_open() };
	struct address parsed;
	bool gone = false;

	if (!address_parse(address, &parsed) || !search.sockets || stat("/proc/self/ns/net", &search.netns)) {
		snprintf(why, size, "this host's processes and sockets cannot be read");
		goto out;
	}
	owner_whole_pages(&search.whole);
	if (!each_process(is_none_of_it, &search))
		goto out;
	/* In a PID namespace of our own some processes may not be seen. A process without any socket is no client of Ceph. */
	gone = sees_all_processes() ? sockets_explained(search.sockets, &parsed, peers, why, size)
	                            : sockets_all_explained(search.sockets, why, size);
out:
	sockets_close(search.sockets);
	free(search.whole.list);
	return gone;
}
