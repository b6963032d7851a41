/*
 * Any recipient, subject, further header and text, parted by zero bytes: a refusal, or a mail whose
 * head holds the lines that we wrote and no other, and which reads back as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/net/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool well)
{
	if (!well)
		abort();
}

/* Of the lines before the empty one, those that are no continuation. */
static size_t headers(struct str raw)
{
	size_t n = 0, line = 0;

	for (size_t at = 0; at < raw.n; at++) {
		must((raw.p[at] == '\n') == (at > 0 && raw.p[at - 1] == '\r'));
		if (raw.p[at] != '\n')
			continue;
		must(at - line <= 998);
		if (at - line == 1)
			return n;
		n += raw.p[line] != ' ';
		line = at + 1;
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)64 * 1024 * 1024);
	struct str rest = { size ? (const char *)data : "", size }, raw;
	struct message_header more = { STR("X-More"), STR("") };
	struct message m = { .from = STR("R <r@example.com>"), .message_id = STR("1@example.com") };
	struct message back;
	const struct err *e;

	m.to = str_cut(&rest, '\0');
	m.subject = str_cut(&rest, '\0');
	more.value = str_cut(&rest, '\0');
	m.text = rest;
	m.more = &more;
	m.nmore = 1;
	e = message_write(a, &m, &raw);
	must(!e || e->kind == ERR_INVALID);
	if (!e) {
		must(headers(raw) == 10);
		must(message_read(a, raw, &back) || !str_is_utf8(m.text));
		must(str_eq(back.to, m.to) && str_eq(back.subject, m.subject));
	}
	arena_free(a);
	return 0;
}
