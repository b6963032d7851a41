/*
 * The lines of an outline made into a tree of items by their indentation; see outline.h and
 * docs/outline.md.  Nothing here stops the reading: what is wrong is noted with its line.
 */
#include "flows/outline_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/arena.h"

#define PROBLEMS_MAX 50
#define LINES_MAX    20000

const struct shape flow_line_problem_shape =
	SHAPE(struct flow_line_problem, F_INT(struct flow_line_problem, line),
	      F_STR(struct flow_line_problem, message));

void outline_problem(struct outline *o, int64_t line, const char *fmt, ...)
{
	size_t n = o->ret->problems.n;
	char text[300];
	va_list ap;

	if (n == PROBLEMS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	o->ret->problems = LIST_OF(o->problems, n + 1);
	for (; n > 0 && o->problems[n - 1].line > line; n--)
		o->problems[n] = o->problems[n - 1];
	o->problems[n] =
		(struct flow_line_problem){ line, str_dup(o->arena, str_mend(str_of(text))) };
}

/* ---- lines ---- */

struct lines {
	struct str *text; /* without the blanks around */
	size_t *indent;   /* bytes of blanks before it */
	const char **start;
	size_t n;
};

struct reader {
	struct outline *o;
	struct lines lines;
	size_t at;
	char blank; /* what this outline indents with; 0: nothing so far */
	struct {
		size_t indent;
		struct outline_item *item;
	} open[OUTLINE_DEPTH]; /* the items that enclose the next, the outermost first */
	size_t depth;
	struct outline_item *item; /* the one that a text belongs to; NULL: none */
	struct flow_field *field;  /* or the field */
	struct buf description;
	bool began; /* there was an item or a section */
};

static struct str sound_line(struct outline *o, size_t at, struct str line)
{
	if (str_is_utf8(line) && !memchr(line.p, '\0', line.n))
		return line;
	outline_problem(o, (int64_t)at + 1,
			"This line is not readable text (UTF-8). Save the text as UTF-8.");
	return STR("");
}

static struct lines cut_lines(struct outline *o, struct str text)
{
	struct lines l = { .n = 0 };
	struct str rest = text;
	size_t most = 1;

	while (rest.n && most++ < LINES_MAX)
		str_cut(&rest, '\n');
	rest = text;
	l.text = ARENA_ARRAY(o->arena, struct str, most);
	l.indent = ARENA_ARRAY(o->arena, size_t, most);
	l.start = ARENA_ARRAY(o->arena, const char *, most);
	while (rest.n && l.n < LINES_MAX) {
		struct str line = sound_line(o, l.n, str_cut(&rest, '\n'));
		size_t indent = 0;

		while (indent < line.n && (line.p[indent] == ' ' || line.p[indent] == '\t'))
			indent++;
		l.start[l.n] = line.p;
		l.indent[l.n] = indent;
		l.text[l.n++] = str_trim(line);
	}
	if (rest.n)
		outline_problem(o, LINES_MAX, "A text has at most %d lines.", LINES_MAX);
	return l;
}

/* ---- indentation ---- */

/* Tabs and blanks mixed mean another depth to each reader. */
static void check_blanks(struct reader *r)
{
	const char *start = r->lines.start[r->at];

	for (size_t at = 0; at < r->lines.indent[r->at]; at++) {
		if (!r->blank)
			r->blank = start[at];
		if (start[at] == r->blank)
			continue;
		outline_problem(r->o, r->o->line,
				"Tabs and spaces are mixed here. Indent all lines with the same.");
		return;
	}
}

/* The item that one of this indentation belongs to; those that it does not lie in are closed. */
static struct outline_item *enclosing(struct reader *r, size_t indent)
{
	size_t closed = indent, above;

	while (r->depth && r->open[r->depth - 1].indent >= indent)
		closed = r->open[--r->depth].indent;
	above = r->depth ? r->open[r->depth - 1].indent : 0;
	if (closed != indent)
		outline_problem(r->o, r->o->line,
				"This line does not line up with one above it. Indent it as far "
				"as its neighbours.");
	else if (r->depth && r->blank == ' ' && (indent - above < 2 || indent - above > 8))
		outline_problem(r->o, r->o->line,
				"Indent by 2 to 8 spaces what belongs to the "
				"line above.");
	if (r->depth == OUTLINE_DEPTH) {
		outline_problem(r->o, r->o->line,
				"This is deeper than %d levels. Jump with \"-> Title\" instead.",
				OUTLINE_DEPTH);
		r->depth--;
	}
	return r->depth ? r->open[r->depth - 1].item : &r->o->root;
}

static struct outline_item *add_item(struct reader *r, struct outline_item *up, struct str text)
{
	struct outline_item *item = ARENA_NEW(r->o->arena, struct outline_item);

	item->line = r->o->line;
	item->text = text;
	item->body = item->help = buf_new(r->o->arena, OUTLINE_MAX);
	if (up->last)
		up->last->next = item;
	else
		up->first = item;
	up->last = item;
	r->item = item;
	r->field = NULL;
	r->began = true;
	return item;
}

/* ---- what a line is ---- */

static void add_line(struct buf *to, struct str line)
{
	if (to->n)
		buf_putc(to, '\n');
	buf_put(to, line);
}

static void take_text(struct reader *r, struct str line)
{
	line = str_skip(line, line.n > 1 && line.p[1] == ' ' ? 2 : 1);
	if (r->item)
		add_line(&r->item->body, line);
	else if (!r->began)
		add_line(&r->description, line);
	else
		outline_problem(r->o, r->o->line, "There is no step above this text.");
}

static void take_help(struct reader *r, struct str help)
{
	if (r->field)
		r->field->help = outline_cut(help, 1000);
	else if (r->item)
		add_line(&r->item->help, help);
	else
		outline_problem(r->o, r->o->line, "There is no step above this help.");
}

static void take_type(struct reader *r, struct str type)
{
	if (!names_find(&flow_types, str_lower(r->o->arena, type), &r->o->type))
		outline_problem(r->o, r->o->line,
				"Write type: troubleshooting, type: procedural or type: "
				"maintenance.");
}

static void take_field(struct reader *r, struct str text)
{
	struct list *intake = &r->o->ret->doc.intake;
	size_t before = intake->n;

	outline_read_field(r->o, text);
	r->item = NULL;
	r->field = intake->n > before ? &r->o->fields[before] : NULL;
}

static void take_heading(struct reader *r, struct str line, size_t level)
{
	struct str title = str_trim(str_skip(line, level));

	while (str_ends(title, STR(" #")) || str_ends(title, STR("##")))
		title = str_trim(str_first(title, title.n - 1));
	if (level == 1 && !r->began && !r->o->ret->doc.name.n) {
		r->o->ret->doc.name = outline_cut(title, FLOW_TITLE_MAX);
		return;
	}
	r->depth = 0;
	add_item(r, &r->o->root, title)->section = true;
}

static void take_item(struct reader *r, struct str line)
{
	struct outline_mark mark = outline_mark(line);
	struct str text = str_trim(str_skip(line, mark.width));
	size_t indent = r->lines.indent[r->at];
	struct outline_item *up;

	if (!text.n)
		return;
	check_blanks(r);
	up = enclosing(r, indent);
	r->open[r->depth].indent = indent;
	r->open[r->depth].item = add_item(r, up, text);
	r->open[r->depth].item->counted = mark.counted;
	r->open[r->depth].item->box = mark.box;
	r->depth++;
}

static void take_line(struct reader *r)
{
	struct str line = r->lines.text[r->at], rest;
	size_t heading = outline_heading(line);

	if (line.n == 0 || outline_is_rule(line))
		return;
	if (line.p[0] == '>')
		take_text(r, line);
	else if (outline_key(line, STR("help"), &rest))
		take_help(r, rest);
	else if (!r->began && outline_key(line, STR("type"), &rest))
		take_type(r, rest);
	else if (str_starts(line, STR("? ")))
		take_field(r, str_trim(str_skip(line, 2)));
	else if (heading)
		take_heading(r, line, heading);
	else
		take_item(r, line);
}

/* ---- the paragraph before the steps ---- */

static bool is_plain(const struct reader *r, size_t at)
{
	struct str line = r->lines.text[at], rest;

	return line.n && r->lines.indent[at] == 0 && line.p[0] != '>' && !outline_heading(line) &&
	       !outline_mark(line).width && !outline_is_rule(line) &&
	       !str_starts(line, STR("? ")) && !outline_key(line, STR("type"), &rest) &&
	       !outline_key(line, STR("help"), &rest);
}

/*
 * Where plain lines stand before a list, a field or a heading, they are no steps: they tell what
 * the flow is about, and its name where it has none yet.
 */
static void take_paragraph(struct reader *r)
{
	size_t end = r->at, next;

	while (end < r->lines.n && is_plain(r, end))
		end++;
	for (next = end; next < r->lines.n && !r->lines.text[next].n;)
		next++;
	if (end == r->at || next == r->lines.n || is_plain(r, next) || r->lines.indent[next] ||
	    r->lines.text[next].p[0] == '>' || str_ends(r->lines.text[end - 1], STR("?")))
		return;
	for (; r->at < end; r->at++) {
		struct str line = r->lines.text[r->at];

		if (r->o->ret->doc.name.n)
			add_line(&r->description, line);
		else
			r->o->ret->doc.name = outline_cut(
				str_ends(line, STR(":")) ? str_first(line, line.n - 1) : line,
				FLOW_TITLE_MAX);
	}
}

/* ---- the whole ---- */

static struct str description(struct reader *r)
{
	struct str text = buf_str(&r->description);

	if (str_utf8_length(text) > FLOW_TEXT_MAX)
		outline_problem(r->o, 1, "The description has more than %d characters.",
				FLOW_TEXT_MAX);
	return outline_cut(text, FLOW_TEXT_MAX);
}

static void read_lines(struct reader *r)
{
	bool tried = false;

	for (; r->at < r->lines.n; r->at++) {
		r->o->line = (int64_t)r->at + 1;
		if (!tried && !r->began && is_plain(r, r->at)) {
			tried = true;
			take_paragraph(r);
			if (r->at == r->lines.n)
				break;
			r->o->line = (int64_t)r->at + 1;
		}
		take_line(r);
	}
}

void flow_read_outline(struct arena *a, struct str text, struct flow_outline *ret)
{
	struct outline o = { .arena = a, .ret = ret, .type = -1 };
	struct reader r = { .o = &o, .description = buf_new(a, OUTLINE_MAX) };

	*ret = (struct flow_outline){ .doc = { .name = STR(""), .description = STR("") } };
	o.problems = ARENA_ARRAY(a, struct flow_line_problem, PROBLEMS_MAX);
	o.fields = ARENA_ARRAY(a, struct flow_field, FLOW_FIELDS_MAX);
	ret->doc.intake = LIST_OF(o.fields, 0);
	if (text.n > OUTLINE_MAX) {
		outline_problem(&o, 1, "The text has more than %zu KB. Make several flows of it.",
				OUTLINE_MAX / 1024);
		return;
	}
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	r.lines = cut_lines(&o, text);
	read_lines(&r);
	ret->doc.description = description(&r);
	outline_link(&o);
}
