#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline record daemon` without a cluster: it begins and ends cleanly, is one on a host, survives its session daemon, notices a
# blocklist command of a process that has ended, writes one folder that is complete, calls the hook, and prunes.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"

daemon=''
start() { # OPTION...
	"$fenceline" record daemon --output "$PWD/out" "$@" > daemon.log 2>&1 &
	daemon=$!
	for i in $(seq 100); do grep -q 'incidents come into' daemon.log && break; sleep 0.1; done
	for i in $(seq 50); do [ "$(lttng list 2> /dev/null | grep -c 'fenceline-')" = 2 ] && return; sleep 0.1; done
	fail "the daemon does not record: $(cat daemon.log)"
}
stop() {
	kill $daemon
	wait $daemon || fail "TERM: the daemon ended with $?"
}
folders() { ls -d out/incidents/2* 2> /dev/null; }
count() { folders | wc -l; }
wait_for_folders() { # COUNT SECONDS
	for i in $(seq $(($2 * 10))); do [ "$(count)" -ge "$1" ] && return; sleep 0.1; done
	fail "after $2 s there are $(count) folders and not $1: $(cat daemon.log)"
}

# A process that fences the client with this nonce through librbd and ends at once.
fence() {
	cat <<X | LTTNG_UST_REGISTER_TIMEOUT=1000 "$build/bin/emit" "$provider" || fail "emit failed"
{"event":"client_connect","pid":$2,"global_id":4711,"host":"storage1","process":"rbd","entity":"client.cinder","address":"10.0.0.9:0/77","fsid":"f","ceph_version":"16.2.15"}
{"event":"blocklist","pid":$2,"global_id":4711,"action":1,"op":"add","target":"10.0.0.2:0/$1","expire_s":3600,"entry":1,"call":"MonClient","thread":"rbd","by_address":"10.0.0.9:0/77","by_entity":"client.cinder"}
{"event":"stack_frame","pid":$2,"global_id":4711,"action":1,"index":0,"frames":1,"module":"librbd.so.1","offset":4096,"build_id":"ab","symbol":"break"}
X
}

expect 2 "needs --output" "$fenceline" record daemon
expect 2 "--keep takes" "$fenceline" record daemon --output out --keep lots
expect 2 "--buffers is pid or uid" "$fenceline" record daemon --output out --buffers both
for buffers in pid uid; do
	rm -rf out
	start --buffers $buffers --keep 3 --on-incident 'cat > /run/home/hook.$FENCELINE_VM.json; echo "$FENCELINE_FOLDER" > /run/home/hook.folder; env > /run/home/hook.env'
	expect 1 "another record daemon writes to" "$fenceline" record daemon --output "$PWD/out"
	expect 1 "runs on this host already" "$fenceline" record daemon --output "$PWD/other"
	fence 1001 100
	wait_for_folders 1 20
	folder=$(folders)
	for file in incidents.json timeline.txt timeline.html trace; do
		[ -e "$folder/$file" ] || fail "$buffers: the folder has no $file"
	done
	[ "$(stat -c '%a %G' "$folder" 2> /dev/null)" = "750 adm" ] || fail "$buffers: the folder is $(stat -c '%a %G' "$folder")"
	[ -z "$(find "$folder" -type f ! -perm 640)" ] || fail "$buffers: a file in it is not 0640"
	[ "$(jq -r '.incidents[0] | .client.address + " " + .blocklist.entity + " " + (.blocklist.stack | length | tostring)' "$folder/incidents.json")" = \
		"10.0.0.2:0/1001 client.cinder 1" ] || fail "$buffers: the verdict is $(jq -c '.incidents[0] | {client, blocklist}' "$folder/incidents.json")"
	"$fenceline" incidents --format json "$folder" 2> /dev/null | jq -e '.incidents | length == 1' > /dev/null || fail "$buffers: the folder is no input"
	for i in $(seq 50); do [ -s hook.folder ] && break; sleep 0.1; done
	[ "$(cat hook.folder)" = "$PWD/$folder" ] && cmp -s hook..json "$folder/incidents.json" || fail "$buffers: the hook did not get the JSON"
	[ "$(cut -d= -f1 hook.env | grep -c -v -E '^(PATH|LANG|FENCELINE_FOLDER|FENCELINE_VM|PWD|SHLVL|OLDPWD|_)$')" = 0 ] || fail "$buffers: the hook's environment: $(cat hook.env)"
	case $("$fenceline" incidents --saved out) in *"10.0.0.2:0/1001"*"$folder") ;; *) fail "$buffers: --saved does not list it" ;; esac

	# A VM that lives, with a page: its ring is in the snapshot, also of what it did long before, and one fence is one folder, whether
	# the command comes from this host as well or not.
	vm() { # NONCE COMMANDED
		echo "{\"page\":\"10.0.0.2:0/$1\",\"vm\":\"vm$1\"}"
		echo '{"sleep_ms":4000}'
		for i in 1 2 3; do
			echo "{\"event\":\"state\",\"pid\":9,\"global_id\":4711,\"host\":\"compute1\",\"process\":\"qemu\",\"vm_name\":\"vm$1\",\"address\":\"10.0.0.2:0/$1\",\"fsid\":\"f\",\"image\":1,\"pool\":\"vms\",\"name\":\"vm$1\",\"image_id\":\"abc$1\"}"
			echo '{"sleep_ms":300}'
		done
		echo '{"print":"ready"}'
		echo '{"sleep_ms":5000}'
		echo "{\"event\":\"io_error\",\"pid\":9,\"global_id\":4711,\"image\":1,\"op\":1,\"offset\":4096,\"length\":4096,\"result\":-108}"
		echo "{\"event\":\"io_eshutdown\",\"pid\":9,\"global_id\":4711,\"image\":1,\"op\":1,\"offset\":4096,\"length\":4096,\"result\":-108}"
		echo "{\"page\":\"10.0.0.2:0/$1\",\"vm\":\"vm$1\",\"fenced\":true}"
		echo '{"sleep_ms":20000}'
	}
	before=$(count)
	vm 5001 | "$build/bin/emit" "$provider" > vm.out & vm=$!
	for i in $(seq 100); do grep -q ready vm.out && break; sleep 0.1; done
	fence 5001 500
	wait_for_folders $((before + 1)) 25
	folder=$(ls -d out/incidents/2*vm5001 2> /dev/null)
	[ -n "$folder" ] || fail "$buffers: no folder of the VM that lives: $(cat daemon.log)"
	[ "$(jq -r '.incidents[0] | .vm.name + " " + .image.id + " " + (.failed_ios | tostring) + " " + .blocklist.entity' "$folder/incidents.json")" = \
		"vm5001 abc5001 1 client.cinder" ] || fail "$buffers: its verdict is $(jq -c '.incidents[0] | {vm, image, failed_ios, blocklist}' "$folder/incidents.json")"
	sleep 3
	[ "$(count)" = $((before + 1)) ] || fail "$buffers: one fence left $(($(count) - before)) folders"
	kill $vm 2> /dev/null
	rm -rf "$folder"

	# The session daemon is killed: all is made anew, and the next fence is noticed.
	kill -KILL "$(cat /run/lttng/lttng-sessiond.pid)"
	for i in $(seq 150); do grep -q 'recording begins anew' daemon.log && [ "$(lttng list 2> /dev/null | grep -c 'fenceline-')" = 2 ] && break; sleep 0.1; done
	sleep 1.2
	fence 1002 101
	wait_for_folders 2 20

	# Several at once, and then no more than three stay.
	for n in 3 4 5; do fence 100$n 10$n; done
	for i in $(seq 200); do "$fenceline" incidents --saved out | grep -q 1005 && break; sleep 0.1; done
	sleep 1
	[ "$(count)" = 3 ] || fail "$buffers: --keep 3 keeps $(count): $(cat daemon.log)"
	[ -z "$(ls -d out/incidents/.unfinished* 2> /dev/null)" ] || fail "$buffers: an unfinished folder is left"
	stop
	[ "$(ls -A out/work/cases 2> /dev/null)" = "" ] || fail "$buffers: left in work: $(ls out/work/cases)"
	[ "$(pgrep -c -x lttng-sessiond)" = 0 ] || fail "$buffers: a session daemon is left"
	rm -f hook.*
done

# A hook that hangs or fails, or goes on in the background, keeps nobody from the next folder; HUP rereads it.
rm -rf out
echo 'FENCELINE_OPTIONS="--on-incident '"'touch /run/home/reread; sleep 300 & exit 3'"'"' > options
start --options-file "$PWD/options" --on-incident 'exit 4'
fence 2001 200
wait_for_folders 1 20
for i in $(seq 50); do grep -q 'failed (exit code 4)' daemon.log && break; sleep 0.1; done
grep -q 'failed (exit code 4)' daemon.log || fail "a hook that fails is not said: $(cat daemon.log)"
kill -HUP $daemon
for i in $(seq 50); do grep -q 'were read again' daemon.log && break; sleep 0.1; done
fence 2002 201
wait_for_folders 2 20
for i in $(seq 50); do [ -e reread ] && break; sleep 0.1; done
[ -e reread ] || fail "after HUP the old hook is called: $(cat daemon.log)"
sleep 0.5
[ "$(pgrep -c -x sleep)" = 0 ] || fail "what a hook left in the background lives on"

# Killed itself: the next one takes its ring over, and clears what was half made.
mkdir -p out/incidents/.unfinished-1
kill -KILL $daemon
wait $daemon 2> /dev/null
start
grep -q 'takes over the flight recorder' daemon.log || fail "the ring of a killed daemon is not taken over: $(cat daemon.log)"
[ ! -e out/incidents/.unfinished-1 ] || fail "what a killed daemon left half made is still there"
fence 2003 202
wait_for_folders 3 20

# No room: nothing half made, said, and on it goes when there is some again.
stop
mkdir -p small && mount -t tmpfs -o size=200k tmpfs small
rm -rf out && ln -s small out
start
dd if=/dev/zero of=small/full bs=1k count=150 2> /dev/null
fence 3001 300
for i in $(seq 150); do grep -q -E 'could not be written down|cannot (write|put|take)' daemon.log && break; sleep 0.1; done
grep -q -E 'could not be written down|cannot (write|put|take)' daemon.log || fail "a full disk is not said: $(cat daemon.log)"
for folder in $(folders); do [ -s "$folder/timeline.html" ] && [ -s "$folder/incidents.json" ] || fail "half a folder on a full disk"; done
rm small/full
mount -o remount,size=50m small
fence 3002 301
wait_for_folders 1 20
stop
exit $failed
