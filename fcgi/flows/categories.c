/* The account's categories, for who curates them: pages and API. */
#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"

#define TAKEN "There is a category of that name already."

struct category_input {
	struct str name;
};

static const struct shape category_input =
	SHAPE_WITH(struct category_input, (.read_only = "id,count"),
		   F_STR(struct category_input, name, .min = 1, .max = 80, .label = "Name"));

struct merge_input {
	struct uuid into;
};

static const struct shape merge_input =
	SHAPE(struct merge_input,
	      F_UUID(struct merge_input, into, .label = "The category that takes its flows"));

static const struct shape category_json =
	SHAPE_WITH(struct category_row, (.label = "Category"), F_UUID(struct category_row, id),
		   F_STR(struct category_row, name), F_INT(struct category_row, count));

struct categories_json {
	struct list items;
};

static const struct shape categories_json =
	SHAPE(struct categories_json, F_LIST(struct categories_json, items, &category_json));

/* ---- acts ---- */

static void category_find(struct req *r)
{
	struct category_row **row = ARENA_NEW(r->arena, struct category_row *);

	store_category(r->tx, r->id[0], row);
}

static struct json_text about(struct req *r, const char *key, struct str value)
{
	struct buf out = buf_new(r->arena, 4096);

	buf_printf(&out, "{\"%s\":", key);
	buf_put_json(&out, value);
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

static const struct json_text nothing = { { NULL, 0 } };

static const struct err *add(struct req *r, struct category_row **ret)
{
	const struct category_input *in = r->input;
	struct uuid id = crypto_uuid7();

	store_category_add(r->tx, id, in->name);
	audit(r, "category.added", "category", id, nothing, about(r, "name", in->name));
	store_category(r->tx, id, ret);
	return name_taken(r, tx_run(r->tx), "category_name", TAKEN);
}

/* Each act begins with the category as it was, for the record. */
static const struct err *read_one(struct req *r, struct category_row **ret)
{
	store_category(r->tx, r->id[0], ret);
	return tx_more(r->tx);
}

static const struct err *rename_to(struct req *r, struct category_row **ret)
{
	const struct category_input *in = r->input;
	struct category_row *was;

	TRY(read_one(r, &was));
	store_category_rename(r->tx, r->id[0], in->name);
	audit(r, "category.renamed", "category", r->id[0], about(r, "name", was->name),
	      about(r, "name", in->name));
	store_category(r->tx, r->id[0], ret);
	return name_taken(r, tx_run(r->tx), "category_name", TAKEN);
}

static const struct err *merge(struct req *r, struct category_row **ret)
{
	const struct merge_input *in = r->input;
	struct category_row *was;

	TRY(read_one(r, &was));
	store_category_merge(r->tx, r->id[0], in->into);
	audit(r, "category.merged", "category", r->id[0], about(r, "name", was->name),
	      about(r, "into", uuid_str(&in->into)));
	store_category(r->tx, in->into, ret);
	return problem_of_field(r, tx_run(r->tx), "into");
}

static const struct err *delete (struct req *r)
{
	struct category_row *was;

	TRY(read_one(r, &was));
	store_category_delete(r->tx, r->id[0]);
	audit(r, "category.deleted", "category", r->id[0], about(r, "name", was->name), nothing);
	return tx_run(r->tx);
}

/* ---- API ---- */

static const struct err *categories_api(struct req *r)
{
	struct categories_json answer;

	store_categories_all(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &categories_json, &answer);
}

static const struct err *add_api(struct req *r)
{
	struct category_row *row;

	TRY(add(r, &row));
	return reply_json(r, &category_json, row);
}

static const struct err *rename_api(struct req *r)
{
	struct category_row *row;

	TRY(rename_to(r, &row));
	return reply_json(r, &category_json, row);
}

static const struct err *merge_api(struct req *r)
{
	struct category_row *row;

	TRY(merge(r, &row));
	return reply_json(r, &category_json, row);
}

static const struct err *delete_api(struct req *r)
{
	TRY(delete (r));
	return reply_none(r);
}

/* ---- pages ---- */

struct categories_page {
	struct form_view form;
	struct list categories;
};

static const struct shape categories_page_shape =
	SHAPE(struct categories_page,
	      F_OBJECT(struct categories_page, form, struct form_view, &form_view_shape),
	      F_LIST(struct categories_page, categories, &category_json));
const struct view categories_view = { "flows/categories", &categories_page_shape };

struct category_page {
	struct uuid id;
	struct str name;
	int64_t count;
	bool others;
	struct form_view form, merge;
};

#define C struct category_page
static const struct shape category_page_shape =
	SHAPE(C, F_UUID(C, id), F_STR(C, name), F_INT(C, count), F_BOOL(C, others),
	      F_OBJECT(C, form, struct form_view, &form_view_shape),
	      F_OBJECT(C, merge, struct form_view, &form_view_shape));
const struct view category_view = { "flows/category", &category_page_shape };

static const struct control name_controls[] = { { "name", CONTROL_TEXT, .autocomplete = "off" },
						{ 0 } };

static const struct err *categories_show(struct req *r)
{
	struct categories_page page;

	store_categories_all(r->tx, &page.categories);
	TRY(tx_run(r->tx));
	page.form = form_view(r, &(struct form_settings){ .action = STR("/flows/categories"),
							  .button = "Add the category",
							  .input = &category_input,
							  .controls = name_controls,
							  .once = true,
							  .quiet = true });
	return reply_page(r, &categories_view, &page);
}

static struct form_view merge_form(struct req *r, struct list rows)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, rows.n + 1);
	struct control controls[2] = { { .field = "into", .kind = CONTROL_SELECT }, { 0 } };
	size_t n = 0;

	for (size_t at = 0; at < rows.n; at++) {
		const struct category_row *row = &((const struct category_row *)rows.items)[at];

		if (!uuid_eq(row->id, r->id[0]))
			choices[n++] = (struct pair){ uuid_str(&row->id), row->name };
	}
	controls[0].more = LIST_OF(choices, n);
	return form_view(
		r, &(struct form_settings){
			   .action = str_fmt(r->arena, "/flows/categories/%s/merge", r->id[0].text),
			   .button = "Merge",
			   .input = &merge_input,
			   .controls = controls,
			   .quiet = true });
}

static const struct err *category_show(struct req *r)
{
	struct category_row *row;
	struct category_page page;
	struct list rows;

	store_category(r->tx, r->id[0], &row);
	store_categories_all(r->tx, &rows);
	TRY(tx_run(r->tx));
	page = (struct category_page){
		.id = row->id,
		.name = row->name,
		.count = row->count,
		.others = rows.n > 1,
		.form = form_view(
			r,
			&(struct form_settings){
				.action = str_fmt(r->arena, "/flows/categories/%s", row->id.text),
				.button = "Rename",
				.input = &category_input,
				.controls = name_controls,
				.values = (const struct pair[]){ { STR("name"), row->name },
								 { { 0 }, { 0 } } },
				.quiet = true }),
		.merge = merge_form(r, rows),
	};
	return reply_page(r, &category_view, &page);
}

static const struct err *go_back(struct req *r, const char *said)
{
	people_flash(r, said);
	return reply_see_other(r, STR("/flows/categories"));
}

static const struct err *category_add(struct req *r)
{
	struct category_row *row;

	TRY(add(r, &row));
	return go_back(r, "The category is added.");
}

static const struct err *category_rename(struct req *r)
{
	struct category_row *row;

	TRY(rename_to(r, &row));
	return go_back(r, "The category is renamed.");
}

static const struct err *category_merge(struct req *r)
{
	struct category_row *row;

	TRY(merge(r, &row));
	return go_back(r, "Merged. Its flows are in the other category.");
}

static const struct err *category_delete(struct req *r)
{
	TRY(delete (r));
	return go_back(r, "The category is gone.");
}

#define API  "/api/v1/categories"
#define PAGE "/flows/categories"

const struct route categories_routes[] = {
	{ GET, API, .need = PERM_READ, .run = categories_api, .output = &categories_json,
	  .about = "The categories, and how many flows are in each" },
	{ POST, API, .need = PERM_CURATE, .input = &category_input, .run = add_api,
	  .output = &category_json, .status = 201, .once = true, .about = "Add a category" },
	{ PATCH, API "/:category", .need = PERM_CURATE, .input = &category_input,
	  .find = category_find, .run = rename_api, .output = &category_json,
	  .about = "Rename a category" },
	{ POST, API "/:category/merge", .need = PERM_CURATE, .input = &merge_input,
	  .find = category_find, .run = merge_api, .output = &category_json, .once = true,
	  .about = "Move its flows to another category and delete it; answers the other" },
	{ DELETE, API "/:category", .need = PERM_CURATE, .find = category_find, .run = delete_api,
	  .status = 204, .about = "Delete a category; 409 while flows are in it" },
	{ GET, PAGE, .need = PERM_CURATE, .run = categories_show },
	{ POST, PAGE, .need = PERM_CURATE, .input = &category_input, .run = category_add,
	  .again = categories_show, .once = true },
	{ GET, PAGE "/:category", .need = PERM_CURATE, .run = category_show },
	{ POST, PAGE "/:category", .need = PERM_CURATE, .input = &category_input,
	  .find = category_find, .run = category_rename, .again = category_show },
	{ POST, PAGE "/:category/merge", .need = PERM_CURATE, .input = &merge_input,
	  .find = category_find, .run = category_merge, .again = category_show },
	{ POST, PAGE "/:category/delete", .need = PERM_CURATE, .find = category_find,
	  .run = category_delete, .again = category_show },
	{ 0 },
};
