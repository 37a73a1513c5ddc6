/* SPDX-License-Identifier: MIT */
/* From the facts of a look to the verdict: each kind of look, and that no combination of facts is without an answer. */
#include "guard/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct look owned(enum watch_state watch)
{
	struct look look = { .lock_state = LOCK_OWNED, .watch = watch, .fenced = FENCED_NO };

	strcpy(look.owner.client, "client.4166");
	strcpy(look.owner.address, "10.99.2.2:0/1981367033");
	strcpy(look.owner.cookie, "auto 140");
	look.process.ack_age_ns = look.process.unanswered = -1;
	return look;
}

static struct judgement judged(const struct look *look)
{
	struct judgement judgement;

	judge(look, &judgement);
	return judgement;
}

static void expect(const struct look *look, enum verdict verdict, const char *rule)
{
	struct judgement judgement = judged(look);

	assert_string_equal(verdict_name(judgement.verdict), verdict_name(verdict));
	assert_string_equal(judgement.rule, rule);
}

static void nobody_to_fence(void **state)
{
	struct look look = { .lock_state = LOCK_UNSUPPORTED };

	(void)state;
	expect(&look, VERDICT_SAFE, "no-exclusive-lock");
	look.lock_state = LOCK_FREE;
	expect(&look, VERDICT_SAFE, "not-locked");
}

static void a_foreign_lock_is_waited_for(void **state)
{
	struct look look = { .lock_state = LOCK_FOREIGN, .lock = { .count = 1 } };

	(void)state;
	strcpy(look.lock.lockers[0].cookie, "mine");
	expect(&look, VERDICT_WAIT, "foreign-lock");
	assert_non_null(strstr(judged(&look).text, "mine"));
}

static void the_watch_is_there(void **state)
{
	struct look look = owned(WATCH_THERE);

	(void)state;
	expect(&look, VERDICT_SAFE, "watched");
	look.probe = PROBE_ANSWERED;
	look.probe_ns = 2100000;
	expect(&look, VERDICT_SAFE, "answered");
	assert_non_null(strstr(judged(&look).text, "2.1 ms"));
	look.probe = PROBE_SLOW;
	expect(&look, VERDICT_WAIT, "slow-to-answer");
	look.probe = PROBE_MUTE;
	expect(&look, VERDICT_WAIT, "mute");
	look.probe = PROBE_FAILED;
	expect(&look, VERDICT_CANNOT_TELL, "probe-failed");
}

/* The host of the owner knows more than the cluster: an answer to the probe does not outweigh pings that get lost. */
static void the_watch_is_there_and_the_host_knows_better(void **state)
{
	struct look look = owned(WATCH_THERE);

	(void)state;
	look.probe = PROBE_ANSWERED;
	look.process.state = PROCESS_SILENT;
	expect(&look, VERDICT_WAIT, "silent");
	look.process.state = PROCESS_STOPPED;
	expect(&look, VERDICT_WAIT, "stopped");
	look.process.state = PROCESS_LIVES;
	expect(&look, VERDICT_SAFE, "answered");
}

/* Nothing that is gone answers: then the witness errs, and must not hold up every snapshot for ever. */
static void who_answered_is_not_gone(void **state)
{
	struct look look = owned(WATCH_THERE);

	(void)state;
	look.process.state = PROCESS_GONE;
	look.process.witness = WITNESS_DAEMON;
	expect(&look, VERDICT_WAIT, "ending");
	look.probe = PROBE_MUTE;
	expect(&look, VERDICT_WAIT, "ending");
	look.probe = PROBE_ANSWERED;
	expect(&look, VERDICT_SAFE, "answered");
	assert_non_null(strstr(judged(&look).text, "so it lives"));
	look.probe = PROBE_SLOW;
	expect(&look, VERDICT_WAIT, "slow-to-answer");
}

static void the_watch_is_gone(void **state)
{
	struct look look = owned(WATCH_GONE);

	(void)state;
	expect(&look, VERDICT_WOULD_FENCE, "unwatched");
	look.process.state = PROCESS_LIVES;
	expect(&look, VERDICT_WOULD_FENCE, "unwatched-and-alive");
	look.process.state = PROCESS_SILENT;
	expect(&look, VERDICT_WOULD_FENCE, "unwatched-and-silent");
	look.process.state = PROCESS_STOPPED;
	expect(&look, VERDICT_WOULD_FENCE, "unwatched-and-stopped");
	look.process.state = PROCESS_GONE;
	expect(&look, VERDICT_OWNER_DEAD, "gone");
	look.watch = WATCH_OTHER_COOKIE;
	expect(&look, VERDICT_OWNER_DEAD, "gone-other-cookie");
	look.process.state = PROCESS_NOT_KNOWN;
	expect(&look, VERDICT_WOULD_FENCE, "other-cookie");
}

static void fenced_already(void **state)
{
	struct look look = owned(WATCH_GONE);

	(void)state;
	look.fenced = FENCED_YES;
	strcpy(look.fence.until, "2026-11-29T07:20:39.793443+0000");
	expect(&look, VERDICT_OWNER_DEAD, "fenced-already");
	assert_non_null(strstr(judged(&look).text, "07:20:39"));
	look.process.state = PROCESS_LIVES; /* it runs on, and can write no more */
	expect(&look, VERDICT_OWNER_DEAD, "fenced-already");
}

/* A blocklist that may not be read makes no dead owner. */
static void not_known_is_never_dead(void **state)
{
	struct look look = owned(WATCH_GONE);

	(void)state;
	look.fenced = FENCED_NOT_KNOWN;
	expect(&look, VERDICT_WOULD_FENCE, "unwatched");
	look.watch = WATCH_NOT_KNOWN;
	look.process.state = PROCESS_GONE;
	expect(&look, VERDICT_CANNOT_TELL, "watch-not-known");
}

static void a_fault_is_told(void **state)
{
	struct look look = { .fault = { FAULT_CLUSTER, -110, "the cluster did not answer within 5 s" } };
	struct judgement judgement;

	(void)state;
	expect(&look, VERDICT_CANNOT_TELL, "not-seen");
	judgement = judged(&look);
	assert_string_equal(judgement.text, look.fault.text);
	assert_true(verdict_may_change(&judgement, &look));
	look.fault.kind = FAULT_CAPS;
	assert_false(verdict_may_change(&judgement, &look));
}

/* Whatever the facts: `safe` only with the watch there or nobody to fence, `owner-dead` only with a fence or a process that is
 * gone. */
static void no_facts_without_a_rule(void **state)
{
	(void)state;
	for (int watch = WATCH_NOT_KNOWN; watch <= WATCH_GONE; watch++)
		for (int fenced = FENCED_NOT_KNOWN; fenced <= FENCED_YES; fenced++)
			for (int process = PROCESS_NOT_KNOWN; process <= PROCESS_GONE; process++)
				for (int probe = PROBE_NOT_ASKED; probe <= PROBE_FAILED; probe++) {
					struct look look = owned(watch);
					struct judgement judgement;
					look.fenced = fenced;
					look.process.state = process;
					look.probe = probe;
					judgement = judged(&look);
					assert_string_not_equal(judgement.rule, "no-rule");
					assert_null(strchr(judgement.text, '{'));
					if (judgement.verdict == VERDICT_SAFE)
						assert_true(watch == WATCH_THERE &&
						            (probe == PROBE_ANSWERED || probe == PROBE_NOT_ASKED));
					if (judgement.verdict == VERDICT_OWNER_DEAD)
						assert_true(fenced == FENCED_YES || process == PROCESS_GONE);
				}
}

/* Another watcher is mute, a client that has just died, say: the reply came after 3 s, and that is not the owner's doing. */
static void a_mute_neighbour_does_not_make_the_owner_slow(void **state)
{
	struct look look = owned(WATCH_THERE);
	struct judgement judgement;

	(void)state;
	look.probe = PROBE_ANSWERED;
	look.probe_timeout_s = 3;
	look.probe_ns = 3000000000;
	look.probe_others_mute = true;
	expect(&look, VERDICT_SAFE, "answered");
	judgement = judged(&look);
	assert_non_null(strstr(judgement.text, "3.0 s or less (another watcher did not answer)"));
	look.probe = PROBE_MUTE;
	look.probe_others_mute = false;
	expect(&look, VERDICT_WAIT, "mute");
	judgement = judged(&look);
	assert_non_null(strstr(judgement.text, "did not answer in 3 s"));
}

static void the_worst_of_several(void **state)
{
	(void)state;
	assert_int_equal(verdict_worse(VERDICT_SAFE, VERDICT_OWNER_DEAD), VERDICT_OWNER_DEAD);
	assert_int_equal(verdict_worse(VERDICT_WOULD_FENCE, VERDICT_CANNOT_TELL), VERDICT_WOULD_FENCE);
	assert_int_equal(verdict_worse(VERDICT_WAIT, VERDICT_CANNOT_TELL), VERDICT_CANNOT_TELL);
	assert_int_equal(verdict_exit_code(VERDICT_SAFE), 0);
	assert_int_equal(verdict_exit_code(VERDICT_WAIT), 4);
	assert_int_equal(verdict_exit_code(VERDICT_WOULD_FENCE), 5);
	assert_int_equal(verdict_exit_code(VERDICT_OWNER_DEAD), 6);
	assert_int_equal(verdict_exit_code(VERDICT_CANNOT_TELL), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_to_fence),          cmocka_unit_test(a_foreign_lock_is_waited_for),
		cmocka_unit_test(the_watch_is_there),       cmocka_unit_test(the_watch_is_there_and_the_host_knows_better),
		cmocka_unit_test(who_answered_is_not_gone), cmocka_unit_test(the_watch_is_gone),
		cmocka_unit_test(fenced_already),           cmocka_unit_test(not_known_is_never_dead),
		cmocka_unit_test(a_fault_is_told),          cmocka_unit_test(no_facts_without_a_rule),
		cmocka_unit_test(the_worst_of_several),     cmocka_unit_test(a_mute_neighbour_does_not_make_the_owner_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
