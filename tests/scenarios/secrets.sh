#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing private is in a trace: secrets are planted in the guest's data (written and read, C and C++ API, asynchronous and
# not), in a notify's payload, on command lines (--key, --keyring, --keyfile, a QEMU secret, code behind -c), in the
# environment, and in monitor commands, one of which talks of blocklisting. With a real Ceph, the full profile, and every
# byte of the trace searched, as it is and as babeltrace2 and fenceline tell it.
. "$(dirname "$0")/../lib/live.sh"

# A word of its own for each place: a leak names where it came from.
random=$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
declare -A secret
for place in guest-data guest-read sync-data notify-payload keyring-path keyfile-path key-option qemu-secret python-code python-argument \
    environment ceph-args-key config-value config-talks-of-blocklist auth-command command-input; do
    secret[$place]=$(tr -d '-' <<<"$place")$random
done

rbd create "$LAB_POOL/disk" --size 64M
rbd create "$LAB_POOL/watched" --size 64M
key=$(ceph auth get-key client.cinder)
header=rbd_header.$(rbd info "$LAB_POOL/watched" --format json | jq -r .id)
disk=rbd:$LAB_POOL/disk:id=cinder:conf=$CEPH_CONF
yes "${secret[guest-data]}" | head -c 2M >"$LAB_DIR/data" || true
yes "${secret[guest-read]}" | head -c 2M >"$LAB_DIR/read" || true
qemu-img convert -n -f raw -O raw "$LAB_DIR/read" "rbd:$LAB_POOL/watched:conf=$CEPH_CONF"
mkdir "$LAB_DIR/${secret[keyring-path]}"
cp "$LAB_DIR/keyring" "$LAB_DIR/${secret[keyring-path]}/keyring"
printf '%s\n' "$key" >"$LAB_DIR/${secret[keyfile-path]}"

cat >"$LAB_DIR/client.py" <<PYTHON
import json, rados, rbd, threading
with rados.Rados(conffile="$CEPH_CONF") as cluster, cluster.open_ioctx("$LAB_POOL") as ioctx:
    def command(text, data=b"", expected=(0,)):
        result = cluster.mon_command(json.dumps(text), data)
        if result[0] not in expected:
            raise RuntimeError(result)
    command({"prefix": "config-key set", "key": "vault", "val": "${secret[config-value]}"})
    command({"prefix": "config-key set", "key": "note", "val": '{"prefix": "osd blocklist", "addr": "${secret[config-talks-of-blocklist]}"}'})
    command({"prefix": "config-key set", "key": "file"}, b"${secret[command-input]}")
    command({"prefix": "auth get-or-create", "entity": "client.${secret[auth-command]}", "caps": ["mon", "allow r"]})
    verb = "blocklist"
    if cluster.mon_command(json.dumps({"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.9.8.7:0/4711"}), b"")[0]:
        verb = "blacklist"
        command({"prefix": "osd blacklist", "blacklistop": "add", "addr": "10.9.8.7:0/4711"})
    with rbd.Image(ioctx, "watched") as image:
        image.write(b"${secret[sync-data]}" * 40, 4096)
        image.read(0, 65536)
        done = threading.Event()
        image.aio_write(b"${secret[sync-data]}" * 40, 16384, lambda completion: done.set())
        if not done.wait(60):
            raise TimeoutError
        # librbd, which watches the header, cannot make anything of it, and may leave it without an answer.
        try:
            ioctx.notify("$header", "${secret[notify-payload]}", 2000)
        except rados.TimedOut:
            pass
PYTHON

recording_start full
export FENCELINE_TEST_TOKEN=${secret[environment]}
traced() {
    "${LAB_TRACED[@]}" "$@" >>"$dir/logs/traced.log" 2>&1
}
traced qemu-img convert -n -f raw -O raw "$LAB_DIR/data" "$disk"
traced qemu-img convert -f raw -O raw "rbd:$LAB_POOL/watched:conf=$CEPH_CONF" "$LAB_DIR/copy"
traced qemu-img bench -c 100 -d 8 -s 4096 -t none -f raw -w --pattern=65 "$disk"
traced qemu-img info --object "secret,id=sec0,data=${secret[qemu-secret]}" "$disk:key=$key" || true
traced rbd --id cinder --key "$key" import "$LAB_DIR/data" "$LAB_POOL/imported"
traced rbd --id cinder --keyring "$LAB_DIR/${secret[keyring-path]}/keyring" info "$LAB_POOL/disk"
traced rbd --id cinder --keyfile "$LAB_DIR/${secret[keyfile-path]}" info "$LAB_POOL/disk"
traced rbd --id cinder --key "${secret[key-option]}" info "$LAB_POOL/disk" || true
CEPH_ARGS="--id cinder --key ${secret[ceph-args-key]}" traced rbd info "$LAB_POOL/disk" || true
traced /usr/bin/python3 "$LAB_DIR/client.py" "${secret[python-argument]}"
traced /usr/bin/python3 -Ic "word = '${secret[python-code]}'; exec(open('$LAB_DIR/client.py').read())" "${secret[python-argument]}" || true
recording_stop

rm -rf "$dir/trace"
cp -r "$LAB_DIR/trace" "$dir/trace"
babeltrace2 "$dir/trace" >"$dir/trace.txt" 2>"$dir/logs/babeltrace2.log"
"$FENCELINE" timeline --format ndjson "$dir/trace" >"$dir/timeline.ndjson"

# What must be there, or the search below proves nothing.
events() { # AT-LEAST PATTERN
    [ "$(grep -cE "$2" "$dir/trace.txt")" -ge "$1" ]
}
so "the secret data were written" cmp -s -n 2097152 "$LAB_DIR/data" <(rbd export --no-progress "$LAB_POOL/imported" -)
so "the secret data were read" cmp -s -n 2097152 "$LAB_DIR/read" "$LAB_DIR/copy"
so "the I/O is in the trace" events 100 'fenceline:io:.*op = 1,'
so "reads too" events 3 'fenceline:io:.*op = 0,'
so "the notify is in the trace, with its length" events 1 "fenceline:notify:.*payload_bytes = $((4 + ${#secret[notify-payload]}))\\b|fenceline:notify:.*payload_bytes = ${#secret[notify-payload]}\\b"
so "the blocklist command is in the trace" events 1 'fenceline:blocklist:.*10\.9\.8\.7:0/4711'
so "no other monitor command is" test "$(grep -c 'fenceline:blocklist:' "$dir/trace.txt")" = "$(grep -c 'fenceline:blocklist:.*10\.9\.8\.7:0/4711' "$dir/trace.txt")"
so "the monitors have the secret value" test "$(ceph config-key get vault)" = "${secret[config-value]}"
so "a word of the trace is found by the search" grep -rqaF watched "$dir/trace"
so "rbd and python are in the trace" events 1 'process = "client.py"'
so "code behind -Ic is no name" events 1 'process = "python3"'

# found WORD: in the trace's bytes or in what is told of it?
found() {
    grep -rlaF -e "$1" "$dir/trace" "$dir/trace.txt" "$dir/timeline.ndjson"
}
unseen() {
    ! found "$1"
}
for place in "${!secret[@]}"; do
    so "$place: not in the trace" unseen "${secret[$place]}"
done
# Keys as base64, and their bytes.
while read -r key; do
    so "a key of the keyring: not in the trace" unseen "$key"
    bytes=$(base64 -d <<<"$key" | tail -c 16 | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g')
    so "its bytes: not in the trace" bash -c '! LC_ALL=C grep -rlaP -e "$1" "$2"' - "$bytes" "$dir/trace"
done < <(sed -n 's/^[[:space:]]*key = //p' "$LAB_DIR/keyring")
# A secret may stand in memory as a part of something longer: half of it would do as well.
so "no half of a random word" unseen "${random:0:8}"

[ "$failures" != 0 ] || rm -rf "$dir/trace" "$dir/trace.txt"
live_end
