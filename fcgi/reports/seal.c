/* The line that tells whether a document was changed; see reports.h. */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/crypto/crypto.h"
#include "reports/cut.h"

static const struct str mark = STR_INIT("ResolutionFlow record sha256:");

/* What stands around it in each format; a text that somebody typed can't stand between the two. */
static const struct around {
	struct str before, after;
} arounds[REPORT_FORMAT__MAX] = {
	[REPORT_MARKDOWN] = { STR_INIT("\n"), STR_INIT("\n") },
	[REPORT_TEXT] = { STR_INIT("\n"), STR_INIT("\n") },
	[REPORT_HTML] = { STR_INIT("<p class=\"record\">"), STR_INIT("</p>\n") },
	[REPORT_JSON] = { STR_INIT("\"record\":\""), STR_INIT("\"") },
};

struct str report_blank_record(struct arena *a)
{
	return str_fmt(a, "%.*s%0*d", STR_ARG(mark), REPORT_DIGEST, 0);
}

/* ---- finding it ---- */

static bool is_digest(struct str s)
{
	for (size_t at = 0; at < s.n; at++)
		if (!strchr("0123456789abcdef", s.p[at]) || !s.p[at])
			return false;
	return s.n == REPORT_DIGEST;
}

/* Alone on its line, or in its place of HTML or JSON. */
static bool is_placed(struct str before, struct str after)
{
	if (str_ends(before, arounds[REPORT_JSON].before))
		return str_starts(after, STR("\""));
	if (str_ends(before, arounds[REPORT_HTML].before))
		return str_starts(after, STR("<"));
	return (before.n == 0 || strchr("\r\n", before.p[before.n - 1])) &&
	       str_trim(str_cut_line(&after)).n == 0;
}

/* Where the digits of the last one begin. */
static bool find_digest(struct str text, size_t *ret)
{
	const char *hit;
	bool found = false;

	for (size_t at = 0; at < text.n; at++) {
		struct str rest = str_skip(text, at), digest;

		hit = memmem(rest.p, rest.n, mark.p, mark.n);
		if (!hit)
			break;
		at = (size_t)(hit - text.p);
		digest = str_first(str_skip(text, at + mark.n), REPORT_DIGEST);
		if (!is_digest(digest) ||
		    !is_placed(str_first(text, at), str_skip(text, at + mark.n + digest.n)))
			continue;
		*ret = at + mark.n;
		found = true;
	}
	return found;
}

/* ---- computing it ---- */

static struct str without_end(struct str text)
{
	while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
		text.n--;
	return text;
}

static struct str compute(struct arena *a, struct str text, size_t digest)
{
	char *room = arena_alloc(a, text.n + 1, 1);
	size_t n = 0;

	text = without_end(text);
	for (size_t at = 0; at < text.n; at++) {
		if (text.p[at] == '\r' && at + 1 < text.n && text.p[at + 1] == '\n')
			continue;
		room[n++] = at >= digest && at < digest + REPORT_DIGEST ? '0' : text.p[at];
	}
	return crypto_hash_token(a, (struct str){ room, n });
}

bool report_digest(struct arena *a, struct str text, struct str *claimed, struct str *computed)
{
	size_t at;

	if (!find_digest(text, &at))
		return false;
	*claimed = str_first(str_skip(text, at), REPORT_DIGEST);
	*computed = compute(a, text, at);
	return true;
}

/* ---- putting it in ---- */

/* Where a lost one belongs: before what closes the document, as far as that is still there. */
static size_t lost_place(struct str text, enum report_format format)
{
	static const struct str ends[] = { STR_INIT("</main>"), STR_INIT("</body>") };

	if (format == REPORT_JSON && str_ends(text, STR("}")))
		return text.n - 1;
	for (size_t end = 0; format == REPORT_HTML && end < 2; end++)
		for (size_t at = text.n; at > 0; at--)
			if (str_starts(str_skip(text, at - 1), ends[end]))
				return at - 1;
	return text.n;
}

static struct str with_blank(struct arena *a, struct str text, enum report_format format)
{
	struct str end = without_end(text), head = str_first(end, lost_place(end, format));
	struct str tail = str_skip(end, head.n);
	struct buf out = buf_new(a, text.n + 256);

	if (format == REPORT_JSON && tail.n == 0)
		format = REPORT_TEXT; /* edited until it was JSON no more */
	buf_put(&out, head);
	if (format != REPORT_JSON)
		buf_put(&out, str_ends(head, STR("\n")) ? STR("") : STR("\n"));
	else if (!str_ends(without_end(head), STR("{")))
		buf_putc(&out, ',');
	buf_put(&out, arounds[format].before);
	buf_put(&out, report_blank_record(a));
	buf_put(&out, arounds[format].after);
	buf_put(&out, tail);
	buf_put(&out, tail.n ? STR("\n") : STR(""));
	return buf_str(&out);
}

struct str report_seal(struct arena *a, struct str text, enum report_format format)
{
	struct str digest;
	size_t at = 0;
	char *sealed;

	if (!find_digest(text, &at)) {
		text = with_blank(a, text, format);
		find_digest(text, &at);
	}
	digest = compute(a, text, at);
	sealed = arena_alloc(a, text.n + 1, 1);
	memcpy(sealed, text.p, text.n);
	memcpy(sealed + at, digest.p, REPORT_DIGEST);
	return (struct str){ sealed, text.n };
}
