/* SPDX-License-Identifier: MIT */
/* Slow requests, and a paused cluster, as OSDs and monitors complain of them, in their own logs and in the cluster log. The
 * source: src/common/TrackedOp.cc, src/osd/OSD.cc, src/mon/PGMap.cc, src/mgr/DaemonHealthMetricCollector.h. */
#include "ingest/log_row.h"

#define SLOW     FACT_slow_request, 0
#define HEALTH   FACT_slow_request, SLOW_OF_CLUSTER
#define PAUSE    FACT_cluster_paused
#define SLOW_OPS "{count} slow ops, oldest one blocked for {seconds} sec, "

static const struct log_row rows[] = {
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
	  "txc "
	  "= 0x55d0c8f5a5f0" },
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

const struct log_table log_slow_table = { FAMILY_CEPH, rows, sizeof(rows) / sizeof(*rows) };
