/* The seal: that it holds through what mail and tickets do to a text, and through nothing else. */
#include "support/suite.h"

#include "case.h"

#include <string.h>

#define LINE  "ResolutionFlow record sha256:"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ABC   "a\nb\n\n" LINE ZEROS

static bool holds(struct str text)
{
	struct str claimed, computed;

	return report_digest(arena, text, &claimed, &computed) && str_eq(claimed, computed);
}

static struct str seal(struct str text, enum report_format format)
{
	ck_assert_ptr_null(crypto_start(arena));
	return report_seal(arena, text, format);
}

/* The text with one part for another, once. */
static struct str with(struct str text, const char *part, const char *instead)
{
	const char *hit = memmem(text.p, text.n, part, strlen(part));
	size_t before;

	ck_assert_msg(hit, "no %s in %.*s", part, STR_ARG(text));
	before = (size_t)(hit - text.p);
	return str_fmt(arena, "%.*s%s%.*s", (int)before, text.p, instead,
		       (int)(text.n - before - strlen(part)), hit + strlen(part));
}

static struct str sealed_case(enum report_format format)
{
	struct report r = case_read(arena, suite_read("tests/reports/vpn.json"));

	return case_write(arena, case_render(arena), &r, format, REPORT_FULL);
}

START_TEST(is_the_sum_that_everybody_can_compute)
{
	/* printf 'a\nb\n\nResolutionFlow record sha256:%064d' 0 | sha256sum */
	static const char sum[] =
		"fbd030f728d517590eed0d98a1f4ecf4a6d837c16ad502832bf5cf53745fc986";

	ck_assert_text(seal(STR(ABC "\n"), REPORT_TEXT),
		       str_fmt(arena, "a\nb\n\n" LINE "%s\n", sum));
	ck_assert_text(seal(STR("a\nb"), REPORT_TEXT), str_fmt(arena, "a\nb\n\n" LINE "%s\n", sum));
}
END_TEST

START_TEST(holds_through_other_ends_of_lines)
{
	struct str text = seal(STR("a\nb\n"), REPORT_MARKDOWN);

	ck_assert(holds(text));
	ck_assert(holds(with(text, "a\nb\n\n", "a\r\nb\r\n\r\n")));
	ck_assert(holds(str_fmt(arena, "%.*s\r\n \t\n\n", STR_ARG(text))));
	ck_assert(holds(str_first(text, text.n - 1)));
}
END_TEST

START_TEST(breaks_with_any_change)
{
	for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
		struct str text = sealed_case((enum report_format)format);

		ck_assert(holds(text));
		ck_assert(!holds(with(text, "Dana will call", "Dana won't call")));
		ck_assert(!holds(str_skip(text, 1)));
		ck_assert(!holds(str_fmt(arena, "%.*sand more", STR_ARG(text))));
	}
}
END_TEST

START_TEST(every_byte_counts)
{
	struct str text = sealed_case(REPORT_TEXT);
	char *room = arena_alloc(arena, text.n, 1);

	for (size_t at = 0; at + 1 < text.n; at += 7) {
		memcpy(room, text.p, text.n);
		room[at] ^= 1;
		ck_assert_msg(!holds((struct str){ room, text.n }), "byte %zu", at);
	}
}
END_TEST

START_TEST(an_edited_text_is_sealed_again)
{
	for (int format = 0; format < REPORT_FORMAT__MAX; format++) {
		struct str text = with(sealed_case((enum report_format)format), "Dana will call",
				       "Dana won't call");
		struct str again = seal(text, (enum report_format)format);

		ck_assert(!holds(text) && holds(again));
		ck_assert_uint_eq(again.n, text.n);
		ck_assert_text(seal(again, (enum report_format)format), again);
	}
}
END_TEST

START_TEST(a_lost_line_is_added_in_its_place)
{
	struct str html = STR("<body>\n<main>\n<p>x</p>\n</main>\n</body>\n</html>\n");
	struct str sealed = seal(html, REPORT_HTML);

	ck_assert(holds(sealed));
	ck_assert(str_contains(sealed, STR("</p>\n<p class=\"record\">" LINE)));
	ck_assert(str_ends(sealed, STR("</p>\n</main>\n</body>\n</html>\n")));
	ck_assert(str_starts(seal(STR("x"), REPORT_HTML), STR("x\n<p class=\"record\">" LINE)));
	ck_assert(str_starts(seal(STR("{\"a\":1}\n"), REPORT_JSON),
			     STR("{\"a\":1,\"record\":\"" LINE)));
	ck_assert(str_starts(seal(STR("{ }"), REPORT_JSON), STR("{ \"record\":\"" LINE)));
	ck_assert(str_ends(seal(STR("{}"), REPORT_JSON), STR("\"}\n")));
	ck_assert(str_starts(seal(STR("no JSON"), REPORT_JSON), STR("no JSON\n\n" LINE)));
	ck_assert(holds(seal(STR(""), REPORT_TEXT)) && holds(seal(STR("{"), REPORT_JSON)));
}
END_TEST

START_TEST(what_a_text_quotes_is_no_seal)
{
	static const char *const quotes[] = { "> " LINE ZEROS,
					      "  " LINE ZEROS,
					      LINE ZEROS "0",
					      LINE "000",
					      "x" LINE ZEROS "\n",
					      LINE ZEROS " x",
					      "" };
	struct str claimed, computed, text;

	ck_assert_ptr_null(crypto_start(arena));
	for (size_t at = 0; at < sizeof(quotes) / sizeof(quotes[0]); at++) {
		text = str_of(quotes[at]);
		ck_assert_msg(!report_digest(arena, text, &claimed, &computed), "%zu", at);
		text = seal(str_fmt(arena, "%s\nmore", quotes[at]), REPORT_TEXT);
		ck_assert(holds(text));
		ck_assert(str_starts(text, str_of(quotes[at])));
	}
	/* Of two that stand by themselves the last is meant. */
	text = seal(STR(LINE ZEROS "\nx\n" LINE ZEROS "\n"), REPORT_TEXT);
	ck_assert(holds(text) && str_starts(text, STR(LINE ZEROS "\n")));
}
END_TEST

SUITE("reports/seal", is_the_sum_that_everybody_can_compute, holds_through_other_ends_of_lines,
      breaks_with_any_change, every_byte_counts, an_edited_text_is_sealed_again,
      a_lost_line_is_added_in_its_place, what_a_text_quotes_is_no_seal)
