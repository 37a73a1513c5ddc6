#!/bin/bash
# SPDX-License-Identifier: MIT
# What the shim takes over is what table.h says, and nothing else: the dynamic linker's own account (LD_DEBUG=bindings) of
# qemu-img, rbd and python-rbd, with and without the shim, differs by the table's rows alone. No cluster is needed: each
# program loads everything, opens the provider in rados_create, and then finds no monitor.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
shim=$build/lib/libfenceline.so
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

fail()
{
	echo "FAIL: $*"
	failed=1
}

sed -n 's/^[A-Z_]*ROW([^,]*, "\([^"]*\)".*/\1/p' "$root/shim/base/table.h" | LC_ALL=C sort > "$work/rows" # exports.sh says that these are the exports
[ -s "$work/rows" ] || fail "table.h has no rows"
needed=$(readelf -d "$shim" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v -e '^libc\.so' -e '^ld-linux' -e '^libdl\.so' -e '^libpthread\.so')
[ -z "$needed" ] || fail "the shim depends on $needed"

cat > "$work/ceph.conf" << X
[global]
mon_host = 127.0.0.1:1
client_mount_timeout = 1
rados_mon_op_timeout = 1
auth_client_required = none
log_file = /dev/null
X
cat > "$work/open.py" << X
import rados, rbd
cluster = rados.Rados(conffile="$work/ceph.conf")
try:
    cluster.connect(timeout=1)
except rados.Error:
    pass
X

# bindings NAME PRELOAD COMMAND...: "FILE SYMBOL -> FILE" for each binding, files without their folder. LTTng is told
# not to wait. The program's own exit code is that of a missing monitor. Only the program itself is to be seen, not what
# starts it.
bindings()
{
	local name=$1 preload=$2
	shift 2
	LTTNG_UST_REGISTER_TIMEOUT=0 CEPH_CONF=$work/ceph.conf timeout 60 bash -c 'set -a; LD_PRELOAD=$1 LD_DEBUG_OUTPUT=$2
		LD_BIND_NOW=1 LD_DEBUG=bindings; shift 2; exec "$@"' - "$preload" "$work/$name" "$@" > "$work/$name.out" 2>&1
	[ $? -lt 124 ] || fail "$name: ended with a signal or took too long: $(tail -1 "$work/$name.out")"
	cat "$work/$name".[0-9]* | sed -n "s|.*binding file \([^ ]*\) \[[0-9]*\] to \([^ ]*\) \[[0-9]*\]: [a-z]* symbol \`\([^']*\)'.*|\1 \3 \2|p" |
		awk '{ sub(".*/", "", $1); sub(".*/", "", $3); print $1, $2, "->", $3 }' | LC_ALL=C sort -u > "$work/$name"
	[ -s "$work/$name" ] || fail "$name: no bindings seen: $(tail -1 "$work/$name.out")"
}

# What the shim brings along, and what these bring along: their own bindings are nobody else's business.
# librt is glibc's own (LTTng needs it), a file apart until 2.34.
new_files='^(librt.*|liburcu.*|libfenceline.*|liblttng-ust.*|libunwind.*|liblzma.*|libnuma.*|libcrypt.*)$'

compare()
{
	local name=$1
	shift
	bindings "$name.without" "" "$@"
	bindings "$name.with" "$shim" "$@"
	# A symbol of a library found in that very library, and not so without the shim, is a lookup and binds no call: the
	# shim asks for the real function (dlsym), glibc asks libgcc_s for its unwinder when one of LTTng's threads ends.
	awk -v new="$new_files" '
		{ call = $1 " " $2 }
		FILENAME == ARGV[1] { row[$1] = 1; next }
		FILENAME == ARGV[2] { before[call] = before[call] " " $4; same[$0] = 1; files[$1] = 1; next }
		!($1 in files) { if ($1 !~ new) print "a file that is not there without the shim: " $0; next }
		$4 == "libfenceline.so" && !($2 in row) { print "not in the table: " $0; next }
		$4 == "libfenceline.so" { taken[call] = 1; next }
		$1 == $4 && !(call in before) { next }
		$2 in row { past[call] = $0; next }
		!(call in before) { print "not bound without the shim: " $0; next }
		!($0 in same) { print "moved from" before[call] ": " $0; next }
		$2 ~ /^_Unwind_/ { unwind++ }
		END {
			for (call in past)
				if (!(call in taken)) print "in the table, but bound past the shim: " past[call]
			for (call in before) {
				split(call, words, " ")
				if (words[2] in row && !(call in taken)) print "in the table, but not taken over: " call
			}
			for (call in taken) if (call in before) calls++
			if (!calls) print "nothing is bound to the shim"
			if (!unwind) print "no binding of _Unwind_* was compared"
			print calls + 0, unwind + 0 > "/dev/stderr"
		}' "$work/rows" "$work/$name.without" "$work/$name.with" > "$work/difference" 2> "$work/counts"
	[ ! -s "$work/difference" ] || fail "$name: $(wc -l < "$work/difference") bindings differ: $(head -5 "$work/difference")"
	grep -q '^libfenceline-ust' "$work/$name.with" || fail "$name: the provider was not opened"
	read -r taken unwind < "$work/counts"
	echo "$name: $(wc -l < "$work/$name.without") bindings, $taken of them taken over, the $unwind of _Unwind_* as before"
}

compare qemu-img qemu-img info "rbd:rbd/none:conf=$work/ceph.conf"
compare rbd rbd -c "$work/ceph.conf" ls
compare python-rbd /usr/bin/python3 "$work/open.py"
exit $failed
