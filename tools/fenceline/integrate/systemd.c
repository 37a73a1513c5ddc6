/* SPDX-License-Identifier: MIT */
/* Reads what a unit sets, as far as LD_PRELOAD goes: systemd.exec(5), Environment= and EnvironmentFile=. */
#include "integrate/systemd.h"
#include "integrate/edit.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = { "/lib/systemd/system", "/usr/lib/systemd/system", "/run/systemd/system",
	                               "/etc/systemd/system" };

int systemd_has_unit(const char *root, const char *unit)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s%s/%s", root, folders[i], unit);
		if (!access(path, F_OK))
			return 1;
	}
	return 0;
}

/* The value behind `name=` in a line, up to a blank, or to the quote that opened before it. */
static int value_of(const char *line, size_t length, const char *name, char *value, size_t size)
{
	const char *at = memmem(line, length, name, strlen(name));
	size_t used;
	int quoted;

	if (!at)
		return 0;
	quoted = at > line && strchr("\"'", at[-1]) != NULL;
	at += strlen(name);
	used = quoted ? strcspn(at, "\"'\n") : strcspn(at, " \t\n");
	if (*at == '"' || *at == '\'') /* NAME="VALUE", as an EnvironmentFile may have it */
		used = strcspn(++at, "\"'\n");
	snprintf(value, size, "%.*s", (int)used, at);
	return 1;
}

/* Does the file, an EnvironmentFile, set LD_PRELOAD? */
static int environment_file_sets(const char *root, const char *path)
{
	char value[PATH_MAX], *text = edit_read(root, path);
	int sets = 0;

	for (const char *line = text; line && *line && !sets; line += strcspn(line, "\n"), line += *line == '\n')
		sets = !strncmp(line, "LD_PRELOAD=", 11) &&
		       value_of(line, strcspn(line, "\n"), "LD_PRELOAD=", value, sizeof value) && *value;
	free(text);
	return sets;
}

/* Returns 1 if an EnvironmentFile that the unit names sets LD_PRELOAD; its name is in `value` then. */
static int read_unit_file(const char *root, const char *path, char *value, size_t size)
{
	char *text = edit_read(root, path), file[PATH_MAX];
	int beaten = 0;

	for (const char *line = text; line && *line && !beaten; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t length = strcspn(line, "\n");

		if (!strncmp(line, "Environment=", 12))
			value_of(line, length, "LD_PRELOAD=", value, size);
		if (!strncmp(line, "EnvironmentFile=", 16) && value_of(line, length, "EnvironmentFile=", file, sizeof file) &&
		    environment_file_sets(root, file + (*file == '-'))) {
			snprintf(value, size, "%s", file + (*file == '-'));
			beaten = 1;
		}
	}
	free(text);
	return beaten;
}

int systemd_preload(const char *root, const char *unit, char *value, size_t size)
{
	char pattern[PATH_MAX];
	int beaten = 0;

	*value = '\0';
	for (size_t i = 0; i < sizeof folders / sizeof *folders && !beaten; i++) {
		glob_t found;

		snprintf(pattern, sizeof pattern, "%s/%s", folders[i], unit);
		beaten = read_unit_file(root, pattern, value, size);
		snprintf(pattern, sizeof pattern, "%s%s/%s.d/*.conf", root, folders[i], unit);
		if (glob(pattern, 0, NULL, &found))
			continue;
		for (size_t k = 0; k < found.gl_pathc && !beaten; k++)
			if (!strstr(found.gl_pathv[k], "/" DROP_IN))
				beaten = read_unit_file(root, found.gl_pathv[k] + strlen(root), value, size);
		globfree(&found);
	}
	return beaten;
}
