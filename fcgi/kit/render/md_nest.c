/*
 * Texts within a Markdown document that other programs read; see markdown.h.
 *
 * A quote's markers keep a text's blocks together whatever they are, so what is left to do is to
 * demote its headings, and to escape what those programs know and our parser does not: HTML and
 * definitions of links.  A line below another that would underline it to a heading is most often
 * meant as a line, and stays one.  In code an escape would be seen as a backslash,
 * so there the text stays as it is; but only where every reader agrees that it is code, for what we
 * took for code and others don't would be HTML in their eyes.
 */
#include "kit/render/markdown.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/render/md.h"

#define MARKERS_MAX 32

struct nest {
	struct buf *out;
	struct str prefix;  /* of each line */
	bool foreign;       /* other programs read it, not only ours */
	size_t level;       /* of the first heading */
	size_t first, last; /* the level that the first heading had, that of the one before */
	char fence_char;    /* of the fence that is open */
	size_t fence;       /* its length */
	size_t fence_indent;
	bool unsure;    /* other readers may see the fences of this text elsewhere */
	bool open_code; /* in this paragraph a line's backticks had no partner */
	bool listed;    /* an item came before: what is indented need not be code */
	bool paragraph; /* the line before was not blank */
};

void markdown_put_plain(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.n; at++) {
		char c = text.p[at];

		if ((unsigned char)c < ' ' || c == 0x7f)
			c = ' ';
		else if (strchr("\\`*_[]<>#&~$|", c))
			buf_putc(out, '\\');
		buf_putc(out, c);
	}
}

/* ---- what a line is ---- */

/* Nothing but this character, and blanks behind it: it underlines a heading. */
static bool is_underline(struct str text, char c)
{
	size_t n = md_count(text, c);

	return n > 0 && md_is_blank(str_skip(text, n));
}

/* Where the line's own text begins, behind blanks and the markers of quotes and items. */
static size_t behind_markers(struct str line, bool *item)
{
	size_t at = md_indent(line);
	struct md_marker m;

	*item = false;
	for (int nesting = 0; nesting < MARKERS_MAX; nesting++) {
		struct str rest = str_skip(line, at);

		if (md_is_quote(rest)) {
			at++;
		} else if (is_underline(rest, '-') || !md_is_item(rest, &m)) {
			*item |= md_is_item(rest, &m); /* with nothing in it yet */
			return at;
		} else {
			*item = true;
			at += m.width;
		}
		while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
			at++;
	}
	return at;
}

static size_t heading_level(struct str text)
{
	size_t n = md_count(text, '#');

	return n <= 6 && (n == text.n || text.p[n] == ' ' || text.p[n] == '\t') ? n : 0;
}

/* "[name]: address", or the beginning of a name that ends on a later line. */
static bool is_definition(struct str text)
{
	if (text.n == 0 || text.p[0] != '[')
		return false;
	for (size_t at = 1; at < text.n; at++) {
		if (text.p[at] == '\\')
			at++;
		else if (text.p[at] == '[')
			return false;
		else if (text.p[at] == ']')
			return at + 1 < text.n && text.p[at + 1] == ':';
	}
	return true;
}

/* ---- what stands in a line ---- */

static size_t autolink(struct str s)
{
	size_t n = 1;

	if (!str_starts(s, STR("<https://")) && !str_starts(s, STR("<http://")))
		return 0;
	while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != '<' && s.p[n] != '>')
		n++;
	return n < s.n && s.p[n] == '>' ? n + 1 : 0;
}

/* The length of the code that s begins with, 0 where its backticks have no partner. */
static size_t code_span(struct str s)
{
	size_t ticks = md_count(s, '`'), at = ticks;

	while (at < s.n) {
		size_t n = md_count(str_skip(s, at), '`');

		if (n == ticks)
			return at + n;
		at += n ? n : 1;
	}
	return 0;
}

/* What is taken as a whole at the beginning of s, where a line's code is sure; 0 for nothing. */
static size_t whole(struct str s)
{
	if (s.p[0] == '`')
		return code_span(s);
	return s.p[0] == '<' ? autolink(s) : 0;
}

/* Whether each backtick has its partner on the line, and no cell of a table can end between. */
static bool has_sure_code(struct str s)
{
	if (str_find(s, '|') >= 0)
		return false;
	while (s.n) {
		size_t n = s.p[0] == '\\' ? 2 : whole(s);

		if (n == 0 && s.p[0] == '`')
			return false;
		s = str_skip(s, n ? n : 1);
	}
	return true;
}

static bool begins_tag(struct str s)
{
	char c = s.n > 1 ? s.p[1] : ' ';

	return s.p[0] == '<' &&
	       ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("/!?", c));
}

static void put_inline(struct nest *n, struct str s)
{
	bool sure = !n->unsure && !n->open_code && has_sure_code(s);

	if (!sure && str_find(s, '`') >= 0)
		n->open_code = true;
	while (s.n) {
		size_t length = s.p[0] == '\\' && s.n > 1 ? 2 : sure ? whole(s) : 0;

		if (length == 0 && begins_tag(s))
			buf_putc(n->out, '\\');
		length = length ? length : 1;
		buf_put(n->out, str_first(s, length));
		s = str_skip(s, length);
	}
}

/* ---- lines ---- */

static void put_blank(const struct nest *n)
{
	buf_put(n->out, str_trim(n->prefix));
	buf_putc(n->out, '\n');
}

/* One level below the one before at most, so that none is skipped. */
static size_t demote(struct nest *n, size_t level)
{
	size_t deeper;

	if (n->first == 0)
		n->first = level;
	deeper = n->level + (level > n->first ? level - n->first : 0);
	if (n->last && deeper > n->last + 1)
		deeper = n->last + 1;
	n->last = deeper < 6 ? deeper : 6;
	return n->last;
}

static void put_text(struct nest *n, struct str head, struct str text)
{
	size_t level = heading_level(text);
	bool code = md_indent(head) > 3 && !n->listed;

	if (n->paragraph && is_underline(text, '-'))
		put_blank(n);
	buf_put(n->out, n->prefix);
	buf_put(n->out, head);
	if (level && !code) {
		for (size_t at = demote(n, level); at > 0; at--)
			buf_putc(n->out, '#');
		text = str_skip(text, level);
	} else if (is_underline(text, '=') || (n->foreign && is_definition(text))) {
		buf_putc(n->out, '\\');
	}
	if (n->foreign)
		put_inline(n, text);
	else
		buf_put(n->out, text);
	buf_putc(n->out, '\n');
}

/* Code is the same for all readers as long as no line could have ended an item around it. */
static void put_code(struct nest *n, struct str line)
{
	struct str text = md_without_indent(line, 3);
	size_t length = md_fence(line);

	if (!md_is_blank(line) && md_indent(line) < n->fence_indent)
		n->unsure = true;
	if (n->unsure) {
		bool item;
		size_t at = behind_markers(line, &item);

		put_text(n, str_first(line, at), str_skip(line, at));
	} else {
		buf_put(n->out, n->prefix);
		buf_put(n->out, line);
		buf_putc(n->out, '\n');
	}
	if (length >= n->fence && text.p[0] == n->fence_char && md_is_blank(str_skip(text, length)))
		n->fence = 0;
}

static void open_fence(struct nest *n, struct str line, size_t at)
{
	size_t length = md_fence(line);

	if (length) {
		n->fence = length;
		n->fence_indent = md_indent(line);
		n->fence_char = str_skip(line, n->fence_indent).p[0];
	} else if (md_fence(str_skip(line, at))) {
		n->unsure = true;
	}
}

static void put_line(struct nest *n, struct str line)
{
	bool item, blank = md_is_blank(line);
	size_t at;

	if (n->fence) {
		put_code(n, line);
	} else if (blank) {
		put_blank(n);
		n->open_code = false;
	} else {
		at = behind_markers(line, &item);
		n->listed |= item;
		open_fence(n, line, at);
		put_text(n, str_first(line, at), str_skip(line, at));
	}
	n->paragraph = !blank;
}

/* A line whose leading tabs are spaces: behind a marker they would mean another depth. */
static struct str without_tabs(struct str line, char *room, size_t size)
{
	size_t at = 0, n = 0;

	for (; at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'); at++)
		n = line.p[at] == '\t' ? (n / 4 + 1) * 4 : n + 1;
	if (n == at || n + line.n - at > size)
		return line;
	memset(room, ' ', n);
	memcpy(room + n, line.p + at, line.n - at);
	return (struct str){ room, n + line.n - at };
}

static void put_lines(struct nest *n, struct arena *a, struct str text)
{
	size_t size = text.n * 4 + 1;
	char *room = arena_alloc(a, size, 1);

	while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
		text.n--;
	while (text.n)
		put_line(n, without_tabs(str_cut_line(&text), room, size));
}

void markdown_put_quote(struct buf *out, struct str text, size_t level)
{
	struct nest n = { .out = out, .prefix = STR("> "), .foreign = true, .level = level };

	put_lines(&n, out->arena, text);
}

struct str markdown_demoted(struct arena *a, struct str text, size_t level)
{
	struct buf out = buf_new(a, text.n * 7 + 16);
	struct nest n = { .out = &out, .prefix = STR(""), .level = level };

	put_lines(&n, a, text);
	return buf_str(&out);
}
