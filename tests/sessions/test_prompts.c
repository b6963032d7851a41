/* How variables stand in the texts of a run: by example, and no value or label ever as HTML. */
#include "support/suite.h"

#include "flows/write.h"
#include "sessions/prompts.h"

#define FIELD(n, l, k, need)                                                                       \
	{                                                                                          \
		.name = STR_INIT(n), .label = STR_INIT(l), .kind = (k), .required = (need),        \
		.help = STR_INIT("")                                                               \
	}

static const struct flow_field fields[] = {
	FIELD("host", "Host & <b>", KIND_TEXT, true),
	FIELD("pass", "Password", KIND_PASSWORD, false),
	FIELD("done", "Done?", KIND_CHECKBOX, false),
	FIELD("story", "", KIND_TEXTAREA, false),
};
static const struct flow_doc doc = { .intake = { fields, sizeof(fields) / sizeof(fields[0]) } };

static struct values values;
static struct prompts prompts;

static void hold(const char *variables, const char *passwords)
{
	ck_assert_ptr_null(values_read(arena, &doc, str_of(variables), str_of(passwords), &values));
	prompts = prompts_new(arena, &values);
}

static struct str html(const char *text)
{
	return prompts_text(&prompts, NULL, str_of(text)).s;
}

static size_t count(struct str text, struct str part)
{
	size_t n = 0;

	for (size_t at = 0; at + part.n <= text.n; at++)
		n += str_starts(str_skip(text, at), part);
	return n;
}

#define ck_assert_holds(text, part)                                                                \
	ck_assert_msg(str_contains((text), STR(part)), "%.*s", STR_ARG(text))
#define ck_assert_lacks(text, part)                                                                \
	ck_assert_msg(!str_contains((text), STR(part)), "%.*s", STR_ARG(text))

START_TEST(asks_once_for_what_is_empty)
{
	struct str got;

	hold("{}", "{}");
	got = html("Ping [VAR:host], then [VAR:host] and **[VAR:done]**.");
	ck_assert_uint_eq(count(got, STR("id=\"v-host\"")), 1);
	ck_assert_holds(got, "then <span class=\"var\">Host &amp; &lt;b&gt;</span>");
	ck_assert_holds(got, "(required)</span></label>");
	ck_assert_holds(got, "<strong><span class=\"var asked\">Done?</span>"
			     "<span class=\"var-prompt\">");
	ck_assert_holds(got, "name=\"v.done\"");
	ck_assert(prompts.items[0].placed && prompts.items[2].placed && !prompts.items[3].placed);
	ck_assert_uint_eq(count(html("[VAR:host]"), STR("v-host")), 0);
}
END_TEST

START_TEST(prints_what_is_filled)
{
	hold("{\"host\":\"<i>\\\"x\",\"pass\":null,\"done\":false,\"story\":\"a\\nb\"}",
	     "{\"pass\":\"p<>\"}");
	ck_assert_text(
		html("[VAR:host] [VAR:pass] [VAR:done] [VAR:story]"),
		STR("<p>&lt;i&gt;&quot;x p&lt;&gt; No <span class=\"lines\">a\nb</span></p>\n"));
	ck_assert_text(prompts_line(&prompts, STR("[VAR:host]?")), STR("<i>\"x?"));
	ck_assert_text(prompts_rest(&prompts).s, STR(""));
}
END_TEST

/* Filled, and not to be read by whoever asks: it is asked for anew, and never shown. */
START_TEST(a_password_that_cannot_be_read_is_a_token)
{
	hold("{\"pass\":null}", "{}");
	ck_assert_holds(html("With [VAR:pass]"), "value=\"\"");
	ck_assert_text(prompts_line(&prompts, STR("[VAR:pass]")), STR("[Password]"));
}
END_TEST

START_TEST(no_control_in_code_links_and_addresses)
{
	struct str got;

	hold("{}", "{}");
	got = html("`[VAR:host]` [a [VAR:host]](http://x.example/[VAR:host]?[VAR:done]) <b>\n\n"
		   "    [VAR:host]\n\n```[VAR:host]\n[VAR:host]\n```\n\n[VAR:nobody]");
	ck_assert_lacks(got, "<input");
	ck_assert_holds(got, "<code>[VAR:host]</code>");
	ck_assert_holds(got, "a [VAR:host]</a>");
	ck_assert_holds(got, "href=\"http://x.example/[VAR:host]?[VAR:done]\"");
	ck_assert_holds(got, "[VAR:nobody]</p>");
	ck_assert(prompts.items[0].wanted && !prompts.items[0].placed);
	got = prompts_rest(&prompts).s;
	ck_assert_uint_eq(count(got, STR("id=\"v-host\"")), 1);
	ck_assert_uint_eq(count(got, STR("id=\"v-done\"")), 1);
	ck_assert_text(prompts_rest(&prompts).s, STR(""));
	/* Behind a code or a link a text is a text again. */
	hold("{}", "{}");
	ck_assert_holds(html("`x` [a](http://x.example) [VAR:host]"), "id=\"v-host\"");
	hold("{\"host\":\"a b\\\"><script>\"}", "{}");
	got = html("[a](http://x.example/[VAR:host]) `[VAR:host]`");
	ck_assert_holds(got, "href=\"http://x.example/a%20b%22%3E%3Cscript%3E\"");
	ck_assert_lacks(got, "<script>");
}
END_TEST

START_TEST(titles_name_what_is_empty)
{
	hold("{}", "{}");
	ck_assert_text(prompts_line(&prompts, STR("Is [VAR:host] up, [VAR:story]? [VAR:x]")),
		       STR("Is [Host & <b>] up, [story]? [VAR:x]"));
	ck_assert(prompts.items[0].wanted && prompts.items[3].wanted);
	ck_assert_text(prompts_line(&prompts, STR_NONE), STR(""));
}
END_TEST

START_TEST(what_was_refused_is_shown_as_typed)
{
	struct str got;

	hold("{}", "{}");
	prompts.items[0].typed = STR("\"><script>");
	prompts.items[0].error = STR("Type <another>.");
	got = prompts_rest(&prompts).s;
	ck_assert_holds(got, "value=\"&quot;&gt;&lt;script&gt;\"");
	ck_assert_holds(got, "Type &lt;another&gt;.</span>");
	ck_assert_holds(got, "aria-describedby=\"v-host-error\"");
	ck_assert_holds(got, "class=\"var-prompt bad\"");
}
END_TEST

START_TEST(the_panel_has_all_the_end_what_is_missing)
{
	struct str got;

	hold("{\"done\":true}", "{}");
	got = prompts_all(&prompts).s;
	ck_assert_uint_eq(count(got, STR("<label ")), 4);
	ck_assert_holds(got, "(required, not filled)");
	ck_assert_holds(got, "<option value=\"true\" selected>Yes</option>");
	ck_assert_text(value_shown(&values.items[2]), STR("true"));
	hold("{\"done\":true}", "{}");
	got = prompts_missing(&prompts).s;
	ck_assert_uint_eq(count(got, STR("<label ")), 1);
	hold("{\"host\":\"x\"}", "{}");
	ck_assert_text(prompts_missing(&prompts).s, STR(""));
}
END_TEST

/* More than a page could hold is shown as it was written. */
START_TEST(a_text_of_too_many_values_is_plain)
{
	struct buf text = buf_new(arena, (size_t)1 << 20);
	struct buf json = buf_new(arena, (size_t)1 << 20);

	buf_put(&json, STR("{\"host\":\""));
	for (int at = 0; at < 4000; at++)
		buf_putc(&json, '<');
	buf_put(&json, STR("\"}"));
	for (int at = 0; at < 1500; at++)
		buf_put(&text, STR("[VAR:host]"));
	hold(str_cstr(arena, buf_str(&json)), "{}");
	ck_assert(str_starts(html(str_cstr(arena, buf_str(&text))), STR("<pre>[VAR:host]")));
}
END_TEST

SUITE("sessions/prompts", asks_once_for_what_is_empty, prints_what_is_filled,
      a_password_that_cannot_be_read_is_a_token, no_control_in_code_links_and_addresses,
      titles_name_what_is_empty, what_was_refused_is_shown_as_typed,
      the_panel_has_all_the_end_what_is_missing, a_text_of_too_many_values_is_plain)
