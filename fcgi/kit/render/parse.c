/*
 * Mustache text to a tree of nodes.  All that the specification says about white space is settled
 * here: a tag that stands alone on its line takes the line with it, and texts are cut at line ends,
 * so that the compiler can indent what a partial or a block prints.
 */
#include "kit/render/mustache.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/arena.h"

#define NESTING_MAX   32
#define DELIMITER_MAX 8

struct parser {
	struct arena *arena;
	const struct template *template;
	struct str text;
	size_t at, line_start; /* where reading goes on, and where that line begins */
	int line;
	struct str open, close;
	struct node *into; /* what is open: a section, a block, a parent or the root */
	size_t depth;
};

struct tag {
	char sigil; /* 0 for a plain variable */
	struct str name;
	size_t lead, start, end; /* the blanks before it, itself, what is behind it */
	bool first;              /* nothing but blanks before it on its line */
};

const struct err *template_fault(struct arena *a, const struct template *t, int line,
				 const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return ERR(a, ERR_INTERNAL, "%.*s:%d: %s", STR_ARG(t->file), line, what);
}

static struct str cut(const struct parser *p, size_t from, size_t to)
{
	return (struct str){ p->text.p + from, to - from };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct node *add(struct parser *p, enum node_kind kind, struct str text)
{
	struct node *n = ARENA_NEW(p->arena, struct node), *up = p->into;

	*n = (struct node){ .kind = kind, .line = p->line, .text = text, .up = up };
	if (up->last)
		up->last->next = n;
	else
		up->first = n;
	up->last = n;
	return n;
}

/* Text up to `to`, a node a line.  Between the blocks that are given to a parent it is not kept. */
static void take_text(struct parser *p, size_t to)
{
	while (p->at < to) {
		const char *newline = memchr(p->text.p + p->at, '\n', to - p->at);
		size_t end = newline ? (size_t)(newline - p->text.p) + 1 : to;

		if (p->into->kind != NODE_PARENT)
			add(p, NODE_TEXT, cut(p, p->at, end))->bol = p->at == p->line_start;
		p->at = end;
		if (newline) {
			p->line_start = end;
			p->line++;
		}
	}
}

/* The text before a tag that stays in its line; an empty one marks where the line's indentation
 * goes. */
static void take_lead(struct parser *p, const struct tag *t)
{
	if (t->first && t->lead == t->start && p->into->kind != NODE_PARENT)
		add(p, NODE_TEXT, cut(p, t->start, t->start))->bol = true;
	take_text(p, t->start);
}

/* Goes on behind the tag, which may have lines of its own. */
static void skip_tag(struct parser *p, const struct tag *t)
{
	for (p->at = t->start; p->at < t->end; p->at++)
		p->line += p->text.p[p->at] == '\n';
}

/* Behind the tag and the rest of its line, where that is blank. */
static bool skip_line(struct parser *p, const struct tag *t)
{
	size_t at = t->end;

	while (at < p->text.n && is_blank(p->text.p[at]))
		at++;
	if (at + 1 < p->text.n && p->text.p[at] == '\r' && p->text.p[at + 1] == '\n')
		at++;
	if (at < p->text.n && p->text.p[at] != '\n')
		return false;
	skip_tag(p, t);
	p->line += at < p->text.n;
	p->at = p->line_start = at < p->text.n ? at + 1 : at;
	return true;
}

/* For tags that print nothing: takes the whole line where they are alone on it. */
static bool take_alone(struct parser *p, const struct tag *t)
{
	if (t->first && skip_line(p, t))
		return true;
	take_lead(p, t);
	skip_tag(p, t);
	return false;
}

static const struct err *open_node(struct parser *p, const struct tag *t, enum node_kind kind,
				   int line)
{
	if (++p->depth > NESTING_MAX)
		return template_fault(p->arena, p->template, line, "nested too deep");
	p->into = add(p, kind, t->name);
	p->into->line = line;
	return NULL;
}

static const struct err *take_section(struct parser *p, const struct tag *t)
{
	int line = p->line;

	take_alone(p, t);
	return open_node(p, t, t->sigil == '#' ? NODE_SECTION : NODE_INVERTED, line);
}

static void take_partial(struct parser *p, const struct tag *t)
{
	int line = p->line;
	bool alone = take_alone(p, t);
	struct node *n = add(p, NODE_PARTIAL, t->name);

	n->line = line;
	n->alone = alone;
	n->indent = cut(p, t->lead, t->start);
}

/* Whether a parent is alone is known where it is closed; until then the blanks before it are a
 * text. */
static const struct err *open_parent(struct parser *p, const struct tag *t)
{
	int line = p->line;

	take_lead(p, t);
	skip_tag(p, t);
	TRY(open_node(p, t, NODE_PARENT, line));
	p->into->indent = t->first ? cut(p, t->lead, t->start) : STR_NONE;
	return NULL;
}

static void close_parent(struct parser *p, const struct tag *t)
{
	struct node *n = p->into, *lead = NULL;

	take_text(p, t->start);
	if (!n->indent.p || !skip_line(p, t)) {
		skip_tag(p, t);
		return;
	}
	n->alone = true;
	for (struct node *at = n->up->first; at != n; at = at->next)
		lead = at;
	if (lead) {
		lead->text.n = 0;
		lead->bol = false;
	}
}

static size_t blanks_at(const struct parser *p, size_t at)
{
	size_t end = at;

	while (end < p->text.n && is_blank(p->text.p[end]))
		end++;
	return end - at;
}

/* What is around a block that is given to a parent does not count as being on its line. */
static const struct err *open_block(struct parser *p, struct tag *t)
{
	int line = p->line;
	struct str indent = t->first ? cut(p, t->lead, t->start) : STR_NONE;
	bool alone;

	t->first |= p->into->kind == NODE_PARENT;
	alone = take_alone(p, t);
	TRY(open_node(p, t, NODE_BLOCK, line));
	p->into->alone = alone;
	p->into->indent = indent;
	if (alone)
		p->into->margin = cut(p, p->at, p->at + blanks_at(p, p->at));
	return NULL;
}

static void close_block(struct parser *p, const struct tag *t)
{
	struct node *n = p->into;

	if (n->up->kind != NODE_PARENT) {
		take_alone(p, t);
	} else {
		if (!t->first)
			take_lead(p, t);
		skip_tag(p, t);
	}
	if (n->alone && !n->first)
		n->margin = n->indent;
}

static const struct err *take_close(struct parser *p, const struct tag *t)
{
	struct node *n = p->into;

	if (n->kind == NODE_ROOT)
		return template_fault(p->arena, p->template, p->line, "{{/%.*s}} closes nothing",
				      STR_ARG(t->name));
	if (!str_eq(n->text, t->name))
		return template_fault(p->arena, p->template, p->line,
				      "{{/%.*s}} where \"%.*s\" of line %d is still open",
				      STR_ARG(t->name), STR_ARG(n->text), n->line);
	if (n->kind == NODE_PARENT)
		close_parent(p, t);
	else if (n->kind == NODE_BLOCK)
		close_block(p, t);
	else
		take_alone(p, t);
	p->into = n->up;
	p->depth--;
	return NULL;
}

static const struct err *take_delimiters(struct parser *p, const struct tag *t)
{
	struct str open = t->name, close;

	open.n = 0;
	while (open.n < t->name.n && !strchr(" \t\r\n", t->name.p[open.n]))
		open.n++;
	close = str_trim(str_skip(t->name, open.n));
	if (!open.n || !close.n || open.n > DELIMITER_MAX || close.n > DELIMITER_MAX ||
	    str_find(open, '=') >= 0 || str_find(close, '=') >= 0 || str_find(close, ' ') >= 0)
		return template_fault(p->arena, p->template, p->line,
				      "these are no delimiters: %.*s", STR_ARG(t->name));
	take_alone(p, t);
	p->open = open;
	p->close = close;
	return NULL;
}

static void take_variable(struct parser *p, const struct tag *t)
{
	take_lead(p, t);
	add(p, t->sigil ? NODE_RAW : NODE_VAR, t->name);
	skip_tag(p, t);
}

static const struct err *take_tag(struct parser *p, struct tag *t)
{
	if (p->into->kind == NODE_PARENT && (!t->sigil || !strchr("$/!=", t->sigil)))
		return template_fault(p->arena, p->template, p->line,
				      "only {{$blocks}} can stand inside {{<%.*s}}",
				      STR_ARG(p->into->text));
	if (t->sigil == '!') {
		take_alone(p, t);
		return NULL;
	}
	if (t->sigil == '=')
		return take_delimiters(p, t);
	if (t->name.n == 0)
		return template_fault(p->arena, p->template, p->line, "a tag without a name");
	switch (t->sigil) {
	case '#':
	case '^':
		return take_section(p, t);
	case '/':
		return take_close(p, t);
	case '<':
		return open_parent(p, t);
	case '$':
		return open_block(p, t);
	case '>':
		take_partial(p, t);
		return NULL;
	default:
		take_variable(p, t);
		return NULL;
	}
}

/* Reads what the tag at t->start says. */
static const struct err *read_tag(struct parser *p, struct tag *t)
{
	size_t body = t->start + p->open.n;
	char c = body < p->text.n ? p->text.p[body] : '\0';
	char closing[DELIMITER_MAX + 1];
	size_t n = 0;
	const char *hit;

	t->sigil = c && strchr("#^/><$&!={", c) ? c : '\0';
	if (t->sigil == '{' || t->sigil == '=')
		closing[n++] = t->sigil == '{' ? '}' : '=';
	memcpy(closing + n, p->close.p, p->close.n);
	n += p->close.n;
	body += t->sigil != '\0';
	hit = body < p->text.n ? memmem(p->text.p + body, p->text.n - body, closing, n) : NULL;
	if (!hit)
		return template_fault(p->arena, p->template, p->line, "a tag that does not end");
	t->name = str_trim(cut(p, body, (size_t)(hit - p->text.p)));
	t->end = (size_t)(hit - p->text.p) + n;
	return NULL;
}

static const struct err *next_tag(struct parser *p, size_t start)
{
	struct tag t = { .lead = start, .start = start };

	while (t.lead > p->at && is_blank(p->text.p[t.lead - 1]))
		t.lead--;
	take_text(p, t.lead);
	t.first = t.lead == p->line_start;
	TRY(read_tag(p, &t));
	return take_tag(p, &t);
}

const struct err *template_parse(struct arena *a, struct template *t, struct str text)
{
	struct parser p = { .arena = a,
			    .template = t,
			    .text = text,
			    .line = 1,
			    .open = STR("{{"),
			    .close = STR("}}") };

	t->root = ARENA_NEW(a, struct node);
	p.into = t->root;
	while (p.at < text.n) {
		const char *hit = memmem(text.p + p.at, text.n - p.at, p.open.p, p.open.n);

		if (hit)
			TRY(next_tag(&p, (size_t)(hit - text.p)));
		else
			take_text(&p, text.n);
	}
	if (p.into != t->root)
		return template_fault(a, t, p.into->line,
				      "\"%.*s\" is opened here and never closed",
				      STR_ARG(p.into->text));
	return NULL;
}
