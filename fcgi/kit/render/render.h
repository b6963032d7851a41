#ifndef KIT_RENDER_RENDER_H
#define KIT_RENDER_RENDER_H

#include "kit/base/buf.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;
struct json;

/*
 * Mustache, compiled once.  A view binds a template to the shape of its model: every name is resolved to an
 * offset at load, and an unknown name, {{{raw}}} of anything but a struct html, or a list that is printed
 * stops the program with file and line.  Names are looked up in the model first, then in the frame (what
 * every page has: user, csrf, request id ...).
 *
 * Partials are {{> room/name}}; layouts are mustache inheritance: {{<layout}}{{$main}}...{{/main}}{{/layout}}.
 * Both are resolved at load too.  A template whose file ends in .txt.mustache is plain text: nothing is escaped.
 */
struct view {
	const char *template; /* "people/login" is templates/people/login.mustache */
	const struct shape *shape;
};

struct render;

/* views: NULL-ended list of NULL-ended lists.  Lives in the arena. */
const struct err *render_load(struct arena *a, const char *dir, const struct shape *frame,
                              const struct view *const *const *views, struct render **ret) must_check;
/* view must be one of those loaded; frame is of the frame's shape, model of the view's. */
void render_view(const struct render *r, const struct view *view, const void *frame, const void *model,
                 struct buf *out);

/* The same compiler over a JSON value, names looked up while it runs: how the official tests are run. */
struct partial {
	struct str name, text;
};
const struct err *render_json(struct arena *a, struct str template, const struct partial *partials,
                              size_t npartials, const struct json *value, struct buf *out) must_check;

#endif
