/* SPDX-License-Identifier: MIT */
/* Where a verdict is announced: a command, Alertmanager. */
#ifndef FENCELINE_FLEET_ANNOUNCE_H
#define FENCELINE_FLEET_ANNOUNCE_H

#include <jansson.h>

/* Runs it as the record daemon runs its --on-incident: the document (fenceline/incidents/1, this one incident) as stdin. Says what went
 * wrong. */
void announce_by_command(const char *command, const json_t *document, const json_t *incident);
/* An alert FencelineClientFenced with the labels that the record daemon gives it, so that the two are one. */
void announce_by_alert(const char *url, const json_t *incident);

#endif
