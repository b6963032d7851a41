/*
 * Where the words of a search stand in a flow; see hits.h.  The index keeps stems, so a word of a
 * text is told by its beginning and by an ending of English.  What that misses, such as "hoping"
 * for "hope", only goes without its mark.
 */
#include "flows/hits.h"

#include "flows/words.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define WORDS_MAX 64
#define BEFORE    50  /* characters of a snippet before its first hit, at most */
#define LENGTH    180 /* of all of it */

const struct shape hit_part_shape =
	SHAPE(struct hit_part, F_STR(struct hit_part, text), F_BOOL(struct hit_part, hit));

struct scan {
	const struct search_word *words;
	size_t n;
};

/* ---- characters ---- */

/* The next character of valid UTF-8. */
static uint32_t take(struct str *rest)
{
	unsigned char first = (unsigned char)rest->p[0];
	size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? first : first & (0x3fU >> more);

	*rest = (struct str){ rest->p + 1, rest->n - 1 };
	for (; more > 0 && rest->n; more--, *rest = str_skip(*rest, 1))
		c = c << 6 | ((unsigned char)rest->p[0] & 0x3f);
	return c;
}

static uint32_t fold(uint32_t c)
{
	bool latin = c >= 0xc0 && c <= 0xde && c != 0xd7, greek = c >= 0x391 && c <= 0x3a9;

	if ((c >= 'A' && c <= 'Z') || latin || greek || (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if ((c >= 0x100 && c <= 0x12f) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	return c;
}

static bool is_letter(uint32_t c)
{
	if (c < 0x80)
		return c - '0' < 10 || (c | 0x20) - 'a' < 26;
	return c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x206f) &&
	       !(c >= 0x3000 && c <= 0x303f);
}

/* The letters that the text begins with. */
static struct str word_of(struct str text)
{
	struct str rest = text, end = text;

	while (rest.n && is_letter(take(&rest)))
		end = rest;
	return str_first(text, text.n - end.n);
}

/* ---- words ---- */

static bool is_ending(struct str stem, struct str tail)
{
	static const char *const endings[] = { "s",    "es", "ed",  "d",   "e",  "ing",
					       "ings", "y",  "ies", "ied", "ly", NULL };
	static const char *const longer[] = { "er",    "ers",    "or",    "ors",   "ion",  "ions",
					      "ation", "ations", "ment",  "ments", "able", "al",
					      "ally",  "ive",    "ivity", "ity",   "ness", NULL };

	if (tail.n > 1 && tail.p[0] == stem.p[stem.n - 1])
		tail = str_skip(tail, 1); /* "dropped" */
	for (const char *const *at = endings; *at; at++)
		if (str_eq_nocase(tail, str_of(*at)))
			return true;
	for (const char *const *at = longer; stem.n >= 5 && *at; at++)
		if (str_eq_nocase(tail, str_of(*at)))
			return true;
	return false;
}

/* Whether the text begins with the word; *ret is how many bytes of it are that. */
static bool begins_with(struct str text, const struct search_word *word, size_t *ret)
{
	struct str rest = text, stem = word->text, tail;

	while (stem.n) {
		uint32_t wanted = take(&stem), is = rest.n ? fold(take(&rest)) : 0;

		if (is != wanted && !(wanted == 'i' && is == 'y' && stem.n == 0))
			return false;
	}
	tail = word_of(rest);
	*ret = text.n - rest.n + tail.n;
	return tail.n == 0 || word->prefix || is_ending(word->text, tail);
}

/* The next hit in the text from byte *at on; *at goes behind it. */
static bool next_hit(const struct scan *s, struct str text, size_t *at, struct str *ret,
		     uint64_t *which)
{
	bool inside = false;

	for (struct str rest = str_skip(text, *at); rest.n;) {
		struct str here = rest;
		bool letter = is_letter(take(&rest));

		for (size_t word = 0; letter && !inside && word < s->n; word++) {
			size_t n;

			if (!begins_with(here, &s->words[word], &n))
				continue;
			*at = text.n - here.n + n;
			*ret = str_first(here, n);
			*which = (uint64_t)1 << word;
			return true;
		}
		inside = letter;
	}
	return false;
}

/* A bit for each word that stands in the text. */
static uint64_t words_in(const struct scan *s, struct str text)
{
	uint64_t all = 0, one;
	struct str hit;

	for (size_t at = 0; next_hit(s, text, &at, &hit, &one);)
		all |= one;
	return all;
}

/* ---- steps ---- */

struct scored {
	const struct flow_node *node;
	struct str best; /* the text to show: that with most of the words */
	int score;
};

static void consider(const struct scan *s, struct str text, uint64_t *all, int *most,
		     struct str *best)
{
	uint64_t found = words_in(s, text);
	int count = __builtin_popcountll(found);

	*all |= found;
	if (count > *most) {
		*most = count;
		*best = text;
	}
}

/* How many different words the step has, then how many of them in its title. */
static struct scored score(const struct scan *s, const struct flow_node *n)
{
	uint64_t title = words_in(s, n->title), all = title;
	struct str best = n->title;
	int most = 0;

	consider(s, n->body, &all, &most, &best);
	consider(s, n->help, &all, &most, &best);
	for (size_t at = 0; at < n->options.n; at++)
		consider(s, flow_options(n)[at].label, &all, &most, &best);
	return (struct scored){
		n, best, __builtin_popcountll(all) * (WORDS_MAX + 1) + __builtin_popcountll(title)
	};
}

/* Into the best so far, which are in order; of equals the earlier stays ahead. */
static void keep_best(struct scored *kept, size_t *n, size_t most, struct scored one)
{
	size_t at = *n;

	while (at > 0 && kept[at - 1].score < one.score)
		at--;
	if (at == most)
		return;
	*n += *n < most;
	for (size_t place = *n - 1; place > at; place--)
		kept[place] = kept[place - 1];
	kept[at] = one;
}

/* ---- snippets ---- */

/* What Markdown puts around words, and at the beginning of a line. */
static bool is_mark(char c, bool begins)
{
	return c == '*' || c == '`' || c == '|' || (begins && (c == '#' || c == '>' || c == '-'));
}

/* Whether the text begins with the bracket of a link: "[text](address)". */
static bool begins_link(struct str text)
{
	ptrdiff_t end = text.p[0] == '[' ? str_find(text, ']') : -1;

	return end > 0 && str_starts(str_skip(text, (size_t)end), STR("]("));
}

/* In one line and without marks; of a link its text. */
static struct str plain(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n + 1);
	bool blank = true, begins = true;

	for (size_t at = 0; at < text.n; at++) {
		struct str here = str_skip(text, at);
		ptrdiff_t end = str_starts(here, STR("](")) ? str_find(here, ')') : -1;

		if (end > 0) {
			at += (size_t)end;
		} else if ((unsigned char)here.p[0] <= ' ') {
			if (!blank)
				buf_putc(&out, ' ');
			blank = true;
			begins = begins || here.p[0] == '\n';
		} else if (!is_mark(here.p[0], begins) && !begins_link(here)) {
			buf_putc(&out, here.p[0]);
			blank = begins = false;
		}
	}
	return str_trim(buf_str(&out));
}

/* Where to begin so that the first hit has some words before it. */
static size_t window(const struct scan *s, struct str text)
{
	size_t at = 0, from;
	struct str hit;
	uint64_t which;

	if (!next_hit(s, text, &at, &hit, &which) || at < BEFORE + hit.n)
		return 0;
	from = at - hit.n - BEFORE;
	while (from < at - hit.n && text.p[from] != ' ')
		from++;
	/* Where no blank is, it begins with the hit. */
	return from < at - hit.n ? from + 1 : at - hit.n;
}

static struct list snippet(struct arena *a, const struct scan *s, struct str text)
{
	struct str whole = plain(a, text), shown, hit;
	size_t from = window(s, whole), n = 0, done = 0, at = 0;
	struct hit_part *parts;
	uint64_t which;

	shown = flow_cut(str_skip(whole, from), LENGTH);
	parts = ARENA_ARRAY(a, struct hit_part, shown.n + 3);
	if (from)
		parts[n++] = (struct hit_part){ STR("… "), false };
	while (next_hit(s, shown, &at, &hit, &which)) {
		struct str before = str_first(str_skip(shown, done), at - hit.n - done);

		if (before.n)
			parts[n++] = (struct hit_part){ before, false };
		parts[n++] = (struct hit_part){ hit, true };
		done = at;
	}
	if (done < shown.n)
		parts[n++] = (struct hit_part){ str_skip(shown, done), false };
	if (from + shown.n < whole.n)
		parts[n++] = (struct hit_part){ STR(" …"), false };
	return LIST_OF(parts, n);
}

static struct scan scan_of(struct list words)
{
	return (struct scan){ words.items, words.n < WORDS_MAX ? words.n : WORDS_MAX };
}

struct list flow_hit_parts(struct arena *a, struct str text, struct list words)
{
	struct scan s = scan_of(words);

	return snippet(a, &s, text);
}

struct list flow_hits(struct arena *a, const struct flow_graph *g, struct list words, size_t most)
{
	struct scan s = scan_of(words);
	struct scored *kept = ARENA_ARRAY(a, struct scored, most);
	struct flow_hit *hits = ARENA_ARRAY(a, struct flow_hit, most);
	size_t n = 0;

	for (size_t at = 0; at < g->nodes.n; at++) {
		struct scored one = score(&s, &flow_nodes(g)[at]);

		if (one.score)
			keep_best(kept, &n, most, one);
	}
	for (size_t at = 0; at < n; at++)
		hits[at] = (struct flow_hit){ kept[at].node->id, kept[at].node->title,
					      snippet(a, &s, kept[at].best) };
	return LIST_OF(hits, n);
}

struct str flow_hit_text(struct arena *a, struct list parts)
{
	const struct hit_part *part = parts.items;
	struct buf out = buf_new(a, (size_t)1 << 16);

	for (size_t at = 0; at < parts.n; at++) {
		buf_put(&out, part[at].hit ? STR("«") : STR(""));
		buf_put(&out, part[at].text);
		buf_put(&out, part[at].hit ? STR("»") : STR(""));
	}
	return buf_str(&out);
}
