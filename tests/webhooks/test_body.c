/* What endpoints of each kind are sent, and how it is signed. */
#include "support/suite.h"

#include <string.h>

#include "kit/base/json.h"
#include "webhooks/body.h"

#define TEAMS_MAX ((size_t)21 * 1024)

static struct webhook_line lines[60];

static struct webhook_news news(void)
{
	struct webhook_news n = {
		.id = STR("evt_1"),
		.type = "handoff_created",
		.at = { 1795258267 * CLOCK_SECOND },
		.account_name = STR("Zoë & \"sons\""),
		.title = STR("Printer <3> is down"),
		.url = STR("https://help.example.com/escalations/1?a=b&c=d"),
		.data = { STR("{\"state\":\"open\",\"n\":[1,2]}") },
	};

	ck_assert(uuid_parse(STR("0190a000-0000-7000-8000-000000000000"), &n.account));
	lines[0] = (struct webhook_line){ STR("By"), STR("Ann *Smith*") };
	lines[1] = (struct webhook_line){ STR("Note"),
					  STR("a & b <!channel> <https://x.example|y>\n[z](u)") };
	n.lines = LIST_OF(lines, 2);
	return n;
}

static const struct json *parsed(const struct webhook_news *n, enum webhook_kind kind)
{
	const struct json *j = NULL;
	struct str body = webhook_bodies(arena, n).of[kind];
	const struct err *e = json_parse(arena, body, &json_default_limits, &j);

	ck_assert_msg(!e, "%.*s: %.*s", STR_ARG(e->message), STR_ARG(body));
	return j;
}

static const struct json *get(const struct json *j, const char *name)
{
	return json_get(j, str_of(name));
}

START_TEST(programs_get_the_whole)
{
	struct webhook_news n = news();
	const struct json *j = parsed(&n, WEBHOOK_JSON);

	ck_assert_uint_eq(json_length(j), 5);
	ck_assert_text(json_str(get(j, "id")), STR("evt_1"));
	ck_assert_text(json_str(get(j, "type")), STR("handoff_created"));
	ck_assert_text(json_str(get(j, "created_at")), STR("2026-11-21T10:51:07Z"));
	ck_assert_text(json_str(get(get(j, "account"), "id")),
		       STR("0190a000-0000-7000-8000-000000000000"));
	ck_assert_text(json_str(get(get(j, "account"), "name")), n.account_name);
	ck_assert_text(json_text(arena, get(j, "data")), n.data.s);
}
END_TEST

START_TEST(what_is_far_too_long_comes_without_its_data)
{
	struct webhook_news n = news();
	char *text = arena_alloc(arena, (size_t)2 << 20, 1);

	memset(text, 'x', (size_t)2 << 20);
	text[0] = text[((size_t)2 << 20) - 1] = '"';
	n.data.s = (struct str){ text, (size_t)2 << 20 };
	ck_assert(json_has(parsed(&n, WEBHOOK_JSON), STR("data")));
	ck_assert_ptr_null(get(parsed(&n, WEBHOOK_JSON), "data"));
}
END_TEST

START_TEST(slack_shows_text_and_never_obeys_it)
{
	struct webhook_news n = news();
	const struct json *j = parsed(&n, WEBHOOK_SLACK), *blocks = get(j, "blocks");

	ck_assert_text(json_str(get(j, "text")), STR("Printer &lt;3&gt; is down"));
	ck_assert_uint_eq(json_length(blocks), 4);
	ck_assert_text(json_str(get(json_item(blocks, 0), "type")), STR("header"));
	ck_assert_text(json_str(get(get(json_item(blocks, 0), "text"), "type")), STR("plain_text"));
	ck_assert_text(json_str(get(get(json_item(blocks, 0), "text"), "text")), n.title);
	ck_assert_text(json_str(get(get(json_item(blocks, 2), "text"), "text")),
		       STR("*Note*\na &amp; b &lt;!channel&gt; "
			   "&lt;https://x.example|y&gt;\n[z](u)"));
	ck_assert_text(json_str(get(get(json_item(blocks, 3), "text"), "text")),
		       STR("<https://help.example.com/escalations/1?a=b&c=d|Open it in "
			   "ResolutionFlow>"));
}
END_TEST

START_TEST(teams_gets_a_card_of_plain_runs)
{
	struct webhook_news n = news();
	const struct json *j = parsed(&n, WEBHOOK_TEAMS);
	const struct json *attached = json_item(get(j, "attachments"), 0);
	const struct json *card = get(attached, "content"), *body = get(card, "body"), *run;

	ck_assert_text(json_str(get(j, "type")), STR("message"));
	ck_assert_uint_eq(json_length(get(j, "attachments")), 1);
	ck_assert_text(json_str(get(attached, "contentType")),
		       STR("application/vnd.microsoft.card.adaptive"));
	ck_assert(json_has(attached, STR("contentUrl")));
	ck_assert_ptr_null(get(attached, "contentUrl"));
	ck_assert_text(json_str(get(card, "type")), STR("AdaptiveCard"));
	ck_assert_text(json_str(get(card, "version")), STR("1.2"));
	ck_assert_uint_eq(json_length(body), 5);
	run = json_item(get(json_item(body, 4), "inlines"), 0);
	ck_assert_text(json_str(get(run, "type")), STR("TextRun"));
	ck_assert_text(json_str(get(run, "text")), lines[1].text);
	ck_assert_text(json_str(get(json_item(get(card, "actions"), 0), "url")), n.url);
	n.url = STR("");
	ck_assert(!json_has(
		get(json_item(get(parsed(&n, WEBHOOK_TEAMS), "attachments"), 0), "content"),
		STR("actions")));
}
END_TEST

static struct str repeated(const char *what, size_t times)
{
	struct buf b = buf_new(arena, strlen(what) * times + 1);

	for (size_t at = 0; at < times; at++)
		buf_put(&b, str_of(what));
	return buf_str(&b);
}

START_TEST(chats_take_what_is_long_in_part)
{
	static const char *const letters[] = { "x", "ä", "&", "<", "\"", "\n", "\xf0\x9f\x98\x80" };
	struct webhook_news n = news();

	for (size_t at = 0; at < sizeof(letters) / sizeof(letters[0]); at++) {
		for (size_t count = 1; count <= 60; count += 59) {
			n.title = repeated(letters[at], 3000);
			for (size_t of = 0; of < count; of++)
				lines[of] = (struct webhook_line){ repeated(letters[at], 500),
								   repeated(letters[at], 9000) };
			n.lines = LIST_OF(lines, count);
			for (enum webhook_kind kind = WEBHOOK_SLACK; kind <= WEBHOOK_TEAMS;
			     kind++) {
				ck_assert_uint_le(webhook_bodies(arena, &n).of[kind].n, TEAMS_MAX);
				ck_assert_ptr_nonnull(parsed(&n, kind));
			}
		}
	}
	ck_assert_uint_le(json_length(get(parsed(&n, WEBHOOK_SLACK), "blocks")), 50);
}
END_TEST

START_TEST(slack_takes_no_section_over_3000_characters)
{
	struct webhook_news n = news();
	struct str text;

	lines[0].text = repeated("&", 9000);
	n.lines = LIST_OF(lines, 1);
	text = json_str(
		get(get(json_item(get(parsed(&n, WEBHOOK_SLACK), "blocks"), 1), "text"), "text"));
	ck_assert_uint_le(text.n, 3000);
	ck_assert_uint_ge(text.n, 1000);
	ck_assert(str_ends(text, STR("&amp;…")));
}
END_TEST

/* By openssl: printf '1795258267.{}' | openssl dgst -sha256 -hmac whsec_a */
START_TEST(signs_time_and_body_by_each_secret)
{
	struct str one = webhook_signature(arena, STR("whsec_a"), STR_NONE, 1795258267, STR("{}"));
	struct str both =
		webhook_signature(arena, STR("whsec_b"), STR("whsec_a"), 1795258267, STR("{}"));

	ck_assert_text(one,
		       STR("t=1795258267,v1="
			   "7a290294f59b2ab570e8d4817499544e43ff00e646a04d47f1f1098f95e6ef1b"));
	ck_assert_text(both,
		       STR("t=1795258267,v1="
			   "414866769904ff66f3726638cebf8cd42708185a7a3be1fbae6405754cb05c51,v1="
			   "7a290294f59b2ab570e8d4817499544e43ff00e646a04d47f1f1098f95e6ef1b"));
}
END_TEST

SUITE("webhooks/body", programs_get_the_whole, what_is_far_too_long_comes_without_its_data,
      slack_shows_text_and_never_obeys_it, teams_gets_a_card_of_plain_runs,
      chats_take_what_is_long_in_part, slack_takes_no_section_over_3000_characters,
      signs_time_and_body_by_each_secret)
