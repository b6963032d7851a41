/*
 * A tree to a flat program.  Partials and parents are expanded in place, since each use may see
 * other names; literal text that meets is joined, so that a page is a few long copies with values
 * between.
 *
 * A block is looked up in the parents that led here, the outermost first, and what was given for it
 * is then compiled as a part of the template that gave it, so that a card within a card is no
 * recursion.
 */
#include "kit/render/mustache.h"

#include <string.h>

#include "kit/base/arena.h"

#define DEPTH_MAX   200
#define OPS_MAX     ((size_t)100 * 1000)
#define LITERAL_MAX ((size_t)4 * 1024 * 1024)

/* The templates that are being expanded, innermost first. */
struct trail {
	const struct trail *outer;
	const struct template *template;
};

/* The blocks that were given on the way, innermost first. */
struct gifts {
	const struct gifts *outer;
	const struct node *parent;
	const struct trail *trail; /* of the template that gives */
};

/* Where the compiler is. */
struct spot {
	const struct trail *trail;
	const struct gifts *gifts;
	const struct scope *scope;
	struct str indent; /* put before each line */
	size_t cut;        /* blanks taken from each line before that */
};

struct later {
	struct spot spot;
	const struct node *node;
};

struct compiler {
	struct arena *arena;
	struct library *lib;
	struct op *ops;
	size_t n, cap;
	struct buf literal; /* text that is not an op yet */
	bool midline; /* what comes next stands behind something, whatever its own line says */
	size_t depth;
};

static const struct err *walk(struct compiler *c, struct spot s, const struct node *first);

static size_t add(struct compiler *c, struct op op)
{
	if (c->n == c->cap) {
		struct op *bigger = ARENA_ARRAY(c->arena, struct op, c->cap ? 2 * c->cap : 64);

		if (c->n)
			memcpy(bigger, c->ops, c->n * sizeof(*bigger));
		c->cap = c->cap ? 2 * c->cap : 64;
		c->ops = bigger;
	}
	c->ops[c->n] = op;
	return c->n++;
}

static void flush(struct compiler *c)
{
	if (c->literal.n == 0)
		return;
	add(c, (struct op){ .kind = OP_TEXT, .text = str_dup(c->arena, buf_str(&c->literal)) });
	c->literal.n = 0;
}

/* What remains of an indentation when the spot's margin is taken off. */
static struct str without_margin(struct spot s, struct str blanks)
{
	return str_skip(blanks, s.cut);
}

static struct str deeper(struct compiler *c, struct spot s, struct str blanks)
{
	blanks = without_margin(s, blanks);
	if (blanks.n == 0)
		return s.indent;
	return str_fmt(c->arena, "%.*s%.*s", STR_ARG(s.indent), STR_ARG(blanks));
}

static void put_text(struct compiler *c, struct spot s, const struct node *n)
{
	struct str text = n->text;

	if (n->bol) {
		for (size_t at = 0; at < s.cut && text.n && strchr(" \t", text.p[0]); at++)
			text = str_skip(text, 1);
		if (!c->midline)
			buf_put(&c->literal, s.indent);
	}
	c->midline = false;
	buf_put(&c->literal, text);
}

static const struct err *print(struct compiler *c, struct spot s, const struct node *n)
{
	const struct template *t = s.trail->template;
	const struct binding b = { c->arena, t, n, s.scope };
	struct op op = { .kind = n->kind == NODE_RAW ? OP_RAW : OP_PRINT, .text = n->text };

	flush(c);
	if (s.scope)
		TRY(bind_print(&b, &op));
	if (t->plain)
		op.kind = OP_RAW;
	add(c, op);
	return NULL;
}

static const struct err *section(struct compiler *c, struct spot s, const struct node *n)
{
	const struct binding b = { c->arena, s.trail->template, n, s.scope };
	struct op op = { .kind = n->kind == NODE_SECTION ? OP_SECTION : OP_INVERTED,
			 .text = n->text };
	struct scope room;
	size_t at;

	flush(c);
	if (s.scope)
		TRY(bind_section(&b, &op, &room, &s.scope));
	at = add(c, op);
	TRY(walk(c, s, n->first));
	flush(c);
	c->ops[at].body = c->n - at - 1;
	return NULL;
}

static bool is_on(const struct trail *trail, const struct template *t)
{
	while (trail && trail->template != t)
		trail = trail->outer;
	return trail != NULL;
}

/* Trail and gifts may be wanted after this returns, by an OP_LATER: they live in the arena. */
static const struct err *enter(struct compiler *c, struct spot s, const struct node *n,
			       const struct template *t)
{
	struct trail *trail = ARENA_NEW(c->arena, struct trail);

	if (n->kind == NODE_PARENT) {
		struct gifts *gifts = ARENA_NEW(c->arena, struct gifts);

		*gifts = (struct gifts){ .outer = s.gifts, .parent = n, .trail = s.trail };
		s.gifts = gifts;
	}
	*trail = (struct trail){ .outer = s.trail, .template = t };
	s.trail = trail;
	s.indent = n->alone ? deeper(c, s, n->indent) : STR("");
	s.cut = 0;
	return walk(c, s, t->root->first);
}

static const struct err *include(struct compiler *c, struct spot s, const struct node *n)
{
	const struct template *here = s.trail->template, *t;

	TRY(c->lib->find(c->lib, n->text, &t));
	if (!t && !s.scope)
		return NULL;
	if (!t)
		return template_fault(c->arena, here, n->line, "there is no template \"%.*s\"",
				      STR_ARG(n->text));
	if (t->plain != here->plain)
		return template_fault(c->arena, here, n->line, "\"%.*s\" is not %s as this is",
				      STR_ARG(n->text), here->plain ? "plain text" : "HTML");
	if (!is_on(s.trail, t))
		return enter(c, s, n, t);
	if (s.scope) {
		return template_fault(c->arena, here, n->line,
				      "\"%.*s\" would hold itself without end", STR_ARG(n->text));
	} else {
		struct later *later = ARENA_NEW(c->arena, struct later);

		*later = (struct later){ .spot = s, .node = n };
		flush(c);
		add(c, (struct op){ .kind = OP_LATER, .later = later });
		return NULL;
	}
}

static const struct node *given(const struct node *parent, struct str name)
{
	for (const struct node *n = parent->first; n; n = n->next)
		if (n->kind == NODE_BLOCK && str_eq(n->text, name))
			return n;
	return NULL;
}

static const struct err *block(struct compiler *c, struct spot s, const struct node *n)
{
	const struct node *content = NULL;
	const struct gifts *from = NULL;

	for (const struct gifts *g = s.gifts; g; g = g->outer) {
		const struct node *hit = given(g->parent, n->text);

		if (hit) {
			content = hit;
			from = g;
		}
	}
	if (!content)
		return walk(c, s, n->first);
	s.indent = deeper(c, s, n->alone ? n->margin : n->indent);
	s.cut = content->margin.n;
	s.trail = from->trail;
	s.gifts = from->outer;
	c->midline = !n->alone;
	TRY(walk(c, s, content->first));
	c->midline = false;
	return NULL;
}

static const struct err *visit(struct compiler *c, struct spot s, const struct node *n)
{
	switch (n->kind) {
	case NODE_ROOT:
		return NULL;
	case NODE_TEXT:
		put_text(c, s, n);
		return NULL;
	case NODE_VAR:
	case NODE_RAW:
		return print(c, s, n);
	case NODE_SECTION:
	case NODE_INVERTED:
		return section(c, s, n);
	case NODE_PARTIAL:
	case NODE_PARENT:
		return include(c, s, n);
	case NODE_BLOCK:
		return block(c, s, n);
	}
	return NULL;
}

static const struct err *walk(struct compiler *c, struct spot s, const struct node *first)
{
	const struct err *e = NULL;

	if (++c->depth > DEPTH_MAX)
		return ERR(c->arena, ERR_INTERNAL, "%.*s: nested too deep",
			   STR_ARG(s.trail->template->file));
	for (const struct node *n = first; n && !e; n = n->next) {
		e = visit(c, s, n);
		if (!e && (c->n > OPS_MAX || c->literal.full))
			e = ERR(c->arena, ERR_INTERNAL, "%.*s: grows too large when expanded",
				STR_ARG(s.trail->template->file));
	}
	c->depth--;
	return e;
}

static struct program finished(struct compiler *c)
{
	flush(c);
	return (struct program){ .ops = c->ops, .n = c->n };
}

const struct err *compile(struct arena *a, struct library *lib, const struct template *t,
			  const struct scope *scope, struct program *ret)
{
	struct compiler c = { .arena = a, .lib = lib, .literal = buf_new(a, LITERAL_MAX) };
	struct trail *trail = ARENA_NEW(a, struct trail);

	trail->template = t;
	TRY(walk(&c, (struct spot){ .trail = trail, .scope = scope, .indent = STR("") },
		 t->root->first));
	*ret = finished(&c);
	return NULL;
}

const struct err *compile_later(struct arena *a, struct library *lib, const struct later *later,
				struct program *ret)
{
	struct compiler c = { .arena = a, .lib = lib, .literal = buf_new(a, LITERAL_MAX) };
	const struct template *t;

	TRY(lib->find(lib, later->node->text, &t));
	TRY(enter(&c, later->spot, later->node, t));
	*ret = finished(&c);
	return NULL;
}
