/* SPDX-License-Identifier: MIT */
/* Stamps of logs, with and without a zone. The expected seconds come from `date -u -d`. */
#include "ingest/tz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void is(const char *text, const char *tz, int64_t ts_ns, bool zone)
{
	struct stamp stamp = { .has_zone = !zone };

	if (!stamp_parse(text, &(struct stamp_zone){ .tz = tz }, &stamp))
		fail_msg("\"%s\" is not read as a stamp", text);
	assert_int_equal(stamp.ns, ts_ns);
	assert_int_equal(stamp.has_zone, zone);
}

static void a_stamp_that_names_its_zone_needs_no_option(void **state)
{
	(void)state;
	is("2026-11-22T21:45:35.509+0000", "Asia/Shanghai", 1795383935509000000, true);
	is("2026-11-22T21:45:35.509123+0000 mon.a", "UTC", 1795383935509123000, true);
	is("2026-11-23T05:45:35.509+0800", "UTC", 1795383935509000000, true);
	is("2026-11-22T16:15:35.509-05:30", "UTC", 1795383935509000000, true);
	is("2026-11-22T21:45:35Z", "+08:00", 1795383935000000000, true);
	is("2020-03-12T15:53:40.100000Z qemu", "UTC", 1584028420100000000, true);
}

static void a_stamp_without_one_takes_the_option(void **state)
{
	(void)state;
	is("2020-03-12 23:53:11.646925 mon.0", "UTC", 1584057191646925000, false);
	is("2020-03-12 23:53:11.646925 mon.0", "+08:00", 1584028391646925000, false);
	is("2020-03-12 23:53:11.646925 mon.0", "+0800", 1584028391646925000, false);
	is("2020-03-12 23:53:11.646925 mon.0", "Asia/Shanghai", 1584028391646925000, false);
	is("2020-07-12 12:00:00", "Europe/Berlin", 1594548000000000000, false);
	is("2020-01-12 12:00:00", "Europe/Berlin", 1578826800000000000, false);
	is("2020-03-12 23:53:11,5", "UTC", 1584057191500000000, false);
	is("2020-03-12 23:53:11.1234567891", "UTC", 1584057191123456789, false);
}

static void the_environment_keeps_its_zone(void **state)
{
	(void)state;
	setenv("TZ", "America/New_York", 1);
	is("2020-03-12 23:53:11", "Asia/Shanghai", 1584028391000000000, false);
	assert_string_equal(getenv("TZ"), "America/New_York");
	is("2020-03-12 23:53:11", "UTC", 1584057191000000000, false);
	unsetenv("TZ");
}

static void what_is_no_stamp_is_refused(void **state)
{
	static const char *const texts[] = { "",
		                             "2",
		                             "2020",
		                             "2020-",
		                             "2020-03-12",
		                             "2020-13-12 00:00:00",
		                             "2020-00-12 00:00:00",
		                             "2020-03-32 00:00:00",
		                             "2020-03-12 24:00:00",
		                             "2020-03-12 00:60:00",
		                             "2020/03/12 00:00:00",
		                             "2020-03-12x00:00:00",
		                             "2020-03-12 00:00",
		                             "1584057191.646",
		                             "abcd-ef-gh ij:kl:mn" };
	const struct stamp_zone utc = { .tz = "UTC" };
	struct stamp stamp;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (stamp_parse(texts[i], &utc, &stamp))
			fail_msg("\"%s\" is read as a stamp", texts[i]);
}

static void zones_are_checked_before_use(void **state)
{
	static const char *const good[] = { "UTC", "Z", "+08:00", "-0330", "+08", "Asia/Shanghai", "Europe/Berlin" };
	static const char *const bad[] = { "",        "Mars/Phobos",      "+8",          "+25:00",
		                           "08:00",   "../../etc/passwd", "/etc/passwd", "Asia",
		                           "+08:00x", "tzdata.zi" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!tz_valid(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (tz_valid(bad[i]))
			fail_msg("%s is taken", bad[i]);
}

static void the_hour_that_comes_twice_has_two_passes(void **state)
{
	const struct stamp_zone berlin = { .tz = "Europe/Berlin" };
	struct stamp stamp;

	(void)state;
	stamp_parse("2026-10-25 02:30:00.000000", &berlin, &stamp);
	assert_int_equal(stamp.ns, INT64_C(1792888200000000000)); /* 00:30 UTC */
	assert_int_equal(stamp.again_ns - stamp.ns, INT64_C(3600000000000));
	stamp_parse("2026-10-25 03:30:00.000000", &berlin, &stamp);
	assert_int_equal(stamp.again_ns, 0);
	stamp_parse("2026-10-25 02:30:00.000000", &(const struct stamp_zone){ .tz = "UTC" }, &stamp);
	assert_int_equal(stamp.again_ns, 0);
	stamp_parse("2026-10-25 02:30:00.000000", &(const struct stamp_zone){ .tz = "Asia/Shanghai" }, &stamp);
	assert_int_equal(stamp.again_ns, 0);
}

static void in_the_year_before(const char *text, const char *until, const char *with_year)
{
	struct stamp_zone zone = { "UTC", 0 };
	struct stamp read, expected;

	zone.near_ns = stamp_of(until, strlen(until), "UTC");
	assert_true(zone.near_ns && stamp_parse(with_year, &zone, &expected));
	assert_true(stamp_parse_syslog(text, &zone, &read));
	assert_int_equal(read.ns, expected.ns);
}

static void a_stamp_without_a_year_is_of_the_last_one_that_has_that_day(void **state)
{
	(void)state;
	in_the_year_before("Nov 22 21:45:35", "2026-11-22 21:50:00", "2026-11-22 21:45:35");
	in_the_year_before("Dec 31 23:59:58", "2027-01-01 00:10:00", "2026-12-31 23:59:58");
	in_the_year_before("Jan  1 00:00:03", "2027-01-01 00:10:00", "2027-01-01 00:00:03");
	in_the_year_before("Feb 29 23:50:02", "2026-11-22 21:50:00", "2024-02-29 23:50:02");
	in_the_year_before("Feb 29 23:50:02", "2024-02-29 23:59:00", "2024-02-29 23:50:02");
	in_the_year_before("Feb 29 23:50:02", "2103-11-22 21:50:00", "2096-02-29 23:50:02"); /* 2100 has none */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stamp_that_names_its_zone_needs_no_option),
		cmocka_unit_test(a_stamp_without_one_takes_the_option),
		cmocka_unit_test(the_environment_keeps_its_zone),
		cmocka_unit_test(what_is_no_stamp_is_refused),
		cmocka_unit_test(zones_are_checked_before_use),
		cmocka_unit_test(the_hour_that_comes_twice_has_two_passes),
		cmocka_unit_test(a_stamp_without_a_year_is_of_the_last_one_that_has_that_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
