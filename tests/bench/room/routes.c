/* The three routes that are measured. */
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "people/people.h"
#include "room/room.h"

static const struct err *flows(struct req *r)
{
	struct list rows;

	store_flows(r->tx, &rows);
	TRY(tx_run(r->tx));
	return view_flows(r, rows);
}

static const struct err *session(struct req *r)
{
	struct session_row *row;
	struct list steps;

	store_session(r->tx, r->id[0], &row);
	store_steps(r->tx, r->id[0], &steps);
	TRY(tx_run(r->tx));
	return view_session(r, row, steps);
}

static const struct shape answer_form =
	SHAPE(struct answer_form, F_INT(struct answer_form, step, .max = 1000000),
	      F_STR(struct answer_form, answer, .min = 1, .max = 40),
	      F_STR(struct answer_form, note, .optional = true, .max = 2000, .lines = true));

static const struct err *answer(struct req *r)
{
	struct answered_row *row;

	store_answer(r->tx, r->id[0], r->input, &row);
	TRY(tx_run(r->tx));
	if (!row)
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale_step",
				"This step was answered already.");
	return reply_see_other(r, str_fmt(r->arena, "/bench/sessions/%s", r->id[0].text));
}

const struct route room_routes[] = {
	{ GET, "/bench/flows", .need = PERM_RUN, .run = flows },
	{ GET, "/bench/sessions/:session", .need = PERM_RUN, .run = session },
	{ POST, "/bench/sessions/:session/answer", .need = PERM_RUN, .input = &answer_form,
	  .run = answer, .again = session },
	{ 0 },
};
