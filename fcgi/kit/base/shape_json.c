/* The shape's door out to JSON, and its JSON Schema; see shape_json.h.  Reading what
 * comes from outside is kit/http's, reading back what this has written shape_read.c's. */
#include "kit/base/shape_json.h"

static void put_text(struct buf *out, struct str s)
{
	if (s.p)
		buf_put_json(out, s);
	else
		buf_put(out, STR("null"));
}

static void put_time(struct buf *out, struct instant at)
{
	char room[CLOCK_TEXT];

	put_text(out, at.us ? (struct str){ room, clock_print(at, room) } : STR_NONE);
}

static void put_list(struct buf *out, const struct shape *item, struct list list)
{
	buf_putc(out, '[');
	for (size_t at = 0; at < list.n; at++) {
		if (at)
			buf_putc(out, ',');
		shape_put_json(out, item, list_at(list, item, at));
	}
	buf_putc(out, ']');
}

static void put_value(struct buf *out, const struct field *f, const void *object)
{
	const void *v = field_at(f, object);
	const struct json_text *json = v;

	switch (f->type) {
	case FIELD_STR:
		put_text(out, *(const struct str *)v);
		return;
	case FIELD_INT:
		buf_put_int(out, *(const int64_t *)v);
		return;
	case FIELD_BOOL:
		buf_put(out, *(const bool *)v ? STR("true") : STR("false"));
		return;
	case FIELD_TIME:
		put_time(out, *(const struct instant *)v);
		return;
	case FIELD_UUID:
		put_text(out, uuid_str(v));
		return;
	case FIELD_ENUM:
		put_text(out, names_text(f->names, *(const int *)v));
		return;
	case FIELD_HTML:
		put_text(out, ((const struct html *)v)->s);
		return;
	case FIELD_JSON:
		buf_put(out, json->s.n ? json->s : STR("null"));
		return;
	case FIELD_OBJECT:
		shape_put_json(out, f->item, v);
		return;
	case FIELD_REF:
		shape_put_json(out, f->item, *(const void *const *)v);
		return;
	case FIELD_LIST:
		put_list(out, f->item, *(const struct list *)v);
		return;
	}
}

void shape_put_json(struct buf *out, const struct shape *s, const void *object)
{
	if (!object) {
		buf_put(out, STR("null"));
		return;
	}
	if (s->scalar) {
		put_value(out, &s->fields[0], object);
		return;
	}
	if (s->variant)
		s = s->variants[s->variant(object)];
	for (size_t at = 0; at < s->nfields; at++) {
		buf_putc(out, at ? ',' : '{');
		buf_put_json(out, str_of(s->fields[at].name));
		buf_putc(out, ':');
		put_value(out, &s->fields[at], object);
	}
	buf_put(out, s->nfields ? STR("}") : STR("{}"));
}

static void put_type(struct buf *out, const char *type, bool null)
{
	buf_printf(out, null ? "\"type\":[\"%s\",\"null\"]" : "\"type\":\"%s\"", type);
}

static void put_limits(struct buf *out, const struct field *f, const char *least, const char *most)
{
	if (f->min || (f->max && f->type == FIELD_INT))
		buf_printf(out, ",\"%s\":%lld", least, (long long)f->min);
	if (f->max)
		buf_printf(out, ",\"%s\":%lld", most, (long long)f->max);
}

static void put_enum(struct buf *out, const struct field *f)
{
	buf_put(out, STR(",\"enum\":["));
	for (size_t at = 0; at < f->names->n; at++) {
		if (at)
			buf_putc(out, ',');
		buf_put_json(out, str_of(f->names->text[at]));
	}
	buf_put(out, f->null ? STR(",null]") : STR("]"));
}

static void put_object_schema(struct buf *out, const struct shape *s, bool input, bool null);

/* The inside of a value's schema, without its braces. */
static void put_field_schema(struct buf *out, const struct field *f, bool input)
{
	switch (f->type) {
	case FIELD_STR:
		put_type(out, "string", f->null);
		if (input)
			put_limits(out, f, "minLength", "maxLength");
		return;
	case FIELD_INT:
		put_type(out, "integer", f->null);
		if (input)
			put_limits(out, f, "minimum", "maximum");
		return;
	case FIELD_BOOL:
		put_type(out, "boolean", f->null);
		return;
	case FIELD_TIME:
		put_type(out, "string", f->null);
		buf_put(out, STR(",\"format\":\"date-time\""));
		return;
	case FIELD_UUID:
		put_type(out, "string", f->null);
		buf_put(out, STR(",\"format\":\"uuid\""));
		return;
	case FIELD_ENUM:
		put_type(out, "string", f->null);
		put_enum(out, f);
		return;
	case FIELD_HTML:
		put_type(out, "string", f->null);
		return;
	case FIELD_JSON:
		return; /* any value: the empty schema */
	case FIELD_OBJECT:
		put_object_schema(out, f->item, input, f->null);
		return;
	case FIELD_REF:
		put_object_schema(out, f->item, input, true);
		return;
	case FIELD_LIST:
		put_type(out, "array", f->null);
		buf_put(out, STR(",\"items\":{"));
		put_object_schema(out, f->item, input, false);
		buf_putc(out, '}');
		return;
	}
}

static bool is_listed(const struct shape *s, const struct field *f, bool input)
{
	struct str rest = str_of(input ? s->read_only : NULL);

	while (rest.p)
		if (str_eq(str_cut(&rest, ','), str_of(f->name)))
			return false;
	return true;
}

static void put_required(struct buf *out, const struct shape *s, bool input)
{
	struct str before = STR(",\"required\":[");

	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];

		if (!is_listed(s, f, input) || (input && f->optional))
			continue;
		buf_put(out, before);
		buf_put_json(out, str_of(f->name));
		before = STR(",");
	}
	if (before.n == 1)
		buf_putc(out, ']');
}

static void put_variants(struct buf *out, const struct shape *s)
{
	buf_put(out, STR("\"anyOf\":["));
	for (size_t at = 0; s->variants[at]; at++) {
		if (at)
			buf_putc(out, ',');
		shape_put_schema(out, s->variants[at], false);
	}
	buf_putc(out, ']');
}

static void put_object_schema(struct buf *out, const struct shape *s, bool input, bool null)
{
	struct str before = STR("");

	if (s->scalar) {
		put_field_schema(out, &s->fields[0], input);
		return;
	}
	if (s->variant && !input) {
		put_variants(out, s);
		return;
	}
	put_type(out, "object", null);
	buf_put(out, STR(",\"properties\":{"));
	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];

		if (!is_listed(s, f, input))
			continue;
		buf_put(out, before);
		buf_put_json(out, str_of(f->name));
		buf_put(out, STR(":{"));
		put_field_schema(out, f, input);
		buf_putc(out, '}');
		before = STR(",");
	}
	buf_putc(out, '}');
	put_required(out, s, input);
	if (input)
		buf_put(out, s->open ? STR(",\"additionalProperties\":true")
				     : STR(",\"additionalProperties\":false"));
}

void shape_put_schema(struct buf *out, const struct shape *s, bool input)
{
	buf_putc(out, '{');
	put_object_schema(out, s, input, false);
	buf_putc(out, '}');
}
