#!/bin/bash
# SPDX-License-Identifier: MIT
# What `fenceline record daemon` outlives, without a cluster: its session daemon and LTTng's consumer killed, one that stands still, one
# begun anew as an upgrade does, an admin's `lttng list` and `lttng destroy`, a VM killed right after its -108, its output taken away, itself
# ended and begun again, a hook that hangs. Each time the next fence is a folder, what was lost is a gap on its timeline, and what the
# old rings held is in it. And windows: opened by a command, by a snapshot and by a peer that asks for the lock, seen in the trace.
# The VMs are tests/fakes/emit.
set -u
parts='windows peer killed hung files_gone upgraded restarted'
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 540 "$@"
# shellcheck source=../lib/record_daemon.sh
. "$root/tests/lib/record_daemon.sh"

events_of() { "$fenceline" timeline --format ndjson "$1" 2> /dev/null; }
gap_in() { events_of "$1" | jq -s -e --arg why "$2" 'any(.[]; .kind == "recording-gap" and .gap_ns > 1e9 and .gap_ns < 600e9 and (.text | contains($why)))' > /dev/null; }
holds_error_at() { events_of "$1" | jq -s -e --argjson at "$2" 'any(.[]; .kind == "io-error" and .offset == $at)' > /dev/null; } # FOLDER OFFSET
has_folder_after() { # VM WHAT: it is fenced now
	fenced "$1" | tell "$1"
	wait_until 60 "a folder after $2" has_folder "vm$1"
}
metrics_say() { curl -s http://127.0.0.1:9911/metrics | grep -qx "$1"; }
window_over() { [ "$(grep -c 'the snapshot window is over' daemon.log)" = "$1" ]; }
# VM WHAT: after something ended the recording, it begins anew, its gap is told, the next fence is a folder, with what the old ring held.
begins_anew() {
	wait_until 60 "recording to begin anew after $2" begun_anew
	recorded "$1"
	has_folder_after "$1" "$2" || return
	gap_in "$(folder_of "vm$1")" 'the session daemon or its sessions were gone' || fail "$2: no gap on the timeline: $(events_of "$(folder_of "vm$1")" | grep gap)"
	holds_error_at "$(folder_of "vm$1")" 77824 || fail "$2: what the old ring held is not in the folder"
}

windows() {
	local folder
	start
	vm 1
	"$fenceline" record window --before 5 --after 1 -- true 2> window.log || fail "record window: $(cat window.log)"
	wait_until 60 "the window to be over" window_over 1
	echo '{"page":"10.0.0.2:0/51","vm":"vm1","snapshot":true}' | tell 1
	wait_until 60 "a window of its own" said 'VM vm1 began a snapshot call'
	io 1 io 8192 4096 | tell 1
	fenced 1 | tell 1
	wait_until 60 "the first VM's folder" has_folder vm1
	folder=$(folder_of vm1)
	events_of "$folder" | jq -s -e '[.[] | select(.kind == "window-begin") | .text] | length == 3 and any(.[]; contains("record window -- true")) and any(.[]; contains("vm1 began a snapshot call"))' > /dev/null ||
		fail "the windows in the trace are $(events_of "$folder" | grep window-)"
	[ "$(jq '.incidents[0].failed_ios' "$folder/incidents.json")" = 1 ] || fail "one failed I/O, while a window is open, is $(jq '.incidents[0].failed_ios' "$folder/incidents.json")"
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

	# A VM is killed with its ring, before anybody looked.
	vm 2
	fenced 2 | grep -v page | tell 2
	kill -KILL "${pid_of[2]}"
	# Its page never showed the fence: the command is what is noticed.
	echo '{"event":"blocklist","pid":77,"global_id":77,"action":1,"op":"add","target":"10.0.0.2:0/52","expire_s":3600,"entry":4,"call":"rados_mon_command","thread":"x","by_address":"10.0.0.9:0/7","by_entity":"client.admin"}' | emits 60
	wait_until 60 "the killed VM's folder" has_folder vm2 &&
		jq -e '.incidents[0] | .failed_ios == 1 and .image.name == "disk2"' "$(folder_of vm2)/incidents.json" > /dev/null || fail "the killed VM's verdict is $(jq -c '.incidents[0] | {vm, image, failed_ios}' "$(folder_of vm2)/incidents.json")"
	"$fenceline" timeline --uid 0 --format json "$(folder_of vm2)/trace/ring-ended" 2> err | jq -e 'any(.vms[]; .vm.name == "vm2" and .vm.uid == 0)' > /dev/null ||
		fail "whose process the killed VM was is not known: $(cat err; find "$(folder_of vm2)/trace/ring-ended")"
}

# A peer asks for a VM's lock: it may be fenced in a moment.
peer() {
	start
	vm 1
	echo '{"page":"10.0.0.2:0/51","vm":"vm1","images":1,"lock_requested":true}' | tell 1
	wait_until 60 "a window" said 'a peer asked VM vm1 for its lock'
	io 1 io 8192 4096 | tell 1
	has_folder_after 1 "a peer asked" || return
	events_of "$(folder_of vm1)" | jq -s -e 'any(.[]; .kind == "io" and .offset == 8192) and any(.[]; .kind == "window-begin" and (.text | contains("asked VM vm1 for its lock")))' > /dev/null ||
		fail "the window of the peer is not in the trace: $(events_of "$(folder_of vm1)" | grep window-)"
}

killed() {
	local victim n=3
	start
	for victim in lttng-sessiond lttng-consumerd; do
		vm $n
		io $n io_error 77824 -5 | tell $n
		: > daemon.log
		kill -KILL "$(pgrep -o -f "^$victim|/$victim")"
		begins_anew $n "$victim was killed" || return
		n=$((n + 1))
	done
}

# The session daemon stands still: it takes connections, and never answers. Nobody waits for it: a fence is a folder, with what the rings
# hold; it is told, and when it goes on, it is a gap.
hung() {
	local sessiond began
	start --listen 127.0.0.1:9911
	vm 1
	io 1 io_error 77824 -5 | tell 1
	sessiond=$(cat /run/lttng/lttng-sessiond.pid)
	kill -STOP "$sessiond"
	wait_until 60 "the silence to be told" said 'session daemon does not answer'
	wait_until 60 "the metrics to tell" metrics_say 'fenceline_recorder_up 0'
	began=$SECONDS
	has_folder_after 1 "the session daemon stood still" || return
	[ $((SECONDS - began)) -le 30 ] || fail "the folder took $((SECONDS - began)) s"
	holds_error_at "$(folder_of vm1)" 77824 || fail "what the ring held is not in the folder"
	jq -e '.incidents[0].failed_ios == 1' "$(folder_of vm1)/incidents.json" > /dev/null || fail "the verdict is $(jq -c '.incidents[0]' "$(folder_of vm1)/incidents.json")"
	expect 1 "session daemon (pid $sessiond) does not answer" "$fenceline" record status
	kill -CONT "$sessiond"
	wait_until 60 "the answer to be told" said 'session daemon answers again'
	wait_until 60 "the gap to be told" said 'the recording has a gap of'
	vm 2
	has_folder_after 2 "the session daemon went on" || return
	gap_in "$(folder_of vm2)" 'session daemon did not answer' || fail "no gap on the timeline: $(events_of "$(folder_of vm2)" | grep gap)"

	# Its end waits for nobody either.
	kill -STOP "$sessiond"
	began=$SECONDS
	stop
	[ $((SECONDS - began)) -le 30 ] || fail "the daemon's end took $((SECONDS - began)) s"
	kill -CONT "$sessiond"
}

# Its files are taken away under the session daemon: it answers, and nobody can register with it.
files_gone() {
	start
	vm 3
	io 3 io_error 77824 -5 | tell 3
	: > daemon.log
	rm /run/lttng/lttng-sessiond.pid /run/lttng/lttng-ust-sock-*
	wait_until 60 "the loss to be noticed" said 'files of LTTng.s session daemon are gone'
	begins_anew 3 "its files were taken away"
}

# The host's own session daemon, as a distribution starts it, which an upgrade of its package ends and begins again; and an admin who looks
# around in LTTng and takes the flight recorder away.
upgraded() {
	local other
	buffers=uid
	lttng-sessiond --daemonize --no-kernel
	start --buffers uid
	for n in 3 4; do vm $n; io $n io_error 77824 -5 | tell $n; done
	other=$(cat /run/lttng/lttng-sessiond.pid)
	lttng list fenceline-daemon > /dev/null && lttng list fenceline-fencers > /dev/null || fail "lttng list lists no session of the daemon's"
	[ "$(cat /run/lttng/lttng-sessiond.pid)" = "$other" ] && has_sessions || fail "lttng list ended something"
	: > daemon.log
	timeout 60 lttng destroy fenceline-daemon > /dev/null || fail "lttng destroy fenceline-daemon ended with $?"
	begins_anew 3 "an admin destroyed the session" || return
	: > daemon.log
	kill "$other"
	while [ -e "/proc/$other" ]; do sleep 0.1; done
	lttng-sessiond --daemonize --no-kernel 2> /dev/null # the daemon may have been quicker
	begins_anew 4 "the session daemon was begun anew"
}

restarted() {
	start
	rm -rf out
	wait_until 60 "the loss of its folder to be noticed" said 'is gone'
	wait_until 60 "recording to begin anew" begun_anew
	vm 1
	has_folder_after 1 "its output was taken away" || return

	# It ends and begins again; VMs from before are in.
	vm 2
	stop
	[ ! -e /dev/shm/fenceline-rings ] || fail "the rings' second names are left"
	sleep 4 # shorter ones are no gap
	start --on-incident 'if [ "$FENCELINE_VM" = vm2 ]; then touch /run/home/hung; sleep 1000; fi; touch /run/home/hook'
	wait_until 60 "the time without a daemon to be told" said 'no record daemon ran'
	recorded 2
	has_folder_after 2 "the daemon was started again" || return
	gap_in "$(folder_of vm2)" 'no record daemon ran' || fail "a daemon that was not there is no gap on the timeline"

	# A hook hangs: nobody waits for it.
	wait_until 60 "the hook to be called" test -e hung
	vm 3
	has_folder_after 3 "a hook began to hang" || return
	stop
	[ "$(pgrep -c -f 'sleep 1000')" = 0 ] || fail "the hook that hangs lives on"
}

"$PART"
kill "${pid_of[@]}" 2> /dev/null
exit $failed
