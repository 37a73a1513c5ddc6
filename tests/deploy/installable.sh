#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a throwaway chroot of a Debian that has nothing but its base: the packages that Debian 12 built are installed with what they depend
# on, their programs start, tell an incident from a log, load the trace provider; a purge takes them away. usage: installable.sh DEBS
set -u -o pipefail
debs=$(realpath "$1")
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
failed=0
export DEBIAN_FRONTEND=noninteractive
so() { # "what is so" COMMAND…
    local what=$1 said
    shift
    if said=$("$@" 2>&1); then echo "so: $what"; else echo "FAIL: not so: $what: $(tail -n 5 <<<"$said" | tr '\n' ' ')"; failed=1; fi
}
so "apt has its lists" apt-get -q update
so "apt installs them, with what they depend on" apt-get -q -y --no-install-recommends install "$debs"/fenceline_*.deb "$debs"/fenceline-shim_*.deb
so "no program lacks a library" sh -c '! ldd /usr/bin/fenceline /usr/libexec/fenceline/* /usr/lib/*/fenceline/*.so* | grep "not found"'
so "each command's help is there" sh -c 'for command in $(fenceline help | sed -n "s/^  \([a-z]*\)  .*/\1/p"); do fenceline $command --help >/dev/null || exit 1; done'
so "an incident is told from a log" sh -c "fenceline incidents --format json $top/tests/fixtures/logs/pacific/ceph.audit.log | grep -q '\"cause\"'"
fenceline doctor >/tmp/doctor 2>&1
cat /tmp/doctor
so "doctor loads the trace provider" grep -q '^ok *trace provider /usr/lib' /tmp/doctor
so "and finds that it and the session daemon fit" grep -q '^ok *LTTng: 2\.' /tmp/doctor
so "apt purges them" apt-get -q -y purge fenceline fenceline-shim
so "nothing of them is left" sh -c "! find /etc /usr /var /run -xdev -name '*fenceline*' -not -path '/var/lib/dpkg/*' | grep ."
exit $failed
