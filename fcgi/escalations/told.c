/* A hand-off in words; see told.h. */
#include "escalations/told.h"

#include "kit/base/arena.h"
#include "kit/redact/redact.h"
#include "sessions/acts.h"

#define LINE_MAX  300 /* bytes of a title or a name in a headline */
#define NOTES_MAX 600 /* bytes of a step's note */

/* ---- what happened ---- */

enum actor { NOBODY, ESCALATOR, CLAIMER };

static const struct happening {
	const char *occasion;
	bool calls;
	enum actor actor;
	const char *words;
} happenings[] = {
	{ "created", true, ESCALATOR, "needs help" },
	{ "released", true, NOBODY, "Open again" },
	{ "overdue", true, NOBODY, "Nobody has taken this over yet" },
	{ "claimed", false, CLAIMER, "has taken over" },
	{ "released", false, NOBODY, "Yours waits again" },
	{ "resolved", false, CLAIMER, "has resolved" },
	{ "cancelled", false, NOBODY, "Withdrawn" },
	{ 0 },
};

/* A delivery without a row here is none: the table's occasions are those of the states. */
static struct str lead(struct arena *a, const struct told *t, const struct due_row *due)
{
	const struct happening *h = happenings;
	struct str actor;

	while (h->occasion &&
	       (h->calls != due->calls || !str_eq(str_of(h->occasion), due->occasion)))
		h++;
	if (!h->occasion || h->actor == NOBODY)
		return h->occasion ? str_of(h->words) : STR("Hand-off");
	actor = h->actor == ESCALATOR ? t->by : t->claimer.n ? t->claimer : STR("A colleague");
	return str_fmt(a, "%.*s %s", STR_ARG(actor), h->words);
}

struct str told_headline(struct arena *a, const struct told *t, const struct due_row *due)
{
	struct str words = lead(a, t, due);

	if (!t->client.n)
		return str_fmt(a, "%.*s: %.*s", STR_ARG(words), STR_ARG(t->title));
	return str_fmt(a, "%.*s: %.*s (%.*s)", STR_ARG(words), STR_ARG(t->title),
		       STR_ARG(t->client));
}

struct str told_sentence(struct arena *a, const struct told *t, const struct due_row *due)
{
	struct str headline = told_headline(a, t, due);

	if (!due->calls)
		return str_fmt(a, "%.*s.", STR_ARG(headline));
	return str_fmt(a, "%.*s. %.*s priority.", STR_ARG(headline), STR_ARG(t->priority));
}

struct str told_subject(struct arena *a, const struct told *t, const struct due_row *due)
{
	struct str headline = told_headline(a, t, due);

	if (!due->calls)
		return headline;
	return str_fmt(a, "[%.*s] %.*s", STR_ARG(t->priority), STR_ARG(headline));
}

/* ---- its texts ---- */

/* What each text goes through: its variables are filled in, then what must not leave is taken out.
 */
struct teller {
	struct arena *a;
	const struct redact_rules *rules; /* NULL: it stays in the product */
	const struct case_row *from;
};

static struct str clean(const struct teller *t, struct str text)
{
	return t->rules ? redact(t->a, t->rules, text, NULL) : text;
}

static struct str filled(const struct teller *t, struct str text)
{
	return clean(t, session_named(t->a, t->from->intake, t->from->variables, text));
}

/* Whatever it is called. */
static struct str one_line(struct arena *a, struct str text)
{
	return str_brief(a, str_trim(str_one_line(a, text)), LINE_MAX);
}

struct list told_lines(struct arena *a, struct str text)
{
	size_t most = 1, n = 0;
	struct str *lines, rest = str_trim(text);

	for (size_t at = 0; at < rest.n; at++)
		most += rest.p[at] == '\n' || rest.p[at] == '\r';
	lines = ARENA_ARRAY(a, struct str, most);
	while (rest.n)
		lines[n++] = str_cut_line(&rest);
	return LIST_OF(lines, n);
}

static struct list path_of(const struct teller *t, struct list steps)
{
	const struct told_step_row *rows = steps.items;
	struct told_step *path = ARENA_ARRAY(t->a, struct told_step, steps.n + 1);

	for (size_t at = 0; at < steps.n; at++) {
		const struct told_step_row *row = &rows[at];
		struct str answer = row->skip_reason.n ? row->skip_reason : row->answer;

		path[at] = (struct told_step){
			.n = row->n,
			.title = one_line(t->a, filled(t, row->title)),
			.answer = one_line(t->a, filled(t, answer)),
			.notes = told_lines(t->a, str_brief(t->a, clean(t, row->notes), NOTES_MAX)),
		};
	}
	return LIST_OF(path, steps.n);
}

struct told told_of(struct arena *a, const struct redact_rules *rules, const struct case_row *from,
		    struct list steps)
{
	const struct teller t = { a, rules, from };

	return (struct told){
		.by = one_line(a, from->by),
		.claimer = one_line(a, from->claimer),
		.priority = names_text(&handoff_priority_words, from->priority),
		.title = one_line(a, filled(&t, from->flow_name)),
		.client = one_line(a, clean(&t, from->client)),
		.ticket = one_line(a, clean(&t, from->ticket)),
		.step = one_line(a, filled(&t, from->step)),
		.reason = clean(&t, from->reason),
		.tried = clean(&t, from->tried),
		.resolution = clean(&t, from->resolution),
		.path = path_of(&t, steps),
	};
}
