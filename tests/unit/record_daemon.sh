#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline record daemon` without a cluster: it begins and ends cleanly, is one on a host, survives its session daemon, notices a
# blocklist command of a process that has ended, writes one folder that is complete, calls the hook, and prunes.
set -u
parts='pid uid users hooks killed squatted stays full_disk'
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 540 "$@"
# shellcheck source=../lib/record_daemon.sh
. "$root/tests/lib/record_daemon.sh"

# fence NONCE PID: a process that fences the client with this nonce through librbd and ends at once.
fence() {
	cat <<X | emits 60 || fail "emit failed"
{"event":"client_connect","pid":$2,"global_id":4711,"host":"storage1","process":"rbd","entity":"client.cinder","address":"10.0.0.9:0/77","fsid":"f","ceph_version":"16.2.15"}
{"event":"blocklist","pid":$2,"global_id":4711,"action":1,"op":"add","target":"10.0.0.2:0/$1","expire_s":3600,"entry":1,"call":"MonClient","thread":"rbd","by_address":"10.0.0.9:0/77","by_entity":"client.cinder"}
{"event":"stack_frame","pid":$2,"global_id":4711,"action":1,"index":0,"frames":1,"module":"librbd.so.1","offset":4096,"build_id":"ab","symbol":"break"}
X
}
verdict() { jq -r ".incidents[0] | $2" "$1/incidents.json"; } # FOLDER FILTER

a_folder() {
	local folder file
	fence 1001 100
	wait_for_folders 1
	folder=$(folders)
	for file in incidents.json timeline.txt timeline.html trace; do
		[ -e "$folder/$file" ] || fail "the folder has no $file"
	done
	[ "$(stat -c '%a %G' "$folder" 2> /dev/null)" = "750 adm" ] || fail "the folder is $(stat -c '%a %G' "$folder")"
	[ -z "$(find "$folder" -type f ! -perm 640)" ] || fail "a file in it is not 0640"
	[ "$(verdict "$folder" '.client.address + " " + .blocklist.entity + " " + (.blocklist.stack | length | tostring)')" = "10.0.0.2:0/1001 client.cinder 1" ] ||
		fail "the verdict is $(verdict "$folder" '{client, blocklist}')"
	"$fenceline" incidents --format json "$folder" 2> /dev/null | jq -e '.incidents | length == 1' > /dev/null || fail "the folder is no input"
	wait_until 60 "the hook to be done" test -s hook.env
	[ "$(cat hook.folder)" = "$PWD/$folder" ] && cmp -s hook..json "$folder/incidents.json" || fail "the hook did not get the JSON"
	[ "$(cut -d= -f1 hook.env | grep -c -v -E '^(PATH|LANG|FENCELINE_FOLDER|FENCELINE_VM|PWD|SHLVL|OLDPWD|_)$')" = 0 ] || fail "the hook's environment: $(cat hook.env)"
	case $("$fenceline" incidents --saved out) in *"10.0.0.2:0/1001"*"$folder") ;; *) fail "--saved does not list it" ;; esac
}

# A VM that lives, with a page: its ring is in the snapshot, also of what it did before, and one fence is one folder, whether the command
# comes from this host as well or not.
one_fence_one_folder() {
	local before folder
	before=$(count)
	vm 1
	fenced 1 | tell 1
	fence 51 500
	wait_until 60 "a folder of the VM that lives" has_folder vm1 || return
	wait_until 120 "rest" at_rest
	folder=$(folder_of vm1)
	[ "$(verdict "$folder" '.vm.name + " " + .image.id + " " + (.failed_ios | tostring) + " " + .blocklist.entity')" = "vm1 abc1 1 client.cinder" ] ||
		fail "its verdict is $(verdict "$folder" '{vm, image, failed_ios, blocklist}')"
	[ "$(count)" = $((before + 1)) ] || fail "one fence left $(($(count) - before)) folders"
	kill "${pid_of[1]}"
	rm -rf "$folder"
}

saved_holds() { "$fenceline" incidents --saved out | grep -q "$1"; }
no_session_daemon() { [ "$(pgrep -c -x lttng-sessiond)" = 0 ]; }

with_buffers() { # pid|uid
	local listed
	buffers=$1
	start --buffers "$buffers" --keep 3 --on-incident 'cat > /run/home/hook.$FENCELINE_VM.json; echo "$FENCELINE_FOLDER" > /run/home/hook.folder; env > /run/home/hook.env'
	expect 1 "another record daemon writes to" "$fenceline" record daemon --output "$PWD/out"
	expect 1 "runs on this host already" "$fenceline" record daemon --output "$PWD/other"
	a_folder
	[ ! -e out/spool ] && [ "$(pgrep -c -f fenceline-fleet)" = 0 ] || fail "without --ship something ships"
	one_fence_one_folder

	# The session daemon is killed: all is made anew, and the next fence is noticed.
	kill -KILL "$(cat /run/lttng/lttng-sessiond.pid)"
	wait_until 60 "recording to begin anew" begun_anew
	fence 1002 101
	wait_for_folders 2

	# Several at once, and then no more than three stay.
	for n in 3 4 5; do fence 100$n 10$n; done
	wait_until 60 "the last one's folder" saved_holds 1005
	wait_until 120 "rest" at_rest
	listed=$("$fenceline" incidents --saved out | grep -o '[^ ]*out/incidents/2[^ ]*')
	[ "$(wc -l <<< "$listed")" = 3 ] && [ "$listed" = "$(sort -r <<< "$listed")" ] || fail "--saved lists not these three, the newest first: $listed"
	[ "$(count)" = 3 ] || fail "--keep 3 keeps $(count): $(cat daemon.log)"
	[ -z "$(ls -d out/incidents/.unfinished* 2> /dev/null)" ] || fail "an unfinished folder is left"
	stop
	[ "$(ls -A out/work/cases 2> /dev/null)" = "" ] || fail "left in work: $(ls out/work/cases)"
	wait_until 60 "the session daemon to end" no_session_daemon
}
pid() { with_buffers pid; }
uid() { with_buffers uid; }

as() { echo "setpriv --reuid $1 --regid $1 --clear-groups"; } # UID: what setpriv runs it becomes, and keeps the pid
users_in() { # FOLDER OPTION...: the users whose processes say that they are vm1
	"$fenceline" timeline --format json "$@" 2> err | jq -r '[.vms[] | select(.vm.name == "vm1") | .vm.uid] | sort | map(tostring) | join(" ")'
}
has_recovered() { [ -n "$(ls out/work/recovered 2> /dev/null)" ]; }

# Each process has a ring of its own, and the kernel tells whose process writes to it: not what it says of itself. That comes along into the
# incident's folder, and out of a ring whose session daemon was killed.
users() {
	local folder
	start
	# shellcheck disable=SC2046
	vm 1 $(as 64055)
	# shellcheck disable=SC2046
	vm 2 $(as 1234)
	echo '{"event":"state","pid":1,"global_id":41,"host":"compute1","process":"qemu","vm_name":"vm1","address":"10.0.0.2:0/51","fsid":"f","image":1,"pool":"vms","name":"disk1","image_id":"abc1"}' | tell 2
	fenced 1 | tell 1
	wait_until 60 "a folder of the VM" has_folder vm1 || return
	wait_until 120 "rest" at_rest
	folder=$(folder_of vm1)
	[ "$(users_in "$folder")" = "1234 64055" ] || fail "the users that say they are VM 1: $(users_in "$folder")"
	"$fenceline" timeline "$folder" 2> /dev/null | grep -q 'uid 1234 and uid 64055 both say that they are this VM; this is uid 64055' ||
		fail "two users' claim to one VM is not told"
	[ "$(users_in "$folder" --uid 64055)" = 64055 ] || fail "--uid keeps $(users_in "$folder" --uid 64055)"
	[ -z "$(find "$folder" -name '*.uid' ! -perm 640)" ] || fail "a note in it is not 0640"
	kill -KILL "$(cat /run/lttng/lttng-sessiond.pid)"
	wait_until 60 "recording to begin anew" begun_anew
	wait_until 60 "the rings to be recovered" has_recovered
	[ "$(users_in out/work/recovered)" = "1234 64055" ] || fail "the users in what was recovered: $(users_in out/work/recovered)"
	stop
}

no_sleep() { [ "$(pgrep -c -f 'sleep 4321')" = 0 ]; }

# A hook that fails, or goes on in the background, keeps nobody from the next folder; HUP rereads it.
hooks() {
	expect 2 "needs --output" "$fenceline" record daemon
	expect 2 "--keep takes" "$fenceline" record daemon --output out --keep lots
	expect 2 "--buffers is pid or uid" "$fenceline" record daemon --output out --buffers both
	# What systemd is told (sd_notify).
	python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
while True: print(s.recv(4096).decode(), flush=True)' > notified & pid_of[0]=$!
	wait_until 60 "the socket for what is told" test -S notify
	export NOTIFY_SOCKET=$PWD/notify
	echo 'FENCELINE_OPTIONS="--on-incident '"'sleep 4321 & touch /run/home/reread; exit 3'"'"' > options
	start --options-file "$PWD/options" --on-incident 'exit 4'
	fence 2001 200
	wait_for_folders 1
	wait_until 60 "the hook's failure to be said" said 'failed (exit code 4)'
	kill -HUP $daemon
	wait_until 60 "the options to be read again" said 'were read again'
	fence 2002 201
	wait_for_folders 2
	wait_until 60 "the new hook to be called" test -e reread
	wait_until 60 "what a hook left in the background to end" no_sleep
	wait_until 60 "the state to be told" grep -q '^STATUS=recording, ' notified
	stop
	wait_until 60 "the end to be told" grep -qx STOPPING=1 notified
	[ "$(grep -v ^STATUS notified | tr '\n' ' ')" = "READY=1 RELOADING=1 READY=1 STOPPING=1 " ] || fail "systemd was told $(cat notified)"
	kill "${pid_of[0]}"
}

# Killed itself: the next one takes its ring over, and clears what was half made.
killed() {
	start
	mkdir -p out/incidents/.unfinished-1
	kill -KILL $daemon
	wait $daemon 2> /dev/null
	start
	said 'takes over the flight recorder' || fail "the ring of a killed daemon is not taken over: $(cat daemon.log)"
	[ ! -e out/incidents/.unfinished-1 ] || fail "what a killed daemon left half made is still there"
	fence 2003 202
	wait_for_folders 1
	stop
}

# Somebody else has made the rings' folder in /dev/shm, where anybody may: nothing is put into it, taken out of it or removed, and a fence is
# a folder all the same.
squatted() {
	local rings=/dev/shm/fenceline-rings
	mkdir -p $rings/kept/today/ust/pid/qemu-1
	touch $rings/kept/today/ust/pid/qemu-1/metadata
	chown -R 65534 $rings
	find $rings | sort > rings.before
	start
	said "cannot have $rings to itself" || fail "a folder of another user's is taken: $(cat daemon.log)"
	buffers=uid vm 1 # whose ring has no second name
	fenced 1 | tell 1
	wait_until 60 "a folder of the VM" has_folder vm1
	fence 2004 203
	wait_until 60 "the folder of what was sent" has_folder 2004
	wait_until 120 "rest" at_rest
	stop
	find $rings | sort | diff rings.before - > rings.diff || fail "what is another user's was changed: $(cat rings.diff)"
}

# A fencer that lives on, as cinder-volume does: its command can be read. LTTng 2.16 has to be stopped for that, and what may have been lost
# meanwhile is told where it happened; the others need not be.
stays() {
	local gaps=0
	start
	{
		echo '{"event":"client_connect","pid":400,"global_id":4711,"host":"storage1","process":"cinder-volume","entity":"client.cinder","address":"10.0.0.9:0/77","fsid":"f","ceph_version":"16.2.15"}'
		echo '{"sleep_ms":8000}'
		echo '{"event":"blocklist","pid":400,"global_id":4711,"action":1,"op":"add","target":"10.0.0.2:0/4001","expire_s":3600,"entry":1,"call":"MonClient","thread":"rbd","by_address":"10.0.0.9:0/77","by_entity":"client.cinder"}'
		echo '{"sleep_ms":600000}'
	} | LTTNG_UST_REGISTER_TIMEOUT=60000 "$build/bin/emit" "$provider" > /dev/null & pid_of[400]=$!
	wait_until 60 "the folder of a fencer that lives" has_folder 4001 || return
	[ "$(verdict "$(folder_of 4001)" .blocklist.process)" = cinder-volume ] || fail "its verdict is $(verdict "$(folder_of 4001)" .blocklist)"
	metadata_is_late && gaps=1
	"$fenceline" timeline --format ndjson "$(folder_of 4001)" 2> /dev/null | jq -s -e --argjson gaps $gaps '[.[] | select(.kind == "recording-gap" and (.text | contains("LTTng described the fencers")))] | length >= $gaps and ($gaps == 1 or length == 0)' > /dev/null ||
		fail "the gaps on its timeline are $("$fenceline" timeline --format ndjson "$(folder_of 4001)" | grep gap)"
	kill "${pid_of[400]}"
	stop
}

is_inactive() { sessions | grep -q '^<name>fenceline-fencers<.*<enabled>false'; }

# No room: LTTng is given nothing to write, which could stand still otherwise; nothing half made; on it goes when there is some again.
full_disk() {
	local folder
	mkdir -p small && mount -t tmpfs -o size=50m tmpfs small
	ln -s small out
	start
	vm 1
	# It fills up as a disk does, in steps: what fills it within a second catches LTTng's consumer while it writes, and 2.13's then
	# stands still for ever, now and then.
	dd if=/dev/zero of=small/nearly bs=1k count=$(($(df --output=avail small | tail -n 1) - 2048)) 2> /dev/null
	wait_until 60 "a full disk to be said" said 'cannot write any more'
	wait_until 60 "the session to be stopped" is_inactive
	dd if=/dev/zero of=small/full bs=1k count=60000 2> /dev/null # as much as there is
	fence 3001 300
	fenced 1 | tell 1
	wait_until 60 "a fence that cannot be kept to be said" said 'could not be written down\|cannot \(write the\|put\|take\)'
	for folder in $(folders); do [ -s "$folder/timeline.html" ] && [ -s "$folder/incidents.json" ] || fail "half a folder on a full disk"; done
	rm small/full small/nearly
	wait_until 60 "room to be said" said 'there is room on the disk again'
	wait_until 60 "the session to go on" has_sessions
	fence 3002 301
	wait_until 60 "the folder of what came then" has_folder 3002
	said 'gone' && fail "recording began anew because of a full disk: $(cat daemon.log)"
	stop
}

"$PART"
exit $failed
