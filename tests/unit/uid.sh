#!/bin/bash
# SPDX-License-Identifier: MIT
# Any local user can record events that name somebody else's VM: the user behind a process's events stands with it, a name that two
# users claim is said, --uid keeps one. (A recorded trace, and the same once more as if another user had written it.)
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
fenceline=${FENCELINE_BUILD:-$root/build}/bin/fenceline
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8 COLUMNS=200
failed=0

fail()
{
	echo "FAIL: $*"
	failed=1
}

unpack() # FOLDER UST-FOLDER: the recorded trace, with ust/uid/0 called so
{
	mkdir -p "$1/$(dirname "$2")"
	tar xJf "$root/tests/golden/recorded-lost-pings/trace.tar.xz" -C "$1"
	mv "$1/trace/ust/uid/0" "$1/$(basename "$2").new" && rm -r "$1/trace" && mkdir -p "$1/$(dirname "$2")" &&
		mv "$1/$(basename "$2").new" "$1/$2" || exit 1
}
unpack vm trace/ust/uid/0
unpack forger trace/ust/uid/1000
unpack own trace/ust/pid/rbd-ust-7-20261129-100000

vms() # ARGUMENT...: name and uid of each VM, then how many events its images have
{
	"$fenceline" timeline -f json "$@" 2>err | python3 -c '
import json, sys
for vm in json.load(sys.stdin)["vms"]:
    if vm["vm"] and vm["vm"]["name"]:
        print(vm["vm"]["name"], vm["vm"].get("uid", "-"), sum(len(image["events"]) for image in vm["images"]))'
}

vms vm > alone
[ "$(cut -d' ' -f2 alone)" = 0 ] || fail "the uid is not with the VM in JSON: $(cat alone)"
"$fenceline" timeline vm > text || fail "timeline ends with $?"
grep -q '^VM .* uid 0$' text || fail "nor in text: $(grep '^VM' text)"
! grep -q 'both say' text || fail "one user's VM is claimed by two"

vms vm forger > both
[ "$(cut -d' ' -f2 both | sort | tr '\n' ' ')" = "0 1000 " ] || fail "two users' processes are not told apart: $(cat both)"
[ "$(cut -d' ' -f1 both | sort -u | wc -l)" = 1 ] || fail "and have one VM's name: $(cat both)"
"$fenceline" timeline vm forger > text || fail "timeline ends with $?"
grep -q 'uid 1000 and uid 0 both say that they are this VM; this is uid 0' text || fail "the claim is not said of the one"
grep -q 'uid 0 and uid 1000 both say that they are this VM; this is uid 1000' text || fail "nor of the other"

vms --uid 0 vm forger > kept
diff alone kept > /dev/null || fail "--uid 0 does not keep just that: $(cat kept)"
[ ! -s err ] || fail "--uid 0 says: $(cat err)"
vms --uid 0 --uid 1000 vm forger > kept
diff both kept > /dev/null || fail "--uid for both leaves something out: $(cat kept)"
[ -z "$(vms --uid 5 vm forger)" ] || fail "--uid 5 keeps something"
[ "$(vms own | cut -d' ' -f2)" = - ] || fail "a ring of one process tells a uid"
[ -z "$(vms --uid 0 own)" ] || fail "--uid 0 keeps what nobody knows whose it is"
grep -q 'left out.*not known' err || fail "and does not say so: $(cat err)"

for wrong in -1 root "" 99999999999 1x; do
	"$fenceline" timeline --uid="$wrong" vm > out 2> err
	[ $? -eq 2 ] || fail "--uid='$wrong' is no wrong usage"
done

[ $failed -eq 0 ] && echo "ok: uid 0 and uid 1000, told apart, said, and kept one by one"
exit $failed
