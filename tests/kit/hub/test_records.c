/* The reader of FastCGI requests: the same result however the bytes are cut, and nothing that is
 * not whole. */
#include "kit/hub/client.h"

#include "kit/hub/records.h"

static struct str params_of(const char *end)
{
	struct buf b = buf_new(arena, 1 << 16);
	char wide[300];

	memset(wide, 'w', sizeof(wide));
	put_pair(&b, STR("QUERY_STRING"), STR("account=1&user=2"));
	put_pair(&b, STR("HTTP_PROXY"), STR(""));
	put_pair(&b, STR("WIDE"), (struct str){ wide, sizeof(wide) });
	put_pair(&b, STR("TWICE"), STR("a"));
	put_pair(&b, STR("TWICE"), STR("b"));
	put_pair(&b, STR("RF_END"), str_of(end));
	return buf_str(&b);
}

static enum records_outcome outcome_of(struct str bytes)
{
	struct records *r = records_new();
	enum records_outcome outcome = records_take(r, bytes.p, bytes.n);

	records_free(r);
	return outcome;
}

/* Parameters in three records with padding, as a request up to the end of the parameters. */
static struct str whole_request(void)
{
	struct buf b = buf_new(arena, 1 << 16);
	struct str params = params_of("1");

	put_record(&b, 1, 258, BEGIN_RESPONDER, 3);
	put_record(&b, 4, 258, str_first(params, 5), 3);
	put_record(&b, 4, 258, str_first(str_skip(params, 5), 100), 255);
	put_record(&b, 4, 258, str_skip(params, 105), 0);
	put_record(&b, 4, 258, STR(""), 2);
	return buf_str(&b);
}

static void check_params(const struct records *r)
{
	ck_assert_uint_eq(records_id(r), 258);
	ck_assert_text(records_param(r, STR("QUERY_STRING")), STR("account=1&user=2"));
	ck_assert_uint_eq(records_param(r, STR("WIDE")).n, 300);
	ck_assert_ptr_nonnull(records_param(r, STR("HTTP_PROXY")).p);
	ck_assert_ptr_null(records_param(r, STR("QUERY")).p);
	ck_assert_ptr_null(records_param(r, STR("TWICE")).p);
}

START_TEST(every_split_gives_the_same)
{
	struct str bytes = whole_request();

	for (size_t at = 0; at <= bytes.n; at++) {
		struct records *r = records_new();
		enum records_outcome first = records_take(r, bytes.p, at);

		ck_assert_int_eq(first, at == bytes.n ? RECORDS_DONE : RECORDS_MORE);
		ck_assert_int_eq(records_take(r, bytes.p + at, bytes.n - at), RECORDS_DONE);
		check_params(r);
		records_free(r);
	}
}
END_TEST

START_TEST(reads_byte_by_byte)
{
	struct str bytes = whole_request();
	struct records *r = records_new();

	for (size_t at = 0; at + 1 < bytes.n; at++)
		ck_assert_int_eq(records_take(r, bytes.p + at, 1), RECORDS_MORE);
	ck_assert_int_eq(records_take(r, bytes.p + bytes.n - 1, 1), RECORDS_DONE);
	check_params(r);
	records_free(r);
}
END_TEST

START_TEST(what_follows_is_not_looked_at)
{
	struct buf b = buf_new(arena, 1 << 16);

	buf_put(&b, whole_request());
	buf_put(&b, STR("anything"));
	ck_assert_int_eq(outcome_of(buf_str(&b)), RECORDS_DONE);
}
END_TEST

/* One byte of a good request changed. */
START_TEST(refuses_a_wrong_header)
{
	static const struct {
		size_t at;
		unsigned char value;
	} wrong[] = {
		{ 0, 2 },  /* version */
		{ 1, 4 },  /* PARAMS first */
		{ 1, 9 },  /* GET_VALUES */
		{ 3, 0 },  /* request 256, then 258 */
		{ 5, 7 },  /* too short a BEGIN */
		{ 9, 2 },  /* the role of an authorizer */
		{ 19, 2 }, /* version of the second */
		{ 20, 5 }, /* STDIN instead of PARAMS */
		{ 22, 9 }, /* another request's id */
	};
	struct str bytes = whole_request();

	for (size_t at = 0; at < sizeof(wrong) / sizeof(wrong[0]); at++) {
		char *copy = ARENA_ARRAY(arena, char, bytes.n);

		memcpy(copy, bytes.p, bytes.n);
		copy[wrong[at].at] = (char)wrong[at].value;
		ck_assert_msg(outcome_of((struct str){ copy, bytes.n }) == RECORDS_REFUSED,
			      "case %zu", at);
	}
}
END_TEST

START_TEST(refuses_request_zero)
{
	ck_assert_int_eq(outcome_of(request_of(params_of("1"), 0)), RECORDS_REFUSED);
}
END_TEST

START_TEST(refuses_without_the_sentinel)
{
	struct str params = params_of("1");

	ck_assert_int_eq(outcome_of(request_of(params, 1)), RECORDS_DONE);
	ck_assert_int_eq(outcome_of(request_of(params_of("0"), 1)), RECORDS_REFUSED);
	ck_assert_int_eq(outcome_of(request_of(params_of(""), 1)), RECORDS_REFUSED);
	ck_assert_int_eq(outcome_of(request_of(STR(""), 1)), RECORDS_REFUSED);
	/* Cut in the middle of a pair, or between two. */
	for (size_t n = 0; n < params.n; n++)
		ck_assert_int_eq(outcome_of(request_of(str_first(params, n), 1)), RECORDS_REFUSED);
}
END_TEST

START_TEST(refuses_lengths_beyond_the_end)
{
	static const struct str tails[] = {
		STR_INIT("\xff\xff\xff\xff\xff\xff\xff\xff"
			 "ab"),
		STR_INIT("\x01\x02"
			 "ab"),
		STR_INIT("\x03\x00"
			 "ab"),
		STR_INIT("\x01\xff\xff\xff\xff"
			 "a"),
		STR_INIT("\x01\x80"
			 "a"),
		STR_INIT("\x01"),
		STR_INIT("\x80"),
	};

	for (size_t at = 0; at < sizeof(tails) / sizeof(tails[0]); at++) {
		struct buf b = buf_new(arena, 1 << 16);

		put_pair(&b, STR("RF_END"), STR("1"));
		buf_put(&b, tails[at]);
		ck_assert_msg(outcome_of(request_of(buf_str(&b), 1)) == RECORDS_REFUSED, "case %zu",
			      at);
	}
}
END_TEST

static struct str sized(size_t n)
{
	struct buf b = buf_new(arena, 1 << 20);
	char *filler = ARENA_ARRAY(arena, char, n);

	put_pair(&b, STR("RF_END"), STR("1"));
	put_pair(&b, STR("F"), (struct str){ filler, n - b.n - 6 });
	ck_assert_uint_eq(b.n, n);
	return buf_str(&b);
}

START_TEST(refuses_more_than_16_kib)
{
	struct buf b = buf_new(arena, 1 << 20);
	struct str params = sized(RECORDS_MAX + 1);

	ck_assert_int_eq(outcome_of(request_of(sized(RECORDS_MAX), 1)), RECORDS_DONE);
	ck_assert_int_eq(outcome_of(request_of(params, 1)), RECORDS_REFUSED);
	put_record(&b, 1, 1, BEGIN_RESPONDER, 0);
	put_record(&b, 4, 1, str_first(params, RECORDS_MAX), 0);
	put_record(&b, 4, 1, str_skip(params, RECORDS_MAX), 0);
	ck_assert_int_eq(outcome_of(buf_str(&b)), RECORDS_REFUSED);
}
END_TEST

SUITE("kit/hub/records", every_split_gives_the_same, reads_byte_by_byte,
      what_follows_is_not_looked_at, refuses_a_wrong_header, refuses_request_zero,
      refuses_without_the_sentinel, refuses_lengths_beyond_the_end, refuses_more_than_16_kib)
