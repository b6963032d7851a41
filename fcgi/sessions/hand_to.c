/* Somebody's sessions under way given to another, by a team admin: they went, or are ill. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "record/record.h"
#include "sessions/inside.h"
#include "sessions/pages.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

#define HAND_MOST 200

/* ---- what comes in ---- */

struct session_id {
	struct str text;
};

static const char *check_id(struct str text)
{
	struct uuid id;

	return uuid_parse(text, &id) ? NULL : "A session's id is a UUID.";
}

static const struct shape session_ids =
	SHAPE_WITH(struct session_id, (.scalar = true),
		   F_STR(struct session_id, text, .min = 1, .max = 40, .check = check_id));

struct hand_input {
	struct list sessions;
	struct uuid to;
};

#define H struct hand_input
static const struct shape hand_form =
	SHAPE(H, F_LIST(H, sessions, &session_ids, .optional = true, .max = HAND_MOST),
	      F_UUID(H, to, .label = "Hand them to"));
static const struct shape hand_json =
	SHAPE(H, F_LIST(H, sessions, &session_ids, .max = HAND_MOST), F_UUID(H, to));
#undef H

static void person_find(struct req *r)
{
	struct person_named **row = ARENA_NEW(r->arena, struct person_named *);

	store_person_named(r->tx, r->id[0], row);
}

/* ---- the act ---- */

/* Those that went: of other sessions among them, which ended or went meanwhile, nothing is said. */
static const struct err *hand_to(struct req *r, struct list *ret)
{
	const struct hand_input *in = r->input;

	store_sessions_hand_to(r, r->id[0], in->sessions, in->to, ret);
	TRY(tx_more(r->tx));
	if (ret->n && !uuid_eq(in->to, r->who->person))
		notice_add(r->tx, r->who->account, in->to,
			   str_fmt(r->arena, "%.*s handed you %zu %s under way",
				   STR_ARG(r->who->row->name), ret->n,
				   ret->n == 1 ? "session" : "sessions"),
			   "/");
	return tx_run(r->tx);
}

/* ---- the page ---- */

struct hand_line {
	struct uuid id;
	struct str name, about, ago;
	struct instant at;
};

static const struct shape hand_line_shape = SHAPE(
	struct hand_line, F_UUID(struct hand_line, id), F_STR(struct hand_line, name),
	F_STR(struct hand_line, about), F_STR(struct hand_line, ago), F_TIME(struct hand_line, at));

struct hand_page {
	struct uuid id;
	struct str name;
	bool has_sessions;
	struct form_view form;
	struct list sessions;
};

#define P_ struct hand_page
static const struct shape hand_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_BOOL(P_, has_sessions),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, sessions, &hand_line_shape));
#undef P_
const struct view hand_to_view = { "sessions/hand_to", &hand_page_shape };

/* Everybody who runs flows, but whose they are. */
static struct list receivers(struct req *r, struct list rows)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, rows.n + 1);
	size_t n = 0;

	choices[n++] = (struct pair){ STR(""), STR("Choose somebody") };
	for (size_t at = 0; at < rows.n; at++) {
		const struct colleague_row *row = &((const struct colleague_row *)rows.items)[at];

		if (!uuid_eq(row->id, r->id[0]))
			choices[n++] = (struct pair){ uuid_str(&row->id), row->name };
	}
	return LIST_OF(choices, n);
}

static struct list lines_of(struct req *r, struct list rows)
{
	struct hand_line *lines = ARENA_ARRAY(r->arena, struct hand_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct held_row *row = &((const struct held_row *)rows.items)[at];

		lines[at] = (struct hand_line){ row->id, row->name, row->about,
						clock_ago(r->arena, row->at), row->at };
	}
	return LIST_OF(lines, rows.n);
}

static const struct err *hand_show(struct req *r)
{
	struct list held, colleagues;
	struct person_named *person;
	struct hand_page page;

	store_person_named(r->tx, r->id[0], &person);
	store_sessions_held(r->tx, r->id[0], HAND_MOST, &held);
	store_colleagues(r->tx, &colleagues);
	TRY(tx_run(r->tx));
	page = (struct hand_page){ .id = person->id,
				   .name = person->name,
				   .has_sessions = held.n > 0,
				   .sessions = lines_of(r, held) };
	page.form = form_view(
		r,
		&(struct form_settings){
			.action = str_fmt(r->arena, "/users/%s/sessions", person->id.text),
			.button = "Hand them over",
			.input = &hand_form,
			.controls = (const struct control[]){ { "to", CONTROL_SELECT,
								.more = receivers(r, colleagues) },
							      { 0 } },
			.quiet = true,
		});
	return reply_page(r, &hand_to_view, &page);
}

static const struct err *hand_send(struct req *r)
{
	const struct hand_input *in = r->input;
	struct list given;

	if (in->sessions.n == 0)
		return input_refuse(r, "to", "Tick the sessions to hand over first.");
	TRY(hand_to(r, &given));
	people_flash(r, str_fmt(r->arena, "%zu %s handed over.", given.n,
				given.n == 1 ? "session is" : "sessions are")
				.p);
	return reply_see_other(r, str_fmt(r->arena, "/users/%s", r->id[0].text));
}

struct given_json {
	struct list sessions;
};

static const struct shape given_id =
	SHAPE_WITH(struct session_given, (.scalar = true), F_UUID(struct session_given, id));
static const struct shape given_json =
	SHAPE(struct given_json, F_LIST(struct given_json, sessions, &given_id));

static const struct err *hand_api(struct req *r)
{
	struct given_json answer;

	TRY(hand_to(r, &answer.sessions));
	return reply_json(r, &given_json, &answer);
}

const struct route hand_to_routes[] = {
	{ GET, "/users/:user/sessions", .need = PERM_CURATE, .run = hand_show },
	{ POST, "/users/:user/sessions", .need = PERM_CURATE, .input = &hand_form,
	  .find = person_find, .run = hand_send, .again = hand_show },
	{ POST, "/api/v1/users/:user/sessions/hand-to", .need = PERM_CURATE, .input = &hand_json,
	  .find = person_find, .run = hand_api, .output = &given_json,
	  .about = "Hand a user's sessions under way to somebody else; answers those that went" },
	{ 0 },
};
