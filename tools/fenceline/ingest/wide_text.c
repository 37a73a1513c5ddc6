/* SPDX-License-Identifier: MIT */
#include "ingest/wide_text.h"

#include "ingest/xalloc.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

struct wide_text {
	iconv_t iconv;
	struct text_buffer left; /* owned: what has come and is not converted */
};

/* As iconv names it; NULL: it is no UTF-16. */
static const char *encoding_of(const char *text, size_t length)
{
	size_t nuls[2] = { 0, 0 }, looked = length < 512 ? length : 512;

	if (length >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2)))
		return "UTF-16";
	for (size_t i = 0; i < looked; i++)
		nuls[i & 1] += !text[i];
	if (looked >= 16 && nuls[1] * 3 > looked && !nuls[0])
		return "UTF-16LE";
	return looked >= 16 && nuls[0] * 3 > looked && !nuls[1] ? "UTF-16BE" : NULL;
}

struct wide_text *wide_text_new(const char *text, size_t length)
{
	const char *encoding = encoding_of(text, length);
	iconv_t iconv = encoding ? iconv_open("UTF-8", encoding) : (iconv_t)-1;

	return iconv == (iconv_t)-1 ? NULL : XNEW(struct wide_text, .iconv = iconv);
}

void wide_text_free(struct wide_text *wide)
{
	if (!wide)
		return;
	iconv_close(wide->iconv);
	free(wide->left.text);
	free(wide);
}

size_t wide_text_convert(struct wide_text *wide, const char *text, size_t length, char *into)
{
	char *from, *to = into;
	size_t from_left, to_left = 2 * length + 8;

	text_buffer_add(&wide->left, text, length);
	from = wide->left.text;
	from_left = wide->left.length;
	while (from_left >= 2 && iconv(wide->iconv, &from, &from_left, &to, &to_left) == (size_t)-1 && errno == EILSEQ) {
		*to++ = '?';
		to_left--;
		from += 2;
		from_left -= 2;
	}
	memmove(wide->left.text, from, from_left);
	wide->left.length = from_left;
	return (size_t)(to - into);
}
