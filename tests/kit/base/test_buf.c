/* Growing text: its maximum holds, and each escape is right for its place. */
#include "support/suite.h"

#include <string.h>

#include "kit/base/buf.h"
#include "kit/base/json.h"

START_TEST(never_exceeds_its_maximum)
{
	for (size_t max = 0; max < 40; max++) {
		struct buf b = buf_new(arena, max);

		buf_put(&b, STR("12345678"));
		buf_put(&b, STR("12345678901234567890"));
		buf_putc(&b, 'x');
		buf_printf(&b, "%d", 123456);
		ck_assert_msg(b.n <= max, "%zu of %zu", b.n, max);
		ck_assert_msg(b.full == (max < 35), "full %d at %zu", b.full, max);
	}
}
END_TEST

START_TEST(holds_exactly_its_maximum)
{
	struct buf b = buf_new(arena, 10), c = buf_new(arena, 10);

	buf_put(&b, STR("12345"));
	buf_put(&b, STR("67890"));
	ck_assert(!b.full);
	ck_assert_text(buf_str(&b), STR("1234567890"));
	buf_putc(&b, 'x');
	ck_assert(b.full);
	buf_printf(&c, "%s", "1234567890");
	ck_assert_msg(!c.full, "printf needs its NUL, but that is not text");
	ck_assert_text(buf_str(&c), STR("1234567890"));
	buf_printf(&c, "%s", "");
	ck_assert(!c.full);
}
END_TEST

START_TEST(takes_nothing_more_once_it_is_full)
{
	struct buf b = buf_new(arena, 4);

	buf_put(&b, STR("a"));
	buf_put(&b, STR("bcde"));
	ck_assert(b.full);
	buf_put(&b, STR("f"));
	ck_assert_text(buf_str(&b), STR("a"));
}
END_TEST

START_TEST(grows_and_keeps_what_it_has)
{
	struct buf b = buf_new(arena, 1024 * 1024);

	for (int at = 0; at < 100000; at++)
		buf_put_int(&b, at % 10);
	ck_assert(!b.full && b.n == 100000);
	for (size_t at = 0; at < b.n; at++)
		ck_assert_int_eq(b.p[at], '0' + (int)(at % 10));
}
END_TEST

START_TEST(takes_a_copy_of_itself)
{
	struct buf b = buf_new(arena, 1024 * 1024);

	buf_put(&b, STR("seven"));
	for (int at = 0; at < 12; at++)
		buf_put(&b, buf_str(&b));
	ck_assert_uint_eq(b.n, 5 * 4096);
	ck_assert_text(str_skip(buf_str(&b), 5 * 4095), STR("seven"));
}
END_TEST

START_TEST(an_empty_one_is_an_empty_text)
{
	struct buf b = buf_new(arena, 10);

	ck_assert(buf_str(&b).p && buf_str(&b).n == 0);
	buf_put(&b, STR_NONE);
	ck_assert(!b.full && b.n == 0);
}
END_TEST

START_TEST(writes_every_number)
{
	static const int64_t numbers[] = { 0, 7, -7, 10, INT64_MAX, INT64_MIN };
	struct buf b = buf_new(arena, 200);

	for (size_t at = 0; at < 6; at++) {
		buf_put_int(&b, numbers[at]);
		buf_putc(&b, ' ');
	}
	ck_assert_text(buf_str(&b), STR("0 7 -7 10 9223372036854775807 -9223372036854775808 "));
}
END_TEST

static struct str escaped(void (*put)(struct buf *b, struct str s), struct str s)
{
	struct buf b = buf_new(arena, 1024 * 1024);

	put(&b, s);
	return buf_str(&b);
}

START_TEST(escapes_for_html)
{
	ck_assert_text(escaped(buf_put_html, STR("<a href=\"'\">&amp;\xc3\xa9")),
		       STR("&lt;a href=&quot;&#39;&quot;&gt;&amp;amp;\xc3\xa9"));
	ck_assert_text(escaped(buf_put_html, STR_NONE), STR(""));
	ck_assert_text(escaped(buf_put_html, STR("<")), STR("&lt;"));
	ck_assert_text(escaped(buf_put_html, STR("a\0b")), STR("a\0b"));
}
END_TEST

/* It looks at 16 bytes at once: a sign is found wherever it stands. */
START_TEST(escapes_for_html_at_every_place)
{
	char text[50];

	for (size_t n = 1; n <= sizeof(text); n++)
		for (size_t first = 0; first < n; first++)
			for (size_t second = first; second < n; second++) {
				struct buf want = buf_new(arena, 1000);

				memset(text, 'x', n);
				text[first] = '<';
				text[second] = '&';
				for (size_t at = 0; at < n; at++)
					buf_put(&want, text[at] == '<'   ? STR("&lt;")
						       : text[at] == '&' ? STR("&amp;")
									 : STR("x"));
				ck_assert_text(escaped(buf_put_html, (struct str){ text, n }),
					       buf_str(&want));
			}
}
END_TEST

START_TEST(escapes_for_json_as_the_reader_reads)
{
	char bytes[127];
	const struct json *j = NULL;

	for (size_t at = 0; at < sizeof(bytes); at++)
		bytes[at] = (char)(at + 1);
	ck_assert_ptr_null(json_parse(arena,
				      escaped(buf_put_json, (struct str){ bytes, sizeof(bytes) }),
				      &json_default_limits, &j));
	ck_assert_text(json_str(j), ((struct str){ bytes, sizeof(bytes) }));
	ck_assert_text(escaped(buf_put_json, STR("</script>&\b\n\"\\")),
		       STR("\"\\u003c/script\\u003e\\u0026\\u0008\\n\\\"\\\\\""));
}
END_TEST

START_TEST(escapes_for_urls)
{
	ck_assert_text(escaped(buf_put_url, STR("aZ09-._~ /?&=%#+\xc3\xa9\r\n")),
		       STR("aZ09-._~%20%2F%3F%26%3D%25%23%2B%C3%A9%0D%0A"));
}
END_TEST

SUITE("kit/base/buf", never_exceeds_its_maximum, holds_exactly_its_maximum,
      takes_nothing_more_once_it_is_full, grows_and_keeps_what_it_has, takes_a_copy_of_itself,
      an_empty_one_is_an_empty_text, writes_every_number, escapes_for_html,
      escapes_for_html_at_every_place, escapes_for_json_as_the_reader_reads, escapes_for_urls)
