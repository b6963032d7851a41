/* The sessions room's statements; see store.h and store.sql. */
#include "sessions/store.h"

#include "kit/http/http.h"

#include "flows/doc.h"
#include "flows/travel.h"
#include "kit/crypto/crypto.h"
#include "sessions/sessions.h"

const struct names session_status_words =
	NAMES("Prepared", "Running", "Parked", "Handed on", "Completed", "Cancelled");
const struct names session_statuses =
	NAMES("prepared", "active", "parked", "escalated", "completed", "abandoned");

#define R struct session_row
static const struct shape session_row_shape = SHAPE(
	R, F_UUID(R, id), F_UUID(R, flow), F_INT(R, version), F_INT(R, newest), F_BOOL(R, retired),
	F_BOOL(R, by_use), F_STR(R, flow_name), F_ENUM(R, type, &flow_types), F_JSON(R, structure),
	F_JSON(R, intake), F_ENUM(R, status, &session_statuses), F_UUID(R, owner, .null = true),
	F_STR(R, owner_name, .null = true), F_UUID(R, preparer, .null = true),
	F_STR(R, preparer_name, .null = true), F_UUID(R, assignee, .null = true),
	F_STR(R, assignee_name, .null = true), F_TIME(R, created_at), F_TIME(R, updated_at),
	F_TIME(R, started_at, .null = true), F_TIME(R, completed_at, .null = true),
	F_TIME(R, abandoned_at, .null = true), F_INT(R, visit), F_INT(R, active),
	F_BOOL(R, ticking), F_STR(R, outcome, .null = true), F_STR(R, summary),
	F_JSON(R, variables), F_JSON(R, secrets), F_STR(R, scratchpad), F_INT(R, scratch_n),
	F_STR(R, ticket), F_STR(R, client), F_INT(R, revision), F_UUID(R, handoff, .null = true),
	F_STR(R, handoff_by, .null = true), F_STR(R, handoff_why, .null = true),
	F_UUID(R, aside, .null = true), F_TIME(R, aside_at, .null = true),
	F_STR(R, aside_why, .null = true), F_TIME(R, wake_at, .null = true),
	F_BOOL(R, sees, .null = true), F_BOOL(R, runs), F_BOOL(R, starts, .null = true),
	F_BOOL(R, prepares, .null = true), F_BOOL(R, ends, .null = true),
	F_BOOL(R, takes_out, .null = true));
#undef R
#define R struct visit_row
static const struct shape visit_row_shape =
	SHAPE(R, F_UUID(R, id), F_INT(R, n), F_STR(R, node), F_STR(R, kind), F_STR(R, title),
	      F_STR(R, section), F_STR(R, option, .null = true),
	      F_STR(R, option_label, .null = true), F_STR(R, notes),
	      F_STR(R, skip_reason, .null = true), F_INT(R, again), F_INT(R, earlier, .null = true),
	      F_UUID(R, person, .null = true), F_STR(R, person_name, .null = true),
	      F_TIME(R, entered_at), F_INT(R, entered_active), F_INT(R, took, .null = true),
	      F_TIME(R, answered_at, .null = true), F_TIME(R, reverted_at, .null = true));
#undef R
#define R struct startable_row
static const struct shape startable_row_shape =
	SHAPE(R, F_INT(R, version), F_BOOL(R, archived), F_STR(R, name, .null = true),
	      F_ENUM(R, type, &flow_types, .null = true), F_JSON(R, structure, .null = true),
	      F_JSON(R, intake, .null = true));
#undef R
static const struct shape colleague_row_shape = SHAPE(
	struct colleague_row, F_UUID(struct colleague_row, id), F_STR(struct colleague_row, name));
static const struct shape person_named_shape = SHAPE(
	struct person_named, F_UUID(struct person_named, id), F_STR(struct person_named, name));
static const struct shape held_row_shape =
	SHAPE(struct held_row, F_UUID(struct held_row, id), F_STR(struct held_row, name),
	      F_STR(struct held_row, about), F_TIME(struct held_row, at));
static const struct shape session_given_shape =
	SHAPE(struct session_given, F_UUID(struct session_given, id));
#define R struct assignee_row
static const struct shape assignee_row_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, name), F_STR(R, email), F_BOOL(R, notice), F_BOOL(R, mail),
	      F_TIME(R, mail_at, .null = true));
#undef R
#define R struct startable_flow
static const struct shape startable_flow_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, name), F_ENUM(R, type, &flow_types), F_INT(R, steps),
	      F_INT(R, runs));
#undef R
#define R struct seed_flow
static const struct shape seed_flow_shape =
	SHAPE(R, F_UUID(R, id), F_INT(R, version), F_STR(R, name), F_ENUM(R, type, &flow_types),
	      F_JSON(R, structure), F_JSON(R, intake));
#undef R
#define R struct going_row
static const struct shape going_row_shape = SHAPE(
	R, F_UUID(R, id), F_STR(R, flow_name), F_STR(R, title, .null = true), F_STR(R, ticket),
	F_STR(R, client), F_BOOL(R, parked), F_BOOL(R, escalated), F_TIME(R, updated_at),
	F_TIME(R, wake_at, .null = true), F_JSON(R, variables), F_JSON(R, intake));
#undef R
#define R struct waiting_row
static const struct shape waiting_row_shape =
	SHAPE(R, F_UUID(R, id), F_STR(R, flow_name), F_STR(R, ticket), F_STR(R, client),
	      F_STR(R, preparer, .null = true), F_TIME(R, created_at), F_BOOL(R, outdated),
	      F_BOOL(R, mine));
#undef R

#define R struct visit_here_row
static const struct shape visit_here_row_shape =
	SHAPE(R, F_UUID(R, session), F_UUID(R, id), F_INT(R, n), F_STR(R, node), F_STR(R, kind),
	      F_STR(R, title), F_STR(R, section), F_STR(R, notes), F_INT(R, again),
	      F_INT(R, earlier, .null = true), F_TIME(R, entered_at), F_INT(R, entered_active),
	      F_TIME(R, answered_at, .null = true));
#undef R
#define R struct session_doc_row
static const struct shape session_doc_row_shape =
	SHAPE(R, F_UUID(R, flow), F_INT(R, version), F_STR(R, name), F_ENUM(R, type, &flow_types),
	      F_JSON(R, structure), F_JSON(R, intake));
#undef R
static const struct shape history_row_shape =
	SHAPE(struct history_row, F_UUID(struct history_row, id), F_BOOL(struct history_row, hit));
static const struct shape history_count_row_shape =
	SHAPE(struct history_count_row, F_INT(struct history_count_row, n),
	      F_BOOL(struct history_count_row, more));
static const struct shape history_choice_shape =
	SHAPE(struct history_choice, F_STR(struct history_choice, kind),
	      F_STR(struct history_choice, value), F_STR(struct history_choice, label));

#include "fcgi/sessions/store.sql.h"

void store_session_find(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_find, P(session));
}

void store_step_find(struct tx *t, struct uuid session, struct uuid step)
{
	tx_exec(t, &sql_step_find, P(session), P(step));
}

void store_session_lock(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_lock, P(session));
}

void store_session(struct tx *t, struct uuid session, struct session_row **ret)
{
	tx_maybe(t, &sql_session, ret, P(session));
}

void store_travel_here(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_travel_here, ret, P(session));
}

void store_visits(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_visits, ret, P(session));
}

void store_startable(struct tx *t, struct uuid flow, struct startable_row **ret)
{
	tx_maybe(t, &sql_startable, ret, P(flow));
}

void store_session_add(struct tx *t, const struct new_session *s)
{
	tx_exec(t, &sql_session_add, P(s->id), P(s->flow), P(s->version), P(s->variables),
		P(s->ticket), P(s->client), P(s->starts), P(s->assignee));
}

void store_flow_used(struct tx *t, struct uuid flow)
{
	tx_exec(t, &sql_flow_used, P(flow));
}

void store_session_start(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_start, P(session));
}

void store_startables(struct tx *t, struct str q, int64_t most, struct list *ret)
{
	tx_list(t, &sql_startables, ret, P(q), P(most));
}

void store_assignee(struct tx *t, struct uuid person, struct assignee_row **ret)
{
	tx_maybe(t, &sql_assignee, ret, P(person));
}

void store_colleagues(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_colleagues, ret);
}

void store_person_named(struct tx *t, struct uuid person, struct person_named **ret)
{
	tx_one(t, &sql_person_named, ret, P(person));
}

void store_sessions_held(struct tx *t, struct uuid person, int64_t most, struct list *ret)
{
	tx_list(t, &sql_sessions_held, ret, P(person), P(most));
}

void store_sessions_hand_to(struct req *r, struct uuid person, struct list sessions, struct uuid to,
			    struct list *ret)
{
	tx_list(r->tx, &sql_sessions_hand_to, ret, P(person), P(sessions), P(to), P(r->address),
		P(r->agent), P(r->request_id));
}

void store_session_assign(struct tx *t, struct uuid session, struct uuid assignee)
{
	tx_exec(t, &sql_session_assign, P(session), P(assignee));
}

void store_visit_add(struct tx *t, struct uuid session, const struct new_visit *v)
{
	tx_exec(t, &sql_visit_add, P(session), P(v->node), P(v->kind), P(v->title), P(v->section),
		P(v->again), P(v->earlier), P(v->notes));
}

void store_visit_answer(struct tx *t, struct uuid session, struct str option, struct str label,
			struct str skip_reason)
{
	tx_exec(t, &sql_visit_answer, P(session), P(option), P(label), P(skip_reason));
}

void store_session_step(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_step, P(session));
}

void store_visits_revert(struct tx *t, struct uuid session, int64_t from)
{
	tx_exec(t, &sql_visits_revert, P(session), P(from));
}

void store_visit_note_room(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_visit_note_room, P(session));
}

void store_visit_note(struct tx *t, struct uuid session, int64_t n, struct str notes)
{
	tx_exec(t, &sql_visit_note, P(session), P(n), P(notes));
}

void store_session_touch(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_touch, P(session));
}

void store_session_fill(struct tx *t, struct uuid session, struct str filled, struct list cleared)
{
	tx_exec(t, &sql_session_fill, P(session), P(filled), P(cleared));
}

void store_secret_keep(struct tx *t, struct uuid session, struct str name, struct str sealed)
{
	tx_exec(t, &sql_secret_keep, P(session), P(name), P(sealed));
}

void store_secrets_drop(struct tx *t, struct uuid session, struct list names)
{
	tx_exec(t, &sql_secrets_drop, P(session), P(names));
}

void store_session_texts(struct tx *t, struct uuid session, struct str scratchpad,
			 struct str ticket, struct str client)
{
	tx_exec(t, &sql_session_texts, P(session), P(scratchpad), P(ticket), P(client));
}

void store_travel_add(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_travel_add, P(session));
}

void store_session_complete(struct tx *t, struct uuid session, struct str outcome,
			    struct str summary)
{
	tx_exec(t, &sql_session_complete, P(session), P(outcome), P(summary));
	store_travel_add(t, session);
}

void store_session_abandon(struct tx *t, struct uuid session)
{
	tx_exec(t, &sql_session_abandon, P(session));
}

void store_sessions_going(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_sessions_going, ret);
}

void store_sessions_waiting(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_sessions_waiting, ret);
}

/* ---- for the demo account ---- */

void store_seed_flow(struct tx *t, struct str name, struct seed_flow **ret)
{
	tx_maybe(t, &sql_seed_flow, ret, P(name));
}

void store_seed_session(struct tx *t, const struct seed_session *s)
{
	tx_exec(t, &sql_seed_session, P(s->id), P(s->flow), P(s->version), P(s->owner),
		P(s->preparer), P(s->assignee), P(s->variables), P(s->ticket), P(s->client),
		P(s->created), P(s->started), P(s->ended), P(s->visit), P(s->seconds),
		P(s->outcome), P(s->summary));
}

void store_seed_visit(struct tx *t, struct uuid session, const struct seed_visit *v)
{
	const struct new_visit *step = &v->step;
	char room[STR_INT_ROOM];
	struct str took = v->took < 0 ? STR_NONE : str_of_int(v->took, room);

	tx_exec(t, &sql_seed_visit, P(session), P(v->n), P(step->node), P(step->kind),
		P(step->title), P(step->section), P(v->option), P(v->option_label), P(step->notes),
		P(v->skip_reason), P(step->again), P(v->person), P(v->entered), P(v->before),
		P(took));
}

void store_seed_parked(struct tx *t, struct uuid session, struct uuid person, struct str reason,
		       struct instant at)
{
	tx_exec(t, &sql_seed_parked, P(crypto_uuid7()), P(session), P(person), P(reason), P(at));
}

void store_seed_handoff(struct tx *t, const struct seed_handoff *h)
{
	tx_exec(t, &sql_seed_handoff, P(h->id), P(h->session), P(h->by), P(h->taker), P(h->reason),
		P(h->tried), P(h->priority), P(h->resolution), P(h->at), P(h->taken), P(h->ended),
		P(h->visit));
}

#define FILTER(f)                                                                                  \
	P((f)->q), P((f)->whole),                                                                  \
		P((f)->status < 0 ? STR_NONE : names_text(&session_statuses, (f)->status)),        \
		P((f)->flow), P((f)->client), P((f)->ticket), P((f)->person), P((f)->assignee),    \
		P((f)->since), P((f)->until)

void store_history(struct tx *t, const struct history_filter *f, const struct history_place *p,
		   struct list *ret)
{
	tx_list(t, &sql_history, ret, FILTER(f), P(p->after), P(p->before), P(p->skip), P(p->most));
}

void store_history_count(struct tx *t, const struct history_filter *f, int64_t most,
			 struct history_count_row **ret)
{
	tx_maybe(t, &sql_history_count, ret, FILTER(f), P(most));
}

void store_history_choices(struct tx *t, const struct history_filter *f, struct list *ret)
{
	tx_list(t, &sql_history_choices, ret, P(f->whole), P(f->flow), P(f->person));
}

void store_sessions_listed(struct tx *t, struct list ids, bool every, struct list *ret)
{
	tx_list(t, &sql_sessions_listed, ret, P(ids), P(every));
}

void store_session_docs(struct tx *t, struct list ids, bool every, struct list *ret)
{
	tx_list(t, &sql_session_docs, ret, P(ids), P(every));
}

void store_visits_here(struct tx *t, struct list ids, struct list *ret)
{
	tx_list(t, &sql_visits_here, ret, P(ids));
}

void store_session_text_settle(struct tx *t)
{
	tx_exec(t, &sql_session_text_settle);
}
