#!/bin/bash
# SPDX-License-Identifier: MIT
# Each call that fenceline-guard declares for itself is declared so by Ceph's own headers, of the release at hand; each structure has
# its size and its members' places; and the libraries have every call.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -f /usr/include/rbd/librbd.h ] || { echo "needs the package librbd-dev"; exit 77; }

cat > "$work/calls.c" <<'C'
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <rados/librados.h>
#include <rbd/librbd.h>
/* Ours are other structures of the same layout, which is looked at below; here only the rest of the declaration counts. */
#define ceph_watcher ceph_watcher_ours
#define ceph_group ceph_group_ours
#define ceph_mirror ceph_mirror_ours
#include "guard/ceph_calls.h"
#undef ceph_watcher
#undef ceph_group
#undef ceph_mirror
#define SAME(type, name, arguments) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&name), type(*) arguments), #name " is declared otherwise by Ceph");
RADOS_CALLS(SAME)
#define LAID(ours, theirs, member, their_member) \
	_Static_assert(offsetof(struct ours, member) == offsetof(theirs, their_member), #ours "." #member);
#define SIZED(ours, theirs) _Static_assert(sizeof(struct ours) == sizeof(theirs), #ours);
SIZED(ceph_watcher_ours, rbd_image_watcher_t)
LAID(ceph_watcher_ours, rbd_image_watcher_t, address, addr)
LAID(ceph_watcher_ours, rbd_image_watcher_t, id, id)
LAID(ceph_watcher_ours, rbd_image_watcher_t, cookie, cookie)
SIZED(ceph_group_ours, rbd_group_info_t)
LAID(ceph_group_ours, rbd_group_info_t, name, name)
SIZED(ceph_mirror_ours, rbd_mirror_image_info_t)
LAID(ceph_mirror_ours, rbd_mirror_image_info_t, state, state)
LAID(ceph_mirror_ours, rbd_mirror_image_info_t, primary, primary)
_Static_assert(RBD_MIRROR_IMAGE_ENABLED == 1, "state");
_Static_assert(RBD_FEATURE_EXCLUSIVE_LOCK == 4, "feature");
C
# librbd's calls: the same macro, with Ceph's own names of the structures in place of ours.
cat > "$work/rbd.c" <<'C'
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <rados/librados.h>
#include <rbd/librbd.h>
#include "calls.h"
#define SAME(type, name, arguments) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&name), type(*) arguments), #name " is declared otherwise by Ceph");
RBD_CALLS(SAME)
C
sed -e 's/struct ceph_watcher \*/rbd_image_watcher_t */g; s/struct ceph_group \*/rbd_group_info_t */g; s/struct ceph_mirror \*/rbd_mirror_image_info_t */g' \
	"$root/tools/fenceline/guard/ceph_calls.h" > "$work/calls.h"
failed=0
for part in calls rbd; do
	gcc -std=gnu11 -Wall -Werror -I"$root/tools/fenceline" -I"$work" -c -o "$work/$part.o" "$work/$part.c" || failed=1
done
[ $failed = 0 ] || { echo "FAIL: a declaration of guard/ceph_calls.h is not Ceph's, see above"; exit 1; }

# Without those that it can do without: Ceph 14 lacks one.
names=$(grep -v OPTIONAL_CALLS "$root/tools/fenceline/guard/ceph_calls.h" | grep -oE 'C\((int|void|ssize_t), (rados|rbd)_[a-z_0-9]+' | sed 's/.*, //')
[ "$(wc -w <<< "$names")" -ge 25 ] || { echo "FAIL: too few names read: $names"; exit 1; }
for library in librados.so.2 librbd.so.1; do
	ldconfig -p | awk -v name=$library '$1 == name { print $NF; exit }' | xargs nm -D --defined-only | sed 's/@.*//' | awk '{ print $NF }'
done | sort -u > "$work/there"
for name in $names; do
	grep -qx "$name" "$work/there" || { echo "FAIL: the libraries have no $name"; failed=1; }
done
cpp=$(sed -n '/define CEPH_LIST_WATCHERS/,/define CEPH_DELETE/p' "$root/tools/fenceline/guard/ceph_calls.h" | grep -o '"[^"]*"' | head -n -1 | tr -d '"\n')
grep -qx "$cpp" "$work/there" || { echo "FAIL: librados has no IoCtx::list_watchers of the name '$cpp': a watch's timeout would be guessed"; failed=1; }
[ $failed = 1 ] || echo "$(wc -w <<< "$names") calls"
exit $failed
