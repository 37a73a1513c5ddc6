#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline incidents` on one story as it is handed on: broken by terminals, mails and tickets, as strings in JSON, quoted, in UTF-16.
# What is told of it is the same every time.
# shellcheck source-path=SCRIPTDIR source=../lib/pastes.sh
. "$(dirname "$0")/../lib/pastes.sh"
pastes_begin incidents

story="$work/story"
cat >"$story" <<'E'
2026-11-22T21:41:00.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.0( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean]  registered new watch watch(cookie 140417781821920 20s 10.99.2.2:0/2373152655) by client.4172
2026-11-22T21:41:15.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.0( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean] do_op osd_op(client.4172.0:31 1.0 1:1cb31f25:::rbd_header.1030ece95c20:head [watch ping cookie 140417781821920] snapc 0=[] ondisk+write+known_if_redirected e15) v8 may_read -> write-ordered flags ondisk+write+known_if_redirected
2026-11-22T21:41:15.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.0( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean]  found existing watch watch(cookie 140417781821920 20s 10.99.2.2:0/2373152655) by client.4172
2026-11-22T21:41:35.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.0(unlocked)]   -- Watch(140417781821920,client.4172) HandleWatchTimeout
2026-11-22T21:41:35.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.0( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean]  -- Watch(140417781821920,client.4172) remove
2026-11-22T21:41:36.000000+0000 mon.a (mon.0) 120 : audit [INF] from='client.? 10.99.1.2:0/1023636414' entity='client.cinder' cmd=[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.99.2.2:0/2373152655"}]: dispatch
2026-11-22T21:41:36.420000+0000 mon.a (mon.0) 120 : audit [INF] from='client.? 10.99.1.2:0/1023636414' entity='client.cinder' cmd='[{"prefix": "osd blocklist", "blocklistop": "add", "addr": "10.99.2.2:0/2373152655"}]': finished
2026-11-22T21:41:39.000+0000 7f5509feb6c0 10 osd.0 pg_epoch: 15 pg[1.5( v 15'26 (0'0,15'26] n=1 lpr=7 crt=15'26 lcod 15'25 mlcod 15'25 active+clean] do_op 10.99.2.2:0/2373152655 is blocklisted
E
told='(.incidents|length==1) and (.incidents[0]|.client.address=="10.99.2.2:0/2373152655" and .blocklist.entity=="client.cinder" and .blocklist.ts_ns==1795383696000000000 and .watch_expired_ns==1795383695000000000 and .cause=="unknown" and .first_eshutdown!=null)'
same() { paste "$1" "$told"; }
lines() { jq -R . <"$story"; } # each a JSON string

same 'as it is' <"$story"

# --- broken: in words by a terminal, between words by a mail program
for width in 61 80 132 200; do
	same "broken after $width columns" < <(fold -w $width "$story")
	same "broken between words after $width columns" < <(fold -s -w $width "$story" | sed 's/ $//')
done
same 'broken and quoted' < <(fold -w 80 "$story" | sed 's/^/> /')
same 'broken and set in' < <(fold -s -w 100 "$story" | sed 's/ $//; 2,$ { /^2026/! s/^/    / }')
same 'broken, with carriage returns' < <(fold -w 80 "$story" | sed 's/$/\r/')
same 'broken, behind a stamp of its container' < <(sed 's/^/2026-11-22T21:50:00.123456789Z stderr F /' "$story" | fold -w 80)

# --- strings in JSON: what a search in a store of logs gave, a journal printed with blanks, what an automation ran
same 'a list of lines' < <(lines | jq -s .)
same 'a list in one line' < <(lines | jq -sc .)
same 'what a command printed, as one string' < <(jq -Rs '{stdout: ., rc: 0}' <"$story")
same 'Elastic, a search' < <(lines | jq -s '{took: 1, hits: {total: 5, hits: map({_index: "ceph", _source: {"@timestamp": "2026-11-22T21:50:00Z", message: .}})}}')
same 'the same in one line' < <(lines | jq -sc '{took: 1, hits: {total: 5, hits: map({_index: "ceph", _source: {"@timestamp": "2026-11-22T21:50:00Z", message: .}})}}')
same 'Loki, a query' < <(lines | jq -s '{status: "success", data: {resultType: "streams", result: [{stream: {app: "ceph"}, values: map(["1795384200000000000", .])}]}}')
same 'CloudWatch' < <(lines | jq -s '{events: map({timestamp: 1795384200000, message: ., ingestionTime: 1795384200000})}')
same 'Google Cloud' < <(lines | jq -s 'map({textPayload: ., timestamp: "2026-11-22T21:50:00Z"})')
same 'a journal, an object over several lines' < <(lines | jq '{__REALTIME_TIMESTAMP: "1795384200000000", _HOSTNAME: "ceph-1", MESSAGE: .}')
paste 'a journal as a list: the time of a line that has none' '(.incidents|length==1) and .incidents[0].blocklist.ts_ns==1795384200000000000' < <(
	jq -n '[{__REALTIME_TIMESTAMP: "1795384200000000", _HOSTNAME: "ceph-1", SYSLOG_IDENTIFIER: "ceph-mon", MESSAGE: $ARGS.positional[0]}]' --args \
		"from='client.4123 10.0.0.1:0/35' entity='client.cinder' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.9:0/77\"}]: dispatch")
paste 'ceph log last -f json' '(.incidents|length==1) and (.incidents[0].blocklist|.ts_ns==1795383696000000000 and .entity=="client.cinder")' < <(
	jq -n '[{name: "mon.a", rank: "mon.0", stamp: "2026-11-22T21:41:36.000000+0000", seq: 120, channel: "audit", priority: "[INF]", message: $ARGS.positional[0]}]' --args \
		"from='client.? 10.99.1.2:0/1023636414' entity='client.cinder' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.99.2.2:0/2373152655\"}]: dispatch")
paste 'JSON that has nothing of a log in it' '.incidents|length==0' <<<'{"health": {"status": "HEALTH_OK", "checks": ["nothing", {"summary": "fine"}]}}'
says 'JSON of another kind'

# --- what Python prints, and what lies in a table of commas
python() { /usr/bin/python3 -c "import sys, subprocess; text = sys.stdin.read(); $1" <"$story"; }
same 'Python, bytes' < <(python 'print(text.encode())')
same 'Python, bytes of each line' < <(python 'print(*[line.encode() for line in text.splitlines(True)], sep=chr(10))')
same 'Python, a list of lines' < <(python 'print(text.splitlines())')
same 'Python, a list over several lines' < <(python 'import pprint; pprint.pprint(text.splitlines(), width=70)')
same 'Python, what a command printed' < <(python "print(subprocess.CompletedProcess(['cat', 'ceph.log'], 0, text.encode(), b''))")
same 'Python, a dictionary' < <(python "print({'stdout': text, 'rc': 0, 'stderr': None})")
same 'Python, a tuple behind a prompt' < <(echo '>>> cluster.mon_command(cmd, b"")' && python "print((0, text.encode(), ''))")
same 'JSON in a table of commas' < <(lines | jq -c '{log: .}' | sed 's/"/""/g; s/.*/2026-11-22T21:50:00Z,ceph-1,"&"/')
same 'JSON behind an arrow' < <(printf 'ceph-1 | SUCCESS => ' && jq -Rs '{changed: true, stdout: ., rc: 0}' <"$story")

# --- terminals
same 'a CR alone ends its lines' < <(tr '\n' '\r' <"$story")
same 'a title in front of each line' < <(sed 's/^/\x1b]0;root@ceph-1: ~\x07/' "$story")
same 'NULs of a host that lost its power' < <(head -c 4096 /dev/zero && cat "$story")
same 'a progress that was on the line' < <(sed 's/^/Removing image: 40% complete...\r/' "$story")

# --- quotes and marks of lists, pages and collectors
same 'YAML, in single quotes' < <(sed "s/'/''/g; s/^/- '/; s/\$/'/" "$story")
same 'Markdown, each line as code' < <(sed "s/.*/\`&\`/" "$story")
same 'the same in a list' < <(sed "s/.*/- \`&\`/" "$story")
same 'a diff' < <(sed 's/^/+/; 1i @@ -0,0 +1,5 @@' "$story")
same 'parallel-ssh, with its head' < <(sed '1i [1] 21:50:00 [SUCCESS] ceph-1' "$story")
same 'Fluent Bit before 2.1' < <(lines | sed 's/.*/[0] tail.0: [1795384200.000000001, {"log"=>&}]/')
same 'Fluent Bit from 2.1 on' < <(lines | sed 's/.*/[0] tail.0: [[1795384200.000000001, {}], {"log"=>&}]/')
same 'klog around it' < <(sed 's/^/I1122 21:50:00.123456       1 exec.go:12] /' "$story")

# --- characters that a page or a word processor put in
same 'spaces of no width' < <(sed 's/: /:\xe2\x80\x8b /g' "$story")
same 'dashes that are none' < <(sed 's/ -- Watch/ \xe2\x80\x93\xe2\x80\x93 Watch/' "$story")
same 'UTF-16 with its mark' < <(iconv -f UTF-8 -t UTF-16 "$story")
same 'UTF-16, the other way round, with carriage returns' < <(printf '\xfe\xff' && sed 's/$/\r/' "$story" | iconv -f UTF-8 -t UTF-16BE)

same 'a colour whose escape was lost' < <(sed 's/blocklist/[01;31m[K&[m[K/' "$story")
same 'tabs for blanks' < <(tr ' ' '\t' <"$story")
same 'a tab behind the stamp and the thread' < <(sed 's/ /\t/; s/ /\t/' "$story")
same 'guillemets around each line' < <(sed $'s/.*/\xc2\xab&\xc2\xbb/' "$story")
same 'guillemets for quotes' < <(sed $'s/"\\([^"]*\\)"/\xc2\xab\\1\xc2\xbb/g' "$story")
same 'a space of no width in an address' < <(sed $'s|:0/|&\xe2\x80\x8b|g' "$story")
same "brackets with a wiki's backslashes" < <(sed 's/[][{}]/\\&/g' "$story")
paste 'an address that a page made a link of is not told as a range' '.incidents|length==0' < <(
	sed -n 's|\(10.99.2.2:0/2373152655\)|<http://\1\|\1>|g; /audit/p' "$story")
says 'malformed audit lines, the first in line'

# --- pages as they were saved, and tables
html() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' "$story"; }
same 'a page, its <pre>' < <(echo '<html><body>' && html | sed '1s/^/<pre>/; $s|$|</pre></body></html>|')
same 'a page, each line an element' < <(html | sed 's|^\([^ ]*\) \(.*\)|<div class="line"><span class="ts">\1</span> \2</div>|')
same 'brackets by their numbers' < <(html | sed 's/\[/\&#91;/g; s/\]/\&#x5d;/g; s/{/\&#123;/g')
same 'a table of Markdown, lines as code' < <(echo '| # | line |' && echo '|---|---|' && sed "s/.*/| 1 | \`&\` |/" "$story")
same 'in bold' < <(sed 's/.*/*&*/' "$story")

# --- mails as they were sent
quoted() { /usr/bin/python3 -c 'import quopri, sys; quopri.encode(sys.stdin.buffer, sys.stdout.buffer, False)' <"${1:-$story}"; }
part() { printf 'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: %s\n\n' "$1"; }
same 'quoted-printable' < <(quoted)
same 'the same with carriage returns' < <(quoted | sed 's/$/\r/')
same 'a mail that is' < <(printf 'From: a@example.com\nMIME-Version: 1.0\n' && part quoted-printable && quoted)
same 'its second part is, and a third is not' < <(
	printf 'Content-Type: multipart/mixed; boundary="=_x=3D"\n\n--=_x=3D\n' && part 7bit && printf 'Look at this:\n--=_x=3D\n' &&
		part Quoted-Printable && quoted <(head -5 "$story") && printf -- '--=_x=3D\n' && part 7bit && sed 1,5d "$story" && echo '--=_x=3D--')
paste 'settings are no quoted-printable' '.incidents|length==0' <<<'osd_client_watch_timeout=20
key='
silent 'lists nothing'
same 'broken by backslashes' < <(fold -w 80 "$story" | sed '/^.\{80\}$/ s/$/\\/')
same 'broken by backslashes between words' < <(fold -s -w 80 "$story" | sed '/ $/ s/$/\\/')

pastes_end
