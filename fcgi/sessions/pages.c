/* What the pages of a session share; see pages.h. */
#include "sessions/pages.h"

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "sessions/history.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

const struct view *const sessions_views[] = { &step_view,      &earlier_view,
					      &variables_view, &complete_view,
					      &abandon_view,   &record_view,
					      &standing_view,  &prepare_view,
					      &choose_view,    &prepared_view,
					      &taken_view,     &park_view,
					      &parked_view,    &told_html_view,
					      &told_text_view, &session_history_view,
					      &hand_to_view,   NULL };

#define H struct session_head
const struct shape session_head_shape =
	SHAPE(H, F_UUID(H, id), F_STR(H, flow), F_STR(H, ticket), F_STR(H, client), F_STR(H, owner),
	      F_STR(H, status), F_INT(H, version), F_INT(H, visit), F_STR(H, clock),
	      F_INT(H, seconds), F_BOOL(H, ticking));
#undef H

static struct str clock_text(struct arena *a, int64_t seconds)
{
	int hours = (int)(seconds / 3600), minutes = (int)(seconds / 60 % 60);

	if (hours)
		return str_fmt(a, "%d:%02d:%02d", hours, minutes, (int)(seconds % 60));
	return str_fmt(a, "%d:%02d", minutes, (int)(seconds % 60));
}

struct session_head session_head(struct req *r, const struct session *s)
{
	const struct session_row *row = s->row;

	return (struct session_head){
		.id = row->id,
		.flow = row->flow_name,
		.ticket = row->ticket,
		.client = row->client,
		.owner = row->owner_name,
		.status = names_text(&session_status_words, row->status),
		.version = row->version,
		.visit = row->visit,
		.clock = clock_text(r->arena, row->active),
		.seconds = row->active,
		.ticking = row->ticking,
	};
}

/* ---- the way ---- */

#define W struct way_line
const struct shape way_line_shape =
	SHAPE(W, F_INT(W, n), F_STR(W, title), F_STR(W, section), F_STR(W, answer),
	      F_STR(W, reason), F_STR(W, notes), F_STR(W, by), F_STR(W, ago), F_STR(W, when),
	      F_STR(W, took), F_TIME(W, at), F_BOOL(W, done), F_BOOL(W, skipped),
	      F_BOOL(W, current), F_BOOL(W, todo), F_BOOL(W, reverted), F_BOOL(W, changes));
#undef W

int64_t session_answered(const struct session *s)
{
	int64_t n = 0;

	for (size_t at = 0; at < s->visits.n; at++)
		n += visit_holds(&session_visits(s)[at]);
	return n;
}

struct walk {
	struct req *req;
	const struct session *session;
	enum way_of which;
	struct way_line *lines;
	size_t n, room;
	struct str section;
	struct prompts prompts; /* for the titles */
};

static struct way_line *add_line(struct walk *w, struct str title, struct str section)
{
	struct way_line *line = &w->lines[w->n++];

	*line = (struct way_line){ .title = prompts_line(&w->prompts, title) };
	if (section.n && !str_eq(section, w->section))
		line->section = w->section = section;
	return line;
}

static void add_visit(struct walk *w, const struct visit_row *v)
{
	struct way_line *line = add_line(w, v->title, v->section);

	line->n = v->n;
	line->answer = prompts_line(&w->prompts, v->option_label);
	line->notes = v->notes;
	line->by = v->person_name;
	line->at = v->answered_at;
	line->skipped = v->skip_reason.p != NULL;
	line->reason = v->skip_reason;
	line->done = v->answered_at.us && str_eq(v->kind, STR("action")) && !line->skipped;
	line->reverted = v->reverted_at.us != 0;
	line->current = v == w->session->here;
	line->changes = visit_holds(v);
	if (v->answered_at.us) {
		line->ago = clock_ago(w->req->arena, v->answered_at);
		line->took = clock_span(w->req->arena, v->took);
		if (w->which == WAY_RECORD)
			line->when = clock_words(w->req->arena, v->answered_at);
	}
}

/* As far as one way leads on. */
static void add_rest(struct walk *w)
{
	const struct session *s = w->session;
	const struct flow_node *from = s->node;
	struct str section = s->here ? s->here->section : STR("");

	while (from && from->kind == FLOW_ACTION && w->n < w->room) {
		struct landing to = run_land(&s->doc, s->ix, from->next);

		if (to.section.p)
			section = to.section;
		if (to.node)
			add_line(w, to.node->title, section)->todo = true;
		from = to.node;
	}
}

struct list session_way(struct req *r, const struct session *s, enum way_of which)
{
	struct walk w = {
		.req = r, .session = s, .which = which, .prompts = prompts_new(r->arena, &s->values)
	};

	w.room = s->visits.n + s->doc.structure.nodes.n;
	w.lines = ARENA_ARRAY(r->arena, struct way_line, w.room + 1);
	for (size_t at = 0; at < s->visits.n; at++) {
		const struct visit_row *v = &session_visits(s)[at];

		if (visit_holds(v) || (which == WAY_WHOLE && v == s->here) ||
		    (which == WAY_RECORD && session_tells(s, v)))
			add_visit(&w, v);
	}
	if (which == WAY_WHOLE)
		add_rest(&w);
	return LIST_OF(w.lines, w.n);
}

/* ---- going on ---- */

const struct err *session_go(struct req *r, const struct session *s, const char *page)
{
	struct str url = session_url(r, s->row->id);

	return reply_see_other(r, str_fmt(r->arena, "%.*s%s", STR_ARG(url), page));
}

const struct err *session_go_step(struct req *r, const struct session *s, int64_t n)
{
	struct str url = session_url(r, s->row->id);

	return reply_see_other(r, str_fmt(r->arena, "%.*s/steps/%lld", STR_ARG(url), (long long)n));
}

bool session_runs(const struct session *s)
{
	return s->row->runs && s->row->status == SESSION_ACTIVE;
}

/* ---- what was typed ---- */

static struct str mark_of(struct req *r, struct str text)
{
	return crypto_hash_token(r->arena, str_unix_lines(r->arena, text));
}

struct meeting session_meet(struct req *r, struct str typed, struct str was, struct str stored)
{
	struct meeting m = { .text = stored, .was = mark_of(r, stored) };

	if (!typed.p || str_eq(typed, stored) || (was.n && str_eq(was, mark_of(r, typed))))
		return m;
	m.text = typed;
	m.changed = !was.n || str_eq(was, m.was);
	if (!m.changed)
		m.theirs = stored;
	return m;
}

/* A control of a variable as its page showed it: a hidden mark says with what, else it was empty.
 */
static bool is_touched(struct req *r, struct str name)
{
	struct str typed = form_value(r, str_fmt(r->arena, "v.%.*s", STR_ARG(name)));
	struct str was = form_value(r, str_fmt(r->arena, "w.%.*s", STR_ARG(name)));

	return typed.p && (was.p ? !str_eq(was, mark_of(r, typed)) : str_trim(typed).n > 0);
}

const struct err *session_typed_values(struct req *r, const struct session *s,
				       struct value_changes *ret)
{
	size_t n = 0;

	TRY(values_from_form(r, &s->doc, ret));
	for (size_t at = 0; at < ret->n; at++)
		if (is_touched(r, ret->items[at].field->name))
			ret->items[n++] = ret->items[at];
	ret->n = n;
	return NULL;
}

void session_typed_prompts(struct req *r, struct prompts *prompts)
{
	for (size_t at = 0; r->method == POST && at < prompts->n; at++) {
		struct prompt *p = &prompts->items[at];
		struct str name = p->value->field->name;
		struct str field = str_fmt(r->arena, "v.%.*s", STR_ARG(name));

		if (is_touched(r, name))
			p->typed = form_value(r, field);
		p->error = input_problem_of(r, field);
	}
}

const struct shape session_mark_shape =
	SHAPE(struct pair, F_STR(struct pair, name), F_STR(struct pair, value));

struct list session_marks(struct req *r, const struct session *s)
{
	struct pair *marks = ARENA_ARRAY(r->arena, struct pair, s->values.n + 1);

	for (size_t at = 0; at < s->values.n; at++) {
		const struct value *v = &s->values.items[at];

		marks[at] = (struct pair){ v->field->name, mark_of(r, value_shown(v)) };
	}
	return LIST_OF(marks, s->values.n);
}

const struct shape session_error_shape =
	SHAPE(struct problem, F_STR(struct problem, field), F_STR(struct problem, message));

struct list session_errors(struct req *r)
{
	struct problem *errors = ARENA_ARRAY(r->arena, struct problem, r->nproblems + 1);

	for (size_t at = 0; at < r->nproblems; at++) {
		struct str field = r->problems[at].field;

		errors[at] = r->problems[at];
		if (str_starts(field, STR("v.")))
			errors[at].field = str_fmt(r->arena, "v-%.*s", STR_ARG(str_skip(field, 2)));
		else if (!field.n || str_eq(field, STR("option_id")))
			errors[at].field = STR("step");
	}
	return LIST_OF(errors, r->nproblems);
}
