/*
 * Any two texts as a row: a reader of CSV gets them back, and no reader, whichever separator its
 * country has, gets a cell that it would run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/base/csv.h"

struct texts {
	struct str first, second;
};

static const struct shape texts_shape =
	SHAPE(struct texts, F_STR(struct texts, first), F_STR(struct texts, second));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool sound, const char *what)
{
	if (sound)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* Apostrophes may have come in, and nothing else may differ. */
static void expect_same(struct str got, struct str want)
{
	size_t at = 0;

	for (size_t n = 0; n < got.n; n++) {
		if (at < want.n && got.p[n] == want.p[at])
			at++;
		else
			expect(got.p[n] == '\'', "a text that changed");
	}
	expect(at == want.n, "a text that lost something");
}

/* A plain number is none, nor is one with the rest of a row behind it that was cut elsewhere. */
static bool is_run(struct str cell)
{
	struct str seen = str_trim(cell);
	size_t n = seen.n > 0 && (seen.p[0] == '+' || seen.p[0] == '-');

	if (!seen.n || !n)
		return seen.n && (seen.p[0] == '=' || seen.p[0] == '@');
	while (n < seen.n && ((seen.p[n] >= '0' && seen.p[n] <= '9') || seen.p[n] == '.'))
		n++;
	return n == 1 || (n < seen.n && seen.p[n] != ',');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)128 * 1024 * 1024);
	struct str input = { (const char *)data, size };
	struct str first = str_cut(&input, '\0'), second = input.p ? input : STR("");
	const struct texts texts = { first, second };
	struct buf row = buf_new(arena, (size_t)16 * 1024 * 1024);
	struct str rest;
	bool ends = false;

	csv_put_row(&row, &texts_shape, &texts);
	expect(!row.full && str_ends(buf_str(&row), STR("\r\n")), "no row");
	rest = buf_str(&row);
	expect_same(csv_cell(arena, &rest, ',', &ends), first);
	expect(!ends, "one cell of two");
	expect_same(csv_cell(arena, &rest, ',', &ends), second);
	expect(ends && rest.n == 0, "a cell of three");
	for (const char *separator = ",;\t"; *separator; separator++)
		for (rest = buf_str(&row); rest.n;)
			expect(!is_run(csv_cell(arena, &rest, *separator, &ends)), "a formula");
	arena_free(arena);
	return 0;
}
