/* SPDX-License-Identifier: MIT */
/* Running the command of `fenceline run`. */
#ifndef FENCELINE_RECORD_SUPERVISE_H
#define FENCELINE_RECORD_SUPERVISE_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Set this process's environment so that `command`, which it is about to become or to start, runs under the shim at `shim`:
 * LD_PRELOAD, and for a QEMU system emulator LTTNG_UST_REGISTER_TIMEOUT=FL_REGISTER_TIMEOUT_MS unless the user has set it, since
 * a VM must not wait long for a session daemon; short-lived commands keep LTTng's 3 s, or they would end before their events are
 * enabled. Returns 0 or -ENOMEM.
 */
int supervise_environment(const char *command, const char *shim);

/* The same with the shim of this installation. Returns 0, or -errno with the reason on stderr. */
int supervise_under_shim(const char *command);

/* 1 if `command` names a QEMU system emulator: qemu-system-*, qemu-kvm or kvm. */
int supervise_is_qemu_system(const char *command);

/* Become the command. Returns only if that fails: 127 if there is none of that name, else 126, the reason said. */
int supervise_exec(char **argv);

/*
 * Block the signals that supervise_wait passes on, so that none gets lost between here and there; the command gets the old mask.
 * Before the first thread is started.
 */
void supervise_hold_signals(void);

/*
 * A command that is forked and waits for the word: what is to be known as late as possible can then be asked while everything
 * else is done. Between the word and the exec there is nothing but the scheduler.
 */
struct supervise_gate {
	pid_t pid;
	int word, started; /* pipes' ends */
};
/* Fork the command; its stdout becomes `out` if that is not -1. Returns 0 or -errno. */
int supervise_fork(char **argv, int out, struct supervise_gate *gate);
/* Let it start, if that is before deadline_ns (CLOCK_MONOTONIC): it looks itself, just before its exec, at *at_ns. Returns 0 once
 * it has started; -ETIME if it was too late; or -errno of the exec that failed. Then it has ended and been waited for. */
int supervise_let_go(struct supervise_gate *gate, int64_t deadline_ns, int64_t *at_ns);
/* Let it end without having started, and wait for that. */
void supervise_call_off(struct supervise_gate *gate);

/*
 * Wait for the command, passing on INT, TERM, HUP, QUIT, USR1, USR2, WINCH, TSTP and CONT that somebody sends to us. What the
 * terminal sends (Ctrl-C) goes to the whole foreground group, so the command has it already. Returns its exit code, or 128 + N if
 * signal N ended it.
 */
int supervise_wait(pid_t child);

/* If one of the signals that end a program (INT, TERM, HUP, QUIT) has come since supervise_hold_signals, and is not ignored: its
 * number, else 0. TSTP, if it has come, is done as it asks. Waits up to timeout_ns for one. */
int supervise_signal_within(int64_t timeout_ns);

/* Run the command and wait for it. Returns as supervise_wait, or 127 or 126 as supervise_exec; 128 + N, which is said, if such a
 * signal has come before: then it does not run. */
int supervise_run(char **argv);

#endif
