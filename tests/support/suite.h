#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/base/str.h"

/*
 * What every Check program shares.  A file of tests ends in
 *	SUITE("kit/base/str", cuts_at_the_first, refuses_overlong_utf8)
 * each of which was written as START_TEST(name) { ... } END_TEST.  `arena` is new for each test.
 */
static struct arena *arena __attribute__((unused));

static void suite_setup(void)
{
	arena = arena_new((size_t)256 * 1024 * 1024);
}

static void suite_teardown(void)
{
	arena_free(arena);
}

/* A whole file of at most 1 MiB; none where it is not there. */
static struct str __attribute__((unused)) suite_read(const char *path)
{
	char *text = arena_alloc(arena, (size_t)1 << 20, 1);
	FILE *in = fopen(path, "r");
	size_t n;

	if (!in)
		return STR_NONE;
	n = fread(text, 1, (size_t)1 << 20, in);
	fclose(in);
	return (struct str){ text, n };
}

/* A new folder: below that of the whole run, which goes with all that a killed test left in it. */
static void __attribute__((unused)) suite_folder(char *path, size_t size)
{
	const char *run = getenv("RF_TEST_DIR");
	int n = snprintf(path, size, "%s/rf-XXXXXX", run ? run : "/tmp");

	ck_assert(n > 0 && (size_t)n < size);
	ck_assert_ptr_nonnull(mkdtemp(path));
}

#define ck_assert_text(got, want)                                                                  \
	do {                                                                                       \
		struct str got_ = (got), want_ = (want);                                           \
		ck_assert_msg(str_eq(got_, want_), "got \"%.*s\", want \"%.*s\"", STR_ARG(got_),   \
			      STR_ARG(want_));                                                     \
	} while (0)

#define SUITE(title, ...) SUITE_AFTER((void)0, title, __VA_ARGS__)

/* The same, where something must be made before the first test. */
#define SUITE_AFTER(before, title, ...)                                                            \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = { __VA_ARGS__ };                                      \
		Suite *suite = suite_create(title);                                                \
		TCase *tc = tcase_create(title);                                                   \
		SRunner *runner = srunner_create(suite);                                           \
		int failed;                                                                        \
                                                                                                   \
		before;                                                                            \
		tcase_set_timeout(tc, 60);                                                         \
		tcase_add_checked_fixture(tc, suite_setup, suite_teardown);                        \
		for (size_t at = 0; at < sizeof(tests) / sizeof(tests[0]); at++)                   \
			tcase_add_test(tc, tests[at]);                                             \
		suite_add_tcase(suite, tc);                                                        \
		srunner_run_all(runner, CK_NORMAL);                                                \
		failed = srunner_ntests_failed(runner);                                            \
		srunner_free(runner);                                                              \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                       \
	}

#endif
