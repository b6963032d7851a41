/* Blocks that hold no others: headings, code and paragraphs; see md.h. */
#include "kit/render/md.h"

#include <string.h>

#include "kit/base/arena.h"

/* Lines joined, without the blanks that lead them. */
static struct str joined(struct arena *a, const struct md_range *r, size_t from, size_t to)
{
	size_t size = 0, n = 0;
	char *text;

	for (size_t at = from; at < to; at++)
		size += r->lines[at].n + 1;
	text = arena_alloc(a, size, 1);
	for (size_t at = from; at < to; at++) {
		struct str line = md_without_indent(r->lines[at], SIZE_MAX);

		if (line.n)
			memcpy(text + n, line.p, line.n);
		n += line.n;
		text[n++] = '\n';
	}
	return str_trim((struct str){ text, n });
}

static void put_heading(struct md *m, size_t level, struct str text)
{
	/* The page has the first two levels. */
	char digit = (char)('0' + (level < 4 ? level + 2 : 6));
	char open[] = { '<', 'h', digit, '>' }, close[] = { '<', '/', 'h', digit, '>', '\n' };

	md_open(m, (struct str){ open, sizeof(open) });
	md_inline(m, text);
	md_close(m, (struct str){ close, sizeof(close) });
}

void md_take_heading(struct md *m, struct md_range *r)
{
	size_t level = md_heading(r->lines[r->at]), n;
	struct str text = str_trim(str_skip(md_without_indent(r->lines[r->at++], 3), level));

	for (n = text.n; n && text.p[n - 1] == '#';)
		n--;
	if (n == 0 || text.p[n - 1] == ' ')
		text = str_trim(str_first(text, n));
	put_heading(m, level, text);
}

static bool is_language(struct str s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_+-";

	for (size_t at = 0; at < s.n; at++)
		if (!memchr(allowed, s.p[at], sizeof(allowed) - 1))
			return false;
	return s.n >= 1 && s.n <= 30;
}

static void put_code_lines(struct md *m, const struct md_range *r, size_t from, size_t to,
			   size_t indent)
{
	for (size_t at = from; at < to; at++) {
		md_put_text(m, md_without_indent(r->lines[at], indent));
		buf_putc(&m->out, '\n');
	}
	md_close(m, STR("</code></pre>\n"));
}

void md_take_fence(struct md *m, struct md_range *r)
{
	struct str line = r->lines[r->at++];
	size_t indent = md_indent(line), n = md_fence(line), from = r->at, end;
	struct str info = str_trim(str_skip(line, indent + n)), language = str_cut(&info, ' ');
	char c = line.p[indent];

	for (end = from; end < r->end; end++) {
		struct str s = str_trim(r->lines[end]);

		if (s.n >= n && md_count(s, c) == s.n && md_indent(r->lines[end]) < 4)
			break;
	}
	r->at = end < r->end ? end + 1 : end;
	md_open(m, STR("<pre><code"));
	if (is_language(language)) {
		buf_put(&m->out, STR(" class=\"language-"));
		buf_put(&m->out, language);
		buf_putc(&m->out, '"');
	}
	buf_putc(&m->out, '>');
	put_code_lines(m, r, from, end, indent);
}

void md_take_indented(struct md *m, struct md_range *r)
{
	size_t from = r->at, end = r->at;

	for (; r->at < r->end; r->at++) {
		if (md_is_blank(r->lines[r->at]))
			continue;
		if (md_indent(r->lines[r->at]) < 4)
			break;
		end = r->at + 1;
	}
	r->at = end;
	md_open(m, STR("<pre><code>"));
	put_code_lines(m, r, from, end, 4);
}

/* ---- paragraphs ---- */

/* 1 or 2 where the line underlines the paragraph before it to a heading. */
static size_t underline_of(struct str line)
{
	struct str s = str_trim(line);

	if (s.n == 0 || md_indent(line) > 3)
		return 0;
	return md_count(s, '=') == s.n ? 1 : md_count(s, '-') == s.n ? 2 : 0;
}

void md_take_paragraph(struct md *m, struct md_range *r)
{
	size_t from = r->at++, level = 0;
	struct str text;

	for (; r->at < r->end && !md_is_blank(r->lines[r->at]); r->at++) {
		level = underline_of(r->lines[r->at]);
		if (level || md_begins_block(r->lines[r->at]) || md_is_table(r))
			break;
	}
	text = joined(m->arena, r, from, r->at);
	if (level) {
		r->at++;
		put_heading(m, level, text);
	} else if (r->tight) {
		md_inline(m, text);
		if (r->at < r->end)
			buf_putc(&m->out, '\n');
	} else {
		md_open(m, STR("<p>"));
		md_inline(m, text);
		md_close(m, STR("</p>\n"));
	}
}
