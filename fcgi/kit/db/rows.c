/* The SQL door of shapes: columns compared at the start, rows turned into structs that borrow their
 * texts. */
#include "kit/db/pg.h"

#include <string.h>

#include "kit/base/arena.h"

/* Of pg_type, which libpq has no names for. */
enum {
	OID_NONE = 0,
	OID_BOOL = 16,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_JSON = 114,
	OID_FLOAT8 = 701,
	OID_INET = 869,
	OID_TEXTS = 1009,
	OID_BPCHAR = 1042,
	OID_VARCHAR = 1043,
	OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184,
	OID_INTERVAL = 1186,
	OID_NUMERIC = 1700,
	OID_UUID = 2950,
	OID_JSONB = 3802,
	OID_FIRST_OWN = 16384, /* types made by us or an extension: an enum, citext */
};

struct cell {
	struct arena *arena;
	const struct field *field;
	struct str text; /* of the PGresult, where a zero byte follows it */
};

static bool read_str(const struct cell *c, void *to)
{
	*(struct str *)to = c->text;
	return true;
}

static bool read_int(const struct cell *c, void *to)
{
	return str_to_int(c->text, to);
}

static bool read_bool(const struct cell *c, void *to)
{
	*(bool *)to = c->text.p[0] == 't';
	return true;
}

static bool read_time(const struct cell *c, void *to)
{
	return clock_parse(c->text, to);
}

/* The server's own spelling, which is ours. */
static bool read_uuid(const struct cell *c, void *to)
{
	struct uuid *id = to;

	if (c->text.n != sizeof(id->text) - 1)
		return false;
	memcpy(id->text, c->text.p, sizeof(id->text));
	return true;
}

static bool read_enum(const struct cell *c, void *to)
{
	return names_find(c->field->names, c->text, to);
}

static bool read_html(const struct cell *c, void *to)
{
	((struct html *)to)->s = c->text;
	return true;
}

static bool read_json(const struct cell *c, void *to)
{
	((struct json_text *)to)->s = c->text;
	return true;
}

/* Takes a quoted element off *rest, which stands behind the opening quote. */
static bool quoted_element(struct arena *a, struct str *rest, struct str *ret)
{
	size_t end = 0, escapes = 0, n = 0;
	char *plain;

	while (end < rest->n && rest->p[end] != '"') {
		escapes += rest->p[end] == '\\';
		end += rest->p[end] == '\\' ? 2 : 1;
	}
	if (end >= rest->n)
		return false;
	*ret = str_first(*rest, end);
	*rest = str_skip(*rest, end + 1);
	if (!escapes)
		return true;
	plain = arena_alloc(a, end, 1);
	for (size_t at = 0; at < end; at++) {
		if (ret->p[at] == '\\')
			at++;
		plain[n++] = ret->p[at];
	}
	*ret = (struct str){ plain, n };
	return true;
}

static bool ends_element(char c)
{
	return c == ',' || c == '}' || c == '{' || c == '"';
}

/* An element and the comma or brace behind it.  A NULL or an array in it has no place in a list of
 * texts. */
static bool take_element(struct arena *a, struct str *rest, struct str *ret, bool *last)
{
	if (rest->n && rest->p[0] == '"') {
		*rest = str_skip(*rest, 1);
		if (!quoted_element(a, rest, ret))
			return false;
	} else {
		size_t end = 0;

		while (end < rest->n && !ends_element(rest->p[end]))
			end++;
		*ret = str_first(*rest, end);
		*rest = str_skip(*rest, end);
		if (end == 0 || str_eq_nocase(*ret, STR("NULL")))
			return false;
	}
	*last = rest->n == 1 && rest->p[0] == '}';
	if (!*last && (rest->n == 0 || rest->p[0] != ','))
		return false;
	*rest = str_skip(*rest, 1);
	return true;
}

/* The text of an array of one dimension: {a,"b, c","with \"quotes\""}. */
static bool read_texts(const struct cell *c, void *to)
{
	const struct shape *item = c->field->item;
	struct str rest = c->text;
	size_t most = 1, n = 0;
	bool last = str_eq(rest, STR("{}"));
	char *items;

	if (!str_starts(rest, STR("{")))
		return false;
	for (size_t at = 0; at < rest.n; at++)
		most += rest.p[at] == ',';
	items = arena_array(c->arena, most, item->size, _Alignof(max_align_t));
	rest = str_skip(rest, 1);
	while (!last) {
		char *place = items + n++ * item->size + item->fields[0].off;

		if (!take_element(c->arena, &rest, (struct str *)(void *)place, &last))
			return false;
	}
	*(struct list *)to = LIST_OF(items, n);
	return true;
}

/* A type of field without a row here is refused at the start. */
static const struct door {
	bool (*read)(const struct cell *c, void *to);
	bool own; /* types of our own too */
	Oid oids[12];
} doors[] = {
	[FIELD_STR] = { read_str,
			true,
			{ OID_TEXT, OID_VARCHAR, OID_BPCHAR, OID_NAME, OID_DATE, OID_NUMERIC,
			  OID_FLOAT8, OID_INET, OID_INTERVAL } },
	[FIELD_INT] = { read_int, false, { OID_INT8, OID_INT4, OID_INT2 } },
	[FIELD_BOOL] = { read_bool, false, { OID_BOOL } },
	[FIELD_TIME] = { read_time, false, { OID_TIMESTAMPTZ } },
	[FIELD_UUID] = { read_uuid, false, { OID_UUID } },
	[FIELD_ENUM] = { read_enum, true, { OID_TEXT, OID_VARCHAR } },
	[FIELD_HTML] = { read_html, false, { OID_TEXT } },
	[FIELD_JSON] = { read_json, false, { OID_JSONB, OID_JSON } },
	[FIELD_LIST] = { read_texts, false, { OID_TEXTS } },
};

static bool fits(const struct field *f, Oid oid)
{
	const struct door *d = &doors[f->type];

	if (f->type == FIELD_LIST && f->item != &shape_texts)
		return false;
	for (const Oid *known = d->oids; *known; known++)
		if (*known == oid)
			return true;
	return d->own && oid >= OID_FIRST_OWN;
}

const struct err *rows_check(struct arena *a, const struct sql *s, const PGresult *described)
{
	size_t columns = (size_t)PQnfields(described);

	if (PQnparams(described) != s->nargs)
		return ERR(a, ERR_INTERNAL, "%s: has %d parameters, is named with %d", s->name,
			   PQnparams(described), s->nargs);
	if (!s->row)
		return NULL;
	if (columns != s->row->nfields)
		return ERR(a, ERR_INTERNAL, "%s: gives %zu columns for %zu fields", s->name,
			   columns, s->row->nfields);
	for (size_t at = 0; at < columns; at++) {
		const struct field *f = &s->row->fields[at];
		const char *name = PQfname(described, (int)at);

		if (strcmp(name, f->name) != 0)
			return ERR(a, ERR_INTERNAL, "%s: column %zu is %s, its field is %s",
				   s->name, at + 1, name, f->name);
		if (!fits(f, PQftype(described, (int)at)))
			return ERR(a, ERR_INTERNAL,
				   "%s: column %s has a type that its field cannot hold", s->name,
				   name);
	}
	return NULL;
}

static const char *read_row(struct arena *a, const struct shape *shape, const PGresult *r, int row,
			    char *to)
{
	for (size_t at = 0; at < shape->nfields; at++) {
		const struct field *f = &shape->fields[at];
		struct cell c = {
			a, f, { PQgetvalue(r, row, (int)at), (size_t)PQgetlength(r, row, (int)at) }
		};

		if (c.text.n || !PQgetisnull(r, row, (int)at)) {
			if (!doors[f->type].read(&c, to + f->off))
				return f->name;
		} else if (!f->null) {
			return f->name;
		} else if (f->type == FIELD_ENUM) {
			*(int *)(void *)(to + f->off) = -1;
		}
	}
	return NULL;
}

static void clear(void *r)
{
	PQclear(r);
}

const struct err *rows_take(struct arena *a, const struct sql *s, PGresult *r, struct list *ret)
{
	size_t n = (size_t)PQntuples(r), size = s->row->size;
	char *rows;

	arena_defer(a, clear, r);
	if (s->row->nfields != (size_t)PQnfields(r))
		return ERR(a, ERR_INTERNAL, "%s: gives other columns than at the start", s->name);
	rows = arena_array(a, n, size, _Alignof(max_align_t));
	for (size_t at = 0; at < n; at++) {
		const char *bad = read_row(a, s->row, r, (int)at, rows + at * size);

		if (bad)
			return ERR(a, ERR_INTERNAL, "%s: column %s is NULL or cannot be read",
				   s->name, bad);
	}
	*ret = LIST_OF(rows, n);
	return NULL;
}
