/* SPDX-License-Identifier: MIT */
/* Where the programs behind the dispatcher are. */
#include "run/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int self_dir(char *path, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (length < 0)
		return -errno;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return 0;
}

/* `from`/`relative`, if a program of that name is there; links resolved. */
static int find_in(const char *from, const char *relative, const char *name, char *path, size_t size)
{
	char candidate[PATH_MAX * 2], resolved[PATH_MAX];

	snprintf(candidate, sizeof candidate, "%s/%s/%s", from, relative, name);
	if (!realpath(candidate, resolved) || access(resolved, X_OK))
		return -ENOENT;
	return (size_t)snprintf(path, size, "%s", resolved) < size ? 0 : -ENAMETOOLONG;
}

int programs_bin_dir(char *path, size_t size)
{
	static const char *const places[] = { ".", "../../bin", FENCELINE_BIN_FROM_LIBEXEC };
	char self[PATH_MAX];
	int status = self_dir(self, sizeof self);

	if (status)
		return status;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!find_in(self, places[i], "fenceline", path, size)) {
			*strrchr(path, '/') = '\0';
			return 0;
		}
	return (size_t)snprintf(path, size, "%s", self) < size ? 0 : -ENAMETOOLONG; /* the dispatcher by another name */
}

int programs_find(const char *name, char *path, size_t size)
{
	static const char *const places[] = { "../libexec/fenceline", FENCELINE_LIBEXEC_FROM_BIN };
	char self[PATH_MAX], program[64];
	int status = programs_bin_dir(self, sizeof self);

	if (status)
		return status;
	snprintf(program, sizeof program, "fenceline-%s", name);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (!find_in(self, places[i], program, path, size))
			return 0;
	snprintf(path, size, "%s/%s/%s", self, places[0], program);
	return -ENOENT;
}

extern char **environ;

int program_open(const char *name, char *const arguments[], struct program_output *output)
{
	posix_spawn_file_actions_t actions;
	char path[PATH_MAX];
	int ends[2], status = programs_find(name, path, sizeof path);

	if (status)
		return status;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	status = -posix_spawn(&output->pid, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	output->stream = status ? NULL : fdopen(ends[0], "re");
	if (!output->stream)
		close(ends[0]);
	return status;
}

int program_close(struct program_output *output)
{
	int status;

	if (output->stream)
		fclose(output->stream);
	while (waitpid(output->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
