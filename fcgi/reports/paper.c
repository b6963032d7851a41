/* A report in the words that people read, the same for each format; see paper.h. */
#include "reports/paper.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/render/markdown.h"
#include "kit/render/render.h"
#include "reports/cut.h"

#define LINE  50   /* letters for whose room a line break stands */
#define SHEET 4000 /* letters on nearly a sheet */

#define T struct report_fact
static const struct shape fact_shape =
	SHAPE(T, F_STR(T, label), F_STR(T, value), F_STR(T, datetime), F_STR(T, link),
	      F_STR(T, name), F_STR(T, state));
#undef T
#define T struct report_passage
static const struct shape passage_shape = SHAPE(T, F_HTML(T, html));
#undef T
#define T struct report_entry
static const struct shape entry_shape =
	SHAPE(T, F_INT(T, number), F_INT(T, level), F_STR(T, title), F_STR(T, mark),
	      F_OBJECT(T, body, struct report_passage, &passage_shape),
	      F_OBJECT(T, note, struct report_passage, &passage_shape),
	      F_LIST(T, facts, &fact_shape), F_BOOL(T, lengthy));
#undef T
#define T struct report_group
static const struct shape group_shape =
	SHAPE(T, F_STR(T, section), F_LIST(T, entries, &entry_shape));
#undef T
#define T struct report_paper
const struct shape report_paper_shape = SHAPE(
	T, F_STR(T, title), F_STR(T, ticket), F_LIST(T, facts, &fact_shape),
	F_OBJECT(T, summary, struct report_passage, &passage_shape),
	F_OBJECT(T, scratchpad, struct report_passage, &passage_shape), F_STR(T, steps_title),
	F_LIST(T, groups, &group_shape), F_STR(T, handoffs_title), F_LIST(T, handoffs, &fact_shape),
	F_STR(T, values_title), F_LIST(T, values, &fact_shape), F_STR(T, made),
	F_STR(T, made_datetime), F_STR(T, detail), F_STR(T, record));
#undef T

/* What is blank is as good as none. */
static struct str given(struct str text)
{
	return str_trim(text).n ? text : STR_NONE;
}

static struct str either(struct str text, struct str otherwise)
{
	return given(text).n ? text : otherwise;
}

/* A passage under a heading of this level, its own headings below that one. */
static struct report_passage passage(struct arena *a, struct str text, size_t level, bool html)
{
	struct report_passage p = { .text = given(text) };

	/* What is "#" in Markdown is <h3> in a page. */
	if (p.text.n && html && markdown_html(a, markdown_demoted(a, text, level + 1 - 2), &p.html))
		p.html = html_as_written(a, text);
	return p;
}

/* ---- facts ---- */

#define FACTS_MAX 12

struct facts {
	struct arena *arena;
	struct report_fact *list;
	size_t n;
};

static struct report_fact *add(struct facts *f, struct str label, struct str value)
{
	static struct report_fact nowhere;

	if (!given(value).n || f->n == FACTS_MAX)
		return &nowhere;
	f->list[f->n] = (struct report_fact){ .label = label, .value = value };
	return &f->list[f->n++];
}

static void add_time(struct facts *f, struct str label, struct instant at)
{
	add(f, label, clock_words(f->arena, at))->datetime = clock_rfc3339(f->arena, at);
}

static void add_span(struct facts *f, struct str label, int64_t seconds)
{
	add(f, label, seconds > 0 ? clock_span(f->arena, seconds) : STR_NONE);
}

static struct str joined(struct arena *a, struct str first, struct str second)
{
	if (!given(first).n || !given(second).n)
		return either(first, second);
	return str_fmt(a, "%.*s, %.*s", STR_ARG(first), STR_ARG(second));
}

static bool is_web(struct str address)
{
	for (size_t at = 0; at < address.n; at++)
		if ((unsigned char)address.p[at] <= ' ' || strchr("<>", address.p[at]))
			return false;
	return str_starts(address, STR("https://")) || str_starts(address, STR("http://"));
}

static struct list head_facts(struct arena *a, const struct report *r)
{
	struct facts f = { a, ARENA_ARRAY(a, struct report_fact, FACTS_MAX), 0 };
	struct str version =
		r->version ? str_fmt(a, "version %lld", (long long)r->version) : STR_NONE;

	add(&f, STR("Client"), r->client);
	add(&f, STR("Ticket"), r->ticket);
	add(&f, STR("Engineer"), joined(a, r->engineer, r->account));
	add(&f, STR("Flow"), joined(a, r->flow_type, version));
	add_time(&f, STR("Started"), r->started);
	add_time(&f, STR("Ended"), r->ended);
	add_span(&f, STR("Active time"), r->active_seconds);
	add(&f, STR("Status"), r->status);
	add(&f, STR("Outcome"), r->outcome);
	add(&f, STR("Session"), r->address)->link = is_web(r->address) ? r->address : STR_NONE;
	return LIST_OF(f.list, f.n);
}

/* ---- steps ---- */

static struct list step_facts(struct arena *a, const struct report_step *s)
{
	struct facts f = { a, ARENA_ARRAY(a, struct report_fact, FACTS_MAX), 0 };

	add(&f, str_eq(s->kind, STR("decision")) ? STR("Answer") : STR("Result"), s->answer);
	add(&f, STR("Skipped because"), s->skip_reason);
	add(&f, STR("By"), s->who);
	add_time(&f, STR("When"), s->at);
	add_span(&f, STR("Took"), s->seconds);
	return LIST_OF(f.list, f.n);
}

static struct str mark_of(struct arena *a, const struct report_step *s)
{
	struct str visit = s->visit > 1 ? str_fmt(a, "visit %lld", (long long)s->visit) : STR_NONE;

	return joined(a, s->reverted ? STR("gone back on") : STR_NONE, visit);
}

/* On paper a step stays whole where it can; one of nearly a sheet would leave the one before it
 * empty. */
static size_t room_of(struct str text)
{
	size_t n = text.n;

	for (size_t at = 0; at < text.n; at++)
		n += text.p[at] == '\n' ? LINE : 0;
	return n;
}

static struct report_entry entry_of(struct arena *a, const struct report_step *s, bool html)
{
	size_t level = given(s->section).n ? 4 : 3;

	return (struct report_entry){
		.number = s->number,
		.level = (int64_t)level,
		.title = either(s->title, STR("Untitled step")),
		.mark = mark_of(a, s),
		.body = passage(a, s->body, level, html),
		.note = passage(a, s->note, level, html),
		.facts = step_facts(a, s),
		.lengthy = room_of(s->body) + room_of(s->note) > SHEET,
	};
}

static void fill_steps(struct arena *a, const struct report *r, bool html, struct report_paper *p)
{
	const struct report_step *steps = r->steps.items;
	struct report_entry *entries = ARENA_ARRAY(a, struct report_entry, r->steps.n + 1);
	struct report_group *groups = ARENA_ARRAY(a, struct report_group, r->steps.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < r->steps.n; at++) {
		struct str section = given(steps[at].section);

		entries[at] = entry_of(a, &steps[at], html);
		if (n == 0 || !str_eq(groups[n - 1].section, section))
			groups[n++] = (struct report_group){ section, LIST_OF(&entries[at], 0) };
		groups[n - 1].entries.n++;
	}
	p->groups = LIST_OF(groups, n);
	if (n)
		p->steps_title = r->detail == REPORT_SUMMARY ? STR("Last step") : STR("Steps");
}

/* ---- hand-offs ---- */

/* "Priya Nair, 21 November 2026, 10:51 UTC: the MTU was wrong" */
static struct report_fact event_of(struct arena *a, const struct report_event *e)
{
	struct str when = joined(a, e->who, clock_words(a, e->at));
	struct str word = given(e->word);

	return (struct report_fact){
		.label = e->what,
		.value = word.n ? str_fmt(a, "%.*s: %.*s", STR_ARG(when), STR_ARG(str_trim(word)))
				: when,
	};
}

static void fill_handoffs(struct arena *a, const struct report *r, struct report_paper *p)
{
	const struct report_event *events = r->handoffs.items;
	struct report_fact *facts = ARENA_ARRAY(a, struct report_fact, r->handoffs.n + 1);

	for (size_t at = 0; at < r->handoffs.n; at++)
		facts[at] = event_of(a, &events[at]);
	p->handoffs = LIST_OF(facts, r->handoffs.n);
	if (r->handoffs.n)
		p->handoffs_title = STR("Hand-offs");
}

/* ---- variables ---- */

static struct report_fact value_of(const struct report_variable *v)
{
	struct report_fact ret = { .label = either(v->label, v->name) };

	if (v->filled && v->value.n) {
		ret.value = v->value;
		return ret;
	}
	ret.name = v->name;
	ret.state = v->filled     ? STR("not shown")
		    : v->required ? STR("not filled in, though it is required")
				  : STR("not filled in");
	return ret;
}

static void fill_values(struct arena *a, const struct report *r, struct report_paper *p)
{
	const struct report_variable *variables = r->variables.items;
	struct report_fact *values = ARENA_ARRAY(a, struct report_fact, r->variables.n + 1);

	for (size_t at = 0; at < r->variables.n; at++)
		values[at] = value_of(&variables[at]);
	p->values = LIST_OF(values, r->variables.n);
	if (r->variables.n)
		p->values_title =
			r->detail == REPORT_FULL ? STR("Variables") : STR("Still to fill in");
}

/* ---- the whole ---- */

const struct report_paper *report_paper_of(struct arena *a, const struct report *cut, bool html)
{
	struct report_paper *p = ARENA_NEW(a, struct report_paper);

	*p = (struct report_paper){
		.title = either(cut->flow, STR("Untitled flow")),
		.ticket = given(cut->ticket),
		.facts = head_facts(a, cut),
		.summary = passage(a, cut->summary, 2, html),
		.scratchpad = passage(a, cut->scratchpad, 2, html),
		.made = clock_words(a, cut->made_at),
		.made_datetime = clock_rfc3339(a, cut->made_at),
		.detail = names_text(&report_details, cut->detail),
		.record = cut->record,
	};
	fill_steps(a, cut, html, p);
	fill_handoffs(a, cut, p);
	fill_values(a, cut, p);
	return p;
}

const struct report_paper *report_paper(struct arena *a, const struct report *cut)
{
	return report_paper_of(a, cut, true);
}
