/* CSV as a spreadsheet reads it, and as somebody writes who wants the spreadsheet to run something.
 */
#include "support/suite.h"

#include "kit/base/csv.h"

struct line {
	struct str name;
	int64_t count;
	bool open;
	struct instant at;
	struct uuid id;
	int kind;
};

static const struct names kinds = NAMES("plain", "odd");
static const struct shape line_shape = SHAPE(
	struct line, F_STR(struct line, name), F_INT(struct line, count), F_BOOL(struct line, open),
	F_TIME(struct line, at), F_UUID(struct line, id), F_ENUM(struct line, kind, &kinds));

struct pair_of_texts {
	struct str first, second;
};

static const struct shape pair_shape =
	SHAPE(struct pair_of_texts, F_STR(struct pair_of_texts, first),
	      F_STR(struct pair_of_texts, second));

static const struct shape one_shape =
	SHAPE(struct pair_of_texts, F_STR(struct pair_of_texts, first));

static struct str row_of(const struct shape *s, const void *object)
{
	struct buf out = buf_new(arena, 65536);

	csv_put_row(&out, s, object);
	return buf_str(&out);
}

/* A text as it stands in the file, in a row of its own. */
static struct str written(struct str text)
{
	struct str row = row_of(&one_shape, &(struct pair_of_texts){ .first = text });

	return str_first(row, row.n - 2);
}

START_TEST(a_row_has_each_type_as_spreadsheets_know_it)
{
	struct line l = { STR("Wi-Fi, \"slow\""), -5, true, { 0 }, UUID_NONE, 1 };

	ck_assert(clock_parse(STR("2026-11-21T10:51:07.25Z"), &l.at));
	ck_assert(uuid_parse(STR("0190a000-0000-7000-8000-000000000001"), &l.id));
	ck_assert_text(row_of(&line_shape, &l),
		       STR("\"Wi-Fi, \"\"slow\"\"\",-5,true,2026-11-21 10:51:07,"
			   "\"0190a000-0000-7000-8000-000000000001\",\"odd\"\r\n"));
}
END_TEST

START_TEST(what_is_none_is_an_empty_cell)
{
	struct line l = { .name = STR_NONE };

	ck_assert_text(row_of(&line_shape, &l), STR(",0,false,,,\"plain\"\r\n"));
	l.name = STR("");
	ck_assert_text(row_of(&line_shape, &l), STR("\"\",0,false,,,\"plain\"\r\n"));
}
END_TEST

START_TEST(the_head_has_the_mark_and_the_names)
{
	struct buf out = buf_new(arena, 1000);

	csv_put_head(&out, &line_shape);
	ck_assert_text(buf_str(&out),
		       STR("\xef\xbb\xbf\"name\",\"count\",\"open\",\"at\",\"id\",\"kind\"\r\n"));
}
END_TEST

START_TEST(a_formula_becomes_a_text)
{
	static const struct {
		struct str text, want;
	} rows[] = {
		{ STR_INIT("=1+1"), STR_INIT("\"'=1+1\"") },
		{ STR_INIT("+cmd|' /C calc'!A0"), STR_INIT("\"'+cmd|' /C calc'!A0\"") },
		{ STR_INIT("-2+3+cmd|' /C calc'!A0"), STR_INIT("\"'-2+3+cmd|' /C calc'!A0\"") },
		{ STR_INIT("@SUM(1+1)*cmd"), STR_INIT("\"'@SUM(1+1)*cmd\"") },
		{ STR_INIT("=HYPERLINK(\"http://x\",\"y\")"),
		  STR_INIT("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"") },
		{ STR_INIT("\t=1"), STR_INIT("\"'\t'=1\"") },
		{ STR_INIT("\r=1"), STR_INIT("\"'\r'=1\"") },
		{ STR_INIT("\tx"), STR_INIT("\"'\tx\"") },
		{ STR_INIT("\r\nx"), STR_INIT("\"'\r\nx\"") },
		{ STR_INIT("  =1"), STR_INIT("\"'  =1\"") },
		{ STR_INIT("\v\1=1"), STR_INIT("\"'\v\1=1\"") },
		{ STR_INIT("\"=1"), STR_INIT("\"'\"\"=1\"") },
		{ STR_INIT("\xc2\xa0=1"), STR_INIT("\"'\xc2\xa0=1\"") },
		{ STR_INIT("\xef\xbb\xbf=1"), STR_INIT("\"'\xef\xbb\xbf=1\"") },
		{ STR_INIT("\xe3\x80\x80\xef\xbc\x9d"
			   "1"),
		  STR_INIT("\"'\xe3\x80\x80\xef\xbc\x9d"
			   "1\"") },
		{ STR_INIT("\xef\xbc\x8b"
			   "1"),
		  STR_INIT("\"'\xef\xbc\x8b"
			   "1\"") },
		{ STR_INIT("\xef\xbc\x8d"
			   "1"),
		  STR_INIT("\"'\xef\xbc\x8d"
			   "1\"") },
		{ STR_INIT("\xef\xbc\xa0SUM(1)"), STR_INIT("\"'\xef\xbc\xa0SUM(1)\"") },
		{ STR_INIT("-"), STR_INIT("\"'-\"") },
		{ STR_INIT("-1-1"), STR_INIT("\"'-1-1\"") },
		{ STR_INIT("+1e5"), STR_INIT("\"'+1e5\"") },
		{ STR_INIT("-.5"), STR_INIT("\"'-.5\"") },
		{ STR_INIT("-1."), STR_INIT("\"'-1.\"") },
		{ STR_INIT("-1\n"), STR_INIT("\"'-1\n\"") },
		{ STR_INIT("+49 30 1234"), STR_INIT("\"'+49 30 1234\"") },
	};

	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
		ck_assert_text(written(rows[at].text), rows[at].want);
}
END_TEST

START_TEST(what_is_none_stays_as_it_is)
{
	static const struct str rows[] = {
		STR_INIT("-5"),     STR_INIT("+12.50"),      STR_INIT("1=1"),
		STR_INIT("a-b"),    STR_INIT("5"),           STR_INIT("'=1"),
		STR_INIT("a, =1"),  STR_INIT("a@b.example"), STR_INIT("\xef\xbc\xa1"),
		STR_INIT("a\nb;c"), STR_INIT("\xef\xbc"),    STR_INIT("\xff=1"),
	};

	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
		ck_assert_text(written(rows[at]), str_fmt(arena, "\"%.*s\"", STR_ARG(rows[at])));
}
END_TEST

/* Excel takes the separator of its country, and cuts the second field of a row where a ; or a
 * line's end is in it. */
START_TEST(a_formula_behind_another_countrys_separator_becomes_a_text)
{
	static const struct str texts[] = {
		STR_INIT("x;=cmd|' /C calc'!A0;"),
		STR_INIT("x;\"=1"),
		STR_INIT("x; \t @A1;"),
		STR_INIT("x\n=1"),
		STR_INIT("x\r\n-1+1"),
		STR_INIT("x\t+1+1\ty"),
		STR_INIT("x;\xef\xbc\x9d"
			 "1;"),
		STR_INIT(";;=1"),
		STR_INIT("\";=1;"),
		STR_INIT("\"\n=1"),
	};
	static const char separators[] = { ',', ';', '\t' };

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		for (size_t country = 0; country < sizeof(separators); country++) {
			struct pair_of_texts p = { STR("name"), texts[at] };
			struct str rest = row_of(&pair_shape, &p);

			while (rest.n) {
				bool ends;
				struct str cell =
					csv_cell(arena, &rest, separators[country], &ends);
				struct str seen = str_trim(cell);

				while (seen.n && seen.p[0] == '"')
					seen = str_trim(str_skip(seen, 1));
				ck_assert_msg(!seen.n || !strchr("=+-@\xef", seen.p[0]),
					      "text %zu, separator %d: \"%.*s\"", at,
					      separators[country], STR_ARG(cell));
			}
		}
}
END_TEST

START_TEST(what_is_no_formula_comes_back_the_same)
{
	const struct pair_of_texts p = { STR("a \"b\",\r\n'c';\xc3\xa9"), STR("") };
	struct str rest = row_of(&pair_shape, &p);
	bool ends;

	ck_assert_text(csv_cell(arena, &rest, ',', &ends), p.first);
	ck_assert(!ends);
	ck_assert_text(csv_cell(arena, &rest, ',', &ends), p.second);
	ck_assert(ends && rest.n == 0);
}
END_TEST

SUITE("kit/base/csv", a_row_has_each_type_as_spreadsheets_know_it, what_is_none_is_an_empty_cell,
      the_head_has_the_mark_and_the_names, a_formula_becomes_a_text, what_is_none_stays_as_it_is,
      a_formula_behind_another_countrys_separator_becomes_a_text,
      what_is_no_formula_comes_back_the_same)
