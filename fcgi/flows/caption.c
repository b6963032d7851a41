/* Texts that fit into boxes and onto lines; see caption.h. */
#include "flows/caption.h"

#include <string.h>

#include "flows/picture.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define ELLIPSIS 0.9
#define BOLD     1.12 /* how much wider it is */

/* Bytes of the character that a text begins with; a text that is not UTF-8 goes byte by byte. */
static size_t character(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	return n > s.n ? 1 : n;
}

/* In em.  From U+1100 on stand the scripts whose characters are square, and the emoji. */
static double character_width(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c >= 0x80)
		return c >= 0xe2 ? 1.05 : c >= 0xe1 ? 0.9 : 0.66;
	if (strchr("iIjl.,:;'|!()[]", c))
		return 0.31;
	if (strchr("ftr-/\"` ", c))
		return 0.4;
	if (strchr("mwMW@%", c))
		return 0.95;
	return (c >= 'A' && c <= 'Z') || c == '&' ? 0.72 : 0.6;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* As many bytes of the text as fit, ending before a space if there is one; *used: their width. */
static size_t fit_line(struct str text, double width, bool words, double *used)
{
	size_t at = 0, end = 0;
	double w = 0;

	*used = 0;
	while (at < text.n) {
		double more = character_width(str_skip(text, at));

		if (is_space(text.p[at]) && at && !is_space(text.p[at - 1])) {
			end = at;
			*used = w;
		}
		if (w + more > width)
			break;
		w += more;
		at += character(str_skip(text, at));
	}
	if (at >= text.n || !end || !words) {
		end = at;
		*used = w;
	}
	return end;
}

struct caption caption_fit(struct str text, double em, double width, size_t lines)
{
	struct caption c = { .n = 0 };
	struct str rest = str_trim(text);

	while (rest.n && c.n < lines) {
		double used, room = width / em;
		size_t n = fit_line(rest, room, true, &used);

		c.cut = n < rest.n && c.n + 1 == lines;
		if (c.cut) {
			n = fit_line(rest, room - ELLIPSIS, false, &used);
			used += ELLIPSIS;
		}
		c.line[c.n++] = str_trim(str_first(rest, n ? n : character(rest)));
		rest = str_trim(str_skip(rest, n ? n : character(rest)));
		c.width = used * em > c.width ? used * em : c.width;
	}
	return c;
}

struct caption caption_of_node(const struct flow_node *n)
{
	double em = n->kind == FLOW_SECTION ? PICTURE_EM * BOLD : PICTURE_EM;

	return caption_fit(n->title, em, PICTURE_TITLE_WIDTH, CAPTION_LINES);
}

struct caption caption_of_label(struct str text, bool loop)
{
	return caption_fit(text, PICTURE_LABEL_EM, PICTURE_LABEL_WIDTH,
			   loop ? 1 : PICTURE_LABEL_LINES);
}

struct str caption_of_line(struct arena *a, const struct flow_graph *g, size_t from, size_t way)
{
	const struct flow_node *n = &flow_nodes(g)[from];
	struct str next = flow_way(n, way).next;
	struct buf out = buf_new(a, (size_t)FLOW_OPTIONS_MAX * (FLOW_LABEL_MAX * 4 + 3));

	for (size_t at = way; at < flow_ways(n); at++) {
		struct flow_way other = flow_way(n, at);

		if (!other.label.n || !str_eq(other.next, next))
			continue;
		if (out.n)
			buf_put(&out, STR(" / "));
		buf_put(&out, other.label);
	}
	return buf_str(&out);
}
