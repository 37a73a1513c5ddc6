/* SPDX-License-Identifier: MIT */
/* A command and all that descends from it stands still, goes on, and is killed; an orphan of it, too. */
#include "guard/follow.h"
#include "guard/hold.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 15000 /* a busy machine may let a process wait for long */

/* A child, its child, and one whose parent has ended: each writes a dot every 10 ms, into pipes of their own. The child begins
 * when that parent is gone, which is one more until then. */
enum { CHILD, GRANDCHILD, ORPHAN, WRITERS };

struct tree {
	pid_t child;
	int pipes[WRITERS][2];
};

static void write_on(int fd)
{
	for (;;) {
		if (write(fd, ".", 1) != 1)
			_exit(1);
		usleep(10000);
	}
}

static void grow(struct tree *tree)
{
	pid_t parent;

	alarm(60);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pipe(tree->pipes[i]), 0);
	hold_prepare();
	tree->child = fork();
	if (tree->child) {
		for (int i = 0; i < WRITERS; i++)
			close(tree->pipes[i][1]);
		return;
	}
	if (!fork())
		write_on(tree->pipes[GRANDCHILD][1]);
	parent = fork();
	if (!parent) {
		if (!fork())
			write_on(tree->pipes[ORPHAN][1]);
		_exit(0);
	}
	if (waitpid(parent, NULL, 0) != parent)
		_exit(1);
	write_on(tree->pipes[CHILD][1]);
}

/* Takes what is there; then, is more written within so many milliseconds? */
static int writes_within(const struct tree *tree, int writer, int ms)
{
	char dots[4096];
	struct timeval patience = { ms / 1000, ms % 1000 * 1000 };
	int fd = tree->pipes[writer][0];
	fd_set set;

	for (;;) {
		struct timeval none = { 0, 0 };
		FD_ZERO(&set);
		FD_SET(fd, &set);
		if (select(fd + 1, &set, NULL, NULL, &none) != 1)
			break;
		if (read(fd, dots, sizeof dots) <= 0)
			return 0;
	}
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &patience) == 1 && read(fd, dots, sizeof dots) > 0;
}

static int writes(const struct tree *tree, int writer)
{
	return writes_within(tree, writer, PATIENCE_MS);
}

static int stands_still(const struct tree *tree, int writer)
{
	return !writes_within(tree, writer, 300);
}

static void fell(struct tree *tree)
{
	pid_t refused;

	hold_kill_all(&refused);
	for (int i = 0; i < WRITERS; i++)
		close(tree->pipes[i][0]);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

static void all_stand_still_and_go_on(void **state)
{
	struct tree tree;
	pid_t refused;

	(void)state;
	grow(&tree);
	for (int i = 0; i < WRITERS; i++)
		assert_true(writes(&tree, i));
	assert_int_equal(hold_all(0, &refused), WRITERS);
	assert_int_equal(refused, 0);
	for (int i = 0; i < WRITERS; i++)
		assert_true(stands_still(&tree, i));
	assert_int_equal(hold_all(0, &refused), WRITERS); /* once more changes nothing */
	hold_release_all();
	for (int i = 0; i < WRITERS; i++)
		assert_true(writes(&tree, i));
	fell(&tree);
}

static void all_are_killed(void **state)
{
	struct tree tree;
	pid_t refused;

	(void)state;
	grow(&tree);
	for (int i = 0; i < WRITERS; i++)
		assert_true(writes(&tree, i));
	hold_all(0, &refused);
	fell(&tree); /* or it would wait for ever, and the alarm end it */
	assert_int_equal(hold_all(0, &refused), 0);
}

static void one_is_spared(void **state)
{
	struct tree tree;
	pid_t refused;

	(void)state;
	grow(&tree);
	for (int i = 0; i < WRITERS; i++)
		assert_true(writes(&tree, i));
	hold_all(tree.child, &refused);
	assert_true(writes(&tree, CHILD));
	assert_true(stands_still(&tree, GRANDCHILD));
	assert_true(stands_still(&tree, ORPHAN));
	fell(&tree);
}

static void a_signal_that_waits_is_seen(void **state)
{
	struct tree tree;
	pid_t refused;

	(void)state;
	grow(&tree);
	assert_true(writes(&tree, CHILD));
	hold_all(0, &refused);
	assert_false(hold_is_asked_to_end(tree.child));
	kill(tree.child, SIGWINCH);
	assert_false(hold_is_asked_to_end(tree.child));
	kill(tree.child, SIGTERM);
	assert_true(hold_is_asked_to_end(tree.child));
	fell(&tree);
}

/* An orphan that ends becomes ours, and does not stay as a zombie; the command itself is left to whoever waits for it. */
static void orphans_are_buried(void **state)
{
	pid_t command = fork(), orphan;
	siginfo_t info = { 0 };
	int pipes[2], status;

	(void)state;
	if (!command)
		_exit(7);
	assert_int_equal(pipe(pipes), 0);
	hold_prepare();
	if (!fork()) {
		orphan = fork();
		if (!orphan)
			_exit(0);
		_exit(write(pipes[1], &orphan, sizeof orphan) != sizeof orphan);
	}
	assert_int_equal(read(pipes[0], &orphan, sizeof orphan), sizeof orphan);
	for (int tries = 0; tries < PATIENCE_MS / 10 && !kill(orphan, 0); tries++) {
		usleep(10000);
		hold_bury(command);
	}
	assert_int_equal(kill(orphan, 0), -1);
	assert_int_equal(waitid(P_PID, (id_t)command, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(waitpid(command, &status, 0), command);
	assert_int_equal(WEXITSTATUS(status), 7);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

#define NOBODY 65534

/* In a process of its own, which has been root: its child stays root, as behind sudo. */
static int as_nobody(bool (*is)(pid_t child))
{
	int status;

	if (!fork()) {
		pid_t child = fork();
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			alarm(60);
			for (;;)
				pause();
		}
		_exit(setresuid(NOBODY, NOBODY, NOBODY) || !is(child));
	}
	assert_true(wait(&status) > 0);
	return WEXITSTATUS(status);
}

static bool refuses(pid_t child)
{
	pid_t stopped, killed;

	return hold_all(0, &stopped) == 0 && stopped == child && (hold_kill_all(&killed), killed == child) && kill(child, 0) &&
	       errno == EPERM;
}

static void who_may_not_be_signalled_is_named(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(as_nobody(refuses), 0);
}

static char sudo[] = "/tmp/test_guard_hold.XXXXXX";

static bool outranks(pid_t child)
{
	(void)child;
	setenv("PATH", "/nowhere:/tmp", 1);
	return hold_is_outranked_by(sudo) && hold_is_outranked_by(strrchr(sudo, '/') + 1) && !hold_is_outranked_by("/bin/sh") &&
	       !hold_is_outranked_by("no such command");
}

static void a_set_uid_command_is_known_before_it_runs(void **state)
{
	int fd, status;

	(void)state;
	if (geteuid())
		skip();
	fd = mkstemp(sudo);
	assert_int_equal(fchmod(fd, 04755), 0);
	close(fd);
	assert_false(hold_is_outranked_by(sudo)); /* root may signal everybody */
	status = as_nobody(outranks);
	unlink(sudo);
	assert_int_equal(status, 0);
}

/* Never longer than the watch is good for: its timeout less the 5 s between two pings. */
static void trust_ends_before_the_watch_can(void **state)
{
	(void)state;
	assert_int_equal(follow_trust_ns(30), INT64_C(20000000000));
	assert_int_equal(follow_trust_ns(0), follow_trust_ns(30));
	for (uint32_t timeout_s = 6; timeout_s < 3600; timeout_s++) {
		assert_true(follow_trust_ns(timeout_s) > 0);
		assert_true(follow_trust_ns(timeout_s) < (timeout_s - 5) * INT64_C(1000000000));
	}
	assert_true(follow_trust_ns(1) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_stand_still_and_go_on),
		cmocka_unit_test(all_are_killed),
		cmocka_unit_test(one_is_spared),
		cmocka_unit_test(a_signal_that_waits_is_seen),
		cmocka_unit_test(orphans_are_buried),
		cmocka_unit_test(who_may_not_be_signalled_is_named),
		cmocka_unit_test(a_set_uid_command_is_known_before_it_runs),
		cmocka_unit_test(trust_ends_before_the_watch_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
