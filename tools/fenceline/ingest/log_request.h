/* SPDX-License-Identifier: MIT */
/* An OSD's request as Ceph writes it into logs. Internal to ingest/. */
#ifndef FENCELINE_INGEST_LOG_REQUEST_H
#define FENCELINE_INGEST_LOG_REQUEST_H

#include "ingest/log_row.h"

struct log_request {
	uint64_t gid;           /* whose; 0: not known */
	uint64_t cookie;        /* of a watch operation; else 0 */
	struct log_span object; /* its name; length 0: not known */
};

/* Of all other requests nothing is known. */
void log_request_parse(struct log_span text, struct log_request *request);

/* The image of rbd_data.ID.N, rbd_data.POOL.ID.N (data pool), rbd_header.ID, rbd_object_map.ID; length 0 for other objects. */
struct log_span log_request_image_id(struct log_span object);

#endif
