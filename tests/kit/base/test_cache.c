/* The bounded cache: what it keeps, what it lets go first, and that it never holds too much. */
#include "support/suite.h"

#include "kit/base/cache.h"

static struct str got(struct cache *c, const char *key)
{
	struct str value = STR_NONE;

	ck_assert(cache_get(c, str_of(key), &value) == (value.p != NULL));
	return value;
}

START_TEST(gives_back_what_was_put)
{
	struct cache *c = cache_new(10000);
	char text[] = "one";

	ck_assert(!got(c, "a").p);
	cache_put(c, STR("a"), str_of(text));
	cache_put(c, STR("b"), STR(""));
	text[0] = 'x';
	ck_assert_text(got(c, "a"), STR("one"));
	ck_assert(got(c, "b").p && !got(c, "b").n);
	ck_assert(!got(c, "").p && !got(c, "ab").p);
	cache_free(c);
}
END_TEST

START_TEST(puts_a_new_value_in_place_of_the_old_one)
{
	struct cache *c = cache_new(10000);
	struct str value;

	cache_put(c, STR("a"), STR("one"));
	cache_put(c, STR("a"), STR("another"));
	ck_assert_text(got(c, "a"), STR("another"));
	cache_get(c, STR("a"), &value);
	cache_put(c, STR("a"), value);
	ck_assert_text(got(c, "a"), STR("another"));
	cache_free(c);
}
END_TEST

START_TEST(lets_go_what_was_not_used_for_longest)
{
	struct cache *c = cache_new(3500);
	struct str kilobyte = { arena_alloc(arena, 1000, 1), 1000 };

	cache_put(c, STR("a"), kilobyte);
	cache_put(c, STR("b"), kilobyte);
	cache_put(c, STR("c"), kilobyte);
	ck_assert(got(c, "a").p);
	cache_put(c, STR("d"), kilobyte);
	ck_assert(got(c, "a").p && !got(c, "b").p && got(c, "c").p && got(c, "d").p);
	cache_free(c);
}
END_TEST

START_TEST(does_not_keep_what_is_too_large)
{
	struct cache *c = cache_new(500);
	struct str kilobyte = { arena_alloc(arena, 1000, 1), 1000 };

	cache_put(c, STR("a"), STR("small"));
	cache_put(c, STR("b"), kilobyte);
	ck_assert(got(c, "a").p && !got(c, "b").p);
	cache_put(c, STR("a"), kilobyte);
	ck_assert_msg(!got(c, "a").p, "nor the old value, which is wrong now");
	cache_free(c);
}
END_TEST

START_TEST(stays_within_its_bytes)
{
	struct cache *c = cache_new(20000);
	char *bytes = arena_alloc(arena, 3000, 1);
	size_t kept = 0;

	for (size_t at = 0; at < 5000; at++)
		cache_put(c, str_fmt(arena, "key %zu", at % 700),
			  (struct str){ bytes, at * 37 % 3000 });
	for (size_t at = 0; at < 700; at++) {
		struct str value;

		if (cache_get(c, str_fmt(arena, "key %zu", at), &value))
			kept += value.n;
	}
	ck_assert_msg(kept > 10000 && kept <= 20000, "%zu", kept);
	cache_free(c);
}
END_TEST

SUITE("kit/base/cache", gives_back_what_was_put, puts_a_new_value_in_place_of_the_old_one,
      lets_go_what_was_not_used_for_longest, does_not_keep_what_is_too_large,
      stays_within_its_bytes)
