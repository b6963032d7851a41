/* Private keys: PEM blocks, also quoted, in one line or without their end, and PuTTY's files. */
#include <string.h>

#include "kit/redact/scan.h"

#define HEAD_MAX  80
#define BLOCK_MAX 32768

const char *block_word(size_t at)
{
	static const char *const words[] = { "begin", "putty" };

	return at < sizeof(words) / sizeof(words[0]) ? words[at] : NULL;
}

/* Past "BEGIN RSA PRIVATE KEY", or 0. */
static size_t pem_head(const struct scan *s, size_t at)
{
	size_t past = scan_word(s, at, "begin"), most;

	if (!past || at == 0 || !is_one_of(s->p[at - 1], "- "))
		return 0;
	for (most = past + HEAD_MAX; past < most && past < s->n; past++) {
		size_t end = scan_word(s, past, "private key");

		if (end)
			return end;
		if (!is_alnum(s->p[past]) && !is_one_of(s->p[past], " _-"))
			return 0;
	}
	return 0;
}

/* Past "END RSA PRIVATE KEY" and its dashes, where "end" begins at `at`; or 0. */
static size_t tail_at(const struct scan *s, size_t at)
{
	size_t past = scan_word(s, at, "end"), most = past + HEAD_MAX;

	if (!past || !is_one_of(s->p[at - 1], "- "))
		return 0;
	for (; past < most && past < s->n && s->p[past] != '\n'; past++) {
		size_t end = scan_word(s, past, "private key");

		if (!end)
			continue;
		while (scan_at(s, end) == '-')
			end++;
		return end;
	}
	return 0;
}

/* Past the end of the block that begins at `at`, or 0 where it has none. */
static size_t pem_tail(struct scan *s, size_t at)
{
	size_t most = s->n - at > BLOCK_MAX ? at + BLOCK_MAX : s->n;

	for (at = at > s->endless ? at : s->endless; at < most; at++) {
		size_t end = tail_at(s, at);

		if (end)
			return end;
	}
	s->endless = most;
	return 0;
}

/* A line without blanks, or a header of the block such as "Proc-Type: 4,ENCRYPTED". */
static bool is_body(struct str line)
{
	ptrdiff_t blank;

	line = str_trim(line);
	while (line.n && is_one_of(line.p[0], ">| "))
		line = str_skip(line, 1);
	blank = str_find(line, ' ');
	return blank < 0 || (blank > 0 && line.p[blank - 1] == ':');
}

/* Without an end, to the last line that may be of the block. */
static size_t body_end(const struct scan *s, size_t at)
{
	size_t end = scan_line_end(s, at);

	while (end < s->n) {
		size_t next = scan_line_end(s, end + 1);

		if (!is_body(scan_text(s, end + 1, next)))
			break;
		end = next;
	}
	return end;
}

static size_t pem(struct scan *s, size_t at)
{
	size_t past = pem_head(s, at), end;

	if (!past)
		return 0;
	end = pem_tail(s, past);
	if (!end)
		end = body_end(s, past);
	while (at && s->p[at - 1] == '-')
		at--;
	return scan_found(s, at, end, REDACT_PRIVATE_KEY);
}

static size_t putty(struct scan *s, size_t at)
{
	if (!scan_word(s, at, "putty-user-key-file-"))
		return 0;
	return scan_found(s, at, body_end(s, at), REDACT_PRIVATE_KEY);
}

size_t block_detect(struct scan *s, size_t at)
{
	char c = to_lower(s->p[at]);

	return c == 'b' ? pem(s, at) : c == 'p' ? putty(s, at) : 0;
}
