/* A flow written out: numbered steps, Markdown, Mermaid; and that no text of it becomes markup. */
#include "flow_doc.h"

#include "../kit/render/html_check.h"
#include "flows/write.h"
#include "kit/base/cache.h"
#include "kit/base/json.h"
#include "kit/render/markdown.h"

#define NAUGHTY "../shared/data/naughty-strings/blns.json"

static const char vpn[] =
	"{'start':'a','nodes':["
	"{'id':'a','kind':'decision','title':'Is it on?','body':'Look at [VAR:server].',"
	"'options':[{'id':'o1','label':'Yes','next':'c'},{'id':'o2','label':'No','next':'b'},"
	"{'id':'o3','label':'Maybe','next':null}]},"
	"{'id':'b','kind':'action','title':'Switch it on','next':'a'},"
	"{'id':'c','kind':'answer','title':'It works','help':'Say so.','outcome':'resolved'},"
	"{'id':'d','kind':'section','title':'Left over','next':'gone'}]}";
static const char server[] = "[{'name':'server','label':'Server <1>','kind':'text','required':true,"
			     "'help':'In the rack'}]";

static const char plan[] =
	"{'start':'s','nodes':["
	"{'id':'s','kind':'section','title':'Prepare','next':'t'},"
	"{'id':'t','kind':'action','title':'Copy C#','required':true,"
	"'body':'```\\n# not a heading\\n\\n\\tx','next':'u'},"
	"{'id':'u','kind':'action','title':'Check *it*','body':' ~~~\\ny','next':null}]}";

static const struct flow_step_way *way(const struct flow_step *step, size_t at)
{
	ck_assert_uint_lt(at, step->ways.n);
	return (const struct flow_step_way *)step->ways.items + at;
}

START_TEST(numbers_steps_in_reading_order)
{
	struct flow_doc d = doc_of(FLOW_TROUBLESHOOTING, vpn, server);
	struct list list = flow_steps(arena, &d);
	const struct flow_step *steps = list.items;

	ck_assert_uint_eq(list.n, 4);
	ck_assert_text(steps[0].id, STR("a"));
	ck_assert(steps[0].start && steps[0].decision && !steps[0].straight);
	ck_assert_text(steps[1].id, STR("c"));
	ck_assert(steps[1].answer && steps[1].ways.n == 0);
	ck_assert_text(steps[1].outcome, STR("Resolved"));
	ck_assert_text(steps[2].id, STR("b"));
	ck_assert_int_eq(steps[2].number, 3);
	ck_assert(steps[3].unreachable && !steps[2].unreachable);
	ck_assert_uint_eq(steps[0].body.s.n, 0);
}
END_TEST

START_TEST(titles_name_fields_by_their_labels)
{
	struct flow_doc d = doc_of(
		FLOW_TROUBLESHOOTING,
		"{'start':'a','nodes':[{'id':'a','kind':'decision','title':'Is [VAR:server] on, "
		"[VAR:nobody]?','options':[{'id':'o','label':'[VAR:server]','next':'a'}]}]}",
		server);
	const struct flow_step *told = flow_steps_told(arena, NULL, &d).items;
	struct flow_doc labelled = flow_labelled(arena, &d);

	ck_assert_text(told->title, STR("Is [Server <1>] on, [nobody]?"));
	ck_assert_text(way(told, 0)->label, STR("[Server <1>]"));
	ck_assert_text(way(told, 0)->target, STR("Is [Server <1>] on, [nobody]?"));
	ck_assert_text(flow_nodes(&labelled.structure)->title, told->title);
	ck_assert_text(((const struct flow_step *)flow_steps(arena, &d).items)->title,
		       STR("Is [VAR:server] on, [VAR:nobody]?"));
}
END_TEST

START_TEST(tells_where_each_way_leads)
{
	struct flow_doc d = doc_of(FLOW_TROUBLESHOOTING, vpn, server);
	const struct flow_step *steps = flow_steps(arena, &d).items;

	ck_assert_text(way(&steps[0], 1)->label, STR("No"));
	ck_assert_text(way(&steps[0], 1)->target, STR("Switch it on"));
	ck_assert_int_eq(way(&steps[0], 1)->number, 3);
	ck_assert(!way(&steps[0], 1)->back);
	ck_assert(way(&steps[0], 2)->missing && !way(&steps[0], 2)->ends);
	ck_assert(way(&steps[2], 0)->back && way(&steps[2], 0)->number == 1);
	ck_assert(way(&steps[3], 0)->missing && !way(&steps[3], 0)->number);
}
END_TEST

START_TEST(a_procedure_goes_straight_and_ends)
{
	struct flow_doc d = doc_of(FLOW_PROCEDURAL, plan, "[]");
	const struct flow_step *steps = flow_steps(arena, &d).items;

	ck_assert(steps[0].straight && steps[1].straight && !steps[2].straight);
	ck_assert(way(&steps[2], 0)->ends && !way(&steps[2], 0)->missing);
	ck_assert(steps[1].required && steps[0].section);
	d.type = FLOW_TROUBLESHOOTING;
	steps = flow_steps(arena, &d).items;
	ck_assert(way(&steps[2], 0)->missing);
}
END_TEST

static struct str body(const char *text, const char *intake)
{
	struct flow_doc d = doc_of(FLOW_PROCEDURAL, plan, intake);
	struct str html = flow_text_html(arena, NULL, &d, str_of(text)).s;
	const char *fault;

	html_has_places = true;
	fault = html_fault(html);
	ck_assert_msg(!fault, "%s in %.*s", fault, STR_ARG(html));
	return html;
}

#define PLACE "<span class=\"var\" data-name=\"server\">Server &lt;1&gt; <code>server</code></span>"

START_TEST(shows_variables_as_places)
{
	ck_assert_text(body("**[VAR:server]** is", server),
		       STR("<p><strong>" PLACE "</strong> is</p>\n"));
	ck_assert_text(body("`[VAR:server]`", server), STR("<p><code>" PLACE "</code></p>\n"));
	ck_assert_text(body("[VAR:_x_]", server),
		       STR("<p><span class=\"var unknown\" data-name=\"_x_\"><code>_x_</code> "
			   "<em>is no field of this flow</em></span></p>\n"));
	ck_assert_text(body("[go](https://x.test/[VAR:server]?a) [VAR:server](/x)", server),
		       STR("<p><a href=\"https://x.test/[VAR:server]?a\" "
			   "rel=\"noopener noreferrer\">go</a> " PLACE "(/x)</p>\n"));
	ck_assert_text(body("[VAR:] [VAR:a b]", server), STR("<p>[VAR:] [VAR:a b]</p>\n"));
}
END_TEST

/* What is kept of a text holds for every flow: a label is the flow's own. */
START_TEST(keeps_no_label)
{
	struct flow_doc with = doc_of(FLOW_PROCEDURAL, plan, server);
	struct flow_doc without = doc_of(FLOW_PROCEDURAL, plan, "[]");
	struct cache *made = cache_new(10000);

	for (int time = 0; time < 2; time++) {
		ck_assert_text(flow_text_html(arena, made, &with, STR("[VAR:server]")).s,
			       STR("<p>" PLACE "</p>\n"));
		ck_assert_text(
			flow_text_html(arena, made, &without, STR("[VAR:server]")).s,
			STR("<p><span class=\"var unknown\" data-name=\"server\"><code>server"
			    "</code> <em>is no field of this flow</em></span></p>\n"));
	}
	cache_free(made);
}
END_TEST

#define MARK "\xef\xb7\x90"

START_TEST(takes_no_marks_of_an_author)
{
	ck_assert_text(body(MARK "0" MARK " [VAR:server]", server), STR("<p>0 " PLACE "</p>\n"));
	ck_assert_text(body("[VAR:server] " MARK "0" MARK, server), STR("<p>" PLACE " 0</p>\n"));
	ck_assert_text(body("&#xFDD0;7&#xFDD0; a", server), STR("<p> a</p>\n"));
	ck_assert_text(body("&#xFDD0;x [VAR:server]", server), STR("<p>x " PLACE "</p>\n"));
}
END_TEST

START_TEST(shows_what_markdown_refuses_as_it_was_written)
{
	char *deep = arena_alloc(arena, 20001, 1);

	memset(deep, 'a', 20000);
	deep[0] = '<';
	ck_assert(str_starts(body(deep, server), STR("<pre>&lt;aaa")));
}
END_TEST

static struct str markdown(const struct flow_doc *d)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	flow_put_markdown(arena, &out, d);
	return buf_str(&out);
}

START_TEST(writes_markdown)
{
	struct flow_doc d = doc_of(FLOW_TROUBLESHOOTING, vpn, server);

	d.description = STR("What to do\r\n\r\nfirst");
	ck_assert_text(markdown(&d),
		       STR("# A flow\n\n> What to do\n>\n> first\n\n## To fill in\n\n"
			   "- **Server \\<1\\>** `[VAR:server]` (required) – In the rack: "
			   "____________\n\n## Steps\n\n"
			   "1. **Is it on?**\n\n   Look at [VAR:server].\n\n"
			   "   **If Yes**: go to step 2\n\n   **If No**: go to step 3\n\n"
			   "   **If Maybe**: nowhere yet\n\n"
			   "2. **It works**\n\n   > Say so.\n\n   Outcome: Resolved\n\n"
			   "3. **Switch it on**\n\n   Then: go to step 1 (back)\n\n"
			   "4. ### Left over (no step leads here)\n\n"
			   "   Then: nowhere yet\n"));
}
END_TEST

START_TEST(an_open_fence_ends_with_its_step)
{
	struct flow_doc d = doc_of(FLOW_PROCEDURAL, plan, "[]");
	struct html html;

	d.name = STR("C# #");
	ck_assert_ptr_null(markdown_html(arena, markdown(&d), &html));
	ck_assert_text(html.s,
		       STR("<h3>C# #</h3>\n<h4>Steps</h4>\n<ol>\n<li><h5>Prepare</h5>\n</li>\n"
			   "<li><p><strong>Copy C#</strong> (required)</p>\n"
			   "<pre><code># not a heading\n\n    x\n</code></pre>\n</li>\n"
			   "<li><p><strong>Check *it*</strong></p>\n<pre><code>y\n</code></pre>\n"
			   "<p>Then: the flow ends</p>\n</li>\n</ol>\n"));
}
END_TEST

static struct str mermaid(const struct flow_doc *d)
{
	struct buf out = buf_new(arena, (size_t)1 << 20);

	flow_put_mermaid(arena, &out, d);
	return buf_str(&out);
}

START_TEST(writes_mermaid)
{
	struct flow_doc d = doc_of(FLOW_TROUBLESHOOTING, vpn, server);

	ck_assert_text(mermaid(&d),
		       STR("flowchart TD\n\tn1{\"Is it on?\"}\n\tn2([\"It works\"])\n"
			   "\tn3[\"Switch it on\"]\n\tn4[[\"Left over\"]]\n"
			   "\tn1 -->|\"Yes\"| n2\n\tn1 -->|\"No\"| n3\n"
			   "\tn1 -->|\"Maybe\"| nowhere[\"Leads nowhere yet\"]\n\tn3 -.-> n1\n"
			   "\tn4 --> nowhere[\"Leads nowhere yet\"]\n"));
	d = doc_of(FLOW_PROCEDURAL, plan, "[]");
	ck_assert_text(mermaid(&d), STR("flowchart TD\n\tn1[[\"Prepare\"]]\n\tn2[\"Copy C#35;\"]\n"
					"\tn3[\"Check #42;it#42;\"]\n\tn1 --> n2\n\tn2 --> n3\n"
					"\tn3 --> finish([\"End\"])\n"));
}
END_TEST

/* ---- hostile texts ---- */

/* A flow all of whose texts are this one. */
static struct flow_doc doc_with(struct str text)
{
	struct flow_doc d = { .name = text, .description = text, .type = FLOW_TROUBLESHOOTING };
	struct flow_option *options = ARENA_ARRAY(arena, struct flow_option, 2);
	struct flow_node *nodes = ARENA_ARRAY(arena, struct flow_node, 2);
	struct flow_field *field = ARENA_NEW(arena, struct flow_field);

	*field = (struct flow_field){ .name = STR("x"), .label = text, .help = text };
	options[0] = (struct flow_option){ STR("1"), text, STR("b") };
	options[1] = (struct flow_option){ STR("2"), text, STR("a") };
	nodes[0] = (struct flow_node){ .id = STR("a"),
				       .kind = FLOW_DECISION,
				       .title = text,
				       .outcome = -1,
				       .options = LIST_OF(options, 2) };
	nodes[0].body = str_fmt(arena, "%.*s\n[VAR:x]", STR_ARG(text));
	nodes[0].help = str_fmt(arena, "[VAR:x]%.*s", STR_ARG(text));
	nodes[1] = (struct flow_node){ .id = STR("b"), .kind = FLOW_ANSWER, .title = text };
	d.structure = (struct flow_graph){ STR("a"), LIST_OF(nodes, 2) };
	d.intake = LIST_OF(field, 1);
	return d;
}

static struct str tags_of(struct str html)
{
	struct buf tags = buf_new(arena, html.n + 1);
	bool in_tag = false;

	for (size_t at = 0; at < html.n; at++) {
		in_tag |= html.p[at] == '<';
		if (in_tag)
			buf_putc(&tags, html.p[at]);
		in_tag &= html.p[at] != '>';
	}
	return buf_str(&tags);
}

/* What is not in quotes is the same whatever the texts are; in quotes there is nothing special. */
static struct str without_quoted(struct str text)
{
	struct buf out = buf_new(arena, text.n + 1);
	bool in = false;

	for (size_t at = 0; at < text.n; at++) {
		ck_assert(!in || !strchr("<>{}[]()|\\`'&;%\n\r\t", text.p[at]) ||
			  (text.p[at] == ';' && text.p[at - 1] >= '0' && text.p[at - 1] <= '9'));
		in ^= text.p[at] == '"';
		if (!in)
			buf_putc(&out, text.p[at]);
	}
	return buf_str(&out);
}

static void stays_text(struct str text)
{
	struct flow_doc d = doc_with(text), plain = doc_with(STR("a"));
	const struct flow_step *step = flow_steps_told(arena, NULL, &d).items;
	const char *fault;
	struct html html, want;

	html_has_places = true;
	fault = html_fault(
		str_fmt(arena, "%.*s%.*s", STR_ARG(step->body.s), STR_ARG(step->help.s)));
	ck_assert_msg(!fault, "%s in \"%.*s\"", fault, STR_ARG(text));
	ck_assert(str_contains(step->body.s, STR("data-name=\"x\"")));
	ck_assert_text(without_quoted(mermaid(&d)), without_quoted(mermaid(&plain)));
	for (int at = 0; at < 2; at++) {
		struct flow_doc *one = at ? &plain : &d;
		struct flow_node *nodes = ARENA_ARRAY(arena, struct flow_node, 2);

		memcpy(nodes, one->structure.nodes.items, sizeof(*nodes) * 2);
		nodes[0].body = nodes[0].help = one->description = STR("");
		one->structure.nodes.items = nodes;
	}
	ck_assert_ptr_null(markdown_html(arena, markdown(&d), &html));
	ck_assert_ptr_null(markdown_html(arena, markdown(&plain), &want));
	ck_assert_msg(str_eq(tags_of(html.s), tags_of(want.s)), "\"%.*s\" made %.*s", STR_ARG(text),
		      STR_ARG(html.s));
}

START_TEST(our_hostile_texts_stay_texts)
{
	static const char *const texts[] = {
		"<script>alert(1)</script>",
		"\"]; click n1 href \"javascript:alert(1)\"",
		"end",
		"%%{init: {}}%%",
		"a\n# b\r- c\r\nd",
		"[x](javascript:alert(1))",
		"![x](//y)",
		"**a** _b_ `c` ~~d~~",
		"#quot;&quot;&#34;",
		"1. a",
		"- a",
		"> a",
		"***",
		"a | b\n-|-",
		"<https://x.test>",
		"\\",
		"`",
		"```",
		"style a:#b;",
		" # ",
		"[VAR:x]",
		"[VAR:<b>]",
		"<!-- ",
		"</span>",
		"data-name=\"",
		MARK "0" MARK,
		"\x01\x7f",
		"$x$ $$",
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		stays_text(str_of(texts[at]));
}
END_TEST

START_TEST(naughty_strings_stay_texts)
{
	const struct json *list;
	struct str text = suite_read(NAUGHTY);

	if (!text.p) {
		printf("skip: naughty strings are not on this machine\n");
		return;
	}
	ck_assert_ptr_null(json_parse(arena, text, &json_default_limits, &list));
	ck_assert_uint_gt(json_length(list), 400);
	for (size_t at = 0; at < json_length(list); at++)
		if (json_str(json_item(list, at)).n)
			stays_text(json_str(json_item(list, at)));
}
END_TEST

SUITE("flows/write", numbers_steps_in_reading_order, titles_name_fields_by_their_labels,
      tells_where_each_way_leads, a_procedure_goes_straight_and_ends, shows_variables_as_places,
      keeps_no_label, takes_no_marks_of_an_author, shows_what_markdown_refuses_as_it_was_written,
      writes_markdown, an_open_fence_ends_with_its_step, writes_mermaid,
      our_hostile_texts_stay_texts, naughty_strings_stay_texts)
