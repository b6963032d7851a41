/* A flow's past: the stored history of its draft, its versions, what two of them differ in, and
 * publishing. */
#include "flows/diff.h"
#include "flows/editor.h"
#include "flows/flows.h"
#include "flows/tree.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/page.h"
#include "people/people.h"

/* The number in the address; 0, which nothing has, where it is none. */
static int64_t number_of(const struct req *r)
{
	int64_t n;

	return str_to_int(r->word, &n) && n <= INT32_MAX ? n : 0;
}

/* ---- the page of the past ---- */

struct edit_line {
	int64_t n;
	struct str label, person, ago;
	struct instant at;
	bool current, undone;
};

struct version_line {
	int64_t n;
	struct str note, name, person, ago;
	struct instant at;
	bool current;
};

static const struct shape edit_line_shape = SHAPE(
	struct edit_line, F_INT(struct edit_line, n), F_STR(struct edit_line, label),
	F_STR(struct edit_line, person), F_STR(struct edit_line, ago), F_TIME(struct edit_line, at),
	F_BOOL(struct edit_line, current), F_BOOL(struct edit_line, undone));
static const struct shape version_line_shape =
	SHAPE(struct version_line, F_INT(struct version_line, n), F_STR(struct version_line, note),
	      F_STR(struct version_line, name), F_STR(struct version_line, person),
	      F_STR(struct version_line, ago), F_TIME(struct version_line, at),
	      F_BOOL(struct version_line, current));

struct history_page {
	struct editor editor;
	struct list edits, versions;
};

static const struct shape history_page_shape = SHAPE(
	struct history_page, F_OBJECT(struct history_page, editor, struct editor, &editor_shape),
	F_LIST(struct history_page, edits, &edit_line_shape),
	F_LIST(struct history_page, versions, &version_line_shape));
const struct view history_view = { "flows/history", &history_page_shape };

static struct list edit_lines(struct req *r, struct list rows)
{
	struct edit_line *lines = ARENA_ARRAY(r->arena, struct edit_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct flow_edit_row *row = &((const struct flow_edit_row *)rows.items)[at];

		lines[at] = (struct edit_line){ row->n,      row->label,
						row->person, clock_ago(r->arena, row->at),
						row->at,     row->current,
						row->undone };
	}
	return LIST_OF(lines, rows.n);
}

static struct list version_lines(struct req *r, struct list rows)
{
	struct version_line *lines = ARENA_ARRAY(r->arena, struct version_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct flow_version_row *row =
			&((const struct flow_version_row *)rows.items)[at];

		lines[at] = (struct version_line){
			row->n,  row->note,   row->name, row->person, clock_ago(r->arena, row->at),
			row->at, row->current
		};
	}
	return LIST_OF(lines, rows.n);
}

static const struct err *history_show(struct req *r)
{
	struct history_page page = { 0 };
	struct list edits, versions;

	store_flow_edits(r->tx, r->id[0], &edits);
	store_flow_versions(r->tx, r->id[0], &versions);
	TRY(editor_read(r, STR_NONE, &page.editor));
	page.edits = edit_lines(r, edits);
	page.versions = version_lines(r, versions);
	return reply_page(r, &history_view, &page);
}

static const struct err *history_jump(struct req *r)
{
	TRY(flow_jump(r, r->id[0], number_of(r)));
	TRY(tx_run(r->tx));
	people_flash(r, "The draft is as it was then. Redo goes forward again.");
	return editor_go(r, STR(""), STR_NONE);
}

static const struct err *version_restore(struct req *r)
{
	TRY(flow_restore(r, r->id[0], number_of(r)));
	TRY(tx_run(r->tx));
	people_flash(r, "The draft is as that version was. Publish it when it is ready.");
	return editor_go(r, STR(""), STR_NONE);
}

/* ---- comparing ---- */

struct compare_query {
	int64_t from, to; /* 0: the draft */
};

static const struct shape compare_query = SHAPE(
	struct compare_query,
	F_INT(struct compare_query, from, .optional = true, .max = INT32_MAX, .label = "From"),
	F_INT(struct compare_query, to, .optional = true, .max = INT32_MAX, .label = "To"));

struct side_choice {
	int64_t n;
	struct str label;
	bool from, to;
};

struct compare_page {
	struct uuid flow_id;
	struct str name;
	bool may_edit, same;
	struct list sides, changes;
};

static const struct shape side_choice_shape =
	SHAPE(struct side_choice, F_INT(struct side_choice, n), F_STR(struct side_choice, label),
	      F_BOOL(struct side_choice, from), F_BOOL(struct side_choice, to));
static const struct shape compare_page_shape = SHAPE(
	struct compare_page, F_UUID(struct compare_page, flow_id), F_STR(struct compare_page, name),
	F_BOOL(struct compare_page, may_edit), F_BOOL(struct compare_page, same),
	F_LIST(struct compare_page, sides, &side_choice_shape),
	F_LIST(struct compare_page, changes, &flow_change_shape));
const struct view compare_view = { "flows/compare", &compare_page_shape };

struct compared {
	struct flow_row *row;
	struct list versions, changes;
	int64_t from, to;
};

/* A reader has no draft: what stands for it is the last version.  Where the query does not say: to
 * that, from the version before it. */
static void choose_sides(struct req *r, struct compared *c)
{
	const struct compare_query *query = r->input;
	int64_t newest = c->row->edits ? 0 : c->row->version, before;

	c->to = query->to ? query->to : newest;
	before = c->to ? c->to - 1 : c->row->version;
	if (before == 0)
		before = c->to;
	c->from = input_given(r, "from") ? query->from : before;
	if (c->from == 0)
		c->from = newest;
}

static const struct err *compare(struct req *r, struct compared *ret)
{
	struct flow_doc_row *from_row, *to_row;
	struct flow_doc from, to;

	store_flow(r->tx, r->id[0], &ret->row);
	store_flow_versions(r->tx, r->id[0], &ret->versions);
	TRY(tx_more(r->tx));
	if (!ret->row)
		return flow_not_there(r);
	choose_sides(r, ret);
	store_flow_doc(r->tx, r->id[0], ret->from, &from_row);
	store_flow_doc(r->tx, r->id[0], ret->to, &to_row);
	TRY(tx_run(r->tx));
	if (!from_row || !to_row)
		return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such version.");
	TRY(flow_read_doc(r->arena, from_row, &from));
	TRY(flow_read_doc(r->arena, to_row, &to));
	ret->changes = flow_diff(r->arena, &from, &to);
	return NULL;
}

static struct list sides(struct req *r, const struct compared *c)
{
	const struct flow_version_row *rows = c->versions.items;
	struct side_choice *list = ARENA_ARRAY(r->arena, struct side_choice, c->versions.n + 1);
	size_t n = 0;

	if (c->row->edits)
		list[n++] = (struct side_choice){ 0, STR("The draft"), c->from == 0, c->to == 0 };
	for (size_t at = 0; at < c->versions.n; at++)
		list[n++] = (struct side_choice){
			rows[at].n, str_fmt(r->arena, "Version %lld", (long long)rows[at].n),
			c->from == rows[at].n, c->to == rows[at].n
		};
	return LIST_OF(list, n);
}

static const struct err *compare_show(struct req *r)
{
	struct compared c;
	struct compare_page page;

	TRY(compare(r, &c));
	page = (struct compare_page){
		.flow_id = c.row->id,
		.name = c.row->name,
		.may_edit = c.row->edits,
		.same = c.changes.n == 0,
		.sides = sides(r, &c),
		.changes = c.changes,
	};
	return reply_page(r, &compare_view, &page);
}

/* ---- publishing ---- */

struct publish_form {
	struct str note;
	struct str was; /* the hash of the draft that the page showed */
};

static const struct shape publish_form =
	SHAPE(struct publish_form,
	      F_STR(struct publish_form, note, .optional = true, .max = 1000, .lines = true,
		    .any = true, .label = "What changed"),
	      F_STR(struct publish_form, was, .optional = true, .max = 100));
static const struct control publish_controls[] = {
	{ "note", CONTROL_LINES, .hint = "For whoever runs it: one or two sentences." },
	{ .field = "was", .kind = CONTROL_HIDDEN },
	{ 0 },
};

struct publish_page {
	struct editor editor;
	struct form_view form;
	int64_t next;
	bool first, same;
	struct list changes;
};

static const struct shape publish_page_shape = SHAPE(
	struct publish_page, F_OBJECT(struct publish_page, editor, struct editor, &editor_shape),
	F_OBJECT(struct publish_page, form, struct form_view, &form_view_shape),
	F_INT(struct publish_page, next), F_BOOL(struct publish_page, first),
	F_BOOL(struct publish_page, same),
	F_LIST(struct publish_page, changes, &flow_change_shape));
const struct view publish_view = { "flows/publish", &publish_page_shape };

static const struct err *publish_show(struct req *r)
{
	struct pair values[] = { { STR("was"), STR("") }, { { 0 }, { 0 } } };
	struct publish_page page = { 0 };
	struct flow_doc_row *last;
	struct flow_doc before;

	store_flow_last(r->tx, r->id[0], &last);
	TRY(editor_read(r, STR_NONE, &page.editor));
	page.next = page.editor.version + 1;
	page.first = page.editor.version == 0;
	page.same = !page.editor.has_draft;
	if (last) {
		TRY(flow_read_doc(r->arena, last, &before));
		page.changes = flow_diff(r->arena, &before, &page.editor.flow.doc);
	}
	values[0].value = page.editor.flow.hash;
	page.form = form_view(
		r, &(struct form_settings){
			   .action = str_fmt(r->arena, "/flows/%s/publish", r->id[0].text),
			   .button = "Publish",
			   .input = &publish_form,
			   .controls = publish_controls,
			   .values = values,
			   .once = true });
	return reply_page(r, &publish_view, &page);
}

static const struct err *publish(struct req *r)
{
	const struct publish_form *form = r->input;
	struct flow f;

	TRY(flow_open(r, r->id[0], &f));
	if (!f.row->has_draft)
		return ERR_CODE(r->arena, ERR_CONFLICT, "nothing_new",
				"The last version is the same as the draft: there is nothing new "
				"to publish.");
	if (form->was.n && !str_eq(form->was, f.hash))
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
				"Someone changed the draft meanwhile. Look at what changed, then "
				"publish again.");
	TRY(flow_publish(r, &f, form->note.p ? form->note : STR("")));
	TRY(tx_run(r->tx));
	people_flash(r, "The flow is published.");
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s", r->id[0].text));
}

/* ---- the API ---- */

struct version_json {
	int64_t version;
	struct str note, name;
	struct person_json author;
	struct instant created_at;
	bool current;
};

static const struct shape version_json = SHAPE_WITH(
	struct version_json, (.label = "TreeVersion"), F_INT(struct version_json, version),
	F_STR(struct version_json, note), F_STR(struct version_json, name),
	F_OBJECT(struct version_json, author, struct person_json, &person_json_shape),
	F_TIME(struct version_json, created_at), F_BOOL(struct version_json, current));
static const struct shape versions_json = SHAPE_PAGE(&version_json);
static const struct shape edit_json =
	SHAPE_WITH(struct edit_line, (.label = "TreeEdit"), F_INT(struct edit_line, n),
		   F_STR(struct edit_line, label), F_STR(struct edit_line, person),
		   F_TIME(struct edit_line, at), F_BOOL(struct edit_line, current),
		   F_BOOL(struct edit_line, undone));
static const struct shape edits_json = SHAPE_PAGE(&edit_json);

struct changes_json {
	int64_t from, to;
	struct list changes;
};

static const struct shape changes_json = SHAPE_WITH(
	struct changes_json, (.label = "TreeChanges"), F_INT(struct changes_json, from),
	F_INT(struct changes_json, to), F_LIST(struct changes_json, changes, &flow_change_shape));

static const struct err *versions_api(struct req *r)
{
	struct version_json *items;
	struct page_json answer;
	struct flow_row *row;
	struct list rows;

	store_flow(r->tx, r->id[0], &row);
	store_flow_versions(r->tx, r->id[0], &rows);
	TRY(tx_run(r->tx));
	if (!row)
		return flow_not_there(r);
	items = ARENA_ARRAY(r->arena, struct version_json, rows.n + 1);
	for (size_t at = 0; at < rows.n; at++) {
		const struct flow_version_row *v =
			&((const struct flow_version_row *)rows.items)[at];

		items[at] = (struct version_json){ v->n,    v->note,
						   v->name, { v->person_id, v->person },
						   v->at,   v->current };
	}
	answer = page_json(r, page_of(1, 10000), LIST_OF(items, rows.n), (int64_t)rows.n);
	return reply_json(r, &versions_json, &answer);
}

static const struct err *version_restore_api(struct req *r)
{
	TRY(flow_restore(r, r->id[0], number_of(r)));
	return tree_reply(r, r->id[0]);
}

static const struct err *history_api(struct req *r)
{
	struct page_json answer;
	struct flow_row *row;
	struct list rows;

	store_flow(r->tx, r->id[0], &row);
	store_flow_edits(r->tx, r->id[0], &rows);
	TRY(tx_run(r->tx));
	if (!row)
		return flow_not_there(r);
	if (!row->edits)
		return flow_not_yours(r);
	answer = page_json(r, page_of(1, 1000), edit_lines(r, rows), (int64_t)rows.n);
	return reply_json(r, &edits_json, &answer);
}

static const struct err *history_jump_api(struct req *r)
{
	TRY(flow_jump(r, r->id[0], number_of(r)));
	return tree_reply(r, r->id[0]);
}

static const struct err *compare_api(struct req *r)
{
	struct compared c;
	struct changes_json answer;

	TRY(compare(r, &c));
	answer = (struct changes_json){ c.from, c.to, c.changes };
	return reply_json(r, &changes_json, &answer);
}

#define FLOW "/flows/:flow"
#define TREE "/api/v1/trees/:tree"

const struct route history_routes[] = {
	{ GET, FLOW "/history", .need = PERM_FLOWS, .run = history_show },
	{ POST, FLOW "/history/*entry", .need = PERM_FLOWS, .find = flow_find, .run = history_jump,
	  .once = true },
	{ POST, FLOW "/versions/*version/restore", .need = PERM_FLOWS, .find = flow_find,
	  .run = version_restore, .once = true },
	{ GET, FLOW "/compare", .need = PERM_READ, .input = &compare_query, .find = flow_find,
	  .run = compare_show },
	{ GET, FLOW "/publish", .need = PERM_FLOWS, .run = publish_show },
	{ POST, FLOW "/publish", .need = PERM_FLOWS, .input = &publish_form, .find = flow_find,
	  .run = publish, .again = publish_show, .once = true },
	{ GET, TREE "/versions", .need = PERM_READ, .find = flow_find, .run = versions_api,
	  .output = &versions_json, .about = "A flow's published versions, newest first" },
	{ POST, TREE "/versions/*version/restore", .need = PERM_FLOWS, .find = flow_find,
	  .run = version_restore_api, .output = &tree_json_shape, .once = true,
	  .about = "Make a version the draft again, as one more entry of its history" },
	{ GET, TREE "/history", .need = PERM_FLOWS, .find = flow_find, .run = history_api,
	  .output = &edits_json, .about = "The stored history of the draft, newest first" },
	{ POST, TREE "/history/*entry", .need = PERM_FLOWS, .find = flow_find,
	  .run = history_jump_api, .output = &tree_json_shape, .once = true,
	  .about = "The draft as it was at an entry of its history" },
	{ GET, TREE "/compare", .need = PERM_READ, .input = &compare_query, .find = flow_find,
	  .run = compare_api, .output = &changes_json,
	  .about = "What two versions differ in; 0 is the draft" },
	{ 0 },
};
