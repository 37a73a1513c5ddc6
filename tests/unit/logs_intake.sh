#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline incidents` on what people paste into reports: gateways, the kernel's own client, locks, lists in pieces, commands'
# own answers, and what is no business of Ceph's. Public reports, reworded.
# shellcheck source-path=SCRIPTDIR source=../lib/pastes.sh
. "$(dirname "$0")/../lib/pastes.sh"
pastes_begin incidents

# the same of the timeline
shows() { text timeline | grep -qF -- "$1" || fail "its timeline does not say '$1'"; }

none='(.incidents|length==0) and (.near_misses|length==0)'
undated='(.incidents|length==1) and (.incidents[0]|.cause=="unknown" and .confidence=="possible" and .first_eshutdown==null and .evidence[0].ts_ns==0)'

# --- -108 without a time is a fence all the same, where no other explains it
paste 'QEMU without a time' "$undated and .incidents[0].failed_ios==1" <<'E'
block I/O error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)
E
says 'At a time that no input tells'
says 'log_timestamp'
says 'no event with a time 1 incident'
paste 'krbd without a time' "$undated" <<'E'
rbd: rbd2: write at objno 0 0~4096 result -108
E
paste 'python without a time' "$undated" <<'E'
  File "rbd.pyx", line 1, in rbd.Image.__init__
OSError: [Errno 108] Cannot send after transport endpoint shutdown
E
paste 'beside a fence with a time it is told of, and counts for none' '(.incidents|length==1) and .incidents[0].client.address=="10.0.0.9:0/77"' <<'E'
2024-03-27T12:59:18.620+0000 mon.a (mon.0) 12 : audit [INF] from='client.4123 10.0.0.1:0/35' entity='client.cinder' cmd='[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.9:0/77"}]': finished
block I/O error in device 'drive-virtio-disk0': Cannot send after transport endpoint shutdown (108)
E
says 'tells of -108 without a time'
paste 'a command without a time' '(.incidents|length==1) and (.incidents[0]|.client.address=="10.68.2.14:0/1901281795" and .blocklist.expires_ns==null)' < <(
	printf "log [INF] : from='client.28489991 10.68.2.14:0/1901281795' entity='client.csi-rbd-node' cmd=[%s]: dispatch\n" \
		$'{ "prefix": "osd blocklist", \t\t"blocklistop": "add", \t\t"addr": "10.68.2.14:0/1901281795" }')
says 'At a time that no input tells'
says 'It fenced itself'
silent 1970

# --- other file systems and devices know the error, too
paste 'Lustre and Bluetooth' "$none" <<'E'
$ lfs check osts
lfs check: error: check 'lr6-OST006a-osc-ffff97dd43959000':
           Cannot send after transport endpoint shutdown (108)
$ sudo hciconfig hci0 up
Can't init device hci0: Cannot send after transport endpoint shutdown (108)
E
says 'holds nothing that fenceline knows'

# --- gateways lift the fences of their own host
gateway='2020-10-19T16:01:37.963+0000 mon.a (mon.0) 12 : audit [INF] from='"'client.4123 10.0.0.1:0/35' entity='client.admin' cmd='"'[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.15:0/2742851101"}]'"': finished"
paste 'ceph-iscsi lifts a fence' '(.incidents|length==1) and .incidents[0].blocklist.removed_ns==1603123657963000000' <<E
$gateway
2020-10-19 16:07:37,963     INFO [gateway.py:79:ceph_rm_blacklist()] - Removing blacklisted entry for this host : 10.0.0.15:0/2742851101
2020-10-19 16:07:38,101     INFO [gateway.py:85:ceph_rm_blacklist()] - Successfully removed blacklist entry
E
says 'The fence was lifted at 2020-10-19 16:07:37 UTC'
says "a program's own log: it sends \`osd blocklist rm"
paste 'the same through syslog, 16 and later' '(.incidents|length==1) and .incidents[0].blocklist.removed_ns==1603123657000000000' <<E
$gateway
2020-10-19T16:07:37+00:00 gw1 rbd-target-gw: Removing blocklisted entry for this host : 10.0.0.15:0/2742851101
E

# --- krbd's watch fails
krbd='(.near_misses|length==1) and (.near_misses[0]|.kind=="watch-error" and .client.address==null and (.text|test("rbd0 on n1.*-107")))'
paste 'krbd -107' "(.incidents|length==0) and ($krbd)" <<'E'
2024-03-27T12:00:00.000000+00:00 n1 kernel: rbd: rbd0: encountered watch error: -107
E
paste 'krbd -107, then -108' '(.incidents|length==1) and (.near_misses|length==0)' <<'E'
2024-03-27T12:00:00.000000+00:00 n1 kernel: rbd: rbd0: encountered watch error: -107
2024-03-27T12:00:01.000000+00:00 n1 kernel: rbd: rbd0: write result -108
E
paste 'krbd -107 of the fence that a command made' '(.incidents|length==1) and (.near_misses|length==0)' <<'E'
2024-03-27T11:59:59.620+0000 mon.a (mon.0) 12 : audit [INF] from='client.4123 10.0.0.1:0/35' entity='client.cinder' cmd='[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.9:0/77"}]': finished
2024-03-27T12:00:00.000000+00:00 n1 kernel: rbd: rbd0: encountered watch error: -107
E
paste 'krbd -107 in a mail that broke the lines' '.near_misses|length==1' <<'E'
2020-06-16T14:59:23.3999 info kern kernel  [679635.648599] libceph: osd6 down
2020-06-16T14:59:24.4468 warning kern kernel  [679636.694762] rbd: rbd1:
encountered watch error: -107
E

# --- a container's line in pieces
half1="2025-04-18T00:45:16.379012345Z stderr P debug 2025-04-18T00:45:16.379+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : from='client.4123 10.0.0.1:0/35' entity='client.cin"
half2='2025-04-18T00:45:16.379012399Z stderr F der'"'"' cmd=[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.9:0/77"}]: dispatch'
other='2025-04-18T00:45:16.379012350Z stdout F something else'
cinder='(.incidents|length==1) and (.incidents[0].blocklist.entity=="client.cinder")'
paste 'CRI, two pieces' "$cinder" < <(printf '%s\n' "$half1" "$half2")
paste 'CRI, the other stream between' "$cinder" < <(printf '%s\n' "$half1" "$other" "$half2")
paste 'CRI, three pieces' "$cinder" < <(printf '%s\n' "$half1" '2025-04-18T00:45:16.379012360Z stderr P d' "${half2/F der/F er}")
paste 'CRI, more than a file is read at once' "$cinder" < <(printf '%s\n' "$half1" "$half2"; yes "$other" | head -n 100000)
paste 'CRI, far into a large file' "$cinder" < <(yes "$other" | head -n 100000; printf '%s\n' "${half1/entity/blocklist entity}" "$half2")
paste 'CRI, its end is not there' "$none" < <(printf '%s\n' "$half1")

# --- lists in pieces, and what the commands themselves answer
paste 'a piece of an osd dump in JSON' '(.incidents|length==1) and .incidents[0].client.address=="192.168.121.235:0/4182135307"' <<'E'
    ],
    "blacklist": {
        "192.168.121.235:0/1988225134": "2021-02-21T11:41:03.641417+0000",
        "192.168.121.235:0/4182135307": "2021-02-21T11:51:28.376648+0000",
        "192.168.121.235:6801/1261523223": "2021-02-21T11:41:03.641417+0000"
    },
    "removed_snaps_queue": [],
E
paste 'the answer of blocklist add' '(.incidents|length==1) and .incidents[0].client.address=="10.84.10.13:0/254249809"' <<'E'
root@ceph01:~# ceph osd blacklist add 10.84.10.13:0/254249809
blocklisting 10.84.10.13:0/254249809 until 2025-07-03T02:32:05.399971+0000 (3600 sec)
E
paste 'and of blocklist rm' "$none" <<'E'
root@ceph01:~# ceph osd blacklist add 10.84.10.13:0/254249809
blocklisting 10.84.10.13:0/254249809 until 2025-07-03T02:32:05.399971+0000 (3600 sec)
root@ceph01:~# rbd status kubernetes/csi-vol-9bfc9e62
Watchers: none

# taken off again
root@ceph01:~# ceph osd blacklist rm 10.84.10.13:0/254249809
un-blocklisting 10.84.10.13:0/254249809
E
shows 'and taken off it'
paste 'and of blocklist clear' "$none" <<'E'
root@n2:~# rbd status --pool disks vm-109
Watchers:
        watcher=192.168.180.116:0/2072981162 client.27537920 cookie=139876735669120
root@n2:~# ceph osd blacklist ls
listed 1 entries
192.168.180.116:0/2072981162 2019-09-03 11:19:24.466205
root@n2:~# ceph osd blacklist clear
 removed all blacklist entries
root@n2:~# ceph osd blacklist ls
listed 0 entries
E
paste 'after a power cut: entries, and a lock that one of them still holds' '(.incidents|length==3) and ([.incidents[].client.address]|index("10.88.10.90:0/316670229")!=null)' <<'E'
$ ceph osd blocklist ls
10.88.10.91:0/3853293677 2026-05-06T08:59:47.102488+0000
10.88.10.90:0/316670229 2026-05-07T00:26:11.581329+0000
10.88.10.90:0/3783311129 2026-05-07T00:26:11.581329+0000
...
listed 14 entries
$ rbd lock list --pool volumes --image volume-48ed0d20
There is 1 exclusive lock on this image.
Locker ID Address
client.10374 auto 139632154234880 10.88.10.90:0/316670229
E
says 'rbd lock rm POOL/IMAGE "auto 139632154234880" client.10374'
paste 'a fence that was refused, without envelopes' '(.incidents|length==0) and (.near_misses|length==1) and .near_misses[0].kind=="fence-refused"' <<'E'
librbd::managed_lock::BreakRequest: failed to blocklist lock owner: (22) Invalid argument
librbd::ManagedLock: failed to acquire exclusive lock: (22) Invalid argument
qemu-kvm: Could not open image: Read-only file system
E
paste 'rbd map refused: one fence, with and without a time' '.incidents|length==1' <<'E'
2017-02-14 11:18:36.295790 7f6cdd6fc700 -1 librbd::ImageState: failed to open image: (108) Cannot send after transport endpoint shutdown
rbd: error opening image test33: (108) Cannot send after transport endpoint shutdown
rbd: map failed: (108) Cannot send after transport endpoint shutdown
E
paste "ceph's own prompt" '(.incidents|length==1) and .incidents[0].client.address=="10.20.41.91:0/3546845001"' <<'E'
root@n1:~# ceph
ceph> osd blacklist ls
10.20.41.91:0/3546845001 2024-08-12T22:28:10.684517+0000
ceph>  osd blacklist ls
listed 1 entries
E
for lock in 'client.14440803  auto 93942189655296  10.0.100.202:0/1431194814' 'client.14440803 auto 12 10.0.100.202:0/1431194814' \
	'client.14440803  auto 18446462598732840967  10.0.100.202:0/1431194814' 'client.14440803  host1  10.0.100.202:0/1431194814'; do
	for before in '' '   ' '# ' '> '; do
		paste "a lock, '$before$lock'" "$none" < <(printf "$before%s\n" 'There is 1 exclusive lock on this image.' 'Locker ID Address' "$lock")
		says 'A lock is held by client.14440803 at 10.0.100.202:0/1431194814.'
		silent 'hold no events'
	done
done

# --- health of one cluster is not the health of the OSD that it names first
paste "Jewel's health detail" "$none" <<'E'
HEALTH_WARN 30 requests are blocked > 32 sec; 2 osds have slow requests
10 ops are blocked > 65.536 sec on osd.0
20 ops are blocked > 32.768 sec on osd.3
E
shows 'the cluster: 30 slow requests'
shows 'osd.3: 20 slow requests, the oldest blocked for 32.8 s'
paste 'ceph -s below a journal' "$none" <<'E'
Mar 27 18:29:18 n46 ceph-93ab29ce-ec28-11ee-9282-005056b446a6-mon-n46[13156]: 2024-03-27T12:59:18.620+0000 7fc70d6a9700 -1 mon.n46@2(peon) e3 get_health_metrics reporting 1 slow ops, oldest is nvmeofgwbeacon magic: 0

# ceph -s
  cluster:
    id:     93ab29ce-ec28-11ee-9282-005056b446a6
    health: HEALTH_WARN
            4 slow ops, oldest one blocked for 67565 sec, daemons [mon.n46,osd.12] have slow ops.
E
shows 'osd.12: 4 slow requests'
silent 'hold no events'
paste 'JSON behind a tool'"'"'s prefix' "$none" <<'E'
011.4549 rbd>   {"watchers":[{"address":"192.168.4.6:0/42202070","client":7917,"cookie":140402011154656}]}
E
silent 'holds nothing'

# --- one line of a monitor's, as collectors, automation and pages hand it out
by=$'from=\'client.4123 10.0.0.1:0/35\' entity=\'client.cinder\' cmd=\'[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.9:0/77"}]\': finished'
line="2024-03-27T12:59:18.620123+0000 mon.a (mon.0) 12 : audit [INF] $by"
json=$(jq -n --arg line "$line" '$line')
one='(.incidents|length==1) and (.incidents[0].client.address=="10.0.0.9:0/77")'
told="$one and .incidents[0].blocklist.ts_ns==1711544358620123000 and .incidents[0].blocklist.entity==\"client.cinder\""
paste "a collector's labels" "$told" <<<"2024-03-27T12:59:18Z {filename=\"/var/log/ceph/ceph.audit.log\", job=\"ceph\"} $line"
paste 'a tag' "$told" <<<"<ceph-mon> $line"
paste 'a time of the day' "$told" <<<"12:59:18.620123 $line"
paste 'logfmt' "$told" <<<"level=info ts=2024-03-27T12:59:18.7Z msg=$json"
paste 'a table of commas' "$told" <<<"\"2024-03-27 12:59:18\",\"mon1\",\"${line//\"/\"\"}\""
paste "Google's textPayload" "$told" <<<"{\"insertId\":\"x\",\"textPayload\":$json,\"timestamp\":\"2024-03-27T12:59:18.7Z\"}"
paste "Splunk's _raw" "$told" <<<"{\"preview\":false,\"result\":{\"host\":\"mon1\"},\"_raw\":$json}"
paste 'journalctl --no-hostname' "$told" <<<"Mar 27 12:59:18 ceph-mon[7]: $line"
# tables: what a dashboard, Splunk or Graylog downloads, the time in a column of its own or in the line
paste 'a table, stderr of a container' "$one" <<<"2024-03-27 13:59:18.620,\"debug 2024-03-27T12:59:18.620+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : ${by//\"/\"\"}\""
paste 'a table, the line first' "$one" <<<"\"debug 2024-03-27T12:59:18.620+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : ${by//\"/\"\"}\",1711544358620"
paste 'a table, the time in a column' "$told" <<<"2024-03-27T12:59:18.620123Z,mon1,ceph,\"mon.a (mon.0) 12 : audit [INF] ${by//\"/\"\"}\""
paste 'a table with labels' "$told" <<<"\"{\"\"app\"\":\"\"mon\"\"}\",1711544358620,\"${line//\"/\"\"}\""
# log_to_journald: Ceph's own line has no time, the entry has
bare="mon.a (mon.0) 12 : audit [INF] $by"
paste 'journalctl -o verbose' "$told" < <(printf 'Wed 2024-03-27 12:59:18.620123 UTC [s=5b;i=1;b=2;m=3;t=4;x=5]\n    _HOSTNAME=mon1\n    MESSAGE=%s\n    _PID=7\n' "$bare")
paste 'journalctl -o export' "$told" < <(printf '__CURSOR=s=a\n__REALTIME_TIMESTAMP=1711544358620123\n_HOSTNAME=mon1\nMESSAGE=%s\n_PID=7\n\n' "$bare")
paste 'an entry of another time says nothing' "$one and .incidents[0].blocklist.ts_ns==0" < <(printf '__REALTIME_TIMESTAMP=x\nMESSAGE=%s\n\n' "$bare")
paste 'a zone that stands for several' "$one" <<<"Wed 2024-03-27 13:59:18 CST mon1 ceph-mon[7]: $bare"
says 'its times name a zone whose offset is not known (CET, CST) and are taken as UTC; say --tz ZONE'
paste "a container's id" "$one" <<<"d7f3ab12cd34 2024-03-27T12:59:18.620+0000 7fcabaffd6c0  0 log_channel(audit) log [INF] : $by"
paste 'Ansible, a list of lines' "$told" < <(printf 'ok: [mon1] => {\n    "out.stdout_lines": [\n        %s,\n        "done"\n    ]\n}\n' "$json")
paste 'Ansible, a list of entries' "$one" < <(printf '        "10.0.0.9:0/77 2026-11-29T10:00:00.000000+0000",\n        "listed 1 entries"\n    ]\n')
paste 'YAML, a list of entries' "$one" < <(printf '  stdout_lines:\n  - 10.0.0.9:0/77 2026-11-29T10:00:00.000000+0000\n  - listed 1 entries\n')
# shellcheck disable=SC1111 # they are meant
paste 'curly quotes' "$told" < <(sed "s/'\([^']*\)'/‘\1’/g; s/\"\([^\"]*\)\"/“\1”/g" <<<"$line")
paste "a page's entities" "$told" < <(sed "s/'/\&#39;/g; s/\"/\&quot;/g" <<<"$line")
paste "Markdown's escapes" "$told" < <(printf '%s\n' "$line" | sed 's/[][_]/\\&/g')
paste 'the same line once more, quoted' "$told" <<<"$line
[2024-03-27 13:05] see above: $line"

# --- the same from other commands, programs and devices
paste "an OSD's dump_blocklist" "$one" <<<'[{"entity_addr_t":{"type":"any","addr":"10.0.0.9:0","nonce":77},"expire_time":"2026-11-29T10:00:00.000000+0000"}]'
paste 'ceph report' "$one" <<<'{"version":"18.2.1","osdmap":{"epoch":12,"pools":[],"blocklist":{"10.0.0.9:0/77":"2026-11-29T10:00:00.000000+0000"}}}'
paste "libvirt's debug log" '.incidents|length==1' <<<'2024-03-27 12:59:18.620+0000: 1234: debug : qemuMonitorJSONIOProcessLine:222 : Line [{"event": "BLOCK_IO_ERROR", "data": {"device": "drive-virtio-disk0", "reason": "Cannot send after transport endpoint shutdown"}}]'
paste 'rbd-nbd' '(.incidents|length==1) and .incidents[0].failed_ios==1' <<<'2024-03-27T12:59:18+00:00 n1 kernel: block nbd0: Other side returned error (108)'
csi='I0327 12:59:18.620123       1 fencing.go:91] ID: 2 Req-ID: 0001 blocklisted IP "10.0.0.0/28" successfully
I0327 13:59:18.620123       1 fencing.go:99] ID: 3 Req-ID: 0001 unblocked IP "10.0.0.0/28" successfully'
paste "ceph-csi's own word" '.incidents|length==1' <<<"$csi"
says "a program's own log: it sends \`osd blocklist range add 10.0.0.0/28"
says 'range 10.0.0.0/28: fenced by a command'
paste 'and beside the monitors: one fence' '(.incidents|length==1) and .incidents[0].blocklist.entity=="client.csi"' <<E
2024-03-27T12:59:18.120123+0000 mon.a (mon.0) 12 : audit [INF] from='client.4123 10.0.0.1:0/35' entity='client.csi' cmd=[{"prefix": "osd blocklist", "blocklistop": "add", "range": "range", "addr": "10.0.0.0/28"}]: dispatch
$csi
E

# --- a fence that a paste shows and lifts is over, and not denied
paste 'shown, and then taken off' "$none" <<'E'
[root@node62 ~]# rados listwatchers -p rbd rbd_header.fa7b2ae8944a
watcher=192.8.8.10:0/1262448884 client.170939 cookie=140096303678368
[root@node62 ~]# ceph osd blacklist add 192.8.8.10:0/1262448884
blacklisting 192.8.8.10:0/1262448884 until 2017-07-25 17:25:08.118393 (3600 sec)
[root@node62 ~]# ceph osd blacklist rm 192.8.8.10:0/1262448884
un-blacklisting 192.8.8.10:0/1262448884
E
says "1 entry of the cluster's blocklist is shown, and then taken off it: that fence is over."
says 'the inputs hold no other fence of a client'

# --- an envelope of which something was left
fenced='(.incidents|length==1) and .incidents[0].client.address=="10.0.0.9:0/7654321" and .incidents[0].blocklist.entity=="client.x"'
sent='[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.0.0.9:0/7654321"}]: dispatch'
for begin in '0 log_channel(audit) log [INF] : ' '620123+0000 mon.a (mon.0) 97 : audit [INF] ' '12:59:18.620123 mon.a (mon.0) 97 : audit [INF] ' 'INF] '; do
	paste "an audit line from '$begin' on" "$fenced" <<<"${begin}from='client.24251 10.0.0.5:0/1234567' entity='client.x' cmd=$sent"
done
paste 'the command alone' '(.incidents|length==1) and (.incidents[0]|.client.address=="10.0.0.9:0/7654321" and .blocklist.entity==null)' <<<"cmd=$sent"
paste 'a command whose end was cut off, too' "$none" <<<"cmd=${sent%4321*}"
paste 'a journal that is refused' '.incidents|length==1' <<<'2026-11-22T21:42:13.100+0000 7f1c9a7fc700 -1 JournalMetadata: 0x55d0c41b2a00 journal watch error: client blocklisted'
paste 'a manager that is refused' '.incidents|length==1' <<<'2023-08-16T18:45:10.211-0400 7f1732e0f640  0 [rbd_support ERROR root] PerfHandler: client blocklisted'

# --- what a command printed, as a string of what ran it
fenced='(.incidents|length==1) and .incidents[0].client.address=="10.0.0.9:0/7654321"'
dump=$'epoch 100\nfsid 2a882841-48a3-11f1-838c-d00d99b60350\npool 1 \'rbd\' replicated size 3\nblocklist 10.0.0.9:0/7654321 expires 2024-03-27T13:59:18.620123+0000\n'
document='{"epoch": 100, "pools": [], "blocklist": {"10.0.0.9:0/7654321": "2024-03-27T13:59:18.620123+0000"}}'
entries='[{"addr": "10.0.0.9:0/7654321", "until": "2024-03-27T13:59:18.620123+0000"}]'
paste 'an osd dump as a string' "$fenced" < <(jq -n --arg x "$dump" '{stdout: $x, rc: 0}')
paste 'an osd dump as a list of lines' "$fenced" < <(jq -n --arg x "$dump" '{stdout_lines: ($x / "\n"), rc: 0}')
paste 'its JSON as a string' "$fenced" < <(jq -n --arg x "$document" '{stdout: $x, rc: 0}')
paste 'its JSON as a list of lines' "$fenced" < <(jq -n --arg x "$(jq . <<<"$document")" '{stdout_lines: ($x / "\n"), rc: 0}')
paste 'what mon_command of the bindings gave' "$fenced" <<<"(0, b'$entries', 'listed 1 entries')"
paste 'Python, a list of dictionaries' "$fenced" <<<"${entries//\"/\'}"
paste 'Python, the dictionary of a dump' "$fenced" <<<"${document//\"/\'}"
paste 'one that is known behind it' "$fenced" <<<"(0, b'$entries', '')
$document"
paste 'one that is known in front of it' "$fenced" <<<'{"ops": [], "num_ops": 0}'"
(0, b'$entries', '')"
paste 'a string that ends nowhere' '.incidents|length==0' <<<"b'10.0.0.9:0/7654321 2024-03-27T13:59:18.620123+0000"

paste 'the blocklist of a dump as YAML' "$fenced" <<'E'
blocklist:
  10.0.0.9:0/7654321: '2024-03-27T13:59:18.620123+0000'
E
paste 'the same without quotes' "$fenced" <<<'  10.0.0.9:0/7654321: 2024-03-27T13:59:18.620123+0000'
paste 'a page of it' "$fenced" <<<'<tr><td>10.0.0.9:0/7654321</td><td>2024-03-27T13:59:18.620123+0000</td></tr>'
paste 'a list with bullets' "$fenced" <<<'• 10.0.0.9:0/7654321 2024-03-27T13:59:18.620123+0000'

# --- a command in a form that is not read is not passed over in silence
handled="2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 mon.a@0(leader) e1 handle_command mon_command(${sent#[}"
handled=${handled%]*}
paste "a monitor's handle_command alone" "$none" <<<"$handled v 0) v1"
says 'the blocklist command in line 1 is in a form that is not read'
paste 'the audit line beside it' '.incidents|length==1' <<<"$handled v 0) v1
2024-03-27T12:59:18.620+0000 7f1de2b0b640  0 log_channel(audit) log [INF] : from='client.24251 10.0.0.5:0/1234567' entity='client.x' cmd=$sent"
silent 'not read'

# --- archives
paste 'a tar of what is no log' "$none" < <(cd "$work" && printf '\001\002' >metadata && tar c metadata)
says 'is a tar archive; unpack it'
paste 'a tar of one log' '.incidents|length==1' < <(cd "$work" && echo "mgr.x
cmd=$sent" >audit.log && tar c audit.log)
says 'is a tar archive, read as one log: the first line of each file in it is lost'
paste 'a zip' "$none" < <(printf 'PK\003\004\024metadata\n')
says 'is a zip archive; unpack it'

# --- many incidents: a list of them in front
paste 'five' '.incidents|length==5' < <(for i in 1 2 3 4 5; do echo "10.0.0.$i:0/7 2024-03-27T13:59:1$i.620123+0000"; done)
says 'Incidents 1. 2024-03-27 12:59:11 client 10.0.0.1:0/7: fenced, cause unknown (possible) 2. 2024-03-27 12:59:12 client 10.0.0.2:0/7'
# a terminal of 80 columns breaks the last number of a row, and nothing shows that it is not whole
paste 'a nonce in two lines' '.incidents|length==1 and .[0].client.address=="10.0.0.9:0/7654321"' < <(printf '10.0.0.9:0/7654321 2024-03-27T13:59:11.620123+0000\nThere is 1 exclusive lock on this image.\nLocker        ID                    Address\nclient.24251  auto 94541455753216   10.0.0.9:0/7\n654321\n')
says 'It still holds the image'
paste 'a lock whose nonce is in two lines' "$none" < <(printf 'There is 1 exclusive lock on this image.\nLocker            ID                     Address\nclient.123456789  auto 139889903416784   [2001:db8:aaaa:bbbb:cccc::1234]:0/34567\n89012 \n')
says '[2001:db8:aaaa:bbbb:cccc::1234]:0/3456789012'
paste 'a part of a list' '.incidents|length==1' < <(printf 'listed 3 entries\n10.0.0.1:0/7 2024-03-27T13:59:11.620123+0000\n')
says 'says that 3 entries were listed, and 1 is in it: it is a part of the list, or rows are cut'
paste 'all of a list' '.incidents|length==1' < <(printf 'listed 1 entries\n10.0.0.1:0/7 2024-03-27T13:59:11.620123+0000\n')
silent 'were listed'
paste 'one alone' '.incidents|length==1' <<<'10.0.0.1:0/7 2024-03-27T13:59:11.620123+0000'
silent 'Incidents 1.'

pastes_end
