#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `qemu-img bench` on a real Ceph under valgrind's memcheck, with the shim and a recording of everything: no error that has a
# frame of ours in its stack, no memory of ours lost, and each write in the trace.
command -v valgrind >/dev/null || { echo "valgrind is not installed; run tools/install-deps"; exit 77; }
. "$(dirname "$0")/../lib/live.sh"
writes=300

rbd create "$LAB_POOL/disk" --size 64M
qemu_img=(qemu-img bench -c "$writes" -d 8 -s 4096 -t none -n -f raw -w "rbd:$LAB_POOL/disk:conf=$CEPH_CONF")
rbd_bench=(rbd bench "$LAB_POOL/disk" --io-type write --io-size 4096 --io-threads 8 --io-total $((writes * 4096)))
memcheck() { # NAME PREFIX… -- COMMAND…: a command under memcheck; errors to logs/NAME.xml
    local name=$1 prefix=()
    shift
    while [ "$1" != -- ]; do prefix+=("$1"); shift; done
    shift
    # One LD_PRELOAD for both: valgrind's launcher passes it on to the program under it.
    "${prefix[@]}" timeout 300 valgrind --tool=memcheck --leak-check=full --show-leak-kinds=definite --num-callers=40 --max-stackframe=16000000 \
        --xml=yes --xml-file="$dir/logs/$name.xml" --trace-children=no --child-silent-after-fork=yes "$@" >"$dir/logs/$name.log" 2>&1 ||
        { echo "FAIL: $name: $1 under valgrind ended with $?: $(tail -1 "$dir/logs/$name.log")"; exit 1; }
}

memcheck without env -- "${qemu_img[@]}"
recording_start full
memcheck with "${LAB_TRACED[@]}" -- "${qemu_img[@]}"
recording_stop
all_writes_are_in_the_trace() { # NAME of what is told of it
    tell_trace "$1"
    seen=$(jq -s '[.[] | select(.kind == "io" and .op == "write" and .result >= 0)] | length' "$dir/$1.ndjson")
    [ "$seen" = $writes ] || { echo "FAIL: $seen writes in the trace, not $writes"; exit 1; }
}
all_writes_are_in_the_trace timeline

# Whose is an error? Ours if the innermost frame, libc's apart, is ours. With a frame of ours further out it is ours too, unless
# the same two innermost frames were at fault without the shim: QEMU's coroutines switch stacks, which memcheck takes amiss, and
# librbd calls them back through us. A leak is whose who asked for the memory (dlopen's own is the loader's).
# Where it takes even what librbd hands to QEMU's callback for uninitialised, without the shim (seen with bullseye's QEMU 5.2), that says
# nothing of us, who are handed the same: then rbd, which has no coroutines, must do without a single one. Exits 3 if so.
judge() { # WITHOUT WITH
    /usr/bin/python3 - "$dir/logs/$1.xml" "$dir/logs/$2.xml" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

def errors(path):
    for error in tree.parse(path).getroot().iter("error"):
        frames = []
        for frame in error.find("stack").iter("frame"):
            module = (frame.findtext("obj") or "?").rsplit("/", 1)[-1]
            frames.append((module, frame.findtext("fn") or "?"))
        while frames and frames[0][0].startswith(("vgpreload", "libc.so")):
            frames.pop(0)
        yield error.findtext("kind"), error.findtext("what") or error.findtext("xwhat/text"), frames

def ours(frame):
    return frame[0].startswith("libfenceline")

def place(kind, frames):
    return kind, tuple(frame for frame in frames if not ours(frame))[:2]

plain = list(errors(sys.argv[1]))
before = {place(kind, frames) for kind, what, frames in plain}
taken_amiss = any(kind.startswith("Uninit") and [module.split(".")[0] for module, fn in frames[:2]] == ["block-rbd", "librbd"]
                  for kind, what, frames in plain)
guilty, others, handed = [], 0, 0
for kind, what, frames in errors(sys.argv[2]):
    inner = bool(frames) and ours(frames[0])
    outer = any(map(ours, frames)) and not kind.startswith("Leak_") and place(kind, frames) not in before
    if not (inner or outer):
        others += 1
    elif taken_amiss and kind.startswith("Uninit"):
        handed += 1
    else:
        guilty.append(f"{kind}: {what}: " + " < ".join(f"{fn} ({module})" for module, fn in frames[:6]))
print(f"memcheck: {len(before)} places without the shim, {others} errors of others with it, {len(guilty)} of ours" +
      (f"; {handed} more of what librbd hands to callbacks without the shim, too" if handed else ""))
for line in guilty:
    print("FAIL:", line)
sys.exit(1 if guilty else 3 if handed else 0)
PYTHON
}

code=0
judge without with || code=$?
if [ $code = 3 ]; then
    memcheck rbd-without env -- "${rbd_bench[@]}"
    mv "$LAB_DIR/trace" "$LAB_DIR/trace-of-qemu-img"
    recording_start full
    memcheck rbd-with "${LAB_TRACED[@]}" -- "${rbd_bench[@]}"
    recording_stop
    all_writes_are_in_the_trace rbd-timeline
    code=0
    judge rbd-without rbd-with || code=$?
fi
exit $code
