/*
 * A flow as numbered steps; see write.h.  Here is also how a [VAR:name] is shown where there is no
 * value for it yet.
 */
#include "flows/write.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/render/markdown.h"

#define SHAPE_T struct flow_step_way
const struct shape flow_step_way_shape =
	SHAPE(SHAPE_T, F_STR(SHAPE_T, label), F_STR(SHAPE_T, target), F_STR(SHAPE_T, id),
	      F_INT(SHAPE_T, number), F_BOOL(SHAPE_T, back), F_BOOL(SHAPE_T, ends),
	      F_BOOL(SHAPE_T, missing));
#undef SHAPE_T
#define SHAPE_T struct flow_step
const struct shape flow_step_shape =
	SHAPE(SHAPE_T, F_STR(SHAPE_T, id), F_STR(SHAPE_T, title), F_STR(SHAPE_T, kind),
	      F_INT(SHAPE_T, number), F_BOOL(SHAPE_T, decision), F_BOOL(SHAPE_T, action),
	      F_BOOL(SHAPE_T, answer), F_BOOL(SHAPE_T, section), F_BOOL(SHAPE_T, required),
	      F_BOOL(SHAPE_T, unreachable), F_BOOL(SHAPE_T, start), F_STR(SHAPE_T, outcome),
	      F_HTML(SHAPE_T, body), F_HTML(SHAPE_T, help),
	      F_LIST(SHAPE_T, ways, &flow_step_way_shape), F_BOOL(SHAPE_T, straight));
#undef SHAPE_T

static const struct names outcome_words =
	NAMES("Resolved", "Escalate to a colleague", "Not resolved");

/* ---- variables ---- */

/*
 * While Markdown is read, a variable is a number between two of these: no letter, so that "_" in
 * a name makes no emphasis, and no bracket, so that it is no link.  Unicode keeps the character out
 * of all texts; where an author wrote one it is dropped.
 */
#define MARK "\xef\xb7\x90" /* U+FDD0 */

struct marked {
	struct str text;
	const struct str *names; /* of the variables, by their numbers */
	size_t n;
};

static ptrdiff_t find_mark(struct str s)
{
	const char *hit = s.n ? memmem(s.p, s.n, MARK, strlen(MARK)) : NULL;

	return hit ? hit - s.p : -1;
}

static void put_unmarked(struct buf *out, struct str text)
{
	for (ptrdiff_t at = find_mark(text); at >= 0; at = find_mark(text)) {
		buf_put(out, str_first(text, (size_t)at));
		text = str_skip(text, (size_t)at + strlen(MARK));
	}
	buf_put(out, text);
}

static struct marked mark_variables(struct arena *a, struct str text)
{
	struct buf out = buf_new(a, text.n * 2 + 16);
	struct str rest = text, before, name;
	struct marked m = { .n = 0 };
	struct str *names;

	while (flow_next_variable(&rest, &before, &name))
		m.n++;
	if (!m.n && find_mark(text) < 0) {
		m.text = text;
		return m;
	}
	m.names = names = ARENA_ARRAY(a, struct str, m.n + 1);
	rest = text;
	for (size_t at = 0; flow_next_variable(&rest, &before, &name); at++) {
		names[at] = name;
		put_unmarked(&out, before);
		buf_printf(&out, MARK "%zu" MARK, at);
	}
	put_unmarked(&out, rest);
	m.text = buf_str(&out);
	return m;
}

/* A name is of letters that need no escape. */
static void put_place(void *ctx, struct buf *out, struct str name, enum flow_place place)
{
	const struct flow_field *f = flow_field_of(*(const struct flow_doc **)ctx, name);

	if (place == PLACE_ADDRESS) {
		buf_printf(out, "[VAR:%.*s]", STR_ARG(name));
		return;
	}
	buf_printf(out, "<span class=\"var%s\" data-name=\"%.*s\">", f ? "" : " unknown",
		   STR_ARG(name));
	if (f && f->label.n) {
		buf_put_html(out, f->label);
		buf_putc(out, ' ');
	}
	buf_printf(out, "<code>%.*s</code>%s</span>", STR_ARG(name),
		   f ? "" : " <em>is no field of this flow</em>");
}

/* Takes "12" and the mark behind it off the rest. */
static bool take_number(struct str *rest, size_t *ret)
{
	ptrdiff_t end = find_mark(str_first(*rest, 10));
	int64_t number;

	if (end < 1 || !str_to_int(str_first(*rest, (size_t)end), &number) || number < 0)
		return false;
	*rest = str_skip(*rest, (size_t)end + strlen(MARK));
	*ret = (size_t)number;
	return true;
}

/* What is open at a place: a tag, and elements in which a control must not stand. */
struct around {
	bool tag;
	int quiet;
};

static bool is_quiet(struct str tag)
{
	return str_starts(tag, STR("a ")) || str_starts(tag, STR("code")) ||
	       str_starts(tag, STR("pre"));
}

static void walk(struct around *around, struct str html)
{
	for (size_t at = 0; at < html.n; at++) {
		struct str tag = str_skip(html, at + 1);
		bool closes = str_starts(tag, STR("/"));

		if (html.p[at] == '>')
			around->tag = false;
		if (html.p[at] != '<')
			continue;
		around->tag = true;
		if (closes ? str_starts(tag, STR("/a>")) || is_quiet(str_skip(tag, 1))
			   : is_quiet(tag))
			around->quiet += closes ? -1 : 1;
	}
}

static void put_places(struct buf *out, const struct flow_places *places, const struct marked *m,
		       struct str html)
{
	struct around around = { 0 };
	size_t number;

	for (ptrdiff_t at = find_mark(html); at >= 0; at = find_mark(html)) {
		struct str before = str_first(html, (size_t)at);

		buf_put(out, before);
		walk(&around, before);
		html = str_skip(html, (size_t)at + strlen(MARK));
		if (take_number(&html, &number) && number < m->n)
			places->put(places->ctx, out, m->names[number],
				    around.tag     ? PLACE_ADDRESS
				    : around.quiet ? PLACE_QUIET
						   : PLACE_TEXT);
	}
	buf_put(out, html);
}

struct html flow_text_places(struct arena *a, struct cache *made, struct str text,
			     const struct flow_places *places)
{
	struct marked m = mark_variables(a, text);
	struct html html;
	struct buf out;

	if (markdown_kept(a, made, m.text, &html))
		return html_as_written(a, text);
	if (find_mark(html.s) < 0)
		return html;
	out = buf_new(a, html.s.n * 4 + places->room);
	put_places(&out, places, &m, html.s);
	return out.full ? html_as_written(a, text) : (struct html){ buf_str(&out) };
}

struct html flow_text_html(struct arena *a, struct cache *made, const struct flow_doc *d,
			   struct str text)
{
	/* A long label for each of a thousand variables is nothing that anyone could read. */
	const struct flow_places places = { put_place, &d, (size_t)8 * 1024 };

	return flow_text_places(a, made, text, &places);
}

/* ---- titles ---- */

static bool is_unseen(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

struct str flow_visible(struct str text)
{
	while (text.n && is_unseen(text.p[0]))
		text = str_skip(text, 1);
	while (text.n && is_unseen(text.p[text.n - 1]))
		text.n--;
	return text;
}

static struct str label_line(struct arena *a, const struct flow_doc *d, struct str text)
{
	struct buf out = buf_new(a, text.n + (size_t)8 * 1024);
	struct str rest = text, before, name;

	while (flow_next_variable(&rest, &before, &name)) {
		const struct flow_field *f = flow_field_of(d, name);
		struct str label = f && flow_visible(f->label).n ? f->label : name;

		buf_printf(&out, "%.*s[%.*s]", STR_ARG(before), STR_ARG(label));
	}
	if (!out.n)
		return text;
	buf_put(&out, rest);
	return out.full ? text : buf_str(&out);
}

static struct list label_options(struct arena *a, const struct flow_doc *d,
				 const struct flow_node *n)
{
	struct flow_option *options = ARENA_ARRAY(a, struct flow_option, n->options.n + 1);

	for (size_t at = 0; at < n->options.n; at++) {
		options[at] = flow_options(n)[at];
		options[at].label = label_line(a, d, options[at].label);
	}
	return LIST_OF(options, n->options.n);
}

struct flow_doc flow_labelled(struct arena *a, const struct flow_doc *d)
{
	size_t n = d->structure.nodes.n;
	struct flow_node *nodes = ARENA_ARRAY(a, struct flow_node, n + 1);
	struct flow_doc ret = *d;

	for (size_t at = 0; at < n; at++) {
		nodes[at] = flow_nodes(&d->structure)[at];
		nodes[at].title = label_line(a, d, nodes[at].title);
		nodes[at].options = label_options(a, d, &nodes[at]);
	}
	ret.name = label_line(a, d, d->name);
	ret.structure.nodes = LIST_OF(nodes, n);
	return ret;
}

/* ---- steps ---- */

struct numbering {
	struct arena *arena;
	const struct flow_doc *doc;
	const struct flow_index *ix;
	const size_t *numbers; /* of each node, from 1 */
};

struct str flow_outcome_word(int outcome)
{
	return names_text(&outcome_words, outcome);
}

static struct str title_of(const struct flow_node *n)
{
	return flow_visible(n->title).n ? n->title : STR("Untitled step");
}

static struct flow_step_way number_way(const struct numbering *by, const struct flow_node *n,
				       size_t at)
{
	struct flow_way way = flow_way(n, at);
	ptrdiff_t to = flow_at(by->ix, way.next);
	struct flow_step_way ret = { .label = way.label };

	if (to < 0) {
		ret.ends = !way.next.n && n->kind != FLOW_DECISION &&
			   by->doc->type != FLOW_TROUBLESHOOTING;
		ret.missing = !ret.ends;
		return ret;
	}
	ret.id = way.next;
	ret.target = title_of(&flow_nodes(&by->doc->structure)[to]);
	ret.number = (int64_t)by->numbers[to];
	ret.back = by->numbers[to] <= by->numbers[n - flow_nodes(&by->doc->structure)];
	return ret;
}

static void fill_step(const struct numbering *by, const struct flow_node *n, struct flow_step *step)
{
	struct flow_step_way *ways = ARENA_ARRAY(by->arena, struct flow_step_way, flow_ways(n) + 1);

	*step = (struct flow_step){
		.id = n->id,
		.title = title_of(n),
		.kind = names_text(&node_kinds, n->kind),
		.number = (int64_t)by->numbers[n - flow_nodes(&by->doc->structure)],
		.decision = n->kind == FLOW_DECISION,
		.action = n->kind == FLOW_ACTION,
		.answer = n->kind == FLOW_ANSWER,
		.section = n->kind == FLOW_SECTION,
		.required = n->kind == FLOW_ACTION && n->required,
		.start = str_eq(n->id, by->doc->structure.start),
		.ways = LIST_OF(ways, flow_ways(n)),
	};
	if (step->answer)
		step->outcome = flow_outcome_word(n->outcome);
	for (size_t at = 0; at < flow_ways(n); at++)
		ways[at] = number_way(by, n, at);
	step->straight = !step->decision && step->ways.n == 1 && ways[0].number == step->number + 1;
}

/* order: room for the node that each step is. */
static struct flow_step *number_steps(struct arena *a, const struct flow_doc *d, size_t *order)
{
	size_t n = d->structure.nodes.n, reached, *numbers = ARENA_ARRAY(a, size_t, n + 1);
	struct flow_step *steps = ARENA_ARRAY(a, struct flow_step, n + 1);
	struct numbering by = { a, d, flow_index(a, &d->structure), numbers };

	reached = flow_reading_order(a, &d->structure, order);
	for (size_t at = 0; at < n; at++)
		numbers[order[at]] = at + 1;
	for (size_t at = 0; at < n; at++) {
		fill_step(&by, &flow_nodes(&d->structure)[order[at]], &steps[at]);
		steps[at].unreachable = at >= reached;
	}
	return steps;
}

struct list flow_steps(struct arena *a, const struct flow_doc *d)
{
	size_t n = d->structure.nodes.n;

	return LIST_OF(number_steps(a, d, ARENA_ARRAY(a, size_t, n + 1)), n);
}

struct list flow_steps_told(struct arena *a, struct cache *made, const struct flow_doc *d)
{
	size_t n = d->structure.nodes.n, *order = ARENA_ARRAY(a, size_t, n + 1);
	const struct flow_doc told = flow_labelled(a, d);
	struct flow_step *steps = number_steps(a, &told, order);

	for (size_t at = 0; at < n; at++) {
		const struct flow_node *node = &flow_nodes(&d->structure)[order[at]];

		steps[at].body = flow_text_html(a, made, d, node->body);
		steps[at].help = flow_text_html(a, made, d, node->help);
	}
	return LIST_OF(steps, n);
}
