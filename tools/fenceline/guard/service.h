/* SPDX-License-Identifier: MIT */
/* Who serves the header's placement group. The monitors are asked, and through them the manager. */
#ifndef FENCELINE_GUARD_SERVICE_H
#define FENCELINE_GUARD_SERVICE_H

#include "guard/look.h"

/* Fills in look->service, on the thread of bounded_run: three questions to the monitors; then, of what these told, one or two to
 * the manager, which may be away. */
void look_at_service(struct look *look, struct open_image *image);
void look_at_group(struct look *look, struct open_image *image);

#endif
