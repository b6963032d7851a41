/* The mail of a digest, and the link in it that stops it. */
#include "support/suite.h"

#include "accounts/accounts.h"
#include "kit/crypto/crypto.h"
#include "notices/inside.h"
#include "notices/notices.h"
#include "people/people.h"

#define ACCOUNT ((struct uuid){ "00000000-0000-7000-8000-00000000000a" })
#define PERSON  ((struct uuid){ "00000000-0000-7000-8000-00000000000b" })

static const struct view *const views[] = { &digest_html_view, &digest_text_view, NULL };
static const struct view *const *const rooms[] = { views, NULL };
static struct settings settings = { .base_url = STR_INIT("https://flows.example") };

static struct digest_mail mail_of(const struct digest_line *lines, size_t n)
{
	const struct digest_reader reader = { .account = ACCOUNT,
					      .person = PERSON,
					      .name = STR("Ann <b>"),
					      .email = STR("ann@example.com"),
					      .account_name = STR("Acme & Sons") };
	struct render *render;
	const struct err *e = crypto_start(arena);

	if (!e)
		e = render_load(arena, "templates", &people_frame_shape, rooms, &render);
	ck_assert_msg(!e, "%.*s", STR_ARG(e ? e->message : STR("")));
	return digest_mail(arena, render, &settings, &reader, LIST_OF(lines, n));
}

static bool holds(struct str text, const char *part)
{
	return str_contains(text, str_of(part));
}

START_TEST(tells_each_line_once_in_its_order)
{
	const struct digest_line lines[] = {
		{ STR("Jonas handed off <VPN>"), STR("/escalations/1"), { 1795258800000000 } },
		{ STR("Priya prepared “Backup”"), STR("/sessions/2"), { 1795262400000000 } },
		{ STR("Nobody took it"), STR_NONE, { 1795266000000000 } },
	};
	struct digest_mail mail = mail_of(lines, 3);

	ck_assert_text(mail.subject, STR("3 notices from ResolutionFlow"));
	ck_assert(holds(mail.text, "Jonas handed off <VPN>\n21 November 2026, 11:00 UTC\n"
				   "https://flows.example/escalations/1\n\nPriya prepared"));
	ck_assert(holds(mail.text, "Nobody took it\n21 November 2026, 13:00 UTC\n\nYou get this"));
	ck_assert(holds(
		mail.html,
		"<a href=\"https://flows.example/escalations/1\">Jonas handed off &lt;VPN&gt;"));
	ck_assert(holds(mail.html, "<li>Nobody took it<br>"));
	ck_assert(holds(mail.html, "Ann &lt;b&gt;") && holds(mail.html, "Acme &amp; Sons"));
	ck_assert(holds(mail.text, "Ann <b>") && holds(mail.text, "Acme & Sons"));
}
END_TEST

START_TEST(one_is_no_plural)
{
	const struct digest_line line = { STR("x"), STR_NONE, { 1795258800000000 } };

	ck_assert_text(mail_of(&line, 1).subject, STR("1 notice from ResolutionFlow"));
}
END_TEST

START_TEST(its_link_is_in_the_headers_and_at_its_foot)
{
	const struct digest_line line = { STR("x"), STR_NONE, { 1795258800000000 } };
	struct digest_mail mail = mail_of(&line, 1);
	const struct pair *headers = mail.unsubscribe.headers;
	struct str url = mail.unsubscribe.url;

	ck_assert(str_starts(url, STR("https://flows.example/unsubscribe/")));
	ck_assert(str_contains(mail.text, url) && str_contains(mail.html, url));
	ck_assert_text(headers[0].name, STR("List-Unsubscribe"));
	ck_assert_text(headers[0].value, str_fmt(arena, "<%.*s>", STR_ARG(url)));
	ck_assert_text(headers[1].name, STR("List-Unsubscribe-Post"));
	ck_assert_text(headers[1].value, STR("List-Unsubscribe=One-Click"));
	ck_assert_ptr_null(headers[2].name.p);
}
END_TEST

START_TEST(each_event_and_person_has_a_link_of_its_own)
{
	struct str seen[2 * (NOTICE_DIGEST + 1)];
	size_t n = 0;

	for (int event = 0; event <= NOTICE_DIGEST; event++) {
		seen[n++] = unsubscribe_link(arena, &settings, ACCOUNT, PERSON,
					     (enum notice_event)event)
				    .url;
		seen[n++] = unsubscribe_link(arena, &settings, ACCOUNT, ACCOUNT,
					     (enum notice_event)event)
				    .url;
	}
	for (size_t at = 0; at < n; at++)
		for (size_t other = 0; other < at; other++)
			ck_assert(!str_eq(seen[at], seen[other]));
}
END_TEST

SUITE("notices/digest", tells_each_line_once_in_its_order, one_is_no_plural,
      its_link_is_in_the_headers_and_at_its_foot, each_event_and_person_has_a_link_of_its_own)
