#ifndef FLOWS_TREE_H
#define FLOWS_TREE_H

#include "flows/acts.h"

/* TREE of the API: of one flow whole, and as an item of a list. */
struct person_json {
	struct uuid id;
	struct str name;
};

struct tree_json {
	struct uuid id;
	struct str name, description;
	int type, status, visibility;
	struct str category;
	struct list tags;
	int64_t version, revision, usage_count;
	bool order_by_use; /* a run may show the most taken answers first */
	int64_t steps;
	bool has_draft, pinned, may_edit;
	struct person_json author;
	struct uuid team_id;
	struct instant created_at, updated_at;
	struct flow_graph structure;
	struct list intake;
	bool alike;          /* of a search: only the name looks like what was typed */
	struct list matches; /* struct tree_match */
};

/* A step with what was looked for. */
struct tree_match {
	struct str node_id, title, snippet;
};

extern const struct shape tree_json_shape, tree_item_shape, tree_found_shape, person_json_shape;
/* None where the id is none. */
const struct person_json *person_json_of(struct arena *a, struct uuid id, struct str name);

/* Of a list's row: without structure and intake. */
struct tree_json tree_item(struct arena *a, const struct flow_row *row);
struct tree_json tree_whole(struct arena *a, const struct flow *f);
/* 200, or what the route says, with the TREE as the database now has it, and its ETag. */
const struct err *tree_reply(struct req *r, struct uuid id) must_check;

#endif
