/* A flow as pages list it, and what the home page shows of flows. */
#include "flows/flows.h"
#include "flows/library.h"
#include "flows/words.h"
#include "kit/base/arena.h"

struct flow_line {
	struct uuid id;
	struct str name, about, type, sight, category, author, team, updated_ago;
	struct list tags;
	int64_t steps, runs;
	struct instant updated;
	bool pinned, draft, archived, has_draft;
};

#define L struct flow_line
const struct shape flow_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, about), F_STR(L, type), F_STR(L, sight),
	      F_STR(L, category), F_STR(L, author), F_STR(L, team), F_STR(L, updated_ago),
	      F_LIST(L, tags, &shape_texts), F_INT(L, steps), F_INT(L, runs), F_TIME(L, updated),
	      F_BOOL(L, pinned), F_BOOL(L, draft), F_BOOL(L, archived), F_BOOL(L, has_draft));

static const char *const types[] = { "Troubleshooting", "Procedure", "Maintenance" };
static const char *const sights[] = { "Only you", "Team", "Everyone" };

/* The description's first line, without what makes it a heading or a quote. */
static struct str about(struct arena *a, struct str description)
{
	struct str rest = str_trim(description), line = str_cut(&rest, '\n');

	while (line.n && str_find(STR("#>*- "), line.p[0]) >= 0)
		line = str_skip(line, 1);
	if (!flow_is_longer(line, 140))
		return line;
	return str_fmt(a, "%.*s…", STR_ARG(flow_cut(line, 139)));
}

static struct flow_line line_of(struct req *r, const struct flow_row *row)
{
	return (struct flow_line){
		.id = row->id,
		.name = row->name,
		.about = about(r->arena, row->description),
		.type = str_of(types[row->type]),
		.sight = str_of(sights[row->visibility]),
		.category = row->category,
		.author = row->author_name,
		.team = row->team_name,
		.tags = flow_tag_list(r->arena, row->tags),
		.steps = row->steps,
		.runs = row->usage_count,
		.updated = row->updated_at,
		.updated_ago = clock_ago(r->arena, row->updated_at),
		.pinned = row->pinned,
		.draft = row->status == FLOW_DRAFT,
		.archived = row->status == FLOW_ARCHIVED,
		.has_draft = row->has_draft && row->version > 0,
	};
}

struct list flow_lines(struct req *r, struct list rows)
{
	struct flow_line *lines = ARENA_ARRAY(r->arena, struct flow_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = line_of(r, &((const struct flow_row *)rows.items)[at]);
	return LIST_OF(lines, rows.n);
}

/* ---- home ---- */

#define HOME_MOST 6

const struct shape flows_home_shape =
	SHAPE(struct flows_home, F_LIST(struct flows_home, pinned, &flow_line_shape),
	      F_LIST(struct flows_home, recent, &flow_line_shape));

void flows_home_read(struct req *r, struct flows_home *ret)
{
	struct library_filter filter = { .type = -1,
					 .status = -1,
					 .category = STR(""),
					 .q = STR(""),
					 .pinned = true,
					 .sort = SORT_NAME };
	const struct library_place first = { .name = STR(""), .most = HOME_MOST };

	store_library(r->tx, &filter, &first, &ret->pinned);
	filter.pinned = false;
	filter.sort = SORT_UPDATED;
	store_library(r->tx, &filter, &first, &ret->recent);
}

void flows_home_ready(struct req *r, struct flows_home *home)
{
	home->pinned = flow_lines(r, home->pinned);
	home->recent = flow_lines(r, home->recent);
}
