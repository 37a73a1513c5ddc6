/* SPDX-License-Identifier: MIT */
/*
 * The record daemon's HTTP server: read-only, no secrets.
 *
 *     GET /metrics             the exposition (exposition.h)
 *     GET /v1/client/ADDRESS   {"last_ack_ns","unanswered","alive","stopped","pid","vm","now_ns"}; 404 if the client was never
 * seen
 *
 * It has no thread of its own: the daemon's loop waits for http_fd() and calls http_run(). One thread at a time.
 */
#ifndef FENCELINE_METRICS_HTTP_H
#define FENCELINE_METRICS_HTTP_H

#include "metrics/exposition.h"

#include <stddef.h>

struct http;

/*
 * Listens at "[ADDR:]PORT": 127.0.0.1 without ADDR, an IPv6 address in brackets. `host` and `recorder` are borrowed and read
 * inside http_run(). Returns 0 with *http, or -errno with the reason in `why`.
 */
int http_start(const char *listen, const struct host *host, const struct recorder_state *recorder, struct http **http, char *why,
               size_t size);
void http_stop(struct http *http);

/* To be waited for (POLLIN), at most for http_timeout_ms() (-1: no bound). */
int http_fd(const struct http *http);
int http_timeout_ms(const struct http *http);
/* Serves what is there, without waiting. */
void http_run(struct http *http);

#endif
