/* The shape's door in for our own JSON, as the database kept it; see shape_json.h. */
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/base/shape_json.h"

static bool read_object(struct arena *a, const struct shape *s, const struct json *j, char *object);
static bool read_value(struct arena *a, const struct field *f, const struct json *j, void *at);

static bool read_list(struct arena *a, const struct shape *item, const struct json *j,
		      struct list *ret)
{
	size_t n = json_length(j);
	char *items = arena_array(a, n ? n : 1, item->size, _Alignof(max_align_t));

	if (json_type(j) != JSON_ARRAY)
		return false;
	for (size_t at = 0; at < n; at++) {
		char *into = items + at * item->size;
		bool sound = item->scalar ? read_value(a, &item->fields[0], json_item(j, at), into)
					  : read_object(a, item, json_item(j, at), into);

		if (!sound)
			return false;
	}
	*ret = LIST_OF(items, n);
	return true;
}

static bool read_text(const struct field *f, struct str text, void *at)
{
	switch (f->type) {
	case FIELD_STR:
		*(struct str *)at = text;
		return true;
	case FIELD_TIME:
		return clock_parse(text, at);
	case FIELD_UUID:
		return uuid_parse(text, at);
	case FIELD_ENUM:
		return names_find(f->names, text, at);
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_HTML:
	case FIELD_JSON:
	case FIELD_OBJECT:
	case FIELD_REF:
	case FIELD_LIST:
		return false;
	}
	return false;
}

static bool read_value(struct arena *a, const struct field *f, const struct json *j, void *at)
{
	enum json_type type = json_type(j);

	if (f->type == FIELD_LIST)
		return read_list(a, f->item, j, at);
	if (f->type == FIELD_OBJECT)
		return read_object(a, f->item, j, at);
	if (f->type == FIELD_JSON) {
		((struct json_text *)at)->s = json_text(a, j);
		return true;
	}
	if (f->type == FIELD_INT && type == JSON_INT) {
		*(int64_t *)at = json_int(j);
		return true;
	}
	if (f->type == FIELD_BOOL && type == JSON_BOOL) {
		*(bool *)at = json_bool(j);
		return true;
	}
	return type == JSON_STRING && read_text(f, json_str(j), at);
}

static bool read_object(struct arena *a, const struct shape *s, const struct json *j, char *object)
{
	if (json_type(j) != JSON_OBJECT)
		return false;
	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];
		const struct json *value = json_get(j, str_of(f->name));

		if (f->type == FIELD_ENUM)
			*(int *)(void *)(object + f->off) = -1;
		if (value && !read_value(a, f, value, object + f->off))
			return false;
	}
	return true;
}

const struct err *shape_read_json(struct arena *a, const struct shape *s, struct str text,
				  void *object)
{
	/* Our own, however large it has become. */
	const struct json_limits limits = { (size_t)8 << 20, 64, (size_t)1 << 20, (size_t)1 << 20 };
	const struct json *j;

	TRY(json_parse(a, text, &limits, &j));
	if (!read_object(a, s, j, object))
		return ERR(a, ERR_INTERNAL, "kept JSON is not of the shape that wrote it");
	return NULL;
}
