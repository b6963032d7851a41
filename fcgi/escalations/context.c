/*
 * The page of a hand-off: for whoever may take it over the whole case on one screen, for the one
 * who asked how it stands and who was told.
 */
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "escalations/store.h"
#include "escalations/deliveries.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "people/people.h"

struct value_line {
	struct str label, text;
	bool secret;
};

struct context_page {
	struct session_head session;
	struct uuid id;
	struct str reason, tried, priority, tone, by, to, claimer, resolution;
	struct instant created_at, claimed_at, ended_at;
	struct str created_ago, claimed_ago, ended_ago;
	bool open, claimed, resolved, cancelled, overdue;
	bool mine, has_it; /* whoever asks: handed it off, has taken it over */
	bool claims, cancels, releases, resolves; /* what they may do now */
	bool shown;                               /* they may see the session */
	struct str step, section;                 /* where it stands */
	bool ends;                                /* that is an end of the flow */
	struct list left, way, back, values;
	int64_t turned_back;
	struct str unfilled, scratchpad;
	struct list told;
	bool tells, nobody;
	struct str once;
};

static const struct shape value_line_shape =
	SHAPE(struct value_line, F_STR(struct value_line, label), F_STR(struct value_line, text),
	      F_BOOL(struct value_line, secret));
static const struct shape left_shape = SHAPE(struct case_left, F_STR(struct case_left, title));
#define P_ struct context_page
static const struct shape context_page_shape =
	SHAPE(P_, F_OBJECT(P_, session, struct session_head, &session_head_shape), F_UUID(P_, id),
	      F_STR(P_, reason), F_STR(P_, tried), F_STR(P_, priority), F_STR(P_, tone),
	      F_STR(P_, by), F_STR(P_, to), F_STR(P_, claimer), F_STR(P_, resolution),
	      F_TIME(P_, created_at), F_TIME(P_, claimed_at), F_TIME(P_, ended_at),
	      F_STR(P_, created_ago), F_STR(P_, claimed_ago), F_STR(P_, ended_ago),
	      F_BOOL(P_, open), F_BOOL(P_, claimed), F_BOOL(P_, resolved), F_BOOL(P_, cancelled),
	      F_BOOL(P_, overdue), F_BOOL(P_, mine), F_BOOL(P_, has_it), F_BOOL(P_, claims),
	      F_BOOL(P_, cancels), F_BOOL(P_, releases), F_BOOL(P_, resolves), F_BOOL(P_, shown),
	      F_STR(P_, step), F_STR(P_, section), F_BOOL(P_, ends), F_LIST(P_, left, &left_shape),
	      F_LIST(P_, way, &way_line_shape), F_LIST(P_, back, &way_line_shape),
	      F_LIST(P_, values, &value_line_shape), F_INT(P_, turned_back), F_STR(P_, unfilled),
	      F_STR(P_, scratchpad), F_LIST(P_, told, &delivery_line_shape), F_BOOL(P_, tells),
	      F_BOOL(P_, nobody), F_STR(P_, once));
#undef P_
const struct view context_view = { "escalations/context", &context_page_shape };

/* ---- the hand-off ---- */

static bool has_it(const struct req *r, const struct handoff_row *row)
{
	return row->state == HANDOFF_CLAIMED && uuid_eq(row->claimer, r->who->person);
}

static void fill_handoff(struct req *r, const struct handoff *h, struct context_page *page)
{
	const struct handoff_row *row = h->row;

	page->id = row->id;
	page->reason = row->reason;
	page->tried = row->tried;
	page->priority = names_text(&handoff_priority_words, row->priority);
	page->tone = priority_tone(row->priority);
	page->by = row->by_name;
	page->to = row->to_name;
	page->claimer = row->claimer_name;
	page->resolution = row->resolution;
	page->created_at = row->created_at;
	page->claimed_at = row->claimed_at;
	page->ended_at = row->ended_at;
	page->created_ago = clock_ago(r->arena, row->created_at);
	page->claimed_ago = clock_ago(r->arena, row->claimed_at);
	page->ended_ago = clock_ago(r->arena, row->ended_at);
	page->open = row->state == HANDOFF_OPEN;
	page->claimed = row->state == HANDOFF_CLAIMED;
	page->resolved = row->state == HANDOFF_RESOLVED;
	page->cancelled = row->state == HANDOFF_CANCELLED;
	page->overdue = page->open && row->overdue_at.us != 0;
}

static void fill_rights(struct req *r, const struct handoff *h, struct context_page *page)
{
	const struct handoff_row *row = h->row;

	page->mine = uuid_eq(row->by, r->who->person);
	page->has_it = has_it(r, row);
	page->claims = handoff_may(r, row, HANDOFF_CLAIM);
	page->cancels = handoff_may(r, row, HANDOFF_CANCEL);
	page->releases = handoff_may(r, row, HANDOFF_RELEASE);
	page->resolves = handoff_may(r, row, HANDOFF_RESOLVE);
	page->tells = page->mine || r->who->row->role == ROLE_TEAM_ADMIN;
	page->told = delivery_lines(r, h);
	page->nobody = handoff_reached_nobody(h);
	page->once = crypto_token(r->arena);
}

/* ---- the case ---- */

/* What was gone back on stands by itself. */
static void fill_way(struct req *r, const struct session *s, struct context_page *page)
{
	struct list all = session_way(r, s, WAY_RECORD);
	const struct way_line *lines = all.items;
	struct way_line *way = ARENA_ARRAY(r->arena, struct way_line, all.n + 1);
	struct way_line *back = ARENA_ARRAY(r->arena, struct way_line, all.n + 1);
	size_t n = 0, turned = 0;

	for (size_t at = 0; at < all.n; at++)
		if (lines[at].reverted)
			back[turned++] = lines[at];
		else
			way[n++] = lines[at];
	page->way = LIST_OF(way, n);
	page->back = LIST_OF(back, turned);
	page->turned_back = (int64_t)turned;
}

static void fill_left(struct req *r, const struct session *s, struct context_page *page)
{
	struct prompts prompts = prompts_new(r->arena, &s->values);

	page->ends = !s->node || s->node->kind == FLOW_ANSWER;
	if (!s->node)
		return;
	page->step = prompts_line(&prompts, s->here->title);
	page->section = s->here->section;
	page->left = case_left(r, s);
}

/* What is filled, where a password is nobody's to read here; and the names of the rest. */
static void fill_values(struct req *r, const struct session *s, struct context_page *page)
{
	struct value_line *lines = ARENA_ARRAY(r->arena, struct value_line, s->values.n + 1);
	struct buf unfilled = buf_new(r->arena, (size_t)1 << 20);
	size_t n = 0;

	for (size_t at = 0; at < s->values.n; at++) {
		const struct value *v = &s->values.items[at];
		struct str label = v->field->label.n ? v->field->label : v->field->name;
		bool secret = v->field->kind == KIND_PASSWORD;

		if (v->filled)
			lines[n++] =
				(struct value_line){ label, secret ? STR_NONE : v->text, secret };
		else
			buf_printf(&unfilled, "%s%.*s", unfilled.n ? ", " : "", STR_ARG(label));
	}
	page->values = LIST_OF(lines, n);
	page->unfilled = buf_str(&unfilled);
}

static void fill_case(struct req *r, const struct session *s, const struct handed_row *handed,
		      struct context_page *page)
{
	page->session = session_head(r, s);
	page->shown = s->row->sees;
	if (!page->shown)
		return;
	fill_way(r, s, page);
	fill_left(r, s, page);
	fill_values(r, s, page);
	if (handed)
		page->scratchpad = handed->scratchpad;
}

static const struct err *context_show(struct req *r)
{
	struct context_page page = { .shown = false };
	struct handed_row *handed;
	struct handoff h;
	struct session s;

	store_handed(r->tx, r->id[0], &handed);
	TRY(escalation_read(r, &h));
	TRY(session_read(r, h.row->session, &s));
	fill_handoff(r, &h, &page);
	fill_rights(r, &h, &page);
	fill_case(r, &s, handed, &page);
	return reply_page(r, &context_view, &page);
}

/* ---- taking it over ---- */

struct late_page {
	struct uuid id, next, session; /* session: it is theirs already */
	struct str flow, why, by, claimer, ago, typed;
	struct instant at;
	bool claimed, resolved, cancelled;
};

#define L struct late_page
static const struct shape late_page_shape =
	SHAPE(L, F_UUID(L, id), F_UUID(L, next), F_UUID(L, session), F_STR(L, flow), F_STR(L, why),
	      F_STR(L, by), F_STR(L, claimer), F_STR(L, ago), F_STR(L, typed), F_TIME(L, at),
	      F_BOOL(L, claimed), F_BOOL(L, resolved), F_BOOL(L, cancelled));
#undef L
const struct view late_view = { "escalations/late", &late_page_shape };

const struct err *escalation_late(struct req *r)
{
	static const struct str open = STR_INIT("open");
	const struct handoff_wish next = {
		.states = LIST_OF(&open, 1), .whose = WHOSE_OTHERS, .first = FIRST_URGENT, .most = 1
	};
	const struct handoff_row *row;
	struct late_page page;
	struct list waiting;
	struct handoff h;

	handoff_list(r->tx, &next, &waiting);
	TRY(escalation_read(r, &h));
	TRY(tx_run(r->tx));
	row = h.row;
	page = (struct late_page){
		.id = row->id,
		.flow = row->flow_name,
		.why = r->nproblems ? r->problems[0].message : STR_NONE,
		.typed = str_trim(form_value(r, STR("resolution"))),
		.by = row->by_name,
		.claimer = row->claimer_name,
		.at = row->ended_at.us ? row->ended_at : row->claimed_at,
		.claimed = row->state == HANDOFF_CLAIMED,
		.resolved = row->state == HANDOFF_RESOLVED,
		.cancelled = row->state == HANDOFF_CANCELLED,
	};
	if (has_it(r, row))
		page.session = row->session;
	if (waiting.n)
		page.next = ((const struct handoff_row *)waiting.items)->id;
	page.ago = clock_ago(r->arena, page.at);
	return reply_page(r, &late_view, &page);
}

/* Pressed again by whoever has it, in another tab or after going back, it leads to the session. */
static const struct err *claim(struct req *r)
{
	struct handoff h;
	const struct err *e = handoff_do(r, HANDOFF_CLAIM, r->id[0], STR_NONE, &h);

	if (!e)
		people_flash(r, "It is yours. Go on where it stands.");
	else if (e->kind != ERR_CONFLICT || escalation_read(r, &h) || !has_it(r, h.row))
		return e;
	TRY(tx_run(r->tx));
	return reply_see_other(r, session_url(r, h.row->session));
}

/* Whoever handed it off goes on at the very step. */
static const struct err *cancel(struct req *r)
{
	struct handoff h;

	TRY(handoff_do(r, HANDOFF_CANCEL, r->id[0], STR_NONE, &h));
	TRY(tx_run(r->tx));
	people_flash(r, "Withdrawn. Nobody is asked any more.");
	return reply_see_other(r, uuid_eq(h.row->by, r->who->person)
					  ? session_url(r, h.row->session)
					  : escalation_url(r, h.row->id));
}

#define HANDOFF "/escalations/:handoff"

const struct route context_routes[] = {
	{ GET, HANDOFF, .need = PERM_QUEUE, .run = context_show },
	{ POST, HANDOFF "/claim", .need = PERM_QUEUE, .run = claim, .again = escalation_late,
	  .once = true },
	{ POST, HANDOFF "/cancel", .need = PERM_QUEUE, .run = cancel, .again = escalation_late,
	  .once = true },
	{ 0 },
};
