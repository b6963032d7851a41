#ifndef FLOWS_EDITOR_H
#define FLOWS_EDITOR_H

#include "flows/acts.h"
#include "flows/edit.h"
#include "kit/http/form.h"
#include "kit/render/render.h"

/*
 * What every page of the editor shows: the flow's name and standing, undo and redo, what the check
 * found, and the picture.  templates/flows/editor_head.mustache and editor_side.mustache print it.
 */
struct editor {
	struct uuid flow_id;
	struct str name, status, type, base; /* base: "/flows/ID/edit/" */
	int64_t version, revision, nsteps, nerrors, nwarnings;
	bool has_draft, archived, sound, empty;
	bool can_undo, can_redo;
	struct str undo_label, redo_label;
	struct str here;                 /* the page's own path: where undo and redo come back to */
	struct str undo_once, redo_once; /* nonces of their forms */
	struct list errors, warnings;    /* struct finding_line */
	struct list steps;               /* struct flow_step */
	struct html picture;
	struct str current; /* the step that the page is about */
	/* Not printed. */
	struct flow flow;
};

/* What the check found, and where it can be mended. */
struct finding_line {
	struct str node_id, message, hint, href;
};

extern const struct shape editor_shape;
extern const struct choice node_kind_choices[];

/* Reads all of it in one transaction; ERR_FORBIDDEN where whoever asks may not edit. */
const struct err *editor_read(struct req *r, struct str current, struct editor *ret) must_check;
/* Opens the flow of the address and makes its doc ready to be edited. */
const struct err *editor_open(struct req *r, struct flow *f, struct flow_edit *e) must_check;
/* Keeps what was edited and runs the transaction. */
const struct err *editor_keep(struct req *r, const struct flow *f,
			      const struct flow_edit *e) must_check;
/* 303 to a page of the editor, "" its front, or a step; and to a part of it by its id, or none. */
const struct err *editor_go(struct req *r, struct str page, struct str part) must_check;

extern const struct view editor_view, node_view, fields_view, details_view, new_flow_view,
	history_view, compare_view, publish_view, flow_view, import_view, search_view, lane_view;

#endif
