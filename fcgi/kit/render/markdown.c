/*
 * Markdown to HTML that is safe to print raw.  What is written is ours alone: a fixed set of tags,
 * every text escaped, and a link only where its address can't run anything.  Here are the blocks
 * that hold others: the markers of a quote or an item are cut off its lines in place, before these
 * are read again.
 */
#include "kit/render/markdown.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/cache.h"
#include "kit/render/md.h"

#define HTML_MAX    (16 * MARKDOWN_MAX) /* a few bytes can stand for a whole row of empty cells */
#define NESTING_MAX 16

static void blocks(struct md *m, struct md_range r);

/* Follows the lines of a container, to tell where a paragraph may go on without a marker. */
struct follow {
	size_t fence;
	char fence_char;
	bool paragraph;
};

/* Whether the text of a line, behind the markers that it begins with, is that of a paragraph. */
static bool ends_in_paragraph(struct str line, bool in_paragraph)
{
	struct md_marker m;

	for (int nesting = 0; nesting < NESTING_MAX; nesting++) {
		if (md_is_quote(line))
			line = str_skip(md_without_indent(line, 3), 2);
		else if (md_is_item(line, &m))
			line = str_skip(line, m.width);
		else
			break;
		in_paragraph = false;
	}
	return !md_is_blank(line) && !md_heading(line) && !md_is_rule(line) && !md_fence(line) &&
	       (in_paragraph || md_indent(line) < 4);
}

static void follow(struct follow *f, struct str line)
{
	struct str s = md_without_indent(line, 3);
	size_t n = md_fence(line);

	if (f->fence) {
		if (md_count(s, f->fence_char) >= f->fence &&
		    md_is_blank(str_skip(s, md_count(s, f->fence_char))))
			f->fence = 0;
		return;
	}
	if (n) {
		f->fence = n;
		f->fence_char = s.p[0];
	}
	f->paragraph = ends_in_paragraph(line, f->paragraph);
}

static bool goes_on(const struct follow *f, struct str line)
{
	struct md_marker m;

	return f->paragraph && !f->fence && !md_is_blank(line) && !md_begins_block(line) &&
	       !md_is_item(line, &m);
}

static void take_quote(struct md *m, struct md_range *r)
{
	struct md_range inner = *r;
	struct follow f = { .paragraph = false };

	for (; r->at < r->end; r->at++) {
		struct str *line = &r->lines[r->at];

		if (md_is_quote(*line)) {
			*line = str_skip(md_without_indent(*line, 3), 1);
			*line = str_skip(*line,
					 line->n && (line->p[0] == ' ' || line->p[0] == '\t'));
		} else if (!goes_on(&f, *line)) {
			break;
		}
		follow(&f, *line);
	}
	inner.end = r->at;
	inner.tight = false;
	inner.nesting++;
	md_open(m, STR("<blockquote>\n"));
	blocks(m, inner);
	md_close(m, STR("</blockquote>\n"));
}

/* Cuts the markers off one item and returns its lines; *loose where a blank line parts its blocks.
 */
static struct md_range take_item(struct md_range *r, size_t width, bool *loose)
{
	struct md_range item = *r;
	struct follow f = { .paragraph = false };
	bool blank = false;

	r->lines[r->at] = str_skip(r->lines[r->at], width);
	follow(&f, r->lines[r->at++]);
	item.end = r->at;
	for (; r->at < r->end; r->at++) {
		struct str *line = &r->lines[r->at];

		if (md_is_blank(*line)) {
			follow(&f, *line);
			blank = true;
			/* An item can begin with at most one blank line. */
			if (item.end == item.at + 1 && md_is_blank(r->lines[item.at]))
				break;
			continue;
		}
		if (md_indent(*line) >= width)
			*line = str_skip(*line, width);
		else if (blank || !goes_on(&f, *line))
			break;
		*loose |= blank && !f.fence && md_indent(*line) < 2;
		blank = false;
		follow(&f, *line);
		item.end = r->at + 1;
	}
	r->at = item.end;
	return item;
}

static void put_item(struct md *m, struct md_range item, bool tight)
{
	struct str *first = &item.lines[item.at];
	bool done = str_starts(*first, STR("[x] ")) || str_starts(*first, STR("[X] "));

	if (done || str_starts(*first, STR("[ ] "))) {
		*first = str_skip(*first, 4);
		md_open(m, STR("<li class=\"task\"><input type=\"checkbox\""));
		buf_put(&m->out, done ? STR(" checked disabled aria-label=\"Done\"> ")
				      : STR(" disabled aria-label=\"Not done\"> "));
	} else {
		md_open(m, STR("<li>"));
	}
	item.tight = tight;
	item.nesting++;
	blocks(m, item);
	md_close(m, STR("</li>\n"));
}

static bool next_item(const struct md_range *r, const struct md_marker *list, struct md_marker *ret,
		      bool *loose)
{
	size_t at = r->at;

	while (at < r->end && md_is_blank(r->lines[at]))
		at++;
	if (at == r->end || !md_is_item(r->lines[at], ret) || ret->kind != list->kind)
		return false;
	*loose |= at > r->at;
	return true;
}

struct item {
	struct item *next;
	struct md_range lines;
};

/* Whether a list is loose is known at its end: its items are kept until then. */
static void take_list(struct md *m, struct md_range *r, const struct md_marker *list)
{
	bool ordered = list->kind == '.' || list->kind == ')', loose = false;
	struct md_marker next = *list;
	struct item *first = NULL, **last = &first;

	do {
		while (md_is_blank(r->lines[r->at]))
			r->at++;
		*last = ARENA_NEW(m->arena, struct item);
		(*last)->lines = take_item(r, next.width, &loose);
		last = &(*last)->next;
	} while (next_item(r, list, &next, &loose));
	md_open(m, ordered ? STR("<ol") : STR("<ul"));
	if (ordered && list->start != 1)
		buf_printf(&m->out, " start=\"%u\"", list->start);
	buf_put(&m->out, STR(">\n"));
	for (const struct item *item = first; item && !m->out.full; item = item->next)
		put_item(m, item->lines, !loose);
	md_close(m, ordered ? STR("</ol>\n") : STR("</ul>\n"));
}

/* ---- the whole ---- */

static void block(struct md *m, struct md_range *r)
{
	struct str line = r->lines[r->at];
	bool nests = r->nesting < NESTING_MAX;
	struct md_marker marker;

	if (md_indent(line) > 3) {
		md_take_indented(m, r);
	} else if (md_heading(line)) {
		md_take_heading(m, r);
	} else if (md_fence(line)) {
		md_take_fence(m, r);
	} else if (md_is_rule(line)) {
		r->at++;
		buf_put(&m->out, STR("<hr>\n"));
	} else if (nests && md_is_quote(line)) {
		take_quote(m, r);
	} else if (nests && md_is_item(line, &marker)) {
		take_list(m, r, &marker);
	} else if (md_is_table(r)) {
		md_take_table(m, r);
	} else {
		md_take_paragraph(m, r);
	}
}

static void blocks(struct md *m, struct md_range r)
{
	while (r.at < r.end && !m->out.full && !m->too_deep) {
		if (md_is_blank(r.lines[r.at]))
			r.at++;
		else
			block(m, &r);
	}
}

const struct err *markdown_html(struct arena *a, struct str text, struct html *ret)
{
	struct md m = { .arena = a, .out = buf_new(a, HTML_MAX) };

	if (text.n > MARKDOWN_MAX)
		return ERR(a, ERR_INVALID, "This text is longer than %zu bytes.", MARKDOWN_MAX);
	blocks(&m, md_lines(a, text));
	if (m.out.full || m.too_deep)
		return ERR(a, ERR_INVALID,
			   "This text has too much nested emphasis or too many table cells.");
	ret->s = buf_str(&m.out);
	return NULL;
}

struct html html_as_written(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n * 6 + 32);

	buf_put(&out, STR("<pre>"));
	buf_put_html(&out, text);
	buf_put(&out, STR("</pre>\n"));
	return (struct html){ buf_str(&out) };
}

/* The key is the text itself: no other one can have its HTML. */
static struct str key_of(struct arena *a, struct str text)
{
	char *key = arena_alloc(a, text.n + 1, 1);

	key[0] = 'M';
	memcpy(key + 1, text.p, text.n);
	return (struct str){ key, text.n + 1 };
}

const struct err *markdown_kept(struct arena *a, struct cache *made, struct str text,
				struct html *ret)
{
	struct str key, kept;

	if (!made || text.n == 0 || text.n > MARKDOWN_MAX)
		return markdown_html(a, text, ret);
	key = key_of(a, text);
	if (cache_get(made, key, &kept)) {
		ret->s = str_dup(a, kept);
		return NULL;
	}
	TRY(markdown_html(a, text, ret));
	cache_put(made, key, ret->s);
	return NULL;
}
