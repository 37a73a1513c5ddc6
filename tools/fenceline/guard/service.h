/* SPDX-License-Identifier: MIT */
/* Who serves the header's placement group. The monitors are asked, and through them the manager. */
#ifndef FENCELINE_GUARD_SERVICE_H
#define FENCELINE_GUARD_SERVICE_H

#include "guard/answers.h"
#include "guard/image.h"

/* What serves the header's placement group, and how it is. Only told: the verdict does not depend on it. */
struct service {
	bool known;
	struct placement placement;
	char osd_host[64], osd_address[96];
	struct concerns concerns;
	struct group_state group; /* state "": not known */
	double watch_timeout_s;   /* 0: not known; 30 is Ceph's default */
};

struct look;

/* Fills in look->service, on the thread of bounded_run: three questions to the monitors; then, of what these told, one or two to
 * the manager, which may be away. */
void look_at_service(struct look *look, struct open_image *image);
void look_at_group(struct look *look, struct open_image *image);

#endif
