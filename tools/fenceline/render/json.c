/* SPDX-License-Identifier: MIT */
#include "render/json.h"
#include "render/escape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

json_t *json_name(const char *text)
{
	char *clean;
	json_t *json;

	if (!text || !*text)
		return json_null();
	clean = escape_malformed(text);
	if (!clean)
		return NULL;
	json = json_string_nocheck(clean);
	free(clean);
	return json;
}

json_t *json_time(int64_t ns)
{
	return ns ? json_integer(ns) : json_null();
}

json_t *json_vm(const struct process *process)
{
	if (!process)
		return json_null();
	json_t *vm = json_pack("{s:o, s:o, s:o, s:I}", "name", json_name(process->vm_name), "uuid", json_name(process->vm_uuid),
	                       "host", json_name(process->host), "pid", (json_int_t)process->pid);

	if (vm && process->owner && json_object_set_new(vm, "uid", json_integer(process->owner - 1))) {
		json_decref(vm);
		return NULL;
	}
	return vm;
}

json_t *json_image(const struct image *image)
{
	if (!image)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "pool", json_name(image->pool), "namespace",
	                 *image->pool ? (*image->nspace ? json_name(image->nspace) : json_string("")) : json_null(), "name",
	                 json_name(image->name), "id", json_name(image->id));
}

json_t *json_client(const struct client *client, const char *address)
{
	if (client && *client->address_text)
		address = client->address_text;
	return json_pack("{s:o, s:o}", "global_id",
	                 client && client->global_id ? json_integer((json_int_t)client->global_id) : json_null(), "address",
	                 json_name(address));
}

json_t *json_process(const struct process *process, json_t *into)
{
	if (!into || json_object_set_new(into, "process", process ? json_name(process->name) : json_null()) ||
	    json_object_set_new(into, "pid", process ? json_integer(process->pid) : json_null()) ||
	    json_object_set_new(into, "host", process ? json_name(process->host) : json_null())) {
		json_decref(into);
		return NULL;
	}
	return into;
}

json_t *json_clocks(const struct report *report)
{
	json_t *clocks = json_array();

	for (const struct clock_offset *each = report->model->clocks; each; each = each->next)
		if (json_array_append_new(clocks, json_pack("{s:o, s:I, s:s}", "host", json_name(each->host), "offset_ns",
		                                            (json_int_t)each->offset_ns, "from", each->from))) {
			json_decref(clocks);
			return NULL;
		}
	return clocks;
}

json_t *json_inputs(const struct report *report)
{
	json_t *inputs = json_array();

	for (size_t i = 0; i < report->source_count; i++) {
		const struct source *source = report->sources[i];
		json_t *input = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "path", json_name(source->path), "kind",
		                          json_name(source->kind), "host", json_name(source->host), "begin_ns",
		                          json_time(source->begin_ns), "end_ns", json_time(source->end_ns), "tz",
		                          json_name(source->tz), "tz_from", json_name(source->tz_from));
		if (json_array_append_new(inputs, input)) {
			json_decref(inputs);
			return NULL;
		}
	}
	return inputs;
}

int json_print(json_t *json, FILE *out)
{
	int error = !json ? -ENOMEM : json_dumpf(json, out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) ? -EIO : 0;

	json_decref(json);
	return error;
}

static ssize_t write_escaped(void *out, const char *text, size_t length)
{
	const char *end = text + length, *less;

	for (; (less = memchr(text, '<', (size_t)(end - text))); text = less + 1) {
		fwrite(text, 1, (size_t)(less - text), out);
		fputs("\\u003c", out); /* '<' stands only inside JSON strings */
	}
	fwrite(text, 1, (size_t)(end - text), out);
	return ferror(out) ? -1 : (ssize_t)length;
}

FILE *json_in_page(FILE *out)
{
	return fopencookie(out, "w", (cookie_io_functions_t){ .write = write_escaped });
}
