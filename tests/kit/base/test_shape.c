/* Shapes and ids: what is found, what is set. */
#include "support/suite.h"

#include "kit/base/shape.h"

static const struct names roles = NAMES("viewer", "engineer");

struct inner {
	struct str x;
};
static const struct shape inner_shape = SHAPE(struct inner, F_STR(struct inner, x));

struct all {
	struct str text;
	int64_t number;
	bool flag;
	struct instant time;
	struct uuid id;
	int role;
	struct html html;
	struct json_text json;
	struct inner object;
	const struct inner *ref;
	struct list list;
};
static const struct shape all_shape = SHAPE(
	struct all, F_STR(struct all, text), F_INT(struct all, number), F_BOOL(struct all, flag),
	F_TIME(struct all, time), F_UUID(struct all, id), F_ENUM(struct all, role, &roles),
	F_HTML(struct all, html), F_JSON(struct all, json),
	F_OBJECT(struct all, object, struct inner, &inner_shape),
	F_REF(struct all, ref, struct inner, &inner_shape), F_LIST(struct all, list, &inner_shape));

START_TEST(finds_fields_by_their_whole_name)
{
	ck_assert_ptr_eq(shape_find(&all_shape, STR("flag")), &all_shape.fields[2]);
	ck_assert_ptr_null(shape_find(&all_shape, STR("fla")));
	ck_assert_ptr_null(shape_find(&all_shape, STR("flags")));
	ck_assert_ptr_null(shape_find(&all_shape, STR("flag\0")));
	ck_assert_ptr_null(shape_find(&all_shape, STR_NONE));
	ck_assert(all_shape.nfields == 11 && all_shape.size == sizeof(struct all));
}
END_TEST

START_TEST(knows_names_both_ways)
{
	int role = 7;

	ck_assert(names_find(&roles, STR("engineer"), &role) && role == 1);
	ck_assert(!names_find(&roles, STR("Engineer"), &role) &&
		  !names_find(&roles, STR(""), &role));
	ck_assert(!names_find(&roles, STR("engineer\0"), &role) && role == 1);
	ck_assert_text(names_text(&roles, 0), STR("viewer"));
	ck_assert_ptr_null(names_text(&roles, -1).p);
	ck_assert_ptr_null(names_text(&roles, 2).p);
}
END_TEST

START_TEST(calls_values_as_people_read_them)
{
	static const struct choice choices[] = { { "", "Nobody" },
						 { "engineer", "An engineer" },
						 { 0 } };
	const struct field with = F_ENUM(struct all, role, &roles, .choices = choices);
	const struct field without = F_ENUM(struct all, role, &roles);

	ck_assert_text(field_choice(&with, STR("engineer")), STR("An engineer"));
	ck_assert_text(field_choice(&with, STR("")), STR("Nobody"));
	ck_assert_text(field_choice(&with, STR("viewer")), STR("viewer"));
	ck_assert_text(field_choice(&without, STR("engineer")), STR("engineer"));
}
END_TEST

START_TEST(tells_set_from_not_set)
{
	static const struct inner one;
	struct all empty = { .role = -1 },
		   full = { STR("x"),     -1,           true,        { 1 }, { "0" },         0,
			    { STR("x") }, { STR("x") }, { STR("") }, &one,  LIST_OF(&one, 1) };

	for (size_t at = 0; at < all_shape.nfields; at++) {
		const struct field *f = &all_shape.fields[at];

		ck_assert_msg(field_is_set(f, &full), "%s", f->name);
		ck_assert_msg(field_is_set(f, &empty) == (f->type == FIELD_OBJECT), "%s", f->name);
	}
}
END_TEST

START_TEST(reads_ids_in_either_case)
{
	struct uuid id = UUID_NONE, other;

	ck_assert(uuid_is_none(id) && !uuid_str(&id).p);
	ck_assert(uuid_parse(STR("0190163D-8694-739B-aea5-966C26F8AD91"), &id));
	ck_assert_text(uuid_str(&id), STR("0190163d-8694-739b-aea5-966c26f8ad91"));
	ck_assert(uuid_parse(uuid_str(&id), &other) && uuid_eq(id, other) &&
		  !uuid_eq(id, UUID_NONE));
}
END_TEST

START_TEST(refuses_what_is_no_id)
{
	static const struct str texts[] = {
		STR_INIT(""),
		STR_INIT("0190163d-8694-739b-aea5-966c26f8ad9"),
		STR_INIT("0190163d-8694-739b-aea5-966c26f8ad911"),
		STR_INIT("0190163d08694-739b-aea5-966c26f8ad91"),
		STR_INIT("0190163d-8694-739b-aea5-966c26f8ad9g"),
		STR_INIT("0190163d-8694-739b-aea5-966c26f8ad9\0"),
		STR_INIT("{190163d-8694-739b-aea5-966c26f8ad9}"),
		STR_INIT("0190163d86-94-739b-aea5-966c26f8ad91"),
		STR_INIT("-190163d-8694-739b-aea5-966c26f8ad91"),
	};
	struct uuid id = { "kept" };

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_msg(!uuid_parse(texts[at], &id), "%.*s", STR_ARG(texts[at]));
	ck_assert(!uuid_parse(STR_NONE, &id));
	ck_assert_str_eq(id.text, "kept");
}
END_TEST

SUITE("kit/base/shape", finds_fields_by_their_whole_name, knows_names_both_ways,
      calls_values_as_people_read_them, tells_set_from_not_set, reads_ids_in_either_case,
      refuses_what_is_no_id)
