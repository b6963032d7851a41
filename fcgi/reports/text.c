/*
 * A report as plain text, for the field of a ticket; see paper.h.  Lines are wrapped, what belongs
 * to a label or a step is indented, and nothing that somebody typed begins at the margin.
 */
#include <string.h>

#include "reports/paper.h"

#define WIDTH     76
#define INDENT    4  /* of what belongs to a step */
#define MARGIN    2  /* of what else was typed; 4 would be code where this is taken for Markdown */
#define LABEL_MAX 24 /* for one column of values */

/* ---- letters ---- */

/* Controls, and what some readers take for the end of a line, are blanks. */
static size_t control(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c < ' ' || c == 0x7f)
		return 1;
	if (c == 0xc2 && s.n > 1 && (unsigned char)s.p[1] >= 0x80 && (unsigned char)s.p[1] < 0xa0)
		return 2;
	return str_starts(s, STR("\xe2\x80\xa8")) || str_starts(s, STR("\xe2\x80\xa9")) ? 3 : 0;
}

static void put_clean(struct buf *out, struct str text)
{
	while (text.n) {
		size_t n = control(text);

		buf_putc(out, n ? ' ' : text.p[0]);
		text = str_skip(text, n ? n : 1);
	}
}

static void put_many(struct buf *out, char c, size_t n)
{
	for (size_t at = 0; at < n; at++)
		buf_putc(out, c);
}

/* ---- wrapped lines ---- */

/* Text whose further lines begin at `margin`; `column` is how far the line at hand has come. */
struct column {
	struct buf *out;
	size_t margin, column;
};

static size_t leading(struct str s, const char *of)
{
	size_t n = 0;

	while (n < s.n && s.p[n] && strchr(of, s.p[n]))
		n++;
	return n;
}

static void put_indented(struct column *c, size_t indent)
{
	if (c->column < indent) {
		put_many(c->out, ' ', indent - c->column);
		c->column = indent;
	}
}

/* How far the further lines of this one are indented: as its text behind the mark of an item. */
static size_t hanging(struct str line)
{
	size_t blanks = leading(line, " \t"), mark = leading(str_skip(line, blanks), "0123456789");
	struct str rest = str_skip(line, blanks + mark);

	if (rest.n < 2 || !strchr(mark ? ".)" : "-*+>", rest.p[0]) || rest.p[1] != ' ')
		return blanks;
	return blanks + mark + 2;
}

static void put_words(struct column *c, struct str line)
{
	size_t hang = c->margin + hanging(line) % (WIDTH / 2);
	bool first = true;

	for (line = str_trim(line); line.n; first = false) {
		struct str word = str_cut(&line, ' ');
		size_t length = str_utf8_length(word);

		if (!first && c->column + 1 + length > WIDTH) {
			buf_putc(c->out, '\n');
			c->column = 0;
			put_indented(c, hang);
		} else if (!first) {
			buf_putc(c->out, ' ');
			c->column++;
		}
		put_clean(c->out, word);
		c->column += length;
		line = str_skip(line, leading(line, " "));
	}
}

/* What fits stays as it is, and so do the lines of code and of tables. */
static void put_line(struct column *c, struct str line, bool code)
{
	struct str text = str_trim(line);
	bool fits = c->margin + str_utf8_length(line) <= WIDTH;

	if (!text.n)
		return;
	if (!fits && !code && text.p[0] != '|') {
		put_indented(c, c->margin + leading(line, " \t") % (WIDTH / 2));
		put_words(c, line);
		return;
	}
	put_indented(c, c->margin);
	while (line.n && strchr(" \t\r\n", line.p[line.n - 1]))
		line.n--;
	put_clean(c->out, line);
}

/* Ends in a newline. */
static void put_wrapped(struct column *c, struct str text)
{
	struct str rest = text;
	bool code = false;

	while (rest.n && strchr(" \t\r\n", rest.p[rest.n - 1]))
		rest.n--;
	while (rest.n) {
		struct str line = str_cut_line(&rest), start = str_trim(line);

		if (str_starts(start, STR("```")) || str_starts(start, STR("~~~")))
			code = !code;
		put_line(c, line, code);
		buf_putc(c->out, '\n');
		c->column = 0;
	}
}

/* ---- the parts ---- */

/* What is written at the margin of a step or of the text, its further lines behind `indent`. */
static void put_heading(struct buf *out, size_t indent, struct str head, struct str title)
{
	struct column c = { out, indent, str_utf8_length(head) };

	buf_put(out, head);
	put_words(&c, str_trim(title));
	buf_putc(out, '\n');
}

static void put_title(struct buf *out, struct str title, char line)
{
	size_t length = str_utf8_length(str_trim(title));

	put_heading(out, 0, STR(""), title);
	put_many(out, line, length < WIDTH ? length : WIDTH);
	buf_putc(out, '\n');
}

static void put_part(struct buf *out, struct str title)
{
	buf_putc(out, '\n');
	put_title(out, title, '-');
	buf_putc(out, '\n');
}

static size_t widest(struct list list)
{
	const struct report_fact *facts = list.items;
	size_t width = 0;

	for (size_t at = 0; at < list.n; at++) {
		size_t length = str_utf8_length(facts[at].label);

		if (length > width && length <= LABEL_MAX)
			width = length;
	}
	return width;
}

/* A longer label than most has its value on the next line. */
static void put_labelled(struct buf *out, size_t indent, size_t width, struct str label,
			 struct str value)
{
	struct column name = { out, indent + 2, 0 }, c = { out, indent + width + 2, 0 };

	put_indented(&name, indent);
	put_words(&name, label);
	buf_putc(out, ':');
	c.column = name.column + 1;
	if (c.column >= c.margin) {
		buf_putc(out, '\n');
		c.column = 0;
	}
	put_wrapped(&c, str_trim(value));
}

static void put_facts(struct buf *out, struct list list, size_t indent, size_t width)
{
	const struct report_fact *facts = list.items;

	for (size_t at = 0; at < list.n; at++) {
		struct str value = facts[at].value;

		if (facts[at].state.n)
			value = str_fmt(out->arena, "%.*s (%.*s)", STR_ARG(facts[at].state),
					STR_ARG(facts[at].name));
		put_labelled(out, indent, width, facts[at].label, value);
	}
}

static void put_passage(struct buf *out, struct str title, struct str text)
{
	struct column c = { out, MARGIN, 0 };

	if (!text.n)
		return;
	put_part(out, title);
	put_wrapped(&c, text);
}

static void put_entry(struct buf *out, const struct report_entry *e)
{
	struct str number =
		e->number ? str_fmt(out->arena, "%lld.", (long long)e->number) : STR("-");
	struct str title = e->title;
	struct column body = { out, INDENT, 0 };
	size_t width = widest(e->facts);

	if (e->mark.n)
		title = str_fmt(out->arena, "%.*s (%.*s)", STR_ARG(str_trim(title)),
				STR_ARG(e->mark));
	put_heading(out, INDENT, str_fmt(out->arena, "%-*.*s", INDENT, STR_ARG(number)), title);
	if (e->body.text.n) {
		buf_putc(out, '\n');
		put_wrapped(&body, e->body.text);
		buf_putc(out, '\n');
	}
	if (e->note.text.n && width < strlen("Note"))
		width = strlen("Note");
	put_facts(out, e->facts, INDENT, width);
	if (e->note.text.n)
		put_labelled(out, INDENT, width, STR("Note"), e->note.text);
}

static void put_group(struct buf *out, const struct report_group *group)
{
	const struct report_entry *entries = group->entries.items;

	if (group->section.n) {
		put_title(out, group->section, '.');
		buf_putc(out, '\n');
	}
	for (size_t at = 0; at < group->entries.n; at++) {
		buf_put(out, at ? STR("\n") : STR(""));
		put_entry(out, &entries[at]);
	}
}

void report_put_text(struct buf *out, const struct report_paper *p)
{
	const struct report_group *groups = p->groups.items;

	put_title(out, p->title, '=');
	buf_putc(out, '\n');
	put_facts(out, p->facts, 0, widest(p->facts));
	put_passage(out, STR("Summary"), p->summary.text);
	if (p->steps_title.n)
		put_part(out, p->steps_title);
	for (size_t at = 0; at < p->groups.n; at++) {
		buf_put(out, at ? STR("\n") : STR(""));
		put_group(out, &groups[at]);
	}
	if (p->handoffs_title.n)
		put_part(out, p->handoffs_title);
	put_facts(out, p->handoffs, MARGIN, widest(p->handoffs));
	if (p->values_title.n)
		put_part(out, p->values_title);
	put_facts(out, p->values, MARGIN, widest(p->values));
	put_passage(out, STR("Scratchpad"), p->scratchpad.text);
	buf_putc(out, '\n');
	if (p->made.n)
		buf_printf(out, "Written %.*s, detail: %.*s.\n", STR_ARG(p->made),
			   STR_ARG(p->detail));
	buf_printf(out, "%.*s\n", STR_ARG(p->record));
}
