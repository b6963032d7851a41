#ifndef RENDER_HTML_CHECK_H
#define RENDER_HTML_CHECK_H

#include <string.h>

#include "kit/base/str.h"

/*
 * Reads what markdown_html wrote as strictly as it was meant to be written: only these tags, letter
 * for letter, closed in order; only addresses that can't run anything; no stray '<', '&' or '"'. It
 * shares no code with the writer.
 */
static bool html_has_places __attribute__((unused)); /* of variables, as a flow's texts have them */

static const char *const whole_tags[] = {
	"<p>",
	"<em>",
	"<strong>",
	"<code>",
	"<del>",
	"<ul>",
	"<ol>",
	"<li>",
	"<blockquote>",
	"<h3>",
	"<h4>",
	"<h5>",
	"<h6>",
	"<pre>",
	"<table>",
	"<thead>",
	"<tbody>",
	"<tr>",
	"<td>",
	"<th scope=\"col\">",
	"<li class=\"task\">",
	"<td class=\"align-left\">",
	"<td class=\"align-center\">",
	"<td class=\"align-right\">",
	"<th scope=\"col\" class=\"align-left\">",
	"<th scope=\"col\" class=\"align-center\">",
	"<th scope=\"col\" class=\"align-right\">",
	"<div class=\"table-scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">",
};
static const char *const empty_tags[] = {
	"<hr>",
	"<br>",
	"<input type=\"checkbox\" disabled aria-label=\"Not done\">",
	"<input type=\"checkbox\" checked disabled aria-label=\"Done\">",
};

static bool html_is_any(struct str tag, const char *const *tags, size_t n)
{
	for (size_t at = 0; at < n; at++)
		if (str_eq(tag, str_of(tags[at])))
			return true;
	return false;
}

static bool html_is_made_of(struct str s, const char *allowed)
{
	for (size_t at = 0; at < s.n; at++)
		if (!s.p[at] || !strchr(allowed, s.p[at]))
			return false;
	return s.n > 0;
}

/* <pre><code class="language-x">, <ol start="3">: what is between the quotes is of these letters.
 */
static bool html_is_quoted(struct str tag, const char *before, const char *allowed)
{
	struct str head = str_of(before);

	return str_starts(tag, head) && str_ends(tag, STR("\">")) && tag.n > head.n + 2 &&
	       html_is_made_of(str_first(str_skip(tag, head.n), tag.n - head.n - 2), allowed);
}

static bool html_is_safe_link(struct str tag)
{
	static const struct str head = STR_INIT("<a href=\"");
	static const struct str rel = STR_INIT(" rel=\"noopener noreferrer\">");
	struct str rest = str_skip(tag, head.n), address;
	bool web;

	if (!str_starts(tag, head))
		return false;
	address = str_cut(&rest, '"');
	web = str_starts(str_lower(arena, address), STR("http://")) ||
	      str_starts(str_lower(arena, address), STR("https://"));
	if (!str_eq(rest, web ? rel : STR(">")))
		return false;
	for (size_t at = 0; at < address.n; at++)
		if ((unsigned char)address.p[at] <= ' ' || address.p[at] == 0x7f ||
		    strchr("<>'", address.p[at]))
			return false;
	return web || str_starts(str_lower(arena, address), STR("mailto:")) ||
	       str_starts(address, STR("#")) ||
	       (str_starts(address, STR("/")) && !str_starts(address, STR("//")) &&
		!str_starts(address, STR("/\\")));
}

static bool html_is_place(struct str tag)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return html_is_quoted(tag, "<span class=\"var\" data-name=\"", letters) ||
	       html_is_quoted(tag, "<span class=\"var unknown\" data-name=\"", letters);
}

static bool html_is_opening(struct str tag)
{
	return (html_has_places && html_is_place(tag)) ||
	       html_is_any(tag, whole_tags, sizeof(whole_tags) / sizeof(whole_tags[0])) ||
	       html_is_quoted(tag, "<code class=\"language-",
			      "abcdefghijklmnopqrstuvwxyz0123456789_+-") ||
	       html_is_quoted(tag, "<ol start=\"", "0123456789") || html_is_safe_link(tag);
}

static struct str html_name(struct str tag)
{
	size_t n = 1;

	while (n < tag.n && tag.p[n] != ' ' && tag.p[n] != '>')
		n++;
	return str_skip(str_first(tag, n), 1);
}

/* An entity, or none of our '&'. */
static bool html_is_entity(struct str s)
{
	struct str rest = s, name = str_cut(&rest, ';');

	name = str_skip(name, name.n > 1 && name.p[1] == '#' ? 2 : 1);
	return rest.p && name.n <= 48 &&
	       html_is_made_of(name,
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

/* NULL where the page is sound, else what is not. */
static const char *html_fault(struct str html)
{
	struct str open[256], rest = html;
	size_t depth = 0;

	for (; rest.n; rest = str_skip(rest, 1)) {
		struct str tag = str_first(rest, (size_t)str_find(rest, '>') + 1);

		if (rest.p[0] == '\0')
			return "a zero byte";
		if (rest.p[0] == '&' && !html_is_entity(rest))
			return "a bare ampersand";
		if (strchr("\"'>", rest.p[0]))
			return "a bare quote or bracket";
		if (rest.p[0] != '<')
			continue;
		rest = str_skip(rest, tag.n ? tag.n - 1 : 0);
		if (html_is_any(tag, empty_tags, sizeof(empty_tags) / sizeof(empty_tags[0])))
			continue;
		if (html_is_opening(tag)) {
			if (depth == 256)
				return "nested too deep";
			open[depth++] = html_name(tag);
			continue;
		}
		if (tag.n < 4 || tag.p[1] != '/')
			return "a tag that we do not write";
		if (depth == 0 || !str_eq(open[--depth], str_first(str_skip(tag, 2), tag.n - 3)))
			return "a tag closed out of order";
	}
	return depth ? "a tag left open" : NULL;
}

#endif
