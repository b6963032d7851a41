/* Starting a session by a form: on a flow, and one that was prepared. */
#include <string.h>

#include "flows/flows.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "people/people.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

static const struct err *to_step_one(struct req *r, struct uuid session)
{
	return reply_see_other(r, str_fmt(r->arena, "/sessions/%s/steps/1", session.text));
}

/* ---- on a flow ---- */

struct start_form {
	struct uuid flow;
	struct str ticket, client;
};

static const struct shape start_form =
	SHAPE(struct start_form, F_UUID(struct start_form, flow, .label = "The flow"),
	      F_STR(struct start_form, ticket, .optional = true, .max = 120, .label = "Ticket"),
	      F_STR(struct start_form, client, .optional = true, .max = 200, .label = "Client"));

static const struct err *start_flow(struct req *r)
{
	const struct start_form *in = r->input;
	struct session_making making = {
		.flow = in->flow, .ticket = in->ticket, .client = in->client, .starts = true
	};
	struct uuid id;

	TRY(session_make(r, &making, &id));
	TRY(tx_run(r->tx));
	return to_step_one(r, id);
}

static const struct err *flow_again(struct req *r)
{
	struct uuid flow;

	if (!uuid_parse(form_value(r, STR("flow")), &flow))
		return ERR(r->arena, ERR_INVALID, "Start from the page of a flow.");
	return flow_show_again(r, flow);
}

/* ---- a prepared one ---- */

struct taken_page {
	struct uuid id;
	struct str name, owner, started_ago;
	struct instant started_at;
};

static const struct shape taken_shape =
	SHAPE(struct taken_page, F_UUID(struct taken_page, id), F_STR(struct taken_page, name),
	      F_STR(struct taken_page, owner), F_STR(struct taken_page, started_ago),
	      F_TIME(struct taken_page, started_at));
const struct view taken_view = { "sessions/taken", &taken_shape };

/* Whoever came second reads who was first. */
static const struct err *show_taken(struct req *r, const struct session *s)
{
	const struct taken_page page = {
		.id = s->row->id,
		.name = s->row->flow_name,
		.owner = s->row->owner_name,
		.started_at = s->row->started_at,
		.started_ago = clock_ago(r->arena, s->row->started_at),
	};

	TRY(tx_run(r->tx));
	TRY(reply_page(r, &taken_view, &page));
	r->reply.status = 409;
	return NULL;
}

static const struct err *start_prepared(struct req *r)
{
	const struct err *e;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	e = session_start(r, &s);
	if (e && strcmp(err_code(e), "already_started") == 0) {
		if (!s.row->runs)
			return show_taken(r, &s);
		TRY(tx_run(r->tx));
		return reply_see_other(r, session_url(r, r->id[0])); /* in another tab */
	}
	TRY(e);
	TRY(tx_run(r->tx));
	return to_step_one(r, r->id[0]);
}

const struct route begin_routes[] = {
	{ POST, "/sessions/start", .need = PERM_RUN, .input = &start_form, .run = start_flow,
	  .again = flow_again, .once = true },
	{ POST, "/sessions/:session/start", .need = PERM_RUN, .run = start_prepared, .once = true },
	{ 0 },
};
