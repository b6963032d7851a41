/* The documentation of a session; see of_session.h. */
#include "reports/of_session.h"

#include "accounts/accounts.h"
#include "flows/write.h"
#include "kit/base/arena.h"

static const struct names type_words =
	NAMES("Troubleshooting flow", "Procedure", "Maintenance procedure");

/* Of all texts of the steps, with what variables put into them: redacting and writing them takes
 * some copies of each. */
#define TEXTS_MAX ((size_t)3 << 20)
#define BODY_ROOM ((size_t)1 << 20)

struct writing {
	struct arena *a;
	const struct session *s;
	enum unfilled unfilled;
	size_t left; /* of TEXTS_MAX */
	bool full;
};

static struct str count(struct writing *w, struct str text)
{
	w->full |= text.n > w->left;
	w->left -= w->full ? 0 : text.n;
	return w->full ? STR_NONE : text;
}

static struct str line(struct writing *w, struct str text)
{
	return w->full ? STR_NONE
		       : count(w, values_resolve(w->a, &w->s->values, text, w->unfilled,
						 VALUES_LINE_ROOM));
}

static struct str resolve(struct writing *w, struct str text)
{
	return w->full ? STR_NONE
		       : count(w,
			       values_resolve(w->a, &w->s->values, text, w->unfilled, BODY_ROOM));
}

static const struct flow_node *node_of(const struct session *s, struct str id)
{
	ptrdiff_t at = flow_at(s->ix, id);

	return at < 0 ? NULL : &flow_nodes(&s->doc.structure)[at];
}

static struct str answer_of(struct writing *w, const struct visit_row *v, const struct flow_node *n)
{
	if (!v->answered_at.us)
		return STR_NONE;
	if (v->skip_reason.p)
		return STR("Skipped");
	if (v->option_label.n)
		return line(w, v->option_label);
	return n && n->kind == FLOW_ANSWER ? flow_outcome_word(n->outcome) : STR("Done");
}

static struct report_step step_of(struct writing *w, const struct visit_row *v)
{
	const struct flow_node *n = node_of(w->s, v->node);

	return (struct report_step){
		.section = line(w, v->section),
		.title = line(w, v->title),
		.kind = v->kind,
		.body = n ? resolve(w, n->body) : STR_NONE,
		.answer = answer_of(w, v, n),
		.skip_reason = count(w, v->skip_reason),
		.note = count(w, v->notes),
		.who = v->person_name,
		.at = v->answered_at.us ? v->answered_at : v->entered_at,
		.seconds = v->took,
		.visit = v->again,
		.reverted = v->reverted_at.us != 0,
	};
}

static struct list steps_of(struct writing *w)
{
	const struct session *s = w->s;
	struct report_step *steps = ARENA_ARRAY(w->a, struct report_step, s->visits.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < s->visits.n; at++)
		if (session_tells(s, &session_visits(s)[at]))
			steps[n++] = step_of(w, &session_visits(s)[at]);
	return LIST_OF(steps, n);
}

static struct list variables_of(const struct writing *w)
{
	const struct values *values = &w->s->values;
	struct report_variable *list = ARENA_ARRAY(w->a, struct report_variable, values->n + 1);

	for (size_t at = 0; at < values->n; at++) {
		const struct value *v = &values->items[at];
		bool secret = v->field->kind == KIND_PASSWORD;

		list[at] = (struct report_variable){
			.name = v->field->name,
			.label = v->field->label,
			.value = secret ? STR_NONE : v->text,
			.required = v->field->required,
			.filled = v->filled,
		};
	}
	return LIST_OF(list, values->n);
}

static struct list handoffs_of(struct writing *w, struct list story)
{
	const struct handoff_event *from = story.items;
	struct report_event *events = ARENA_ARRAY(w->a, struct report_event, story.n + 1);

	for (size_t at = 0; at < story.n; at++)
		events[at] = (struct report_event){
			.what = names_text(&handoff_happenings, from[at].what),
			.who = from[at].who,
			.at = from[at].at,
			.word = count(w, from[at].word),
		};
	return LIST_OF(events, story.n);
}

const struct err *report_of_session(struct req *r, const struct session *s,
				    const struct report_wish *wish, struct report *ret)
{
	const struct session_row *row = s->row;
	struct writing w = { .a = r->arena, .s = s, .left = TEXTS_MAX };

	w.unfilled = (enum unfilled)wish->unfilled;
	*ret = (struct report){
		.flow = row->flow_name,
		.flow_type = names_text(&type_words, row->type),
		.version = row->version,
		.client = row->client,
		.ticket = row->ticket,
		.engineer = row->owner_name,
		.account = wish->account,
		.started = row->started_at,
		.ended = row->completed_at.us ? row->completed_at : row->abandoned_at,
		.active_seconds = row->active,
		.status = names_text(&session_status_words, row->status),
		.outcome = session_outcome_word(row->outcome),
		.summary = row->summary,
		.steps = steps_of(&w),
		.handoffs = handoffs_of(&w, wish->story),
		.variables = variables_of(&w),
		.scratchpad = wish->scratchpad ? row->scratchpad : STR_NONE,
		.made_at = clock_now(),
		.address = str_fmt(r->arena, "%.*s/sessions/%s", STR_ARG(r->settings->base_url),
				   row->id.text),
	};
	return w.full ? ERR(r->arena, ERR_INVALID,
			    "The steps of this session are too long for one document.")
		      : NULL;
}
