/* SPDX-License-Identifier: MIT */
/* One edit of one file, forth and back. The marks in the file are all that is remembered. */
#include "integrate/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MARK    "#fenceline#"
#define FILE_MARK    "# Written by `fenceline integrate"
#define BLOCK_BEGIN  "# begin fenceline, undone by `fenceline integrate --undo "
#define FILE_MADE    "the file was made for it"
#define BLOCK_MADE   " (" FILE_MADE "; " FOLDERS_MADE "0)"
#define FOLDERS_MADE "folders made: "
#define BLOCK_END    "# end fenceline\n"

/* ---- From text to text ---- */

static int is_ours(const char *text)
{
	return strstr(text, FILE_MARK) != NULL;
}

static int file_result(const struct edit *edit, enum edit_way way, const char *old, char **new)
{
	if (old && !is_ours(old))
		return way == EDIT_DO ? -EEXIST : (*new = strdup(old)) ? 0 : -ENOMEM;
	if (way == EDIT_UNDO)
		return 0;
	return (*new = strdup(edit->text)) ? 0 : -ENOMEM;
}

/* Others may have written above it since. */
static const char *find_block(const char *text)
{
	for (const char *line = text; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, BLOCK_BEGIN, strlen(BLOCK_BEGIN)))
			return line;
	return NULL;
}

static const char *end_of_block(const char *text)
{
	const char *end = strstr(text, BLOCK_END);

	return end ? end + strlen(BLOCK_END) : text;
}

static int block_result(const struct edit *edit, enum edit_way way, const char *old, char **new)
{
	const char *block = find_block(old), *rest = block ? end_of_block(block) : old ?: "";
	int made = !old || (block && memmem(block, strcspn(block, "\n"), FILE_MADE, strlen(FILE_MADE)));
	int above = block ? (int)(block - old) : 0;

	if (way == EDIT_UNDO && made && !above && !*rest)
		return 0;
	if (way == EDIT_UNDO)
		return asprintf(new, "%.*s%s", above, old ?: "", rest) < 0 ? -ENOMEM : 0;
	return asprintf(new, "%.*s" BLOCK_BEGIN "%s`%s\n%s" BLOCK_END "%s", above, old ?: "", edit->target,
	                made ? BLOCK_MADE : "", edit->text, rest) < 0
	               ? -ENOMEM
	               : 0;
}

static int lines_result(const struct edit *edit, enum edit_way way, const char *old, char **new)
{
	size_t size, mark = strlen(LINE_MARK);
	FILE *out;

	if (!old)
		return 0;
	out = open_memstream(new, &size);
	if (!out)
		return -ENOMEM;
	while (*old) {
		size_t length = strcspn(old, "\n");
		int marked = !strncmp(old, LINE_MARK, mark);

		if (way == EDIT_UNDO && marked)
			fwrite(old + mark, 1, length - mark, out);
		else
			fprintf(out, "%s%.*s", way == EDIT_DO && !marked && edit->matches(old, length) ? LINE_MARK : "",
			        (int)length, old);
		old += length;
		if (*old)
			fputc(*old++, out);
	}
	return fclose(out) ? -ENOMEM : 0;
}

int edit_result(const struct edit *edit, enum edit_way way, const char *old, char **new)
{
	*new = NULL;
	switch (edit->kind) {
	case EDIT_FILE:
		return file_result(edit, way, old, new);
	case EDIT_BLOCK:
		return block_result(edit, way, old, new);
	case EDIT_LINES:
		return lines_result(edit, way, old, new);
	}
	return -EINVAL;
}

/* ---- From file to file ---- */

char *edit_read(const char *root, const char *path)
{
	char full[PATH_MAX], *text = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *file;

	snprintf(full, sizeof full, "%s%s", root, path);
	file = fopen(full, "re");
	if (!file)
		return NULL;
	errno = 0;
	length = getdelim(&text, &size, '\0', file);
	if (length < 0 && !errno && (text = realloc(text, 1))) /* an empty file */
		*text = '\0';
	fclose(file);
	return text;
}

/* The folders of `path` that are not there. *made counts them, for the undoing. */
static int make_folders(const char *path, int *made)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!mkdir(folder, 0755))
			(*made)++;
		else if (errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* Beside it and renamed, so that nobody ever reads half of it. */
static int replace_file(const char *path, const char *text, mode_t mode)
{
	char beside[PATH_MAX + 16];
	struct stat st;
	int fd, status = 0;

	snprintf(beside, sizeof beside, "%s.fenceline-new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (!stat(path, &st)) {
		mode = st.st_mode & 07777;
		if (fchown(fd, st.st_uid, st.st_gid))
			status = -errno;
	}
	if (!status && (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode) || fsync(fd)))
		status = errno ? -errno : -EIO;
	if (close(fd) && !status)
		status = -errno;
	if (!status && rename(beside, path))
		status = -errno;
	if (status)
		unlink(beside);
	return status;
}

/* The number behind "folders made: " in the file that is about to go. */
static int folders_made(const char *text)
{
	const char *mark = strstr(text, FOLDERS_MADE);

	return mark ? atoi(mark + strlen(FOLDERS_MADE)) : 0;
}

static int remove_file(char *path, const char *old)
{
	int folders = folders_made(old);

	if (unlink(path))
		return -errno;
	for (char *slash; folders > 0 && (slash = strrchr(path, '/')); folders--) {
		*slash = '\0';
		if (rmdir(path))
			break; /* somebody else has put something there: the folder is theirs now */
	}
	return 0;
}

/* The text with the number of folders that this run has made; only a file that is made holds it. */
static void note_folders(char *text, int made)
{
	char *mark = strstr(text, FOLDERS_MADE "0");

	if (mark && made > 0 && made < 10)
		mark[strlen(FOLDERS_MADE)] = '0' + made;
}

static int edit_same(const struct edit *edit, const char *old, const char *new)
{
	char *copy;
	int equal;

	if (!old || !new)
		return !old && !new;
	if (edit->kind == EDIT_LINES)
		return !strcmp(old, new);
	copy = strdup(new);
	if (!copy)
		return 0;
	note_folders(copy, folders_made(old));
	equal = !strcmp(old, copy);
	free(copy);
	return equal;
}

int edit_apply(const struct edit *edit, enum edit_way way, const char *root)
{
	char full[PATH_MAX], *old = edit_read(root, edit->path), *new = NULL;
	int made = 0, status;

	if (!old && errno != ENOENT && errno != ENOTDIR)
		return -errno;
	snprintf(full, sizeof full, "%s%s", root, edit->path);
	status = edit_result(edit, way, old, &new);
	if (status || edit_same(edit, old, new))
		goto out;
	if (new) {
		status = make_folders(full, &made);
		if (edit->kind != EDIT_LINES)
			note_folders(new, old ? folders_made(old) : made);
		status = status ?: replace_file(full, new, edit->mode);
	} else {
		status = remove_file(full, old);
	}
	status = status ?: 1;
out:
	free(old);
	free(new);
	return status;
}

int edit_is_done(const struct edit *edit, const char *root)
{
	char *old = edit_read(root, edit->path), *new = NULL;
	int done = !edit_result(edit, EDIT_DO, old, &new) && edit_same(edit, old, new);

	free(old);
	free(new);
	return done;
}

int edit_is_ours(const struct edit *edit, const char *root)
{
	char *text = edit_read(root, edit->path);
	int ours = edit->kind == EDIT_FILE && text && is_ours(text);

	free(text);
	return ours;
}

/* ---- For a reader ---- */

static void show_lines(const struct edit *edit, const char *root, FILE *out)
{
	char *old = edit_read(root, edit->path);

	for (const char *line = old; line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		int length = strcspn(line, "\n");

		if (edit->matches(line, length))
			fprintf(out, "  -%.*s\n  +" LINE_MARK "%.*s\n", length, line, length, line);
	}
	free(old);
}

void edit_show(const struct edit *edit, const char *root, FILE *out)
{
	static const char *const to_do[] = { [EDIT_FILE] = "to be written",
		                             [EDIT_BLOCK] = "these lines come to its top",
		                             [EDIT_LINES] = "these lines are to be commented out" };
	static const char *const done[] = { [EDIT_FILE] = "is written already",
		                            [EDIT_BLOCK] = "has these lines already",
		                            [EDIT_LINES] = "has no line that would have to be commented out" };

	fprintf(out, "%s%s: %s\n", root, edit->path, edit_is_done(edit, root) ? done[edit->kind] : to_do[edit->kind]);
	if (edit->kind == EDIT_LINES)
		show_lines(edit, root, out);
	else
		for (const char *line = edit->text; *line; line += strcspn(line, "\n"), line += *line == '\n')
			fprintf(out, "  +%.*s\n", (int)strcspn(line, "\n"), line);
}

void edit_free(struct edit *edit)
{
	free(edit->path);
	free(edit->text);
}
