#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In the full profile every I/O is one event, no more and no less: N of `qemu-img bench -c N`, what `rbd bench` says it did,
# and for a VM what QEMU itself counted. A Ceph and a QEMU for real.
. "$(dirname "$0")/../lib/live.sh"

# record: records into a trace of its own until end_of_record; the events are then in $dir/NAME.ndjson.
record() {
    rm -rf "$LAB_DIR/trace"
    recording_start full
}

end_of_record() { # NAME
    recording_stop
    tell_trace "$1"
    is "$1: lost events" 0 "$("$FENCELINE" timeline --format json "$LAB_DIR/trace" | jq .lost_events)"
}

events() { # NAME OP…: how many io events of these operations
    local name=$1
    shift
    jq -s --args '[.[] | select(.kind == "io" and (.op | IN($ARGS.positional[])))] | length' "$@" <"$dir/$name.ndjson"
}

all_events() { # NAME
    jq -s '[.[] | select(.kind == "io")] | length' <"$dir/$1.ndjson"
}

rbd create "$LAB_POOL/disk" --size 256M
disk=rbd:$LAB_POOL/disk:conf=$CEPH_CONF

record
"${LAB_TRACED[@]}" qemu-img bench -c 2345 -d 32 -s 4096 -t none -n -f raw -w "$disk"
end_of_record qemu-img-write
is "qemu-img bench -w -c 2345: writes" 2345 "$(events qemu-img-write write)"
is "qemu-img bench -w -c 2345: flushes and nothing else" "$(events qemu-img-write flush)" "$(($(all_events qemu-img-write) - 2345))"

record
"${LAB_TRACED[@]}" qemu-img bench -c 1234 -d 7 -s 16384 -t none -f raw "$disk"
end_of_record qemu-img-read
is "qemu-img bench -c 1234: reads" 1234 "$(events qemu-img-read read)"

record
"${LAB_TRACED[@]}" rbd bench --io-type write --io-size 4096 --io-total 8M --io-threads 8 "$LAB_POOL/disk" >"$dir/logs/rbd-bench.log"
end_of_record rbd-bench
is "rbd bench of 8 MiB by 4 KiB (the C++ API): writes" 2048 "$(events rbd-bench write)"

record
cat >"$dir/logs/sync.py" <<PYTHON
import rados, rbd
with rados.Rados(conffile="$CEPH_CONF") as cluster, cluster.open_ioctx("$LAB_POOL") as ioctx:
    with rbd.Image(ioctx, "disk") as image:
        for i in range(100):
            image.write(b"x" * 512, i * 4096)
        for i in range(50):
            image.read(i * 4096, 512)
        image.discard(0, 4096)
        image.write_zeroes(0, 4096)
        image.flush()
PYTHON
"${LAB_TRACED[@]}" /usr/bin/python3 "$dir/logs/sync.py"
end_of_record python
is "python-rbd, synchronous: reads" 50 "$(events python read)"
is "python-rbd, synchronous: writes" 100 "$(events python write)"
is "python-rbd, synchronous: in all" 153 "$(all_events python)"

# Between two stops of the VM, which wait for every I/O: what QEMU counted less what it merged into others; flushes apart.
# From power on it would not do: QEMU reads the first sector for itself, uncounted.
stopped() { # stops it and keeps what it counted by then, and when
    vm_qmp vm1 '{"execute": "stop"}' '{"execute": "query-blockstats"}' | tail -1 >"$dir/logs/blockstats.$1.json"
    date +%s%N >"$dir/logs/stopped.$1"
}
counted() { # JQ-EXPRESSION over the drive's stats, the difference
    jq -s "[.[] | map(select(.device != \"\").stats)[0] | $1] | .[1] - .[0]" "$dir"/logs/blockstats.{1,2}.json
}
between() { # OP
    jq -s --arg op "$1" --slurpfile from "$dir/logs/stopped.1" --slurpfile to "$dir/logs/stopped.2" \
        '[.[] | select(.kind == "io" and .op == $op and .ts_ns > $from[0] and .ts_ns <= $to[0])] | length' <"$dir/vm.ndjson"
}

record
vm_create vm1
vm_boot vm1 lab.writers=4 lab.pause=0.01 lab.reads=1
stopped 1
vm_qmp vm1 '{"execute": "cont"}' >/dev/null
sleep 15
stopped 2
vm_end vm1
end_of_record vm
is "VM: reads" "$(counted '.rd_operations - .rd_merged')" "$(between read)"
is "VM: writes" "$(counted '.wr_operations - .wr_merged')" "$(between write)"
is "VM: discards" "$(counted '.unmap_operations')" "$(($(between discard) + $(between write-zeroes)))"
[ "$(between write)" -ge 20 ] || is "VM: enough writes to count" "20 or more" "$(between write)"
is "VM: no failed I/O" 0 "$(jq -s '[.[] | select(.kind == "io" and .result < 0)] | length' <"$dir/vm.ndjson")"

live_end
