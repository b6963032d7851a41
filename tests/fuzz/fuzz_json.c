/* Any bytes as JSON: never a crash, and what is taken comes back the same when it is written and
 * read again. */
#include <stdint.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new((size_t)64 * 1024 * 1024);
	struct str text = { (const char *)data, n }, once;
	const struct json *j = NULL, *again = NULL;
	const struct err *refused = json_check(a, text, &json_default_limits);
	const struct err *e = json_parse(a, text, &json_default_limits, &j);

	/* The parser takes nothing that the check refuses, and calls nothing malformed that it let
	 * pass. */
	if (refused ? !e || e->kind != refused->kind : e && e->kind != ERR_INVALID)
		abort();
	if (!e) {
		once = json_text(a, j);
		if (!str_is_utf8(once) || json_parse(a, once, &json_default_limits, &again) ||
		    !str_eq(json_text(a, again), once))
			abort();
	}
	arena_free(a);
	return 0;
}
