/* SPDX-License-Identifier: MIT */
/* `fenceline snaps`: what snapshot churn has done to a pool, and what it costs an OSD to start. */
#include "render/style.h"
#include "run/commands.h"

#include "ingest/xalloc.h"
#include "snaps/inputs.h"
#include "snaps/report.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const struct snaps_renderer *renderer;
	bool simulate;
	struct cost_case cost;
	bool deletions_given;
	uint64_t snap_seq;
	char **pools; /* --pool, owned array of borrowed strings */
	size_t pool_count;
	char **inputs;
	size_t input_count;
};

enum option_key {
	KEY_FORMAT = 'f',
	KEY_POOL = 'p',
	KEY_SEQ = 's',
	KEY_SIMULATE = 256,
	KEY_EPOCHS,
	KEY_PGS,
	KEY_UPDATES,
	KEY_DELETIONS,
	KEY_THREADS
};

static const struct argp_option option_list[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0, "text (default), json (fenceline/snaps/1) or html (one file)", 0 },
	{ "pool", KEY_POOL, "POOL", 0, "Only this pool, by id or name; may be given several times", 0 },
	{ "snap-seq", KEY_SEQ, "N", 0, "The pool's snap_seq, where the input does not hold it (a bare set, a log line)", 0 },
	{ "simulate", KEY_SIMULATE, NULL, 0, "Run PGPool::update of 10.2.7, 12.2.10 and 14.2.21 on the set", 1 },
	{ "epochs", KEY_EPOCHS, "N", 0, "Maps that the OSD has to catch up with (default 10000)", 1 },
	{ "pgs", KEY_PGS, "P", 0, "Placement groups of the pool on the OSD (default 100)", 1 },
	{ "updates", KEY_UPDATES, "K", 0, "Epochs at which a snapshot was made or deleted (default: a tenth of the epochs)", 1 },
	{ "deletions", KEY_DELETIONS, "D", 0, "How many of the updates are deletions (default: half, a rotation)", 1 },
	{ "threads", KEY_THREADS, "T", 0,
	  "Threads of the OSD that walk placement groups (default 2: osd_peering_wq_threads of 10.2 and 12.2; 14 has 5 on a hard "
	  "disk, "
	  "16 on an SSD)",
	  1 },
	{ 0 },
};

static const char doc[] =
        "What deleted snapshots have left in each pool's removed_snaps, what made it so, and what it costs an OSD to start.\n\n"
        "INPUT is recognised by content, plain or compressed, as it was logged, dumped or pasted; - is stdin. It is OSD logs with "
        "PGPool::update lines, interval sets ([1~3,8~1,a~1]), `ceph osd dump`, `ceph osd pool ls detail`, `ceph report`, `ceph "
        "pg "
        "dump`, `ceph pg ls`, `ceph pg N query`, `ceph health detail` (text or JSON), ceph-dencoder dumps of OSDMap and "
        "OSDMap::Incremental, several in a row.\v"
        "Examples:\n"
        "  ceph osd dump | fenceline snaps -\n"
        "  fenceline snaps /var/log/ceph/ceph-osd.3.log.*.gz\n"
        "  fenceline snaps --simulate --epochs 20000 --pgs 120 osd-dump.json\n"
        "  fenceline snaps --format html osd-dump.json > snaps.html\n"
        "  echo '[1~3,8~1,a~1]' | fenceline snaps --snap-seq 10 -\n\n"
        "Exit codes: 0 done, 1 failed, 2 usage.";

static uint64_t snaps_number(struct argp_state *state, const char *option, const char *arg, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(arg, &end, 10);
	if (errno || *end || end == arg || *arg == '-' || value < least || value > most)
		argp_error(state, "%s: '%s' is not a number from %" PRIu64 " to %" PRIu64, option, arg, least, most);
	return value;
}

#define MANY UINT64_C(1000000000000)

static error_t parse_cost(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_SIMULATE:
		options->simulate = true;
		return 0;
	case KEY_EPOCHS:
		options->cost.epochs = snaps_number(state, "--epochs", arg, 1, MANY);
		return 0;
	case KEY_PGS:
		options->cost.pgs = snaps_number(state, "--pgs", arg, 1, MANY);
		return 0;
	case KEY_UPDATES:
		options->cost.updates = snaps_number(state, "--updates", arg, 0, MANY);
		return 0;
	case KEY_DELETIONS:
		options->cost.deletions = snaps_number(state, "--deletions", arg, 0, MANY);
		options->deletions_given = true;
		return 0;
	case KEY_THREADS:
		options->cost.threads = (unsigned int)snaps_number(state, "--threads", arg, 1, 4096);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void check_cost(struct options *options, struct argp_state *state)
{
	struct cost_case *cost = &options->cost;

	if (!options->simulate &&
	    (cost->epochs || cost->pgs || cost->updates != UINT64_MAX || options->deletions_given || cost->threads))
		argp_error(state, "--epochs, --pgs, --updates, --deletions and --threads belong to --simulate");
	if (!cost->epochs)
		cost->epochs = 10000;
	if (!cost->pgs)
		cost->pgs = 100;
	if (!cost->threads)
		cost->threads = 2;
	cost->cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (cost->updates == UINT64_MAX)
		cost->updates = cost->epochs / 10;
	if (!options->deletions_given)
		cost->deletions = cost->updates / 2;
	if (cost->updates > cost->epochs || cost->deletions > cost->updates)
		argp_error(state, "there cannot be more updates than epochs, nor more deletions than updates");
}

static void add_pool(struct options *options, char *name)
{
	XROOM(options->pools, options->pool_count)[options->pool_count] = name;
	options->pool_count++;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_FORMAT:
		options->renderer = snaps_renderer_find(arg);
		if (!options->renderer)
			argp_error(state, "--format: no format '%s'; there are text, json and html", arg);
		return 0;
	case KEY_POOL:
		add_pool(options, arg);
		return 0;
	case KEY_SEQ:
		options->snap_seq = snaps_number(state, "--snap-seq", arg, 1, UINT64_MAX - 1);
		return 0;
	case ARGP_KEY_ARGS:
		options->inputs = state->argv + state->next;
		options->input_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no INPUT given");
		return 0;
	case ARGP_KEY_END:
		check_cost(options, state);
		return 0;
	default:
		return parse_cost(key, arg, state);
	}
}

static bool is_wanted(const struct options *options, const struct snaps_pool *pool)
{
	char id[24];

	snprintf(id, sizeof id, "%" PRId64, pool->id);
	for (size_t i = 0; i < options->pool_count; i++)
		if (!strcmp(options->pools[i], id) || (pool->name && !strcmp(options->pools[i], pool->name)))
			return true;
	return !options->pool_count;
}

/* Takes the pools that were not asked for out of the account. False: one that was asked for is not there. */
static bool filter_pools(struct account *account, const struct options *options)
{
	struct snaps_pool **at = &account->pools;

	while (*at) {
		struct snaps_pool *pool = *at;

		if (is_wanted(options, pool)) {
			at = &pool->next;
			continue;
		}
		*at = pool->next;
		pool->next = NULL;
		account_free(&(struct account){ .pools = pool });
	}
	if (account->pools || !options->pool_count)
		return true;
	fprintf(stderr, "fenceline: no pool '%s' in these inputs\n", options->pools[0]);
	return false;
}

/* --snap-seq is for inputs that do not hold it. */
static void apply_snap_seq(struct account *account, const struct options *options)
{
	for (struct snaps_pool *pool = account->pools; options->snap_seq && pool; pool = pool->next) {
		uint64_t least = pool_snap_seq(pool);

		if (options->snap_seq < least)
			fprintf(stderr,
			        "fenceline: --snap-seq %" PRIu64 " is below the last removed id, %" PRIu64
			        "; the latter is taken for it\n",
			        options->snap_seq, least);
		else if (!pool->snap_seq)
			pool->snap_seq = options->snap_seq;
	}
}

static struct pool_cost *simulate(const struct account *account, const struct options *options)
{
	struct pool_cost *costs;
	size_t count = 0, i = 0;

	for (const struct snaps_pool *pool = account->pools; pool; pool = pool->next)
		count++;
	costs = xcalloc(count + 1, sizeof *costs);
	for (const struct snaps_pool *pool = account->pools; pool; pool = pool->next, i++)
		if (pool->removed.count)
			pool_cost_run(pool, &options->cost, &costs[i]);
	return costs;
}

static int snaps_report(struct account *account, const struct options *options)
{
	const struct render_style style = render_style_of(stdout);
	struct snaps_report out = { .account = account };
	struct pool_cost *costs = NULL;
	int ret;

	apply_snap_seq(account, options);
	if (!filter_pools(account, options))
		return EXIT_FAILED;
	if (options->simulate)
		costs = simulate(account, options);
	out.costs = costs;
	ret = options->renderer->print(&out, &style, stdout);
	if (fflush(stdout))
		ret = -EIO;
	if (ret)
		fprintf(stderr, "fenceline: cannot write the report: %s\n", strerror(-ret));
	free(costs);
	return ret ? EXIT_FAILED : EXIT_DONE;
}

int cmd_snaps(int argc, char **argv)
{
	const struct argp argp = { option_list, parse_option, "INPUT...", doc, NULL, NULL, NULL };
	struct options options = { .renderer = snaps_renderer_find("text"), .cost.updates = UINT64_MAX };
	struct account account = { 0 };
	int code = EXIT_FAILED;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!inputs_read(&account, options.inputs, options.input_count)) {
		account_finish(&account);
		code = snaps_report(&account, &options);
	}
	account_free(&account);
	free(options.pools);
	return code;
}
