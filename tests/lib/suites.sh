# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What each suite runs.

prepare() {
    headline "prepare"
    run_test build 1800 "$top/tools/build" "$FENCELINE_BUILD"
}

suite_unit() {
    local program script bound
    for program in "$FENCELINE_BUILD"/bin/test_*; do
        [ -x "$program" ] && run_tap "${program##*/}" "$program"
    done
    for script in "$top"/tests/unit/*.sh; do
        bound=600
        [ "${script##*/}" != sanitizers.sh ] || bound=1800 # builds all of it twice, as long as the build itself may take
        printf 'unit/%s\t%s\tbash\t%s\n' "$(basename "$script" .sh)" $bound "$script"
    done | run_side_by_side 2
}

suite_golden() {
    run_folder golden
    local runs=1300
    [ -z "${FENCELINE_SHORT:-}" ] || runs=400
    run_reporter robust "$top/tests/golden/robust" "$FENCELINE_BUILD" --runs $runs
}

suite_scenarios() {
    local script name n
    if [ "$(id -u)" != 0 ]; then
        report_skip scenarios "needs root: network namespaces and nftables are root's"
        return
    fi
    for ((n = 1; n <= repeat; n++)); do
        for script in "$top"/tests/scenarios/*.sh; do
            name=$(basename "$script" .sh)
            [ "$repeat" = 1 ] || name=$name.$n
            printf 'scenarios/%s\t600\tbash\t%s\t%s\n' "$name" "$script" "$logs/scenario-$name"
        done
    done | run_side_by_side "${FENCELINE_SCENARIOS_AT_ONCE:-2}"
}

suite_fuzz() {
    run_folder fuzz
}

suite_matrix() {
    run_folder matrix
}

suite_ceph_tests() {
    run_folder ceph-tests
}

suite_bench() {
    run_folder bench
}

# These have a short form, for the default run: FENCELINE_SHORT is then 1.
suite_stories() {
    run_folder stories
}

suite_guard() {
    run_folder guard
}

suite_deploy() {
    run_folder deploy
}

suite_alert() {
    run_folder alert
}

suite_fleet() {
    run_folder fleet
}

suite_docs() {
    run_folder docs
}

# run_folder NAME: tests/NAME/run BUILD-FOLDER.
run_folder() {
    if [ -x "$top/tests/$1/run" ]; then
        run_reporter "$1" "$top/tests/$1/run" "$FENCELINE_BUILD"
    else
        report_skip "$1" "there is no tests/$1/run"
    fi
}
