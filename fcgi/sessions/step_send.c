/*
 * What a step's form sends.  Whatever its button is for, what was typed is saved first; where
 * something does not fit, nothing is, and the page comes again with all of it.
 */
#include "kit/base/arena.h"
#include "people/people.h"
#include "sessions/sessions.h"
#include "sessions/step.h"
#include "sessions/store.h"

#define F              struct step_form
#define F_FREE(m, ...) F_STR(F, m, .any = true, .lines = true, .optional = true, __VA_ARGS__)
#define F_WORD(m)      F_STR(F, m, .optional = true, .max = 100)
const struct shape step_form_shape =
	SHAPE(F, F_FREE(note, .max = 20000, .label = "The note"), F_WORD(note_was),
	      F_FREE(scratchpad, .exact = true, .max = 100000, .label = "The scratchpad"),
	      F_WORD(scratch_was), F_WORD(option), F_WORD(change),
	      F_FREE(skip_reason, .max = 2000, .label = "The reason"),
	      F_FREE(older, .max = 200000, .label = "The older text"));
#undef F

static const struct err *stale(struct req *r)
{
	return ERR_CODE(r->arena, ERR_CONFLICT, "stale_step",
			"This session has moved on since that page was shown. This is where it "
			"stands now.");
}

static const struct err *clash(struct req *r, const char *field, const char *what)
{
	input_problem(r, str_of(field),
		      str_fmt(r->arena,
			      "The %s was changed in another window. Both texts are below: put "
			      "them together, then save.",
			      what));
	return ERR_CODE(r->arena, ERR_CONFLICT, "stale", "The %s was changed meanwhile.", what);
}

static const struct err *check_texts(struct req *r, const struct step_texts *texts)
{
	if (texts->note.theirs.p)
		return clash(r, "note", "note");
	if (texts->scratchpad.theirs.p)
		return clash(r, "scratchpad", "scratchpad");
	return NULL;
}

/* moves: what comes next changes the session's row, and says itself that somebody is at work. */
static const struct err *save_texts(struct req *r, const struct session *s,
				    const struct step_texts *texts, bool moves)
{
	const struct session_texts scratch = { texts->scratchpad.text, STR_NONE, STR_NONE, -1 };

	if (texts->note.changed && s->here)
		TRY(session_note(r, s, s->here->n, texts->note.text));
	if (texts->scratchpad.changed)
		TRY(session_write(r, s, &scratch));
	if (texts->note.changed && !moves)
		store_session_touch(r->tx, s->row->id);
	return NULL;
}

static const struct err *save_typed(struct req *r, const struct session *s, bool moves)
{
	struct step_texts texts = step_texts(r, s, s->here, r->input);
	struct value_changes changes;

	TRY(check_texts(r, &texts));
	TRY(session_typed_values(r, s, &changes));
	session_fill(r, s, &changes);
	return save_texts(r, s, &texts, moves);
}

/* ---- what a button is for ---- */

static const struct err *answer(struct req *r, const struct session *s, bool skip)
{
	const struct step_form *form = r->input;
	const struct run_answer answer = {
		.option = form->option,
		.skip = skip,
		.skip_reason = form->skip_reason.p ? form->skip_reason : STR(""),
	};

	TRY(session_answer(r, s, &answer));
	return session_go_step(r, s, s->row->visit + 1);
}

static const struct err *back(struct req *r, const struct session *s, int64_t n)
{
	TRY(session_back(r, s, n));
	return session_go_step(r, s, s->row->visit + 1);
}

/* What was typed in an older window goes behind the note. */
static const struct err *put_older(struct req *r, const struct session *s)
{
	const struct step_form *form = r->input;
	struct str note = step_texts(r, s, s->here, form).note.text;
	struct str older = str_trim(form->older);

	if (!s->here || !older.n)
		return session_go_step(r, s, s->row->visit);
	note = str_fmt(r->arena, "%.*s%s%.*s", STR_ARG(note), note.n ? "\n\n" : "", STR_ARG(older));
	if (str_utf8_length(note) > 20000)
		return input_refuse(r, "note", "Both together are longer than a note may be.");
	TRY(session_note(r, s, s->here->n, note));
	store_session_touch(r->tx, s->row->id);
	return session_go_step(r, s, s->row->visit);
}

enum doing {
	DO_SAVE,
	DO_DONE,
	DO_SKIP,
	DO_BACK,
	DO_PUT,
	DO_VARIABLES,
	DO_PARK,
	DO_FINISH,
	DO_HANDOFF,
	DO_RESOLVE,
	DO_RELEASE,
	DO_OPTION, /* these two by a field of their own */
	DO_CHANGE
};
static const struct names doings = NAMES("save", "done", "skip", "back", "put", "variables", "park",
					 "finish", "handoff", "resolve", "release");

static enum doing doing_of(struct req *r)
{
	const struct step_form *form = r->input;
	int doing = DO_SAVE;

	if (form->option.n)
		return DO_OPTION;
	if (form->change.n)
		return DO_CHANGE;
	(void)!names_find(&doings, form_value(r, STR("do")), &doing);
	return (enum doing)doing;
}

static bool moves(enum doing doing)
{
	return doing == DO_DONE || doing == DO_SKIP || doing == DO_BACK || doing == DO_OPTION ||
	       doing == DO_CHANGE;
}

/* To a page of what it was taken over by. */
static const struct err *go_handoff(struct req *r, const struct session *s, struct str page)
{
	if (uuid_is_none(s->row->handoff))
		return session_go_step(r, s, s->row->visit);
	return reply_see_other(
		r, str_fmt(r->arena, "/escalations/%s/%.*s", s->row->handoff.text, STR_ARG(page)));
}

static const struct err *act(struct req *r, const struct session *s, enum doing doing)
{
	const struct step_form *form = r->input;
	int64_t n;

	switch (doing) {
	case DO_SAVE:
		people_flash(r, "Saved.");
		return session_go_step(r, s, s->row->visit);
	case DO_DONE:
	case DO_SKIP:
	case DO_OPTION:
		return answer(r, s, doing == DO_SKIP);
	case DO_CHANGE:
		return back(r, s, str_to_int(form->change, &n) && n > 0 ? n : -1);
	case DO_BACK:
		return back(r, s, 0);
	case DO_PUT:
		return put_older(r, s);
	case DO_VARIABLES:
		return session_go(r, s, "/variables");
	case DO_PARK:
		return session_go(r, s, "/park");
	case DO_FINISH:
		return session_go(r, s, "/complete");
	case DO_HANDOFF:
		return session_go(r, s, "/handoff");
	case DO_RESOLVE:
	case DO_RELEASE:
		return go_handoff(r, s, names_text(&doings, doing));
	}
	return NULL;
}

/* Opened, running, and standing at the visit of the address. */
static const struct err *open_here(struct req *r, struct session *s)
{
	int64_t n;

	TRY(session_open(r, r->id[0], s));
	TRY(session_must_run(r, s));
	TRY(step_of_path(r, s, &n));
	return n == s->row->visit ? NULL : stale(r);
}

const struct err *step_send(struct req *r)
{
	enum doing doing = doing_of(r);
	struct session s;

	TRY(open_here(r, &s));
	TRY(save_typed(r, &s, moves(doing)));
	return act(r, &s, doing);
}

/* What was typed and not sent yet: note and scratchpad as they stand, from a script, which gets the
 * marks of what is stored now. */
const struct err *step_keep_unsent(struct req *r)
{
	struct step_texts texts;
	struct session s;

	TRY(open_here(r, &s));
	texts = step_texts(r, &s, s.here, r->input);
	TRY(check_texts(r, &texts));
	TRY(save_texts(r, &s, &texts, false));
	return reply_text(
		r, STR("text/plain; charset=utf-8"),
		str_fmt(r->arena, "%.*s %.*s",
			STR_ARG(session_meet(r, STR_NONE, STR_NONE, texts.note.text).was),
			STR_ARG(session_meet(r, STR_NONE, STR_NONE, texts.scratchpad.text).was)));
}

/* The note of an earlier visit. */
const struct err *step_note(struct req *r)
{
	struct step_texts texts;
	struct session s;
	int64_t n;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_must_run(r, &s));
	TRY(step_of_path(r, &s, &n));
	texts = step_texts(r, &s, session_visit(&s, n), r->input);
	if (texts.note.theirs.p)
		return clash(r, "note", "note");
	if (texts.note.changed) {
		TRY(session_note(r, &s, n, texts.note.text));
		store_session_touch(r->tx, s.row->id);
	}
	people_flash(r, "Saved.");
	return session_go_step(r, &s, n);
}

#define STEP "/sessions/:session/steps/*visit"
#define RUN  .need = PERM_RUN, .find = session_find

const struct route steps_routes[] = {
	{ GET, STEP, RUN, .run = step_show },
	{ POST, STEP, RUN, .input = &step_form_shape, .run = step_send, .again = step_again,
	  .once = true },
	{ POST, STEP "/note", RUN, .input = &step_form_shape, .run = step_note, .again = step_again,
	  .once = true },
	{ POST, STEP "/unsent", RUN, .input = &step_form_shape, .run = step_keep_unsent },
	{ 0 },
};
