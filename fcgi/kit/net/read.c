/* Reading back what message.c wrote; not for mail from elsewhere. */
#include "kit/net/message.h"

#include <string.h>
#include <time.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

/* The header of this name, its lines joined; none where there is none. */
static struct str header(struct arena *a, struct str head, struct str name)
{
	struct buf value = buf_new(a, head.n + 1);
	bool inside = false;

	for (struct str rest = head; rest.p;) {
		struct str line = str_cut(&rest, '\n');

		if (str_ends(line, STR("\r")))
			line.n--;
		if (inside && !str_starts(line, STR(" ")))
			break;
		if (inside) {
			buf_put(&value, line);
		} else if (line.n > name.n && line.p[name.n] == ':' &&
			   str_eq_nocase(str_first(line, name.n), name)) {
			inside = true;
			buf_put(&value, str_trim(str_skip(line, name.n + 1)));
		}
	}
	return inside ? str_trim(buf_str(&value)) : STR_NONE;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Both quoted-printable and the Q of encoded words, which writes a space as "_". */
static void put_unquoted(struct buf *b, struct str text, bool words)
{
	for (size_t at = 0; at < text.n; at++) {
		struct str rest = str_skip(text, at);

		if (str_starts(rest, STR("=\r\n"))) {
			at += 2;
		} else if (rest.n >= 3 && rest.p[0] == '=' && digit(rest.p[1]) >= 0 &&
			   digit(rest.p[2]) >= 0) {
			buf_putc(b, (char)(digit(rest.p[1]) * 16 + digit(rest.p[2])));
			at += 2;
		} else if (rest.p[0] != '\r') {
			buf_putc(b, words && rest.p[0] == '_' ? ' ' : rest.p[0]);
		}
	}
}

/* Encoded words, and what stands between them. */
static struct str decode(struct arena *a, struct str value)
{
	struct buf b = buf_new(a, value.n + 1);
	struct str rest = value;
	bool after_word = false;

	while (rest.n) {
		const char *end = str_starts(rest, STR("=?utf-8?Q?"))
					  ? memmem(rest.p + 10, rest.n - 10, "?=", 2)
					  : NULL;

		if (end) {
			put_unquoted(&b, (struct str){ rest.p + 10, (size_t)(end - rest.p) - 10 },
				     true);
			rest = str_skip(rest, (size_t)(end - rest.p) + 2);
			after_word = true;
			continue;
		}
		if (!(after_word && str_starts(rest, STR(" =?utf-8?Q?"))))
			buf_putc(&b, rest.p[0]);
		rest = str_skip(rest, 1);
		after_word = false;
	}
	return buf_str(&b);
}

/* Of several parts the first, which is the text; without its own head. */
static struct str first_part(struct arena *a, struct str head, struct str body)
{
	struct str type = header(a, head, STR("Content-Type")), boundary = type;
	const char *begin, *end;

	if (!str_starts(type, STR("multipart/")))
		return body;
	str_cut(&boundary, '"');
	boundary = str_cut(&boundary, '"');
	boundary = str_fmt(a, "--%.*s", STR_ARG(boundary));
	begin = memmem(body.p, body.n, "\r\n\r\n", 4);
	if (!begin)
		return body;
	body = str_skip(body, (size_t)(begin - body.p) + 4);
	end = memmem(body.p, body.n, boundary.p, boundary.n);
	return end ? str_first(body, (size_t)(end - body.p)) : body;
}

static struct instant read_date(struct arena *a, struct str text)
{
	struct tm tm = { 0 };
	const char *date = str_cstr(a, text);

	if (!date || !strptime(date, "%a, %d %b %Y %H:%M:%S +0000", &tm))
		return (struct instant){ 0 };
	return (struct instant){ (int64_t)timegm(&tm) * CLOCK_SECOND };
}

bool message_read(struct arena *a, struct str raw, struct message *ret)
{
	const char *gap = raw.n ? memmem(raw.p, raw.n, "\r\n\r\n", 4) : NULL;
	struct str head, body;
	struct buf text;

	if (!gap)
		return false;
	head = str_first(raw, (size_t)(gap - raw.p) + 2);
	body = str_skip(raw, head.n + 2);
	text = buf_new(a, body.n + 1);
	put_unquoted(&text, first_part(a, head, body), false);
	*ret = (struct message){
		.from = decode(a, header(a, head, STR("From"))),
		.to = header(a, head, STR("To")),
		.subject = decode(a, header(a, head, STR("Subject"))),
		.message_id = address_of(header(a, head, STR("Message-ID"))),
		.date = read_date(a, header(a, head, STR("Date"))),
		.text = buf_str(&text),
	};
	return ret->to.n > 0 && str_is_utf8(ret->text) && str_is_utf8(ret->subject) &&
	       str_is_utf8(ret->from);
}
