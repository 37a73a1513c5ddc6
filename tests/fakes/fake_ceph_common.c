/* SPDX-License-Identifier: MIT */
#include "fake_rados.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The empty asm keeps the call from becoming a jump: then it would not seem to come from this library. */
#define NOT_THE_LAST_THING __asm__ volatile("" ::: "memory")

ssize_t fake_common_send(int fd, const struct iovec *segments, size_t count)
{
	struct msghdr message = { .msg_iov = (struct iovec *)segments, .msg_iovlen = count };
	ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);

	NOT_THE_LAST_THING;
	return sent;
}

ssize_t fake_common_read(int fd, void *buffer, size_t size)
{
	ssize_t got = read(fd, buffer, size);

	NOT_THE_LAST_THING;
	return got;
}

const char *ceph_version_to_str(void) __asm__("_Z19ceph_version_to_strv");
const char *fake_ceph_version = "16.2.15";
const char *ceph_version_to_str(void)
{
	return fake_ceph_version;
}

/* ceph::buffer::v15_2_0::list::iterator_impl<true> */
struct iterator {
	const struct fake_list *list;
	const struct fake_part *part;
	unsigned offset;
};
#define ITERATOR(const_, suffix) __asm__("_ZN" const_ "4ceph6buffer7v15_2_04list13iterator_implILb1EE" suffix)
void iterator_construct(struct iterator *self, const struct fake_list *list, unsigned offset) ITERATOR("", "C1EPKS2_j");
unsigned iterator_get_remaining(const struct iterator *self) ITERATOR("K", "13get_remainingEv");
void iterator_copy(struct iterator *self, unsigned length, char *to) ITERATOR("", "4copyEjPc");

void iterator_construct(struct iterator *self, const struct fake_list *list, unsigned offset)
{
	*self = (struct iterator){ list, list->part, offset };
}

unsigned iterator_get_remaining(const struct iterator *self)
{
	return self->list->length - self->offset;
}

void iterator_copy(struct iterator *self, unsigned length, char *to)
{
	if (length > iterator_get_remaining(self))
		__builtin_trap(); /* the real one throws */
	memcpy(to, self->part->data + self->offset, length);
	self->offset += length;
}

/* MonClient::_send_command(MonCommand*) */
unsigned fake_commands_sent;
void mon_client_send_command(void *self, void *command) __asm__("_ZN9MonClient13_send_commandEPNS_10MonCommandE");
void mon_client_send_command(void *self, void *command)
{
	(void)self, (void)command;
	fake_commands_sent++;
}
