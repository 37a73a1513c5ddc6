/* SPDX-License-Identifier: MIT */
/* Client addresses in every way that they are written: the same client is the same IP and nonce, nothing else counts. */
#include "model/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

static void reads_as(const char *text, const char *normal)
{
	struct address address;
	char buf[96];

	if (!address_parse(text, &address))
		fail_msg("\"%s\" is not read as an address", text);
	assert_string_equal(address_format(&address, buf, sizeof(buf)), normal);
}

static void every_form_is_read(void **state)
{
	(void)state;
	reads_as("10.0.0.2:0/3655019494", "10.0.0.2:0/3655019494");
	reads_as("v1:10.0.0.2:0/3655019494", "10.0.0.2:0/3655019494");
	reads_as("v2:10.0.0.2:3300/7", "10.0.0.2:3300/7");
	reads_as("any:10.0.0.2:0/7", "10.0.0.2:0/7");
	reads_as("[v2:10.0.0.2:3300/7,v1:10.0.0.2:6789/7]", "10.0.0.2:3300/7");
	reads_as("v2:10.0.0.2:3300/7,v1:10.0.0.2:6789/7", "10.0.0.2:3300/7");
	reads_as("[2001:db8::1]:0/42", "[2001:db8::1]:0/42");
	reads_as("v1:[2001:db8::1]:0/42", "[2001:db8::1]:0/42");
	reads_as("[v2:[2001:db8::1]:3300/42,v1:[2001:db8::1]:6789/42]", "[2001:db8::1]:3300/42");
	reads_as("10.0.0.2", "10.0.0.2:0");
	reads_as("10.0.0.2:6802", "10.0.0.2:6802");
	reads_as("10.0.0.2:0/18446744073709551615", "10.0.0.2:0/18446744073709551615");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = { "",
		                             "-",
		                             ":/0",
		                             "client.4123",
		                             "10.0.0:0/1",
		                             "10.0.0.2:65536/1",
		                             "10.0.0.2:0/",
		                             "10.0.0.2:0/1x",
		                             "10.0.0.2:0/18446744073709551616",
		                             "[2001:db8::1:0/1",
		                             "[",
		                             "v1:",
		                             "]" };
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		memset(&address, 0xff, sizeof(address));
		if (address_parse(texts[i], &address))
			fail_msg("\"%s\" is read as an address", texts[i]);
		assert_int_equal(address.family, 0);
	}
	assert_false(address_parse(NULL, &address));
}

static bool same(const char *left, const char *right)
{
	struct address a, b;

	address_parse(left, &a);
	address_parse(right, &b);
	return address_same_client(&a, &b);
}

static void type_and_port_do_not_matter(void **state)
{
	(void)state;
	assert_true(same("10.0.0.2:0/7", "v1:10.0.0.2:6800/7"));
	assert_true(same("[v2:10.0.0.2:3300/7,v1:10.0.0.2:6789/7]", "any:10.0.0.2:0/7"));
	assert_true(same("[::1]:0/7", "v2:[::1]:1/7"));
	assert_false(same("10.0.0.2:0/7", "10.0.0.2:0/8"));
	assert_false(same("10.0.0.2:0/7", "10.0.0.3:0/7"));
	assert_false(same("10.0.0.2:0/7", "[::ffff:10.0.0.2]:0/7"));
	assert_false(same("10.0.0.2", "10.0.0.2"));
	assert_false(same("-", "-"));
}

static bool inside(const char *text, const char *cidr)
{
	struct address address;

	address_parse(text, &address);
	return address_in_range(&address, cidr);
}

static void ranges_hold_what_is_inside(void **state)
{
	(void)state;
	assert_true(inside("10.99.0.2:0/7", "10.99.0.0/24"));
	assert_false(inside("10.99.1.2:0/7", "10.99.0.0/24"));
	assert_true(inside("10.99.1.2:0/7", "10.99.0.0/23"));
	assert_true(inside("10.99.0.2:0/7", "10.99.0.2/32"));
	assert_false(inside("10.99.0.3:0/7", "10.99.0.2/32"));
	assert_true(inside("10.99.0.2:0/7", "0.0.0.0/0"));
	assert_true(inside("10.99.0.2:0/7", "cidr:10.99.0.0:0/24"));
	assert_true(inside("[2001:db8::7]:0/1", "2001:db8::/32"));
	assert_false(inside("[2001:db9::7]:0/1", "2001:db8::/32"));
	assert_false(inside("10.99.0.2:0/7", "2001:db8::/32"));
	assert_false(inside("10.99.0.2:0/7", "10.99.0.0/33"));
	assert_false(inside("10.99.0.2:0/7", "10.99.0.0"));
	assert_false(inside("-", "0.0.0.0/0"));
}

static void a_small_buffer_is_not_overrun(void **state)
{
	struct address address;
	char buf[9];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_true(address_parse("10.0.0.2:0/3655019494", &address));
	address_format(&address, buf, 8);
	assert_string_equal(buf, "10.0.0.");
	assert_int_equal(buf[8], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(type_and_port_do_not_matter),
		cmocka_unit_test(ranges_hold_what_is_inside),
		cmocka_unit_test(a_small_buffer_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
