/* SPDX-License-Identifier: MIT */
/* What an OSD says of watches, fenced clients and snapshots, mostly at debug_osd 10. The source: src/osd/Watch.cc,
 * PrimaryLogPG.cc (ReplicatedPG.cc before 12), PG.cc. */
#include "ingest/log_row.h"

#define PG "{osd} pg_epoch: {} pg[{pg}("

static const struct log_row rows[] = {
	/* The unlocked PG of the timer has a prefix of its own; HandleWatchTimeoutDelayed is the same, after a scrub. */
	{ FACT_watch_logged, WATCH_EXPIRED, "HandleWatchTimeout", PG "{} -- Watch({cookie},{client}) HandleWatchTimeout",
	  "osd.0 pg_epoch: 17 pg[1.6(unlocked)]  -- Watch(139889903416784,client.4167) HandleWatchTimeout" },
	{ FACT_watch_logged, WATCH_REGISTERED, "registered new watch",
	  PG "{} registered new watch watch(cookie {cookie} {timeout}s {address}) by {client}",
	  "osd.0 pg_epoch: 16 pg[1.6( v 16'29 (0'0,16'29] n=1 lpr=7 crt=16'29 active+clean]  registered new watch watch(cookie "
	  "139889903416784 20s 10.99.2.2:0/1489055483) by client.4167" },
	/* A ping, or the client came again over another session: either way its timer starts anew. */
	{ FACT_watch_logged, WATCH_PINGED, "found existing watch",
	  PG "{} found existing watch watch(cookie {cookie} {timeout}s {address}) by {client}",
	  "osd.0 pg_epoch: 16 pg[1.6( v 16'29 (0'0,16'29] n=1 lpr=7 crt=16'29 active+clean]  found existing watch watch(cookie "
	  "139889903416784 20s 10.99.2.2:0/1489055483) by client.4167" },
	{ FACT_watch_logged, WATCH_CONNECTED, " -- Watch(", PG "{} -- Watch({cookie},{client}) connect",
	  "osd.0 pg_epoch: 16 pg[1.6( v 16'29 (0'0,16'29] n=1 active+clean]  -- Watch(139889903416784,client.4167) connect con "
	  "0x7f578c005860" },
	{ FACT_watch_logged, WATCH_DISCONNECTED, " -- Watch(", PG "{} -- Watch({cookie},{client}) disconnect",
	  "osd.0 pg_epoch: 16 pg[1.6( v 16'29 (0'0,16'29] n=1 active+clean]  -- Watch(139889903416784,client.4167) disconnect" },
	{ FACT_watch_logged, WATCH_REMOVED, " -- Watch(", PG "{} -- Watch({cookie},{client}) remove",
	  "osd.0 pg_epoch: 17 pg[1.6( v 17'40 (0'0,17'40] n=1 active+clean]  -- Watch(139889903416784,client.4167) remove" },
	{ FACT_watch_logged, WATCH_FENCED, "watch: Found blocklisted", PG "{} watch: Found blocklisted watcher for {address}",
	  "osd.0 pg_epoch: 21 pg[1.6( v 16'29 (0'0,16'29] n=1 active+clean]  watch: Found blocklisted watcher for "
	  "10.99.2.2:0/1489055483" },
	{ FACT_watch_logged, WATCH_FENCED, "watch: Found blacklisted", PG "{} watch: Found blacklisted watcher for {address}",
	  "osd.0 pg_epoch: 21 pg[1.6( v 16'29 (0'0,16'29] n=1 active+clean]  watch: Found blacklisted watcher for "
	  "10.99.2.2:0/1489055483" },
	/* The one line that names client, watch and object. */
	{ FACT_watch_logged, WATCH_NAMED, "[watch ping cookie ", PG "{} do_op osd_op({request}",
	  "osd.0 pg_epoch: 16 pg[1.6( v 16'29 (0'0,16'29] n=1 active+clean] do_op osd_op(client.4167.0:16 1.6 "
	  "1:6686f444:::rbd_header.102cdd587203:head [watch ping cookie 139889903416784] snapc 0=[] "
	  "ondisk+write+known_if_redirected e16) v8 may_read -> write-ordered flags ondisk+write+known_if_redirected" },
	{ FACT_io_failure, LAYER_OSD, "is blocklisted", PG "{} do_op {address} is blocklisted",
	  "osd.0 pg_epoch: 21 pg[1.5( v 18'38 (0'0,18'38] n=2 active+clean] do_op 10.99.2.2:0/1489055483 is blocklisted" },
	{ FACT_io_failure, LAYER_OSD, "is blacklisted", PG "{} do_op {address} is blacklisted", /* before 16 */
	  "osd.0 pg_epoch: 21 pg[1.5( v 18'38 (0'0,18'38] n=2 active+clean] do_op 10.99.2.2:0/1489055483 is blacklisted" },

	{ FACT_snaptrim, 0, "snap_trimmer posting", PG "{}trimq={intervals}{}snap_trimmer posting",
	  "osd.0 pg_epoch: 11 pg[1.6( v 11'4 (0'0,11'4] n=1 active+clean+snaptrim trimq=[2~1]] snap_trimmer posting" },
	/* From Mimic on: the set itself is not kept, what follows is one group's queue. */
	{ FACT_removed_snaps, 0, "new removed_snaps ", PG "{} new removed_snaps {removed}, snap_trimq now ",
	  "osd.0 pg_epoch: 13 pg[1.5( v 12'4 (0'0,12'4] n=1 active+clean trimq=[2~1]] on_active_advmap new removed_snaps [2~1], "
	  "snap_trimq now [2~1]" },
	/* Before Mimic, and at debug_osd 20: the pool is not told, and neither is the OSD. */
	{ FACT_COUNT, 0, "cached_removed_snaps ",
	  "PGPool::update cached_removed_snaps {intervals} newly_removed_snaps {removed} snapc {} (no change)",
	  "PGPool::update cached_removed_snaps [1~f5,f7~1] newly_removed_snaps [] snapc 12be=[] (no change)" },
	{ FACT_removed_snaps, 0, "cached_removed_snaps ",
	  "PGPool::update cached_removed_snaps {intervals} newly_removed_snaps {removed} snapc ",
	  "PGPool::update cached_removed_snaps [1~3,5~1,8~1] newly_removed_snaps [5~1,8~1] snapc 0=[] (updated)" },
};

const struct log_table log_osd_table = { FAMILY_CEPH, rows, sizeof(rows) / sizeof(*rows) };
