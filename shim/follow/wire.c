/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include "base/emit.h"
#include "frames.h"
#include "base/hook.h"
#include "noted.h"
#include "pings.h"
#include "base/process.h"
#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEGMENT_MAX 1200 /* a request without data is some 330 bytes */
/* Asked for. Messages without data come by prefetch: ms_tcp_prefetch_max_size is 4 KiB, from Ceph 20 on 64 KiB. */
#define READ_MAX 65536
#define TAILS    8192 /* connections with a file descriptor beyond lose replies that straddle two reads */

/* ---- what is reported ---- */

static void peer_address(int fd, char *text, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer;
	socklen_t length = sizeof peer;
	char ip[INET6_ADDRSTRLEN];

	text[0] = '\0';
	if (getpeername(fd, &peer.any, &length) < 0)
		return;
	if (peer.any.sa_family == AF_INET && inet_ntop(AF_INET, &peer.v4.sin_addr, ip, sizeof ip))
		snprintf(text, size, "%s:%u", ip, ntohs(peer.v4.sin_port));
	else if (peer.any.sa_family == AF_INET6 && inet_ntop(AF_INET6, &peer.v6.sin6_addr, ip, sizeof ip))
		snprintf(text, size, "[%s]:%u", ip, ntohs(peer.v6.sin6_port));
}

struct leaving {
	struct watch *watch;
	size_t at; /* its name in the message, over all segments */
	uint64_t tid;
	uint32_t gen;
	uint8_t op;
};

/* Those operations of a watch that are told. */
static struct watch *watch_of(const struct wire_op *op)
{
	return op->op == WIRE_OP_PING || op->op == WIRE_OP_RECONNECT ? watch_find_on_wire(op) : NULL;
}

/* From the front's first byte to the length of the object's name, without the namespace's: pg, hash, epoch, flags, request id,
 * trace, incarnation, time, locator (MOSDOp's encoding 8, of Ceph 14 to 18). */
#define NAME_IN_FRONT 133

/* What stands in front of a place in a message, up to WIRE_HEAD_MAX bytes of it; where they end in bytes is returned. */
static size_t bytes_before(const struct msghdr *message, size_t segment, size_t offset, uint8_t bytes[WIRE_HEAD_MAX])
{
	size_t wanted = WIRE_HEAD_MAX;

	for (size_t i = segment + 1; wanted && i-- > 0;) {
		const uint8_t *data = message->msg_iov[i].iov_base;
		size_t there = i == segment ? offset : message->msg_iov[i].iov_len, step = there < wanted ? there : wanted;
		wanted -= step;
		memcpy(bytes + wanted, data + there - step, step);
	}
	memmove(bytes, bytes + wanted, WIRE_HEAD_MAX - wanted);
	return WIRE_HEAD_MAX - wanted;
}

/* The front begins with its segment, or, where a segment holds more than one message, so much before the name. False: what
 * stands there is another message's header, or none. *tid 0: the header has left before. */
static bool head_of(const struct msghdr *message, size_t segment, size_t name_at, const struct watch *watch, uint64_t *tid)
{
	size_t in_front = NAME_IN_FRONT + strlen(watch->nspace), begins[] = { 0, name_at < in_front ? 0 : name_at - in_front };
	uint8_t bytes[WIRE_HEAD_MAX];
	bool left_before = false;

	*tid = 0;
	for (size_t i = 0; i < 2 && !*tid; i++) {
		size_t count = bytes_before(message, segment, begins[i], bytes);
		*tid = wire_tid(bytes + count, count, WIRE_REQUEST);
		left_before |= !i && count < WIRE_HEAD_MAX;
	}
	return *tid || left_before;
}

/* Of each connection: how much of a frame was left unsent. One messenger thread at a time sends on it. */
static size_t unsent[TAILS];

static size_t unsent_of(int fd)
{
	return fd >= 0 && fd < TAILS ? unsent[fd] : 0;
}

static size_t length_of(const struct msghdr *message)
{
	size_t length = 0;

	for (size_t i = 0; i < message->msg_iovlen; i++)
		length += message->msg_iov[i].iov_len;
	return length;
}

static void note_unsent(int fd, const struct msghdr *message, size_t sent)
{
	struct frames frames = { .message = message, .total = length_of(message), .at = unsent_of(fd) };

	/* Whole frames are sent, unless there is no room or there are more segments than a call takes. */
	if (fd >= 0 && fd < TAILS && (frames.at || sent < frames.total || message->msg_iovlen >= IOV_MAX))
		unsent[fd] = frames_left(&frames, sent);
}

/* Calls visit for each ping in a message that is about to be sent, or has just been sent, until it returns false. */
static void each_leaving(int fd, const struct msghdr *message, bool (*visit)(const struct leaving *leaving, void *arg), void *arg)
{
	struct frames frames = { .message = message };
	size_t before = 0;

	for (size_t i = 0; i < message->msg_iovlen; before += message->msg_iov[i++].iov_len) {
		const uint8_t *data = message->msg_iov[i].iov_base;
		size_t length = message->msg_iov[i].iov_len;
		struct wire_op op;

		if (length > SEGMENT_MAX)
			continue;
		for (size_t at = 0; wire_next_request(data, at, length, &op); at = op.at + 1) {
			struct watch *watch = watch_of(&op);
			uint64_t tid;
			if (!watch)
				continue;
			size_t name_at = op.before - strlen(watch->oid) - 4;
			if (!frames.total)
				frames = (struct frames){ .message = message, .total = length_of(message), .at = unsent_of(fd) };
			if (frames_place(&frames, before + name_at) == ELSEWHERE || !head_of(message, i, name_at, watch, &tid))
				continue;
			if (!visit(&(struct leaving){ watch, before + name_at, tid, op.gen, op.op }, arg))
				return;
		}
	}
}

static bool there_is_one(const struct leaving *leaving, void *arg)
{
	(void)leaving;
	*(bool *)arg = true;
	return false;
}

static void report_sent(int fd, const struct leaving *leaving, const struct ping *times)
{
	struct watch *watch = leaving->watch;
	struct ping ping = { leaving->gen, leaving->tid, times->sent_ns, times->sent_mono_ns, fd };
	char osd[INET6_ADDRSTRLEN + 10];

	if (leaving->op == WIRE_OP_RECONNECT) {
		pings_reconnect_sent(&watch->pings, &ping);
		peer_address(fd, osd, sizeof osd);
		EMIT(watch_reconnect_sent, .pid = process_id(), .global_id = watch->global_id,
		     .cookie = atomic_load(&watch->cookie), .gen = ping.gen, .sent_ns = ping.sent_ns, .osd = osd);
		return;
	}
	pings_sent(&watch->pings, &ping);
	watch_pings(watch);
	peer_address(fd, osd, sizeof osd);
	pings_went_to(&watch->pings, osd);
	EMIT(ping_sent, .pid = process_id(), .global_id = watch->global_id, .cookie = atomic_load(&watch->cookie),
	     .gen = ping.gen, .sent_ns = ping.sent_ns, .osd = osd);
}

/* False: there is a header, and it is not the one of an answer. tid 0: the header is not at hand. */
static bool read_head(const struct wire_op *op, const struct watch *watch, uint64_t *tid)
{
	size_t front = strlen(watch->oid) + 4, before = op->before - front;

	*tid = wire_tid(op->name_end - front, before, WIRE_REPLY);
	return *tid || before < WIRE_HEAD_MAX;
}

static void report_reconnected(struct watch *watch, const struct wire_op *op, uint64_t tid, int fd, int32_t result)
{
	char osd[INET6_ADDRSTRLEN + 10];
	struct ping ping;

	if (!pings_reconnected(&watch->pings, op->gen, tid, fd, &ping))
		return;
	peer_address(fd, osd, sizeof osd);
	EMIT(watch_reconnect_reply, .pid = process_id(), .global_id = watch->global_id, .cookie = op->cookie, .gen = op->gen,
	     .sent_ns = ping.sent_ns, .rtt_ns = now_monotonic_ns() - ping.sent_mono_ns, .result = result, .osd = osd);
}

/* Apart: what has nobody's cookie ends before this, and pays for none of its stack. */
static __attribute__((noinline)) void report_reply_of(struct watch *watch, const struct wire_op *op, int32_t result, int fd)
{
	char osd[INET6_ADDRSTRLEN + 10];
	struct ping ping = { 0 };
	uint64_t tid;

	if (!read_head(op, watch, &tid))
		return;
	if (op->op == WIRE_OP_RECONNECT) {
		report_reconnected(watch, op, tid, fd, result);
		return;
	}
	enum pings_found found = pings_answered(&watch->pings, op->gen, tid, fd, &ping);
	if (found == PINGS_NONE) /* no ping that awaits an answer: data that looks like one */
		return;
	if (found == PINGS_SEEN && result == 0)
		watch_acknowledged(watch, ping.sent_ns, (int64_t)ping.sent_mono_ns);
	if (result == -ESHUTDOWN)
		noted_fenced(watch->client);
	uint64_t rtt_ns = found == PINGS_SEEN ? now_monotonic_ns() - ping.sent_mono_ns : 0;
	peer_address(fd, osd, sizeof osd);
	noted_ping_answered(osd, rtt_ns, result);
	EMIT(ping_reply, .pid = process_id(), .global_id = watch->global_id, .cookie = op->cookie, .gen = op->gen,
	     .sent_ns = ping.sent_ns, .rtt_ns = rtt_ns, .result = result, .osd = osd);
}

static void report_reply(const struct wire_op *op, int32_t result, void *fd)
{
	struct watch *watch = watch_of(op);

	if (watch)
		report_reply_of(watch, op, result, *(int *)fd);
}

/* Counts the times from which on an answer was awaited: what was received before one is not looked at later. */
static _Atomic(uint32_t) waits;
static _Atomic(int) sending; /* messages with a ping in them that are being sent */

static void begin_sending(void)
{
	if (!atomic_load(&pings_awaited))
		atomic_fetch_add(&waits, 1);
	atomic_fetch_add(&sending, 1);
}

static void end_sending(void)
{
	atomic_fetch_sub(&sending, 1);
}

/* Between the answer to one ping and the next ping, most of the time, there is nothing to look for. */
static inline bool answer_awaited(void)
{
	return atomic_load_explicit(&pings_awaited, memory_order_relaxed) || atomic_load_explicit(&sending, memory_order_relaxed);
}

bool wire_is_looking(void)
{
	return answer_awaited();
}

/* Another thread may have been in the middle of it. */
void wire_after_fork_child(void)
{
	atomic_store(&sending, 0);
	atomic_store(&pings_awaited, 0);
	for (size_t i = 0; i < TAILS; i++)
		if (unsent[i]) /* else its page stays the parent's */
			unsent[i] = 0;
}

/* A file descriptor is read by one messenger thread at a time. */
static void look_at_received(int fd, const uint8_t *data, size_t length, size_t asked)
{
	static struct wire_tail tails[TAILS];
	struct wire_tail none, *tail = fd < TAILS ? &tails[fd] : &none; /* clearing it would cost as much as the rest */
	uint32_t wait = atomic_load(&waits);
	int saved = errno;

	if (tail == &none || tail->wait != wait || asked > READ_MAX)
		tail->length = 0; /* from before, or in front of the payload of a message */
	tail->wait = wait;
	if (asked <= READ_MAX)
		wire_replies(tail, data, length, report_reply, &fd);
	errno = saved;
}

/* ---- the wrappers ---- */

FL_EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
FL_EXPORT ssize_t read(int fd, void *buffer, size_t size);

typedef ssize_t (*sendmsg_fn)(int fd, const struct msghdr *message, int flags);
typedef ssize_t (*read_fn)(int fd, void *buffer, size_t size);

/* Before the constructors have run: other libraries' constructors read files, and looking up libc's function from in
 * there is not safe. One thread, no cancellation yet. */
static ssize_t raw_sendmsg(int fd, const struct msghdr *message, int flags)
{
	return syscall(SYS_sendmsg, fd, message, flags);
}
static ssize_t raw_read(int fd, void *buffer, size_t size)
{
	return syscall(SYS_read, fd, buffer, size);
}

/* Another interposer stands in front and it is who calls us: then the thread tells. Ceph names them at their start. */
static bool preceded;

/* read and sendmsg may be called in a signal handler, where nothing can be looked up: it is done here. */
__attribute__((constructor)) static void resolve(void)
{
	hook_get(HOOK_read);
	hook_get(HOOK_sendmsg);
	preceded = object_precedes("read") || object_precedes("sendmsg");
}

static __attribute__((noinline)) bool is_messenger_thread(void)
{
	static __thread int8_t is; /* 0: not looked yet */
	char name[16] = "";

	if (!is) {
		int saved = errno;
		prctl(PR_GET_NAME, name);
		is = strncmp(name, "msgr-worker-", 12) ? -1 : 1;
		errno = saved;
	}
	return is > 0;
}

static inline bool is_ceph_code(const void *caller)
{
	uintptr_t address = (uintptr_t)caller;

	return __builtin_expect(address >= atomic_load_explicit(&ceph_common_begin, memory_order_relaxed) &&
	                                address < atomic_load_explicit(&ceph_common_end, memory_order_relaxed),
	                        0) &&
	       (!atomic_load_explicit(&libraries_are_many, memory_order_relaxed) || library_has_messenger(address));
}

static inline bool from_ceph(const void *caller)
{
	return is_ceph_code(caller) || (__builtin_expect(preceded, 0) && is_messenger_thread());
}

static inline bool pings_wanted(void)
{
	return atomic_load_explicit(&watches_active, memory_order_relaxed) &&
	       (emit_wanted(FL_EV_ping_reply) || emit_wanted(FL_EV_ping_sent) || emit_wanted(FL_EV_state));
}

struct sent {
	int fd;
	ssize_t bytes;
	struct ping times;
};

/* What a short write left out is sent again from its first byte: a ping whose first byte is out is not found then. */
static bool report_if_out(const struct leaving *leaving, void *arg)
{
	const struct sent *sent = arg;
	bool out = sent->bytes > (ssize_t)leaving->at;

	if (out)
		report_sent(sent->fd, leaving, &sent->times);
	return out;
}

static __attribute__((noinline)) ssize_t send_and_look(sendmsg_fn real, int fd, const struct msghdr *message, int flags)
{
	struct sent out = { .fd = fd };
	bool any = false;
	int saved;
	ssize_t sent;

	each_leaving(fd, message, there_is_one, &any);
	if (!any) {
		sent = real(fd, message, flags);
		if (sent >= 0)
			note_unsent(fd, message, (size_t)sent);
		return sent;
	}
	begin_sending();
	out.times.sent_ns = now_realtime_ns();
	out.times.sent_mono_ns = now_monotonic_ns();
	out.bytes = sent = real(fd, message, flags);
	saved = errno;
	each_leaving(fd, message, report_if_out, &out);
	end_sending();
	if (sent >= 0)
		note_unsent(fd, message, (size_t)sent);
	errno = saved;
	return sent;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	sendmsg_fn real = (sendmsg_fn)atomic_load_explicit(&hook_real[HOOK_sendmsg], memory_order_acquire);

	if (__builtin_expect(!real, 0))
		real = raw_sendmsg;
	if (!from_ceph(__builtin_return_address(0)) || !pings_wanted())
		return real(fd, message, flags);
	return send_and_look(real, fd, message, flags);
}

static __attribute__((noinline)) ssize_t read_and_look(read_fn real, int fd, void *buffer, size_t size)
{
	ssize_t got = real(fd, buffer, size);

	if (got > 0)
		look_at_received(fd, buffer, (size_t)got, size);
	return got;
}

ssize_t read(int fd, void *buffer, size_t size)
{
	read_fn real = (read_fn)atomic_load_explicit(&hook_real[HOOK_read], memory_order_acquire);

	if (__builtin_expect(!real, 0))
		real = raw_read;
	if (!from_ceph(__builtin_return_address(0)) || !answer_awaited())
		return real(fd, buffer, size);
	return read_and_look(real, fd, buffer, size);
}
