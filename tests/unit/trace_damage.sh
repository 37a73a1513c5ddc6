#!/bin/bash
# SPDX-License-Identifier: MIT
# What the commands make of traces that are whole, of several traces at once, and of damaged ones: everything up to the damage
# is delivered, the other streams in full; the damage is said in one line each; a folder that is no trace is refused.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"
work=$PWD checks=0
mkdir tmp
export TMPDIR=$work/tmp
each=4000 # failed I/Os in each of two streams: several packets of 64 KiB

# One stream per processor and process; each process stays on a processor of its own.
record()
{
	lttng create t --output=$work/whole && lttng enable-channel -u ch --subbuf-size 64k --num-subbuf 8 &&
		lttng enable-event -u -c ch 'fenceline:*' && lttng start
	# shellcheck disable=SC2207 # numbers
	cpus=($(awk '/Cpus_allowed_list/ { gsub("[-,]", " "); print $2, $NF }' /proc/self/status))
	local process
	for process in 1 2; do
		printf '%s\n' \
			"{\"event\":\"state\",\"pid\":$process,\"global_id\":$process,\"host\":\"c1\",\"process\":\"qemu\",\"vm_name\":\"vm$process\",\"image\":1,\"pool\":\"rbd\",\"name\":\"disk$process\"}" \
			"{\"event\":\"io_error\",\"pid\":$process,\"global_id\":$process,\"image\":1,\"op\":1,\"length\":4096,\"result\":-5,\"repeat\":$each}" |
			taskset -c "${cpus[$((process - 1))]}" "$build/bin/emit" "$provider" || return 1
	done
	lttng destroy
}

# Reads the trace `damaged` (a fresh copy of the whole one after the change that $2 makes in its folder), and checks the exit
# code, the lines on stderr, and how many failed I/Os there are of each VM: "all", "some", "none".
expect()
{
	local what=$1 change=$2 code=$3 lines=$4 first=$5 second=$6 got count want vm
	checks=$((checks + 1))
	rm -rf damaged
	cp -r whole damaged
	(cd damaged/ust/uid/*/64-bit && eval "$change") || fail "$what: cannot be staged"
	timeout 60 "$build/bin/fenceline" timeline --format json damaged > out.json 2> err
	got=$?
	[ $got = "$code" ] || fail "$what: exit code $got, not $code: $(head -1 err)"
	[ "$(wc -l < err)" = "$lines" ] || fail "$what: $(wc -l < err) lines on stderr, not $lines: $(cat err)"
	grep -qv '^fenceline: damaged' err && fail "$what: a line names no path: $(cat err)"
	[ "$code" = 0 ] || return 0
	for vm in 1 2; do
		want=$first
		[ $vm = 2 ] && want=$second
		count=$(jq --arg vm vm$vm '[.vms[] | select(.vm.name == $vm) | .images[].events[] | select(.kind == "io-error")] | length' out.json)
		case $want in
		all) [ "$count" = $each ] ;;
		some) [ "$count" -gt 0 ] && [ "$count" -lt $each ] ;;
		none) [ "$count" = 0 ] ;;
		esac || fail "$what: $count failed I/Os of vm$vm, expected $want of $each"
	done
	[ -z "$(ls -A $TMPDIR)" ] || fail "$what: left behind: $(ls -A $TMPDIR)"
}

lttng-sessiond --daemonize --no-kernel || exit 1
for i in $(seq 50); do
	lttng list > /dev/null 2>&1 && break
	sleep 0.1
done
record > lttng.log 2>&1 || { cat lttng.log; exit 1; }
# shellcheck disable=SC2012
# shellcheck disable=SC2207 # names are LTTng's
streams=($(cd whole/ust/uid/*/64-bit && find . -name 'ch_*' -size +100k -printf '%f\n' | sort))
[ ${#streams[@]} = 2 ] || { echo "needs two processors: ${#streams[@]} streams with events"; exit 77; }
# The stream of vm1 first: which processor that was depends on the machine.
if ! grep -qa 'disk1' "whole/ust/uid/0/64-bit/${streams[0]}" 2> /dev/null; then
	streams=("${streams[1]}" "${streams[0]}")
fi
a=${streams[0]} b=${streams[1]}

expect "a whole trace" ":" 0 0 all all
expect "a cut packet" "truncate -s 100001 $a" 0 1 some all
expect "a cut packet, no index" "truncate -s 100001 $a; rm -r index" 0 1 some all
expect "a packet cut in its header" "truncate -s 65600 $b" 0 1 all some
expect "a stream cut in its first header" "truncate -s 30 $a" 0 1 none all
expect "an empty stream" "truncate -s 0 $a; rm -r index" 0 0 none all
expect "two cut streams" "truncate -s 100001 $a; truncate -s 70000 $b" 0 2 some some
expect "no packet where one should begin" "printf garbage! | dd of=$a bs=1 seek=65536 conv=notrunc 2> /dev/null" 0 1 some all
expect "garbage in a packet" "head -c 20000 /dev/zero | tr '\\0' '\\377' | dd of=$b bs=1 seek=66000 conv=notrunc 2> /dev/null" 0 1 all some
expect "a garbled index" "head -c 400 /dev/zero | tr '\\0' '\\377' > index/$a.idx" 0 0 all all
case $(head -c 1 whole/ust/uid/*/64-bit/metadata) in
$'\x1e') expect "metadata cut off" "truncate -s 6000 metadata" 1 2 - - ;; # CTF 2: the streams' class is gone, so all is
*) expect "metadata cut off" "truncate -s 6000 metadata" 0 3 none none ;;
esac
expect "empty metadata" "truncate -s 0 metadata" 1 1 - -
expect "metadata of noise" "printf '%5000s' x > metadata" 1 1 - -
if grep -qa '_global_id;' whole/ust/uid/*/64-bit/metadata; then # CTF 1.8, that is
	expect "a field named twice, over which libbabeltrace2 2.0 aborts" "LC_ALL=C sed -i '0,/_global_id;/s//_pid      ;/' metadata" 1 1 - -
	grep -q 'nothing can be read of this trace: .*; take another copy' err || fail "a field named twice: $(cat err)"
fi
expect "no metadata" "rm metadata" 1 1 - -
expect "no streams yet" "rm -r ch_* index" 0 0 none none

# The same trace by two names, or a copy of it, as overlapping snapshots of a flight recorder are: each event is there once.
cp -r whole copy
for inputs in "whole whole/ust ./whole" "whole copy"; do
	checks=$((checks + 1))
	# shellcheck disable=SC2086
	"$build/bin/fenceline" timeline --format json $inputs > twice.json 2> err || fail "$inputs: $(cat err)"
	count=$(jq '[.vms[].images[].events[] | select(.kind == "io-error")] | length' twice.json)
	[ "$count" = $((2 * each)) ] || fail "$inputs: $count failed I/Os, not $((2 * each))"
done

# A fence's folder, as the record daemon leaves it, with a log that was just rotated: the trace is read all the same.
checks=$((checks + 1))
mkdir -p incident/logs
cp -r whole incident/trace
touch incident/{incidents.json,timeline.txt,logs/a.log}
"$build/bin/fenceline" timeline --format json incident > incident.json 2> err || fail "an empty log in a fence's folder: $(cat err)"
grep -q '^fenceline: incident/logs/a.log: is empty;' err && [ "$(wc -l < err)" = 1 ] || fail "an empty log in a fence's folder: it is said so: $(cat err)"
count=$(jq '[.vms[].images[].events[] | select(.kind == "io-error")] | length' incident.json)
[ "$count" = $((2 * each)) ] || fail "an empty log in a fence's folder: $count failed I/Os, not $((2 * each))"

# The same trace of another host, whose clock is off: each event is there twice, once at the corrected time.
checks=$((checks + 1))
cp -r whole elsewhere
for metadata in elsewhere/ust/uid/*/64-bit/metadata; do
	LC_ALL=C sed -i 's/"hostname": "[^"]*"/"hostname": "elsewhere"/' "$metadata" # CTF 2
	if ! grep -qa '"elsewhere"' "$metadata"; then # CTF 1.8: in packets, which a longer name would break
		babeltrace2 --output-format=ctf-metadata "${metadata%/metadata}" | sed 's/hostname = "[^"]*"/hostname = "elsewhere"/' > text
		cp text "$metadata"
	fi
	grep -qa 'hostname.*"elsewhere"' "$metadata" || fail "a clock that is off: cannot be staged"
done
times='[inputs | select(.kind == "io-error") | .ts_ns]'
"$build/bin/fenceline" timeline --format ndjson whole | jq -nc "$times | . + map(. + 100000000) | sort" > expected
"$build/bin/fenceline" timeline --format ndjson --clock-offset elsewhere=0.1 whole elsewhere 2> err | jq -nc "$times" > apart
# jq counts in doubles: 256 ns are one step there.
jq -n --slurpfile a expected --slurpfile b apart '($a[0] | length) == ($b[0] | length) and all([$a[0], $b[0]] | transpose[]; .[0] - .[1] | fabs < 1000)' > same
[ "$(cat same)" = true ] && [ ! -s err ] || fail "a clock that is off: other times than expected: $(cat err)"

# ---- the processes that read ----

dying=$build/fakes/libreader-dies.so
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 # where this is a build with sanitizers
# Reads `whole` while readers die as $2 says (reader_dies.c): exit code 0, that many lines on stderr, one with these words, and
# this many failed I/Os of both VMs.
expect_readers()
{
	local what=$1 dies=$2 lines=$3 words=$4 least=$5 most=$6 count
	checks=$((checks + 1))
	rm -f once
	LD_PRELOAD=$dying READER_DIES=$dies FENCELINE_READERS=2 timeout 60 env --ignore-signal=CHLD "$build/bin/fenceline" timeline --format json whole > out.json 2> err ||
		fail "$what: exit code $?: $(cat err)"
	[ "$(wc -l < err)" = "$lines" ] || fail "$what: $(wc -l < err) lines on stderr, not $lines: $(cat err)"
	grep -q "$words" err || [ "$lines" = 0 ] || fail "$what: '$words' is not said: $(cat err)"
	count=$(jq '[.vms[].images[].events[] | select(.kind == "io-error")] | length' out.json)
	[ "$count" -ge "$least" ] && [ "$count" -le "$most" ] || fail "$what: $count failed I/Os, not $least to $most"
}

FENCELINE_READERS=1 "$build/bin/fenceline" timeline --format json whole > one.json
for readers in 2 3 16; do
	checks=$((checks + 1))
	FENCELINE_READERS=$readers "$build/bin/fenceline" timeline --format json whole | cmp - one.json || fail "$readers readers: other bytes than one"
done
both=$((2 * each))
expect_readers "a reader that is killed" 9:100:once 1 'the process that reads it ended (Killed)' $both $both
cmp out.json one.json || fail "a reader that is killed: other bytes"
expect_readers "both readers killed" 9:100 2 'the process that reads it ended (Killed)' $both $both
cmp out.json one.json || fail "both readers killed: other bytes"
expect_readers "a reader that aborts once" 6:100:once 0 '' $both $both
cmp out.json one.json || fail "a reader that aborts once: other bytes"
expect_readers "readers that always abort in a stream" 6:100 2 '/ch_[0-9]*: damaged: libbabeltrace2 ends over it (Aborted); read up to there' 1000 $((both - 1))
expect_readers "a reader stuck for ever" 24:100 2 'it reads for ever' 1000 $((both - 1))

# Interrupted while it reads a damaged trace: nothing is left behind, neither folder nor process.
for signal in INT TERM HUP; do
	checks=$((checks + 1))
	rm -rf damaged
	cp -r whole damaged
	truncate -s 100001 damaged/ust/uid/*/64-bit/"$a"
	# The reader stops itself half way.
	LD_PRELOAD=$dying READER_DIES=19:50 env --default-signal=INT "$build/bin/fenceline" timeline damaged > out 2> err &
	pid=$!
	for i in $(seq 100); do
		grep -qs '^State:.*stopped' /proc/[0-9]*/task/*/status && break
		sleep 0.1
	done
	[ -n "$(ls -A $TMPDIR)" ] || fail "SIG$signal: no temporary folder while a damaged trace is read"
	kill -s $signal $pid
	wait $pid 2> /dev/null
	[ $? = $((128 + $(kill -l $signal))) ] || fail "SIG$signal: exit code $?"
	[ -z "$(ls -A $TMPDIR)" ] || fail "SIG$signal: left behind: $(find $TMPDIR)"
	for i in $(seq 50); do
		grep -qsx fenceline-ctf /proc/[0-9]*/comm || break
		sleep 0.1
	done
	! grep -qsx fenceline-ctf /proc/[0-9]*/comm || fail "SIG$signal: a reader is left behind"
done

[ $failed = 0 ] && echo "$checks traces, each read as far as it is whole"
exit $failed
