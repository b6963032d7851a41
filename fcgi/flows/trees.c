/* The API's trees: one flow and what is done to it.  Lists are library.c's. */
#include "flows/flows.h"
#include "flows/import.h"
#include "flows/tree.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "people/people.h"

/* ---- TREE ---- */

const struct shape person_json_shape =
	SHAPE(struct person_json, F_UUID(struct person_json, id), F_STR(struct person_json, name));

const struct person_json *person_json_of(struct arena *a, struct uuid id, struct str name)
{
	struct person_json *ret = ARENA_NEW(a, struct person_json);

	*ret = (struct person_json){ id, name };
	return uuid_is_none(id) ? NULL : ret;
}

#define T struct tree_json
#define TREE_HEAD                                                                                  \
	F_UUID(T, id), F_STR(T, name), F_STR(T, description), F_ENUM(T, type, &flow_types),        \
		F_ENUM(T, status, &flow_statuses), F_ENUM(T, visibility, &flow_visibilities),      \
		F_STR(T, category, .null = true), F_LIST(T, tags, &shape_texts),                   \
		F_INT(T, version), F_INT(T, revision), F_INT(T, usage_count),                      \
		F_BOOL(T, order_by_use), F_INT(T, steps), F_BOOL(T, has_draft), F_BOOL(T, pinned), \
		F_BOOL(T, may_edit), F_OBJECT(T, author, struct person_json, &person_json_shape),  \
		F_UUID(T, team_id, .null = true), F_TIME(T, created_at), F_TIME(T, updated_at)

const struct shape tree_item_shape = SHAPE_WITH(T, (.label = "TreeItem"), TREE_HEAD);
static const struct shape tree_match_shape =
	SHAPE_WITH(struct tree_match, (.label = "TreeMatch"), F_STR(struct tree_match, node_id),
		   F_STR(struct tree_match, title), F_STR(struct tree_match, snippet));
const struct shape tree_found_shape =
	SHAPE_WITH(T, (.label = "TreeFound"), TREE_HEAD, F_BOOL(T, alike),
		   F_LIST(T, matches, &tree_match_shape));
const struct shape tree_json_shape =
	SHAPE_WITH(T, (.label = "Tree"), TREE_HEAD,
		   F_OBJECT(T, structure, struct flow_graph, &flow_graph_shape),
		   F_LIST(T, intake, &flow_field_shape));

struct tree_json tree_item(struct arena *a, const struct flow_row *row)
{
	return (struct tree_json){
		.id = row->id,
		.name = row->name,
		.description = row->description,
		.type = row->type,
		.status = row->status,
		.visibility = row->visibility,
		.category = row->category,
		.tags = flow_tag_list(a, row->tags),
		.version = row->version,
		.revision = row->revision,
		.usage_count = row->usage_count,
		.order_by_use = row->by_use,
		.steps = row->steps,
		.has_draft = row->has_draft,
		.pinned = row->pinned,
		.may_edit = row->edits,
		.author = { row->author, row->author_name },
		.team_id = row->team,
		.created_at = row->created_at,
		.updated_at = row->updated_at,
	};
}

struct tree_json tree_whole(struct arena *a, const struct flow *f)
{
	struct tree_json tree = tree_item(a, f->row);

	tree.name = f->doc.name;
	tree.description = f->doc.description;
	tree.type = f->doc.type;
	tree.steps = (int64_t)f->doc.structure.nodes.n;
	tree.structure = f->doc.structure;
	tree.intake = f->doc.intake;
	return tree;
}

static const struct err *reply_tree(struct req *r, const struct flow *f)
{
	struct tree_json tree = tree_whole(r->arena, f);

	reply_header(r, "ETag", str_fmt(r->arena, "\"%lld\"", (long long)f->row->revision));
	return reply_json(r, &tree_json_shape, &tree);
}

const struct err *tree_reply(struct req *r, struct uuid id)
{
	struct flow f;

	TRY(flow_read(r, id, 0, &f));
	return reply_tree(r, &f);
}

/* ---- what comes in ---- */

struct tree_input {
	struct str name, description;
	int type, visibility;
	struct str category;
	struct list tags;
	struct flow_graph structure;
	struct list intake;
	int status;
	bool order_by_use;
};

struct tag_text {
	struct str text;
};

static const char *check_tag(struct str tag)
{
	return str_find(tag, ',') < 0 ? NULL : "A tag holds no comma.";
}

static const struct shape tag_texts = SHAPE_WITH(
	struct tag_text, (.scalar = true),
	F_STR(struct tag_text, text, .min = 1, .max = 40, .check = check_tag, .label = "A tag"));

#define I struct tree_input
#define TREE_TEXTS                                                                                 \
	F_STR(I, description, .optional = true, .null = true, .lines = true, .any = true,          \
	      .max = 4000),                                                                        \
		F_ENUM(I, type, &flow_types, .optional = true),                                    \
		F_ENUM(I, visibility, &flow_visibilities, .optional = true),                       \
		F_STR(I, category, .optional = true, .null = true, .max = 80),                     \
		F_LIST(I, tags, &tag_texts, .optional = true, .max = 20),                          \
		F_OBJECT(I, structure, struct flow_graph, &flow_graph_shape, .optional = true),    \
		F_LIST(I, intake, &flow_field_shape, .optional = true, .max = FLOW_FIELDS_MAX)
#define TREE_NAME(...) F_STR(I, name, .min = 1, .max = 200, .any = true, __VA_ARGS__)
#define READ_ONLY                                                                                  \
	"id,version,revision,usage_count,steps,has_draft,pinned,may_edit,author,team_id,"          \
	"created_at,updated_at"

static const struct shape tree_post =
	SHAPE_WITH(I, (.read_only = READ_ONLY ",status"), TREE_NAME(.optional = false), TREE_TEXTS);
static const struct shape tree_put =
	SHAPE_WITH(I, (.read_only = READ_ONLY), TREE_NAME(.optional = true), TREE_TEXTS,
		   F_ENUM(I, status, &flow_statuses, .optional = true),
		   F_BOOL(I, order_by_use, .optional = true));
/* What the export gives; who and when is passed over. */
static const struct shape tree_import =
	SHAPE_WITH(I, (.read_only = READ_ONLY ",status,format,format_version,exported_at"),
		   TREE_NAME(.optional = false), TREE_TEXTS);

/* The input with its graph and fields made canonical, over the doc as it was. */
static void take_doc(struct req *r, const struct shape *shape, const struct tree_input *in,
		     uint64_t given, struct flow_doc *doc)
{
	if (in->name.n)
		doc->name = in->name;
	if (shape_given(shape, given, "description"))
		doc->description = in->description.p ? in->description : STR("");
	if (in->type >= 0)
		doc->type = in->type;
	if (shape_given(shape, given, "structure")) {
		doc->structure = in->structure;
		flow_tidy(r, &doc->structure, "structure.nodes");
	}
	if (shape_given(shape, given, "intake")) {
		doc->intake = in->intake;
		flow_tidy_fields(r, &doc->intake, "intake");
	}
}

/* A whole flow of an input. */
static struct flow_making making_of(struct req *r, const struct shape *shape,
				    const struct tree_input *in, uint64_t given)
{
	struct flow_making making = {
		.doc = { .name = STR(""), .description = STR("") },
		.visibility = in->visibility < 0 ? FLOW_TEAM : in->visibility,
		.category = in->category,
		.tags = in->tags,
	};

	take_doc(r, shape, in, given, &making.doc);
	return making;
}

void tree_take_import(struct req *r, const struct json *json, struct flow_making *ret)
{
	struct tree_input in = { .visibility = -1 };
	uint64_t given = input_bind_json(r, &tree_import, json, &in);

	*ret = making_of(r, &tree_import, &in, given);
}

/* ---- one flow ---- */

static const struct err *make(struct req *r, const char *label)
{
	struct flow_making making = making_of(r, r->route->input, r->input, r->given);
	struct uuid id;

	TRY(input_judge(r));
	making.label = str_of(label);
	id = flow_make(r, &making);
	return tree_reply(r, id);
}

static const struct err *tree_add(struct req *r)
{
	return make(r, "Made the flow");
}

static const struct err *tree_take_in(struct req *r)
{
	return make(r, "Imported the flow");
}

struct version_query {
	int64_t version;
};

static const struct shape version_query =
	SHAPE(struct version_query,
	      F_INT(struct version_query, version, .optional = true, .min = 1, .max = 1000000));

static const struct err *tree_get(struct req *r)
{
	const struct version_query *query = r->input;
	struct flow f;

	TRY(flow_read(r, r->id[0], query->version, &f));
	return reply_tree(r, &f);
}

/* With the flow as it now is, so that whoever comes second sees both. */
static const struct err *refuse_stale(struct req *r, const struct flow *f, const struct err *stale)
{
	struct tree_json tree = tree_whole(r->arena, f);
	struct buf out = buf_new(r->arena, (size_t)16 << 20);

	shape_put_json(&out, &tree_json_shape, &tree);
	r->current.s = buf_str(&out);
	return stale;
}

/* -1 where it is to stay as it is. */
static int archived_of(const struct flow_row *row, int status)
{
	bool is = row->status == FLOW_ARCHIVED, wanted = status == FLOW_ARCHIVED;

	return status < 0 || is == wanted ? -1 : wanted;
}

static const struct err *put_standing(struct req *r, const struct flow *f,
				      const struct tree_input *in)
{
	struct str category = in->category.p ? in->category : STR("");
	struct flow_standing to = {
		.visibility = in->visibility,
		.category = input_given(r, "category") ? category : STR_NONE,
		.archived = archived_of(f->row, in->status),
		.by_use = input_given(r, "order_by_use") ? in->order_by_use : -1,
	};
	bool tags = input_given(r, "tags");

	if (tags)
		store_flow_tags(r->tx, r->id[0], in->tags);
	if (tags || to.visibility >= 0 || to.category.p || to.archived >= 0 || to.by_use >= 0)
		return flow_stand(r, f, &to);
	return NULL;
}

static const struct err *tree_change(struct req *r)
{
	const struct tree_input *in = r->input;
	const struct err *stale;
	struct flow_doc doc;
	struct flow f;

	TRY(flow_open(r, r->id[0], &f));
	doc = f.doc;
	take_doc(r, r->route->input, in, r->given, &doc);
	TRY(input_judge(r));
	stale = flow_check_revision(r, &f, req_header(r, "HTTP_IF_MATCH"));
	if (stale)
		return refuse_stale(r, &f, stale);
	TRY(put_standing(r, &f, in));
	flow_keep(r, &f, STR("Saved the whole flow"), &doc);
	store_flow_index(r->tx, r->id[0]);
	return tree_reply(r, r->id[0]);
}

static const struct err *tree_remove(struct req *r)
{
	TRY(flow_remove(r, r->id[0]));
	TRY(tx_run(r->tx));
	return reply_none(r);
}

/* ---- what is done to it ---- */

struct publish_input {
	struct str note;
};

static const struct shape publish_input =
	SHAPE(struct publish_input, F_STR(struct publish_input, note, .optional = true,
					  .null = true, .lines = true, .any = true, .max = 1000));

static const struct err *tree_publish(struct req *r)
{
	const struct publish_input *in = r->input;
	const struct err *stale;
	struct flow f;

	TRY(flow_open(r, r->id[0], &f));
	stale = flow_check_revision(r, &f, req_header(r, "HTTP_IF_MATCH"));
	if (stale)
		return refuse_stale(r, &f, stale);
	TRY(flow_publish(r, &f, in->note.p ? in->note : STR("")));
	return tree_reply(r, r->id[0]);
}

static const struct err *tree_validate(struct req *r)
{
	struct flow_findings findings;
	struct flow f;

	TRY(flow_read(r, r->id[0], 0, &f));
	flow_check(r->arena, &f.doc, &findings);
	return reply_json(r, &flow_findings_shape, &findings);
}

static const struct err *tree_undo(struct req *r)
{
	TRY(flow_undo(r, r->id[0]));
	return tree_reply(r, r->id[0]);
}

static const struct err *tree_redo(struct req *r)
{
	TRY(flow_redo(r, r->id[0]));
	return tree_reply(r, r->id[0]);
}

#define TREE "/api/v1/trees/:tree"

const struct route trees_api[] = {
	{ POST, "/api/v1/trees", .need = PERM_FLOWS, .input = &tree_post, .run = tree_add,
	  .output = &tree_json_shape, .status = 201, .once = true, .about = "Make a flow" },
	{ POST, "/api/v1/trees/import", .need = PERM_FLOWS, .input = &tree_import,
	  .run = tree_take_in, .output = &tree_json_shape, .status = 201, .once = true,
	  .about = "Make a flow of what the JSON export gave" },
	{ GET, TREE, .need = PERM_READ, .input = &version_query, .find = flow_find, .run = tree_get,
	  .output = &tree_json_shape,
	  .about = "One flow: its draft for those who may edit it, else the last version" },
	{ PUT, TREE, .need = PERM_FLOWS, .input = &tree_put, .find = flow_find, .run = tree_change,
	  .output = &tree_json_shape,
	  .about = "Change a flow; absent fields stay; 409 where If-Match is stale" },
	{ DELETE, TREE, .need = PERM_CURATE, .find = flow_find, .run = tree_remove, .status = 204,
	  .about = "Delete a flow; sessions that ran on it stay" },
	{ POST, TREE "/publish", .need = PERM_FLOWS, .input = &publish_input, .find = flow_find,
	  .run = tree_publish, .output = &tree_json_shape, .once = true,
	  .about = "Publish the draft as the next version; 422 with the defects" },
	{ POST, TREE "/validate", .need = PERM_READ, .find = flow_find, .run = tree_validate,
	  .output = &flow_findings_shape, .about = "What is wrong with a flow, and what is odd" },
	{ POST, TREE "/undo", .need = PERM_FLOWS, .find = flow_find, .run = tree_undo,
	  .output = &tree_json_shape, .once = true,
	  .about = "The draft one step back in its history" },
	{ POST, TREE "/redo", .need = PERM_FLOWS, .find = flow_find, .run = tree_redo,
	  .output = &tree_json_shape, .once = true,
	  .about = "The draft one step forward in its history" },
	{ 0 },
};
