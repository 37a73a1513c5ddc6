#!/bin/bash
# SPDX-License-Identifier: MIT
# Each wrapper takes and returns what Ceph's own headers declare: as many arguments, of the same sizes, and pointers to what
# is there. Against the headers of the machine's release and those of the cached suites of tests/matrix.
# usage: signatures.sh [INCLUDE-FOLDER VERSION]      only against these, such as .../usr/include 18.2.7
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# check_release INCLUDE-FOLDER VERSION: of the folder only Ceph's headers, with this machine's compiler and C library.
check_release()
{
	local headers=$work/$2 name
	mkdir -p "$headers"
	ln -s "$1/rbd" "$1/rados" "$headers"
	{
		printf '#include <%s>\n' rbd/librbd.h rados/librados.h semaphore.h sys/socket.h unistd.h
		for name in $(sed -n 's/^[A-Z_]*ROW([^,]*, "\([a-z][a-z0-9_]*\)", .*/\1/p' "$root/shim/base/table.h"); do
			! grep -q -w "$name" "$1"/rbd/librbd.h "$1"/rados/librados.h /usr/include/unistd.h || echo "__typeof__(&$name) pointer_to_$name;"
		done
		echo '__typeof__(&sendmsg) pointer_to_sendmsg;'
		echo '__typeof__(&sem_timedwait) pointer_to_sem_timedwait;'
		echo '__typeof__(&fork) pointer_to__Fork;' # glibc declares it only for GNU programs, as it does fork
	} > "$headers/c.c"
	{
		printf '#include <%s>\n' rados/librados.hpp rbd/librbd.hpp
		printf 'static %s *pointer_%d;\n' librados::Rados 1 librados::IoCtx 2 librados::ObjectReadOperation 3 librbd::RBD 4 librbd::Image 5 librbd::RBD::AioCompletion 6
	} > "$headers/cpp.cc"
	# the machine's own <rados/...> and <rbd/...> come after these, and are not reached
	gcc -w -g -gdwarf-4 -I"$headers" -c -o "$headers/c.o" "$headers/c.c" &&
		g++ -w -g -gdwarf-4 -femit-class-debug-always -I"$headers" -c -o "$headers/cpp.o" "$headers/cpp.cc" &&
		/usr/bin/python3 "$root/tests/unit/signatures.py" "${2%%.*}" "$root/shim/base/table.h" "$build/lib/libfenceline.so" "$headers/c.o" "$headers/cpp.o" ||
		failed=1
}

installed() # [DPKG-OPTION]: the version of its librbd-dev
{
	dpkg-query "$@" -W -f '${Version}\n' librbd-dev 2> /dev/null | sed 's/[-+].*//'
}

if [ $# = 2 ]; then
	check_release "$1" "$2"
	exit $failed
fi
version=$(installed)
[ -n "$version" ] || { echo "no librbd-dev is installed"; exit 77; }
check_release /usr/include "$version"
for suite in "${XDG_CACHE_HOME:-$HOME/.cache}"/fenceline/suites/*/; do
	other=$(installed --admindir="$suite/var/lib/dpkg")
	[ -z "$other" ] || [ "$other" = "$version" ] || check_release "${suite}usr/include" "$other"
done
exit $failed
