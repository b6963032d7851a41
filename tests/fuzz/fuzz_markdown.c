/* Any bytes as Markdown: a refusal, or a page of which every byte is one that we meant to write. */
#include <stdio.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/render/markdown.h"

static struct arena *arena;

#include "../kit/render/html_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct html page;
	const struct err *e;

	arena = arena_new((size_t)64 * 1024 * 1024);
	e = markdown_html(arena, (struct str){ (const char *)data, size }, &page);
	if (e && e->kind != ERR_INVALID)
		abort();
	if (!e && html_fault(page.s)) {
		fprintf(stderr, "%s: %.*s\n", html_fault(page.s), STR_ARG(page.s));
		abort();
	}
	arena_free(arena);
	return 0;
}
