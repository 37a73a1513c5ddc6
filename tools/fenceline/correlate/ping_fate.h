/* SPDX-License-Identifier: MIT */
/* What became of a watch ping. */
#ifndef FENCELINE_CORRELATE_PING_FATE_H
#define FENCELINE_CORRELATE_PING_FATE_H

#include "model/model.h"

enum ping_fate {
	FATE_ANSWERED,
	FATE_LATE,    /* answered, after the next one was due */
	FATE_REFUSED, /* answered with an error: -107 not watching any more, -108 blocklisted */
	FATE_OVERDUE, /* never answered, and not merely on its way when the recording, the watch or the client ended */
	FATE_ON_ITS_WAY,
	FATE_NEVER_SENT, /* the sampler missed it, but the client had no time to send it */
};
/* Of a ping of the watch. */
enum ping_fate ping_fate(const struct model *model, const struct watch *watch, const struct ping *ping);
/* Overdue, and a recorder would have kept an answer in time: no hole in the recording, no events discarded then. */
bool ping_was_lost(const struct model *model, const struct watch *watch, const struct ping *ping);
/* Was there a recorder that would have kept an answer in time? */
bool answer_was_recorded(const struct model *model, const struct client *client, const struct ping *ping);

#endif
