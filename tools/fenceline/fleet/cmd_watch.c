/* SPDX-License-Identifier: MIT */
/* `fenceline watch`: every fence that arrives in the store, explained, and the verdict written back. */
#include "run/commands.h"
#include "fleet/announce.h"
#include "fleet/claims.h"
#include "fleet/due.h"
#include "fleet/news.h"
#include "model/times.h"
#include "run/now.h"
#include "run/programs.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY_S   2
#define BACK_S    600
#define MARGIN_NS (180 * NS_PER_S) /* what led to an incident may have begun so long before it */
#define STANDS_MS 10000            /* a verdict that is not proven waits so long for more, and is then announced */
#define LEAST_MS  200              /* between two looks */
#define LEFT_MS   5000             /* one that another watcher wrote and did not announce waits so much longer */

static const char doc[] =
        "Watches the store at URL, where `fenceline ship` and the record daemons of many hosts send what they see. When a client of Ceph is fenced, the rows of its host, of the fencer's host and of the monitors are joined, and the verdict goes into the table `verdicts`. Two of them may run: there is still one verdict, and only one calls the "
        "command.\v"
        "Examples:\n"
        "  fenceline watch clickhouse://store/fenceline\n"
        "  fenceline watch --alertmanager http://127.0.0.1:9093 \\\n"
        "      --on-incident /usr/local/sbin/page-me clickhouse://store/fenceline\n\n"
        "The command runs by the shell once a verdict is proven, or 10 s after the fence was first seen; its "
        "stdin is the verdict as "
        "`fenceline incidents -f json` prints it, $FENCELINE_VM the VM's name.\n\n"
        "Exit codes: 0 done (INT, TERM, or --once), 1 failed, 2 usage.";

enum { KEY_EVERY = 0x200, KEY_ON_INCIDENT, KEY_ALERTMANAGER, KEY_BACK, KEY_ONCE };

static const struct argp_option argp_options[] = {
	{ "every", KEY_EVERY, "SECONDS", 0, "How often to look (default: 2)", 0 },
	{ "back", KEY_BACK, "SECONDS", 0, "At the start also look at what arrived in the last SECONDS (default: 600)", 0 },
	{ "on-incident", KEY_ON_INCIDENT, "CMD", 0, "A command for each fence", 0 },
	{ "alertmanager", KEY_ALERTMANAGER, "URL", 0, "Post an alert for each fence there, such as http://127.0.0.1:9093", 0 },
	{ "once", KEY_ONCE, NULL, 0, "Look once and end", 0 },
	{ 0 },
};

struct watch_options {
	const char *url, *on_incident, *alertmanager;
	long every_s, back_s;
	bool once;
};

struct watcher {
	const struct watch_options *options;
	struct store *store;
	struct news news;
	struct stored_book book;
	struct due due;
	int64_t news_ms;  /* when there was any, CLOCK_MONOTONIC */
	json_t *document; /* the newest; NULL: none */
	char name[300];
};

static volatile sig_atomic_t asked_to_end;

static void end_on_signal(int number)
{
	(void)number;
	asked_to_end = 1;
}

static long parse_seconds(struct argp_state *state, const char *name, const char *arg, long most)
{
	char *end;
	long seconds = strtol(arg, &end, 10);

	if (end == arg || *end || seconds < 1 || seconds > most)
		argp_error(state, "--%s=%s: give seconds, 1 to %ld", name, arg, most);
	return seconds;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct watch_options *options = state->input;

	switch (key) {
	case KEY_EVERY:
		options->every_s = parse_seconds(state, "every", arg, 3600);
		return 0;
	case KEY_BACK:
		options->back_s = parse_seconds(state, "back", arg, 31 * 86400L);
		return 0;
	case KEY_ON_INCIDENT:
		options->on_incident = arg;
		return 0;
	case KEY_ALERTMANAGER:
		if (strncmp(arg, "http://", 7) && strncmp(arg, "https://", 8))
			argp_error(state, "--alertmanager=%s: give a URL such as http://127.0.0.1:9093", arg);
		options->alertmanager = arg;
		return 0;
	case KEY_ONCE:
		options->once = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->url)
			argp_error(state, "one URL only");
		options->url = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no URL given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- One round ---- */

/* The same program, model and rules as for files. NULL if it failed, which it said. */
static json_t *verdicts_of(const struct watcher *watcher, int64_t begin_ns, int64_t end_ns)
{
	char since[32], until[32];
	char *const arguments[] = {
		"fenceline", "incidents", "-f", "json", "--since", since, "--until", until, (char *)watcher->options->url, NULL
	};
	struct program_output output;
	json_t *document;
	int error;

	snprintf(since, sizeof since, "%" PRId64, begin_ns);
	snprintf(until, sizeof until, "%" PRId64, end_ns);
	error = program_open("read", arguments, &output);
	if (error) {
		fprintf(stderr, "fenceline: fenceline-read cannot be started: %s\n", strerror(-error));
		return NULL;
	}
	document = json_loadf(output.stream, 0, NULL);
	if (program_close(&output)) {
		json_decref(document);
		return NULL;
	}
	return document;
}

static bool stands(const struct watcher *watcher, const struct stored *stored)
{
	int64_t age_ms = monotonic_ms() - stored->first_ms;
	json_t *incident = stored->fresh ? json_loads(stored->verdict, 0, NULL) : NULL;
	const char *confidence = json_string_value(json_object_get(incident, "confidence"));
	bool proven = confidence && !strcmp(confidence, "proven");

	json_decref(incident);
	if (!stored->fresh)
		return age_ms >= STANDS_MS + LEFT_MS;
	return watcher->options->once || age_ms >= STANDS_MS || proven;
}

static void announce_one(struct stored *stored, void *arg)
{
	const struct watcher *watcher = arg;
	json_t *incident = json_loads(stored->verdict, 0, NULL);
	const char *vm = json_string_value(json_object_get(json_object_get(incident, "vm"), "name"));

	printf("%s: %s, %s\n", vm ? vm : stored->ip, json_string_value(json_object_get(incident, "cause")),
	       json_string_value(json_object_get(incident, "confidence")));
	fflush(stdout);
	if (watcher->options->on_incident)
		announce_by_command(watcher->options->on_incident, watcher->document, incident);
	if (watcher->options->alertmanager)
		announce_by_alert(watcher->options->alertmanager, incident);
	json_decref(incident);
}

static int announce(struct watcher *watcher)
{
	for (struct stored *stored = watcher->book.list; stored; stored = stored->next)
		stored->wanted |= !stored->announced && !strcmp(stored->kind, "fence") && stands(watcher, stored);
	return claims_round(&watcher->book, announce_one, watcher);
}

static int explain(struct watcher *watcher, int64_t begin_ns, int64_t end_ns)
{
	int64_t since_news_s = (monotonic_ms() - watcher->news_ms) / 1000;
	struct stored_range range = {
		.begin_ns = begin_ns - STORY_NS,
		.end_ns = end_ns + STORY_NS,
		/* Later looks know more. */
		.version = (uint64_t)watcher->news.newest_s * 100 + (uint64_t)(since_news_s < 99 ? since_news_s : 99),
	};
	json_t *document = verdicts_of(watcher, range.begin_ns - MARGIN_NS, range.end_ns);
	int error = document ? stored_read(&watcher->book, range.begin_ns, range.end_ns) : -EIO;

	if (!error)
		error = stored_write(&watcher->book, document, &range);
	if (document) {
		json_decref(watcher->document);
		watcher->document = document;
	}
	return error;
}

static bool is_all_announced(const struct watcher *watcher)
{
	for (const struct stored *stored = watcher->book.list; stored; stored = stored->next)
		if (!stored->announced && !strcmp(stored->kind, "fence"))
			return false;
	return true;
}

static int look(struct watcher *watcher)
{
	struct news *news = &watcher->news;
	int error = news_look(news, watcher->store, watcher->options->back_s);
	int64_t begin_ns, end_ns;

	if (!error && news->begin_ns) {
		watcher->news_ms = monotonic_ms();
		due_add(&watcher->due, news->begin_ns, news->end_ns, watcher->news_ms);
		news_forget(news);
	}
	while (!error && due_take(&watcher->due, monotonic_ms(), &begin_ns, &end_ns)) {
		error = explain(watcher, begin_ns, end_ns);
		if (error)
			due_failed(&watcher->due, monotonic_ms());
		else
			due_done(&watcher->due, monotonic_ms());
	}
	if (!error)
		error = announce(watcher);
	if (!watcher->due.count && is_all_announced(watcher))
		stored_free(&watcher->book);
	return error;
}

/* What was claimed is announced once that has settled. */
static int look_once(struct watcher *watcher)
{
	int error = look(watcher);

	if (!error && watcher->book.list) {
		nanosleep(&(struct timespec){ CLAIMS_SETTLE_MS / 1000, 0 }, NULL);
		error = announce(watcher);
	}
	return error;
}

/* A look that took long is followed by the next at once, so that what came meanwhile does not wait twice. */
static void rest(const struct watcher *watcher, int64_t began_ms, bool failing)
{
	int64_t every_ms = watcher->options->every_s * 1000,
	        left_ms = failing ? 2 * every_ms : began_ms + every_ms - monotonic_ms();

	if (left_ms < LEAST_MS)
		left_ms = LEAST_MS;
	nanosleep(&(struct timespec){ left_ms / 1000, left_ms % 1000 * 1000000 }, NULL);
}

static int watch(struct watcher *watcher)
{
	bool failing = false;

	while (!asked_to_end) {
		int64_t began_ms = monotonic_ms();
		int error = look(watcher);
		if (!error && failing)
			fputs("fenceline: the store answers again\n", stderr);
		failing = error != 0;
		if (!asked_to_end)
			rest(watcher, began_ms, failing);
	}
	return 0;
}

int cmd_watch(int argc, char **argv)
{
	struct argp argp = { argp_options, parse_option, "URL", doc, NULL, NULL, NULL };
	struct watch_options options = { .every_s = EVERY_S, .back_s = BACK_S };
	struct watcher watcher = { .options = &options };
	struct sigaction action = { .sa_handler = end_on_signal };
	char why[256], host[256] = "";
	struct store_url url;
	int error;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (store_url_parse(options.url, &url, why, sizeof why)) {
		fprintf(stderr, "fenceline: %s: %s\n", options.url, why);
		return EXIT_USAGE;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	gethostname(host, sizeof host - 1);
	snprintf(watcher.name, sizeof watcher.name, "%s:%d", host, (int)getpid());
	watcher.store = store_open(&url);
	explicit_bzero(&url, sizeof url);
	watcher.book = (struct stored_book){ watcher.store, watcher.name, NULL };
	error = watcher.store ? 0 : -ENOMEM;
	if (!error) {
		enum store_status status = store_check_schema(watcher.store);
		if (status == STORE_DONE)
			store_remark(watcher.store);
		if (status == STORE_SCHEMA_DIFFERS) {
			fprintf(stderr, "fenceline: %s\n", store_why(watcher.store));
			error = -EINVAL;
		}
	}
	if (!error)
		error = options.once ? look_once(&watcher) : watch(&watcher);
	stored_free(&watcher.book);
	json_decref(watcher.document);
	store_close(watcher.store);
	return error ? EXIT_FAILED : EXIT_DONE;
}
