/* Lists for the operator: columns that line up, or JSON. */
#include <assert.h>
#include <stdio.h>

#include "app/ctl.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"

#define JSON_MAX  ((size_t)16 << 20)
#define WIDTH_MAX 60 /* of a column; a longer text pushes the rest of its line aside */

static struct str text_of(struct arena *a, const struct field *f, const void *object)
{
	const void *value = field_at(f, object);

	switch (f->type) {
	case FIELD_STR:
		return *(const struct str *)value;
	case FIELD_INT:
		return str_fmt(a, "%lld", (long long)*(const int64_t *)value);
	case FIELD_BOOL:
		return *(const bool *)value ? STR("yes") : STR("no");
	case FIELD_TIME:
		return clock_rfc3339(a, *(const struct instant *)value);
	case FIELD_UUID:
		return uuid_str(value);
	case FIELD_ENUM:
		return names_text(f->names, *(const int *)value);
	case FIELD_HTML:
	case FIELD_JSON:
	case FIELD_OBJECT:
	case FIELD_REF:
	case FIELD_LIST:
		break;
	}
	assert(!"a field that is no column");
}

/* In one line of a terminal, whatever stands in it. */
static struct str cell(struct arena *a, const struct field *f, const void *object)
{
	struct str text = field_is_set(f, object) || f->type == FIELD_INT || f->type == FIELD_BOOL
				  ? str_one_line(a, text_of(a, f, object))
				  : STR("");

	return text.n ? text : STR("-");
}

static void put_padded(struct str text, size_t width, bool last)
{
	size_t n = str_utf8_length(text);

	printf("%.*s%*s", STR_ARG(text), last ? 0 : (int)(n < width ? width - n : 0), "");
	fputs(last ? "\n" : "  ", stdout);
}

static void widen(size_t *width, struct str text)
{
	size_t n = str_utf8_length(text);

	if (n > *width)
		*width = n < WIDTH_MAX ? n : WIDTH_MAX;
}

static void print_columns(struct arena *a, const struct shape *s, struct list rows)
{
	size_t *widths = ARENA_ARRAY(a, size_t, s->nfields);

	for (size_t column = 0; column < s->nfields; column++) {
		widen(&widths[column], str_of(s->fields[column].name));
		for (size_t row = 0; row < rows.n; row++)
			widen(&widths[column], cell(a, &s->fields[column], list_at(rows, s, row)));
	}
	for (size_t column = 0; column < s->nfields; column++)
		put_padded(str_of(s->fields[column].name), widths[column],
			   column + 1 == s->nfields);
	for (size_t row = 0; row < rows.n; row++)
		for (size_t column = 0; column < s->nfields; column++)
			put_padded(cell(a, &s->fields[column], list_at(rows, s, row)),
				   widths[column], column + 1 == s->nfields);
}

void call_print(struct call *call, const struct shape *shape, struct list rows)
{
	struct buf out = buf_new(call->arena, JSON_MAX);

	if (!call_has(call, "json")) {
		print_columns(call->arena, shape, rows);
		return;
	}
	buf_putc(&out, '[');
	for (size_t at = 0; at < rows.n; at++) {
		buf_put(&out, at ? STR(",\n ") : STR(""));
		shape_put_json(&out, shape, list_at(rows, shape, at));
	}
	buf_put(&out, STR("]\n"));
	fwrite(out.p, 1, out.n, stdout);
}
