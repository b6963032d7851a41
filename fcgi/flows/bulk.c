/* One thing done to many flows, from the library's page and by the API; pins from pages. */
#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "people/people.h"
#include "record/record.h"

#define BULK_MOST 200

enum { ACT_MOVE, ACT_TAG, ACT_UNTAG, ACT_ARCHIVE, ACT_UNARCHIVE };

const struct names flow_bulk_acts = NAMES("move", "tag", "untag", "archive", "unarchive");

static struct json_text ids_json(struct arena *a, struct list ids)
{
	struct buf out = buf_new(a, (size_t)64 * BULK_MOST);

	buf_put(&out, STR("{\"flows\":["));
	for (size_t at = 0; at < ids.n; at++)
		buf_printf(&out, "%s\"%s\"", at ? "," : "",
			   ((const struct flow_id_row *)ids.items)[at].id.text);
	buf_put(&out, STR("]}"));
	return (struct json_text){ buf_str(&out) };
}

const struct err *flows_bulk(struct req *r, const struct flow_bulk *b, int64_t *changed)
{
	bool archives = str_eq(b->act, STR("archive")), brings = str_eq(b->act, STR("unarchive"));
	struct list ids;

	store_flows_bulk(r->tx, b, &ids);
	if (archives || brings) {
		TRY(tx_more(r->tx));
		if (ids.n)
			audit(r, archives ? "flow.archived" : "flow.unarchived", "account",
			      r->who->account, audit_nothing, ids_json(r->arena, ids));
	}
	TRY(tx_run(r->tx));
	*changed = (int64_t)ids.n;
	return NULL;
}

/* ---- what comes in ---- */

struct bulk_input {
	struct list flows;
	int act;
	struct uuid folder_id;
	struct str tag;
};

struct flow_id {
	struct str text;
};

static const char *check_id(struct str text)
{
	struct uuid id;

	return uuid_parse(text, &id) ? NULL : "A flow's id is a UUID.";
}

static const char *check_tag(struct str tag)
{
	return str_find(tag, ',') < 0 ? NULL : "One tag at a time, without a comma.";
}

static const struct shape flow_ids =
	SHAPE_WITH(struct flow_id, (.scalar = true),
		   F_STR(struct flow_id, text, .min = 1, .max = 40, .check = check_id));

#define I struct bulk_input
static const struct shape bulk_input =
	SHAPE(I, F_LIST(I, flows, &flow_ids, .max = BULK_MOST), F_ENUM(I, act, &flow_bulk_acts),
	      F_UUID(I, folder_id, .optional = true, .null = true),
	      F_STR(I, tag, .optional = true, .null = true, .max = 40, .check = check_tag,
		    .label = "Tag"));

static const struct err *check_bulk(struct req *r, const char *flows, const struct flow_bulk *b,
				    int act)
{
	const struct err *wrong = NULL;

	if ((act == ACT_TAG || act == ACT_UNTAG) && b->tag.n == 0)
		wrong = input_refuse(r, "tag", "Type the tag.");
	if (b->flows.n == 0)
		wrong = input_refuse(r, flows, "Select a flow.");
	return wrong;
}

struct bulk_answer {
	int64_t changed, unchanged;
};

static const struct shape bulk_answer =
	SHAPE(struct bulk_answer, F_INT(struct bulk_answer, changed),
	      F_INT(struct bulk_answer, unchanged));

static const struct err *bulk_api(struct req *r)
{
	const struct bulk_input *in = r->input;
	const struct flow_bulk b = { in->flows, names_text(&flow_bulk_acts, in->act), in->folder_id,
				     in->tag.p ? in->tag : STR("") };
	struct bulk_answer answer;

	TRY(check_bulk(r, "flows", &b, in->act));
	TRY(flows_bulk(r, &b, &answer.changed));
	answer.unchanged = (int64_t)in->flows.n - answer.changed;
	return reply_json(r, &bulk_answer, &answer);
}

/* ---- from the page ---- */

struct bulk_form {
	struct list flow;
	int act;
	struct uuid folder;
	struct str tag, back;
};

#define F struct bulk_form
static const struct shape bulk_form =
	SHAPE(F, F_LIST(F, flow, &flow_ids, .optional = true, .max = BULK_MOST),
	      F_ENUM(F, act, &flow_bulk_acts), F_UUID(F, folder, .optional = true),
	      F_STR(F, tag, .optional = true, .max = 40, .check = check_tag, .label = "Tag"),
	      F_STR(F, back, .optional = true, .max = 2000));

/* Back to the list as it was. */
static struct str way_back(struct str back)
{
	return str_starts(back, STR("/flows")) ? local_path(back) : STR("/flows");
}

static const struct err *bulk_send(struct req *r)
{
	static const char *const done[] = { "moved", "tagged", "untagged", "archived",
					    "brought back" };
	const struct bulk_form *form = r->input;
	const struct flow_bulk b = { form->flow, names_text(&flow_bulk_acts, form->act),
				     form->folder, form->tag.p ? form->tag : STR("") };
	struct str said;
	int64_t changed, unchanged;

	TRY(check_bulk(r, "flow", &b, form->act));
	TRY(flows_bulk(r, &b, &changed));
	unchanged = (int64_t)form->flow.n - changed;
	said = str_fmt(r->arena, "%lld %s %s.", (long long)changed, changed == 1 ? "flow" : "flows",
		       done[form->act]);
	if (unchanged)
		said = str_fmt(r->arena,
			       "%.*s %lld left as %s: already so, or not yours to change.",
			       STR_ARG(said), (long long)unchanged,
			       unchanged == 1 ? "it was" : "they were");
	people_flash(r, str_cstr(r->arena, said));
	return reply_see_other(r, way_back(form->back));
}

struct back_form {
	struct str back;
};

static const struct shape back_form =
	SHAPE(struct back_form, F_STR(struct back_form, back, .optional = true, .max = 2000));

static const struct err *set_pin(struct req *r, bool pinned)
{
	const struct back_form *form = r->input;

	store_pin(r->tx, r->id[0], pinned);
	TRY(tx_run(r->tx));
	return reply_see_other(
		r, str_fmt(r->arena, "%.*s#f-%s", STR_ARG(way_back(form->back)), r->id[0].text));
}

static const struct err *pin(struct req *r)
{
	return set_pin(r, true);
}

static const struct err *unpin(struct req *r)
{
	return set_pin(r, false);
}

const struct route bulk_routes[] = {
	{ POST, "/api/v1/trees/bulk", .need = PERM_READ, .input = &bulk_input, .run = bulk_api,
	  .output = &bulk_answer, .once = true,
	  .about = "Move, tag, untag, archive or unarchive many flows; those you may not change "
		   "stay" },
	{ POST, "/flows/bulk", .need = PERM_READ, .input = &bulk_form, .run = bulk_send,
	  .again = library_again },
	{ POST, "/flows/:flow/pin", .need = PERM_READ, .input = &back_form, .find = flow_find,
	  .run = pin },
	{ POST, "/flows/:flow/unpin", .need = PERM_READ, .input = &back_form, .find = flow_find,
	  .run = unpin },
	{ 0 },
};
