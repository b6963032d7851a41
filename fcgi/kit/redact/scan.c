/* The walk over a shadow, and what its detectors share. */
#include "kit/redact/scan.h"

#include <string.h>

#include "kit/base/arena.h"

void spans_add(struct arena *a, struct spans *all, struct span one)
{
	if (one.to <= one.from)
		return;
	if (all->n == all->cap) {
		size_t cap = all->cap ? all->cap * 2 : 16;
		struct span *items = ARENA_ARRAY(a, struct span, cap);

		if (all->n)
			memcpy(items, all->items, all->n * sizeof(one));
		all->items = items;
		all->cap = cap;
	}
	all->items[all->n++] = one;
}

bool is_one_of(char c, const char *set)
{
	while (*set && *set != c)
		set++;
	return *set;
}

bool scan_starts(const struct scan *s, size_t at)
{
	return at == 0 || !(is_letter(s->p[at - 1]) || is_digit(s->p[at - 1]));
}

size_t scan_blanks(const struct scan *s, size_t at)
{
	while (is_blank(scan_at(s, at)))
		at++;
	return at;
}

#define MARKS_MAX 12

size_t scan_gap(const struct scan *s, size_t at)
{
	size_t past = at;

	while (past < at + MARKS_MAX && is_blank(scan_at(s, past)))
		past++;
	if (scan_at(s, past) != '\n')
		return past - at <= 2 ? past : at;
	past++;
	for (size_t marks = 0; marks < MARKS_MAX && is_one_of(scan_at(s, past), " \t>|"); marks++)
		past++;
	return is_space(scan_at(s, past)) ? at : past;
}

size_t scan_word(const struct scan *s, size_t at, const char *word)
{
	for (; *word; word++) {
		if (*word == ' ')
			at += is_one_of(scan_at(s, at), " _-.");
		else if (to_lower(scan_at(s, at)) == *word)
			at++;
		else
			return 0;
	}
	return at;
}

size_t scan_line_end(const struct scan *s, size_t at)
{
	const char *end = at < s->n ? memchr(s->p + at, '\n', s->n - at) : NULL;

	return end ? (size_t)(end - s->p) : s->n;
}

size_t scan_run_end(const struct scan *s, size_t at, size_t most)
{
	size_t end = at;

	while (end < s->n && end - at < most && !is_space(s->p[end]))
		end++;
	return end;
}

struct str scan_text(const struct scan *s, size_t from, size_t to)
{
	return (struct str){ s->p + from, to - from };
}

bool scan_announced(const struct scan *s, size_t at, size_t within, const char *words)
{
	char room[40];
	size_t from = at > within ? at - within : 0, n = 0;

	while (from < at && n < sizeof(room) - 1) {
		char c = to_lower(s->p[from++]);

		n = c == '\n' ? 0 : n;
		room[n++] = c;
	}
	room[n] = '\0';
	while (*words) {
		size_t length = strcspn(words, " ");
		const char *hit = memmem(room, n, words, length);

		if (hit && (hit == room || !is_alpha(hit[-1])))
			return true;
		words += length + (words[length] == ' ');
	}
	return false;
}

/* ---- which words may begin here ---- */

static size_t letter(char c)
{
	return is_alpha(c) ? (size_t)(to_lower(c) - 'a') : 26;
}

/* Of our words that begin with a letter, a bit for each second one.  The same for every text. */
static uint32_t second[27];

static void know_words(const char *(*word_at)(size_t))
{
	const char *word;

	for (size_t at = 0; (word = word_at(at)); at++)
		second[letter(word[0])] |= 1u << letter(word[1]);
}

static void know_all(void)
{
	static bool known;

	if (known)
		return;
	know_words(block_word);
	know_words(label_word);
	know_words(command_word);
	know_words(token_word);
	known = true;
}

/* Few words of a text begin like one of ours.  A gap may part the first two letters of a token. */
static bool may_be_word(const struct scan *s, size_t at)
{
	size_t next = letter(scan_at(s, at + 1));

	return next == 26 || second[letter(s->p[at])] >> next & 1;
}

/* ---- the walk ---- */

/* A run of letters and digits begins: first those that know most of what they find. */
static size_t run_begins(struct scan *s, size_t at)
{
	static size_t (*const of_words[])(struct scan *, size_t) = { block_detect, command_detect,
								     label_detect, token_detect,
								     NULL };
	static size_t (*const of_runs[])(struct scan *, size_t) = { licence_detect, azure_detect,
								    address_detect, number_detect,
								    blob_detect,    NULL };
	size_t past = 0;

	for (size_t row = 0; !past && may_be_word(s, at) && of_words[row]; row++)
		past = of_words[row](s, at);
	for (size_t row = 0; !past && of_runs[row]; row++)
		past = of_runs[row](s, at);
	return past;
}

/* "password" may begin anywhere in a word, as in userpassword; other labels where one begins, as in
 * ClientSecret. */
static bool label_begins(const struct scan *s, size_t at)
{
	return (to_lower(s->p[at]) == 'p' && is_one_of(scan_at(s, at + 1), "aAwW")) ||
	       (is_upper(s->p[at]) && is_lower(s->p[at - 1]));
}

static size_t one_place(struct scan *s, size_t at)
{
	switch (s->p[at]) {
	case '@':
		return address_at_sign(s, at);
	case '/':
	case '\\':
		return address_authority(s, at);
	case ':':
		return address_detect(s, at);
	case '+':
	case '(':
		return number_detect(s, at);
	default:
		break;
	}
	if (!is_alnum(s->p[at]))
		return 0;
	if (scan_starts(s, at))
		return run_begins(s, at);
	return label_begins(s, at) ? label_detect(s, at) : 0;
}

void scan_all(struct arena *a, struct str text, bool inner, struct spans *found)
{
	struct scan s = { .arena = a, .p = text.p, .n = text.n, .found = found, .inner = inner };

	know_all();
	for (size_t at = 0; at < s.n;) {
		size_t past = one_place(&s, at);

		at = past > at ? past : at + 1;
	}
}
