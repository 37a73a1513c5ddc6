/* SPDX-License-Identifier: MIT */
/* librados::IoCtx::list_watchers, as in `rbd status`. On Debian's releases librados makes an operation of it, whose parts are
 * wrapped, through its own PLT: then the list has been told when it returns. */
#include "calls.h"
#include "follow/client.h"
#include "base/emit.h"
#include "base/layout.h"
#include "follow/watchers.h"

#include <errno.h>
#include <string.h>

static bool list_watchers_wanted(void)
{
	return emit_wanted(FL_EV_watchers_listed) || emit_wanted(FL_EV_watcher_listed);
}

int IoCtx_list_watchers(void **self, const struct std_string *oid, void *list)
{
	char name[96];
	struct client *client;

	REAL_OR_RETURN(IoCtx_list_watchers, -ENOSYS, self, oid, list);
	watchers_last_told = NULL;
	int result = real(self, oid, list);
	int saved = errno;
	if (watchers_last_told != list && list_watchers_wanted() && peek_std_string(oid, name, sizeof name) &&
	    !strncmp(name, "rbd_header.", strlen("rbd_header."))) {
		client = client_of_cpp_ioctx(self);
		watchers_emit(client_id(client), name, result, list, NULL);
	}
	errno = saved;
	return result;
}
