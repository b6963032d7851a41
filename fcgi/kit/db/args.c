/* Parameters on their way out: all go as text, which libpq wants ended by a zero byte. */
#include "kit/db/pg.h"

#include <string.h>

#include "kit/base/arena.h"

struct arg arg_str(struct str s)
{
	return (struct arg){ .type = ARG_STR, .s = s };
}

struct arg arg_uuid(struct uuid id)
{
	return (struct arg){ .type = ARG_UUID, .id = id };
}

struct arg arg_int(int64_t i)
{
	return (struct arg){ .type = ARG_INT, .i = i };
}

struct arg arg_int32(int i)
{
	return arg_int(i);
}

struct arg arg_bool(bool b)
{
	return (struct arg){ .type = ARG_BOOL, .i = b };
}

struct arg arg_time(struct instant t)
{
	return (struct arg){ .type = ARG_TIME, .i = t.us };
}

struct arg arg_texts(struct list of_shape_texts)
{
	return (struct arg){ .type = ARG_TEXTS, .list = of_shape_texts };
}

/* One element of an array, always in quotes. */
static char *put_element(char *to, struct str text)
{
	*to++ = '"';
	for (size_t at = 0; at < text.n; at++) {
		if (text.p[at] == '"' || text.p[at] == '\\')
			*to++ = '\\';
		*to++ = text.p[at];
	}
	*to++ = '"';
	return to;
}

static struct str texts(struct arena *a, struct list list)
{
	const struct field *f = &shape_texts.fields[0];
	size_t room = 2;
	char *text, *to;

	for (size_t at = 0; at < list.n; at++)
		room += 3 +
			2 * ((const struct str *)field_at(f, list_at(list, &shape_texts, at)))->n;
	text = to = arena_alloc(a, room + 1, 1);
	*to++ = '{';
	for (size_t at = 0; at < list.n; at++) {
		if (at)
			*to++ = ',';
		to = put_element(to,
				 *(const struct str *)field_at(f, list_at(list, &shape_texts, at)));
	}
	*to++ = '}';
	return (struct str){ text, (size_t)(to - text) };
}

static struct str arg_text(struct arena *a, const struct arg *arg)
{
	char room[CLOCK_TEXT];

	switch (arg->type) {
	case ARG_STR:
		return str_dup(a, arg->s);
	case ARG_UUID:
		return str_dup(a, uuid_str(&arg->id));
	case ARG_INT:
		return str_of_int(arg->i, arena_alloc(a, STR_INT_ROOM, 1));
	case ARG_BOOL:
		return arg->i ? STR("t") : STR("f");
	case ARG_TIME:
		if (!arg->i)
			return STR_NONE;
		return str_dup(a,
			       (struct str){ room, clock_print((struct instant){ arg->i }, room) });
	case ARG_TEXTS:
		return texts(a, arg->list);
	}
	return STR_NONE;
}

const char *const *args_text(struct arena *a, const struct arg *args, size_t n)
{
	const char **values = ARENA_ARRAY(a, const char *, n + 1);

	for (size_t at = 0; at < n; at++) {
		struct str text = arg_text(a, &args[at]);

		if (str_find(text, '\0') >= 0)
			return NULL;
		values[at] = text.p;
	}
	return values;
}
