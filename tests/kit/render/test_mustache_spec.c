/* The official mustache tests, each module a test; skipped where the folder of vectors is absent.
 */
#include "support/suite.h"

#include <stdio.h>

#include "kit/base/json.h"
#include "kit/render/render.h"

#define SPECS "../shared/data/mustache-spec/specs/"

struct bench {
	struct partial partials[16];
	size_t n;
};

static const struct err *add_partial(void *ctx, struct str name, const struct json *text)
{
	struct bench *b = ctx;

	ck_assert(b->n < 16);
	b->partials[b->n++] = (struct partial){ name, json_str(text) };
	return NULL;
}

static const char *module_of_test;

static int run_one(const struct json *test)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);
	struct bench b = { .n = 0 };
	struct str want = json_str(json_get(test, STR("expected")));
	struct str name = json_str(json_get(test, STR("name")));
	const struct err *e = json_each(json_get(test, STR("partials")), add_partial, &b);

	if (!e)
		e = render_json(arena, json_str(json_get(test, STR("template"))), b.partials, b.n,
				json_get(test, STR("data")), &out);
	if (!e && str_eq(buf_str(&out), want))
		return 0;
	printf("%s: %.*s: %.*s\n got \"%.*s\"\nwant \"%.*s\"\n", module_of_test, STR_ARG(name),
	       STR_ARG(e ? e->message : STR("")), STR_ARG(buf_str(&out)), STR_ARG(want));
	return 1;
}

static void run_module(const char *module, size_t at_least)
{
	struct str path = str_fmt(arena, SPECS "%s.json", module), text = suite_read(path.p);
	const struct json *spec, *tests;
	const struct err *e;
	int failed = 0;

	if (!text.p) {
		printf("skip: %s is not here\n", path.p);
		return;
	}
	module_of_test = module;
	e = json_parse(arena, text, &json_default_limits, &spec);
	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	tests = json_get(spec, STR("tests"));
	ck_assert_uint_ge(json_length(tests), at_least);
	for (size_t at = 0; at < json_length(tests); at++)
		failed += run_one(json_item(tests, at));
	ck_assert_int_eq(failed, 0);
}

#define MODULE(test, file, n)                                                                      \
	START_TEST(test)                                                                           \
	{                                                                                          \
		run_module(file, n);                                                               \
	}                                                                                          \
	END_TEST

MODULE(comments, "comments", 12)
MODULE(delimiters, "delimiters", 14)
MODULE(interpolation, "interpolation", 40)
MODULE(inverted, "inverted", 22)
MODULE(partials, "partials", 12)
MODULE(sections, "sections", 34)
MODULE(inheritance, "~inheritance", 27)

SUITE("kit/render/mustache_spec", comments, delimiters, interpolation, inverted, partials, sections,
      inheritance)
