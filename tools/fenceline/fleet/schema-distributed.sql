-- SPDX-License-Identifier: MIT
-- Several servers as one store. Each shard first gets schema.sql in a database of its own name, {local} (`fenceline ship --create
-- clickhouse://SHARD/fenceline_local`); this, on the server that hosts ship to, puts tables over them in {db}, where {cluster} is the name of
-- the shards in <remote_servers>. A row and its copy go to the same shard, so that one of them goes in a merge there. What a shard that is
-- away has not taken waits on the server's disk.

CREATE DATABASE IF NOT EXISTS {db};
CREATE TABLE IF NOT EXISTS {db}.events AS {local}.events ENGINE = Distributed({cluster}, {local}, events, id);
CREATE TABLE IF NOT EXISTS {db}.events_buffer AS {db}.events
    ENGINE = Buffer({db}, events, 2, 2, 10, 5000, 100000, 1000000, 100000000);
CREATE TABLE IF NOT EXISTS {db}.osd_sums AS {local}.osd_sums ENGINE = Distributed({cluster}, {local}, osd_sums, rand());
CREATE TABLE IF NOT EXISTS {db}.shippers AS {local}.shippers ENGINE = Distributed({cluster}, {local}, shippers, cityHash64(shipper));
CREATE TABLE IF NOT EXISTS {db}.verdicts AS {local}.verdicts ENGINE = Distributed({cluster}, {local}, verdicts, cityHash64(client_ip));
CREATE TABLE IF NOT EXISTS {db}.claims AS {local}.claims ENGINE = Distributed({cluster}, {local}, claims, cityHash64(client_ip));
CREATE TABLE IF NOT EXISTS {db}.schema_version AS {local}.schema_version;
INSERT INTO {db}.schema_version SELECT toDate('2026-01-01'), 1;
-- The views of schema.sql follow, as they are.
