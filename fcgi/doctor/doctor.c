/* Goes through the tables of checks; see doctor.h and checks.h. */
#include "doctor/doctor.h"

#include "doctor/checks.h"
#include "doctor/store.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define LINES_MAX ((size_t)64 << 10)
#define SHOWN     5

struct str check_lines(struct arena *a, struct list lines)
{
	struct buf out = buf_new(a, LINES_MAX);

	for (size_t at = 0; at < lines.n && at < SHOWN; at++) {
		buf_put(&out, at ? STR("; ") : STR(""));
		buf_put(&out, ((const struct line *)lines.items)[at].text);
	}
	if (lines.n > SHOWN)
		buf_printf(&out, "; and %zu more", lines.n - SHOWN);
	return lines.n ? buf_str(&out) : STR_NONE;
}

static const struct err *ask(struct doctor *d, const struct sql *wrong, struct found *ret)
{
	struct list lines;
	struct tx *tx;

	if (!d->owner)
		return ERR(d->arena, ERR_BUSY, "the database can't be asked");
	tx = tx_new(d->arena, d->owner);
	tx_list(tx, wrong, &lines);
	TRY(tx_run(tx));
	ret->text = check_lines(d->arena, lines);
	return NULL;
}

static struct finding look(struct doctor *d, const struct check *check)
{
	struct found found = { STR_NONE, (int)check->state, str_of(check->advice) };
	const struct err *e = check->wrong ? ask(d, *check->wrong, &found) : check->look(d, &found);

	if (e) {
		found.text = e->message;
		found.state = FINDING_FAIL;
	}
	if (!found.text.p)
		return (struct finding){ FINDING_OK, str_of(check->name), STR("well"), STR("") };
	return (struct finding){ found.state, str_of(check->name), found.text, found.advice };
}

/* tables: NULL-ended. */
static struct list look_all(struct doctor *d, const struct check *const *tables)
{
	struct finding *findings;
	size_t n = 0;

	for (const struct check *const *table = tables; *table; table++)
		for (const struct check *at = *table; at->name; at++)
			n++;
	findings = ARENA_ARRAY(d->arena, struct finding, n);
	n = 0;
	for (const struct check *const *table = tables; *table; table++)
		for (const struct check *at = *table; at->name; at++)
			findings[n++] = look(d, at);
	return LIST_OF(findings, n);
}

struct list doctor_look_as_root(struct doctor *d)
{
	static const struct check *const tables[] = { site_checks, NULL };

	return look_all(d, tables);
}

struct list doctor_look(struct doctor *d)
{
	static const struct check *const tables[] = { settings_checks, database_checks,
						      machine_checks, NULL };

	return look_all(d, tables);
}

struct finding doctor_settings_broken(const struct err *e)
{
	return (struct finding){ FINDING_FAIL, STR("settings"), e->message,
				 STR("Set it in the environment; .env.example explains each.") };
}
