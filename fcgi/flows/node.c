/*
 * One step's form: its texts, its options or its next, steps made on the spot, a preview.  It is
 * saved by the step, not by the flow: two people at two steps do not meet, and of two at one step
 * the second sees both texts.
 */
#include "flows/editor.h"

#include "flows/diff.h"
#include "flows/flows.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "kit/http/fcgi.h"
#include "people/people.h"

#define UNSENT_MAX ((size_t)200000)
#define NODE_NEW   "+" /* as a target: a step made on the spot */

/* ---- what comes in ---- */

struct node_form {
	struct str title, body, help;
	int kind;
	struct str next, new_title;
	bool required;
	int outcome;
	/* One entry for each row of options; the last row is for one more. */
	struct list option_id, option_label, option_next, option_new;
	struct str remove, up, down; /* the option whose button was pressed */
	struct str was;              /* a hash of the step that the form was made of */
	struct str act;              /* "preview" */
};

struct label_text {
	struct str text;
};

static const struct shape label_texts =
	SHAPE_WITH(struct label_text, (.scalar = true),
		   F_STR(struct label_text, text, .any = true, .exact = true, .max = FLOW_LABEL_MAX,
			 .label = "A label"));

#define F              struct node_form
#define F_FREE(m, ...) F_STR(F, m, .any = true, .exact = true, .optional = true, __VA_ARGS__)
#define F_WORD(m)      F_STR(F, m, .optional = true, .max = FLOW_ID_MAX)
static const struct choice outcome_choices[] = {
	{ "resolved", "Resolved" },
	{ "escalate", "Escalate to a colleague" },
	{ "unresolved", "Not resolved" },
	{ 0 },
};

static const struct shape node_form_shape =
	SHAPE(F, F_FREE(title, .max = FLOW_TITLE_MAX, .label = "Title"),
	      F_FREE(body, .max = FLOW_TEXT_MAX, .lines = true, .label = "Text"),
	      F_FREE(help, .max = FLOW_TEXT_MAX, .lines = true, .label = "Help"),
	      F_ENUM(F, kind, &node_kinds, .label = "Kind", .choices = node_kind_choices),
	      F_STR(F, next, .optional = true, .max = FLOW_ID_MAX, .label = "Leads to"),
	      F_FREE(new_title, .max = FLOW_TITLE_MAX, .label = "or to a new step, titled"),
	      F_BOOL(F, required, .optional = true, .label = "Can't be skipped"),
	      F_ENUM(F, outcome, &outcomes, .optional = true, .label = "Outcome",
		     .choices = outcome_choices),
	      F_LIST(F, option_id, &label_texts, .optional = true),
	      F_LIST(F, option_label, &label_texts, .optional = true),
	      F_LIST(F, option_next, &label_texts, .optional = true),
	      F_LIST(F, option_new, &label_texts, .optional = true), F_WORD(remove), F_WORD(up),
	      F_WORD(down), F_STR(F, was, .optional = true, .max = 100), F_WORD(act));

static struct str text_at(struct list list, size_t at)
{
	return at < list.n ? ((const struct str *)list.items)[at] : STR("");
}

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

static const struct err *no_such_step(struct req *r)
{
	return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such step any more.");
}

/* ---- the page ---- */

struct node_target {
	struct str id, label;
	bool selected;
};

struct option_row {
	struct str id, label, new_title;
	int64_t number;
	bool more, first, last; /* more: the empty row */
	struct list targets;
};

struct node_page {
	struct editor editor;
	struct str id, title, was;
	int64_t number;
	struct form_view form;
	bool decision, start;
	struct list options, variables;
	bool preview;
	struct html body_html, help_html;
	bool conflict;
	struct list theirs;    /* what both differ in */
	struct str unsent_ago; /* text was typed here and not sent */
	struct instant unsent_at;
	struct list unsent; /* its fields, struct pair */
	struct str delete_once;
};

static const struct shape pair_shape =
	SHAPE(struct pair, F_STR(struct pair, name), F_STR(struct pair, value));
static const struct shape target_shape =
	SHAPE(struct node_target, F_STR(struct node_target, id), F_STR(struct node_target, label),
	      F_BOOL(struct node_target, selected));
static const struct shape option_row_shape =
	SHAPE(struct option_row, F_STR(struct option_row, id), F_STR(struct option_row, label),
	      F_STR(struct option_row, new_title), F_INT(struct option_row, number),
	      F_BOOL(struct option_row, more), F_BOOL(struct option_row, first),
	      F_BOOL(struct option_row, last), F_LIST(struct option_row, targets, &target_shape));
static const struct shape change_part_shape =
	SHAPE(struct flow_change_part, F_STR(struct flow_change_part, name),
	      F_STR(struct flow_change_part, before), F_STR(struct flow_change_part, after));

#define P_ struct node_page
static const struct shape node_page_shape = SHAPE(
	P_, F_OBJECT(P_, editor, struct editor, &editor_shape), F_STR(P_, id), F_STR(P_, title),
	F_STR(P_, was), F_INT(P_, number), F_OBJECT(P_, form, struct form_view, &form_view_shape),
	F_BOOL(P_, decision), F_BOOL(P_, start), F_LIST(P_, options, &option_row_shape),
	F_LIST(P_, variables, &shape_texts), F_BOOL(P_, preview), F_HTML(P_, body_html),
	F_HTML(P_, help_html), F_BOOL(P_, conflict), F_LIST(P_, theirs, &change_part_shape),
	F_STR(P_, unsent_ago), F_TIME(P_, unsent_at), F_LIST(P_, unsent, &pair_shape),
	F_STR(P_, delete_once));
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
		list[n++] = (struct pair){ steps[at].id, str_fmt(r->arena, "%lld. %.*s",
								 (long long)steps[at].number,
								 STR_ARG(steps[at].title)) };
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
		{ STR("required"), n->required ? STR("1") : STR("") },
		{ STR("outcome"), names_text(&outcomes, n->outcome) },
		{ { 0 }, { 0 } },
	};
	struct control controls[8] = { common[0], common[1], common[2], common[3] };
	size_t count = 4;

	if (straight) {
		controls[count++] = (struct control){
			"next", CONTROL_SELECT,
			.more = targets(r, ed, ed->flow.doc.type != FLOW_TROUBLESHOOTING)
		};
		controls[count++] =
			(struct control){ "new_title", CONTROL_TEXT, .autocomplete = "off" };
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

static struct list row_targets(struct req *r, const struct editor *ed, struct str chosen)
{
	struct list pairs = targets(r, ed, false);
	struct node_target *list = ARENA_ARRAY(r->arena, struct node_target, pairs.n);

	for (size_t at = 0; at < pairs.n; at++) {
		const struct pair *p = &((const struct pair *)pairs.items)[at];

		list[at] = (struct node_target){ p->name, p->value, str_eq(p->name, chosen) };
	}
	return LIST_OF(list, pairs.n);
}

/* The rows as they were typed, or those of the step with an empty one for one more. */
static struct list option_rows(struct req *r, const struct editor *ed, const struct flow_node *n)
{
	const struct node_form *typed = r->method == POST ? r->input : NULL;
	size_t count = typed && typed->option_id.n ? typed->option_id.n : n->options.n + 1;
	struct option_row *rows = ARENA_ARRAY(r->arena, struct option_row, count);

	for (size_t at = 0; at < count; at++) {
		const struct flow_option *o = flow_options(n) + at;
		bool stored = at < n->options.n;
		struct str next = typed    ? text_at(typed->option_next, at)
				  : stored ? o->next
					   : STR("");

		rows[at] = (struct option_row){
			.id = typed    ? text_at(typed->option_id, at)
			      : stored ? o->id
				       : STR(""),
			.label = typed    ? text_at(typed->option_label, at)
				 : stored ? o->label
					  : STR(""),
			.new_title = typed ? text_at(typed->option_new, at) : STR(""),
			.number = (int64_t)at + 1,
			.more = at + 1 == count,
			.first = at == 0,
			.last = at + 2 == count,
			.targets = row_targets(r, ed, next.p ? next : STR("")),
		};
	}
	return LIST_OF(rows, count);
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

/* Sent with `act` "preview" they are shown again, in the form that they were typed into. */
static void fill_unsent(struct req *r, struct node_page *page, const struct unsent_row *row)
{
	struct pair *pairs;
	size_t n, kept = 0;

	if (!row || r->method != GET || !pairs_decode(r->arena, row->form, &pairs, &n))
		return;
	for (size_t at = 0; at < n; at++)
		if (!str_eq(pairs[at].name, STR("csrf")) && !str_eq(pairs[at].name, STR("once")) &&
		    !str_eq(pairs[at].name, STR("act")))
			pairs[kept++] = pairs[at];
	page->unsent = LIST_OF(pairs, kept);
	page->unsent_at = row->at;
	page->unsent_ago = clock_ago(r->arena, row->at);
}

static const struct err *read_page(struct req *r, struct node_page *page,
				   const struct flow_node **ret)
{
	const struct flow_node *n;
	struct unsent_row *unsent;

	store_unsent(r->tx, r->id[0], r->word, &unsent);
	TRY(editor_read(r, r->word, &page->editor));
	n = node_of(r->arena, &page->editor.flow.doc, r->word);
	if (!n)
		return no_such_step(r);
	page->id = n->id;
	page->title = n->title;
	page->was = hash_of(r->arena, n);
	page->number = number_of(&page->editor, n->id);
	page->start = str_eq(n->id, page->editor.flow.doc.structure.start);
	page->decision = n->kind == FLOW_DECISION;
	page->form = form_of(r, &page->editor, n);
	if (page->decision)
		page->options = option_rows(r, &page->editor, n);
	page->variables = variables(r, &page->editor.flow.doc);
	page->delete_once = crypto_token(r->arena);
	fill_unsent(r, page, unsent);
	*ret = n;
	return NULL;
}

/* ---- saving ---- */

/* A target that is to be made on the spot becomes a step of that title; the first made is opened
 * next. */
static const struct err *make_target(struct flow_edit *e, struct str title, struct str *next,
				     struct str *opened)
{
	if (next->n == 0)
		*next = STR_NONE;
	if (flow_visible(title).n == 0)
		return NULL;
	TRY(flow_add_node(e, FLOW_ACTION, title, STR_NONE));
	*next = e->made;
	if (!opened->n)
		*opened = e->made;
	return NULL;
}

/* Where the row's option comes to stand: a button moved it up or down by one. */
static size_t place_of(const struct node_form *form, struct str id, size_t at, size_t n)
{
	if (id.n && at > 0 && str_eq(form->up, id))
		return at - 1;
	if (id.n && at + 1 < n && str_eq(form->down, id))
		return at + 1;
	return at;
}

/* The rows that hold something; a removed one is left out. */
static const struct err *typed_options(struct flow_edit *e, const struct node_form *form,
				       struct str *opened, struct list *ret)
{
	size_t rows = form->option_id.n, n = 0;
	struct flow_option *list = ARENA_ARRAY(e->arena, struct flow_option, rows + 1);

	for (size_t at = 0; at < rows; at++) {
		struct flow_option o = { text_at(form->option_id, at),
					 text_at(form->option_label, at),
					 text_at(form->option_next, at) };
		bool removed = o.id.n && str_eq(o.id, form->remove);

		if (removed || (o.id.n == 0 && o.label.n == 0 && o.next.n == 0 &&
				text_at(form->option_new, at).n == 0))
			continue;
		TRY(make_target(e, text_at(form->option_new, at), &o.next, opened));
		list[n++] = o;
	}
	for (size_t at = 0; at < n; at++) {
		size_t to = place_of(form, list[at].id, at, n);

		if (to != at) {
			struct flow_option other = list[to];

			list[to] = list[at];
			list[at] = other;
			break;
		}
	}
	*ret = LIST_OF(list, n);
	return NULL;
}

/* The step as the form has it.  The form was made for the kind that the step still is. */
static const struct err *typed_node(struct flow_edit *e, const struct node_form *form,
				    const struct flow_node *from, struct str *opened,
				    struct flow_node *ret)
{
	*ret = *from;
	ret->kind = form->kind;
	ret->title = form->title.p ? form->title : STR("");
	ret->body = form->body.p ? form->body : STR("");
	ret->help = form->help.p ? form->help : STR("");
	if (from->kind == FLOW_DECISION)
		return typed_options(e, form, opened, &ret->options);
	if (from->kind == FLOW_ANSWER) {
		ret->outcome = form->outcome < 0 ? from->outcome : form->outcome;
		return NULL;
	}
	ret->required = from->kind == FLOW_ACTION && form->required;
	ret->next = form->next;
	return make_target(e, form->new_title, &ret->next, opened);
}

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

	never = typed_node(&e, r->input, now, &opened, &mine);
	if (!never)
		never = flow_set_node(&e, r->word, &mine);
	changes = flow_diff(r->arena, doc, &e.doc);
	return never || changes.n == 0 ? (struct list){ 0 }
				       : ((const struct flow_change *)changes.items)[0].parts;
}

static const struct err *node_show(struct req *r)
{
	struct node_page page = { 0 };
	const struct flow_node *n;

	TRY(read_page(r, &page, &n));
	if (r->method == POST && is_stale(r, n)) {
		page.conflict = true;
		page.theirs = differences(r, &page.editor.flow.doc);
	}
	return reply_page(r, &node_view, &page);
}

/* What the form holds, as it will look; nothing is saved. */
static const struct err *node_preview(struct req *r)
{
	const struct node_form *form = r->input;
	struct node_page page = { 0 };
	const struct flow_node *n;

	TRY(read_page(r, &page, &n));
	page.preview = true;
	page.was = form->was;
	page.body_html = flow_text_html(r->arena, &page.editor.flow.doc, form->body);
	page.help_html = flow_text_html(r->arena, &page.editor.flow.doc, form->help);
	return reply_page(r, &node_view, &page);
}

static const struct err *open_node(struct req *r, struct flow *f, struct flow_edit *e,
				   const struct flow_node **ret)
{
	TRY(editor_open(r, f, e));
	*ret = node_of(r->arena, &f->doc, r->word);
	return *ret ? NULL : no_such_step(r);
}

static const struct err *node_save(struct req *r)
{
	const struct node_form *form = r->input;
	const struct flow_node *from;
	struct str opened = STR("");
	struct flow_node to;
	struct flow_edit e;
	struct flow f;

	if (str_eq(form->act, STR("preview")))
		return node_preview(r);
	TRY(open_node(r, &f, &e, &from));
	if (is_stale(r, from))
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
				"Someone changed this step meanwhile. Look at both texts below.");
	TRY(typed_node(&e, form, from, &opened, &to));
	TRY(flow_set_node(&e, r->word, &to));
	store_unsent_drop(r->tx, r->id[0], r->word);
	TRY(editor_keep(r, &f, &e));
	people_flash(r, "Saved.");
	return editor_go(r, opened.n ? opened : r->word);
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
	return editor_go(r, e.made);
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
	return editor_go(r, STR(""));
}

/* ---- what was typed and not sent ---- */

/* By the script, while one types and on leaving: the form as it stands, for whoever typed it. */
static const struct err *node_keep_unsent(struct req *r)
{
	if (r->in->body.n > UNSENT_MAX)
		return ERR(r->arena, ERR_TOO_LARGE, "This is more than a step may hold.");
	store_unsent_keep(r->tx, r->id[0], r->word, r->in->body);
	TRY(tx_run(r->tx));
	return reply_none(r);
}

static const struct err *node_drop_unsent(struct req *r)
{
	store_unsent_drop(r->tx, r->id[0], r->word);
	TRY(tx_run(r->tx));
	return editor_go(r, r->word);
}

#define NODE "/flows/:flow/edit/*node"

const struct route node_routes[] = {
	{ GET, NODE, .need = PERM_FLOWS, .run = node_show },
	{ POST, NODE, .need = PERM_FLOWS, .input = &node_form_shape, .find = flow_find,
	  .run = node_save, .again = node_show, .once = true },
	{ POST, NODE "/duplicate", .need = PERM_FLOWS, .find = flow_find, .run = node_duplicate,
	  .once = true },
	{ POST, NODE "/delete", .need = PERM_FLOWS, .find = flow_find, .run = node_delete,
	  .once = true },
	{ POST, NODE "/unsent", .need = PERM_FLOWS, .find = flow_find, .run = node_keep_unsent },
	{ POST, NODE "/unsent/drop", .need = PERM_FLOWS, .find = flow_find,
	  .run = node_drop_unsent },
	{ 0 },
};
