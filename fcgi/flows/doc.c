/* A flow's shapes, and how to walk it; see doc.h. */
#include "flows/doc.h"

#include "flows/places.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"

#define JSON_MAX ((size_t)16 << 20)

const struct names flow_types = NAMES("troubleshooting", "procedural", "maintenance");
const struct names node_kinds = NAMES("decision", "action", "answer", "section");
const struct names outcomes = NAMES("resolved", "escalate", "unresolved");
const struct names field_kinds = NAMES("text", "textarea", "number", "select", "checkbox", "date",
				       "email", "ip", "password");

bool flow_id_is_sound(struct str id)
{
	if (id.n < 1 || id.n > FLOW_ID_MAX)
		return false;
	for (size_t at = 0; at < id.n; at++) {
		char c = id.p[at];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return true;
}

static const char *check_id(struct str id)
{
	return flow_id_is_sound(id) ? NULL : "An id has 1 to 64 letters, digits, _ or -.";
}

#define F_ID(T, m, ...)                                                                            \
	F_STR(T, m, .exact = true, .check = check_id, .max = FLOW_ID_MAX, __VA_ARGS__)
#define F_TEXT(T, m, ...) F_STR(T, m, .exact = true, .any = true, .optional = true, __VA_ARGS__)

static const struct shape option_shape =
	SHAPE(struct flow_option, F_ID(struct flow_option, id, .min = 1),
	      F_TEXT(struct flow_option, label, .max = FLOW_LABEL_MAX),
	      F_ID(struct flow_option, next, .optional = true, .null = true));

#define N         struct flow_node
#define N_ID      F_ID(N, id, .min = 1)
#define N_KIND    F_ENUM(N, kind, &node_kinds)
#define N_TITLE   F_TEXT(N, title, .max = FLOW_TITLE_MAX)
#define N_BODY    F_TEXT(N, body, .max = FLOW_TEXT_MAX, .lines = true)
#define N_HELP    F_TEXT(N, help, .max = FLOW_TEXT_MAX, .lines = true)
#define N_OPTIONS F_LIST(N, options, &option_shape, .optional = true, .max = FLOW_OPTIONS_MAX)
#define N_NEXT    F_ID(N, next, .optional = true, .null = true)
#define N_NEEDED  F_BOOL(N, required, .optional = true)
#define N_OUTCOME F_ENUM(N, outcome, &outcomes, .optional = true, .null = true)
#define N_LIBRARY F_UUID(N, library_step_id, .optional = true, .null = true)

static const struct shape decision_shape =
	SHAPE(N, N_ID, N_KIND, N_TITLE, N_BODY, N_HELP, N_OPTIONS, N_LIBRARY);
static const struct shape action_shape =
	SHAPE(N, N_ID, N_KIND, N_TITLE, N_BODY, N_HELP, N_NEXT, N_NEEDED, N_LIBRARY);
static const struct shape answer_shape =
	SHAPE(N, N_ID, N_KIND, N_TITLE, N_BODY, N_HELP, N_OUTCOME, N_LIBRARY);
static const struct shape section_shape =
	SHAPE(N, N_ID, N_KIND, N_TITLE, N_BODY, N_HELP, N_NEXT, N_LIBRARY);
static const struct shape *const kind_shapes[] = { &decision_shape, &action_shape, &answer_shape,
						   &section_shape, NULL };

static size_t kind_of(const void *node)
{
	return (size_t)((const struct flow_node *)node)->kind;
}

const struct shape flow_node_shape =
	SHAPE_WITH(N, (.variant = kind_of, .variants = kind_shapes), N_ID, N_KIND, N_TITLE, N_BODY,
		   N_HELP, N_OPTIONS, N_NEXT, N_NEEDED, N_OUTCOME, N_LIBRARY);
const struct shape flow_graph_shape =
	SHAPE(struct flow_graph, F_ID(struct flow_graph, start, .optional = true, .null = true),
	      F_LIST(struct flow_graph, nodes, &flow_node_shape, .max = FLOW_NODES_MAX));

static const char *check_name(struct str name)
{
	return flow_id_is_sound(name) ? NULL
				      : "A field's name has 1 to 64 letters, digits, _ or -.";
}

const struct shape flow_field_shape = SHAPE(
	struct flow_field,
	F_STR(struct flow_field, name, .min = 1, .max = FLOW_ID_MAX, .check = check_name),
	F_TEXT(struct flow_field, label, .max = FLOW_LABEL_MAX),
	F_ENUM(struct flow_field, kind, &field_kinds),
	F_BOOL(struct flow_field, required, .optional = true),
	F_TEXT(struct flow_field, help, .max = FLOW_ASK_MAX),
	F_LIST(struct flow_field, options, &shape_texts, .optional = true, .max = FLOW_CHOICES_MAX),
	{ .name = "default",
	  .type = FIELD_STR,
	  .off = offsetof(struct flow_field, preset),
	  .exact = true,
	  .any = true,
	  .lines = true,
	  .optional = true,
	  .null = true,
	  .max = FLOW_PRESET_MAX });

const struct flow_node *flow_nodes(const struct flow_graph *g)
{
	return g->nodes.items;
}

const struct flow_option *flow_options(const struct flow_node *n)
{
	return n->options.items;
}

const struct flow_field *flow_fields(const struct flow_doc *d)
{
	return d->intake.items;
}

const struct flow_field *flow_field_of(const struct flow_doc *d, struct str name)
{
	for (size_t at = 0; at < d->intake.n; at++)
		if (str_eq(flow_fields(d)[at].name, name))
			return &flow_fields(d)[at];
	return NULL;
}

size_t flow_ways(const struct flow_node *n)
{
	switch ((enum flow_node_kind)n->kind) {
	case FLOW_DECISION:
		return n->options.n;
	case FLOW_ACTION:
	case FLOW_SECTION:
		return 1;
	case FLOW_ANSWER:
		return 0;
	}
	return 0;
}

struct flow_way flow_way(const struct flow_node *n, size_t at)
{
	const struct flow_option *option = flow_options(n) + at;

	if (n->kind == FLOW_DECISION)
		return (struct flow_way){ option->label, option->next };
	return (struct flow_way){ STR_NONE, n->next };
}

/* ---- ids to places ---- */

struct flow_index {
	struct places *places;
};

const struct flow_index *flow_index(struct arena *a, const struct flow_graph *g)
{
	struct flow_index *ix = ARENA_NEW(a, struct flow_index);

	ix->places = places_new(a, g->nodes.n);
	for (size_t at = 0; at < g->nodes.n; at++)
		places_put(ix->places, flow_nodes(g)[at].id, at);
	return ix;
}

ptrdiff_t flow_at(const struct flow_index *ix, struct str id)
{
	return id.n ? places_find(ix->places, id) : -1;
}

/* ---- walking ---- */

bool flow_next_variable(struct str *rest, struct str *before, struct str *name)
{
	size_t at = 0;
	ptrdiff_t open;

	for (; (open = str_find(str_skip(*rest, at), '[')) >= 0; at++) {
		struct str inside;
		ptrdiff_t end;

		at += (size_t)open;
		inside = str_skip(*rest, at + 5);
		if (!str_starts(str_skip(*rest, at), STR("[VAR:")))
			continue;
		end = str_find(str_first(inside, FLOW_ID_MAX + 1), ']');
		if (end < 1 || !flow_id_is_sound(str_first(inside, (size_t)end)))
			continue;
		*before = str_first(*rest, at);
		*name = str_first(inside, (size_t)end);
		*rest = str_skip(inside, (size_t)end + 1);
		return true;
	}
	return false;
}

/* Puts the ways out of a node on the stack, the first on top. */
static void push_ways(const struct flow_index *ix, const struct flow_node *n, size_t *stack,
		      size_t *depth)
{
	for (size_t left = flow_ways(n); left > 0; left--) {
		ptrdiff_t to = flow_at(ix, flow_way(n, left - 1).next);

		if (to >= 0)
			stack[(*depth)++] = (size_t)to;
	}
}

static size_t count_ways(const struct flow_graph *g)
{
	size_t n = 1;

	for (size_t at = 0; at < g->nodes.n; at++)
		n += flow_ways(&flow_nodes(g)[at]);
	return n;
}

size_t flow_reading_order(struct arena *a, const struct flow_graph *g, size_t *ret)
{
	const struct flow_index *ix = flow_index(a, g);
	size_t *stack = ARENA_ARRAY(a, size_t, count_ways(g)), depth = 0, n = 0, reached;
	bool *seen = ARENA_ARRAY(a, bool, g->nodes.n + 1);

	if (flow_at(ix, g->start) >= 0)
		stack[depth++] = (size_t)flow_at(ix, g->start);
	while (depth) {
		size_t at = stack[--depth];

		if (seen[at])
			continue;
		seen[at] = true;
		ret[n++] = at;
		push_ways(ix, &flow_nodes(g)[at], stack, &depth);
	}
	reached = n;
	for (size_t at = 0; at < g->nodes.n; at++)
		if (!seen[at])
			ret[n++] = at;
	return reached;
}

/* ---- as text ---- */

struct str flow_structure_json(struct arena *a, const struct flow_graph *g)
{
	struct buf out = buf_new(a, JSON_MAX);

	shape_put_json(&out, &flow_graph_shape, g);
	return buf_str(&out);
}

struct str flow_intake_json(struct arena *a, struct list fields)
{
	struct buf out = buf_new(a, JSON_MAX);

	buf_putc(&out, '[');
	for (size_t at = 0; at < fields.n; at++) {
		if (at)
			buf_putc(&out, ',');
		shape_put_json(&out, &flow_field_shape, list_at(fields, &flow_field_shape, at));
	}
	buf_putc(&out, ']');
	return buf_str(&out);
}

struct str flow_doc_hash(struct arena *a, const struct flow_doc *d)
{
	struct buf all = buf_new(a, JSON_MAX * 2 + 100000);

	buf_put_json(&all, d->name);
	buf_put_json(&all, d->description);
	buf_put_int(&all, d->type);
	buf_put(&all, flow_structure_json(a, &d->structure));
	buf_put(&all, flow_intake_json(a, d->intake));
	return crypto_hash_token(a, buf_str(&all));
}
