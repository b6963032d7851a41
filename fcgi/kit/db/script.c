/* Looks through a script for commands that begin or end transactions, past all that is quoted. */
#include "kit/db/pg.h"

#include <ctype.h>

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

/* Without what comes up to and with the first `end`; an unended one takes all the rest. */
static struct str past(struct str s, struct str end)
{
	while (s.n && !str_starts(s, end))
		s = str_skip(s, 1);
	return str_skip(s, end.n);
}

static struct str past_comment(struct str s)
{
	int depth = 0;

	do {
		bool opens = str_starts(s, STR("/*")), closes = str_starts(s, STR("*/"));

		depth += opens - closes;
		s = str_skip(s, opens || closes ? 2 : 1);
	} while (depth && s.n);
	return s;
}

/* s stands at the quote; a doubled one inside is the end of one text and the start of the next. */
static struct str past_quoted(struct str s, bool backslashes)
{
	char quote = s.p[0];

	s = str_skip(s, 1);
	while (s.n && s.p[0] != quote)
		s = str_skip(s, backslashes && s.p[0] == '\\' ? 2 : 1);
	return str_skip(s, 1);
}

/* $$ ... $$ or $tag$ ... $tag$; a lone dollar is just skipped. */
static struct str past_dollars(struct str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != '$' && in_word(s.p[n]))
		n++;
	if (n == s.n || s.p[n] != '$')
		return str_skip(s, 1);
	return past(str_skip(s, n + 1), str_first(s, n + 1));
}

static struct str take_word(struct str *s)
{
	size_t n = 0;

	while (n < s->n && in_word(s->p[n]))
		n++;
	*s = str_skip(*s, n);
	return (struct str){ s->p - n, n };
}

static bool is_transaction_word(struct str word)
{
	static const char *const words[] = { "BEGIN", "START",    "COMMIT",    "END",
					     "ABORT", "ROLLBACK", "SAVEPOINT", "RELEASE" };

	for (size_t at = 0; at < sizeof(words) / sizeof(words[0]); at++)
		if (str_eq_nocase(word, str_of(words[at])))
			return true;
	return false;
}

struct str script_transaction_word(struct str s)
{
	bool at_start = true; /* of a command */

	while (s.n) {
		if (isspace((unsigned char)s.p[0])) {
			s = str_skip(s, 1);
		} else if (str_starts(s, STR("--"))) {
			s = past(s, STR("\n"));
		} else if (str_starts(s, STR("/*"))) {
			s = past_comment(s);
		} else if (s.p[0] == '\'' || s.p[0] == '"') {
			s = past_quoted(s, false);
		} else if (s.p[0] == '$') {
			s = past_dollars(s);
		} else if (in_word(s.p[0])) {
			struct str word = take_word(&s);

			if (at_start && is_transaction_word(word))
				return word;
			if (str_eq_nocase(word, STR("E")) && str_starts(s, STR("'")))
				s = past_quoted(s, true);
			at_start = false;
		} else {
			at_start = s.p[0] == ';';
			s = str_skip(s, 1);
		}
	}
	return STR_NONE;
}
