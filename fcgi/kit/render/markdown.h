#ifndef KIT_RENDER_MARKDOWN_H
#define KIT_RENDER_MARKDOWN_H

#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;

#define MARKDOWN_MAX ((size_t)16 * 1024)

/*
 * Markdown (CommonMark, tables, task lists, strikethrough) to HTML that is safe to print raw: no
 * HTML of the author's, links only to http, https, mailto and our own paths ("/..." and "#..."), no
 * images. Headings begin at <h3>.  ERR_INVALID over MARKDOWN_MAX bytes.
 */
const struct err *markdown_html(struct arena *a, struct str text, struct html *ret) must_check;

#endif
