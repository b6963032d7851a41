/* Lists of stolen passwords: whole ones of any size, and what is none. */
#include "support/suite.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/buf.h"
#include "kit/crypto/breached.h"

#define HASH "A9993E364706816ABA3E25717850C26C9CD0D89D" /* of "abc", as FIPS 180 has it */

static struct str write_file(struct str text)
{
	char folder[200];
	struct str path;
	FILE *out;

	suite_folder(folder, sizeof(folder));
	path = str_fmt(arena, "%s/list", folder);
	out = fopen(path.p, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(text.p, 1, text.n, out), text.n);
	fclose(out);
	return path;
}

/* n hashes evenly apart, of which that of "abc" is none, and then that one in its place. */
static struct str make_list(uint32_t n, bool with_abc, const char *end)
{
	struct buf text = buf_new(arena, (size_t)2 << 20);
	bool due = with_abc;

	for (uint32_t at = 0; at < n; at++) {
		uint32_t part = (uint32_t)((uint64_t)at * UINT32_MAX / (n > 1 ? n - 1 : 1));

		if (due && part > 0xA9993E36) {
			buf_printf(&text, HASH ":7%s", end);
			due = false;
		}
		buf_printf(&text, "%08X%032X:%u%s", part, at, at * 977 + 1, at + 1 < n ? end : "");
	}
	return buf_str(&text);
}

static bool has(const struct breached *list, const char *password)
{
	bool found;
	const struct err *e = breached_has(arena, list, str_of(password), &found);

	ck_assert_msg(!e, "%s", e ? e->message.p : "");
	return found;
}

static const struct breached *opened(struct str text)
{
	const struct breached *list;
	const struct err *e = breached_open(arena, write_file(text).p, &list);

	ck_assert_msg(!e, "%s", e ? e->message.p : "");
	return list;
}

static void is_refused(struct str text, const char *why)
{
	const struct breached *list;
	const struct err *e = breached_open(arena, write_file(text).p, &list);

	ck_assert_msg(e != NULL, "taken, and not refused: %s", why);
	ck_assert_msg(str_contains(e->message, str_of(why)), "%.*s", STR_ARG(e->message));
}

START_TEST(finds_what_is_in_a_list_of_any_size)
{
	static const uint32_t sizes[] = { 2, 3, 60, 90, 91, 92, 93, 100, 1000, 20000 };
	static const char *const ends[] = { "\n", "\r\n" };

	for (size_t at = 0; at < 2 * sizeof(sizes) / sizeof(sizes[0]); at++) {
		const char *end = ends[at % 2];

		ck_assert(has(opened(make_list(sizes[at / 2], true, end)), "abc"));
		ck_assert(!has(opened(make_list(sizes[at / 2], false, end)), "abc"));
		ck_assert(!has(opened(make_list(sizes[at / 2], true, end)), "abd"));
	}
}
END_TEST

/* Every place of the file is one where the search may end: the first line, the last, and all cuts
 * between blocks. */
START_TEST(finds_every_line)
{
	static const char *const all[] = { "first", "second", "third", "password", "letmein" };
	struct str sorted = STR("34FB3300B9A77BEBDC988EC3EDD0D4A6A42A26F9:3\n" /* third */
				"352F7829A2384B001CC12B0C2613C756454A1F6A:1\n" /* second */
				"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9\n" /* password */
				"B7A875FC1EA228B9061041B7CEC4BD3C52AB3CE3:2\n" /* letmein */
				"E0996A37C13D44C3B06074939D43FA3759BD32C1:5"); /* first */
	const struct breached *list = opened(sorted);

	for (size_t at = 0; at < sizeof(all) / sizeof(all[0]); at++)
		ck_assert_msg(has(list, all[at]), "%s", all[at]);
	ck_assert(!has(list, "Password"));
	ck_assert(!has(list, ""));
	ck_assert(has(opened(str_lower(arena, sorted)), "letmein"));
}
END_TEST

START_TEST(refuses_what_is_no_list_by_hash)
{
	struct str good = make_list(5000, true, "\n");
	struct str half = str_first(good, (size_t)(good.n / 2));
	size_t cut = half.n;

	is_refused(STR(""), "empty");
	is_refused(STR("password\nletmein\n"), "at byte 0");
	is_refused(STR("8846F7EAEE8FB117AD06BDD830B7586C:3\n"), "at byte 0"); /* their NTLM list */
	is_refused(STR("B7A875FC1EA228B9061041B7CEC4BD3C52AB3CE3:2\n"
		       "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9\n"),
		   "not sorted");
	is_refused(str_fmt(arena, "%.*s\n", STR_ARG(str_first(good, good.n - 20))), "at byte");
	is_refused(str_fmt(arena, "%.*s\n%.*s", STR_ARG(good), STR_ARG(good)), "not sorted");
	while (half.p[cut - 1] != '\n')
		cut--;
	is_refused(str_first(half, cut), "only a part");
	is_refused(str_skip(good, cut), "only a part");
	is_refused((struct str){ arena_alloc(arena, 100000, 1), 100000 }, "at byte 0");
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
	const struct breached *list;
	char folder[200];
	struct str path;

	suite_folder(folder, sizeof(folder));
	ck_assert_ptr_nonnull(breached_open(arena, folder, &list));
	ck_assert_ptr_nonnull(breached_open(arena, "/nowhere/list", &list));
	path = str_fmt(arena, "%s/pipe", folder);
	ck_assert_int_eq(mkfifo(path.p, 0600), 0);
	ck_assert_ptr_nonnull(breached_open(arena, path.p, &list)); /* and does not wait */
}
END_TEST

START_TEST(tells_of_a_file_that_changed_beneath_it)
{
	struct str path = write_file(make_list(5000, true, "\n"));
	const struct breached *list;
	const struct err *e;
	bool found;

	e = breached_open(arena, path.p, &list);
	ck_assert_ptr_null(e);
	ck_assert_int_eq(truncate(path.p, 5000), 0);
	e = breached_has(arena, list, STR("abc"), &found);
	ck_assert_ptr_nonnull(e);
	ck_assert(str_contains(e->message, STR("shorter than it was")));
}
END_TEST

SUITE("kit/crypto/breached", finds_what_is_in_a_list_of_any_size, finds_every_line,
      refuses_what_is_no_list_by_hash, refuses_what_is_no_file,
      tells_of_a_file_that_changed_beneath_it)
