/* The account's own patterns for what must not leave: the page on which they are tried, and the
 * API. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "redaction/store.h"

#define PAGE "/redaction"
#define API  "/api/v1/redaction-patterns"

void redaction_read(struct tx *tx, struct list *ret)
{
	store_patterns(tx, ret);
}

const struct redact_rules *redaction_rules(struct arena *a, struct list patterns,
					   const struct redact_wish *wish)
{
	struct redact_wish all = wish ? *wish : (struct redact_wish){ 0 };
	struct redact_pattern *own = ARENA_ARRAY(a, struct redact_pattern, patterns.n);
	const struct pattern_row *rows = patterns.items;

	for (size_t at = 0; at < patterns.n; at++)
		own[at] = (struct redact_pattern){ rows[at].pattern, rows[at].kind };
	all.patterns = own;
	all.npatterns = patterns.n;
	return redact_rules_new(a, &all);
}

/* ---- input ---- */

struct pattern_input {
	struct str name, pattern, kind;
};

static const char *check_kind(struct str kind)
{
	for (size_t at = 0; at < kind.n; at++) {
		char c = kind.p[at];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      (at && (c == '-' || c == '_'))))
			return "takes small letters, digits, - and _.";
	}
	return NULL;
}

#define I struct pattern_input
static const struct shape pattern_input = SHAPE_WITH(
	I, (.read_only = "id,made_by,created_at"),
	F_STR(I, name, .min = 1, .max = 80, .label = "Name"),
	F_STR(I, pattern, .min = 1, .max = 500, .exact = true, .label = "Pattern"),
	F_STR(I, kind, .optional = true, .max = 30, .check = check_kind, .label = "Shown as"));

static const struct control pattern_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "off" },
	{ "pattern", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "A regular expression. Case does not matter." },
	{ "kind", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "One word. [REDACTED:custom] without it." },
	{ 0 },
};

struct try_input {
	struct str text, extra;
};

static const struct shape try_input =
	SHAPE(struct try_input,
	      F_STR(struct try_input, text, .min = 1, .max = 20000, .lines = true, .label = "Text"),
	      F_STR(struct try_input, extra, .optional = true, .max = 500, .exact = true,
		    .label = "With this pattern, too"));

static const struct control try_controls[] = {
	{ "text", CONTROL_LINES, .autocomplete = "off", .hint = "It is not kept." },
	{ "extra", CONTROL_TEXT, .autocomplete = "off" },
	{ 0 },
};

/* ---- acts ---- */

static void pattern_find(struct req *r)
{
	struct pattern_row **row = ARENA_NEW(r->arena, struct pattern_row *);

	store_pattern(r->tx, r->id[0], row);
}

static const struct err *check_pattern(struct req *r, const char *field, struct str pattern)
{
	const struct err *e = redact_check(r->arena, pattern);

	if (!e || e->kind != ERR_INVALID)
		return e;
	return input_refuse(r, field, "The pattern %.*s", STR_ARG(e->message));
}

static struct json_text named(struct req *r, struct str name)
{
	struct buf out = buf_new(r->arena, 1024);

	buf_put(&out, STR("{\"name\":"));
	buf_put_json(&out, name);
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

static const struct json_text nothing = { { NULL, 0 } };

static const struct err *add(struct req *r, struct pattern_row **ret)
{
	const struct pattern_input *in = r->input;
	struct pattern_row row = { .id = crypto_uuid7(),
				   .name = in->name,
				   .pattern = in->pattern,
				   .kind = in->kind.n ? in->kind : STR("custom") };
	const struct err *e;

	TRY(check_pattern(r, "pattern", in->pattern));
	store_pattern_add(r->tx, &row);
	audit(r, "redaction.added", "redaction_pattern", row.id, nothing, named(r, in->name));
	store_pattern(r->tx, row.id, ret);
	e = tx_run(r->tx);
	if (e && (e->kind == ERR_CONFLICT || e->kind == ERR_INVALID))
		input_problem(r, STR("name"), e->message);
	return e;
}

static const struct err *delete (struct req *r)
{
	struct pattern_row *was;

	store_pattern(r->tx, r->id[0], &was);
	TRY(tx_more(r->tx));
	store_pattern_delete(r->tx, r->id[0]);
	audit(r, "redaction.deleted", "redaction_pattern", r->id[0], named(r, was->name), nothing);
	return tx_run(r->tx);
}

/* ---- API ---- */

struct patterns_json {
	struct list items;
};

#define R struct pattern_row
static const struct shape pattern_json =
	SHAPE_WITH(R, (.label = "RedactionPattern"), F_UUID(R, id), F_STR(R, name),
		   F_STR(R, pattern), F_STR(R, kind), F_STR(R, made_by), F_TIME(R, created_at));
static const struct shape patterns_json =
	SHAPE(struct patterns_json, F_LIST(struct patterns_json, items, &pattern_json));

static const struct err *list_api(struct req *r)
{
	struct patterns_json answer;

	store_patterns(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &patterns_json, &answer);
}

static const struct err *add_api(struct req *r)
{
	struct pattern_row *row;

	TRY(add(r, &row));
	return reply_json(r, &pattern_json, row);
}

static const struct err *delete_api(struct req *r)
{
	TRY(delete (r));
	return reply_none(r);
}

/* ---- the page ---- */

static const struct shape hit_shape = SHAPE(struct hit, F_STR(struct hit, shown),
					    F_STR(struct hit, text), F_INT(struct hit, count));

struct patterns_page {
	struct form_view form, attempt;
	struct list patterns, hits;
	struct str result;
	bool any, tried, found, gave_up;
};

#define V struct patterns_page
static const struct shape patterns_page_shape =
	SHAPE(V, F_OBJECT(V, form, struct form_view, &form_view_shape),
	      F_OBJECT(V, attempt, struct form_view, &form_view_shape),
	      F_LIST(V, patterns, &pattern_json), F_LIST(V, hits, &hit_shape), F_STR(V, result),
	      F_BOOL(V, any), F_BOOL(V, tried), F_BOOL(V, found), F_BOOL(V, gave_up));
static const struct view patterns_view = { "redaction/patterns", &patterns_page_shape };
const struct view *const redaction_views[] = { &patterns_view, NULL };

static const struct err *page_with(struct req *r, struct patterns_page *page)
{
	page->any = page->patterns.n > 0;
	page->form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							   .button = "Add the pattern",
							   .input = &pattern_input,
							   .controls = pattern_controls,
							   .once = true,
							   .quiet = true });
	page->attempt = form_view(r, &(struct form_settings){ .action = STR(PAGE "/try"),
							      .button = "Try it",
							      .input = &try_input,
							      .controls = try_controls,
							      .quiet = true });
	return reply_page(r, &patterns_view, page);
}

static const struct err *show(struct req *r)
{
	struct patterns_page page = { 0 };

	store_patterns(r->tx, &page.patterns);
	TRY(tx_run(r->tx));
	return page_with(r, &page);
}

/* The account's rules, and perhaps one pattern more, which nobody has added yet. */
static const struct redact_rules *rules_with(struct req *r, struct list patterns, struct str extra)
{
	struct pattern_row *rows = ARENA_ARRAY(r->arena, struct pattern_row, patterns.n + 1);
	const struct pattern_row *own = patterns.items;

	for (size_t at = 0; at < patterns.n; at++)
		rows[at] = own[at];
	rows[patterns.n] = (struct pattern_row){ .pattern = extra, .kind = STR("custom") };
	return redaction_rules(r->arena, LIST_OF(rows, patterns.n + (extra.n > 0)), NULL);
}

static const struct err *try_it(struct req *r)
{
	const struct try_input *in = r->input;
	struct patterns_page page = { .tried = true };
	struct hits hits = { 0 };

	if (in->extra.n)
		TRY(check_pattern(r, "extra", in->extra));
	store_patterns(r->tx, &page.patterns);
	TRY(tx_run(r->tx));
	page.result = redact(r->arena, rules_with(r, page.patterns, in->extra), in->text, &hits);
	page.hits = LIST_OF(hits.items, hits.n);
	page.found = hits.n > 0;
	page.gave_up = hits.gave_up;
	return page_with(r, &page);
}

static const struct err *add_by_page(struct req *r)
{
	struct pattern_row *row;

	TRY(add(r, &row));
	people_flash(r, "The pattern is added. It holds for everything that leaves from now on.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *delete_by_page(struct req *r)
{
	TRY(delete (r));
	people_flash(r, "The pattern is gone.");
	return reply_see_other(r, STR(PAGE));
}

const struct route redaction_routes[] = {
	{ GET, API, .need = PERM_PEOPLE, .run = list_api, .output = &patterns_json,
	  .about = "What the account takes out of texts before they leave" },
	{ POST, API, .need = PERM_PEOPLE, .input = &pattern_input, .run = add_api,
	  .output = &pattern_json, .status = 201, .once = true,
	  .about = "Add a pattern, a regular expression; at most 50" },
	{ DELETE, API "/:pattern", .need = PERM_PEOPLE, .find = pattern_find, .run = delete_api,
	  .status = 204, .about = "Delete a pattern" },
	{ GET, PAGE, .need = PERM_PEOPLE, .run = show },
	{ POST, PAGE, .need = PERM_PEOPLE, .input = &pattern_input, .run = add_by_page,
	  .again = show, .once = true },
	{ POST, PAGE "/try", .need = PERM_PEOPLE, .input = &try_input, .run = try_it,
	  .again = show },
	{ POST, PAGE "/:pattern/delete", .need = PERM_PEOPLE, .find = pattern_find,
	  .run = delete_by_page },
	{ 0 },
};
