/* A flow as its readers see it: the page, the booklet, the file that stands alone, and what leaves
 * it. */
#include "flows/asking.h"
#include "flows/booklet.h"
#include "flows/editor.h"
#include "flows/flows.h"
#include "flows/picture.h"
#include "flows/tree.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "people/people.h"

#define DOCUMENT_MAX ((size_t)16 << 20)

struct which {
	int64_t version;
	int format;
};

static const struct names formats = NAMES("json", "markdown", "mermaid", "html");
enum format { FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_MERMAID, FORMAT_HTML };

#define WHICH_VERSION F_INT(struct which, version, .optional = true, .min = 1, .max = INT32_MAX)
static const struct shape version_query = SHAPE(struct which, WHICH_VERSION);
static const struct shape export_query =
	SHAPE(struct which, WHICH_VERSION, F_ENUM(struct which, format, &formats));

static const struct err *read_which(struct req *r, struct flow *ret)
{
	const struct which *query = r->input;

	return flow_read(r, r->id[0], query->version, ret);
}

/* The version that is shown; 0 is the draft. */
static int64_t version_of(const struct req *r, const struct flow *f)
{
	const struct which *query = r->input;

	return query->version ? query->version : f->row->edits ? 0 : f->row->version;
}

/* ---- the page ---- */

struct flow_page {
	struct uuid id;
	struct str name, type, category, author, team, updated_ago, sight, picked;
	struct html description, picture;
	struct list tags, steps, fields;
	int64_t version, last_version, usage_count, nsteps;
	bool draft, has_draft, archived, edits, pinned, older, empty, compares, tagged;
	bool runs, given; /* given: by the address, or by a start that was refused */
	struct form_view start;
	struct str refused; /* why it does not start, where there is no form to say so */
	struct str prepare; /* the address of its form, filled in alike */
	struct instant updated_at;
};

struct field_line {
	struct str name, label, help;
	bool required;
};

static const struct shape field_line_shape =
	SHAPE(struct field_line, F_STR(struct field_line, name), F_STR(struct field_line, label),
	      F_STR(struct field_line, help), F_BOOL(struct field_line, required));

#define P_ struct flow_page
static const struct shape flow_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_STR(P_, type), F_STR(P_, category),
	      F_STR(P_, author), F_STR(P_, team), F_STR(P_, updated_ago), F_STR(P_, sight),
	      F_STR(P_, picked), F_HTML(P_, description), F_HTML(P_, picture),
	      F_LIST(P_, tags, &shape_texts), F_LIST(P_, steps, &flow_step_shape),
	      F_LIST(P_, fields, &field_line_shape), F_INT(P_, version), F_INT(P_, last_version),
	      F_INT(P_, usage_count), F_INT(P_, nsteps), F_BOOL(P_, draft), F_BOOL(P_, has_draft),
	      F_BOOL(P_, archived), F_BOOL(P_, edits), F_BOOL(P_, pinned), F_BOOL(P_, older),
	      F_BOOL(P_, empty), F_BOOL(P_, compares), F_BOOL(P_, tagged), F_BOOL(P_, runs),
	      F_BOOL(P_, given), F_OBJECT(P_, start, struct form_view, &form_view_shape),
	      F_STR(P_, refused), F_STR(P_, prepare), F_TIME(P_, updated_at));
const struct view flow_view = { "flows/flow", &flow_page_shape };

static const struct names type_words = NAMES("Troubleshooting", "Procedure", "Maintenance");
static const struct names sight_words =
	NAMES("Its author", "The author's team", "The whole company");

static struct list field_lines(struct req *r, const struct flow_doc *doc)
{
	struct field_line *lines = ARENA_ARRAY(r->arena, struct field_line, doc->intake.n + 1);

	for (size_t at = 0; at < doc->intake.n; at++) {
		const struct flow_field *f = &flow_fields(doc)[at];

		lines[at] = (struct field_line){ f->name, f->label.n ? f->label : f->name, f->help,
						 f->required };
	}
	return LIST_OF(lines, doc->intake.n);
}

/* ---- starting a session on it: sessions take the form at its address ---- */

struct start_form {
	struct uuid flow;
	struct str ticket, client;
};

static const struct shape start_shape = SHAPE(struct start_form, F_UUID(struct start_form, flow),
					      F_STR(struct start_form, ticket, .label = "Ticket"),
					      F_STR(struct start_form, client, .label = "Client"));

static const struct control start_controls[] = {
	{ .field = "flow", .kind = CONTROL_HIDDEN },
	{ "ticket", CONTROL_TEXT, .autocomplete = "off" },
	{ "client", CONTROL_TEXT, .autocomplete = "off" },
	{ 0 },
};

static void put_pair(struct buf *url, struct str name, struct str value)
{
	buf_put(url, url->p[url->n - 1] == '?' ? STR("") : STR("&"));
	buf_put_url(url, name);
	buf_putc(url, '=');
	buf_put_url(url, value);
}

/* The form that prepares a session, filled in as the one that starts one. */
static struct str prepare_url(struct req *r, const struct pair *values, struct list linked)
{
	struct buf url = buf_new(r->arena, (size_t)1 << 20);

	buf_put(&url, STR("/sessions/prepare?"));
	for (size_t at = 0; values[at].name.p; at++)
		if (values[at].value.n)
			put_pair(&url, values[at].name, values[at].value);
	for (size_t at = 0; at < linked.n; at++) {
		const struct flow_field *f = &((const struct flow_field *)linked.items)[at];

		put_pair(&url, flow_asked_name(r->arena, f), flow_link_value(r, f));
	}
	return buf_str(&url);
}

/* What the address fills in is shown, so that it is looked at before it is used. */
static void offer_start(struct req *r, const struct flow *f, struct flow_page *page)
{
	struct list linked = flow_linked_fields(r, &f->doc);
	struct str ticket = flow_link_text(r, STR("ticket"), TICKET_MAX, false);
	struct str client = flow_link_text(r, STR("client"), CLIENT_MAX, false);
	const struct pair values[] = { { STR("flow"), str_of(f->row->id.text) },
				       { STR("ticket"), ticket.n ? ticket : STR("") },
				       { STR("client"), client.n ? client : STR("") },
				       { { 0 }, { 0 } } };
	struct flow_asked asked;

	flow_ask(r->arena, &start_shape, start_controls, linked, &asked);
	page->given = linked.n || ticket.n || client.n || r->nproblems;
	page->prepare = prepare_url(r, values, linked);
	page->start = form_view(r, &(struct form_settings){ .action = STR("/sessions/start"),
							    .button = "Start",
							    .input = &asked.shape,
							    .controls = asked.controls,
							    .values = values,
							    .once = true,
							    .quiet = true });
}

static const struct err *flow_show(struct req *r)
{
	const struct which *query = r->input;
	struct flow_page page;
	const ptrdiff_t *path;
	struct list rows;
	struct flow f;
	size_t length;

	store_travel(r->tx, r->id[0], &rows);
	TRY(read_which(r, &f));
	path = travel_path(r->arena, &f.doc, &(struct travel){ rows.items, rows.n }, &length);
	page = (struct flow_page){
		.id = f.row->id,
		.name = f.doc.name,
		.type = names_text(&type_words, f.doc.type),
		.category = f.row->category,
		.author = f.row->author_name,
		.team = f.row->team_name,
		.sight = names_text(&sight_words, f.row->visibility),
		.updated_at = f.at,
		.updated_ago = clock_ago(r->arena, f.at),
		.description = flow_text_html(r->arena, r->server->made, &f.doc, f.doc.description),
		.picture = flow_drawn(
			r, &f, &(struct flow_picture){ .base = STR("#step-"), .path = path }),
		.tags = flow_tag_list(r->arena, f.row->tags),
		.steps = flow_steps_told(r->arena, r->server->made, &f.doc),
		.nsteps = (int64_t)f.doc.structure.nodes.n,
		.empty = f.doc.structure.nodes.n == 0,
		.fields = field_lines(r, &f.doc),
		.version = version_of(r, &f),
		.last_version = f.row->version,
		.usage_count = f.row->usage_count,
		.has_draft = f.row->has_draft,
		.archived = f.row->status == FLOW_ARCHIVED,
		.edits = f.row->edits,
		.pinned = f.row->pinned,
	};
	page.draft = page.version == 0;
	page.tagged = page.tags.n > 0;
	page.older = page.version > 0 && page.version < page.last_version;
	page.compares = page.last_version > (f.row->edits ? 0 : 1);
	if (query->version)
		page.picked = str_fmt(r->arena, "version=%lld", (long long)page.version);
	page.runs = f.row->version > 0 && !page.archived && !page.older &&
		    role_may((enum role)r->who->row->role, PERM_RUN);
	if (page.runs)
		offer_start(r, &f, &page);
	else if (r->nproblems)
		page.refused = r->problems[0].message;
	return reply_page(r, &flow_view, &page);
}

const struct err *flow_show_again(struct req *r, struct uuid flow)
{
	r->id[0] = flow;
	r->input = ARENA_NEW(r->arena, struct which);
	return flow_show(r);
}

/* ---- on paper, and as one file ---- */

static struct flow_booklet booklet_of(struct req *r, const struct flow *f, bool alone)
{
	struct flow_booklet booklet;
	struct str here = str_fmt(r->arena, "/flows/%s", f->row->id.text);
	int64_t version = version_of(r, f);
	struct str file = str_fmt(r->arena, "%.*s/export?format=html", STR_ARG(here));
	struct html picture =
		flow_drawn(r, f, &(struct flow_picture){ .base = STR("#step-"), .alone = alone });

	if (version)
		file = str_fmt(r->arena, "%.*s&version=%lld", STR_ARG(file), (long long)version);
	flow_booklet(r->arena, &f->doc,
		     &(struct flow_booklet_about){ version, clock_now(), here, file, picture,
						   r->server->made },
		     &booklet);
	return booklet;
}

static const struct err *booklet_show(struct req *r)
{
	struct flow_booklet booklet;
	struct flow f;

	TRY(read_which(r, &f));
	booklet = booklet_of(r, &f, false);
	return reply_page(r, &flow_booklet_view, &booklet);
}

/* ---- what leaves it ---- */

/* Lossless: what POST /trees/import takes.  Who and when is told, and passed over there. */
struct export_json {
	struct str format;
	int64_t format_version;
	struct instant exported_at;
	struct str name, description;
	int type, visibility;
	struct str category;
	struct list tags;
	int64_t version;
	struct person_json author;
	struct flow_graph structure;
	struct list intake;
};

#define X struct export_json
static const struct shape export_json =
	SHAPE(X, F_STR(X, format), F_INT(X, format_version), F_TIME(X, exported_at), F_STR(X, name),
	      F_STR(X, description), F_ENUM(X, type, &flow_types),
	      F_ENUM(X, visibility, &flow_visibilities), F_STR(X, category, .null = true),
	      F_LIST(X, tags, &shape_texts), F_INT(X, version),
	      F_OBJECT(X, author, struct person_json, &person_json_shape),
	      F_OBJECT(X, structure, struct flow_graph, &flow_graph_shape),
	      F_LIST(X, intake, &flow_field_shape));

static void put_json(struct req *r, const struct flow *f, struct buf *out)
{
	struct export_json document = {
		.format = STR("resolutionflow/flow"),
		.format_version = 1,
		.exported_at = clock_now(),
		.name = f->doc.name,
		.description = f->doc.description,
		.type = f->doc.type,
		.visibility = f->row->visibility,
		.category = f->row->category,
		.tags = flow_tag_list(r->arena, f->row->tags),
		.version = version_of(r, f),
		.author = { f->row->author, f->row->author_name },
		.structure = f->doc.structure,
		.intake = f->doc.intake,
	};

	shape_put_json(out, &export_json, &document);
}

static const struct err *export_flow(struct req *r)
{
	static const struct {
		const char *type, *ending;
	} kinds[] = {
		[FORMAT_JSON] = { "application/json; charset=utf-8", "json" },
		[FORMAT_MARKDOWN] = { "text/markdown; charset=utf-8", "md" },
		[FORMAT_MERMAID] = { "text/plain; charset=utf-8", "mmd" },
		[FORMAT_HTML] = { "text/html; charset=utf-8", "html" },
	};
	const struct which *query = r->input;
	struct buf out = buf_new(r->arena, DOCUMENT_MAX);
	struct flow_booklet booklet;
	struct flow f;

	TRY(read_which(r, &f));
	reply_attachment(r, f.doc.name, kinds[query->format].ending);
	if (query->format == FORMAT_HTML) {
		booklet = booklet_of(r, &f, true);
		return reply_page(r, &flow_alone_view, &booklet);
	}
	if (query->format == FORMAT_JSON)
		put_json(r, &f, &out);
	else if (query->format == FORMAT_MARKDOWN)
		flow_put_markdown(r->arena, &out, &f.doc);
	else
		flow_put_mermaid(r->arena, &out, &f.doc);
	return reply_text(r, str_of(kinds[query->format].type), buf_str(&out));
}

/* A file too: its style stands within it, and what is shown by this server may have none there. */
static const struct err *export_picture(struct req *r)
{
	struct flow_doc doc;
	struct flow f;

	TRY(read_which(r, &f));
	doc = flow_labelled(r->arena, &f.doc);
	reply_attachment(r, f.doc.name, "svg");
	return reply_text(
		r, STR("image/svg+xml; charset=utf-8"),
		flow_svg(r->arena, &doc.structure, &(struct flow_picture){ .alone = true }).s);
}

#define FLOW "/flows/:flow"

const struct route flow_routes[] = {
	{ GET, FLOW, .need = PERM_READ, .input = &version_query, .find = flow_find,
	  .run = flow_show },
	{ GET, FLOW "/booklet", .need = PERM_READ, .input = &version_query, .find = flow_find,
	  .run = booklet_show },
	{ GET, FLOW "/export", .need = PERM_READ, .input = &export_query, .find = flow_find,
	  .run = export_flow },
	{ GET, "/api/v1/trees/:tree/export", .need = PERM_READ, .input = &export_query,
	  .find = flow_find, .run = export_flow,
	  .about = "The flow as JSON (lossless), Markdown, Mermaid, or one HTML file; "
		   "the draft for those who may edit it, or ?version=" },
	{ GET, "/api/v1/trees/:tree/picture", .need = PERM_READ, .input = &version_query,
	  .find = flow_find, .run = export_picture,
	  .about = "The flow drawn as one SVG file that needs nothing else" },
	{ 0 },
};
