/*
 * Any text under any rules: UTF-8 stays UTF-8, every hit stood in the text, what is kept stays, and
 * where nothing was hit the text is as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/redact/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool well)
{
	if (!well)
		abort();
}

static void check_lines(struct arena *a, const struct redact_rules *rules, struct str text,
			struct str whole)
{
	struct redact_line *lines;
	size_t n = redact_lines(a, rules, text, NULL, &lines), length = n - 1;

	for (size_t at = 0; at < n; at++)
		length += lines[at].text.n;
	must(length == whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1024 * 1024 * 1024);
	struct str rest = { size ? (const char *)data : "", size };
	struct redact_pattern own = { .kind = STR("own") };
	struct redact_wish wish = { .patterns = &own, .npatterns = 1 };
	struct hits hits = { 0 }, again = { 0 };
	struct str pattern = str_cut(&rest, '\0'), text = rest.p ? rest : pattern, out;
	struct str *keep;

	own.pattern = rest.p ? pattern : STR("x");
	out = redact(a, redact_rules_new(a, &wish), text, &hits);
	must(str_is_utf8(out) || !str_is_utf8(text));
	must(hits.n || str_eq(out, text));
	check_lines(a, redact_rules_new(a, &wish), text, out);
	keep = ARENA_ARRAY(a, struct str, hits.n + 1);
	for (size_t at = 0; at < hits.n; at++) {
		must(hits.items[at].text.n && str_contains(text, hits.items[at].text));
		keep[at] = hits.items[at].id;
	}
	wish.keep = keep;
	wish.nkeep = hits.n;
	if (!hits.gave_up) {
		out = redact(a, redact_rules_new(a, &wish), text, &again);
		must(again.gave_up || str_eq(out, text));
	}
	arena_free(a);
	return 0;
}
