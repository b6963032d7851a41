/* The handoffs room's statements; see store.h and store.sql. */
#include "handoffs/store.h"

const struct names handoff_priorities = NAMES("low", "normal", "high", "urgent");
const struct names handoff_priority_words = NAMES("Low", "Normal", "High", "Urgent");

#define R struct handoff_row
static const struct shape handoff_row_shape = SHAPE(
	R, F_UUID(R, id), F_UUID(R, session), F_STR(R, intent), F_ENUM(R, state, &handoff_states),
	F_STR(R, reason), F_STR(R, tried), F_ENUM(R, priority, &handoff_priorities, .null = true),
	F_UUID(R, by), F_STR(R, by_name), F_UUID(R, to, .null = true),
	F_STR(R, to_name, .null = true), F_UUID(R, claimer, .null = true),
	F_STR(R, claimer_name, .null = true), F_TIME(R, created_at),
	F_TIME(R, claimed_at, .null = true), F_TIME(R, ended_at, .null = true),
	F_TIME(R, due_at, .null = true), F_TIME(R, overdue_at, .null = true),
	F_TIME(R, wake_at, .null = true), F_STR(R, resolution), F_UUID(R, flow), F_INT(R, version),
	F_STR(R, flow_name), F_JSON(R, intake), F_JSON(R, variables), F_STR(R, client),
	F_STR(R, ticket), F_INT(R, visit), F_STR(R, step), F_TIME(R, watch_at, .null = true));
#undef R

#define D struct delivery_row
static const struct shape delivery_row_shape =
	SHAPE(D, F_UUID(D, handoff), F_UUID(D, id), F_STR(D, occasion), F_STR(D, channel),
	      F_STR(D, recipient), F_STR(D, status), F_INT(D, attempts),
	      F_STR(D, last_error, .null = true), F_TIME(D, sent_at, .null = true),
	      F_TIME(D, created_at), F_TIME(D, not_before, .null = true), F_BOOL(D, calls));
#undef D

const struct names handoff_happenings =
	NAMES("Handed off", "Taken over", "Given back", "Resolved", "Withdrawn");
static const struct names happenings =
	NAMES("created", "claimed", "released", "resolved", "cancelled");
#define E struct handoff_event
static const struct shape handoff_event_shape =
	SHAPE(E, F_TIME(E, at), F_ENUM(E, what, &happenings), F_STR(E, who, .null = true),
	      F_STR(E, word));
#undef E
static const struct shape handoffs_count_shape =
	SHAPE(struct handoffs_count, F_INT(struct handoffs_count, n));

static const struct shape handoff_held_shape =
	SHAPE(struct handoff_held, F_UUID(struct handoff_held, id),
	      F_ENUM(struct handoff_held, state, &handoff_states));

#include "fcgi/handoffs/store.sql.h"

static const struct names whose_names = NAMES("", "others", "taken", "handed");
static const struct names first_names = NAMES("newest", "urgent", "ended");

void handoff_list(struct tx *tx, const struct handoff_wish *wish, struct list *ret)
{
	tx_list(tx, &sql_handoffs, ret, P(wish->states), P(names_text(&whose_names, wish->whose)),
		P(names_text(&first_names, wish->first)), P(wish->most), P(wish->skip));
}

void handoff_count(struct tx *tx, const struct handoff_wish *wish, int64_t most,
		   struct handoffs_count **ret)
{
	tx_one(tx, &sql_handoffs_count, ret, P(wish->states),
	       P(names_text(&whose_names, wish->whose)), P(most));
}

void store_deliveries_of(struct tx *t, struct list handoffs, struct list *ret)
{
	tx_list(t, &sql_deliveries_of, ret, P(handoffs));
}

void store_handoff_lock(struct tx *t, struct uuid handoff)
{
	tx_exec(t, &sql_handoff_lock, P(handoff));
}

void store_handoff_find(struct tx *t, struct uuid handoff)
{
	tx_exec(t, &sql_handoff_find, P(handoff));
}

void store_handoff(struct tx *t, struct uuid handoff, const struct handoff_row **ret)
{
	tx_maybe(t, &sql_handoff, ret, P(handoff));
}

void store_handoff_story(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_handoff_story, ret, P(session));
}

void store_handoffs_held(struct tx *t, struct uuid person, struct list *ret)
{
	tx_list(t, &sql_handoffs_held, ret, P(person));
}

void store_handoff_to_all(struct tx *t, struct uuid handoff)
{
	tx_exec(t, &sql_handoff_to_all, P(handoff));
}

void store_handoff_step(struct tx *t, struct uuid handoff, const char *what)
{
	if (names_find(&happenings, str_of(what), &(int){ 0 }))
		tx_exec(t, &sql_handoff_step, P(handoff), P(str_of(what)));
}

void store_handoff_add(struct tx *t, struct uuid id, enum handoff_act act,
		       const struct new_handoff *from)
{
	bool park = act == HANDOFF_PARK;
	struct str state = names_text(&handoff_states, handoff_edge(act, HANDOFF_NONE)->to);
	struct str priority = park ? STR_NONE : names_text(&handoff_priorities, from->priority);

	tx_exec(t, &sql_handoff_add, P(id), P(from->session),
		P(park ? STR("park") : STR("escalate")), P(state),
		P(from->reason.p ? from->reason : STR("")),
		P(from->tried.p ? from->tried : STR("")), P(priority), P(from->to), P(from->wake));
}

void store_handoff_move(struct tx *t, struct uuid handoff, const struct handoff_edge *edge,
			struct str word)
{
	tx_must(t, &sql_handoff_move, P(handoff), P(names_text(&handoff_states, edge->from)),
		P(names_text(&handoff_states, edge->to)), P(word), P(edge->returns));
}

void store_handoff_tell(struct tx *t, struct uuid handoff, const char *occasion)
{
	tx_exec(t, &sql_handoff_tell, P(handoff), P(str_of(occasion)));
}

void store_handoff_hush(struct tx *t, struct uuid handoff, struct str why)
{
	tx_exec(t, &sql_handoff_hush, P(handoff), P(why));
}
