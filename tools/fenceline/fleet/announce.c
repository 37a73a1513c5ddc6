/* SPDX-License-Identifier: MIT */
#include "fleet/announce.h"
#include "daemon/hook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOOK_MS  30000
#define POST_S   5L
#define ACTIVE_S 600 /* how long Alertmanager takes it for active */

static const char *text_of(const json_t *object, const char *key, const char *inner)
{
	const json_t *value = json_object_get(object, key);

	if (inner)
		value = json_object_get(value, inner);
	return json_is_string(value) ? json_string_value(value) : "";
}

void announce_by_command(const char *command, const json_t *document, const json_t *incident)
{
	char folder[] = "/tmp/fenceline-watch-XXXXXX", path[64];
	json_t *alone = json_copy((json_t *)document);
	int code = -errno;

	json_object_set_new(alone, "incidents", json_pack("[O]", incident));
	json_object_set_new(alone, "near_misses", json_array());
	if (mkdtemp(folder)) {
		snprintf(path, sizeof path, "%s/incidents.json", folder);
		code = json_dump_file(alone, path, JSON_INDENT(2))
		               ? -EIO
		               : hook_run(command, folder, text_of(incident, "vm", "name"), HOOK_MS);
		unlink(path);
		rmdir(folder);
	}
	json_decref(alone);
	if (code < 0)
		fprintf(stderr, "fenceline: the command of --on-incident: %s\n",
		        code == -ETIMEDOUT ? "took longer than 30 s and was ended" : strerror(-code));
	else if (code)
		fprintf(stderr, "fenceline: the command of --on-incident failed (exit code %d)\n", code);
}

static void set(json_t *object, const char *key, const char *value)
{
	if (*value)
		json_object_set_new(object, key, json_string(value));
}

static json_t *labels_of(const json_t *incident)
{
	json_t *labels = json_pack("{s:s, s:s}", "alertname", "FencelineClientFenced", "severity", "critical");
	const char *nspace = text_of(incident, "image", "namespace");
	char image[1024];

	set(labels, "client", text_of(incident, "client", "address"));
	set(labels, "vm", text_of(incident, "vm", "name"));
	set(labels, "uuid", text_of(incident, "vm", "uuid"));
	set(labels, "image_id", text_of(incident, "image", "id"));
	snprintf(image, sizeof image, "%s/%s%s%s", text_of(incident, "image", "pool"), nspace, *nspace ? "/" : "",
	         text_of(incident, "image", "name"));
	set(labels, "image", *text_of(incident, "image", "name") ? image : "");
	return labels;
}

static void moment(char *text, size_t size, int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
}

static char *alert_of(const json_t *incident)
{
	const char *vm = text_of(incident, "vm", "name");
	int64_t begin_ns = json_integer_value(json_object_get(json_object_get(incident, "first_eshutdown"), "ts_ns"));
	char summary[1024], begin[32], end[32], *body;
	json_t *alerts;

	snprintf(summary, sizeof summary, "%s was fenced: %s, %s", *vm ? vm : text_of(incident, "client", "address"),
	         text_of(incident, "cause", NULL), text_of(incident, "confidence", NULL));
	moment(begin, sizeof begin, begin_ns ? begin_ns / 1000000000 : time(NULL));
	moment(end, sizeof end, time(NULL) + ACTIVE_S);
	alerts = json_pack(
	        "[{s:o, s:{s:s, s:s, s:s}, s:s, s:s}]", "labels", labels_of(incident), "annotations", "summary", summary,
	        "description",
	        "Read the verdict: fenceline incidents clickhouse://... --since -1h. The VM needs a restart or a fresh attach.",
	        "runbook", "docs/runbook.md#a-client-is-fenced", "startsAt", begin, "endsAt", end);
	body = alerts ? json_dumps(alerts, JSON_COMPACT) : NULL;
	json_decref(alerts);
	return body;
}

static size_t swallow(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

void announce_by_alert(const char *url, const json_t *incident)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *curl = curl_easy_init();
	char *body = alert_of(incident), whole[1024];
	size_t length = strlen(url);
	long status = 0;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	while (length && url[length - 1] == '/')
		length--;
	snprintf(whole, sizeof whole, "%.*s/api/v2/alerts", (int)length, url);
	if (curl && body) {
		curl_easy_setopt(curl, CURLOPT_URL, whole);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, POST_S);
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		code = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	if (code != CURLE_OK || status / 100 != 2)
		fprintf(stderr, "fenceline: the alert cannot be posted to %s: %s (%ld)\n", whole, curl_easy_strerror(code),
		        status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	free(body);
}
