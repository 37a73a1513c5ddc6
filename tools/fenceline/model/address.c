/* SPDX-License-Identifier: MIT */
#include "model/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "v1:", "v2:", "any:": the messenger protocol, which says nothing about who the client is. */
static const char *skip_protocol(const char *text)
{
	static const char *const protocols[] = { "v1:", "v2:", "any:", "msgr2:", "legacy:" };

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		size_t length = strlen(protocols[i]);
		if (!strncmp(text, protocols[i], length))
			return text + length;
	}
	return text;
}

/* The IP address at *text, which moves behind it. IPv6 may stand bare only if nothing follows it (a CIDR's address). */
static bool parse_ip(const char **text, struct address *address)
{
	char ip[INET6_ADDRSTRLEN];
	const char *begin = *text, *end;
	size_t length;

	if (*begin == '[') {
		end = strchr(++begin, ']');
		if (!end)
			return false;
		*text = end + 1;
		address->family = AF_INET6;
	} else {
		const char *colon = strchr(begin, ':'), *stop = begin + strcspn(begin, "/ ,]");
		bool ipv6 = colon && memchr(colon + 1, ':', stop > colon ? (size_t)(stop - colon - 1) : 0);
		end = begin + strcspn(begin, ipv6 ? "/ ,]" : ":/ ,]");
		*text = end;
		address->family = ipv6 ? AF_INET6 : AF_INET;
	}
	length = (size_t)(end - begin);
	if (!length || length >= sizeof(ip))
		return false;
	memcpy(ip, begin, length);
	ip[length] = '\0';
	return inet_pton(address->family, ip, address->ip) == 1;
}

static bool parse_number(const char **text, uint64_t max, uint64_t *number)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*number = strtoull(*text, &end, 10);
	*text = end;
	return !errno && *number <= max;
}

bool address_parse(const char *text, struct address *address)
{
	struct address parsed = { 0 };
	uint64_t number;

	memset(address, 0, sizeof(*address));
	if (!text)
		return false;
	text += strspn(text, " ");
	/* An addrvec: the first entry counts, all of one client carry the same IP and nonce. */
	if (*text == '[' && skip_protocol(text + 1) != text + 1)
		text++;
	text = skip_protocol(text);
	if (!parse_ip(&text, &parsed))
		return false;
	if (*text == ':') {
		text++;
		if (!parse_number(&text, UINT16_MAX, &number))
			return false;
		parsed.port = (uint16_t)number;
	}
	if (*text == '/') {
		text++;
		if (!parse_number(&text, UINT64_MAX, &number))
			return false;
		parsed.nonce = number;
		parsed.has_nonce = true;
	}
	if (*text && !strchr(" ,]'", *text))
		return false;
	*address = parsed;
	return true;
}

static size_t ip_size(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

bool address_same_client(const struct address *a, const struct address *b)
{
	return a->family && a->family == b->family && a->has_nonce && b->has_nonce && a->nonce == b->nonce &&
	       !memcmp(a->ip, b->ip, ip_size(a->family));
}

char *address_format(const struct address *address, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN], nonce[24] = "";

	if (!size)
		return buf;
	buf[0] = '\0';
	if (!address->family || !inet_ntop(address->family, address->ip, ip, sizeof(ip)))
		return buf;
	if (address->has_nonce)
		snprintf(nonce, sizeof(nonce), "/%llu", (unsigned long long)address->nonce);
	snprintf(buf, size, address->family == AF_INET6 ? "[%s]:%u%s" : "%s:%u%s", ip, address->port, nonce);
	return buf;
}

/* "10.0.0.0/24", also as monitors write it back: "cidr:10.0.0.0:0/24", where the "nonce" is the prefix length. */
bool address_in_range(const struct address *address, const char *cidr)
{
	struct address network;
	unsigned int bits, whole;

	if (!cidr || !address->family)
		return false;
	if (!strncmp(cidr, "cidr:", 5))
		cidr += 5;
	if (!address_parse(cidr, &network) || network.family != address->family || !network.has_nonce)
		return false;
	if (network.nonce > 8 * ip_size(network.family))
		return false;
	bits = (unsigned int)network.nonce;
	whole = bits / 8;
	if (memcmp(address->ip, network.ip, whole))
		return false;
	return !(bits % 8) || !((address->ip[whole] ^ network.ip[whole]) >> (8 - bits % 8));
}
