/* The flows room's statements; see store.h and store.sql. */
#include "flows/store.h"

#include "flows/flows.h"

const struct names flow_statuses = NAMES("draft", "published", "archived");
const struct names flow_visibilities = NAMES("private", "team", "public");
const struct names flow_sorts = NAMES("name", "-updated_at", "-usage_count");
const struct names flow_looks = NAMES("grid", "list", "table");

#define R struct flow_row
static const struct shape flow_row_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, name), F_STR(R, description), F_ENUM(R, type, &flow_types),
	      F_ENUM(R, status, &flow_statuses), F_ENUM(R, visibility, &flow_visibilities),
	      F_STR(R, category, .null = true), F_STR(R, tags, .null = true), F_INT(R, version),
	      F_INT(R, revision), F_INT(R, edit), F_INT(R, usage_count), F_BOOL(R, by_use),
	      F_INT(R, steps), F_BOOL(R, edits), F_BOOL(R, has_draft), F_BOOL(R, pinned),
	      F_UUID(R, author), F_STR(R, author_name), F_UUID(R, team, .null = true),
	      F_STR(R, team_name, .null = true), F_TIME(R, created_at), F_TIME(R, updated_at));
static const struct shape flow_doc_row_shape = SHAPE(
	struct flow_doc_row, F_STR(struct flow_doc_row, name),
	F_STR(struct flow_doc_row, description), F_ENUM(struct flow_doc_row, type, &flow_types),
	F_JSON(struct flow_doc_row, structure), F_JSON(struct flow_doc_row, intake),
	F_STR(struct flow_doc_row, hash), F_TIME(struct flow_doc_row, at),
	F_STR(struct flow_doc_row, person));
static const struct shape flow_edit_row_shape = SHAPE(
	struct flow_edit_row, F_INT(struct flow_edit_row, n), F_STR(struct flow_edit_row, label),
	F_STR(struct flow_edit_row, person), F_TIME(struct flow_edit_row, at),
	F_BOOL(struct flow_edit_row, current), F_BOOL(struct flow_edit_row, undone));
static const struct shape flow_line_row_shape =
	SHAPE(struct flow_line_row, F_INT(struct flow_line_row, undo_to, .null = true),
	      F_STR(struct flow_line_row, undo_label, .null = true),
	      F_INT(struct flow_line_row, redo_to, .null = true),
	      F_STR(struct flow_line_row, redo_label, .null = true));
static const struct shape flow_version_row_shape =
	SHAPE(struct flow_version_row, F_INT(struct flow_version_row, n),
	      F_STR(struct flow_version_row, note), F_STR(struct flow_version_row, name),
	      F_STR(struct flow_version_row, person), F_UUID(struct flow_version_row, person_id),
	      F_TIME(struct flow_version_row, at), F_BOOL(struct flow_version_row, current));
static const struct shape category_row_shape =
	SHAPE(struct category_row, F_UUID(struct category_row, id),
	      F_STR(struct category_row, name), F_INT(struct category_row, count));
static const struct shape search_row_shape =
	SHAPE(struct search_row, F_UUID(struct search_row, flow), F_INT(struct search_row, total),
	      F_BOOL(struct search_row, alike));
static const struct shape search_word_shape =
	SHAPE(struct search_word, F_STR(struct search_word, text),
	      F_BOOL(struct search_word, prefix, .null = true));
static const struct shape flow_text_row_shape =
	SHAPE(struct flow_text_row, F_UUID(struct flow_text_row, flow),
	      F_JSON(struct flow_text_row, structure));
static const struct shape unsent_row_shape =
	SHAPE(struct unsent_row, F_STR(struct unsent_row, form), F_TIME(struct unsent_row, at));

static const struct shape count_row_shape =
	SHAPE(struct flow_count_row, F_INT(struct flow_count_row, n));
static const struct shape flow_look_row_shape =
	SHAPE(struct flow_look_row, F_ENUM(struct flow_look_row, look, &flow_looks));
static const struct shape library_choice_shape =
	SHAPE(struct library_choice, F_STR(struct library_choice, kind),
	      F_STR(struct library_choice, value), F_STR(struct library_choice, label));
static const struct shape tag_row_shape =
	SHAPE(struct tag_row, F_STR(struct tag_row, name), F_INT(struct tag_row, count));
static const struct shape folder_row_shape =
	SHAPE(struct folder_row, F_UUID(struct folder_row, id),
	      F_UUID(struct folder_row, parent, .null = true), F_STR(struct folder_row, name),
	      F_STR(struct folder_row, path), F_INT(struct folder_row, level),
	      F_INT(struct folder_row, count));
static const struct shape flow_id_row_shape =
	SHAPE(struct flow_id_row, F_UUID(struct flow_id_row, id));

#include "fcgi/flows/store.sql.h"

struct flow_written flow_written(struct arena *a, const struct flow_doc *doc)
{
	return (struct flow_written){
		.doc = doc,
		.structure = flow_structure_json(a, &doc->structure),
		.intake = flow_intake_json(a, doc->intake),
		.hash = flow_doc_hash(a, doc),
	};
}

void store_flow_lock(struct tx *t, struct uuid flow)
{
	tx_exec(t, &sql_flow_lock, P(flow));
}

void store_flow_find(struct tx *t, struct uuid flow)
{
	tx_must(t, &sql_flow_find, P(flow));
}

void store_flow(struct tx *t, struct uuid flow, struct flow_row **ret)
{
	tx_maybe(t, &sql_flow, ret, P(flow));
}

void store_flow_doc(struct tx *t, struct uuid flow, int64_t version, struct flow_doc_row **ret)
{
	tx_maybe(t, &sql_flow_doc, ret, P(flow), P(version));
}

void store_flow_last(struct tx *t, struct uuid flow, struct flow_doc_row **ret)
{
	tx_maybe(t, &sql_flow_last, ret, P(flow));
}

static struct str type_text(const struct flow_written *text)
{
	return names_text(&flow_types, text->doc->type);
}

void store_flow_add(struct tx *t, const struct new_flow *f)
{
	const struct flow_doc *doc = f->text.doc;

	tx_exec(t, &sql_flow_add, P(f->id), P(names_text(&flow_visibilities, f->visibility)),
		P(f->category), P(doc->name), P(doc->description), P(type_text(&f->text)),
		P((int64_t)doc->structure.nodes.n), P(f->text.structure), P(f->text.intake),
		P(f->text.hash), P(f->label));
}

void store_flow_tags(struct tx *t, struct uuid flow, struct list names)
{
	tx_exec(t, &sql_flow_tags_set, P(flow), P(names));
}

void store_flow_edit_add(struct tx *t, struct uuid flow, struct str label,
			 const struct flow_written *text)
{
	tx_exec(t, &sql_flow_edit_add, P(flow), P(label), P(text->doc->name),
		P(text->doc->description), P(type_text(text)),
		P((int64_t)text->doc->structure.nodes.n), P(text->structure), P(text->intake),
		P(text->hash));
}

void store_flow_edit_move(struct tx *t, struct uuid flow, int64_t n)
{
	tx_must(t, &sql_flow_edit_move, P(flow), P(n));
}

void store_flow_edits(struct tx *t, struct uuid flow, struct list *ret)
{
	tx_list(t, &sql_flow_edits, ret, P(flow));
}

void store_flow_line(struct tx *t, struct uuid flow, struct flow_line_row **ret)
{
	tx_maybe(t, &sql_flow_line, ret, P(flow));
}

void store_flow_publish(struct tx *t, struct uuid flow, struct str note)
{
	tx_exec(t, &sql_flow_publish, P(flow), P(note));
}

void store_flow_versions(struct tx *t, struct uuid flow, struct list *ret)
{
	tx_list(t, &sql_flow_versions, ret, P(flow));
}

static struct str flag_text(int flag)
{
	return flag < 0 ? STR("") : flag ? STR("true") : STR("false");
}

void store_flow_stand(struct tx *t, struct uuid flow, const struct flow_standing *s)
{
	struct str visibility =
		s->visibility < 0 ? STR("") : names_text(&flow_visibilities, s->visibility);

	tx_exec(t, &sql_flow_stand, P(flow), P(visibility),
		P(s->category.p ? s->category : STR("")), P(s->category.p != NULL),
		P(flag_text(s->archived)), P(flag_text(s->by_use)));
}

void store_travel(struct tx *t, struct uuid flow, struct list *ret)
{
	tx_list(t, &sql_travel, ret, P(flow));
}

void store_flow_delete(struct tx *t, struct uuid flow)
{
	tx_exec(t, &sql_flow_delete, P(flow));
}

void store_flow_index(struct tx *t, struct uuid flow)
{
	tx_exec(t, &sql_flow_index, P(flow));
}

void store_flow_index_rest(struct tx *t)
{
	tx_exec(t, &sql_flow_index_rest);
}

void store_search(struct tx *t, const struct search *s, struct list *ret)
{
	tx_list(t, &sql_search, ret, P(s->q), P(s->n), P(s->skip), P(s->archived));
	tx_list(t, &sql_search_words, s->words, P(s->q));
}

void store_flows_of(struct tx *t, struct list ids, struct list *ret)
{
	tx_list(t, &sql_flows_of, ret, P(ids));
}

void store_flow_texts(struct tx *t, struct list ids, struct list *ret)
{
	tx_list(t, &sql_flow_texts, ret, P(ids));
}

void store_category_of(struct tx *t, struct str name)
{
	tx_exec(t, &sql_category_of, P(name));
}

void store_categories(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_categories, ret);
}

void store_unsent_keep(struct tx *t, struct uuid flow, struct str node, struct str form,
		       struct str once)
{
	tx_exec(t, &sql_unsent_keep, P(flow), P(node), P(form), P(once.p ? once : STR("")));
}

void store_unsent_drop(struct tx *t, struct uuid flow, struct str node)
{
	tx_exec(t, &sql_unsent_drop, P(flow), P(node));
}

void store_unsent(struct tx *t, struct uuid flow, struct str node, struct unsent_row **ret)
{
	tx_maybe(t, &sql_unsent, ret, P(flow), P(node));
}

/* ---- the library ---- */

static struct str name_or_empty(const struct names *names, int value)
{
	return value < 0 ? STR("") : names_text(names, value);
}

#define FILTER(f)                                                                                  \
	P(name_or_empty(&flow_types, (f)->type)), P(name_or_empty(&flow_statuses, (f)->status)),   \
		P((f)->category), P((f)->q), P((f)->tags), P((f)->folder), P((f)->pinned),         \
		P((f)->author), P((f)->team)

void store_library(struct tx *t, const struct library_filter *f, const struct library_place *p,
		   struct list *ret)
{
	tx_list(t, &sql_library, ret, FILTER(f), P(names_text(&flow_sorts, f->sort)), P(p->name),
		P(p->number), P(p->flow), P(p->most), P(p->skip));
}

void store_library_count(struct tx *t, const struct library_filter *f, struct flow_count_row **ret)
{
	tx_maybe(t, &sql_library_count, ret, FILTER(f));
}

void store_flow_look(struct tx *t, int wanted, struct flow_look_row **ret)
{
	tx_maybe(t, &sql_flow_look, ret, P(name_or_empty(&flow_looks, wanted)));
}

void store_library_choices(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_library_choices, ret);
}

void store_tags(struct tx *t, struct str prefix, struct list *ret)
{
	tx_list(t, &sql_tags, ret, P(prefix));
}

void store_tag_names(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_tag_names, ret);
}

void store_pin(struct tx *t, struct uuid flow, bool pinned)
{
	tx_exec(t, pinned ? &sql_pin : &sql_unpin, P(flow));
}

void store_flows_bulk(struct tx *t, const struct flow_bulk *b, struct list *ret)
{
	tx_list(t, &sql_flows_bulk, ret, P(b->flows), P(b->act), P(b->folder), P(b->tag));
}

/* ---- categories ---- */

void store_category(struct tx *t, struct uuid category, struct category_row **ret)
{
	tx_one(t, &sql_category, ret, P(category));
}

void store_categories_all(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_categories_all, ret);
}

void store_category_add(struct tx *t, struct uuid id, struct str name)
{
	tx_exec(t, &sql_category_add, P(id), P(name));
}

void store_category_rename(struct tx *t, struct uuid category, struct str name)
{
	tx_must(t, &sql_category_rename, P(category), P(name));
}

void store_category_merge(struct tx *t, struct uuid category, struct uuid into)
{
	tx_exec(t, &sql_category_merge, P(category), P(into));
}

void store_category_delete(struct tx *t, struct uuid category)
{
	tx_exec(t, &sql_category_delete, P(category));
}

/* ---- folders ---- */

void store_folders(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_folders, ret);
}

void store_folder_find(struct tx *t, struct uuid folder)
{
	tx_must(t, &sql_folder_find, P(folder));
}

void store_folder_check(struct tx *t, struct uuid folder, struct uuid parent)
{
	tx_exec(t, &sql_folder_check, P(folder), P(parent));
}

void store_folder_add(struct tx *t, struct uuid id, struct uuid parent, struct str name)
{
	tx_exec(t, &sql_folder_add, P(id), P(parent), P(name));
}

void store_folder_change(struct tx *t, struct uuid folder, struct str name,
			 const struct uuid *parent)
{
	tx_must(t, &sql_folder_change, P(folder), P(name), P(parent ? *parent : UUID_NONE),
		P(parent != NULL));
}

void store_folder_delete(struct tx *t, struct uuid folder)
{
	tx_must(t, &sql_folder_delete, P(folder));
}

void store_folder_take_out(struct tx *t, struct uuid folder, struct uuid flow)
{
	tx_exec(t, &sql_folder_take_out, P(folder), P(flow));
}

void store_sweep_unsent(struct tx *t)
{
	tx_exec(t, &sql_sweep_unsent);
}
