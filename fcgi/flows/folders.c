/* One's own folders, three levels deep: pages and API. */
#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"

#define TAKEN "You have a folder of that name there already."

struct folder_input {
	struct str name;
	struct uuid parent_id;
};

#define I         struct folder_input
#define READ_ONLY "id,path,level,count"
#define PARENT    F_UUID(I, parent_id, .optional = true, .null = true, .label = "Lies in")
static const struct shape folder_post = SHAPE_WITH(
	I, (.read_only = READ_ONLY), F_STR(I, name, .min = 1, .max = 80, .label = "Name"), PARENT);
static const struct shape folder_patch =
	SHAPE_WITH(I, (.read_only = READ_ONLY),
		   F_STR(I, name, .optional = true, .min = 1, .max = 80, .label = "Name"), PARENT);

/* ---- acts ---- */

static void folder_find(struct req *r)
{
	store_folder_find(r->tx, r->id[0]);
}

/* What the database says of a name that is taken or a place that does not do, at its field. */
static const struct err *run(struct req *r)
{
	const struct err *e = tx_run(r->tx);

	return problem_of_field(r, name_taken(r, e, "folder_name", TAKEN), "parent_id");
}

static const struct err *add(struct req *r, struct uuid *id, struct list *folders)
{
	const struct folder_input *in = r->input;

	*id = crypto_uuid7();
	store_folder_check(r->tx, UUID_NONE, in->parent_id);
	store_folder_add(r->tx, *id, in->parent_id, in->name);
	store_folders(r->tx, folders);
	return run(r);
}

static const struct err *change(struct req *r, bool moves, struct list *folders)
{
	const struct folder_input *in = r->input;

	if (moves)
		store_folder_check(r->tx, r->id[0], in->parent_id);
	store_folder_change(r->tx, r->id[0], in->name.p ? in->name : STR(""),
			    moves ? &in->parent_id : NULL);
	store_folders(r->tx, folders);
	return run(r);
}

static const struct folder_row *folder_of(struct list folders, struct uuid id)
{
	const struct folder_row *rows = folders.items;

	for (size_t at = 0; at < folders.n; at++)
		if (uuid_eq(rows[at].id, id))
			return &rows[at];
	return NULL;
}

/* ---- API ---- */

struct folder_json {
	struct uuid id, parent_id;
	struct str name, path;
	int64_t level, count;
};

struct folders_json {
	struct list items;
};

#define J struct folder_json
static const struct shape folder_json =
	SHAPE_WITH(J, (.label = "Folder"), F_UUID(J, id), F_UUID(J, parent_id, .null = true),
		   F_STR(J, name), F_STR(J, path), F_INT(J, level), F_INT(J, count));
static const struct shape folders_json =
	SHAPE(struct folders_json, F_LIST(struct folders_json, items, &folder_json));

static struct folder_json json_of(const struct folder_row *row)
{
	return (struct folder_json){ row->id,   row->parent, row->name,
				     row->path, row->level,  row->count };
}

static const struct err *reply_folder(struct req *r, struct list folders, struct uuid id)
{
	const struct folder_row *row = folder_of(folders, id);
	struct folder_json folder;

	if (!row)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such folder.");
	folder = json_of(row);
	return reply_json(r, &folder_json, &folder);
}

static const struct err *folders_api(struct req *r)
{
	struct folders_json answer;
	struct folder_json *items;
	struct list rows;

	store_folders(r->tx, &rows);
	TRY(tx_run(r->tx));
	items = ARENA_ARRAY(r->arena, struct folder_json, rows.n + 1);
	for (size_t at = 0; at < rows.n; at++)
		items[at] = json_of(&((const struct folder_row *)rows.items)[at]);
	answer.items = LIST_OF(items, rows.n);
	return reply_json(r, &folders_json, &answer);
}

static const struct err *add_api(struct req *r)
{
	struct list folders;
	struct uuid id;

	TRY(add(r, &id, &folders));
	return reply_folder(r, folders, id);
}

static const struct err *change_api(struct req *r)
{
	struct list folders;

	TRY(change(r, input_given(r, "parent_id"), &folders));
	return reply_folder(r, folders, r->id[0]);
}

static const struct err *delete_api(struct req *r)
{
	store_folder_delete(r->tx, r->id[0]);
	TRY(tx_run(r->tx));
	return reply_none(r);
}

static void folder_and_flow_find(struct req *r)
{
	store_folder_find(r->tx, r->id[0]);
	store_flow_find(r->tx, r->id[1]);
}

static const struct err *put_in(struct req *r)
{
	struct str *flow = ARENA_NEW(r->arena, struct str);
	struct list changed;

	*flow = uuid_str(&r->id[1]);
	store_flows_bulk(r->tx,
			 &(struct flow_bulk){ LIST_OF(flow, 1), STR("move"), r->id[0], STR("") },
			 &changed);
	TRY(tx_run(r->tx));
	return reply_none(r);
}

static const struct err *take_out(struct req *r)
{
	store_folder_take_out(r->tx, r->id[0], r->id[1]);
	TRY(tx_run(r->tx));
	return reply_none(r);
}

/* ---- pages ---- */

struct folders_page {
	struct form_view form;
	struct list folders;
};

struct folder_page {
	struct uuid id;
	struct str name;
	int64_t count;
	struct form_view form;
};

static const struct shape folder_view_shape =
	SHAPE(struct folder_row, F_UUID(struct folder_row, id), F_STR(struct folder_row, name),
	      F_INT(struct folder_row, level), F_INT(struct folder_row, count));
static const struct shape folders_page_shape =
	SHAPE(struct folders_page,
	      F_OBJECT(struct folders_page, form, struct form_view, &form_view_shape),
	      F_LIST(struct folders_page, folders, &folder_view_shape));
static const struct shape folder_page_shape =
	SHAPE(struct folder_page, F_UUID(struct folder_page, id), F_STR(struct folder_page, name),
	      F_INT(struct folder_page, count),
	      F_OBJECT(struct folder_page, form, struct form_view, &form_view_shape));
const struct view folders_view = { "flows/folders", &folders_page_shape };
const struct view folder_view = { "flows/folder", &folder_page_shape };

/* Where a folder may lie: in none, or in one that is not at the lowest level. */
static struct list parents_of(struct req *r, struct list folders)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, folders.n + 1);
	size_t n = 1;

	choices[0] = (struct pair){ STR(""), STR("No other folder") };
	for (size_t at = 0; at < folders.n; at++) {
		const struct folder_row *row = &((const struct folder_row *)folders.items)[at];

		if (row->level < 3 && !uuid_eq(row->id, r->id[0]))
			choices[n++] = (struct pair){ uuid_str(&row->id), row->path };
	}
	return LIST_OF(choices, n);
}

static struct form_view form_of(struct req *r, const struct form_settings *base,
				struct list folders)
{
	const struct control controls[] = {
		{ "name", CONTROL_TEXT, .autocomplete = "off" },
		{ "parent_id", CONTROL_SELECT, .more = parents_of(r, folders) },
		{ 0 },
	};
	struct form_settings settings = *base;

	settings.input = &folder_post;
	settings.controls = controls;
	settings.quiet = true;
	return form_view(r, &settings);
}

static const struct err *folders_show(struct req *r)
{
	struct folders_page page;

	store_folders(r->tx, &page.folders);
	TRY(tx_run(r->tx));
	page.form = form_of(r,
			    &(struct form_settings){ .action = STR("/flows/folders"),
						     .button = "Make the folder",
						     .once = true },
			    page.folders);
	return reply_page(r, &folders_view, &page);
}

static const struct err *folder_show(struct req *r)
{
	const struct folder_row *row;
	struct folder_page page;
	struct list folders;

	store_folders(r->tx, &folders);
	TRY(tx_run(r->tx));
	row = folder_of(folders, r->id[0]);
	if (!row)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such folder.");
	page = (struct folder_page){ .id = row->id, .name = row->name, .count = row->count };
	page.form = form_of(r,
			    &(struct form_settings){
				    .action = str_fmt(r->arena, "/flows/folders/%s", row->id.text),
				    .button = "Save",
				    .values = (const struct pair[]){ { STR("name"), row->name },
								     { STR("parent_id"),
								       uuid_str(&row->parent) },
								     { { 0 }, { 0 } } },
			    },
			    folders);
	return reply_page(r, &folder_view, &page);
}

static const struct err *go_back(struct req *r, const char *said)
{
	people_flash(r, said);
	return reply_see_other(r, STR("/flows/folders"));
}

static const struct err *folder_add(struct req *r)
{
	struct list folders;
	struct uuid id;

	TRY(add(r, &id, &folders));
	return go_back(r, "The folder is made. Put flows into it from their list.");
}

static const struct err *folder_save(struct req *r)
{
	struct list folders;

	TRY(change(r, true, &folders));
	return go_back(r, "Saved.");
}

static const struct err *folder_delete(struct req *r)
{
	store_folder_delete(r->tx, r->id[0]);
	TRY(tx_run(r->tx));
	return go_back(r, "The folder is gone. Its flows are where they were.");
}

#define API  "/api/v1/folders"
#define PAGE "/flows/folders"

const struct route folders_routes[] = {
	{ GET, API, .need = PERM_READ, .run = folders_api, .output = &folders_json,
	  .about = "Your folders, each below the one it lies in" },
	{ POST, API, .need = PERM_READ, .input = &folder_post, .run = add_api,
	  .output = &folder_json, .status = 201, .once = true,
	  .about = "Make a folder; 422 below the third level" },
	{ PATCH, API "/:folder", .need = PERM_READ, .input = &folder_patch, .find = folder_find,
	  .run = change_api, .output = &folder_json,
	  .about = "Rename or move a folder; 422 into itself or below the third level" },
	{ DELETE, API "/:folder", .need = PERM_READ, .find = folder_find, .run = delete_api,
	  .status = 204, .about = "Delete a folder and those in it; the flows stay" },
	{ PUT, API "/:folder/trees/:tree", .need = PERM_READ, .find = folder_and_flow_find,
	  .run = put_in, .status = 204, .about = "Put a flow into a folder, out of any other" },
	{ DELETE, API "/:folder/trees/:tree", .need = PERM_READ, .find = folder_and_flow_find,
	  .run = take_out, .status = 204, .about = "Take a flow out of a folder" },
	{ GET, PAGE, .need = PERM_READ, .run = folders_show },
	{ POST, PAGE, .need = PERM_READ, .input = &folder_post, .run = folder_add,
	  .again = folders_show, .once = true },
	{ GET, PAGE "/:folder", .need = PERM_READ, .run = folder_show },
	{ POST, PAGE "/:folder", .need = PERM_READ, .input = &folder_post, .find = folder_find,
	  .run = folder_save, .again = folder_show },
	{ POST, PAGE "/:folder/delete", .need = PERM_READ, .find = folder_find,
	  .run = folder_delete },
	{ 0 },
};
