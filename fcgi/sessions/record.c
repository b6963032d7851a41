/* A session that is not being answered: its record, and what can be done with it as it stands. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"
#include "sessions/pages.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

struct variable_line {
	struct str label, value;
	bool hidden;
};

static const struct shape variable_line_shape =
	SHAPE(struct variable_line, F_STR(struct variable_line, label),
	      F_STR(struct variable_line, value), F_BOOL(struct variable_line, hidden));

struct story_line {
	struct str what, who, when, word;
};

static const struct shape story_line_shape =
	SHAPE(struct story_line, F_STR(struct story_line, what), F_STR(struct story_line, who),
	      F_STR(struct story_line, when), F_STR(struct story_line, word));

struct record_page {
	struct session_head session;
	struct str outcome, preparer, started, ended_when, active, summary, scratchpad, unfilled,
		once;
	struct list way, variables, story;
	bool ended, completed, runs, ends, takes_out, has_story;
	int64_t skipped;
};

#define R_ struct record_page
static const struct shape record_page_shape =
	SHAPE(R_, F_OBJECT(R_, session, struct session_head, &session_head_shape),
	      F_STR(R_, outcome), F_STR(R_, preparer), F_STR(R_, started), F_STR(R_, ended_when),
	      F_STR(R_, active), F_STR(R_, summary), F_STR(R_, scratchpad), F_STR(R_, unfilled),
	      F_STR(R_, once), F_LIST(R_, way, &way_line_shape),
	      F_LIST(R_, variables, &variable_line_shape), F_LIST(R_, story, &story_line_shape),
	      F_BOOL(R_, ended), F_BOOL(R_, completed), F_BOOL(R_, runs), F_BOOL(R_, ends),
	      F_BOOL(R_, takes_out), F_BOOL(R_, has_story), F_INT(R_, skipped));
#undef R_
const struct view record_view = { "sessions/record", &record_page_shape };

/* What is filled; a password is nobody's to read here.  And the names of the rest. */
static void fill_variables(struct req *r, const struct session *s, struct record_page *page)
{
	struct variable_line *lines = ARENA_ARRAY(r->arena, struct variable_line, s->values.n + 1);
	struct buf unfilled = buf_new(r->arena, (size_t)1 << 20);
	size_t n = 0;

	for (size_t at = 0; at < s->values.n; at++) {
		const struct value *v = &s->values.items[at];
		struct str label = v->field->label.n ? v->field->label : v->field->name;
		bool hidden = v->field->kind == KIND_PASSWORD;

		if (v->filled)
			lines[n++] =
				(struct variable_line){ label, hidden ? STR("") : v->text, hidden };
		else
			buf_printf(&unfilled, "%s%.*s", unfilled.n ? ", " : "", STR_ARG(label));
	}
	page->variables = LIST_OF(lines, n);
	page->unfilled = buf_str(&unfilled);
}

/* How colleagues had a part in it. */
static struct list story_lines(struct req *r, struct list story)
{
	const struct handoff_event *events = story.items;
	struct story_line *lines = ARENA_ARRAY(r->arena, struct story_line, story.n + 1);

	for (size_t at = 0; at < story.n; at++)
		lines[at] = (struct story_line){
			.what = names_text(&handoff_happenings, events[at].what),
			.who = events[at].who,
			.when = clock_words(r->arena, events[at].at),
			.word = events[at].word,
		};
	return LIST_OF(lines, story.n);
}

static const struct err *show_record(struct req *r, const struct session *s, struct list story)
{
	const struct session_row *row = s->row;
	struct instant ended = row->completed_at.us ? row->completed_at : row->abandoned_at;
	struct record_page page = {
		.session = session_head(r, s),
		.preparer = row->preparer_name,
		.outcome = session_outcome_word(row->outcome),
		.started = clock_words(r->arena, row->started_at),
		.ended_when = clock_words(r->arena, ended),
		.active = clock_span(r->arena, row->active),
		.summary = row->summary,
		.scratchpad = row->runs ? row->scratchpad : STR_NONE,
		.way = session_way(r, s, WAY_RECORD),
		.story = story_lines(r, story),
		.has_story = story.n > 0,
		.ended = ended.us != 0,
		.completed = row->completed_at.us != 0,
		.runs = session_runs(s),
		.ends = row->ends,
		.takes_out = row->takes_out,
		.once = crypto_token(r->arena),
	};
	const struct way_line *lines = page.way.items;

	fill_variables(r, s, &page);
	for (size_t at = 0; at < page.way.n; at++)
		page.skipped += lines[at].skipped && !lines[at].reverted;
	return reply_page(r, &record_view, &page);
}

/* ---- as it stands ---- */

struct standing_page {
	struct session_head session;
	struct str title, advice, typed;
	struct uuid handoff;
	bool failed, resumes, ends, goes_on;
};

#define S_ struct standing_page
static const struct shape standing_page_shape =
	SHAPE(S_, F_OBJECT(S_, session, struct session_head, &session_head_shape), F_STR(S_, title),
	      F_STR(S_, advice), F_STR(S_, typed), F_UUID(S_, handoff), F_BOOL(S_, failed),
	      F_BOOL(S_, resumes), F_BOOL(S_, ends), F_BOOL(S_, goes_on));
#undef S_
const struct view standing_view = { "sessions/standing", &standing_page_shape };

static const struct {
	const char *title, *advice;
} standings[] = {
	[SESSION_PREPARED] = { "This session has not started yet", "Start it on its page first." },
	[SESSION_ACTIVE] = { "This session is a colleague's",
			     "Only who runs it may answer its steps. You can read its record." },
	[SESSION_PARKED] = { "This session is parked",
			     "Nothing is lost and its time stands still. Resume it to go on at the "
			     "very step." },
	[SESSION_ESCALATED] = { "This session is escalated",
				"It waits for a colleague to take it. You can read its record." },
	[SESSION_COMPLETED] = { "This session is completed",
				"It can't be changed. You can read its record." },
	[SESSION_ABANDONED] = { "This session was cancelled",
				"It can't be changed. You can read its record." },
};

/* What came for it all the same: the texts of the form, to be copied. */
static struct str typed_words(struct req *r)
{
	static const char *const texts[] = { "note",    "scratchpad", "older",
					     "summary", "reason",     "tried" };
	struct buf out = buf_new(r->arena, (size_t)1 << 20);

	for (size_t at = 0; r->method == POST && at < sizeof(texts) / sizeof(texts[0]); at++) {
		struct str text = str_trim(form_value(r, str_of(texts[at])));

		if (text.n)
			buf_printf(&out, "%s%.*s", out.n ? "\n\n" : "", STR_ARG(text));
	}
	return buf_str(&out);
}

const struct err *session_standing(struct req *r, const struct session *s)
{
	const struct session_row *row = s->row;
	bool theirs = !row->runs && row->status == SESSION_PARKED;
	struct standing_page page = {
		.session = session_head(r, s),
		.title = str_of(standings[row->status].title),
		.advice = theirs ? STR("Only who runs it may resume it. You can read its record.")
				 : str_of(standings[row->status].advice),
		.typed = typed_words(r),
		.handoff = row->handoff,
		.failed = r->nproblems > 0,
		.resumes = row->runs && row->status == SESSION_PARKED,
		.ends = row->ends,
		.goes_on = session_runs(s),
	};

	return reply_page(r, &standing_view, &page);
}

/* Waiting for one, or taken by another: the hand-off's page says what there is to do. */
static bool is_with_colleagues(const struct req *r, const struct session_row *row)
{
	return !uuid_is_none(row->handoff) && role_may((enum role)r->who->row->role, PERM_RUN) &&
	       !(row->runs && row->status != SESSION_ESCALATED);
}

static const struct err *session_show(struct req *r)
{
	struct list story;
	struct session s;

	handoff_story(r->tx, r->id[0], &story);
	TRY(session_read(r, r->id[0], &s));
	if (is_with_colleagues(r, s.row))
		return reply_see_other(r,
				       str_fmt(r->arena, "/escalations/%s", s.row->handoff.text));
	if (s.row->status == SESSION_PREPARED)
		return prepared_show(r, &s);
	if (s.row->status == SESSION_PARKED)
		return parked_show(r, &s);
	if (session_runs(&s))
		return session_go_step(r, &s, s.row->visit);
	if (s.row->completed_at.us || s.row->abandoned_at.us)
		return show_record(r, &s, story);
	return session_standing(r, &s);
}

static const struct err *record_show(struct req *r)
{
	struct list story;
	struct session s;

	handoff_story(r->tx, r->id[0], &story);
	TRY(session_read(r, r->id[0], &s));
	return show_record(r, &s, story);
}

#define SESSION "/sessions/:session"
#define READ    .need = PERM_READ, .find = session_find

const struct route record_routes[] = {
	{ GET, SESSION, READ, .run = session_show },
	{ GET, SESSION "/record", READ, .run = record_show },
	{ 0 },
};
