/* SPDX-License-Identifier: MIT */
#include "guard/owner_daemon.h"
#include "guard/answers.h"
#include "guard/owner.h"
#include "model/address.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* A host of the same network answers in a millisecond; one whose firewall drops the question must not hold a look up. */
#define CONNECT_MS 300L
#define WHOLE_MS   800L

struct body {
	char text[4096];
	size_t size;
};

static size_t owner_take(char *data, size_t size, size_t count, void *arg)
{
	struct body *body = arg;
	size_t bytes = size * count;

	if (bytes > sizeof body->text - body->size)
		return 0; /* that is no such answer */
	memcpy(body->text + body->size, data, bytes);
	body->size += bytes;
	return bytes;
}

static CURLcode get(CURL *curl, const char *url, struct body *body)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*"); /* a host of the cluster's network, whatever http_proxy says */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, WHOLE_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, owner_take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	return curl_easy_perform(curl);
}

/* http://HOST:PORT/v1/client/IP%3A0%2FNONCE */
static bool make_url(CURL *curl, const char *host, unsigned port, const char *address, char *url, size_t size)
{
	char *escaped = curl_easy_escape(curl, address, 0);
	const char *bare = strchr(host, ':') && *host != '[' ? "[]" : "";
	bool made = false;

	if (escaped)
		made = snprintf(url, size, "http://%.1s%s%s:%u/v1/client/%s", bare, host, *bare ? bare + 1 : "", port, escaped) <
		       (int)size;
	curl_free(escaped);
	return made;
}

static void read_answer(const struct client_answer *answer, struct owner_process *owner)
{
	int64_t age = answer->last_ack_ns && answer->now_ns ? answer->now_ns - answer->last_ack_ns : -1;

	owner->witness = WITNESS_DAEMON;
	owner->pid = (pid_t)answer->pid;
	owner->last_ack_ns = answer->last_ack_ns;
	owner->ack_age_ns = age;
	owner->unanswered = answer->unanswered;
	snprintf(owner->vm, sizeof owner->vm, "%s", answer->vm);
	if (!answer->alive)
		owner->state = PROCESS_GONE;
	else if (answer->stopped)
		owner->state = PROCESS_STOPPED;
	else if (age > ACK_AGE_LOST_NS || (age < 0 && answer->unanswered))
		owner->state = PROCESS_SILENT;
	else
		owner->state = PROCESS_LIVES;
}

bool owner_by_daemon(const char *host, unsigned port, const char *address, struct owner_process *owner)
{
	CURL *curl = curl_easy_init();
	struct body body = { .size = 0 };
	struct client_answer answer;
	char url[512];
	long status = 0;
	CURLcode code = CURLE_OUT_OF_MEMORY;
	bool known = false;

	if (curl && make_url(curl, host, port, address, url, sizeof url))
		code = get(curl, url, &body);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		snprintf(owner->why, sizeof owner->why, "no record daemon answers at %s port %u (%s)", host, port,
		         curl_easy_strerror(code));
	else if (status == 404)
		snprintf(owner->why, sizeof owner->why, "the record daemon at %s port %u never saw this client", host, port);
	else if (status != 200 || !answer_client(body.text, body.size, &answer))
		snprintf(owner->why, sizeof owner->why, "what answers at %s port %u is no record daemon (HTTP %ld)", host, port,
		         status);
	else
		known = true;
	if (known)
		read_answer(&answer, owner);
	if (curl)
		curl_easy_cleanup(curl);
	return known;
}
