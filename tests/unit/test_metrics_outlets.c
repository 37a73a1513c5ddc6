/* SPDX-License-Identifier: MIT */
/* Bad days of the outlets: Alertmanager is away while alerts come and go, a port is taken, a folder cannot be written. */
#include "metrics/alertmanager.h"
#include "metrics/exposition.h"
#include "metrics/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define ALERTS 1024 /* that alertmanager.c keeps at most */

/* ---- A VM whose pings are answered or not ---- */

static struct status_page page;
static struct status_process process = { .pid = 1, .state = 'S', .shim = true, .page = &page };

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void a_vm(const char *name, unsigned nonce)
{
	memset(&page, 0, sizeof page);
	page.client_count = page.image_count = page.watch_count = 1;
	snprintf(page.head.vm_name, sizeof page.head.vm_name, "%s", name);
	snprintf(page.clients[0].address, sizeof page.clients[0].address, "10.0.0.1:0/%u", nonce);
	page.clients[0].global_id = page.watches[0].global_id = page.images[0].global_id = 4711;
	page.images[0].serial = page.watches[0].image = 1;
	strcpy(page.images[0].pool, "vms");
	strcpy(page.images[0].name, "disk");
	strcpy(page.images[0].id, "10ab");
	page.watches[0].cookie = nonce;
	page.watches[0].tick_s = 5;
}

static void look(struct host *host, struct alertmanager *manager, unsigned unanswered)
{
	page.watches[0].pings_sent = 20;
	page.watches[0].pings_answered = 20 - unanswered;
	page.watches[0].unanswered = unanswered;
	page.watches[0].oldest_unanswered_ns = unanswered ? now() - 8 * SECOND : 0;
	host_begin(host, now());
	host_visit(&process, host);
	host_end(host);
	alertmanager_look(manager, host);
}

static void end(struct host *host)
{
	process.state = 0;
	host_begin(host, now());
	host_visit(&process, host);
	host_end(host);
	process.state = 'S';
	host_free(host);
}

/* ---- An Alertmanager: keeps what was posted last ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char body[1 << 20];
static size_t body_size;
static unsigned posts;

static enum MHD_Result take(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
                            const char *version, const char *data, size_t *size, void **state)
{
	struct MHD_Response *response;
	enum MHD_Result queued;

	(void)arg;
	(void)version;
	if (strcmp(url, "/api/v2/alerts") || strcmp(method, "POST"))
		return MHD_NO;
	pthread_mutex_lock(&lock);
	if (!*state) {
		*state = body;
		body_size = 0;
	} else if (*size && body_size + *size < sizeof body) {
		memcpy(body + body_size, data, *size);
		body_size += *size;
	}
	if (!*size && body_size)
		posts++;
	pthread_mutex_unlock(&lock);
	if (*size || !body_size) {
		*size = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	queued = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return queued;
}

static struct MHD_Daemon *serve(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_Daemon *server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, port, NULL, NULL, take, NULL,
	                                             MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END);

	assert_non_null(server);
	posts = 0;
	return server;
}

/* A port that nobody has; bound for a moment to learn it. */
static uint16_t free_port(int *held)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	if (held)
		*held = fd;
	else
		close(fd);
	return ntohs(at.sin_port);
}

/* The alerts of the newest post, once there are more than `before`. Within 15 s. */
static json_t *posted(unsigned before)
{
	json_t *alerts = NULL;

	for (int tries = 0; tries < 300 && !alerts; tries++) {
		usleep(50000);
		pthread_mutex_lock(&lock);
		if (posts > before)
			alerts = json_loadb(body, body_size, 0, NULL);
		pthread_mutex_unlock(&lock);
	}
	assert_non_null(alerts);
	return alerts;
}

static const char *of(json_t *alerts, size_t i, const char *part, const char *key)
{
	json_t *alert = json_array_get(alerts, i);
	const char *text = json_string_value(json_object_get(*part ? json_object_get(alert, part) : alert, key));

	return text ? text : "";
}

static struct alertmanager *begin(uint16_t port)
{
	struct alertmanager *manager = NULL;
	char url[64], why[200];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	assert_int_equal(alertmanager_start(url, &manager, why, sizeof why), 0);
	return manager;
}

/* ---- The cases ---- */

static void an_alert_is_told_at_once_and_resolved(void **state)
{
	uint16_t port = free_port(NULL);
	struct MHD_Daemon *server = serve(port);
	struct alertmanager *manager = begin(port);
	struct host *host = host_new(0);
	json_t *alerts;

	(void)state;
	a_vm("a \"name\" \\ \xff", 1);
	look(host, manager, 1);
	usleep(300000);
	assert_int_equal(posts, 0); /* one ping says nothing yet */
	look(host, manager, 2);
	alerts = posted(0);
	assert_int_equal(json_array_size(alerts), 1);
	assert_string_equal(of(alerts, 0, "labels", "alertname"), "FencelineWatchPingsUnanswered");
	assert_string_equal(of(alerts, 0, "labels", "vm"), "a \"name\" \\ ?");
	assert_string_equal(of(alerts, 0, "labels", "pool"), "vms");
	assert_string_equal(of(alerts, 0, "labels", "image"), "disk");
	assert_true(strcmp(of(alerts, 0, "", "startsAt"), of(alerts, 0, "", "endsAt")) < 0);
	json_decref(alerts);
	look(host, manager, 0);
	alerts = posted(1);
	assert_int_equal(json_array_size(alerts), 1);
	assert_true(json_string_value(json_object_get(json_array_get(alerts, 0), "endsAt")) != NULL);
	json_decref(alerts);
	alertmanager_stop(manager); /* which has nothing more to tell */
	assert_int_equal(posts, 2);
	MHD_stop_daemon(server);
	end(host);
}

/* What began and ended while nobody listened is told as ended, with its own times; what lasts, as lasting. */
static void alertmanager_away_and_back(void **state)
{
	uint16_t port = free_port(NULL);
	struct alertmanager *manager = begin(port);
	struct alertmanager_counts counts;
	struct host *host = host_new(0);
	struct MHD_Daemon *server;
	json_t *alerts;
	char ended[40];
	time_t seconds;

	(void)state;
	a_vm("vm1", 1);
	look(host, manager, 3);
	usleep(300000);
	look(host, manager, 0);
	seconds = time(NULL) + 2;
	page.clients[0].fenced_ns = now();
	look(host, manager, 0);
	for (int tries = 0; tries < 100 && (alertmanager_counts(manager, &counts), !counts.failed); tries++)
		usleep(50000);
	assert_true(counts.failed > 0);
	assert_int_equal(counts.active, 1);
	server = serve(port);
	alerts = posted(0);
	strftime(ended, sizeof ended, "%Y-%m-%dT%H:%M:%S", gmtime(&seconds));
	assert_int_equal(json_array_size(alerts), 2);
	assert_string_equal(of(alerts, 0, "labels", "alertname"), "FencelineWatchPingsUnanswered");
	assert_true(strcmp(of(alerts, 0, "", "endsAt"), ended) < 0);
	assert_string_equal(of(alerts, 1, "labels", "alertname"), "FencelineClientFenced");
	assert_true(strcmp(of(alerts, 1, "", "endsAt"), ended) > 0);
	json_decref(alerts);
	alertmanager_stop(manager);
	MHD_stop_daemon(server);
	end(host);
}

/* An hour away: as many alerts as may be come and go; what does not fit is counted, and nothing grows. */
static void away_for_long_is_bounded(void **state)
{
	struct alertmanager *manager = begin(free_port(NULL));
	struct alertmanager_counts counts;

	(void)state;
	for (unsigned n = 1; n <= ALERTS + 100; n++) {
		struct host *host = host_new(0);

		a_vm("vm", n);
		look(host, manager, 2);
		look(host, manager, 0);
		end(host);
	}
	alertmanager_counts(manager, &counts);
	assert_int_equal(counts.active, 0);
	assert_int_equal(counts.dropped, 100);
	alertmanager_stop(manager);
}

static void what_is_no_url_is_refused(void **state)
{
	struct alertmanager *manager = NULL;
	char why[200];

	(void)state;
	assert_int_equal(alertmanager_start("localhost:9093", &manager, why, sizeof why), -EINVAL);
	assert_non_null(strstr(why, "localhost:9093"));
}

static void a_taken_port_is_told(void **state)
{
	struct recorder_state recorder = { 0 };
	struct host *host = host_new(0);
	struct http *http = NULL;
	char listen_at[32], why[300] = "";
	int held;

	(void)state;
	snprintf(listen_at, sizeof listen_at, "127.0.0.1:%u", free_port(&held));
	assert_int_equal(http_start(listen_at, host, &recorder, &http, why, sizeof why), -EADDRINUSE);
	assert_non_null(strstr(why, listen_at));
	close(held);
	host_free(host);
}

static void a_folder_that_cannot_be_written_fails_and_leaves_nothing(void **state)
{
	char folder[] = "/tmp/fenceline-outlets-XXXXXX", beside[64], path[64];
	struct recorder_state recorder = { 0 };
	struct host *host = host_new(0);
	struct stat st;

	(void)state;
	assert_true(exposition_textfile(host, &recorder, "/nowhere/at/all") < 0);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/fenceline.prom", folder);
	snprintf(beside, sizeof beside, "%s/fenceline.prom.new", folder);
	assert_int_equal(exposition_textfile(host, &recorder, folder), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(symlink("/etc/passwd", beside), 0); /* somebody's trap: not followed */
	assert_true(exposition_textfile(host, &recorder, folder) < 0);
	unlink(beside);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0); /* cannot be renamed over */
	assert_true(exposition_textfile(host, &recorder, folder) < 0);
	assert_int_equal(stat(beside, &st), -1);
	rmdir(path);
	rmdir(folder);
	host_free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_is_told_at_once_and_resolved),
		cmocka_unit_test(alertmanager_away_and_back),
		cmocka_unit_test(away_for_long_is_bounded),
		cmocka_unit_test(what_is_no_url_is_refused),
		cmocka_unit_test(a_taken_port_is_told),
		cmocka_unit_test(a_folder_that_cannot_be_written_fails_and_leaves_nothing),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
