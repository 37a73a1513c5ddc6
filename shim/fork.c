/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include "client.h"
#include "hook.h"
#include "image.h"
#include "io.h"
#include "libraries.h"
#include "process.h"
#include "provider_open.h"
#include "record_pool.h"
#include "sampler.h"
#include "status.h"
#include "thread.h"
#include "watch.h"

#include <pthread.h>

static void after_fork_child(void)
{
	process_after_fork();
	hook_after_fork_child();
	provider_after_fork_child();
	libraries_after_fork_child();
	thread_after_fork_child();
	record_pool_after_fork_child();
	io_after_fork_child();
	image_after_fork_child();
	client_after_fork_child();
	watch_after_fork_child();
	wire_after_fork_child();
	status_after_fork_child();
	sampler_after_fork_child();
}

static void register_handler(void)
{
	pthread_atfork(NULL, NULL, after_fork_child);
}

void fork_survive(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_handler);
}
