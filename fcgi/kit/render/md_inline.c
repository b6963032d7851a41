/*
 * What is within a paragraph: emphasis, code, links.  The text is cut into pieces, a doubly linked
 * list; runs of * _ ~ that may be emphasis are also linked among themselves and paired at the end
 * of a link's text and of the whole, as CommonMark describes.  Every search that may fail is
 * remembered or bounded, so that no text takes more than a little over linear time.
 */
#include "kit/render/md.h"

#include <string.h>

#include "kit/base/arena.h"

#define SEARCHES 18 /* three characters, whether it opens too, its length modulo 3 */

enum piece_kind {
	PIECE_TEXT,
	PIECE_ENTITY,
	PIECE_OPEN, /* our own tags, written as they are */
	PIECE_CLOSE,
	PIECE_CODE,
	PIECE_BREAK,
	PIECE_RUN,     /* `left` characters c that are not (yet) emphasis */
	PIECE_BRACKET, /* "[" or "![" that is not (yet) a link */
	PIECE_LINK,
	PIECE_LINK_END,
};

struct piece {
	enum piece_kind kind;
	char c;
	bool opens, closes;        /* of a run */
	bool image, dead;          /* of a bracket; dead: no link may begin here any more */
	size_t pos;                /* of a run: where it stands, from 1 */
	size_t count, left;        /* of a run: as it was written, and what is not used yet */
	struct str text;           /* of a link its address */
	struct piece *prev, *next; /* in the text */
	struct piece *before,
		*after; /* among the runs; of a bracket: the bracket, and the run, before it */
};

struct inliner {
	struct md *m;
	struct str text;
	size_t at, plain; /* where reading goes on, and from where all was plain text */
	struct piece head, *last;
	struct piece runs, *last_run; /* `runs` stands before the first one */
	struct piece *bracket;        /* the innermost open one */
};

/* ---- pieces ---- */

static struct piece *insert(struct inliner *l, struct piece *before, enum piece_kind kind,
			    struct str text)
{
	struct piece *p = ARENA_NEW(l->m->arena, struct piece);

	*p = (struct piece){ .kind = kind, .text = text, .prev = before, .next = before->next };
	before->next = p;
	if (p->next)
		p->next->prev = p;
	else
		l->last = p;
	return p;
}

static void take_plain(struct inliner *l)
{
	if (l->at > l->plain)
		insert(l, l->last, PIECE_TEXT, str_skip(str_first(l->text, l->at), l->plain));
}

/* What follows the plain text is a piece of `length` bytes. */
static struct piece *take(struct inliner *l, enum piece_kind kind, struct str text, size_t length)
{
	take_plain(l);
	l->at += length;
	l->plain = l->at;
	return insert(l, l->last, kind, text);
}

/* ---- emphasis ---- */

static void drop_run(struct inliner *l, struct piece *run)
{
	run->before->after = run->after;
	if (run->after)
		run->after->before = run->before;
	else
		l->last_run = run->before;
}

static struct str tag_of(char c, size_t n, bool open)
{
	if (c == '~')
		return open ? STR("<del>") : STR("</del>");
	if (n == 2)
		return open ? STR("<strong>") : STR("</strong>");
	return open ? STR("<em>") : STR("</em>");
}

static bool pairs(const struct piece *opener, const struct piece *closer)
{
	if (opener->c != closer->c || !opener->opens)
		return false;
	if (closer->c == '~')
		return opener->count == closer->count;
	return !((opener->closes || closer->opens) && (opener->count + closer->count) % 3 == 0 &&
		 (opener->count % 3 || closer->count % 3));
}

/* Makes the tags, and returns the closer that goes on. */
static struct piece *pair(struct inliner *l, struct piece *opener, struct piece *closer)
{
	size_t n = opener->left >= 2 && closer->left >= 2 ? 2 : 1;
	struct piece *next = closer;

	if (closer->c == '~')
		n = closer->left;
	insert(l, opener, PIECE_OPEN, tag_of(closer->c, n, true));
	insert(l, closer->prev, PIECE_CLOSE, tag_of(closer->c, n, false));
	opener->after = closer;
	closer->before = opener;
	opener->left -= n;
	closer->left -= n;
	if (opener->left == 0)
		drop_run(l, opener);
	if (closer->left == 0) {
		next = closer->after;
		drop_run(l, closer);
	}
	return next;
}

/* Closers of which one finds an opener where the other does. */
static size_t search_of(const struct piece *closer)
{
	size_t c = closer->c == '*' ? 0 : closer->c == '_' ? 1 : 2;

	return c * 6 + (closer->opens ? 3 : 0) + closer->count % 3;
}

/* Pairs the runs after `bottom`, and forgets them. */
static void pair_runs(struct inliner *l, struct piece *bottom)
{
	size_t ends[SEARCHES]; /* there is no opener up to here */
	struct piece *closer = bottom->after;

	for (size_t at = 0; at < SEARCHES; at++)
		ends[at] = bottom->pos;
	while (closer) {
		size_t *end = &ends[search_of(closer)];
		struct piece *opener = closer->before, *next = closer->after;

		while (closer->closes && opener->pos > *end && !pairs(opener, closer))
			opener = opener->before;
		if (closer->closes && opener->pos > *end) {
			next = pair(l, opener, closer);
		} else if (closer->closes) {
			*end = closer->before->pos;
			if (!closer->opens)
				drop_run(l, closer);
		}
		closer = next;
	}
	bottom->after = NULL;
	l->last_run = bottom;
}

static bool is_space_at(struct str s, size_t at)
{
	return at >= s.n || strchr(" \t\n", s.p[at]) || s.p[at] == '\0';
}

static bool is_punctuation_at(struct str s, size_t at)
{
	return at < s.n && md_is_punctuation(s.p[at]);
}

static void take_run(struct inliner *l)
{
	struct str s = l->text;
	size_t n = 1, from = l->at;
	bool space_before = from == 0 || is_space_at(s, from - 1), space_after, mark_before,
	     mark_after;
	struct piece *run;
	bool left, right;

	while (from + n < s.n && s.p[from + n] == s.p[from])
		n++;
	space_after = is_space_at(s, from + n);
	mark_before = from > 0 && is_punctuation_at(s, from - 1);
	mark_after = is_punctuation_at(s, from + n);
	left = !space_after && (!mark_after || space_before || mark_before);
	right = !space_before && (!mark_before || space_after || mark_after);
	run = take(l, PIECE_RUN, STR_NONE, n);
	run->c = s.p[from];
	run->pos = from + 1;
	run->count = run->left = n;
	run->opens = left && (run->c != '_' || !right || mark_before);
	run->closes = right && (run->c != '_' || !left || mark_after);
	if ((!run->opens && !run->closes) || (run->c == '~' && n > 2))
		return;
	run->before = l->last_run;
	l->last_run->after = run;
	l->last_run = run;
}

/* ---- code, entities, breaks ---- */

static bool is_gap(char c)
{
	return c == ' ' || c == '\n';
}

static size_t ticks_at(struct str s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && s.p[at + n] == '`')
		n++;
	return n;
}

/* A search for the closing run fails at most once for each length, so there is no need to remember.
 */
static void take_code(struct inliner *l)
{
	size_t n = ticks_at(l->text, l->at), from = l->at + n, at = from, run;
	struct str code;

	while (at < l->text.n) {
		run = ticks_at(l->text, at);
		if (run == n)
			break;
		at += run ? run : 1;
	}
	if (at >= l->text.n) {
		l->at = from;
		return;
	}
	code = str_skip(str_first(l->text, at), from);
	if (code.n > 2 && is_gap(code.p[0]) && is_gap(code.p[code.n - 1]) && str_trim(code).n)
		code = str_skip(str_first(code, code.n - 1), 1);
	take(l, PIECE_CODE, code, at + n - l->at);
}

static void take_entity(struct inliner *l)
{
	struct str rest = str_skip(l->text, l->at);
	size_t n = md_entity(rest);

	if (n)
		take(l, PIECE_ENTITY, str_first(rest, n), n);
	else
		l->at++;
}

static void take_escape(struct inliner *l)
{
	char c = l->at + 1 < l->text.n ? l->text.p[l->at + 1] : '\0';

	if (c == '\n') {
		take(l, PIECE_BREAK, STR("<br>\n"), 2);
	} else if (md_is_punctuation(c)) {
		take_plain(l);
		l->plain = l->at + 1;
		l->at += 2;
	} else {
		l->at++;
	}
}

/* A line end; two blanks before it make a break. */
static void take_line_end(struct inliner *l)
{
	size_t end = l->at, blanks = 0;

	while (end > l->plain && l->text.p[end - 1] == ' ') {
		end--;
		blanks++;
	}
	l->at = end;
	take(l, PIECE_BREAK, blanks >= 2 ? STR("<br>\n") : STR("\n"), blanks + 1);
}

/* ---- links ---- */

static void take_angle(struct inliner *l)
{
	struct str address = md_angle_address(str_skip(l->text, l->at));
	bool mail = str_find(address, ':') < 0;

	if (!address.p) {
		l->at++;
		return;
	}
	take(l, PIECE_LINK,
	     mail ? str_fmt(l->m->arena, "mailto:%.*s", STR_ARG(address))
		  : str_dup(l->m->arena, address),
	     0);
	take(l, PIECE_TEXT, address, address.n + 2);
	insert(l, l->last, PIECE_LINK_END, STR_NONE);
}

static void take_bracket(struct inliner *l, bool image)
{
	struct piece *p = take(l, PIECE_BRACKET, image ? STR("![") : STR("["), image ? 2 : 1);

	p->image = image;
	p->before = l->bracket;
	p->after = l->last_run;
	l->bracket = p;
}

static void close_bracket(struct inliner *l)
{
	struct piece *open = l->bracket;
	struct str address = STR_NONE;
	size_t n = 0;

	if (open && !open->dead)
		n = md_link_target(str_skip(l->text, l->at + 1), &address);
	if (open)
		l->bracket = open->before;
	if (!n) {
		l->at++;
		return;
	}
	take(l, PIECE_LINK_END, STR_NONE, n + 1);
	pair_runs(l, open->after);
	open->kind = PIECE_LINK;
	open->text = md_address(l->m, address);
	/* There are no links within links; once all around are dead, so are those further out. */
	for (struct piece *at = l->bracket; at && !open->image && !at->dead; at = at->before)
		at->dead = !at->image;
}

/* ---- the whole ---- */

static void take_next(struct inliner *l)
{
	char c = l->text.p[l->at];
	bool bang = c == '!' && l->at + 1 < l->text.n && l->text.p[l->at + 1] == '[';

	if (c == '*' || c == '_' || c == '~')
		take_run(l);
	else if (c == '`')
		take_code(l);
	else if (c == '&')
		take_entity(l);
	else if (c == '\\')
		take_escape(l);
	else if (c == '\n')
		take_line_end(l);
	else if (c == '<')
		take_angle(l);
	else if (c == '[' || bang)
		take_bracket(l, bang);
	else if (c == ']')
		close_bracket(l);
	else
		l->at++;
}

static void put_code(struct md *m, struct str code)
{
	struct str rest = code;

	md_open(m, STR("<code>"));
	while (rest.p) {
		md_put_text(m, str_cut(&rest, '\n'));
		if (rest.p)
			buf_putc(&m->out, ' ');
	}
	md_close(m, STR("</code>"));
}

static void put_piece(struct md *m, const struct piece *p)
{
	switch (p->kind) {
	case PIECE_TEXT:
	case PIECE_BRACKET:
		md_put_text(m, p->text);
		return;
	case PIECE_ENTITY:
		md_put_entity(m, p->text);
		return;
	case PIECE_OPEN:
		md_open(m, p->text);
		return;
	case PIECE_CLOSE:
		md_close(m, p->text);
		return;
	case PIECE_BREAK:
		buf_put(&m->out, p->text);
		return;
	case PIECE_CODE:
		put_code(m, p->text);
		return;
	case PIECE_RUN:
		for (size_t at = 0; at < p->left; at++)
			buf_putc(&m->out, p->c);
		return;
	case PIECE_LINK:
		md_open_link(m, p->text);
		return;
	case PIECE_LINK_END:
		md_close_link(m);
		return;
	}
}

void md_inline(struct md *m, struct str text)
{
	struct inliner l = { .m = m, .text = text };

	l.last = &l.head;
	l.last_run = &l.runs;
	while (l.at < text.n)
		take_next(&l);
	take_plain(&l);
	pair_runs(&l, &l.runs);
	for (const struct piece *p = l.head.next; p && !m->out.full; p = p->next)
		put_piece(m, p);
}
