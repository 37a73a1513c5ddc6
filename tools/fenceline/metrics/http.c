/* SPDX-License-Identifier: MIT */
#include "metrics/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS 32
#define IDLE_S      10
#define CLIENT_PATH "/v1/client/"

#if MHD_VERSION < 0x00097002 /* bullseye has 0.9.72 */
#error "libmicrohttpd 0.9.70 or later is needed"
#endif

struct http {
	struct MHD_Daemon *daemon;
	const struct host *host;
	const struct recorder_state *recorder;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code, const char *type, char *body, size_t size)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned code, const char *text)
{
	char *body = strdup(text);

	return body ? answer(connection, code, "text/plain; charset=utf-8", body, strlen(body)) : MHD_NO;
}

static enum MHD_Result answer_metrics(struct http *http, struct MHD_Connection *connection)
{
	char *body = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&body, &size);

	if (!out)
		return MHD_NO;
	exposition_write(http->host, http->recorder, out);
	if (fclose(out)) {
		free(body);
		return MHD_NO;
	}
	return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", body, size);
}

/* libmicrohttpd has decoded %XX in the path already. */
static enum MHD_Result answer_client(struct http *http, struct MHD_Connection *connection, const char *address)
{
	struct host_client found;
	json_t *json;
	char *body;

	host_find_client(http->host, address, &found);
	if (found.alive == HOST_UNKNOWN)
		return answer_text(connection, MHD_HTTP_NOT_FOUND, "this recorder has never seen that client\n");
	json = json_pack("{s:o, s:i, s:b, s:b, s:i, s:s, s:I}", "last_ack_ns",
	                 found.last_ack_ns ? json_integer(found.last_ack_ns) : json_null(), "unanswered", (int)found.unanswered,
	                 "alive", found.alive == HOST_ALIVE, "stopped", found.stopped, "pid", (int)found.pid, "vm", found.vm,
	                 "now_ns", (json_int_t)host_now(http->host));
	if (!json) /* a name that is no UTF-8 */
		json = json_pack("{s:o, s:i, s:b, s:b, s:i, s:I}", "last_ack_ns",
		                 found.last_ack_ns ? json_integer(found.last_ack_ns) : json_null(), "unanswered",
		                 (int)found.unanswered, "alive", found.alive == HOST_ALIVE, "stopped", found.stopped, "pid",
		                 (int)found.pid, "now_ns", (json_int_t)host_now(http->host));
	body = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return body ? answer(connection, MHD_HTTP_OK, "application/json", body, strlen(body)) : MHD_NO;
}

static enum MHD_Result http_serve(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
	static char seen;
	struct http *http = arg;

	(void)version;
	(void)upload;
	if (!*state) { /* the first call has the headers alone */
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0; /* read and thrown away */
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "read-only: GET alone\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(http, connection);
	if (!strncmp(url, CLIENT_PATH, strlen(CLIENT_PATH)))
		return answer_client(http, connection, url + strlen(CLIENT_PATH));
	return answer_text(connection, MHD_HTTP_NOT_FOUND, "fenceline: /metrics and /v1/client/ADDRESS are here\n");
}

/* "[ADDR:]PORT" into a socket address. */
static int parse_listen(const char *text, struct sockaddr_storage *storage, socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;
	const char *colon = strrchr(text, ':'), *number = colon ? colon + 1 : text;
	char address[64], *end;
	long port = strtol(number, &end, 10);

	memset(storage, 0, sizeof *storage);
	if (end == number || *end || port < 1 || port > 65535)
		return -EINVAL;
	snprintf(address, sizeof address, "%.*s", colon ? (int)(colon - text) : 9, colon ? text : "127.0.0.1");
	if (*address == '[' && address[strlen(address) - 1] == ']') {
		address[strlen(address) - 1] = '\0';
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*size = sizeof *v6;
		return inet_pton(AF_INET6, address + 1, &v6->sin6_addr) == 1 ? 0 : -EINVAL;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	*size = sizeof *v4;
	return inet_pton(AF_INET, address, &v4->sin_addr) == 1 ? 0 : -EINVAL;
}

/* The socket is made here, so that a port that is taken is told by its own name. */
static int open_socket(const char *text, char *why, size_t size)
{
	struct sockaddr_storage address;
	socklen_t length;
	int fd, one = 1, status;

	if (parse_listen(text, &address, &length)) {
		snprintf(why, size, "--listen takes [ADDR:]PORT, such as 9911, 10.0.0.5:9911 or [::1]:9911, not '%s'", text);
		return -EINVAL;
	}
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) &&
	    !bind(fd, (struct sockaddr *)&address, length) && !listen(fd, CONNECTIONS))
		return fd;
	status = -errno;
	snprintf(why, size, "cannot listen at %s: %s%s", text, strerror(-status),
	         status == -EADDRINUSE ? "; is another recorder running? choose another port" : "");
	if (fd >= 0)
		close(fd);
	return status;
}

int http_start(const char *listen, const struct host *host, const struct recorder_state *recorder, struct http **made, char *why,
               size_t size)
{
	int fd = open_socket(listen, why, size);
	struct http *http;

	if (fd < 0)
		return fd;
	http = calloc(1, sizeof *http);
	if (http) {
		http->host = host;
		http->recorder = recorder;
		http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, http_serve, http, MHD_OPTION_LISTEN_SOCKET, fd,
		                                MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
		                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
	}
	if (!http || !http->daemon) {
		snprintf(why, size, "libmicrohttpd does not start at %s", listen);
		free(http);
		close(fd);
		return -EIO;
	}
	*made = http;
	return 0;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon); /* closes the socket */
	free(http);
}

int http_fd(const struct http *http)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	return info ? info->epoll_fd : -1;
}

int http_timeout_ms(const struct http *http)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (MHD_get_timeout(http->daemon, &timeout) != MHD_YES)
		return -1;
	return timeout > 60000 ? 60000 : (int)timeout;
}

void http_run(struct http *http)
{
	MHD_run(http->daemon);
}
