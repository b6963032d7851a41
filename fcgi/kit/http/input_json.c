/* JSON bodies to a typed struct, by a shape; see input.h. */
#include "kit/http/input.h"

#include "kit/base/arena.h"
#include "kit/base/json.h"

static struct str below(const struct place *p, const char *name)
{
	return p->path.n ? str_fmt(p->req->arena, "%.*s.%s", STR_ARG(p->path), name) : str_of(name);
}

static void bind_list(const struct place *p, const struct field *f, const struct json *j,
		      struct list *ret)
{
	size_t n = json_length(j), most = f->max ? (size_t)f->max : INPUT_MAX;
	char *items = arena_array(p->req->arena, n ? n : 1, f->item->size, _Alignof(max_align_t));

	if (json_type(j) != JSON_ARRAY) {
		input_complain(p, f, "takes a list.");
		return;
	}
	if (n > most) {
		input_complain(p, f, "has too many entries.");
		return;
	}
	for (size_t at = 0; at < n; at++) {
		struct place item = { p->req,
				      str_fmt(p->req->arena, "%.*s[%zu]", STR_ARG(p->path), at) };
		const struct json *value = json_item(j, at);

		if (!f->item->scalar)
			input_bind_object(&item, f->item, value, items + at * f->item->size, NULL);
		else if (json_type(value) == JSON_STRING)
			input_bind_text(&item, &f->item->fields[0], json_str(value),
					items + at * f->item->size);
		else
			input_complain(&item, &f->item->fields[0], "takes a text.");
	}
	*ret = LIST_OF(items, n);
}

static void bind_value(const struct place *p, const struct field *f, const struct json *j, char *at)
{
	enum json_type type = json_type(j);

	if (f->type == FIELD_LIST) {
		bind_list(p, f, j, (struct list *)(void *)at);
	} else if (f->type == FIELD_OBJECT) {
		input_bind_object(p, f->item, j, at, NULL);
	} else if (f->type == FIELD_REF) {
		char *object = arena_alloc(p->req->arena, f->item->size, _Alignof(max_align_t));

		input_bind_object(p, f->item, j, object, NULL);
		*(const void **)(void *)at = object;
	} else if (f->type == FIELD_JSON) {
		((struct json_text *)(void *)at)->s = json_text(p->req->arena, j);
	} else if (f->type == FIELD_BOOL && type == JSON_BOOL) {
		*(bool *)at = json_bool(j);
	} else if (f->type == FIELD_INT && type == JSON_INT) {
		input_bind_number(p, f, json_int(j), (int64_t *)(void *)at);
	} else if (type == JSON_STRING && f->type != FIELD_INT && f->type != FIELD_BOOL) {
		input_bind_text(p, f, json_str(j), at);
	} else {
		input_complain(p, f,
			       f->type == FIELD_INT    ? "takes a whole number."
			       : f->type == FIELD_BOOL ? "takes true or false."
						       : "takes a text.");
	}
}

struct unknown {
	const struct place *place;
	const struct shape *shape;
};

static const struct err *refuse_unknown(void *ctx, struct str key, const struct json *value)
{
	const struct unknown *u = ctx;

	(void)value;
	if (!shape_find(u->shape, key) && !input_in_list(u->shape->read_only, key))
		input_problem(u->place->req, below(u->place, str_cstr(u->place->req->arena, key)),
			      STR("There is no such field."));
	return NULL;
}

void input_bind_object(const struct place *p, const struct shape *s, const struct json *j,
		       char *object, uint64_t *given)
{
	const struct err *never;

	if (json_type(j) != JSON_OBJECT) {
		input_problem(p->req, p->path, STR("An object is needed here."));
		return;
	}
	input_set_absent(s, object);
	for (size_t at = 0; at < s->nfields; at++) {
		const struct field *f = &s->fields[at];
		struct place place = { p->req, below(p, f->name) };
		const struct json *value = json_get(j, str_of(f->name));
		/* null is a value of what may be null; else it is as if the field were not there.
		 */
		bool has = value || (f->null && json_has(j, str_of(f->name)));

		if (has && given)
			*given |= 1ull << at;
		if (value)
			bind_value(&place, f, value, object + f->off);
		else if (!has && !f->optional)
			input_complain(&place, f, "is needed.");
	}
	if (s->open)
		return;
	never = json_each(j, refuse_unknown, &(struct unknown){ p, s });
	(void)never;
}

uint64_t input_bind_json(struct req *r, const struct shape *s, const struct json *j, void *object)
{
	uint64_t given = 0;

	input_bind_object(&(struct place){ r, STR("") }, s, j, object, &given);
	return given;
}
