# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What Ceph itself says about the run: facts.json, for the checks. Never taken from fenceline's own output.

# fact PATH VALUE: a dotted path; a later value replaces an earlier one.
fact() {
    printf '%s\t%s\n' "$1" "$2" >>"$LAB_DIR/facts"
}

facts_json() {
    [ -f "$LAB_DIR/facts" ] || return 0
    jq -R -n 'reduce (inputs | split("\t")) as [$path, $value] ({}; setpath($path | split("."); $value))' "$LAB_DIR/facts"
}

ceph_release() { # 14, 16 ...
    ceph --version | sed 's/^ceph version \([0-9]*\).*/\1/'
}

# osd_blocklist WORD…: the command of this release; before Ceph 16 it is called blacklist.
osd_blocklist() {
    ceph --connect-timeout 5 osd "$([ "$(ceph_release)" -ge 16 ] && echo blocklist || echo blacklist)" "$@"
}

blocklisted() { # ADDRESS: is it in the OSD map's blocklist?
    osd_blocklist ls -f json 2>/dev/null | jq -e -s --arg address "$1" 'flatten | any(.addr == $address)' >/dev/null
}

# The OSD's own word that it dropped a client's watch (debug_osd 10).
osd_dropped_watch() { # COOKIE
    file_has "$LAB_DIR/log/osd.0.log" "Watch($1,.*HandleWatchTimeout"
}
