# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# One line a test on stdout, and the count at the end. Tests may run side by side: the results are in a file.

short_bound=900 # seconds

report_begin() { # FOLDER
    results=$1/results
    : >"$results"
}

report_ok() { # NAME SECONDS
    printf 'ok\n' >>"$results"
    printf '%sok%s %s (%s s)\n' "$log_green" "$log_off" "$1" "$2"
}

report_fail() { # NAME WHY LOG
    printf 'FAIL\n' >>"$results"
    printf '%sFAIL%s %s: %s, log at %s\n' "$log_red" "$log_off" "$1" "$2" "$3"
    # A log may be gone with the machine that made it: the checks that failed are shown.
    { grep -aE '^(NOT so: |FAIL: |fenceline-lab: )' "$3" 2>/dev/null || true; } | head -n 8 | cut -c1-300 | sed 's/^/    /'
}

report_skip() { # NAME WHY
    printf 'skip\n' >>"$results"
    printf 'skip %s: %s\n' "$1" "$2"
}

report_failures() {
    grep -c FAIL "$results" || true
}

# The closing line, alone; returns 1 if anything failed or nothing ran.
report_end() {
    local passed failed skipped
    passed=$(grep -c ok "$results" || true)
    failed=$(grep -c FAIL "$results" || true)
    skipped=$(grep -c skip "$results" || true)
    printf '%d passed, %d failed' "$passed" "$failed"
    [ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
    printf '\n'
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# last_words FILE: why it failed, shortened for a report line: a compiler's first error, else its last line that says something.
last_words() {
    { grep -a -m 1 -E ' error: |^CMake Error' "$1" || grep -av '^[[:space:]]*$' "$1" | tail -n 1; } | sed 's/^FAIL: *//' | cut -c1-160
}

# run_test NAME SECONDS COMMAND…: 0 passes, 77 skips with its last line as the reason, all else fails with it.
run_test() {
    local name=$1 bound=$2 log begin code=0
    shift 2
    log=$logs/${name//\//.}.log
    begin=$(now_ms)
    timeout --kill-after=10 "$bound" "$@" >"$log" 2>&1 </dev/null || code=$?
    case $code in
    0) report_ok "$name" "$(seconds_since "$begin")" ;;
    77) report_skip "$name" "$(last_words "$log")" ;;
    124 | 137) report_fail "$name" "no end after $bound s" "$log" ;;
    *) report_fail "$name" "$(last_words "$log")" "$log" ;;
    esac
}

# run_side_by_side N: reads lines of NAME SECONDS COMMAND…, with tabs between, and runs N of them at a time.
run_side_by_side() {
    local jobs=$1 line
    while IFS=$'\t' read -r -a line; do
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
            wait -n || true
        done
        run_test "${line[@]}" &
    done
    wait
}

# run_tap NAME PROGRAM: a cmocka program, each of its tests counted.
run_tap() {
    local name=$1 log begin code=0 took line seen=0
    log=$logs/$name.log
    begin=$(now_ms)
    CMOCKA_MESSAGE_OUTPUT=TAP timeout --kill-after=10 300 "$2" >"$log" 2>&1 </dev/null || code=$?
    took=$(seconds_since "$begin")
    while read -r line; do
        seen=$((seen + 1))
        case $line in
        'not ok'*) report_fail "$name/${line#not ok * - }" "see the log" "$log" ;;
        *'# SKIP'*) line=${line#ok * - } && report_skip "$name/${line%% *}" "it says so" ;;
        *) report_ok "$name/${line#ok * - }" "$took" ;;
        esac
    done < <(grep -aE '^(not )?ok [0-9]+ - ' "$log")
    if [ "$seen" = 0 ] || ! tap_is_whole "$log" "$seen"; then
        report_fail "$name" "it ended early, exit code $code" "$log"
    elif [ "$code" != 0 ] && ! grep -aq '^not ok' "$log"; then
        report_fail "$name" "exit code $code" "$log"
    fi
}

# Did as many tests end as the plans ("1..N") announced?
tap_is_whole() { # LOG SEEN
    [ "$(awk -F'\\.\\.' '/^1\.\.[0-9]+$/ { n += $2 } END { print n + 0 }' "$1")" = "$2" ]
}

# run_reporter SUITE COMMAND…: a runner of its own that may print "ok NAME", "FAIL NAME: why" and "skip NAME: why" lines,
# which are counted, and "note: text" lines, which are shown; one that names no test counts as one by its exit code.
# A short form that hangs ends after 15 minutes, so that the rest is run and told.
run_reporter() {
    local suite=$1 log begin code=0 line line_before='' seen=0 failures=0 bounded=()
    shift
    [ -z "${FENCELINE_SHORT:-}" ] || bounded=(timeout --kill-after=30 "$short_bound")
    log=$logs/$suite.log
    begin=$(now_ms)
    : >"$log"
    while IFS= read -r line; do
        case $line in
        ok\ *) printf 'ok\n' >>"$results" ;;
        FAIL\ *) printf 'FAIL\n' >>"$results" && failures=$((failures + 1)) ;;
        skip\ *) printf 'skip\n' >>"$results" ;;
        note:\ *) printf '%s\n' "$line" && continue ;;
        *) line_before=$line && continue ;;
        esac
        seen=$((seen + 1))
        printf '%s\n' "$line"
    done < <(
        set +e # a runner that fails has an exit code to tell, too: the last line
        "${bounded[@]}" "$@" 2>&1 </dev/null | tee "$log"
        printf '\n%d\n' "${PIPESTATUS[0]}"
    )
    code=$line_before
    if [ "$seen" = 0 ] && [ "$code" = 0 ]; then
        report_ok "$suite" "$(seconds_since "$begin")"
    elif [ "$code" = 124 ] || [ "$code" = 137 ]; then
        report_fail "$suite" "no end${bounded[0]:+ after $short_bound s}: $(last_words "$log")" "$log"
    elif [ "$code" = 77 ] && [ "$seen" = 0 ]; then
        report_skip "$suite" "$(last_words "$log")"
    elif [ "$code" != 0 ] && [ "$failures" = 0 ]; then
        report_fail "$suite" "exit code $code: $(last_words "$log")" "$log"
    fi
}
