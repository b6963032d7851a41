/* Flows by chance; see flows.h. */
#include "support/flows.h"

#include "kit/base/arena.h"
#include "kit/base/shape_json.h"

static uint64_t chance_next(struct chance *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

size_t chance_below(struct chance *c, size_t n)
{
	return n ? (size_t)(chance_next(c) % n) : 0;
}

bool chance_one_in(struct chance *c, size_t n)
{
	return chance_below(c, n) == 0;
}

static const char *const titles[] = {
	"Ping the gateway",
	"Is the lamp green?",
	"",
	"   ",
	"Stra\xc3\x9f"
	"e pr\xc3\xbc"
	"fen",
	"\xe8\xb7\xaf\xe7\x94\xb1\xe5\x99\xa8\xe9\x87\x8d\xe5\x90\xaf",
	"\xd8\xa3\xd8\xb9\xd8\xaf",
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb <b>'quoted'</b> & \"co\"",
	"Log in to [VAR:server] as [VAR:user]",
	"A title that goes on and on, longer than a line of the history has room for, and then "
	"some",
	"\xe9\x95\xbf\xe9\x95\xbf\xe9\x95\xbf\xe9\x95\xbf\xe9\x95\xbf\xe9\x95\xbf\xe9\x95\xbf",
};
static const char *const bodies[] = {
	"",
	"Look at **[VAR:server]**.",
	"[VAR:user][VAR:user] [VAR:] [VAR:[VAR:server]",
	"Nothing of note.\n\n- one\n- two",
	"[VAR:nobody] knows [VAR:server",
};

#define PICK(c, all) str_of((all)[chance_below((c), sizeof(all) / sizeof((all)[0]))])

struct str flows_title(struct chance *c)
{
	return PICK(c, titles);
}

struct str flows_target(struct arena *a, struct chance *c, size_t nodes)
{
	if (chance_one_in(c, 12))
		return STR_NONE;
	return str_fmt(a, "n%zu", 1 + chance_below(c, nodes + chance_one_in(c, 10)));
}

static struct list options_by_chance(struct arena *a, struct chance *c, size_t nodes)
{
	size_t n = chance_below(c, 5);
	struct flow_option *options = ARENA_ARRAY(a, struct flow_option, n + 1);

	for (size_t at = 0; at < n; at++)
		options[at] = (struct flow_option){ str_fmt(a, "o%zu", at + 1), flows_title(c),
						    flows_target(a, c, nodes) };
	return LIST_OF(options, n);
}

static struct flow_node node_by_chance(struct arena *a, struct chance *c, size_t at, size_t nodes)
{
	struct flow_node n = { .id = str_fmt(a, "n%zu", at + 1),
			       .kind = (int)chance_below(c, node_kinds.n),
			       .title = flows_title(c),
			       .body = PICK(c, bodies),
			       .help = PICK(c, bodies),
			       .outcome = -1 };

	if (n.kind == FLOW_DECISION)
		n.options = options_by_chance(a, c, nodes);
	else if (n.kind == FLOW_ANSWER)
		n.outcome = (int)chance_below(c, outcomes.n);
	else if (!chance_one_in(c, 3))
		n.next = flows_target(a, c, nodes);
	else if (at + 1 < nodes)
		n.next = str_fmt(a, "n%zu", at + 2);
	n.required = n.kind == FLOW_ACTION && chance_one_in(c, 2);
	return n;
}

static struct list fields_by_chance(struct arena *a, struct chance *c)
{
	static const char *const names[] = { "server", "user", "site" };
	struct flow_field *fields = ARENA_ARRAY(a, struct flow_field, 3);
	size_t n = 0;

	for (size_t at = 0; at < 3; at++)
		if (chance_one_in(c, 2))
			fields[n++] =
				(struct flow_field){ .name = str_of(names[at]),
						     .label = flows_title(c),
						     .kind = (int)chance_below(c, field_kinds.n),
						     .help = PICK(c, bodies) };
	return LIST_OF(fields, n);
}

struct flow_doc flows_by_chance(struct arena *a, struct chance *c, size_t max_nodes)
{
	size_t n = chance_below(c, max_nodes + 1);
	struct flow_node *nodes = ARENA_ARRAY(a, struct flow_node, n + 1);

	for (size_t at = 0; at < n; at++)
		nodes[at] = node_by_chance(a, c, at, n);
	return (struct flow_doc){
		.name = STR("A flow"),
		.description = STR(""),
		.type = (int)chance_below(c, flow_types.n),
		.structure = { n ? flows_target(a, c, n) : STR_NONE, LIST_OF(nodes, n) },
		.intake = fields_by_chance(a, c),
	};
}

struct str flows_node_text(struct arena *a, const struct flow_node *n)
{
	struct buf out = buf_new(a, (size_t)1 << 20);

	shape_put_json(&out, &flow_node_shape, n);
	return buf_str(&out);
}

const struct flow_node *flows_node(struct arena *a, const struct flow_doc *d, const char *id)
{
	ptrdiff_t at = flow_at(flow_index(a, &d->structure), str_of(id));

	return at < 0 ? NULL : flow_nodes(&d->structure) + at;
}
