/* SPDX-License-Identifier: MIT */
#include "rados_completion.h"

#include "base/emit.h"
#include "base/hook.h"
#include "base/layout.h"
#include "base/peek.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define COMPLETION_WORDS 64 /* an AioCompletionImpl is 0x100 bytes or so; looking past its end is harmless, see read_words() */

typedef void (*callback_fn)(void *completion, void *arg);
typedef int (*create_fn)(void *arg, callback_fn complete, callback_fn safe, void **completion);
typedef int (*set_callback_fn)(void *const *completion, void *arg, callback_fn callback);

static set_callback_fn set_callback;
static int (*get_return_value)(void *completion);
static int callback_word = -1, arg_word = -1; /* index of each in an AioCompletionImpl; -1: not found */

/* An AioCompletionImpl's words; what is not mapped reads as zeros instead of a crash. */
static void read_words(const void *from, uintptr_t words[COMPLETION_WORDS])
{
	memset(words, 0, COMPLETION_WORDS * sizeof *words);
	peek_some(from, words, COMPLETION_WORDS * sizeof *words);
}

static int find_word(const uintptr_t *words, uintptr_t value)
{
	for (int i = 0; i < COMPLETION_WORDS; i++)
		if (words[i] == value)
			return i;
	return -1;
}

static void probe_callback_1(void *completion, void *arg)
{
	(void)completion, (void)arg;
}
static void probe_callback_2(void *completion, void *arg)
{
	(void)completion, (void)!arg;
}

/* Where librados keeps the callback and its argument: found with one pair of values, proven with another pair that
 * set_complete_callback puts in the same two places. */
static void probe_layout(void)
{
	create_fn create = (create_fn)library_symbol(LIB_RADOS, "rados_aio_create_completion");
	void (*release)(void *) = (void (*)(void *))library_symbol(LIB_RADOS, "rados_aio_release");
	uintptr_t words[COMPLETION_WORDS];
	static char arg_1, arg_2;
	void *completion = NULL;
	int callback_at, arg_at;

	set_callback = (set_callback_fn)library_symbol(LIB_RADOS,
	                                               "_ZN8librados7v14_2_013AioCompletion21set_complete_callbackEPvPFvS2_S2_E");
	get_return_value = (int (*)(void *))library_symbol(LIB_RADOS, "rados_aio_get_return_value");
	if (!create || !release || !set_callback || !get_return_value || !release_is_known((const void *)create) ||
	    create(&arg_1, probe_callback_1, NULL, &completion) < 0)
		return;
	read_words(completion, words);
	callback_at = find_word(words, (uintptr_t)probe_callback_1);
	arg_at = find_word(words, (uintptr_t)&arg_1);
	set_callback(&completion, &arg_2, probe_callback_2);
	read_words(completion, words);
	if (callback_at >= 0 && arg_at >= 0 && words[callback_at] == (uintptr_t)probe_callback_2 &&
	    words[arg_at] == (uintptr_t)&arg_2) {
		callback_word = callback_at;
		arg_word = arg_at;
	}
	release(completion);
}

static bool layout_known(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, probe_layout);
	return callback_word >= 0;
}

static void tapped(void *completion, void *arg)
{
	struct completion_tap *tap = arg;
	callback_fn callback = tap->callback;
	void *callback_arg = tap->callback_arg;
	int saved = errno;

	tap->done(tap, get_return_value(completion));
	errno = saved;
	if (callback)
		callback(completion, callback_arg);
}

bool completion_tap(void *completion, struct completion_tap *tap)
{
	const uintptr_t *words = completion;
	int saved = errno;
	/* of several copies' completions nobody can say whose this one is */
	bool known = completion && library_copies(LIB_RADOS) < 2 && layout_known();

	if (known) {
		tap->callback = (callback_fn)words[callback_word];
		tap->callback_arg = (void *)words[arg_word];
		set_callback(&completion, tap, tapped);
	}
	errno = saved;
	return known;
}

void completion_untap(void *completion, struct completion_tap *tap)
{
	int saved = errno;

	set_callback(&completion, tap->callback_arg, tap->callback);
	errno = saved;
}
