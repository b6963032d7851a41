/* A run's steps: answering, going back, noting, and its end; see acts.h. */
#include "handoffs/handoffs.h"
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "people/people.h"
#include "record/record.h"
#include "sessions/inside.h"

#define VISITS_MAX 2000              /* of one session: a flow that leads round and round */
#define NOTES_MAX  ((size_t)2 << 20) /* bytes of all its notes: a page and a document hold them */
#define NOTE_ROOM  ((size_t)80000)   /* of them, for the step where it stands */

/* ---- coming to a step ---- */

static void enter(struct req *r, const struct session *s, const struct landing *to,
		  struct str section)
{
	struct new_visit visit = { .again = 1, .notes = STR(""), .section = section };
	const struct visit_row *last = NULL;

	for (size_t at = 0; at < s->visits.n; at++) {
		const struct visit_row *v = &session_visits(s)[at];

		if (!str_eq(v->node, to->node->id))
			continue;
		last = v;
		visit.again += visit_holds(v);
	}
	/* Whoever went back over it finds it as it was. */
	if (last && last->reverted_at.us) {
		visit.earlier = last->n;
		visit.notes = last->notes;
	}
	visit.node = to->node->id;
	visit.kind = names_text(&node_kinds, to->node->kind);
	visit.title = to->node->title;
	if (to->section.p)
		visit.section = to->section;
	store_visit_add(r->tx, s->row->id, &visit);
}

void session_enter_first(struct req *r, const struct session *s, struct uuid flow)
{
	struct landing to = run_land(&s->doc, s->ix, s->doc.structure.start);

	if (to.node)
		enter(r, s, &to, STR(""));
	store_flow_used(r->tx, flow);
}

/* ---- answering ---- */

struct str session_token(struct arena *a, const struct session *s)
{
	bool runs = s->row->visit > 0 && !s->row->completed_at.us && !s->row->abandoned_at.us;

	return runs ? str_fmt(a, "%lld", (long long)s->row->visit) : STR_NONE;
}

const struct err *session_check_step(struct req *r, const struct session *s, struct str node,
				     struct str token)
{
	struct str here = s->here ? s->here->node : STR_NONE;

	if ((node.p && !str_eq(node, here)) ||
	    (token.p && !str_eq(token, session_token(r->arena, s))))
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale_step",
				"This session has moved on. Look where it stands, then answer.");
	return NULL;
}

static size_t notes_but(const struct session *s, const struct visit_row *v)
{
	size_t n = 0;

	for (size_t at = 0; at < s->visits.n; at++)
		n += &session_visits(s)[at] == v ? 0 : session_visits(s)[at].notes.n;
	return n;
}

/* Each further visit may begin with the note of an earlier one. */
static const struct err *check_length(struct req *r, const struct session *s)
{
	if (s->visits.n < VISITS_MAX && notes_but(s, NULL) <= NOTES_MAX - NOTE_ROOM)
		return NULL;
	return ERR_CODE(r->arena, ERR_CONFLICT, "too_long",
			"This session has too many steps or notes. Complete it and start anew.");
}

static const struct err *judge(struct req *r, const struct session *s, const struct run_answer *a,
			       const struct flow_option **option)
{
	*option = NULL;
	if (!s->node)
		return ERR_CODE(r->arena, ERR_CONFLICT, "at_end",
				"All steps are done. Complete the session.");
	switch ((enum flow_node_kind)s->node->kind) {
	case FLOW_DECISION:
		*option = a->option.p ? run_option(s->node, a->option) : NULL;
		return *option ? NULL : input_refuse(r, "option_id", "Choose one of the answers.");
	case FLOW_ACTION:
		if (a->option.n)
			return input_refuse(r, "option_id", "This step has no answers.");
		if (a->skip && s->node->required && !str_trim(a->skip_reason).n)
			return input_refuse(r, "skip_reason",
					    "This step is required. Say why you skip it.");
		return NULL;
	case FLOW_ANSWER:
	case FLOW_SECTION:
		break;
	}
	return ERR_CODE(r->arena, ERR_CONFLICT, "at_end",
			"This is the end of the flow. Complete the session.");
}

const struct err *session_answer(struct req *r, const struct session *s, const struct run_answer *a)
{
	const struct flow_option *option;
	struct landing to;

	TRY(session_check_step(r, s, a->node, a->token));
	TRY(judge(r, s, a, &option));
	TRY(check_length(r, s));
	if (a->notes.p)
		TRY(session_note(r, s, s->here->n, a->notes));
	store_visit_answer(r->tx, s->row->id, option ? option->id : STR_NONE,
			   option ? option->label : STR_NONE,
			   a->skip ? str_trim(a->skip_reason) : STR_NONE);
	store_session_step(r->tx, s->row->id);
	to = run_land(&s->doc, s->ix, option ? option->next : s->node->next);
	if (to.node)
		enter(r, s, &to, s->here->section);
	return NULL;
}

static const struct visit_row *visit_before(const struct session *s, int64_t n)
{
	const struct visit_row *ret = NULL;

	for (size_t at = 0; at < s->visits.n; at++) {
		const struct visit_row *v = &session_visits(s)[at];

		if (visit_holds(v) && (n == 0 || v->n == n))
			ret = v;
	}
	return ret;
}

const struct err *session_back(struct req *r, const struct session *s, int64_t n)
{
	const struct visit_row *to = visit_before(s, n);
	struct new_visit visit;

	if (!to)
		return ERR_CODE(r->arena, ERR_CONFLICT, "at_start",
				"This is the first step: there is nothing to go back to.");
	TRY(check_length(r, s));
	visit = (struct new_visit){ to->node,  to->kind,         to->title,         to->section,
				    to->again, .earlier = to->n, .notes = to->notes };
	store_visits_revert(r->tx, s->row->id, to->n);
	store_session_step(r->tx, s->row->id);
	store_visit_add(r->tx, s->row->id, &visit);
	return NULL;
}

const struct err *session_note(struct req *r, const struct session *s, int64_t n, struct str notes)
{
	const struct visit_row *v = session_visit(s, n);

	if (!v || str_eq(v->notes, notes))
		return NULL;
	if (notes.n > v->notes.n && notes_but(s, v) + notes.n > NOTES_MAX)
		return input_refuse(r, r->api ? "notes" : "note",
				    "The notes of this session are too long all together.");
	if (v->answered_at.us && v->notes.n)
		store_visit_note_room(r->tx, s->row->id);
	store_visit_note(r->tx, s->row->id, n, notes);
	return NULL;
}

/* ---- its end ---- */

/* Whatever it was handed to, or laid aside for, ends with it. */
static const struct err *end_handoffs(struct req *r, const struct session *s, enum handoff_act act,
				      struct str word)
{
	struct handoff ended;

	if (!uuid_is_none(s->row->aside))
		TRY(handoff_do(r, HANDOFF_RESUME, s->row->aside, STR_NONE, &ended));
	if (!uuid_is_none(s->row->handoff))
		TRY(handoff_do(r, act, s->row->handoff, word, &ended));
	return NULL;
}

const struct err *session_complete(struct req *r, const struct session *s, struct str outcome,
				   struct str summary)
{
	bool answer = s->node && s->node->kind == FLOW_ANSWER;
	struct str fallback = names_text(&outcomes, answer ? s->node->outcome : OUTCOME_UNRESOLVED);

	if (!outcome.n)
		outcome = fallback;
	TRY(end_handoffs(r, s, HANDOFF_RESOLVE, summary));
	store_session_complete(r->tx, s->row->id, outcome, summary.p ? summary : STR(""));
	audit(r, "session.completed", "session", s->row->id, audit_nothing,
	      audit_fact(r->arena, "outcome", outcome));
	return NULL;
}

const struct err *session_abandon(struct req *r, const struct session *s)
{
	if (s->row->completed_at.us || s->row->abandoned_at.us)
		return ERR_CODE(r->arena, ERR_CONFLICT, "not_active",
				"This session has ended already.");
	if (!s->row->ends)
		return ERR(r->arena, ERR_FORBIDDEN,
			   "Only who runs or prepared a session, or a team admin, may cancel it.");
	TRY(end_handoffs(r, s, HANDOFF_DROP, STR_NONE));
	store_session_abandon(r->tx, s->row->id);
	audit(r, "session.abandoned", "session", s->row->id, audit_nothing,
	      audit_fact(r->arena, "flow", s->row->flow_name));
	return NULL;
}

const struct err *session_park(struct req *r, const struct session *s, struct str reason,
			       struct instant wake_at, struct handoff *ret)
{
	TRY(session_must_run(r, s));
	if (wake_at.us && wake_at.us <= clock_now().us)
		return input_refuse(r, r->api ? "park_until" : "at",
				    "Choose a time that is still to come.");
	return handoff_begin(r, HANDOFF_PARK,
			     &(struct new_handoff){ .session = s->row->id,
						    .aside = s->row->aside,
						    .reason = reason,
						    .wake = wake_at },
			     ret);
}

static const struct err *check_addressee(struct req *r, struct uuid to)
{
	struct assignee_row *row;

	if (uuid_is_none(to))
		return NULL;
	if (uuid_eq(to, r->who->person))
		return input_refuse(r, "assigned_to_id", "Choose a colleague, not yourself.");
	store_assignee(r->tx, to, &row);
	TRY(tx_more(r->tx));
	return row ? NULL
		   : input_refuse(r, "assigned_to_id", "Choose a colleague who may run sessions.");
}

const struct err *session_escalate(struct req *r, const struct session *s, struct new_handoff from,
				   struct handoff *ret)
{
	if (!(s->row->runs && s->row->status == SESSION_PARKED))
		TRY(session_must_run(r, s));
	if (!uuid_is_none(s->row->handoff))
		return ERR_CODE(r->arena, ERR_CONFLICT, "already_claimed",
				"You have taken this case over from a colleague. Give it back, or "
				"resolve that first.");
	TRY(check_addressee(r, from.to));
	from.session = s->row->id;
	from.aside = s->row->aside;
	return handoff_begin(r, HANDOFF_ESCALATE, &from, ret);
}

const struct err *session_resume(struct req *r, const struct session *s)
{
	struct handoff resumed;

	if (!s->row->runs)
		return ERR(r->arena, ERR_FORBIDDEN, "Only who parked a session may resume it.");
	if (s->row->status != SESSION_PARKED)
		return ERR_CODE(r->arena, ERR_CONFLICT, "not_parked",
				"This session is not parked.");
	return handoff_do(r, HANDOFF_RESUME, s->row->aside, STR_NONE, &resumed);
}
