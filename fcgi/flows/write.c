/* A flow as Markdown, for tickets, wikis and paper; see write.h.  Mermaid is mermaid.c's. */
#include "flows/write.h"

#include <string.h>

#include "kit/base/arena.h"
#include "kit/render/markdown.h"

#define BLANK "____________"

struct writer {
	struct buf *out;
	size_t indent; /* of what stands in a numbered step */
};

static void put_indent(const struct writer *w)
{
	for (size_t at = 0; at < w->indent; at++)
		buf_putc(w->out, ' ');
}

static void put_plain(struct buf *out, struct str text)
{
	markdown_put_plain(out, flow_visible(text));
}

/* ---- the author's Markdown ---- */

/* Tabs that lead a line would mean another depth behind an indentation. */
static void put_line(const struct writer *w, struct str prefix, struct str line)
{
	bool blank = str_trim(line).n == 0;

	if (prefix.n || !blank)
		put_indent(w);
	buf_put(w->out, blank ? str_trim(prefix) : prefix);
	for (; line.n && line.p[0] == '\t'; line = str_skip(line, 1))
		buf_put(w->out, STR("    "));
	buf_put(w->out, blank ? STR("") : line);
	buf_putc(w->out, '\n');
}

/* A fence of code that the author never closed would swallow what is written behind the text. */
struct fence {
	struct str line; /* the fence that is open, without what follows it; none */
};

static void follow_fence(struct fence *f, struct str line)
{
	size_t blanks = 0, ticks = 0;
	struct str rest;

	while (blanks < line.n && line.p[blanks] == ' ')
		blanks++;
	rest = str_skip(line, blanks);
	while (ticks < rest.n && rest.p[ticks] == rest.p[0])
		ticks++;
	if (blanks > 3 || ticks < 3 || !strchr("`~", rest.p[0]))
		return;
	if (!f->line.p) {
		if (rest.p[0] == '~' || str_find(str_skip(rest, ticks), '`') < 0)
			f->line = str_first(line, blanks + ticks);
	} else if (str_trim(str_skip(rest, ticks)).n == 0 && str_starts(rest, str_trim(f->line))) {
		f->line = STR_NONE;
	}
}

/* The lines as they are, each behind the prefix and indented as far as the step is. */
static void put_markdown(const struct writer *w, struct str prefix, struct str text)
{
	struct fence f = { STR_NONE };

	if (str_trim(text).n)
		buf_putc(w->out, '\n');
	while (str_trim(text).n) {
		struct str line = str_cut_line(&text);

		follow_fence(&f, line);
		put_line(w, prefix, line);
	}
	if (f.line.p)
		put_line(w, prefix, f.line);
}

/* ---- intake ---- */

static void put_choices(struct buf *out, const struct flow_field *f)
{
	const struct str *options = f->options.items;

	for (size_t at = 0; at < f->options.n; at++) {
		buf_put(out, at ? STR(", ") : STR(" (one of "));
		put_plain(out, options[at]);
	}
	if (f->options.n)
		buf_putc(out, ')');
}

static void put_field(struct buf *out, const struct flow_field *f)
{
	buf_put(out, f->kind == KIND_CHECKBOX ? STR("- [ ] **") : STR("- **"));
	put_plain(out, flow_visible(f->label).n ? f->label : f->name);
	buf_printf(out, "** `[VAR:%.*s]`%s", STR_ARG(f->name), f->required ? " (required)" : "");
	put_choices(out, f);
	if (f->help.n) {
		buf_put(out, STR(" – "));
		put_plain(out, f->help);
	}
	if (f->kind != KIND_CHECKBOX)
		buf_put(out, STR(": " BLANK));
	buf_putc(out, '\n');
}

static void put_intake(struct buf *out, const struct flow_doc *d)
{
	if (d->intake.n)
		buf_put(out, STR("\n## To fill in\n\n"));
	for (size_t at = 0; at < d->intake.n; at++)
		put_field(out, &flow_fields(d)[at]);
}

/* ---- steps ---- */

static void put_target(struct buf *out, const struct flow_step_way *way)
{
	if (way->ends)
		buf_put(out, STR("the flow ends"));
	else if (way->missing)
		buf_put(out, STR("nowhere yet"));
	else
		buf_printf(out, "go to step %lld%s", (long long)way->number,
			   way->back ? " (back)" : "");
}

static void put_way(const struct writer *w, const struct flow_step_way *way, bool decision)
{
	buf_putc(w->out, '\n');
	put_indent(w);
	if (decision) {
		buf_put(w->out, STR("**If "));
		put_plain(w->out, flow_visible(way->label).n ? way->label : STR("(no label)"));
		buf_put(w->out, STR("**: "));
	} else {
		buf_put(w->out, STR("Then: "));
	}
	put_target(w->out, way);
	buf_putc(w->out, '\n');
}

static void put_head(const struct writer *w, const struct flow_step *step)
{
	buf_printf(w->out, "\n%lld. %s", (long long)step->number, step->section ? "### " : "**");
	put_plain(w->out, step->title);
	if (!step->section)
		buf_put(w->out, STR("**"));
	if (step->required)
		buf_put(w->out, STR(" (required)"));
	if (step->unreachable)
		buf_put(w->out, STR(" (no step leads here)"));
	buf_putc(w->out, '\n');
}

static void put_step(struct writer *w, const struct flow_step *step, const struct flow_node *n)
{
	const struct flow_step_way *ways = step->ways.items;

	w->indent = step->number < 10 ? 3 : step->number < 100 ? 4 : 5;
	put_head(w, step);
	put_markdown(w, STR(""), n->body);
	put_markdown(w, STR("> "), n->help);
	for (size_t at = 0; at < step->ways.n && !step->straight; at++)
		put_way(w, &ways[at], step->decision);
	if (step->outcome.n) {
		buf_putc(w->out, '\n');
		put_indent(w);
		buf_printf(w->out, "Outcome: %.*s\n", STR_ARG(step->outcome));
	}
}

void flow_put_markdown(struct arena *a, struct buf *out, const struct flow_doc *d)
{
	size_t *order = ARENA_ARRAY(a, size_t, d->structure.nodes.n + 1);
	struct list list = flow_steps(a, d);
	const struct flow_step *steps = list.items;
	struct writer w = { out, 0 };

	flow_reading_order(a, &d->structure, order);
	buf_put(out, STR("# "));
	put_plain(out, d->name);
	buf_putc(out, '\n');
	put_markdown(&w, STR("> "), d->description);
	put_intake(out, d);
	buf_put(out, STR("\n## Steps\n"));
	for (size_t at = 0; at < list.n; at++)
		put_step(&w, &steps[at], &flow_nodes(&d->structure)[order[at]]);
}
