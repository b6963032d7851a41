/*
 * Prints the report that stands as JSON on stdin, for tests that look at documents:
 *	print FORMAT DETAIL
 */
#include "case.h"

#include "kit/base/arena.h"

#define INPUT_MAX ((size_t)16 << 20)

int main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)512 << 20);
	struct str text = { arena_alloc(a, INPUT_MAX, 1), 0 };
	struct report r;
	int format, detail;

	if (argc != 3 || !names_find(&report_formats, str_of(argv[1]), &format) ||
	    !names_find(&report_details, str_of(argv[2]), &detail))
		return 2;
	text.n = fread((char *)(uintptr_t)text.p, 1, INPUT_MAX, stdin);
	r = case_read(a, text);
	text = case_write(a, case_render(a), &r, (enum report_format)format,
			  (enum report_detail)detail);
	fwrite(text.p, 1, text.n, stdout);
	arena_free(a);
	return 0;
}
