/* One line an event, whatever its values hold. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/base/json.h"
#include "kit/base/log.h"

static FILE *caught;
static int real_stderr;

static void catch_begin(enum log_level least, bool json)
{
	caught = tmpfile();
	ck_assert_ptr_nonnull(caught);
	real_stderr = dup(STDERR_FILENO);
	dup2(fileno(caught), STDERR_FILENO);
	clock_hold((struct instant){ 1795258267 * CLOCK_SECOND });
	log_setup(least, json, "test");
}

static struct str catch_end(void)
{
	char *text = arena_alloc(arena, 16384, 1);
	size_t n;

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	rewind(caught);
	n = fread(text, 1, 16384, caught);
	fclose(caught);
	return (struct str){ text, n };
}

static struct str line_with(bool json, struct str value)
{
	struct log l;

	catch_begin(LOG_INFO, json);
	l = log_begin(LOG_INFO, "request");
	log_str(&l, "value", value);
	log_int(&l, "ms", -7);
	log_end(&l);
	return catch_end();
}

static const struct json *object_of(struct str line)
{
	const struct json *j = NULL;
	const struct err *e;

	ck_assert(line.n > 1 && str_ends(line, STR("}\n")) &&
		  str_find(line, '\n') == (ptrdiff_t)line.n - 1);
	e = json_parse(arena, line, &json_default_limits, &j);
	ck_assert_msg(!e, "%.*s: %.*s", STR_ARG(e ? e->message : STR_NONE), STR_ARG(line));
	return j;
}

START_TEST(writes_key_and_value)
{
	ck_assert_text(line_with(false, STR("/login")),
		       STR("time=2026-11-21T10:51:07Z level=info program=test event=request "
			   "value=/login ms=-7\n"));
	ck_assert_text(line_with(false, STR("")),
		       STR("time=2026-11-21T10:51:07Z level=info program=test event=request "
			   "value=\"\" ms=-7\n"));
	ck_assert_text(
		line_with(false, STR_NONE),
		STR("time=2026-11-21T10:51:07Z level=info program=test event=request ms=-7\n"));
}
END_TEST

START_TEST(writes_json)
{
	ck_assert_text(
		line_with(true, STR("a \"b\" \\")),
		STR("{\"time\":\"2026-11-21T10:51:07Z\",\"level\":\"info\",\"program\":\"test\","
		    "\"event\":\"request\",\"value\":\"a \\\"b\\\" \\\\\",\"ms\":-7}\n"));
}
END_TEST

START_TEST(lets_no_value_begin_a_line_or_a_field)
{
	static const struct str evil[] = {
		STR_INIT("x\nlevel=fatal"),
		STR_INIT("x\r\n"),
		STR_INIT("x level=fatal"),
		STR_INIT("x\" level=\"fatal"),
		STR_INIT("x\\\" level=fatal"),
		STR_INIT("\x1b[2Jx"),
		STR_INIT("a=b"),
		STR_INIT("x\0y"),
		STR_INIT("x\x7f"),
		STR_INIT("\xc2\x9b"
			 "2Jx"),
	};

	for (size_t at = 0; at < sizeof(evil) / sizeof(evil[0]); at++) {
		struct str line = line_with(false, evil[at]), value;
		const struct json *j;

		ck_assert(str_find(line, '\n') == (ptrdiff_t)line.n - 1);
		ck_assert(!str_has_control(str_first(line, line.n - 1), STR("")));
		ck_assert(!str_contains(line, STR("\xc2\x9b")));
		value = str_skip(line, strlen("time=2026-11-21T10:51:07Z level=info program=test "
					      "event=request value="));
		value = str_first(value, value.n - strlen(" ms=-7\n"));
		/* What stands there is one quoted string, and says what was given. */
		if (json_parse(arena, value, &json_default_limits, &j))
			ck_assert(str_find(evil[at], '\0') >= 0);
		else
			ck_assert_text(json_str(j), evil[at]);
		ck_assert(value.p[0] == '"' && value.p[value.n - 1] == '"');
	}
}
END_TEST

START_TEST(writes_json_whatever_the_bytes)
{
	char bytes[256];

	for (size_t at = 0; at < sizeof(bytes); at++)
		bytes[at] = (char)at;
	object_of(line_with(true, (struct str){ bytes + 1, 255 }));
	object_of(line_with(true, STR("\xc3")));
	object_of(line_with(true, STR("\xed\xa0\x80")));
	ck_assert_text(
		json_str(json_get(object_of(line_with(true, STR("caf\xc3\xa9"))), STR("value"))),
		STR("caf\xc3\xa9"));
}
END_TEST

START_TEST(cuts_a_long_value_but_not_the_line)
{
	static const char *const fills[] = {
		"x", "\"", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xff"
	};

	for (size_t at = 0; at < sizeof(fills) / sizeof(fills[0]); at++) {
		for (size_t shift = 0; shift < 8; shift++) {
			struct str value = STR("12345678"), line;
			size_t n = strlen(fills[at]);
			char *text = arena_alloc(arena, 3000 * n + shift, 1);

			memcpy(text, value.p, shift);
			for (size_t times = 0; times < 3000; times++)
				memcpy(text + shift + times * n, fills[at], n);
			value = (struct str){ text, 3000 * n + shift };
			line = line_with(true, value);
			ck_assert_msg(line.n > 1900 && line.n <= 2048, "%zu", line.n);
			object_of(line);
			line = line_with(false, value);
			ck_assert(line.n > 1900 && line.n <= 2048 && line.p[line.n - 1] == '\n');
			ck_assert(str_is_utf8(line));
		}
	}
}
END_TEST

START_TEST(leaves_out_fields_that_do_not_fit)
{
	for (int many = 100; many < 200; many++) {
		struct log l;
		struct str line;

		catch_begin(LOG_INFO, true);
		l = log_begin(LOG_INFO, "request");
		for (int at = 0; at < many; at++) {
			log_int(&l, "number", at * 1000000);
			log_str(&l, "text", STR("t"));
		}
		log_end(&l);
		line = catch_end();
		ck_assert(line.n <= 2048);
		ck_assert_ptr_null(json_check(arena, line, &json_default_limits));
	}
}
END_TEST

START_TEST(is_silent_below_its_level)
{
	catch_begin(LOG_WARN, false);
	log_note(LOG_INFO, "start", "never %d", 1);
	log_note(LOG_WARN, "start", "seen %d", 2);
	ck_assert_text(catch_end(), STR("time=2026-11-21T10:51:07Z level=warn program=test "
					"event=start msg=\"seen 2\"\n"));
}
END_TEST

SUITE("kit/base/log", writes_key_and_value, writes_json, lets_no_value_begin_a_line_or_a_field,
      writes_json_whatever_the_bytes, cuts_a_long_value_but_not_the_line,
      leaves_out_fields_that_do_not_fit, is_silent_below_its_level)
