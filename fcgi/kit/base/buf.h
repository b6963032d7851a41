#ifndef KIT_BASE_BUF_H
#define KIT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/str.h"

struct arena;

/*
 * A growing text with a maximum given at birth.  From the first piece that does not fit on all is
 * dropped and `full` stays set, so that a writer checks once, at the end.
 */
struct buf {
	struct arena *arena;
	char *p;
	size_t n, cap, max;
	bool full;
};

struct buf buf_new(struct arena *a, size_t max);
struct str buf_str(const struct buf *b);

void buf_put(struct buf *b, struct str s);
void buf_putc(struct buf *b, char c);
void buf_put_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each escapes for the place that its name tells. */
void buf_put_html(struct buf *b, struct str s); /* text or a quoted attribute */
void buf_put_json(struct buf *b, struct str s); /* with its quotes; < > & as \u00xx */
void buf_put_url(struct buf *b, struct str s);  /* one path segment or query value */

#endif
