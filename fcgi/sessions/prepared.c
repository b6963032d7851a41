/* The page of a session that is prepared: what is filled, for whom, and how old it is. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

/* ---- words that several pages use ---- */

struct str session_for(struct req *r, struct str ticket, struct str client)
{
	if (!ticket.n)
		return client;
	return str_fmt(r->arena, "%.*s%sticket %.*s", STR_ARG(client), client.n ? ", " : "",
		       STR_ARG(ticket));
}

bool session_is_stale(struct instant prepared_at)
{
	return clock_now().us - prepared_at.us > STALE_DAYS * 86400 * CLOCK_SECOND;
}

/* ---- the page ---- */

struct value_line {
	struct str label, text;
	bool filled, secret, required;
};

static const struct shape value_line_shape =
	SHAPE(struct value_line, F_STR(struct value_line, label), F_STR(struct value_line, text),
	      F_BOOL(struct value_line, filled), F_BOOL(struct value_line, secret),
	      F_BOOL(struct value_line, required));

struct prepared_page {
	struct uuid id, flow;
	struct str name, preparer, assignee, ticket, client, created_ago, created, state;
	int64_t version, newest;
	struct instant created_at;
	bool stale, outdated, retired, mine, starts, prepares, ends;
	struct list values;
	struct str once_start, once_anew, once_end; /* each form its own */
};

#define P_ struct prepared_page
static const struct shape prepared_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_UUID(P_, flow), F_STR(P_, name), F_STR(P_, preparer),
	      F_STR(P_, assignee), F_STR(P_, ticket), F_STR(P_, client), F_STR(P_, created_ago),
	      F_STR(P_, created), F_STR(P_, state), F_INT(P_, version), F_INT(P_, newest),
	      F_TIME(P_, created_at), F_BOOL(P_, stale), F_BOOL(P_, outdated), F_BOOL(P_, retired),
	      F_BOOL(P_, mine), F_BOOL(P_, starts), F_BOOL(P_, prepares), F_BOOL(P_, ends),
	      F_LIST(P_, values, &value_line_shape), F_STR(P_, once_start), F_STR(P_, once_anew),
	      F_STR(P_, once_end));
#undef P_
const struct view prepared_view = { "sessions/prepared", &prepared_page_shape };

static struct list value_lines(struct req *r, const struct values *values)
{
	struct value_line *lines = ARENA_ARRAY(r->arena, struct value_line, values->n + 1);

	for (size_t at = 0; at < values->n; at++) {
		const struct value *v = &values->items[at];
		const struct flow_field *f = v->field;
		bool secret = f->kind == KIND_PASSWORD;

		lines[at] = (struct value_line){
			.label = f->label.n ? f->label : f->name,
			.text = secret ? STR_NONE : v->text,
			.filled = v->filled,
			.secret = secret,
			.required = f->required,
		};
	}
	return LIST_OF(lines, values->n);
}

/* "3 of 10 filled in" */
static struct str state_of(struct req *r, const struct values *values)
{
	size_t empty = values_unfilled(values, false);

	if (values->n == 0)
		return STR_NONE;
	return empty ? str_fmt(r->arena, "%zu of %zu filled in", values->n - empty, values->n)
		     : STR("All filled in");
}

const struct err *prepared_show(struct req *r, const struct session *s)
{
	const struct session_row *row = s->row;
	const struct prepared_page page = {
		.id = row->id,
		.flow = row->flow,
		.name = row->flow_name,
		.preparer = row->preparer_name,
		.assignee = row->assignee_name,
		.mine = uuid_eq(row->assignee, r->who->person),
		.ticket = row->ticket,
		.client = row->client,
		.created_at = row->created_at,
		.created_ago = clock_ago(r->arena, row->created_at),
		.created = clock_words(r->arena, row->created_at),
		.version = row->version,
		.newest = row->newest,
		.stale = session_is_stale(row->created_at),
		.outdated = row->version < row->newest,
		.retired = row->retired,
		.starts = row->starts,
		.prepares = row->prepares,
		.ends = row->ends,
		.values = value_lines(r, &s->values),
		.state = state_of(r, &s->values),
		.once_start = crypto_token(r->arena),
		.once_anew = crypto_token(r->arena),
		.once_end = crypto_token(r->arena),
	};

	return reply_page(r, &prepared_view, &page);
}
