/* SPDX-License-Identifier: MIT */
/* Running the command of `fenceline run`. */
#ifndef FENCELINE_RECORD_SUPERVISE_H
#define FENCELINE_RECORD_SUPERVISE_H

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
 */
void supervise_hold_signals(void);

/*
 * Run the command and wait for it, passing on INT, TERM, HUP, QUIT, USR1, USR2, WINCH, TSTP and CONT that somebody sends to us.
 * What the terminal sends (Ctrl-C) goes to the whole foreground group, so the command has it already. Returns its exit code, 128
 * + N if signal N ended it, 127 or 126 as supervise_exec.
 */
int supervise_run(char **argv);

#endif
