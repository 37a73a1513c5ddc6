/* SPDX-License-Identifier: MIT */
/* The daemon's options: a reload reads of the file what systemd gave at the start, all of it or nothing, and says what stays. */
#include "cmd_record_daemon.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>

static char folder[64], file[PATH_MAX], said[PATH_MAX];
static struct daemon_options begun;
static int (*read_again)(struct daemon_options *options);

int daemon_run(struct daemon_options *options, int (*again)(struct daemon_options *options))
{
	begun = *options;
	read_again = again;
	return EXIT_DONE;
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/daemon-options-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof file, "%s/default", folder);
	snprintf(said, sizeof said, "%s/said", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(file);
	unlink(said);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
}

/* The daemon as it is begun with these words, a list that ends with NULL. */
static void begin(const char *const *words)
{
	char *arguments[16] = { (char *)"daemon", (char *)"--output", folder, (char *)"--options-file", file };
	int count = 5;

	while (*words)
		arguments[count++] = (char *)*words++;
	assert_int_equal(cmd_record_daemon(count, arguments), EXIT_DONE);
}

/* A reload; what it says is in the file `said`. */
static int reload(void)
{
	int before = dup(STDERR_FILENO), fd = open(said, O_WRONLY | O_CREAT | O_TRUNC, 0600), status;

	dup2(fd, STDERR_FILENO);
	status = read_again(&begun);
	dup2(before, STDERR_FILENO);
	close(fd);
	close(before);
	return status;
}

static bool says(const char *text)
{
	char line[512];
	bool found = false;
	FILE *stream = fopen(said, "r");

	while (stream && fgets(line, sizeof line, stream))
		found |= strstr(line, text) != NULL;
	if (stream)
		fclose(stream);
	return found;
}

/* ---- words ---- */

static void words_are(const char *text, const char *const *expected)
{
	char *words[8], *held;
	int count, i = 0;

	write_file(text);
	count = options_file_words(file, DEFAULTS_VARIABLE, words, 8, &held);
	for (; expected[i]; i++) {
		assert_true(i < count);
		assert_string_equal(words[i], expected[i]);
	}
	assert_int_equal(count, i);
	free(held);
}

#define WORDS_ARE(text, ...) words_are(text, (const char *const[]){ __VA_ARGS__, NULL })

static void a_file_has_the_words_that_systemd_finds_in_it(void **state)
{
	(void)state;
	WORDS_ARE("FENCELINE_OPTIONS=\"--keep 20\"\n", "--keep", "20");
	WORDS_ARE("A=b\nFENCELINE_OPTIONS=--keep 20  \nC='d'\n", "--keep", "20");
	WORDS_ARE("# FENCELINE_OPTIONS=old\n  FENCELINE_OPTIONS='--keep 1'\nFENCELINE_OPTIONS='--keep 2'", "--keep", "2");
	WORDS_ARE("FENCELINE_OPTIONS=\"--on-incident 'mail -s \\\"$FENCELINE_VM fenced\\\" ops'\"\n", "--on-incident",
	          "mail -s \"$FENCELINE_VM fenced\" ops");
	WORDS_ARE("FENCELINE_OPTIONS=\"--with ~/a.log --with /var/log/ceph-osd.*.log $HOME\"\n", "--with", "~/a.log", "--with",
	          "/var/log/ceph-osd.*.log", "$HOME");
	WORDS_ARE("FENCELINE_OPTIONS=\"--keep 20 \\\n   --listen 9911\"\n", "--keep", "20", "--listen", "9911");
	WORDS_ARE("B=\"two\nlines\nFENCELINE_OPTIONS=no\"\nFENCELINE_OPTIONS=--keep\\ 3 'a b'\\c\n", "--keep", "3", "a bc");
	WORDS_ARE("FENCELINE_OPTIONS=\"a\\qb\" 'c'\n", "aqbc");
	WORDS_ARE("FENCELINE_OPTIONS=\"a ''\"\n", "a", "");
}

static void a_file_without_words_or_with_too_many_is_told(void **state)
{
	char *words[2], *text;

	(void)state;
	assert_int_equal(options_file_words(file, DEFAULTS_VARIABLE, words, 2, &text), -ENOENT);
	write_file("");
	assert_int_equal(options_file_words(file, DEFAULTS_VARIABLE, words, 2, &text), -ENODATA);
	write_file("FENCELINE_OPTION=a\nXFENCELINE_OPTIONS=b");
	assert_int_equal(options_file_words(file, DEFAULTS_VARIABLE, words, 2, &text), -ENODATA);
	write_file("FENCELINE_OPTIONS=a b c");
	assert_int_equal(options_file_words(file, DEFAULTS_VARIABLE, words, 2, &text), -E2BIG);
	write_file("FENCELINE_OPTIONS=");
	assert_int_equal(options_file_words(file, DEFAULTS_VARIABLE, words, 2, &text), 0);
	free(text);
}

/* ---- a reload ---- */

static void a_reload_takes_what_can_change(void **state)
{
	const char *const words[] = { "--keep", "200", "--with", "/a.log", NULL };

	(void)state;
	begin(words);
	write_file(
	        "FENCELINE_OPTIONS=\"--keep 1G --with /b.*.log --with /c.log --textfile /t --on-incident 'echo $FENCELINE_VM'\"\n");
	assert_int_equal(reload(), 0);
	assert_int_equal(begun.keep_count, 0);
	assert_int_equal(begun.keep_bytes, 1 << 30);
	assert_int_equal(begun.log_count, 2);
	assert_string_equal(begun.logs[0], "/b.*.log");
	assert_string_equal(begun.textfile, "/t");
	assert_string_equal(begun.on_incident, "echo $FENCELINE_VM");
	assert_false(says("stay"));
}

static void a_reload_with_a_typing_error_takes_nothing(void **state)
{
	static const char *const typed[] = { "--keep 2OG",
		                             "--watch-timeout 30s",
		                             "--flight-recorder=4X",
		                             "--buffers both",
		                             "--also errors",
		                             "--ship http://a/b",
		                             "--nothing",
		                             "--keep" };
	const char *const words[] = { "--keep", "200", "--watch-timeout", "60", NULL };
	char text[200];

	(void)state;
	begin(words);
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		snprintf(text, sizeof text, "FENCELINE_OPTIONS=\"--on-incident false --options-file /other %s\"\n", typed[i]);
		write_file(text);
		assert_true(reload() < 0);
		assert_int_equal(begun.keep_count, 200);
		assert_int_equal(begun.watch_timeout_s, 60);
		assert_null(begun.on_incident);
	}
	assert_string_equal(options_file, file);
}

static void more_logs_than_there_is_room_for_are_refused(void **state)
{
	char text[4096] = "FENCELINE_OPTIONS=\"";
	const char *const words[] = { "--with", "/a.log", NULL };

	(void)state;
	begin(words);
	for (int i = 0; i < DAEMON_LOGS + 20; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "--with /var/log/ceph/ceph-osd.%d.log ", i);
	strcat(text, "\"\n");
	write_file(text);
	assert_true(reload() < 0);
	assert_int_equal(begun.log_count, 1);
	assert_string_equal(begun.logs[0], "/a.log");
}

static void a_reload_says_what_needs_a_new_start(void **state)
{
	const char *const words[] = { "--listen", "9911", "--ship", "clickhouse://a/b", NULL };

	(void)state;
	begin(words);
	write_file("FENCELINE_OPTIONS=\"--listen 9912 --ship clickhouse://c/b --alertmanager http://a --also watch-error "
	           "--watch-timeout 60 --output /tmp --buffers uid --flight-recorder=8M --with /a.log\"\n");
	assert_int_equal(reload(), 0);
	assert_true(says("--listen stays"));
	assert_true(says("--ship stays"));
	assert_true(says("--alertmanager stays"));
	assert_true(says("--also stays"));
	assert_true(says("--watch-timeout stays"));
	assert_true(says("--output stays"));
	assert_true(says("--buffers stays"));
	assert_true(says("--flight-recorder stays"));
	assert_true(says("logs that are shipped stay"));
	assert_string_equal(begun.listen, "9911");
	assert_string_equal(begun.ship, "clickhouse://a/b");
	assert_false(begun.also_watch_error);
	assert_int_equal(begun.watch_timeout_s, 0);
	assert_int_equal(begun.ring_bytes, DAEMON_RING_BYTES);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(a_file_has_the_words_that_systemd_finds_in_it),
		CASE(a_file_without_words_or_with_too_many_is_told),
		CASE(a_reload_takes_what_can_change),
		CASE(a_reload_with_a_typing_error_takes_nothing),
		CASE(more_logs_than_there_is_room_for_are_refused),
		CASE(a_reload_says_what_needs_a_new_start),
	};

	return cmocka_run_group_tests_name("the daemon's options", tests, NULL, NULL);
}
