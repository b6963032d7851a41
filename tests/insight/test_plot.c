/* Plots, against files that were looked at, and with what people and years can bring. */
#include "support/suite.h"

#include "insight/plot.h"
#include "kit/base/buf.h"

static const struct plot_bar flows[] = {
	{ STR_INIT("VPN drops hourly"), STR_INIT("12"), 12 },
	{ STR_INIT("Printer <offline> & \"dead\" – 印刷"), STR_INIT("6"), 6 },
	{ STR_INIT("Never"), STR_INIT("0"), 0 },
};

static struct plot plot_of(const struct plot_bar *bars, size_t n)
{
	return (struct plot){ STR("Hand-offs by <flow>"), bars, n };
}

static size_t count(struct str text, const char *part)
{
	size_t n = 0, length = str_of(part).n;

	for (; text.n >= length; text = str_skip(text, 1))
		n += str_starts(text, str_of(part));
	return n;
}

static void check_file(const char *path, struct html made)
{
	struct str text = str_fmt(arena, "%.*s\n", STR_ARG(made.s));

	if (getenv("UPDATE_GOLDEN")) {
		FILE *out = fopen(path, "w");

		ck_assert_ptr_nonnull(out);
		fwrite(text.p, 1, text.n, out);
		fclose(out);
	}
	ck_assert_msg(str_eq(suite_read(path), text), "%s differs; UPDATE_GOLDEN=1 writes it anew",
		      path);
}

START_TEST(is_drawn_as_the_files_have_it)
{
	struct plot p = plot_of(flows, 3);
	struct plot_bar hours[24];

	for (int at = 0; at < 24; at++)
		hours[at] = (struct plot_bar){ str_fmt(arena, "%02d", at),
					       str_fmt(arena, "%d", at * at % 17), at * at % 17 };
	check_file("tests/insight/bars.svg", plot_bars(arena, &p));
	p = plot_of(hours, 24);
	check_file("tests/insight/hours.svg", plot_columns(arena, &p));
	p = plot_of(hours + 5, 7);
	check_file("tests/insight/days.svg", plot_columns(arena, &p));
}
END_TEST

START_TEST(of_nothing_is_nothing)
{
	struct plot p = plot_of(flows, 0);

	ck_assert_ptr_null(plot_bars(arena, &p).s.p);
	ck_assert_ptr_null(plot_columns(arena, &p).s.p);
}
END_TEST

START_TEST(one_fills_the_width)
{
	struct plot p = plot_of(flows + 1, 1);

	ck_assert(str_contains(plot_bars(arena, &p).s,
			       STR("class=\"bar\" y=\"21\" width=\"100.0%\"")));
	ck_assert(
		str_contains(plot_columns(arena, &p).s, STR("width=\"70.00%\" height=\"112.0\"")));
}
END_TEST

START_TEST(names_stay_names)
{
	static const char *const names[] = { "<script>alert(1)</script>",
					     "</title></svg><img src=x>", "\"><g onload=\"x()",
					     "a&b;&#60;", "]]>-->" };

	for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
		struct plot_bar bar = { str_of(names[at]), str_of(names[at]), 1 };
		struct plot p = { str_of(names[at]), &bar, 1 };
		struct str bars = plot_bars(arena, &p).s, columns = plot_columns(arena, &p).s;
		struct buf safe = buf_new(arena, 1000);

		buf_put_html(&safe, bar.label);
		ck_assert(!str_contains(bars, bar.label) && !str_contains(columns, bar.label));
		ck_assert_uint_eq(count(bars, str_cstr(arena, buf_str(&safe))), 7);
		ck_assert_uint_eq(count(bars, "<svg"), 2);
		ck_assert_uint_eq(count(columns, "<svg"), 1);
	}
}
END_TEST

/* Shares are of the highest, whatever it is. */
START_TEST(numbers_of_any_size_fit)
{
	struct plot_bar bars[] = { { STR("all"), STR("all"), INT64_MAX },
				   { STR("half"), STR("half"), INT64_MAX / 2 },
				   { STR("none"), STR("none"), 0 },
				   { STR("less"), STR("less"), INT64_MIN } };
	struct plot p = plot_of(bars, 4), zeros = plot_of(bars + 2, 2);
	struct str text = plot_bars(arena, &p).s;

	ck_assert_uint_eq(count(text, "width=\"100.0%\""), 1);
	ck_assert_uint_eq(count(text, "width=\"50.0%\""), 1);
	ck_assert_uint_eq(count(text, "width=\"0.0%\""), 2);
	ck_assert_uint_eq(count(plot_columns(arena, &p).s, "height=\"56.0\""), 1);
	ck_assert_uint_eq(count(plot_columns(arena, &zeros).s, "height=\"0.0\""), 2);
	ck_assert(!str_contains(plot_bars(arena, &zeros).s, STR("nan")));
}
END_TEST

SUITE("insight/plot", is_drawn_as_the_files_have_it, of_nothing_is_nothing, one_fills_the_width,
      names_stay_names, numbers_of_any_size_fit)
