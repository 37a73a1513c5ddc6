-- SPDX-License-Identifier: MIT
-- The store of a fleet: one ClickHouse server. Schema 1. Tried on 18.16.1 (Debian 12); every word of it is in today's manual, too
-- (README.md quotes both). Put it in place with
--
--     clickhouse-client --multiquery <schema.sql          or        fenceline ship --create clickhouse://HOST/fenceline
--
-- {db} stands for the database; clickhouse-client wants it replaced by its name first. Each statement ends with a semicolon at the
-- end of a line.

CREATE DATABASE IF NOT EXISTS {db};

-- Every fact, a row: the shim's events (include/fenceline/events.h) and what logs tell (tools/fenceline/ingest/event.h). The columns are for
-- searching; `fields` has all of the event, and what is read back from it is the event as it was.
-- A row that is shipped twice has the same key: ReplacingMergeTree keeps one in the end, and who reads asks LIMIT 1 BY id.
CREATE TABLE IF NOT EXISTS {db}.events (
    day Date,                 -- of ts_ns, in UTC; of the day it was shipped if it has no time
    event String,             -- "state", "ping_reply", "audit_blocklist" ...
    slot UInt32,              -- ten minutes: ts_ns / 600e9; 0 if it has no time
    host String,              -- whose clock: of the trace, or named in the log; "" if not known
    pid UInt32,               -- of a trace's event, as the process itself sees it
    ts_ns Int64,              -- ns since the epoch, UTC, by that host's clock; 0 if it has no time
    id UInt64,                -- of the content, the same whenever the same fact is shipped
    seq UInt64,               -- order of equal times within one source
    shipper String,           -- the host that shipped it
    uid UInt32,               -- of the process, where the trace's path says it; else 0 (`owner` tells root's from none)
    gid UInt64,               -- the N of client.N; 0 if not known
    client_ip String,         -- of the Ceph client that it is about (a blocklist command: whom it fences); "" if not known
    client_nonce UInt64,
    vm String,
    uuid String,
    pool String,
    namespace String,
    image String,
    image_id String,
    osd String,               -- address or name
    result Int64,             -- 0, a count, or -errno
    rtt_ns UInt64,            -- of an answered ping
    rare UInt8,               -- 1: shipped at once; 0: in batches
    source String,            -- where it came from: SHIPPER:PATH
    source_kind String,       -- "ctf", "ceph-audit" ...
    tz String,                -- of the source's stamps
    tz_from String,           -- "log", "option", "assumed"
    line UInt64,              -- in a log, from 1; 0 for traces
    owner UInt32,             -- of a trace: 1 + the uid; 0: not known. Came later, and so did
    cluster String,           -- of a log: its cluster's fsid; "" if not known
    fields String,            -- JSON of the event's own fields; those that are 0 or "" are left out
    arrived DateTime DEFAULT now() -- by the store's clock
) ENGINE = ReplacingMergeTree() PARTITION BY day ORDER BY (event, slot, host, pid, ts_ns, id);

-- Routine rows (rare = 0) come in by this one: many small inserts become few parts. It holds 10 s or 100,000 rows at most, in memory.
CREATE TABLE IF NOT EXISTS {db}.events_buffer AS {db}.events
    ENGINE = Buffer({db}, events, 2, 2, 10, 5000, 100000, 1000000, 100000000);

-- Watch pings by OSD as the processes of a host count them, of ten seconds each.
CREATE TABLE IF NOT EXISTS {db}.osd_sums (
    day Date,
    ts_ns Int64,              -- the end of the ten seconds
    shipper String,
    osd String,               -- ip:port
    answered UInt64,
    errors UInt64,
    lost UInt64,
    rtt_sum_ns UInt64,
    vms UInt32,               -- processes of the host that ping it
    rtt Array(UInt64)         -- answers by round trip: the i-th [2^(i-1), 2^i) us
) ENGINE = MergeTree() PARTITION BY day ORDER BY (osd, ts_ns, shipper);

-- What each shipper says of itself every ten seconds: who is silent, whose clock differs, what was lost.
CREATE TABLE IF NOT EXISTS {db}.shippers (
    day Date,
    shipper String,
    started_ns Int64,         -- of this run of the shipper
    sent_ns Int64,            -- by the shipper's clock
    schema UInt32,            -- that it writes
    version String,           -- of fenceline
    rows UInt64,              -- shipped since it began
    spooled_bytes UInt64,     -- that wait on its disk
    lost_rows UInt64,         -- that its spool could not hold
    refused_rows UInt64,      -- that this store did not take
    arrived DateTime DEFAULT now()
) ENGINE = MergeTree() PARTITION BY day ORDER BY (shipper, sent_ns);

-- One row per fence or near miss, written by `fenceline watch`; of several versions of one the newest counts (view `fences`).
CREATE TABLE IF NOT EXISTS {db}.verdicts (
    day Date,                 -- of begin_ns
    client_ip String,
    client_nonce UInt64,
    episode_ns Int64,         -- names the episode: its begin when it was first seen
    version UInt64,           -- the more is known the higher
    kind String,              -- "fence", "near-miss"
    begin_ns Int64,           -- of the blocklist command, else of the first -108
    first_eshutdown_ns Int64, -- 0: none
    vm String,
    uuid String,
    host String,
    pool String,
    namespace String,
    image String,
    image_id String,
    cause String,             -- of a near miss: its kind
    confidence String,
    client_state String,
    osd String,               -- of the image's header
    side String,              -- where the pings were lost
    lost_pings Int64,
    entry String,             -- how the fence came in
    by_entity String,
    by_host String,
    by_process String,
    snapshot_op String,
    snapshot String,
    failed_ios UInt64,
    evidence UInt32,          -- lines of it
    verdict String,           -- all of it, as in `fenceline incidents -f json`
    watcher String,           -- who wrote it
    written DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(version) PARTITION BY day ORDER BY (client_ip, client_nonce, kind, episode_ns);

-- Which of several watchers calls the hook for a verdict: the first one here.
CREATE TABLE IF NOT EXISTS {db}.claims (
    day Date,
    client_ip String,
    client_nonce UInt64,
    episode_ns Int64,
    watcher String,
    claimed_ns Int64
) ENGINE = MergeTree() PARTITION BY day ORDER BY (client_ip, client_nonce, episode_ns, claimed_ns, watcher);

-- The schema's number, for who ships to it or reads it.
CREATE TABLE IF NOT EXISTS {db}.schema_version (day Date, schema UInt32) ENGINE = MergeTree() PARTITION BY day ORDER BY schema;
INSERT INTO {db}.schema_version SELECT toDate('2026-01-01'), 1;

-- ---- Questions that people ask; README.md shows them with answers ----

-- Each fence once, its newest verdict. SELECT cause, count() FROM fences WHERE day = yesterday() GROUP BY cause
CREATE VIEW IF NOT EXISTS {db}.fences AS SELECT * FROM {db}.verdicts WHERE kind = 'fence' ORDER BY version DESC
    LIMIT 1 BY client_ip, client_nonce, episode_ns;
CREATE VIEW IF NOT EXISTS {db}.near_misses AS SELECT * FROM {db}.verdicts WHERE kind = 'near-miss' ORDER BY version DESC
    LIMIT 1 BY client_ip, client_nonce, episode_ns;

-- Watch pings by OSD and ten minutes: what is slow before it loses one. `unanswered` counts those that are still on their way, too.
CREATE VIEW IF NOT EXISTS {db}.osd_pings AS SELECT day, slot, toDateTime(slot * 600) AS since, osd,
    uniqIf(id, event = 'ping_sent') AS sent, uniqIf(id, event = 'ping_reply') AS answered, sent - answered AS unanswered,
    quantileIf(0.5)(rtt_ns / 1000000, event = 'ping_reply' AND rtt_ns > 0) AS p50_ms,
    quantileIf(0.99)(rtt_ns / 1000000, event = 'ping_reply' AND rtt_ns > 0) AS p99_ms,
    uniq(host, pid, gid) AS clients
    FROM {db}.events WHERE event IN ('ping_sent', 'ping_reply') AND osd != '' GROUP BY day, slot, osd;

-- The same from the hosts' own counts (osd_sums), for each hour: the middle of the bucket that holds the median, and the 99th of 100.
CREATE VIEW IF NOT EXISTS {db}.osd_hours AS SELECT day, toHour(toDateTime(intDiv(ts_ns, 1000000000))) AS hour, osd, sum(answered) AS pings,
    sum(lost) AS lost_pings, sum(rtt_sum_ns) / sum(answered) / 1000000 AS mean_ms, sumForEach(rtt) AS by_bucket,
    pow(2, arrayFirstIndex(x -> x >= 0.50 * arraySum(by_bucket), arrayCumSum(by_bucket))) * 0.00075 AS p50_ms,
    pow(2, arrayFirstIndex(x -> x >= 0.99 * arraySum(by_bucket), arrayCumSum(by_bucket))) * 0.00075 AS p99_ms,
    uniq(shipper) AS hosts
    FROM {db}.osd_sums GROUP BY day, hour, osd;

-- Who ships, when it last did, and how far its clock is from the store's (to the second; minus what the way took).
CREATE VIEW IF NOT EXISTS {db}.hosts AS SELECT shipper, max(arrived) AS last, toInt64(now()) - toInt64(toUInt32(last)) AS silent_s,
    quantile(0.5)(sent_ns / 1000000000 - toUInt32(arrived)) AS clock_ahead_s, argMax(rows, arrived) AS rows,
    argMax(spooled_bytes, arrived) AS spooled_bytes, max(lost_rows) AS lost_rows, max(refused_rows) AS refused_rows
    FROM {db}.shippers WHERE arrived >= now() - 86400 GROUP BY shipper;
