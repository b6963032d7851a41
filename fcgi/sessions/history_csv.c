/* The history as a file for spreadsheets, by the key, so that what arrives meanwhile moves nothing.
 */
#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "record/record.h"
#include "sessions/history.h"

#define ROWS 500 /* of a piece at most: summaries may be long */

struct cells {
	struct uuid id;
	struct str flow;
	int64_t version;
	int status;
	struct str outcome, client, ticket, owner, prepared_by, assigned_to;
	struct instant created, started, completed;
	int64_t active_seconds;
	struct str summary;
};

#define C struct cells
static const struct shape cells_shape = SHAPE(
	C, F_UUID(C, id), F_STR(C, flow), F_INT(C, version), F_ENUM(C, status, &session_statuses),
	F_STR(C, outcome), F_STR(C, client), F_STR(C, ticket), F_STR(C, owner),
	F_STR(C, prepared_by), F_STR(C, assigned_to), F_TIME(C, created), F_TIME(C, started),
	F_TIME(C, completed), F_INT(C, active_seconds), F_STR(C, summary));

/* How far the file is. */
struct csv {
	struct history_filter filter;
	struct history_place place;
};

static void put_row(struct buf *out, const struct session_row *row)
{
	const struct cells cells = {
		.id = row->id,
		.flow = row->flow_name,
		.version = row->version,
		.status = row->status,
		.outcome = row->outcome,
		.client = row->client,
		.ticket = row->ticket,
		.owner = row->owner_name,
		.prepared_by = row->preparer_name,
		.assigned_to = row->assignee_name,
		.created = row->created_at,
		.started = row->started_at,
		.completed = row->completed_at,
		.active_seconds = row->active,
		.summary = row->summary,
	};

	csv_put_row(out, &cells_shape, &cells);
}

/* The last row of a search may be the place where it gave up, which is as good to go on from. */
static struct list ids_of(struct arena *a, struct list found)
{
	const struct history_row *row = found.items;
	struct str *ids = ARENA_ARRAY(a, struct str, found.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < found.n; at++)
		if (row[at].hit)
			ids[n++] = str_of(row[at].id.text);
	return LIST_OF(ids, n);
}

/* Says how many there was room for. */
static size_t put_some(struct buf *out, struct list rows)
{
	size_t n = 0;

	while (n < rows.n && out->n < REPLY_PIECE)
		put_row(out, &((const struct session_row *)rows.items)[n++]);
	return n;
}

static const struct err *put_rows(struct req *r, void *ctx, struct buf *out, bool *more)
{
	struct csv *csv = ctx;
	const struct history_row *found;
	const struct session_row *row;
	struct list list, rows, ids;
	size_t n;

	store_history(r->tx, &csv->filter, &csv->place, &list);
	TRY(tx_more(r->tx));
	ids = ids_of(r->arena, list);
	store_sessions_listed(r->tx, ids, false, &rows);
	TRY(tx_run(r->tx));
	if (uuid_is_none(csv->place.after))
		csv_put_head(out, &cells_shape);
	n = put_some(out, rows);
	found = list.items;
	row = rows.items;
	*more = n < rows.n || ids.n == (size_t)csv->place.most || ids.n < list.n;
	if (list.n)
		csv->place.after = n < rows.n ? row[n - 1].id : found[list.n - 1].id;
	/* Where they are long, no more are read than there is room for. */
	csv->place.most = n < rows.n ? (int64_t)n : ROWS;
	return NULL;
}

const struct err *history_csv(struct req *r, const struct history_filter *f)
{
	struct csv *csv = ARENA_NEW(r->arena, struct csv);

	audit(r, "session.list_exported", "session", UUID_NONE, audit_nothing, audit_nothing);
	*csv = (struct csv){ *f, { .most = ROWS } };
	return reply_csv(r, "sessions", put_rows, csv);
}
