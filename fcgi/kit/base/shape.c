/* The core of shapes; each door is a file of its own.  See shape.h. */
#include "kit/base/shape.h"

#include <string.h>

struct text_item {
	struct str text;
};

const struct shape shape_texts =
	SHAPE_WITH(struct text_item, (.scalar = true), F_STR(struct text_item, text, .max = 200));
const struct shape shape_any_object = { .size = 1, .open = true };

const struct field *shape_find(const struct shape *s, struct str name)
{
	for (size_t at = 0; at < s->nfields; at++)
		if (str_eq(str_of(s->fields[at].name), name))
			return &s->fields[at];
	return NULL;
}

bool names_find(const struct names *names, struct str text, int *ret)
{
	for (size_t at = 0; at < names->n; at++) {
		if (str_eq(str_of(names->text[at]), text)) {
			*ret = (int)at;
			return true;
		}
	}
	return false;
}

struct str names_text(const struct names *names, int value)
{
	bool known = value >= 0 && (size_t)value < names->n;

	return known ? str_of(names->text[value]) : STR_NONE;
}

struct str field_choice(const struct field *f, struct str value)
{
	for (const struct choice *c = f->choices; c && c->value; c++)
		if (str_eq(str_of(c->value), value))
			return str_of(c->label);
	return value;
}

bool field_is_set(const struct field *f, const void *object)
{
	const void *v = field_at(f, object);

	switch (f->type) {
	case FIELD_STR:
		return ((const struct str *)v)->n > 0;
	case FIELD_INT:
		return *(const int64_t *)v != 0;
	case FIELD_BOOL:
		return *(const bool *)v;
	case FIELD_TIME:
		return ((const struct instant *)v)->us != 0;
	case FIELD_UUID:
		return !uuid_is_none(*(const struct uuid *)v);
	case FIELD_ENUM:
		return *(const int *)v >= 0;
	case FIELD_HTML:
		return ((const struct html *)v)->s.n > 0;
	case FIELD_JSON:
		return ((const struct json_text *)v)->s.n > 0;
	case FIELD_OBJECT:
		return true;
	case FIELD_REF:
		return *(const void *const *)v != NULL;
	case FIELD_LIST:
		return ((const struct list *)v)->n > 0;
	}
	return false;
}
