/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into fenceline: a process that reads traces ends, as it does where libbabeltrace2 aborts or memory runs out, but at a
 * place of our choice. READER_DIES=SIGNAL:CALLS[:FILE]: at that many batches of messages; with FILE only the process
 * that makes that file first. Signal 0: it runs in circles.
 */
#include <babeltrace2/babeltrace.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static bool is_reader(void)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	return !strcmp(name, "fenceline-ctf");
}

bt_message_iterator_next_status bt_message_iterator_next(bt_message_iterator *iterator, bt_message_array_const *messages,
                                                         uint64_t *count)
{
	static bt_message_iterator_next_status (*next)(bt_message_iterator *, bt_message_array_const *, uint64_t *);
	static int calls;
	const char *how = getenv("READER_DIES");
	int number = 0, at = 0;
	char file[256] = "";

	if (!next)
		next = (bt_message_iterator_next_status(*)(bt_message_iterator *, bt_message_array_const *, uint64_t *))dlsym(
		        RTLD_NEXT, "bt_message_iterator_next");
	if (how && sscanf(how, "%d:%d:%255s", &number, &at, file) >= 2 && is_reader() && ++calls == at &&
	    (!*file || open(file, O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0))
		do
			raise(number);
		while (!number);
	return next(iterator, messages, count);
}
