/* What is taken out and what stays, case by case; what a person chose; the account's patterns. */
#include <string.h>
#include <time.h>

#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "kit/redact/redact.h"
#include "support/suite.h"

static const struct redact_rules *rules_of(struct redact_wish wish)
{
	struct redact_wish *own = ARENA_NEW(arena, struct redact_wish);

	*own = wish;
	return redact_rules_new(arena, own);
}

static struct str plainly(struct str text)
{
	return redact(arena, rules_of((struct redact_wish){ 0 }), text, NULL);
}

struct pair_of {
	const char *text, *want;
};

static void check_all(const struct pair_of *cases, size_t n)
{
	for (size_t at = 0; at < n; at++)
		ck_assert_text(plainly(str_of(cases[at].text)), str_of(cases[at].want));
}

#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof((cases)[0]))

START_TEST(only_the_value_goes)
{
	static const struct pair_of cases[] = {
		{ "Password: Hunter2!", "Password: [REDACTED:password]" },
		{ "pw: letmein", "pw: [REDACTED:password]" },
		{ "The password is Winter2024!", "The password is [REDACTED:password]" },
		{ "I set the password for bob to Winter2024!, fine",
		  "I set the password for bob to Winter2024!, fine" },
		{ "reset the password to Welcome1! today",
		  "reset the password to [REDACTED:password] today" },
		{ "password for the router: Tr0ub4dor&3",
		  "password for the router: [REDACTED:password]" },
		{ "temp password (expires today): Xy12!ab",
		  "temp password (expires today): [REDACTED:password]" },
		{ "Passphrase: correct horse battery staple", "Passphrase: [REDACTED:password]" },
		{ "Password: correct horse battery", "Password: [REDACTED:password]" },
		{ "**Password:** `hunter22`.", "**Password:** `[REDACTED:password]`." },
		{ "| Password | S3cretPass |", "| Password | [REDACTED:password] |" },
		{ "{\"password\": \"abc def\", \"user\": \"bob\"}",
		  "{\"password\": \"[REDACTED:password]\", \"user\": \"bob\"}" },
		{ "{\\\"password\\\":\\\"abcdef\\\"}",
		  "{\\\"password\\\":\\\"[REDACTED:password]\\\"}" },
		{ "<password>hunter22</password>", "<password>[REDACTED:password]</password>" },
		{ "Server=db;User Id=sa;Password=foo;Encrypt=1",
		  "Server=db;User Id=sa;Password=[REDACTED:password];Encrypt=1" },
		{ "-Password Foo123! -User bob", "-Password [REDACTED:password] -User bob" },
		{ "login: admin / Winter2024!", "login: admin / [REDACTED:password]" },
		{ "PIN: 4711", "PIN: [REDACTED:password]" },
		{ "    Key Content            : MyWifi99",
		  "    Key Content            : [REDACTED:secret]" },
		{ "client_secret: 8a7b6c5d4e3f", "client_secret: [REDACTED:secret]" },
		{ "p/w: admin", "p/w: [REDACTED:password]" },
		{ "recovery codes: 1234-5678 abcd-ef12", "recovery codes: [REDACTED:secret]" },
		{ "enable secret 5 $1$abcd$xyzxyz", "enable secret 5 [REDACTED:secret]" },
		{ "Password \xe2\x86\x92 hunter2", "Password \xe2\x86\x92 [REDACTED:password]" },
		{ "export PGPASSWORD=abc", "export PGPASSWORD=[REDACTED:password]" },
		{ "Username/Password: bob/hunter2", "Username/Password: [REDACTED:password]" },
		{ "DB_PASS=foo123bar", "DB_PASS=[REDACTED:password]" },
	};

	CHECK_ALL(cases);
}
END_TEST

START_TEST(commands_and_addresses)
{
	static const struct pair_of cases[] = {
		{ "net use Z: \\\\srv\\share hunter /user:CORP\\bob",
		  "net use Z: \\\\srv\\share [REDACTED:unc] /user:CORP\\bob" },
		{ "net use \\\\srv\\ipc$ /user:bob P@ssw0rd",
		  "net use \\\\srv\\ipc$ /user:bob [REDACTED:unc]" },
		{ "net user bob Summer2024 /add", "net user bob [REDACTED:password] /add" },
		{ "\\\\bob:hunter2@srv\\share", "\\\\bob:[REDACTED:unc]@srv\\share" },
		{ "https://bob:hunter2@example.com/x", "https://bob:[REDACTED:unc]@example.com/x" },
		{ "psexec \\\\pc -u admin -p Secret1 cmd",
		  "psexec \\\\pc -u admin -p [REDACTED:password] cmd" },
		{ "curl -u bob:hunter2 https://x.y",
		  "curl -u bob:[REDACTED:password] https://x.y" },
		{ "snmp-server community public RO", "snmp-server community [REDACTED:snmp] RO" },
		{ "snmpwalk -v2c -c private host", "snmpwalk -v2c -c [REDACTED:snmp] host" },
		{ "bob.smith+x@mail.contoso.co.uk!", "[REDACTED:email]!" },
		{ "10.20.30.40/24 and fe80::1c2d:3e4f%eth0",
		  "[REDACTED:ip]/24 and [REDACTED:ip]%eth0" },
		{ "10[.]20[.]30[.]40", "[REDACTED:ip]" },
		{ "00:1a:2b:3c:4d:5e 00-1A-2B-3C-4D-5E 001a.2b3c.4d5e",
		  "[REDACTED:mac] [REDACTED:mac] [REDACTED:mac]" },
		{ "node:10.0.0.5, MAC: 001A2B3C4D5E", "node:[REDACTED:ip], MAC: [REDACTED:mac]" },
		{ "0049 30 1234567", "[REDACTED:phone]" },
		{ "+44 20 7946 0958 (555) 123-4567, call 555-0123",
		  "[REDACTED:phone] [REDACTED:phone], call [REDACTED:phone]" },
		{ "4111 1111 1111 1111, 5500-0000-0000-0004, 378282246310005",
		  "[REDACTED:card], [REDACTED:card], [REDACTED:card]" },
		{ "Visa 4111 1111 1111 1112", "Visa [REDACTED:card]" },
	};

	CHECK_ALL(cases);
}
END_TEST

START_TEST(keys_and_tokens)
{
	static const struct pair_of cases[] = {
		{ "key AKIAIOSFODNN7EXAMPLE is old", "key [REDACTED:token] is old" },
		{ "AKIAIOSF\n> ODNN7EXAMPLE\n> was used", "[REDACTED:token]\n> was used" },
		{ "with rfk_7Qx-b0_kGm3VtYw9ZcJ2hLr8sPfDnE5uXaKoTiB6vCM it works",
		  "with [REDACTED:token] it works" },
		{ "curl -H \"Authorization: Bearer "
		  "rfk_7Qx-b0_kGm3VtYw9ZcJ2hLr8sPfDnE5uXaKoTiB6vCM\"",
		  "curl -H \"Authorization: [REDACTED:token]\"" },
		{ "rfk_summerautumnwinterspring-summerautumnwinter1 was it",
		  "[REDACTED:token] was it" },
		{ "rfk_7Qx-b0_kGm3VtYw9ZcJ2\n> hLr8sPfDnE5uXaKoTiB6vCM\n> was used",
		  "[REDACTED:token]\n> was used" },
		{ "the key rfk_7Qx- ends in May", "the key rfk_7Qx- ends in May" },
		{ "Authorization: Basic Ym9iOmh1bnRlcjI=", "Authorization: [REDACTED:token]" },
		{ "seen cGFzc3dvcmQ9aHVudGVyMg== there", "seen [REDACTED:password] there" },
		{ "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- after",
		  "[REDACTED:private_key] after" },
		{ "-----BEGIN PRIVATE KEY-----\nMIIEabc\nlost the rest of it\n",
		  "[REDACTED:private_key]\nlost the rest of it\n" },
		{ "123456-123456-123456-123456-123456-123456-123456-123456",
		  "[REDACTED:bitlocker]" },
		{ "VK7JG-NPHTM-C97JM-9MPGT-3V66T", "[REDACTED:licence]" },
	};

	CHECK_ALL(cases);
}
END_TEST

START_TEST(prose_stays)
{
	static const char *const texts[] = {
		"Windows 10.0.19045 build 22H2, version 10.0.19045.3803, at 10:30:45 on "
		"2026-11-21.",
		"Error 0x80070005 and 0x0000011b, ticket #1234567, INC0012345, invoice "
		"2024-000123.",
		"The password is expired. Reset the password. password: expired. Password expired?",
		"Password must be changed at next logon. Password last set: 11/21/2026 10:30:45 AM",
		"Password policy: 14 characters. The password is 90 days old. Password reset link.",
		"GUID 6f9619ff-8b86-d011-b42d-00c04fc964ff KB5005565 (KB5034441).",
		"Enter your password:\nUsername: bob",
		"The token has expired; request a new token. Token lifetime: 60 minutes",
		"Event ID 4625 and 50126. Firmware 7.2.1.5 installed. driver version 31.0.101.4502",
		"Call the user back at 10:30. Order 123456789012. Invoice 4123456789012345",
		"IMEI 356938035643809. Serial 5CG1234ABC. S-1-5-21-3623811015-3361044348-1013",
		"Secret Server is down. Community: active since 2020. Credentials: stored in vault",
		"C:\\Users\\bob\\AppData\\Local\\Microsoft\\Outlook, -2146893022, -p 8080:80",
		"https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--0-499-",
		"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\nSet-It",
		"Get-ADUser -Identity bob -Properties PasswordLastSet, PasswordExpired",
		"The net user accounts are locked; net use the other drive",
		"password 7 times; 50:01:43:80:11:22:33; pass 2 of 3; bypass: on; compass: "
		"north; passwordless; password-protected",
		"192.168.x.x; 255.255.255.0; 127.0.0.1; 8.8.8.8; ::1; std::vector; 1,234,567.89",
		"password=$env:PASS password=%PASS% password: ******** password: <password>",
		"Password: [VAR:start_password] and [VAR:user_email]; sign in: [VAR:user_email]",
		"password: [REDACTED:password]",
		"Meeting 2024-01-15 09:00-10:00; 100-200-3000; Standard_D4s_v3 Win11-23H2-x64",
		"Please change the password for the user and call back at 10:30.",
		"logo@2x, user@host, @mention, a@b",
		"",
	};

	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		ck_assert_text(plainly(str_of(texts[at])), str_of(texts[at]));
}
END_TEST

START_TEST(hits_are_counted_once_each)
{
	const struct redact_rules *rules = rules_of((struct redact_wish){ 0 });
	struct hits hits = { 0 };

	redact(arena, rules, STR("10.1.1.1, 10.1.1.2, 10.1.1.1"), &hits);
	redact(arena, rules, STR("pw: 10.1.1.1x; 10.1.1.2"), &hits);
	ck_assert_uint_eq(hits.n, 3);
	ck_assert_text(hits.items[0].text, STR("10.1.1.1"));
	ck_assert_int_eq(hits.items[0].kind, REDACT_IP);
	ck_assert_int_eq(hits.items[0].count, 2);
	ck_assert_int_eq(hits.items[1].count, 2);
	ck_assert_int_eq(hits.items[2].kind, REDACT_PASSWORD);
	ck_assert_uint_eq(hits.items[0].id.n, 16);
	for (int at = 0; at < 1000; at++)
		redact(arena, rules, str_fmt(arena, "10.2.%d.%d", at / 250, at % 250), &hits);
	ck_assert_uint_eq(hits.n, 1003);
	redact(arena, rules, STR("10.2.3.7"), &hits);
	ck_assert_uint_eq(hits.n, 1003);
}
END_TEST

START_TEST(a_hit_may_be_kept)
{
	struct hits hits = { 0 }, again = { 0 };
	struct str text = STR("from 10.1.1.1 to 10.1.1.2");
	struct str keep;

	redact(arena, rules_of((struct redact_wish){ 0 }), text, &hits);
	keep = hits.items[1].id;
	ck_assert_text(redact(arena, rules_of((struct redact_wish){ .keep = &keep, .nkeep = 1 }),
			      text, &again),
		       STR("from [REDACTED:ip] to 10.1.1.2"));
	ck_assert(again.items[1].kept && !again.items[0].kept);
}
END_TEST

START_TEST(lines_may_be_dropped)
{
	struct str text =
		STR("one\nfrom 10.1.1.1\nkey:\n-----BEGIN PRIVATE KEY-----\nabc\n-----END "
		    "PRIVATE KEY-----\nlast");
	struct redact_line *lines, *again;
	struct redact_wish wish;
	struct hits hits = { 0 };
	struct str drop, keep;

	ck_assert_uint_eq(
		redact_lines(arena, rules_of((struct redact_wish){ 0 }), text, &hits, &lines), 5);
	ck_assert_text(lines[1].text, STR("from [REDACTED:ip]"));
	ck_assert_text(lines[3].text, STR("[REDACTED:private_key]"));
	drop = lines[1].id;
	keep = hits.items[0].id;
	/* Also when its hit is kept, the line is the same line. */
	wish = (struct redact_wish){ .keep = &keep, .nkeep = 1, .drop = &drop, .ndrop = 1 };
	ck_assert_text(redact(arena, rules_of(wish), text, NULL),
		       STR("one\n[REDACTED:line]\nkey:\n[REDACTED:private_key]\nlast"));
	ck_assert_uint_eq(redact_lines(arena,
				       rules_of((struct redact_wish){ .drop = &drop, .ndrop = 1 }),
				       text, NULL, &again),
			  5);
	ck_assert(again[1].dropped && !again[0].dropped);
	ck_assert_text(again[1].id, drop);
}
END_TEST

/* ---- the account's patterns ---- */

static struct str by_pattern(const char *pattern, struct str text, struct hits *hits)
{
	struct redact_pattern own = { .pattern = str_of(pattern) };

	return redact(arena, rules_of((struct redact_wish){ .patterns = &own, .npatterns = 1 }),
		      text, hits);
}

START_TEST(own_patterns)
{
	ck_assert_text(by_pattern("contoso", STR("At Contoso and con\xe2\x80\x8btoso."), NULL),
		       STR("At [REDACTED:custom] and [REDACTED:custom]."));
	ck_assert_text(
		by_pattern("client (?<secret>\\w+)", STR("Client Wing\xc3\xa9 called"), NULL),
		STR("Client [REDACTED:custom] called"));
	ck_assert_text(by_pattern("M\xc3\xbcller\\b", STR("Frau M\xc3\xbcller da"), NULL),
		       STR("Frau [REDACTED:custom] da"));
	ck_assert_text(by_pattern("^Site:.*$", STR("a\nSite: B\nc"), NULL),
		       STR("a\n[REDACTED:custom]\nc"));
	ck_assert_text(by_pattern("(", STR("a ( b"), NULL), STR("a ( b"));
	ck_assert_text(by_pattern("b+",
				  STR("a\xff"
				      "bb"),
				  NULL),
		       STR("a\xff[REDACTED:custom]"));
}
END_TEST

START_TEST(a_pattern_says_its_kind)
{
	struct redact_pattern own[] = { { STR("K-\\d+"), STR("client") },
					{ STR("("), STR("bad") } };
	struct hits hits = { 0 };

	ck_assert_text(redact(arena,
			      rules_of((struct redact_wish){ .patterns = own, .npatterns = 2 }),
			      STR("K-12 at 10.1.1.1"), &hits),
		       STR("[REDACTED:client] at [REDACTED:ip]"));
	ck_assert_int_eq(hits.items[0].kind, REDACT_CUSTOM);
	ck_assert_text(hits.items[0].shown, STR("client"));
	ck_assert_text(hits.items[1].shown, STR("ip"));
}
END_TEST

START_TEST(wrong_patterns_say_why)
{
	static const struct pair_of cases[] = {
		{ "(a", "is wrong after 2 characters: missing closing parenthesis." },
		{ "a*", "also matches where there is nothing. Say what must be there, such as + "
			"in place of *." },
		{ "\\C", "is wrong after 2 characters: using \\C is disabled by the application." },
	};

	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		const struct err *e = redact_check(arena, str_of(cases[at].text));

		ck_assert_ptr_nonnull(e);
		ck_assert_int_eq(e->kind, ERR_INVALID);
		ck_assert_text(e->message, str_of(cases[at].want));
	}
	ck_assert_ptr_null(redact_check(arena, STR("[A-Z]{3}-\\d+")));
}
END_TEST

/* A line on which a pattern would take for ever goes with it, and the others are as they were. */
START_TEST(a_pattern_may_give_up)
{
	struct buf text = buf_new(arena, 100000);
	struct hits hits = { 0 };
	int64_t began = clock_mono();

	buf_put(&text, STR("before aa\n"));
	for (int at = 0; at < 5000; at++)
		buf_putc(&text, 'a');
	buf_put(&text, STR("b\nafter"));
	ck_assert_text(by_pattern("(a+)+$", buf_str(&text), &hits),
		       STR("before [REDACTED:custom]\n[REDACTED:custom]\nafter"));
	ck_assert(hits.gave_up);
	ck_assert_int_lt(clock_mono() - began, 5 * CLOCK_SECOND);
}
END_TEST

START_TEST(all_patterns_have_one_time)
{
	struct redact_pattern own[50];
	struct buf text = buf_new(arena, 2000000);
	struct hits hits = { 0 };
	int64_t began = clock_mono();

	for (size_t at = 0; at < 50; at++)
		own[at] = (struct redact_pattern){ .pattern = STR("(a+)+$|(x|xx)+y") };
	while (text.n < 500000)
		buf_put(&text, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaab xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"));
	redact(arena, rules_of((struct redact_wish){ .patterns = own, .npatterns = 50 }),
	       buf_str(&text), &hits);
	ck_assert(hits.gave_up);
	ck_assert_int_lt(clock_mono() - began, 10 * CLOCK_SECOND);
}
END_TEST

/* Each made to make some detector look far ahead again and again. */
START_TEST(no_text_is_slow)
{
	static const char *const pieces[] = {
		"password: ",   "password:http",
		"pass word\n",  "-----BEGIN RSA PRIVATE KEY",
		"eyJ.",         "eyJ",
		"1:",           "1-",
		"1.",           "a@",
		"@a.",          "//a:b",
		"\\\\a:",       "net use ",
		"A1B2C-",       "ab12cd34ef56ab12\n",
		"ghp_a ",       "token ",
		"\xe2\x80\x8b", "\xef\xbc\xa1",
		"1234 ",        "+1 ",
		"::",           "for: ",
		"QUJD",
	};
	clock_t slowest = 0;
	const char *which = "";

	for (size_t at = 0; at < sizeof(pieces) / sizeof(pieces[0]); at++) {
		struct buf text = buf_new(arena, 1 << 20);
		clock_t began;

		arena_reset(arena);
		text = buf_new(arena, 1 << 20);
		while (text.n + strlen(pieces[at]) < 300000)
			buf_put(&text, str_of(pieces[at]));
		began = clock();
		plainly(buf_str(&text));
		began = clock() - began;
		if (began > slowest) {
			slowest = began;
			which = pieces[at];
		}
	}
	printf("300 KB, the slowest of %zu texts, \"%s\": %ld ms\n",
	       sizeof(pieces) / sizeof(pieces[0]), which, (long)(slowest * 1000 / CLOCKS_PER_SEC));
	ck_assert_int_lt(slowest, 3 * CLOCKS_PER_SEC);
}
END_TEST

SUITE("kit/redact", only_the_value_goes, commands_and_addresses, keys_and_tokens, prose_stays,
      hits_are_counted_once_each, a_hit_may_be_kept, lines_may_be_dropped, own_patterns,
      a_pattern_says_its_kind, wrong_patterns_say_why, a_pattern_may_give_up,
      all_patterns_have_one_time, no_text_is_slow)
