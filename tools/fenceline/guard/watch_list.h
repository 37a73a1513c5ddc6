/* SPDX-License-Identifier: MIT */
/* librados::IoCtx::list_watchers, called from C: what lies where is libstdc++'s, and the same since GCC 5. */
#ifndef FENCELINE_GUARD_WATCH_LIST_H
#define FENCELINE_GUARD_WATCH_LIST_H

#include "guard/image.h"

/* image_watchers with the timeouts, which only the C++ tells. -ENOSYS: this librados has no such call. */
int watch_list(const struct open_image *image, struct watchers *watchers);

#endif
