#!/bin/bash
# SPDX-License-Identifier: MIT
# table.h against the libraries of each Ceph release at hand: the machine's own and those of the cached suites of tests/matrix.
#   - the shim exports the table's rows and nothing else (bindings.sh says the same of the bindings), and no other file of it names them
#   - a row is in every release that its range names, and in no other
#   - a name of the families (open and close, I/O and completions, watch and notify, lock, blocklist, snapshot) that a release
#     has is wrapped, or shim/base/left_alone.txt says why not
# usage: exports.sh [FOLDER-OF-LIBRARIES VERSION]      only against these, such as .../usr/lib/x86_64-linux-gnu 18.2.7
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
table=$root/shim/base/table.h left_alone=$root/shim/base/left_alone.txt
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
declare -A majors=()
export LC_ALL=C

fail()
{
	echo "FAIL: $*"
	failed=1
}

# The words of a name, without its arguments, that put it into one of the families; exec and operate are how librbd locks.
families='open|close|read|write|append|discard|flush|zeroes|compare|cmpext|aio|completion|poll_io|Image::~?Image'
families+='|watch|notify|quiesce|lock|blocklist|blacklist|snap|exec|operate|send_command'

# readable: mangled names on stdin, as people write them on stdout; the namespaces of versions are left out.
readable()
{
	c++filt | sed -e 's/std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >/string/g' \
		-e 's/std::__cxx11:://g' -e 's/ceph::buffer::v1[0-9]_[0-9]_[0-9]::list/bufferlist/g' -e 's/v[0-9]*_[0-9]*_[0-9]*:://g'
}

# rows: SYMBOL LIBRARY FIRST LAST
sed -n 's/^[A-Z_]*ROW([^,]*, "\([^"]*\)", \([A-Z_]*\), [A-Z]*, \([0-9]*\), \([0-9]*\)[,)].*/\1 \2 \3 \4/p' "$table" | sort > "$work/rows"
[ "$(wc -l < "$work/rows")" = "$(grep -c '^[A-Z_]*ROW(' "$table")" ] && [ -s "$work/rows" ] || fail "a row of table.h is not understood"
awk '{ print $1 }' "$work/rows" > "$work/wrapped"
nm -D --defined-only "$build/lib/libfenceline.so" | awk '$3 != "fenceline_hooks" { print $3 }' | sort > "$work/exported"
diff "$work/wrapped" "$work/exported" > "$work/difference" || fail "the shim's exports are not the table's rows (< table, > exported): $(cat "$work/difference")"

# A C++ name is long and easily wrong: it is written once.
grep '^_Z' "$work/wrapped" > "$work/mangled"
grep -rlF --include='*.[ch]' -f "$work/mangled" "$root/shim" | grep -v '/base/table\.h$' > "$work/again"
[ ! -s "$work/again" ] || fail "an exported name stands outside table.h, too: $(tr '\n' ' ' < "$work/again")"

# Patterns: what stands before the first tab of a line of left_alone.txt. A pattern hides nothing that is wrapped.
grep -v -e '^#' -e '^$' "$left_alone" | cut -f 1 > "$work/patterns"
awk -F'\t' '!/^#/ && !/^$/ && (NF != 2 || length($2) < 8) { print }' "$left_alone" > "$work/without_reason"
[ ! -s "$work/without_reason" ] || fail "left_alone.txt, no reason: $(head -3 "$work/without_reason")"
sort "$work/patterns" | uniq -d > "$work/twice"
[ ! -s "$work/twice" ] || fail "left_alone.txt, twice: $(cat "$work/twice")"

# without_reason NAMES: those of the readable names in the second column that no pattern matches; used patterns to $work/used.
match()
{
	awk -F'\t' -v used="$work/used" '
		function expression(glob) { gsub(/[][.+(){}^$|\\]/, "\\\\&", glob); gsub(/\*/, ".*", glob); gsub(/\?/, ".", glob); return "^" glob "$" }
		FILENAME == ARGV[1] { pattern[++n] = expression($0); said[n] = $0; next }
		{ for (i = 1; i <= n; i++) if ($2 ~ pattern[i]) { print said[i] >> used; next } print }' "$work/patterns" "$1"
}

paste "$work/wrapped" <(readable < "$work/wrapped") > "$work/named"
match "$work/named" > "$work/not_matched"
comm -23 <(sort "$work/named") <(sort "$work/not_matched") > "$work/both"
[ ! -s "$work/both" ] || fail "left_alone.txt leaves alone what the table wraps: $(cut -f 2 "$work/both" | head -5)"
rm -f "$work/used"
touch "$work/used"

symbols() # FILE: the functions that it defines
{
	nm -D --defined-only "$1" | awk '$2 ~ /^[TWi]$/ { sub("@.*", "", $3); print $3 }' | sort -u
}

# check_release NAME FOLDER VERSION
check_release()
{
	local name=$1 folder=$2 version=$3 major=${3%%.*} common
	common=$(ls "$folder"/ceph/libceph-common.so.[0-9] "$folder"/libceph-common.so.[0-9] 2> /dev/null | head -n 1)
	for file in "$folder/librbd.so.1" "$folder/librados.so.2" "$common"; do
		[ -f "$file" ] || { fail "$name: no $file"; return; }
	done
	symbols "$folder/librbd.so.1" > "$work/LIB_RBD"
	symbols "$folder/librados.so.2" > "$work/LIB_RADOS"
	symbols "$common" > "$work/LIB_CEPH_COMMON"
	for file in libc.so.6 libpthread.so.0; do # one and the same since glibc 2.34
		symbols "$(ls "$folder/$file" "$folder/../../../lib/${folder##*/}/$file" 2> /dev/null | head -n 1)"
	done | sort -u > "$work/LIB_C"
	for library in LIB_RBD LIB_RADOS LIB_CEPH_COMMON LIB_C; do
		awk -v l="$library" -v m="$major" '$2 == l && m >= $3 && ($4 == 0 || m <= $4) { print $1 }' "$work/rows" > "$work/should"
		awk -v l="$library" -v m="$major" '$2 == l && !(m >= $3 && ($4 == 0 || m <= $4)) { print $1 }' "$work/rows" > "$work/should_not"
		comm -23 "$work/should" "$work/$library" > "$work/missing"
		comm -12 "$work/should_not" "$work/$library" > "$work/early"
		[ ! -s "$work/missing" ] || fail "$name: the table says $major has them, but it does not: $(head -5 "$work/missing")"
		[ ! -s "$work/early" ] || fail "$name: $major has them, but the table's range says no: $(head -5 "$work/early")"
	done
	sort -u "$work/LIB_RBD" "$work/LIB_RADOS" | grep -E '^(rbd_|rados_|_ZNK?6librbd|_ZNK?8librados)' | comm -23 - "$work/wrapped" > "$work/unwrapped"
	paste "$work/unwrapped" <(readable < "$work/unwrapped") |
		awk -F'\t' -v f="$families" '{ n = $2; sub(/\(.*/, "", n); if (n ~ f) print }' > "$work/asked"
	match "$work/asked" > "$work/forgotten"
	[ ! -s "$work/forgotten" ] || fail "$name: neither wrapped nor left alone with a reason, $(wc -l < "$work/forgotten") names:
$(cut -f 2 "$work/forgotten")"
	echo "Ceph $version ($name): $(awk -v m="$major" 'm >= $3 && ($4 == 0 || m <= $4)' "$work/rows" | wc -l) wrapped, $(wc -l < "$work/asked") of the families left alone"
	majors[$major]=1
}

installed() # [DPKG-OPTION]: the version of its librados
{
	dpkg-query "$@" -W -f '${Version}\n' librados2 2> /dev/null | sed 's/[-+].*//'
}

if [ $# = 2 ]; then
	check_release "$1" "$1" "$2"
	exit $failed
fi
folder=$(dirname "$(ldconfig -p | sed -n 's|.* => \(.*/librados\.so\.2\)$|\1|p' | head -n 1)")
version=$(installed)
[ -f "$folder/librados.so.2" ] && [ -n "$version" ] || { echo "no librados is installed"; exit 77; }
check_release "this machine" "$folder" "$version"
for suite in "${XDG_CACHE_HOME:-$HOME/.cache}"/fenceline/suites/*/; do
	version=$(installed --admindir="$suite/var/lib/dpkg")
	[ -z "$version" ] || check_release "$(basename "$suite")" "$(echo "$suite"usr/lib/*-linux-gnu)" "$version"
done
# With all four releases at hand a pattern that matches nothing is a leftover.
if [ ${#majors[@]} -ge 4 ]; then
	sort -u "$work/used" | comm -13 - <(sort "$work/patterns") > "$work/unused"
	[ ! -s "$work/unused" ] || fail "left_alone.txt, matches nothing in any release: $(cat "$work/unused")"
fi
exit $failed
