# SPDX-License-Identifier: MIT
# For tests of the record daemon, after private.sh: the daemon, its folders, and processes of tests/fakes/emit that are its VMs and
# fencers. What is waited for is a state; the seconds are a bound that a busy machine keeps, too.
# shellcheck shell=bash
daemon='' buffers=pid

wait_until() { # SECONDS WHAT CMD...
	local i seconds=$1 what=$2
	shift 2
	for ((i = 0; i < seconds * 10; i++)); do "$@" && return; sleep 0.1; done
	fail "not within $seconds s: $what: $(cat daemon.log)"
	return 1
}

start() { # OPTION...
	: > daemon.log
	"$fenceline" record daemon --output "$PWD/out" "$@" >> daemon.log 2>&1 & daemon=$!
	wait_until 60 "the daemon to record" records
}
stop() {
	kill $daemon
	wait $daemon || fail "TERM: the daemon ended with $?: $(cat daemon.log)"
}
said() { grep -q -e "$1" daemon.log; }
# What LTTng lists, a line for each session; its text is another in each release.
sessions() { lttng --mi xml list "$@" 2> /dev/null | tr -d '\n' | sed 's/> */>/g; s/<session>/\n/g' | tail -n +2; }
has_sessions() { [ "$(sessions | grep -c '^<name>fenceline-.*<enabled>true')" = 2 ]; } # a session that is being made is not
records() { said 'incidents come into' && has_sessions; }
begun_anew() { said 'recording begins anew' && said 'the recording has a gap of' && has_sessions; }

# A process of this number is in the daemon's rings; its own pid, since LTTng names a process as it knows itself.
tracked() { sessions fenceline-daemon | sed 's/<channels>.*//' | grep -q "<id>$1</id>"; }

folders() { ls -d out/incidents/2* 2> /dev/null; }
count() { folders | wc -l; }
are_folders() { [ "$(count)" -ge "$1" ]; }
wait_for_folders() { wait_until 60 "$1 folders" are_folders "$1"; }
folder_of() { ls -d out/incidents/2*"$1" 2> /dev/null | tail -1; } # VM
has_folder() { [ -n "$(folder_of "$1")" ]; }
at_rest() { [ -z "$(ls -A out/work/cases 2> /dev/null)" ]; } # no fence is being written down

# emits SECONDS: what stdin tells, once LTTng knows the process, for which it waits as long
emits() { LTTNG_UST_REGISTER_TIMEOUT=$(($1 * 1000)) "$build/bin/emit" "$provider"; }

# ---- VMs ----
# One that says who it is three times a second, and obeys: each line of vm.NUMBER.todo is emitted. Its ring is there when vm returns.
declare -A pid_of asked
vm() { # NUMBER [COMMAND...]: run by this command, which may give it another user, and becomes it
	local by=("${@:2}")
	: > "vm.$1.todo"
	{
		echo "{\"page\":\"10.0.0.2:0/5$1\",\"vm\":\"vm$1\"}"
		tail -n +1 -f "vm.$1.todo" & trap 'kill $!' EXIT
		while :; do
			echo "{\"event\":\"state\",\"pid\":$1,\"global_id\":4$1,\"host\":\"compute1\",\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/5$1\",\"fsid\":\"f\",\"image\":1,\"pool\":\"vms\",\"name\":\"disk$1\",\"image_id\":\"abc$1\"}"
			sleep 0.3
		done
	} 2> /dev/null | LTTNG_UST_REGISTER_TIMEOUT=60000 "${by[@]}" "$build/bin/emit" "$provider" > "vm.$1.said" & pid_of[$1]=$!
	recorded "$1"
}
recorded() { # VM: its ring is there, with a word from it
	wait_until 60 "the ring of VM $1" in_ring "$1"
	tell "$1" < /dev/null
	sleep 0.4
	tell "$1" < /dev/null
}
# Per process its ring has a second name, too (daemon/rings.h).
in_ring() {
	tracked "${pid_of[$1]}" || return
	[ $buffers = uid ] || [ -n "$(find /dev/shm/fenceline-rings/kept -path "*emit*-${pid_of[$1]}-*" -name incident_0 2> /dev/null)" ]
}
io() { # VM EVENT OFFSET RESULT
	echo "{\"event\":\"$2\",\"pid\":$1,\"global_id\":4$1,\"image\":1,\"op\":1,\"offset\":$3,\"length\":4096,\"result\":$4}"
}
tell() { # VM: and waits until it has obeyed
	{ cat; echo '{"print":"done"}'; } >> "vm.$1.todo"
	asked[$1]=$((${asked[$1]:-0} + 1))
	wait_until 60 "VM $1 to obey" has_obeyed "$1" "${asked[$1]}"
}
has_obeyed() { [ "$(grep -c 'done' "vm.$1.said")" -ge "$2" ]; }
fenced() { # VM: what it tells when it is
	io "$1" io_error 4096 -108
	io "$1" io_eshutdown 4096 -108
	echo "{\"page\":\"10.0.0.2:0/5$1\",\"vm\":\"vm$1\",\"fenced\":true}"
}
