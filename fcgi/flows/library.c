/* The library: which flows there are, what to find them by, and pins; as API.  Its page is
 * library_page.c's. */
#include "flows/library.h"

#include <string.h>

#include "flows/flows.h"
#include "kit/base/arena.h"
#include "people/people.h"

#define TAGS_MOST 20

/* ---- what is asked for ---- */

struct tag_wanted {
	struct str text;
};

static const struct shape tags_wanted = SHAPE_WITH(
	struct tag_wanted, (.scalar = true),
	F_STR(struct tag_wanted, text, .optional = true, .max = 400, .label = "The tags"));

#define Q struct library_query
#define LIBRARY_QUERY                                                                              \
	F_PAGE(Q), F_ENUM(Q, type, &flow_types, .optional = true),                                 \
		F_ENUM(Q, status, &flow_statuses, .optional = true),                               \
		F_STR(Q, category, .optional = true, .max = 80),                                   \
		F_STR(Q, q, .optional = true, .max = 200),                                         \
		F_LIST(Q, tag, &tags_wanted, .optional = true),                                    \
		F_UUID(Q, folder, .optional = true), F_BOOL(Q, pinned, .optional = true),          \
		F_UUID(Q, author, .optional = true), F_UUID(Q, team, .optional = true),            \
		F_ENUM(Q, sort, &flow_sorts, .optional = true),                                    \
		F_STR(Q, after, .optional = true, .max = 300)

static const struct shape trees_query = SHAPE(Q, LIBRARY_QUERY);
const struct shape library_query_shape =
	SHAPE(Q, LIBRARY_QUERY, F_ENUM(Q, view, &flow_looks, .optional = true));

/* Each may hold several, with commas between: one control of a form asks for all of them. */
static struct list tags_of(struct arena *a, struct list texts)
{
	struct str *tags = ARENA_ARRAY(a, struct str, TAGS_MOST);
	size_t n = 0;

	for (size_t at = 0; at < texts.n; at++) {
		for (struct str rest = ((const struct str *)texts.items)[at];
		     rest.p && n < TAGS_MOST;) {
			tags[n] = str_trim(str_cut(&rest, ','));
			n += tags[n].n > 0;
		}
	}
	return LIST_OF(tags, n);
}

struct library_filter library_filter(struct arena *a, const struct library_query *q)
{
	return (struct library_filter){
		.type = q->type,
		.status = q->status,
		.category = str_or_empty(q->category),
		.q = str_or_empty(q->q),
		.tags = tags_of(a, q->tag),
		.folder = q->folder,
		.pinned = q->pinned,
		.author = q->author,
		.team = q->team,
		.sort = q->sort < 0 ? SORT_NAME : q->sort,
	};
}

/* The key of a flow: its place in the order, and its id for those of one place. */
static struct str key_of(struct arena *a, int sort, const struct flow_row *row)
{
	int64_t number = sort == SORT_UPDATED ? row->updated_at.us : row->usage_count;

	if (sort == SORT_NAME)
		return str_fmt(a, "%.*s~%s", STR_ARG(row->name), row->id.text);
	return str_fmt(a, "%lld~%s", (long long)number, row->id.text);
}

#define ID_LENGTH 36

static bool read_key(struct str key, int sort, struct library_place *ret)
{
	struct str head;

	if (key.n <= ID_LENGTH || !uuid_parse(str_skip(key, key.n - ID_LENGTH), &ret->flow))
		return false;
	head = str_first(key, key.n - ID_LENGTH - 1);
	if (key.p[head.n] != '~')
		return false;
	ret->name = head;
	return sort == SORT_NAME || str_to_int(head, &ret->number);
}

const struct err *library_read(struct req *r, const struct library_query *query,
			       struct library *ret)
{
	struct library_place place = { .name = STR("") };

	*ret = (struct library){ .filter = library_filter(r->arena, query),
				 .page = page_of(query->page, query->per_page) };
	place.most = ret->page.size + 1;
	if (query->after.n) {
		if (!read_key(query->after, ret->filter.sort, &place))
			return input_refuse(r, "after", "This list has no such place.");
	} else {
		place.skip = page_skip(ret->page);
		if (place.skip >= PAGE_TOTAL_MAX)
			place.most = place.skip = 0;
	}
	store_library(r->tx, &ret->filter, &place, &ret->rows);
	store_library_count(r->tx, &ret->filter, &ret->count);
	return NULL;
}

void library_ready(struct req *r, struct library *l)
{
	const struct flow_row *rows = l->rows.items;

	l->total = l->count ? l->count->n : 0;
	if (!rows || (int64_t)l->rows.n <= l->page.size)
		return;
	l->rows.n = (size_t)l->page.size;
	l->next = url_changed(
		r, &(struct url_change){
			   .name = "after",
			   .value = key_of(r->arena, l->filter.sort, &rows[l->rows.n - 1]),
		   });
	l->next = str_fmt(r->arena, "%.*s&page=%lld", STR_ARG(l->next),
			  (long long)l->page.number + 1);
}

/* ---- lists ---- */

static const struct shape trees_shape = SHAPE_PAGE(&tree_item_shape);

static const struct err *trees_list(struct req *r)
{
	struct page_json answer;
	struct library library;
	struct tree_json *items;

	TRY(library_read(r, r->input, &library));
	TRY(tx_run(r->tx));
	library_ready(r, &library);
	items = ARENA_ARRAY(r->arena, struct tree_json, library.rows.n);
	for (size_t at = 0; at < library.rows.n; at++)
		items[at] = tree_item(r->arena, &((const struct flow_row *)library.rows.items)[at]);
	answer = page_json(r, library.page, LIST_OF(items, library.rows.n), library.total);
	answer.next = library.next;
	return reply_json(r, &trees_shape, &answer);
}

struct items_json {
	struct list items;
};

static const struct shape tag_json =
	SHAPE_WITH(struct tag_row, (.label = "Tag"), F_STR(struct tag_row, name),
		   F_INT(struct tag_row, count));
static const struct shape tags_json =
	SHAPE(struct items_json, F_LIST(struct items_json, items, &tag_json));
static const struct shape count_json = SHAPE(struct category_row, F_STR(struct category_row, name),
					     F_INT(struct category_row, count));
static const struct shape counts_json =
	SHAPE(struct items_json, F_LIST(struct items_json, items, &count_json));

struct prefix_query {
	struct str prefix;
};

static const struct shape prefix_query =
	SHAPE(struct prefix_query, F_STR(struct prefix_query, prefix, .optional = true, .max = 40));

static const struct err *tags_list(struct req *r)
{
	const struct prefix_query *query = r->input;
	struct items_json answer;

	store_tags(r->tx, str_or_empty(query->prefix), &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &tags_json, &answer);
}

static const struct err *categories_count(struct req *r)
{
	struct items_json answer;

	store_categories(r->tx, &answer.items);
	TRY(tx_run(r->tx));
	return reply_json(r, &counts_json, &answer);
}

/* ---- pins ---- */

static const struct err *pin(struct req *r)
{
	store_pin(r->tx, r->id[0], r->method == PUT);
	TRY(tx_run(r->tx));
	return reply_none(r);
}

/* ---- what others use ---- */

const struct err *name_taken(struct req *r, const struct err *e, const char *constraint,
			     const char *sentence)
{
	if (!e || e->kind != ERR_CONFLICT || strcmp(err_code(e), constraint) != 0)
		return e;
	(void)!input_refuse(r, "name", "%s", sentence);
	return ERR_CODE(r->arena, ERR_CONFLICT, "name_taken", "%s", sentence);
}

const struct err *problem_of_field(struct req *r, const struct err *e, const char *field)
{
	if (e && e->kind == ERR_INVALID)
		input_problem(r, str_of(field), e->message);
	return e;
}

const struct route library_api[] = {
	{ GET, "/api/v1/trees", .need = PERM_READ, .input = &trees_query, .run = trees_list,
	  .output = &trees_shape,
	  .about = "The flows that you may see; the archived ones by status=archived only" },
	{ GET, "/api/v1/trees/tags", .need = PERM_READ, .input = &prefix_query, .run = tags_list,
	  .output = &tags_json, .about = "The tags that begin so, at most 50" },
	{ GET, "/api/v1/trees/categories", .need = PERM_READ, .run = categories_count,
	  .output = &counts_json, .about = "The categories, and how many flows you see in each" },
	{ PUT, "/api/v1/trees/:tree/pin", .need = PERM_READ, .find = flow_find, .run = pin,
	  .status = 204, .about = "Pin a flow for yourself" },
	{ DELETE, "/api/v1/trees/:tree/pin", .need = PERM_READ, .find = flow_find, .run = pin,
	  .status = 204, .about = "Take the pin off" },
	{ 0 },
};
