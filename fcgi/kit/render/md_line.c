/* Lines, and how one tells which block begins; see md.h. */
#include "kit/render/md.h"

#include <string.h>

#include "kit/base/arena.h"

size_t md_indent(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

bool md_is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

size_t md_count(struct str s, char c)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

struct str md_without_indent(struct str line, size_t most)
{
	size_t n = md_indent(line);

	return str_skip(line, n < most ? n : most);
}

/* A copy in which the blanks that lead a line are spaces. */
static struct str with_spaces(struct arena *a, struct str line)
{
	size_t at = 0, column = 0;

	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t')) {
		column = line.p[at] == '\t' ? (column / 4 + 1) * 4 : column + 1;
		at++;
	}
	if (column == at)
		return line;
	return str_fmt(a, "%*s%.*s", (int)column, "", STR_ARG(str_skip(line, at)));
}

struct md_range md_lines(struct arena *a, struct str text)
{
	struct md_range r = { .lines = NULL };
	struct str rest = text;

	for (size_t at = 0; at < text.n; at++)
		r.end += text.p[at] == '\n';
	r.lines = ARENA_ARRAY(a, struct str, r.end + 1);
	for (r.end = 0; rest.n; r.end++) {
		struct str line = str_cut(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		r.lines[r.end] = with_spaces(a, line);
	}
	return r;
}

/* ---- what begins a block ---- */

bool md_is_rule(struct str line)
{
	struct str s = str_trim(line);
	size_t n = 0;

	if (s.n == 0 || (s.p[0] != '-' && s.p[0] != '*' && s.p[0] != '_'))
		return false;
	for (size_t at = 0; at < s.n; at++) {
		if (s.p[at] == s.p[0])
			n++;
		else if (s.p[at] != ' ')
			return false;
	}
	return n >= 3;
}

size_t md_heading(struct str line)
{
	struct str s = md_without_indent(line, 3);
	size_t n = md_count(s, '#');

	return n <= 6 && (n == s.n || s.p[n] == ' ') ? n : 0;
}

/* The length of the fence of code that begins here. */
size_t md_fence(struct str line)
{
	struct str s = md_without_indent(line, 3);
	char c = s.n && s.p[0] == '~' ? '~' : '`';
	size_t n = md_count(s, c);

	return n >= 3 && (c == '~' || str_find(str_skip(s, n), '`') < 0) ? n : 0;
}

bool md_is_quote(struct str line)
{
	struct str s = md_without_indent(line, 3);

	return s.n && s.p[0] == '>';
}

static size_t number_of(struct str s, unsigned *ret)
{
	size_t n = 0;

	for (*ret = 0; n < s.n && n < 9 && s.p[n] >= '0' && s.p[n] <= '9'; n++)
		*ret = *ret * 10 + (unsigned)(s.p[n] - '0');
	return n;
}

static bool is_bullet(char c)
{
	return c == '-' || c == '+' || c == '*';
}

bool md_is_item(struct str line, struct md_marker *ret)
{
	size_t indent = md_indent(line), blanks, n;
	struct str s = str_skip(line, indent);

	*ret = (struct md_marker){ .kind = '\0' };
	if (indent > 3 || s.n == 0 || md_is_rule(line))
		return false;
	n = number_of(s, &ret->start);
	if (n == s.n || !(n ? s.p[n] == '.' || s.p[n] == ')' : is_bullet(s.p[n])))
		return false;
	ret->kind = s.p[n++];
	if (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
		return false;
	blanks = md_indent(str_skip(s, n));
	/* Five blanks are one, and code; nothing behind the marker is a text of its own. */
	ret->width = indent + n + (blanks > 4 || n + blanks == s.n || !blanks ? 1 : blanks);
	return true;
}

/* Whether a paragraph ends before this line. */
bool md_begins_block(struct str line)
{
	struct md_marker m;

	if (md_indent(line) > 3)
		return false;
	if (md_heading(line) || md_fence(line) || md_is_quote(line) || md_is_rule(line))
		return true;
	return md_is_item(line, &m) && line.n > m.width && (is_bullet(m.kind) || m.start == 1);
}
