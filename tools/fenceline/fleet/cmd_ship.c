/* SPDX-License-Identifier: MIT */
/* `fenceline ship`: what inputs tell, into a store of many hosts. */
#include "run/commands.h"
#include "fleet/pages.h"
#include "fleet/shipper.h"
#include "ingest/cluster.h"
#include "ingest/growing.h"
#include "ingest/tz.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUND_MS      500
#define SPOOL         "/var/lib/fenceline/spool"
#define SPOOL_MB      256
#define LAST_TRIES_MS 10000 /* without --follow, while the store is away */

static const char doc[] =
        "Ships what INPUT tells to a store, so that every fence of many hosts is explained in one place: "
        "`fenceline watch` does it as "
        "they arrive, `fenceline incidents clickhouse://...` when asked.\n\n"
        "URL is clickhouse://[USER@]HOST[:PORT]/DB[?tls=1&ca=FILE&password-file=FILE]: ClickHouse's HTTP port "
        "(8123; 8443 with tls=1). INPUT is "
        "any mix of trace folders, incident folders and logs.\v"
        "Examples:\n"
        "  fenceline ship --create clickhouse://store/fenceline\n"
        "  fenceline ship clickhouse://store/fenceline /var/lib/fenceline/incidents/*\n"
        "  fenceline ship --follow clickhouse://store/fenceline \\\n"
        "      /var/log/ceph/ceph.audit.log\n\n"
        "Each row has an id of its content: shipping it twice does no harm. While the store is away, rows wait in the spool. Once it is full, routine rows give way first. What was lost is counted, and the verdict says so. A row that the "
        "store refuses is named "
        "and kept in refused.ndjson there. I/O that went well (events `io`) is not shipped.\n\n"
        "Exit codes: 0 done, 1 failed (rows may wait in the spool), 2 usage.";

enum { KEY_FOLLOW = 0x200, KEY_SPOOL, KEY_SPOOL_SIZE, KEY_TZ, KEY_CREATE, KEY_HOST, KEY_PAGES, KEY_CLUSTER };

static const struct argp_option argp_options[] = {
	{ "follow", KEY_FOLLOW, NULL, 0, "Go on with what is added to the inputs, until INT or TERM", 0 },
	{ "pages", KEY_PAGES, NULL, 0,
	  "With --follow: the status pages of this host's processes under the shim, too: a state of each watched image every 3 "
	  "s, watch pings "
	  "by OSD every 10 s",
	  0 },
	{ "spool", KEY_SPOOL, "DIR", 0,
	  "Where rows wait while the store is away (default: " SPOOL "); one for each `ship` that runs", 0 },
	{ "spool-size", KEY_SPOOL_SIZE, "MB", 0, "What it holds at most (default: 256)", 0 },
	{ "host", KEY_HOST, "NAME", 0, "This host's name (default: as uname -n)", 0 },
	{ "cluster", KEY_CLUSTER, "FSID", 0, "The Ceph cluster of logs whose path does not name it, as /var/log/ceph/FSID/ does",
	  0 },
	{ "tz", KEY_TZ, "ZONE", 0, "Time zone of logs that name none: UTC (the default), +08:00, Asia/Shanghai", 0 },
	{ "create", KEY_CREATE, NULL, 0, "Make the store's database and tables where they are not there", 0 },
	{ 0 },
};

struct ship_options {
	const char *url, *spool, *tz, *host, *cluster;
	uint64_t spool_mb;
	bool follow, create, pages;
	char **inputs;
	size_t input_count;
};

static uint64_t parse_megabytes(struct argp_state *state, const char *arg)
{
	char *end;
	unsigned long long number = strtoull(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || !number || number > 1 << 20)
		argp_error(state, "--spool-size=%s: give megabytes, 1 to 1048576", arg);
	return number;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct ship_options *options = state->input;

	switch (key) {
	case KEY_FOLLOW:
		options->follow = true;
		return 0;
	case KEY_SPOOL:
		options->spool = arg;
		return 0;
	case KEY_SPOOL_SIZE:
		options->spool_mb = parse_megabytes(state, arg);
		return 0;
	case KEY_HOST:
		options->host = arg;
		return 0;
	case KEY_TZ:
		if (!tz_valid(arg))
			argp_error(state, "--tz=%s: no such time zone", arg);
		options->tz = arg;
		return 0;
	case KEY_CLUSTER:
		if (!cluster_is_fsid(arg, strlen(arg)))
			argp_error(state, "--cluster=%s: give what `ceph fsid` prints", arg);
		options->cluster = arg;
		return 0;
	case KEY_PAGES:
		options->pages = true;
		return 0;
	case KEY_CREATE:
		options->create = true;
		return 0;
	case ARGP_KEY_ARGS:
		options->url = state->argv[state->next];
		options->inputs = state->argv + state->next + 1;
		options->input_count = (size_t)(state->argc - state->next - 1);
		return 0;
	case ARGP_KEY_END:
		if (!options->url)
			argp_error(state, "no URL given");
		if (options->pages && !options->follow)
			argp_error(state, "--pages goes with --follow");
		if (!options->input_count && !options->create && !options->pages)
			argp_error(state, "no INPUT given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- ship ---- */

static volatile sig_atomic_t asked_to_end;

static void end_on_signal(int number)
{
	(void)number;
	asked_to_end = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = end_on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void rest(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

static int take_new(const struct event *event, void *arg)
{
	return event->fact == FACT_io ? 0 : shipper_add(arg, event);
}

static int take(const struct event *event, void *arg)
{
	return asked_to_end ? -EINTR : take_new(event, arg);
}

static int ship_once(struct shipper *shipper, const struct ship_options *options)
{
	struct ingest_options ingest_options = {
		.tz = options->tz, .cluster = options->cluster, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .no_io = true
	};
	struct ingest *ingest = ingest_open(options->inputs, options->input_count, &ingest_options);
	int error = ingest ? ingest_run(ingest, take, shipper) : -EINVAL;

	shipper_flush(shipper, true);
	for (int ms = 0; !shipper_is_idle(shipper) && !shipper_is_refused(shipper) && !asked_to_end && ms < LAST_TRIES_MS;
	     ms += ROUND_MS) {
		rest(ROUND_MS);
		shipper_flush(shipper, true);
	}
	ingest_close(ingest);
	return error == -EINTR ? 0 : error;
}

static int follow(struct shipper *shipper, const struct ship_options *options)
{
	struct ingest_options ingest_options = {
		.tz = options->tz, .cluster = options->cluster, .since_ns = INT64_MIN, .until_ns = INT64_MAX, .no_io = true
	};
	struct growing *growing = growing_open(options->inputs, options->input_count, &ingest_options);
	struct fleet_pages *pages = options->pages ? fleet_pages_new() : NULL;
	bool more = false;
	int error = growing ? 0 : -EINVAL;

	while (!error && !asked_to_end) {
		error = growing_round(growing, take_new, shipper, &more);
		if (!error && pages)
			error = fleet_pages_tick(pages, shipper);
		shipper_flush(shipper, false);
		shipper_beat(shipper);
		if (!more && !asked_to_end)
			rest(ROUND_MS);
	}
	shipper_flush(shipper, true);
	growing_close(growing);
	fleet_pages_free(pages);
	return error;
}

static int create(struct store *store, bool create_it)
{
	if (!create_it || store_create_schema(store) == STORE_DONE)
		return 0;
	fprintf(stderr, "fenceline: the tables cannot be made: %s\n", store_why(store));
	return -EIO;
}

static int ship(struct store *store, const struct ship_options *options)
{
	struct spool *spool = NULL;
	struct rows *rows = rows_new(options->host);
	int error = rows ? spool_open(options->spool, options->spool_mb << 20, &spool) : -ENOMEM;
	struct shipper *shipper = error ? NULL : shipper_new(store, spool, rows, options->host, options->follow);

	if (error)
		fprintf(stderr, "fenceline: %s: %s; give a spool of its own with --spool\n", options->spool,
		        error == -EWOULDBLOCK ? "another `fenceline ship` has it" : strerror(-error));
	else if (!shipper)
		error = -ENOMEM;
	if (!error)
		error = options->follow ? follow(shipper, options) : ship_once(shipper, options);
	if (shipper && !options->follow)
		fprintf(stderr, "fenceline: %" PRIu64 " rows shipped, %" PRIu64 " refused\n", shipper_counts(shipper).rows,
		        shipper_counts(shipper).refused);
	if (shipper && !shipper_is_idle(shipper)) {
		fprintf(stderr, "fenceline: %" PRIu64 " bytes of rows wait in %s: ship again when the store is back\n",
		        spool_bytes(spool), options->spool);
		error = error ?: -EAGAIN;
	}
	shipper_free(shipper);
	spool_close(spool);
	rows_free(rows);
	return error;
}

int cmd_ship(int argc, char **argv)
{
	struct argp argp = { argp_options, parse_option, "URL INPUT...", doc, NULL, NULL, NULL };
	char host[256] = "", why[256];
	struct ship_options options = { .spool = SPOOL, .spool_mb = SPOOL_MB, .host = host };
	struct store_url url;
	struct store *store;
	int error;

	gethostname(host, sizeof host - 1);
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (store_url_parse(options.url, &url, why, sizeof why)) {
		fprintf(stderr, "fenceline: %s: %s\n", options.url, why);
		return EXIT_USAGE;
	}
	store = store_open(&url);
	explicit_bzero(&url, sizeof url);
	if (!store)
		return EXIT_FAILED;
	catch_signals();
	error = create(store, options.create);
	if (!error && (options.input_count || options.pages))
		error = ship(store, &options);
	store_close(store);
	return error ? EXIT_FAILED : EXIT_DONE;
}
