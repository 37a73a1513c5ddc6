/* SPDX-License-Identifier: MIT */
#include "ingest/log_plain.h"
#include "ingest/text_in.h"

#define THREAD_DIGITS 8 /* a pthread_t is an address; a shorter number behind a stamp is a column of some table */

static size_t skip_word(const char *text, size_t length, size_t at)
{
	while (at < length && text[at] != ' ')
		at++;
	while (at < length && text[at] == ' ')
		at++;
	return at;
}

bool log_plain_split(const char *text, size_t length, struct log_plain *plain)
{
	size_t at = 19, thread;

	*plain = (struct log_plain){ 0 };
	if (length < 40 || text[0] != '2' || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
		return false;
	while (at < 36 && text[at] != ' ')
		at++;
	if (text[at++] != ' ' || text[at - 2] == 'Z' || length - at < 8)
		return false;
	if (!memcmp(text + at, "mon.", 4) || !memcmp(text + at, "osd.", 4) || !memcmp(text + at, "mgr.", 4))
		return text[at + 4] != ' ';
	for (thread = at; at < length && text[at] != ' '; at++) {
		int digit = text[at] >= '0' && text[at] <= '9'   ? text[at] - '0'
		            : text[at] >= 'a' && text[at] <= 'f' ? text[at] - 'a' + 10
		                                                 : -1;
		if (digit < 0)
			return false;
		plain->thread = plain->thread << 4 | (unsigned int)digit;
	}
	if (at - thread < THREAD_DIGITS || length - at < 2 || !char_in(text[at + 1], " -0123456789"))
		return false;
	plain->text = skip_word(text, length, skip_word(text, length, at));
	return true;
}
