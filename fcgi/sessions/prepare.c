/* The form that prepares a session, and changes one until it starts. */
#include <string.h>

#include "flows/asking.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "people/people.h"
#include "record/record.h"
#include "sessions/inside.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

/* ---- which flow ---- */

#define SHOWN 20

struct prepare_query {
	struct uuid flow;
	struct str q;
};

static const struct shape prepare_query = SHAPE(
	struct prepare_query, F_UUID(struct prepare_query, flow, .optional = true),
	F_STR(struct prepare_query, q, .optional = true, .max = 200, .any = true, .lines = true));

struct choose_page {
	struct str q;
	struct list flows;
	bool more;
};

static const struct names type_words = NAMES("Troubleshooting", "Procedure", "Maintenance");

#define L struct startable_flow
static const struct shape choice_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_ENUM(L, type, &type_words), F_INT(L, steps),
	      F_INT(L, runs));
#undef L
static const struct shape choose_shape =
	SHAPE(struct choose_page, F_STR(struct choose_page, q),
	      F_LIST(struct choose_page, flows, &choice_shape), F_BOOL(struct choose_page, more));
const struct view choose_view = { "sessions/choose", &choose_shape };

static const struct err *choose_show(struct req *r)
{
	struct str q = str_trim(form_value(r, STR("q")));
	struct choose_page page = { .q = q };

	store_startables(r->tx, q.n ? q : STR(""), SHOWN + 1, &page.flows);
	TRY(tx_run(r->tx));
	page.more = page.flows.n > SHOWN;
	if (page.more)
		page.flows.n = SHOWN;
	return reply_page(r, &choose_view, &page);
}

/* ---- the form ---- */

struct prepare_form {
	struct uuid flow;
	int64_t revision; /* of the session that is changed */
	struct str ticket, client;
	struct uuid assigned_to_id;
};

#define P_ struct prepare_form
static const struct shape prepare_form =
	SHAPE(P_, F_UUID(P_, flow, .optional = true), F_INT(P_, revision, .optional = true),
	      F_STR(P_, ticket, .max = TICKET_MAX, .label = "Ticket"),
	      F_STR(P_, client, .max = CLIENT_MAX, .label = "Client"),
	      F_UUID(P_, assigned_to_id, .optional = true, .label = "For"));
#undef P_

#define HEAD 5 /* of its fields stand before those of the flow */

struct prepare_page {
	struct uuid flow, session; /* session: of one that is changed */
	struct str name;
	struct form_view form;
	struct list head, asks;
	bool edits;
};

#define P_ struct prepare_page
static const struct shape prepare_page_shape = SHAPE(
	P_, F_UUID(P_, flow), F_UUID(P_, session), F_STR(P_, name),
	F_OBJECT(P_, form, struct form_view, &form_view_shape), F_LIST(P_, head, &form_field_shape),
	F_LIST(P_, asks, &form_field_shape), F_BOOL(P_, edits));
#undef P_
const struct view prepare_view = { "sessions/prepare", &prepare_page_shape };

static struct list people_choices(struct req *r, struct list rows)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, rows.n + 1);

	choices[0] = (struct pair){ STR(""), STR("Anyone in the team") };
	for (size_t at = 0; at < rows.n; at++) {
		const struct colleague_row *row = &((const struct colleague_row *)rows.items)[at];
		bool me = uuid_eq(row->id, r->who->person);

		choices[at + 1] = (struct pair){ str_of(row->id.text),
						 str_fmt(r->arena, "%.*s%s", STR_ARG(row->name),
							 me ? " (you)" : "") };
	}
	return LIST_OF(choices, rows.n + 1);
}

/* What stands in the form before anyone types: of a session, else of a link and the presets. */
static struct str value_of(struct req *r, const struct session *s, const struct flow_field *f)
{
	const struct value *is = s ? values_find(&s->values, f->name) : NULL;
	struct str linked = flow_link_value(r, f);

	if (f->kind == KIND_PASSWORD)
		return STR("");
	if (is)
		return f->kind == KIND_CHECKBOX ? is->json : is->text;
	return s ? STR("") : linked.n ? linked : f->preset;
}

static struct pair *values_of(struct req *r, const struct session *s, const struct flow_doc *doc,
			      struct str flow)
{
	struct pair *values = ARENA_ARRAY(r->arena, struct pair, HEAD + doc->intake.n + 1);
	struct str revision = s ? str_fmt(r->arena, "%lld", (long long)s->row->revision) : STR("");
	size_t n = 0;

	values[n++] = (struct pair){ STR("flow"), flow };
	values[n++] = (struct pair){ STR("revision"), revision };
	values[n++] = (struct pair){ STR("ticket"),
				     s ? s->row->ticket
				       : flow_link_text(r, STR("ticket"), TICKET_MAX, false) };
	values[n++] = (struct pair){ STR("client"),
				     s ? s->row->client
				       : flow_link_text(r, STR("client"), CLIENT_MAX, false) };
	values[n++] =
		(struct pair){ STR("assigned_to_id"), s ? str_of(s->row->assignee.text) : STR("") };
	for (size_t at = 0; at < doc->intake.n; at++) {
		const struct flow_field *f = &flow_fields(doc)[at];

		values[n++] = (struct pair){ flow_asked_name(r->arena, f), value_of(r, s, f) };
	}
	for (size_t at = 0; at < n; at++)
		if (!values[at].value.p)
			values[at].value = STR("");
	return values;
}

/* ---- passwords that are filled in already ---- */

/* The box that empties it. */
static struct str emptied_name(struct req *r, const struct flow_field *f)
{
	return str_fmt(r->arena, "empty.%.*s", STR_ARG(f->name));
}

static bool is_kept_password(const struct value *v)
{
	return v->field->kind == KIND_PASSWORD && v->filled;
}

static const char *kept_hint(struct req *r, const struct flow_field *f)
{
	return str_cstr(r->arena, str_fmt(r->arena, "%.*s%sFilled in. Type to replace it.",
					  STR_ARG(f->help), f->help.n ? " " : ""));
}

/* One is not shown, and stays where nothing is typed; the box is put behind it. */
static void ask_for_kept(struct req *r, const struct session *s, struct flow_asked *asked)
{
	size_t nhead = prepare_form.nfields, n = 0, most = 2 * s->values.n;
	struct field *fields = ARENA_ARRAY(r->arena, struct field, nhead + most);
	struct control *controls = ARENA_ARRAY(r->arena, struct control, HEAD + most + 1);

	memcpy(fields, asked->shape.fields, nhead * sizeof(*fields));
	memcpy(controls, asked->controls, HEAD * sizeof(*controls));
	for (size_t at = 0; at < s->values.n; at++) {
		const struct value *v = &s->values.items[at];
		const char *box = str_cstr(r->arena, emptied_name(r, v->field));

		fields[nhead + n] = asked->shape.fields[nhead + at];
		controls[HEAD + n++] = asked->controls[HEAD + at];
		if (!is_kept_password(v))
			continue;
		controls[HEAD + n - 1].hint = kept_hint(r, v->field);
		fields[nhead + n] = (struct field){ box, FIELD_BOOL, .label = "Empty it" };
		controls[HEAD + n++] = (struct control){ .field = box, .kind = CONTROL_CHECKBOX };
	}
	asked->shape = (struct shape){ .nfields = nhead + n, .fields = fields };
	asked->controls = controls;
}

static const struct err *show_form(struct req *r, const struct session *s,
				   const struct flow_doc *doc, struct list colleagues)
{
	const struct control head[HEAD + 1] = {
		{ .field = "flow", .kind = CONTROL_HIDDEN },
		{ .field = "revision", .kind = CONTROL_HIDDEN },
		{ "assigned_to_id", CONTROL_SELECT, .more = people_choices(r, colleagues) },
		{ "client", CONTROL_TEXT, .autocomplete = "off" },
		{ "ticket", CONTROL_TEXT, .autocomplete = "off" },
		{ 0 },
	};
	struct prepare_page page = { .name = doc->name, .edits = s != NULL };
	struct flow_asked asked;

	if (s)
		page.session = s->row->id;
	if (s)
		page.flow = s->row->flow;
	else if (!uuid_parse(form_value(r, STR("flow")), &page.flow))
		return ERR(r->arena, ERR_INVALID, "Choose a flow first.");
	flow_ask(r->arena, &prepare_form, head, doc->intake, &asked);
	if (s)
		ask_for_kept(r, s, &asked);
	page.form = form_view(
		r, &(struct form_settings){
			   .action = s ? str_fmt(r->arena, "/sessions/%s/edit", s->row->id.text)
				       : STR("/sessions/prepare"),
			   .button = s ? "Save" : "Prepare",
			   .input = &asked.shape,
			   .controls = asked.controls,
			   .values = values_of(r, s, doc, str_of(page.flow.text)),
			   .once = true,
			   .quiet = s != NULL,
		   });
	page.head = form_part(&page.form, 0, HEAD);
	page.asks = form_part(&page.form, HEAD, page.form.fields.n);
	return reply_page(r, &prepare_view, &page);
}

/* ---- a new one ---- */

static const struct err *prepare_show(struct req *r)
{
	struct list colleagues;
	struct flow_doc doc;
	struct uuid flow;

	if (!uuid_parse(form_value(r, STR("flow")), &flow))
		return choose_show(r);
	store_colleagues(r->tx, &colleagues);
	TRY(session_flow_now(r, flow, &doc));
	TRY(tx_run(r->tx));
	return show_form(r, NULL, &doc, colleagues);
}

static const struct err *prepare_save(struct req *r)
{
	const struct prepare_form *in = r->input;
	struct session_making making = { .flow = in->flow,
					 .ticket = in->ticket,
					 .client = in->client,
					 .assignee = in->assigned_to_id };
	struct uuid id;

	TRY(session_make(r, &making, &id));
	TRY(tx_run(r->tx));
	people_flash(r, "Prepared.");
	return reply_see_other(r, session_url(r, id));
}

/* ---- one that is there ---- */

static const struct err *edit_show(struct req *r)
{
	struct list colleagues;
	struct session s;

	store_colleagues(r->tx, &colleagues);
	TRY(session_read(r, r->id[0], &s));
	if (s.row->status != SESSION_PREPARED)
		return reply_see_other(r, session_url(r, r->id[0]));
	TRY(session_must_fill(r, &s));
	return show_form(r, &s, &s.doc, colleagues);
}

static const struct err *has_started(struct req *r)
{
	TRY(tx_run(r->tx));
	people_flash(r, "It has started meanwhile. Nothing was changed.");
	return reply_see_other(r, session_url(r, r->id[0]));
}

/* This form shows no password, so one that is left empty stays as it is, unless it is to go. */
static const struct err *typed_values(struct req *r, const struct session *s,
				      struct value_changes *ret)
{
	size_t n = 0;

	TRY(values_from_form(r, &s->doc, ret));
	for (size_t at = 0; at < ret->n; at++) {
		const struct value_change *c = &ret->items[at];

		if (c->json.p || c->field->kind != KIND_PASSWORD ||
		    form_value(r, emptied_name(r, c->field)).n)
			ret->items[n++] = *c;
	}
	ret->n = n;
	return NULL;
}

static const struct err *edit_save(struct req *r)
{
	const struct prepare_form *in = r->input;
	struct value_changes changes;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_must_fill(r, &s));
	if (s.row->status != SESSION_PREPARED)
		return has_started(r);
	if (in->revision != s.row->revision)
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
				"Someone changed this session meanwhile. Save again to keep what "
				"you see here.");
	TRY(typed_values(r, &s, &changes));
	session_fill(r, &s, &changes);
	TRY(session_write(r, &s,
			  &(struct session_texts){
				  .ticket = in->ticket, .client = in->client, .scratch_n = -1 }));
	TRY(session_assign(r, &s, in->assigned_to_id));
	TRY(tx_run(r->tx));
	people_flash(r, "Saved.");
	return reply_see_other(r, session_url(r, r->id[0]));
}

/* ---- the same on the flow's newest version ---- */

/* A JSON object of the values that the fields of this doc take. */
static const struct err *values_that_fit(struct req *r, const struct session *s,
					 const struct flow_doc *to, const struct json **ret)
{
	struct buf out = buf_new(r->arena, (size_t)4 << 20);
	struct value_change change;
	size_t n = 0;

	buf_putc(&out, '{');
	for (size_t at = 0; at < to->intake.n; at++) {
		const struct flow_field *f = &flow_fields(to)[at];
		const struct value *is = values_find(&s->values, f->name);
		const struct json *j;

		/* A password that is one no more would be read by whoever looks. */
		if (!is || !is->json.p ||
		    (is->field->kind == KIND_PASSWORD) != (f->kind == KIND_PASSWORD))
			continue;
		TRY(json_parse(r->arena, is->json, &json_default_limits, &j));
		if (value_take(r->arena, f, j, &change))
			continue;
		buf_put(&out, n++ ? STR(",") : STR(""));
		buf_put_json(&out, f->name);
		buf_putc(&out, ':');
		buf_put(&out, is->json);
	}
	buf_putc(&out, '}');
	return json_parse(r->arena, buf_str(&out), &json_default_limits, ret);
}

static const struct err *anew(struct req *r)
{
	struct session_making making;
	struct flow_doc doc;
	struct session s;
	struct uuid id;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_must_fill(r, &s));
	if (s.row->status != SESSION_PREPARED)
		return has_started(r);
	making = (struct session_making){ .flow = s.row->flow,
					  .ticket = s.row->ticket,
					  .client = s.row->client,
					  .assignee = s.row->assignee,
					  .quiet = true };
	TRY(session_flow_now(r, s.row->flow, &doc));
	TRY(values_read(r->arena, &s.doc, s.row->variables.s, session_passwords(r, s.row),
			&s.values));
	TRY(values_that_fit(r, &s, &doc, &making.variables));
	store_session_abandon(r->tx, s.row->id);
	audit(r, "session.abandoned", "session", s.row->id, audit_nothing,
	      audit_fact(r->arena, "flow", s.row->flow_name));
	TRY(session_make(r, &making, &id));
	TRY(tx_run(r->tx));
	people_flash(r, "Prepared anew. Look at what is still empty.");
	return reply_see_other(r, session_url(r, id));
}

#define SESSION "/sessions/:session"

const struct route prepare_routes[] = {
	{ GET, "/sessions/prepare", .need = PERM_RUN, .input = &prepare_query,
	  .run = prepare_show },
	{ POST, "/sessions/prepare", .need = PERM_RUN, .input = &prepare_form, .run = prepare_save,
	  .again = prepare_show, .once = true },
	{ GET, SESSION "/edit", .need = PERM_RUN, .find = session_find, .run = edit_show },
	{ POST, SESSION "/edit", .need = PERM_RUN, .input = &prepare_form, .find = session_find,
	  .run = edit_save, .again = edit_show, .once = true },
	{ POST, SESSION "/anew", .need = PERM_RUN, .find = session_find, .run = anew,
	  .once = true },
	{ 0 },
};
