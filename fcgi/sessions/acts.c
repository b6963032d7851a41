/* Opening, making and starting sessions; see acts.h. */
#include "sessions/acts.h"

#include "accounts/accounts.h"
#include "flows/acts.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "sessions/inside.h"

const struct visit_row *session_visits(const struct session *s)
{
	return s->visits.items;
}

const struct visit_row *session_visit(const struct session *s, int64_t n)
{
	for (size_t at = 0; at < s->visits.n; at++)
		if (session_visits(s)[at].n == n)
			return &session_visits(s)[at];
	return NULL;
}

bool visit_holds(const struct visit_row *v)
{
	return v->answered_at.us && !v->reverted_at.us;
}

bool session_tells(const struct session *s, const struct visit_row *v)
{
	const struct visit_row *earlier = session_visit(s, v->earlier);

	return v->answered_at.us || (v->notes.n && !(earlier && str_eq(earlier->notes, v->notes)));
}

/* ---- reading ---- */

void session_find(struct req *r)
{
	store_session_find(r->tx, r->id[0]);
}

static const struct err *not_there(struct req *r)
{
	return ERR(r->arena, ERR_NOT_FOUND, "There is no such session.");
}

const struct err *session_read_doc(struct arena *a, const struct startable_row *from,
				   struct flow_doc *ret)
{
	const struct flow_doc_row text = {
		.name = from->name,
		.description = STR(""),
		.type = from->type,
		.structure = from->structure,
		.intake = from->intake,
	};

	return flow_read_doc(a, &text, ret);
}

struct str session_named(struct arena *a, struct json_text intake, struct json_text variables,
			 struct str name)
{
	const struct startable_row text = { .name = name,
					    .structure = { STR("{}") },
					    .intake = intake };
	struct flow_doc doc;
	struct values values;

	if (session_read_doc(a, &text, &doc) ||
	    values_read(a, &doc, variables.s, STR("{}"), &values))
		return name;
	doc.name = values_resolve(a, &values, name, UNFILLED_TOKEN, VALUES_LINE_ROOM);
	return flow_labelled(a, &doc).name;
}

static const struct err *fill(struct req *r, struct session *s)
{
	const struct session_row *row = s->row;
	const struct startable_row text = { row->version, false,          row->flow_name,
					    row->type,    row->structure, row->intake };

	TRY(session_read_doc(r->arena, &text, &s->doc));
	s->ix = flow_index(r->arena, &s->doc.structure);
	return session_settle(r, s);
}

const struct err *session_settle(struct req *r, struct session *s)
{
	const struct session_row *row = s->row;
	ptrdiff_t at;

	s->here = session_visit(s, row->visit);
	if (s->here && (s->here->answered_at.us || row->status == SESSION_ABANDONED))
		s->here = NULL; /* it has ended there */
	at = s->here ? flow_at(s->ix, s->here->node) : -1;
	s->node = at < 0 ? NULL : &flow_nodes(&s->doc.structure)[at];
	/* Who prepares fills a password in, and only who runs it reads it. */
	return values_read(r->arena, &s->doc, row->variables.s,
			   row->runs ? session_passwords(r, row) : STR("{}"), &s->values);
}

const struct err *session_read(struct req *r, struct uuid id, struct session *ret)
{
	*ret = (struct session){ .row = NULL };
	store_session(r->tx, id, &ret->row);
	store_visits(r->tx, id, &ret->visits);
	TRY(tx_run(r->tx));
	return ret->row ? fill(r, ret) : not_there(r);
}

const struct err *session_open(struct req *r, struct uuid id, struct session *ret)
{
	*ret = (struct session){ .row = NULL };
	store_session_lock(r->tx, id);
	store_session(r->tx, id, &ret->row);
	store_visits(r->tx, id, &ret->visits);
	TRY(tx_more(r->tx));
	return ret->row ? fill(r, ret) : not_there(r);
}

struct str session_url(struct req *r, struct uuid session)
{
	return str_fmt(r->arena, "/sessions/%s", session.text);
}

static const struct names outcome_words = NAMES("Resolved", "Escalated", "Not resolved");

struct str session_outcome_word(struct str outcome)
{
	int at;

	return names_find(&outcomes, outcome, &at) ? names_text(&outcome_words, at) : STR_NONE;
}

/* ---- who may, and when ---- */

static const struct err *refuse_state(struct req *r, const struct session *s)
{
	static const char *const sentences[] = {
		[SESSION_PREPARED] = "This session has not started yet. Start it first.",
		[SESSION_ACTIVE] = "This session is running.",
		[SESSION_PARKED] = "This session is parked. Resume it first.",
		[SESSION_ESCALATED] = "This session waits for a colleague to take it.",
		[SESSION_COMPLETED] = "This session is completed. It can't be changed any more.",
		[SESSION_ABANDONED] = "This session was cancelled. It can't be changed any more.",
	};

	return ERR_CODE(r->arena, ERR_CONFLICT, "not_active", "%s", sentences[s->row->status]);
}

static const struct err *refuse_person(struct req *r, const struct session *s)
{
	if (!s->row->owner_name.n)
		return ERR(r->arena, ERR_FORBIDDEN,
			   "Only who prepared this session, or is to run it, may do that.");
	return ERR(r->arena, ERR_FORBIDDEN, "%.*s runs this session. Only who runs it may do that.",
		   STR_ARG(s->row->owner_name));
}

const struct err *session_must_run(struct req *r, const struct session *s)
{
	if (!s->row->runs && s->row->status != SESSION_PREPARED)
		return refuse_person(r, s);
	return s->row->status == SESSION_ACTIVE ? NULL : refuse_state(r, s);
}

static bool is_theirs_to_fill(const struct session_row *row)
{
	return row->status == SESSION_PREPARED ? row->prepares : row->runs;
}

static bool has_ended(const struct session_row *row)
{
	return row->status == SESSION_COMPLETED || row->status == SESSION_ABANDONED;
}

bool session_fills(const struct session *s)
{
	return is_theirs_to_fill(s->row) && !has_ended(s->row);
}

const struct err *session_must_fill(struct req *r, const struct session *s)
{
	if (!is_theirs_to_fill(s->row))
		return refuse_person(r, s);
	return has_ended(s->row) ? refuse_state(r, s) : NULL;
}

/* ---- making ---- */

static const struct err *refuse_flow(struct req *r, const struct startable_row *from)
{
	if (!from)
		return flow_not_there(r);
	if (from->archived)
		return ERR_CODE(r->arena, ERR_CONFLICT, "not_published",
				"This flow is archived. Sessions start on published flows only.");
	if (from->version == 0)
		return ERR_CODE(r->arena, ERR_CONFLICT, "not_published",
				"This flow is a draft. Publish it, then start.");
	return NULL;
}

static const struct err *refuse_assignee(struct req *r)
{
	input_problem(r, STR("assigned_to_id"), STR("Choose a colleague who may run sessions."));
	return ERR(r->arena, ERR_INVALID, "Choose a colleague who may run sessions.");
}

/* What the fields begin with, where nobody has said otherwise. */
static void presets(struct req *r, const struct flow_doc *d, struct value_changes *changes)
{
	struct value_change *all =
		ARENA_ARRAY(r->arena, struct value_change, changes->n + d->intake.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < d->intake.n; at++) {
		const struct flow_field *f = &flow_fields(d)[at];

		/* An author's preset that does not fit its own field is nobody's to mend now. */
		if (f->preset.n && f->kind != KIND_PASSWORD &&
		    !value_take_text(r->arena, f, f->preset, &all[n]))
			n++;
	}
	for (size_t at = 0; at < changes->n; at++)
		all[n++] = changes->items[at];
	*changes = (struct value_changes){ all, n };
}

const struct err *session_flow_now(struct req *r, struct uuid flow, struct flow_doc *ret)
{
	struct startable_row *from;

	store_startable(r->tx, flow, &from);
	TRY(tx_more(r->tx));
	TRY(refuse_flow(r, from));
	return session_read_doc(r->arena, from, ret);
}

static void read_assignee(struct req *r, struct uuid person, struct assignee_row **ret,
			  struct list *patterns)
{
	store_assignee(r->tx, person, ret);
	redaction_read(r->tx, patterns);
}

static struct session unmade(struct session_row *row, const struct flow_doc *doc,
			     const struct flow_index *ix)
{
	return (struct session){ .row = row, .doc = *doc, .ix = ix };
}

const struct err *session_make(struct req *r, const struct session_making *m, struct uuid *ret)
{
	struct assignee_row *assignee = NULL;
	struct list patterns = { 0 };
	struct session_row row = { .id = crypto_uuid7() };
	struct value_changes changes;
	struct startable_row *from;
	struct flow_doc doc;
	struct session s;

	store_startable(r->tx, m->flow, &from);
	if (!uuid_is_none(m->assignee))
		read_assignee(r, m->assignee, &assignee, &patterns);
	TRY(tx_more(r->tx));
	TRY(refuse_flow(r, from));
	if (!uuid_is_none(m->assignee) && !assignee)
		return refuse_assignee(r);
	TRY(session_read_doc(r->arena, from, &doc));
	TRY(m->variables ? values_from_json(r, &doc, m->variables, &changes)
			 : values_from_form(r, &doc, &changes));
	presets(r, &doc, &changes);
	s = unmade(&row, &doc, flow_index(r->arena, &doc.structure));
	store_session_add(r->tx, &(struct new_session){ row.id, m->flow, from->version, STR("{}"),
							m->ticket.p ? m->ticket : STR(""),
							m->client.p ? m->client : STR(""),
							m->starts, m->assignee });
	session_fill(r, &s, &changes);
	audit(r, m->starts ? "session.started" : "session.prepared", "session", row.id,
	      audit_nothing, audit_fact(r->arena, "flow", doc.name));
	if (m->starts)
		session_enter_first(r, &s, m->flow);
	if (!m->quiet)
		session_tell(r, assignee,
			     &(struct told){ row.id, doc.name, m->client, m->ticket, patterns });
	*ret = row.id;
	return NULL;
}

const struct err *session_start(struct req *r, const struct session *s)
{
	const struct session_row *row = s->row;

	/* Whoever came second to one that was open to both reads who was first. */
	if (row->owner_name.n && (row->sees || (row->preparer_name.n && !row->assignee_name.n)))
		return ERR_CODE(r->arena, ERR_CONFLICT, "already_started",
				"%.*s has started this session already.", STR_ARG(row->owner_name));
	if (!row->sees)
		return refuse_person(r, s);
	if (row->status != SESSION_PREPARED)
		return refuse_state(r, s);
	if (!row->starts)
		return ERR(
			r->arena, ERR_FORBIDDEN,
			"This session is for %.*s. Only they may start it.",
			STR_ARG(row->assignee_name.n ? row->assignee_name : STR("another team")));
	store_session_start(r->tx, row->id);
	audit(r, "session.started", "session", row->id, audit_nothing,
	      audit_fact(r->arena, "flow", row->flow_name));
	session_enter_first(r, s, row->flow);
	return NULL;
}

const struct err *session_assign(struct req *r, const struct session *s, struct uuid assignee)
{
	const struct session_row *is = s->row;
	struct assignee_row *row = NULL;
	struct list patterns = { 0 };

	if (uuid_eq(assignee, is->assignee))
		return NULL;
	if (!uuid_is_none(assignee)) {
		read_assignee(r, assignee, &row, &patterns);
		TRY(tx_more(r->tx));
		if (!row)
			return refuse_assignee(r);
	}
	store_session_assign(r->tx, is->id, assignee);
	session_tell(r, row,
		     &(struct told){ is->id, is->flow_name, is->client, is->ticket, patterns });
	return NULL;
}
