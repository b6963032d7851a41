/* Frames as bytes, and the ring of those that wait for a slow socket. */
#include "kit/hub/client.h"

#include "kit/hub/frames.h"
#include "kit/hub/ring.h"
#include "kit/hub/wish.h"

/* What a client would read of it. */
static struct client *client_of(const struct frame *f)
{
	struct client *c = ARENA_NEW(arena, struct client);

	c->text = ARENA_ARRAY(arena, char, CLIENT_TEXT + 1);
	for (size_t at = 0; at < f->n; at++) {
		c->raw[c->raw_n++] = f->bytes[at];
		client_take_records(c);
	}
	ck_assert_uint_eq(c->raw_n, 0);
	return c;
}

START_TEST(an_event_is_three_lines)
{
	struct frame *f = frame_event(arena, 12, STR("handoff_created"), STR("{\"a\": 1}"));

	ck_assert_uint_eq(f->n % 8, 0);
	ck_assert_str_eq(client_of(f)->text,
			 "id: 12\nevent: handoff_created\ndata: {\"a\": 1}\n\n");
	frame_drop(f);
}
END_TEST

START_TEST(a_line_break_cannot_end_a_line)
{
	struct frame *f = frame_event(arena, 1, STR("a\nid: 9"), STR("{\"x\":\r\n\n1}"));

	ck_assert_str_eq(client_of(f)->text, "id: 1\nevent: a id: 9\ndata: {\"x\":   1}\n\n");
	frame_drop(f);
}
END_TEST

START_TEST(long_texts_are_several_records)
{
	static const size_t sizes[] = { 1,     7,     8,      65527,  65528, 65529,
					65535, 65536, 131056, 131057, 200000 };

	for (size_t at = 0; at < sizeof(sizes) / sizeof(sizes[0]); at++) {
		char *text = ARENA_ARRAY(arena, char, sizes[at]);
		struct frame *f;
		struct client *c;

		for (size_t n = 0; n < sizes[at]; n++)
			text[n] = (char)('a' + n % 23);
		f = frame_text((struct str){ text, sizes[at] });
		c = client_of(f);
		ck_assert_uint_eq(c->n, sizes[at]);
		ck_assert_mem_eq(c->text, text, sizes[at]);
		frame_drop(f);
	}
}
END_TEST

START_TEST(the_end_is_said_once)
{
	struct frame *f = frame_end();
	struct client *c = client_of(f);

	ck_assert(c->ended);
	ck_assert_uint_eq(c->n, 0);
	ck_assert_uint_eq(f->n, 24);
	frame_drop(f);
}
END_TEST

/* Pushes numbered frames until one is refused, and says how many were taken. */
static int push_until_full(struct ring **ring, int fd)
{
	static char filler[1000];
	enum ring_result result = RING_OK;
	int n = 0;

	memset(filler, '.', sizeof(filler) - 1);
	while (result == RING_OK && n < 100000) {
		struct str text = str_fmt(arena, "<%d>%s", n, filler);
		struct frame *f = frame_text(text);

		result = ring_push(ring, fd, f);
		frame_drop(f);
		n++;
	}
	ck_assert_int_eq(result, RING_FULL);
	return n - 1;
}

static void small_pair(int fd[2])
{
	int size = 1;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

START_TEST(at_most_64_wait)
{
	struct client *c = ARENA_NEW(arena, struct client);
	struct ring *ring = NULL;
	int fd[2], taken;

	small_pair(fd);
	taken = push_until_full(&ring, fd[0]);
	ck_assert(ring_waiting(ring) == RING_SLOTS);
	/* All but 64 are in the kernel, the first of those in the ring perhaps in part. */
	ck_assert_int_gt(taken, RING_SLOTS);
	ck_assert_int_le(taken, RING_SLOTS + 8);
	c->fd = fd[1];
	c->text = ARENA_ARRAY(arena, char, CLIENT_TEXT + 1);
	while (ring) {
		client_read(c, 1000);
		ck_assert_int_eq(ring_flush(&ring, fd[0]), RING_OK);
	}
	while (client_read(c, 0))
		;
	for (int at = 0; at < taken; at++)
		ck_assert_msg(strstr(c->text, str_fmt(arena, "<%d>", at).p), "frame %d", at);
	ck_assert_ptr_null(strstr(c->text, str_fmt(arena, "<%d>", taken).p));
	ck_assert_uint_eq(c->raw_n, 0);
}
END_TEST

START_TEST(a_lost_reader_is_told)
{
	struct ring *ring = NULL;
	struct frame *f = frame_text(STR("x"));
	int fd[2];

	small_pair(fd);
	push_until_full(&ring, fd[0]);
	close(fd[1]);
	ck_assert_int_eq(ring_flush(&ring, fd[0]), RING_LOST);
	ring_free(&ring);
	ck_assert_int_eq(ring_push(&ring, fd[0], f), RING_LOST);
	ck_assert_ptr_null(ring);
	ck_assert_uint_eq(f->refs, 1);
	frame_drop(f);
}
END_TEST

#define ID_A "0190b3c0-0000-7000-8000-00000000000a"
#define ID_B "0190b3c0-0000-7000-8000-00000000000b"
#define ID_C "0190b3c0-0000-7000-8000-00000000000c"
#define GOOD                                                                                       \
	"account=" ID_A "&user=" ID_B "&sign_in=" ID_C                                             \
	"&until=1700000000&at=5&topics=sign_in,notice&last=7"

START_TEST(a_wish_has_no_defaults)
{
	static const char *const bad[] = {
		"",
		"account=" ID_A,
		GOOD "&",
		GOOD "&last=8",
		GOOD "&extra=1",
		"account=&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last=",
		"account=0&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last=",
		"account=" ID_A "&sign_in=" ID_C "&until=1&at=5&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&until=1&at=5&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&at=5&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=-1&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=&at=5&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=-1&at=5&topics=a&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=A&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a%2Cb&last=",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last=-1",
		"account=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last=x",
		"accoun=" ID_A "&user=" ID_B "&sign_in=" ID_C "&until=1&at=5&topics=a&last=",
	};
	struct wish w;

	ck_assert(wish_parse(STR(GOOD), &w));
	ck_assert_str_eq(w.account.text, ID_A);
	ck_assert_str_eq(w.user.text, ID_B);
	ck_assert_str_eq(w.sign_in.text, ID_C);
	ck_assert_str_eq(w.topics, "sign_in,notice");
	ck_assert_int_eq(w.until, 1700000000);
	ck_assert_int_eq(w.at, 5);
	ck_assert_int_eq(w.last, 7);
	for (size_t at = 0; at < sizeof(bad) / sizeof(bad[0]); at++)
		ck_assert_msg(!wish_parse(str_of(bad[at]), &w), "%s", bad[at]);
	ck_assert(!wish_parse(STR_NONE, &w));
}
END_TEST

START_TEST(topics_are_compared_whole)
{
	ck_assert(wish_has_topic(STR("sign_in,notice"), STR("notice")));
	ck_assert(wish_has_topic(STR("sign_in,notice"), STR("sign_in")));
	ck_assert(!wish_has_topic(STR("sign_in,notice"), STR("not")));
	ck_assert(!wish_has_topic(STR("sign_in,not"), STR("notice")));
	ck_assert(!wish_has_topic(STR("sign_in"), STR("sign_in,notice")));
}
END_TEST

SUITE("kit/hub/frames", an_event_is_three_lines, a_line_break_cannot_end_a_line,
      long_texts_are_several_records, the_end_is_said_once, at_most_64_wait, a_lost_reader_is_told,
      a_wish_has_no_defaults, topics_are_compared_whole)
