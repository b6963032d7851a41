/* What goes out as JSON, and the schema that describes it. */
#include "support/suite.h"

#include "kit/base/json.h"
#include "kit/base/shape_json.h"

static const struct names colours = NAMES("red", "blue \"navy\"");

struct part {
	struct str title;
	int64_t size;
};
static const struct shape part_shape =
	SHAPE(struct part, F_STR(struct part, title, .min = 1, .max = 80),
	      F_INT(struct part, size, .optional = true, .min = 1, .max = 9));

struct thing {
	struct uuid id;
	struct str name;
	int64_t count;
	bool open;
	struct instant at;
	int colour;
	struct html body;
	struct json_text extra;
	struct part inside;
	const struct part *other;
	struct list parts, tags;
};
static const struct shape thing_shape = SHAPE_WITH(
	struct thing, (.read_only = "id,at"), F_UUID(struct thing, id),
	F_STR(struct thing, name, .null = true), F_INT(struct thing, count),
	F_BOOL(struct thing, open), F_TIME(struct thing, at, .null = true),
	F_ENUM(struct thing, colour, &colours, .null = true), F_HTML(struct thing, body),
	F_JSON(struct thing, extra), F_OBJECT(struct thing, inside, struct part, &part_shape),
	F_REF(struct thing, other, struct part, &part_shape),
	F_LIST(struct thing, parts, &part_shape),
	F_LIST(struct thing, tags, &shape_texts, .optional = true));

static struct str json_of(const struct shape *s, const void *object)
{
	struct buf out = buf_new(arena, 1024 * 1024);

	shape_put_json(&out, s, object);
	ck_assert(!out.full);
	return buf_str(&out);
}

static struct str schema_of(const struct shape *s, bool input)
{
	struct buf out = buf_new(arena, 1024 * 1024);

	shape_put_schema(&out, s, input);
	ck_assert(!out.full);
	ck_assert_ptr_null(json_check(arena, buf_str(&out), &json_default_limits));
	return buf_str(&out);
}

START_TEST(prints_none_as_null)
{
	struct thing empty = { .colour = -1 };

	ck_assert_text(json_of(&thing_shape, &empty),
		       STR("{\"id\":null,\"name\":null,\"count\":0,\"open\":false,\"at\":null,"
			   "\"colour\":null,"
			   "\"body\":null,\"extra\":null,\"inside\":{\"title\":null,\"size\":0},"
			   "\"other\":null,"
			   "\"parts\":[],\"tags\":[]}"));
	ck_assert_text(json_of(&thing_shape, NULL), STR("null"));
}
END_TEST

START_TEST(prints_every_field_by_its_name)
{
	static const struct part parts[] = { { STR_INIT("a"), 1 }, { STR_INIT(""), -2 } };
	static const struct str tags[] = { STR_INIT("x"), STR_INIT("y\"\n") };
	struct thing full = {
		.name = STR("<b>"),
		.count = INT64_MIN,
		.open = true,
		.at = { 1000000 },
		.colour = 1,
		.body = { STR("<p>&amp;") },
		.extra = { STR("{\"k\":[1]}") },
		.inside = { STR("in"), 3 },
		.other = &parts[0],
		.parts = LIST_OF(parts, 2),
		.tags = LIST_OF(tags, 2),
	};

	ck_assert(uuid_parse(STR("0190163D-8694-739B-AEA5-966C26F8AD91"), &full.id));
	ck_assert_text(
		json_of(&thing_shape, &full),
		STR("{\"id\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"name\":\"\\u003cb\\u003e\","
		    "\"count\":-9223372036854775808,\"open\":true,\"at\":\"1970-01-01T00:00:01Z\","
		    "\"colour\":\"blue \\\"navy\\\"\",\"body\":\"\\u003cp\\u003e\\u0026amp;\","
		    "\"extra\":{\"k\":[1]},\"inside\":{\"title\":\"in\",\"size\":3},"
		    "\"other\":{\"title\":\"a\",\"size\":1},\"parts\":[{\"title\":\"a\",\"size\":1}"
		    ","
		    "{\"title\":\"\",\"size\":-2}],\"tags\":[\"x\",\"y\\\"\\n\"]}"));
	ck_assert_ptr_null(json_check(arena, json_of(&thing_shape, &full), &json_default_limits));
}
END_TEST

START_TEST(prints_an_unknown_enum_as_null)
{
	struct thing odd = { .colour = 2 };
	const struct json *j;

	ck_assert_ptr_null(
		json_parse(arena, json_of(&thing_shape, &odd), &json_default_limits, &j));
	ck_assert(json_has(j, STR("colour")) && !json_get(j, STR("colour")));
}
END_TEST

START_TEST(describes_what_it_prints)
{
	ck_assert_text(
		schema_of(&thing_shape, false),
		STR("{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"format\":"
		    "\"uuid\"},"
		    "\"name\":{\"type\":[\"string\",\"null\"]},\"count\":{\"type\":\"integer\"},"
		    "\"open\":{\"type\":\"boolean\"},"
		    "\"at\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
		    "\"colour\":{\"type\":[\"string\",\"null\"],\"enum\":[\"red\",\"blue "
		    "\\\"navy\\\"\",null]},"
		    "\"body\":{\"type\":\"string\"},\"extra\":{},"
		    "\"inside\":{\"type\":\"object\",\"properties\":{\"title\":{\"type\":"
		    "\"string\"},"
		    "\"size\":{\"type\":\"integer\"}},\"required\":[\"title\",\"size\"]},"
		    "\"other\":{\"type\":[\"object\",\"null\"],\"properties\":{\"title\":{\"type\":"
		    "\"string\"},"
		    "\"size\":{\"type\":\"integer\"}},\"required\":[\"title\",\"size\"]},"
		    "\"parts\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
		    "\"properties\":{\"title\":{\"type\":\"string\"},\"size\":{\"type\":"
		    "\"integer\"}},"
		    "\"required\":[\"title\",\"size\"]}},"
		    "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},"
		    "\"required\":[\"id\",\"name\",\"count\",\"open\",\"at\",\"colour\",\"body\","
		    "\"extra\",\"inside\","
		    "\"other\",\"parts\",\"tags\"]}"));
}
END_TEST

START_TEST(describes_what_it_takes)
{
	ck_assert_text(schema_of(&part_shape, true),
		       STR("{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\","
			   "\"minLength\":1,"
			   "\"maxLength\":80},\"size\":{\"type\":\"integer\",\"minimum\":1,"
			   "\"maximum\":9}},"
			   "\"required\":[\"title\"],\"additionalProperties\":false}"));
}
END_TEST

START_TEST(does_not_ask_for_what_is_read_only)
{
	const struct json *j, *properties, *required;

	ck_assert_ptr_null(
		json_parse(arena, schema_of(&thing_shape, true), &json_default_limits, &j));
	properties = json_get(j, STR("properties"));
	required = json_get(j, STR("required"));
	ck_assert(!json_has(properties, STR("id")) && !json_has(properties, STR("at")));
	ck_assert(json_has(properties, STR("name")) && json_length(properties) == 10);
	ck_assert_text(json_text(arena, required),
		       STR("[\"name\",\"count\",\"open\",\"colour\",\"body\",\"extra\",\"inside\","
			   "\"other\",\"parts\"]"));
	ck_assert(json_has(j, STR("additionalProperties")));
}
END_TEST

struct loose {
	int64_t limit, least;
};
static const struct shape loose_shape =
	SHAPE(struct loose, F_INT(struct loose, limit, .optional = true, .max = 5),
	      F_INT(struct loose, least, .optional = true, .min = 2));

START_TEST(leaves_required_out_where_nothing_is)
{
	ck_assert_text(schema_of(&loose_shape, true),
		       STR("{\"type\":\"object\",\"properties\":{\"limit\":{\"type\":\"integer\","
			   "\"minimum\":0,"
			   "\"maximum\":5},\"least\":{\"type\":\"integer\",\"minimum\":2}},"
			   "\"additionalProperties\":false}"));
}
END_TEST

/* ---- what comes back ---- */

struct kept {
	struct str name;
	int64_t count;
	bool open;
	struct instant at;
	int colour;
	struct part inside;
	struct list parts, tags;
};
static const struct shape kept_shape = SHAPE(
	struct kept, F_STR(struct kept, name), F_INT(struct kept, count), F_BOOL(struct kept, open),
	F_TIME(struct kept, at), F_ENUM(struct kept, colour, &colours),
	F_OBJECT(struct kept, inside, struct part, &part_shape),
	F_LIST(struct kept, parts, &part_shape), F_LIST(struct kept, tags, &shape_texts));

static bool reads(const char *text, struct kept *ret)
{
	*ret = (struct kept){ .count = 0 };
	return !shape_read_json(arena, &kept_shape, str_of(text), ret);
}

START_TEST(reads_back_what_it_wrote)
{
	const struct part parts[] = { { STR_INIT("a\\\"b"), 1 },
				      { STR_INIT("</x>\n\t\x7f"), -2 },
				      { STR_INIT("\xf0\x9f\x98\x80"), 3 },
				      { STR_INIT(""), 4 },
				      { STR_INIT("fifth"), INT64_MIN } };
	const struct str tags[] = { STR_INIT("one"), STR_INIT("two") };
	struct kept k = {
		STR("&"),        7, true, { 1700000000000000 }, 1, parts[0], LIST_OF(parts, 5),
		LIST_OF(tags, 2)
	};
	struct kept back = { .count = 0 };
	struct str text = json_of(&kept_shape, &k);

	ck_assert_ptr_null(shape_read_json(arena, &kept_shape, text, &back));
	ck_assert_uint_eq(back.parts.n, 5);
	ck_assert_text(((const struct part *)back.parts.items)[1].title, parts[1].title);
	ck_assert_text(json_of(&kept_shape, &back), text);
}
END_TEST

START_TEST(reads_keys_in_any_order_and_passes_over_others)
{
	struct kept k;

	ck_assert(
		reads(" { \"open\" : false , \"x\" : [ { \"y\" : \"]\\\"}\" } , 1e5, null ] ,"
		      " \"count\":-12,\"name\":null,\"z\":{},\"tags\":[ ], \"na\\u006de\":\"n\"} ",
		      &k));
	ck_assert_text(k.name, STR("n"));
	ck_assert_int_eq(k.count, -12);
	ck_assert_int_eq(k.colour, -1);
	ck_assert(!k.open && !k.tags.n && !k.parts.n);
}
END_TEST

START_TEST(reads_every_escape)
{
	struct kept k;

	ck_assert(reads(
		"{\"name\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t|\\u00e9\\u20AC\\ud83d\\ude00\\\\\"}", &k));
	ck_assert_text(k.name, STR("\"\\/\b\f\n\r\t|\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\"));
}
END_TEST

START_TEST(refuses_what_the_shape_did_not_write)
{
	static const char *const unlike[] = {
		"",
		"null",
		"[]",
		"{",
		"{}x",
		"{} {}",
		"{\"name\"}",
		"{\"name\":}",
		"{\"name\":1}",
		"{\"name\":\"a",
		"{\"name\":\"a\\",
		"{\"name\":\"a\\\"",
		"{\"name\":\"\\x\"}",
		"{\"name\":\"\\u12\"}",
		"{\"name\":\"\\u0000\"}",
		"{\"name\":\"\\ud83d\"}",
		"{\"name\":\"\\ud83d\\u0041\"}",
		"{\"name\":\"\\ude00\"}",
		"{\"count\":\"1\"}",
		"{\"count\":1.5}",
		"{\"count\":99999999999999999999}",
		"{\"open\":1}",
		"{\"open\":truer}",
		"{\"at\":\"noon\"}",
		"{\"colour\":\"green\"}",
		"{\"inside\":[]}",
		"{\"parts\":{}}",
		"{\"parts\":[null]}",
		"{\"parts\":[{}",
		"{\"parts\":[{}}",
		"{\"tags\":[1]}",
		"{\"tags\":[\"a\",]}",
		"{\"x\":}",
		"{\"x\":]}",
		"{\"x\":[}",
		"{\"x\":\"",
		"{\"x\":[[[[",
		"{\"name\":nul}",
		"{\"open\":true,}",
	};
	struct kept k;

	for (size_t at = 0; at < sizeof(unlike) / sizeof(unlike[0]); at++)
		ck_assert_msg(!reads(unlike[at], &k), "%s", unlike[at]);
}
END_TEST

SUITE("kit/base/shape_json", prints_none_as_null, prints_every_field_by_its_name,
      prints_an_unknown_enum_as_null, describes_what_it_prints, describes_what_it_takes,
      does_not_ask_for_what_is_read_only, leaves_required_out_where_nothing_is,
      reads_back_what_it_wrote, reads_keys_in_any_order_and_passes_over_others, reads_every_escape,
      refuses_what_the_shape_did_not_write)
