/*
 * One step's form: its texts, its options or its next, steps made on the spot, a preview.  It is
 * saved by the step, not by the flow: two people at two steps do not meet, and of two at one step
 * the second sees both texts.
 */
#include "flows/diff.h"
#include "flows/flows.h"
#include "flows/node.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

static struct str hash_of(struct arena *a, const struct flow_node *n)
{
	struct buf out = buf_new(a, (size_t)1 << 20);

	shape_put_json(&out, &flow_node_shape, n);
	return crypto_hash_token(a, buf_str(&out));
}

static const struct flow_node *node_of(struct arena *a, const struct flow_doc *doc, struct str id)
{
	ptrdiff_t at = flow_at(flow_index(a, &doc->structure), id);

	return at < 0 ? NULL : &flow_nodes(&doc->structure)[at];
}

/* ---- the page ---- */

struct node_target {
	struct str id, label;
	bool selected;
};

struct option_row {
	struct str id, label, next, new_title;
	int64_t number;
	/* fresh: not stored yet; more: the empty row at the end; asked: which was asked for */
	bool fresh, more, asked, first, last;
	struct list targets, kinds; /* no targets where they are typed */
};

struct node_page {
	struct editor editor;
	struct str id, title, was;
	int64_t number;
	struct form_view form;
	bool decision, start, typed_targets;
	struct list targets; /* where they are typed */
	struct list options, variables;
	bool gone; /* the step was deleted meanwhile */
	bool bare; /* and all there is of it is what was typed earlier */
	bool preview;
	struct html body_html, help_html;
	bool conflict;
	struct list theirs;    /* what both differ in */
	struct str unsent_ago; /* text was typed here and not sent */
	struct instant unsent_at;
	struct list unsent;   /* its fields, struct pair */
	struct str next_href; /* the next step that has to be mended */
	struct str once;
};

static const struct shape pair_shape =
	SHAPE(struct pair, F_STR(struct pair, name), F_STR(struct pair, value));
static const struct shape target_shape =
	SHAPE(struct node_target, F_STR(struct node_target, id), F_STR(struct node_target, label),
	      F_BOOL(struct node_target, selected));
static const struct shape option_row_shape =
	SHAPE(struct option_row, F_STR(struct option_row, id), F_STR(struct option_row, label),
	      F_STR(struct option_row, next), F_STR(struct option_row, new_title),
	      F_INT(struct option_row, number), F_BOOL(struct option_row, fresh),
	      F_BOOL(struct option_row, more), F_BOOL(struct option_row, asked),
	      F_BOOL(struct option_row, first), F_BOOL(struct option_row, last),
	      F_LIST(struct option_row, targets, &target_shape),
	      F_LIST(struct option_row, kinds, &target_shape));
static const struct shape change_part_shape =
	SHAPE(struct flow_change_part, F_STR(struct flow_change_part, name),
	      F_STR(struct flow_change_part, before), F_STR(struct flow_change_part, after));

#define P_ struct node_page
static const struct shape node_page_shape = SHAPE(
	P_, F_OBJECT(P_, editor, struct editor, &editor_shape), F_STR(P_, id), F_STR(P_, title),
	F_STR(P_, was), F_INT(P_, number), F_OBJECT(P_, form, struct form_view, &form_view_shape),
	F_BOOL(P_, decision), F_BOOL(P_, start), F_BOOL(P_, typed_targets),
	F_LIST(P_, targets, &shape_texts), F_LIST(P_, options, &option_row_shape),
	F_LIST(P_, variables, &shape_texts), F_BOOL(P_, gone), F_BOOL(P_, bare),
	F_BOOL(P_, preview), F_HTML(P_, body_html), F_HTML(P_, help_html), F_BOOL(P_, conflict),
	F_LIST(P_, theirs, &change_part_shape), F_STR(P_, unsent_ago), F_TIME(P_, unsent_at),
	F_LIST(P_, unsent, &pair_shape), F_STR(P_, next_href), F_STR(P_, once));
const struct view node_view = { "flows/node", &node_page_shape };

/* The controls that a step of each kind has, besides the options of a decision. */
static const struct control common[] = {
	{ "title", CONTROL_TEXT, .autocomplete = "off", .needed = true,
	  .hint = "What is done, or asked, in a few words." },
	{ .field = "kind", .kind = CONTROL_SELECT },
	{ "body", CONTROL_LINES,
	  .hint = "Markdown: **bold**, lists, tables, `code`. [VAR:name] shows a field." },
	{ "help", CONTROL_LINES, .hint = "What a newcomer needs to know. Shown on request." },
};

/* "4. Restart the router"; every step, where nothing leads yet, and one made on the spot. */
static struct list targets(struct req *r, const struct editor *ed, bool ends)
{
	const struct flow_step *steps = ed->steps.items;
	struct pair *list = ARENA_ARRAY(r->arena, struct pair, ed->steps.n + 1);
	size_t n = 0;

	list[n++] = (struct pair){ STR(""), ends ? STR("The end of the run") : STR("Nowhere yet") };
	for (size_t at = 0; at < ed->steps.n; at++)
		list[n++] = (struct pair){ steps[at].id, node_target_label(r->arena, &steps[at]) };
	return LIST_OF(list, n);
}

static struct form_view form_of(struct req *r, const struct editor *ed, const struct flow_node *n)
{
	bool straight = n->kind == FLOW_ACTION || n->kind == FLOW_SECTION;
	const struct pair values[] = {
		{ STR("title"), n->title },
		{ STR("kind"), names_text(&node_kinds, n->kind) },
		{ STR("body"), n->body },
		{ STR("help"), n->help },
		{ STR("next"), n->next },
		{ STR("new_kind"), STR("action") },
		{ STR("required"), n->required ? STR("1") : STR("") },
		{ STR("outcome"), names_text(&outcomes, n->outcome) },
		{ { 0 }, { 0 } },
	};
	struct control controls[9] = { common[0], common[1], common[2], common[3] };
	size_t count = 4;

	if (straight) {
		controls[count++] = (struct control){
			"next", CONTROL_SELECT,
			.more = targets(r, ed, ed->flow.doc.type != FLOW_TROUBLESHOOTING)
		};
		controls[count++] =
			(struct control){ "new_title", CONTROL_TEXT, .autocomplete = "off" };
		controls[count++] = (struct control){ .field = "new_kind", .kind = CONTROL_SELECT };
	}
	if (n->kind == FLOW_ACTION)
		controls[count++] =
			(struct control){ .field = "required", .kind = CONTROL_CHECKBOX };
	if (n->kind == FLOW_ANSWER)
		controls[count++] = (struct control){ .field = "outcome", .kind = CONTROL_SELECT };
	return form_view(r, &(struct form_settings){
				    .action = str_fmt(r->arena, "%.*s%.*s", STR_ARG(ed->base),
						      STR_ARG(n->id)),
				    .button = "Save",
				    .input = &node_form_shape,
				    .controls = controls,
				    .values = values,
				    .once = true,
				    .quiet = true,
			    });
}

static struct list chosen(struct req *r, struct list pairs, struct str value)
{
	struct node_target *list = ARENA_ARRAY(r->arena, struct node_target, pairs.n + 1);

	for (size_t at = 0; at < pairs.n; at++) {
		const struct pair *p = &((const struct pair *)pairs.items)[at];

		list[at] = (struct node_target){ p->name, p->value, str_eq(p->name, value) };
	}
	return LIST_OF(list, pairs.n);
}

static struct list kinds(struct req *r, struct str value)
{
	struct pair *list = ARENA_ARRAY(r->arena, struct pair, node_kinds.n + 1);
	size_t n = 0;

	for (const struct choice *c = node_kind_choices; c->value; c++) {
		struct str label = str_of(c->label);

		list[n++] = (struct pair){ str_of(c->value), str_cut(&label, ':') };
	}
	return chosen(r, LIST_OF(list, n), value.n ? value : STR("action"));
}

static struct str target_typed(struct req *r, const struct editor *ed, struct str next)
{
	const struct flow_step *steps = ed->steps.items;

	for (size_t at = 0; at < ed->steps.n; at++)
		if (str_eq(steps[at].id, next))
			return node_target_label(r->arena, &steps[at]);
	return next;
}

/* As it was typed, as it is stored, or empty. */
static struct option_row option_row(const struct node_form *typed, const struct flow_node *n,
				    size_t at)
{
	const struct flow_option *o = flow_options(n) + at;

	if (typed)
		return (struct option_row){ .id = node_form_text(typed->option_id, at),
					    .label = node_form_text(typed->option_label, at),
					    .next = node_form_text(typed->option_next, at),
					    .new_title = node_form_text(typed->option_new, at) };
	if (at < n->options.n)
		return (struct option_row){ .id = o->id, .label = o->label, .next = o->next };
	return (struct option_row){ 0 };
}

static bool asks_more(const struct node_form *form)
{
	return str_eq(form->act, STR("more"));
}

/* With an empty row for one more, or for the two that a decision has at least. */
static struct list option_rows(struct req *r, const struct node_page *page,
			       const struct flow_node *n)
{
	const struct node_form *typed = r->method == POST ? r->input : NULL;
	struct list all = LIST_OF(NULL, 0);
	size_t count = n->options.n ? n->options.n + 1 : 2;
	struct option_row *rows;

	if (!page->typed_targets)
		all = targets(r, &page->editor, false);
	if (typed && !typed->option_id.n)
		typed = NULL;
	if (typed)
		count = typed->option_id.n + asks_more(typed);
	rows = ARENA_ARRAY(r->arena, struct option_row, count);
	for (size_t at = 0; at < count; at++) {
		struct option_row *row = &rows[at];

		*row = option_row(typed, n, at);
		row->number = (int64_t)at + 1;
		row->fresh = !row->id.n;
		row->more = row->fresh && at + 1 == count && n->options.n;
		row->asked = typed && at == typed->option_id.n;
		row->first = at == 0;
		row->kinds = kinds(r, typed ? node_form_text(typed->option_kind, at) : STR(""));
		if (page->typed_targets)
			row->next = target_typed(r, &page->editor, row->next);
		else
			row->targets = chosen(r, all, row->next.p ? row->next : STR(""));
	}
	for (size_t at = 0; at < count; at++)
		rows[at].last = at + 1 == count || rows[at + 1].fresh;
	return LIST_OF(rows, count);
}

static struct list target_labels(struct req *r, const struct editor *ed)
{
	struct str *labels = ARENA_ARRAY(r->arena, struct str, ed->steps.n + 1);

	for (size_t at = 0; at < ed->steps.n; at++)
		labels[at] = node_target_label(r->arena,
					       &((const struct flow_step *)ed->steps.items)[at]);
	return LIST_OF(labels, ed->steps.n);
}

static struct list variables(struct req *r, const struct flow_doc *doc)
{
	struct str *names = ARENA_ARRAY(r->arena, struct str, doc->intake.n + 1);

	for (size_t at = 0; at < doc->intake.n; at++)
		names[at] = flow_fields(doc)[at].name;
	return LIST_OF(names, doc->intake.n);
}

static int64_t number_of(const struct editor *ed, struct str id)
{
	const struct flow_step *steps = ed->steps.items;

	for (size_t at = 0; at < ed->steps.n; at++)
		if (str_eq(steps[at].id, id))
			return steps[at].number;
	return 0;
}

/* What the check found at another step: where to go on. */
static struct str next_href(const struct editor *ed, struct str id)
{
	const struct finding_line *found = ed->errors.items;

	for (size_t at = 0; at < ed->errors.n; at++)
		if (found[at].node_id.n && !str_eq(found[at].node_id, id))
			return found[at].href;
	return STR_NONE;
}

/* Sent to the preview they are shown again, in the form that they were typed into. */
static void fill_unsent(struct req *r, struct node_page *page, const struct unsent_row *row)
{
	struct pair *pairs;
	size_t n;

	if (!row || r->method != GET || !pairs_decode(r->arena, row->form, &pairs, &n))
		return;
	page->unsent = LIST_OF(pairs, n);
	page->unsent_at = row->at;
	page->unsent_ago = clock_ago(r->arena, row->at);
}

static const struct err *no_such_step(struct req *r)
{
	return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such step any more.");
}

/* The step was deleted while someone typed: what they typed is a step still. */
static const struct err *gone_step(struct req *r, struct node_page *page, struct flow_node *ret)
{
	const struct node_form *form = r->method == POST ? r->input : NULL;

	if (!form && !page->unsent_at.us)
		return no_such_step(r);
	*ret = (struct flow_node){ .id = r->word,
				   .kind = form && form->kind >= 0 ? form->kind : FLOW_ACTION,
				   .title = form && form->title.p ? form->title : STR(""),
				   .body = STR(""),
				   .help = STR(""),
				   .outcome = -1 };
	page->gone = true;
	page->bare = !form;
	return NULL;
}

static const struct err *read_page(struct req *r, struct node_page *page,
				   const struct flow_node **ret)
{
	const struct node_form *typed = r->method == POST ? r->input : NULL;
	struct flow_node *gone = ARENA_NEW(r->arena, struct flow_node);
	const struct flow_node *n;
	struct unsent_row *unsent;

	store_unsent(r->tx, r->id[0], r->word, &unsent);
	TRY(editor_read(r, r->word, &page->editor));
	fill_unsent(r, page, unsent);
	n = node_of(r->arena, &page->editor.flow.doc, r->word);
	if (!n) {
		TRY(gone_step(r, page, gone));
		n = gone;
	}
	page->id = n->id;
	page->title = n->title;
	page->was = hash_of(r->arena, n);
	page->number = number_of(&page->editor, n->id);
	page->start = str_eq(n->id, page->editor.flow.doc.structure.start);
	page->decision = typed ? typed->option_id.n > 0 : n->kind == FLOW_DECISION;
	page->typed_targets = page->editor.steps.n > NODE_TARGETS_MAX;
	page->form = form_of(r, &page->editor, n);
	if (page->decision)
		page->options = option_rows(r, page, n);
	if (page->decision && page->typed_targets)
		page->targets = target_labels(r, &page->editor);
	page->variables = variables(r, &page->editor.flow.doc);
	page->next_href = next_href(&page->editor, n->id);
	page->once = crypto_token(r->arena);
	*ret = n;
	return NULL;
}

/* ---- saving ---- */

static bool is_stale(struct req *r, const struct flow_node *now)
{
	const struct node_form *form = r->input;

	return form->was.n && !str_eq(form->was, hash_of(r->arena, now));
}

/* What the other's step and this form's differ in, theirs first. */
static struct list differences(struct req *r, const struct flow_doc *doc)
{
	struct flow_edit e = { .arena = r->arena, .doc = *doc };
	const struct flow_node *now = node_of(r->arena, doc, r->word);
	struct str opened = STR("");
	const struct err *never;
	struct flow_node mine;
	struct list changes;

	never = node_typed(&e, r->input, now, &mine, &opened);
	if (!never)
		never = flow_set_node(&e, r->word, &mine);
	changes = flow_diff(r->arena, doc, &e.doc);
	if (never || changes.n == 0)
		return LIST_OF(NULL, 0);
	return ((const struct flow_change *)changes.items)[0].parts;
}

static const struct err *node_show(struct req *r)
{
	struct node_page page = { 0 };
	const struct flow_node *n;

	TRY(read_page(r, &page, &n));
	if (r->method == POST && !page.gone && is_stale(r, n)) {
		page.conflict = true;
		page.theirs = differences(r, &page.editor.flow.doc);
	}
	return reply_page(r, &node_view, &page);
}

/* What the form holds, as it will look, or with one more row of options; nothing is saved. */
static const struct err *node_preview(struct req *r)
{
	const struct node_form *form = r->input;
	struct node_page page = { 0 };
	const struct flow_node *n;

	if (flow_id_is_sound(r->word))
		TRY(node_note_unsent(r));
	TRY(read_page(r, &page, &n));
	page.preview = !asks_more(form);
	page.was = form->was;
	page.body_html = flow_text_html(r->arena, NULL, &page.editor.flow.doc, form->body);
	page.help_html = flow_text_html(r->arena, NULL, &page.editor.flow.doc, form->help);
	return reply_page(r, &node_view, &page);
}

static const struct err *open_node(struct req *r, struct flow *f, struct flow_edit *e,
				   const struct flow_node **ret)
{
	TRY(editor_open(r, f, e));
	*ret = node_of(r->arena, &f->doc, r->word);
	return *ret ? NULL : no_such_step(r);
}

/* Where the step is that was saved: the control that had the focus, or what a button was about. */
static struct str part_of(const struct node_form *form)
{
	if (form->up.n || form->down.n || form->remove.n)
		return STR("options");
	return flow_id_is_sound(form->at) ? form->at : STR("save");
}

/* What was typed into a step that is no longer there, as a step of its own. */
static const struct err *add_gone(struct req *r, const struct flow *f, struct flow_edit *e)
{
	const struct node_form *form = r->input;
	struct str opened, label, made;
	struct flow_node to;

	if (!str_eq(form->act, STR("add")))
		return ERR_CODE(r->arena, ERR_CONFLICT, "gone",
				"Someone deleted this step meanwhile. What you typed is below: add "
				"it as a new step, or leave it.");
	TRY(flow_add_node(e, form->kind, form->title, STR_NONE));
	label = e->label;
	made = e->made;
	TRY(node_typed(e, form, node_of(r->arena, &e->doc, made), &to, &opened));
	TRY(flow_set_node(e, made, &to));
	e->label = label;
	store_unsent_drop(r->tx, r->id[0], r->word);
	TRY(editor_keep(r, f, e));
	people_flash(r, "Added as a new step. Nothing leads to it yet.");
	return editor_go(r, made, STR_NONE);
}

static const struct err *node_save(struct req *r)
{
	const struct node_form *form = r->input;
	const struct flow_node *from;
	struct flow_node to;
	struct flow_edit e;
	struct str opened;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	from = node_of(r->arena, &f.doc, r->word);
	if (!from)
		return add_gone(r, &f, &e);
	if (is_stale(r, from))
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
				"Someone changed this step meanwhile. Look at both texts below.");
	TRY(node_typed(&e, form, from, &to, &opened));
	TRY(flow_set_node(&e, r->word, &to));
	store_unsent_drop(r->tx, r->id[0], r->word);
	TRY(editor_keep(r, &f, &e));
	people_flash(r, "Saved.");
	return opened.n ? editor_go(r, opened, STR_NONE) : editor_go(r, r->word, part_of(form));
}

/* A page's address that is loaded again; what it showed was not kept. */
static const struct err *preview_left(struct req *r)
{
	return editor_go(r, r->word, STR_NONE);
}

static const struct err *node_duplicate(struct req *r)
{
	const struct flow_node *from;
	struct flow_edit e;
	struct flow f;

	TRY(open_node(r, &f, &e, &from));
	TRY(flow_duplicate_node(&e, r->word));
	TRY(editor_keep(r, &f, &e));
	people_flash(r, "This is the copy.");
	return editor_go(r, e.made, STR_NONE);
}

static const struct err *node_delete(struct req *r)
{
	const struct flow_node *from;
	struct flow_edit e;
	struct flow f;

	TRY(open_node(r, &f, &e, &from));
	TRY(flow_delete_node(&e, r->word));
	TRY(editor_keep(r, &f, &e));
	people_flash(r, "The step is deleted. Undo brings it back.");
	return editor_go(r, STR(""), STR_NONE);
}

#define NODE "/flows/:flow/edit/*node"

const struct route node_routes[] = {
	{ GET, NODE, .need = PERM_FLOWS, .run = node_show },
	{ POST, NODE, .need = PERM_FLOWS, .input = &node_form_shape, .find = flow_find,
	  .run = node_save, .again = node_show, .once = true },
	{ GET, NODE "/preview", .need = PERM_FLOWS, .find = flow_find, .run = preview_left },
	{ POST, NODE "/preview", .need = PERM_FLOWS, .input = &node_form_shape, .find = flow_find,
	  .run = node_preview, .again = node_show },
	{ POST, NODE "/duplicate", .need = PERM_FLOWS, .find = flow_find, .run = node_duplicate,
	  .once = true },
	{ POST, NODE "/delete", .need = PERM_FLOWS, .find = flow_find, .run = node_delete,
	  .once = true },
	{ POST, NODE "/unsent", .need = PERM_FLOWS, .find = flow_find, .run = node_keep_unsent },
	{ POST, NODE "/unsent/drop", .need = PERM_FLOWS, .find = flow_find,
	  .run = node_drop_unsent },
	{ 0 },
};
