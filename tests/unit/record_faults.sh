#!/bin/bash
# SPDX-License-Identifier: MIT
# What `fenceline record daemon` outlives, without a cluster: its session daemon and LTTng's consumer killed, a VM killed right after
# its -108, its output taken away, itself ended and begun again, a hook that hangs. Each time the next fence is a folder, what was
# lost is a gap on its timeline, and what the old rings held is in it. And windows: opened by a command and by a snapshot, seen in the
# trace. The VMs are tests/fakes/emit.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 240 "$@"

daemon=''
start() { # OPTION...
	"$fenceline" record daemon --output "$PWD/out" "$@" 2> daemon.log & daemon=$!
	wait_until 10 "the daemon to record" records
}
records() { grep -q 'incidents come into' daemon.log && [ "$(lttng list 2> /dev/null | grep -c 'fenceline-')" = 2 ]; }
said() { grep -q "$1" daemon.log; }
wait_until() { # SECONDS WHAT CMD...
	local i seconds=$1 what=$2
	shift 2
	for ((i = 0; i < seconds * 10; i++)); do "$@" && return; sleep 0.1; done
	fail "not within $seconds s: $what: $(cat daemon.log)"
	return 1
}
folder_of() { ls -d out/incidents/2*"$1" 2> /dev/null | tail -1; } # VM
has_folder() { [ -n "$(folder_of "$1")" ]; }

# A VM that says who it is three times a second, and obeys: each line of vm.NAME.todo is emitted.
vm() { # NAME
	: > "vm.$1.todo"
	{
		echo "{\"page\":\"10.0.0.2:0/5$1\",\"vm\":\"vm$1\"}"
		echo '{"sleep_ms":1500}'
		tail -n +1 -f "vm.$1.todo" & trap 'kill $!' EXIT
		while :; do
			echo "{\"event\":\"state\",\"pid\":$1,\"global_id\":4$1,\"host\":\"compute1\",\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/5$1\",\"fsid\":\"f\",\"image\":1,\"pool\":\"vms\",\"name\":\"disk$1\",\"image_id\":\"abc$1\"}"
			sleep 0.3
		done
	} 2> /dev/null | "$build/bin/emit" "$provider" > "vm.$1.said" & pid_of[$1]=$!
	wait_until 15 "the ring of VM $1" in_ring "$1"
	sleep 0.5
}
declare -A pid_of
io() { # VM EVENT OFFSET RESULT
	echo "{\"event\":\"$2\",\"pid\":$1,\"global_id\":4$1,\"image\":1,\"op\":1,\"offset\":$3,\"length\":4096,\"result\":$4}"
}
tell() { # VM: and waits until it has obeyed
	{ cat; echo '{"print":"done"}'; } >> "vm.$1.todo"
	asked[$1]=$((${asked[$1]:-0} + 1))
	wait_until 10 "VM $1 to obey" has_said "$1" "${asked[$1]}"
}
has_said() { [ "$(grep -c 'done' "vm.$1.said")" -ge "$2" ]; }
declare -A asked
fenced() { # VM: what it tells when it is
	io "$1" io_error 4096 -108
	io "$1" io_eshutdown 4096 -108
	echo "{\"page\":\"10.0.0.2:0/5$1\",\"vm\":\"vm$1\",\"fenced\":true}"
}
in_ring() { [ -n "$(find /dev/shm/fenceline-rings/kept -path "*emit*-${pid_of[$1]}-*" -name incident_0 2> /dev/null)" ]; } # VM
events_of() { "$fenceline" timeline --format ndjson "$1" 2> /dev/null; }
gap_in() { events_of "$1" | jq -s -e --arg why "$2" 'any(.[]; .kind == "recording-gap" and .gap_ns > 1e9 and .gap_ns < 60e9 and (.text | contains($why)))' > /dev/null; }

# ---- windows ----
start
vm 1
"$fenceline" record window --before 2 --after 1 -- true 2> window.log || fail "record window: $(cat window.log)"
wait_until 10 "the window to be over" said 'the snapshot window is over'
echo '{"page":"10.0.0.2:0/51","vm":"vm1","snapshot":true}' | tell 1
wait_until 5 "a window of its own" said 'VM vm1 began a snapshot call'
io 1 io 8192 4096 | tell 1
sleep 1
fenced 1 | tell 1
wait_until 20 "the first VM's folder" has_folder vm1
folder=$(folder_of vm1)
events_of "$folder" | jq -s -e '[.[] | select(.kind == "window-begin") | .text] | length == 3 and any(.[]; contains("record window -- true")) and any(.[]; contains("vm1 began a snapshot call"))' > /dev/null ||
	fail "the windows in the trace are $(events_of "$folder" | grep window-)"
events_of "$folder" | grep -q '"kind":"io","' || fail "the window's I/O is not in the trace"
"$fenceline" timeline --window 2 --format ndjson "$folder" | jq -s -e 'any(.[]; .kind == "io") and ([.[] | select(.kind == "window-begin")] | length == 1)' > /dev/null ||
	fail "--window 2 shows $("$fenceline" timeline --window 2 "$folder")"
"$fenceline" timeline --window 1 --format ndjson "$folder" | jq -s -e 'all(.[]; .kind != "io") and ([.[] | select(.kind == "window-begin")] | length == 2)' > /dev/null ||
	fail "--window 1 shows $("$fenceline" timeline --window 1 "$folder")"
expect 1 "hold only these" "$fenceline" timeline --window 3 "$folder"
expect 2 "a time of its own" "$fenceline" timeline --window 1 --since -1m "$folder"
"$fenceline" timeline "$folder" | grep -A40 'VM vm1' | grep -q 'snapshot window opened' || fail "the VM's story has no window"

"$fenceline" record status --format json > status.json 2> /dev/null
jq -e '.other_sessions == 0 and any(.recordings[]; .session == "fenceline-fencers") and any(.recordings[]; .session == "fenceline-daemon" and .reach.rings == 1 and .reach.least_s > 60)' status.json > /dev/null ||
	fail "record status: $(jq -c '.recordings[] | [.session, .reach]' status.json)"
expect 0 "reaches back about" "$fenceline" record status

# ---- a VM is killed with its ring, before anybody looked ----
vm 2
fenced 2 | grep -v page | tell 2
kill -KILL "${pid_of[2]}"
# Its page never showed the fence: the command is what is noticed.
echo '{"event":"blocklist","pid":77,"global_id":77,"action":1,"op":"add","target":"10.0.0.2:0/52","expire_s":3600,"entry":4,"call":"rados_mon_command","thread":"x","by_address":"10.0.0.9:0/7","by_entity":"client.admin"}' |
	LTTNG_UST_REGISTER_TIMEOUT=1000 "$build/bin/emit" "$provider"
wait_until 25 "the killed VM's folder" has_folder vm2 &&
	jq -e '.incidents[0] | .failed_ios == 1 and .image.name == "disk2"' "$(folder_of vm2)/incidents.json" > /dev/null || fail "the killed VM's verdict is $(jq -c '.incidents[0] | {vm, image, failed_ios}' "$(folder_of vm2)/incidents.json")"

# ---- LTTng's daemons are killed ----
n=3
for victim in lttng-sessiond lttng-consumerd; do
	vm $n
	io $n io_error 77824 -5 | tell $n
	sleep 0.7
	kill -KILL "$(pgrep -o -f "^$victim|/$victim")"
	: > daemon.log.old; cat daemon.log >> daemon.log.old; : > daemon.log
	wait_until 20 "recording to begin anew after $victim was killed" said 'recording begins anew'
	wait_until 20 "the gap to be told" said 'nothing was recorded for'
	sleep 1
	fenced $n | tell $n
	wait_until 25 "a folder after $victim was killed" has_folder vm$n || break
	folder=$(folder_of vm$n)
	gap_in "$folder" 'the session daemon or its sessions were gone' || fail "$victim killed: no gap on the timeline: $(events_of "$folder" | grep gap)"
	events_of "$folder" | jq -s -e 'any(.[]; .kind == "io-error" and .offset == 77824)' > /dev/null || fail "$victim killed: what the old ring held is not in the folder"
	n=$((n + 1))
done

# ---- its output is taken away ----
rm -rf out
: > daemon.log
wait_until 20 "the loss of its folder to be noticed" said 'is gone'
vm $n
fenced $n | tell $n
wait_until 25 "a folder where there was none" has_folder vm$n
n=$((n + 1))

# ---- it ends and begins again; VMs from before are in ----
vm $n
kill $daemon
wait $daemon || fail "TERM: the daemon ended with $?"
[ ! -e /dev/shm/fenceline-rings ] || fail "the rings' second names are left"
sleep 4
start --on-incident 'if [ "$FENCELINE_VM" = vm'$n' ]; then touch hung; sleep 1000; fi; touch hook'
wait_until 20 "the time without a daemon to be told" said 'no record daemon ran'
fenced $n | tell $n
wait_until 25 "a folder after the daemon was started again" has_folder vm$n
gap_in "$(folder_of vm$n)" 'no record daemon ran' || fail "a daemon that was not there is no gap on the timeline"

# ---- a hook hangs: nobody waits for it ----
n=$((n + 1))
vm $n
fenced $n | tell $n
wait_until 15 "a folder while a hook hangs" has_folder vm$n
kill $daemon
wait $daemon || fail "TERM while a hook hangs: the daemon ended with $?"
[ "$(pgrep -c -f 'sleep 1000')" = 0 ] || fail "the hook that hangs lives on"
kill "${pid_of[@]}" 2> /dev/null
exit $failed
