/* What a step's form holds, and the step that is made of it; see node.h. */
#include "flows/node.h"
#include "kit/base/arena.h"

struct label_text {
	struct str text;
};

static const struct shape label_texts =
	SHAPE_WITH(struct label_text, (.scalar = true),
		   F_STR(struct label_text, text, .any = true, .exact = true, .max = FLOW_LABEL_MAX,
			 .label = "A label"));
/* A target as it is typed: number and title. */
static const struct shape target_texts =
	SHAPE_WITH(struct label_text, (.scalar = true),
		   F_STR(struct label_text, text, .any = true, .max = FLOW_TITLE_MAX + 8,
			 .label = "A target"));

static const struct choice outcome_choices[] = {
	{ "resolved", "Resolved" },
	{ "escalate", "Escalate to a colleague" },
	{ "unresolved", "Not resolved" },
	{ 0 },
};

#define F                 struct node_form
#define F_FREE(m, ...)    F_STR(F, m, .any = true, .exact = true, .optional = true, __VA_ARGS__)
#define F_WORD(m)         F_STR(F, m, .optional = true, .max = FLOW_ID_MAX)
#define F_ROWS(m, s, ...) F_LIST(F, m, s, .optional = true, __VA_ARGS__)

const struct shape node_form_shape = SHAPE(
	F, F_FREE(title, .max = FLOW_TITLE_MAX, .label = "Title"),
	F_FREE(body, .max = FLOW_TEXT_MAX, .lines = true, .label = "Text"),
	F_FREE(help, .max = FLOW_TEXT_MAX, .lines = true, .label = "Help"),
	F_ENUM(F, kind, &node_kinds, .label = "Kind", .choices = node_kind_choices),
	F_STR(F, next, .optional = true, .max = FLOW_ID_MAX, .label = "Leads to"),
	F_FREE(new_title, .max = FLOW_TITLE_MAX, .label = "or to a new step, titled"),
	F_ENUM(F, new_kind, &node_kinds, .optional = true, .label = "Kind of the new step",
	       .choices = node_kind_choices),
	F_BOOL(F, required, .optional = true, .label = "Can't be skipped"),
	F_ENUM(F, outcome, &outcomes, .optional = true, .label = "Outcome",
	       .choices = outcome_choices),
	F_ROWS(option_id, &label_texts), F_ROWS(option_label, &label_texts, .label = "Option"),
	F_ROWS(option_next, &target_texts), F_ROWS(option_new, &label_texts, .label = "New step"),
	F_ROWS(option_kind, &label_texts), F_WORD(remove), F_WORD(up), F_WORD(down),
	F_STR(F, was, .optional = true, .max = 100), F_WORD(at), F_WORD(act));

struct str node_form_text(struct list list, size_t row)
{
	return row < list.n ? ((const struct str *)list.items)[row] : STR("");
}

/* ---- targets ---- */

struct typing {
	struct flow_edit *e;
	const struct node_form *form;
	struct list steps; /* of the flow as it was read; none where targets are chosen by id */
	struct str *opened;
};

struct str node_target_label(struct arena *a, const struct flow_step *step)
{
	return str_fmt(a, "%lld. %.*s", (long long)step->number, STR_ARG(step->title));
}

/* The step of that number, or of that number and title: another one may have come in between, so
 * the number alone does not count where a title was typed. */
static const struct flow_step *step_of(const struct typing *t, struct str typed)
{
	const struct flow_step *steps = t->steps.items;
	struct str title = typed, number = str_cut(&title, '.');
	const struct flow_step *found = NULL;
	int64_t n = 0;

	if (!str_to_int(str_trim(number), &n))
		title = typed;
	title = str_trim(title);
	for (size_t at = 0; at < t->steps.n; at++) {
		bool numbered = steps[at].number == n;

		if (title.n ? !str_eq(title, str_trim(steps[at].title)) : !numbered)
			continue;
		if (numbered)
			return &steps[at];
		if (found)
			return NULL; /* two of that title */
		found = &steps[at];
	}
	return found;
}

/* A target comes as its id, or as it is listed. */
static const struct err *find_target(const struct typing *t, struct str *next)
{
	const struct flow_graph *g = &t->e->doc.structure;
	const struct flow_step *step;

	if (next->n == 0) {
		*next = STR_NONE;
		return NULL;
	}
	if (!t->steps.n || flow_at(flow_index(t->e->arena, g), *next) >= 0)
		return NULL;
	step = step_of(t, *next);
	if (!step)
		return ERR(t->e->arena, ERR_INVALID,
			   "No step is called “%.*s”: choose one from the list.", STR_ARG(*next));
	*next = step->id;
	return NULL;
}

/* One that is to be made on the spot becomes a step of that title; the first made is opened next.
 */
static const struct err *make_target(const struct typing *t, struct str title, int kind,
				     struct str *next)
{
	if (flow_visible(title).n == 0)
		return NULL;
	TRY(flow_add_node(t->e, kind < 0 ? FLOW_ACTION : kind, title, STR_NONE));
	*next = t->e->made;
	if (!t->opened->n)
		*t->opened = t->e->made;
	return NULL;
}

/* ---- options ---- */

static int kind_of(struct str word)
{
	int kind = FLOW_ACTION;

	(void)!names_find(&node_kinds, word, &kind);
	return kind;
}

/* A button moved one of them up or down by one. */
static void move_option(const struct node_form *form, struct flow_option *list, size_t n)
{
	for (size_t at = 0; at + 1 < n; at++) {
		struct flow_option *pair = &list[at];

		if ((form->down.n && str_eq(form->down, pair[0].id)) ||
		    (form->up.n && str_eq(form->up, pair[1].id))) {
			struct flow_option other = pair[0];

			pair[0] = pair[1];
			pair[1] = other;
			return;
		}
	}
}

/* The rows that hold something; a removed one is left out. */
static const struct err *typed_options(const struct typing *t, struct list *ret)
{
	const struct node_form *form = t->form;
	size_t rows = form->option_id.n, n = 0;
	struct flow_option *list = ARENA_ARRAY(t->e->arena, struct flow_option, rows + 1);
	size_t *row_of = ARENA_ARRAY(t->e->arena, size_t, rows + 1);

	for (size_t at = 0; at < rows; at++) {
		struct flow_option o = { node_form_text(form->option_id, at),
					 node_form_text(form->option_label, at),
					 node_form_text(form->option_next, at) };
		bool removed = o.id.n && str_eq(o.id, form->remove);

		if (removed || (o.id.n == 0 && o.label.n == 0 && o.next.n == 0 &&
				node_form_text(form->option_new, at).n == 0))
			continue;
		TRY(find_target(t, &o.next));
		row_of[n] = at;
		list[n++] = o;
	}
	for (size_t at = 0; at < n; at++)
		TRY(make_target(t, node_form_text(form->option_new, row_of[at]),
				kind_of(node_form_text(form->option_kind, row_of[at])),
				&list[at].next));
	move_option(form, list, n);
	*ret = LIST_OF(list, n);
	return NULL;
}

/* ---- the step ---- */

const struct err *node_typed(struct flow_edit *e, const struct node_form *form,
			     const struct flow_node *from, struct flow_node *ret,
			     struct str *opened)
{
	struct typing t = { e, form, { 0 }, opened };

	if (e->doc.structure.nodes.n > NODE_TARGETS_MAX)
		t.steps = flow_steps(e->arena, &e->doc);
	*opened = STR("");
	*ret = *from;
	ret->kind = form->kind;
	ret->title = form->title.p ? form->title : STR("");
	ret->body = form->body.p ? form->body : STR("");
	ret->help = form->help.p ? form->help : STR("");
	if (form->outcome >= 0)
		ret->outcome = form->outcome;
	if (form->option_id.n)
		TRY(typed_options(&t, &ret->options));
	if (!form->next.p)
		return NULL;
	ret->required = form->required;
	ret->next = form->next;
	TRY(find_target(&t, &ret->next));
	return make_target(&t, form->new_title, form->new_kind, &ret->next);
}
