/* SPDX-License-Identifier: MIT */
#include "ingest/unwrap_marks.h"
#include "ingest/text_in.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_TAG 200

static const char *const escapes[] = { "\033", "^[", "#033" }; /* as a terminal gets it, `cat -v` and rsyslog write it */

/* How many bytes the mark takes that stands here; 0: none does. */
static size_t mark(const char *text, size_t length)
{
	/* a blank each; quote marks; "- ", "+ " and "* " of lists and diffs are none, a line may begin so */
	static const char *const marks[] = { " ",   "\t", "\r",   "\v",  "\036", "\xef\xbb\xbf", "\xc2\xa0", "> ",
		                             "># ", ">>", "# | ", "#| ", "| " };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (text_begins(text, length, marks[i]))
			return strlen(marks[i]);
	if (length > 1 && text[0] == '>' && text[1] != '=') /* a mail's without a blank */
		return 1;
	return length && !*text; /* what a host that lost its power had not yet written */
}

size_t unwrap_marks(const char *text, size_t length)
{
	size_t taken = 0, more;

	while ((more = mark(text + taken, length - taken)))
		taken += more;
	return taken;
}

/* "[01;31m": the bytes up to its letter; 0: it has none. */
static size_t control_sequence(const char *text, size_t length)
{
	size_t at = 1 + text_run(text + 1, length - 1, "0123456789;?");

	return at < length && isalpha((unsigned char)text[at]) ? at + 1 : 0;
}

/* "]0;a title" up to a bell or the next escape and its backslash; 0: it has no end. */
static size_t title(const char *text, size_t length)
{
	for (size_t at = 1; at < length; at++) {
		if (text[at] == '\a')
			return at + 1;
		if (text[at] == '\033')
			return at + 1 < length && text[at + 1] == '\\' ? at + 2 : 0;
	}
	return 0;
}

/* The bytes of the sequence that begins here, 0 if none does. Titles and character sets come from terminals alone: written out
 * they would fit other texts. */
static size_t marks_sequence(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		size_t before = strlen(escapes[i]), taken = 0;

		if (length <= before || !text_begins(text, length, escapes[i]))
			continue;
		if (text[before] == '[')
			taken = control_sequence(text + before, length - before);
		else if (*text == '\033' && text[before] == ']')
			taken = title(text + before, length - before);
		else if (*text == '\033' && char_in(text[before], "()"))
			taken = length - before > 1 ? 2 : 0;
		else if (*text == '\033' && char_in(text[before], "=>78"))
			taken = 1;
		return taken ? before + taken : 0;
	}
	return 0;
}

bool unwrap_has_colours(const char *text, size_t length)
{
	const char *at = text, *end = text + length;

	if (memchr(text, '\033', length))
		return true;
	/* the written ones are rare, and so is a bracket behind these */
	while ((at = memchr(at, '[', (size_t)(end - at)))) {
		if ((at - text >= 2 && !memcmp(at - 2, "^[", 2)) || (at - text >= 4 && !memcmp(at - 4, "#033", 4)))
			return true;
		at++;
	}
	return false;
}

size_t unwrap_drop_colours(const char *text, size_t length, char *into)
{
	size_t kept = 0;

	for (size_t at = 0; at < length;) {
		size_t taken = marks_sequence(text + at, length - at);

		if (!taken)
			into[kept++] = text[at];
		at += taken ?: 1;
	}
	return kept;
}

/* What stands for one plain character, or for none, and takes more bytes. */
static const struct {
	const char *written;
	char means; /* NUL: nothing */
} typeset[] = {
	{ "\xe2\x80\x8b", 0 },    { "\xe2\x80\x8c", 0 },   { "\xe2\x80\x8d", 0 },    { "\xe2\x81\xa0", 0 }, /* zero width */
	{ "\xef\xbb\xbf", 0 },    { "\xc2\xad", 0 },       { "\xe2\x80\xaf", ' ' },  { "\xe2\x80\x91", '-' },
	{ "\xe2\x80\x93", '-' },  { "\xe2\x88\x92", '-' }, { "\xe2\x80\x98", '\'' }, { "\xe2\x80\x99", '\'' },
	{ "\xe2\x80\xb2", '\'' }, { "\xe2\x80\x9c", '"' }, { "\xe2\x80\x9d", '"' },  { "\xe2\x80\x9e", '"' },
	{ "\xe2\x80\xb3", '"' },  { "\xc2\xab", '"' },     { "\xc2\xbb", '"' },      { "\xc2\xa0", ' ' },
	{ "\xe2\x80\xa2", '*' },  { "\xe2\x94\x82", '|' }, { "&quot;", '"' },        { "&apos;", '\'' },
	{ "&nbsp;", ' ' },        { "&lt;", '<' },         { "&gt;", '>' },          { "&amp;", '&' },
	{ "\\_", '_' },           { "\\[", '[' },          { "\\]", ']' },           { "\\(", '(' },
	{ "\\)", ')' },           { "\\{", '{' },          { "\\}", '}' },           { "\\*", '*' },
	{ "\\~", '~' },           { "\\-", '-' },          { "\\.", '.' },           { "\\#", '#' },
	{ "\\+", '+' },           { "\\<", '<' },          { "\\>", '>' },           { "\\|", '|' },
	{ "\\`", '`' },
};

static const char typeset_begins[] = "\xe2\xc2\xef&\\<";

bool unwrap_is_typeset(const char *text, size_t length)
{
	for (const char *begin = typeset_begins; *begin; begin++)
		if (memchr(text, *begin, length))
			return true;
	return false;
}

/* "&#91;" or "&#x5b;": a plain character by its number; 0: it is none. */
static size_t numbered(const char *text, size_t length, char *means)
{
	bool hex = length > 3 && (text[2] == 'x' || text[2] == 'X');
	unsigned int number = 0;
	size_t at = hex ? 3 : 2;

	if (!text_begins(text, length, "&#"))
		return 0;
	for (int digit; at < length && number < 1000 && (digit = hex_digit(text[at])) >= 0 && (hex || digit < 10); at++)
		number = number * (hex ? 16 : 10) + (unsigned int)digit;
	if (at == length || text[at] != ';' || (number != 160 && (number < ' ' || number > '~')))
		return 0;
	*means = number == 160 ? ' ' : (char)number;
	return at + 1;
}

/* "<pre>", "</td>", "<span class="hl">" */
static size_t tag(const char *text, size_t length)
{
	size_t at = length > 1 && text[1] == '/' ? 2 : 1;

	if (length < 3 || *text != '<' || text[at] < 'a' || text[at] > 'z')
		return 0;
	while (at < length && ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= '0' && text[at] <= '9')))
		at++;
	if (at < length && !char_in(text[at], " />")) /* "<http:" is a link */
		return 0;
	while (at < length && at < LONGEST_TAG && !char_in(text[at], "<>"))
		at++;
	return at < length && text[at] == '>' ? at + 1 : 0;
}

/* Tags in a row are the border of a column, one alone marks a word. */
static size_t tags(const char *text, size_t length, char *means)
{
	size_t first = tag(text, length), taken = first, next;

	while (first && (next = tag(text + taken, length - taken)))
		taken += next;
	*means = taken > first ? ' ' : '\0';
	return taken;
}

/* "[01;31m", "[0m", "[m" and a "[K" behind them: colours whose escape was lost. */
static size_t lost_colour(const char *text, size_t length)
{
	size_t at = 1 + text_run(text + 1, length - 1, "0123456789;");

	if (at == length || text[at] != 'm')
		return 0;
	at++;
	if (text_begins(text + at, length - at, "[K"))
		return at + 2;
	return at > 2 ? at : 0; /* "[mon.a]" is none */
}

/* How many bytes are to be replaced by `means`, or dropped; 0: none. */
static size_t take_typeset(const char *text, size_t length, bool lost, char *means)
{
	size_t taken = 0;

	*means = '\0';
	if (*text == '\t') {
		*means = ' ';
		return 1;
	}
	if (*text == '[')
		return lost ? lost_colour(text, length) : 0;
	if (!char_in(*text, typeset_begins))
		return 0;
	for (size_t i = 0; i < sizeof(typeset) / sizeof(*typeset); i++)
		if (text_begins(text, length, typeset[i].written)) {
			*means = typeset[i].means;
			return strlen(typeset[i].written);
		}
	taken = numbered(text, length, means);
	return taken ?: tags(text, length, means);
}

bool unwrap_straighten(char *text, size_t *length)
{
	size_t kept = 0;
	bool changed = false, lost = !unwrap_has_colours(text, *length);

	for (size_t at = 0; at < *length;) {
		char means;
		size_t taken = take_typeset(text + at, *length - at, lost, &means);

		changed |= taken;
		if (!taken)
			means = text[at];
		if (means || !taken)
			text[kept++] = means;
		at += taken ?: 1;
	}
	text[kept] = '\0';
	*length = kept;
	return changed;
}

/* "#" with a command line behind it, or nothing. */
static bool is_sign(const char *at, const char *end)
{
	return strchr("#$%", *at ?: '?') && (at + 1 == end || (at[1] == ' ' && (at + 2 == end || strchr("./_(", at[2] ?: '?') ||
	                                                                        (at[2] >= 'a' && at[2] <= 'z'))));
}

/* "[root@mon1 ~]#", "[ceph: root@node1 /]#", "root@mon1:~#", "mon1:~ #" */
static bool is_prompt(const char *at, const char *sign)
{
	const char *blank = memchr(at, ' ', (size_t)(sign - at));

	if (sign == at || (*at == '[' && sign[-1] == ']'))
		return true;
	if (blank && blank + 1 < sign) /* more than one word */
		return false;
	return memchr(at, '@', (size_t)(sign - at)) || (memchr(at, ':', (size_t)(sign - at)) && strchr("~/ ", sign[-1] ?: '?'));
}

bool unwrap_prompt(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length) ?: text + length;
	const char *at = text + unwrap_marks(text, (size_t)(end - text));

	while (end > at && strchr(" \r", end[-1] ?: '?'))
		end--;
	for (const char *sign = at; sign < end && sign - at < 80; sign++)
		if (is_sign(sign, end))
			return is_prompt(at, sign);
	return false;
}
