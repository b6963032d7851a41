/* A report without what must not leave; see clean.h. */
#include "reports/clean.h"

#include "kit/base/arena.h"
#include "redaction/redaction.h"

void cleaning_read(struct req *r, struct cleaning_read *ret)
{
	redaction_read(r->tx, &ret->patterns);
}

void cleaning_begin(struct req *r, const struct cleaning_read *read, struct list keep,
		    struct list drop, struct cleaning *ret)
{
	const struct redact_wish wish = {
		.keep = keep.items,
		.nkeep = keep.n,
		.drop = drop.items,
		.ndrop = drop.n,
	};

	*ret = (struct cleaning){ .req = r,
				  .rules = redaction_rules(r->arena, read->patterns, &wish) };
}

void cleaning_list_lines(struct cleaning *c)
{
	c->lines = ARENA_ARRAY(c->req->arena, struct redact_line, CLEANING_LINES_MAX);
}

struct str cleaning_text(struct cleaning *c, struct str text)
{
	return redact(c->req->arena, c->rules, text, &c->hits);
}

/* Lines are chosen among; a title of one line is not worth a choice. */
static void list_lines(struct cleaning *c, struct str text)
{
	struct redact_line *lines;
	size_t n = redact_lines(c->req->arena, c->rules, text, NULL, &lines);

	for (size_t at = 0; at < n && c->nlines < CLEANING_LINES_MAX; at++)
		if (str_trim(lines[at].text).n)
			c->lines[c->nlines++] = lines[at];
}

static struct str clean(void *ctx, struct str text)
{
	struct cleaning *c = ctx;

	if (c->lines && c->nlines < CLEANING_LINES_MAX)
		list_lines(c, text);
	return cleaning_text(c, text);
}

void cleaning_report(struct cleaning *c, struct report *report)
{
	report_redact(c->req->arena, report, clean, c);
}
