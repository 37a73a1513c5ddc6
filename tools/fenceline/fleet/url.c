/* SPDX-License-Identifier: MIT */
#include "fleet/url.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_password(const char *path, struct store_url *url, char *why, size_t size)
{
	FILE *file = fopen(path, "re");
	int error = file ? 0 : errno;

	if (file && !fgets(url->password, sizeof url->password, file) && ferror(file))
		error = errno;
	if (file)
		fclose(file);
	url->password[strcspn(url->password, "\r\n")] = '\0';
	if (error)
		snprintf(why, size, "password-file=%s: %s", path, strerror(error));
	return -error;
}

/* [part] between begin and end, into `to`. */
static bool take(const char *begin, const char *end, char *to, size_t size)
{
	size_t length = (size_t)(end - begin);

	if (length >= size)
		return false;
	memcpy(to, begin, length);
	to[length] = '\0';
	return true;
}

static int parse_option(char *option, struct store_url *url, char *why, size_t size)
{
	char *value = strchr(option, '=');

	if (value)
		*value++ = '\0';
	if (value && !strcmp(option, "tls") && (!strcmp(value, "1") || !strcmp(value, "0"))) {
		url->tls = *value == '1';
		return 0;
	}
	if (value && !strcmp(option, "ca") && *value && strlen(value) < sizeof url->ca) {
		strcpy(url->ca, value);
		return 0;
	}
	if (value && !strcmp(option, "password-file") && *value)
		return read_password(value, url, why, size);
	snprintf(why, size, "'%s' is no option of such a URL; there are tls=1, ca=FILE and password-file=FILE", option);
	return -EINVAL;
}

static int parse_options(const char *text, struct store_url *url, char *why, size_t size)
{
	char *copy = strdup(text), *rest = copy, *option;
	int error = copy ? 0 : -ENOMEM;

	while (!error && (option = strsep(&rest, "&")))
		error = parse_option(option, url, why, size);
	free(copy);
	return error;
}

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT */
static bool parse_host(const char *begin, const char *end, struct store_url *url)
{
	const char *colon = NULL;
	char port[8] = "";

	if (*begin == '[') {
		const char *bracket = memchr(begin, ']', (size_t)(end - begin));
		if (!bracket || (bracket + 1 != end && bracket[1] != ':'))
			return false;
		colon = bracket + 1 == end ? NULL : bracket + 1;
	} else {
		colon = memchr(begin, ':', (size_t)(end - begin));
	}
	if (!take(begin, colon ? colon : end, url->host, sizeof url->host) || !*url->host)
		return false;
	if (!colon)
		return true;
	if (!take(colon + 1, end, port, sizeof port) || !*port || strspn(port, "0123456789") != strlen(port))
		return false;
	url->port = (unsigned)atoi(port);
	return url->port > 0 && url->port < 65536;
}

/* It stands in SQL as it is. */
static bool is_name(const char *text)
{
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_')
			return false;
	return *text && !isdigit((unsigned char)*text);
}

int store_url_parse(const char *text, struct store_url *url, char *why, size_t size)
{
	const char *begin = text + strlen(STORE_SCHEME), *slash, *at, *options;
	int error;

	*url = (struct store_url){ .port = 0 };
	snprintf(why, size, "give " STORE_SCHEME "[USER@]HOST[:PORT]/DB[?tls=1&ca=FILE&password-file=FILE]");
	if (strncmp(text, STORE_SCHEME, strlen(STORE_SCHEME)) || !(slash = strchr(begin, '/')))
		return -EINVAL;
	at = memchr(begin, '@', (size_t)(slash - begin));
	if (at && !take(begin, at, url->user, sizeof url->user))
		return -EINVAL;
	if (!parse_host(at ? at + 1 : begin, slash, url))
		return -EINVAL;
	options = strchrnul(slash, '?');
	if (!take(slash + 1, options, url->db, sizeof url->db) || !is_name(url->db))
		return -EINVAL;
	error = *options ? parse_options(options + 1, url, why, size) : 0;
	if (!url->port)
		url->port = url->tls ? STORE_PORT_TLS : STORE_PORT;
	return error;
}
