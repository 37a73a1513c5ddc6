/* SPDX-License-Identifier: MIT */
#include "render/json_timeline.h"
#include "render/formats.h"
#include "render/json.h"
#include "render/json_event.h"
#include "render/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int print_member(const char *name, json_t *value, FILE *out)
{
	fprintf(out, "\"%s\": ", name);
	return json_print(value, out);
}

static int print_head(const struct report *report, FILE *out)
{
	int error;

	fprintf(out,
	        "{\n  \"schema\": \"fenceline/timeline/1\",\n  \"lost_events\": %" PRIu64 ",\n  \"orphans\": %" PRIu64 ",\n  ",
	        report->model->lost_events, report->model->orphans);
	error = print_member("clocks", json_clocks(report), out);
	fputs(",\n  ", out);
	if (!error)
		error = print_member("inputs", json_inputs(report), out);
	fputs(",\n  \"vms\": [", out);
	return error;
}

static int print_image(const struct view_image *image, FILE *out)
{
	int error;

	fputs("\n        { ", out);
	error = print_member("image", json_image(image->image), out);
	fputs(", ", out);
	if (!error)
		error = print_member("client", json_client(image->client, NULL), out);
	fputs(",\n          \"events\": [", out);
	for (size_t i = 0; i < image->count && !error; i++) {
		fputs(i ? ",\n            " : "\n            ", out);
		error = json_print(json_event(image->events[i]), out);
	}
	fputs(image->count ? "\n          ] }" : "] }", out);
	return error;
}

static int print_vm(const struct view_vm *vm, FILE *out)
{
	int error;

	fputs("\n    { ", out);
	error = print_member("vm", json_vm(vm->process), out);
	fputs(",\n      \"images\": [", out);
	for (size_t i = 0; i < vm->count && !error; i++) {
		fputs(i ? "," : "", out);
		error = print_image(&vm->images[i], out);
	}
	fputs("\n      ] }", out);
	return error;
}

int json_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	struct view view;
	int error = view_open(report, &view);

	(void)style;
	if (error)
		return error;
	error = print_head(report, out);
	for (size_t i = 0; i < view.count && !error; i++) {
		fputs(i ? "," : "", out);
		error = print_vm(&view.vms[i], out);
	}
	fputs(view.count ? "\n  ]\n}\n" : "]\n}\n", out);
	view_close(&view);
	return error ? error : ferror(out) ? -EIO : 0;
}

/* ---- NDJSON: one event a line, in order of time, with its vm and image inside ---- */

struct cursor {
	const struct view_vm *vm;
	const struct view_image *image;
	size_t next;
};

int ndjson_line(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, FILE *out)
{
	json_t *event = json_event(entry);
	int error;

	if (event && (json_object_set_new(event, "vm", json_vm(vm->process)) ||
	              json_object_set_new(event, "image", json_image(image->image)) ||
	              json_object_set_new(event, "client", json_client(image->client, NULL)))) {
		json_decref(event);
		event = NULL;
	}
	error = json_print(event, out);
	fputc('\n', out);
	return error;
}

static struct cursor *timeline_earliest(struct cursor *cursors, size_t count)
{
	struct cursor *first = NULL;

	for (size_t i = 0; i < count; i++) {
		struct cursor *each = &cursors[i];
		if (each->next < each->image->count &&
		    (!first || each->image->events[each->next]->ts_ns < first->image->events[first->next]->ts_ns))
			first = each;
	}
	return first;
}

int ndjson_walk(const struct view *view,
                int (*each)(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry,
                            void *arg),
                void *arg)
{
	struct cursor *cursors, *cursor;
	size_t count = 0;
	int error = 0;

	for (size_t i = 0; i < view->count; i++)
		count += view->vms[i].count;
	cursors = calloc(count + 1, sizeof *cursors);
	if (!cursors)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < view->count; i++)
		for (size_t j = 0; j < view->vms[i].count; j++)
			cursors[count++] = (struct cursor){ &view->vms[i], &view->vms[i].images[j], 0 };
	while (!error && (cursor = timeline_earliest(cursors, count))) {
		error = each(cursor->vm, cursor->image, cursor->image->events[cursor->next], arg);
		cursor->next++;
	}
	free(cursors);
	return error;
}

static int print_line(const struct view_vm *vm, const struct view_image *image, const struct timeline_entry *entry, void *out)
{
	return ndjson_line(vm, image, entry, out);
}

int ndjson_timeline(const struct report *report, const struct render_style *style, FILE *out)
{
	struct view view;
	int error = view_open(report, &view);

	(void)style;
	if (error)
		return error;
	error = ndjson_walk(&view, print_line, out);
	view_close(&view);
	return error ? error : ferror(out) ? -EIO : 0;
}
