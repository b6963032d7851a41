/* The editor's front: the steps in their order, one more step, undo and redo. */
#include "flows/editor.h"

#include "flows/booklet.h"
#include "flows/flows.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

/* ---- the page ---- */

struct step_line {
	struct str id, title, kind, kind_label;
	int64_t place, number;
	bool start, first, last;
	struct list ways;
};

static const struct shape step_line_shape =
	SHAPE(struct step_line, F_STR(struct step_line, id), F_STR(struct step_line, title),
	      F_STR(struct step_line, kind), F_STR(struct step_line, kind_label),
	      F_INT(struct step_line, place), F_INT(struct step_line, number),
	      F_BOOL(struct step_line, start), F_BOOL(struct step_line, first),
	      F_BOOL(struct step_line, last), F_LIST(struct step_line, ways, &flow_step_way_shape));

struct editor_page {
	struct editor editor;
	struct form_view add;
	struct list lines;
	struct str once; /* of the forms that order */
};

static const struct shape editor_page_shape = SHAPE(
	struct editor_page, F_OBJECT(struct editor_page, editor, struct editor, &editor_shape),
	F_OBJECT(struct editor_page, add, struct form_view, &form_view_shape),
	F_LIST(struct editor_page, lines, &step_line_shape), F_STR(struct editor_page, once));
const struct view editor_view = { "flows/editor", &editor_page_shape };

struct add_form {
	struct str title;
	int kind;
	struct str after;
};

const struct choice node_kind_choices[] = {
	{ "action", "Action: something to do" },
	{ "decision", "Decision: a question with options" },
	{ "answer", "Answer: ends the run" },
	{ "section", "Section: a heading" },
	{ 0 },
};

static const struct shape add_form = SHAPE(
	struct add_form,
	F_STR(struct add_form, title, .min = 1, .max = FLOW_TITLE_MAX, .any = true,
	      .label = "What is done or asked"),
	F_ENUM(struct add_form, kind, &node_kinds, .label = "Kind", .choices = node_kind_choices),
	F_STR(struct add_form, after, .optional = true, .max = FLOW_ID_MAX));

static const struct control add_controls[] = {
	{ "title", CONTROL_TEXT, .autocomplete = "off" },
	{ .field = "kind", .kind = CONTROL_SELECT },
	{ 0 },
};

static struct str kind_word(int kind)
{
	static const char *const words[] = { "Decision", "Action", "Answer", "Section" };

	return str_of(words[kind]);
}

/* The steps as they stand, with the numbers and ways of the reading order. */
static struct list step_lines(struct req *r, const struct editor *ed)
{
	const struct flow_graph *g = &ed->flow.doc.structure;
	struct step_line *lines = ARENA_ARRAY(r->arena, struct step_line, g->nodes.n + 1);
	size_t *order = ARENA_ARRAY(r->arena, size_t, g->nodes.n + 1);

	flow_reading_order(r->arena, g, order);
	for (size_t at = 0; at < g->nodes.n; at++) {
		const struct flow_step *step = &((const struct flow_step *)ed->steps.items)[at];
		const struct flow_node *n = &flow_nodes(g)[order[at]];

		lines[order[at]] = (struct step_line){
			.id = n->id,
			.title = n->title,
			.kind = names_text(&node_kinds, n->kind),
			.kind_label = kind_word(n->kind),
			.place = (int64_t)order[at] + 1,
			.number = step->number,
			.start = str_eq(n->id, g->start),
			.first = order[at] == 0,
			.last = order[at] + 1 == g->nodes.n,
			.ways = step->ways,
		};
	}
	return LIST_OF(lines, g->nodes.n);
}

static const struct err *editor_show(struct req *r)
{
	struct editor_page page = { 0 };

	TRY(editor_read(r, STR_NONE, &page.editor));
	page.lines = step_lines(r, &page.editor);
	page.once = crypto_token(r->arena);
	page.add =
		form_view(r, &(struct form_settings){
				     .action = str_fmt(r->arena, "/flows/%s/edit", r->id[0].text),
				     .button = "Add the step",
				     .input = &add_form,
				     .controls = add_controls,
				     .once = true,
				     .quiet = !page.editor.empty,
			     });
	return reply_page(r, &editor_view, &page);
}

/* ---- what is done on it ---- */

static const struct err *step_add(struct req *r)
{
	const struct add_form *form = r->input;
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	TRY(flow_add_node(&e, form->kind, form->title, form->after));
	TRY(editor_keep(r, &f, &e));
	return editor_go(r, e.made, STR_NONE);
}

/* Up and down are buttons with the step as their value; a number moves it farther; `first` makes
 * the step that would be moved the one that a run begins with. */
struct order_form {
	struct str up, down, move;
	int64_t place;
	bool first;
};

static const struct shape order_form =
	SHAPE(struct order_form, F_STR(struct order_form, up, .optional = true, .max = FLOW_ID_MAX),
	      F_STR(struct order_form, down, .optional = true, .max = FLOW_ID_MAX),
	      F_STR(struct order_form, move, .optional = true, .max = FLOW_ID_MAX),
	      F_INT(struct order_form, place, .optional = true, .min = 1, .max = FLOW_NODES_MAX),
	      F_BOOL(struct order_form, first, .optional = true));

static struct str moved_id(const struct order_form *form)
{
	return form->up.n ? form->up : form->down.n ? form->down : form->move;
}

static const struct err *move_step(struct flow_edit *e, const struct order_form *form)
{
	struct str id = moved_id(form);
	ptrdiff_t at = flow_at(flow_index(e->arena, &e->doc.structure), id);

	if (form->first)
		return flow_set_start(e, form->move);
	if (form->up.n && at > 0)
		return flow_move_node(e, id, (size_t)at - 1);
	if (form->down.n && at >= 0)
		return flow_move_node(e, id, (size_t)at + 1);
	if (form->move.n && form->place)
		return flow_move_node(e, id, (size_t)form->place - 1);
	return NULL;
}

/* To the button that was pressed, that it may be pressed again; at the end of its way to the row.
 */
static struct str pressed(const struct flow_edit *e, const struct order_form *form)
{
	struct str id = moved_id(form);
	size_t at = (size_t)flow_at(flow_index(e->arena, &e->doc.structure), id);
	bool again = form->up.n ? at > 0 : form->down.n && at + 1 < e->doc.structure.nodes.n;

	return !id.n ? STR_NONE
		     : str_fmt(e->arena, "%s-%.*s",
			       !again       ? "step"
			       : form->up.n ? "up"
					    : "down",
			       STR_ARG(id));
}

static const struct err *step_order(struct req *r)
{
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	TRY(move_step(&e, r->input));
	TRY(editor_keep(r, &f, &e));
	return editor_go(r, STR(""), pressed(&e, r->input));
}

struct line_form {
	struct str here;
};

static const struct shape line_form =
	SHAPE(struct line_form, F_STR(struct line_form, here, .optional = true, .max = 200));

static const struct names other_pages = NAMES("fields", "details", "history");

/* Undo and redo come back to the page of the editor that they were pressed on, if it is there yet.
 */
static struct str page_of(struct req *r, const struct flow_doc *doc)
{
	const struct line_form *form = r->input;
	struct str base = str_fmt(r->arena, "/flows/%s/", r->id[0].text);
	struct str rest = str_starts(form->here, base) ? str_skip(form->here, base.n) : STR("");
	struct str page = str_cut(&rest, '/');
	int other;
	bool step = str_eq(page, STR("edit")) && rest.n &&
		    flow_at(flow_index(r->arena, &doc->structure), rest) >= 0;

	if (step)
		return str_fmt(r->arena, "%.*sedit/%.*s", STR_ARG(base), STR_ARG(rest));
	if (!names_find(&other_pages, page, &other))
		page = STR("edit");
	return str_fmt(r->arena, "%.*s%.*s", STR_ARG(base), STR_ARG(page));
}

static const struct err *go_back(struct req *r, const char *said)
{
	struct flow f;

	TRY(flow_read(r, r->id[0], 0, &f));
	people_flash(r, said);
	return reply_see_other(r, page_of(r, &f.doc));
}

static const struct err *undo(struct req *r)
{
	TRY(flow_undo(r, r->id[0]));
	return go_back(r, "Undone.");
}

static const struct err *redo(struct req *r)
{
	TRY(flow_redo(r, r->id[0]));
	return go_back(r, "Done again.");
}

#define EDIT "/flows/:flow/edit"

const struct route editor_routes[] = {
	{ GET, EDIT, .need = PERM_FLOWS, .run = editor_show },
	{ POST, EDIT, .need = PERM_FLOWS, .input = &add_form, .find = flow_find, .run = step_add,
	  .again = editor_show, .once = true },
	{ POST, "/flows/:flow/order", .need = PERM_FLOWS, .input = &order_form, .find = flow_find,
	  .run = step_order, .once = true },
	{ POST, "/flows/:flow/undo", .need = PERM_FLOWS, .input = &line_form, .find = flow_find,
	  .run = undo, .once = true },
	{ POST, "/flows/:flow/redo", .need = PERM_FLOWS, .input = &line_form, .find = flow_find,
	  .run = redo, .once = true },
	{ 0 },
};

const struct view *const flows_views[] = { &editor_view,  &node_view,         &fields_view,
					   &details_view, &new_flow_view,     &history_view,
					   &compare_view, &publish_view,      &flow_view,
					   &import_view,  &flow_booklet_view, &flow_alone_view,
					   &search_view,  &lane_view,         NULL };
