/* SPDX-License-Identifier: MIT */
#include "ingest/ctf_probe.h"
#include "ingest/ctf_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What metadata does to the library shows when it is opened and when the first events of each class are made. */
#define EVENTS_MAX 1000
/* Some damage is read for ever. */
#define CPU_SECONDS 10

/* Signals end it as if nobody had set a handler for them (a fuzzer does), without a word and leaving no core behind. */
static void die_quietly(void)
{
	static const int deadly[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGXCPU };
	struct rlimit core = { 0, 0 }, cpu = { CPU_SECONDS, CPU_SECONDS };
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &core);
	setrlimit(RLIMIT_CPU, &cpu);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
}

static void read_beginning(const char *folder)
{
	char *cause = NULL;
	struct ctf_reader *reader = ctf_reader_open(folder, false, &cause);

	for (int i = 0; reader && i < EVENTS_MAX && ctf_reader_next(reader, &cause) == 1; i++)
		;
	ctf_reader_close(reader);
}

int ctf_probe(const char *folder)
{
	pid_t pid;
	int status;

	ctf_graph_prepare(); /* once for both processes */
	pid = fork();
	if (!pid) {
		die_quietly();
		read_beginning(folder);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
