/* SPDX-License-Identifier: MIT */
#include "lttng_calls.h"

#include "emit.h"
#include "hook.h"
#include "process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

_Atomic(bool) lttng_called;

static __thread struct {
	bool inside;
	struct lttng_wait wait;
} beginning;

/* libc's, or whatever stands between it and us. */
static void *lttng_calls_next(_Atomic(void *) *found, const char *symbol)
{
	void *real = atomic_load_explicit(found, memory_order_acquire);

	if (!real) {
		real = dlsym(RTLD_NEXT, symbol);
		atomic_store_explicit(found, real, memory_order_release);
	}
	return real;
}

static _Atomic(void *) next_fork, next_Fork, next_sem_timedwait, next_connect;

/* Not where they are first called: fork() may be in a signal handler, and liblttng-ust's threads hold its lock, for which whoever
 * opens the provider waits, with the dynamic linker's lock, which dlsym takes. */
__attribute__((constructor)) static void find_all(void)
{
	lttng_calls_next(&next_fork, "fork");
	lttng_calls_next(&next_connect, "connect");
	lttng_calls_next(&next_sem_timedwait, "sem_timedwait");
	if (!lttng_calls_next(&next_Fork, "_Fork")) /* since glibc 2.34 */
		dlerror();
}

void lttng_begin(void)
{
	beginning.inside = true;
	beginning.wait.enabled = NULL;
}

void lttng_begun(struct lttng_wait *wait)
{
	beginning.inside = false;
	*wait = beginning.wait;
}

/* ---- fork ---- */

static bool is_in_lttng_ust(const void *address)
{
	Dl_info owner;

	return dladdr(address, &owner) && owner.dli_fname && strstr(owner.dli_fname, "liblttng-ust");
}

/* It can do without the file that it wants to make in the child: then it is not traced. It cannot do without its life. */
static bool would_be_killed(const void *caller)
{
	if (!beginning.inside && !(lttng_may_come() && is_in_lttng_ust(caller)))
		return false;
	if (!process_is_filtered())
		return false;
	hook_pass(HOOK_fork, "LTTng's own, under a seccomp filter: refused");
	errno = EPERM;
	return true;
}

FL_EXPORT pid_t fork(void)
{
	pid_t (*real)(void) = (pid_t(*)(void))lttng_calls_next(&next_fork, "fork");

	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	return would_be_killed(__builtin_return_address(0)) ? -1 : real();
}

pid_t _Fork(void);
FL_EXPORT pid_t _Fork(void)
{
	pid_t (*real)(void) = (pid_t(*)(void))lttng_calls_next(&next_Fork, "_Fork");

	if (would_be_killed(__builtin_return_address(0)))
		return -1;
	return real ? real() : (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

bool lttng_wraps_fork(void)
{
	void *first = dlsym(RTLD_DEFAULT, "fork"), *behind = dlsym(RTLD_NEXT, "fork");
	Dl_info owner;

	return (first && dladdr(first, &owner) && owner.dli_fname && strstr(owner.dli_fname, "/liblttng-ust-fork.so")) ||
	       (behind && dladdr(behind, &owner) && owner.dli_fname && strstr(owner.dli_fname, "/liblttng-ust-fork.so"));
}

/* ---- the wait ---- */

typedef int sem_timedwait_fn(sem_t *sem, const struct timespec *until);

FL_EXPORT int sem_timedwait(sem_t *sem, const struct timespec *until)
{
	sem_timedwait_fn *real = (sem_timedwait_fn *)lttng_calls_next(&next_sem_timedwait, "sem_timedwait");

	if (__builtin_expect(beginning.inside, 0)) {
		beginning.wait.enabled = sem;
		beginning.wait.until = *until;
		return 0;
	}
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	return real(sem, until);
}

void lttng_wait_until(const struct lttng_wait *wait, uint64_t until_mono_ns)
{
	sem_timedwait_fn *real = (sem_timedwait_fn *)lttng_calls_next(&next_sem_timedwait, "sem_timedwait");
	uint64_t now = now_monotonic_ns();
	struct timespec until;
	int64_t at;

	if (!wait->enabled || !real || until_mono_ns <= now)
		return;
	at = now_realtime_ns() + (int64_t)(until_mono_ns - now);
	until.tv_sec = at / 1000000000;
	until.tv_nsec = at % 1000000000;
	if (wait->until.tv_sec < until.tv_sec || (wait->until.tv_sec == until.tv_sec && wait->until.tv_nsec < until.tv_nsec))
		until = wait->until;
	while (real(wait->enabled, &until) < 0 && errno == EINTR)
		;
}

/* ---- the connection ---- */

#define DAEMON_SOCKET "lttng-ust-sock-"
#define CONNECTIONS   8 /* two for each of two or three session daemons, and some old ones */

/* Descriptors that once led to a session daemon. They may be somebody else's by now: see is_daemons. */
static _Atomic(int) connections[CONNECTIONS];
static _Atomic(unsigned) connection_count;

static bool names_daemon(const struct sockaddr *address, socklen_t length)
{
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	const size_t before = offsetof(struct sockaddr_un, sun_path);

	return address && length > before + sizeof DAEMON_SOCKET && address->sa_family == AF_UNIX &&
	       memmem(local->sun_path, length - before, DAEMON_SOCKET, sizeof DAEMON_SOCKET - 1);
}

static bool is_daemons(int fd)
{
	struct sockaddr_un peer;
	socklen_t length = sizeof peer;

	return getpeername(fd, (struct sockaddr *)&peer, &length) == 0 &&
	       names_daemon((struct sockaddr *)&peer, length < sizeof peer ? length : sizeof peer);
}

typedef int connect_fn(int fd, const struct sockaddr *address, socklen_t length);

/* A daemon that does not accept is like none: liblttng-ust, which holds its lock meanwhile, tries again in five seconds. */
static int connect_at_once(connect_fn *real, int fd, const struct sockaddr *address, socklen_t length)
{
	int flags = fcntl(fd, F_GETFL), result, saved;

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	result = real(fd, address, length);
	saved = errno;
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags);
	if (result == 0)
		atomic_store(&connections[atomic_fetch_add(&connection_count, 1) % CONNECTIONS], fd);
	errno = saved;
	return result;
}

/* Under a name of its own: glibc declares the address as a union. */
FL_EXPORT int connect_wrapped(int fd, const struct sockaddr *address, socklen_t length) __asm__("connect");
int connect_wrapped(int fd, const struct sockaddr *address, socklen_t length)
{
	connect_fn *real = (connect_fn *)lttng_calls_next(&next_connect, "connect");

	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (__builtin_expect(lttng_may_come() && names_daemon(address, length), 0))
		return connect_at_once(real, fd, address, length);
	return real(fd, address, length);
}

static void hang_up(void)
{
	unsigned count = atomic_load(&connection_count);

	for (unsigned i = 0; i < CONNECTIONS && i < count; i++) {
		int fd = atomic_load(&connections[i]);

		if (is_daemons(fd))
			shutdown(fd, SHUT_RDWR);
	}
	hook_pass(HOOK_connect, "LTTng's session daemon does not answer: hung up on it");
}

/* ---- the watch ---- */

#define IDLE_NS  (2 * UINT64_C(1000000000)) /* the thread ends when nobody needed it for so long */
#define AGAIN_NS (5 * UINT64_C(1000000))
#define STACK    (128 * 1024)

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct lttng_watch *waiting; /* on their stacks */
	uint64_t again_ns;           /* CLOCK_MONOTONIC; not hung up again before */
	bool running;
} guard = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void wait_for_change(uint64_t until_ns)
{
	const struct timespec until = { (time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000) };

	pthread_cond_timedwait(&guard.changed, &guard.lock, &until);
}

/* Under the lock, and somebody is waiting. */
static uint64_t first_due(void)
{
	uint64_t due = guard.waiting->due_ns;

	for (const struct lttng_watch *other = guard.waiting->next; other; other = other->next)
		if (other->due_ns < due)
			due = other->due_ns;
	return due > guard.again_ns ? due : guard.again_ns;
}

static void *guard_thread(void *arg)
{
	uint64_t idle_since = now_monotonic_ns();

	(void)arg;
	pthread_mutex_lock(&guard.lock);
	while (guard.waiting || now_monotonic_ns() < idle_since + IDLE_NS) {
		if (!guard.waiting) {
			wait_for_change(idle_since + IDLE_NS);
			continue;
		}
		idle_since = now_monotonic_ns();
		if (idle_since < first_due()) {
			wait_for_change(first_due());
			continue;
		}
		guard.again_ns = idle_since + AGAIN_NS;
		pthread_mutex_unlock(&guard.lock);
		hang_up();
		pthread_mutex_lock(&guard.lock);
	}
	guard.running = false;
	pthread_mutex_unlock(&guard.lock);
	return NULL;
}

static void init_condition(void)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&guard.changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

/* Under the guard's lock. */
static bool start_guard(void)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	guard.running = pthread_create(&thread, &attributes, guard_thread, NULL) == 0;
	if (guard.running)
		pthread_setname_np(thread, "fenceline-guard");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return guard.running;
}

void lttng_watch(struct lttng_watch *watch, uint64_t limit_ns, bool always)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	watch->due_ns = 0;
	if (!always && !atomic_load(&connection_count))
		return;
	pthread_once(&once, init_condition);
	pthread_mutex_lock(&guard.lock);
	if (guard.running || start_guard()) {
		*watch = (struct lttng_watch){ guard.waiting, now_monotonic_ns() + limit_ns };
		guard.waiting = watch;
		pthread_cond_signal(&guard.changed);
	}
	pthread_mutex_unlock(&guard.lock);
}

void lttng_watch_end(struct lttng_watch *watch)
{
	struct lttng_watch **at = &guard.waiting;

	if (!watch->due_ns)
		return;
	pthread_mutex_lock(&guard.lock);
	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	pthread_mutex_unlock(&guard.lock);
}

void lttng_after_fork_child(void)
{
	pthread_mutex_init(&guard.lock, NULL);
	init_condition();
	guard.waiting = NULL;
	guard.running = false;
	beginning.inside = false;
}
