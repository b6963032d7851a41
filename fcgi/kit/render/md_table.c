/* Tables, which must not grow: a row has the columns of its head, and no table more than
 * COLUMNS_MAX. */
#include "kit/render/md.h"

#include "kit/base/arena.h"

#define COLUMNS_MAX 100

enum align { ALIGN_NONE, ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTER };

/* Cuts the next cell off a row: up to a bar that is not escaped. */
static struct str next_cell(struct str *row)
{
	struct str cell = *row;

	for (size_t at = 0; at < row->n; at++) {
		if (row->p[at] == '\\') {
			at++;
		} else if (row->p[at] == '|') {
			*row = str_skip(*row, at + 1);
			return str_trim(str_first(cell, at));
		}
	}
	*row = STR_NONE;
	return str_trim(cell);
}

/* A row without the bars at its ends. */
static struct str row_of(struct str line)
{
	struct str s = str_trim(line);

	s = str_skip(s, s.n && s.p[0] == '|');
	if (s.n && s.p[s.n - 1] == '|' && !(s.n > 1 && s.p[s.n - 2] == '\\'))
		s.n--;
	return s;
}

/* The columns that a line such as |---|:-:| makes, 0 where it is none. */
static size_t columns_of(struct str line, enum align *ret)
{
	struct str row = row_of(line);
	size_t n = 0;

	if (str_find(line, '-') < 0 || str_find(line, '|') < 0)
		return 0;
	for (; row.p; n++) {
		struct str cell = next_cell(&row), dashes;
		bool left = cell.n && cell.p[0] == ':',
		     right = cell.n > 1 && cell.p[cell.n - 1] == ':';

		dashes = str_first(str_skip(cell, left), cell.n - left - right);
		if (n == COLUMNS_MAX || dashes.n == 0 || md_count(dashes, '-') != dashes.n)
			return 0;
		ret[n] = (left ? ALIGN_LEFT : 0) | (right ? ALIGN_RIGHT : 0);
	}
	return n;
}

static size_t cells_in(struct str line)
{
	struct str row = row_of(line);
	size_t n = 0;

	for (; row.p && n <= COLUMNS_MAX; n++)
		next_cell(&row);
	return n;
}

/* The columns of the table that begins here, 0 for none. */
static size_t table_at(const struct md_range *r, enum align *ret)
{
	size_t n;

	if (r->at + 1 >= r->end || str_find(r->lines[r->at], '|') < 0)
		return 0;
	n = columns_of(r->lines[r->at + 1], ret);
	return n && cells_in(r->lines[r->at]) == n ? n : 0;
}

bool md_is_table(const struct md_range *r)
{
	enum align aligns[COLUMNS_MAX];

	return table_at(r, aligns) > 0;
}

/* Within a cell an escaped bar is a bar, even in code. */
static struct str without_escaped_bars(struct arena *a, struct str cell)
{
	size_t n = 0;
	char *text;

	if (!str_contains(cell, STR("\\|")))
		return cell;
	text = arena_alloc(a, cell.n, 1);
	for (size_t at = 0; at < cell.n; at++)
		if (cell.p[at] != '\\' || at + 1 == cell.n || cell.p[at + 1] != '|')
			text[n++] = cell.p[at];
	return (struct str){ text, n };
}

static void put_row(struct md *m, struct str line, const enum align *aligns, size_t n, bool head)
{
	static const struct str classes[] = {
		[ALIGN_NONE] = STR_INIT(">"),
		[ALIGN_LEFT] = STR_INIT(" class=\"align-left\">"),
		[ALIGN_RIGHT] = STR_INIT(" class=\"align-right\">"),
		[ALIGN_CENTER] = STR_INIT(" class=\"align-center\">"),
	};
	struct str row = row_of(line);

	buf_put(&m->out, STR("<tr>"));
	for (size_t at = 0; at < n && !m->out.full; at++) {
		struct str cell = row.p ? next_cell(&row) : STR("");

		buf_put(&m->out, head ? STR("<th scope=\"col\"") : STR("<td"));
		buf_put(&m->out, classes[aligns[at]]);
		md_inline(m, without_escaped_bars(m->arena, cell));
		buf_put(&m->out, head ? STR("</th>") : STR("</td>"));
	}
	buf_put(&m->out, STR("</tr>\n"));
}

static bool is_row(const struct md_range *r)
{
	return r->at < r->end && !md_is_blank(r->lines[r->at]) && !md_begins_block(r->lines[r->at]);
}

/* Focusable, so that keys can scroll it; a group, since a region's name would have to be unique. */
void md_take_table(struct md *m, struct md_range *r)
{
	enum align aligns[COLUMNS_MAX];
	size_t n = table_at(r, aligns);

	md_open(m, STR("<div class=\"table-scroll\" role=\"group\" aria-label=\"Table\" "
		       "tabindex=\"0\">"
		       "<table>\n<thead>\n"));
	put_row(m, r->lines[r->at], aligns, n, true);
	buf_put(&m->out, STR("</thead>\n"));
	r->at += 2;
	if (is_row(r)) {
		buf_put(&m->out, STR("<tbody>\n"));
		for (; is_row(r) && !m->out.full; r->at++)
			put_row(m, r->lines[r->at], aligns, n, false);
		buf_put(&m->out, STR("</tbody>\n"));
	}
	md_close(m, STR("</table></div>\n"));
}
