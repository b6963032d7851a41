/* Edits of a flow's steps and its head; see edit.h.  Options and fields have files of their own. */
#include "flows/edit.h"

#include "flows/edit_parts.h"
#include "flows/words.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"

static bool is_straight(int kind)
{
	return kind == FLOW_ACTION || kind == FLOW_SECTION;
}

static bool is_procedure(const struct flow_edit *e)
{
	return e->doc.type != FLOW_TROUBLESHOOTING;
}

static struct str name_of(const struct flow_edit *e, size_t at)
{
	return flow_node_name(e->arena, &flow_nodes(&e->doc.structure)[at]);
}

static void tell(struct flow_edit *e, const char *done, struct str name)
{
	e->label = str_fmt(e->arena, "%s '%.*s'", done, STR_ARG(name));
}

/* ---- from one kind to another ---- */

static struct list one_option(struct arena *a, struct str next)
{
	struct flow_option *option = ARENA_NEW(a, struct flow_option);

	*option = (struct flow_option){ STR("o1"), STR("Continue"), next };
	return LIST_OF(option, 1);
}

static struct str first_target(struct list options)
{
	const struct flow_option *all = options.items;

	for (size_t at = 0; at < options.n; at++)
		if (all[at].next.n)
			return all[at].next;
	return STR_NONE;
}

/* What was written for the kind before is given to the new one. */
static void carry_over(struct arena *a, const struct flow_node *old, struct flow_node *to)
{
	struct str next = to->next.n ? to->next : old->next;

	if (to->kind == old->kind)
		return;
	if (to->kind == FLOW_DECISION && !to->options.n && is_straight(old->kind) && next.n)
		to->options = one_option(a, next);
	if (is_straight(to->kind) && !to->next.n && old->kind == FLOW_DECISION)
		to->next = first_target(to->options.n ? to->options : old->options);
}

/* Drops what the kind has no place for, and gives an answer its outcome. */
static const struct err *settle(struct arena *a, struct flow_node *n)
{
	n->title = edit_text(n->title);
	n->body = edit_text(n->body);
	n->help = edit_text(n->help);
	if (n->kind != FLOW_DECISION)
		n->options = LIST_OF(NULL, 0);
	if (!is_straight(n->kind) || !n->next.n)
		n->next = STR_NONE;
	n->required = n->required && n->kind == FLOW_ACTION;
	if (n->kind != FLOW_ANSWER)
		n->outcome = -1;
	else if (n->outcome < 0)
		n->outcome = OUTCOME_RESOLVED;
	TRY(edit_check_texts(a, n));
	TRY(edit_check_target(a, n->next));
	return edit_settle_options(a, &n->options);
}

/* ---- what a change of a step is called ---- */

static bool same(struct arena *a, const struct flow_node *one, const struct flow_node *other)
{
	struct buf x = buf_new(a, SIZE_MAX / 2), y = buf_new(a, SIZE_MAX / 2);

	shape_put_json(&x, &flow_node_shape, one);
	shape_put_json(&y, &flow_node_shape, other);
	return str_eq(buf_str(&x), buf_str(&y));
}

/* "to 'Y'", or to nowhere. */
static struct str whither(const struct flow_edit *e, struct str next)
{
	ptrdiff_t to = flow_at(flow_index(e->arena, &e->doc.structure), next);

	return to < 0 ? STR("nowhere")
		      : str_fmt(e->arena, "'%.*s'", STR_ARG(name_of(e, (size_t)to)));
}

/* The label where one target is all that changed, else none. */
static struct str tell_link(const struct flow_edit *e, const struct flow_node *old,
			    const struct flow_node *to)
{
	const struct flow_option *was = flow_options(old), *is = flow_options(to);
	struct str name = flow_node_name(e->arena, old);
	struct flow_node like = *old;
	struct flow_option *options;
	size_t at = 0;

	like.next = to->next;
	if (same(e->arena, &like, to))
		return str_fmt(e->arena, "Linked '%.*s' to %.*s", STR_ARG(name),
			       STR_ARG(whither(e, to->next)));
	while (at < old->options.n && at < to->options.n && str_eq(was[at].next, is[at].next))
		at++;
	if (at == old->options.n || at == to->options.n)
		return STR_NONE;
	options = edit_splice(e->arena, &like.options, sizeof(*options), 0, 0, 0);
	options[at].next = is[at].next;
	if (!same(e->arena, &like, to))
		return STR_NONE;
	return str_fmt(e->arena, "Linked '%.*s' of '%.*s' to %.*s",
		       STR_ARG(flow_option_name(e->arena, &is[at])), STR_ARG(name),
		       STR_ARG(whither(e, is[at].next)));
}

static struct str tell_change(const struct flow_edit *e, const struct flow_node *old,
			      const struct flow_node *to)
{
	struct str was = flow_node_name(e->arena, old), label;
	struct flow_node like = *old;

	if (same(e->arena, old, to))
		return str_fmt(e->arena, "Changed step '%.*s'", STR_ARG(was));
	like.title = to->title;
	if (same(e->arena, &like, to))
		return str_fmt(e->arena, "Renamed step '%.*s' to '%.*s'", STR_ARG(was),
			       STR_ARG(flow_node_name(e->arena, to)));
	label = tell_link(e, old, to);
	return label.p ? label
		       : str_fmt(e->arena, "Changed step '%.*s'",
				 STR_ARG(flow_node_name(e->arena, to)));
}

/* ---- steps ---- */

/*
 * Puts a new step into the way of the one before it, whose target the new one takes over.  An
 * answer has no way on, so it only follows a step that led nowhere.  True: the one before leads to
 * the new.
 */
static bool take_over(struct arena *a, const struct flow_node *before, struct flow_node *added)
{
	if (!is_straight(before->kind) || (added->kind == FLOW_ANSWER && before->next.n))
		return false;
	if (is_straight(added->kind))
		added->next = before->next;
	else if (added->kind == FLOW_DECISION && before->next.n)
		added->options = one_option(a, before->next);
	return true;
}

const struct err *flow_add_node(struct flow_edit *e, int kind, struct str title, struct str after)
{
	const struct flow_node *nodes = flow_nodes(&e->doc.structure);
	struct flow_node node = { .kind = kind, .title = title, .outcome = -1 };
	size_t at = e->doc.structure.nodes.n;
	bool linked = false;

	if (after.n) {
		TRY(edit_find(e, after, &at));
		at++;
	}
	if (at && (after.n || (is_procedure(e) && !nodes[at - 1].next.n)))
		linked = take_over(e->arena, &nodes[at - 1], &node);
	TRY(settle(e->arena, &node));
	TRY(edit_insert(e, at, &node));
	if (linked)
		edit_nodes(e)[at - 1].next = node.id;
	tell(e, "Added step", name_of(e, at));
	return NULL;
}

const struct err *flow_set_node(struct flow_edit *e, struct str id, const struct flow_node *to)
{
	struct flow_node node = *to, old;
	size_t at;

	TRY(edit_find(e, id, &at));
	old = flow_nodes(&e->doc.structure)[at];
	node.id = old.id;
	carry_over(e->arena, &old, &node);
	TRY(settle(e->arena, &node));
	e->label = tell_change(e, &old, &node);
	edit_nodes(e)[at] = node;
	return NULL;
}

/* A step that leads to the one after it, the last one to the end. */
static bool follows(const struct flow_graph *g, size_t at)
{
	const struct flow_node *n = &flow_nodes(g)[at];

	if (!is_straight(n->kind))
		return false;
	return at + 1 < g->nodes.n ? str_eq(n->next, n[1].id) : n->next.n == 0;
}

const struct err *flow_duplicate_node(struct flow_edit *e, struct str id)
{
	struct flow_node node;
	bool linked;
	size_t at;

	TRY(edit_find(e, id, &at));
	node = flow_nodes(&e->doc.structure)[at];
	node.title =
		str_fmt(e->arena, "%.*s (copy)", STR_ARG(flow_cut(node.title, FLOW_TITLE_MAX - 7)));
	linked = is_procedure(e) && follows(&e->doc.structure, at);
	TRY(edit_insert(e, at + 1, &node));
	if (linked)
		edit_nodes(e)[at].next = node.id;
	tell(e, "Duplicated step", name_of(e, at));
	return NULL;
}

/* Where ways to a step lead when it is gone; none: nowhere. */
static struct str heir(const struct flow_edit *e, size_t at)
{
	const struct flow_node *n = &flow_nodes(&e->doc.structure)[at];
	struct str next = flow_ways(n) == 1 ? flow_way(n, 0).next : STR_NONE;
	bool known = flow_at(flow_index(e->arena, &e->doc.structure), next) >= 0;

	return known && !str_eq(next, n->id) ? next : STR_NONE;
}

static void redirect_options(struct arena *a, struct flow_node *n, struct str from, struct str to)
{
	struct flow_option *options = NULL;

	for (size_t at = 0; at < n->options.n; at++) {
		if (!str_eq(flow_options(n)[at].next, from))
			continue;
		if (!options)
			options = edit_splice(a, &n->options, sizeof(*options), 0, 0, 0);
		options[at].next = to;
	}
}

const struct err *flow_delete_node(struct flow_edit *e, struct str id)
{
	struct flow_graph *g = &e->doc.structure;
	struct flow_node *nodes;
	struct str to, gone;
	size_t at;

	TRY(edit_find(e, id, &at));
	tell(e, "Deleted step", name_of(e, at));
	to = heir(e, at);
	gone = flow_nodes(g)[at].id;
	nodes = edit_splice(e->arena, &g->nodes, sizeof(*nodes), at, 1, 0);
	for (size_t left = 0; left < g->nodes.n; left++) {
		redirect_options(e->arena, &nodes[left], gone, to);
		if (str_eq(nodes[left].next, gone))
			nodes[left].next = to;
	}
	if (str_eq(g->start, gone))
		g->start = to.n || !g->nodes.n ? to : nodes[0].id;
	return NULL;
}

/* In a procedure the order of the steps is the order of the run: who led to the step after it, does
 * so again. */
static void follow_order(struct flow_edit *e, const struct flow_graph *was, size_t from, size_t to)
{
	struct flow_graph *g = &e->doc.structure;
	struct flow_node *nodes = edit_nodes(e);

	for (size_t at = 0; at < g->nodes.n; at++) {
		size_t old = at == to ? from : at - (at > to) + (at - (at > to) >= from);

		if (follows(was, old))
			nodes[at].next = at + 1 < g->nodes.n ? nodes[at + 1].id : STR_NONE;
	}
	if (str_eq(g->start, flow_nodes(was)[0].id))
		g->start = nodes[0].id;
}

const struct err *flow_move_node(struct flow_edit *e, struct str id, size_t to)
{
	const struct flow_graph was = e->doc.structure;
	size_t from;

	TRY(edit_find(e, id, &from));
	if (to > was.nodes.n - 1)
		to = was.nodes.n - 1;
	e->doc.structure.nodes =
		edit_moved(e->arena, was.nodes, sizeof(struct flow_node), from, to);
	if (is_procedure(e))
		follow_order(e, &was, from, to);
	e->label = str_fmt(e->arena, "Moved step '%.*s' to place %zu", STR_ARG(name_of(e, to)),
			   to + 1);
	return NULL;
}

const struct err *flow_set_start(struct flow_edit *e, struct str id)
{
	size_t at;

	TRY(edit_find(e, id, &at));
	e->doc.structure.start = flow_nodes(&e->doc.structure)[at].id;
	e->label = str_fmt(e->arena, "Made '%.*s' the first step", STR_ARG(name_of(e, at)));
	return NULL;
}

/* ---- the head ---- */

#define NAME        1
#define DESCRIPTION 2
#define TYPE        4

static const char *const head_labels[] = {
	[0] = "Saved the flow",
	[NAME] = "Renamed the flow to",
	[DESCRIPTION] = "Changed the description",
	[NAME | DESCRIPTION] = "Changed name and description",
	[TYPE] = "Changed the type to",
	[NAME | TYPE] = "Changed name and type",
	[DESCRIPTION | TYPE] = "Changed description and type",
	[NAME | DESCRIPTION | TYPE] = "Changed name, description and type",
};

const struct err *flow_set_head(struct flow_edit *e, struct str name, struct str description,
				int type)
{
	struct flow_doc *d = &e->doc;
	int changed = (str_eq(d->name, name) ? 0 : NAME) | (d->type == type ? 0 : TYPE) |
		      (str_eq(d->description, description) ? 0 : DESCRIPTION);

	d->name = edit_text(name);
	d->description = edit_text(description);
	d->type = type;
	e->label = str_of(head_labels[changed]);
	if (changed == NAME)
		tell(e, head_labels[NAME], flow_brief(e->arena, name));
	if (changed == TYPE)
		tell(e, head_labels[TYPE], names_text(&flow_types, type));
	return NULL;
}
