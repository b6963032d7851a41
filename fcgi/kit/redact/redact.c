/* From a text to what may leave; see redact.h. */
#include "kit/redact/redact.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/redact/pattern.h"
#include "kit/redact/scan.h"
#include "kit/redact/shadow.h"

#define PATTERNS_TIME (CLOCK_SECOND / 2) /* that all patterns may take, in all texts together */
#define MARK_MAX      64                 /* bytes of a mark, at most */
#define KIND_MAX      40                 /* of what a pattern shows */

const struct names redact_kinds =
	NAMES("password", "secret", "token", "private_key", "bitlocker", "licence", "snmp", "unc",
	      "email", "ip", "mac", "phone", "card", "custom", "line");

struct redact_rules {
	struct redact_wish wish;
	struct pattern *patterns;
	int64_t *left; /* of PATTERNS_TIME */
};

const struct redact_rules *redact_rules_new(struct arena *a, const struct redact_wish *wish)
{
	struct redact_rules *rules = ARENA_NEW(a, struct redact_rules);

	rules->wish = *wish;
	rules->patterns = ARENA_ARRAY(a, struct pattern, wish->npatterns);
	rules->left = ARENA_NEW(a, int64_t);
	*rules->left = PATTERNS_TIME;
	for (size_t at = 0; at < wish->npatterns; at++) {
		rules->patterns[at].kind = str_first(wish->patterns[at].kind, KIND_MAX);
		(void)!pattern_compile(a, wish->patterns[at].pattern, &rules->patterns[at]);
	}
	return rules;
}

const struct err *redact_check(struct arena *a, struct str pattern)
{
	struct pattern compiled;

	return pattern_compile(a, pattern, &compiled);
}

/* ---- ids ---- */

/* FNV-1a: short, the same on every machine; it need not keep a secret, for who sees it sees the
 * text. */
static uint64_t hash_more(uint64_t hash, struct str s)
{
	for (size_t at = 0; at < s.n; at++)
		hash = (hash ^ (unsigned char)s.p[at]) * 1099511628211u;
	return hash;
}

static struct str id_of(struct arena *a, enum redact_kind kind, struct str text)
{
	uint64_t hash = hash_more(14695981039346656037u, names_text(&redact_kinds, (int)kind));

	hash = hash_more(hash_more(hash, STR(":")), text);
	return str_fmt(a, "%016" PRIx64, hash);
}

static bool in_list(const struct str *list, size_t n, struct str id)
{
	for (size_t at = 0; at < n; at++) {
		if (str_eq(list[at], id))
			return true;
	}
	return false;
}

/* ---- what was found ---- */

/* A piece of the text that is to go, or was kept. */
struct cut {
	size_t from, to;
	struct str shown;
	bool kept;
};

struct cuts {
	struct cut *items;
	size_t n;
};

static int by_place(const void *a, const void *b)
{
	const struct span *one = a, *two = b;

	if (one->from != two->from)
		return one->from < two->from ? -1 : 1;
	return one->to > two->to ? -1 : one->to < two->to;
}

/* Of spans that overlap one remains, of the kind that began first. */
static void merge(struct spans *all)
{
	size_t n = 0;

	if (all->n)
		qsort(all->items, all->n, sizeof(all->items[0]), by_place);
	for (size_t at = 0; at < all->n; at++) {
		struct span *next = &all->items[at];

		if (n && next->from < all->items[n - 1].to) {
			if (next->to > all->items[n - 1].to)
				all->items[n - 1].to = next->to;
		} else {
			all->items[n++] = *next;
		}
	}
	all->n = n;
}

/* The same length, with '?' for bytes that are no UTF-8: PCRE2 reads nothing else. */
static struct str readable(struct arena *a, struct str text)
{
	char *p;

	if (str_is_utf8(text))
		return text;
	p = arena_alloc(a, text.n, 1);
	for (size_t at = 0; at < text.n; at++)
		p[at] = (unsigned char)text.p[at] < 0x80 ? text.p[at] : '?';
	return (struct str){ p, text.n };
}

static void to_places(const struct shadow *s, struct spans *found, size_t first)
{
	for (size_t at = first; at < found->n; at++) {
		found->items[at].from = shadow_place(s, found->items[at].from);
		found->items[at].to = shadow_place(s, found->items[at].to);
	}
}

/* A pattern may mean the text or how it looks, so it reads both. */
static bool find_custom(struct arena *a, const struct redact_rules *rules, const struct shadow *s,
			struct spans *found)
{
	struct pattern_run run = { .arena = a, .found = found, .left = *rules->left };

	for (size_t at = 0; at < rules->wish.npatterns; at++) {
		size_t first = found->n;

		pattern_find(&run, &rules->patterns[at], (struct str){ s->p, s->n });
		to_places(s, found, first);
		if (s->at)
			pattern_find(&run, &rules->patterns[at], s->text);
	}
	*rules->left = run.left;
	return run.gave_up;
}

/* ---- hits ---- */

static size_t *slot_of(struct hits *hits, struct str id)
{
	size_t at = (size_t)hash_more(0, id) & (hits->cap * 2 - 1);

	while (hits->slots[at] && !str_eq(hits->items[hits->slots[at] - 1].id, id))
		at = (at + 1) & (hits->cap * 2 - 1);
	return &hits->slots[at];
}

static void hits_grow(struct arena *a, struct hits *hits)
{
	size_t cap = hits->cap ? hits->cap * 2 : 16;
	struct hit *items = ARENA_ARRAY(a, struct hit, cap);

	if (hits->n)
		memcpy(items, hits->items, hits->n * sizeof(items[0]));
	hits->items = items;
	hits->slots = ARENA_ARRAY(a, size_t, cap * 2);
	hits->cap = cap;
	for (size_t at = 0; at < hits->n; at++)
		*slot_of(hits, hits->items[at].id) = at + 1;
}

static void hits_add(struct arena *a, struct hits *hits, struct hit hit)
{
	size_t *slot;

	if (hits->n == hits->cap)
		hits_grow(a, hits);
	slot = slot_of(hits, hit.id);
	if (!*slot) {
		hits->items[hits->n++] = hit;
		*slot = hits->n;
	}
	hits->items[*slot - 1].count++;
}

/* ---- the text as it may leave ---- */

struct work {
	struct arena *arena;
	const struct redact_rules *rules;
	struct str text;
	struct cuts cuts;
	struct hits *hits; /* or NULL */
};

static void judge(struct work *w, const struct spans *found)
{
	const struct redact_wish *wish = &w->rules->wish;

	w->cuts.items = ARENA_ARRAY(w->arena, struct cut, found->n);
	for (size_t at = 0; at < found->n; at++) {
		struct span s = found->items[at];
		struct hit hit = { .kind = s.kind,
				   .shown = s.shown.n ? s.shown
						      : names_text(&redact_kinds, (int)s.kind),
				   .text = { w->text.p + s.from, s.to - s.from } };

		if (wish->nkeep || w->hits)
			hit.id = id_of(w->arena, hit.kind, hit.text);
		hit.kept = in_list(wish->keep, wish->nkeep, hit.id);
		w->cuts.items[w->cuts.n++] = (struct cut){ s.from, s.to, hit.shown, hit.kept };
		if (w->hits)
			hits_add(w->arena, w->hits, hit);
	}
}

static struct work work_on(struct arena *a, const struct redact_rules *rules, struct str text,
			   struct hits *hits)
{
	struct work w = { .arena = a, .rules = rules, .text = text, .hits = hits };
	struct spans found = { 0 };
	struct shadow s = shadow_of(a, readable(a, text));
	bool gave_up;

	scan_all(a, (struct str){ s.p, s.n }, false, &found);
	to_places(&s, &found, 0);
	gave_up = find_custom(a, rules, &s, &found);
	if (hits)
		hits->gave_up |= gave_up;
	merge(&found);
	judge(&w, &found);
	return w;
}

static void put_mark(struct buf *out, struct str shown)
{
	buf_put(out, STR("[REDACTED:"));
	buf_put(out, shown);
	buf_putc(out, ']');
}

/* The text from `from` to `to`, in which the cuts from *next on begin; all of them are made, or
 * those that nobody keeps. */
static struct str written(const struct work *w, size_t from, size_t to, size_t *next, bool all)
{
	struct buf out = buf_new(w->arena, (to - from) * MARK_MAX + 1);

	for (; *next < w->cuts.n && w->cuts.items[*next].from < to; ++*next) {
		const struct cut *c = &w->cuts.items[*next];

		if (c->kept && !all)
			continue;
		buf_put(&out, (struct str){ w->text.p + from, c->from - from });
		put_mark(&out, c->shown);
		from = c->to;
	}
	buf_put(&out, (struct str){ w->text.p + from, to - from });
	return buf_str(&out);
}

/* Where the line that begins at `from` ends; a line break within a cut ends none. */
static size_t line_end(const struct work *w, size_t from, size_t next)
{
	for (size_t end = from; end < w->text.n; end++) {
		while (next < w->cuts.n && w->cuts.items[next].to <= end)
			next++;
		if (w->text.p[end] == '\n' && (next == w->cuts.n || end < w->cuts.items[next].from))
			return end;
	}
	return w->text.n;
}

static size_t lines_of(const struct work *w, struct redact_line **ret)
{
	const struct redact_wish *wish = &w->rules->wish;
	size_t n = 0, most = 1, next = 0;

	for (size_t at = 0; at < w->text.n; at++)
		most += w->text.p[at] == '\n';
	*ret = ARENA_ARRAY(w->arena, struct redact_line, most);
	for (size_t from = 0, end; from <= w->text.n; from = end + 1) {
		struct redact_line *line = &(*ret)[n++];
		size_t first = next;
		struct str all;

		end = line_end(w, from, next);
		all = written(w, from, end, &next, true);
		line->id = id_of(w->arena, REDACT_LINE, str_trim(all));
		line->dropped = in_list(wish->drop, wish->ndrop, line->id);
		line->text = line->dropped ? STR("[REDACTED:line]")
					   : written(w, from, end, &first, false);
	}
	return n;
}

size_t redact_lines(struct arena *a, const struct redact_rules *rules, struct str text,
		    struct hits *hits, struct redact_line **ret)
{
	struct work w = work_on(a, rules, text, hits);

	return lines_of(&w, ret);
}

struct str redact(struct arena *a, const struct redact_rules *rules, struct str text,
		  struct hits *hits)
{
	struct work w = work_on(a, rules, text, hits);
	struct redact_line *lines;
	struct buf out;
	size_t n, next = 0;

	if (!rules->wish.ndrop)
		return w.cuts.n ? written(&w, 0, text.n, &next, false) : text;
	n = lines_of(&w, &lines);
	out = buf_new(a, text.n * MARK_MAX + 64);
	for (size_t at = 0; at < n; at++) {
		if (at)
			buf_putc(&out, '\n');
		buf_put(&out, lines[at].text);
	}
	return buf_str(&out);
}
