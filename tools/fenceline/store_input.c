/* SPDX-License-Identifier: MIT */
#include "store_input.h"
#include "run/now.h"
#include "when.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DAY_NS (86400 * NS_PER_S)

bool store_input_is(const char *input)
{
	return !strncmp(input, "clickhouse://", strlen("clickhouse://"));
}

/* A store has no end: times count from now. */
static void fix_times(struct report_options *options, int64_t *since_ns, int64_t *until_ns)
{
	int64_t now_ns = epoch_ns();

	if (options->since.kind == WHEN_UNBOUNDED) {
		fputs("fenceline: of a store the last 24 hours are read; --since says otherwise\n", stderr);
		options->since = (struct when){ .kind = WHEN_BEFORE_END, .ns = DAY_NS };
	}
	*since_ns = since_resolve(&options->since, now_ns - DAY_NS, now_ns);
	options->since = (struct when){ .kind = WHEN_ABSOLUTE, .ns = *since_ns };
	*until_ns = until_resolve(&options->until, *since_ns, now_ns - DAY_NS, now_ns);
	if (*until_ns != INT64_MAX)
		options->until = (struct when){ .kind = WHEN_ABSOLUTE, .ns = *until_ns };
	else
		*until_ns = now_ns + DAY_NS; /* a clock may be ahead */
}

static int store_copy(FILE *from, int to)
{
	static char block[64 * 1024];
	size_t n;

	while ((n = fread(block, 1, sizeof block, from)) > 0)
		for (size_t done = 0; done < n;) {
			ssize_t written = write(to, block + done, n - done);
			if (written < 0 && errno != EINTR)
				return -errno;
			done += written > 0 ? (size_t)written : 0;
		}
	return 0;
}

static int store_input_start(const char *url, const char *command, const struct report_options *options, int64_t since_ns,
                             int64_t until_ns, struct program_output *output)
{
	static char program[] = "fenceline", empty[] = "";
	char since[32], until[32];
	char *arguments[] = { program,
		              (char *)command,
		              (char *)url,
		              since,
		              until,
		              options->vm ? (char *)options->vm : empty,
		              options->image ? (char *)options->image : empty,
		              NULL };
	int error;

	snprintf(since, sizeof since, "%" PRId64, since_ns);
	snprintf(until, sizeof until, "%" PRId64, until_ns);
	error = program_open("fleet", arguments, output);
	if (error)
		fprintf(stderr, "fenceline: %s: the program fenceline-fleet, which reads stores, cannot be started: %s\n", url,
		        strerror(-error));
	return error;
}

int store_open_output(const char *url, const char *command, struct report_options *options, struct program_output *output)
{
	int64_t since_ns, until_ns;

	fix_times(options, &since_ns, &until_ns);
	return store_input_start(url, command, options, since_ns, until_ns, output);
}

static int store_fetch(const char *url, const struct report_options *options, int64_t since_ns, int64_t until_ns, int fd)
{
	struct program_output output;
	int error = store_input_start(url, "fetch", options, since_ns, until_ns, &output), code;

	if (error)
		return error;
	error = store_copy(output.stream, fd);
	code = program_close(&output);
	return error ? error : code ? -EIO : 0;
}

static int open_one(struct report_options *options, struct store_inputs *opened, size_t at, int64_t since_ns, int64_t until_ns)
{
	int fd = memfd_create("fenceline-store", MFD_CLOEXEC), error;
	char *path;

	if (fd < 0)
		return -errno;
	opened->fds[opened->fd_count++] = fd;
	error = store_fetch(options->inputs[at], options, since_ns, until_ns, fd);
	if (!error && asprintf(&path, "/proc/self/fd/%d", fd) < 0)
		error = -ENOMEM;
	if (!error) {
		free(opened->inputs[at]);
		opened->inputs[at] = path;
	}
	return error;
}

int store_inputs_open(struct report_options *options, struct store_inputs *opened)
{
	int64_t since_ns = 0, until_ns = 0;
	bool any = false;
	int error = 0;

	*opened = (struct store_inputs){ .count = options->input_count };
	for (size_t i = 0; i < options->input_count; i++)
		any |= store_input_is(options->inputs[i]);
	if (!any)
		return 0;
	opened->inputs = calloc(opened->count, sizeof *opened->inputs);
	opened->fds = calloc(opened->count, sizeof *opened->fds);
	if (!opened->inputs || !opened->fds)
		return -ENOMEM;
	fix_times(options, &since_ns, &until_ns);
	for (size_t i = 0; !error && i < opened->count; i++) {
		opened->inputs[i] = strdup(options->inputs[i]);
		if (!opened->inputs[i])
			error = -ENOMEM;
		else if (store_input_is(options->inputs[i]))
			error = open_one(options, opened, i, since_ns, until_ns);
	}
	options->inputs = opened->inputs;
	return error;
}

void store_inputs_close(struct store_inputs *opened)
{
	for (size_t i = 0; opened->inputs && i < opened->count; i++)
		free(opened->inputs[i]);
	for (size_t i = 0; i < opened->fd_count; i++)
		close(opened->fds[i]);
	free(opened->inputs);
	free(opened->fds);
}
