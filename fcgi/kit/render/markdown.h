#ifndef KIT_RENDER_MARKDOWN_H
#define KIT_RENDER_MARKDOWN_H

#include "kit/base/buf.h"
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
/* For what markdown_html refuses: the letters themselves, preformatted. */
struct html html_as_written(struct arena *a, struct str text);

/*
 * Texts within a Markdown document that other programs read.  What people typed must not become
 * part of the document's own structure there, whatever it holds.
 */
/* One line of plain text: whatever Markdown could read in it is escaped. */
void markdown_put_plain(struct buf *out, struct str text);
/*
 * Markdown as a quote, for each of its lines begins with "> ".  Its headings begin at `level`, 1 to
 * 6; an underlined one is text and a line.  Tags of HTML and definitions of links are plain text,
 * as they are for markdown_html.
 */
void markdown_put_quote(struct buf *out, struct str text, size_t level);
/* Markdown with such headings, none of which skips a level, for markdown_html. */
struct str markdown_demoted(struct arena *a, struct str text, size_t level);

#endif
