#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real librados and librbd that are not as Debian ships them: renamed, as wheels and vendors do, two of them in one process, bound
# with RTLD_DEEPBIND, with another interposer in front and behind, and of a release that nobody knows. On a real Ceph: each call
# gives its caller what it gives without the shim, and what can be recorded is. FENCELINE_SHORT=1: one order of each.
. "$(dirname "$0")/../lib/live.sh"
here=$(dirname "$(realpath "$0")")/foreign
shim=$(dirname "$(dirname "$FENCELINE")")/fakes/libfenceline.so
cd "$LAB_DIR" || exit
for n in 1 2 3; do
    rbd create "$LAB_POOL/disk-$n" --size 64M
done

# ---- the same libraries under other names: where these stand in a file is as long as before ----

renamed=$LAB_DIR/renamed
mkdir "$renamed"
library() { # SONAME: its file
    ldd /usr/bin/rbd | awk -v name="$1" '$1 == name { print $3; exit }'
}
rename_in() { # FILE COPY
    LC_ALL=C sed -e 's/librados\.so\.2/libr4dos.so.7/g' -e 's/librbd\.so\.1/libr8d.so.7/g' \
        -e 's/libceph-common\.so\.\([02]\)/libc3ph-common.so.7/g' "$1" >"$2"
    chmod 755 "$2"
}
common=$(ldd /usr/bin/rbd | awk '$1 ~ /^libceph-common\.so/ { print $1; exit }')
rename_in "$(library librados.so.2)" "$renamed/libr4dos.so.7"
rename_in "$(library librbd.so.1)" "$renamed/libr8d.so.7"
rename_in "$(library "$common")" "$renamed/libc3ph-common.so.7"
rename_in /usr/bin/rbd "$renamed/rbd"
for module in rados rbd; do
    for file in /usr/lib/python3/dist-packages/$module.cpython-*.so; do
        rename_in "$file" "$renamed/$(basename "$file")"
    done
done
export LD_LIBRARY_PATH=$renamed

# said NAME PRELOAD COMMAND…: what it says and its exit code go to NAME.said, what the shim emits to NAME.events.
said() {
    local name=$1 preload=$2 code=0
    shift 2
    rm -f "$dir/$name.events"
    env "FENCELINE_PRINT=$dir/$name.events" "LD_PRELOAD=$preload" timeout 120 "$@" >"$dir/$name.said" 2>"$dir/logs/$name.log" </dev/null || code=$?
    echo "exit code $code" >>"$dir/$name.said"
}
# the_same WHAT NAME COMMAND…: with the shim as without it
the_same() {
    local what=$1 name=$2
    shift 2
    said "$name.without" '' "$@"
    said "$name" "$shim" "$@"
    so "$what: runs without the shim" grep -qx 'exit code 0' "$dir/$name.without.said"
    so "$what: the same with it" diff "$dir/$name.without.said" "$dir/$name.said"
}
count() { # NAME PATTERN
    grep -c -s -e "$2" "$dir/$1.events" || [ -e "$dir/$1.events" ] || echo 0
}
client=(/usr/bin/python3 "$here/client.py" "$CEPH_CONF" "$LAB_POOL" disk)

the_same "as Debian has them" debian "${client[@]}" -
the_same "renamed" renamed "${client[@]}" "$renamed"
is "renamed: as many events of each kind as with Debian's" "$(cut -d' ' -f1 "$dir/debian.events" | grep -E '^(image|io$|snapshot|watch_r|header_op|client)' | sort | uniq -c)" \
    "$(cut -d' ' -f1 "$dir/renamed.events" | grep -E '^(image|io$|snapshot|watch_r|header_op|client)' | sort | uniq -c)"
the_same "two in one process" two "${client[@]}" - "$renamed"
[ -n "${FENCELINE_SHORT:-}" ] || the_same "two, the renamed one first" two-renamed "${client[@]}" "$renamed" -
the_same "RTLD_DEEPBIND" deep "${client[@]}" deep -
[ -n "${FENCELINE_SHORT:-}" ] || the_same "RTLD_DEEPBIND, two" deep-two "${client[@]}" deep "$renamed" -
for name in debian renamed; do
    is "$name: one image opened, two snapshots made and removed, watched" "1 4 1" \
        "$(count $name '^image_open .*result=0') $(count $name '^snapshot_begin ') $(count $name '^watch_registered .*result=0')"
done
for name in two ${FENCELINE_SHORT:-two-renamed}; do
    [ "$name" != 1 ] || continue
    is "$name: two images opened, four snapshots made and removed" "2 8" \
        "$(count $name '^image_open .*result=0') $(count $name '^snapshot_begin ')"
done

# So bound, a library finds itself before the shim: nothing can be recorded, and nothing is.
is "RTLD_DEEPBIND: python's calls go past the shim" "0 0" "$(count deep '^snapshot_begin ') $(count deep-two '^snapshot_begin ')"

# rbd's own calls are C++.
said rbd-renamed "$shim" "$renamed/rbd" snap create "$LAB_POOL/disk-3@renamed"
is "renamed rbd: makes a snapshot, which is recorded" "exit code 0, 1" "$(cat "$dir/rbd-renamed.said"), $(count rbd-renamed '^snapshot_begin .*snap="renamed"')"
unset LD_LIBRARY_PATH

# ---- another interposer ----

interposer=$LAB_DIR/interposer.so
gcc -D_GNU_SOURCE -O2 -Wall -fPIC -shared -o "$interposer" "$here/interposer.c" -ldl
export INTERPOSER_TELLS=$LAB_DIR/interposed
interposed() { # NAME PRELOAD
    rm -f "$INTERPOSER_TELLS"
    said "$1" "$2" "${client[@]}" global - # so that the interposer finds librados behind itself
    cat "$INTERPOSER_TELLS" >>"$dir/$1.said"
}
interposed alone "$interposer"
so "another interposer works alone" grep -q 'reads seen, messages seen, connects 1, writes [1-9]' "$dir/alone.said"
interposed behind "$shim:$interposer"
so "behind the shim: the same" diff "$dir/alone.said" "$dir/behind.said"
interposed in-front "$interposer:$shim"
so "in front of it: the same" diff "$dir/alone.said" "$dir/in-front.said"
for name in behind in-front; do
    is "$name: recorded all the same" "1 1 4 1" "$(count $name '^client_connect ') $(count $name '^image_open .*result=0') \
$(count $name '^snapshot_begin ') $(count $name '^watch_registered .*result=0')"
done
unset INTERPOSER_TELLS

# ---- a release that nobody knows: libceph-common says what this variable says ----

export ceph_debug_version_for_testing=21.1.0
version=$(/usr/bin/python3 -c "import ctypes; f = ctypes.CDLL('$(library "$common")')._Z19ceph_version_to_strv; f.restype = ctypes.c_char_p; print(f().decode())")
[ "$version" = 21.1.0 ] || live_end # Ceph 14 knows no such variable
the_same "a release that nobody knows" unknown "${client[@]}" -
is "python's calls, which are C, are recorded" "1 4" "$(count unknown '^image_open .*result=0') $(count unknown '^snapshot_begin ')"
is "librbd's own, which are C++, are not" "0 0" "$(count unknown '^watch_registered ') $(count unknown '^header_op ')"
said unknown-rbd "$shim" rbd snap create "$LAB_POOL/disk-3@unknown"
is "rbd makes its snapshot, unrecorded" "exit code 0, 0" "$(cat "$dir/unknown-rbd.said"), $(count unknown-rbd '^snapshot_begin ')"
rm -f "$dir/unknown-vm.events"
env "FENCELINE_PRINT=$dir/unknown-vm.events" "LD_PRELOAD=$shim" timeout 60 qemu-io -f raw "rbd:$LAB_POOL/disk-3:conf=$CEPH_CONF" \
    -c 'write -P 7 0 64k' -c 'read -P 7 0 64k' -c 'sleep 7000' >"$dir/logs/unknown-vm.log" 2>&1 </dev/null
is "a VM's image and I/O are recorded" "1 1 1" "$(count unknown-vm '^image_open .*result=0') $(count unknown-vm '^io .*op=1 .*length=65536 result=0') \
$(count unknown-vm '^io .*op=0 .*length=65536 result=[0-9]')"
so "its state says what is not understood" grep -q '^state .*not_understood="release 21.1.0"' "$dir/unknown-vm.events"
so "and each call that was passed on is counted" grep -q '^passthrough .*reason="a release that this shim does not know"' "$dir/unknown-vm.events"
unset ceph_debug_version_for_testing
live_end
