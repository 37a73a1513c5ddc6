#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The part of tests/ceph-tests/run that runs inside the lab, on a Ceph of one node and three OSDs (the erasure coded tests want three).
# usage: inside.sh FOLDER-OF-RESULTS
set -eu -o pipefail
out=$1
. "$LAB_HOME/lib/all.sh"
chosen=${CEPH_TESTS:-watch_notify watch_notify_pp librbd fsx fio}
failed=0
mkdir -p "$out"

# What a default image of a cloud has: layering, exclusive-lock, object-map, fast-diff, deep-flatten. Without it a third is skipped.
export RBD_FEATURES=61

say_result() { # ok|FAIL NAME TEXT
    printf '%s ceph-tests/%s%s\n' "$1" "$2" "${3:+$([ "$1" = FAIL ] && echo ": $3" || echo " ($3)")}"
    [ "$1" != FAIL ] || failed=1
}

# on_side SIDE COMMAND…: without the shim, or with it.
on_side() {
    local side=$1
    shift
    case $side in
    without) "$@" ;;
    *) "$FENCELINE" run -- "$@" ;;
    esac
}

# ---- Ceph's test programs ----

# gtest SIDE NAME PROGRAM FILTER: the tests' results as lines of NAME RESULT, in $out/NAME.SIDE. A program that died has no
# report; then its last test died with it.
gtest() {
    local side=$1 name=$2 program=$3 filter=$4 file
    file=$out/$2.$side
    rm -f "$file.json"
    on_side "$side" timeout 1500 "$program" --gtest_filter="$filter" --gtest_output="json:$file.json" >"$file.log" 2>&1 </dev/null || true
    if [ -s "$file.json" ]; then
        jq -r '.testsuites[].testsuite[] | select(.status == "RUN" or .result == "SKIPPED")
            | "\(.classname).\(.name) \(if .failures then "FAILED" elif .result == "SKIPPED" then "SKIPPED" else "OK" end)"' "$file.json"
    else
        sed -n 's/^\[ *\(OK\|FAILED\|SKIPPED\) *\] \([A-Za-z0-9_/]*\.[A-Za-z0-9_/]*\) (.*/\2 \1/p' "$file.log"
        sed -n 's/^\[ RUN  *\] //p' "$file.log" | tail -n 1 | sed 's/$/ DIED/'
    fi | sort -u >"$file"
}

count() { # NAME SIDE: "N tests: N passed, N skipped, N failed"
    awk '{ n[$2]++ } END { printf "%d tests: %d passed, %d skipped, %d failed", NR, n["OK"], n["SKIPPED"], n["FAILED"] + n["DIED"] }' "$out/$1.$2"
}

result_of() { # TEST FILE
    awk -v t="$1" '$1 == t { r = $2 } END { print r == "" ? "ABSENT" : r }' "$2"
}

# again NAME PROGRAM TEST SIDE: four times six at once, since what fails now and then fails under load; prints how many of them did not
# pass. (TestLibRBD.ConcurentOperations of 18.2.7 aborts in 1 or 2 of 24 such runs without the shim.)
again() {
    local bad=0 round n
    for round in 1 2 3 4; do
        for n in 1 2 3 4 5 6; do
            gtest "$4" "$1-again-$round$n" "$2" "$3" &
        done
        wait
        for n in 1 2 3 4 5 6; do
            [ "$(result_of "$3" "$out/$1-again-$round$n.$4")" = OK ] || bad=$((bad + 1))
        done
    done
    echo $bad
}
# compare NAME PROGRAM SIDE: the same results as without the shim? One that differs is run again, many times on both sides: a
# test that fails without the shim as well is the test's own affair, and is named.
compare() {
    local name=$1 program=$2 side=$3 test without with bad_without bad_with words='' differ=''
    while read -r test; do
        without=$(result_of "$test" "$out/$name.without") with=$(result_of "$test" "$out/$name.$side")
        [ "$without" != "$with" ] || continue
        bad_without=$(again "$name" "$program" "$test" without)
        bad_with=$(again "$name" "$program" "$test" "$side")
        words="$test: $without without the shim, $with $side it; again: $bad_without of 24 did not pass without it, $bad_with of 24 $side it"
        echo "note: $words"
        if [ "$without" = OK ] && [ "$bad_without" = 0 ]; then
            differ+="${differ:+; }$words"
        fi
    done < <(cut -d' ' -f1 "$out/$name.without" "$out/$name.$side" | sort -u)
    if [ ! -s "$out/$name.without" ] || [ ! -s "$out/$name.$side" ]; then
        say_result FAIL "$name/$side" "no test ran, see $name.*.log"
    elif [ -n "$differ" ]; then
        say_result FAIL "$name/$side" "$differ"
    else
        say_result ok "$name/$side" "$(count "$name" "$side"); without the shim $(count "$name" without)"
    fi
}

# record, end_of_record NAME: everything, in the full profile, into a folder on disk; what it held is told.
record() {
    rm -rf "$out/trace"
    "$FENCELINE" record start --output "$out/trace" --session ceph-tests --profile full >&2
}

end_of_record() { # NAME EVENT: one that must be in the trace, or nothing was seen
    local events
    "$FENCELINE" record stop --session ceph-tests >"$out/$1.record" 2>&1
    events=$(babeltrace2 "$out/trace" 2>/dev/null | grep -c "fenceline:$2:") || true
    [ "$events" -gt 0 ] || say_result FAIL "$1/recorded" "the trace has no $2 event: the shim was not in it"
    echo "note: $1, recorded: $events $2 events; $(tail -n 1 "$out/$1.record"); $(du -sh "$out/trace" | cut -f1)"
    rm -rf "$out/trace"
}

run_gtests() { # NAME PROGRAM FILTER EVENT
    local name=$1 program=$2 filter=$3
    # Side by side: most of their time is waiting, and each makes a pool of its own.
    gtest without "$name" "$program" "$filter" &
    gtest with "$name" "$program" "$filter"
    wait $!
    record
    gtest recorded "$name" "$program" "$filter"
    end_of_record "$name" "$4"
    compare "$name" "$program" with
    compare "$name" "$program" recorded
}

# ---- fsx: Ceph's own random reads, writes, discards, resizes, flattens and clones, each read checked; through librbd.so's C API ----

# fsx SIDE: how it ended, and what it did, which the seed decides.
fsx() {
    local code=0
    on_side "$1" timeout 600 ceph_test_librbd_fsx -d -S 4711 -N 3000 "$LAB_POOL" "fsx-$1" >"$out/fsx.$1.log" 2>&1 </dev/null || code=$?
    printf 'exit code %d, %d operations, %s\n' "$code" "$(grep -cE '^[0-9]+[: ]' "$out/fsx.$1.log")" "$(grep -E '^[0-9]+[: ]' "$out/fsx.$1.log" | cut -f 1-3 | grep -oE '(read|write|trunc|punch|discard|zero|writesame|comparenwrite|clone|flatten|skipping).*' | md5sum | cut -c1-8)"
}

run_fsx() {
    local without said side
    without=$(fsx without)
    for side in with recorded; do
        [ $side = with ] || record
        said=$(fsx $side)
        [ $side = with ] || end_of_record fsx io
        if [ "$said" = "$without" ] && [[ $said == "exit code 0, "* ]]; then
            say_result ok "fsx/$side" "$said, the same without the shim"
        else
            say_result FAIL "fsx/$side" "$said; without the shim $without: $(tail -n 1 "$out/fsx.$side.log")"
        fi
    done
}

# ---- fio ----

# fio_job SIDE NAME OPTION…: what it did and what went wrong, as one line.
fio_job() {
    local side=$1 name=$2 file
    shift 2
    file=$out/fio-$name.$side
    on_side "$side" timeout 300 fio --ioengine=rbd --clientname=admin --pool="$LAB_POOL" --rbdname=fio --name="$name" --size=32M \
        --verify=crc32c --verify_fatal=1 --randseed=4711 --output-format=json --output="$file.json" "$@" >"$file.log" 2>&1 </dev/null || echo "exit $?" >>"$file.log"
    { sed -n '/^{/,$p' "$file.json" | jq -c '.jobs[0] | {error, reads: .read.total_ios, read: .read.io_bytes, writes: .write.total_ios, written: .write.io_bytes, trims: .trim.total_ios}' ||
        echo "no report: $(tail -n 1 "$file.log")"; } 2>/dev/null
    grep -E 'verify|exit' "$file.log" || true
}

fio_same() { # NAME OPTION…
    local name=$1 side without said
    shift
    without=$(fio_job without "$name" "$@")
    for side in with recorded; do
        [ $side = with ] || record
        said=$(fio_job $side "$name" "$@")
        [ $side = with ] || end_of_record "fio-$name" io
        if [ "$said" = "$without" ] && [[ $said == '{"error":0,'* ]]; then
            say_result ok "fio/$name/$side" "$said, the same without the shim"
        else
            say_result FAIL "fio/$name/$side" "$said; without the shim $without"
        fi
    done
}

run_fio() {
    rbd create "$LAB_POOL/fio" --size 64M
    fio_same randwrite-depth-1 --rw=randwrite --bs=4k --iodepth=1 --io_size=8M
    fio_same randwrite-depth-8 --rw=randwrite --bs=4k --iodepth=8
    fio_same randwrite-depth-64 --rw=randwrite --bs=4k --iodepth=64
    fio_same write-depth-16 --rw=write --bsrange=4k-256k --iodepth=16
    fio_same randrw-depth-32 --rw=randrw --bs=16k --iodepth=32
    fio_same trimwrite-depth-8 --rw=trimwrite --bs=64k --iodepth=8 --verify=0
    # Written on one side, read back and verified on the other; other data are found out.
    local other
    fio_job with crossed --rw=randwrite --bs=8k --iodepth=32 --do_verify=0 >/dev/null
    other=$(fio_job without crossed --rw=randwrite --bs=8k --iodepth=32 --verify_only=1)
    [[ $other == '{"error":0,"reads":4096,'* ]] && say_result ok fio/written-with-verified-without "$other" || say_result FAIL fio/written-with-verified-without "$other"
    fio_job without crossed --rw=randwrite --bs=8k --iodepth=32 --do_verify=0 >/dev/null
    other=$(fio_job with crossed --rw=randwrite --bs=8k --iodepth=32 --verify_only=1)
    [[ $other == '{"error":0,"reads":4096,'* ]] && say_result ok fio/written-without-verified-with "$other" || say_result FAIL fio/written-without-verified-with "$other"
    rbd bench --io-type write --io-size 4096 --io-total 1M --io-pattern rand "$LAB_POOL/fio" >/dev/null
    other=$(fio_job with crossed --rw=randwrite --bs=8k --iodepth=32 --verify_only=1)
    [[ $other != '{"error":0,'* ]] && say_result ok fio/other-data-found "$(head -n 1 <<<"$other")" || say_result FAIL fio/other-data-found "$other"
}

for id in 1 2; do
    cluster_osd $id >>"$LAB_DIR/log/cluster-up.log" 2>&1
done
wait_until 60 "three OSDs" sh -c 'ceph osd stat -f json | jq -e ".num_up_osds == 3" >/dev/null'
echo "note: Ceph $(ceph --version | cut -d' ' -f3), fio $(fio --version), LTTng $(lttng --version | sed 's/^[^)]*) \([0-9.]*\).*/\1/')"
for name in $chosen; do
    case $name in
    watch_notify) run_gtests watch_notify ceph_test_rados_api_watch_notify '*' watch_registered ;;
    watch_notify_pp) run_gtests watch_notify_pp ceph_test_rados_api_watch_notify_pp '*' watch_registered ;;
    # Debian links librbd into this program; of the shim it meets what stands before librados: watches, locks, header, sockets.
    librbd) run_gtests librbd ceph_test_librbd 'TestLibRBD.*' watch_registered ;;
    fsx) run_fsx ;;
    fio) run_fio ;;
    *) say_result FAIL "$name" "there is no such test" ;;
    esac
done
exit $failed
