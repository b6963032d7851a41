/* A report as Markdown, for tickets and wikis; see paper.h.  What people wrote stands in quotes. */
#include <string.h>

#include "kit/render/markdown.h"
#include "reports/paper.h"

/* Behind a hard break a line could begin a list or underline a heading. */
static void put_line(struct buf *out, struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] >= '0' && line.p[n] <= '9')
		n++;
	buf_put(out, str_first(line, n));
	line = str_skip(line, n);
	if (line.n && strchr(n ? ".)" : "-+=", line.p[0]))
		buf_putc(out, '\\');
	markdown_put_plain(out, line);
}

static void put_lines(struct buf *out, struct str text)
{
	text = str_trim(text);
	while (text.n) {
		put_line(out, str_trim(str_cut_line(&text)));
		if (text.n)
			buf_put(out, STR("\\\n  "));
	}
}

static void put_label(struct buf *out, struct str label)
{
	buf_put(out, STR("- **"));
	markdown_put_plain(out, str_trim(label));
	buf_put(out, STR(":** "));
}

static void put_value(struct buf *out, const struct report_fact *f)
{
	if (f->link.n) {
		buf_printf(out, "<%.*s>", STR_ARG(f->link));
	} else if (f->state.n) {
		buf_printf(out, "*%.*s* (", STR_ARG(f->state));
		markdown_put_plain(out, f->name);
		buf_putc(out, ')');
	} else {
		put_lines(out, f->value);
	}
}

static void put_facts(struct buf *out, struct list list)
{
	const struct report_fact *facts = list.items;

	if (list.n)
		buf_putc(out, '\n');
	for (size_t at = 0; at < list.n; at++) {
		put_label(out, facts[at].label);
		put_value(out, &facts[at]);
		buf_putc(out, '\n');
	}
}

static void begin_heading(struct buf *out, size_t level)
{
	buf_putc(out, '\n');
	for (size_t at = 0; at < level; at++)
		buf_putc(out, '#');
	buf_putc(out, ' ');
}

static void put_heading(struct buf *out, size_t level, struct str title)
{
	begin_heading(out, level);
	markdown_put_plain(out, title);
	buf_putc(out, '\n');
}

static void put_passage(struct buf *out, const struct report_passage *p, size_t level)
{
	if (p->text.n) {
		buf_putc(out, '\n');
		markdown_put_quote(out, p->text, level + 1);
	}
}

static void put_part(struct buf *out, struct str title, const struct report_passage *p)
{
	if (!p->text.n)
		return;
	put_heading(out, 2, title);
	put_passage(out, p, 2);
}

static void put_entry(struct buf *out, const struct report_entry *e)
{
	size_t level = (size_t)e->level;

	begin_heading(out, level);
	if (e->number)
		buf_printf(out, "%lld. ", (long long)e->number);
	markdown_put_plain(out, e->title);
	if (e->mark.n)
		buf_printf(out, " (%.*s)", STR_ARG(e->mark));
	buf_putc(out, '\n');
	put_passage(out, &e->body, level);
	put_facts(out, e->facts);
	if (e->note.text.n)
		buf_put(out, STR("\n**Note:**\n"));
	put_passage(out, &e->note, level);
}

static void put_groups(struct buf *out, const struct report_paper *p)
{
	const struct report_group *groups = p->groups.items;

	if (!p->steps_title.n)
		return;
	put_heading(out, 2, p->steps_title);
	for (size_t group = 0; group < p->groups.n; group++) {
		const struct report_entry *entries = groups[group].entries.items;

		if (groups[group].section.n)
			put_heading(out, 3, groups[group].section);
		for (size_t at = 0; at < groups[group].entries.n; at++)
			put_entry(out, &entries[at]);
	}
}

static void put_handoffs(struct buf *out, const struct report_paper *p)
{
	if (!p->handoffs_title.n)
		return;
	put_heading(out, 2, p->handoffs_title);
	put_facts(out, p->handoffs);
}

static void put_values(struct buf *out, const struct report_paper *p)
{
	if (!p->values_title.n)
		return;
	put_heading(out, 2, p->values_title);
	put_facts(out, p->values);
}

void report_put_markdown(struct buf *out, const struct report_paper *p)
{
	buf_put(out, STR("# "));
	markdown_put_plain(out, p->title);
	buf_putc(out, '\n');
	put_facts(out, p->facts);
	put_part(out, STR("Summary"), &p->summary);
	put_groups(out, p);
	put_handoffs(out, p);
	put_values(out, p);
	put_part(out, STR("Scratchpad"), &p->scratchpad);
	buf_put(out, STR("\n---\n\n"));
	if (p->made.n)
		buf_printf(out, "Written %.*s, detail: %.*s.\n\n", STR_ARG(p->made),
			   STR_ARG(p->detail));
	buf_printf(out, "%.*s\n", STR_ARG(p->record));
}
