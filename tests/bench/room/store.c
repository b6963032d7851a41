/* The statements of store.sql, and the shapes of their rows. */
#include "kit/db/db.h"
#include "room/room.h"

const struct shape flow_row_shape =
	SHAPE(struct flow_row, F_UUID(struct flow_row, id), F_STR(struct flow_row, name),
	      F_STR(struct flow_row, description), F_STR(struct flow_row, category),
	      F_LIST(struct flow_row, tags, &shape_texts), F_INT(struct flow_row, used),
	      F_TIME(struct flow_row, updated_at));
static const struct shape session_row_shape =
	SHAPE(struct session_row, F_UUID(struct session_row, id), F_STR(struct session_row, ticket),
	      F_STR(struct session_row, flow), F_STR(struct session_row, status),
	      F_INT(struct session_row, step_count), F_TIME(struct session_row, updated_at),
	      F_JSON(struct session_row, node));
const struct shape step_row_shape =
	SHAPE(struct step_row, F_INT(struct step_row, seq), F_STR(struct step_row, question),
	      F_STR(struct step_row, answer), F_STR(struct step_row, note),
	      F_TIME(struct step_row, created_at));
static const struct shape answered_row_shape =
	SHAPE(struct answered_row, F_INT(struct answered_row, seq));

#include "tests/bench/room/store.sql.h"

void store_flows(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_flows, ret);
}

void store_session(struct tx *t, struct uuid session, struct session_row **ret)
{
	tx_one(t, &sql_session, ret, P(session));
}

void store_steps(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_steps, ret, P(session));
}

void store_answer(struct tx *t, struct uuid session, const struct answer_form *form,
		  struct answered_row **ret)
{
	tx_maybe(t, &sql_answer, ret, P(session), P(form->step), P(form->answer), P(form->note));
}
