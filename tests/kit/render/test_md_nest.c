/* Markdown within another document: what it may hold, and that none of it becomes the document's.
 */
#include "support/suite.h"

#include "kit/base/json.h"
#include "kit/render/markdown.h"
#include "html_check.h"

#define NAUGHTY "../shared/data/naughty-strings/blns.json"

static struct str quote(struct str text)
{
	struct buf out = buf_new(arena, text.n * 8 + 64);

	markdown_put_quote(&out, text, 4);
	return buf_str(&out);
}

static struct str plain(struct str text)
{
	struct buf out = buf_new(arena, text.n * 8 + 64);

	markdown_put_plain(&out, text);
	return buf_str(&out);
}

#define QUOTE(text, want) ck_assert_text(quote(STR(text)), STR(want))

START_TEST(keeps_what_it_may_hold)
{
	QUOTE("One *two*\nthree\n\n- a\n  1. b\n\n| x | y |\n|---|---|\n| 1 | 2 |",
	      "> One *two*\n> three\n>\n> - a\n>   1. b\n>\n> | x | y |\n> |---|---|\n> | 1 | 2 "
	      "|\n");
	QUOTE("a < b, 1 <2, `<b>` and <https://x.test/`>", "> a < b, 1 <2, `<b>` and "
							   "<https://x.test/`>\n");
	QUOTE("```html\n<b>\n# x\n[a]: b\n```\nc",
	      "> ```html\n> <b>\n> # x\n> [a]: b\n> ```\n> c\n");
	QUOTE("    # apt update", ">     # apt update\n");
	QUOTE("- [ ] do\n- [x] done\n[link](/x)", "> - [ ] do\n> - [x] done\n> [link](/x)\n");
	QUOTE("", "");
	QUOTE(" \n\r\n\t", "");
}
END_TEST

START_TEST(every_line_is_quoted)
{
	QUOTE("a\r# b\r\nc\n\nd\n\n", "> a\n> #### b\n> c\n>\n> d\n");
	QUOTE("> a\n\t\tb", "> > a\n>         b\n");
	QUOTE("```\nnever closed", "> ```\n> never closed\n");
}
END_TEST

START_TEST(demotes_headings_and_skips_none)
{
	QUOTE("# a\n### b\n## c\n###### d", "> #### a\n> ##### b\n> ##### c\n> ###### d\n");
	QUOTE("### a\n# b\n#### c", "> #### a\n> #### b\n> ##### c\n");
	QUOTE("- # a\n> 1. ## b\n#\tc\n#d", "> - #### a\n> > 1. ##### b\n> ####\tc\n> #d\n");
	QUOTE("- a\n\n      # b", "> - a\n>\n>       #### b\n");
	QUOTE("a\n===\nb\n---\nc\n-\nd\n- \n\n---",
	      "> a\n> \\===\n> b\n>\n> ---\n> c\n>\n> -\n> d\n"
	      ">\n> - \n>\n> ---\n");
	QUOTE("-\n    # a", "> -\n>     #### a\n");
	QUOTE("> a\n> =", "> > a\n> > \\=\n");
	ck_assert_text(markdown_demoted(arena, STR("# a\n## b <i>\n===\n"), 2),
		       STR("## a\n### b <i>\n\\===\n"));
}
END_TEST

START_TEST(tags_are_text)
{
	QUOTE("<b>x</b> <!-- <?php <DIV>", "> \\<b>x\\</b> \\<!-- \\<?php \\<DIV>\n");
	QUOTE("\\<b> \\\\<b>", "> \\<b> \\\\\\<b>\n");
	QUOTE("<javascript:alert(1)> <https://a b>", "> \\<javascript:alert(1)> \\<https://a b>\n");
	QUOTE("[VAR:x]: //evil\n[a\nb]: c\n[a] b",
	      "> \\[VAR:x]: //evil\n> \\[a\n> b]: c\n> [a] b\n");
}
END_TEST

/* Where another reader may see code end elsewhere than we do, there is no code. */
START_TEST(doubtful_code_hides_no_tag)
{
	QUOTE("`a\n- <b> ` x", "> `a\n> - \\<b> ` x\n");
	QUOTE("`a\nb` <b> `c`\n\n`<d>`", "> `a\n> b` \\<b> `c`\n>\n> `<d>`\n");
	QUOTE("| ` | <b> ` |", "> | ` | \\<b> ` |\n");
	QUOTE("`` <b> `", "> `` \\<b> `\n");
	QUOTE("\\`<b>`", "> \\`\\<b>`\n");
	QUOTE("- ```\nb <i>\n```\n<b>", "> - ```\n> b \\<i>\n> ```\n> \\<b>\n");
	QUOTE("- a\n  ```\n<b>\n# c", "> - a\n>   ```\n> \\<b>\n> #### c\n");
	QUOTE("1. ~~~\n\n~~~\n<b>", "> 1. ~~~\n>\n> ~~~\n> \\<b>\n");
}
END_TEST

START_TEST(plain_text_stays_one_line)
{
	ck_assert_text(
		plain(STR("a\n# *b* `c` <d> | [e](f) &amp; ~g~ $h$ \\")),
		STR("a \\# \\*b\\* \\`c\\` \\<d\\> \\| \\[e\\](f) \\&amp; \\~g\\~ \\$h\\$ \\\\"));
}
END_TEST

START_TEST(our_own_reader_takes_all_of_it)
{
	struct str text = suite_read(NAUGHTY);
	const struct json *list;

	if (!text.p) {
		puts("skip: no naughty strings on this machine");
		return;
	}
	ck_assert_ptr_null(json_parse(arena, text, &json_default_limits, &list));
	for (size_t at = 0; at < json_length(list); at++) {
		struct html page;
		struct str naughty = quote(json_str(json_item(list, at)));

		ck_assert_ptr_null(markdown_html(arena, naughty, &page));
		ck_assert_ptr_null(html_fault(page.s));
		ck_assert(page.s.n == 0 || (str_starts(page.s, STR("<blockquote>")) &&
					    str_ends(page.s, STR("</blockquote>\n"))));
	}
}
END_TEST

START_TEST(what_is_refused_is_shown_as_written)
{
	ck_assert_text(html_as_written(arena, STR("<b>\n&")).s,
		       STR("<pre>&lt;b&gt;\n&amp;</pre>\n"));
}
END_TEST

SUITE("kit/render/md_nest", keeps_what_it_may_hold, every_line_is_quoted,
      demotes_headings_and_skips_none, tags_are_text, doubtful_code_hides_no_tag,
      plain_text_stays_one_line, our_own_reader_takes_all_of_it,
      what_is_refused_is_shown_as_written)
