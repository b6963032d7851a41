/* Archives as they are written, read back by tar. */
#include "support/suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/crypto/crypto.h"
#include "kit/pack/pack.h"
#include "support/db.h"

#define PIECE 65536

static char dir[64], out[64];

/* Two new folders: for the archive, and for what tar makes of it. */
static void fresh(void)
{
	suite_folder(dir, sizeof(dir));
	suite_folder(out, sizeof(out));
	must(crypto_start(arena));
}

static const char *path_of(const char *folder, const char *name)
{
	return str_fmt(arena, "%s/%s", folder, name).p;
}

static void run(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

static void clean(void)
{
	run(str_fmt(arena, "rm -rf %s %s", dir, out).p);
}

static void untar(const char *name)
{
	run(str_fmt(arena, "LC_ALL=C.UTF-8 tar -xzf %s/%s -C %s", dir, name, out).p);
}

static int files_in(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static struct pack *begin(struct arena *a)
{
	struct pack *p;

	must(pack_new(a, dir, "x.tar.gz", &p));
	return p;
}

static void put(struct pack *p, struct str name, struct str text)
{
	must(pack_begin(p, name));
	must(pack_put(p, text));
	must(pack_end(p, arena));
}

static void finish(struct pack *p)
{
	must(pack_finish(p, arena, STR("\"sessions\":3")));
}

START_TEST(tar_reads_what_was_put)
{
	const struct str all = STR("a\0\xff\r\n\"b\"");
	struct pack *p;

	fresh();
	p = begin(arena);
	put(p, STR("empty.csv"), STR(""));
	put(p, STR("of/each/byte"), all);
	must(pack_begin(p, STR("in pieces.txt")));
	must(pack_put(p, STR("one, ")));
	must(pack_put(p, STR("")));
	must(pack_put(p, STR("two")));
	must(pack_end(p, arena));
	finish(p);
	untar("x.tar.gz");
	ck_assert_int_eq(access(path_of(out, "empty.csv"), F_OK), 0);
	ck_assert_text(suite_read(path_of(out, "empty.csv")), STR(""));
	ck_assert_text(suite_read(path_of(out, "of/each/byte")), all);
	ck_assert_text(suite_read(path_of(out, "in pieces.txt")), STR("one, two"));
	ck_assert_int_eq(files_in(out), 4);
	clean();
}
END_TEST

START_TEST(manifest_lists_each_file)
{
	struct pack *p;

	fresh();
	p = begin(arena);
	put(p, STR("a \"quoted\" name"), STR("abc"));
	put(p, STR("b"), STR(""));
	finish(p);
	untar("x.tar.gz");
	ck_assert_text(
		suite_read(path_of(out, "manifest.json")),
		str_fmt(arena,
			"{\"format\":\"resolutionflow/archive\",\"format_version\":1,\"files\":[\n"
			"{\"name\":\"a \\\"quoted\\\" name\",\"bytes\":3,\"sha256\":\"%.*s\"},\n"
			"{\"name\":\"b\",\"bytes\":0,\"sha256\":\"%.*s\"}\n],"
			"\"counts\":{\"sessions\":3}}\n",
			STR_ARG(crypto_hash_token(arena, STR("abc"))),
			STR_ARG(crypto_hash_token(arena, STR("")))));
	clean();
}
END_TEST

/* Names beyond the 100 bytes of a tar's header, beyond the 255 of its two fields, and not ASCII. */
START_TEST(names_may_be_long_and_of_any_script)
{
	const char *const names[] = {
		"flows/Ärger mit Umläuten – 日本語 \xf0\x9f\x94\xa7.md",
		str_fmt(arena, "sessions/%0120d.json", 7).p,
		str_fmt(arena, "%0150d/%0150d/%0200d é.json", 1, 2, 3).p,
	};
	struct pack *p;

	fresh();
	p = begin(arena);
	for (size_t at = 0; at < 3; at++)
		put(p, str_of(names[at]), str_of(names[at]));
	finish(p);
	untar("x.tar.gz");
	for (size_t at = 0; at < 3; at++)
		ck_assert_text(suite_read(path_of(out, names[at])), str_of(names[at]));
	clean();
}
END_TEST

START_TEST(half_of_one_leaves_nothing)
{
	struct arena *own = arena_new((size_t)1 << 20);
	struct pack *p;

	fresh();
	p = begin(own);
	put(p, STR("whole"), STR("abc"));
	must(pack_begin(p, STR("half")));
	must(pack_put(p, STR("ab")));
	ck_assert_int_eq(access(path_of(dir, "x.tar.gz"), F_OK), -1);
	ck_assert_int_eq(files_in(dir), 1);
	arena_free(own);
	ck_assert_int_eq(files_in(dir), 0);
	clean();
}
END_TEST

/* What stands there stays until the new one is whole; which then outlives its arena. */
START_TEST(it_appears_when_it_is_whole)
{
	struct arena *own = arena_new((size_t)1 << 20);
	struct stat st;
	struct pack *p;
	FILE *old;

	fresh();
	old = fopen(path_of(dir, "x.tar.gz"), "w");
	fputs("old", old);
	fclose(old);
	p = begin(own);
	put(p, STR("new"), STR("abc"));
	ck_assert_text(suite_read(path_of(dir, "x.tar.gz")), STR("old"));
	finish(p);
	ck_assert_int_eq(stat(path_of(dir, "x.tar.gz"), &st), 0);
	ck_assert_int_eq(st.st_size, pack_bytes(p));
	arena_free(own);
	untar("x.tar.gz");
	ck_assert_text(suite_read(path_of(out, "new")), STR("abc"));
	ck_assert_int_eq(files_in(dir), 1);
	clean();
}
END_TEST

/* 64 MB that can't be pressed, by an arena of one. */
START_TEST(a_long_one_takes_little_memory)
{
	struct arena *own = arena_new((size_t)1 << 20);
	uint32_t *piece = arena_alloc(arena, PIECE, 4), seed = 1;
	struct crypto_sum sum;
	struct pack *p;
	size_t used;

	fresh();
	crypto_sum_begin(&sum);
	p = begin(own);
	used = arena_used(own);
	must(pack_begin(p, STR("long")));
	for (int at = 0; at < 1024; at++) {
		for (size_t n = 0; n < PIECE / 4; n++)
			piece[n] = seed = seed * 1664525 + 1013904223;
		crypto_sum_add(&sum, (struct str){ (const char *)piece, PIECE });
		must(pack_put(p, (struct str){ (const char *)piece, PIECE }));
	}
	must(pack_end(p, own));
	ck_assert_uint_lt(arena_used(own) - used, 2000);
	must(pack_finish(p, own, STR("")));
	ck_assert_int_gt(pack_bytes(p), 32 << 20);
	untar("x.tar.gz");
	ck_assert_text(crypto_hash_file(arena, open(path_of(out, "long"), O_RDONLY | O_CLOEXEC)),
		       crypto_sum_end(arena, &sum));
	arena_free(own);
	clean();
}
END_TEST

START_TEST(only_its_owner_reads_it_or_the_folder_s_group)
{
	static const struct {
		mode_t folder, file;
	} modes[] = { { 0700, 0600 }, { 02750, 0640 } };
	struct stat st;

	for (size_t at = 0; at < 2; at++) {
		fresh();
		ck_assert_int_eq(chmod(dir, modes[at].folder), 0);
		finish(begin(arena));
		ck_assert_int_eq(stat(path_of(dir, "x.tar.gz"), &st), 0);
		ck_assert_uint_eq(st.st_mode & 07777, modes[at].file);
		clean();
	}
}
END_TEST

START_TEST(without_its_folder_it_says_so)
{
	const struct err *e;
	struct pack *p;

	fresh();
	e = fails(pack_new(arena, path_of(dir, "none"), "x", &p), ERR_INTERNAL);
	ck_assert(str_contains(e->message, STR("No such file")));
	clean();
}
END_TEST

START_TEST(those_that_begin_so_are_removed)
{
	fresh();
	run(str_fmt(arena, "cd %s && touch one-1.tar.gz one-2.tar.gz.part on two-one", dir).p);
	ck_assert_int_eq(pack_remove(dir, "one"), 2);
	ck_assert_int_eq(files_in(dir), 2);
	ck_assert_int_eq(pack_remove(path_of(dir, "none"), "one"), 0);
	clean();
}
END_TEST

SUITE("kit/pack/pack", tar_reads_what_was_put, manifest_lists_each_file,
      names_may_be_long_and_of_any_script, half_of_one_leaves_nothing, it_appears_when_it_is_whole,
      a_long_one_takes_little_memory, only_its_owner_reads_it_or_the_folder_s_group,
      without_its_folder_it_says_so, those_that_begin_so_are_removed)
