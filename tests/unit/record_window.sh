#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline record window` at a signal, without a daemon: before its command nothing runs any more, after it the window is closed at once.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 60 "$@"

ctrl_c() { # SECONDS CMD...: on a terminal, which sends the signal
	python3 -c '
import os, pty, sys, time
child, terminal = pty.fork()
if not child:
    os.execv(sys.argv[2], sys.argv[2:])
time.sleep(float(sys.argv[1]))
os.write(terminal, b"\x03")
try:
    while text := os.read(terminal, 4096):
        os.write(1, text)
except OSError:
    pass
sys.exit(os.WEXITSTATUS(os.waitpid(child, 0)[1]))' "$@"
}

closed() { # WHAT MOST: after MOST seconds at most, and nothing is asked of the daemon any more
	[ $SECONDS -lt "$2" ] || fail "$1: it went on for $SECONDS s"
	[ -z "$(ls /run/fenceline-windows)" ] || fail "$1: the window is still asked for"
	[ ! -e ran ] || fail "$1: the command ran"
}

SECONDS=0
expect 130 "touch did not run" ctrl_c 1 "$fenceline" record window --before 30 --after 0 -- touch ran
closed "Ctrl-C before the command" 20

SECONDS=0
expect 143 "touch did not run" timeout --preserve-status -s TERM 1 "$fenceline" record window --before 30 --after 0 -- touch ran
closed "TERM before the command" 20

SECONDS=0
expect 7 "" timeout --preserve-status -s TERM 2 "$fenceline" record window --before 0 --after 40 -- sh -c 'exit 7'
closed "TERM after the command" 30

# What nohup lets it ignore it ignores.
expect 0 "it ran" timeout --preserve-status -s HUP 1 sh -c 'trap "" HUP; exec "$@"' sh "$fenceline" record window --before 2 --after 0 -- echo "it ran"
exit $failed
