# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For doctor_host.sh: hosts as `fenceline doctor` may find them, and what it says there. Everything is in the test's own namespaces.
# Uses $fenceline, $root and fail of lib/private.sh; $pid is the client that was started last.

# says STATUS PATTERN: a line of doctor's begins with that status and matches; its exit code goes with the failures.
said=$PWD/said
: > "$said"
says() {
	local status=$1 pattern=$2 code=0 out expected=0
	out=$(${AS:-} ${WITH:-env} "$fenceline" doctor 2>&1) || code=$?
	printf '%s\n' "$out" >> "$said"
	grep -q "^$(printf %-5s "$status") $pattern" <<< "$out" || fail "doctor does not say: $status $pattern; but: $out"
	! grep -q '^FAIL' <<< "$out" || expected=1
	[ $code = $expected ] || fail "doctor ended with $code, not $expected: $out"
}

as_nobody() { # a command of doctor's as another user
	AS="setpriv --reuid 65534 --clear-groups" "$@"
}

hidden() { # FILE COMMAND...: while the file cannot be loaded
	local file=$1
	shift
	mount --bind /dev/null "$(realpath "$file")"
	"$@"
	umount "$(realpath "$file")"
}

lttng_of() { # VERSION COMMAND...: with a session daemon of that version installed
	mkdir -p other-lttng
	printf '#!/bin/sh\necho %s\n' "$1" > other-lttng/lttng-sessiond
	chmod 755 other-lttng/lttng-sessiond
	shift
	PATH=$PWD/other-lttng:$PATH "$@"
}

ceph_of() { # VERSION COMMAND...: with libraries of a Ceph that says so
	local folder=$PWD/ceph-$1
	mkdir -p "$folder"
	printf 'const char *version(void) __asm__("%s"); const char *version(void) { return "%s"; }\n' \
		"$([ "$1" = unknown ] && echo other || echo _Z19ceph_version_to_strv)" "$1" > "$folder/common.c"
	echo 'const char *version(void) __asm__("_Z19ceph_version_to_strv"); int rados_of_another_kind;' > "$folder/rados.c"
	cc -shared -fPIC -o "$folder/libceph-common.so.2" -Wl,-soname,libceph-common.so.2 "$folder/common.c"
	cc -shared -fPIC -o "$folder/librados.so.2" -Wl,-soname,librados.so.2 -Wl,--no-as-needed "$folder/rados.c" "$folder/libceph-common.so.2"
	cc -shared -fPIC -o "$folder/librbd.so.1" -Wl,-soname,librbd.so.1 "$folder/rados.c"
	shift
	WITH="env LD_LIBRARY_PATH=$folder" "$@"
}

clock_of() { # STATUS RETURNED COMMAND...: on a host whose kernel answers so about its clock
	printf '#include <sys/timex.h>\nint adjtimex(struct timex *t) { t->status = %s; t->maxerror = 3000; return %s; }\n' "$1" "$2" > clock.c
	cc -shared -fPIC -o "clock$2.so" clock.c
	local lib=$PWD/clock$2.so
	shift 2
	WITH="env LD_PRELOAD=$lib" "$@"
}

# A librados client: no cluster answers, but the attempt to connect makes the shim open its provider.
cat > client.py << 'X'
import ctypes, os, struct, sys, time
import rados, rbd
if os.environ.get("SANDBOX"):  # a filter that allows everything: what counts is that there is one
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        sys.exit("no seccomp")
client = rados.Rados(rados_id="nobody", conffile="/dev/null",
                     conf={"mon_host": "127.0.0.1", "client_mount_timeout": "1", "auth_client_required": "none"})
try:
    client.connect(timeout=1)
except rados.Error:
    pass
open(os.environ["READY"], "w").close()
time.sleep(100)
X
cp "$(realpath /usr/bin/python3)" qemu-system-x86_64
cp "$build/lib/libfenceline.so" . # a shim without its provider
mkdir -p moved
cp "$build/lib/libfenceline.so" moved/

started() { # NAME
	local i
	pid=$!
	for i in $(seq 200); do
		[ ! -e "ready-$1" ] || break
		sleep 0.1
	done
	[ -e "ready-$1" ] || fail "client $1 did not start"
	# unshare and sh exec it, so it is still the same pid
}

vm() { # NAME GUEST COMMAND...: what looks to doctor like a VM, started by COMMAND...
	local name=$1 guest=$2
	shift 2
	READY=ready-$name PYTHONHOME=/usr "$@" "$PWD/qemu-system-x86_64" client.py -name "guest=$guest,debug-threads=on" > /dev/null 2>&1 &
	started "$name"
}

taker() { # SCRIPT COMMAND...: a script that uses librbd
	local script=$1
	shift
	cp client.py "$script"
	rm -f "ready-$script"
	READY=ready-$script "$@" /usr/bin/python3 "$PWD/$script" > /dev/null 2>&1 &
	started "$script"
}

away() {
	kill "$pid" && wait "$pid" 2> /dev/null
}

daemon_up() { # OPTION...
	local i
	"$fenceline" record daemon --output "$PWD/recorded" "$@" > daemon.log 2>&1 &
	daemon=$!
	for i in $(seq 200); do
		! lttng list 2> /dev/null | grep -q fenceline-fencers || break
		sleep 0.1
	done
}

# remedies: each line that is neither ok nor plain news tells what to type, in backquotes or as an apt, mount or prlimit line.
remedies() {
	local lacking
	lacking=$(grep -E '^(warn|FAIL|\?) ' "$said" | grep -vE '`|run this as root|mount -t|VMs: [0-9]+ of|closed to root' | sort -u)
	[ -z "$lacking" ] || fail "no remedy to type: $lacking"
	grep -oE '`fenceline [a-z]+[^`]*`' "$said" | tr -d '`' | sort -u | while read -r _ command rest; do
		"$fenceline" "$command" --help > /dev/null 2>&1 || echo "no command $command ($rest)"
	done > no-such-command
	[ ! -s no-such-command ] || fail "a remedy names a command that is not there: $(cat no-such-command)"
}
