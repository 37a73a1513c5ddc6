/* SPDX-License-Identifier: MIT */
#include "follow_recordings.h"
#include "run/now.h"
#include "run/programs.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How often the session daemon is asked whether the recording goes on. */
#define ASK_MS 2000
/* `record stop` first stops a session, then writes what is left of it, then ends it; somebody else may leave it stopped. */
#define STOPPED_MS 40000

/* Does one path lie in the other one, whichever? */
static bool recordings_overlap(const char *a, const char *b)
{
	size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return !strncmp(a, b, length) && (a[length] == '/' || b[length] == '/' || a[length] == b[length]);
}

static bool writes_into(const char *folder, const struct report_options *options)
{
	char output[PATH_MAX], input[PATH_MAX];

	if (!folder || *folder != '/' || !realpath(folder, output))
		return false;
	for (size_t i = 0; i < options->input_count; i++)
		if (realpath(options->inputs[i], input) && recordings_overlap(output, input))
			return true;
	return false;
}

static bool has_folder(const struct report_options *options)
{
	struct stat info;

	for (size_t i = 0; i < options->input_count; i++)
		if (!stat(options->inputs[i], &info) && S_ISDIR(info.st_mode))
			return true;
	return false;
}

void recordings_begin(struct recordings *recordings, const struct report_options *options)
{
	*recordings = (struct recordings){ .options = options, .cannot_tell = !has_folder(options) };
}

/* `record status`, owned by the caller; NULL if it cannot be had. */
static json_t *status_of_recordings(void)
{
	char *const arguments[] = { "fenceline", "record", "status", "--format", "json", NULL };
	struct program_output output;
	json_t *status;

	if (program_open("record", arguments, &output))
		return NULL;
	status = json_loadf(output.stream, 0, NULL);
	if (program_close(&output) != 0) {
		json_decref(status);
		return NULL;
	}
	return status;
}

void recordings_ask(struct recordings *recordings)
{
	json_t *status, *recording;
	bool running = false;
	size_t i;

	if (recordings->cannot_tell || (recordings->asked_ms && monotonic_ms() - recordings->asked_ms < ASK_MS))
		return;
	recordings->asked_ms = monotonic_ms();
	status = status_of_recordings();
	recordings->cannot_tell = !status;
	json_array_foreach(json_object_get(status, "recordings"), i, recording)
	{
		if (!writes_into(json_string_value(json_object_get(recording, "output")), recordings->options))
			continue;
		running = true;
		if (json_is_true(json_object_get(recording, "active")))
			recordings->active_ms = monotonic_ms();
	}
	recordings->known |= running && recordings->active_ms;
	if (recordings->known && status)
		recordings->ended = !running || monotonic_ms() - recordings->active_ms > STOPPED_MS;
	json_decref(status);
}
