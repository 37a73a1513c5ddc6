/* SPDX-License-Identifier: MIT */
#include "saved_list.h"
#include "run/commands.h"
#include "render/escape.h"
#include "saved/saved.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct listing {
	const char *vm; /* --vm; NULL: all */
	json_t *json;   /* an array; NULL: text */
	int count;
};

static void print_text(const char *path, const struct verdict *verdict)
{
	const char *who = *verdict->vm ? verdict->vm : verdict->address;
	char when[32] = "-", *shown = escape_terminal(who, false), *folder = escape_terminal(path, false);
	time_t seconds = verdict->at_ns / 1000000000;
	struct tm tm;

	if (verdict->at_ns)
		strftime(when, sizeof when, "%F %TZ", gmtime_r(&seconds, &tm));
	printf("%-21s %-24s %-20s %-9s %s\n", when, shown ? shown : "", verdict->cause,
	       *verdict->confidence ? verdict->confidence : "near miss", folder ? folder : "");
	free(shown);
	free(folder);
}

static void saved_tell(struct listing *listing, const char *path)
{
	struct verdict verdict;

	if (verdict_read(path, &verdict)) {
		warnx("%s has no incidents.json that can be read", path);
		return;
	}
	if (!listing->vm || !strcmp(listing->vm, verdict.vm) || !strcmp(listing->vm, verdict.uuid)) {
		listing->count++;
		if (listing->json)
			json_array_append_new(listing->json, json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "path", path,
			                                               "ts_ns", (json_int_t)verdict.at_ns, "vm", verdict.vm,
			                                               "uuid", verdict.uuid, "client", verdict.address, "cause",
			                                               verdict.cause, "confidence", verdict.confidence));
		else
			print_text(path, &verdict);
	}
	verdict_free(&verdict);
}

/* DIR, or DIR/incidents itself. 0 or -errno, said. */
static int list_folder(struct listing *listing, const char *folder)
{
	char incidents[PATH_MAX], path[PATH_MAX], **names;
	struct stat st;
	int count;

	if ((size_t)snprintf(incidents, sizeof incidents, "%s/incidents", folder) >= sizeof incidents)
		return -ENAMETOOLONG;
	if (stat(incidents, &st) && !stat(folder, &st))
		snprintf(incidents, sizeof incidents, "%s", folder);
	count = saved_list(incidents, &names);
	if (count < 0) {
		warnx("%s: %s; if the record daemon's --output is another folder, name it", incidents, strerror(-count));
		return count;
	}
	for (int i = 0; i < count; i++)
		if ((size_t)snprintf(path, sizeof path, "%s/%s", incidents, names[i]) < sizeof path)
			saved_tell(listing, path);
	saved_free(names, count);
	return 0;
}

int saved_print(const struct report_options *options, bool exit_code)
{
	struct listing listing = { .vm = options->vm };
	int error = 0;

	if (!strcmp(options->renderer->format, "json"))
		listing.json = json_array();
	for (size_t i = 0; !error && i < options->input_count; i++)
		error = list_folder(&listing, options->inputs[i]);
	if (!options->input_count)
		error = list_folder(&listing, SAVED_FOLDER);
	if (listing.json) {
		json_t *root = json_pack("{s:s, s:o}", "schema", "fenceline/saved/1", "folders", listing.json);
		if (!error && (json_dumpf(root, stdout, JSON_INDENT(2)) || putchar('\n') == EOF))
			error = -EIO;
		json_decref(root);
	} else if (!error && !listing.count) {
		puts("No incident was saved.");
	}
	if (error)
		return EXIT_FAILED;
	return exit_code && listing.count ? EXIT_INCIDENT : EXIT_DONE;
}
