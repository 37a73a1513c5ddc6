/* SPDX-License-Identifier: MIT */
#include "guard/sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct socket_row {
	unsigned long inode;
	bool explained;
	struct address local; /* family 0: no TCP */
	char peer[64];        /* ip:port */
};

struct sockets {
	struct socket_row *rows;
	size_t count;
};

void peers_add(const char *address, void *arg)
{
	struct peers *peers = arg;
	struct address parsed;
	char(*list)[64];

	if (!address_parse(address, &parsed))
		return;
	list = reallocarray(peers->list, peers->count + 1, sizeof *list);
	if (!list)
		return;
	peers->list = list;
	parsed.has_nonce = false;
	address_format(&parsed, list[peers->count++], sizeof *list);
}

void peers_free(struct peers *peers)
{
	free(peers->list);
	memset(peers, 0, sizeof *peers);
}

/* "0100007F:1A85", the address in words of the host's order. */
static bool parse_endpoint(const char *text, struct address *address)
{
	const char *colon = strchr(text, ':');
	size_t digits = colon ? (size_t)(colon - text) : 0;

	memset(address, 0, sizeof *address);
	if (digits != 8 && digits != 32)
		return false;
	address->family = digits == 8 ? AF_INET : AF_INET6;
	for (size_t word = 0; word * 8 < digits; word++) {
		uint32_t value;
		if (sscanf(text + word * 8, "%8x", &value) != 1)
			return false;
		memcpy(address->ip + word * 4, &value, 4);
	}
	address->port = (uint16_t)strtoul(colon + 1, NULL, 16);
	return true;
}

static bool add_row(struct sockets *sockets, const struct socket_row *row)
{
	struct socket_row *rows;

	if (!row->inode)
		return true;
	rows = reallocarray(sockets->rows, sockets->count + 1, sizeof *rows);
	if (!rows)
		return false;
	sockets->rows = rows;
	rows[sockets->count++] = *row;
	return true;
}

/* An IPv4 connection of an IPv6 socket, ::ffff:1.2.3.4. */
static void unmap(struct address *address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (address->family != AF_INET6 || memcmp(address->ip, mapped, sizeof mapped))
		return;
	memmove(address->ip, address->ip + 12, 4);
	memset(address->ip + 4, 0, 12);
	address->family = AF_INET;
}

/* Column 1 is the local end, 2 the other, 9 the inode. */
static bool read_inet_line(struct sockets *sockets, char *line, bool tcp)
{
	struct socket_row row = { 0 };
	struct address peer;
	char *rest = NULL, *column = strtok_r(line, " \n", &rest);

	for (int n = 0; column; n++, column = strtok_r(NULL, " \n", &rest)) {
		if (n == 1 && tcp && parse_endpoint(column, &row.local))
			unmap(&row.local);
		if (n == 2 && tcp && parse_endpoint(column, &peer)) {
			unmap(&peer);
			address_format(&peer, row.peer, sizeof row.peer);
		}
		if (n == 9)
			row.inode = strtoul(column, NULL, 10);
	}
	return add_row(sockets, &row);
}

/* Num: RefCount Protocol Flags Type St Inode Path. A listener's pending connections have no process, and inode 0. */
static bool read_unix_line(struct sockets *sockets, char *line, bool tcp)
{
	struct socket_row row = { 0 };

	(void)tcp;
	if (sscanf(line, "%*x: %*x %*x %*x %*x %*x %lu", &row.inode) != 1)
		return true;
	return add_row(sockets, &row);
}

static bool read_table(struct sockets *sockets, const char *path, bool tcp,
                       bool (*read_line)(struct sockets *sockets, char *line, bool tcp))
{
	FILE *table = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool read = table;

	if (table && getline(&line, &size, table) > 0) /* the heading */
		while (read && getline(&line, &size, table) > 0)
			read = read_line(sockets, line, tcp);
	free(line);
	if (table)
		fclose(table);
	return read;
}

struct sockets *sockets_open(void)
{
	struct sockets *sockets = calloc(1, sizeof *sockets);

	if (!sockets)
		return NULL;
	/* A kernel without IPv6 has no tcp6. */
	if (!read_table(sockets, "/proc/self/net/tcp", true, read_inet_line) ||
	    (!access("/proc/self/net/tcp6", F_OK) && !read_table(sockets, "/proc/self/net/tcp6", true, read_inet_line)) ||
	    !read_table(sockets, "/proc/self/net/udp", false, read_inet_line) ||
	    !read_table(sockets, "/proc/self/net/unix", false, read_unix_line)) {
		sockets_close(sockets);
		return NULL;
	}
	return sockets;
}

void sockets_close(struct sockets *sockets)
{
	if (sockets)
		free(sockets->rows);
	free(sockets);
}

static void explain_inode(struct sockets *sockets, unsigned long inode)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->rows[i].inode == inode)
			sockets->rows[i].explained = true;
}

void sockets_explain(struct sockets *sockets, pid_t pid)
{
	char path[64], target[64];
	const struct dirent *entry;
	unsigned long inode;
	DIR *fds;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds))) {
		ssize_t length = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);
		target[length > 0 ? length : 0] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) == 1)
			explain_inode(sockets, inode);
	}
	if (fds)
		closedir(fds);
}

static bool is_peer(const char *peer, const struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		if (!strcmp(peers->list[i], peer))
			return true;
	return false;
}

bool sockets_explained(const struct sockets *sockets, const struct address *local, const struct peers *peers, char *why,
                       size_t size)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct socket_row *row = &sockets->rows[i];
		if (row->explained || row->local.family != local->family || memcmp(row->local.ip, local->ip, sizeof local->ip) ||
		    !is_peer(row->peer, peers))
			continue;
		snprintf(why, size,
		         "a connection to %s belongs to no process that can be seen: a kernel client (krbd, CephFS), or another "
		         "PID namespace",
		         row->peer);
		return false;
	}
	return true;
}

bool sockets_all_explained(const struct sockets *sockets, char *why, size_t size)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->rows[i].explained)
			continue;
		snprintf(why, size,
		         "this is a PID namespace of its own (a container?), and there are sockets of processes outside it: "
		         "not every process of this host can be seen");
		return false;
	}
	return true;
}
