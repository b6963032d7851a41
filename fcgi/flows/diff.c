/* What became of a flow, for people to read; see diff.h. */
#include "flows/diff.h"

#include <string.h>

#include "flows/pairs.h"
#include "flows/words.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

static const struct shape part_shape =
	SHAPE(struct flow_change_part, F_STR(struct flow_change_part, name),
	      F_STR(struct flow_change_part, before, .null = true),
	      F_STR(struct flow_change_part, after, .null = true));
const struct shape flow_change_shape =
	SHAPE(struct flow_change, F_STR(struct flow_change, what),
	      F_STR(struct flow_change, node_id, .null = true), F_STR(struct flow_change, title),
	      F_LIST(struct flow_change, parts, &part_shape));

_Static_assert(offsetof(struct flow_node, id) == 0 && offsetof(struct flow_option, id) == 0 &&
		       offsetof(struct flow_field, name) == 0,
	       "pair_up() tells items apart by their first member");

#define NODE_PARTS 12 /* without its options */

struct side {
	const struct flow_doc *doc;
	const struct flow_index *index;
};

struct comparison {
	struct arena *arena;
	struct side from, to;
	struct flow_change *changes;
	size_t n;
	struct flow_change_part *parts; /* of the change at hand */
	size_t nparts;
};

static struct str some(struct str text)
{
	return text.n ? text : STR_NONE;
}

static void part(struct comparison *c, struct str name, struct str before, struct str after)
{
	c->parts[c->nparts++] = (struct flow_change_part){ name, some(before), some(after) };
}

static void differ(struct comparison *c, struct str name, struct str before, struct str after)
{
	if (!str_eq(before, after))
		part(c, name, before, after);
}

/* The parts gathered so far are one change; without any nothing has changed. */
static void change(struct comparison *c, const char *what, struct str node_id, struct str title)
{
	struct flow_change_part *parts = ARENA_ARRAY(c->arena, struct flow_change_part, c->nparts);

	if (c->nparts == 0)
		return;
	memcpy(parts, c->parts, c->nparts * sizeof(*parts));
	c->changes[c->n++] =
		(struct flow_change){ str_of(what), node_id, title, LIST_OF(parts, c->nparts) };
	c->nparts = 0;
}

static void place(struct comparison *c, ptrdiff_t before, size_t after)
{
	part(c, STR("Place"), str_fmt(c->arena, "%td", before + 1),
	     str_fmt(c->arena, "%zu", after + 1));
}

/* ---- where ways lead ---- */

static struct str name_of(const struct comparison *c, const struct side *side, struct str id)
{
	ptrdiff_t at = flow_at(side->index, id);

	return at < 0 ? id : flow_node_name(c->arena, flow_nodes(&side->doc->structure) + at);
}

static struct str target(const struct comparison *c, const struct side *side, int kind,
			 struct str next)
{
	if (next.n)
		return name_of(c, side, next);
	return kind == FLOW_DECISION || side->doc->type == FLOW_TROUBLESHOOTING ? STR("nowhere")
										: STR("the end");
}

/* Steps of the same title are told apart by their ids. */
static void part_of_way(struct comparison *c, struct str name, struct str before, struct str after,
			struct str after_id)
{
	if (str_eq(before, after))
		after = str_fmt(c->arena, "%.*s (%.*s)", STR_ARG(after), STR_ARG(after_id));
	part(c, name, before, after);
}

static bool is_straight(const struct flow_node *n)
{
	return n->kind == FLOW_ACTION || n->kind == FLOW_SECTION;
}

static void compare_next(struct comparison *c, const struct flow_node *old,
			 const struct flow_node *new)
{
	struct str before = STR_NONE, after = STR_NONE;

	if (is_straight(old) && is_straight(new) && str_eq(old->next, new->next))
		return;
	if (is_straight(old))
		before = target(c, &c->from, old->kind, old->next);
	if (is_straight(new))
		after = target(c, &c->to, new->kind, new->next);
	if (before.n || after.n)
		part_of_way(c, STR("Leads to"), before, after, new->next);
}

/* ---- options ---- */

static struct list options_of(const struct flow_node *n)
{
	static const struct flow_option none;

	return n->kind == FLOW_DECISION && n->options.n ? n->options : LIST_OF(&none, 0);
}

static struct str way_name(const struct comparison *c, const struct flow_option *option)
{
	return str_fmt(c->arena, "Option '%.*s' leads to",
		       STR_ARG(flow_option_name(c->arena, option)));
}

static void compare_option(struct comparison *c, const struct flow_option *old,
			   const struct flow_option *new)
{
	if (!str_eq(old->label, new->label))
		part(c,
		     str_fmt(c->arena, "Option '%.*s'", STR_ARG(flow_option_name(c->arena, old))),
		     old->label, new->label);
	if (!str_eq(old->next, new->next))
		part_of_way(c, way_name(c, new), target(c, &c->from, FLOW_DECISION, old->next),
			    target(c, &c->to, FLOW_DECISION, new->next), new->next);
}

static struct str labels_of(const struct comparison *c, struct list options)
{
	const struct flow_option *all = options.items;
	struct buf out = buf_new(c->arena, SIZE_MAX / 2);

	for (size_t at = 0; at < options.n; at++) {
		buf_put(&out, at ? STR(", ") : STR(""));
		buf_put(&out, flow_option_name(c->arena, &all[at]));
	}
	return buf_str(&out);
}

static void compare_options(struct comparison *c, struct list older, struct list newer)
{
	const struct flow_option *old = older.items, *new = newer.items;
	bool moved = false;
	struct pairs pairs;

	pair_up(c->arena, sizeof(*new), older, newer, &pairs);
	for (size_t at = 0; at < pairs.n; at++) {
		ptrdiff_t is = pairs.merged[at], was = is < 0 ? -1 - is : pairs.to_old[is];

		if (is < 0)
			part(c, way_name(c, old + was),
			     target(c, &c->from, FLOW_DECISION, old[was].next), STR_NONE);
		else if (was < 0)
			part(c, way_name(c, new + is), STR_NONE,
			     target(c, &c->to, FLOW_DECISION, new[is].next));
		else
			compare_option(c, old + was, new + is);
		moved = moved || (is >= 0 && pairs.moved[is]);
	}
	if (moved)
		part(c, STR("Order of the options"), labels_of(c, older), labels_of(c, newer));
}

/* ---- steps ---- */

static struct str required(bool is)
{
	return is ? STR("yes") : STR_NONE;
}

static void compare_nodes(struct comparison *c, const struct flow_node *old,
			  const struct flow_node *new)
{
	differ(c, STR("Kind"), names_text(&node_kinds, old->kind),
	       names_text(&node_kinds, new->kind));
	differ(c, STR("Title"), old->title, new->title);
	differ(c, STR("Text"), old->body, new->body);
	differ(c, STR("Help"), old->help, new->help);
	compare_options(c, options_of(old), options_of(new));
	compare_next(c, old, new);
	differ(c, STR("Required"), required(old->required && old->kind == FLOW_ACTION),
	       required(new->required &&new->kind == FLOW_ACTION));
	differ(c, STR("Outcome"),
	       old->kind == FLOW_ANSWER ? names_text(&outcomes, old->outcome) : STR_NONE,
	       new->kind == FLOW_ANSWER ? names_text(&outcomes, new->outcome) : STR_NONE);
	differ(c, STR("Library step"), uuid_str(&old->library_step_id),
	       uuid_str(&new->library_step_id));
}

static void change_node(struct comparison *c, const char *what, const struct flow_node *n)
{
	change(c, what, n->id,
	       str_fmt(c->arena, "Step '%.*s'", STR_ARG(flow_node_name(c->arena, n))));
}

static void compare_graphs(struct comparison *c)
{
	static const struct flow_node nothing = { .kind = -1, .outcome = -1 };
	const struct flow_graph *from = &c->from.doc->structure, *to = &c->to.doc->structure;
	struct pairs pairs;

	pair_up(c->arena, sizeof(nothing), from->nodes, to->nodes, &pairs);
	for (size_t at = 0; at < pairs.n; at++) {
		ptrdiff_t is = pairs.merged[at], was = is < 0 ? -1 - is : pairs.to_old[is];
		const struct flow_node *old = was < 0 ? &nothing : flow_nodes(from) + was;
		const struct flow_node *new = is < 0 ? &nothing : flow_nodes(to) + is;

		compare_nodes(c, old, new);
		if (is >= 0 && pairs.moved[is])
			place(c, was, (size_t)is);
		change_node(c,
			    was < 0  ? "added"
			    : is < 0 ? "removed"
				     : "changed",
			    is < 0 ? old : new);
	}
}

/* ---- fields ---- */

static struct str choices(const struct comparison *c, const struct flow_field *f)
{
	struct buf out = buf_new(c->arena, SIZE_MAX / 2);

	for (size_t at = 0; at < f->options.n; at++) {
		buf_put(&out, at ? STR("\n") : STR(""));
		buf_put(&out, ((const struct str *)f->options.items)[at]);
	}
	return buf_str(&out);
}

static void compare_fields(struct comparison *c, const struct flow_field *old,
			   const struct flow_field *new)
{
	differ(c, STR("Label"), old->label, new->label);
	differ(c, STR("Kind"), names_text(&field_kinds, old->kind),
	       names_text(&field_kinds, new->kind));
	differ(c, STR("Required"), required(old->required), required(new->required));
	differ(c, STR("Help"), old->help, new->help);
	differ(c, STR("Choices"), choices(c, old), choices(c, new));
	differ(c, STR("Default"), old->preset, new->preset);
}

static void compare_intakes(struct comparison *c)
{
	static const struct flow_field nothing = { .kind = -1 };
	const struct flow_doc *from = c->from.doc, *to = c->to.doc;
	struct pairs pairs;

	pair_up(c->arena, sizeof(nothing), from->intake, to->intake, &pairs);
	for (size_t at = 0; at < pairs.n; at++) {
		ptrdiff_t is = pairs.merged[at], was = is < 0 ? -1 - is : pairs.to_old[is];
		const struct flow_field *old = was < 0 ? &nothing : flow_fields(from) + was;
		const struct flow_field *new = is < 0 ? &nothing : flow_fields(to) + is;

		compare_fields(c, old, new);
		if (is >= 0 && pairs.moved[is])
			place(c, was, (size_t)is);
		change(c,
		       was < 0  ? "added"
		       : is < 0 ? "removed"
				: "changed",
		       STR_NONE,
		       str_fmt(c->arena, "Field '%.*s'", STR_ARG((is < 0 ? old : new)->name)));
	}
}

/* ---- the whole ---- */

static void compare_text(struct comparison *c, struct str name, struct str before, struct str after)
{
	differ(c, name, before, after);
	change(c, "changed", STR_NONE, name);
}

static void compare_heads(struct comparison *c)
{
	const struct flow_doc *from = c->from.doc, *to = c->to.doc;

	compare_text(c, STR("Name"), from->name, to->name);
	compare_text(c, STR("Description"), from->description, to->description);
	compare_text(c, STR("Type"), names_text(&flow_types, from->type),
		     names_text(&flow_types, to->type));
	if (!str_eq(from->structure.start, to->structure.start))
		part_of_way(c, STR("First step"), name_of(c, &c->from, from->structure.start),
			    name_of(c, &c->to, to->structure.start), to->structure.start);
	change(c, "changed", STR_NONE, STR("First step"));
}

static size_t most_parts(const struct flow_graph *from, const struct flow_graph *to)
{
	size_t most = 0;

	for (size_t at = 0; at < from->nodes.n; at++)
		if (flow_nodes(from)[at].options.n > most)
			most = flow_nodes(from)[at].options.n;
	for (size_t at = 0, other = most; at < to->nodes.n; at++)
		if (flow_nodes(to)[at].options.n + other > most)
			most = flow_nodes(to)[at].options.n + other;
	return most * 2 + NODE_PARTS; /* of an option the label and the target */
}

struct list flow_diff(struct arena *a, const struct flow_doc *from, const struct flow_doc *to)
{
	struct comparison c = { .arena = a,
				.from = { from, flow_index(a, &from->structure) },
				.to = { to, flow_index(a, &to->structure) } };

	c.parts = ARENA_ARRAY(a, struct flow_change_part,
			      most_parts(&from->structure, &to->structure));
	c.changes = ARENA_ARRAY(a, struct flow_change,
				4 + from->structure.nodes.n + to->structure.nodes.n +
					from->intake.n + to->intake.n);
	compare_heads(&c);
	compare_graphs(&c);
	compare_intakes(&c);
	return LIST_OF(c.changes, c.n);
}
