/* Edits of a decision's options; see edit.h. */
#include "flows/edit_parts.h"
#include "flows/words.h"
#include "kit/base/arena.h"

#define OPTION sizeof(struct flow_option)

static const struct err *check_room(struct arena *a, size_t n)
{
	if (n <= FLOW_OPTIONS_MAX)
		return NULL;
	return ERR(a, ERR_INVALID,
		   "A decision holds at most %d options: delete one, or ask in two steps.",
		   FLOW_OPTIONS_MAX);
}

static bool taken_before(const struct flow_option *options, size_t at)
{
	for (size_t before = 0; before < at; before++)
		if (str_eq(options[before].id, options[at].id))
			return true;
	return false;
}

const struct err *edit_settle_options(struct arena *a, struct list *list)
{
	struct flow_option *options = edit_splice(a, list, OPTION, 0, 0, 0);
	struct edit_numbers numbers = edit_numbers(a, 'o', list->n * 2);

	TRY(check_room(a, list->n));
	for (size_t at = 0; at < list->n; at++)
		edit_note(&numbers, options[at].id);
	for (size_t at = 0; at < list->n; at++) {
		options[at].label = edit_text(options[at].label);
		TRY(edit_check_length(a, "label of an option", options[at].label, FLOW_LABEL_MAX));
		TRY(edit_check_target(a, options[at].next));
		if (!flow_id_is_sound(options[at].id) || taken_before(options, at))
			options[at].id = edit_free_id(&numbers);
	}
	return NULL;
}

/* The decision's place and a copy of its options. */
static const struct err *find_decision(const struct flow_edit *e, struct str id, size_t *at,
				       struct list *options)
{
	TRY(edit_find(e, id, at));
	*options = flow_nodes(&e->doc.structure)[*at].options;
	if (flow_nodes(&e->doc.structure)[*at].kind != FLOW_DECISION)
		return ERR(e->arena, ERR_INVALID,
			   "Only a decision has options: make this step a decision first.");
	edit_splice(e->arena, options, OPTION, 0, 0, 0);
	return NULL;
}

static const struct err *find_option(const struct flow_edit *e, struct list options, struct str id,
				     size_t *ret)
{
	const struct flow_option *all = options.items;

	for (*ret = 0; *ret < options.n; ++*ret)
		if (str_eq(all[*ret].id, id))
			return NULL;
	return ERR(e->arena, ERR_NOT_FOUND, "That option is no longer there: load the page again.");
}

static struct str node_name(const struct flow_edit *e, size_t at)
{
	return flow_node_name(e->arena, &flow_nodes(&e->doc.structure)[at]);
}

static bool leads_to(const struct flow_node *n, struct str id)
{
	for (size_t way = 0; way < n->options.n; way++)
		if (str_eq(flow_options(n)[way].next, id))
			return true;
	return false;
}

/* Behind the decision and those of its steps that stand right behind it. */
static size_t place_below(const struct flow_edit *e, size_t decision)
{
	const struct flow_graph *g = &e->doc.structure;
	size_t place = decision + 1;

	while (place < g->nodes.n && leads_to(&flow_nodes(g)[decision], flow_nodes(g)[place].id))
		place++;
	return place;
}

/* Makes the step that a new option leads to. */
static const struct err *make_target(struct flow_edit *e, size_t decision,
				     const struct flow_new_option *from)
{
	struct flow_node node = { .kind = from->new_kind,
				  .title = from->new_title,
				  .body = STR(""),
				  .help = STR(""),
				  .outcome =
					  from->new_kind == FLOW_ANSWER ? OUTCOME_RESOLVED : -1 };

	return edit_insert(e, place_below(e, decision), &node);
}

const struct err *flow_add_option(struct flow_edit *e, struct str node,
				  const struct flow_new_option *from)
{
	struct flow_option *option, added = { .label = from->label, .next = from->next };
	bool makes = str_trim(from->new_title).n > 0;
	struct list options;
	size_t at, to;

	TRY(find_decision(e, node, &at, &options));
	option = edit_splice(e->arena, &options, OPTION, options.n, 0, 1);
	option[options.n - 1] = added;
	TRY(edit_settle_options(e->arena, &options));
	if (makes)
		TRY(make_target(e, at, from));
	else if (from->next.n)
		TRY(edit_find(e, from->next, &to));
	option = edit_splice(e->arena, &options, OPTION, 0, 0, 0);
	option += options.n - 1;
	if (makes)
		option->next = e->made;
	edit_nodes(e)[at].options = options;
	e->label = str_fmt(e->arena, "Added option '%.*s' to '%.*s'%s%.*s%s",
			   STR_ARG(flow_option_name(e->arena, option)), STR_ARG(node_name(e, at)),
			   makes ? ", with new step '" : "",
			   STR_ARG(makes ? flow_brief(e->arena, from->new_title) : STR_NONE),
			   makes ? "'" : "");
	return NULL;
}

const struct err *flow_delete_option(struct flow_edit *e, struct str node, struct str option)
{
	struct list options;
	size_t at, which;
	struct str name;

	TRY(find_decision(e, node, &at, &options));
	TRY(find_option(e, options, option, &which));
	name = flow_option_name(e->arena, (const struct flow_option *)options.items + which);
	edit_splice(e->arena, &options, OPTION, which, 1, 0);
	edit_nodes(e)[at].options = options;
	e->label = str_fmt(e->arena, "Deleted option '%.*s' of '%.*s'", STR_ARG(name),
			   STR_ARG(node_name(e, at)));
	return NULL;
}

const struct err *flow_move_option(struct flow_edit *e, struct str node, struct str option,
				   size_t to)
{
	struct list options;
	size_t at, which;
	struct str name;

	TRY(find_decision(e, node, &at, &options));
	TRY(find_option(e, options, option, &which));
	name = flow_option_name(e->arena, (const struct flow_option *)options.items + which);
	edit_nodes(e)[at].options = edit_moved(e->arena, options, OPTION, which, to);
	e->label = str_fmt(e->arena, "Moved option '%.*s' of '%.*s' to place %zu", STR_ARG(name),
			   STR_ARG(node_name(e, at)), (to < options.n ? to : options.n - 1) + 1);
	return NULL;
}
