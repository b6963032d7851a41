/* Limits as operators type them into forms and send them to the API; see inside.h. */
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "plans/inside.h"

static const struct {
	const char *field, *key;
	int64_t unit;
} fields[LIMIT_FIELDS] = {
	{ "flows", "flows", 1 },
	{ "users", "users", 1 },
	{ "sessions_month", "sessions_month", 1 },
	{ "ai_calls_month", "ai_calls_month", 1 },
	{ "stored_mb", "stored_bytes", 1000000 },
};

const char *limit_check(struct str typed)
{
	int64_t n;

	if (typed.n == 0 || str_eq(typed, STR("none")))
		return NULL;
	if (typed.n <= 9 && str_to_int(typed, &n) && n >= 0)
		return NULL;
	return "Enter a whole number from 0 on, or \"none\", or nothing.";
}

struct str limits_typed(struct req *r)
{
	struct buf out = buf_new(r->arena, 1024);

	buf_putc(&out, '{');
	for (size_t at = 0; at < LIMIT_FIELDS; at++) {
		struct str typed = str_trim(form_value(r, str_of(fields[at].field)));
		int64_t n;

		if (typed.n == 0)
			continue;
		buf_printf(&out, "%s\"%s\":", out.n > 1 ? "," : "", fields[at].key);
		if (str_to_int(typed, &n))
			buf_put_int(&out, n * fields[at].unit);
		else
			buf_put(&out, STR("null"));
	}
	buf_putc(&out, '}');
	return buf_str(&out);
}

struct pair limit_pair(struct arena *a, struct str key, int64_t most)
{
	for (size_t at = 0; at < LIMIT_FIELDS; at++)
		if (str_eq(key, str_of(fields[at].key)))
			return (struct pair){
				str_of(fields[at].field),
				most < 0 ? STR("none")
					 : str_fmt(a, "%lld", (long long)(most / fields[at].unit))
			};
	return (struct pair){ key, STR("") };
}

const struct err *limits_given(struct req *r, struct str *ret)
{
	const struct json *limits = json_get(r->json, STR("limits"));

	if (limits && json_type(limits) != JSON_OBJECT)
		return input_refuse(r, "limits", "An object of limits and numbers is needed.");
	*ret = limits ? json_text(r->arena, limits) : STR("{}");
	return NULL;
}
