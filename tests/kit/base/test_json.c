/* JSON from outside: what is refused and how, and that json-c gives back what the text said. */
#include "support/suite.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/buf.h"
#include "kit/base/json.h"

#define VECTORS "../shared/data/json-test-suite/test_parsing"

#define TAKEN ((enum err_kind)ERR__MAX) /* no error at all */

static enum err_kind check_kind(struct str text, const struct json_limits *limits)
{
	const struct err *e = json_check(arena, text, limits);

	return e ? e->kind : TAKEN;
}

static enum err_kind parse_kind(struct str text, const struct json_limits *limits)
{
	const struct json *ignored;
	const struct err *e = json_parse(arena, text, limits, &ignored);

	return e ? e->kind : TAKEN;
}

static const struct json *parsed(struct str text)
{
	const struct json *j = NULL;
	const struct err *e = json_parse(arena, text, &json_default_limits, &j);

	ck_assert_msg(!e, "%.*s: %.*s", STR_ARG(text), STR_ARG(e ? e->message : STR_NONE));
	return j;
}

static struct str file_text(const char *path)
{
	size_t room = 1024 * 1024;
	char *bytes = arena_alloc(arena, room, 1);
	FILE *f = fopen(path, "rb");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(bytes, 1, room, f);
	fclose(f);
	return (struct str){ bytes, n };
}

/* A sound text may still be refused as ERR_INVALID, for what it says; never as malformed. */
START_TEST(passes_every_vector)
{
	DIR *dir = opendir(VECTORS);
	int seen = 0;

	if (!dir) {
		printf("skip: %s is not here\n", VECTORS);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct str text;
		enum err_kind kind;

		if (entry->d_name[0] == '.')
			continue;
		text = file_text(str_cstr(arena, str_fmt(arena, VECTORS "/%s", entry->d_name)));
		kind = parse_kind(text, &json_default_limits);
		if (entry->d_name[0] == 'y')
			ck_assert_msg(kind == TAKEN || kind == ERR_INVALID, "%s", entry->d_name);
		if (entry->d_name[0] == 'n')
			ck_assert_msg(kind == ERR_MALFORMED, "%s", entry->d_name);
		arena_reset(arena);
		seen++;
	}
	closedir(dir);
	ck_assert_int_eq(seen, 318);
}
END_TEST

START_TEST(refuses_what_is_not_json)
{
	static const struct str texts[] = {
		STR_INIT(""),
		STR_INIT("  "),
		STR_INIT("NaN"),
		STR_INIT("-Infinity"),
		STR_INIT("-"),
		STR_INIT("01"),
		STR_INIT("-01"),
		STR_INIT("2.e3"),
		STR_INIT(".5"),
		STR_INIT("1e"),
		STR_INIT("1e+"),
		STR_INIT("+1"),
		STR_INIT("0x10"),
		STR_INIT("tru"),
		STR_INIT("True"),
		STR_INIT("nullx"),
		STR_INIT("'a'"),
		STR_INIT("\""),
		STR_INIT("\"\\\""),
		STR_INIT("\"\\"),
		STR_INIT("\"\\x41\""),
		STR_INIT("\"\\\0\""),
		STR_INIT("\"\\u00g0\""),
		STR_INIT("\"\\u12\""),
		STR_INIT("\"\\u"),
		STR_INIT("\"\\ud800\\u12\""),
		STR_INIT("\"a\nb\""),
		STR_INIT("\"a\tb\""),
		STR_INIT("\"\0\""),
		STR_INIT("\"\xc0\xaf\""),
		STR_INIT("\"\xed\xa0\x80\""),
		STR_INIT("\xef\xbb\xbf{}"),
		STR_INIT("[1,]"),
		STR_INIT("[,1]"),
		STR_INIT("[1 2]"),
		STR_INIT("[1"),
		STR_INIT("["),
		STR_INIT("[1}"),
		STR_INIT("]"),
		STR_INIT("{\"a\":1,}"),
		STR_INIT("{\"a\"}"),
		STR_INIT("{\"a\":}"),
		STR_INIT("{a:1}"),
		STR_INIT("{1:1}"),
		STR_INIT("{\"a\" 1}"),
		STR_INIT("{\"a\":1"),
		STR_INIT("{"),
		STR_INIT("1 2"),
		STR_INIT("{}x"),
		STR_INIT("{}\0"),
		STR_INIT("[]\f"),
		STR_INIT("/**/1"),
		STR_INIT("[1]//"),
		/* Unfit and malformed: it is the worse that counts. */
		STR_INIT("\"\\u0000"),
		STR_INIT("[\"\\ud800\", 99999999999999999999, ]"),
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_msg(check_kind(texts[at], &json_default_limits) == ERR_MALFORMED, "%.*s",
			      STR_ARG(texts[at]));
}
END_TEST

START_TEST(calls_json_that_cannot_be_kept_invalid)
{
	static const struct str texts[] = {
		STR_INIT("\"\\u0000\""),         STR_INIT("{\"a\\u0000\":1}"),
		STR_INIT("\"\\ud800\""),         STR_INIT("\"\\udc00\""),
		STR_INIT("\"\\ud800\\ud800\""),  STR_INIT("\"\\ud800\\n\""),
		STR_INIT("\"\\ud800\\u0041\""),  STR_INIT("\"\\ud800\\uffff\""),
		STR_INIT("9223372036854775808"), STR_INIT("[-9223372036854775809]"),
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_msg(check_kind(texts[at], &json_default_limits) == ERR_INVALID, "%.*s",
			      STR_ARG(texts[at]));
}
END_TEST

START_TEST(leaves_equal_keys_and_huge_numbers_to_the_parser)
{
	static const struct str texts[] = {
		STR_INIT("{\"a\":1,\"a\":1}"),
		STR_INIT("{\"a\":[1,2],\"b\":0,\"a\":null}"),
		STR_INIT("[{\"x\":{\"a\":1,\"\\u0061\":2}}]"),
		STR_INIT("1e400"),
		STR_INIT("{\"a\":[-1.5e999]}"),
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++) {
		ck_assert(check_kind(texts[at], &json_default_limits) == TAKEN);
		ck_assert(parse_kind(texts[at], &json_default_limits) == ERR_INVALID);
	}
	ck_assert(parse_kind(STR("[{\"a\":1},{\"a\":1}]"), &json_default_limits) == TAKEN);
}
END_TEST

START_TEST(keeps_to_each_bound)
{
	struct json_limits limits = { .bytes = 8, .depth = 2, .keys = 2, .values = 2 };

	ck_assert(parse_kind(STR("[1,   2]"), &limits) == TAKEN);
	ck_assert(parse_kind(STR("[1,    2]"), &limits) == ERR_TOO_LARGE);
	ck_assert(parse_kind(STR("[[],{}]"), &limits) == TAKEN);
	ck_assert(parse_kind(STR("[[[]]]"), &limits) == ERR_MALFORMED);
	ck_assert(parse_kind(STR("[1,2,3]"), &limits) == ERR_MALFORMED);
	ck_assert(parse_kind(STR("[{\"\":[]}]"), &json_default_limits) == TAKEN);
	limits.bytes = 64;
	ck_assert(parse_kind(STR("[{\"a\":1}]"), &limits) == TAKEN);
	ck_assert(parse_kind(STR("[{\"a\":1,\"b\":2}]"), &limits) == ERR_MALFORMED);
	limits.values = 8;
	ck_assert(parse_kind(STR("[{\"a\":1,\"b\":2},{\"a\":{\"b\":2}}]"), &limits) ==
		  ERR_MALFORMED); /* too deep */
	limits.depth = 3;
	ck_assert(parse_kind(STR("[{\"a\":1,\"b\":2},{\"a\":{\"b\":2}}]"), &limits) == TAKEN);
	ck_assert(parse_kind(STR("{\"a\":1,\"b\":2,\"c\":3}"), &limits) == ERR_MALFORMED);
	ck_assert(parse_kind(STR("{\"a\":{\"d\":1},\"b\":2,\"c\":3}"), &limits) ==
		  ERR_MALFORMED); /* those within do not count for it, nor does it for them */
	ck_assert(parse_kind(STR("{\"a\":{\"d\":1,\"e\":2},\"b\":2}"), &limits) == TAKEN);
}
END_TEST

/* {"k0":0,"k1":0,...} */
static struct str object_of(size_t keys)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	for (size_t at = 0; at < keys; at++)
		buf_printf(&out, "%c\"k%zu\":0", at ? ',' : '{', at);
	buf_putc(&out, '}');
	return buf_str(&out);
}

START_TEST(an_object_has_at_most_a_thousand_keys)
{
	ck_assert(parse_kind(object_of(1000), &json_default_limits) == TAKEN);
	ck_assert(parse_kind(object_of(1001), &json_default_limits) == ERR_MALFORMED);
}
END_TEST

/* The largest flow: 500 nodes of 8 keys, each with 20 options of 3. */
START_TEST(takes_the_largest_flow)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	buf_putc(&out, '[');
	for (size_t node = 0; node < 500; node++) {
		buf_printf(&out,
			   "%s{\"id\":\"n%zu\",\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,",
			   node ? "," : "", node);
		buf_put(&out, STR("\"options\":["));
		for (size_t at = 0; at < 20; at++)
			buf_printf(
				&out,
				"%s{\"id\":\"o%zu\",\"label\":\"Yes, it does\",\"next\":\"n%zu\"}",
				at ? "," : "", at, node);
		buf_put(&out, STR("]}"));
	}
	buf_putc(&out, ']');
	ck_assert(parse_kind(buf_str(&out), &json_default_limits) == TAKEN);
}
END_TEST

START_TEST(takes_the_deepest_and_the_fullest_it_promises)
{
	struct json_limits limits = json_default_limits;
	char *text = arena_alloc(arena, 2 * limits.depth + 1, 1);

	memset(text, '[', limits.depth);
	memset(text + limits.depth, ']', limits.depth);
	ck_assert(parse_kind((struct str){ text, 2 * limits.depth }, &limits) == TAKEN);
	limits.depth--;
	ck_assert(parse_kind((struct str){ text, 2 * limits.depth + 2 }, &limits) == ERR_MALFORMED);
	text = arena_alloc(arena, 2 * limits.values + 2, 1);
	memset(text, ',', 2 * limits.values + 1);
	text[0] = '[';
	for (size_t at = 1; at < 2 * limits.values; at += 2)
		text[at] = '1';
	text[2 * limits.values] = ']';
	ck_assert(parse_kind((struct str){ text, 2 * limits.values + 1 }, &limits) == TAKEN);
}
END_TEST

START_TEST(says_what_is_wrong_and_where)
{
	const struct err *e = json_check(arena, STR("[1,\n 2 3]"), &json_default_limits);

	ck_assert_text(
		e->message,
		STR("This is not JSON that we can read: \",\" or \"]\" was expected at byte 7."));
	e = json_check(arena, STR("\xef\xbb\xbf{}"), &json_default_limits);
	ck_assert(str_contains(e->message, STR("byte order mark")));
	e = json_check(arena, STR("[1, \"\\u0000\"]"), &json_default_limits);
	ck_assert_text(
		e->message,
		STR("This JSON cannot be taken: the character U+0000 is not allowed (byte 5)."));
}
END_TEST

START_TEST(gives_back_what_the_text_said)
{
	const struct json *j =
		parsed(STR(" {\"n\": -12, \"d\": 1.50, \"s\": \"caf\xc3\xa9 \\ud83d\\ude00\","
			   " \"t\": true, \"z\": null, \"l\": [1, [], {}], \"\": \"/\"}\n"));

	ck_assert(json_type(j) == JSON_OBJECT && json_length(j) == 7);
	ck_assert(json_type(json_get(j, STR("n"))) == JSON_INT &&
		  json_int(json_get(j, STR("n"))) == -12);
	ck_assert(json_type(json_get(j, STR("d"))) == JSON_DOUBLE);
	ck_assert_double_eq(json_double(json_get(j, STR("d"))), 1.5);
	ck_assert_double_eq(json_double(json_get(j, STR("n"))), -12);
	ck_assert_text(json_str(json_get(j, STR("s"))), STR("caf\xc3\xa9 \xf0\x9f\x98\x80"));
	ck_assert(json_bool(json_get(j, STR("t"))));
	ck_assert(json_has(j, STR("z")) && json_type(json_get(j, STR("z"))) == JSON_NULL);
	ck_assert(!json_has(j, STR("zz")) && !json_get(j, STR("zz")));
	ck_assert(json_length(json_get(j, STR("l"))) == 3);
	ck_assert(json_int(json_item(json_get(j, STR("l")), 0)) == 1);
	ck_assert_ptr_null(json_item(json_get(j, STR("l")), 3));
	ck_assert_text(json_str(json_get(j, STR_NONE)), STR("/"));
	ck_assert_text(json_text(arena, j),
		       STR("{\"n\":-12,\"d\":1.50,\"s\":\"caf\xc3\xa9 \xf0\x9f\x98\x80\","
			   "\"t\":true,\"z\":null,\"l\":[1,[],{}],\"\":\"/\"}"));
}
END_TEST

START_TEST(answers_a_wrong_question_with_nothing)
{
	const struct json *text = parsed(STR("\"7\"")), *seven = parsed(STR("7"));

	ck_assert(json_int(text) == 0 && !json_bool(text) && json_length(text) == 0);
	ck_assert_double_eq(json_double(text), 0);
	ck_assert_ptr_null(json_str(seven).p);
	ck_assert_ptr_null(json_get(seven, STR("a")));
	ck_assert_ptr_null(json_item(parsed(STR("{\"a\":1}")), 0));
	ck_assert(!json_has(NULL, STR("a")) && json_type(NULL) == JSON_NULL &&
		  json_length(NULL) == 0);
	ck_assert_ptr_null(parsed(STR("null")));
	ck_assert_text(json_text(arena, NULL), STR("null"));
	ck_assert_text(json_str(parsed(STR("\"\""))), STR(""));
	ck_assert_ptr_nonnull(json_str(parsed(STR("\"\""))).p);
}
END_TEST

START_TEST(reads_whole_numbers_to_their_last_digit)
{
	ck_assert(json_int(parsed(STR("9223372036854775807"))) == INT64_MAX);
	ck_assert(json_int(parsed(STR("-9223372036854775808"))) == INT64_MIN);
	ck_assert(json_int(parsed(STR("-0"))) == 0);
	ck_assert(json_type(parsed(STR("1E2"))) == JSON_DOUBLE);
}
END_TEST

static const struct err *collect(void *ctx, struct str key, const struct json *value)
{
	struct str *seen = ctx;

	*seen = str_fmt(arena, "%.*s%.*s%d", STR_ARG(*seen), STR_ARG(key), (int)json_int(value));
	return str_eq(key, STR("stop")) ? ERR(arena, ERR_INVALID, "stopped") : NULL;
}

START_TEST(visits_keys_in_their_order_until_an_error)
{
	struct str seen = STR("");

	ck_assert_ptr_null(json_each(parsed(STR("{\"b\":1,\"a\":2}")), collect, &seen));
	ck_assert_text(seen, STR("b1a2"));
	ck_assert_ptr_nonnull(json_each(parsed(STR("{\"stop\":1,\"a\":2}")), collect, &seen));
	ck_assert_text(seen, STR("b1a2stop1"));
	ck_assert_ptr_null(json_each(parsed(STR("[1]")), collect, &seen));
}
END_TEST

SUITE("kit/base/json", passes_every_vector, refuses_what_is_not_json,
      calls_json_that_cannot_be_kept_invalid, leaves_equal_keys_and_huge_numbers_to_the_parser,
      keeps_to_each_bound, takes_the_deepest_and_the_fullest_it_promises,
      says_what_is_wrong_and_where, gives_back_what_the_text_said,
      answers_a_wrong_question_with_nothing, reads_whole_numbers_to_their_last_digit,
      visits_keys_in_their_order_until_an_error, an_object_has_at_most_a_thousand_keys,
      takes_the_largest_flow)
