/* Filling a session's variables and texts; see acts.h. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"
#include "sessions/inside.h"

/* ---- passwords ---- */

/* A sealed text names its place, so that one copied elsewhere in the table does not open there. */
static struct str place_of(struct arena *a, struct uuid session, struct str name)
{
	return str_fmt(a, "%s/%.*s/", session.text, STR_ARG(name));
}

static struct str seal(struct req *r, struct uuid session, const struct value_change *c)
{
	return settings_seal(r->arena, r->settings, place_of(r->arena, session, c->field->name),
			     c->text);
}

struct opening {
	struct req *req;
	struct uuid session;
	struct buf out;
};

static const struct err *open_one(void *ctx, struct str name, const struct json *sealed)
{
	struct opening *o = ctx;
	struct arena *a = o->req->arena;
	struct str plain =
		settings_open(a, o->req->settings, place_of(a, o->session, name), json_str(sealed));

	if (!plain.p)
		return NULL; /* its key is gone: it is asked for anew */
	buf_putc(&o->out, o->out.n > 1 ? ',' : ' ');
	buf_put_json(&o->out, name);
	buf_putc(&o->out, ':');
	buf_put_json(&o->out, plain);
	return NULL;
}

struct str session_passwords(struct req *r, const struct session_row *row)
{
	struct opening o = { r, row->id, buf_new(r->arena, (size_t)4 << 20) };
	const struct json *sealed;
	const struct err *e = json_parse(r->arena, row->secrets.s, &json_default_limits, &sealed);

	buf_putc(&o.out, '{');
	if (!e)
		e = json_each(sealed, open_one, &o);
	buf_putc(&o.out, '}');
	return e ? STR("{}") : buf_str(&o.out);
}

/* ---- variables ---- */

struct taking {
	struct req *req;
	const struct flow_doc *doc;
	const char *prefix;
	struct value_changes *changes;
};

static void complain(struct taking *t, struct str name, const char *problem)
{
	input_problem(t->req, str_fmt(t->req->arena, "%s%.*s", t->prefix, STR_ARG(name)),
		      str_of(problem));
}

static const struct err *take_json(void *ctx, struct str name, const struct json *j)
{
	struct taking *t = ctx;
	const struct flow_field *f = flow_field_of(t->doc, name);
	const char *problem = "There is no such field in this flow.";

	if (f)
		problem = value_take(t->req->arena, f, j, &t->changes->items[t->changes->n++]);
	if (problem)
		complain(t, name, problem);
	return NULL;
}

const struct err *values_from_json(struct req *r, const struct flow_doc *d, const struct json *j,
				   struct value_changes *ret)
{
	struct taking t = { r, d, "variables.", ret };

	*ret = (struct value_changes){
		ARENA_ARRAY(r->arena, struct value_change, json_length(j) + 1), 0
	};
	if (json_type(j) != JSON_OBJECT)
		return input_refuse(r, "variables", "An object of names and values is needed.");
	TRY(json_each(j, take_json, &t));
	return input_judge(r);
}

const struct err *values_from_form(struct req *r, const struct flow_doc *d,
				   struct value_changes *ret)
{
	struct taking t = { r, d, "v.", ret };

	*ret = (struct value_changes){ ARENA_ARRAY(r->arena, struct value_change, d->intake.n + 1),
				       0 };
	for (size_t at = 0; at < d->intake.n; at++) {
		const struct flow_field *f = &flow_fields(d)[at];
		struct str typed = form_value(r, str_fmt(r->arena, "v.%.*s", STR_ARG(f->name)));
		const char *problem;

		if (!typed.p)
			continue;
		problem = value_take_text(r->arena, f, typed, &ret->items[ret->n++]);
		if (problem)
			complain(&t, f->name, problem);
	}
	return input_judge(r);
}

static bool changes_something(const struct session *s, const struct value_change *c)
{
	const struct value *is = values_find(&s->values, c->field->name);

	if (!is || c->field->kind == KIND_PASSWORD)
		return is == NULL || c->json.p || is->filled;
	return !str_eq(is->json, c->json) || (is->json.p == NULL) != (c->json.p == NULL);
}

void session_fill(struct req *r, const struct session *s, const struct value_changes *changes)
{
	struct buf filled = buf_new(r->arena, (size_t)4 << 20);
	struct str *cleared = ARENA_ARRAY(r->arena, struct str, changes->n + 1);
	size_t nfilled = 0, ncleared = 0;

	buf_putc(&filled, '{');
	for (size_t at = 0; at < changes->n; at++) {
		const struct value_change *c = &changes->items[at];
		bool secret = c->field->kind == KIND_PASSWORD;

		if (!changes_something(s, c))
			continue;
		if (!c->json.p) {
			cleared[ncleared++] = c->field->name;
			continue;
		}
		buf_put(&filled, nfilled++ ? STR(",") : STR(""));
		buf_put_json(&filled, c->field->name);
		buf_putc(&filled, ':');
		buf_put(&filled, secret ? STR("null") : c->json);
		if (secret)
			store_secret_keep(r->tx, s->row->id, c->field->name,
					  seal(r, s->row->id, c));
	}
	buf_putc(&filled, '}');
	if (ncleared)
		store_secrets_drop(r->tx, s->row->id, LIST_OF(cleared, ncleared));
	if (nfilled || ncleared)
		store_session_fill(r->tx, s->row->id, buf_str(&filled), LIST_OF(cleared, ncleared));
}

/* ---- texts ---- */

const struct err *session_write(struct req *r, const struct session *s,
				const struct session_texts *texts)
{
	const struct session_row *row = s->row;
	bool scratch = texts->scratchpad.p && !str_eq(texts->scratchpad, row->scratchpad);

	if (scratch && texts->scratch_n >= 0 && texts->scratch_n != row->scratch_n)
		return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
				"The scratchpad was changed in another window. Both are shown: "
				"put them together, then save again.");
	if (!scratch && (!texts->ticket.p || str_eq(texts->ticket, row->ticket)) &&
	    (!texts->client.p || str_eq(texts->client, row->client)))
		return NULL;
	store_session_texts(r->tx, row->id, texts->scratchpad, texts->ticket, texts->client);
	/* Whoever is told of it in the same breath reads what it now says. */
	s->row->ticket = texts->ticket.p ? texts->ticket : row->ticket;
	s->row->client = texts->client.p ? texts->client : row->client;
	return NULL;
}
