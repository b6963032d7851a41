#ifndef KIT_RENDER_MARKDOWN_H
#define KIT_RENDER_MARKDOWN_H

#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;
struct cache;

#define MARKDOWN_MAX ((size_t)16 * 1024)

/*
 * Markdown to HTML that is safe to print raw: no HTML of the author's, links only to http, https,
 * mailto and our own addresses ("/..." and "#..."), an image as a link named by its text, headings
 * from <h3>.  It is CommonMark with tables, task lists and strikethrough, but without links by
 * reference and titles, and quotes and lists nest at most 16 deep.  A class is written for the
 * language of code (language-x), a column's side (align-right), a task (task), and for what lets
 * a wide table scroll (table-scroll).
 *
 * ERR_INVALID over MARKDOWN_MAX bytes, and for what would grow out of all measure.
 */
const struct err *markdown_html(struct arena *a, struct str text, struct html *ret) must_check;
/* As markdown_html, but made once while `made` has room for it; made NULL: each time. */
const struct err *markdown_kept(struct arena *a, struct cache *made, struct str text,
				struct html *ret) must_check;

#endif
