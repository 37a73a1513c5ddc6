/* SPDX-License-Identifier: MIT */
/* The set of alerts, and the thread that keeps Alertmanager in step with it. */
#include "metrics/alertmanager.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALERTS      1024 /* at once; more are counted, not told */
#define AGAIN_S     30   /* how often what is active is told again */
#define VALID_S     180  /* so long after it last heard of an alert Alertmanager takes it for active */
#define RETRY_S     5    /* after a post that failed */
#define POST_S      5    /* a post takes at most */
#define LAST_POST_S 2    /* the one at the end */

enum kind { PINGS_UNANSWERED, CLIENT_FENCED };

struct alert {
	enum kind kind;
	char client[128], image_id[64], vm[256], uuid[64], pool[128], nspace[128], image[256], osd[64];
	int64_t begin_ns, end_ns; /* end 0: active */
	unsigned unanswered, timeout_s;
	bool told, seen;
};

struct alertmanager {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t change;
	struct alert alerts[ALERTS];
	unsigned count;
	struct alertmanager_counts counts;
	bool changed, stopping;
	char url[512];
	CURL *curl;
};

/* ---- The set ---- */

static struct alert *alert_find(struct alertmanager *manager, enum kind kind, const struct host_watch *entry)
{
	const char *id = entry->image ? entry->image->id : "";

	for (unsigned i = 0; i < manager->count; i++) {
		struct alert *alert = &manager->alerts[i];

		if (alert->kind == kind && !alert->end_ns && !strcmp(alert->client, entry->address) &&
		    !strcmp(alert->image_id, id))
			return alert;
	}
	return NULL;
}

/* A place for a new alert. If there is none, the oldest that has ended gives way. */
static struct alert *new_place(struct alertmanager *manager)
{
	struct alert *oldest = NULL;

	if (manager->count < ALERTS)
		return &manager->alerts[manager->count++];
	for (unsigned i = 0; i < ALERTS; i++)
		if (manager->alerts[i].end_ns && (!oldest || manager->alerts[i].end_ns < oldest->end_ns))
			oldest = &manager->alerts[i];
	manager->counts.dropped++;
	return oldest;
}

static void raise_alert(struct alertmanager *manager, const struct host *host, enum kind kind, const struct host_watch *entry)
{
	struct alert *alert = alert_find(manager, kind, entry);
	const struct fl_status_image *image = entry->image;
	const char *source;

	if (!alert) {
		alert = new_place(manager);
		if (!alert)
			return;
		*alert = (struct alert){ .kind = kind,
			                 .begin_ns =
			                         kind == CLIENT_FENCED ? entry->client->fenced_ns : entry->unanswered_since_ns };
		snprintf(alert->client, sizeof alert->client, "%s", entry->address);
		snprintf(alert->image_id, sizeof alert->image_id, "%s", image ? image->id : "");
		snprintf(alert->vm, sizeof alert->vm, "%s", entry->page->head.vm_name);
		snprintf(alert->uuid, sizeof alert->uuid, "%s", entry->page->head.vm_uuid);
		if (image) {
			snprintf(alert->pool, sizeof alert->pool, "%s", image->pool);
			snprintf(alert->nspace, sizeof alert->nspace, "%s", image->nspace);
			snprintf(alert->image, sizeof alert->image, "%s", image->name);
		}
		manager->changed = true;
	}
	alert->seen = true;
	alert->unanswered = entry->unanswered;
	alert->timeout_s = host_timeout(host, entry->watch, &source);
	snprintf(alert->osd, sizeof alert->osd, "%s", entry->watch->osd);
}

void alertmanager_look(struct alertmanager *manager, const struct host *host)
{
	unsigned count;
	const struct host_watch *watches = host_watches(host, &count);

	pthread_mutex_lock(&manager->lock);
	for (unsigned i = 0; i < count; i++)
		if (watches[i].client->fenced_ns)
			raise_alert(manager, host, CLIENT_FENCED, &watches[i]);
		else if (watches[i].unanswered >= ALERT_UNANSWERED)
			raise_alert(manager, host, PINGS_UNANSWERED, &watches[i]);
	for (unsigned i = 0; i < manager->count; i++) {
		struct alert *alert = &manager->alerts[i];

		if (!alert->seen && !alert->end_ns) {
			alert->end_ns = host_now(host);
			manager->changed = true;
		}
		alert->seen = false;
	}
	if (manager->changed)
		pthread_cond_signal(&manager->change);
	pthread_mutex_unlock(&manager->lock);
}

/* ---- The post ---- */

static void set_time(json_t *json, const char *key, int64_t ns)
{
	time_t seconds = ns / 1000000000;
	char text[40];
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, sizeof text - length, ".%03dZ", (int)(ns / 1000000 % 1000));
	json_object_set_new(json, key, json_string(text));
}

/* json_string() refuses what is no UTF-8, and a name in a page may be anything: bytes beyond ASCII are then shown as ?. */
static void set_text(json_t *json, const char *key, const char *text)
{
	char copy[512];

	if (!*text || !json_object_set_new(json, key, json_string(text)))
		return; /* Alertmanager takes an empty label for none */
	snprintf(copy, sizeof copy, "%s", text);
	for (char *at = copy; *at; at++)
		if (*at & 0x80)
			*at = '?';
	json_object_set_new(json, key, json_string(copy));
}

static json_t *alert_describe(const struct alert *alert, int64_t now_ns)
{
	json_t *labels = json_object(), *notes = json_object(), *json = json_object();
	const char *name = *alert->vm ? alert->vm : alert->client;
	char text[1024];

	set_text(labels, "alertname", alert->kind == CLIENT_FENCED ? "FencelineClientFenced" : "FencelineWatchPingsUnanswered");
	set_text(labels, "severity", alert->kind == CLIENT_FENCED ? "critical" : "warning");
	set_text(labels, "client", alert->client);
	set_text(labels, "image_id", alert->image_id);
	set_text(labels, "vm", alert->vm);
	set_text(labels, "uuid", alert->uuid);
	set_text(labels, "pool", alert->pool); /* as the rules' alerts have them */
	set_text(labels, "namespace", alert->nspace);
	set_text(labels, "image", alert->image);
	if (alert->kind == CLIENT_FENCED) {
		snprintf(text, sizeof text, "%s is fenced: its client %s is on the blocklist", name, alert->client);
		set_text(notes, "description",
		         "Read the verdict: fenceline incidents --saved. The VM needs a restart or a fresh attach.");
	} else {
		snprintf(text, sizeof text, "%u watch pings of %s to %s are unanswered", alert->unanswered, name, alert->osd);
		set_text(notes, "description",
		         "Pause snapshots of this image until its pings are answered again: a snapshot now would fence the VM "
		         "once its "
		         "watch has expired.");
	}
	set_text(notes, "summary", text);
	set_text(notes, "runbook",
	         alert->kind == CLIENT_FENCED ? "docs/runbook.md#a-client-is-fenced" : "docs/runbook.md#pings-are-unanswered");
	json_object_set_new(json, "labels", labels);
	json_object_set_new(json, "annotations", notes);
	set_time(json, "startsAt", alert->begin_ns ?: now_ns);
	set_time(json, "endsAt", alert->end_ns ?: now_ns + VALID_S * 1000000000LL);
	return json;
}

static int64_t alertmanager_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* All of the set as JSON, or NULL if there is nothing to tell. Those that have ended are marked as told with it. */
static char *everything(struct alertmanager *manager)
{
	json_t *array = json_array();
	char *body = NULL;

	for (unsigned i = 0; i < manager->count; i++) {
		json_array_append_new(array, alert_describe(&manager->alerts[i], alertmanager_now()));
		manager->alerts[i].told = manager->alerts[i].end_ns != 0;
	}
	if (manager->count)
		body = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return body;
}

static void forget_told(struct alertmanager *manager, bool taken)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < manager->count; i++)
		if (!taken || !manager->alerts[i].told)
			manager->alerts[kept++] = manager->alerts[i];
	manager->count = kept;
}

static size_t alert_swallow(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

static bool alert_post(CURL *curl, const char *url, const char *body, long seconds)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	long code = 0;
	bool good;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, alert_swallow);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	good = curl_easy_perform(curl) == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK &&
	       code / 100 == 2;
	curl_slist_free_all(headers);
	return good;
}

/* Called with the lock held, which is given back while it posts. True if Alertmanager took what there is. */
static bool alert_tell(struct alertmanager *manager, long seconds)
{
	char *body = everything(manager);
	bool taken;

	manager->changed = false;
	if (!body)
		return true;
	pthread_mutex_unlock(&manager->lock);
	taken = alert_post(manager->curl, manager->url, body, seconds);
	free(body);
	pthread_mutex_lock(&manager->lock);
	manager->counts.posted += taken;
	manager->counts.failed += !taken;
	forget_told(manager, taken);
	return taken;
}

static void *keep_in_step(void *arg)
{
	struct alertmanager *manager = arg;
	bool taken = true;

	pthread_mutex_lock(&manager->lock);
	while (!manager->stopping) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += taken ? AGAIN_S : RETRY_S;
		while (!manager->stopping && !(manager->changed && taken) &&
		       pthread_cond_timedwait(&manager->change, &manager->lock, &until) != ETIMEDOUT)
			;
		if (!manager->stopping)
			taken = alert_tell(manager, POST_S);
	}
	alert_tell(manager, LAST_POST_S);
	pthread_mutex_unlock(&manager->lock);
	return NULL;
}

/* ---- Begin and end ---- */

int alertmanager_start(const char *url, struct alertmanager **made, char *why, size_t size)
{
	struct alertmanager *manager = calloc(1, sizeof *manager);
	size_t length = strlen(url);
	pthread_condattr_t clock;
	int status = -ENOMEM;

	snprintf(why, size, "--alertmanager takes a URL such as http://127.0.0.1:9093, not '%s'", url);
	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8)) {
		free(manager);
		return -EINVAL;
	}
	while (length && url[length - 1] == '/')
		length--;
	if (!manager || curl_global_init(CURL_GLOBAL_DEFAULT) || !(manager->curl = curl_easy_init()))
		goto fail;
	snprintf(manager->url, sizeof manager->url, "%.*s/api/v2/alerts", (int)length, url);
	pthread_mutex_init(&manager->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&manager->change, &clock);
	status = -pthread_create(&manager->thread, NULL, keep_in_step, manager);
	if (status)
		goto fail;
	*made = manager;
	return 0;
fail:
	snprintf(why, size, "alerts to %s: %s", url, strerror(-status));
	if (manager && manager->curl)
		curl_easy_cleanup(manager->curl);
	free(manager);
	return status;
}

void alertmanager_counts(struct alertmanager *manager, struct alertmanager_counts *counts)
{
	pthread_mutex_lock(&manager->lock);
	*counts = manager->counts;
	counts->active = 0;
	for (unsigned i = 0; i < manager->count; i++)
		counts->active += !manager->alerts[i].end_ns;
	pthread_mutex_unlock(&manager->lock);
}

void alertmanager_stop(struct alertmanager *manager)
{
	if (!manager)
		return;
	pthread_mutex_lock(&manager->lock);
	manager->stopping = true;
	pthread_cond_signal(&manager->change);
	pthread_mutex_unlock(&manager->lock);
	pthread_join(manager->thread, NULL);
	curl_easy_cleanup(manager->curl);
	pthread_mutex_destroy(&manager->lock);
	pthread_cond_destroy(&manager->change);
	free(manager);
}
