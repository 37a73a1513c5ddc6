/* SPDX-License-Identifier: MIT */
/* Slow requests, as OSDs and monitors complain of them, in their own logs and in the cluster log. The source:
 * src/common/TrackedOp.cc, src/osd/OSD.cc, src/mon/PGMap.cc, src/mgr/DaemonHealthMetricCollector.h. */
#include "ingest/log_row.h"

#define SLOW FACT_slow_request, 0

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
	/* health, as the monitors log it: from 13 on, 12, and before */
	{ FACT_COUNT, 0, "slow ops", "Health check cleared: ",
	  "Health check cleared: SLOW_OPS (was: 1 slow ops, oldest one blocked for 30 sec, osd.0 has slow ops)" },
	{ FACT_COUNT, 0, "requests are blocked > ", "Health check cleared: ",
	  "Health check cleared: REQUEST_SLOW (was: 2 slow requests are blocked > 32 sec. Implicated osds 1)" },
	{ SLOW, "slow ops", "Health check {}: {count} slow ops, oldest one blocked for {seconds} sec, {osd} has slow ops",
	  "Health check update: 1 slow ops, oldest one blocked for 6 sec, osd.0 has slow ops (SLOW_OPS)" },
	{ SLOW, "slow ops", "Health check {}: {count} slow ops, oldest one blocked for {seconds} sec",
	  "Health check failed: 12 slow ops, oldest one blocked for 174 sec, daemons [osd.2,osd.3] have slow ops. (SLOW_OPS)" },
	{ SLOW, "requests are blocked > ", "Health check {}: {count} slow requests are blocked > {seconds} sec",
	  "Health check failed: 2 slow requests are blocked > 32 sec. Implicated osds 1 (REQUEST_SLOW)" },
	{ SLOW, "requests are blocked > ", "Health check {}: {count} stuck requests are blocked > {seconds} sec",
	  "Health check failed: 125 stuck requests are blocked > 4194.3 sec (REQUEST_STUCK)" },
	{ SLOW, "requests are blocked > ", "HEALTH_{counted} requests are blocked > {seconds} sec",
	  "HEALTH_WARN; 1 pgs degraded; 6 requests are blocked > 32 sec; 1 osds have slow requests" },
};

const struct log_table log_slow_table = { FAMILY_CEPH, rows, sizeof(rows) / sizeof(*rows) };
