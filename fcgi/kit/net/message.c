/* Writing a mail's text; see message.h. */
#include "kit/net/message.h"

#include <time.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define MESSAGE_MAX   ((size_t)16 * 1024 * 1024)
#define LINE          76  /* without CR LF */
#define REFERENCE_MAX 990 /* a line may be as long as 998 */
#define WORD_BEGIN    STR("=?utf-8?Q?")
#define WORD_END      STR("?=")

static const char hex[] = "0123456789ABCDEF";

/* ---- addresses ---- */

bool address_is_sound(struct str address)
{
	struct str domain = address;
	struct str local = str_cut(&domain, '@');

	if (address.n > 254 || local.n < 1 || local.n > 64 || domain.n < 1 ||
	    str_find(domain, '@') >= 0 || !str_is_utf8(address))
		return false;
	for (size_t at = 0; at < address.n; at++) {
		unsigned char c = (unsigned char)address.p[at];

		if (c <= 0x20 || c == 0x7f || str_find(STR("<>()[],;:\\\""), (char)c) >= 0)
			return false;
	}
	return domain.p[0] != '.' && domain.p[domain.n - 1] != '.' &&
	       !str_contains(domain, STR(".."));
}

struct str address_of(struct str mailbox)
{
	struct str rest = mailbox;

	str_cut(&rest, '<');
	return rest.p ? str_cut(&rest, '>') : str_trim(mailbox);
}

/* ---- encodings ---- */

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void put_hex(struct buf *b, char byte)
{
	unsigned char c = (unsigned char)byte;

	buf_putc(b, '=');
	buf_putc(b, hex[c >> 4]);
	buf_putc(b, hex[c & 15]);
}

/* Bytes of the character that begins there. */
static size_t character(struct str s, size_t at)
{
	size_t n = 1;

	while (at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* RFC 2047: as many words as it takes, none of which ends inside a character. */
static void put_words(struct buf *b, struct str text, size_t column)
{
	size_t used = column + WORD_BEGIN.n;

	buf_put(b, WORD_BEGIN);
	for (size_t at = 0, n; at < text.n; at += n) {
		bool plain = is_plain((unsigned char)text.p[at]) || text.p[at] == ' ';
		size_t room;

		n = character(text, at);
		room = plain ? 1 : 3 * n;
		if (used + room + WORD_END.n > LINE) {
			buf_put(b, STR("?=\r\n =?utf-8?Q?"));
			used = 1 + WORD_BEGIN.n;
		}
		used += room;
		if (plain)
			buf_putc(b, text.p[at] == ' ' ? '_' : text.p[at]);
		for (size_t byte = 0; !plain && byte < n; byte++)
			put_hex(b, text.p[at + byte]);
	}
	buf_put(b, WORD_END);
}

/* Whether it would not come out of a folded header as it went in. */
static bool needs_words(struct str text)
{
	size_t word = 0;

	for (size_t at = 0; at < text.n; at++) {
		word = text.p[at] == ' ' ? 0 : word + 1;
		if ((unsigned char)text.p[at] >= 0x80 || word > LINE - 20)
			return true;
	}
	return str_contains(text, STR("=?")) || str_contains(text, STR("  ")) ||
	       str_starts(text, STR(" ")) || str_ends(text, STR(" "));
}

static void put_folded(struct buf *b, struct str text, size_t column)
{
	for (struct str rest = text; rest.p;) {
		struct str word = str_cut(&rest, ' ');

		if (column + word.n > LINE && column > 1) {
			b->n -= 1; /* the space before it */
			buf_put(b, STR("\r\n "));
			column = 1;
		}
		buf_put(b, word);
		column += word.n + 1;
		if (rest.p)
			buf_putc(b, ' ');
	}
}

static void put_header(struct buf *b, struct str name, struct str value)
{
	buf_put(b, name);
	buf_put(b, STR(": "));
	if (needs_words(value))
		put_words(b, value, name.n + 2);
	else
		put_folded(b, value, name.n + 2);
	buf_put(b, STR("\r\n"));
}

/* An address in angle brackets, which programs read: its letters stand as they are, however long.
 */
static bool is_reference(struct str text)
{
	for (size_t at = 0; at < text.n; at++)
		if (text.p[at] <= ' ' || text.p[at] > '~')
			return false;
	return text.n <= REFERENCE_MAX && str_starts(text, STR("<")) && str_ends(text, STR(">"));
}

static void put_more(struct buf *b, const struct message_header *header)
{
	if (!is_reference(header->value)) {
		put_header(b, header->name, header->value);
		return;
	}
	buf_put(b, header->name);
	buf_put(b, STR(": "));
	put_folded(b, header->value, header->name.n + 2);
	buf_put(b, STR("\r\n"));
}

static bool is_words(struct str text)
{
	for (size_t at = 0; at < text.n; at++)
		if (!is_plain((unsigned char)text.p[at]) && text.p[at] != ' ')
			return false;
	return !needs_words(text);
}

/* A name that is more than words of letters and digits goes as encoded words. */
static void put_mailbox(struct buf *b, struct str header, struct str mailbox)
{
	struct str name = mailbox, address = address_of(mailbox);
	size_t column = header.n + 2;

	name = str_find(name, '<') >= 0 ? str_trim(str_cut(&name, '<')) : STR("");
	buf_put(b, header);
	buf_put(b, STR(": "));
	if (name.n == 0) {
		buf_printf(b, "%.*s\r\n", STR_ARG(address));
		return;
	}
	if (is_words(name) && column + name.n + address.n + 3 <= LINE) {
		buf_printf(b, "%.*s <%.*s>\r\n", STR_ARG(name), STR_ARG(address));
		return;
	}
	put_words(b, name, column);
	buf_printf(b, "\r\n <%.*s>\r\n", STR_ARG(address));
}

static void put_date(struct buf *b, struct instant date)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(date.us / CLOCK_SECOND);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	buf_printf(b, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
		   months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Bytes of the line's end there, however it is written: CR LF, LF or CR; 0 where there is none. */
static size_t line_end(struct str s, size_t at)
{
	if (at >= s.n || (s.p[at] != '\r' && s.p[at] != '\n'))
		return 0;
	return s.p[at] == '\r' && at + 1 < s.n && s.p[at + 1] == '\n' ? 2 : 1;
}

/* Quoted-printable. */
static void put_body(struct buf *b, struct str text)
{
	size_t column = 0;

	for (size_t at = 0; at < text.n;) {
		unsigned char c = (unsigned char)text.p[at];
		size_t end = line_end(text, at);
		bool white = c == ' ' || c == '\t';
		bool plain = (c > 0x20 && c < 0x7f && c != '=') ||
			     (white && at + 1 < text.n && !line_end(text, at + 1));

		if (end) {
			buf_put(b, STR("\r\n"));
			column = 0;
			at += end;
			continue;
		}
		if (column + (plain ? 1 : 3) >= LINE) {
			buf_put(b, STR("=\r\n"));
			column = 0;
		}
		if (plain)
			buf_putc(b, text.p[at]);
		else
			put_hex(b, text.p[at]);
		column += plain ? 1 : 3;
		at++;
	}
	if (column)
		buf_put(b, STR("\r\n"));
}

static void put_part(struct buf *b, const char *type, struct str text)
{
	buf_printf(b,
		   "Content-Type: text/%s; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		   type);
	put_body(b, text);
}

/* "=_" stands in no quoted-printable text, so the boundary in neither part. */
static void put_parts(struct buf *b, const struct message *m)
{
	buf_printf(
		b,
		"Content-Type: multipart/alternative;\r\n boundary=\"=_%.*s\"\r\n\r\n--=_%.*s\r\n",
		STR_ARG(str_first(m->message_id, 36)), STR_ARG(str_first(m->message_id, 36)));
	put_part(b, "plain", m->text);
	buf_printf(b, "--=_%.*s\r\n", STR_ARG(str_first(m->message_id, 36)));
	put_part(b, "html", m->html);
	buf_printf(b, "--=_%.*s--\r\n", STR_ARG(str_first(m->message_id, 36)));
}

/* ---- the whole ---- */

static bool is_token(struct str name)
{
	for (size_t at = 0; at < name.n; at++)
		if (!is_plain((unsigned char)name.p[at]) && name.p[at] != '-')
			return false;
	return name.n > 0 && name.n <= 40;
}

static bool is_clean(struct str value)
{
	return value.n <= 2000 && str_is_utf8(value) && !str_has_control(value, STR(""));
}

static const struct err *check(struct arena *a, const struct message *m)
{
	if (!address_is_sound(m->to))
		return ERR(a, ERR_INVALID, "the recipient is no address that can be written to");
	if (!is_clean(m->from) || !address_is_sound(address_of(m->from)))
		return ERR(a, ERR_INVALID, "the sender is no address");
	if (!is_clean(m->subject))
		return ERR(a, ERR_INVALID, "the subject holds what no header may");
	if (!address_is_sound(m->message_id))
		return ERR(a, ERR_INVALID, "the Message-ID is malformed");
	for (size_t at = 0; at < m->nmore; at++)
		if (!is_token(m->more[at].name) || !is_clean(m->more[at].value))
			return ERR(a, ERR_INVALID, "a header holds what no header may");
	return NULL;
}

const struct err *message_write(struct arena *a, const struct message *m, struct str *ret)
{
	struct buf b = buf_new(a, MESSAGE_MAX);

	TRY(check(a, m));
	put_date(&b, m->date);
	put_mailbox(&b, STR("From"), m->from);
	put_mailbox(&b, STR("To"), m->to);
	put_header(&b, STR("Subject"), m->subject);
	buf_printf(&b, "Message-ID: <%.*s>\r\n", STR_ARG(m->message_id));
	buf_put(&b, STR("Auto-Submitted: auto-generated\r\n"));
	for (size_t at = 0; at < m->nmore; at++)
		put_more(&b, &m->more[at]);
	buf_put(&b, STR("MIME-Version: 1.0\r\n"));
	if (m->html.n)
		put_parts(&b, m);
	else
		put_part(&b, "plain", m->text);
	if (b.full)
		return ERR(a, ERR_TOO_LARGE, "the mail is too large");
	*ret = buf_str(&b);
	return NULL;
}
