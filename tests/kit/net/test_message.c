/* Mails as text: golden ones, folding, foreign letters, and what must be refused. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "kit/net/message.h"

static struct message plain(void)
{
	return (struct message){ .from = STR("ResolutionFlow <noreply@example.com>"),
				 .to = STR("ann@example.com"),
				 .subject = STR("Confirm your address"),
				 .message_id = STR("0001@example.com"),
				 .date = { (int64_t)1795261743 * CLOCK_SECOND },
				 .text = STR("Hello.\nGo on.\n") };
}

static struct str written(struct message m)
{
	struct str text = STR_NONE;
	const struct err *e = message_write(arena, &m, &text);

	ck_assert_msg(!e, "%s", e ? e->message.p : "");
	return text;
}

static struct str with_subject(struct str subject)
{
	struct message m = plain();

	m.subject = subject;
	return written(m);
}

static struct str with_text(struct str text)
{
	struct message m = plain();

	m.text = text;
	return written(m);
}

static void refused(struct message m)
{
	struct str text = STR("untouched");
	const struct err *e = message_write(arena, &m, &text);

	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->kind, ERR_INVALID);
	ck_assert_text(text, STR("untouched"));
}

/* Whatever goes in: lines end in CR LF, none is long, and reading gives back what was written. */
static void sound(struct str raw, const struct message *m)
{
	struct message back;
	size_t line = 0;

	for (size_t at = 0; at < raw.n; at++) {
		ck_assert((unsigned char)raw.p[at] < 0x80);
		ck_assert((raw.p[at] == '\n') == (at > 0 && raw.p[at - 1] == '\r'));
		line = raw.p[at] == '\n' ? 0 : line + 1;
		ck_assert_uint_le(line, 79); /* CR counted */
	}
	ck_assert(message_read(arena, raw, &back));
	ck_assert_text(back.subject, m->subject);
	ck_assert_text(back.text, m->text);
	ck_assert_text(back.to, m->to);
	ck_assert_text(back.from, m->from);
	ck_assert_text(back.message_id, m->message_id);
	ck_assert(back.date.us == m->date.us);
}

START_TEST(a_plain_mail)
{
	ck_assert_text(written(plain()), STR("Date: Sat, 21 Nov 2026 11:49:03 +0000\r\n"
					     "From: ResolutionFlow <noreply@example.com>\r\n"
					     "To: ann@example.com\r\n"
					     "Subject: Confirm your address\r\n"
					     "Message-ID: <0001@example.com>\r\n"
					     "Auto-Submitted: auto-generated\r\n"
					     "MIME-Version: 1.0\r\n"
					     "Content-Type: text/plain; charset=utf-8\r\n"
					     "Content-Transfer-Encoding: quoted-printable\r\n"
					     "\r\n"
					     "Hello.\r\n"
					     "Go on.\r\n"));
}
END_TEST

START_TEST(a_mail_of_two_parts)
{
	struct message m = plain();
	struct str raw;

	m.html = STR("<p>a = b</p>\n");
	m.more = &(struct message_header){ STR("Reply-To"), STR("bob@example.com") };
	m.nmore = 1;
	raw = written(m);
	ck_assert(str_contains(raw, STR("\r\nReply-To: bob@example.com\r\nMIME-Version: 1.0\r\n"
					"Content-Type: multipart/alternative;\r\n"
					" boundary=\"=_0001@example.com\"\r\n"
					"\r\n"
					"--=_0001@example.com\r\n"
					"Content-Type: text/plain; charset=utf-8\r\n"
					"Content-Transfer-Encoding: quoted-printable\r\n"
					"\r\n"
					"Hello.\r\n"
					"Go on.\r\n"
					"--=_0001@example.com\r\n"
					"Content-Type: text/html; charset=utf-8\r\n"
					"Content-Transfer-Encoding: quoted-printable\r\n"
					"\r\n"
					"<p>a =3D b</p>\r\n"
					"--=_0001@example.com--\r\n")));
	sound(raw, &m);
	m.text = STR("Before -- after.\n--\nAnn\n"); /* not where the part ends */
	sound(written(m), &m);
}
END_TEST

START_TEST(long_headers_are_folded)
{
	ck_assert(str_contains(
		with_subject(STR("one two three four five six seven eight nine ten eleven twelve "
				 "thirteen fourteen")),
		STR("\r\nSubject: one two three four five six seven eight nine ten eleven "
		    "twelve\r\n"
		    " thirteen fourteen\r\n")));
}
END_TEST

START_TEST(an_address_for_programs_stands_as_it_is)
{
	struct str url =
		STR("<http://rf.example/unsubscribe/"
		    "0123456789012345678901234567890123456789012345678901234567890123456789>");
	const struct message_header header = { STR("List-Unsubscribe"), url };
	struct message m = plain();

	m.more = &header;
	m.nmore = 1;
	ck_assert(str_contains(written(m),
			       str_fmt(arena, "\r\nList-Unsubscribe:\r\n %.*s\r\n", STR_ARG(url))));
}
END_TEST

START_TEST(foreign_letters_go_as_words)
{
	struct message m = plain();

	ck_assert(str_contains(with_subject(STR("Grüße, Jürgen")),
			       STR("\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe=2C_J=C3=BCrgen?=\r\n")));
	ck_assert(
		str_contains(with_subject(STR("a =?utf-8?Q?b?= c")),
			     STR("\r\nSubject: =?utf-8?Q?a_=3D=3Futf=2D8=3FQ=3Fb=3F=3D_c?=\r\n")));
	m.from = STR("Zoë \"Z\" <z@example.com>");
	ck_assert(str_contains(written(m), STR("\r\nFrom: =?utf-8?Q?Zo=C3=AB_=22Z=22?=\r\n"
					       " <z@example.com>\r\n")));
	ck_assert(str_contains(with_subject(STR("日本語の件名がここに入りますのでとても長い")),
			       STR("?=\r\n =?utf-8?Q?=E")));
}
END_TEST

START_TEST(bodies_are_quoted)
{
	ck_assert(str_ends(with_text(STR("a=b \r\nc\td\t\n\n.\r.x\n")),
			   STR("\r\n\r\na=3Db=20\r\nc\td=09\r\n\r\n.\r\n.x\r\n")));
	ck_assert(str_ends(with_text(STR("no end")), STR("\r\n\r\nno end\r\n")));
	ck_assert(str_ends(with_text(STR("\xc3\xa9\x01 ")), STR("\r\n\r\n=C3=A9=01=20\r\n")));
}
END_TEST

START_TEST(everything_comes_back)
{
	static const char *const subjects[] = {
		"",
		"a",
		"  two  spaces ",
		"=?utf-8?Q?x?=",
		"under_score = 1? yes",
		"Ünïcödé 日本語 😀 and much more of it until the line is full and over 😀😀😀😀😀😀",
		"a_very_long_word_without_any_space_in_it_that_does_not_fit_into_one_line_of_a_"
		"header_at_all",
	};
	struct message m = plain();
	struct buf {
		char text[600];
	} body;

	for (size_t at = 0; at < sizeof(subjects) / sizeof(subjects[0]); at++) {
		m.subject = str_of(subjects[at]);
		sound(written(m), &m);
	}
	for (size_t n = 60; n < 90; n++) {
		memset(body.text, 'x', n);
		memcpy(body.text + n, " =\xc3\xa9.\n", 6);
		m.text = (struct str){ body.text, n + 6 };
		sound(written(m), &m);
		memset(body.text, ' ', n);
		m.text = (struct str){ body.text, n + 6 };
		sound(written(m), &m);
		m.subject = (struct str){
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
			n
		};
		sound(written(m), &m);
	}
}
END_TEST

START_TEST(nothing_breaks_out_of_a_header)
{
	static const struct str bad[] = {
		STR_INIT("a@example.com\r\nBcc: b@example.com"),
		STR_INIT("a@example.com\nRCPT TO:<b@example.com>"),
		STR_INIT("a@example.com>\r\nDATA"),
		STR_INIT("a@example.com> SIZE=1"),
		STR_INIT("a@example.com\0"),
		STR_INIT("a@exam\x7fple.com"),
		STR_INIT("a@example.com,b@example.com"),
		STR_INIT("a b@example.com"),
		STR_INIT("a@b@example.com"),
		STR_INIT("\"a\"@example.com"),
		STR_INIT("<a@example.com>"),
		STR_INIT("@example.com"),
		STR_INIT("a@"),
		STR_INIT("a"),
		STR_INIT(""),
		STR_INIT("\xff@example.com"),
	};
	struct message_header header = { STR("X-Thing"), STR("a\r\nb: c") };
	struct message m;

	for (size_t at = 0; at < sizeof(bad) / sizeof(bad[0]); at++) {
		ck_assert(!address_is_sound(bad[at]));
		m = plain();
		m.to = bad[at];
		refused(m);
		m = plain();
		m.message_id = bad[at];
		refused(m);
	}
	for (size_t at = 0; at < 6; at++) {
		m = plain();
		m.from = str_fmt(arena, "X <%.*s>", STR_ARG(bad[at]));
		m.from.n = bad[at].n + 4;
		if (at != 2 && at != 3) /* there the address ends at the first bracket */
			refused(m);
		m = plain();
		m.subject = bad[at];
		if (at != 3)
			refused(m);
	}
	m = plain();
	m.more = &header;
	m.nmore = 1;
	refused(m);
	header = (struct message_header){ STR("X-Thing: a\r\nX-Other"), STR("b") };
	refused(m);
}
END_TEST

SUITE("kit/net/message", a_plain_mail, a_mail_of_two_parts, long_headers_are_folded,
      an_address_for_programs_stands_as_it_is, foreign_letters_go_as_words, bodies_are_quoted,
      everything_comes_back, nothing_breaks_out_of_a_header)
