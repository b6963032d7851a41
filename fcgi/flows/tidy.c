/* A flow's graph as it came from outside, made canonical; see flow_tidy in acts.h. */
#include "flows/acts.h"
#include "kit/base/arena.h"

static void complain(struct req *r, const char *path, size_t at, const char *field,
		     const char *message)
{
	input_problem(r, str_fmt(r->arena, "%s[%zu].%s", path, at, field), str_of(message));
}

static void fill_in(struct str *text)
{
	if (!text->p)
		*text = STR("");
}

static void no_empty(struct str *text)
{
	if (text->n == 0)
		*text = STR_NONE;
}

/* Options come from the arena by the shape and are ours to change; a list's type says const. */
static struct list tidy_options(struct req *r, struct list options, const char *path, size_t at)
{
	struct flow_option *copy = ARENA_ARRAY(r->arena, struct flow_option, options.n + 1);

	for (size_t o = 0; o < options.n; o++) {
		copy[o] = ((const struct flow_option *)options.items)[o];
		fill_in(&copy[o].label);
		no_empty(&copy[o].next);
		for (size_t before = 0; before < o; before++)
			if (str_eq(copy[before].id, copy[o].id))
				complain(r, path, at, "options", "Two options have the same id.");
	}
	return LIST_OF(copy, options.n);
}

static void refuse_misplaced(struct req *r, const struct flow_node *n, const char *path, size_t at)
{
	if (n->kind != FLOW_DECISION && n->options.n)
		complain(r, path, at, "options", "Only a decision has options.");
	if (n->kind == FLOW_DECISION && n->next.n)
		complain(r, path, at, "next", "A decision has no next: each option has its own.");
	if (n->kind == FLOW_ANSWER && n->next.n)
		complain(r, path, at, "next", "An answer ends the run and has no next.");
	if (n->kind != FLOW_ANSWER && n->outcome >= 0)
		complain(r, path, at, "outcome", "Only an answer has an outcome.");
	if (n->kind != FLOW_ACTION && n->required)
		complain(r, path, at, "required", "Only an action can be required.");
}

static void tidy_node(struct req *r, struct flow_node *n, const char *path, size_t at)
{
	refuse_misplaced(r, n, path, at);
	fill_in(&n->title);
	fill_in(&n->body);
	fill_in(&n->help);
	no_empty(&n->next);
	n->options = tidy_options(r, n->options, path, at);
	if (n->kind == FLOW_ANSWER && n->outcome < 0)
		n->outcome = OUTCOME_RESOLVED;
}

void flow_tidy(struct req *r, struct flow_graph *g, const char *path)
{
	struct flow_node *nodes = ARENA_ARRAY(r->arena, struct flow_node, g->nodes.n + 1);
	const struct flow_index *ix;

	no_empty(&g->start);
	for (size_t at = 0; at < g->nodes.n; at++) {
		nodes[at] = flow_nodes(g)[at];
		tidy_node(r, &nodes[at], path, at);
	}
	g->nodes.items = nodes;
	ix = flow_index(r->arena, g);
	for (size_t at = 0; at < g->nodes.n; at++)
		if (nodes[at].id.n && flow_at(ix, nodes[at].id) != (ptrdiff_t)at)
			complain(r, path, at, "id", "Two steps have the same id.");
}

void flow_tidy_fields(struct req *r, struct list *fields, const char *path)
{
	struct flow_field *copy = ARENA_ARRAY(r->arena, struct flow_field, fields->n + 1);

	for (size_t at = 0; at < fields->n; at++) {
		copy[at] = ((const struct flow_field *)fields->items)[at];
		fill_in(&copy[at].label);
		fill_in(&copy[at].help);
		for (size_t before = 0; before < at; before++)
			if (copy[at].name.n && str_eq(copy[before].name, copy[at].name))
				complain(r, path, at, "name", "Two fields have the same name.");
	}
	fields->items = copy;
}
