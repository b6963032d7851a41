/*
 * Any bytes as CSV from a spreadsheet: reading ends, each cell is made of what was read, and cells
 * that are written in quotes are read as they were.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/base/csv.h"

#define CELLS_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool sound, const char *what)
{
	if (sound)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

struct cell {
	struct str text;
	bool ends;
};

static size_t read_all(struct arena *a, struct str rest, char separator, struct cell *cells)
{
	size_t n = 0;

	while (rest.n && n < CELLS_MAX) {
		size_t before = rest.n;
		struct cell *cell = &cells[n++];

		cell->text = csv_cell(a, &rest, separator, &cell->ends);
		expect(rest.n < before, "a cell that goes nowhere");
		expect(cell->text.p && cell->text.n <= before - rest.n, "a cell out of nothing");
	}
	return n;
}

static struct str in_quotes(struct arena *a, const struct cell *cells, size_t n, char separator)
{
	struct buf out = buf_new(a, (size_t)16 * 1024 * 1024);

	for (size_t at = 0; at < n; at++) {
		buf_putc(&out, '"');
		for (size_t c = 0; c < cells[at].text.n; c++) {
			if (cells[at].text.p[c] == '"')
				buf_putc(&out, '"');
			buf_putc(&out, cells[at].text.p[c]);
		}
		buf_putc(&out, '"');
		buf_put(&out, cells[at].ends ? STR("\r\n") : (struct str){ &separator, 1 });
	}
	expect(!out.full, "no room");
	return buf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)256 * 1024 * 1024);
	struct str text = { (const char *)data, size };
	struct cell *cells = ARENA_ARRAY(a, struct cell, CELLS_MAX),
		    *again = ARENA_ARRAY(a, struct cell, CELLS_MAX);
	char separator = csv_separator(text);
	size_t n = read_all(a, text, separator, cells);

	expect(read_all(a, in_quotes(a, cells, n, separator), separator, again) == n,
	       "as many cells");
	for (size_t at = 0; at < n; at++)
		expect(str_eq(cells[at].text, again[at].text) && cells[at].ends == again[at].ends,
		       "a cell that changed");
	arena_free(a);
	return 0;
}
