#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline timeline` and `fenceline incidents`: their options, exit codes, and what goes to which stream.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
fenceline=${FENCELINE_BUILD:-$root/build}/bin/fenceline
golden=$root/tests/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset COLUMNS NO_COLOR
export LC_ALL=C.UTF-8 TERM=xterm-256color
failed=0

fail() {
	echo "FAIL: $1"
	failed=1
}

# run WHAT EXPECTED-CODE ARGUMENTS…: leaves $work/out and $work/err
run() {
	local what=$1 expected=$2 code
	shift 2
	"$fenceline" "$@" >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq "$expected" ] || fail "$what: exit code $code, not $expected"
}

silent() { [ ! -s "$work/$2" ] || fail "$1: something on $2: $(head -1 "$work/$2")"; }
one_line() { [ "$(wc -l <"$work/err")" -eq 1 ] || fail "$1: not one line on stderr: $(cat "$work/err")"; }
says() { grep -qF -- "$2" "$work/${3:-out}" || fail "$1: does not say '$2'"; }
hides() { ! grep -qF -- "$2" "$work/out" || fail "$1: says '$2'"; }

cd "$golden/two-vms-one-fenced" || exit 1
inputs=(compute1.events compute2.events storage1.events ceph.audit.log)

for typo in incident incidnets inci Incidents; do
	run "$typo" 2 $typo compute1.events
	says "$typo" "no command '$typo'; did you mean \`incidents\`? \`fenceline help\` lists them" err
done
run "another word" 2 nosuch
says "another word" "no command 'nosuch'; \`fenceline help\` lists them" err
run "help of help" 0 help help
says "help of help" "Usage: fenceline COMMAND"
for command in timeline incidents; do
	run "$command without inputs" 2 $command
	silent "$command without inputs" out
	: > "$work/rotated.log"
	run "an empty log beside others" 0 $command "$work/rotated.log" "${inputs[@]}"
	says "an empty log beside others" "rotated.log: is empty" err
	run "empty logs alone" 1 $command "$work/rotated.log" "$work/rotated.log"
	run "a wrong option" 2 $command --no-such-option compute1.events
	silent "a wrong option" out
	run "a wrong format" 2 $command --format xml compute1.events
	run "a wrong time" 2 $command --since yesterday compute1.events
	run "a wrong zone" 2 $command --tz Mars compute1.events
	run "a wrong timeout" 2 $command --watch-timeout=-8 compute1.events
	run "a missing input" 1 $command no-such-file
	silent "a missing input" out
	one_line "a missing input"
	: >"$work/empty"
	run "an empty input" 1 $command "$work/empty"
	one_line "an empty input"
	run "$command --help" 0 $command --help
	says "$command --help" "Examples:"
	"$fenceline" $command "${inputs[@]}" >/dev/full 2>"$work/err"
	[ $? -eq 1 ] || fail "$command: a full disk is not noticed"
	"$fenceline" $command "${inputs[@]}" 2>"$work/err" | head -1 >/dev/null
	[ "${PIPESTATUS[0]}" -eq 0 ] || fail "$command: a closed pipe is a failure"
	silent "a closed pipe" err
	run "$command on good inputs" 0 $command "${inputs[@]}"
	silent "$command on good inputs" err
	! grep -q $'\033' "$work/out" || fail "$command colours what goes to a file"
done
run "no incidents as ndjson" 2 incidents --format ndjson compute1.events

run "an incident without --exit-code" 0 incidents "${inputs[@]}"
run "an incident with --exit-code" 3 incidents --exit-code "${inputs[@]}"
run "another VM's incident" 0 incidents --exit-code --vm vm2 "${inputs[@]}"
run "the VM's own incident" 3 incidents --exit-code --vm 4C9A3F6E-5A7D-4D2B-9A51-8D1F0C6F1E01 "${inputs[@]}"
for image in vm1 rbd/vm1 10226b8b4567; do
	run "the image's own incident, as $image" 3 incidents --exit-code --image $image "${inputs[@]}"
done
sed 's/"pool": "rbd"/"pool": "rbd", "nspace": "tenant"/' compute1.events >"$work/namespaced.events"
run "an image in a namespace" 0 timeline --image rbd/tenant/vm1 "$work/namespaced.events"
says "an image in a namespace" "image rbd/tenant/vm1"
run "an image in another namespace" 0 timeline --image rbd/vm1 "$work/namespaced.events"
says "an image in another namespace" "know no image 'rbd/vm1'" err
run "another image's incident" 0 incidents --exit-code --image rbd/vm2 "${inputs[@]}"
run "an incident before --since" 0 incidents --exit-code --since 2026-11-22T21:41:50Z "${inputs[@]}"
run "an incident after --since" 3 incidents --exit-code --since "2026-11-22 21:41" "${inputs[@]}"
run "an incident after --until" 0 incidents --exit-code --until 1795383690 "${inputs[@]}"
run "the zone of --since" 3 incidents --exit-code --tz +08:00 --since 2026-11-23T05:41:00 --until 2026-11-23T05:42:00 "${inputs[@]}"

# The inputs go from 21:41:00 to 21:41:59 UTC, the fence is at 21:41:37.400.
fenced() { run "$*" 3 incidents --exit-code "$@" "${inputs[@]}"; }
spared() { run "$*" 0 incidents --exit-code "$@" "${inputs[@]}"; }
fenced --since 21:41:30 --until 21:41:40
spared --since 21:41:38
spared --until 21:41:37
fenced --since 9:41 --until 21:41:38
fenced --tz +08:00 --since 05:41:30 --until 05:41:40
spared --tz Asia/Shanghai --since 05:41:30 --until 05:41:31
fenced --since 05:41:30+08:00
fenced --since -30s --until -20s
spared --since -20s
fenced --since +30 --until +10s
spared --since +30 --until +5s
fenced --until +0.7m
spared --until +36
spared --since now
fenced --since 2026-11-22 --until 2026-11-22T21:42
for thousand in '' 000 000000 000000000; do # seconds to nanoseconds
	fenced --since "1795383690$thousand"
	spared --since "1795383698$thousand"
done
run "--since before --until" 1 timeline --since -10s --until -20s "${inputs[@]}"
says "--since before --until" "is later than --until" err
for wrong in "" 25:00 10:61 10: +5x - + 2026-13-01 10-00; do
	run "--since=$wrong" 2 timeline "--since=$wrong" "${inputs[@]}"
	says "--since=$wrong" "is no time: give" err
done
run "no such image" 0 timeline --image nowhere "${inputs[@]}"
says "no such image" "know no image 'nowhere'; they know: " err

# Clocks: an offset moves all of a host's times, and one for a host that no input is of is a typing error.
for wrong in compute1 =3 compute1= compute1=fast compute1=1e99; do
	run "--clock-offset=$wrong" 2 timeline "--clock-offset=$wrong" "${inputs[@]}"
	says "--clock-offset=$wrong" "give HOST=SECONDS" err
done
for command in timeline incidents; do
	run "$command, an offset for nobody" 1 $command --clock-offset nowhere=3 "${inputs[@]}"
	silent "$command, an offset for nobody" out
	one_line "$command, an offset for nobody"
	says "$command, an offset for nobody" "no input is of a host 'nowhere'; there are: ceph.audit.log, compute1, compute2, storage1" err
	run "$command with offsets" 0 $command --clock-offset compute1=+3600 --clock-offset=storage1=3600 --clock-offset ceph.audit.log=3600 \
		--format json "${inputs[@]}"
	jq -e '[.clocks[] | [.host, .offset_ns, .from]] == [["ceph.audit.log", 3600000000000, "option"], ["compute1", 3600000000000, "option"],
		["storage1", 3600000000000, "option"]]' "$work/out" >/dev/null || fail "$command: the offsets are not told"
done
run "all hosts an hour later" 0 incidents --clock-offset compute1=3600 --clock-offset compute2=3600 --clock-offset storage1=3600 \
	--clock-offset ceph.audit.log=3600 --format json "${inputs[@]}"
"$fenceline" incidents --format json "${inputs[@]}" |
	jq -S '.incidents[] | del(.evidence) | [.. | numbers | select(. > 1.7e18)] | map(. + 3600000000000)' >"$work/hour"
jq -S '.incidents[] | del(.evidence) | [.. | numbers | select(. > 1.7e18)]' "$work/out" | cmp -s - "$work/hour" ||
	fail "--clock-offset does not move every time by the same"

run "--vm vm1" 0 timeline --vm vm1 "${inputs[@]}"
says "--vm vm1" "VM vm1"
hides "--vm vm1" "VM vm2"
run "--vm nobody" 0 timeline --vm nobody "${inputs[@]}"
says "--vm nobody" "know no VM 'nobody'; they know: vm1, vm2" err
run "--since -10s" 0 timeline --since -10s "${inputs[@]}"
hides "--since -10s" "image opened"
says "--since -10s" "VM vm2"

# Colour, on a terminal only, and not with NO_COLOR.
terminal() { # VARIABLES…
	script -qec "env $* $fenceline timeline ${inputs[*]}" /dev/null </dev/null 2>/dev/null
}
if command -v script >/dev/null; then
	terminal A=1 | grep -q $'\033\[' || fail "no colour on a terminal"
	terminal NO_COLOR=1 | grep -q $'\033\[' && fail "colour in spite of NO_COLOR"
	terminal TERM=dumb | grep -q $'\033\[' && fail "colour on a dumb terminal"
fi
LC_ALL=C "$fenceline" timeline "${inputs[@]}" | LC_ALL=C grep -q '[^ -~]' && fail "more than ASCII in the C locale"


# HTML: one file that asks the network for nothing, whatever the names in it are.
cd "$golden/hostile-names" || exit 1
run "html" 0 timeline --format html compute1.events storage1.events
[ "$(grep -o '<script' "$work/out" | wc -l)" -eq 2 ] || fail "html: a name opened a script element"
[ "$(grep -o '</script' "$work/out" | wc -l)" -eq 2 ] || fail "html: a name closed a script element"
grep -qE '(src|href)="?(https?:)?//|url\(|@import|fetch\(|XMLHttpRequest' "$work/out" && fail "html: it asks the network for something"
says "html" '\u003c/script>'

exit $failed
