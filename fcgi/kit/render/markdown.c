/*
 * Markdown to HTML that is safe to print raw.  md4c parses; what is written is ours: a fixed set of
 * tags, every text escaped, and a link only where its address is of a kind that can't run anything.
 */
#include "kit/render/markdown.h"

#include <md4c.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define HTML_MAX    (16 * MARKDOWN_MAX) /* a few bytes can stand for a whole row of empty cells */
#define DEPTH_MAX   100                 /* tags within tags */
#define ADDRESS_MAX 2000
#define REPLACEMENT "\xef\xbf\xbd"

struct writer {
	struct buf out;
	size_t depth;
	bool too_much;
	size_t links, open_link; /* how deep in links and images we are; which of them has a tag, 0
				    for none */
	size_t link_start;
	struct str link; /* the address of the open one */
	char address[ADDRESS_MAX];
};

/* ---- characters ---- */

static void put_text(struct buf *out, struct str s)
{
	struct str rest = s;

	while (rest.p) {
		buf_put_html(out, str_cut(&rest, '\0'));
		if (rest.p)
			buf_put(out, STR(REPLACEMENT));
	}
}

static void put_code_point(struct buf *out, uint32_t c)
{
	char utf8[4];
	size_t n = 0;

	if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		utf8[n++] = (char)c;
	} else {
		if (c >= 0x10000) {
			utf8[n++] = (char)(0xf0 | (c >> 18));
			utf8[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		} else if (c >= 0x800) {
			utf8[n++] = (char)(0xe0 | (c >> 12));
		}
		utf8[n++] = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | (c >> 6));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	}
	buf_put(out, (struct str){ utf8, n });
}

/* The number of "&#60;" or "&#x3c;". */
static uint32_t entity_number(struct str entity)
{
	bool hex = entity.n > 3 && (entity.p[2] == 'x' || entity.p[2] == 'X');
	uint32_t value = 0;

	for (size_t at = hex ? 3 : 2; at + 1 < entity.n && value <= 0x10ffff; at++) {
		char c = entity.p[at];
		uint32_t digit = (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);

		value = value * (hex ? 16 : 10) + digit;
	}
	return value;
}

/* A named one is left to the browser, which shows it as text whatever it stands for. */
static void put_entity(struct buf *out, struct str entity)
{
	char room[8];
	struct buf utf8 = { .p = room, .cap = sizeof(room), .max = sizeof(room) };

	if (entity.n < 2 || entity.p[1] != '#') {
		buf_put(out, entity);
		return;
	}
	put_code_point(&utf8, entity_number(entity));
	buf_put_html(out, buf_str(&utf8));
}

/* ---- addresses ---- */

/* The address as a browser would understand it, none where it is too long. */
static struct str address_of(struct writer *w, const MD_ATTRIBUTE *a)
{
	struct buf out = { .p = w->address, .cap = ADDRESS_MAX, .max = ADDRESS_MAX };

	if (a->size == 0)
		return STR_NONE;
	for (size_t at = 0; a->substr_offsets[at] < a->size; at++) {
		size_t from = a->substr_offsets[at], to = a->substr_offsets[at + 1];
		struct str part = { a->text + from, to - from };

		if (a->substr_types[at] != MD_TEXT_ENTITY)
			buf_put(&out, part);
		else if (part.p[1] == '#')
			put_code_point(&out, entity_number(part));
		else if (str_eq(part, STR("&amp;")))
			buf_putc(&out, '&');
		else
			buf_put(&out, part);
	}
	return out.full ? STR_NONE : buf_str(&out);
}

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n > prefix.n && str_eq_nocase(str_first(s, prefix.n), prefix);
}

static bool is_web(struct str address)
{
	return starts_nocase(address, STR("http://")) || starts_nocase(address, STR("https://"));
}

/* Browsers drop tabs and line ends from an address and read '\' as '/': neither gets that far. */
static bool is_allowed(struct str address)
{
	if (str_has_control(address, STR("")) || str_contains(address, STR(REPLACEMENT)))
		return false;
	if (is_web(address) || starts_nocase(address, STR("mailto:")))
		return true;
	if (address.n && address.p[0] == '#')
		return true;
	return address.n && address.p[0] == '/' &&
	       (address.n == 1 || (address.p[1] != '/' && address.p[1] != '\\'));
}

static void put_address(struct buf *out, struct str address)
{
	struct str rest = address;

	while (rest.p) {
		buf_put_html(out, str_cut(&rest, ' '));
		if (rest.p)
			buf_put(out, STR("%20"));
	}
}

/* A link within a link is text: HTML has no such thing, and an image in a link is common. */
static void open_link(struct writer *w, const MD_ATTRIBUTE *a)
{
	struct str address;

	w->links++;
	if (w->open_link)
		return;
	address = address_of(w, a);
	if (!is_allowed(address))
		return;
	buf_put(&w->out, STR("<a href=\""));
	put_address(&w->out, address);
	buf_put(&w->out, is_web(address) ? STR("\" rel=\"noopener noreferrer\">") : STR("\">"));
	w->open_link = w->links;
	w->link = address;
	w->link_start = w->out.n;
}

static void close_link(struct writer *w)
{
	if (w->open_link == w->links) {
		/* A link needs a name: without a text it is the address. */
		if (w->out.n == w->link_start)
			put_text(&w->out, w->link);
		buf_put(&w->out, STR("</a>"));
		w->open_link = 0;
	}
	w->links--;
}

/* ---- blocks ---- */

static void open_list(struct buf *out, unsigned start)
{
	if (start == 1)
		buf_put(out, STR("<ol>\n"));
	else
		buf_printf(out, "<ol start=\"%u\">\n", start);
}

static void open_item(struct buf *out, const MD_BLOCK_LI_DETAIL *li)
{
	if (!li->is_task)
		buf_put(out, STR("<li>"));
	else if (li->task_mark == ' ')
		buf_put(out, STR("<li class=\"task\"><input type=\"checkbox\" disabled "
				 "aria-label=\"Not done\"> "));
	else
		buf_put(out, STR("<li class=\"task\"><input type=\"checkbox\" checked disabled "
				 "aria-label=\"Done\"> "));
}

static bool is_language(struct str s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_+-";

	for (size_t at = 0; at < s.n; at++)
		if (!memchr(allowed, s.p[at], sizeof(allowed) - 1))
			return false;
	return s.n >= 1 && s.n <= 30;
}

static void open_code(struct buf *out, const MD_BLOCK_CODE_DETAIL *code)
{
	struct str language = { code->lang.text, code->lang.size };

	buf_put(out, STR("<pre><code"));
	if (is_language(language)) {
		buf_put(out, STR(" class=\"language-"));
		buf_put(out, language);
		buf_putc(out, '"');
	}
	buf_putc(out, '>');
}

static void open_cell(struct buf *out, const char *tag, MD_ALIGN align)
{
	static const char *const classes[] = {
		[MD_ALIGN_DEFAULT] = "",
		[MD_ALIGN_LEFT] = " class=\"align-left\"",
		[MD_ALIGN_CENTER] = " class=\"align-center\"",
		[MD_ALIGN_RIGHT] = " class=\"align-right\"",
	};

	buf_put(out, str_of(tag));
	buf_put(out, str_of(classes[align]));
	buf_putc(out, '>');
}

/* The page has the first two levels. */
static int heading_level(const MD_BLOCK_H_DETAIL *h)
{
	return h->level < 4 ? (int)h->level + 2 : 6;
}

static const struct {
	const char *open, *close;
} block_tags[] = {
	[MD_BLOCK_DOC] = { "", "" },
	[MD_BLOCK_QUOTE] = { "<blockquote>\n", "</blockquote>\n" },
	[MD_BLOCK_UL] = { "<ul>\n", "</ul>\n" },
	[MD_BLOCK_OL] = { NULL, "</ol>\n" },
	[MD_BLOCK_LI] = { NULL, "</li>\n" },
	[MD_BLOCK_HR] = { "<hr>\n", "" },
	[MD_BLOCK_H] = { NULL, NULL },
	[MD_BLOCK_CODE] = { NULL, "</code></pre>\n" },
	[MD_BLOCK_HTML] = { "", "" },
	[MD_BLOCK_P] = { "<p>", "</p>\n" },
	/* Focusable, so that keys can scroll it; a group, since a region would have to be unique.
	 */
	[MD_BLOCK_TABLE] = { "<div class=\"table-scroll\" role=\"group\" aria-label=\"Table\" "
			     "tabindex=\"0\">"
			     "<table>\n",
			     "</table></div>\n" },
	[MD_BLOCK_THEAD] = { "<thead>\n", "</thead>\n" },
	[MD_BLOCK_TBODY] = { "<tbody>\n", "</tbody>\n" },
	[MD_BLOCK_TR] = { "<tr>", "</tr>\n" },
	[MD_BLOCK_TH] = { NULL, "</th>" },
	[MD_BLOCK_TD] = { NULL, "</td>" },
};

static void open_block(struct writer *w, MD_BLOCKTYPE type, const void *detail)
{
	if (block_tags[type].open)
		buf_put(&w->out, str_of(block_tags[type].open));
	else if (type == MD_BLOCK_OL)
		open_list(&w->out, ((const MD_BLOCK_OL_DETAIL *)detail)->start);
	else if (type == MD_BLOCK_LI)
		open_item(&w->out, detail);
	else if (type == MD_BLOCK_H)
		buf_printf(&w->out, "<h%d>", heading_level(detail));
	else if (type == MD_BLOCK_CODE)
		open_code(&w->out, detail);
	else if (type == MD_BLOCK_TH)
		open_cell(&w->out, "<th scope=\"col\"",
			  ((const MD_BLOCK_TD_DETAIL *)detail)->align);
	else if (type == MD_BLOCK_TD)
		open_cell(&w->out, "<td", ((const MD_BLOCK_TD_DETAIL *)detail)->align);
}

/* ---- what md4c calls; it takes only a negative answer for an end ---- */

static int go_on(struct writer *w)
{
	w->too_much |= w->out.full || w->depth > DEPTH_MAX;
	return w->too_much ? -1 : 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct writer *w = ctx;

	w->depth++;
	open_block(w, type, detail);
	return go_on(w);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct writer *w = ctx;

	w->depth--;
	if (block_tags[type].close)
		buf_put(&w->out, str_of(block_tags[type].close));
	else
		buf_printf(&w->out, "</h%d>\n", heading_level(detail));
	return go_on(w);
}

static struct str span_name(MD_SPANTYPE type)
{
	switch (type) {
	case MD_SPAN_EM:
		return STR("em>");
	case MD_SPAN_STRONG:
		return STR("strong>");
	case MD_SPAN_CODE:
		return STR("code>");
	case MD_SPAN_DEL:
		return STR("del>");
	case MD_SPAN_A:
	case MD_SPAN_IMG:
	case MD_SPAN_LATEXMATH:
	case MD_SPAN_LATEXMATH_DISPLAY:
	case MD_SPAN_WIKILINK:
	case MD_SPAN_U:
		return STR_NONE; /* links are made apart, the others are not asked for */
	}
	return STR_NONE;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct writer *w = ctx;
	struct str name = span_name(type);

	w->depth++;
	if (type == MD_SPAN_A)
		open_link(w, &((const MD_SPAN_A_DETAIL *)detail)->href);
	else if (type == MD_SPAN_IMG)
		open_link(w, &((const MD_SPAN_IMG_DETAIL *)detail)->src);
	else if (name.p)
		buf_putc(&w->out, '<');
	buf_put(&w->out, name);
	return go_on(w);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct writer *w = ctx;
	struct str name = span_name(type);

	(void)detail;
	w->depth--;
	if (type == MD_SPAN_A || type == MD_SPAN_IMG)
		close_link(w);
	else if (name.p)
		buf_put(&w->out, STR("</"));
	buf_put(&w->out, name);
	return go_on(w);
}

static int text(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *ctx)
{
	struct writer *w = ctx;
	struct str s = { p, n };

	switch (type) {
	case MD_TEXT_NULLCHAR:
		buf_put(&w->out, STR(REPLACEMENT));
		break;
	case MD_TEXT_BR:
		buf_put(&w->out, STR("<br>\n"));
		break;
	case MD_TEXT_SOFTBR:
		buf_putc(&w->out, '\n');
		break;
	case MD_TEXT_ENTITY:
		put_entity(&w->out, s);
		break;
	case MD_TEXT_NORMAL:
	case MD_TEXT_CODE:
	case MD_TEXT_HTML:
	case MD_TEXT_LATEXMATH:
		put_text(&w->out, s);
		break;
	}
	return go_on(w);
}

const struct err *markdown_html(struct arena *a, struct str source, struct html *ret)
{
	static const MD_PARSER parser = {
		.flags =
			MD_FLAG_TABLES | MD_FLAG_TASKLISTS | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text,
	};
	struct writer w = { .out = buf_new(a, HTML_MAX) };
	int failed;

	if (source.n > MARKDOWN_MAX)
		return ERR(a, ERR_INVALID, "This text is longer than %zu bytes.", MARKDOWN_MAX);
	failed = md_parse(source.n ? source.p : "", (MD_SIZE)source.n, &parser, &w);
	if (w.too_much)
		return ERR(a, ERR_INVALID, "This text has too many lists, quotes or table cells.");
	if (failed)
		return ERR(a, ERR_INTERNAL, "markdown: out of memory");
	ret->s = buf_str(&w.out);
	return NULL;
}
