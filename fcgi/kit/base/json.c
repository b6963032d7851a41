/* The face over json-c, and the only file that includes it; see json.h. */
#include "kit/base/json_check.h"

/*
 * json-c has types of these names too.  Its json_object_get is not to be called: jansson, which
 * libjwt brings, has another function of that name.
 */
#define json_type json_c_type
#define json_bool json_c_bool
#include <json-c/json.h>
#undef json_type
#undef json_bool

#include <math.h>
#include <string.h>

#include "kit/base/arena.h"

const struct json_limits json_default_limits = {
	.bytes = (size_t)1024 * 1024, .depth = 32, .keys = 1000, .values = 100000
};

/* json-c asks for objects that it may change even where it does not. */
static struct json_object *inside(const struct json *j)
{
	union {
		const struct json *outside;
		struct json_object *inside;
	} same = { j };

	return same.inside;
}

static const struct json *outside(struct json_object *o)
{
	return (const struct json *)o;
}

static void release(void *o)
{
	json_object_put(o);
}

static void tally(struct json_object *o, struct json_count *count, bool *finite)
{
	if (json_object_is_type(o, json_type_double))
		*finite &= isfinite(json_object_get_double(o));
	if (json_object_is_type(o, json_type_array)) {
		count->items += json_object_array_length(o);
		for (size_t at = 0; at < json_object_array_length(o); at++)
			tally(json_object_array_get_idx(o, at), count, finite);
	}
	if (json_object_is_type(o, json_type_object)) {
		count->keys += (size_t)json_object_object_length(o);
		json_object_object_foreach(o, key, value)
		{
			(void)key;
			tally(value, count, finite);
		}
	}
}

/* json-c keeps the last of equal keys, and drops array items where memory is short; both show in
 * the count. */
static const struct err *compare(struct arena *a, struct json_object *root, struct json_count want)
{
	struct json_count got = { 0 };
	bool finite = true;

	tally(root, &got, &finite);
	if (got.keys != want.keys)
		return ERR(a, ERR_INVALID,
			   "This JSON cannot be taken: an object has the same key twice.");
	if (got.items != want.items)
		return ERR(a, ERR_BUSY, "json-c kept %zu of %zu array items", got.items,
			   want.items);
	if (!finite)
		return ERR(a, ERR_INVALID, "This JSON cannot be taken: a number is too large.");
	return NULL;
}

/* The closing NUL tells json-c that a number at the very end is complete. */
static struct json_object *read_tree(struct json_tokener *t, struct str text)
{
	struct json_object *root;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(t, text.p, (int)text.n);
	if (json_tokener_get_error(t) == json_tokener_continue)
		root = json_tokener_parse_ex(t, "", 1);
	return root;
}

const struct err *json_parse(struct arena *a, struct str text, const struct json_limits *limits,
			     const struct json **ret)
{
	struct json_count count;
	struct json_tokener *t;
	struct json_object *root;
	enum json_tokener_error error;

	if (text.n > INT32_MAX / 2)
		return ERR(a, ERR_TOO_LARGE, "This JSON is too large.");
	TRY(json_check_count(a, text, limits, &count));
	t = json_tokener_new_ex((int)limits->depth + 1);
	if (!t)
		return ERR(a, ERR_BUSY, "json-c has no memory");
	root = read_tree(t, str_trim(text));
	error = json_tokener_get_error(t);
	json_tokener_free(t);
	if (root)
		arena_defer(a, release, root);
	if (error != json_tokener_success)
		return ERR(a, ERR_BUSY, "json-c refused a sound text: %s",
			   json_tokener_error_desc(error));
	TRY(compare(a, root, count));
	*ret = outside(root);
	return NULL;
}

enum json_type json_type(const struct json *j)
{
	switch (json_object_get_type(inside(j))) {
	case json_type_null:
		return JSON_NULL;
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
		return JSON_DOUBLE;
	case json_type_int:
		return JSON_INT;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_string:
		return JSON_STRING;
	}
	return JSON_NULL;
}

struct str json_str(const struct json *j)
{
	struct json_object *o = inside(j);

	if (json_type(j) != JSON_STRING)
		return STR_NONE;
	return (struct str){ json_object_get_string(o), (size_t)json_object_get_string_len(o) };
}

int64_t json_int(const struct json *j)
{
	return json_type(j) == JSON_INT ? json_object_get_int64(inside(j)) : 0;
}

double json_double(const struct json *j)
{
	bool numeric = json_type(j) == JSON_INT || json_type(j) == JSON_DOUBLE;

	return numeric ? json_object_get_double(inside(j)) : 0;
}

bool json_bool(const struct json *j)
{
	return json_type(j) == JSON_BOOL && json_object_get_boolean(inside(j));
}

size_t json_length(const struct json *j)
{
	if (json_type(j) == JSON_ARRAY)
		return json_object_array_length(inside(j));
	return json_type(j) == JSON_OBJECT ? (size_t)json_object_object_length(inside(j)) : 0;
}

const struct json *json_item(const struct json *j, size_t index)
{
	/* Beyond the end json-c gives NULL of its own. */
	return json_type(j) == JSON_ARRAY ? outside(json_object_array_get_idx(inside(j), index))
					  : NULL;
}

/* json-c looks up by NUL-terminated keys only; ours is a view, and objects are small enough to
 * walk. */
static bool find(const struct json *j, struct str key, const struct json **ret)
{
	if (json_type(j) != JSON_OBJECT)
		return false;
	json_object_object_foreach(inside(j), name, value)
	{
		if (str_eq(str_of(name), key)) {
			*ret = outside(value);
			return true;
		}
	}
	return false;
}

const struct json *json_get(const struct json *j, struct str key)
{
	const struct json *value = NULL;

	find(j, key, &value);
	return value;
}

bool json_has(const struct json *j, struct str key)
{
	const struct json *ignored;

	return find(j, key, &ignored);
}

const struct err *
json_each(const struct json *j,
	  const struct err *(*fn)(void *ctx, struct str key, const struct json *value), void *ctx)
{
	if (json_type(j) != JSON_OBJECT)
		return NULL;
	json_object_object_foreach(inside(j), key, value) TRY(fn(ctx, str_of(key), outside(value)));
	return NULL;
}

struct str json_text(struct arena *a, const struct json *j)
{
	int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	size_t n = 0;
	const char *text = json_object_to_json_string_length(inside(j), flags, &n);

	return str_dup(a, (struct str){ text, n });
}
