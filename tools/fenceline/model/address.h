/* SPDX-License-Identifier: MIT */
/*
 * Ceph client addresses as they are written by clients, monitors, OSDs and people: `1.2.3.4:0/123`, `v1:…`, `v2:…`,
 * `any:…`, `[v2:1.2.3.4:0/123,v1:…]` (an addrvec: the first entry counts), `[::1]:0/123`, `-`, and CIDR ranges.
 * The join key is IP and nonce; type and port are ignored (Ceph writes port 0 for clients, any: for blocklist entries
 * from Ceph 16 on).
 */
#ifndef FENCELINE_MODEL_ADDRESS_H
#define FENCELINE_MODEL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
	int family;        /* AF_INET, AF_INET6, 0: none */
	uint8_t ip[16];    /* network order; IPv4 in the first four */
	uint16_t port;
	uint64_t nonce;
	bool has_nonce;
};

/* True and filled in if text is an address; else false and family 0. */
bool address_parse(const char *text, struct address *address);
/* Same IP and nonce. False if either is none or lacks a nonce. */
bool address_same_client(const struct address *a, const struct address *b);
/* "ip:port/nonce", IPv6 in brackets; "" for none. Returns buf. */
char *address_format(const struct address *address, char *buf, size_t size);
/* Is the address inside CIDR ("10.0.0.0/24")? False if either does not parse. */
bool address_in_range(const struct address *address, const char *cidr);

#endif
