/* The API's sessions: one of them, and what is done to it.  Lists are history.c's. */
#include "kit/base/json.h"
#include "people/people.h"
#include "sessions/session_json.h"
#include "sessions/sessions.h"
#include "sessions/store.h"

/* ---- making ---- */

struct session_input {
	struct uuid tree_id;
	struct json_text variables;
	struct str ticket_number, client_name;
	struct uuid assigned_to_id;
};

#define I         struct session_input
#define TICKET(T) F_STR(T, ticket_number, .optional = true, .null = true, .max = 120)
#define CLIENT(T) F_STR(T, client_name, .optional = true, .null = true, .max = 200)
static const struct shape start_input =
	SHAPE(I, F_UUID(I, tree_id), F_JSON(I, variables, .optional = true, .null = true),
	      TICKET(I), CLIENT(I));
static const struct shape prepare_input =
	SHAPE(I, F_UUID(I, tree_id), F_JSON(I, variables, .optional = true, .null = true),
	      TICKET(I), CLIENT(I), F_UUID(I, assigned_to_id, .optional = true, .null = true));

/* The object under that name, or the whole body; an empty one where it was left out. */
static const struct err *object_of(struct req *r, const char *name, const struct json **ret)
{
	*ret = json_get(r->json, str_of(name));
	if (!*ret)
		return json_parse(r->arena, STR("{}"), &json_default_limits, ret);
	if (json_type(*ret) != JSON_OBJECT)
		return input_refuse(r, name, "An object of names and values is needed.");
	return NULL;
}

static const struct err *make(struct req *r, bool starts)
{
	const struct session_input *in = r->input;
	struct session_making making = {
		.flow = in->tree_id,
		.ticket = in->ticket_number,
		.client = in->client_name,
		.starts = starts,
		.assignee = in->assigned_to_id,
	};
	struct uuid id;

	TRY(object_of(r, "variables", &making.variables));
	TRY(session_make(r, &making, &id));
	return session_reply(r, id);
}

static const struct err *add(struct req *r)
{
	return make(r, true);
}

static const struct err *prepare(struct req *r)
{
	return make(r, false);
}

static const struct err *get(struct req *r)
{
	return session_reply(r, r->id[0]);
}

static const struct err *start(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_start(r, &s)));
	return session_reply(r, r->id[0]);
}

/* ---- filling ---- */

struct texts_input {
	struct str scratchpad, ticket_number, client_name;
	struct uuid assigned_to_id;
};

#define P_ struct texts_input
static const struct shape texts_input =
	SHAPE(P_,
	      F_STR(P_, scratchpad, .optional = true, .null = true, .lines = true, .any = true,
		    .exact = true, .max = 100000),
	      TICKET(P_), CLIENT(P_), F_UUID(P_, assigned_to_id, .optional = true, .null = true));

static const struct err *check_revision(struct req *r, const struct session *s)
{
	struct str tag = req_header(r, "HTTP_IF_MATCH");
	char room[STR_INT_ROOM];
	struct str is = str_of_int(s->row->revision, room);

	if (str_starts(tag, STR("W/")))
		tag = str_skip(tag, 2);
	if (!tag.n || str_eq(tag, STR("*")) ||
	    (tag.n == is.n + 2 && str_eq(str_first(str_skip(tag, 1), is.n), is)))
		return NULL;
	return ERR_CODE(r->arena, ERR_CONFLICT, "stale",
			"This session was changed meanwhile. Look at it as it is now, then save.");
}

static const struct err *change(struct req *r)
{
	const struct texts_input *in = r->input;
	const struct session_texts texts = { in->scratchpad, in->ticket_number, in->client_name,
					     -1 };
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_fill(r, &s)));
	TRY(session_conflict(r, &s, check_revision(r, &s)));
	TRY(session_write(r, &s, &texts));
	if (input_given(r, "assigned_to_id")) {
		if (s.row->status != SESSION_PREPARED)
			return ERR_CODE(r->arena, ERR_CONFLICT, "already_started",
					"This session has started: it can't be assigned any more.");
		TRY(session_assign(r, &s, in->assigned_to_id));
	}
	return session_reply(r, r->id[0]);
}

static const struct err *set_variables(struct req *r)
{
	struct value_changes changes;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_fill(r, &s)));
	TRY(session_conflict(r, &s, check_revision(r, &s)));
	TRY(values_from_json(r, &s.doc, r->json, &changes));
	session_fill(r, &s, &changes);
	return session_reply(r, r->id[0]);
}

/* ---- the run ---- */

#define NOTES(T, ...) F_STR(T, notes, .lines = true, .any = true, .max = 20000, __VA_ARGS__)

struct step_input {
	struct str node_id, option_id, notes, step_token, skip_reason;
};

#define S_ struct step_input
static const struct shape step_input =
	SHAPE(S_, F_STR(S_, node_id, .min = 1, .max = FLOW_ID_MAX),
	      F_STR(S_, option_id, .optional = true, .null = true, .max = FLOW_ID_MAX),
	      NOTES(S_, .optional = true, .null = true),
	      F_STR(S_, step_token, .optional = true, .null = true, .max = 20),
	      F_STR(S_, skip_reason, .optional = true, .null = true, .lines = true, .max = 2000));

static const struct err *answer(struct req *r)
{
	const struct step_input *in = r->input;
	const struct run_answer answer = {
		.node = in->node_id,
		.token = in->step_token,
		.option = in->option_id,
		.notes = in->notes,
		.skip = in->skip_reason.p != NULL,
		.skip_reason = in->skip_reason,
	};
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_run(r, &s)));
	TRY(session_conflict(r, &s, session_answer(r, &s, &answer)));
	return session_reply(r, r->id[0]);
}

static const struct err *back(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_run(r, &s)));
	TRY(session_conflict(r, &s, session_back(r, &s, 0)));
	return session_reply(r, r->id[0]);
}

struct note_input {
	struct str notes;
};

static const struct shape note_input =
	SHAPE(struct note_input, NOTES(struct note_input, .optional = false));

static void step_find(struct req *r)
{
	session_find(r);
	store_step_find(r->tx, r->id[0], r->id[1]);
}

static const struct err *note(struct req *r)
{
	const struct note_input *in = r->input;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_run(r, &s)));
	for (size_t at = 0; at < s.visits.n; at++)
		if (uuid_eq(session_visits(&s)[at].id, r->id[1])) {
			TRY(session_note(r, &s, session_visits(&s)[at].n, in->notes));
			store_session_touch(r->tx, r->id[0]);
			return session_reply(r, r->id[0]);
		}
	return ERR(r->arena, ERR_NOT_FOUND, "This session has no such step.");
}

/* ---- its end ---- */

struct complete_input {
	struct str outcome, summary;
};

static const char *check_outcome(struct str text)
{
	int at;

	return !text.n || names_find(&outcomes, text, &at)
		       ? NULL
		       : "The outcome is resolved, escalate or unresolved.";
}

#define C_ struct complete_input
static const struct shape complete_input = SHAPE(
	C_, F_STR(C_, outcome, .optional = true, .null = true, .max = 20, .check = check_outcome),
	F_STR(C_, summary, .optional = true, .null = true, .lines = true, .any = true,
	      .max = 20000));

static const struct err *complete(struct req *r)
{
	const struct complete_input *in = r->input;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_must_run(r, &s)));
	TRY(session_complete(r, &s, in->outcome, in->summary));
	return session_reply(r, r->id[0]);
}

static const struct err *abandon(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_abandon(r, &s)));
	return session_reply(r, r->id[0]);
}

static const struct err *resume(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_conflict(r, &s, session_resume(r, &s)));
	return session_reply(r, r->id[0]);
}

#define SESSION "/api/v1/sessions/:session"
#define RUN     .need = PERM_RUN, .find = session_find, .output = &session_json_shape

const struct route sessions_api[] = {
	{ POST, "/api/v1/sessions", .need = PERM_RUN, .input = &start_input, .run = add,
	  .output = &session_json_shape, .status = 201, .once = true,
	  .about = "Start a session; never refused for an empty variable" },
	{ POST, "/api/v1/sessions/prepare", .need = PERM_RUN, .input = &prepare_input,
	  .run = prepare, .output = &session_json_shape, .status = 201, .once = true,
	  .about = "Prepare a session for a colleague, or for whoever of the team takes it" },
	{ GET, SESSION, .need = PERM_READ, .find = session_find, .run = get,
	  .output = &session_json_shape, .about = "One session" },
	{ PUT, SESSION, RUN, .input = &texts_input, .run = change,
	  .about = "Change scratchpad, ticket and client, and who a prepared one is for" },
	{ PATCH, SESSION "/variables", RUN, .input = &shape_any_object, .run = set_variables,
	  .about = "Fill variables: a partial object, merged; null clears one" },
	{ POST, SESSION "/start", .need = PERM_RUN, .run = start, .output = &session_json_shape,
	  .once = true, .about = "Start a prepared session; exactly one of several wins" },
	{ POST, SESSION "/steps", RUN, .input = &step_input, .run = answer, .once = true,
	  .about = "Answer the step where it stands; 409 where that is another one" },
	{ POST, SESSION "/back", RUN, .run = back, .once = true,
	  .about = "One step back; the step stays in the record, marked" },
	{ PATCH, SESSION "/steps/:step", .need = PERM_RUN, .find = step_find, .input = &note_input,
	  .run = note, .output = &session_json_shape, .about = "Change the note of a step" },
	{ POST, SESSION "/resume", RUN, .run = resume, .once = true, .about = "End a park" },
	{ POST, SESSION "/abandon", RUN, .run = abandon, .once = true,
	  .about = "Cancel a prepared session, or end a running one" },
	{ POST, SESSION "/complete", .need = PERM_RUN, .find = session_find,
	  .input = &complete_input, .run = complete, .output = &session_completed_shape,
	  .once = true, .about = "Complete a session, from any step; warns of empty variables" },
	{ 0 },
};
