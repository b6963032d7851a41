/*
 * Tokens known by their looks: by the prefix that their maker gave them, by being base64 of
 * something that is sensitive itself, or by being too random for a name.  They are followed over a
 * line break or a blank that came between.
 */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/redact/scan.h"

enum set { SET_UPPER, SET_ALNUM, SET_HEX, SET_WORD, SET_DOTS, SET_BASE64 };

static const struct prefix {
	const char *text;
	enum set set;
	size_t least, most; /* bytes behind the prefix; most 0: any number */
} prefixes[] = {
	{ "AKIA", SET_UPPER, 16, 16 },      { "ASIA", SET_UPPER, 16, 16 },
	{ "ABIA", SET_UPPER, 16, 16 },      { "ACCA", SET_UPPER, 16, 16 },
	{ "AIza", SET_WORD, 35, 35 },       { "ATATT3", SET_BASE64, 40, 0 },
	{ "EAAC", SET_ALNUM, 40, 0 },       { "GOCSPX-", SET_WORD, 24, 0 },
	{ "SG.", SET_DOTS, 40, 0 },         { "dapi", SET_HEX, 32, 34 },
	{ "dckr_pat_", SET_WORD, 20, 0 },   { "dop_v1_", SET_HEX, 64, 64 },
	{ "eyJ", SET_DOTS, 20, 0 },         { "ghp_", SET_ALNUM, 36, 0 },
	{ "gho_", SET_ALNUM, 36, 0 },       { "ghu_", SET_ALNUM, 36, 0 },
	{ "ghs_", SET_ALNUM, 36, 0 },       { "ghr_", SET_ALNUM, 36, 0 },
	{ "github_pat_", SET_WORD, 40, 0 }, { "glpat-", SET_WORD, 20, 0 },
	{ "glrt-", SET_WORD, 20, 0 },       { "glsa_", SET_WORD, 32, 0 },
	{ "hf_", SET_ALNUM, 30, 0 },        { "hooks.slack.com/services/", SET_BASE64, 20, 0 },
	{ "hvs.", SET_WORD, 24, 0 },        { "key-", SET_HEX, 32, 32 },
	{ "npm_", SET_ALNUM, 36, 0 },       { "pypi-", SET_WORD, 50, 0 },
	{ "rfk_", SET_WORD, 40, 0 },        { "rk_live_", SET_ALNUM, 20, 0 },
	{ "rk_test_", SET_ALNUM, 20, 0 },   { "shpat_", SET_HEX, 32, 0 },
	{ "sig=", SET_BASE64, 30, 0 },      { "sk-ant-", SET_WORD, 30, 0 },
	{ "sk-proj-", SET_WORD, 30, 0 },    { "sk-", SET_ALNUM, 32, 0 },
	{ "sk_live_", SET_ALNUM, 20, 0 },   { "sk_test_", SET_ALNUM, 20, 0 },
	{ "tskey-", SET_WORD, 20, 0 },      { "xapp-", SET_WORD, 20, 0 },
	{ "xkeysib-", SET_WORD, 40, 0 },    { "xoxa-", SET_WORD, 20, 0 },
	{ "xoxb-", SET_WORD, 20, 0 },       { "xoxe-", SET_WORD, 20, 0 },
	{ "xoxp-", SET_WORD, 20, 0 },       { "xoxr-", SET_WORD, 20, 0 },
	{ "xoxs-", SET_WORD, 20, 0 },       { "ya29.", SET_WORD, 30, 0 },
};

const char *token_word(size_t at)
{
	return at < sizeof(prefixes) / sizeof(prefixes[0]) ? prefixes[at].text : NULL;
}

static bool in_set(char c, enum set set)
{
	switch (set) {
	case SET_UPPER:
		return is_upper(c) || is_digit(c);
	case SET_ALNUM:
		return is_alnum(c);
	case SET_HEX:
		return is_hex(c);
	case SET_WORD:
		return is_alnum(c) || c == '_' || c == '-';
	case SET_DOTS:
		return is_alnum(c) || is_one_of(c, "_-.+/=");
	case SET_BASE64:
		return is_alnum(c) || is_one_of(c, "_-+/=%");
	}
	return false;
}

struct mix {
	size_t upper, lower, digits, turns;
};

static struct mix mix_of(const char *p, size_t n)
{
	struct mix m = { 0 };
	int last = 0;

	for (size_t at = 0; at < n; at++) {
		int now = is_upper(p[at]) ? 1 : is_lower(p[at]) ? 2 : is_digit(p[at]) ? 3 : 4;

		m.upper += now == 1;
		m.lower += now == 2;
		m.digits += now == 3;
		m.turns += last && now != last;
		last = now;
	}
	return m;
}

/* Past the prefix, which a gap may part, too; 0 where it is another. */
static size_t prefix_end(const struct scan *s, size_t at, const char *text)
{
	for (bool first = true; *text; text++, first = false) {
		if (!first && scan_at(s, at) != *text)
			at = scan_gap(s, at);
		if (scan_at(s, at) != *text)
			return 0;
		at++;
	}
	return at;
}

/* Does another token begin here? */
static bool prefix_at(const struct scan *s, size_t at)
{
	for (size_t row = 0; row < sizeof(prefixes) / sizeof(prefixes[0]); row++) {
		if (prefix_end(s, at, prefixes[row].text))
			return true;
	}
	return false;
}

/* May the piece behind a gap belong to what stands before it?  More is asked where it need not, and
 * most behind a blank, since words follow tokens in a sentence. */
static bool goes_on(const struct scan *s, size_t gap, size_t from, size_t n, bool needed)
{
	struct mix m = mix_of(s->p + from, n);
	bool wrapped = memchr(s->p + gap, '\n', from - gap) != NULL;

	if (!n)
		return false;
	if (needed)
		return true;
	if (wrapped)
		return n >= 4 && m.turns && m.upper + m.lower && (m.digits || m.upper) &&
		       !prefix_at(s, from);
	return n >= 8 && m.digits && m.upper && m.lower;
}

static size_t piece(const struct scan *s, size_t at, enum set set, size_t most)
{
	size_t n = 0;

	while (n < most && in_set(scan_at(s, at + n), set))
		n++;
	return n;
}

/* So far it may be letters only. */
#define WORDS_MAX 256

/* Past the token's body that begins at `at`, or 0 where it is too short, too long or all letters.
 */
static size_t body_end(const struct scan *s, size_t at, const struct prefix *is)
{
	size_t most = is->most ? is->most + 1 : WORDS_MAX, n = 0, digits = 0, end = at;

	for (size_t from = at;;) {
		size_t more = piece(s, from, is->set, most - n), gap;

		digits += mix_of(s->p + from, more).digits;
		n += more;
		if (!is->most && (digits || !is->text[0]))
			most = s->n;
		end = from + more;
		gap = end;
		from = scan_gap(s, gap);
		if (n >= most || from == gap || (is->most && n == is->most) ||
		    (n > WORDS_MAX && !digits && is->text[0]))
			break;
		if (!goes_on(s, gap, from, piece(s, from, is->set, most), n < is->least))
			break;
	}
	while (end > at && is_one_of(s->p[end - 1], ".-/"))
		end--;
	return n < is->least || (is->most && n > is->most) || (!digits && is->text[0]) ? 0 : end;
}

/* The secret of an Azure application: three letters, a digit, "Q~" and some 34 more. */
size_t azure_detect(struct scan *s, size_t at)
{
	size_t n = piece(s, at, SET_WORD, 5);

	if (n != 5 || s->p[at + 4] != 'Q' || !is_digit(s->p[at + 3]) || scan_at(s, at + 5) != '~')
		return 0;
	for (n = 6; in_set(scan_at(s, at + n), SET_DOTS) || scan_at(s, at + n) == '~';)
		n++;
	return n < 34 ? 0 : scan_found(s, at, at + n, REDACT_TOKEN);
}

size_t token_detect(struct scan *s, size_t at)
{
	for (size_t row = 0; row < sizeof(prefixes) / sizeof(prefixes[0]); row++) {
		size_t end;

		if (prefixes[row].text[0] != s->p[at])
			continue;
		end = prefix_end(s, at, prefixes[row].text);
		end = end ? body_end(s, end, &prefixes[row]) : 0;
		if (end)
			return scan_found(s, at, end, REDACT_TOKEN);
	}
	return 0;
}

/* ---- base64 and chance ---- */

#define DECODE_MAX 8192

static int digit64(char c)
{
	if (is_upper(c))
		return c - 'A';
	if (is_lower(c))
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* What base64 between two places stands for; gaps are passed over, and so are the zero bytes of
 * UTF-16. */
static struct str decode(struct arena *a, struct str from)
{
	char *p = arena_alloc(a, from.n, 1);
	unsigned bits = 0, nbits = 0;
	size_t n = 0;

	for (size_t at = 0; at < from.n && at < DECODE_MAX; at++) {
		int digit = digit64(from.p[at]);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		nbits += 6;
		if (nbits < 8)
			continue;
		nbits -= 8;
		p[n] = (char)(bits >> nbits & 0xff);
		n += p[n] != '\0';
	}
	return (struct str){ p, n };
}

static bool readable(struct str v)
{
	size_t odd = 0;

	for (size_t at = 0; at < v.n; at++)
		odd += !(v.p[at] >= ' ' && v.p[at] < 0x7f) && !is_space(v.p[at]);
	return v.n >= 8 && odd * 10 <= v.n;
}

/* Is there in base64 what would be taken out if it stood there plainly? */
static bool hides(struct scan *s, struct str blob, enum redact_kind *kind)
{
	struct spans found = { 0 };
	struct str text = decode(s->arena, blob);

	if (!readable(text))
		return false;
	scan_all(s->arena, text, true, &found);
	if (found.n)
		*kind = found.items[0].kind;
	return found.n > 0;
}

/* A name has long stretches of one sort of letters, chance has not. */
static bool is_random(struct str blob)
{
	struct mix m = mix_of(blob.p, blob.n);

	return blob.n >= 32 && m.upper >= 3 && m.lower >= 3 && m.digits >= 2 &&
	       m.turns * 100 >= blob.n * 38;
}

size_t blob_detect(struct scan *s, size_t at)
{
	static const struct prefix any = { "", SET_BASE64, 16, 0 };
	enum redact_kind kind = REDACT_TOKEN;
	size_t first, end;

	if (at < s->judged || (at && s->p[at - 1] != '=' && in_set(s->p[at - 1], SET_BASE64)))
		return 0;
	first = piece(s, at, SET_BASE64, s->n);
	end = first < any.least ? 0 : body_end(s, at, &any);
	if (!end)
		return 0;
	s->judged = end;
	if (is_random(scan_text(s, at, at + first)) ||
	    (!s->inner && hides(s, scan_text(s, at, end), &kind)))
		return scan_found(s, at, end, kind);
	return 0;
}
