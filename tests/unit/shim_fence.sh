#!/bin/bash
# SPDX-License-Identifier: MIT
# Who fences, and through which call, on a real cluster: every route gives one blocklist event that names it, and no other
# monitor command leaves a trace.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
export FENCELINE_BUILD=${FENCELINE_BUILD:-$root/build}
if [ "${1-}" != --inside ]; then
	[ "$(id -u)" = 0 ] || { echo "needs root: the cluster runs in namespaces"; exit 1; }
	exec "$root/tools/lab/lab" run --watch-timeout 6 -- bash "$0" --inside
fi
. "$root/tools/lab/lib/all.sh"
set +e
failed=0
work=$LAB_DIR/fence
mkdir -p "$work" && cd "$work" || exit 1
export FENCE_POOL=$LAB_POOL FENCE_USER=cinder

fail()
{
	echo "FAIL: $*"
	failed=1
}

# Before Ceph 16 the verb was another one, and librbd went through librados' API.
verb=blocklist alone=MonClient::_send_command
if [ "$(ceph --version | sed 's/ceph version \([0-9]*\).*/\1/')" -lt 16 ]; then
	verb=blacklist alone=librados::Rados::blacklist_add
fi
add=librados::Rados::${verb}_add

gcc -Wall -Wno-deprecated-declarations -DFENCE_VERB=$verb -o calls "$root/tests/unit/shim_fence_calls.c" -lrados -lrbd || exit 1
g++ -Wall -DFENCE_VERB=$verb -o calls_cpp "$root/tests/unit/shim_fence_calls.cc" -lrados -lrbd || exit 1

# under_shim COMMAND...: what it emits is in `events`; the exit code is the command's.
under_shim()
{
	: > events
	FENCELINE_PRINT=$work/events FENCELINE_LOG=$work/log LD_PRELOAD=$FENCELINE_BUILD/fakes/libfenceline.so timeout 120 "$@" > out 2>&1
}

# has "what is expected" COUNT EVENT PATTERN...: so many events of that kind hold all the patterns.
has()
{
	local what=$1 count=$2 event=$3 found
	shift 3
	found=$(grep "^$event " events)
	local pattern
	for pattern; do
		found=$(grep -F -e "$pattern" <<< "$found")
	done
	found=$(grep -c . <<< "$found")
	[ "$found" = "$count" ] || fail "$what: $found and not $count events $event with $*:
$(grep -E '^(blocklist|blocklist_result|lock_break_[a-z]*|snapshot_[a-z]*|stack_frame.*index=0|header_op|watcher[a-z_]*) ' events)
$(cat out)"
}

# one_add "what" ENTRY CALL ADDRESS: exactly one blocklist event, and it says this.
one_add()
{
	local entries=('' exclusive-lock-break break-lock-api blocklist-api monitor-command) number
	for number in 1 2 3 4; do
		[ "${entries[number]}" = "$2" ] && break
	done
	has "$1" 1 blocklist
	has "$1" 1 blocklist 'op="add"' "entry=$number " "call=\"$3\"" "target=\"$4\"" "by_entity=\"client.$FENCE_USER\"" range=0
	! grep '^blocklist ' events | grep -q -e 'by_address=""' -e 'global_id=0 ' || fail "$1: the sender is not named: $(grep '^blocklist ' events)"
	grep -q '^stack_frame ' events || fail "$1: no call stack"
	! grep '^stack_frame ' events | grep -q 'index=0 .*libfenceline' || fail "$1: the stack begins inside the shim"
	echo "ok: $1"
}

# hold IMAGE [advisory]: starts a client that holds the image's lock. Its address is in `address`, its pid in $holder.
cat > hold.py << X
import rados, rbd, sys, time
cluster = rados.Rados(conffile="$CEPH_CONF", rados_id="nova")
cluster.connect()
image = rbd.Image(cluster.open_ioctx("$LAB_POOL"), sys.argv[1])
if len(sys.argv) > 2:
    image.lock_exclusive(sys.argv[2])
else:
    image.write(b"x" * 4096, 0)
print(cluster.get_addrs() if hasattr(cluster, "get_addrs") else "", flush=True)
time.sleep(1000)
X
hold()
{
	rm -f address
	/usr/bin/python3 hold.py "$@" > address &
	holder=$!
	wait_until 30 "the lock of $1" file_has address . || exit 1
}

kill_holder() { kill -KILL $holder; wait $holder 2> /dev/null; }

for image in plain dead stopped several broken advised; do
	rbd create --size 16M "$LAB_POOL/$image" || exit 1
done

under_shim rbd --id cinder snap create "$LAB_POOL/plain@s" || fail "snap create: $(cat out)"
has "a snapshot of an image that nobody holds" 0 blocklist
has "a snapshot of an image that nobody holds" 1 snapshot_begin 'op="create"' 'snap="s"' 'name="plain"' "pool=\"$LAB_POOL\""
has "a snapshot of an image that nobody holds" 1 snapshot_end result=0
has "a snapshot of an image that nobody holds" 1 header_op 'method="rbd.snapshot_add"' result=0 'oid="rbd_header.'
has "a snapshot of an image that nobody holds" 0 passthrough
[ ! -s log ] || fail "the shim complains: $(cat log)"

hold dead
kill_holder
under_shim rbd --id cinder snap create "$LAB_POOL/dead@s" || fail "snap create: $(cat out)"
one_add "a snapshot of an image whose owner is dead" exclusive-lock-break $alone "$(cat address)"
has "its stack" 1 stack_frame index=0 'module="librbd.so'
! grep -q '^stack_frame .*build_id=""' events || fail "a frame without build id: $(grep 'build_id=""' events)"
# It looks again and again until the owner's watch has expired; the last list is the verdict.
last=$(sed -n 's/^watchers_listed .* \(list=[0-9]*\) .*result=0 watchers=1$/\1/p' events | tail -1)
[ -n "$last" ] || fail "no list of watchers that holds just one: $(grep ^watcher events)"
has "the last list of watchers" 1 watcher_listed "$last " timeout_s=6
has "the last list of watchers" 0 watcher_listed "$last " "watcher_address=\"$(cat address)\""
has "the lock is broken" 1 header_op 'method="lock.break_lock"' result=0
order=$(grep -o -E '^(snapshot_begin|blocklist|snapshot_end) |method="lock.break_lock"' events | tr -d '\n')
[ "$order" = 'snapshot_begin blocklist method="lock.break_lock"snapshot_end ' ] || fail "out of order: $order"

hold stopped
kill -STOP $holder
under_shim rbd --id cinder snap create "$LAB_POOL/stopped@s" || fail "snap create: $(cat out)"
one_add "a snapshot of an image whose owner is stopped" exclusive-lock-break $alone "$(cat address)"
under_shim rbd --id cinder snap rm "$LAB_POOL/stopped@s" || fail "snap rm: $(cat out)"
has "removing it" 1 snapshot_begin 'op="remove"' 'snap="s"' 'name="stopped"'
has "removing it" 0 blocklist
kill_holder

# Several clients in one process: the one that sends is named, and no other.
cat > several.py << X
import rados, rbd
clients = [rados.Rados(conffile="$CEPH_CONF", rados_id=name) for name in ("admin", "nova", "cinder", "admin")]
for client in clients:
    client.connect()
with clients[2].open_ioctx("$LAB_POOL") as ioctx, rbd.Image(ioctx, "several") as image:
    image.create_snap("s")
for client in clients:
    client.shutdown()
X
hold several
kill_holder
under_shim /usr/bin/python3 several.py || fail "create_snap of python-rbd: $(cat out)"
one_add "a snapshot in a process of four clients" exclusive-lock-break $alone "$(cat address)"
sender=$(sed -n 's/^client_connect .*\(global_id=[0-9]*\) .*entity="client.cinder" \(address="[^"]*"\).*/\1 \2/p' events)
has "the sender of four" 1 blocklist "${sender% *} " "by_${sender#* }"
has "the sender of four" 1 snapshot_begin "${sender% *} " 'op="create"' 'name="several"'

cat > break.py << X
import rados, rbd, sys
with rados.Rados(conffile="$CEPH_CONF", rados_id="cinder") as cluster, cluster.open_ioctx("$LAB_POOL") as ioctx:
    with rbd.Image(ioctx, sys.argv[1]) as image:
        client, cookie, _ = image.list_lockers()["lockers"][0]
        image.break_lock(client, cookie)
X
broken_by()
{
	local what=$1 name=$2 call=$3 kind=$4
	shift 4
	if [ "$kind" = advisory ]; then hold advised job; else hold broken; fi
	kill_holder
	under_shim "$@" || fail "$what: $(cat out)"
	one_add "$what" break-lock-api "$call" "$(cat address)"
	has "$what" 1 lock_break_begin "call=\"$name\"" action=1
	has "$what" 1 lock_break_end action=1 result=0
}
broken_by "break_lock of python-rbd" rbd_break_lock $add advisory /usr/bin/python3 break.py advised
broken_by "rbd_break_lock" rbd_break_lock $add advisory ./calls break_lock advised
broken_by "Image::break_lock" librbd::Image::break_lock $add advisory ./calls_cpp break_lock advised
broken_by "rbd_lock_break" rbd_lock_break $alone exclusive ./calls lock_break broken
broken_by "Image::lock_break" librbd::Image::lock_break $alone exclusive ./calls_cpp lock_break broken

added_by()
{
	local what=$1 entry=$2 call=$3
	shift 3
	under_shim "$@" 10.1.2.3:0/4567 || fail "$what: $(cat out)"
	one_add "$what" "$entry" "$call" 10.1.2.3:0/4567
	has "$what" 1 blocklist_result result=0
}
added_by "rados_${verb}_add" blocklist-api rados_${verb}_add ./calls ${verb}_add
has "its expiry" 1 blocklist expire_s=60
[ $verb = blacklist ] || added_by "rados_blacklist_add, the old name" blocklist-api rados_blacklist_add ./calls blacklist_add
added_by "Rados::${verb}_add" blocklist-api $add ./calls_cpp ${verb}_add
added_by "rados_mon_command, in four strings" monitor-command rados_mon_command ./calls mon_command
FENCE_MON=$(ceph mon dump -f json 2> /dev/null | jq -r '.mons[0].name')
export FENCE_MON
if [ $verb = blacklist ]; then
	added_by "rados_mon_command_target" monitor-command rados_mon_command_target ./calls mon_command_target
else # one monitor alone takes no such command since Ceph 15
	under_shim ./calls mon_command_target 10.1.2.3:0/4567 && fail "rados_mon_command_target blocklists: $(cat out)"
	one_add "rados_mon_command_target, refused" monitor-command rados_mon_command_target 10.1.2.3:0/4567
	has "rados_mon_command_target" 1 blocklist_result result=-22
fi
added_by "Rados::mon_command" monitor-command librados::Rados::mon_command ./calls_cpp mon_command
FENCE_USER='admin'
added_by "ceph osd $verb add" monitor-command rados_mon_command ceph osd $verb add
has "the default expiry" 1 blocklist expire_s=-1
under_shim ceph osd $verb rm 10.1.2.3:0/4567 || fail "ceph osd $verb rm: $(cat out)"
has "ceph osd $verb rm" 1 blocklist
has "ceph osd $verb rm" 1 blocklist 'op="rm"' 'target="10.1.2.3:0/4567"' entry=4
if [ $verb = blocklist ]; then
	under_shim ceph osd blocklist range add 10.7.0.0/16 120 || fail "ceph osd blocklist range add: $(cat out)"
	has "ceph osd blocklist range add" 1 blocklist 'op="add"' 'target="10.7.0.0/16"' range=1 expire_s=120
fi
FENCE_USER=none
under_shim ./calls ${verb}_add 10.1.2.3:0/1 && fail "a user without a key could connect"
has "a user without a key" 0 blocklist
FENCE_USER=cinder

# Other commands: nothing of them anywhere.
rm -f log
under_shim ceph config-key set fenceline/test an-open-secret || fail "ceph config-key set: $(cat out)"
! grep -r -l -e secret -e config-key events log 2> /dev/null || fail "a monitor command that is none of ours was recorded"
grep -q '^client_connect ' events || fail "nothing at all was recorded of ceph config-key set"
under_shim ceph config-key set fenceline/test2 "$(head -c 20000 /dev/zero | tr '\0' x)" || fail "a long command: $(cat out)"
has "other commands" 0 blocklist
has "other commands" 0 passthrough
exit $failed
