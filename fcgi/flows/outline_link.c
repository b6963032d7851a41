/*
 * The items of an outline made into a flow: first each line its step, so that all titles are known,
 * then the ways between them.  What follows a step is where its open ends lead.
 */
#include "flows/outline_parts.h"

#include <string.h>

#include "kit/base/arena.h"

/* ---- steps ---- */

static void count_characters(struct outline *o, const struct outline_item *item, struct str *text)
{
	struct str cut = outline_cut(*text, FLOW_TEXT_MAX);

	if (cut.n < text->n)
		outline_problem(o, item->line, "The text of this step has more than %d characters.",
				FLOW_TEXT_MAX);
	*text = cut;
}

static void take_texts(struct outline *o, struct outline_item *item)
{
	struct flow_node *n = item->node;

	n->body = buf_str(&item->body);
	n->help = buf_str(&item->help);
	/* A line may be longer than a title: then it is the text of its step as well. */
	if (str_utf8_length(n->title) > FLOW_TITLE_MAX) {
		n->body = str_fmt(o->arena, "%.*s%s%.*s", STR_ARG(n->title),
				  n->body.n ? "\n\n" : "", STR_ARG(n->body));
		n->title = str_fmt(o->arena, "%.*s…",
				   STR_ARG(outline_cut(n->title, FLOW_TITLE_MAX - 1)));
	}
	count_characters(o, item, &n->body);
	count_characters(o, item, &n->help);
}

static struct flow_node *add_node(struct outline *o, int64_t line, int kind, struct str title)
{
	struct list *nodes = &o->ret->doc.structure.nodes;
	struct flow_node *n = &o->nodes[nodes->n];

	if (nodes->n == FLOW_NODES_MAX) {
		if (!o->full)
			outline_problem(o, line,
					"A flow has at most %d steps. Make several flows "
					"of it.",
					FLOW_NODES_MAX);
		o->full = true;
		return NULL;
	}
	nodes->n++;
	*n = (struct flow_node){ .id = str_fmt(o->arena, "s%zu", nodes->n),
				 .kind = kind,
				 .title = title,
				 .body = STR(""),
				 .help = STR(""),
				 .outcome = -1 };
	return n;
}

static struct str without_stars(struct str text)
{
	struct str inner = str_skip(str_first(text, text.n > 2 ? text.n - 2 : 0), 2);

	return inner.n && str_starts(text, STR("**")) && str_ends(text, STR("**")) &&
			       !str_contains(inner, STR("**"))
		       ? str_trim(inner)
		       : text;
}

/* "=> resolved" at the end of a line makes an answer of it. */
static bool take_outcome(struct outline *o, const struct outline_item *item, struct str *text,
			 int *outcome)
{
	struct str after;
	ptrdiff_t at = outline_arrow(*text, '=', &after);
	bool known;

	if (at < 0 || (at > 0 && str_find(after, ' ') >= 0))
		return false;
	known = names_find(&outcomes, str_lower(o->arena, after), outcome);
	if (!known)
		outline_problem(o, item->line,
				"Write => resolved, => escalate or => unresolved for an answer.");
	*text = str_trim(str_first(*text, (size_t)at));
	return true;
}

static const struct names answer_titles =
	NAMES("Resolved", "Hand it to a colleague", "Not resolved");

static void make_answer(struct outline *o, struct outline_item *item, struct str title, int outcome)
{
	if (!title.n)
		title = outcome < 0 ? STR("Answer") : names_text(&answer_titles, outcome);
	item->node = add_node(o, item->line, FLOW_ANSWER, title);
	if (item->node)
		item->node->outcome = outcome;
	o->answers++;
}

static void make_action(struct outline *o, struct outline_item *item, struct str text)
{
	static const struct str required = STR_INIT(" (required)");
	bool must = str_ends(text, required);
	ptrdiff_t arrow;

	if (must)
		text = str_trim(str_first(text, text.n - required.n));
	arrow = outline_arrow(text, '-', &item->jump);
	item->head = arrow < 0 ? text : str_trim(str_first(text, (size_t)arrow));
	if (arrow == 0)
		return;
	text = without_stars(text);
	item->asks = !item->section && item->first &&
		     (outline_is_yes_no(item->first->text) ||
		      (str_ends(text, STR("?")) && !item->first->box));
	item->node = add_node(o, item->line,
			      item->section ? FLOW_SECTION
			      : item->asks  ? FLOW_DECISION
					    : FLOW_ACTION,
			      text);
	if (item->node)
		item->node->required = must && !item->asks && !item->section;
	o->decisions += item->asks;
}

static void make_item(struct outline *o, struct outline_item *item, bool option)
{
	struct str text = item->text;
	int outcome = -1;

	item->jump = STR_NONE;
	if (option)
		item->label = outline_label(item->text, &text);
	if (str_utf8_length(item->label) > FLOW_LABEL_MAX) {
		outline_problem(o, item->line, "An answer to a question has at most %d characters.",
				FLOW_LABEL_MAX);
		item->label = outline_cut(item->label, FLOW_LABEL_MAX);
	}
	if (option && !text.n)
		item->head = STR("");
	else if (take_outcome(o, item, &text, &outcome))
		make_answer(o, item, text, outcome);
	else
		make_action(o, item, text);
	if (item->node)
		take_texts(o, item);
	else if (item->body.n + item->help.n && !o->full)
		outline_problem(o, item->line,
				"There is no step in this line that could have a "
				"text. Write the text below a step.");
}

static void make_items(struct outline *o, const struct outline_item *up)
{
	for (struct outline_item *item = up->first; item; item = item->next) {
		make_item(o, item, up->asks);
		make_items(o, item);
	}
}

/* ---- ways ---- */

/* Where ways wait for the step that comes next. */
struct end {
	struct str *next;
	struct end *after;
};

struct ends {
	struct end *first, *last;
};

static void add_end(struct outline *o, struct ends *ends, struct str *next)
{
	struct end *e = ARENA_NEW(o->arena, struct end);

	e->next = next;
	if (ends->last)
		ends->last->after = e;
	else
		ends->first = e;
	ends->last = e;
}

static void join(struct ends *to, struct ends more)
{
	if (!more.first)
		return;
	if (to->last)
		to->last->after = more.first;
	else
		to->first = more.first;
	to->last = more.last;
}

static void lead(struct ends *ends, struct str id)
{
	for (struct end *e = ends->first; e; e = e->after)
		*e->next = id;
	*ends = (struct ends){ NULL, NULL };
}

/* The first step of that title; *found: how many have it. */
static const struct flow_node *find_title(const struct outline *o, struct str title, size_t *found)
{
	struct str key = outline_title_key(o->arena, title);
	const struct flow_node *hit = NULL;

	*found = 0;
	for (size_t at = 0; at < o->ret->doc.structure.nodes.n; at++) {
		if (!str_eq(o->keys[at].title, key) && !(key.n && str_eq(o->keys[at].head, key)))
			continue;
		hit = hit ? hit : &o->nodes[at];
		++*found;
	}
	return hit;
}

/* A jump takes all ends with it.  An arrow behind a step may also be part of its title, as in
 * "Start -> Settings". */
static void jump(struct outline *o, struct outline_item *item, struct ends *ends)
{
	const struct flow_node *to;
	size_t found;

	if (!item->jump.p || !ends->first)
		return;
	to = find_title(o, item->jump, &found);
	if (found > 1)
		outline_problem(o, item->line,
				"%zu steps are called \"%.*s\". Give them different "
				"titles.",
				found, STR_ARG(item->jump));
	if (to) {
		if (item->node)
			item->node->title = without_stars(item->head);
		lead(ends, to->id);
	} else if (!item->node) {
		outline_problem(o, item->line,
				"No step is called \"%.*s\". Write its title as it "
				"stands.",
				STR_ARG(item->jump));
	}
}

static void link_below(struct outline *o, const struct outline_item *up, struct ends *ends);

static void link_item(struct outline *o, struct outline_item *item, struct ends *ends)
{
	struct flow_node *n = item->node;

	if (n) {
		lead(ends, n->id);
		if (n->kind == FLOW_ACTION && item->first &&
		    o->ret->doc.type != FLOW_TROUBLESHOOTING)
			n->kind = FLOW_SECTION;
		if (n->kind == FLOW_ACTION || n->kind == FLOW_SECTION)
			add_end(o, ends, &n->next);
	}
	jump(o, item, ends);
	link_below(o, item, ends);
}

/* Each option leads to what stands below it; all that is open behind them goes on together. */
static void link_options(struct outline *o, const struct outline_item *up, struct ends *ends)
{
	struct flow_option *options = ARENA_ARRAY(o->arena, struct flow_option, FLOW_OPTIONS_MAX);
	size_t n = 0;

	for (struct outline_item *item = up->first; item; item = item->next) {
		struct ends own = { NULL, NULL };

		if (n == FLOW_OPTIONS_MAX) {
			outline_problem(o, item->line, "A question has at most %d answers.",
					FLOW_OPTIONS_MAX);
			break;
		}
		options[n].label = item->label;
		options[n].id = str_fmt(o->arena, "o%zu", n + 1);
		add_end(o, &own, &options[n++].next);
		link_item(o, item, &own);
		join(ends, own);
	}
	if (up->node)
		up->node->options = LIST_OF(options, n);
}

static void link_below(struct outline *o, const struct outline_item *up, struct ends *ends)
{
	if (up->asks)
		link_options(o, up, ends);
	else
		for (struct outline_item *item = up->first; item; item = item->next)
			link_item(o, item, ends);
}

/* ---- the whole ---- */

static void collect_keys(struct outline *o, const struct outline_item *up)
{
	for (const struct outline_item *item = up->first; item; item = item->next) {
		if (item->node)
			o->keys[item->node - o->nodes] = (struct outline_keys){
				outline_title_key(o->arena, item->node->title),
				outline_title_key(o->arena, item->head),
			};
		collect_keys(o, item);
	}
}

static int type_of(const struct outline *o)
{
	const struct outline_item *first = o->root.first;

	while (first && first->section && first->next)
		first = first->next;
	if (o->type >= 0)
		return o->type;
	if (o->answers)
		return FLOW_TROUBLESHOOTING;
	return o->decisions && !first->counted ? FLOW_TROUBLESHOOTING : FLOW_PROCEDURAL;
}

/* In a troubleshooting flow every way ends in an answer: the author finds one to change. */
static void close_ends(struct outline *o, struct ends *ends)
{
	struct flow_node *n;

	if (!ends->first || o->ret->doc.type != FLOW_TROUBLESHOOTING || o->full)
		return;
	n = add_node(o, o->line, FLOW_ANSWER, STR("Done"));
	if (!n)
		return;
	n->outcome = OUTCOME_RESOLVED;
	lead(ends, n->id);
}

void outline_link(struct outline *o)
{
	struct flow_doc *doc = &o->ret->doc;
	struct ends ends = { NULL, NULL };

	o->nodes = ARENA_ARRAY(o->arena, struct flow_node, FLOW_NODES_MAX + 1);
	o->keys = ARENA_ARRAY(o->arena, struct outline_keys, FLOW_NODES_MAX + 1);
	doc->structure.nodes = LIST_OF(o->nodes, 0);
	make_items(o, &o->root);
	if (!doc->structure.nodes.n) {
		outline_problem(o, 1, "There is no step in this text. Write one on each line.");
		return;
	}
	collect_keys(o, &o->root);
	doc->type = type_of(o);
	link_below(o, &o->root, &ends);
	close_ends(o, &ends);
	doc->structure.start = o->nodes[0].id;
	if (!doc->name.n)
		doc->name = o->nodes[0].title;
}
