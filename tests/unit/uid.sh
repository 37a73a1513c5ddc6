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

# A ring of one process, and the note beside its trace, as the record daemon leaves it.
process=trace/ust/pid/qemu-7-20261129-100000
unpack noted $process
mv noted/$process/64-bit noted/64-bit && rmdir noted/$process && mv noted/64-bit noted/$process || exit 1
cp -r noted bare
printf 'uid 64055\n' > noted/$process.uid
vms noted > with_note
[ "$(cut -d' ' -f2 with_note)" = 64055 ] || fail "a note does not tell the uid: $(cat with_note)"
[ "$(vms noted/$process/ | cut -d' ' -f2)" = 64055 ] || fail "nor where the trace itself is named"
# The same event of a trace that tells whose it is, and of one that does not, is one, and tells.
for order in 'bare noted' 'noted bare'; do
	read -ra both <<< "$order"
	vms "${both[@]}" > kept
	diff with_note kept > /dev/null || fail "$order: copies are not known as such: $(cat kept)"
	vms --uid 64055 "${both[@]}" > kept
	diff with_note kept > /dev/null || fail "--uid 64055 $order keeps: $(cat kept)"
done
for wrong in 'uid 64055' 'uid -1\n' 'uid 4294967295\n' 'uid 1\nuid 2\n' 'uid  1\n' 'uid 01\n' '1\n' ''; do
	printf '%b' "$wrong" > bare/$process.uid
	[ "$(vms bare | cut -d' ' -f2)" = - ] || fail "the note '$wrong' tells a uid"
done
ln -sf "$PWD/noted/$process.uid" bare/$process.uid
[ "$(vms bare | cut -d' ' -f2)" = - ] || fail "a link is a note"
# LTTng makes folders of what a process calls itself.
rm bare/$process.uid && mkdir -p bare/trace/ust/pid/ust/uid/0 && mv bare/$process bare/trace/ust/pid/ust/uid/0/x-7-20261129-100000 || exit 1
[ "$(vms bare | cut -d' ' -f2)" = - ] || fail "a process that calls itself ust/uid/0/x is root's"

for wrong in -1 root "" 99999999999 1x; do
	"$fenceline" timeline --uid="$wrong" vm > out 2> err
	[ $? -eq 2 ] || fail "--uid='$wrong' is no wrong usage"
done

[ $failed -eq 0 ] && echo "ok: uid 0 and uid 1000, told apart, said, and kept one by one"
exit $failed
