/* SPDX-License-Identifier: MIT */
#include "guard/preflight_options.h"
#include "guard/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_PROBE = 0x100, KEY_ID, KEY_TIMEOUT, KEY_DAEMON_PORT };

#define TIMEOUT_NS  INT64_C(5000000000)
#define DAEMON_PORT 9911

static const struct argp_option option_table[] = {
	{ "probe", KEY_PROBE, NULL, 0, "Also ask the lock's owner whether it would answer a lock request. It keeps the lock", 0 },
	{ "id", KEY_ID, "ID", 0, "Ask as client.ID (default: admin)", 0 },
	{ "conf", 'c', "FILE", 0, "Ceph's conf file (default: where Ceph looks for it)", 0 },
	{ "timeout", KEY_TIMEOUT, "D", 0, "The longest that a look may take: 500ms, 5s (the default), 1m", 0 },
	{ "daemon-port", KEY_DAEMON_PORT, "N", 0, "Port of the record daemon on the owner's host (default: 9911)", 0 },
	{ "format", 'f', "FORMAT", 0, "text (the default) or json", 0 },
	{ 0 },
};

bool duration_parse(const char *text, int64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ms", 1e6 }, { "s", 1e9 }, { "", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
	char *end;
	double number = strtod(text, &end);

	if (end == text || !(number >= 0 && number < 1e9))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(end, units[i].unit)) {
			*ns = (int64_t)(number * units[i].ns);
			return true;
		}
	return false;
}

int64_t duration_option(struct argp_state *state, const char *option, const char *text)
{
	int64_t ns = 0;

	if (!duration_parse(text, &ns) || ns > INT64_C(366) * 24 * 3600 * 1000000000)
		argp_error(state, "%s takes a duration such as 500ms, 5s, 2m or 1h, not '%s'", option, text);
	return ns;
}

static unsigned parse_port(struct argp_state *state, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (end == text || *end || port < 1 || port > 65535)
		argp_error(state, "--daemon-port takes a port, not '%s'", text);
	return (unsigned)port;
}

static error_t take_images(struct preflight_options *options, struct argp_state *state)
{
	options->count = (size_t)(state->argc - state->next);
	if (options->images_max && options->count > options->images_max)
		argp_error(state, "one image at a time");
	options->images = image_arguments(state, state->argv + state->next, options->count);
	return options->images ? 0 : ENOMEM;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct preflight_options *options = state->input;

	switch (key) {
	case KEY_PROBE:
		options->asker.probe = true;
		return 0;
	case KEY_ID:
		options->asker.cluster.id = strncmp(arg, "client.", 7) ? arg : arg + 7;
		return 0;
	case 'c':
		options->asker.cluster.conf = arg;
		return 0;
	case KEY_TIMEOUT:
		options->asker.cluster.timeout_ns = duration_option(state, "--timeout", arg);
		if (!options->asker.cluster.timeout_ns)
			argp_error(state, "--timeout must leave some time");
		return 0;
	case KEY_DAEMON_PORT:
		options->asker.daemon_port = parse_port(state, arg);
		return 0;
	case 'f':
		if (!strcmp(arg, "json"))
			options->format = FORMAT_JSON;
		else if (strcmp(arg, "text"))
			argp_error(state, "no format '%s'", arg);
		return 0;
	case ARGP_KEY_ARGS:
		return options->command ? take_images(options, state) : ARGP_ERR_UNKNOWN;
	case ARGP_KEY_NO_ARGS:
		if (options->command)
			argp_error(state, "no image; for example: %s volumes/vm1", options->command);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp preflight_argp = { option_table, parse_option, NULL, NULL, NULL, NULL, NULL };

void preflight_options_init(struct preflight_options *options)
{
	memset(options, 0, sizeof *options);
	options->asker.cluster.timeout_ns = TIMEOUT_NS;
	options->asker.daemon_port = DAEMON_PORT;
}

struct image_spec *image_arguments(struct argp_state *state, char **texts, size_t count)
{
	struct image_spec *specs = calloc(count ? count : 1, sizeof *specs);
	const char *why;

	for (size_t i = 0; specs && i < count; i++)
		if (!image_spec_parse(texts[i], &specs[i], &why))
			argp_error(state, "'%s': %s", texts[i], why);
	return specs;
}
