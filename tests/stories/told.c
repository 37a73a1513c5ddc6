/* SPDX-License-Identifier: MIT */
/*
 * What fenceline tells of many inputs, without a start of the program for each: reads lines from stdin and forks once a line, so
 * that each is told by a process of its own that has nothing left of another.
 *
 * A line: FOLDER, OUTPUT, COMMAND and its arguments, with tabs between. The command runs in FOLDER, its stdout goes to OUTPUT,
 * its stderr to OUTPUT.err. Its exit code, or minus the signal, is the line printed.
 */
#include "program.h"
#include "run/commands.h"

#include <argp.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 256

static void to_file(const char *path, const char *suffix, int fd)
{
	char name[4096];
	int file;

	snprintf(name, sizeof name, "%s%s", path, suffix);
	file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file < 0 || dup2(file, fd) < 0)
		err(EXIT_FAILED, "%s", name);
}

static _Noreturn void tell(char **words, int count)
{
	static const struct command commands[] = { COMMANDS_READ(COMMAND_ROW) };
	char program[] = "fenceline";

	to_file(words[1], "", STDOUT_FILENO);
	to_file(words[1], ".err", STDERR_FILENO);
	if (chdir(words[0]))
		err(EXIT_FAILED, "%s", words[0]);
	words[1] = program;
	exit(program_main(commands, sizeof commands / sizeof *commands, count - 1, words + 1));
}

static int split(char *line, char **words)
{
	int count = 0;

	line[strcspn(line, "\n")] = 0;
	for (char *word; (word = strsep(&line, "\t")) && count < WORDS_MAX;)
		words[count++] = word;
	words[count] = NULL;
	return count;
}

int main(void)
{
	char *line = NULL, *words[WORDS_MAX + 1];
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		int status = 0, count = split(line, words);
		pid_t child = count < 3 ? -1 : fork();

		if (child == 0)
			tell(words, count);
		if (child < 0 || waitpid(child, &status, 0) < 0)
			err(EXIT_FAILED, "cannot tell of %s", words[0]);
		printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
		fflush(stdout);
	}
	free(line);
	return EXIT_DONE;
}
