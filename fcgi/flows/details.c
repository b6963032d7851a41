/* A new flow, and a flow's details: name, type, who sees it, category and tags; archiving and
 * deleting. */
#include "flows/editor.h"

#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

/* ---- the form ---- */

struct details_form {
	struct str name, description;
	int type, visibility;
	struct str category, new_category, tags;
	bool by_use;
	struct str was; /* a hash of all that as the form was made of it */
};

static const char *check_tags(struct str tags)
{
	size_t n = 0;

	for (struct str rest = tags; rest.p; n++)
		if (str_utf8_length(str_trim(str_cut(&rest, ','))) > 40)
			return "A tag has at most 40 characters. Put commas between tags.";
	return n > 20 ? "A flow has at most 20 tags." : NULL;
}

static const struct choice type_choices[] = {
	{ "troubleshooting", "Troubleshooting: questions that lead to an answer" },
	{ "procedural", "Procedure: steps in their order" },
	{ "maintenance", "Maintenance: a procedure done again and again" },
	{ 0 },
};
static const struct choice visibility_choices[] = {
	{ "team", "My team" },
	{ "public", "Everyone in the company" },
	{ "private", "Only me" },
	{ 0 },
};

#define D struct details_form
static const struct shape details_form = SHAPE(
	D, F_STR(D, name, .min = 1, .max = 200, .any = true, .label = "Name"),
	F_STR(D, description, .optional = true, .max = 4000, .lines = true, .any = true,
	      .label = "What it is for"),
	F_ENUM(D, type, &flow_types, .label = "Type", .choices = type_choices),
	F_ENUM(D, visibility, &flow_visibilities, .optional = true, .label = "Who sees it",
	       .choices = visibility_choices),
	F_STR(D, category, .optional = true, .max = 80, .label = "Category"),
	F_STR(D, new_category, .optional = true, .max = 80, .label = "or a new category"),
	F_STR(D, tags, .optional = true, .max = 900, .check = check_tags, .label = "Tags"),
	F_BOOL(D, by_use, .optional = true, .label = "Show the answers that most runs took first"),
	F_STR(D, was, .optional = true, .max = 100));

static struct list category_choices(struct req *r, struct list rows)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, rows.n + 1);

	choices[0] = (struct pair){ STR(""), STR("None") };
	for (size_t at = 0; at < rows.n; at++) {
		struct str name = ((const struct category_row *)rows.items)[at].name;

		choices[at + 1] = (struct pair){ name, name };
	}
	return LIST_OF(choices, rows.n + 1);
}

/* Who may not see to it that a control is obeyed does not get it. */
struct offered {
	bool sight, new_category;
};

static struct form_view details_view_of(struct req *r, const struct form_settings *base,
					struct list categories, struct offered offer)
{
	struct form_settings settings = *base;
	struct control controls[10] = {
		{ "name", CONTROL_TEXT, .autocomplete = "off" },
		{ .field = "type", .kind = CONTROL_SELECT },
		{ "description", CONTROL_LINES, .hint = "Markdown. Shown before the run begins." },
	};
	size_t n = 3;

	if (offer.sight)
		controls[n++] = (struct control){ .field = "visibility", .kind = CONTROL_SELECT };
	controls[n++] = (struct control){ "category", CONTROL_SELECT,
					  .more = category_choices(r, categories) };
	if (offer.new_category)
		controls[n++] =
			(struct control){ "new_category", CONTROL_TEXT, .autocomplete = "off" };
	controls[n++] =
		(struct control){ "tags", CONTROL_TEXT, .autocomplete = "off", .list = "tag-names",
				  .hint = "With commas between: vpn, home office" };
	controls[n++] = (struct control){
		"by_use", CONTROL_CHECKBOX,
		.hint = "Else they stand as in the flow. A few finished runs are needed to tell."
	};
	controls[n++] = (struct control){ .field = "was", .kind = CONTROL_HIDDEN };
	settings.input = &details_form;
	settings.controls = controls;
	return form_view(r, &settings);
}

static struct str chosen_category(const struct details_form *form)
{
	if (form->new_category.n)
		return form->new_category;
	return form->category.p ? form->category : STR("");
}

static struct list typed_tags(struct req *r, struct str tags)
{
	return tags.p ? flow_tag_list(r->arena, tags) : (struct list){ 0 };
}

/* ---- a new flow ---- */

struct new_page {
	struct form_view form;
	struct list tag_names;
};

static const struct shape new_page_shape =
	SHAPE(struct new_page, F_OBJECT(struct new_page, form, struct form_view, &form_view_shape),
	      F_LIST(struct new_page, tag_names, &tag_name_shape));
const struct view new_flow_view = { "flows/new", &new_page_shape };

static const struct err *new_show(struct req *r)
{
	struct list categories;
	struct new_page page;

	store_categories(r->tx, &categories);
	store_tag_names(r->tx, &page.tag_names);
	TRY(tx_run(r->tx));
	page.form = details_view_of(
		r,
		&(struct form_settings){
			.action = STR("/flows"), .button = "Make the flow", .once = true },
		categories,
		(struct offered){ true, role_may((enum role)r->who->row->role, PERM_CURATE) });
	return reply_page(r, &new_flow_view, &page);
}

static const struct err *new_make(struct req *r)
{
	const struct details_form *form = r->input;
	struct flow_making making = {
		.doc = { .name = form->name,
			 .description = form->description.p ? form->description : STR(""),
			 .type = form->type },
		.visibility = form->visibility < 0 ? FLOW_TEAM : form->visibility,
		.category = chosen_category(form),
		.tags = typed_tags(r, form->tags),
		.label = STR("Made the flow"),
	};
	struct uuid id = flow_make(r, &making);

	TRY(tx_run(r->tx));
	people_flash(r, "The flow is made. Add its first step.");
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/edit", id.text));
}

/* ---- details ---- */

struct details_page {
	struct editor editor;
	struct form_view form;
	struct list tag_names;
	bool may_delete, conflict, archived;
	struct str once, author, team, sight;
	int64_t usage_count;
};

#define P_ struct details_page
static const struct shape details_page_shape =
	SHAPE(P_, F_OBJECT(P_, editor, struct editor, &editor_shape),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, tag_names, &tag_name_shape), F_BOOL(P_, may_delete), F_BOOL(P_, conflict),
	      F_BOOL(P_, archived), F_STR(P_, once), F_STR(P_, author), F_STR(P_, team),
	      F_STR(P_, sight), F_INT(P_, usage_count));
const struct view details_view = { "flows/details", &details_page_shape };

static struct str hash_of(struct req *r, const struct flow *f)
{
	return crypto_hash_token(r->arena,
				 str_fmt(r->arena, "%.*s\n%.*s\n%d %d %d\n%.*s\n%.*s",
					 STR_ARG(f->doc.name), STR_ARG(f->doc.description),
					 f->doc.type, f->row->visibility, f->row->by_use,
					 STR_ARG(f->row->category), STR_ARG(f->row->tags)));
}

static struct str with_blanks(struct req *r, struct str tags)
{
	struct buf out = buf_new(r->arena, 4096);
	struct list list = flow_tag_list(r->arena, tags);

	for (size_t at = 0; at < list.n; at++) {
		if (at)
			buf_put(&out, STR(", "));
		buf_put(&out, ((const struct str *)list.items)[at]);
	}
	return buf_str(&out);
}

static struct form_view details_form_view(struct req *r, const struct flow *f,
					  struct list categories, bool mine, bool curates)
{
	const struct pair values[] = {
		{ STR("name"), f->doc.name },
		{ STR("description"), f->doc.description },
		{ STR("type"), names_text(&flow_types, f->doc.type) },
		{ STR("visibility"), names_text(&flow_visibilities, f->row->visibility) },
		{ STR("category"), f->row->category },
		{ STR("tags"), with_blanks(r, f->row->tags) },
		{ STR("by_use"), f->row->by_use ? STR("1") : STR("") },
		{ STR("was"), hash_of(r, f) },
		{ { 0 }, { 0 } },
	};

	return details_view_of(
		r,
		&(struct form_settings){
			.action = str_fmt(r->arena, "/flows/%s/details", f->row->id.text),
			.button = "Save",
			.values = values,
			.once = true,
			.quiet = true,
		},
		categories, (struct offered){ mine || curates, curates });
}

static const struct err *details_show(struct req *r)
{
	struct details_page page = { 0 };
	const struct flow *f = &page.editor.flow;
	struct list categories;
	bool mine, curates;

	store_categories(r->tx, &categories);
	store_tag_names(r->tx, &page.tag_names);
	TRY(editor_read(r, STR_NONE, &page.editor));
	mine = uuid_eq(f->row->author, r->who->person);
	curates = role_may((enum role)r->who->row->role, PERM_CURATE);
	page.form = details_form_view(r, f, categories, mine, curates);
	page.may_delete = curates;
	page.archived = f->row->status == FLOW_ARCHIVED;
	page.once = crypto_token(r->arena);
	page.author = f->row->author_name;
	page.team = f->row->team_name;
	page.sight = names_text(&flow_visibilities, f->row->visibility);
	page.usage_count = f->row->usage_count;
	return reply_page(r, &details_view, &page);
}

static const struct err *details_save(struct req *r)
{
	const struct details_form *form = r->input;
	struct flow_edit e;
	struct flow f;

	TRY(editor_open(r, &f, &e));
	if (form->was.n && !str_eq(form->was, hash_of(r, &f)))
		return ERR_CODE(
			r->arena, ERR_CONFLICT, "stale",
			"Someone changed these details meanwhile. Reload the page to see theirs, "
			"or save again to keep yours.");
	TRY(flow_set_head(&e, form->name, form->description.p ? form->description : STR(""),
			  form->type));
	TRY(flow_stand(r, &f,
		       &(struct flow_standing){ form->visibility, chosen_category(form), -1,
						form->by_use }));
	store_flow_tags(r->tx, r->id[0], typed_tags(r, form->tags));
	TRY(editor_keep(r, &f, &e));
	people_flash(r, "Saved.");
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/details", r->id[0].text));
}

static const struct err *set_archived(struct req *r, bool archived)
{
	struct flow f;

	TRY(flow_open(r, r->id[0], &f));
	TRY(flow_stand(r, &f, &(struct flow_standing){ -1, STR_NONE, archived, -1 }));
	TRY(tx_run(r->tx));
	people_flash(r, archived ? "The flow is archived. New runs can't start on it."
				 : "The flow is back.");
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/details", r->id[0].text));
}

static const struct err *archive(struct req *r)
{
	return set_archived(r, true);
}

static const struct err *unarchive(struct req *r)
{
	return set_archived(r, false);
}

static const struct err *delete_flow(struct req *r)
{
	TRY(flow_remove(r, r->id[0]));
	TRY(tx_run(r->tx));
	people_flash(r, "The flow is deleted.");
	return reply_see_other(r, STR("/flows"));
}

#define FLOW "/flows/:flow"

const struct route details_routes[] = {
	{ GET, "/flows/new", .need = PERM_FLOWS, .run = new_show },
	{ POST, "/flows", .need = PERM_FLOWS, .input = &details_form, .run = new_make,
	  .again = new_show, .once = true },
	{ GET, FLOW "/details", .need = PERM_FLOWS, .run = details_show },
	{ POST, FLOW "/details", .need = PERM_FLOWS, .input = &details_form, .find = flow_find,
	  .run = details_save, .again = details_show, .once = true },
	{ POST, FLOW "/archive", .need = PERM_FLOWS, .find = flow_find, .run = archive },
	{ POST, FLOW "/unarchive", .need = PERM_FLOWS, .find = flow_find, .run = unarchive },
	{ POST, FLOW "/delete", .need = PERM_CURATE, .find = flow_find, .run = delete_flow,
	  .once = true },
	{ 0 },
};
