/* Any bytes as a list of people to invite: as many lines as may be, of texts that can be stored. */
#include <stdio.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "people/invite_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool sound, const char *what)
{
	if (sound)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_text(struct str text)
{
	expect(text.p && text.n <= 300 && str_is_utf8(text) && !str_has_control(text, STR("")),
	       "a text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)128 * 1024 * 1024);
	struct str text = { (const char *)data, size };
	int64_t line = 0;
	struct list list;

	if (size <= 200000 && str_is_utf8(text) && str_find(text, '\0') < 0) {
		list = invite_list_read(arena, text, STR("viewer"));
		expect(list.n <= INVITE_LIST_MOST + 1, "too many");
		for (size_t at = 0; at < list.n; at++) {
			const struct invite_entry *e =
				&((const struct invite_entry *)list.items)[at];
			int outcome;

			check_text(e->email);
			check_text(e->role);
			check_text(e->team);
			expect(e->n > line, "lines in their order");
			expect(!e->fault.n || names_find(&invite_outcomes, e->fault, &outcome),
			       "a fault without a name");
			line = e->n;
		}
	}
	arena_free(arena);
	return 0;
}
