#ifndef KIT_RENDER_RENDER_H
#define KIT_RENDER_RENDER_H

#include "kit/base/buf.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;
struct json;

/*
 * Mustache, compiled once.  A view binds a template to the shape of its model: every name is
 * resolved to an offset at load, and what is wrong stops the program there with file and line.
 *
 * Names are looked up in the object or item of the innermost section, outward to the model and
 * then the frame (what every page has: user, csrf, request id ...).  {{a.b}} goes into an object
 * or through a reference.
 *
 *	{{name}}     str, int, time (RFC 3339), uuid, enum (its name); none prints nothing; escaped
 *	{{{name}}}   html only, and html only so
 *	{{#name}}    once for each item of a list; for an object or a reference its names come
 *	             first; else a test whether there is something
 *	{{^name}}    an empty list or text, 0, false, a reference to nothing
 *	{{.}}        the item of a list of plain values
 *
 * A bool or a list that is printed, JSON and a secret field are refused.
 *
 * Partials are {{> room/name}}; layouts are mustache inheritance:
 * {{<layout}}{{$main}}...{{/main}}{{/layout}}.  Both are expanded at load, so neither may hold
 * itself.  A template whose file ends in .txt.mustache ("mail/invite.txt") is plain text: nothing
 * is escaped, and it does not mix with HTML.
 */
struct view {
	const char *template; /* "people/login" is templates/people/login.mustache */
	const struct shape *shape;
};

struct render;

/* views: NULL-ended list of NULL-ended lists.  Lives in the arena.  ERR_INTERNAL: file and line. */
const struct err *render_load(struct arena *a, const char *dir, const struct shape *frame,
			      const struct view *const *const *views,
			      struct render **ret) must_check;
/* view must be one of those loaded; frame is of the frame's shape, model of the view's. */
void render_view(const struct render *r, const struct view *view, const void *frame,
		 const void *model, struct buf *out);
/* One that needs no frame, such as a mail's; false where it passes a megabyte, and *ret ends there.
 */
bool render_alone(struct arena *a, const struct render *r, const struct view *view,
		  const void *model, struct str *ret);

/*
 * The same compiler over a JSON value, names looked up while it runs: how the official tests are
 * run. ERR_INTERNAL for what is no template or does not end.
 */
struct partial {
	struct str name, text;
};
const struct err *render_json(struct arena *a, struct str template, const struct partial *partials,
			      size_t npartials, const struct json *value,
			      struct buf *out) must_check;

#endif
