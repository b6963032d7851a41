/* Markdown: what it looks like, and that nothing an author writes gets past the writer. */
#include "support/suite.h"

#include <stdio.h>
#include <time.h>

#include "kit/base/cache.h"
#include "kit/base/clock.h"
#include "kit/base/json.h"
#include "kit/render/markdown.h"
#include "html_check.h"
#include "support/patience.h"

#define NAUGHTY "../shared/data/naughty-strings/blns.json"

static struct str html(struct str text)
{
	struct html ret;
	const struct err *e = markdown_html(arena, text, &ret);
	const char *fault;

	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	fault = html_fault(ret.s);
	ck_assert_msg(!fault, "%s in \"%.*s\" made of \"%.*s\"", fault, STR_ARG(ret.s),
		      STR_ARG(text));
	return ret.s;
}

#define CHECK(text, want) ck_assert_text(html(STR(text)), STR(want))

START_TEST(writes_text)
{
	CHECK("", "");
	ck_assert_text(html(STR_NONE), STR(""));
	CHECK("a *b* **c** ~~d~~ `<e>`\nf  \ng", "<p>a <em>b</em> <strong>c</strong> <del>d</del> "
						 "<code>&lt;e&gt;</code>\nf<br>\ng</p>\n");
	CHECK("> q\n\n---\n", "<blockquote>\n<p>q</p>\n</blockquote>\n<hr>\n");
	CHECK("&copy; &amp; &#60;b&#x3E; &#0; &#xD800; &#x1F600;",
	      "<p>&copy; &amp; &lt;b&gt; \xef\xbf\xbd \xef\xbf\xbd \xf0\x9f\x98\x80</p>\n");
	CHECK("&#233; &#x20ac; &#1; &#x110000;",
	      "<p>\xc3\xa9 \xe2\x82\xac \xef\xbf\xbd \xef\xbf\xbd</p>\n");
}
END_TEST

START_TEST(reads_emphasis_as_commonmark_does)
{
	CHECK("*a **b***", "<p><em>a <strong>b</strong></em></p>\n");
	CHECK("***a***", "<p><em><strong>a</strong></em></p>\n");
	CHECK("**a*b**c*", "<p><strong>a*b</strong>c*</p>\n");
	CHECK("a_b_c _d_ __e__ 2*3*4 * x *",
	      "<p>a_b_c <em>d</em> <strong>e</strong> 2<em>3</em>4 * x *</p>\n");
	CHECK("*a _b* c_", "<p><em>a _b</em> c_</p>\n");
	CHECK("~a~ ~~b~~ ~c~~ ~~~d~~~", "<p><del>a</del> <del>b</del> ~c~~ ~~~d~~~</p>\n");
	CHECK("`a *b* ``c`` d` `` e`f `` `g",
	      "<p><code>a *b* ``c`` d</code> <code>e`f</code> `g</p>\n");
	CHECK("\\*a\\* \\a \\& \\\nb", "<p>*a* \\a &amp; <br>\nb</p>\n");
	CHECK("*a [b* c](/d)", "<p>*a <a href=\"/d\">b* c</a></p>\n");
}
END_TEST

START_TEST(reads_blocks_as_commonmark_does)
{
	CHECK("a\n===\nb\n---\n***\n", "<h3>a</h3>\n<h4>b</h4>\n<hr>\n");
	CHECK("# a #\n#b\n####### c\n#\n", "<h3>a</h3>\n<p>#b\n####### c</p>\n<h3></h3>\n");
	CHECK("> a\nb\n> - c\nd\n\ne", "<blockquote>\n<p>a\nb</p>\n<ul>\n<li>c\nd</li>\n</ul>\n"
				       "</blockquote>\n<p>e</p>\n");
	CHECK("a\n    b\n\n    c\n\n     d\n\n\ne",
	      "<p>a\nb</p>\n<pre><code>c\n\n d\n</code></pre>\n<p>e</p>\n");
	CHECK("~~~\n```\n\n  a\n~~~~\nb", "<pre><code>```\n\n  a\n</code></pre>\n<p>b</p>\n");
	CHECK("  ```\n  a\n b\n   c", "<pre><code>a\nb\n c\n</code></pre>\n");
	CHECK("a\r\nb\r\n\r\n- c\r\n", "<p>a\nb</p>\n<ul>\n<li>c</li>\n</ul>\n");
}
END_TEST

START_TEST(reads_lists_as_commonmark_does)
{
	CHECK("- a\n  - b\n    c\n- d",
	      "<ul>\n<li>a\n<ul>\n<li>b\nc</li>\n</ul>\n</li>\n<li>d</li>\n</ul>\n");
	CHECK("- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n");
	CHECK("1. a\n\n   b\n2. c",
	      "<ol>\n<li><p>a</p>\n<p>b</p>\n</li>\n<li><p>c</p>\n</li>\n</ol>\n");
	CHECK("- a\n+ b\n1. c\n2) d",
	      "<ul>\n<li>a</li>\n</ul>\n<ul>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n"
	      "</ol>\n<ol start=\"2\">\n<li>d</li>\n</ol>\n");
	CHECK("a\n- b\n\nc\n2. d", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n<p>c\n2. d</p>\n");
	CHECK("- ```\n  a\n\n  b\n  ```\n- c",
	      "<ul>\n<li><pre><code>a\n\nb\n</code></pre>\n</li>\n<li>c</li>\n</ul>\n");
	CHECK("-\n- a\n-b\n", "<ul>\n<li></li>\n<li>a\n-b</li>\n</ul>\n");
	CHECK("-\ta\n\tb\n", "<ul>\n<li>a\nb</li>\n</ul>\n");
	CHECK("* * *\n- - a\n", "<hr>\n<ul>\n<li><ul>\n<li>a</li>\n</ul>\n</li>\n</ul>\n");
}
END_TEST

START_TEST(reads_tables_as_github_does)
{
	struct str page = html(STR("x\n\na | b\n- | -\n`c\\|d` | *e* | f\n\n|g|\n|-|\nh\n> i"));

	ck_assert(str_contains(page, STR("<p>x</p>\n<div ")));
	ck_assert(str_contains(
		page, STR("<tr><td><code>c|d</code></td><td><em>e</em></td></tr>\n</tbody>")));
	ck_assert(str_contains(
		page,
		STR("<tr><th scope=\"col\">g</th></tr>\n</thead>\n<tbody>\n<tr><td>h</td></tr>\n"
		    "</tbody>\n</table></div>\n<blockquote>")));
	CHECK("|a|b|\n|-|\n", "<p>|a|b|\n|-|</p>\n");
	html(STR("|a|\n|-|"));
}
END_TEST

START_TEST(headings_begin_at_the_third_level)
{
	CHECK("# a\n## b\n### c\n#### d\n##### e\n###### f\n",
	      "<h3>a</h3>\n<h4>b</h4>\n<h5>c</h5>\n<h6>d</h6>\n<h6>e</h6>\n<h6>f</h6>\n");
}
END_TEST

START_TEST(writes_lists)
{
	CHECK("- a\n- b\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
	CHECK("1. a\n", "<ol>\n<li>a</li>\n</ol>\n");
	CHECK("7) a\n", "<ol start=\"7\">\n<li>a</li>\n</ol>\n");
	CHECK("- [ ] a\n- [x] b\n", "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled "
				    "aria-label=\"Not done\"> a</li>\n"
				    "<li class=\"task\"><input type=\"checkbox\" checked disabled "
				    "aria-label=\"Done\"> b</li>\n</ul>\n");
}
END_TEST

START_TEST(names_only_plain_languages)
{
	CHECK("```c++\na<b\n```\n", "<pre><code class=\"language-c++\">a&lt;b\n</code></pre>\n");
	CHECK("```x-1_ more\n```\n", "<pre><code class=\"language-x-1_\"></code></pre>\n");
	CHECK("```\"onload=x\n```\n", "<pre><code></code></pre>\n");
	CHECK("```a&quot;b\n```\n", "<pre><code></code></pre>\n");
	CHECK("```Bash\n```\n", "<pre><code></code></pre>\n");
	CHECK("```aaaaaaaaaabbbbbbbbbbccccccccccd\n```\n", "<pre><code></code></pre>\n");
	CHECK("    x\n", "<pre><code>x\n</code></pre>\n");
}
END_TEST

START_TEST(tables_scroll)
{
	CHECK("|a|b|c|\n|---|:-:|--:|\n|1|2|3|\n",
	      "<div class=\"table-scroll\" role=\"group\" aria-label=\"Table\" "
	      "tabindex=\"0\"><table>\n<thead>\n"
	      "<tr><th scope=\"col\">a</th><th scope=\"col\" class=\"align-center\">b</th>"
	      "<th scope=\"col\" class=\"align-right\">c</th></tr>\n</thead>\n<tbody>\n"
	      "<tr><td>1</td><td class=\"align-center\">2</td><td "
	      "class=\"align-right\">3</td></tr>\n"
	      "</tbody>\n</table></div>\n");
}
END_TEST

START_TEST(links_where_nothing_can_run)
{
	CHECK("[a](https://x.test/?b=1&c=\"2\")",
	      "<p><a href=\"https://x.test/?b=1&amp;c=&quot;2&quot;\" rel=\"noopener "
	      "noreferrer\">a</a></p>\n");
	CHECK("<HTTP://x.test> <b@c.test>",
	      "<p><a href=\"HTTP://x.test\" rel=\"noopener noreferrer\">HTTP://x.test</a> "
	      "<a href=\"mailto:b@c.test\">b@c.test</a></p>\n");
	CHECK("[a](/flows/1) [b](#top) [c](/) [d](</a b>)",
	      "<p><a href=\"/flows/1\">a</a> <a href=\"#top\">b</a> <a href=\"/\">c</a> "
	      "<a href=\"/a%20b\">d</a></p>\n");
	CHECK("[a *b*](/x 'title') [c]( </y> \"t\" ) [d](/z (t))",
	      "<p><a href=\"/x\">a <em>b</em></a> <a href=\"/y\">c</a> <a href=\"/z\">d</a></p>\n");
	CHECK("[a [b](/c) d](/e) *[f*](/g)",
	      "<p>[a <a href=\"/c\">b</a> d](/e) *<a href=\"/g\">f*</a></p>\n");
	CHECK("[a](/b(c)d) [e](/f\\)g) \\[h](/i)",
	      "<p><a href=\"/b(c)d\">a</a> <a href=\"/f)g\">e</a> [h](/i)</p>\n");
	CHECK("[a](/b \"c) <ns:tag> </ns:tag> <p> [d]",
	      "<p>[a](/b &quot;c) &lt;ns:tag&gt; &lt;/ns:tag&gt; &lt;p&gt; [d]</p>\n");
	CHECK("[](/x)", "<p><a href=\"/x\">/x</a></p>\n");
	CHECK("[a](/x?a=1&amp;b&#61;2)", "<p><a href=\"/x?a=1&amp;b=2\">a</a></p>\n");
}
END_TEST

START_TEST(images_become_links)
{
	CHECK("![a **b**](/x.png)", "<p><a href=\"/x.png\">a <strong>b</strong></a></p>\n");
	CHECK("![a](data:image/png,x)", "<p>a</p>\n");
	CHECK("[![a](/x.png) b](/y)", "<p><a href=\"/y\">a b</a></p>\n");
	CHECK("[![a](/x.png) b](vbscript:y)", "<p><a href=\"/x.png\">a</a> b</p>\n");
	CHECK("![a ![b](/y)](/x)", "<p><a href=\"/x\">a b</a></p>\n");
	CHECK("![](/x.png)", "<p><a href=\"/x.png\">/x.png</a></p>\n");
}
END_TEST

START_TEST(no_other_link_is_one)
{
	static const char *const hostile[] = {
		"javascript:alert(1)",
		"JaVaScRiPt:alert(1)",
		"javascript&colon;alert(1)",
		"javascript&#58;alert(1)",
		"javascript&#x3a;alert(1)",
		"&#106;avascript:alert(1)",
		"&#x6A;&#x61;vascript:alert(1)",
		"java&#10;script:alert(1)",
		"java&Tab;script:alert(1)",
		"java&NewLine;script:alert(1)",
		"&#1;javascript:alert(1)",
		"&#32;javascript:alert(1)",
		"&nbsp;javascript:alert(1)",
		"\x01javascript:alert(1)",
		"\xc2\xa0javascript:alert(1)",
		"data:text/html,<b>",
		"DATA:text/html;base64,PHM+",
		"vbscript:msgbox",
		"VBScript:x",
		"file:///etc/passwd",
		"ftp://x.test/",
		"blob:x",
		"about:blank",
		"view-source:x",
		"intent:x",
		"//x.test",
		"/\\x.test",
		"/\\\\x.test",
		"\\\\\\\\x.test",
		"&#47;/x.test",
		"/&#47;x.test",
		"/&#92;x.test",
		"&sol;&sol;x.test",
		"/&#9;/x.test",
		"/&#10;/x.test",
		"/&#x0d;/x.test",
		"x.html",
		"../x",
		"?q=1",
		"http:x.test",
		"https:/x.test",
		"http:\\\\\\\\x.test",
		"http://",
		"mailto:",
		"feed:javascript:x",
		"jar:javascript:x",
		"livescript:x",
		"mocha:x",
		"javascript\\:alert(1)",
		"http&colon;//x.test",
		"htt&#112",
		"%6aavascript:x",
		"ht\x7ftps://x.test",
	};

	for (size_t at = 0; at < sizeof(hostile) / sizeof(hostile[0]); at++) {
		const char *forms[] = { "[t](%s)", "[t](<%s>)", "![t](%s)",    "[t][r]\n\n[r]: %s",
					"<%s>",    "[t]( %s )", "[t](<  %s>)", "[t](%s \"%s\")" };

		for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
			char text[512];
			struct str page;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof(text), forms[form], hostile[at], hostile[at]);
#pragma GCC diagnostic pop
			page = html(str_of(text));
			ck_assert_msg(!str_contains(page, STR("<a ")), "%s: %.*s", text,
				      STR_ARG(page));
		}
	}
}
END_TEST

START_TEST(html_is_inert)
{
	CHECK("<script>alert(1)</script>\n\n<b onclick=x>y</b> <!-- z -->",
	      "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
	      "<p>&lt;b onclick=x&gt;y&lt;/b&gt; &lt;!-- z --&gt;</p>\n");
	CHECK("<div>\n*a*\n</div>", "<p>&lt;div&gt;\n<em>a</em>\n&lt;/div&gt;</p>\n");
	CHECK("a\0b `\0`", "<p>a\xef\xbf\xbd"
			   "b <code>\xef\xbf\xbd</code></p>\n");
	html(STR("    \0\n\0\n\n```\0\n\0\n"));
	html(STR("[a](/\0x) [b\0](\0) ![\0](https://\0) <http://\0>"));
}
END_TEST

static struct str repeat(const char *what, size_t total)
{
	size_t n = strlen(what), times = total / n;
	char *text = arena_alloc(arena, times * n + 1, 1);

	for (size_t at = 0; at < times; at++)
		memcpy(text + at * n, what, n);
	return (struct str){ text, times * n };
}

/* Time of the processor, since the machine may be busy with something else. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

/* Either a sound page or a plain refusal, and soon. */
static void check_bounded(struct str text, const char *what)
{
	size_t used = arena_used(arena);
	int64_t before = cpu_us(), took;
	struct html ret = { STR("") };
	const struct err *e = markdown_html(arena, text, &ret);

	took = cpu_us() - before;
	used = arena_used(arena) - used;
	ck_assert_msg(took < patient(100) * 1000, "%s took %d us", what, (int)took);
	ck_assert_msg(used < (size_t)6 * 1024 * 1024, "%s used %zu bytes", what, used);
	if (e)
		ck_assert_int_eq(e->kind, ERR_INVALID);
	else
		ck_assert_msg(!html_fault(ret.s), "%s: %s", what, html_fault(ret.s));
}

START_TEST(nothing_takes_long)
{
	static const char *const patterns[] = {
		"![[]()",
		"|",
		"a@",
		"> ",
		"*a_ ",
		"**a ",
		"[",
		"]",
		"[a](",
		"![a](",
		"<",
		"`",
		"`a``b```",
		"*",
		"_a*",
		"- ",
		"1. ",
		"~~a~ ",
		"&",
		"&#1;",
		"\\",
		"[a]: b\n",
		"[a][b]",
		"|a\n",
		"<a@b.c",
		"# a\n",
		"***a** b* ",
		"\t",
		"* * * a\n",
		"[[a]",
		"a\n> b\n",
		"<!--",
		"<?",
		"<![CDATA[",
		"<a href='",
		"~",
		"- - a\n ",
		"- [ ] ",
		"![",
		"[x](<y> '",
		"|-",
		"\n|---|\n|",
		"((",
		"\"",
		"\r",
		"\0",
		"\xf0\x9f\x98\x80",
		"\xc3",
		"&a;",
	};

	for (size_t at = 0; at < sizeof(patterns) / sizeof(patterns[0]); at++) {
		struct str text =
			patterns[at][0]
				? repeat(patterns[at], MARKDOWN_MAX)
				: (struct str){ arena_alloc(arena, MARKDOWN_MAX, 1), MARKDOWN_MAX };

		check_bounded(text, patterns[at]);
	}
}
END_TEST

static struct str joined(struct str a, struct str b, struct str c)
{
	return str_fmt(arena, "%.*s%.*s%.*s", STR_ARG(a), STR_ARG(b), STR_ARG(c));
}

START_TEST(nothing_grows_large)
{
	struct str half = repeat("a", MARKDOWN_MAX / 2);

	/* One long address used often; a wide table of empty rows; quotes within quotes. */
	check_bounded(joined(str_fmt(arena, "[a]: /%.*s\n\n", STR_ARG(half)),
			     repeat("[a]", MARKDOWN_MAX / 2 - 8), STR("")),
		      "a long address");
	check_bounded(
		joined(str_fmt(arena, "[a]: /%.1900s\n\n", half.p), repeat("[a]", 14000), STR("")),
		"an address");
	check_bounded(joined(str_fmt(arena, "%.*s\n", STR_ARG(repeat("|a", 3000))),
			     str_fmt(arena, "%.*s\n", STR_ARG(repeat("|---", 6000))),
			     repeat("|\n", 7000)),
		      "a wide table");
	check_bounded(joined(repeat("> ", 8000), repeat("- ", 8000), STR("a")), "quotes and lists");
	check_bounded(joined(repeat("*a **b ", 7000), STR("c"), repeat("** *", 7000)), "emphasis");
	check_bounded(joined(repeat("[", 8000), STR("a"), repeat("](/x)", 8000)), "brackets");
	html(str_fmt(arena, "[a](/%.1999s) [b](/%.2000s) [c](<#%.1998s>)", half.p, half.p, half.p));
	check_bounded(repeat("- a\n+ b\n", MARKDOWN_MAX), "many lists");
	check_bounded(repeat("a\n\n", MARKDOWN_MAX), "many paragraphs");
	check_bounded(joined(STR("|a|b|\n|-|-|\n"), repeat("\\||\n", 16000), STR("")),
		      "escaped bars");
	check_bounded(repeat("[a](b \"", MARKDOWN_MAX), "titles that do not end");
	check_bounded(repeat("*a_b~c~d", MARKDOWN_MAX), "runs that do not match");
	check_bounded(repeat("*a _b **c __d ~e", MARKDOWN_MAX), "runs that open");
	check_bounded(joined(repeat("*a _b ~c ", 8000), repeat("d** e__ f~~ ", 8000), STR("")),
		      "runs that miss");
	check_bounded(repeat("- ```\n", MARKDOWN_MAX), "fences in items");
	check_bounded(repeat("> ```\n", MARKDOWN_MAX), "fences in quotes");
	check_bounded(joined(repeat("- ", 40), repeat("\n", 16000), STR("a")), "blank lines");
	check_bounded(joined(repeat("![", 8000), STR("a"), repeat("](/x)", 8000)), "images");
}
END_TEST

START_TEST(refuses_what_is_too_much)
{
	struct html ret;
	const struct err *e = markdown_html(arena, repeat("a", MARKDOWN_MAX + 1), &ret);

	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->kind, ERR_INVALID);
	ck_assert_ptr_null(markdown_html(arena, repeat("a", MARKDOWN_MAX), &ret));
	e = markdown_html(arena, joined(repeat("*a **b ", 900), STR("c"), repeat("** d*", 600)),
			  &ret);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->kind, ERR_INVALID);
	/* Past the sixteenth level a marker is text. */
	ck_assert(str_contains(html(joined(repeat("> ", 40), STR("a"), STR(""))),
			       STR("<p>&gt; &gt;")));
}
END_TEST

static const char *const positions[][2] = {
	{ "", "" },
	{ "# ", "" },
	{ "[", "](/x)" },
	{ "[x](", ")" },
	{ "[x](<", ">)" },
	{ "![", "](/x)" },
	{ "![x](", ")" },
	{ "`", "`" },
	{ "```\n", "\n```" },
	{ "```", "\n```" },
	{ "<", ">" },
	{ "> - ", "" },
	{ "**", "**" },
	{ "|", "|\n|---|\n|x|" },
	{ "|x|\n|---|\n|", "|" },
	{ "[x](/y \"", "\")" },
	{ "[x]\n\n[x]: ", "" },
	{ "- [x] ", "" },
	{ "https://", "" },
	{ "[x](https://", ")" },
	{ "[x](/", ")" },
};

START_TEST(naughty_strings_stay_text)
{
	struct str text = suite_read(NAUGHTY);
	const struct json *list;

	if (!text.p) {
		printf("skip: %s is not here\n", NAUGHTY);
		return;
	}
	ck_assert_ptr_null(json_parse(arena, text, &json_default_limits, &list));
	ck_assert_uint_gt(json_length(list), 500);
	for (size_t at = 0; at < json_length(list); at++) {
		for (size_t form = 0; form < sizeof(positions) / sizeof(positions[0]); form++)
			html(joined(str_of(positions[form][0]), json_str(json_item(list, at)),
				    str_of(positions[form][1])));
	}
}
END_TEST

START_TEST(is_made_once)
{
	struct cache *made = cache_new(10000);
	struct html ret;

	for (int time = 0; time < 2; time++) {
		ck_assert_ptr_null(markdown_kept(arena, made, STR("*a*"), &ret));
		ck_assert_text(ret.s, STR("<p><em>a</em></p>\n"));
	}
	cache_put(made, STR("M*a*"), STR("as it was made"));
	ck_assert_ptr_null(markdown_kept(arena, made, STR("*a*"), &ret));
	ck_assert_text(ret.s, STR("as it was made"));
	ck_assert_ptr_null(markdown_kept(arena, made, STR("*b*"), &ret));
	ck_assert_text(ret.s, STR("<p><em>b</em></p>\n"));
	cache_free(made);
}
END_TEST

SUITE("kit/render/markdown", writes_text, is_made_once, reads_emphasis_as_commonmark_does,
      reads_blocks_as_commonmark_does, reads_lists_as_commonmark_does, reads_tables_as_github_does,
      headings_begin_at_the_third_level, writes_lists, names_only_plain_languages, tables_scroll,
      links_where_nothing_can_run, images_become_links, no_other_link_is_one, html_is_inert,
      nothing_takes_long, nothing_grows_large, refuses_what_is_too_much, naughty_strings_stay_text)
