/* A flow as a Mermaid flowchart; see write.h.  Nodes are n1, n2 ... by their numbers, so that none
 * is called "end" or "style". */
#include "flows/write.h"

/* Mermaid takes "#35;" for a character; all but these, letters and digits are written so. */
static bool is_plain(unsigned char c)
{
	return c >= 0x80 || c == ' ' || c == ',' || c == '?' || (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void put_text(struct buf *out, struct str text)
{
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = (unsigned char)text.p[at];

		if (is_plain(c))
			buf_putc(out, (char)c);
		else if (c < ' ' || c == 0x7f)
			buf_putc(out, ' ');
		else
			buf_printf(out, "#%d;", c);
	}
}

static void put_node(struct buf *out, const struct flow_step *step)
{
	static const char *const shapes[][2] = {
		[FLOW_DECISION] = { "{\"", "\"}" },
		[FLOW_ACTION] = { "[\"", "\"]" },
		[FLOW_ANSWER] = { "([\"", "\"])" },
		[FLOW_SECTION] = { "[[\"", "\"]]" },
	};
	int kind = FLOW_ACTION;

	names_find(&node_kinds, step->kind, &kind);
	buf_printf(out, "\tn%lld%s", (long long)step->number, shapes[kind][0]);
	put_text(out, step->title);
	buf_printf(out, "%s\n", shapes[kind][1]);
}

static void put_edge(struct buf *out, const struct flow_step *step, const struct flow_step_way *way)
{
	buf_printf(out, "\tn%lld %s", (long long)step->number, way->back ? "-.->" : "-->");
	if (way->label.n) {
		buf_put(out, STR("|\""));
		put_text(out, way->label);
		buf_put(out, STR("\"|"));
	}
	if (way->number)
		buf_printf(out, " n%lld\n", (long long)way->number);
	else
		buf_put(out, way->ends ? STR(" finish([\"End\"])\n")
				       : STR(" nowhere[\"Leads nowhere yet\"]\n"));
}

void flow_put_mermaid(struct arena *a, struct buf *out, const struct flow_doc *d)
{
	struct list list = flow_steps(a, d);
	const struct flow_step *steps = list.items;

	buf_put(out, STR("flowchart TD\n"));
	for (size_t at = 0; at < list.n; at++)
		put_node(out, &steps[at]);
	for (size_t at = 0; at < list.n; at++)
		for (size_t way = 0; way < steps[at].ways.n; way++)
			put_edge(out, &steps[at],
				 (const struct flow_step_way *)steps[at].ways.items + way);
}
