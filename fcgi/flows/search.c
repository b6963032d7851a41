/* Search over the flows that somebody may see: the page and the API's list. */
#include "flows/editor.h"
#include "flows/flows.h"
#include "flows/hits.h"
#include "flows/tree.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/http/page.h"
#include "kit/render/render.h"
#include "people/people.h"

#define Q_MAX       200
#define RANKED_MAX  200 /* of so many the best is found; see search.flow_find */
#define STEPS_SHOWN 3
#define PAGE_SIZE   20

struct search_query {
	int64_t page, per_page;
	struct str q;
	bool archived;
};

#define Q struct search_query
#define SEARCH_QUERY(...)                                                                          \
	SHAPE(Q, F_PAGE(Q),                                                                        \
	      F_STR(Q, q, .max = Q_MAX, .any = true, .lines = true, .label = "What to search for", \
		    __VA_ARGS__),                                                                  \
	      F_BOOL(Q, archived, .optional = true))
static const struct shape search_input = SEARCH_QUERY(.min = 1);
static const struct shape search_page_input = SEARCH_QUERY(.optional = true);

/* ---- what is found ---- */

struct found {
	const struct flow_row *row;
	struct flow_graph steps;
	struct list hits; /* struct flow_hit */
};

struct search_result {
	struct page page;
	struct list words; /* struct search_word */
	struct list found; /* struct found */
	int64_t total;
	bool alike;
};

static struct list ids_of(struct arena *a, struct list hits)
{
	const struct search_row *hit = hits.items;
	struct str *ids = ARENA_ARRAY(a, struct str, hits.n);

	for (size_t at = 0; at < hits.n; at++)
		ids[at] = str_of(hit[at].flow.text);
	return LIST_OF(ids, hits.n);
}

/* Both lists leave out the same flows and have the others in the same order. */
static const struct err *take_found(struct req *r, struct list rows, struct list texts,
				    struct search_result *ret)
{
	struct found *found = ARENA_ARRAY(r->arena, struct found, rows.n);
	const struct flow_text_row *text = texts.items;

	for (size_t at = 0; at < rows.n && at < texts.n; at++) {
		found[at].row = (const struct flow_row *)rows.items + at;
		TRY(shape_read_json(r->arena, &flow_graph_shape, text[at].structure.s,
				    &found[at].steps));
		found[at].hits = flow_hits(r->arena, &found[at].steps, ret->words, STEPS_SHOWN);
	}
	ret->found = LIST_OF(found, rows.n < texts.n ? rows.n : texts.n);
	return NULL;
}

static const struct err *search(struct req *r, struct search_result *ret)
{
	const struct search_query *query = r->input;
	struct page page = page_of(query->page, query->per_page ? query->per_page : PAGE_SIZE);
	struct list hits, rows, texts, ids;

	*ret = (struct search_result){ .page = page };
	store_search(r->tx,
		     &(struct search){ query->q, page.size, page_skip(page), query->archived,
				       &ret->words },
		     &hits);
	TRY(tx_more(r->tx));
	if (hits.n == 0)
		return tx_run(r->tx);
	ret->total = ((const struct search_row *)hits.items)->total;
	ret->alike = ((const struct search_row *)hits.items)->alike;
	ids = ids_of(r->arena, hits);
	store_flows_of(r->tx, ids, &rows);
	store_flow_texts(r->tx, ids, &texts);
	TRY(tx_run(r->tx));
	return take_found(r, rows, texts, ret);
}

/* ---- the API's face ---- */

static const struct shape found_page = SHAPE_PAGE(&tree_found_shape);

static struct list matches_of(struct arena *a, struct list hits)
{
	struct tree_match *matches = ARENA_ARRAY(a, struct tree_match, hits.n);

	for (size_t at = 0; at < hits.n; at++) {
		const struct flow_hit *hit = &((const struct flow_hit *)hits.items)[at];

		matches[at] = (struct tree_match){ hit->node_id, hit->title,
						   flow_hit_text(a, hit->parts) };
	}
	return LIST_OF(matches, hits.n);
}

static const struct err *search_api(struct req *r)
{
	struct search_result result;
	struct page_json answer;
	struct tree_json *items;

	TRY(search(r, &result));
	items = ARENA_ARRAY(r->arena, struct tree_json, result.found.n);
	for (size_t at = 0; at < result.found.n; at++) {
		const struct found *found = &((const struct found *)result.found.items)[at];

		items[at] = tree_item(r->arena, found->row);
		items[at].alike = result.alike;
		items[at].matches = matches_of(r->arena, found->hits);
	}
	answer = page_json(r, result.page, LIST_OF(items, result.found.n), result.total);
	answer.total_capped = result.total >= RANKED_MAX;
	return reply_json(r, &found_page, &answer);
}

/* ---- the page ---- */

struct found_view {
	struct uuid id;
	struct str name, type;
	bool draft, archived, edits, described, found;
	struct list tags, about; /* about: struct hit_part of the description */
	struct list hits;
};

static const struct shape hit_shape =
	SHAPE(struct flow_hit, F_STR(struct flow_hit, node_id), F_STR(struct flow_hit, title),
	      F_LIST(struct flow_hit, parts, &hit_part_shape));

#define F struct found_view
static const struct shape found_view_shape = SHAPE(
	F, F_UUID(F, id), F_STR(F, name), F_STR(F, type), F_BOOL(F, draft), F_BOOL(F, archived),
	F_BOOL(F, edits), F_BOOL(F, described), F_BOOL(F, found), F_LIST(F, tags, &shape_texts),
	F_LIST(F, about, &hit_part_shape), F_LIST(F, hits, &hit_shape));

struct search_page {
	struct str q, problem;
	bool archived, searched, alike, many, nothing;
	int64_t total;
	struct list flows;
	struct pager_view pager;
};

#define S struct search_page
static const struct shape search_page_shape = SHAPE(
	S, F_STR(S, q), F_STR(S, problem), F_BOOL(S, archived), F_BOOL(S, searched),
	F_BOOL(S, alike), F_BOOL(S, many), F_BOOL(S, nothing), F_INT(S, total),
	F_LIST(S, flows, &found_view_shape), F_OBJECT(S, pager, struct pager_view, &pager_shape));
const struct view search_view = { "flows/search", &search_page_shape };

static const struct names type_words = NAMES("Troubleshooting", "Procedure", "Maintenance");

static struct list found_views(struct req *r, const struct search_result *result)
{
	struct found_view *views = ARENA_ARRAY(r->arena, struct found_view, result->found.n);

	for (size_t at = 0; at < result->found.n; at++) {
		const struct found *found = &((const struct found *)result->found.items)[at];
		const struct flow_row *row = found->row;

		views[at] = (struct found_view){
			.id = row->id,
			.name = row->name,
			.type = names_text(&type_words, row->type),
			.draft = row->status == FLOW_DRAFT,
			.archived = row->status == FLOW_ARCHIVED,
			.edits = row->edits,
			.tags = flow_tag_list(r->arena, row->tags),
			.about = flow_hit_parts(r->arena, row->description, result->words),
			.described = row->description.n > 0,
			.found = found->hits.n > 0,
			.hits = found->hits,
		};
	}
	return LIST_OF(views, result->found.n);
}

static const struct err *search_show(struct req *r)
{
	const struct search_query *query = r->input;
	struct search_page page = { .q = query->q, .archived = query->archived };
	struct search_result result;

	if (!query->q.n) {
		TRY(tx_run(r->tx));
		return reply_page(r, &search_view, &page);
	}
	TRY(search(r, &result));
	page.searched = true;
	page.total = result.total;
	page.alike = result.alike;
	page.many = result.total >= RANKED_MAX;
	page.nothing = result.total == 0;
	page.flows = found_views(r, &result);
	page.pager = pager_view(r, result.page, result.total, STR("results"));
	return reply_page(r, &search_view, &page);
}

static const struct err *search_again(struct req *r)
{
	struct search_page page = { .q = form_value(r, STR("q")) };

	page.problem = r->nproblems ? r->problems[0].message : STR_NONE;
	TRY(tx_run(r->tx));
	return reply_page(r, &search_view, &page);
}

const struct route search_routes[] = {
	{ GET, "/flows/search", .need = PERM_READ, .input = &search_page_input, .run = search_show,
	  .again = search_again },
	{ GET, "/api/v1/trees/search", .need = PERM_READ, .input = &search_input, .run = search_api,
	  .output = &found_page,
	  .about = "Full text over name, description, tags and every step; \"a phrase\", -without, "
		   "or; in a snippet what was found stands between « and »; where nothing fits, "
		   "names that look like q (alike); archived flows only with archived=true" },
	{ 0 },
};
