# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Recording with fenceline. LAB_TRACED is what a traced command is prefixed with; empty with FENCELINE_LAB_NO_TRACE=1,
# which stages a scenario with nothing but Ceph and QEMU.

LAB_TRACED=()
if [ -z "${FENCELINE_LAB_NO_TRACE:-}" ] && [ -x "$FENCELINE" ]; then
    LAB_TRACED=("$FENCELINE" run --)
fi

recording_wanted() {
    [ -z "${FENCELINE_LAB_NO_TRACE:-}" ]
}

recording_start() { # PROFILE
    "$FENCELINE" record start --output "$LAB_DIR/trace" --session lab --profile "$1"
}

recording_stop() {
    "$FENCELINE" record stop --session lab
}
