/* SPDX-License-Identifier: MIT */
/* Pieces that the JSON outputs share. A json_t * that is returned is the caller's; NULL is out of memory. */
#ifndef FENCELINE_RENDER_JSON_H
#define FENCELINE_RENDER_JSON_H

#include "render/render.h"

#include <jansson.h>

/* Text from a name: malformed bytes replaced; null for NULL and "". */
json_t *json_name(const char *text);
/* null for 0. */
json_t *json_time(int64_t ns);
json_t *json_vm(const struct process *process); /* null for NULL */
json_t *json_image(const struct image *image);  /* null for NULL */
json_t *json_client(const struct client *client, const char *address);
json_t *json_process(const struct process *process, json_t *into); /* adds process, pid, host to into, which it returns */
json_t *json_clocks(const struct report *report);
json_t *json_inputs(const struct report *report);

/* One line, ASCII only: safe on a terminal, too. Takes the reference. 0, -EIO, or -ENOMEM for NULL. */
int json_print(json_t *json, FILE *out);
/* A stream whose '<' become \u003c in `out`: "</script" and "<!--" would end or change the script element. To be closed. */
FILE *json_in_page(FILE *out);

#endif
