/* SPDX-License-Identifier: MIT */
/* clickhouse://[USER@]HOST[:PORT]/DB[?tls=1&ca=FILE&password-file=FILE] */
#ifndef FENCELINE_FLEET_URL_H
#define FENCELINE_FLEET_URL_H

#include <stdbool.h>
#include <stddef.h>

#define STORE_SCHEME     "clickhouse://"
#define STORE_PORT       8123
#define STORE_PORT_TLS   8443
#define STORE_PASSWORD   256

struct store_url {
	char host[256], db[64], user[64];
	char ca[512];                  /* "": the system's */
	char password[STORE_PASSWORD]; /* read from the file; "" if none was named */
	unsigned port;
	bool tls;
};

/* 0, or -EINVAL or the file's -errno with the reason in `why`. The password is read here, and stands in no URL. */
int store_url_parse(const char *text, struct store_url *url, char *why, size_t size);

#endif
