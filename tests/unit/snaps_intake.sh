#!/bin/bash
# SPDX-License-Identifier: MIT
# `fenceline snaps` on what people paste: dumps indented, quoted, wrapped, behind a prompt, in JSON that no strict parser takes.
. "$(dirname "$0")/../lib/pastes.sh"
pastes_begin snaps
else='"; it is \(.pools|map({pool,intervals,removed,live,pays,removal_queue}))"'

# paste, and nothing on stderr calls it unknown or broken
reads() {
	paste "$1" "$2"
	[[ ! $(<"$work/stderr") =~ 'nothing known'|broken ]] || fail "$(head -1 "$work/stderr")"
}

old="pool 1 'rbd' replicated size 3 min_size 2 crush_rule 0 object_hash rjenkins pg_num 64 pgp_num 64 last_change 31 flags hashpspool"
new="pool 7 'vms' replicated size 3 min_size 2 crush_rule 0 object_hash rjenkins pg_num 64 pgp_num 64 autoscale_mode warn last_change 31 flags hashpspool,selfmanaged_snaps stripe_width 0"
five='(.pools|length==1 and (.[0]|.intervals==2 and .removed==5))'

# --- any indentation
for blanks in '' '    ' $'\t\t' $' \t'; do
	reads "a set behind '$blanks'" "$five" < <(printf '%s\n%sremoved_snaps [1~3,5~2]\n' "$old" "$blanks")
	reads "a dump behind '$blanks'" "$five and .require_osd_release==\"luminous\"" < <(printf "$blanks%s\n" 'require_osd_release luminous' "$old" '  removed_snaps [1~3,5~2]')
	reads "pool snapshots behind '$blanks'" '.pools[0]|.live==2 and .removed==1' < <(printf '%s\n%ssnap 1 %s\n%ssnap 3 %s\n' "$old" "$blanks" "'a' 2019-03-16 22:27:34.150433" "$blanks" "'b' 2019-03-16 22:27:35.150433")
done

# --- prompts, other lines, several commands
for prompt in '[root@mon1 ~]# ' '[me@controller-0 ~(keystone_admin)]$ ' 'root@mon1:~# ' '$ '; do
	reads "behind the prompt '$prompt'" "$five" < <(printf '%sceph osd dump\nepoch 5\n%s\n\tremoved_snaps [1~3,5~2]\n%sceph osd pool ls\nrbd\n' "$prompt" "$old" "$prompt")
	reads "JSON behind the prompt '$prompt'" '.pools[0]|.removed==5 and .live==5' < <(printf '%sceph osd dump -f json\n{"epoch":5,"pools":[{"pool":1,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"}]}\n%sdate\n' "$prompt" "$prompt")
done
reads "JSON on the line of its command" '.pools[0].live==5' <<<'$ ceph osd dump -f json {"epoch":5,"pools":[{"pool":1,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"}]}'
reads "code that begins with a brace is no JSON" "$five" <<E
void PGPool::update(OSDMapRef map)
{
  ...
  if ((map->get_epoch() != cached_epoch + 1) ||
    updated = true;
}
$old
  removed_snaps [1~3,5~2]
E

# --- what others put around each line
update='2020-04-05 19:52:59.925 7fa86b863700 20 PGPool::update cached_removed_snaps [1~3,5~2] newly_removed_snaps [] snapc 8=[] (no change)'
dump() { printf 'require_osd_release luminous\n%s\n\tremoved_snaps [1~3,5~2]\n' "$old"; }
document() { printf '{\n  "epoch": 5,\n  "pools": [\n    { "pool": 1, "snap_seq": 10,\n      "removed_snaps": "[1~3,5~2]" }\n  ]\n}\n'; }
groups() { printf 'PG_STAT STATE UP SNAPTRIMQ_LEN\n1.1f active+clean+snaptrim [1,2] 37\n1.1e active+clean [2,1] 0\n'; }
around() { # WRAPPER: puts it around each line
	case $1 in
	mail) sed 's/^/> /' ;;
	mail-of-a-mail) sed 's/^/> > /' ;;
	mail-without-blanks) sed 's/^/>/' ;;
	comment) sed 's/^/# | /' ;;
	table) sed 's/^/| /' ;;
	colours) sed $'s/^/\033[32m/; s/$/\033[0m/' ;;
	grep-H) sed 's/^/dump.txt:/' ;;
	grep-Hn) awk '{ print "/var/log/ceph/ceph-osd.3.log:" NR ":" $0 }' ;;
	grep-n) awk '{ print NR ":" $0 }' ;;
	pdsh) sed 's/^/node1: /' ;;
	kubectl) sed 's/^/2024-03-27T12:59:18.620500000Z /' ;;
	kubectl-prefix) sed 's/^/[pod\/rook-ceph-osd-3-5d9 osd] /' ;;
	cri) sed 's/^/2025-04-18T00:45:16.379012345Z stderr F /' ;;
	docker-json) jq -Rc '{log: (. + "\n"), stream: "stderr", time: "2020-04-05T19:52:59.925Z"}' ;;
	journal) sed 's/^/Apr 05 19:52:59 node1 ceph-osd[812]: /' ;;
	journal-json) jq -Rc '{MESSAGE: ., _HOSTNAME: "node1", SYSLOG_IDENTIFIER: "ceph-osd", __REALTIME_TIMESTAMP: "1586116379925000"}' ;;
	rfc5424) sed 's/^/<134>1 2020-04-05T19:52:59.925Z node1 ceph-osd 812 - - /' ;;
	esac
}
for wrapper in mail mail-of-a-mail mail-without-blanks comment table colours grep-H grep-Hn grep-n pdsh kubectl kubectl-prefix cri docker-json journal journal-json rfc5424; do
	reads "a log line in $wrapper" '.pools[0]|.removed==5 and .live==3' < <(around $wrapper <<<"$update")
	case $wrapper in
	mail* | comment | table | colours | grep-H | grep-Hn | grep-n | pdsh)
		reads "a dump in $wrapper" "$five and .pools[0].pays==\"yes\"" < <(dump | around $wrapper)
		reads "a document in $wrapper" '.pools[0]|.pool==1 and .removed==5 and .live==5' < <(document | around $wrapper)
		reads "placement groups in $wrapper" '.pools[0].removal_queue.snaptrim_queued==37' < <(groups | around $wrapper)
		;;
	esac
done
reads "a wrapped set in a mail" '.pools[0]|.intervals==4 and .removed==15' < <(printf '> %s\n>  removed_snaps [1~3,5~1,7\n> ~9,14~2]\n' "$old")
reads "a dump as Ansible's list of lines" "$five" < <(printf '"epoch 5",\n"%s",\n"\\tremoved_snaps [1~3,5~2]"\n' "$old")
reads "and as YAML's" "$five" < <(printf -- '- epoch 5\n- %s\n- removed_snaps [1~3,5~2]\n' "$old")
reads "a paragraph for each line of a mail" "$five" < <(printf '>       %s\n>      \n>              removed_snaps [1~3,5~2]\n>      \n\n' "$old")

# --- wrapped, run together, escaped, shortened
whole='1~3,5~1,7~9,14~2'
for at in 1 2 3 4 7 10 14; do # in and around a number, a length, a comma
	reads "a set wrapped at $at" '.pools[0]|.intervals==4 and .removed==15' < <(printf '%s\n\tremoved_snaps [%s\n%s]\n' "$old" "${whole:0:at}" "${whole:at}")
	reads "a logged set wrapped at $at" '.pools[0]|.intervals==4 and .removed==15' < <(printf '2020-04-05 19:52:59.925 7fa86b863700 20 PGPool::update cached_removed_snaps [%s\n%s] newly_removed_snaps [] snapc 20=[] (no change)\n' "${whole:0:at}" "${whole:at}")
done
reads "a set wrapped twice, with a soft break" '.pools[0]|.intervals==4 and .removed==15' < <(printf '%s\n  removed_snaps\n  [1~3,5=\n  ~1,7~9,14~\n  2]\n' "$old")
reads "a wrapped pool's line" "$five and .pools[0].pays==\"yes\"" < <(printf "pool 1 'rbd' replicated size 3 crush_ruleset 0\nobject_hash rjenkins flags\nhashpspool stripe_width 0\n\tremoved_snaps [1~3,5~2]\n")
reads "a dump in one line" '.pools|length==2 and (.[0]|.pool==1 and .removed==5) and (.[1]|.pool==2 and .removed==3)' <<<"epoch 5 $old removed_snaps [1~3,5~2] pool 2 'x' replicated size 3 removed_snaps [1~3] max_osd 3"
reads "the source of a page" "$five" < <(printf '%s\n\\tremoved\\_snaps \\[1\\~3,5\\~2\\]\n' "$old" | sed 's/^\\t//')
reads "quotes of a page" "$five and .pools[0].name==\"rbd\"" < <(printf 'pool 1 \xe2\x80\x98rbd\xe2\x80\x99 replicated size 3\n removed_snaps [1~3,5~2]\n')
reads "a byte order mark, and CRLF" "$five" < <(printf '\xef\xbb\xbf%s\r\n\tremoved_snaps [1~3,5~2]\r\n' "$old")
reads "a byte order mark before JSON" '.pools[0].live==5' < <(printf '\xef\xbb\xbf{"pools":[{"pool":1,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"}]}')

# --- JSON
reads "an owner above 2^63" '.pools[0].live==5' <<<'{"epoch":5,"pools":[{"pool":1,"auid":18446744073709551615,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"},{"pool":2,"auid":1.8446744073709552e19,"snap_seq":0,"removed_snaps":"[]"}]}'
for key in osdmap osd_dump; do
	reads "under $key" '.require_osd_release=="luminous" and (.pools[0]|.pool==3 and .live==5 and .pays=="yes")' <<<"{\"version\":\"12.2.8\",\"$key\":{\"pools\":[{\"removed_snaps\":\"[1~3,8~1,a~1]\",\"snap_seq\":10,\"pool\":3,\"pool_name\":\"v\"}],\"epoch\":7,\"require_osd_release\":\"luminous\"},\"pg_stats\":[{\"pgid\":\"3.1\",\"state\":\"active+clean\",\"snaptrimq_len\":4}]}"
done
reads "a document with parts left out" '.pools[0]|.live==5 and .burnt_by[0].burnt==10' <<'E'
{
    "epoch": 23304,
    ...
    "new_pools": [
        {
            ....
            "pool": 30,
            "snap_mode": "selfmanaged",
            "snap_seq": 9,
            "removed_snaps": "[1~3]",
            ...
        }
    ...
}
{
    "epoch": 23310, …
    "new_pools": [ { "pool": 30, "snap_mode": "selfmanaged", "snap_seq": 10, "removed_snaps": "[1~3,8~1,a~1]" } ] // the next
}
E
reads "members alone" '.pools|length==2 and (.[0]|.pool==3 and .live==5) and (.[1]|.pool==4 and .live==1)' <<'E'
            "pool": 3,
            "snap_seq": 10,
            "removed_snaps": "[1~3,8~1,a~1]",
        },
            "pool": 4,
            "snap_seq": 4,
            "removed_snaps": "[1~3]",
E
reads "one member of each pool" '.pools|length==2 and all(.[]; .pool==null) and (map(.removed)|sort==[3,5])' < <(printf '            "removed_snaps": "[1~3,5~2]",\n            "removed_snaps": "[1~3]",\n')
for page in "s/'/\&#39;/g" "s/ /\xc2\xa0/g" "s/'/\xe2\x80\x99/g" 's/ /&\xe2\x80\x8b/g'; do
	reads "a dump from a page ($page)" '.pools[0]|.pool==3 and .name=="vms" and .removed==5' < <(sed "$page" <<<"pool 3 'vms' replicated size 3 min_size 2 crush_rule 0 object_hash rjenkins pg_num 8 flags hashpspool stripe_width 0
	removed_snaps [1~3,5~2]")
done
reads "a wrapped string" '.pools[0]|.intervals==4 and .removed==15 and .pool==1' < <(printf '{"pools":[{"pool":1,"removed_snaps":"[1~3,5~1,7\n   ~9,14~2]","snap_seq":30}]}')
reads "what Python prints" '.pools[0].live==5' <<<"{u'pools': [{u'pool': 1, 'snap_seq': 10L, 'removed_snaps': u'[1~3,8~1,a~1]', 'use_gmt_hitset': True, 'tier': None,}]}"
reads "a key twice" '(.pools[0]|.snap_seq==10) and any(.warnings[]; test("comes twice"))' <<<'{"pools":[{"pool":1,"snap_seq":3,"snap_seq":10,"removed_snaps":"[1~3]"}]}'
reads "a number too big" '(.pools[0]|.removed==3) and any(.warnings[]; test("input:1: snap_seq: .*no number of 64 bits"))' <<<'{"pools":[{"pool":1,"snap_seq":99999999999999999999999,"removed_snaps":"[1~3]"}]}'
reads "a pool's id that is no number" '(.pools|map(.pool)==[2]) and any(.warnings[]; test("no number; this pool is left out"))' <<<'{"pools":[{"pool":"x1","snap_seq":4,"removed_snaps":"[1~3]"},{"pool":2,"snap_seq":4,"removed_snaps":"[1~3]"}]}'
reads "the same in text" '(.pools|map(.pool)==[1]) and any(.warnings[]; test("no number; this pool is left out"))' < <(printf "pool x 'a' replicated size 3\n removed_snaps [1~9]\n%s\n removed_snaps [1~3]\n" "$old")
printf '{"pools":[{"pool":1,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"},{"pool":2,"snap_se' >"$work/cut"
"$fenceline" snaps --format json "$work/cut" 2>"$work/stderr" | jq -e '.pools[0].live==5' >/dev/null || fail "half a document: what is whole of it is lost"
grep -q 'cut:1: this JSON is broken (it ends in the middle)' "$work/stderr" || fail "half a document: $(cat "$work/stderr")"
reads "UTF-16 with its mark" '.pools[0].live==5' < <(iconv -f UTF-8 -t UTF-16 <<<'{"pools":[{"pool":1,"snap_seq":10,"removed_snaps":"[1~3,8~1,a~1]"}]}')
for wide in UTF-16LE UTF-16BE; do
	reads "$wide without a mark" "$five" < <(printf '%s\n\tremoved_snaps [1~3,5~2]\n' "$old" | iconv -f UTF-8 -t $wide)
done

# --- which release
reads "require_jewel_osds" '.pools[0].pays_at_start' < <(printf 'flags sortbitwise,require_jewel_osds\n%s\n removed_snaps [1~3,5~2]\n' "$old")
reads "crush_ruleset" '.pools[0].pays_at_start' < <(printf '%s\n removed_snaps [1~3,5~2]\n' "${old/crush_rule /crush_ruleset }")
reads "autoscale_mode with a set" '.pools[0].pays=="in part"' < <(printf '%s\n removed_snaps [1~3,5~2]\n' "$new")
says "paid in part"
reads "nautilus" '.pools[0]|.pays=="in part" and .pays_at_start==false' < <(printf 'require_osd_release nautilus\n%s\n removed_snaps [1~3,5~2]\n' "$new")
says "paid in part"
reads "pools' lines alone, as grep leaves them, claim nothing" '.pools[0]|.pays=="not told" and .intervals==null' <<<"$new"
silent "keeps no removed_snaps although"
reads "a whole dump without sets is of Octopus or later" '.pools[0]|.pays=="no" and .intervals==null' < <(printf 'epoch 4\n%s\nmax_osd 3\n' "$new")
says "Octopus or later"
reads "sets alone, as grep leaves them, are of a pool each" '.pools|length==2' < <(printf '\tremoved_snaps [1~3]\n\tremoved_snaps [1~3,5~2]\n')
reads "sets that nothing names are not merged in silence" '.pools[0].unnamed_sets==2' < <(printf '[1~3]\n[1~3,5~2]\n')
says "They may be of several pools"

# --- words
reads "without snap_seq" '.pools[0]|.live==null and .live_least==0' < <(printf '%s\n removed_snaps [1~3]\n' "$old")
silent "0 alive;"
"$fenceline" snaps --format html "$work/input" | grep -q '"live":null,"live_least":0' || fail "the page knows a count of live snapshots"
reads "--snap-seq is a fact" '.pools[0].live==null' < <(printf '%s\n removed_snaps [1~3]\n' "$old")
[ "$("$fenceline" snaps --format json --snap-seq 5 "$work/input" | jq '.pools[0].live')" = 2 ] || fail "--snap-seq 5 does not make 2 alive"
reads "pool snapshots" '.pools|length==1 and (.[0]|.live==1 and .removed==0)' < <(printf "pool 1 'p' replicated size 3 flags hashpspool,pool_snaps\n\tsnap 1 'a' 2019-03-16 22:27:34.150433\n")
reads "a dump of pools without snapshots" '.pools==[]' <<<"$old"
says "no pool with snapshots among the 1"
reads "nosnaptrim" '.nosnaptrim and .pools[0].removal_queue.snaps==341' < <(printf 'flags sortbitwise,nosnaptrim\nrequire_osd_release squid\n%s\n removed_snaps_queue [5~1a,20~13b]\n' "$new")
says "ceph osd unset nosnaptrim"
reads "mClock has no sleep" 'true' < <(printf 'require_osd_release reef\n%s\n removed_snaps_queue [5~1a,20~13b]\n' "$new")
silent "osd_snap_trim_sleep"
says "osd_mclock_profile"
reads "before Quincy there is one" 'true' < <(printf 'require_osd_release pacific\n%s\n removed_snaps_queue [5~1a,20~13b]\n' "$new")
says "osd_snap_trim_sleep"

# --- placement groups
head='PG_STAT OBJECTS MISSING_ON_PRIMARY DEGRADED MISPLACED UNFOUND BYTES OMAP_BYTES* OMAP_KEYS* LOG DISK_LOG STATE STATE_STAMP VERSION REPORTED UP UP_PRIMARY ACTING ACTING_PRIMARY LAST_SCRUB SCRUB_STAMP LAST_DEEP_SCRUB DEEP_SCRUB_STAMP SNAPTRIMQ_LEN'
row() { echo "$1 21233 0 0 0 0 364965473 0 0 3939 3939 $2 2020-05-14 02:01:56.728098 2147'735639 2154:1321620 [5,7,3] 5 [5,7,3] 5 196'19065 2020-05-10 23:59:26.930129 0'0 2020-05-08 11:32:53.053002 $3"; }
table() { echo "$head"; row 10.1f7 active+clean+snaptrim 37; row 10.1f6 active+remapped+backfill_wait+snaptrim_wait 412; row 10.1f5 active+clean 0; }
queue='.pools[0]|.pool==10 and (.removal_queue|.snaptrim_pgs==2 and .snaptrim_queued==449)'
reads "a table of groups" "$queue" < <(table)
reads "the same with its columns in line" "$queue" < <(table | column -t)
reads "the same with tabs" "$queue" < <(table | tr ' ' '\t')
reads "the same indented" "$queue" < <(table | sed 's/^/    /')
reads "the same, wrapped by a mail program" "$queue" < <(table | fold -s -w 72)
reads "the same twice" "$queue" < <(table; table)
reads "stamps with a T, and columns behind the queue" "$queue" < <(table | sed "s/ \(2020-05-..\) \(..:..:..\.......\)/ \1T\2+0000/g; s/SNAPTRIMQ_LEN\$/& LAST_SCRUB_DURATION SCRUB_SCHEDULING/; /^10/s/\$/ 3 periodic scrub scheduled @ 2020-05-15T10:00:00.0+0000/")
reads "small letters, of 10.2" '.pools[0].removal_queue|.snaptrim_pgs==2 and .snaptrim_queued==null' < <(table | sed '1s/.*/\L&/; 1s/ snaptrimq_len//; s/ [0-9]*$//')
reads "rows without their head" '.pools[0].removal_queue|.snaptrim_pgs==2 and .snaptrim_queued==null' < <(table | grep snaptrim)
reads "pg ls" '.pools[0].removal_queue|.snaptrim_pgs==1 and .snaptrim_errors==1' <<'E'
PG    OBJECTS DEGRADED MISPLACED UNFOUND BYTES OMAP_BYTES* OMAP_KEYS* LOG STATE                       SINCE VERSION  REPORTED UP        ACTING    SCRUB_STAMP                     DEEP_SCRUB_STAMP
4.1f        2        0         0       0    38           0          0  79 active+clean+snaptrim          2h 24'79    25:380   [5,7,3]p5 [5,7,3]p5 2026-11-27T21:05:30.888841+0000 2026-11-27T21:05:30.888841+0000
4.1e        2        0         0       0    38           0          0  79 active+clean+snaptrim_error    2h 24'79    25:380   [5,7,3]p5 [5,7,3]p5 2026-11-27T21:05:30.888841+0000 2026-11-27T21:05:30.888841+0000
E
says "1 in snaptrim_error"
reads "a row that does not fit is left out" '(.pools==[]) and (.warnings|length==1)' < <(echo "$head"; row 10.1 active+clean+snaptrim many)
reads "pg ls as JSON" '.pools[0].removal_queue|.snaptrim_pgs==1 and .snaptrim_queued==40000 and .snaptrim_over==1' <<<'{"pg_ready":true,"pg_stats":[{"pgid":"3.1","state":"active+clean+snaptrim","snaptrimq_len":40000},{"pgid":"3.2","state":"active+clean","snaptrimq_len":0}]}'
says "32768"
reads "pg query" '.pools[0]|.pool==2 and .removal_queue.snaptrim_queued==341 and .purged=={"pg":"2.892","intervals":2,"snaps":4}' <<<'{"snap_trimq":"[5~1a,20~13b]","snap_trimq_len":341,"state":"active+clean+snaptrim","info":{"pgid":"2.892","purged_snaps":[{"start":"1","length":"3"},{"start":"6","length":"1"}],"stats":{"state":"active+clean","snaptrimq_len":7}},"peer_info":[{"pgid":"2.892","stats":{"snaptrimq_len":9}}]}'
reads "pg query, the purged ids in hex" '.pools[0].purged=={"pg":"2.892","intervals":2,"snaps":31}' <<<'{"snap_trimq":"[5~1a]","snap_trimq_len":26,"state":"active+clean+snaptrim","info":{"pgid":"2.892","purged_snaps":[{"start":"1","length":"10"},{"start":"1a","length":"f"}]}}'
reads "pg query without its info, named by the command" '.pools[0]|.pool==1 and .removal_queue.snaptrim_queued==2' <<'E'
[root@mon1 ~]# ceph pg 1.31d query
{
    "state": "active+clean+snaptrim",
    "snap_trimq": "[5~2]",
    "epoch": 180,
    ……
}
E
reads "health detail" '.nosnaptrim and .slow_snaptrim_pgs==64 and (.pools[0]|.pool==1 and .removal_queue.snaptrim_queued==40010)' <<'E'
HEALTH_WARN nosnaptrim flag(s) set; snap trim queue for 64 pg(s) >= 32768 (mon_osd_snap_trim_queue_warn_on)
[WRN] PG_SLOW_SNAP_TRIMMING: snap trim queue for 64 pg(s) >= 32768 (mon_osd_snap_trim_queue_warn_on)
    snap trim queue for pg 1.3f at 40000
    snap trim queue for pg 1.3e at 10
E
reads "health detail as JSON" '.nosnaptrim and .slow_snaptrim_pgs==1 and .pools[0].removal_queue.snaptrim_queued==40000' <<<'{"status":"HEALTH_WARN","checks":{"OSDMAP_FLAGS":{"summary":{"message":"nosnaptrim flag(s) set"}},"PG_SLOW_SNAP_TRIMMING":{"summary":{"message":"snap trim queue for 1 pg(s) >= 32768 (mon_osd_snap_trim_queue_warn_on)"},"detail":[{"message":"snap trim queue for pg 1.3f at 40000"}]}}}'
reads "ceph -s" '.snaptrim_states=={"snaptrim":24,"snaptrim_wait":478,"snaptrim_error":3}' <<'E'
    pools:   3 pools, 1000 pgs
    pgs:     495 active+clean
             478 active+clean+snaptrim_wait
             24  active+clean+snaptrim
             3   active+clean+snaptrim_error
E
silent "no pool with snapshots"
reads "ceph -s as JSON" '.snaptrim_states.snaptrim_wait==478' <<<'{"pgmap":{"pgs_by_state":[{"state_name":"active+clean","count":9},{"state_name":"active+clean+snaptrim_wait","count":478}]}}'

printf 'epoch 9\nrequire_osd_release luminous\npool 1 '"'rbd'"' replicated size 3 flags hashpspool stripe_width 0\n\tremoved_snaps [1~3,5~2]\n' >"$work/dump"
# --- a dump as a string of what ran the command
for what in '{stdout: ., rc: 0}' '{stdout_lines: (. / "\\n"), rc: 0}' '{stdout: ., stdout_lines: (. / "\\n")}' '[{host: "mon1", text: .}]'; do
	reads "as JSON: $what" '.pools[0]|.pool==1 and .intervals==2 and .removed==5 and .pays=="yes" and (.samples|length==1)' < <(jq -Rs "$what" <"$work/dump")
done
reads "behind an arrow" '.pools[0]|.intervals==2 and .pays=="yes"' < <(printf 'mon1 | SUCCESS => ' && jq -Rs '{stdout: .}' <"$work/dump")
for what in 'text' 'text.encode()' 'text.splitlines()' '(0, text.encode(), "")'; do
	reads "as Python prints $what" '.pools[0]|.intervals==2 and .pays=="yes"' < <(/usr/bin/python3 -c "import sys; text = sys.stdin.read(); print(repr($what))" <"$work/dump")
done
reads "JSON in JSON" '.pools[0]|.intervals==2 and .pays=="yes"' < <(jq -n '{stdout: ({epoch: 9, require_osd_release: "luminous", pools: [{pool: 1, pool_name: "rbd", snap_seq: 6, removed_snaps: "[1~3,5~2]"}]} | tojson)}')
reads "a CR alone ends its lines" '.pools[0]|.intervals==2 and .pays=="yes"' < <(tr '\n' '\r' <"$work/dump")

# --- an OSD's log
reads "activate, and a group's queue" '.pools[0]|.pool==11 and .removed==5 and .pays=="yes" and .removal_queue.snaptrim_queued==2' <<'E'
2020-09-11 14:05:19.867277 7fba3d925700 20 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 (0'0,201'1] local-les=2224 n=1 [3] r=0 lpr=2223 inactive] activate - purged_snaps [1~3] cached_removed_snaps [1~3,5~2]
2020-09-11 14:05:20.867298 7fba3d925700 10 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 (0'0,201'1] local-les=2224 n=1 [3] r=0 lpr=2223 active+clean+snaptrim snaptrimq=[5~2]] SnapTrimmer state
E
reads "a queue of more than 16 intervals is a number" '.pools[0].removal_queue|.snaptrim_queued==3123 and .snaptrim_pgs==1' <<<"2024-09-11T14:05:20.867+0000 7fba3d925700 10 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 (0'0,201'1] local-lis/les=2224/2225 n=1 [3] r=0 lpr=2223 active+clean+snaptrim_wait snaptrimq=3123 ps=33] x"
reads "activate from Mimic on" '.pools[0]|.pool==11 and .intervals==null and .removal_queue.snaps==2' <<<"2020-09-11 14:05:19.867277 7fba3d925700 20 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 [3] r=0 lpr=2223 inactive] activate - purged_snaps [1~3] removed_snaps [5~2]"
reads "a queue that drains" '.pools==[]' < <(for q in '+snaptrim snaptrimq=[5~2]' ''; do echo "2020-09-11 14:05:20.867298 7fba3d925700 10 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 [3] r=0 lpr=2223 active+clean$q] x"; done)
cat >"$work/quiet" <<<"2020-09-11 14:05:20.867298 7fba3d925700  1 osd.3 pg_epoch: 2224 pg[11.4( v 201'1 [3] r=0 lpr=2223 active+clean] state<Start>: transitioning to Primary"
"$fenceline" snaps "$work/quiet" 2>&1 | grep -q "none tells of removed snapshots" || fail "a log without the lines is not told from a file that is not known"

# --- memory stays bounded, whatever a file holds
peak() { # FILE: kilobytes
	/usr/bin/python3 - "$fenceline" snaps "$1" <<'PY'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
}
# many BYTE MEGABYTES: gzip members in a row, one made and repeated
many() {
	head -c 1000000 /dev/zero | tr '\0' "$1" | gzip -1 >"$work/member"
	for _ in $(seq "$2"); do cat "$work/member"; done
}
many '\0' 300 >"$work/zeros.gz"
{ printf '{"pools":[{"pool":1,"removed_snaps":"[' | gzip -1; many 1 100; } >"$work/string.gz"
{ printf '{"a":[' | gzip -1; many ' ' 100; } >"$work/blanks.gz"
{ printf '%s\n removed_snaps [1~3,' "$old" | gzip -1; many 5 100; } >"$work/set.gz"
for what in zeros string blanks set; do
	kb=$(peak "$work/$what.gz")
	[ "$kb" -le $((30 * 1024)) ] || fail "hundreds of MB of $what take $((kb / 1024)) MiB"
done

pastes_end
