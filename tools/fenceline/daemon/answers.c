/* SPDX-License-Identifier: MIT */
#include "daemon/answers.h"
#include "daemon/say.h"
#include "record/patience.h"

#include <lttng/lttng.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASK_MS 3000

static pid_t waiting; /* the process that waits for its answer; 0: it is not silent */

static void answers_question(void)
{
	struct lttng_session *list = NULL;

	if (lttng_list_sessions(&list) >= 0)
		free(list);
}

static void wait_for_answer(void)
{
	pid_t parent = getpid();

	say("LTTng's session daemon does not answer: who is recorded goes on being recorded, nobody else is");
	waiting = fork();
	if (waiting)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		answers_question();
	_exit(0);
}

bool answers_is_silent(void)
{
	int status;

	if (waiting > 0 && waitpid(waiting, &status, WNOHANG) == 0)
		return true;
	if (waiting)
		say("LTTng's session daemon answers again");
	waiting = 0; /* also if there was no process to be had: it is asked again */
	return false;
}

bool answers_ask(void)
{
	if (answers_is_silent())
		return false;
	patience_begin(ASK_MS);
	answers_question();
	return answers_end();
}

bool answers_begin(int ms)
{
	if (!answers_ask())
		return false;
	patience_begin(ms);
	return true;
}

bool answers_end(void)
{
	bool in_time = patience_end();

	if (!in_time && !waiting)
		wait_for_answer();
	return in_time;
}
