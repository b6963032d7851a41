#ifndef FLOWS_LIBRARY_H
#define FLOWS_LIBRARY_H

#include "flows/store.h"
#include "flows/tree.h"
#include "kit/http/page.h"

/* The list of flows, for its page, its API and the home page. */

/* What the address asks for. */
struct library_query {
	int64_t page, per_page;
	int type, status;
	struct str category, q;
	struct list tag;
	struct uuid folder;
	bool pinned;
	struct uuid author, team;
	int sort;
	struct str after;
	int view; /* the page's alone */
};

extern const struct shape library_query_shape;

struct library_filter library_filter(struct arena *a, const struct library_query *q);

struct library {
	struct library_filter filter;
	struct page page;
	struct list rows;
	int64_t total;   /* PAGE_TOTAL_MAX + 1 for all that are more */
	struct str next; /* the address that leads on; none at the end */
	struct flow_count_row *count;
};

/* Queues the reading of a page; library_ready makes the answer of it when the transaction has run.
 */
const struct err *library_read(struct req *r, const struct library_query *query,
			       struct library *ret) must_check;
void library_ready(struct req *r, struct library *l);

/* All flows of the filter as a file for spreadsheets. */
const struct err *library_csv(struct req *r) must_check;

/* For templates/flows/tag_names.mustache. */
extern const struct shape tag_name_shape;

/* A flow as pages list it: fields of templates/flows/line_*.mustache. */
extern const struct shape flow_line_shape;
struct list flow_lines(struct req *r, struct list rows);

/* ---- what is done to many ---- */

/* Runs the transaction; *changed: how many were, the others may not be changed or were so. */
const struct err *flows_bulk(struct req *r, const struct flow_bulk *b, int64_t *changed) must_check;
extern const struct names flow_bulk_acts;

/* The page once more, for what was refused on it: `back` is its address. */
const struct err *library_again(struct req *r) must_check;

/* A unique name that was taken becomes the problem of the field "name", and a 409 "name_taken". */
const struct err *name_taken(struct req *r, const struct err *e, const char *constraint,
			     const char *sentence) must_check;
/* What went wrong in SQL with one field becomes that field's problem. */
const struct err *problem_of_field(struct req *r, const struct err *e,
				   const char *field) must_check;

extern const struct view library_view, folders_view, folder_view, categories_view, category_view;

#endif
