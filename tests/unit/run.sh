#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline run`: the command runs as it would alone, under the shim; with --record a recording lives as long as it does.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 120 "$@"
shim=$(realpath "$build/lib/libfenceline.so")

leftovers()
{
	ps -e -o pid=,args= | grep -E 'lttng-(sessiond|consumerd)|sleep' | grep -v grep
	ls -d /run/fenceline 2> /dev/null
}

expect 0 "$shim" "$fenceline" run -- sh -c 'echo $LD_PRELOAD'
expect 0 "^$shim\$" "$fenceline" run -- "$fenceline" run -- sh -c 'echo "^$LD_PRELOAD\$"'
expect 0 "$shim:libnosuch.so" env LD_PRELOAD=libnosuch.so "$fenceline" run -- sh -c 'echo $LD_PRELOAD'
expect 0 "-x --record y" "$fenceline" run echo -x --record y
expect 7 "" "$fenceline" run -- sh -c 'exit 7'
expect 143 "" "$fenceline" run -- sh -c 'kill -TERM $$'
expect 127 "nosuch: command not found" "$fenceline" run -- nosuch
expect 126 "/etc/passwd: Permission denied" "$fenceline" run -- /etc/passwd
expect 2 "no command to run" "$fenceline" run
expect 2 "unrecognized option" "$fenceline" run --nosuch -- true
expect 2 "not 'half'" "$fenceline" run --profile half -- true
mkdir -p other/bin && cp "$fenceline" other/bin/
expect 1 "other/bin/../lib/libfenceline.so" other/bin/fenceline run -- true

# The dispatcher is libc alone; the programs behind it are found beside it, and a missing one is named with its package.
needed=$(readelf -d "$fenceline" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
case $needed in libc.so.*) ;; *) fail "fenceline itself needs $needed" ;; esac
expect 0 "  incidents " "$fenceline" help
expect 0 "Usage: fenceline incidents " "$fenceline" help incidents
expect 0 "Usage: fenceline incidents " "$fenceline" incidents -h
expect 0 "Usage: fenceline record daemon " "$fenceline" record daemon -h
expect 0 "Usage: fenceline run " "$fenceline" run -h
expect 0 "^-h\$" "$fenceline" run sh -c 'echo "^$0\$"' -h
expect 2 "no command 'nosuch'" "$fenceline" help nosuch
expect 0 "Not installed: incidents timeline snaps osds (package fenceline)" other/bin/fenceline help
expect 1 "\`incidents\` is in the program fenceline-read, which is not installed" other/bin/fenceline incidents x
expect 1 "install the package fenceline" other/bin/fenceline run --record x -- true
expect 2 "no command 'nosuch'" "$fenceline" nosuch
cp -r "$build/libexec" other/
mkdir -p elsewhere && ln -s "$PWD/other/bin/fenceline" elsewhere/fenceline
expect 2 "no INPUT given" elsewhere/fenceline timeline
expect 1 "looked for $PWD/other/bin/../lib/libfenceline.so" elsewhere/fenceline run --profile full -- true
expect 2 "a part of fenceline" other/libexec/fenceline/fenceline-read nosuch

# Without --record it is the command, in the same process, and no LTTng library is opened for it.
same=$(bash -c 'echo $$; exec "$0" run -- sh -c "echo \$\$"' "$fenceline" | uniq | wc -l)
[ "$same" = 1 ] || fail "fenceline run did not become the command"
LD_DEBUG=files LD_DEBUG_OUTPUT=/run/home/files "$fenceline" run -- true
grep -q 'file=libfenceline.so\|/libfenceline.so' files.* || fail "the shim was not loaded into true"
! grep -l 'lttng' files.* || fail "an LTTng library was opened for 'true'"

# CPU time, since this machine may be busy; the clock only tells that nobody waited for a session daemon.
cost() # prints the CPU milliseconds of one run, as the mean of 20
{
	( for i in $(seq 20); do "$@"; done; times ) | tail -n 1 |
		awk '{ gsub(/[ms]/, " "); printf "%.1f\n", ($1 * 60 + $2 + $3 * 60 + $4) * 1000 / 20 }'
}
began=$SECONDS
plain=$(cost env true)
without=$(cost "$fenceline" run -- env true)
lttng-sessiond --daemonize --no-kernel
with=$(cost "$fenceline" run -- env true)
kill "$(cat /run/lttng/lttng-sessiond.pid)"
echo "CPU of true: $plain ms; under fenceline run: $without ms without a session daemon, $with ms with one"
[ "${without%.*}" -lt $((${plain%.*} + 60)) ] && [ "${with%.*}" -lt $((${plain%.*} + 60)) ] || fail "fenceline run costs too much"
[ $((SECONDS - began)) -lt 40 ] || fail "60 runs of true took $((SECONDS - began)) s"
while [ -e "/proc/$(cat /run/lttng/lttng-sessiond.pid 2>/dev/null || echo none)" ]; do sleep 0.1; done

# --record: a recording as long as the command, its code, and nothing left.
echo '{"event":"ping_sent","pid":7,"repeat":10}' > ping
expect 0 "0 events discarded" "$fenceline" run --record one -- "$build/bin/emit" "$provider" < ping
[ "$(babeltrace2 one | grep -c ping_sent)" = 10 ] || fail "the first recording does not hold the 10 events"
expect 0 "0 events discarded" "$fenceline" run --record two --profile full -- "$build/bin/emit" "$provider" < ping
[ "$(babeltrace2 two | grep -c ping_sent)" = 10 ] || fail "the second recording does not hold the 10 events"
expect 9 "nothing recorded" "$fenceline" run --record three -- sh -c 'exit 9'
expect 127 "not found" "$fenceline" run --record four -- nosuch
expect 1 "two is not empty" "$fenceline" run --record two -- touch ran
[ ! -e ran ] || fail "the command ran though its recording could not begin"
left=$(leftovers)
[ -z "$left" ] || fail "left behind: $left"

# Signals: the command gets each one that is sent to fenceline, once.
cat > listen << 'X'
for s in INT TERM HUP QUIT USR1 USR2 WINCH CONT; do trap "echo $s >> got" $s; done
trap 'echo TSTP >> got; exit 5' TSTP
echo ready >> got
while :; do sleep 0.05; done
X
wait_for() # wait_for TEXT: until the last line of `got` is TEXT
{
	local i
	for i in $(seq 100); do
		[ "$(tail -n 1 got 2> /dev/null)" = "$1" ] && return
		sleep 0.05
	done
	fail "the command never got $1: $(cat got)"
}
env --default-signal=INT,QUIT "$fenceline" run --record signals -- bash listen 2> signals.log &
run=$!
wait_for ready
for s in INT TERM HUP QUIT USR1 USR2 WINCH; do
	kill -s $s $run
	wait_for $s
done
kill -s TSTP $run
wait_for TSTP
for i in $(seq 100); do
	grep -qs '^State:.*stopped' /proc/$run/status && break
	sleep 0.05
done
grep -q '^State:.*stopped' /proc/$run/status || fail "TSTP did not stop fenceline itself"
kill -s CONT $run
wait $run
code=$?
[ $code = 5 ] || fail "the command that got the signals ended with $code, not 5: $(cat signals.log)"
[ "$(sort got | uniq -d)" = "" ] || fail "passed on more than once: $(sort got | uniq -d)"

# Ctrl-C: the terminal sends it to both; passed on it would come twice.
rm got
python3 - "$fenceline" << 'X' || fail "Ctrl-C at a terminal: $(cat got)"
import os, pty, sys, time
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[1], ["fenceline", "run", "--record", "tty", "--", "bash", "-c",
        "trap 'echo INT >> got' INT; echo ready > got; for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done; exit 6"])
for i in range(200):
    if os.path.exists("got"):
        break
    time.sleep(0.05)
time.sleep(0.2)
os.write(fd, b"\x03")
try:
    while os.read(fd, 1000):
        pass
except OSError:
    pass
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
got = open("got").read()
if code != 6 or got != "ready\nINT\n":
    print("code", code, "got", got)
    sys.exit(1)
X
"$fenceline" run --record killed -- sleep 100 2> /dev/null &
run=$!
sleep 1.5
kill $run
wait $run
code=$?
[ $code = 143 ] || fail "a command ended by TERM gave $code, not 143"
left=$(leftovers)
[ -z "$left" ] || fail "left behind after signals: $left"
exit $failed
