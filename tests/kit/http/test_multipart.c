/* Forms with files: what browsers send, and what nobody should. */
#include <string.h>

#include "kit/http/fcgi.h"
#include "kit/http/input.h"
#include "support/suite.h"

static struct req req;

static bool decode(struct str type, struct str body)
{
	static struct fcgi_request in;

	in = (struct fcgi_request){ .content_type = type, .body = body };
	req = (struct req){ .arena = arena, .in = &in };
	return multipart_decode(&req);
}

#define TYPE STR("multipart/form-data; boundary=\"-x-\"")
#define PART(name, value)                                                                          \
	"---x-\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define END "---x---\r\n"

START_TEST(takes_fields_and_files)
{
	ck_assert(decode(
		TYPE, STR(PART("csrf", "abc") PART(
			      "text",
			      "") "---x-\r\n"
				  "content-type: text/markdown\r\nContent-Disposition: form-data; "
				  "filename=\"a; name=no.md\"; name=\"file\"\r\n\r\n"
				  "# One\r\n--- two\r\n\r\nthree\r\n" END)));
	ck_assert_uint_eq(req.nform, 3);
	ck_assert_text(form_value(&req, STR("csrf")), STR("abc"));
	ck_assert_text(form_value(&req, STR("text")), STR(""));
	ck_assert_text(form_value(&req, STR("file")), STR("# One\r\n--- two\r\n\r\nthree"));
	ck_assert(decode(STR("multipart/form-data;charset=utf-8 ; Boundary=-x- "), STR(END)));
	ck_assert_uint_eq(req.nform, 0);
}
END_TEST

START_TEST(lets_only_a_file_hold_what_is_no_text)
{
	ck_assert(decode(TYPE, STR("---x-\r\nContent-Disposition: form-data; name=\"file\"; "
				   "filename=\"\"\r\n\r\na\0b\xff\r\n" END)));
	ck_assert_text(form_value(&req, STR("file")), STR("a\0b\xff"));
	ck_assert(!decode(TYPE, STR(PART("text", "a\0b") END)));
	ck_assert(!decode(TYPE, STR(PART("text", "\xff") END)));
}
END_TEST

START_TEST(refuses_what_is_malformed)
{
	static const struct str bodies[] = {
		STR_INIT(""),
		STR_INIT("---x-"),
		STR_INIT("---x-\r\n"),
		STR_INIT(PART("a", "b")), /* without its end */
		STR_INIT("x" PART("a", "b") END),
		STR_INIT(PART("", "b") END),
		STR_INIT(PART("\xff", "b") END),
		STR_INIT("---x-\r\n\r\n\r\nb\r\n" END),
		STR_INIT("---x-\r\nContent-Disposition: form-data\r\n\r\nb\r\n" END),
		STR_INIT("---x-\r\nContent-Disposition: form-data; name=\"a\"\r\n" END),
		STR_INIT("---x-a\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n" END),
	};

	for (size_t at = 0; at < sizeof(bodies) / sizeof(bodies[0]); at++)
		ck_assert_msg(!decode(TYPE, bodies[at]), "%zu", at);
	ck_assert(!decode(STR("multipart/form-data"), STR(PART("a", "b") END)));
	ck_assert(!decode(STR("multipart/form-data; boundary="), STR("--\r\n")));
}
END_TEST

START_TEST(takes_no_more_than_a_hundred_parts)
{
	struct str one = STR(PART("a", "b"));
	char body[101 * sizeof(PART("a", "b")) + sizeof(END)];
	size_t n = 0;

	for (int at = 0; at < 101; at++, n += one.n)
		memcpy(body + n, one.p, one.n);
	memcpy(body + n, END, sizeof(END) - 1);
	ck_assert(!decode(TYPE, (struct str){ body, n + sizeof(END) - 1 }));
	ck_assert(decode(TYPE, (struct str){ body + one.n, n - one.n + sizeof(END) - 1 }));
	ck_assert_uint_eq(req.nform, 100);
}
END_TEST

SUITE("kit/http/multipart", takes_fields_and_files, lets_only_a_file_hold_what_is_no_text,
      refuses_what_is_malformed, takes_no_more_than_a_hundred_parts)
