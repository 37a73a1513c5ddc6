/* SPDX-License-Identifier: MIT */
/* What an OSD says of watches, fenced clients and snapshots, mostly at debug_osd 10. The source: src/osd/Watch.cc,
 * PrimaryLogPG.cc (ReplicatedPG.cc before 12), PG.cc.
 * Slow requests, and a paused cluster, as OSDs and monitors complain of them, in their own logs and in the cluster log. The
 * source: src/common/TrackedOp.cc, src/osd/OSD.cc, src/mon/PGMap.cc, src/mgr/DaemonHealthMetricCollector.h. */
#include "ingest/log_row.h"

#define PG       "{osd} pg_epoch: {} pg[{pg}("
#define SLOW     FACT_slow_request, 0
#define HEALTH   FACT_slow_request, SLOW_OF_CLUSTER
#define PAUSE    FACT_cluster_paused
#define SLOW_OPS "{count} slow ops, oldest one blocked for {seconds} sec, "

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

	/* ---- slow requests, a paused cluster ---- */
	/* up to 12 */
	{ SLOW, "slow requests", "{count} slow requests, {} included below; oldest blocked for > {seconds} secs",
	  "44 slow requests, 2 included below; oldest blocked for > 49.981746 secs" },
	{ SLOW, "slow request ", "slow request {seconds} seconds old, received at {}: {request} currently ",
	  "slow request 30.005692 seconds old, received at 2020-03-12 23:52:40.147483: osd_op(client.8079633.0:30 "
	  "rbd_header.301027238e1f29 [watch ping cookie 139996606507840 gen 1] 0.a5bd3cee ack+ondisk+write+known_if_redirected "
	  "e23304) currently reached_pg" },
	/* from 14 on; 14 has each request, too */
	{ SLOW, "slow request ", "slow request {request} initiated {since} currently ",
	  "slow request osd_op(client.38544.0:276863 1.6 1:6686f444:::rbd_data.102cdd587203.0000000000000000:head [write 0~4096] "
	  "snapc 0=[] ondisk+write+known_if_redirected e18) initiated 2026-11-22T21:41:28.353000+0000 currently delayed" },
	{ SLOW, "slow requests", "{count} slow requests (by type ",
	  "1 slow requests (by type [ 'queued for pg' : 1 ] most affected pool [ 'volumes' : 1 ])" },
	{ SLOW, "slow ops", "{osd} {} get_health_metrics reporting {count} slow ops, oldest is {request}",
	  "osd.0 21 get_health_metrics reporting 1 slow ops, oldest is osd_op(client.4534.0:1 1.1 1.e09bba91 (undecoded) "
	  "ondisk+read+known_if_redirected e21)" },
	/* BlueStore of its own disk, from 12 on */
	{ SLOW, "slow operation observed", "bluestore({store}) {} slow operation observed for {}, latency = {seconds}s",
	  "bluestore(/var/lib/ceph/osd/ceph-3) log_latency_fn slow operation observed for _txc_committed_kv, latency = 6.194s, "
	  "txc = 0x55d0c8f5a5f0" },
	{ SLOW, "slow operation observed", "log_latency{}slow operation observed for {}, latency = {seconds}s",
	  "log_latency_fn slow operation observed for upper_bound, latency = 6.25955s" },
	{ SLOW, "observed slow operation indications", "{osd} observed slow operation indications in BlueStore",
	  "osd.2  observed slow operation indications in BlueStore" },
	{ FACT_COUNT, 0, "slow operations in BlueStore", "{}slow operations in BlueStore",
	  "Health check failed: 2 OSD(s) experiencing slow operations in BlueStore (BLUESTORE_SLOW_OP_ALERT)" },
	/* the cluster's flags; "was:" is what stood before */
	{ PAUSE, PAUSE_ENDED, "pauserd,", "Health check cleared: OSDMAP_FLAGS (was: {}pauserd,",
	  "Health check cleared: OSDMAP_FLAGS (was: pauserd,pausewr flag(s) set)" },
	{ PAUSE, PAUSE_BEGAN, "pauserd,", "Health check {}: {}pauserd,{}flag(s) set",
	  "Health check failed: pauserd,pausewr flag(s) set (OSDMAP_FLAGS)" },
	{ PAUSE, PAUSE_NONE, "OSDMAP_FLAGS", "Health check {}: {} flag(s) set",
	  "Health check update: noout flag(s) set (OSDMAP_FLAGS)" },
	{ PAUSE, PAUSE_BEGAN, "pauserd,", "{}pauserd,{}flag(s) set",
	  "HEALTH_WARN; pauserd,pausewr,sortbitwise,require_jewel_osds flag(s) set" },
	/* health, as the monitors log it, as `ceph -s` and `ceph health detail` have it: from 13 on, 12, and before */
	{ FACT_COUNT, 0, "slow ops", "Health check cleared: ",
	  "Health check cleared: SLOW_OPS (was: 1 slow ops, oldest one blocked for 30 sec, osd.0 has slow ops)" },
	{ FACT_COUNT, 0, "requests are blocked ", "Health check cleared: ",
	  "Health check cleared: REQUEST_SLOW (was: 2 slow requests are blocked > 32 sec. Implicated osds 1)" },
	{ HEALTH, "slow ops", "Health check {}: " SLOW_OPS "{osd} has slow ops",
	  "Health check update: 1 slow ops, oldest one blocked for 6 sec, osd.0 has slow ops (SLOW_OPS)" },
	{ HEALTH, "slow ops", "Health check {}: " SLOW_OPS "daemons [{osds}] have slow ops",
	  "Health check failed: 12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,osd.3] have slow ops. (SLOW_OPS)" },
	{ HEALTH, "slow ops", SLOW_OPS "{osd} has slow ops", "1 slow ops, oldest one blocked for 6 sec, osd.0 has slow ops" },
	{ HEALTH, "slow ops", SLOW_OPS "daemons [{osds}] have slow ops",
	  "12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,osd.3] have slow ops." },
	{ HEALTH, "slow ops", "{counted} slow ops, oldest one blocked for {seconds} sec, {osd} has slow ops",
	  "[WRN] SLOW_OPS: 1 slow ops, oldest one blocked for 6 sec, osd.0 has slow ops" },
	{ HEALTH, "slow ops", "{counted} slow ops, oldest one blocked for {seconds} sec, daemons [{osds}] have slow ops",
	  "Health detail: HEALTH_WARN 12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,osd.3] have slow ops." },
	{ HEALTH, "slow ops", "{counted} slow ops, oldest one blocked for {seconds} sec",
	  "Health check failed: 12 slow ops, oldest one blocked for 174 sec (SLOW_OPS)" },
	{ HEALTH, "requests are blocked ", "{counted} slow requests are blocked > {seconds} sec. Implicated osds {osds}",
	  "Health check failed: 2 slow requests are blocked > 32 sec. Implicated osds 1,12 (REQUEST_SLOW)" },
	{ HEALTH, "requests are blocked ", "{counted} slow requests are blocked > {seconds} sec",
	  "REQUEST_SLOW 2 slow requests are blocked > 32 sec" },
	{ HEALTH, "requests are blocked ", "{counted} stuck requests are blocked > {seconds} sec",
	  "Health check failed: 125 stuck requests are blocked > 4194.3 sec (REQUEST_STUCK)" },
	{ HEALTH, "requests are blocked ", "{count} requests are blocked > {seconds} sec", "6 requests are blocked > 32 sec" },
	{ HEALTH, "requests are blocked ", "HEALTH_{counted} requests are blocked > {seconds} sec",
	  "HEALTH_WARN; 1 pgs degraded; 6 requests are blocked > 32 sec; 1 osds have slow requests" },
	{ HEALTH, "ops are blocked > ", "{count} ops are blocked > {seconds} sec on {osd}",
	  "10 ops are blocked > 65.536 sec on osd.0" },
	{ HEALTH, "blocked requests > ", "{osd} has blocked requests > {seconds} sec",
	  "osd.1 has blocked requests > 32.768 sec" },
	{ HEALTH, "blocked requests > ", "osds {osds} have blocked requests > {seconds} sec",
	  "osds 1,12 have blocked requests > 32.768 sec" },
};

const struct log_table log_osd_table = { FAMILY_CEPH, rows, sizeof(rows) / sizeof(*rows) };
