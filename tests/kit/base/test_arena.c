/* Memory: zeroed, aligned, bounded, and given back in order. */
#include "support/suite.h"

#include <signal.h>
#include <string.h>

static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t at = 0; at < n; at++)
		if (p[at])
			return false;
	return true;
}

START_TEST(gives_zeroed_aligned_memory)
{
	for (size_t size = 0; size < 3000; size += 7) {
		for (size_t align = 1; align <= _Alignof(max_align_t); align *= 2) {
			unsigned char *p = arena_alloc(arena, size, align);

			ck_assert_uint_eq((uintptr_t)p % align, 0);
			ck_assert(is_zero(p, size));
			memset(p, 0xaa, size);
		}
	}
}
END_TEST

START_TEST(pieces_do_not_overlap)
{
	unsigned char *pieces[2000], want[2000];

	for (size_t at = 0; at < 2000; at++) {
		pieces[at] = arena_alloc(arena, 1 + at, 1);
		memset(pieces[at], (int)(at & 0xff), 1 + at);
	}
	for (size_t at = 0; at < 2000; at++) {
		memset(want, (int)(at & 0xff), 1 + at);
		ck_assert_mem_eq(pieces[at], want, 1 + at);
	}
}
END_TEST

START_TEST(forgets_everything_at_a_reset)
{
	for (int round = 0; round < 3; round++) {
		for (size_t size = 1000; size < 1000000; size *= 3) {
			unsigned char *p = arena_alloc(arena, size, 1);

			ck_assert(is_zero(p, size));
			memset(p, 0xaa, size);
		}
		ck_assert_uint_gt(arena_used(arena), 0);
		arena_reset(arena);
		ck_assert_uint_eq(arena_used(arena), 0);
	}
}
END_TEST

static struct str order;

static void note(void *obj)
{
	order = str_fmt(arena, "%.*s%s", STR_ARG(order), (const char *)obj);
}

static char first[] = "1", second[] = "2", late[] = "late ";

static void note_and_defer(void *obj)
{
	note(obj);
	arena_defer(arena, note, late);
}

static void keep_order(void *obj)
{
	ck_assert_text(order, STR("2late 1"));
	*(int *)obj = 1;
}

START_TEST(grows_in_place_only_what_came_last)
{
	char *early = arena_alloc(arena, 10, 1), *last = arena_alloc(arena, 10, 1), *more, *copy;

	memcpy(early, "0123456789", 10);
	memcpy(last, "abcdefghij", 10);
	more = arena_grow(arena, last, 10, 1000);
	ck_assert_ptr_eq(more, last);
	ck_assert_mem_eq(more, "abcdefghij", 10);
	ck_assert(is_zero((unsigned char *)more + 10, 990));
	copy = arena_grow(arena, early, 10, 20);
	ck_assert(copy >= more + 1000);
	ck_assert_mem_eq(copy, "0123456789", 10);
	copy = arena_grow(arena, copy, 20, (size_t)1024 * 1024); /* more than a block has */
	ck_assert_mem_eq(copy, "0123456789", 10);
	ck_assert(is_zero((unsigned char *)copy + 10, (size_t)1024 * 1024 - 10));
}
END_TEST

START_TEST(runs_what_was_deferred_last_first)
{
	int ran = 0;

	order = STR("");
	arena_defer(arena, keep_order, &ran);
	arena_defer(arena, note, first);
	arena_defer(arena, note_and_defer, second);
	arena_reset(arena);
	ck_assert_int_eq(ran, 1);
	ran = 0;
	arena_reset(arena);
	ck_assert_int_eq(ran, 0);
}
END_TEST

static void count(void *times)
{
	++*(int *)times;
}

START_TEST(an_inner_one_ends_with_the_outer_one)
{
	struct arena *inner = arena_within(arena, 1000);
	int ended = 0;

	arena_defer(inner, count, &ended);
	arena_alloc(inner, 100, 1);
	arena_reset(arena);
	ck_assert_int_eq(ended, 1);
	arena_reset(arena);
	ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(serves_up_to_its_maximum)
{
	struct arena *small = arena_new(1000);

	arena_alloc(small, 600, 1);
	arena_alloc(small, 400, 1);
	ck_assert_uint_eq(arena_used(small), 1000);
	arena_reset(small);
	arena_alloc(small, 1000, 16);
	arena_free(small);
	arena_free(NULL);
}
END_TEST

START_TEST(stops_beyond_its_maximum)
{
	arena_alloc(arena_new(1000), 1001, 1);
}
END_TEST

START_TEST(stops_where_a_product_overflows)
{
	arena_array(arena, SIZE_MAX / 2, 3, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kit/base/arena");
	TCase *tc = tcase_create("kit/base/arena");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, suite_setup, suite_teardown);
	tcase_add_test(tc, gives_zeroed_aligned_memory);
	tcase_add_test(tc, pieces_do_not_overlap);
	tcase_add_test(tc, forgets_everything_at_a_reset);
	tcase_add_test(tc, grows_in_place_only_what_came_last);
	tcase_add_test(tc, runs_what_was_deferred_last_first);
	tcase_add_test(tc, an_inner_one_ends_with_the_outer_one);
	tcase_add_test(tc, serves_up_to_its_maximum);
	tcase_add_test_raise_signal(tc, stops_beyond_its_maximum, SIGABRT);
	tcase_add_test_raise_signal(tc, stops_where_a_product_overflows, SIGABRT);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
