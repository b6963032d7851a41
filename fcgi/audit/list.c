/* The log as API and as a file for spreadsheets; its page is page.c's. */
#include "audit/list.h"

#include "audit/words.h"
#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "record/record.h"

#define ROWS 500 /* of a piece of the file */

/* ---- what is asked for ---- */

static const char *check_moment(struct str text)
{
	return !text.n || clock_is_moment(text) ? NULL : "Write a date such as 2026-11-21.";
}

static const char *check_actor(struct str text)
{
	struct uuid id;

	return !text.n || str_eq(text, STR("nobody")) || uuid_parse(text, &id)
		       ? NULL
		       : "This is the id of a person, or \"nobody\".";
}

#define Q struct audit_query
const struct shape audit_query_shape =
	SHAPE(Q, F_PAGE(Q), F_STR(Q, actor, .optional = true, .max = 40, .check = check_actor),
	      F_STR(Q, action, .optional = true, .max = 80),
	      F_STR(Q, object, .optional = true, .max = 80),
	      F_STR(Q, from, .optional = true, .max = 40, .check = check_moment),
	      F_STR(Q, to, .optional = true, .max = 40, .check = check_moment),
	      F_UUID(Q, after, .optional = true), F_UUID(Q, before, .optional = true));
#undef Q

struct audit_filter audit_filter_of(const struct audit_query *q)
{
	struct audit_filter f = {
		.nobody = str_eq(q->actor, STR("nobody")),
		.action = str_or_empty(q->action),
		.object = STR(""),
		.since = clock_since(q->from),
		.until = clock_until(q->to),
	};

	if (q->actor.n && !f.nobody)
		(void)uuid_parse(q->actor, &f.actor);
	if (q->object.n && !uuid_parse(q->object, &f.object_id))
		f.object = q->object;
	return f;
}

/* ---- API ---- */

struct actor_json {
	struct uuid id;
	struct str name;
};

struct entry_json {
	struct uuid id;
	struct instant at;
	const struct actor_json *actor;
	struct str action, object;
	struct uuid object_id;
	struct json_text before, after;
	struct str address, agent, request_id;
	bool sealed;
};

static const struct shape actor_json =
	SHAPE_WITH(struct actor_json, (.label = "Actor"),
		   F_UUID(struct actor_json, id, .null = true), F_STR(struct actor_json, name));

#define E struct entry_json
static const struct shape entry_json = SHAPE_WITH(
	E, (.label = "AuditEntry"), F_UUID(E, id), F_TIME(E, at),
	F_REF(E, actor, struct actor_json, &actor_json), F_STR(E, action), F_STR(E, object),
	F_UUID(E, object_id, .null = true), F_JSON(E, before, .null = true),
	F_JSON(E, after, .null = true), F_STR(E, address, .null = true),
	F_STR(E, agent, .null = true), F_STR(E, request_id, .null = true), F_BOOL(E, sealed));
#undef E
const struct shape audit_page_json = SHAPE_PAGE(&entry_json);

static struct entry_json entry_of(struct arena *a, const struct audit_line *line)
{
	struct actor_json *actor = ARENA_NEW(a, struct actor_json);

	*actor = (struct actor_json){ line->actor, audit_actor(a, line) };
	return (struct entry_json){
		.id = line->id,
		.at = line->at,
		.actor = actor,
		.action = line->action,
		.object = line->object,
		.object_id = line->object_id,
		.before = { line->before },
		.after = { line->after },
		.address = line->address,
		.agent = line->agent,
		.request_id = line->request_id,
		.sealed = line->seal > 0,
	};
}

/* By page up to PAGE_TOTAL_MAX, and by key on and on. */
const struct err *audit_list_api(struct req *r)
{
	const struct audit_query *q = r->input;
	struct audit_filter filter = audit_filter_of(q);
	struct page page = page_of(q->page, q->per_page);
	struct audit_place place = { q->after, q->before, page.size + 1, 0 };
	const struct audit_line *rows;
	struct entry_json *items;
	struct audit_count *count;
	struct page_json answer;
	struct list list;
	size_t n;

	if (uuid_is_none(q->after) && uuid_is_none(q->before))
		place.skip = page_skip(page);
	store_audit_count(r->tx, &filter, PAGE_TOTAL_MAX + 1, &count);
	store_audit_list(r->tx, &filter, &place, &list);
	TRY(tx_run(r->tx));
	rows = list.items;
	n = list.n > (size_t)page.size ? (size_t)page.size : list.n;
	items = ARENA_ARRAY(r->arena, struct entry_json, n + 1);
	for (size_t at = 0; at < n; at++)
		items[at] = entry_of(r->arena, &rows[at]);
	answer = page_json(r, page, LIST_OF(items, n), count->n);
	answer.next = STR_NONE;
	if (list.n > n)
		answer.next =
			url_changed(r, &(struct url_change){ .name = "after",
							     .value = uuid_str(&rows[n - 1].id) });
	return reply_json(r, &audit_page_json, &answer);
}

/* ---- the file ---- */

struct cells {
	struct instant at;
	struct str who, action, object;
	struct uuid object_id;
	struct str changes, address, agent, request_id;
	bool sealed;
	struct uuid id;
};

#define C struct cells
static const struct shape cells_shape =
	SHAPE(C, F_TIME(C, at), F_STR(C, who), F_STR(C, action), F_STR(C, object),
	      F_UUID(C, object_id), F_STR(C, changes), F_STR(C, address), F_STR(C, agent),
	      F_STR(C, request_id), F_BOOL(C, sealed), F_UUID(C, id));
#undef C

/* How far the file is. */
struct csv {
	struct audit_filter filter;
	struct audit_place place;
};

static void put_row(struct arena *a, struct buf *out, const struct audit_line *line)
{
	const struct cells cells = {
		.at = line->at,
		.who = audit_actor(a, line),
		.action = line->action,
		.object = audit_object(a, line),
		.object_id = line->object_id,
		.changes = audit_changes_text(a, audit_changes(a, line)),
		.address = line->address,
		.agent = line->agent,
		.request_id = line->request_id,
		.sealed = line->seal > 0,
		.id = line->id,
	};

	csv_put_row(out, &cells_shape, &cells);
}

static const struct err *put_rows(struct req *r, void *ctx, struct buf *out, bool *more)
{
	struct csv *csv = ctx;
	const struct audit_line *rows;
	struct list list;
	size_t n = 0;

	store_audit_list(r->tx, &csv->filter, &csv->place, &list);
	TRY(tx_run(r->tx));
	rows = list.items;
	if (uuid_is_none(csv->place.older))
		csv_put_head(out, &cells_shape);
	while (n < list.n && out->n < REPLY_PIECE)
		put_row(r->arena, out, &rows[n++]);
	*more = n < list.n || list.n == ROWS;
	if (n)
		csv->place.older = rows[n - 1].id;
	return NULL;
}

const struct err *audit_csv(struct req *r)
{
	struct csv *csv = ARENA_NEW(r->arena, struct csv);

	audit(r, "audit.exported", "audit", UUID_NONE, audit_nothing, audit_nothing);
	*csv = (struct csv){ audit_filter_of(r->input), { .most = ROWS } };
	return reply_csv(r, "audit", put_rows, csv);
}
