/* SPDX-License-Identifier: MIT */
/* Which watch has a cookie. */
#include "follow/cookies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool is_found(uint64_t cookie, unsigned slot)
{
	unsigned slots[COOKIE_SLOTS], count = cookie_slots(cookie, slots), matches = 0;

	for (unsigned i = 0; i < count; i++)
		matches += slots[i] == slot;
	return matches == 1;
}

static uint64_t cookie_of(unsigned slot, unsigned round)
{
	return UINT64_C(0x7f0000001000) + 0x140 * slot + 0x1000000 * (uint64_t)round;
}

static void every_cookie_is_found_whoever_had_it_before(void **state)
{
	unsigned slots[COOKIE_SLOTS];

	(void)state;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned slot = 0; slot < COOKIES_MAX; slot++) {
			cookie_set(slot, cookie_of(slot, round));
			assert_true(is_found(cookie_of(slot, round), slot));
			if (round)
				assert_int_equal(cookie_slots(cookie_of(slot, round - 1), slots), 0);
		}
	for (unsigned slot = 0; slot < COOKIES_MAX; slot++) {
		assert_true(is_found(cookie_of(slot, 2), slot));
		cookie_set(slot, 0);
	}
	assert_int_equal(cookie_slots(cookie_of(7, 2), slots), 0);
	assert_int_equal(cookie_slots(0, slots), 0);
}

/* Those that share a hash, more of them than have a place there; and two watches of one cookie. */
static void cookies_of_one_hash_are_all_found(void **state)
{
	const uint64_t same_hash = UINT64_C(0xf1de83e19937733d); /* the inverse of the multiplier: its product is 1 */
	unsigned slots[COOKIE_SLOTS];

	(void)state;
	for (unsigned slot = 0; slot < 20; slot++)
		cookie_set(slot, same_hash * (slot + 1));
	for (unsigned slot = 0; slot < 20; slot++)
		assert_true(is_found(same_hash * (slot + 1), slot));
	for (unsigned slot = 0; slot < 15; slot++)
		cookie_set(slot, 0);
	for (unsigned slot = 15; slot < 20; slot++) /* those that found no place in the beginning */
		assert_true(is_found(same_hash * (slot + 1), slot));
	cookie_set(3, same_hash * 17);
	assert_int_equal(cookie_slots(same_hash * 17, slots), 2);
	for (unsigned slot = 0; slot < 20; slot++)
		cookie_set(slot, 0);
	cookie_set(1, cookie_of(1, 0));
	cookie_set(900, cookie_of(1, 0));
	assert_int_equal(cookie_slots(cookie_of(1, 0), slots), 2);
	cookie_set(1, 0);
	assert_true(is_found(cookie_of(1, 0), 900));
	cookie_set(900, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cookie_is_found_whoever_had_it_before),
		cmocka_unit_test(cookies_of_one_hash_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
