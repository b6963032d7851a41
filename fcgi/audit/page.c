/* The log as a page: filters in the address, entries by key. */
#include "accounts/accounts.h"
#include "audit/audit.h"
#include "audit/list.h"
#include "audit/words.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/people.h"

#define PAGE_SIZE 50
#define API       "/api/v1/audit"

/* ---- an entry ---- */

static const struct shape change_shape =
	SHAPE(struct audit_change, F_STR(struct audit_change, name),
	      F_STR(struct audit_change, was), F_STR(struct audit_change, now));

struct entry_line {
	struct uuid id;
	struct str action, object, link, all_url, who, who_url, ago, when, address, device,
		request_id, seal;
	struct instant at;
	struct list changes;
};

#define L struct entry_line
static const struct shape entry_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, action), F_STR(L, object), F_STR(L, link),
	      F_STR(L, all_url), F_STR(L, who), F_STR(L, who_url), F_STR(L, ago), F_STR(L, when),
	      F_STR(L, address), F_STR(L, device), F_STR(L, request_id), F_STR(L, seal),
	      F_TIME(L, at), F_LIST(L, changes, &change_shape));
#undef L

static struct entry_line line_of(struct req *r, const struct audit_line *line)
{
	struct arena *a = r->arena;
	struct str actor = uuid_is_none(line->actor) ? STR("nobody") : uuid_str(&line->actor);

	return (struct entry_line){
		.id = line->id,
		.action = audit_words(a, line->action),
		.object = audit_object(a, line),
		.link = audit_link(a, line, (enum role)r->who->row->role),
		.all_url = uuid_is_none(line->object_id)
				   ? STR_NONE
				   : url_turned(r, "object", uuid_str(&line->object_id)),
		.who = audit_actor(a, line),
		.who_url = url_turned(r, "actor", actor),
		.ago = clock_ago(a, line->at),
		.when = clock_words(a, line->at),
		.at = line->at,
		.address = line->address,
		.device = line->agent.n ? agent_label(a, line->agent) : STR_NONE,
		.request_id = line->request_id,
		.seal = line->seal ? str_fmt(a, "%lld", (long long)line->seal) : STR_NONE,
		.changes = audit_changes(a, line),
	};
}

/* ---- filters ---- */

struct pick {
	struct str value, label, url;
	bool selected;
};

static const struct shape pick_shape =
	SHAPE(struct pick, F_STR(struct pick, value), F_STR(struct pick, label),
	      F_STR(struct pick, url), F_BOOL(struct pick, selected));

struct audit_page {
	struct str action, object, from, to, newer, older, csv;
	int64_t months;
	bool filtered, none;
	struct list people, actions, applied, entries;
};

#define V struct audit_page
static const struct shape audit_page_shape =
	SHAPE(V, F_STR(V, action), F_STR(V, object), F_STR(V, from), F_STR(V, to), F_STR(V, newer),
	      F_STR(V, older), F_STR(V, csv), F_INT(V, months), F_BOOL(V, filtered),
	      F_BOOL(V, none), F_LIST(V, people, &pick_shape), F_LIST(V, actions, &pick_shape),
	      F_LIST(V, applied, &pick_shape), F_LIST(V, entries, &entry_line_shape));
#undef V
static const struct view audit_view = { "audit/list", &audit_page_shape };
const struct view *const audit_views[] = { &audit_view, NULL };

/* Choices of one kind, behind one that stands for all. */
static struct list picks_of(struct req *r, struct list rows, const char *kind, const char *all,
			    struct str value)
{
	struct pick *picks = ARENA_ARRAY(r->arena, struct pick, rows.n + 2);
	bool people = str_eq(str_of(kind), STR("person"));
	size_t n = 0;

	picks[n++] = (struct pick){ .label = str_of(all), .selected = !value.n };
	if (people)
		picks[n++] = (struct pick){ .value = STR("nobody"),
					    .label = STR("No person"),
					    .selected = str_eq(value, STR("nobody")) };
	for (size_t at = 0; at < rows.n; at++) {
		const struct audit_choice *c = &((const struct audit_choice *)rows.items)[at];

		if (str_eq(c->kind, str_of(kind)))
			picks[n++] = (struct pick){
				.value = c->value,
				.label = people ? c->label : audit_words(r->arena, c->label),
				.selected = str_eq(c->value, value),
			};
	}
	return LIST_OF(picks, n);
}

/* What is chosen goes on being named, though it is none of the choices. */
static struct str label_of(struct list picks, struct str fallback)
{
	const struct pick *pick = picks.items;

	for (size_t at = 1; at < picks.n; at++)
		if (pick[at].selected)
			return pick[at].label;
	return fallback;
}

static struct list chips_of(struct req *r, const struct audit_query *q, const struct audit_page *p)
{
	struct uuid id;
	bool one = uuid_parse(q->object, &id);
	const struct {
		const char *field, *name;
		struct str value, label;
	} filters[] = {
		{ "actor", "Who", q->actor, label_of(p->people, STR("somebody else")) },
		{ "action", "What", q->action, label_of(p->actions, q->action) },
		{ "object", "On", q->object, one ? STR("this one only") : q->object },
		{ "from", "From", q->from, q->from },
		{ "to", "To", q->to, q->to },
	};
	size_t most = sizeof(filters) / sizeof(filters[0]), n = 0;
	struct pick *chips = ARENA_ARRAY(r->arena, struct pick, most);

	for (size_t at = 0; at < most; at++)
		if (filters[at].value.n)
			chips[n++] = (struct pick){
				.label = str_fmt(r->arena, "%s: %.*s", filters[at].name,
						 STR_ARG(filters[at].label)),
				.url = url_turned(r, filters[at].field, STR_NONE),
			};
	return LIST_OF(chips, n);
}

/* ---- the page ---- */

static struct str key_url(struct req *r, const char *name, const struct audit_line *line)
{
	return url_changed(r, &(struct url_change){ .name = name, .value = uuid_str(&line->id) });
}

/* One row more than is shown was read, at the far end. */
static void fill_entries(struct req *r, const struct audit_query *q, struct list list,
			 struct audit_page *p)
{
	const struct audit_line *rows = list.items;
	bool upward = !uuid_is_none(q->before), more = list.n > PAGE_SIZE;
	size_t n = more ? PAGE_SIZE : list.n;
	struct entry_line *lines = ARENA_ARRAY(r->arena, struct entry_line, n + 1);

	rows += upward && more;
	for (size_t at = 0; at < n; at++)
		lines[at] = line_of(r, &rows[at]);
	p->entries = LIST_OF(lines, n);
	p->none = n == 0;
	if (n && (upward ? more : !uuid_is_none(q->after)))
		p->newer = key_url(r, "before", &rows[0]);
	if (n && (upward || more))
		p->older = key_url(r, "after", &rows[n - 1]);
}

static const struct err *show(struct req *r)
{
	const struct audit_query *q = r->input;
	struct audit_filter filter = audit_filter_of(q);
	struct audit_place place = { q->after, q->before, PAGE_SIZE + 1, 0 };
	struct audit_page page = { .action = q->action,
				   .object = q->object,
				   .from = q->from,
				   .to = q->to,
				   .months = r->settings->audit_months };
	struct list list, choices;

	store_audit_list(r->tx, &filter, &place, &list);
	store_audit_choices(r->tx, &choices);
	TRY(tx_run(r->tx));
	page.people = picks_of(r, choices, "person", "Anyone", q->actor);
	page.actions = picks_of(r, choices, "action", "Anything", q->action);
	page.applied = chips_of(r, q, &page);
	page.filtered = page.applied.n > 0;
	page.csv = str_fmt(r->arena, "/audit.csv%.*s",
			   STR_ARG(str_skip(url_turned(r, "page", STR_NONE), r->path.n)));
	fill_entries(r, q, list, &page);
	return reply_page(r, &audit_view, &page);
}

const struct route audit_routes[] = {
	{ GET, API, .need = PERM_PEOPLE, .input = &audit_query_shape, .run = audit_list_api,
	  .output = &audit_page_json, .about = "What was done in the account, newest first" },
	{ GET, "/audit", .need = PERM_PEOPLE, .input = &audit_query_shape, .run = show },
	{ GET, "/audit.csv", .need = PERM_PEOPLE, .input = &audit_query_shape, .run = audit_csv },
	{ 0 },
};
