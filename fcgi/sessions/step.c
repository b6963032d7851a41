/*
 * The page of a step: the question, its answers, the note, and all that is at hand while one talks
 * to the client.  An earlier visit can be read, and its note be changed.
 */
#include "sessions/step.h"

#include <string.h>

#include "flows/travel.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "sessions/store.h"

struct option_line {
	int64_t digit; /* the key; 0: none is left */
	struct str id, label;
	bool before, told;
	int64_t percent, runs; /* of the resolved runs that came here; told: enough to tell */
};

struct step_page {
	struct session_head session;
	struct list errors;
	bool failed, stale;
	struct str older;
	int64_t number, total, answered; /* of how many, where one way leads on; else 0 */
	struct str section, title, again, before, outcome;
	struct html body, help, needed;
	bool decision, action, ends, back, required, checklist, dead_end;
	bool hands_off, hands_first, hands_at_end; /* where on the page that is offered */
	struct uuid taken;                         /* from a colleague: the hand-off */
	struct str taken_from, taken_why;
	struct list options, way;
	struct str note, note_was, note_theirs, scratchpad, scratch_was, scratch_theirs;
	bool has_note, helps;
	struct str skip_reason, skip_error;
	int64_t fields, filled, missing;
	struct str once;
};

static const struct shape option_line_shape =
	SHAPE(struct option_line, F_INT(struct option_line, digit), F_STR(struct option_line, id),
	      F_STR(struct option_line, label), F_BOOL(struct option_line, before),
	      F_BOOL(struct option_line, told), F_INT(struct option_line, percent),
	      F_INT(struct option_line, runs));

#define P_ struct step_page
static const struct shape step_page_shape =
	SHAPE(P_, F_OBJECT(P_, session, struct session_head, &session_head_shape),
	      F_LIST(P_, errors, &session_error_shape), F_BOOL(P_, failed), F_BOOL(P_, stale),
	      F_STR(P_, older), F_INT(P_, number), F_INT(P_, total), F_INT(P_, answered),
	      F_STR(P_, section), F_STR(P_, title), F_STR(P_, again), F_STR(P_, before),
	      F_STR(P_, outcome), F_HTML(P_, body), F_HTML(P_, help), F_HTML(P_, needed),
	      F_BOOL(P_, decision), F_BOOL(P_, action), F_BOOL(P_, ends), F_BOOL(P_, back),
	      F_BOOL(P_, required), F_BOOL(P_, checklist), F_BOOL(P_, dead_end),
	      F_BOOL(P_, hands_off), F_BOOL(P_, hands_first), F_BOOL(P_, hands_at_end),
	      F_UUID(P_, taken), F_STR(P_, taken_from), F_STR(P_, taken_why),
	      F_LIST(P_, options, &option_line_shape), F_LIST(P_, way, &way_line_shape),
	      F_STR(P_, note), F_STR(P_, note_was), F_STR(P_, note_theirs), F_STR(P_, scratchpad),
	      F_STR(P_, scratch_was), F_STR(P_, scratch_theirs), F_BOOL(P_, has_note),
	      F_BOOL(P_, helps), F_STR(P_, skip_reason), F_STR(P_, skip_error), F_INT(P_, fields),
	      F_INT(P_, filled), F_INT(P_, missing), F_STR(P_, once));
#undef P_
const struct view step_view = { "sessions/step", &step_page_shape };

/* ---- the step ---- */

/* What was answered here before: the visit gone back on, or the last round of a loop. */
static const struct visit_row *answered_before(const struct session *s)
{
	const struct visit_row *ret = NULL;

	for (size_t at = 0; at < s->visits.n; at++) {
		const struct visit_row *v = &session_visits(s)[at];

		if (v != s->here && v->answered_at.us && str_eq(v->node, s->here->node) &&
		    (s->here->earlier ? v->n == s->here->earlier : visit_holds(v)))
			ret = v;
	}
	return ret;
}

static struct str answer_words(struct req *r, const struct visit_row *v)
{
	if (v->option_label.n)
		return v->option_label;
	if (v->skip_reason.n)
		return str_fmt(r->arena, "Skipped: %.*s", STR_ARG(v->skip_reason));
	return v->skip_reason.p ? STR("Skipped") : STR("Done");
}

/* "2nd", "3rd", "11th" */
static struct str ordinal(struct req *r, int64_t n)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };
	bool teen = n / 10 % 10 == 1;

	return str_fmt(r->arena, "%lld%s", (long long)n,
		       n % 10 < 4 && !teen ? ends[n % 10] : ends[0]);
}

/* As the flow has them, or, where its author allows it, as most of the resolved runs took them. */
static struct list option_lines(struct req *r, const struct session *s, const struct travel *travel,
				struct prompts *prompts, const struct visit_row *before)
{
	size_t n = s->node->options.n;
	struct option_line *lines = ARENA_ARRAY(r->arena, struct option_line, n + 1);
	size_t *order = ARENA_ARRAY(r->arena, size_t, n + 1);

	travel_order(s->row->by_use ? travel : &(struct travel){ 0 }, s->node, order);
	for (size_t at = 0; at < n; at++) {
		const struct flow_option *option = &flow_options(s->node)[order[at]];
		struct travel_share share = travel_share(travel, s->node->id, option->id);

		lines[at] = (struct option_line){
			.digit = at < 9 ? (int64_t)at + 1 : 0,
			.id = option->id,
			.label = prompts_line(prompts, option->label),
			.before = before && str_eq(before->option, option->id),
			.told = share.runs > 0,
			.percent = share.percent,
			.runs = share.runs,
		};
	}
	return LIST_OF(lines, n);
}

static void fill_options(struct req *r, const struct session *s, const struct travel *travel,
			 struct prompts *prompts, struct step_page *page)
{
	const struct visit_row *before = answered_before(s);

	if (page->decision)
		page->options = option_lines(r, s, travel, prompts, before);
	if (before)
		page->before = prompts_line(prompts, answer_words(r, before));
	if (s->here->again > 1)
		page->again = ordinal(r, s->here->again);
}

static void fill_node(struct req *r, const struct session *s, const struct travel *travel,
		      struct prompts *prompts, struct step_page *page)
{
	const struct flow_node *n = s->node;
	int64_t left;

	if (!n) {
		page->ends = true;
		page->title = STR("All steps are done");
		return;
	}
	page->decision = n->kind == FLOW_DECISION;
	page->action = n->kind == FLOW_ACTION;
	page->ends = n->kind == FLOW_ANSWER;
	page->required = page->action && n->required;
	page->section = s->here->section;
	page->body = prompts_text(prompts, r->server->made, n->body);
	page->help = prompts_text(prompts, r->server->made, n->help);
	page->helps = page->help.s.n > 0;
	page->title = prompts_line(prompts, n->title);
	if (page->ends)
		page->outcome = flow_outcome_word(n->outcome);
	page->dead_end = travel_is_dead_end(travel, n->id);
	fill_options(r, s, travel, prompts, page);
	left = run_steps_left(&s->doc, s->ix, n->id);
	if (s->doc.type != FLOW_TROUBLESHOOTING && left)
		page->total = page->answered + left;
	page->number = page->answered + 1;
}

/* Handing off stands first where it is the likely end. */
static void fill_handoff(const struct session *s, struct step_page *page)
{
	bool may = uuid_is_none(s->row->handoff);

	page->hands_first = may && page->dead_end;
	page->hands_at_end = may && !page->dead_end && s->node && s->node->kind == FLOW_ANSWER &&
			     s->node->outcome == OUTCOME_ESCALATE;
	page->hands_off = may && !page->hands_first && !page->hands_at_end;
	page->taken = s->row->handoff;
	page->taken_from = s->row->handoff_by;
	page->taken_why = s->row->handoff_why;
}

/* ---- what was typed ---- */

static struct str unless_none(struct str text)
{
	return text.p ? text : STR("");
}

struct step_texts step_texts(struct req *r, const struct session *s, const struct visit_row *v,
			     const struct step_form *form)
{
	static const struct step_form nothing = { 0 };

	if (!form)
		form = &nothing;
	return (struct step_texts){
		.note = session_meet(r, form->note, form->note_was, v ? v->notes : STR("")),
		.scratchpad =
			session_meet(r, form->scratchpad, form->scratch_was, s->row->scratchpad),
	};
}

static void put_older(struct buf *out, struct str label, struct str text)
{
	if (!str_trim(text).n)
		return;
	buf_put(out, out->n ? STR("\n") : STR(""));
	buf_printf(out, "%.*s%.*s", STR_ARG(label), STR_ARG(text));
}

/* What an older window says beside what is stored: in words, to be copied or added to the note.
 * Passwords are left out. */
static struct str older_words(struct req *r, const struct session *s, const struct visit_row *of)
{
	const struct step_form *form = r->input;
	struct step_texts texts = step_texts(r, s, of, form);
	struct buf out = buf_new(r->arena, (size_t)2 << 20);
	const struct flow_node *node;
	ptrdiff_t at = of ? flow_at(s->ix, of->node) : -1;

	node = at < 0 ? NULL : &flow_nodes(&s->doc.structure)[at];
	if (texts.note.changed || texts.note.theirs.p)
		put_older(&out, STR(""), texts.note.text);
	if (texts.scratchpad.changed || texts.scratchpad.theirs.p)
		put_older(&out, STR("Scratchpad: "), texts.scratchpad.text);
	if (node && form && form->option.n && run_option(node, form->option) &&
	    !str_eq(form->option, of->option))
		put_older(&out, STR("Answer: "), run_option(node, form->option)->label);
	if (form)
		put_older(&out, STR("Skipped: "), unless_none(form->skip_reason));
	for (size_t v = 0; v < s->values.n; v++) {
		const struct flow_field *f = s->values.items[v].field;
		struct str typed = form_value(r, str_fmt(r->arena, "v.%.*s", STR_ARG(f->name)));

		if (f->kind != KIND_PASSWORD && !str_eq(typed, value_shown(&s->values.items[v])))
			put_older(&out, str_fmt(r->arena, "%.*s: ", STR_ARG(f->label)),
				  unless_none(typed));
	}
	return buf_str(&out);
}

/* ---- the page ---- */

static void fill_texts(struct req *r, const struct session *s, const struct step_form *form,
		       struct step_page *page)
{
	struct step_texts texts = step_texts(r, s, s->here, form);

	page->has_note = s->here != NULL;
	page->note = texts.note.text;
	page->note_was = texts.note.was;
	page->note_theirs = texts.note.theirs;
	page->scratchpad = texts.scratchpad.text;
	page->scratch_was = texts.scratchpad.was;
	page->scratch_theirs = texts.scratchpad.theirs;
	page->skip_reason = form ? form->skip_reason : STR_NONE;
	page->skip_error = input_problem_of(r, STR("skip_reason"));
}

static void fill_head(struct req *r, const struct session *s, struct step_page *page)
{
	page->session = session_head(r, s);
	page->answered = session_answered(s);
	page->back = page->answered > 0;
	page->checklist = s->doc.type != FLOW_TROUBLESHOOTING;
	page->way = session_way(r, s, page->checklist ? WAY_WHOLE : WAY_BEHIND);
	page->fields = (int64_t)s->values.n;
	page->filled = page->fields - (int64_t)values_unfilled(&s->values, false);
	page->missing = (int64_t)values_unfilled(&s->values, true);
	page->once = crypto_token(r->arena);
	page->errors = session_errors(r);
	page->failed = r->nproblems > 0;
}

static const struct err *show_current(struct req *r, const struct session *s,
				      const struct travel *travel, int64_t n)
{
	struct prompts prompts = prompts_new(r->arena, &s->values);
	struct step_page page = { .stale = n != s->row->visit };
	const struct step_form *form = r->method == POST && !page.stale ? r->input : NULL;

	if (!page.stale)
		session_typed_prompts(r, &prompts);
	else
		page.older = older_words(r, s, session_visit(s, n));
	fill_head(r, s, &page);
	fill_node(r, s, travel, &prompts, &page);
	fill_handoff(s, &page);
	page.needed = prompts_rest(&prompts);
	fill_texts(r, s, form, &page);
	return reply_page(r, &step_view, &page);
}

/* ---- an earlier visit ---- */

struct earlier_page {
	struct session_head session;
	struct list errors;
	bool failed;
	int64_t n;
	struct str section, title, answer, by, ago, note, note_was, note_theirs, once;
	struct instant at;
	bool reverted;
	struct html body;
};

#define E_ struct earlier_page
static const struct shape earlier_page_shape =
	SHAPE(E_, F_OBJECT(E_, session, struct session_head, &session_head_shape),
	      F_LIST(E_, errors, &session_error_shape), F_BOOL(E_, failed), F_INT(E_, n),
	      F_STR(E_, section), F_STR(E_, title), F_STR(E_, answer), F_STR(E_, by),
	      F_STR(E_, ago), F_STR(E_, note), F_STR(E_, note_was), F_STR(E_, note_theirs),
	      F_STR(E_, once), F_TIME(E_, at), F_BOOL(E_, reverted), F_HTML(E_, body));
#undef E_
const struct view earlier_view = { "sessions/earlier", &earlier_page_shape };

static const struct err *show_earlier(struct req *r, const struct session *s,
				      const struct visit_row *v)
{
	struct prompts prompts = prompts_new(r->arena, &s->values);
	struct step_texts texts = step_texts(r, s, v, r->method == POST ? r->input : NULL);
	ptrdiff_t at = flow_at(s->ix, v->node);
	struct earlier_page page = {
		.session = session_head(r, s),
		.errors = session_errors(r),
		.failed = r->nproblems > 0,
		.n = v->n,
		.section = v->section,
		.title = prompts_line(&prompts, v->title),
		.answer = v->answered_at.us ? prompts_line(&prompts, answer_words(r, v)) : STR(""),
		.by = v->person_name,
		.ago = clock_ago(r->arena, v->answered_at),
		.at = v->answered_at,
		.reverted = v->reverted_at.us != 0,
		.note = texts.note.text,
		.note_was = texts.note.was,
		.note_theirs = texts.note.theirs,
		.once = crypto_token(r->arena),
	};

	/* Each place as its text or its name: nothing is filled in here. */
	for (size_t one = 0; one < prompts.n; one++)
		prompts.items[one].placed = true;
	if (at >= 0)
		page.body = prompts_text(&prompts, r->server->made,
					 flow_nodes(&s->doc.structure)[at].body);
	return reply_page(r, &earlier_view, &page);
}

/* ---- which of them ---- */

const struct err *step_of_path(struct req *r, const struct session *s, int64_t *ret)
{
	if (!str_to_int(r->word, ret) || *ret < 1 || *ret > s->row->visit)
		return ERR(r->arena, ERR_NOT_FOUND, "This session has no such step.");
	return NULL;
}

static bool is_of_note(const struct req *r)
{
	return str_ends(r->path, STR("/note"));
}

const struct err *step_show(struct req *r)
{
	const struct visit_row *v;
	struct list travelled;
	struct session s;
	int64_t n;

	store_travel_here(r->tx, r->id[0], &travelled);
	TRY(session_read(r, r->id[0], &s));
	if (!session_runs(&s))
		return session_standing(r, &s);
	TRY(step_of_path(r, &s, &n));
	v = session_visit(&s, n);
	if (v && n != s.row->visit && (r->method == GET || is_of_note(r)))
		return show_earlier(r, &s, v);
	return show_current(r, &s, &(struct travel){ travelled.items, travelled.n }, n);
}

const struct err *step_again(struct req *r)
{
	session_find(r);
	return step_show(r);
}
