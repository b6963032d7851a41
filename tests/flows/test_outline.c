/* Outlines and what is read of them; every problem with its line. */
#include "support/suite.h"

#include "flows/outline.h"
#include "kit/base/buf.h"

static void put_way(struct buf *out, struct str label, struct str next)
{
	if (label.n)
		buf_printf(out, " %.*s", STR_ARG(label));
	buf_printf(out, ">%.*s", next.n ? (int)next.n : 1, next.n ? next.p : ".");
}

/* "s1?Is it on? Yes>s2 No>s3|s2!It works=resolved|s3*Switch it on>s1"; "#" a section, "!" an
 * answer, "*" an action. */
static struct str dump(const struct flow_graph *g)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	for (size_t at = 0; at < g->nodes.n; at++) {
		const struct flow_node *n = &flow_nodes(g)[at];

		buf_printf(&out, "%s%.*s%c%.*s%s", at ? "|" : "", STR_ARG(n->id), "?*!#"[n->kind],
			   STR_ARG(n->title), n -> required ? "!" : "");
		if (n->body.n)
			buf_printf(&out, "{%.*s}", STR_ARG(n->body));
		if (n->help.n)
			buf_printf(&out, "{{%.*s}}", STR_ARG(n->help));
		if (n->kind == FLOW_ANSWER)
			buf_printf(&out, "=%.*s", STR_ARG(names_text(&outcomes, n->outcome)));
		for (size_t way = 0; way < flow_ways(n); way++)
			put_way(&out, flow_way(n, way).label, flow_way(n, way).next);
	}
	return buf_str(&out);
}

static struct flow_outline read_outline(struct str text)
{
	struct flow_outline o;

	flow_read_outline(arena, text, &o);
	return o;
}

struct row {
	const char *text, *type, *want;
};

static const struct row rows[] = {
	/* Checklists from anywhere. */
	{ "- [ ] Copy\n- [x] Check\n", "procedural", "s1*Copy>s2|s2*Check>." },
	{ "1. A\n2) B\n\n10. C", "procedural", "s1*A>s2|s2*B>s3|s3*C>." },
	{ "\xef\xbb\xbf* A  \r\n+ B\t\r\n\r\n• C\r\n– D", "procedural",
	  "s1*A>s2|s2*B>s3|s3*C>s4|s4*D>." },
	{ "Copy\nCheck\n", "procedural", "s1*Copy>s2|s2*Check>." },
	{ "## One\n- A\n## Two ##\n- B", "procedural", "s1#One>s2|s2*A>s3|s3#Two>s4|s4*B>." },
	{ "- [ ] A\n    - [ ] B\n    - [ ] C\n- [ ] D", "procedural",
	  "s1#A>s2|s2*B>s3|s3*C>s4|s4*D>." },
	{ "- [ ] Done?\n  - [ ] A\n- [ ] B", "procedural", "s1#Done?>s2|s2*A>s3|s3*B>." },
	{ "1. **A** (required)\n2. **B** and **C**\n---\n3. D (required)", "procedural",
	  "s1*A!>s2|s2***B** and **C**>s3|s3*D!>." },
	{ "type: maintenance\n- A", "maintenance", "s1*A>." },

	/* Questions. */
	{ "Is it on?\n  Yes: Good => resolved\n  No: Switch it on\n    -> Is it on?\n",
	  "troubleshooting", "s1?Is it on? Yes>s2 No>s3|s2!Good=resolved|s3*Switch it on>s1" },
	{ "Is it on?\n\tYes\n\t\tA\n\tNo\n\t\tB\nC", "troubleshooting",
	  "s1?Is it on? Yes>s2 No>s3|s2*A>s4|s3*B>s4|s4*C>s5|s5!Done=resolved" },
	{ "Is it on?\n  - Yes\n  - No => escalate", "troubleshooting",
	  "s1?Is it on? Yes>s3 No>s2|s2!Hand it to a colleague=escalate|s3!Done=resolved" },
	{ "Which light?\n  Red: A\n  Green: Is it dark?\n    Yes: B\n    No: C\nD => unresolved",
	  "troubleshooting",
	  "s1?Which light? Red>s2 Green>s3|s2*A>s6|s3?Is it dark? Yes>s4 No>s5|s4*B>s6|s5*C>s6|"
	  "s6!D=unresolved" },
	{ "Works\n  yes -> End\n  no: Retry -> works\nEnd => resolved", "troubleshooting",
	  "s1?Works yes>s3 no>s2|s2*Retry>s1|s3!End=resolved" },
	{ "1. Done?\n   Yes: A\n   No: B\n2. C", "procedural",
	  "s1?Done? Yes>s2 No>s3|s2*A>s4|s3*B>s4|s4*C>." },
	{ "A?\n  10:30: B\n  http://x.test: C\n  D", "troubleshooting",
	  "s1?A? 10:30>s2 http://x.test>s3 D>s4|s2*B>s4|s3*C>s4|s4!Done=resolved" },
	{ "A?\n  Yes: B\n    C\n  No → A", "troubleshooting",
	  "s1?A? Yes>s2 No>s1|s2*B>s3|s3*C>s4|s4!Done=resolved" },
	{ "Open Start -> Settings\nReturn -> open start", "procedural",
	  "s1*Open Start -> Settings>s2|s2*Return>s1" },
	{ "Is it?", "procedural", "s1*Is it?>." },
	{ "A\n=> resolved\n", "troubleshooting", "s1*A>s2|s2!Resolved=resolved" },

	/* Texts. */
	{ "A\n> One\n>\n>   two\nhelp: H\nHelp: I\nB", "procedural",
	  "s1*A{One\n\n  two}{{H\nI}}>s2|s2*B>." },
	{ "A?\n  Yes: B\n    > text\n  No: C => resolved\n    > more", "troubleshooting",
	  "s1?A? Yes>s2 No>s3|s2*B{text}>s4|s3!C{more}=resolved|s4!Done=resolved" },
};

START_TEST(reads_outlines)
{
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		struct flow_outline o = read_outline(str_of(rows[at].text));
		const struct flow_line_problem *p = o.problems.items;

		ck_assert_msg(!o.problems.n, "row %zu: %.*s", at,
			      STR_ARG(o.problems.n ? p->message : STR("")));
		ck_assert_text(dump(&o.doc.structure), str_of(rows[at].want));
		ck_assert_text(names_text(&flow_types, o.doc.type), str_of(rows[at].type));
		ck_assert_text(o.doc.structure.start, STR("s1"));
	}
}
END_TEST

static void check_head(const char *text, const char *name, const char *description, size_t steps)
{
	struct flow_outline o = read_outline(str_of(text));

	ck_assert_uint_eq(o.problems.n, 0);
	ck_assert_text(o.doc.name, str_of(name));
	ck_assert_text(o.doc.description, str_of(description));
	ck_assert_uint_eq(o.doc.structure.nodes.n, steps);
}

START_TEST(reads_name_and_description)
{
	check_head("# N\n\nTwo\nlines.\n\n- A\n- B", "N", "Two\nlines.", 2);
	check_head("# N\n> D\n> E\nA\nB", "N", "D\nE", 2);
	check_head("# N\nA\n\nB\n", "N", "", 2);
	check_head("Onboarding:\n- A", "Onboarding", "", 1);
	check_head("Is it on?\n  Yes\n  No", "Is it on?", "", 2);
	check_head("# N\n# S\nA", "N", "", 2);
	check_head("# N\ntype: procedural\n\nD.\n\n? x: X\n- A", "N", "D.", 1);
}
END_TEST

static struct str dump_fields(const struct flow_doc *d)
{
	struct buf out = buf_new(arena, 10000);

	for (size_t at = 0; at < d->intake.n; at++) {
		const struct flow_field *f = &flow_fields(d)[at];
		const struct str *options = f->options.items;

		buf_printf(&out, "%s%.*s,%.*s,%.*s%s", at ? "|" : "", STR_ARG(f->name),
			   STR_ARG(f->label), STR_ARG(names_text(&field_kinds, f->kind)),
			   f->required ? "!" : "");
		if (f->preset.p)
			buf_printf(&out, "=%.*s", STR_ARG(f->preset));
		for (size_t option = 0; option < f->options.n; option++)
			buf_printf(&out, "/%.*s", STR_ARG(options[option]));
		if (f->help.n)
			buf_printf(&out, "{%.*s}", STR_ARG(f->help));
	}
	return buf_str(&out);
}

START_TEST(reads_fields)
{
	struct flow_outline o =
		read_outline(STR("? server: Server name (ip, required)\nhelp: In the rack\n"
				 "? Site of work = Berlin | Leeds |\n? port: Port (number) = 443\n"
				 "? note: Note (see above)\n? s: S (select) = One\n- A\n"
				 "? Remote hands? (checkbox, optional)\n"));

	ck_assert_msg(o.problems.n == 0, "%.*s",
		      STR_ARG(((const struct flow_line_problem *)o.problems.items)->message));
	ck_assert_text(dump_fields(&o.doc),
		       STR("server,Server name,ip!{In the rack}|"
			   "site_of_work,Site of work,select/Berlin/Leeds|port,Port,number=443|"
			   "note,Note (see above),text|s,S,select/One|"
			   "remote_hands,Remote hands?,checkbox"));
}
END_TEST

START_TEST(a_long_line_is_the_text_of_its_step)
{
	char line[302];
	struct flow_outline o;
	const struct flow_node *n;

	memset(line, 'a', sizeof(line));
	memcpy(line + 300, "\n", 2);
	o = read_outline(str_of(line));
	n = flow_nodes(&o.doc.structure);
	ck_assert_uint_eq(str_utf8_length(n->title), FLOW_TITLE_MAX);
	ck_assert(str_ends(n->title, STR("…")));
	ck_assert_uint_eq(n->body.n, 300);
}
END_TEST

/* ---- problems ---- */

struct fault {
	const char *text;
	int64_t line;
	const char *says; /* a part of the sentence */
};

static const struct fault faults[] = {
	{ "", 1, "There is no step" },
	{ "# Name\n\n", 1, "There is no step" },
	{ "A?\n\tYes: B\n  No: C", 3, "mixed" },
	{ "A?\n    Yes: B\n  No: C", 3, "line up" },
	{ "  A\nB", 2, "line up" },
	{ "A?\n Yes\n No", 2, "2 to 8 spaces" },
	{ "A?\n         Yes", 2, "2 to 8 spaces" },
	{ "A?\n  Yes -> Nowhere\n  No: B", 2, "No step is called \"Nowhere\"" },
	{ "A\n-> Nowhere", 2, "No step is called \"Nowhere\"" },
	{ "A\nB\nB\n-> B", 4, "2 steps are called \"B\"" },
	{ "A\nB => finished", 2, "Write => resolved" },
	{ "type: recipe\nA", 1, "Write type: troubleshooting" },
	{ "- A\n? : x", 2, "Write a field as" },
	{ "? x: X\n? x: Y\nA", 2, "a field x already" },
	{ "## S\n? x\n> text\nA", 3, "no step above this text" },
	{ "? x\nhelp: it\nhelp: more\nA\nB", 0, NULL },
	{ "help: it\nA", 1, "no step above this help" },
	{ "A?\n  Yes\n    > text\n  No", 2, "no step in this line" },
	{ "A\n\xff\nB", 2, "UTF-8" },
	{ "- A\n-> Nowhere\n? : x", 2, "No step is called" },
};

START_TEST(names_the_line_of_each_problem)
{
	for (size_t at = 0; at < sizeof(faults) / sizeof(faults[0]); at++) {
		struct flow_outline o = read_outline(str_of(faults[at].text));
		const struct flow_line_problem *p = o.problems.items;

		if (!faults[at].says) {
			ck_assert_uint_eq(o.problems.n, 0);
			continue;
		}
		ck_assert_msg(o.problems.n > 0, "row %zu: no problem", at);
		ck_assert_msg(p->line == faults[at].line &&
				      str_contains(p->message, str_of(faults[at].says)),
			      "row %zu: line %lld: %.*s", at, (long long)p->line,
			      STR_ARG(p->message));
	}
}
END_TEST

static struct str repeat(const char *fmt, int n)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	for (int at = 0; at < n; at++)
		buf_printf(&out, "%s%d\n", fmt, at);
	return buf_str(&out);
}

static void check_only(struct flow_outline o, int64_t line, const char *says)
{
	const struct flow_line_problem *p = o.problems.items;

	ck_assert_uint_eq(o.problems.n, 1);
	ck_assert_int_eq(p->line, line);
	ck_assert(str_contains(p->message, str_of(says)));
}

START_TEST(keeps_its_bounds)
{
	struct flow_outline o = read_outline(repeat("- A", 600));

	check_only(o, 501, "at most 500 steps");
	ck_assert_uint_eq(o.doc.structure.nodes.n, 500);
	o = read_outline(str_fmt(arena, "Q?\n%.*s", STR_ARG(repeat("  A", 22))));
	check_only(o, 22, "at most 20 answers");
	o = read_outline(str_fmt(arena, "%.*sA", STR_ARG(repeat("? f", 101))));
	check_only(o, 101, "at most 100 fields");
	ck_assert_uint_eq(o.doc.intake.n, 100);
	o = read_outline(str_fmt(arena, "A\n%.*s", STR_ARG(repeat("> 012345678901234567", 1000))));
	check_only(o, 1, "more than 16000 characters");
	check_only(read_outline(repeat("- 012345678901234567", 12000)), 1, "more than 200 KB");
}
END_TEST

START_TEST(is_bounded_in_depth_and_in_problems)
{
	struct buf deep = buf_new(arena, 10000);
	struct flow_outline o;

	for (int at = 0; at < 22; at++)
		buf_printf(&deep, "%*sA%d\n", at * 2, "", at);
	o = read_outline(buf_str(&deep));
	ck_assert_int_eq(((const struct flow_line_problem *)o.problems.items)->line, 21);
	ck_assert_uint_eq(o.doc.structure.nodes.n, 22);
	o = read_outline(repeat("? : ", 200));
	ck_assert_uint_eq(o.problems.n, 50);
}
END_TEST

SUITE("flows/outline", reads_outlines, reads_name_and_description, reads_fields,
      a_long_line_is_the_text_of_its_step, names_the_line_of_each_problem, keeps_its_bounds,
      is_bounded_in_depth_and_in_problems)
