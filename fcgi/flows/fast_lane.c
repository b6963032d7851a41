/* The fast lane: the way that most of the resolved runs took, as a list to follow or to print. */
#include "flows/acts.h"
#include "flows/editor.h"
#include "flows/flows.h"
#include "flows/travel.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"
#include "people/people.h"

struct lane_stop {
	struct str id, title, answer, outcome;
	int64_t percent, runs;
	bool section, told; /* told: how many took this answer */
};

struct lane_page {
	struct uuid id;
	struct str name;
	int64_t version, enough;
	struct list stops;
	bool travelled;
	bool unsure; /* the way goes on, but too few have gone there */
};

#define S_ struct lane_stop
static const struct shape stop_shape =
	SHAPE(S_, F_STR(S_, id), F_STR(S_, title), F_STR(S_, answer), F_STR(S_, outcome),
	      F_INT(S_, percent), F_INT(S_, runs), F_BOOL(S_, section), F_BOOL(S_, told));
#define P_ struct lane_page
static const struct shape lane_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_STR(P_, name), F_INT(P_, version), F_INT(P_, enough),
	      F_LIST(P_, stops, &stop_shape), F_BOOL(P_, travelled), F_BOOL(P_, unsure));
const struct view lane_view = { "flows/fast_lane", &lane_page_shape };

static struct lane_stop stop_of(const struct travel *t, const struct flow_node *n, ptrdiff_t way)
{
	struct lane_stop stop = { .id = n->id,
				  .title = n->title.n ? n->title : STR("Untitled step"),
				  .section = n->kind == FLOW_SECTION };
	struct travel_share share;

	if (n->kind == FLOW_ANSWER)
		stop.outcome = flow_outcome_word(n->outcome);
	if (n->kind != FLOW_DECISION || way < 0)
		return stop;
	share = travel_share(t, n->id, flow_options(n)[way].id);
	stop.answer = flow_options(n)[way].label;
	stop.percent = share.percent;
	stop.runs = share.runs;
	stop.told = share.runs > 0;
	return stop;
}

/* From the start along the path; a lane of one step that nobody knows a way out of is none. */
static void fill(struct req *r, const struct flow *f, const struct travel *t,
		 struct lane_page *page)
{
	const struct flow_index *ix = flow_index(r->arena, &f->doc.structure);
	const ptrdiff_t *path;
	struct lane_stop *stops;
	size_t length;
	ptrdiff_t at = flow_at(ix, f->doc.structure.start);
	bool breaks = false;

	path = travel_path(r->arena, &f->doc, t, &length);
	stops = ARENA_ARRAY(r->arena, struct lane_stop, length + 1);
	for (size_t n = 0; n < length; n++) {
		const struct flow_node *node = &flow_nodes(&f->doc.structure)[at];

		stops[n] = stop_of(t, node, path[at]);
		breaks = path[at] < 0 && node->kind == FLOW_DECISION;
		if (path[at] >= 0)
			at = flow_at(ix, flow_way(node, (size_t)path[at]).next);
	}
	page->travelled = length > 1 || (length == 1 && !breaks);
	page->unsure = page->travelled && breaks;
	page->stops = LIST_OF(stops, length);
}

static const struct err *lane_show(struct req *r)
{
	struct lane_page page = { .enough = TRAVEL_ENOUGH };
	struct flow_doc_row *last;
	struct list rows;
	struct flow f;

	store_travel(r->tx, r->id[0], &rows);
	store_flow_last(r->tx, r->id[0], &last);
	TRY(flow_read(r, r->id[0], 0, &f));
	if (last)
		TRY(flow_read_doc(r->arena, last, &f.doc));
	f.doc = flow_labelled(r->arena, &f.doc);
	page.id = r->id[0];
	page.name = f.doc.name;
	page.version = f.row->version;
	if (last)
		fill(r, &f, &(struct travel){ rows.items, rows.n }, &page);
	return reply_page(r, &lane_view, &page);
}

const struct route lane_routes[] = {
	{ GET, "/flows/:flow/fast-lane", .need = PERM_READ, .flag = FLAG_FAST_LANE,
	  .find = flow_find, .run = lane_show },
	{ 0 },
};
