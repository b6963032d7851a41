/*
 * Every text of a report through a function; see reports.h.  It follows the shape, so a text that
 * is added to a report is redacted unless it stands in the list below.
 */
#include <assert.h>
#include <string.h>

#include "kit/base/arena.h"
#include "reports/reports.h"

struct redaction {
	struct arena *arena;
	struct str (*redact)(void *ctx, struct str text);
	void *ctx;
};

/* What we wrote ourselves, and where a number cut out would leave nothing of use. */
static const size_t ours[] = { offsetof(struct report, format), offsetof(struct report, address),
			       offsetof(struct report, record) };

static bool is_ours(const struct shape *s, const struct field *f)
{
	for (size_t at = 0; s == &report_shape && at < sizeof(ours) / sizeof(ours[0]); at++)
		if (f->off == ours[at])
			return true;
	return false;
}

static void redact_object(const struct redaction *r, const struct shape *s, char *object);

/* The items may be somebody else's. */
static struct list redact_list(const struct redaction *r, const struct shape *s, struct list list)
{
	char *items = arena_array(r->arena, list.n + 1, s->size, _Alignof(max_align_t));

	if (list.n)
		memcpy(items, list.items, list.n * s->size);
	for (size_t at = 0; at < list.n; at++)
		redact_object(r, s, items + at * s->size);
	return LIST_OF(items, list.n);
}

static void redact_field(const struct redaction *r, const struct field *f, void *at)
{
	struct str *text = at;
	struct list *list = at;

	switch (f->type) {
	case FIELD_STR:
		if (text->n)
			*text = r->redact(r->ctx, *text);
		return;
	case FIELD_LIST:
		*list = redact_list(r, f->item, *list);
		return;
	case FIELD_OBJECT:
		redact_object(r, f->item, at);
		return;
	case FIELD_REF:
	case FIELD_HTML:
	case FIELD_JSON:
		assert(!"a report has texts that can't be redacted");
		return;
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_TIME:
	case FIELD_UUID:
	case FIELD_ENUM:
		return;
	}
}

static void redact_object(const struct redaction *r, const struct shape *s, char *object)
{
	for (size_t at = 0; at < s->nfields; at++)
		if (!is_ours(s, &s->fields[at]))
			redact_field(r, &s->fields[at], object + s->fields[at].off);
}

void report_redact(struct arena *a, struct report *r, struct str (*redact)(void *ctx, struct str),
		   void *ctx)
{
	struct redaction by = { a, redact, ctx };

	redact_object(&by, &report_shape, (char *)r);
}
