/* SPDX-License-Identifier: MIT */
#include "correlate/answers.h"
#include "model/times.h"

#include <errno.h>

bool client_was_refused(const struct client *client, int64_t after_ns, int64_t before_ns)
{
	for (const struct image *image = client ? client->images : NULL; image; image = image->next) {
		for (const struct eshutdown_run *run = image->eshutdown_runs; run; run = run->next)
			if (run->begin_ns > after_ns && run->begin_ns < before_ns)
				return true;
		for (const struct watch *watch = image->watches; watch; watch = watch->next)
			for (size_t i = 0; i < watch->ping_count; i++)
				if (watch->pings[i].result == -ESHUTDOWN && watch->pings[i].reply_ns > after_ns &&
				    watch->pings[i].reply_ns < before_ns)
					return true;
	}
	return false;
}

int64_t image_watch_refused(const struct image *image, int64_t after_ns)
{
	int64_t first_ns = 0;

	for (const struct watch *watch = image->watches; watch; watch = watch->next) {
		if (watch->error == -ESHUTDOWN && watch->error_ns > after_ns)
			first_ns = earlier_ns(first_ns, watch->error_ns);
		for (size_t i = 0; i < watch->ping_count; i++)
			if (watch->pings[i].result == -ESHUTDOWN && watch->pings[i].reply_ns > after_ns)
				first_ns = earlier_ns(first_ns, watch->pings[i].reply_ns);
	}
	return first_ns;
}

int64_t client_first_refusal(const struct model *model, const struct client *client)
{
	int64_t first_ns = 0;

	for (const struct image *image = client->images; image; image = image->next) {
		first_ns = earlier_ns(first_ns, image->first_eshutdown.ts_ns);
		first_ns = earlier_ns(first_ns, image_watch_refused(image, 0));
	}
	for (const struct failure_run *run = model->failures; run; run = run->next)
		if (run->result == -ESHUTDOWN && run->client == client)
			first_ns = earlier_ns(first_ns, run->begin_ns);
	return first_ns;
}
