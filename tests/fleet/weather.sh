#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bad weather between a shipper and its store: away, password, schema, a row that is refused, a spool that is full, TLS.
# usage: FENCELINE=... tests/fleet/weather.sh FOLDER PORT
set -u -o pipefail
here=$(dirname "$(realpath "$0")")
dir=$1 port=$2
mkdir -p "$dir"
# shellcheck source=lib/store.sh
. "$here/lib/store.sh"
trap 'for name in "${!store_pid[@]}"; do store_stop "$name" KILL; done; for pid in ${follower:-} ${python:-}; do kill "$pid" 2>/dev/null; done' EXIT
failed=0

ok() { # NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$dir/out" 2>&1; then printf 'ok fleet/%s\n' "$name"; else
        printf 'FAIL fleet/%s: %s\n' "$name" "$(tail -n 2 "$dir/err" "$dir/out" 2>/dev/null | tr '\n' ' ')"
        failed=1
    fi
}
ship() { timeout 60 "$FENCELINE" ship --host w --spool "$dir/spool" "$@" 2>"$dir/err"; }
says() { grep -q "$1" "$dir/err"; }
is() { [ "$(sql "$1" "$2")" = "$3" ] || { sql "$1" "$2"; return 1; }; }
until_is() { # SECONDS NAME QUERY ANSWER
    local end=$((SECONDS + $1))
    shift
    while ! is "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.3; done
}
fails_saying() { # WORDS URL INPUT…
    local words=$1
    shift
    ! ship "$@" && says "$words"
}
audit() { # N: so many lines, each another fence
    local n
    for n in $(seq "$1"); do
        printf "2026-11-22T21:%02d:%02d.000000+0000 mon.a (mon.0) %d : audit [INF] from='client.4 10.0.0.9:0/77' entity='client.admin' cmd=[{\"prefix\": \"osd blocklist\", \"blocklistop\": \"add\", \"addr\": \"10.0.0.1:0/%d\"}]: dispatch\n" \
            $((n / 60 % 60)) $((n % 60)) "$n" "$n"
    done
}

printf 'right\n' >"$dir/right"
printf 'wrong\n' >"$dir/wrong"
audit 40 >"$dir/audit.log"
STORE_PASSWORD=right
for name in good other; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/$name.key" -out "$dir/$name.pem" -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
done
tls="<https_port>$((port + 3))</https_port><openSSL><server><certificateFile>$dir/good.pem</certificateFile><privateKeyFile>$dir/good.key</privateKeyFile>"
tls+="<verificationMode>none</verificationMode></server></openSSL>"
store_start weather "$port" "$tls" || exit 1
sql() { curl -s --noproxy '*' -H 'X-ClickHouse-User: default' -H 'X-ClickHouse-Key: right' --data-binary "$2" "http://127.0.0.1:${store_port[$1]}/?output_format_json_quote_64bit_integers=0"; }
url="clickhouse://default@127.0.0.1:$port/weather?password-file=$dir/right"
wrong="clickhouse://default@127.0.0.1:$port/weather?password-file=$dir/wrong"

ok no-schema fails_saying 'no schema of fenceline' "$url" "$dir/audit.log"
ok schema ship --create "$url"
ok spool-kept-what-waited ship "$url" "$dir/audit.log"
ok once-in-the-store is weather 'SELECT uniqExact(id) FROM weather.events' 40
ok password fails_saying 'lets nobody in' "$wrong" "$dir/audit.log"
ok no-password-file fails_saying 'No such file' "clickhouse://127.0.0.1:$port/weather?password-file=$dir/none" "$dir/audit.log"
secure="clickhouse://default@127.0.0.1:$((port + 3))/weather?password-file=$dir/right&tls=1&ca=$dir"
rm -rf "$dir/spool"
ok tls ship "$secure/good.pem" "$dir/audit.log"
ok tls-of-another-ca fails_saying 'lets nobody in: SSL certificate problem' "$secure/other.pem" "$dir/audit.log"
ok tls-where-there-is-none fails_saying 'lets nobody in' "$url&tls=1" "$dir/audit.log"
ok tls-without-its-ca fails_saying 'none.pem' "$secure/none.pem" "$dir/audit.log"
ok password-is-secret sh -c "! grep -rq 'right\|wrong' $dir/err $dir/spool"
sql weather 'INSERT INTO weather.schema_version SELECT toDate(0), 99'
ok other-schema fails_saying 'schema 99, this fenceline knows 1' "$url" "$dir/audit.log"
ok other-schema-is-not-made-ours fails_saying 'schema 99, this fenceline knows 1' --create "$url"
sql weather 'ALTER TABLE weather.schema_version DROP PARTITION 19700101'
sql weather "ALTER TABLE weather.schema_version DROP PARTITION '1970-01-01'" >/dev/null

# A store that was made before the columns owner and cluster: it is written and read without them, until --create adds them.
rm -rf "$dir/spool"
for table in events_buffer events; do
    for column in owner cluster; do sql weather "ALTER TABLE weather.$table DROP COLUMN $column"; done
done
mkdir -p "$dir/ceph/5c5a50ae-272a-455d-99e9-32c6a013e694"
cp "$dir/audit.log" "$dir/ceph/5c5a50ae-272a-455d-99e9-32c6a013e694/ceph.audit.log"
in_cluster=$dir/ceph/5c5a50ae-272a-455d-99e9-32c6a013e694/ceph.audit.log
reads() { [ "$("$FENCELINE" incidents -f json --since 2026-11-22 "$url" 2>"$dir/err" | jq '.incidents | length')" = 40 ]; }
ok older-store-takes-rows ship "$url" "$in_cluster"
ok older-store-said says 'no columns owner, cluster yet'
ok older-store-has-them is weather 'SELECT uniqExact(id) FROM weather.events' 80
ok older-store-is-read reads
ok columns-added ship --create "$url"
ok later-columns-filled sh -c "$(declare -f ship says); dir=$dir FENCELINE=$FENCELINE; ship '$url' '$in_cluster' && ! says 'no columns'"
ok later-columns-read is weather "SELECT count() > 0 FROM weather.events WHERE cluster = '5c5a50ae-272a-455d-99e9-32c6a013e694'" 1
ok reads-after-columns reads

# A server of a version that nobody has tried: said once, and all goes its way. The server is real, its word for its version is not.
exec 4< <(exec python3 -u "$here/flaky.py" "$port" 98.16.1)
python=$!
read -r -u 4 other_port
rm -rf "$dir/spool"
ok unknown-version-takes-rows ship "${url/:$port/:$other_port}" "$dir/audit.log"
ok unknown-version-said sh -c "[ \$(grep -c 'ClickHouse 98.16.1; fenceline was tried with 18.16 alone' $dir/err) = 1 ]"
ok known-version-not-said sh -c "$(declare -f ship says); dir=$dir FENCELINE=$FENCELINE; ship '$url' '$dir/audit.log' && ! says 'was tried with'"
kill "$python"

# A row that the store never takes: named, kept, not tried for ever; its neighbours arrive.
rm -rf "$dir/spool"
sql weather 'DROP TABLE weather.events'
sql weather 'DROP TABLE weather.events_buffer'
sed -n '/^CREATE TABLE IF NOT EXISTS {db}.events (/,/;$/p' "$here/../../tools/fenceline/fleet/schema.sql" |
    sed 's/{db}/weather/; s/    entity//; s/    osd String/    osd FixedString(5)/; s/--.*//; s/;$//' >"$dir/narrow.sql"
sql weather "$(cat "$dir/narrow.sql")"
{
    echo '{"schema": "fenceline/events/1"}'
    for n in 1 2 3 4 5 6 7; do
        echo "{\"ts_ns\": 179538366000000000$n, \"host\": \"c\", \"event\": \"ping_sent\", \"pid\": 7, \"osd\": \"osd.$n$([ $n != 3 ] || echo 00000)\"}"
    done
} >"$dir/narrow.events"
ok refused-row-named sh -c "$(declare -f ship says); dir=$dir FENCELINE=$FENCELINE; ship '$url' $dir/narrow.events; says 'refuses a row'; grep -q osd.300000 $dir/err"
ok refused-row-kept grep -q 'osd.300000' "$dir/spool/refused.ndjson"
ok refused-rows-neighbours is weather 'SELECT count() FROM weather.events' 6
sql weather 'DROP TABLE weather.events'
ok schema-again ship --create "$url"

# A store whose disk is full: said, rows wait; once there is room they are taken.
STORE_UNDER=(unshare -m sh -c 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"' "$dir/full/data")
if unshare -m true 2>/dev/null; then
    store_start full $((port + 6)) || failed=1
    full="clickhouse://default@127.0.0.1:$((port + 6))/full?password-file=$dir/right"
    inside=/proc/${store_pid[full]}/root$dir/full/data/filler
    rm -rf "$dir/spool"
    ok full-schema ship --create "$full"
    cat /dev/zero >"$inside" 2>/dev/null
    ok full-store-said fails_saying 'the store is away: .*No space left' "$full" "$dir/audit.log"
    ok full-store-rows-wait sh -c "ls $dir/spool/?-*"
    rm "$inside"
    ok full-store-has-room ship "$full" "$dir/audit.log"
    ok full-store-has-all is full 'SELECT uniqExact(id) FROM full.events' 40
    store_stop full
else
    echo "skip fleet/full-store: a small file system cannot be mounted here"
fi
STORE_UNDER=()

# The store goes away while a log is followed, and comes back.
rm -rf "$dir/spool"
audit 10 >"$dir/growing.log"
"$FENCELINE" ship --follow --host w --spool "$dir/spool" "$url" "$dir/growing.log" 2>"$dir/follow.err" &
follower=$!
ok followed until_is 15 weather 'SELECT uniqExact(id) FROM weather.events' 10
store_stop weather
audit 300 | tail -n +11 >>"$dir/growing.log"
for _ in $(seq 50); do ls "$dir"/spool/?-* >/dev/null 2>&1 && break; sleep 0.2; done
ok spooled sh -c "ls $dir/spool/?-*"
store_run weather
ok back until_is 40 weather 'SELECT uniqExact(id) FROM weather.events' 300
kill "$follower" && wait "$follower"
ok follower-ended-well [ $? = 0 ]
follower=
ok said-once sh -c "[ \$(grep -c 'is away' $dir/follow.err) = 1 ] && grep -q 'takes rows again' $dir/follow.err"
ok beats is weather "SELECT uniqExact(shipper) FROM weather.shippers" 1

# The store stands still and goes on: a post that got no answer is sent again, and counts once.
if [ -z "${FENCELINE_SHORT:-}" ]; then
    "$FENCELINE" ship --follow --host w --spool "$dir/spool" "$url" "$dir/growing.log" 2>"$dir/follow.err" &
    follower=$!
    sleep 2
    kill -STOP "${store_pid[weather]}"
    audit 330 | tail -n +301 >>"$dir/growing.log"
    sleep 35
    ok slow-store-said grep -q 'is away' "$dir/follow.err"
    kill -CONT "${store_pid[weather]}"
    ok slow-store-has-all until_is 60 weather 'SELECT uniqExact(id) FROM weather.events' 330
    kill "$follower" && wait "$follower"
    follower=
fi

# A spool that is too small: what is lost is counted, told to the store, and in the verdict.
store_stop weather
{
    echo '{"schema": "fenceline/events/1"}'
    for n in $(seq 6000); do
        printf '{"ts_ns": %d, "host": "w", "event": "ping_sent", "pid": 7, "cookie": 5, "osd": "10.0.0.1:6802"}\n' $((1795383660000000000 + n * 1000000))
    done
} >"$dir/many.events"
ok spool-full fails_saying 'wait in' --spool-size 1 "$url" "$dir/many.events" "$dir/audit.log"
ok spool-bounded sh -c "[ \$(du -sk $dir/spool | cut -f 1) -le 1100 ]"
store_run weather
"$FENCELINE" ship --follow --host w --spool "$dir/spool" --spool-size 1 "$url" "$dir/audit.log" 2>"$dir/follow.err" &
follower=$!
ok rare-rows-survive until_is 20 weather "SELECT uniqExact(id) >= 40 FROM weather.events WHERE event = 'audit_blocklist'" 1
lost="SELECT any(visitParamExtractUInt(fields, 'count')) FROM weather.events WHERE event = 'lost_events'"
kept="SELECT uniqExact(id) FROM weather.events WHERE event = 'ping_sent' AND pid = 7"
ok lost-rows-told until_is 20 weather "SELECT ($lost) > 1000, ($lost) + ($kept)" "1	6000"
kill "$follower" && wait "$follower"
follower=

# Routine rows beside a fence do not wait in the Buffer table, which is not there: the proof may rest on one of them.
rm -rf "$dir/spool"
sql weather 'RENAME TABLE weather.events_buffer TO weather.events_buffer_away' >/dev/null
"$FENCELINE" ship --follow --host w --spool "$dir/spool" "$url" "$here/../golden/lost-pings/compute1.events" 2>"$dir/follow.err" &
follower=$!
ok routine-rows-of-a-fence-at-once until_is 20 weather "SELECT uniqExact(id) > 3 FROM weather.events WHERE event = 'ping_sent' AND pid = 4711" 1
kill "$follower" && wait "$follower"
follower=
sql weather 'RENAME TABLE weather.events_buffer_away TO weather.events_buffer' >/dev/null

# A store without TTL: whole days go by a script, which asks the server through clickhouse-client; here that is curl.
mkdir -p "$dir/bin"
printf '#!/bin/sh\nexec curl -s --noproxy "*" -H "X-ClickHouse-User: default" -H "X-ClickHouse-Key: right" --data-binary "$2" http://127.0.0.1:%s/\n' "$port" >"$dir/bin/clickhouse-client"
chmod 755 "$dir/bin/clickhouse-client"
ten_days_ago=$(date -u -d '10 days ago' +%F) today=$(date -u +%F)
for day in "$ten_days_ago" "$today"; do audit 5 | sed "s/2026-11-22/$day/" >"$dir/$day.log"; done
rm -rf "$dir/spool"
ok days-shipped ship "$url" "$dir/$ten_days_ago.log" "$dir/$today.log"
days_of() { sql weather "SELECT uniqExact(id) FROM weather.events WHERE event = 'audit_blocklist' AND day = '$1'"; }
drop_days() { PATH=$dir/bin:$PATH sh "$here/../../tools/fenceline/fleet/drop-days" "$1" weather; }
has_days() { [ "$(days_of "$ten_days_ago") $(days_of "$today")" = "$1 $2" ] || { echo "$(days_of "$ten_days_ago") $(days_of "$today")"; return 1; }; }
ok days-there has_days 5 5
ok drop-days-of-20 drop_days 20
ok young-days-stay has_days 5 5
ok drop-days-of-5 drop_days 5
ok old-days-gone has_days 0 5
ok drop-days-usage sh -c "! sh $here/../../tools/fenceline/fleet/drop-days '1;' weather 2>/dev/null"
store_stop weather
exit $failed
