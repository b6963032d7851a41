#ifndef SESSIONS_PROMPTS_H
#define SESSIONS_PROMPTS_H

#include "sessions/values.h"

/*
 * The variables of a session as its pages show them: what is filled as its text, what is not as a
 * marked place to fill, each variable once a page.  Pure.
 *
 * A control is named "v.NAME", has the id "v-NAME" and belongs to the form of the id "step",
 * wherever on the page it stands.
 */
struct prompt {
	const struct value *value;
	struct str typed, error; /* of a form that was refused */
	bool placed;             /* it stands on the page */
	bool wanted;             /* the page names it, and it is not filled */
};

struct cache;

struct prompts {
	struct arena *arena;
	struct prompt *items; /* as the values stand */
	size_t n;
};

/* What its control holds of it: a checkbox speaks as forms do. */
struct str value_shown(const struct value *v);
struct prompts prompts_new(struct arena *a, const struct values *values);
struct prompt *prompts_find(const struct prompts *p, struct str name);
/* Safe HTML of a Markdown text, made as flow_text_html takes it; what is prompted for in it is
 * `placed`. */
struct html prompts_text(struct prompts *p, struct cache *made, struct str text);
/* A title or a label: plain text.  What it names and is not filled is `wanted`. */
struct str prompts_line(struct prompts *p, struct str text);
/* What is wanted or was refused and has not been placed. */
struct html prompts_rest(struct prompts *p);
/* All of them, filled ones too, to be looked through; required ones alone that are empty. */
struct html prompts_all(struct prompts *p);
struct html prompts_missing(struct prompts *p);

#endif
