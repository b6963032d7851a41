/* Whether a flow is sound; see check.h.  The graph's part is in reach.c. */
#include "flows/check.h"

#include <string.h>

#include "flows/places.h"
#include "flows/reach.h"
#include "flows/words.h"
#include "flows/write.h"
#include "kit/base/arena.h"

#define LONG_STEP      1500 /* characters that one screen of a phone cannot show */
#define UNDECLARED_MAX 20   /* told of one step */

#define F struct flow_finding
const struct shape flow_finding_shape = SHAPE(F, F_STR(F, node_id, .null = true), F_STR(F, code),
					      F_STR(F, message), F_STR(F, hint));
#undef F
const struct shape flow_findings_shape =
	SHAPE(struct flow_findings, F_LIST(struct flow_findings, errors, &flow_finding_shape),
	      F_LIST(struct flow_findings, warnings, &flow_finding_shape));

enum defect {
	NO_STEPS,
	MISSING_START,
	NO_ANSWER,
	MISSING_TARGET,
	ENDLESS_WAY,
	TOO_FEW_OPTIONS,
	EMPTY_TITLE,
	EMPTY_LABEL,
	MISSING_OUTCOME,
	UNDECLARED_VARIABLE,
	DUPLICATE_ID,
	DUPLICATE_FIELD,
	EMPTY_FIELD_LABEL,
	SELECT_WITHOUT_OPTIONS,
	TOO_MANY_NODES,
	TOO_MANY_OPTIONS,
	TOO_MANY_FIELDS,
	TEXT_TOO_LONG,
	UNREACHABLE,
	UNUSED_FIELD,
	DUPLICATE_LABEL,
	LONG_STEP_TEXT,
	NO_HELP,
};

static const struct {
	const char *code;
	bool warning;
	const char *hint;
} defects[] = {
	[NO_STEPS] = { "no_steps", false, "Add its first step." },
	[MISSING_START] = { "missing_start", false, "Make one of its steps the first step." },
	[NO_ANSWER] = { "no_answer", false, "Add an answer, and lead a way to it." },
	[MISSING_TARGET] = { "missing_target", false, "Choose the step it leads to." },
	[ENDLESS_WAY] = { "endless_way", false,
			  "Let one of the ways of this loop lead out of it." },
	[TOO_FEW_OPTIONS] = { "too_few_options", false,
			      "Add an option, or make the step an action." },
	[EMPTY_TITLE] = { "empty_title", false, "Give it a title of a few words." },
	[EMPTY_LABEL] = { "empty_label", false, "Write on it what the reader chooses." },
	[MISSING_OUTCOME] = { "missing_outcome", false,
			      "Choose whether it resolves, escalates or leaves it unresolved." },
	[UNDECLARED_VARIABLE] = { "undeclared_variable", false,
				  "Add a field of that name, or correct the name in the step." },
	[DUPLICATE_ID] = { "duplicate_id", false, "Delete one of them and add it anew." },
	[DUPLICATE_FIELD] = { "duplicate_field", false, "Rename one of them." },
	[EMPTY_FIELD_LABEL] = { "empty_field_label", false, "Write what the field asks for." },
	[SELECT_WITHOUT_OPTIONS] = { "select_without_options", false,
				     "Write its choices, or make it a text field." },
	[TOO_MANY_NODES] = { "too_many_nodes", false, "Move a part of it into a second flow." },
	[TOO_MANY_OPTIONS] = { "too_many_options", false, "Delete some, or ask in two steps." },
	[TOO_MANY_FIELDS] = { "too_many_fields", false, "Delete the ones that no step needs." },
	[TEXT_TOO_LONG] = { "text_too_long", false, "Shorten it, or split it in two." },
	[UNREACHABLE] = { "unreachable", true, "Link an option or a step to it, or delete it." },
	[UNUSED_FIELD] = { "unused_field", true, "Name it in a step's text, or delete it." },
	[DUPLICATE_LABEL] = { "duplicate_label", true, "Choose words that tell them apart." },
	[LONG_STEP_TEXT] = { "long_step", true,
			     "Split it in two, or move the details into its help." },
	[NO_HELP] = { "no_help", true, "Tell in its help how to find out." },
};

/* ---- gathering ---- */

struct pile {
	struct flow_finding *items;
	size_t n, room;
};

struct judge {
	struct arena *arena;
	const struct flow_doc *doc;
	const struct flow_index *index;
	struct places *fields, *titles;
	struct places *labels, *options; /* of the fields, then of one decision */
	bool *used;                      /* each field: whether a text names it */
	struct pile errors, warnings;
};

static void add(struct judge *j, enum defect what, struct str node_id, struct str message)
{
	struct pile *pile = defects[what].warning ? &j->warnings : &j->errors;
	struct flow_finding *bigger;

	if (pile->n == pile->room) {
		pile->room = pile->room ? pile->room * 2 : 16;
		bigger = ARENA_ARRAY(j->arena, struct flow_finding, pile->room);
		if (pile->n)
			memcpy(bigger, pile->items, pile->n * sizeof(*bigger));
		pile->items = bigger;
	}
	pile->items[pile->n++] = (struct flow_finding){ node_id, str_of(defects[what].code),
							message, str_of(defects[what].hint) };
}

#define TELL(j, what, node_id, ...) add((j), (what), (node_id), str_fmt((j)->arena, __VA_ARGS__))
/* Of a step; the message's first words are `before`, its name, then the rest. */
#define TELL_STEP(j, what, n, before, ...)                                                         \
	add((j), (what), (n)->id, about((j), (before), (n), str_fmt((j)->arena, __VA_ARGS__)))

static struct str about(const struct judge *j, const char *before, const struct flow_node *n,
			struct str after)
{
	return str_fmt(j->arena, "%s '%.*s'%.*s", before, STR_ARG(flow_node_name(j->arena, n)),
		       STR_ARG(after));
}

static bool is_blank(struct str text)
{
	return flow_visible(text).n == 0;
}

/* ---- a step's texts ---- */

static void check_variables(struct judge *j, const struct flow_node *n)
{
	const struct str texts[] = { n->title, n->body, n->help };
	struct str told[UNDECLARED_MAX], rest, before, name;
	size_t ntold = 0, which;

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++) {
		rest = texts[at];
		while (flow_next_variable(&rest, &before, &name)) {
			ptrdiff_t field = places_find(j->fields, name);

			if (field >= 0) {
				j->used[field] = true;
				continue;
			}
			for (which = 0; which < ntold && !str_eq(told[which], name);)
				which++;
			if (which < ntold || ntold == UNDECLARED_MAX)
				continue;
			told[ntold++] = name;
			TELL_STEP(j, UNDECLARED_VARIABLE, n, "Step",
				  " uses [VAR:%.*s], but no field has that name.", STR_ARG(name));
		}
	}
}

static void check_length(struct judge *j, const struct flow_node *n, const char *what,
			 struct str text, size_t max)
{
	if (flow_is_longer(text, max))
		TELL_STEP(j, TEXT_TOO_LONG, n, what, " has more than %zu characters.", max);
}

static void check_texts(struct judge *j, const struct flow_node *n, size_t at)
{
	if (is_blank(n->title))
		TELL(j, EMPTY_TITLE, n->id, "Step '%.*s' has no title.", STR_ARG(n->id));
	else if (places_put(j->titles, flow_visible(n->title), at) >= 0)
		TELL_STEP(j, DUPLICATE_LABEL, n, "Two steps are called", ".");
	check_length(j, n, "The title of step", n->title, FLOW_TITLE_MAX);
	check_length(j, n, "The text of step", n->body, FLOW_TEXT_MAX);
	check_length(j, n, "The help of step", n->help, FLOW_TEXT_MAX);
	if (flow_is_longer(n->body, LONG_STEP) && !flow_is_longer(n->body, FLOW_TEXT_MAX))
		TELL_STEP(j, LONG_STEP_TEXT, n, "The text of step", " has more than %d characters.",
			  LONG_STEP);
	check_variables(j, n);
}

/* ---- a step's ways ---- */

static void check_option(struct judge *j, const struct flow_node *n, size_t at)
{
	const struct flow_option *option = &flow_options(n)[at];
	struct str name = flow_option_name(j->arena, option);

	if (places_put(j->options, option->id, at) >= 0)
		TELL_STEP(j, DUPLICATE_ID, n, "Two options of step", " have the id '%.*s'.",
			  STR_ARG(option->id));
	if (is_blank(option->label))
		TELL_STEP(j, EMPTY_LABEL, n, "Step", " has an option without a label, number %zu.",
			  at + 1);
	else if (places_put(j->labels, flow_visible(option->label), at) >= 0)
		TELL_STEP(j, DUPLICATE_LABEL, n, "Two options of step", " are called '%.*s'.",
			  STR_ARG(name));
	if (flow_is_longer(option->label, FLOW_LABEL_MAX))
		TELL_STEP(j, TEXT_TOO_LONG, n, "A label of step", " has more than %d characters.",
			  FLOW_LABEL_MAX);
	if (flow_at(j->index, option->next) < 0)
		TELL_STEP(j, MISSING_TARGET, n, "In step", " option '%.*s' leads %s.",
			  STR_ARG(name),
			  option->next.n ? "to a step that is not there" : "nowhere");
}

static void check_decision(struct judge *j, const struct flow_node *n)
{
	if (n->options.n < 2)
		TELL_STEP(j, TOO_FEW_OPTIONS, n, "Step", " has fewer than two options.");
	if (n->options.n > FLOW_OPTIONS_MAX)
		TELL_STEP(j, TOO_MANY_OPTIONS, n, "Step", " has more than %d options.",
			  FLOW_OPTIONS_MAX);
	places_clear(j->labels);
	places_clear(j->options);
	for (size_t at = 0; at < n->options.n; at++)
		check_option(j, n, at);
	if (is_blank(n->help))
		TELL_STEP(j, NO_HELP, n, "Decision", " has no help.");
}

static void check_next(struct judge *j, const struct flow_node *n)
{
	if (n->next.n && flow_at(j->index, n->next) < 0)
		TELL_STEP(j, MISSING_TARGET, n, "Step", " leads to a step that is not there.");
	else if (!n->next.n && j->doc->type == FLOW_TROUBLESHOOTING)
		TELL_STEP(j, MISSING_TARGET, n, "Step", " leads nowhere.");
}

static void check_kind(struct judge *j, const struct flow_node *n)
{
	switch ((enum flow_node_kind)n->kind) {
	case FLOW_DECISION:
		check_decision(j, n);
		break;
	case FLOW_ACTION:
	case FLOW_SECTION:
		check_next(j, n);
		break;
	case FLOW_ANSWER:
		if (n->outcome < 0)
			TELL_STEP(j, MISSING_OUTCOME, n, "Answer", " does not say how it ends.");
		break;
	}
}

/* ---- the steps together ---- */

static void check_nodes(struct judge *j)
{
	const struct flow_graph *g = &j->doc->structure;
	struct flow_reach reach;
	bool starts = flow_at(j->index, g->start) >= 0;

	flow_reach(j->arena, g, &reach);
	for (size_t at = 0; at < g->nodes.n; at++) {
		const struct flow_node *n = &flow_nodes(g)[at];

		if (flow_at(j->index, n->id) != (ptrdiff_t)at)
			TELL(j, DUPLICATE_ID, n->id, "Two steps have the id '%.*s'.",
			     STR_ARG(n->id));
		check_texts(j, n, at);
		check_kind(j, n);
		if (reach.trap[at])
			TELL_STEP(j, ENDLESS_WAY, n, "From step", " no way leads to an end.");
		if (starts && !reach.reached[at])
			TELL_STEP(j, UNREACHABLE, n, "No way leads to step", ".");
	}
}

static bool has_answer(const struct flow_graph *g)
{
	for (size_t at = 0; at < g->nodes.n; at++)
		if (flow_nodes(g)[at].kind == FLOW_ANSWER)
			return true;
	return false;
}

static void check_whole(struct judge *j)
{
	const struct flow_graph *g = &j->doc->structure;

	if (g->nodes.n == 0) {
		TELL(j, NO_STEPS, STR_NONE, "The flow has no steps.");
		return;
	}
	if (flow_at(j->index, g->start) < 0)
		TELL(j, MISSING_START, STR_NONE, "The flow does not say which step is its first.");
	if (j->doc->type == FLOW_TROUBLESHOOTING && !has_answer(g))
		TELL(j, NO_ANSWER, STR_NONE, "The flow has no answer, so it never ends.");
	if (g->nodes.n > FLOW_NODES_MAX)
		TELL(j, TOO_MANY_NODES, STR_NONE, "The flow has more than %d steps.",
		     FLOW_NODES_MAX);
}

/* ---- the fields ---- */

static void check_field(struct judge *j, const struct flow_field *f, size_t at)
{
	if (places_put(j->fields, f->name, at) >= 0)
		TELL(j, DUPLICATE_FIELD, STR_NONE, "Two fields have the name '%.*s'.",
		     STR_ARG(f->name));
	if (is_blank(f->label))
		TELL(j, EMPTY_FIELD_LABEL, STR_NONE, "Field '%.*s' has no label.",
		     STR_ARG(f->name));
	else if (places_put(j->labels, flow_visible(f->label), at) >= 0)
		TELL(j, DUPLICATE_LABEL, STR_NONE, "Two fields are called '%.*s'.",
		     STR_ARG(flow_brief(j->arena, f->label)));
	if (f->kind == KIND_SELECT && f->options.n == 0)
		TELL(j, SELECT_WITHOUT_OPTIONS, STR_NONE, "Field '%.*s' has nothing to choose.",
		     STR_ARG(f->name));
	if (flow_is_longer(f->label, FLOW_LABEL_MAX) || flow_is_longer(f->help, FLOW_ASK_MAX) ||
	    flow_is_longer(f->preset, FLOW_PRESET_MAX))
		TELL(j, TEXT_TOO_LONG, STR_NONE, "A text of field '%.*s' is too long.",
		     STR_ARG(f->name));
}

static void check_intake(struct judge *j)
{
	size_t n = j->doc->intake.n;

	j->fields = places_new(j->arena, n);
	j->used = ARENA_ARRAY(j->arena, bool, n + 1);
	for (size_t at = 0; at < n; at++)
		check_field(j, &flow_fields(j->doc)[at], at);
	if (n > FLOW_FIELDS_MAX)
		TELL(j, TOO_MANY_FIELDS, STR_NONE, "The flow asks for more than %d fields.",
		     FLOW_FIELDS_MAX);
}

/* When all steps have been read. */
static void check_use(struct judge *j)
{
	for (size_t at = 0; at < j->doc->intake.n; at++) {
		struct str name = flow_fields(j->doc)[at].name;

		if (places_find(j->fields, name) == (ptrdiff_t)at && !j->used[at])
			TELL(j, UNUSED_FIELD, STR_NONE, "No step uses field '%.*s'.",
			     STR_ARG(name));
	}
}

static size_t most_options(const struct flow_graph *g)
{
	size_t most = 0;

	for (size_t at = 0; at < g->nodes.n; at++)
		if (flow_nodes(g)[at].options.n > most)
			most = flow_nodes(g)[at].options.n;
	return most;
}

void flow_check(struct arena *a, const struct flow_doc *doc, struct flow_findings *ret)
{
	struct judge j = { .arena = a, .doc = doc, .index = flow_index(a, &doc->structure) };

	j.titles = places_new(a, doc->structure.nodes.n);
	j.options = places_new(a, most_options(&doc->structure));
	j.labels = places_new(a, most_options(&doc->structure) + doc->intake.n);
	check_whole(&j);
	check_intake(&j);
	check_nodes(&j);
	check_use(&j);
	ret->errors = LIST_OF(j.errors.items, j.errors.n);
	ret->warnings = LIST_OF(j.warnings.items, j.warnings.n);
}
