/* SPDX-License-Identifier: MIT */
/* Pieces that the JSON outputs share. A json_t * that is returned is the caller's; NULL is out of memory. */
#ifndef FENCELINE_RENDER_JSON_H
#define FENCELINE_RENDER_JSON_H

#include "render/view.h"

#include <jansson.h>

/* Text from a name: malformed bytes replaced; null for NULL and "". */
json_t *json_name(const char *text);
/* null for 0. */
json_t *json_time(int64_t ns);
json_t *json_vm(const struct process *process);    /* null for NULL */
json_t *json_image(const struct image *image);     /* null for NULL */
json_t *json_client(const struct client *client, const char *address);
json_t *json_process(const struct process *process, json_t *into); /* adds process, pid, host to into, which it returns */
json_t *json_clocks(const struct report *report);
json_t *json_inputs(const struct report *report);
json_t *json_event(const struct timeline_entry *entry);

/* One line, ASCII only: safe on a terminal, too. Takes the reference. 0, -EIO, or -ENOMEM for NULL. */
int json_print(json_t *json, FILE *out);

int json_timeline(const struct report *report, const struct render_style *style, FILE *out);
int json_incidents(const struct report *report, const struct render_style *style, FILE *out);
int ndjson_timeline(const struct report *report, const struct render_style *style, FILE *out);
/* One event with its vm, image and client, and the newline. */
int ndjson_line(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, FILE *out);
/* Every event of the view, in order of time over all images. Stops early if `each` returns nonzero, and returns that. */
int ndjson_walk(const struct view *view,
                int (*each)(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, void *arg),
                void *arg);
int perfetto_timeline(const struct report *report, const struct render_style *style, FILE *out);
int html_timeline(const struct report *report, const struct render_style *style, FILE *out);

#endif
