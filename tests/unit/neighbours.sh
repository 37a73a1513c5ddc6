#!/bin/bash
# SPDX-License-Identifier: MIT
# Neighbours cannot end each other: a client that its guest has taken over truncates what it can of the ring buffers, of LTTng's wait files
# and of the counters of LTTng's triggers; beside it one of the same user lives, and what it did until then is recorded. With --buffers uid the first of
# these attacks does end the neighbour, which shows that it is one.
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 300 "$@"
export LD_LIBRARY_PATH=$build/fakes/ceph
user=65533
cp "$root/tests/unit/neighbours.py" . && chmod 755 . && chmod 644 neighbours.py
mkdir -m 777 beat

as_user() { # WORD...
	HOME=/ setpriv --reuid $user --regid $user --clear-groups env LD_PRELOAD="$build/lib/libfenceline.so" /usr/bin/python3 neighbours.py "$@"
}
beats() { # -1: none; the file is empty while it is written
	local n
	n=$(cat beat/$attack-$buffers 2> /dev/null)
	echo "${n:--1}"
}
moves_on() { # the neighbour does something within ten seconds
	local before i
	before=$(beats)
	for i in $(seq 100); do
		[ "$(beats)" -gt "$before" ] && return
		sleep 0.1
	done
	return 1
}

play() { # ATTACK BUFFERS: in $ended, the neighbour's exit code, empty if it lives
	attack=$1 buffers=$2
	"$fenceline" record start --output "trace-$attack-$buffers" --buffers "$buffers" --vm-user $user 2> start.log || fail "record start: $(cat start.log)"
	as_user live "beat/$attack-$buffers" > "live-$attack-$buffers.log" 2>&1 &
	neighbour=$!
	moves_on || fail "$attack, $buffers: the neighbour does not begin: $(cat "live-$attack-$buffers.log")"
	sleep 2
	# LTTng shares that counter with every process (2.13 and later); only triggers write to it, and so can be ended by it.
	lttng list-triggers 2> /dev/null | grep -q '^- ' && fail "a recording registers triggers: $(lttng list-triggers)"
	as_user "$attack" > attack.log 2>&1 || true
	ended=''
	moves_on && sleep 1 && kill -0 $neighbour 2> /dev/null || { wait $neighbour; ended=$?; }
	[ -n "$ended" ] || { kill $neighbour; wait $neighbour 2> /dev/null; }
	# The consumer daemon has the attacker's ring mapped, too: up to LTTng 2.13 it ends, and the recording with it. What was written stays.
	if ! "$fenceline" record stop > stop.log 2>&1; then
		echo "$attack, --buffers $buffers: the recording has ended, too: $(cat stop.log)"
		kill -KILL "$(cat /run/lttng/lttng-sessiond.pid)"
		rm -rf /run/fenceline /run/lttng/* /dev/shm/shm-*
	fi
}

for attack in ring wait counter; do
	play $attack pid
	[ -z "$ended" ] || fail "$attack: the neighbour ended with $ended; the attacker says: $(cat attack.log)"
	count=$(babeltrace2 "trace-$attack-pid" 2> /dev/null | grep -c "client_connect: .*pid = ")
	# Where the consumer took the recording with it before the metadata were written, nothing of it can be read.
	unread=''
	[ $attack != ring ] || ! metadata_is_late || unread=1
	[ "$count" -ge 20 ] || [ -n "$unread" ] || fail "$attack: only $count of the neighbour's events are in the trace"
	echo "$attack: the neighbour lives, $count events of it; the attacker: $(grep -c truncated attack.log) truncated"
	case $attack-$(cat attack.log) in
	wait-*truncated*) fail "wait: a wait file could be truncated" ;;
	ring-*truncated*) ;;
	ring-*) fail "ring: the attacker found nothing of its own to truncate: it is no attack" ;;
	esac
done
play ring uid
[ -n "$ended" ] && echo "ring, --buffers uid: the neighbour ended with $ended" || fail "ring, --buffers uid: the neighbour lives: what was played is no attack"
[ "$ended" = 135 ] || [ -z "$ended" ] || fail "ring, --buffers uid: ended with $ended, not by SIGBUS"
exit $failed
