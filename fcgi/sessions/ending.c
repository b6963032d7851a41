/* A session's end: completed with an outcome, or cancelled. */
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "sessions/pages.h"
#include "sessions/sessions.h"

struct complete_form {
	int outcome;
	struct str summary;
};

#define C_ struct complete_form
static const struct shape complete_form_shape =
	SHAPE(C_, F_ENUM(C_, outcome, &outcomes, .optional = true),
	      F_STR(C_, summary, .optional = true, .any = true, .lines = true, .max = 20000,
		    .label = "The summary"));
#undef C_

struct outcome_line {
	struct str value, label;
	bool chosen;
};

struct complete_page {
	struct session_head session;
	struct list errors, outcomes;
	bool failed;
	struct html missing; /* fields that should be filled */
	struct str summary, once;
	int64_t answered;
	bool ended, hands_off;
};

static const struct shape outcome_line_shape =
	SHAPE(struct outcome_line, F_STR(struct outcome_line, value),
	      F_STR(struct outcome_line, label), F_BOOL(struct outcome_line, chosen));
#define C_ struct complete_page
static const struct shape complete_page_shape =
	SHAPE(C_, F_OBJECT(C_, session, struct session_head, &session_head_shape),
	      F_LIST(C_, errors, &session_error_shape), F_LIST(C_, outcomes, &outcome_line_shape),
	      F_BOOL(C_, failed), F_HTML(C_, missing), F_STR(C_, summary), F_STR(C_, once),
	      F_INT(C_, answered), F_BOOL(C_, ended), F_BOOL(C_, hands_off));
#undef C_
const struct view complete_view = { "sessions/complete", &complete_page_shape };

/* What the answer says where it stands; a procedure done to its end has succeeded. */
static int outcome_of(const struct session *s)
{
	if (!s->here && s->doc.type != FLOW_TROUBLESHOOTING)
		return OUTCOME_RESOLVED;
	return s->node && s->node->kind == FLOW_ANSWER ? s->node->outcome : OUTCOME_UNRESOLVED;
}

static struct list outcome_lines(struct req *r, int chosen)
{
	struct outcome_line *lines = ARENA_ARRAY(r->arena, struct outcome_line, outcomes.n);

	for (size_t at = 0; at < outcomes.n; at++)
		lines[at] = (struct outcome_line){ names_text(&outcomes, (int)at),
						   flow_outcome_word((int)at), (int)at == chosen };
	return LIST_OF(lines, outcomes.n);
}

/* What it was, as whoever solved it for a colleague has said already. */
static struct str solved_by_word(struct list story)
{
	const struct handoff_event *events = story.items;
	const struct handoff_event *last = story.n ? &events[story.n - 1] : NULL;

	return last && last->what == HAPPENED_RESOLVED ? last->word : STR_NONE;
}

static const struct err *complete_page(struct req *r, const struct session *s, struct list story)
{
	const struct complete_form *form = r->method == POST ? r->input : NULL;
	struct prompts prompts = prompts_new(r->arena, &s->values);
	struct complete_page page = {
		.session = session_head(r, s),
		.errors = session_errors(r),
		.failed = r->nproblems > 0,
		.outcomes = outcome_lines(r, form && form->outcome >= 0 ? form->outcome
									: outcome_of(s)),
		.summary = form ? form->summary : solved_by_word(story),
		.once = crypto_token(r->arena),
		.answered = session_answered(s),
		.ended = !s->node || s->node->kind == FLOW_ANSWER,
		.hands_off = uuid_is_none(s->row->handoff) && outcome_of(s) != OUTCOME_RESOLVED,
	};

	session_typed_prompts(r, &prompts);
	page.missing = prompts_missing(&prompts);
	return reply_page(r, &complete_view, &page);
}

static const struct err *complete_show(struct req *r)
{
	struct list story;
	struct session s;

	handoff_story(r->tx, r->id[0], &story);
	TRY(session_read(r, r->id[0], &s));
	return session_runs(&s) ? complete_page(r, &s, story) : session_standing(r, &s);
}

static const struct err *complete_again(struct req *r)
{
	session_find(r);
	return complete_show(r);
}

/* Enter in a field saves what was filled in and shows the page again; only its button completes. */
static const struct err *complete_send(struct req *r)
{
	const struct complete_form *form = r->input;
	struct value_changes changes;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_must_run(r, &s));
	TRY(session_typed_values(r, &s, &changes));
	session_fill(r, &s, &changes);
	if (str_eq(form_value(r, STR("do")), STR("save"))) {
		TRY(session_read(r, r->id[0], &s));
		return complete_page(r, &s, LIST_OF(NULL, 0));
	}
	TRY(session_complete(
		r, &s, names_text(&outcomes, form->outcome >= 0 ? form->outcome : outcome_of(&s)),
		form->summary));
	people_flash(r, "The session is completed.");
	return session_go(r, &s, "/record");
}

/* ---- cancelled ---- */

struct abandon_page {
	struct session_head session;
	struct str once;
	int64_t answered;
	bool prepared;
};

#define A struct abandon_page
static const struct shape abandon_page_shape =
	SHAPE(A, F_OBJECT(A, session, struct session_head, &session_head_shape), F_STR(A, once),
	      F_INT(A, answered), F_BOOL(A, prepared));
#undef A
const struct view abandon_view = { "sessions/abandon", &abandon_page_shape };

static const struct err *abandon_show(struct req *r)
{
	struct abandon_page page;
	struct session s;

	TRY(session_read(r, r->id[0], &s));
	if (!s.row->ends)
		return session_standing(r, &s);
	page = (struct abandon_page){ session_head(r, &s), crypto_token(r->arena),
				      session_answered(&s), s.row->status == SESSION_PREPARED };
	return reply_page(r, &abandon_view, &page);
}

static const struct err *abandon_send(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_abandon(r, &s));
	people_flash(r, "The session is cancelled.");
	return session_go(r, &s, "/record");
}

static const struct err *abandon_again(struct req *r)
{
	session_find(r);
	return abandon_show(r);
}

#define SESSION "/sessions/:session"
#define RUN     .need = PERM_RUN, .find = session_find

const struct route ending_routes[] = {
	{ GET, SESSION "/complete", RUN, .run = complete_show },
	{ POST, SESSION "/complete", RUN, .input = &complete_form_shape, .run = complete_send,
	  .again = complete_again, .once = true },
	{ GET, SESSION "/abandon", RUN, .run = abandon_show },
	{ POST, SESSION "/abandon", RUN, .run = abandon_send, .again = abandon_again,
	  .once = true },
	{ 0 },
};
