#ifndef SESSIONS_PAGES_H
#define SESSIONS_PAGES_H

#include "kit/render/render.h"
#include "sessions/acts.h"
#include "sessions/prompts.h"

/* What the pages of a session share. */

/* Of every page: templates/sessions/head.mustache. */
struct session_head {
	struct uuid id;
	struct str flow, ticket, client, owner, status;
	int64_t version, visit;
	struct str clock; /* active time: "1:02:03" */
	int64_t seconds;
	bool ticking;
};
extern const struct shape session_head_shape;
struct session_head session_head(struct req *r, const struct session *s);

/* One step of the way: templates/sessions/way.mustache. */
struct way_line {
	int64_t n; /* its visit; 0: still to come */
	struct str title, section, answer, reason, notes, by, took;
	struct str ago, when; /* when: the moment in words, in a record */
	struct instant at;
	bool done, skipped, current, todo, reverted, changes;
};
extern const struct shape way_line_shape;
enum way_of {
	WAY_BEHIND, /* what was answered and holds */
	WAY_WHOLE,  /* with the step where it stands, and those that are sure to come */
	WAY_RECORD  /* all that happened, what was gone back on too */
};
struct list session_way(struct req *r, const struct session *s, enum way_of which);
/* Of those that hold. */
int64_t session_answered(const struct session *s);

/* 303 to "/sessions/ID" and a page of it: "", "/record"; or to a visit. */
const struct err *session_go(struct req *r, const struct session *s, const char *page) must_check;
const struct err *session_go_step(struct req *r, const struct session *s, int64_t n) must_check;
/* For whoever can't go on with it here: what its state is, what to do, and what was typed. */
const struct err *session_standing(struct req *r, const struct session *s) must_check;
/* Whether whoever asks may answer it now. */
bool session_runs(const struct session *s);

/* ---- what was typed ---- */

/*
 * A text of a form beside what is stored by now.  The form carries a mark of what it began with, so
 * that a window in which nobody touched a text changes nothing, and of two that did neither is
 * lost.
 */
struct meeting {
	struct str text;   /* to be shown */
	struct str was;    /* the mark of what is stored */
	struct str theirs; /* stored meanwhile, by another window; none: no clash */
	bool changed;      /* to be stored */
};
struct meeting session_meet(struct req *r, struct str typed, struct str was, struct str stored);
/* Those that were filled in or changed in this window: no empty prompt empties what is filled. */
const struct err *session_typed_values(struct req *r, const struct session *s,
				       struct value_changes *ret) must_check;
/* What was typed into their controls, and what is wrong with it. */
void session_typed_prompts(struct req *r, struct prompts *prompts);

/* The marks of what a page of all variables shows: hidden fields "w.NAME". */
extern const struct shape session_mark_shape;
struct list session_marks(struct req *r, const struct session *s);

/* r->problems, each with the id of its control. */
extern const struct shape session_error_shape;
struct list session_errors(struct req *r);

extern const struct view step_view, earlier_view, variables_view, complete_view, abandon_view,
	record_view, standing_view;

#endif
