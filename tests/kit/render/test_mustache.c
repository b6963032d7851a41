/* The mustache compiler over JSON values: our own cases of each rule, and what must end. */
#include "support/suite.h"

#include "kit/base/json.h"
#include "kit/render/render.h"

#define OUT_MAX ((size_t)64 * 1024)

static const struct err *try_render(const char *template, const struct partial *partials, size_t n,
				    const char *data, struct str *ret)
{
	struct buf out = buf_new(arena, OUT_MAX);
	const struct json *value;
	const struct err *e = json_parse(arena, str_of(data), &json_default_limits, &value);

	ck_assert_ptr_null(e);
	e = render_json(arena, str_of(template), partials, n, value, &out);
	*ret = buf_str(&out);
	return e;
}

static struct str render_with(const char *template, const struct partial *partials, size_t n,
			      const char *data)
{
	struct str ret;
	const struct err *e = try_render(template, partials, n, data, &ret);

	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	return ret;
}

static struct str render(const char *template, const char *data)
{
	return render_with(template, NULL, 0, data);
}

static struct str fault(const char *template)
{
	struct str ret;
	const struct err *e = try_render(template, NULL, 0, "{}", &ret);

	ck_assert_ptr_nonnull(e);
	return e->message;
}

START_TEST(escapes_unless_raw)
{
	ck_assert_text(render("{{x}}|{{{x}}}|{{&x}}", "{\"x\":\"<a href='\\\"'>&\"}"),
		       STR("&lt;a href=&#39;&quot;&#39;&gt;&amp;|<a href='\"'>&|<a href='\"'>&"));
	ck_assert_text(render("{{x}}", "{\"x\":\"{{y}}\",\"y\":1}"), STR("{{y}}"));
}
END_TEST

START_TEST(looks_up_from_the_inside_out)
{
	ck_assert_text(render("{{#a}}{{x}}{{y}}{{#b}}{{x}}{{a.y}}{{/b}}{{/a}}",
			      "{\"x\":0,\"y\":9,\"a\":{\"x\":1,\"b\":{\"x\":2}}}"),
		       STR("192"));
	ck_assert_text(render("{{#l}}{{.}}{{^last}},{{/last}}{{/l}}", "{\"l\":[1,2.5,\"z\",true]}"),
		       STR("1,2.5,z,true,"));
}
END_TEST

START_TEST(sections_ask_whether_there_is_something)
{
	ck_assert_text(render("{{#f}}f{{/f}}{{#n}}n{{/n}}{{#e}}e{{/e}}{{#m}}m{{/m}}{{#t}}t{{/t}}",
			      "{\"f\":false,\"n\":null,\"e\":[],\"t\":true}"),
		       STR("t"));
	ck_assert_text(render("{{^f}}f{{/f}}{{^n}}n{{/n}}{{^e}}e{{/e}}{{^m}}m{{/m}}{{^t}}t{{/t}}",
			      "{\"f\":false,\"n\":null,\"e\":[],\"t\":true}"),
		       STR("fnem"));
}
END_TEST

START_TEST(tags_alone_take_their_line)
{
	ck_assert_text(
		render("a\n  {{#x}}  \n b {{! c }}\n\t{{/x}}\r\nc\n{{! d\n e }}\nf", "{\"x\":1}"),
		STR("a\n b \nc\nf"));
	ck_assert_text(render("{{#x}}{{/x}}\n{{x}}\n", "{\"x\":1}"), STR("\n1\n"));
	ck_assert_text(
		render("{{=<% %>=}}\n<%#x%>\n{{x}}<%x%>\n<%/x%>\n<%={{ }}=%>\n{{x}}", "{\"x\":1}"),
		STR("{{x}}1\n1"));
}
END_TEST

START_TEST(partials_are_indented_line_by_line)
{
	static const struct partial partials[] = {
		{ STR_INIT("p"), STR_INIT("<\n{{x}}\n  {{>q}}\n{{#x}}\n.\n{{/x}}\n{{x}}{{>q}}") },
		{ STR_INIT("q"), STR_INIT("1\n2\n") },
	};

	ck_assert_text(render_with("[\n  {{>p}}\n]", partials, 2, "{\"x\":\"a\\nb\"}"),
		       STR("[\n  <\n  a\nb\n    1\n    2\n  .\n  a\nb1\n2\n]"));
	ck_assert_text(render_with("[ {{>q}}{{>none}}]", partials, 2, "{}"), STR("[ 1\n2\n]"));
}
END_TEST

START_TEST(layouts_take_what_is_given)
{
	static const struct partial partials[] = {
		{ STR_INIT("page"), STR_INIT("<title>{{$title}}App{{/title}}</title>\n<main>\n"
					     "  {{$main}}\n  {{/main}}\n</main>\n") },
		{ STR_INIT("wide"), STR_INIT("{{<page}}{{$title}}Wide{{/title}}{{/page}}") },
		{ STR_INIT("card"), STR_INIT("<div>{{$body}}empty{{/body}}</div>") },
	};

	ck_assert_text(
		render_with("{{<page}}\n{{$main}}\n<p>{{x}}</p>\n<hr>\n{{/main}}\n{{/page}}\n",
			    partials, 3, "{\"x\":1}"),
		STR("<title>App</title>\n<main>\n  <p>1</p>\n  <hr>\n</main>\n"));
	ck_assert_text(render_with("{{<wide}}{{/wide}}", partials, 3, "{}"),
		       STR("<title>Wide</title>\n<main>\n</main>\n"));
	ck_assert_text(render_with("{{<wide}}{{$title}}Mine{{/title}}{{/wide}}", partials, 3, "{}"),
		       STR("<title>Mine</title>\n<main>\n</main>\n"));
	/* A card in a card: what is given belongs to the template that gives it. */
	ck_assert_text(
		render_with(
			"{{<card}}{{$body}}a{{<card}}{{$body}}b{{/body}}{{/card}}{{>card}}{{/body}}"
			"{{/card}}",
			partials, 3, "{}"),
		STR("<div>a<div>b</div><div>empty</div></div>"));
}
END_TEST

START_TEST(faults_name_their_line)
{
	ck_assert_text(fault("a\n{{#x}}\n"),
		       STR("template:2: \"x\" is opened here and never closed"));
	ck_assert_text(fault("{{#x}}\n{{/y}}"),
		       STR("template:2: {{/y}} where \"x\" of line 1 is still open"));
	ck_assert_text(fault("{{!\n\n}}\n\n{{/y}}"), STR("template:5: {{/y}} closes nothing"));
	ck_assert_text(fault("a\n\n{{x"), STR("template:3: a tag that does not end"));
	ck_assert_text(fault("{{{x}}"), STR("template:1: a tag that does not end"));
	ck_assert_text(fault("{{ }}"), STR("template:1: a tag without a name"));
	ck_assert_text(fault("{{=<%=}}"), STR("template:1: these are no delimiters: <%"));
	ck_assert_text(fault("{{<p}}{{x}}{{/p}}"),
		       STR("template:1: only {{$blocks}} can stand inside {{<p}}"));
}
END_TEST

START_TEST(what_never_ends_is_stopped)
{
	static const struct partial self[] = { { STR_INIT("p"), STR_INIT("{{>p}}{{>p}}") } };
	static const struct partial bomb[] = {
		{ STR_INIT("a"), STR_INIT("{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}") },
		{ STR_INIT("b"), STR_INIT("{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}") },
		{ STR_INIT("c"), STR_INIT("{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}") },
		{ STR_INIT("d"), STR_INIT("{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}") },
		{ STR_INIT("e"), STR_INIT("{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}") },
		{ STR_INIT("f"), STR_INIT("{{>g}}{{>g}}{{>g}}{{>g}}{{>g}}{{>g}}{{>g}}{{>g}}") },
		{ STR_INIT("g"), STR_INIT("{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}") },
	};
	struct str deep = STR("");
	struct str ret;

	ck_assert_ptr_nonnull(try_render("{{>p}}", self, 1, "{}", &ret));
	ck_assert_ptr_nonnull(try_render("{{>a}}", bomb, 7, "{}", &ret));
	for (int at = 0; at < 40; at++)
		deep = str_fmt(arena, "%.*s{{#x}}", STR_ARG(deep));
	ck_assert_text(fault(deep.p), STR("template:1: nested too deep"));
	deep = STR("");
	for (int at = 0; at < 30; at++)
		deep = str_fmt(arena, "{{#x}}%.*s{{/x}}", STR_ARG(deep));
	ck_assert_ptr_nonnull(try_render(deep.p, NULL, 0, "{\"x\":[1,2,3]}", &ret));
}
END_TEST

SUITE("kit/render/mustache", escapes_unless_raw, looks_up_from_the_inside_out,
      sections_ask_whether_there_is_something, tags_alone_take_their_line,
      partials_are_indented_line_by_line, layouts_take_what_is_given, faults_name_their_line,
      what_never_ends_is_stopped)
