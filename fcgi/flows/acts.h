#ifndef FLOWS_ACTS_H
#define FLOWS_ACTS_H

#include "flows/check.h"
#include "flows/store.h"
#include "kit/http/http.h"

/*
 * What is done to flows, for pages and API alike.  An act opens a flow, makes another doc of its
 * doc and keeps that; the handler runs the transaction.
 */
struct flow {
	struct flow_row *row;
	struct flow_doc doc; /* the draft for those who may edit, else the last version */
	struct str hash;     /* of doc */
	struct instant at;
	struct str person; /* who made this doc, when */
};

/* Commits.  version 0 as store_flow_doc says. */
const struct err *flow_read(struct req *r, struct uuid id, int64_t version,
			    struct flow *ret) must_check;
/* Locks it and stays in the transaction; ERR_FORBIDDEN where whoever asks may not edit. */
const struct err *flow_open(struct req *r, struct uuid id, struct flow *ret) must_check;
const struct err *flow_not_yours(struct req *r) must_check;
const struct err *flow_not_there(struct req *r) must_check;
const struct err *flow_read_doc(struct arena *a, const struct flow_doc_row *row,
				struct flow_doc *ret) must_check;
/* Queues its next entry in the history, unless nothing has changed. */
void flow_keep(struct req *r, const struct flow *f, struct str label, const struct flow_doc *to);
/* A stale If-Match, or the hidden revision of a form, is ERR_CONFLICT "stale". */
const struct err *flow_check_revision(struct req *r, const struct flow *f,
				      struct str revision) must_check;

/* Queue everything that a new flow needs; its id is made here. */
struct flow_making {
	struct flow_doc doc;
	int visibility;
	struct str category;
	struct list tags;
	struct str label;
};
struct uuid flow_make(struct req *r, const struct flow_making *m);

/* One more or less in the line; ERR_CONFLICT at its end. */
const struct err *flow_undo(struct req *r, struct uuid id) must_check;
const struct err *flow_redo(struct req *r, struct uuid id) must_check;
const struct err *flow_jump(struct req *r, struct uuid id, int64_t n) must_check;
/* Makes the version's doc the draft, as one more entry. */
const struct err *flow_restore(struct req *r, struct uuid id, int64_t version) must_check;
/* Of an opened flow.  ERR_INVALID "not_sound" with each error as a problem of its node. */
const struct err *flow_publish(struct req *r, const struct flow *f, struct str note) must_check;
const struct err *flow_stand(struct req *r, const struct flow *f,
			     const struct flow_standing *to) must_check;
const struct err *flow_remove(struct req *r, struct uuid id) must_check;

struct flow_picture; /* picture.h */
/* Its picture, drawn now or before; none where there are no steps. */
struct html flow_drawn(struct req *r, const struct flow *f, const struct flow_picture *p);

/* For the `find` column of a route: 404 before 422. */
void flow_find(struct req *r);
/* The tags of a row as a list of texts. */
struct list flow_tag_list(struct arena *a, struct str tags);
/*
 * What came from outside, made canonical: absent texts empty, an answer's outcome given.  What no
 * editor could hold (ids twice, fields of another kind) is complained of at `path`.
 */
void flow_tidy(struct req *r, struct flow_graph *g, const char *path);
void flow_tidy_fields(struct req *r, struct list *fields, const char *path);

#endif
