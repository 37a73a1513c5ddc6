/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_packets.h"
#include "ingest/xalloc.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* Header and context of a packet, and then some: less of a packet than that holds no event. */
#define PACKET_MIN 128

/* Bytes read: less than `size` at the end of the file. -errno on failure. */
static ssize_t read_at(int fd, void *to, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static bool is_header(const struct ctf_packet_header *header)
{
	uint64_t content = le64toh(header->content_size), packet = le64toh(header->packet_size);

	return le32toh(header->magic) == CTF_PACKET_MAGIC && packet % 8 == 0 && content <= packet &&
	       content / 8 >= sizeof(*header);
}

bool ctf_packet_at(int fd, uint64_t at, struct ctf_packet_header *header)
{
	return read_at(fd, header, sizeof(*header), at) == sizeof(*header) && is_header(header);
}

int ctf_packets_look(const char *file, struct ctf_extent *extent)
{
	struct ctf_packet_header header;
	struct stat info;
	ssize_t n;
	int fd;

	*extent = (struct ctf_extent){ .size = 0 };
	if (stat(file, &info) || (fd = open(file, O_RDONLY | O_CLOEXEC)) < 0)
		return -errno;
	extent->size = (uint64_t)info.st_size;
	while ((n = read_at(fd, &header, sizeof(header), extent->whole)) == sizeof(header) && is_header(&header)) {
		uint64_t bytes = le64toh(header.packet_size) / 8;
		if (bytes > extent->size - extent->whole) {
			extent->cut = true;
			break;
		}
		extent->whole += bytes;
	}
	/* A file shorter than a header is one that has just begun. */
	if (n > 0 && n < (ssize_t)sizeof(header))
		extent->cut = true;
	close(fd);
	return n < 0 ? (int)n : 0;
}

static int copy_range(int from, int to, uint64_t begin, uint64_t end)
{
	off_t at = (off_t)begin;

	while (at < (off_t)end) {
		ssize_t n = sendfile(to, from, &at, (size_t)((off_t)end - at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
	}
	return 0;
}

/* The cut packet ends where the file does: its last event will not decode, those before it will. */
static int copy_cut_packet(int from, int to, const struct ctf_extent *extent)
{
	struct ctf_packet_header header;
	uint64_t bits = (extent->size - extent->whole) * 8;
	ssize_t n = read_at(from, &header, sizeof(header), extent->whole);

	if (n < 0 || bits < (uint64_t)PACKET_MIN * 8)
		return n < 0 ? (int)n : 0;
	if (le64toh(header.content_size) > bits)
		header.content_size = htole64(bits);
	header.packet_size = htole64(bits);
	n = write(to, &header, sizeof(header));
	if (n != sizeof(header))
		return n < 0 ? -errno : -ENOSPC;
	return copy_range(from, to, extent->whole + sizeof(header), extent->size);
}

int ctf_packets_copy(const char *file, const struct ctf_extent *extent, const char *copy)
{
	int from = open(file, O_RDONLY | O_CLOEXEC), to, error;

	if (from < 0)
		return -errno;
	to = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	error = to < 0 ? -errno : copy_range(from, to, extent->begin, extent->whole);
	if (!error && extent->cut)
		error = copy_cut_packet(from, to, extent);
	close(from);
	if (to >= 0 && close(to) && !error)
		error = -errno;
	return error;
}

/* ---- metadata ---- */

/* Each packet: this header, then text up to content_size. */
struct metadata_header {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t checksum, content_size, packet_size;
	uint8_t schemes[3], major, minor;
} __attribute__((packed));
#define METADATA_MAGIC UINT32_C(0x75d11d57)
/* TSDL of thousands of events stays far below. */
#define METADATA_MAX ((off_t)256 * 1024 * 1024)

static char *read_metadata(const char *folder, size_t *size)
{
	char *path = xasprintf("%s/metadata", folder);
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = NULL;
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &info) && info.st_size <= METADATA_MAX)
		bytes = xmalloc((size_t)info.st_size + 1);
	if (bytes)
		n = read_at(fd, bytes, (size_t)info.st_size, 0);
	if (fd >= 0)
		close(fd);
	free(path);
	if (n < 0) {
		free(bytes);
		return NULL;
	}
	*size = (size_t)n;
	bytes[n] = '\0';
	return bytes;
}

/* Strips the packets' headers, in place. Returns the length of the text. */
static size_t unpack(char *bytes, size_t size, bool *damaged)
{
	size_t at = 0, length = 0;

	while (at < size) {
		struct metadata_header header;
		size_t content, packet;

		*damaged = true;
		if (size - at < sizeof(header))
			return length;
		memcpy(&header, bytes + at, sizeof(header));
		content = le32toh(header.content_size) / 8;
		packet = le32toh(header.packet_size) / 8;
		if (le32toh(header.magic) != METADATA_MAGIC || content < sizeof(header) || content > packet)
			return length;
		*damaged = packet > size - at;
		if (content > size - at)
			content = size - at;
		memmove(bytes + length, bytes + at + sizeof(header), content - sizeof(header));
		length += content - sizeof(header);
		at += *damaged ? size - at : packet;
	}
	return length;
}

/* Declarations end with "};" at the beginning of a line; what follows the last one is blank unless it was cut. */
static size_t whole_declarations(const char *text, size_t length, bool *damaged)
{
	static const char end[] = "\n};";
	size_t whole = 0, rest;

	for (const char *at = text; (at = memmem(at, length - (size_t)(at - text), end, sizeof(end) - 1)); at++)
		whole = (size_t)(at - text) + sizeof(end) - 1;
	for (rest = whole; rest < length && strchr(" \n\t", text[rest]) && text[rest]; rest++)
		;
	if (rest < length)
		*damaged = true;
	return whole;
}

static size_t whole_fragments(const char *text, size_t length, bool *damaged)
{
	const char *last = memrchr(text, CTF_2_METADATA, length);
	json_t *fragment = json_loadb(last + 1, length - (size_t)(last + 1 - text), 0, NULL);

	if (!fragment) {
		*damaged = true;
		length = (size_t)(last - text);
	}
	json_decref(fragment);
	return length;
}

bool ctf_metadata_is_lttng(const char *text)
{
	return strstr(text, "tracer_name = \"lttng-") || strstr(text, "\"tracer_name\": \"lttng-");
}

char *ctf_metadata_salvage(const char *folder, bool *damaged)
{
	static const char signature[] = "/* CTF 1.8";
	uint32_t magic = htole32(METADATA_MAGIC);
	size_t length = 0;
	char *text = read_metadata(folder, &length);
	bool packets;

	*damaged = false;
	if (!text)
		return NULL;
	packets = length >= sizeof(magic) && !memcmp(text, &magic, sizeof(magic));
	if (packets)
		length = unpack(text, length, damaged);
	text[length] = '\0';
	if (*text == CTF_2_METADATA)
		length = whole_fragments(text, length, damaged);
	else if (packets || ctf_metadata_is_lttng(text)) /* LTTng 2.16 writes it without packets */
		length = whole_declarations(text, length, damaged);
	text[length] = '\0';
	if (length && (*text == CTF_2_METADATA || !strncmp(text, signature, sizeof(signature) - 1)))
		return text;
	free(text);
	errno = 0;
	return NULL;
}
