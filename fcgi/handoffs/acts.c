/* Beginning a hand-off and moving it on; see handoffs.h. */
#include "accounts/accounts.h"
#include "handoffs/store.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"
#include "people/people.h"
#include "record/record.h"

#define EVENT_MAX ((size_t)1 << 20)

/* Whose hand it is: a request's, or the clock's. */
struct hand {
	struct arena *arena;
	struct tx *tx;
	struct uuid account;
	struct req *req; /* NULL: the clock */
};

static struct hand hand_of(struct req *r)
{
	return (struct hand){ r->arena, r->tx, r->who->account, r };
}

/* ---- telling ---- */

static struct json_text payload(struct arena *a, const struct uuid *handoff)
{
	return audit_fact(a, "handoff", uuid_str(handoff));
}

void handoff_watch(struct tx *tx, struct arena *a, const struct handoff_row *row)
{
	if (row->watch_at.us)
		jobs_enqueue(tx,
			     &(struct new_job){
				     .kind = JOB_WATCH,
				     .payload = payload(a, &row->id),
				     .run_at = row->watch_at,
				     /* Looked at once a moment, however often it was asked for. */
				     .unique_key = str_fmt(a, "watch:%s:%lld", row->id.text,
							   (long long)row->watch_at.us),
			     });
}

static void put_event(const struct hand *hand, const struct handoff_edge *edge,
		      const struct handoff *h)
{
	struct buf out = buf_new(hand->arena, EVENT_MAX);
	const char *type = str_fmt(hand->arena, "handoff_%s", edge->occasion).p;

	shape_put_json(&out, &handoff_json_shape, handoff_json(hand->arena, h));
	event(hand->tx, hand->account,
	      &(struct event){ .topic = "escalation", .type = type, .payload = { buf_str(&out) } });
}

/* What everyone hears, and the jobs that carry it further. */
static const struct err *tell(const struct hand *hand, const struct handoff_edge *edge,
			      struct uuid id, struct handoff *ret)
{
	if (edge->to != HANDOFF_OPEN)
		store_handoff_hush(hand->tx, id, names_text(&handoff_states, edge->to));
	if (edge->occasion) {
		store_handoff_tell(hand->tx, id, edge->occasion);
		jobs_enqueue(hand->tx, &(struct new_job){ .kind = JOB_ANNOUNCE,
							  .payload = payload(hand->arena, &id) });
	}
	handoff_read(hand->tx, id, ret);
	TRY(tx_more(hand->tx));
	handoff_watch(hand->tx, hand->arena, ret->row);
	if (edge->occasion)
		put_event(hand, edge, ret);
	return NULL;
}

/* What people wrote stays with the hand-off: the log is kept for long, and read by others. */
static void note_down(const struct hand *hand, const struct handoff_edge *edge, struct uuid id)
{
	struct str what =
		edge->occasion ? str_of(edge->occasion) : names_text(&handoff_states, edge->to);
	const char *action = str_fmt(hand->arena, "handoff.%.*s", STR_ARG(what)).p;
	struct json_text before =
		edge->from == HANDOFF_NONE
			? audit_nothing
			: audit_fact(hand->arena, "state", names_text(&handoff_states, edge->from));
	struct json_text after =
		audit_fact(hand->arena, "state", names_text(&handoff_states, edge->to));

	if (edge->occasion)
		store_handoff_step(hand->tx, id, edge->occasion);
	if (hand->req)
		audit(hand->req, action, "handoff", id, before, after);
	else
		audit_by_clock(hand->tx, action, "handoff", id,
			       audit_fact(hand->arena, "why", str_of(edge->name)));
}

/* ---- beginning ---- */

const struct err *handoff_begin(struct req *r, enum handoff_act act, const struct new_handoff *from,
				struct handoff *ret)
{
	const struct handoff_edge *edge = handoff_edge(act, HANDOFF_NONE);
	struct hand hand = hand_of(r);
	struct uuid id = crypto_uuid7();

	if (!uuid_is_none(from->aside))
		store_handoff_move(r->tx, from->aside, handoff_edge(HANDOFF_RESUME, HANDOFF_PARKED),
				   STR_NONE);
	store_handoff_add(r->tx, id, act, from);
	note_down(&hand, edge, id);
	return tell(&hand, edge, id, ret);
}

void handoff_find(struct req *r)
{
	store_handoff_find(r->tx, r->id[0]);
}

/* ---- who may ---- */

static int hands_of(const struct req *r, const struct handoff_row *row)
{
	struct uuid me = r->who->person;
	enum role role = r->who->row ? (enum role)r->who->row->role : r->who->role;
	bool mine = uuid_eq(row->by, me);

	return (mine ? HAND_ESCALATOR : HAND_COLLEAGUE) |
	       (uuid_eq(row->claimer, me) ? HAND_CLAIMER : 0) |
	       (role == ROLE_TEAM_ADMIN ? HAND_ADMIN : 0) | HAND_OWNER;
}

bool handoff_may(const struct req *r, const struct handoff_row *row, enum handoff_act act)
{
	const struct handoff_edge *edge = handoff_edge(act, (enum handoff_state)row->state);

	return edge && (edge->hands & hands_of(r, row));
}

static const struct err *refuse_claim(struct req *r, const struct handoff_row *row)
{
	if (row->state == HANDOFF_CLAIMED && uuid_eq(row->claimer, r->who->person))
		return ERR_CODE(r->arena, ERR_CONFLICT, "already_claimed",
				"You have taken this over already.");
	if (row->state == HANDOFF_CLAIMED)
		return ERR_CODE(r->arena, ERR_CONFLICT, "already_claimed",
				"%.*s has taken this over already.", STR_ARG(row->claimer_name));
	return ERR_CODE(r->arena, ERR_CONFLICT, "own_handoff",
			"This hand-off is your own. A colleague can take it; you can cancel it.");
}

static const struct err *refuse(struct req *r, const struct handoff_row *row, enum handoff_act act)
{
	static const char *const sentences[] = {
		[HANDOFF_OPEN] = "Nobody has taken this over yet.",
		[HANDOFF_CLAIMED] = "It is in a colleague's hands. It can be released or resolved.",
		[HANDOFF_RESOLVED] = "This hand-off is resolved already.",
		[HANDOFF_CANCELLED] = "This hand-off was cancelled.",
	};
	bool ends = row->state == HANDOFF_RESOLVED || row->state == HANDOFF_CANCELLED;

	if (act == HANDOFF_CLAIM && !ends)
		return refuse_claim(r, row);
	if (!handoff_edge(act, (enum handoff_state)row->state))
		return ERR_CODE(r->arena, ERR_CONFLICT, "handoff_state", "%s",
				sentences[row->state]);
	if (act == HANDOFF_CANCEL)
		return ERR(r->arena, ERR_FORBIDDEN,
			   "Only %.*s, who handed it off, or a team admin may cancel it.",
			   STR_ARG(row->by_name));
	return ERR(r->arena, ERR_FORBIDDEN,
		   "Only %.*s, who has taken it over, or a team admin may do that.",
		   STR_ARG(row->claimer_name));
}

/* ---- moving on ---- */

static const struct err *move(const struct hand *hand, const struct handoff_edge *edge,
			      struct uuid id, struct str word, struct handoff *ret)
{
	store_handoff_move(hand->tx, id, edge, word);
	note_down(hand, edge, id);
	return tell(hand, edge, id, ret);
}

static const struct err *open_one(const struct hand *hand, struct uuid id,
				  const struct handoff_row **ret)
{
	store_handoff_lock(hand->tx, id);
	store_handoff(hand->tx, id, ret);
	return tx_more(hand->tx);
}

const struct err *handoff_do(struct req *r, enum handoff_act act, struct uuid handoff,
			     struct str word, struct handoff *ret)
{
	struct hand hand = hand_of(r);
	const struct handoff_row *row;

	TRY(open_one(&hand, handoff, &row));
	/* A park is known to its session only. */
	if (!row || (row->state >= HANDOFF_PARKED && act != HANDOFF_RESUME))
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such hand-off.");
	if (!handoff_may(r, row, act))
		return refuse(r, row, act);
	return move(&hand, handoff_edge(act, (enum handoff_state)row->state), handoff, word, ret);
}

const struct err *handoff_clock(struct job *j, enum handoff_act act, struct uuid handoff, bool *ret)
{
	struct hand hand = { j->arena, j->tx, j->account, NULL };
	const struct handoff_edge *edge;
	const struct handoff_row *row;
	struct handoff now;

	*ret = false;
	TRY(open_one(&hand, handoff, &row));
	edge = row ? handoff_edge(act, (enum handoff_state)row->state) : NULL;
	if (!edge || !row->watch_at.us)
		return NULL;
	if (row->watch_at.us > clock_now().us) {
		handoff_watch(j->tx, j->arena, row);
		return NULL;
	}
	*ret = true;
	return move(&hand, edge, handoff, STR_NONE, &now);
}

/* Those who were not told while it waited for one of them alone are told now. */
static void to_everybody(const struct hand *hand, struct uuid id)
{
	store_handoff_to_all(hand->tx, id);
	store_handoff_tell(hand->tx, id, handoff_edge(HANDOFF_ESCALATE, HANDOFF_NONE)->occasion);
	jobs_enqueue(hand->tx, &(struct new_job){ .kind = JOB_ANNOUNCE,
						  .payload = payload(hand->arena, &id) });
}

static const struct err *let_go(const struct hand *hand, struct uuid id, struct uuid person)
{
	const struct handoff_row *row;
	struct handoff now;

	TRY(open_one(hand, id, &row));
	if (row && row->state == HANDOFF_OPEN && uuid_eq(row->to, person))
		to_everybody(hand, id);
	if (!row || row->state != HANDOFF_CLAIMED || !uuid_eq(row->claimer, person))
		return NULL;
	return move(hand, handoff_edge(HANDOFF_VACATE, HANDOFF_CLAIMED), id, STR_NONE, &now);
}

const struct err *handoff_vacate(struct job *j, struct uuid person)
{
	struct hand hand = { j->arena, j->tx, j->account, NULL };
	const struct handoff_held *held;
	struct list list;

	store_handoffs_held(j->tx, person, &list);
	TRY(tx_more(j->tx));
	held = list.items;
	for (size_t at = 0; at < list.n; at++)
		TRY(let_go(&hand, held[at].id, person));
	return NULL;
}

void handoff_story(struct tx *tx, struct uuid session, struct list *ret)
{
	store_handoff_story(tx, session, ret);
}

void handoff_read(struct tx *tx, struct uuid handoff, struct handoff *ret)
{
	struct str id = uuid_str(&handoff);

	*ret = (struct handoff){ .row = NULL };
	store_handoff(tx, handoff, &ret->row);
	store_deliveries_of(tx, LIST_OF(&id, 1), &ret->deliveries);
}

const struct err *handoff_fill(struct tx *tx, struct arena *a, struct list rows, struct list *ret)
{
	const struct handoff_row *row = rows.items;
	struct handoff *all = ARENA_ARRAY(a, struct handoff, rows.n + 1);
	struct str *ids = ARENA_ARRAY(a, struct str, rows.n + 1);
	const struct delivery_row *d;
	struct list deliveries;

	*ret = LIST_OF(all, rows.n);
	if (rows.n == 0)
		return NULL;
	for (size_t at = 0; at < rows.n; at++)
		ids[at] = uuid_str(&row[at].id);
	store_deliveries_of(tx, LIST_OF(ids, rows.n), &deliveries);
	TRY(tx_more(tx));
	d = deliveries.items;
	for (size_t at = 0; at < rows.n; at++) {
		all[at] = (struct handoff){ .row = &row[at] };
		for (size_t from = 0; from < deliveries.n; from++) {
			if (!uuid_eq(d[from].handoff, row[at].id))
				continue;
			if (all[at].deliveries.n++ == 0)
				all[at].deliveries.items = &d[from];
		}
	}
	return NULL;
}

bool handoff_reached_nobody(const struct handoff *h)
{
	const struct delivery_row *rows = h->deliveries.items;

	if (h->row->state != HANDOFF_OPEN)
		return false;
	for (size_t at = 0; at < h->deliveries.n; at++)
		if (rows[at].calls && !str_eq(rows[at].status, STR("failed")) &&
		    !str_eq(rows[at].status, STR("skipped")))
			return false;
	return true;
}
