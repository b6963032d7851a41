/*
 * The library as a file for spreadsheets, by the name: what is changed or run meanwhile stays where
 * it is in that order, so that no flow is passed over.
 */
#include <string.h>

#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "kit/base/csv.h"
#include "people/people.h"
#include "record/record.h"

#define ROWS 500 /* of a piece */

struct cells {
	struct str name;
	int type, status;
	struct str category, tags, author;
	int64_t version, steps, uses;
	struct instant updated;
};

static const struct shape cells_shape =
	SHAPE(struct cells, F_STR(struct cells, name), F_ENUM(struct cells, type, &flow_types),
	      F_ENUM(struct cells, status, &flow_statuses), F_STR(struct cells, category),
	      F_STR(struct cells, tags), F_STR(struct cells, author), F_INT(struct cells, version),
	      F_INT(struct cells, steps), F_INT(struct cells, uses), F_TIME(struct cells, updated));

/* How far the file is. */
struct csv {
	struct library_filter filter;
	struct library_place place;
	char name[FLOW_TITLE_MAX * 4]; /* place.name, which outlives its row */
};

static void go_behind(struct csv *csv, const struct flow_row *row)
{
	struct str name = str_first(row->name, sizeof(csv->name));

	memcpy(csv->name, name.p, name.n);
	csv->place.name = (struct str){ csv->name, name.n };
	csv->place.flow = row->id;
}

static void put_row(struct buf *out, const struct flow_row *row)
{
	const struct cells cells = {
		.name = row->name,
		.type = row->type,
		.status = row->status,
		.category = row->category,
		.tags = row->tags,
		.author = row->author_name,
		.version = row->version,
		.steps = row->steps,
		.uses = row->usage_count,
		.updated = row->updated_at,
	};

	csv_put_row(out, &cells_shape, &cells);
}

static const struct err *put_rows(struct req *r, void *ctx, struct buf *out, bool *more)
{
	struct csv *csv = ctx;
	const struct flow_row *rows;
	struct list list;

	store_library(r->tx, &csv->filter, &csv->place, &list);
	TRY(tx_run(r->tx));
	rows = list.items;
	if (uuid_is_none(csv->place.flow))
		csv_put_head(out, &cells_shape);
	for (size_t at = 0; at < list.n; at++)
		put_row(out, &rows[at]);
	*more = list.n == ROWS;
	if (list.n)
		go_behind(csv, &rows[list.n - 1]);
	return NULL;
}

const struct err *library_csv(struct req *r)
{
	struct csv *csv = ARENA_NEW(r->arena, struct csv);

	audit(r, "flow.list_exported", "flow", UUID_NONE, audit_nothing, audit_nothing);
	csv->filter = library_filter(r->arena, r->input);
	csv->filter.sort = SORT_NAME;
	csv->place = (struct library_place){ .name = STR(""), .most = ROWS };
	return reply_csv(r, "flows", put_rows, csv);
}
