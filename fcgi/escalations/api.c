/* The API of hand-offs: handing off, and what becomes of it. */
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/http/page.h"
#include "people/people.h"
#include "sessions/acts.h"
#include "sessions/session_json.h"

/* ---- handing off ---- */

struct handoff_input {
	int intent;
	struct str reason, tried;
	int priority;
	struct uuid assigned_to_id;
	struct instant park_until;
};

enum { INTENT_ESCALATE, INTENT_PARK };
static const struct names intents = NAMES("escalate", "park");

#define I struct handoff_input
static const struct shape handoff_input = SHAPE(
	I, F_ENUM(I, intent, &intents),
	F_STR(I, reason, .optional = true, .null = true, .lines = true, .any = true, .max = 4000),
	F_STR(I, tried, .optional = true, .null = true, .lines = true, .any = true, .max = 20000),
	F_ENUM(I, priority, &handoff_priorities, .optional = true, .null = true),
	F_UUID(I, assigned_to_id, .optional = true, .null = true),
	F_TIME(I, park_until, .optional = true, .null = true));
#undef I

static const struct err *reply_handoff(struct req *r, const struct handoff *h)
{
	return reply_json(r, r->route->output, handoff_json(r->arena, h));
}

static const struct err *hand_off(struct req *r)
{
	const struct handoff_input *in = r->input;
	struct new_handoff from = { .reason = in->reason,
				    .tried = in->tried,
				    .priority = input_given(r, "priority") ? in->priority
									   : PRIORITY_NORMAL,
				    .to = in->assigned_to_id };
	const struct err *e;
	struct handoff h;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	e = in->intent == INTENT_PARK ? session_park(r, &s, in->reason, in->park_until, &h)
				      : session_escalate(r, &s, from, &h);
	TRY(session_conflict(r, &s, e));
	TRY(tx_run(r->tx));
	return reply_handoff(r, &h);
}

/* ---- what becomes of it ---- */

struct word_input {
	struct str resolution;
	int session;
};

/* Whose the session then is: it stays with whoever solved it, or returns. */
enum { SESSION_KEEP, SESSION_BACK };
static const struct names sessions = NAMES("keep", "back");

#define W struct word_input
static const struct shape word_input =
	SHAPE(W,
	      F_STR(W, resolution, .optional = true, .null = true, .lines = true, .any = true,
		    .max = 20000),
	      F_ENUM(W, session, &sessions, .optional = true, .null = true));
#undef W

static const struct err *move_on(struct req *r, enum handoff_act act, struct str word)
{
	struct handoff h;

	TRY(handoff_do(r, act, r->id[0], word, &h));
	TRY(tx_run(r->tx));
	return reply_handoff(r, &h);
}

static const struct err *claim(struct req *r)
{
	return move_on(r, HANDOFF_CLAIM, STR_NONE);
}

static const struct err *release(struct req *r)
{
	return move_on(r, HANDOFF_RELEASE, STR_NONE);
}

static const struct err *resolve(struct req *r)
{
	const struct word_input *in = r->input;
	bool back = input_given(r, "session") && in->session == SESSION_BACK;

	return move_on(r, back ? HANDOFF_RETURN : HANDOFF_RESOLVE, in->resolution);
}

static const struct err *cancel(struct req *r)
{
	return move_on(r, HANDOFF_CANCEL, STR_NONE);
}

/* ---- one of them ---- */

struct case_json {
	union {
		struct {
			HANDOFF_MEMBERS
		};
		struct handoff_json handoff;
	};
	const struct session_json *session;
	struct list left, unfilled;
};

#define C struct case_json
static const struct shape left_shape =
	SHAPE_WITH(struct case_left, (.label = "StillToTry"), F_STR(struct case_left, kind),
		   F_STR(struct case_left, id), F_STR(struct case_left, title));
static const struct shape case_shape =
	SHAPE_WITH(C, (.label = "HandoffCase"), HANDOFF_FIELDS(C),
		   F_REF(C, session, struct session_json, &session_item_shape, .null = true),
		   F_LIST(C, left, &left_shape), F_LIST(C, unfilled, &shape_texts));
#undef C

/* The case only for whoever may see the session. */
static const struct err *get(struct req *r)
{
	struct session_json *session = ARENA_NEW(r->arena, struct session_json);
	struct case_json ret = { .session = NULL };
	struct handoff h;
	struct session s;

	TRY(escalation_read(r, &h));
	TRY(session_read(r, h.row->session, &s));
	ret.handoff = *handoff_json(r->arena, &h);
	if (s.row->sees) {
		*session = session_json(r->arena, &s);
		ret.session = session;
		ret.left = case_left(r, &s);
		ret.unfilled = session->unfilled;
	}
	return reply_json(r, r->route->output, &ret);
}

/* ---- the list ---- */

struct list_query {
	int64_t page, per_page;
	int status;
};

#define Q struct list_query
static const struct names listed_states = NAMES("open", "claimed", "resolved", "cancelled");
static const struct shape list_query =
	SHAPE(Q, F_PAGE(Q), F_ENUM(Q, status, &listed_states, .optional = true));
#undef Q

static struct list states_of(struct req *r, const struct list_query *q)
{
	bool one = input_given(r, "status");
	struct str *states = ARENA_ARRAY(r->arena, struct str, listed_states.n);
	size_t n = 0;

	for (int at = 0; at < (int)listed_states.n; at++)
		if (!one || at == q->status)
			states[n++] = names_text(&listed_states, at);
	return LIST_OF(states, n);
}

static const struct err *list(struct req *r)
{
	const struct list_query *q = r->input;
	struct page page = page_of(q->page, q->per_page);
	struct handoff_wish wish = { .states = states_of(r, q),
				     .most = page.size,
				     .skip = page_skip(page) };
	struct handoffs_count *count;
	struct list rows, handoffs;
	struct page_json answer;

	handoff_list(r->tx, &wish, &rows);
	handoff_count(r->tx, &wish, PAGE_TOTAL_MAX, &count);
	TRY(tx_more(r->tx));
	TRY(handoff_fill(r->tx, r->arena, rows, &handoffs));
	TRY(tx_run(r->tx));
	answer = page_json(r, page, handoff_items(r, handoffs), count->n);
	return reply_json(r, r->route->output, &answer);
}

static const struct shape list_shape = SHAPE_PAGE(&handoff_item_shape);

#define HANDOFF "/api/v1/escalations/:handoff"
#define BEGIN                                                                                      \
	.need = PERM_RUN, .find = session_find, .input = &handoff_input, .run = hand_off,          \
	.output = &handoff_json_shape, .status = 201, .once = true,                                \
	.about = "Hand a session to colleagues, or park it for oneself"
#define MOVE .need = PERM_QUEUE, .output = &handoff_json_shape, .once = true

const struct route escalations_api[] = {
	{ POST, "/api/v1/sessions/:session/handoff", BEGIN },
	{ POST, "/api/v1/ai-sessions/:session/handoff", BEGIN },
	{ GET, "/api/v1/escalations", .need = PERM_QUEUE, .input = &list_query, .run = list,
	  .output = &list_shape, .about = "Hand-offs, newest first" },
	{ GET, HANDOFF, .need = PERM_QUEUE, .run = get, .output = &case_shape,
	  .about = "One hand-off with its case: what is left to try, and how it was told to whom" },
	{ POST, HANDOFF "/claim", MOVE, .run = claim,
	  .about = "Take it over; exactly one of any number wins" },
	{ POST, HANDOFF "/release", MOVE, .run = release, .about = "Give it back to wait anew" },
	{ POST, HANDOFF "/resolve", MOVE, .find = handoff_find, .run = resolve,
	  .input = &word_input, .about = "Close it, with a word on what it was" },
	{ POST, HANDOFF "/cancel", MOVE, .run = cancel, .about = "Withdraw it" },
	{ 0 },
};
