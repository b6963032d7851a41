/* The shadow of a text; see shadow.h. */
#include "kit/redact/shadow.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/redact/fold.h"

static bool plain(unsigned char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
}

static bool all_plain(struct str text)
{
	for (size_t at = 0; at < text.n; at++) {
		if (!plain((unsigned char)text.p[at]))
			return false;
	}
	return true;
}

/* The character at the start of s; 0 bytes long where s is no UTF-8 there. */
static size_t decode(struct str s, uint32_t *ret)
{
	unsigned char lead = (unsigned char)s.p[0];
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
	uint32_t c = n ? lead & (0xffu >> (n + 1)) : 0;

	if (!n || n > s.n)
		return 0;
	for (size_t at = 1; at < n; at++) {
		unsigned char next = (unsigned char)s.p[at];

		if (next >> 6 != 2)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	*ret = c;
	return n;
}

struct writer {
	char *p;
	uint32_t *at;
	size_t n;
};

static void put(struct writer *w, char c, size_t place)
{
	w->at[w->n] = (uint32_t)place;
	w->p[w->n++] = c;
}

/* One character at `at` of the text; returns how many bytes it has there. */
static size_t copy_one(struct writer *w, struct str text, size_t at)
{
	unsigned char c = (unsigned char)text.p[at];
	const char *look;
	uint32_t code;
	size_t n;

	if (c < 0x80) {
		if (plain(c))
			put(w, (char)c, at);
		else if (c == '\v' || c == '\f')
			put(w, ' ', at);
		return 1;
	}
	n = decode(str_skip(text, at), &code);
	look = n ? fold_look(code) : NULL;
	if (look && *look)
		put(w, *look, at);
	for (size_t byte = 0; !look && byte < (n ? n : 1); byte++)
		put(w, text.p[at + byte], at + byte);
	return n ? n : 1;
}

struct shadow shadow_of(struct arena *a, struct str text)
{
	struct writer w;

	if (all_plain(text))
		return (struct shadow){ text, text.n ? text.p : "", text.n, NULL };
	w = (struct writer){ arena_alloc(a, text.n + 1, 1), ARENA_ARRAY(a, uint32_t, text.n + 1),
			     0 };
	for (size_t at = 0; at < text.n;)
		at += copy_one(&w, text, at);
	w.at[w.n] = (uint32_t)text.n;
	return (struct shadow){ text, w.p, w.n, w.at };
}

size_t shadow_place(const struct shadow *s, size_t at)
{
	return s->at ? s->at[at] : at;
}
