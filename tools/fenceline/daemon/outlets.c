/* SPDX-License-Identifier: MIT */
#include "daemon/outlets.h"
#include "daemon/say.h"
#include "daemon/shipping.h"
#include "metrics/alertmanager.h"
#include "metrics/http.h"
#include "run/now.h"

#include <stdlib.h>
#include <string.h>

#define TEXTFILE_TICKS 5 /* node_exporter is scraped every 15 s or more */

struct outlets {
	const struct daemon_options *options;
	const struct host *host;
	struct recorder_state recorder;
	struct http *http;
	struct alertmanager *alertmanager;
	struct shipping *shipping;
	unsigned ticks;
	int textfile_error; /* the last one that was said */
};

struct outlets *outlets_new(const struct daemon_options *options, const struct host *host)
{
	struct outlets *outlets = calloc(1, sizeof *outlets);
	char why[256];

	if (!outlets)
		return NULL;
	outlets->options = options;
	outlets->host = host;
	outlets->recorder.started_ns = epoch_ns();
	if (options->listen && http_start(options->listen, host, &outlets->recorder, &outlets->http, why, sizeof why))
		say("--listen=%s: %s", options->listen, why);
	if (options->alertmanager && alertmanager_start(options->alertmanager, &outlets->alertmanager, why, sizeof why))
		say("--alertmanager=%s: %s", options->alertmanager, why);
	outlets->shipping = shipping_new(options);
	return outlets;
}

void outlets_free(struct outlets *outlets)
{
	if (!outlets)
		return;
	if (outlets->http)
		http_stop(outlets->http);
	if (outlets->alertmanager)
		alertmanager_stop(outlets->alertmanager);
	shipping_free(outlets->shipping);
	free(outlets);
}

struct recorder_state *outlets_recorder(struct outlets *outlets)
{
	return &outlets->recorder;
}

static void write_textfile(struct outlets *outlets)
{
	int error = exposition_textfile(outlets->host, &outlets->recorder, outlets->options->textfile);

	if (error && error != outlets->textfile_error)
		say("cannot write the metrics into %s: %s", outlets->options->textfile, strerror(-error));
	outlets->textfile_error = error;
}

void outlets_tick(struct outlets *outlets)
{
	if (outlets->options->textfile && outlets->ticks++ % TEXTFILE_TICKS == 0)
		write_textfile(outlets);
	if (outlets->alertmanager)
		alertmanager_look(outlets->alertmanager, outlets->host);
	shipping_tick(outlets->shipping);
}

int outlets_fd(const struct outlets *outlets)
{
	return outlets->http ? http_fd(outlets->http) : -1;
}

int outlets_timeout_ms(const struct outlets *outlets)
{
	return outlets->http ? http_timeout_ms(outlets->http) : -1;
}

void outlets_serve(struct outlets *outlets)
{
	if (outlets->http)
		http_run(outlets->http);
}
