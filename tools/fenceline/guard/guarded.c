/* SPDX-License-Identifier: MIT */
#include "guard/guarded.h"
#include "guard/image.h"
#include "guard/report_text.h"
#include "run/commands.h"
#include "guard/bounded.h"
#include "guard/hold.h"
#include "guard/progress.h"
#include "run/now.h"
#include "run/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How old the last answer may be when the command is let go. */
#define FRESH_NS INT64_C(50000000)
/* How often the answer may be too old before we give up. */
#define STALE_MAX 50

static int signal_seen;

bool guard_interrupted(void)
{
	if (!signal_seen)
		signal_seen = supervise_signal_within(0);
	return signal_seen;
}

char **command_for(char **command, const char *image)
{
	size_t count = 0;
	char **made;

	while (command[count])
		count++;
	made = calloc(count + 1, sizeof *made);
	for (size_t i = 0; made && i < count; i++) {
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);
		const char *rest = command[i], *braces;

		if (!stream)
			break;
		while ((braces = strstr(rest, "{}"))) {
			fprintf(stream, "%.*s%s", (int)(braces - rest), rest, image);
			rest = braces + 2;
		}
		fputs(rest, stream);
		if (fclose(stream))
			break;
		made[i] = text;
	}
	if (made && (!count || made[count - 1]))
		return made;
	command_free(made);
	return NULL;
}

void command_free(char **command)
{
	for (size_t i = 0; command && command[i]; i++)
		free(command[i]);
	free(command);
}

static bool lets_run(enum verdict verdict)
{
	return verdict == VERDICT_SAFE || verdict == VERDICT_OWNER_DEAD;
}

/* The last look, with the command forked already. True once it runs; false if it is not to run now: guarded->verdict says why. */
static bool start_now(struct asker *asker, struct asked *asked, char **command, int out, struct guarded *guarded,
                      struct supervise_gate *gate)
{
	struct look before = guarded->before;
	int64_t started_ns;
	int status = supervise_fork(command, out, gate);

	if (status) {
		report_say("cannot run %s: %s", command[0], strerror(-status));
		guarded->outcome = OUTCOME_NOT_STARTED;
		guarded->exit_code = 126;
		return false;
	}
	asker_look_again(asker, asked, &before, &guarded->before);
	guarded->looks++;
	judge(&guarded->before, &guarded->verdict);
	if (!lets_run(guarded->verdict.verdict) || guard_interrupted() || guarded->before.probe_others_mute ||
	    monotonic_ns() - guarded->before.ended_ns > FRESH_NS) {
		supervise_call_off(gate);
		return false;
	}
	status = supervise_let_go(gate, guarded->before.ended_ns + FRESH_NS, &started_ns);
	guarded->window_ns = started_ns - guarded->before.ended_ns;
	if (!status)
		return true;
	if (status == -ETIME) /* we got the processor too late: look again */
		return false;
	if (status == -ENOENT && !strchr(command[0], '/'))
		report_say("%s: command not found", command[0]);
	else
		report_say("cannot run %s: %s", command[0], strerror(-status));
	guarded->outcome = OUTCOME_NOT_STARTED;
	guarded->exit_code = status == -ENOENT ? 127 : 126;
	return false;
}

enum owner_after guard_after(const struct look *before, const struct look *after, bool seen_fenced)
{
	bool owned = before->lock_state == LOCK_OWNED && before->watch == WATCH_THERE;

	if (seen_fenced || after->earlier_fenced)
		return AFTER_FENCED;
	if (!owned && !before->watchers.count)
		return AFTER_NOT_ASKED;
	if (after->fault.kind != FAULT_NONE)
		return AFTER_NOT_KNOWN;
	if (owned && after->earlier_watches)
		return after->probe == PROBE_MUTE && !strcmp(after->owner.address, before->owner.address) ? AFTER_MUTE
		                                                                                          : AFTER_LIVES;
	if (!after->earlier_known)
		return AFTER_NOT_KNOWN;
	return owned ? AFTER_UNWATCHED : AFTER_NOT_ASKED;
}

static int exit_code_of(const struct guarded *guarded)
{
	if (guarded->owner_after == AFTER_FENCED)
		return EXIT_INCIDENT;
	if (guarded->followed.ended)
		return verdict_exit_code(guarded->followed.verdict.verdict);
	return guarded->command_code;
}

static void run_and_follow(struct asker *asker, struct asked *asked, const struct guarded_options *options,
                           struct supervise_gate *gate, struct guarded *guarded)
{
	struct follow_options follow = { options->never_hold, options->wait_ns, gate->pid };
	struct follower *follower = follow_begin(asker, asked, &guarded->before, &follow);
	int64_t begun_ns = monotonic_ns();

	bounded_interrupt_by(NULL); /* signals are the command's now */
	guarded->command_code = supervise_wait(gate->pid);
	guarded->command_ns = monotonic_ns() - begun_ns;
	follow_end(follower, &guarded->followed);
	asker_look_after(asker, asked, &guarded->before, &guarded->after);
	judge(&guarded->after, &guarded->verdict_after);
	guarded->outcome = OUTCOME_RAN;
	guarded->owner_after = guard_after(&guarded->before, &guarded->after, guarded->followed.fenced);
	guarded->exit_code = exit_code_of(guarded);
	bounded_interrupt_by(guard_interrupted);
}

static bool ends_by_signal(struct guarded *guarded)
{
	if (!guard_interrupted())
		return false;
	guarded->outcome = OUTCOME_INTERRUPTED;
	guarded->signal = signal_seen;
	guarded->exit_code = 128 + signal_seen;
	return true;
}

/* The command was allowed, but by then the answer was too old. A machine that is so slow every time cannot keep what guard
 * promises. */
static bool is_too_slow(struct guarded *guarded, bool over)
{
	if (++guarded->stale < STALE_MAX && !over)
		return false;
	guarded->verdict.verdict = VERDICT_CANNOT_TELL;
	guarded->verdict.rule = "too-slow";
	snprintf(
	        guarded->verdict.text, sizeof guarded->verdict.text,
	        guarded->before.probe_others_mute
	                ? "another watcher of the image does not answer, so it cannot be told when the owner did (asked %u times)"
	                : "this machine is too slow: %u times the answer was older than 50 ms before the command could start",
	        guarded->stale);
	return true;
}

/* Is it to be given up? Else waits until the next look. */
static bool gives_up(struct guarded *guarded, const struct guarded_options *options, int64_t deadline_ns,
                     struct progress *progress)
{
	int64_t left_ns = deadline_ns - monotonic_ns();

	if (ends_by_signal(guarded))
		return true;
	if (guarded->before.fault.kind == FAULT_INPUT || guarded->before.fault.kind == FAULT_SETUP) {
		guarded->outcome = OUTCOME_MISTAKE;
		guarded->exit_code = EXIT_FAILED;
		return true;
	}
	if (lets_run(guarded->verdict.verdict) && !is_too_slow(guarded, left_ns <= 0 && guarded->stale > STALE_MAX / 2))
		return false; /* look again at once */
	if (!verdict_may_change(&guarded->verdict, &guarded->before) || left_ns <= 0) {
		guarded->outcome = OUTCOME_GAVE_UP;
		guarded->exit_code = verdict_exit_code(guarded->verdict.verdict);
		return true;
	}
	progress_tell(progress, &guarded->before, &guarded->verdict, left_ns);
	signal_seen = supervise_signal_within(left_ns < options->every_ns ? left_ns : options->every_ns);
	return ends_by_signal(guarded);
}

static void guard_until(struct asker *asker, struct asked *asked, char **command, const struct guarded_options *options,
                        struct guarded *guarded)
{
	int64_t begun_ns = monotonic_ns();
	struct progress progress = { 0 };
	struct supervise_gate gate;
	bool runs;

	do {
		asker_try_again(asker);
		asker_look(asker, asked, &guarded->before);
		guarded->looks++;
		judge(&guarded->before, &guarded->verdict);
		runs = lets_run(guarded->verdict.verdict) && !guard_interrupted() &&
		       start_now(asker, asked, command, options->out, guarded, &gate);
		guarded->waited_ns = monotonic_ns() - begun_ns;
	} while (!runs && guarded->outcome != OUTCOME_NOT_STARTED &&
	         !gives_up(guarded, options, begun_ns + options->wait_ns, &progress));
	progress_end(&progress);
	if (runs)
		run_and_follow(asker, asked, options, &gate, guarded);
}

void guard_image(struct asker *asker, const struct image_spec *spec, const struct guarded_options *options,
                 struct guarded *guarded)
{
	struct asked *asked = asker_image(asker, spec);
	char text[IMAGE_SPEC];
	char **command = command_for(options->command, image_spec_text(spec, text));

	hold_prepare();
	memset(guarded, 0, sizeof *guarded);
	guarded->outcome = OUTCOME_GAVE_UP;
	if (asked && command) {
		guard_until(asker, asked, command, options, guarded);
	} else {
		report_say("out of memory");
		guarded->outcome = OUTCOME_MISTAKE;
		guarded->exit_code = EXIT_FAILED;
	}
	command_free(command);
}
