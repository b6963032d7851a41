/* The form that hands a session to colleagues. */
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "escalations/store.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/http/form.h"
#include "people/people.h"

struct hand_form {
	struct str reason, tried;
	int priority;
	struct uuid assigned_to_id;
};

#define F struct hand_form
static const struct shape hand_form =
	SHAPE(F,
	      F_STR(F, reason, .min = 1, .max = 4000, .lines = true, .any = true,
		    .label = "Why you are stuck"),
	      F_STR(F, tried, .optional = true, .max = 20000, .lines = true, .any = true,
		    .label = "What you tried"),
	      F_ENUM(F, priority, &handoff_priorities, .optional = true),
	      F_UUID(F, assigned_to_id, .optional = true, .label = "To"));
#undef F

struct priority_line {
	struct str value, label, hint;
	bool chosen;
};

static const struct shape priority_line_shape =
	SHAPE(struct priority_line, F_STR(struct priority_line, value),
	      F_STR(struct priority_line, label), F_STR(struct priority_line, hint),
	      F_BOOL(struct priority_line, chosen));

static const char *const priority_hints[] = {
	[PRIORITY_LOW] = "Nobody is held up; when there is time.",
	[PRIORITY_NORMAL] = "One person is held up and can do other work.",
	[PRIORITY_HIGH] = "One person can't work, or several are slowed down.",
	[PRIORITY_URGENT] = "Many can't work, or there is danger.",
};

#define WORDS 2 /* of its fields stand before the priority */

struct hand_page {
	struct session_head session;
	struct form_view form;
	struct list words, to, priorities, way;
	struct str step;
	bool parks;
};

#define P_ struct hand_page
static const struct shape hand_page_shape =
	SHAPE(P_, F_OBJECT(P_, session, struct session_head, &session_head_shape),
	      F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, words, &form_field_shape), F_LIST(P_, to, &form_field_shape),
	      F_LIST(P_, priorities, &priority_line_shape), F_LIST(P_, way, &way_line_shape),
	      F_STR(P_, step), F_BOOL(P_, parks));
#undef P_
const struct view hand_over_view = { "escalations/hand_over", &hand_page_shape };

static struct list people_choices(struct req *r, struct list rows)
{
	struct pair *choices = ARENA_ARRAY(r->arena, struct pair, rows.n + 1);

	choices[0] = (struct pair){ STR(""), STR("Everybody: whoever is free takes it") };
	for (size_t at = 0; at < rows.n; at++) {
		const struct helper_row *row = &((const struct helper_row *)rows.items)[at];

		choices[at + 1] = (struct pair){ str_of(row->id.text), row->name };
	}
	return LIST_OF(choices, rows.n + 1);
}

static struct list priority_lines(struct req *r)
{
	size_t n = handoff_priorities.n;
	struct priority_line *lines = ARENA_ARRAY(r->arena, struct priority_line, n);
	int chosen = PRIORITY_NORMAL;

	(void)!names_find(&handoff_priorities, form_value(r, STR("priority")), &chosen);
	for (size_t at = 0; at < n; at++)
		lines[at] = (struct priority_line){ names_text(&handoff_priorities, (int)at),
						    names_text(&handoff_priority_words, (int)at),
						    str_of(priority_hints[at]), (int)at == chosen };
	return LIST_OF(lines, n);
}

static const struct err *show_form(struct req *r, const struct session *s, struct list helpers)
{
	const struct control controls[] = {
		{ "reason", CONTROL_LINES,
		  .hint = "What should work and does not. Your colleagues read this first." },
		{ "tried", CONTROL_LINES,
		  .hint = "What the steps do not tell: they go with it, with all notes." },
		{ "assigned_to_id", CONTROL_SELECT,
		  .hint = "One person is told first, and everybody can take it.",
		  .more = people_choices(r, helpers) },
		{ 0 },
	};
	struct prompts prompts = prompts_new(r->arena, &s->values);
	struct hand_page page = {
		.session = session_head(r, s),
		.priorities = priority_lines(r),
		.way = session_way(r, s, WAY_BEHIND),
		.step = s->here ? prompts_line(&prompts, s->here->title) : STR_NONE,
		.parks = s->row->status == SESSION_ACTIVE,
	};

	page.form = form_view(
		r, &(struct form_settings){
			   .action = str_fmt(r->arena, "/sessions/%s/handoff", s->row->id.text),
			   .button = "Hand off",
			   .input = &hand_form,
			   .controls = controls,
			   .once = true });
	page.words = form_part(&page.form, 0, WORDS);
	page.to = form_part(&page.form, WORDS, 1);
	return reply_page(r, &hand_over_view, &page);
}

/* Once it is with colleagues, the session's page leads to the hand-off. */
static const struct err *hand_over_show(struct req *r)
{
	struct list helpers;
	struct session s;
	bool waits;

	store_helpers(r->tx, &helpers);
	TRY(session_read(r, r->id[0], &s));
	waits = !uuid_is_none(s.row->handoff);
	if (waits && r->method == GET)
		return reply_see_other(r, session_url(r, r->id[0]));
	if (waits || !s.row->runs ||
	    (s.row->status != SESSION_ACTIVE && s.row->status != SESSION_PARKED))
		return session_standing(r, &s);
	return show_form(r, &s, helpers);
}

static const struct err *hand_over_again(struct req *r)
{
	session_find(r);
	return hand_over_show(r);
}

static const struct err *hand_over(struct req *r)
{
	const struct hand_form *in = r->input;
	const struct new_handoff from = { .reason = in->reason,
					  .tried = in->tried,
					  .priority =
						  in->priority < 0 ? PRIORITY_NORMAL : in->priority,
					  .to = in->assigned_to_id };
	struct handoff h;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_escalate(r, &s, from, &h));
	TRY(tx_run(r->tx));
	people_flash(r, "Handed off. Your colleagues are being told.");
	return reply_see_other(r, escalation_url(r, h.row->id));
}

#define HANDOFF "/sessions/:session/handoff"

const struct route hand_over_routes[] = {
	{ GET, HANDOFF, .need = PERM_RUN, .find = session_find, .run = hand_over_show },
	{ POST, HANDOFF, .need = PERM_RUN, .input = &hand_form, .find = session_find,
	  .run = hand_over, .again = hand_over_again, .once = true },
	{ 0 },
};
