/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include "emit.h"
#include "hook.h"
#include "pings.h"
#include "process.h"
#include "status.h"
#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define OP_WATCH_LOW  0x0f
#define OP_WATCH_HIGH 0x22
#define SEGMENT_MAX   1200 /* a request without data is some 330 bytes */
/* Asked for. Messages without data come by prefetch: ms_tcp_prefetch_max_size is 4 KiB, from Ceph 20 on 64 KiB. */
#define READ_MAX       65536
#define PINGS_PER_SEND 16
#define TAILS          8192 /* connections with a file descriptor beyond lose replies that straddle two reads */

/* ---- finding a watch operation ---- */

/*
 * The first place in [from, end) with these two bytes; end if there is none. Reads data[end], but nothing after it.
 *
 * A client that reads 4 KiB blocks while a ping is unanswered has every block searched, and a reply may stand in any of
 * them (Ceph reads ahead): so it is the search that must be fast.
 */
static size_t find_pair_bytewise(const uint8_t *data, size_t from, size_t end)
{
	for (; from < end; from++)
		if (data[from] == OP_WATCH_LOW && data[from + 1] == OP_WATCH_HIGH)
			return from;
	return end;
}

#ifdef __SSE2__
static inline __m128i pairs_sse2(const uint8_t *at)
{
	__m128i here = _mm_loadu_si128((const __m128i *)at), next = _mm_loadu_si128((const __m128i *)(at + 1));

	return _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8(OP_WATCH_LOW)),
	                     _mm_cmpeq_epi8(next, _mm_set1_epi8(OP_WATCH_HIGH)));
}

static size_t find_pair_sse2(const uint8_t *data, size_t from, size_t end)
{
	for (; from + 16 <= end; from += 16) {
		int mask = _mm_movemask_epi8(pairs_sse2(data + from));
		if (__builtin_expect(mask, 0))
			return from + (size_t)__builtin_ctz((unsigned)mask);
	}
	if (from >= end || end < 16)
		return find_pair_bytewise(data, from, end);
	/* the rest, as the end of 16 bytes that begin before it */
	unsigned mask = (unsigned)_mm_movemask_epi8(pairs_sse2(data + end - 16)) >> (16 - (end - from));
	return mask ? from + (size_t)__builtin_ctz(mask) : end;
}

__attribute__((target("avx2"))) static inline __m256i pairs_avx2(const uint8_t *at)
{
	__m256i here = _mm256_loadu_si256((const __m256i *)at), next = _mm256_loadu_si256((const __m256i *)(at + 1));

	return _mm256_and_si256(_mm256_cmpeq_epi8(here, _mm256_set1_epi8(OP_WATCH_LOW)),
	                        _mm256_cmpeq_epi8(next, _mm256_set1_epi8(OP_WATCH_HIGH)));
}

#define AVX2_STEP 128
__attribute__((target("avx2"))) static inline bool any_pair_avx2(const uint8_t *at)
{
	__m256i any = _mm256_or_si256(_mm256_or_si256(pairs_avx2(at), pairs_avx2(at + 32)),
	                              _mm256_or_si256(pairs_avx2(at + 64), pairs_avx2(at + 96)));

	return __builtin_expect(_mm256_movemask_epi8(any) != 0, 0);
}

/* After the first step at the start of a cache line: fewer loads lie across two. */
__attribute__((target("avx2"))) static size_t find_pair_avx2(const uint8_t *data, size_t from, size_t end)
{
	if (from + AVX2_STEP <= end && !any_pair_avx2(data + from)) {
		from += AVX2_STEP - ((uintptr_t)(data + from) & 63);
		while (from + AVX2_STEP <= end && !any_pair_avx2(data + from))
			from += AVX2_STEP;
	}
	/* gcc leaves it out. Without it each SSE instruction from here on waits for the upper halves: 150 ns a search were seen.
	 */
	_mm256_zeroupper();
	return find_pair_sse2(data, from, end);
}

static bool has_avx2;

static size_t find_pair(const uint8_t *data, size_t from, size_t end)
{
	return __builtin_expect(has_avx2, 1) ? find_pair_avx2(data, from, end) : find_pair_sse2(data, from, end);
}

__attribute__((constructor)) static void look_at_processor(void)
{
	__builtin_cpu_init();
	has_avx2 = __builtin_cpu_supports("avx2");
}
#else
static size_t find_pair(const uint8_t *data, size_t from, size_t end)
{
	return find_pair_bytewise(data, from, end);
}
#endif

bool wire_next_op(const uint8_t *data, size_t from, size_t length, struct wire_op *op)
{
	size_t end = length < WIRE_OP_SIZE ? 0 : length - WIRE_OP_SIZE + 1; /* where one could begin at the latest */

	for (size_t at = from; at < end && (at = find_pair(data, at, end)) < end; at++) {
		if (data[at + 22] > WIRE_OP_PING)
			continue;
		op->at = at;
		op->op = data[at + 22];
		memcpy(&op->cookie, data + at + 6, sizeof op->cookie);
		memcpy(&op->gen, data + at + 23, sizeof op->gen);
		return true;
	}
	return false;
}

/* ---- replies, in a stream cut at any place ---- */

static void replies_between(const uint8_t *data, size_t from, size_t until, size_t length, wire_reply_fn found, void *arg)
{
	struct wire_op op;
	int32_t result;

	for (size_t at = from; at < until && wire_next_op(data, at, length, &op) && op.at < until; at = op.at + 1) {
		memcpy(&result, data + op.at - WIRE_RESULT_BEFORE, sizeof result);
		found(&op, result, data, length, arg);
	}
}

/* What lies partly in the tail and partly in data. */
static void replies_across(const struct wire_tail *tail, const uint8_t *data, size_t length, wire_reply_fn found, void *arg)
{
	uint8_t seam[2 * WIRE_TAIL];
	size_t head = length < WIRE_TAIL ? length : WIRE_TAIL;
	/* An op that began earlier ended within the tail; one that begins later lies with its result within data. */
	size_t from = tail->length < WIRE_OP_SIZE ? 0 : tail->length - WIRE_OP_SIZE + 1;

	if (tail->length == WIRE_TAIL && head == WIRE_TAIL) { /* as nearly always: of known lengths, so without a call */
		memcpy(seam, tail->bytes, WIRE_TAIL);
		memcpy(seam + WIRE_TAIL, data, WIRE_TAIL);
	} else {
		memcpy(seam, tail->bytes, tail->length);
		memcpy(seam + tail->length, data, head);
	}
	replies_between(seam, from < WIRE_RESULT_BEFORE ? WIRE_RESULT_BEFORE : from, tail->length + WIRE_RESULT_BEFORE,
	                tail->length + head, found, arg);
}

static void keep_tail(struct wire_tail *tail, const uint8_t *data, size_t length)
{
	if (length >= WIRE_TAIL) {
		memcpy(tail->bytes, data + length - WIRE_TAIL, WIRE_TAIL);
		tail->length = WIRE_TAIL;
		return;
	}
	size_t keep = WIRE_TAIL - length < tail->length ? WIRE_TAIL - length : tail->length;
	memmove(tail->bytes, tail->bytes + tail->length - keep, keep);
	memcpy(tail->bytes + keep, data, length);
	tail->length = (uint32_t)(keep + length);
}

void wire_replies(struct wire_tail *tail, const uint8_t *data, size_t length, wire_reply_fn found, void *arg)
{
	if (tail->length)
		replies_across(tail, data, length, found, arg);
	if (length >= WIRE_RESULT_BEFORE + WIRE_OP_SIZE)
		replies_between(data, WIRE_RESULT_BEFORE, length, length, found, arg);
	keep_tail(tail, data, length);
}

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
	size_t at; /* in the message, over all its segments */
	uint32_t gen;
};

/* Pings in a message that is about to be sent. Returns how many. */
static int find_leaving(const struct msghdr *message, struct leaving leaving[PINGS_PER_SEND])
{
	size_t before = 0;
	int count = 0;

	for (size_t i = 0; i < message->msg_iovlen; before += message->msg_iov[i++].iov_len) {
		const uint8_t *data = message->msg_iov[i].iov_base;
		size_t length = message->msg_iov[i].iov_len;
		struct wire_op op;

		if (length > SEGMENT_MAX)
			continue;
		for (size_t at = 0; count < PINGS_PER_SEND && wire_next_op(data, at, length, &op); at = op.at + 1) {
			struct watch *watch = op.op == WIRE_OP_PING ? watch_find_on_wire(op.cookie, data, length) : NULL;
			if (watch)
				leaving[count++] = (struct leaving){ watch, before + op.at, op.gen };
		}
	}
	return count;
}

static void report_sent(int fd, const struct leaving *leaving, const struct ping *times)
{
	struct watch *watch = leaving->watch;
	struct ping ping = { leaving->gen, times->sent_ns, times->sent_mono_ns };
	char osd[INET6_ADDRSTRLEN + 10];

	pings_sent(&watch->pings, &ping);
	watch_pings(watch);
	peer_address(fd, osd, sizeof osd);
	pings_went_to(&watch->pings, osd);
	EMIT(ping_sent, .pid = process_id(), .global_id = watch->global_id, .cookie = atomic_load(&watch->cookie), .gen = ping.gen,
	     .sent_ns = ping.sent_ns, .osd = osd);
}

static void report_reply(const struct wire_op *op, int32_t result, const uint8_t *text, size_t length, void *arg)
{
	struct watch *watch = op->op == WIRE_OP_PING ? watch_find_on_wire(op->cookie, text, length) : NULL;
	const int *fd = arg;
	char osd[INET6_ADDRSTRLEN + 10];
	struct ping ping = { 0 };

	if (!watch)
		return;
	bool seen = pings_answered(&watch->pings, op->gen, &ping);
	if (seen && result == 0)
		watch_acknowledged(watch, ping.sent_ns);
	if (result == -ESHUTDOWN)
		status_client_fenced(watch->client);
	uint64_t rtt_ns = seen ? now_monotonic_ns() - ping.sent_mono_ns : 0;
	peer_address(*fd, osd, sizeof osd);
	status_ping_answered(osd, rtt_ns, result);
	EMIT(ping_reply, .pid = process_id(), .global_id = watch->global_id, .cookie = op->cookie, .gen = op->gen,
	     .sent_ns = ping.sent_ns, .rtt_ns = rtt_ns, .result = result, .osd = osd);
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

/* A file descriptor is read by one messenger thread at a time. */
static void look_at_received(int fd, const uint8_t *data, size_t length, size_t asked)
{
	static struct wire_tail tails[TAILS];
	struct wire_tail none = { 0 }, *tail = fd < TAILS ? &tails[fd] : &none;
	uint32_t wait = atomic_load(&waits);
	int saved = errno;

	if (tail->wait != wait || asked > READ_MAX)
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

static __attribute__((noinline)) ssize_t send_and_look(sendmsg_fn real, int fd, const struct msghdr *message, int flags)
{
	struct leaving leaving[PINGS_PER_SEND];
	int count = find_leaving(message, leaving), saved;
	struct ping times = { 0 };
	ssize_t sent;

	if (!count)
		return real(fd, message, flags);
	begin_sending();
	times.sent_ns = now_realtime_ns();
	times.sent_mono_ns = now_monotonic_ns();
	sent = real(fd, message, flags);
	saved = errno;
	/* What a short write left out is sent again from its first byte: a ping whose first byte is out is not found then. */
	for (int i = 0; i < count && sent > (ssize_t)leaving[i].at; i++)
		report_sent(fd, &leaving[i], &times);
	end_sending();
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
