/*
 * A flow from a text: what the JSON export gave, or an outline.  The page shows what it will be,
 * and what is wrong with which line, before anything is saved.
 */
#include "flows/import.h"

#include "flows/editor.h"
#include "flows/flows.h"
#include "flows/outline.h"
#include "flows/picture.h"
#include "flows/tree.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

/* A form's text; nginx takes a megabyte. */
#define TEXT_MAX 700000

struct import_form {
	struct str text;
};

static const struct shape import_form = SHAPE(
	struct import_form, F_STR(struct import_form, text, .min = 1, .max = TEXT_MAX,
				  .lines = true, .any = true, .exact = true, .label = "The text"));
static const struct control import_controls[] = {
	{ "text", CONTROL_LINES,
	  .hint = "An outline, a checklist, or a flow that was exported as JSON." },
	{ 0 },
};

/* ---- reading ---- */

struct imported {
	struct flow_making making;
	struct list problems; /* struct flow_line_problem */
};

static bool is_json(struct str text)
{
	return str_starts(str_trim(text), STR("{"));
}

/* What was wrong with the JSON stands in the problems of the request, by its place in the document.
 */
static void take_problems(struct req *r, struct imported *ret)
{
	struct flow_line_problem *list =
		ARENA_ARRAY(r->arena, struct flow_line_problem, r->nproblems + 1);

	for (size_t at = 0; at < r->nproblems; at++)
		list[at].message = str_fmt(r->arena, "%.*s: %.*s", STR_ARG(r->problems[at].field),
					   STR_ARG(r->problems[at].message));
	ret->problems = LIST_OF(list, r->nproblems);
	r->nproblems = 0;
}

static void read_json(struct req *r, struct str text, struct imported *ret)
{
	const struct json *json;
	const struct err *e = json_parse(r->arena, text, &json_default_limits, &json);

	if (e)
		input_problem(r, STR("The text"), e->message);
	else
		tree_take_import(r, json, &ret->making);
	take_problems(r, ret);
}

static void read_text(struct req *r, struct str text, struct imported *ret)
{
	struct flow_outline outline;

	*ret = (struct imported){ .making = { .visibility = FLOW_TEAM } };
	if (is_json(text)) {
		read_json(r, text, ret);
	} else {
		flow_read_outline(r->arena, text, &outline);
		ret->making.doc = outline.doc;
		ret->problems = outline.problems;
	}
	if (flow_visible(ret->making.doc.name).n == 0)
		ret->making.doc.name = STR("Imported flow");
	ret->making.label = STR("Imported the flow");
}

/* ---- pages ---- */

struct import_page {
	struct form_view form;
	bool preview, sound;
	struct str name, type, text, once;
	int64_t nsteps, nproblems, nerrors;
	struct html picture, description;
	struct list problems, steps, errors;
};

#define P_ struct import_page
static const struct shape import_page_shape =
	SHAPE(P_, F_OBJECT(P_, form, struct form_view, &form_view_shape), F_BOOL(P_, preview),
	      F_BOOL(P_, sound), F_STR(P_, name), F_STR(P_, type), F_STR(P_, text), F_STR(P_, once),
	      F_INT(P_, nsteps), F_INT(P_, nproblems), F_INT(P_, nerrors), F_HTML(P_, picture),
	      F_HTML(P_, description), F_LIST(P_, problems, &flow_line_problem_shape),
	      F_LIST(P_, steps, &flow_step_shape), F_LIST(P_, errors, &flow_finding_shape));
const struct view import_view = { "flows/import", &import_page_shape };

static struct form_view form_of(struct req *r)
{
	return form_view(r, &(struct form_settings){ .action = STR("/flows/import"),
						     .button = "Look at it",
						     .input = &import_form,
						     .controls = import_controls });
}

static const struct err *import_show(struct req *r)
{
	struct import_page page = { 0 };

	TRY(tx_run(r->tx));
	page.form = form_of(r);
	return reply_page(r, &import_view, &page);
}

static void fill_preview(struct req *r, const struct imported *in, struct import_page *page)
{
	const struct flow_doc *doc = &in->making.doc;
	const struct flow_doc told = flow_labelled(r->arena, doc);
	struct flow_findings findings;

	flow_check(r->arena, doc, &findings);
	page->preview = true;
	page->name = doc->name;
	page->type = names_text(&flow_types, doc->type);
	page->description = flow_text_html(r->arena, NULL, doc, doc->description);
	page->nsteps = (int64_t)doc->structure.nodes.n;
	page->steps = flow_steps_told(r->arena, NULL, doc);
	if (page->nsteps)
		page->picture = flow_svg(r->arena, &told.structure,
					 &(struct flow_picture){ .base = STR("#step-") });
	page->problems = in->problems;
	page->nproblems = (int64_t)in->problems.n;
	page->errors = findings.errors;
	page->nerrors = (int64_t)findings.errors.n;
	page->sound = findings.errors.n == 0;
}

static const struct err *import_preview(struct req *r)
{
	const struct import_form *form = r->input;
	struct import_page page = { .text = form->text, .once = crypto_token(r->arena) };
	struct imported in;

	TRY(tx_run(r->tx));
	read_text(r, form->text, &in);
	fill_preview(r, &in, &page);
	page.form = form_of(r);
	if (page.nproblems)
		r->reply.status = 422;
	return reply_page(r, &import_view, &page);
}

/* What has problems is looked at again, not saved. */
static const struct err *import_save(struct req *r)
{
	const struct import_form *form = r->input;
	struct imported in;
	struct uuid id;

	read_text(r, form->text, &in);
	if (in.problems.n)
		return import_preview(r);
	id = flow_make(r, &in.making);
	TRY(tx_run(r->tx));
	people_flash(r, "The flow is here, as a draft.");
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/edit", id.text));
}

/* ---- the API ---- */

struct outline_json {
	struct str name, description;
	int type;
	struct flow_graph structure;
	struct list intake, problems, errors, warnings;
};

#define O struct outline_json
static const struct shape outline_json = SHAPE_WITH(
	O, (.label = "Outline"), F_STR(O, name), F_STR(O, description),
	F_ENUM(O, type, &flow_types), F_OBJECT(O, structure, struct flow_graph, &flow_graph_shape),
	F_LIST(O, intake, &flow_field_shape), F_LIST(O, problems, &flow_line_problem_shape),
	F_LIST(O, errors, &flow_finding_shape), F_LIST(O, warnings, &flow_finding_shape));

static const struct err *outline_api(struct req *r)
{
	const struct import_form *form = r->input;
	struct flow_findings findings;
	struct outline_json answer;
	struct flow_outline outline;

	TRY(tx_run(r->tx));
	flow_read_outline(r->arena, form->text, &outline);
	flow_check(r->arena, &outline.doc, &findings);
	answer = (struct outline_json){ outline.doc.name,   outline.doc.description,
					outline.doc.type,   outline.doc.structure,
					outline.doc.intake, outline.problems,
					findings.errors,    findings.warnings };
	return reply_json(r, &outline_json, &answer);
}

const struct route import_routes[] = {
	{ GET, "/flows/import", .need = PERM_FLOWS, .run = import_show },
	{ POST, "/flows/import", .need = PERM_FLOWS, .input = &import_form, .run = import_preview,
	  .again = import_show },
	{ POST, "/flows/import/save", .need = PERM_FLOWS, .input = &import_form, .run = import_save,
	  .again = import_show, .once = true },
	{ POST, "/api/v1/trees/outline", .need = PERM_FLOWS, .input = &import_form,
	  .run = outline_api, .output = &outline_json,
	  .about = "What a text outline would become, with the problems of its lines; nothing is "
		   "saved" },
	{ 0 },
};
