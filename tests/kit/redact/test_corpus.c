/*
 * The measure of the whole: 300 planted secrets, each in 20 disguises, none of whose halves may
 * come through; and the demo flows, in which nothing but addresses may be found.  The same each
 * time.
 */
#include <glob.h>
#include <string.h>
#include <time.h>

#include "kit/base/buf.h"
#include "kit/redact/redact.h"
#include "support/suite.h"

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* ---- secrets ---- */

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define SIGNS  "!@#$%^*?+-"

struct secret {
	struct str text;
	const char *carrier; /* "%" stands for the secret */
	enum redact_kind kind;
};

/* 'A' a capital, 'a' a small letter, '0' a digit, 'x' a hex digit, '*' a letter or digit, '$' a
 * sign; what follows '=' is itself. */
static struct str of_mask(const char *mask)
{
	struct buf out = buf_new(arena, 4096);

	for (; *mask; mask++) {
		switch (*mask) {
		case 'A':
			buf_putc(&out, UPPER[chance(26)]);
			break;
		case 'a':
			buf_putc(&out, LOWER[chance(26)]);
			break;
		case '0':
			buf_putc(&out, DIGITS[chance(10)]);
			break;
		case 'x':
			buf_putc(&out, "0123456789abcdef"[chance(16)]);
			break;
		case '*':
			buf_putc(&out, (UPPER LOWER DIGITS)[chance(62)]);
			break;
		case '$':
			buf_putc(&out, SIGNS[chance(sizeof(SIGNS) - 1)]);
			break;
		case '=':
			mask++;
			/* fall through */
		default:
			buf_putc(&out, *mask);
		}
	}
	return buf_str(&out);
}

static const struct source {
	enum redact_kind kind;
	int n;
	const char *masks[6];
	const char *carriers[10];
} sources[] = {
	{ REDACT_PASSWORD,
	  60,
	  { "Aaaaaa0000$", "**$**0*a**$*", "Aaaaa=-00=-Aaaa$", "aaaaaaa00", "A0a$A0a$A0a" },
	  { "Password: %", "password=%", "The password is %", "pw: %", "New password for bob: %",
	    "I reset the password to % today", "admin password = %", "user bob, password %, done",
	    "Login: admin / %", "Passwort: %" } },
	{ REDACT_SECRET,
	  40,
	  { "a0a0a0a0a0a0a0a0", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0", "**0a**********A*****" },
	  { "api_key=%", "client_secret: %", "API key: %", "The shared secret is %",
	    "secret_access_key = %", "PSK: %", "Wi-Fi key: %", "AccountKey=%" } },
	{ REDACT_TOKEN,
	  40,
	  { "=A=K=I=AAAAA0AAAAAAAAAAA", "=g=h=p_**********0*************************",
	    "=e=y=J**********0****.=e=y=J*************0***********.**************0**********",
	    "=x=o=x=b-000000000000-000000000000-************0***********",
	    "=g=l=p=a=t-*****0**************" },
	  { "key % used", "the token % expired", "Authorization: Bearer %", "%", "see %, then" } },
	{ REDACT_PRIVATE_KEY,
	  10,
	  { "-----=B=E=G=I=N =R=S=A =P=R=I=V=A=T=E =K=E=Y-----\n********************************"
	    "********************************\n****************==\n-----=E=N=D =R=S=A "
	    "=P=R=I=V=A=T=E =K=E=Y-----" },
	  { "the key:\n%\nended" } },
	{ REDACT_BITLOCKER,
	  20,
	  { "000000-000000-000000-000000-000000-000000-000000-000000" },
	  { "Recovery: %", "% is it", "key %." } },
	{ REDACT_LICENCE, 20, { "A0AAA-A0AAA-AA0AA-AAAA0-AAAAA" }, { "Office %", "% entered" } },
	{ REDACT_SNMP,
	  20,
	  { "aaaaaa0a", "aaaa0aaaA" },
	  { "snmp-server community % RO", "SNMP community string: %", "rocommunity %",
	    "snmpwalk -v2c -c % host" } },
	{ REDACT_UNC,
	  20,
	  { "Aaaaaa0000", "aaaa00aaaa" },
	  { "net use Z: \\\\srv\\share /user:bob %", "https://bob:%@example.com/x",
	    "\\\\bob:%@srv\\share" } },
	{ REDACT_EMAIL,
	  20,
	  { "aaaaa.aaaaaa@aaaaaaa.=c=o=m", "aaaa00@aaaaaaaa.=c=o.=u=k" },
	  { "mail % today", "From: %", "(%)" } },
	{ REDACT_IP,
	  15,
	  { "=1=0.=10=0.=2=00.=10=0", "=2=0=0=1:=d=b=8::=axxx:xxx=1", "=1=7=2.=1=6.=4=0.=10" },
	  { "host % down", "ping %", "from %, then" } },
	{ REDACT_MAC, 15, { "xx:xx:xx:xx:xx:xx", "xx-xx-xx-xx-xx-xx" }, { "MAC % seen", "(%)" } },
	{ REDACT_PHONE,
	  10,
	  { "+=4=4 =2=0 =7000 0000", "=2=1=2-=5=5=5-0000", "(=4=1=5) =5=5=5-0000" },
	  { "rang % twice", "Tel. %" } },
	{ REDACT_CARD,
	  10,
	  { "=4000 0000 0000 0000", "=4000000000000000" },
	  { "Visa %", "card no. % used" } },
};

static size_t listed(const char *const *list, size_t most)
{
	size_t n = 0;

	while (n < most && list[n])
		n++;
	return n;
}

#define SECRETS 300

static void plant(struct secret secrets[SECRETS])
{
	size_t n = 0;

	seed = 20261121;
	for (size_t row = 0; row < sizeof(sources) / sizeof(sources[0]); row++) {
		const struct source *s = &sources[row];

		for (int at = 0; at < s->n; at++)
			secrets[n++] = (struct secret){
				of_mask(s->masks[(size_t)at % listed(s->masks, 6)]),
				s->carriers[(size_t)at % listed(s->carriers, 10)], s->kind
			};
	}
	ck_assert_uint_eq(n, SECRETS);
}

/* ---- disguises ---- */

enum {
	PLAIN,
	ZERO_WIDTH,
	JOINERS,
	SOFT_HYPHENS,
	FULL_WIDTH,
	FULL_DIGITS,
	BOLD,
	MONOSPACE,
	CIRCLED,
	TWINS,
	ACCENTS,
	ARABIC_DIGITS,
	LABEL_UPPER,
	LABEL_MIXED,
	HARD_BLANKS,
	BIDI,
	MARKDOWN,
	WRAPPED,
	QUOTED,
	BASE64,
	DISGUISES
};

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_putc(b, (char)c);
	} else if (c < 0x800) {
		buf_putc(b, (char)(0xc0 | c >> 6));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_putc(b, (char)(0xe0 | c >> 12));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_putc(b, (char)(0xf0 | c >> 18));
		buf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	}
}

static uint32_t in_alphabet(char c, uint32_t upper, uint32_t lower, uint32_t digit)
{
	if (c >= 'A' && c <= 'Z' && upper)
		return upper + (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z' && lower)
		return lower + (uint32_t)(c - 'a');
	if (c >= '0' && c <= '9' && digit)
		return digit + (uint32_t)(c - '0');
	return (uint32_t)(unsigned char)c;
}

static uint32_t twin(char c)
{
	static const char of[] = "aceopxyABCEHIKMOPTX";
	static const uint32_t is[] = { 0x430, 0x441, 0x435, 0x43e, 0x440, 0x445, 0x443,
				       0x410, 0x412, 0x421, 0x415, 0x41d, 0x406, 0x41a,
				       0x41c, 0x41e, 0x420, 0x422, 0x425 };
	const char *found = strchr(of, c);

	return found && c ? is[found - of] : (uint32_t)(unsigned char)c;
}

static bool is_letter_or_digit(char c)
{
	return in_alphabet(c, 256, 256, 256) >= 256;
}

/* One byte, in its disguise. */
static void put_disguised(struct buf *b, int how, char c, bool of_secret)
{
	static const uint32_t joiners[] = { 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff };

	switch (how) {
	case ZERO_WIDTH:
		buf_putc(b, c);
		if (of_secret)
			put_utf8(b, 0x200b);
		break;
	case JOINERS:
		buf_putc(b, c);
		if (chance(3) == 0)
			put_utf8(b, joiners[chance(5)]);
		break;
	case SOFT_HYPHENS:
		buf_putc(b, c);
		if (chance(4) == 0)
			put_utf8(b, 0xad);
		break;
	case FULL_WIDTH:
		put_utf8(b, c > ' ' ? (uint32_t)c + 0xfee0 : (uint32_t)c);
		break;
	case FULL_DIGITS:
		put_utf8(b, in_alphabet(c, 0, 0, 0xff10));
		break;
	case BOLD:
		put_utf8(b, in_alphabet(c, 0x1d400, 0x1d41a, 0x1d7ce));
		break;
	case MONOSPACE:
		put_utf8(b, in_alphabet(c, 0x1d670, 0x1d68a, 0x1d7f6));
		break;
	case CIRCLED:
		put_utf8(b, in_alphabet(c, 0x24b6, 0x24d0, 0));
		break;
	case TWINS:
		put_utf8(b, twin(c));
		break;
	case ACCENTS:
		buf_putc(b, c);
		if (is_letter_or_digit(c) && chance(3) == 0)
			put_utf8(b, 0x301);
		break;
	case ARABIC_DIGITS:
		put_utf8(b, in_alphabet(c, 0, 0, 0x660));
		break;
	case LABEL_UPPER:
		buf_putc(b, !of_secret && c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
		break;
	case LABEL_MIXED:
		buf_putc(b, !of_secret && c >= 'a' && c <= 'z' && chance(2) ? (char)(c - 32) : c);
		break;
	case HARD_BLANKS:
		put_utf8(b, c == ' ' ? 0xa0 : c == '-' ? 0x2011 : (uint32_t)c);
		break;
	case BIDI:
		if (chance(5) == 0)
			put_utf8(b, chance(2) ? 0x202d : 0x200e);
		buf_putc(b, c);
		break;
	default:
		buf_putc(b, c);
	}
}

static void put_base64(struct buf *b, struct str text)
{
	static const char set[] = UPPER LOWER DIGITS "+/";

	for (size_t at = 0; at < text.n; at += 3) {
		uint32_t bits = 0;
		size_t n = text.n - at < 3 ? text.n - at : 3;

		for (size_t byte = 0; byte < 3; byte++)
			bits = bits << 8 | (byte < n ? (unsigned char)text.p[at + byte] : 0);
		for (size_t digit = 0; digit < 4; digit++)
			buf_putc(b, digit <= n ? set[bits >> (18 - 6 * digit) & 63] : '=');
	}
}

/* A text, and where in it the secret and its second half begin and end. */
struct sample {
	struct str text;
	size_t from, middle, to;
};

static bool wraps(enum redact_kind kind)
{
	return kind == REDACT_TOKEN || kind == REDACT_BITLOCKER || kind == REDACT_LICENCE ||
	       kind == REDACT_CARD;
}

static void put_secret(struct buf *b, const struct secret *s, int how, struct sample *ret)
{
	size_t cut = how == WRAPPED && wraps(s->kind) ? 1 + chance((uint32_t)s->text.n - 1) : 0;

	ret->from = b->n;
	for (size_t at = 0; at < s->text.n; at++) {
		if (at == s->text.n / 2)
			ret->middle = b->n;
		if (at && at == cut)
			buf_put(b, chance(2) ? STR("\n") : STR("\r\n  "));
		put_disguised(b, how, s->text.p[at], true);
	}
	ret->to = b->n;
}

static struct sample disguise(const struct secret *s, int how)
{
	struct buf out = buf_new(arena, 65536), coded = buf_new(arena, 65536);
	struct sample ret = { 0 };

	if (how == QUOTED)
		buf_put(&out, STR("> > "));
	for (const char *at = s->carrier; *at; at++) {
		if (*at != '%') {
			put_disguised(&out, how, *at, false);
			continue;
		}
		if (how == MARKDOWN)
			buf_put(&out, STR("`"));
		put_secret(&out, s, how, &ret);
		if (how == MARKDOWN)
			buf_put(&out, STR("`"));
	}
	ret.text = buf_str(&out);
	if (how != BASE64)
		return ret;
	put_base64(&coded, ret.text);
	return (struct sample){ buf_str(&coded), 0, coded.n / 2, coded.n };
}

static bool comes_through(const struct sample *s, struct str out)
{
	struct str first = { s->text.p + s->from, s->middle - s->from };
	struct str second = { s->text.p + s->middle, s->to - s->middle };

	return str_contains(out, first) || str_contains(out, second);
}

static const struct redact_rules *no_rules(void)
{
	return redact_rules_new(arena, ARENA_NEW(arena, struct redact_wish));
}

START_TEST(planted_secrets_do_not_come_through)
{
	struct secret secrets[SECRETS];
	int missed[DISGUISES] = { 0 }, all = 0, kinds = 0;

	plant(secrets);
	for (int how = 0; how < DISGUISES; how++) {
		for (size_t at = 0; at < SECRETS; at++) {
			struct sample s = disguise(&secrets[at], how);
			struct hits hits = { 0 };

			if (comes_through(&s, redact(arena, no_rules(), s.text, &hits))) {
				missed[how]++;
				if (getenv("CORPUS_SHOW") || how == PLAIN)
					printf("disguise %d: %.*s\n", how, STR_ARG(s.text));
			} else if (how == PLAIN) {
				kinds += hits.items[0].kind == secrets[at].kind;
			}
		}
		all += missed[how];
	}
	printf("of %d secrets in %d disguises %d came through: recall %.2f %%; of the plain ones "
	       "%d; "
	       "%d of them under their own kind\n",
	       SECRETS, DISGUISES, all, 100.0 - 100.0 * all / (SECRETS * DISGUISES), missed[PLAIN],
	       kinds);
	fflush(stdout);
	ck_assert_int_eq(missed[PLAIN], 0);
	ck_assert_int_le(all * 1000, SECRETS * DISGUISES * 5);
	ck_assert_int_ge(kinds, SECRETS * 95 / 100);
}
END_TEST

/* ---- false alarms ---- */

static struct str unescaped(struct str json)
{
	struct buf out = buf_new(arena, json.n + 1);

	for (size_t at = 0; at < json.n; at++) {
		if (json.p[at] != '\\' || at + 1 == json.n)
			buf_putc(&out, json.p[at]);
		else if (json.p[++at] == 'n')
			buf_putc(&out, '\n');
		else
			buf_putc(&out, json.p[at]);
	}
	return buf_str(&out);
}

/* Every text of the demo flows. */
static struct str demo(void)
{
	struct buf all = buf_new(arena, 8 << 20);
	glob_t files;

	ck_assert_int_eq(glob("fcgi/app/demo/*.json", 0, NULL, &files), 0);
	ck_assert_uint_ge(files.gl_pathc, 10);
	for (size_t at = 0; at < files.gl_pathc; at++)
		buf_put(&all, unescaped(suite_read(files.gl_pathv[at])));
	globfree(&files);
	return buf_str(&all);
}

START_TEST(the_demo_has_few_false_alarms)
{
	struct hits hits = { 0 };
	struct redact_line *lines;
	struct str text = demo();
	size_t n = redact_lines(arena, no_rules(), text, &hits, &lines);
	int64_t found = 0, wrong = 0;

	for (size_t at = 0; at < hits.n; at++) {
		const struct hit *h = &hits.items[at];
		bool address = h->kind == REDACT_IP || h->kind == REDACT_EMAIL;

		found += h->count;
		wrong += address ? 0 : h->count;
		if (!address)
			printf("false: %s %.*s\n", redact_kinds.text[h->kind], STR_ARG(h->text));
	}
	printf("%zu lines of the demo: %ld addresses and %ld false alarms\n", n,
	       (long)(found - wrong), (long)wrong);
	fflush(stdout);
	ck_assert_uint_ge(n, 1000);
	ck_assert_int_le(found * 100, (int64_t)n);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(a_megabyte_is_quick)
{
	struct buf text = buf_new(arena, 1 << 20);
	struct str once = demo();
	clock_t began;

	while (text.n + once.n < 1000000)
		buf_put(&text, once);
	began = clock();
	redact(arena, no_rules(), buf_str(&text), NULL);
	printf("%zu bytes of ordinary text: %ld ms\n", text.n,
	       (long)((clock() - began) * 1000 / CLOCKS_PER_SEC));
}
END_TEST

SUITE("kit/redact/corpus", planted_secrets_do_not_come_through, the_demo_has_few_false_alarms,
      a_megabyte_is_quick)
