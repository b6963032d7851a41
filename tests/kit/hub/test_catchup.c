/* One reading after another, by hand: those who are behind, those who come in between, those who
 * are slow. */
#include "kit/hub/client.h"

#include <sys/epoll.h>

#include "kit/hub/catchup.h"
#include "kit/hub/streams.h"

#define USER "0190b3c0-0000-7000-8000-000000000001"

static struct crowd *crowd;
static int64_t head; /* events 1 to head are in the table, of every account */
static char filler[1500];
static size_t payload = sizeof(filler);

static const struct err *table_read(struct arena *a, void *self, const struct hub_ask *asks,
				    size_t nasks, struct list *ret)
{
	struct hub_news *news = ARENA_ARRAY(a, struct hub_news, HUB_NEWS_MAX);
	size_t n = 0;

	(void)self;
	for (size_t ask = 0; ask < nasks; ask++) {
		struct hub_news row = { .ask = (int64_t)ask, .head = head };

		if (asks[ask].after < 0 && n < HUB_NEWS_MAX)
			news[n++] = row;
		row.topic = STR("notice");
		row.type = STR("told");
		row.payload = (struct str){ filler, payload };
		for (int64_t at = 0; at < asks[ask].most && n < HUB_NEWS_MAX; at++) {
			if (asks[ask].after + at >= head)
				break;
			row.seq = asks[ask].after + at + 1;
			news[n++] = row;
		}
	}
	*ret = LIST_OF(news, n);
	return NULL;
}

static void read_once(void)
{
	const struct hub_feed feed = { .read = table_read };

	ck_assert_ptr_null(crowd_catch_up(crowd, arena, &feed));
	crowd_reap(crowd);
}

/* After an event, as a bell would have it. */
static void read_news(void)
{
	crowd_wake_all(crowd);
	read_once();
}

struct pair {
	struct stream *stream; /* the hub's side */
	struct client *client;
};

static struct pair join_account(int account, int64_t last, bool slow)
{
	struct pair pair = { .client = ARENA_NEW(arena, struct client) };
	struct wish wish = { .until = 4000000000, .at = head, .last = last, .topics = "notice" };
	int fd[2], size = slow ? 1 : 1024 * 1024;

	ck_assert(uuid_parse(str_fmt(arena, "0190b3c0-0000-7000-8000-0000000000a%d", account),
			     &wish.account));
	ck_assert(uuid_parse(STR(USER), &wish.user));
	wish.sign_in = wish.user;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	ck_assert(crowd_accept(crowd, fd[0]));
	pair.stream = crowd->by_fd[fd[0]];
	pair.client->fd = fd[1];
	pair.client->text = ARENA_ARRAY(arena, char, CLIENT_TEXT + 1);
	ck_assert(crowd_join(crowd, pair.stream, &wish, arena));
	return pair;
}

static struct pair join(int64_t last, bool slow)
{
	return join_account(0, last, slow);
}

static void make_crowd(int64_t events)
{
	static const struct hub_settings settings = { .heartbeat_seconds = 20,
						      .max_streams = 100,
						      .max_per_account = 100,
						      .max_per_user = 100 };

	memset(filler, 'p', sizeof(filler));
	head = events;
	crowd = crowd_new(&settings, epoll_create1(EPOLL_CLOEXEC), 200);
}

/* Reads all that comes while the loop would do its part, and checks that it is `first` to `last`
 * exactly. */
static void check_told(struct pair pair, int64_t first, int64_t last)
{
	const char *at;

	while (client_read(pair.client, 0) || crowd->todo) {
		if (pair.stream->ring)
			stream_writable(crowd, pair.stream);
		read_once();
	}
	ck_assert_int_eq(pair.stream->state, LIVE);
	ck_assert_int_eq(times_in(pair.client->text, "event: overflow\n"), 0);
	ck_assert_ptr_nonnull(
		strstr(pair.client->text,
		       str_fmt(arena, "id: %lld\nevent: ready\n", (long long)first - 1).p));
	at = strstr(pair.client->text, "event: ready\n");
	for (int64_t n = first; n <= last; n++) {
		at = strstr(at, "\nid: ");
		ck_assert_msg(at && atoll(at + 5) == n, "%lld is not there", (long long)n);
		at++;
	}
	ck_assert_ptr_null(strstr(at, "\nid: "));
}

START_TEST(one_who_comes_during_a_replay)
{
	struct pair a, b;

	make_crowd(100);
	a = join(0, false);
	read_once();
	ck_assert_int_eq(a.stream->state, REPLAYING);
	b = join(50, false);
	read_once();
	ck_assert_int_eq(b.stream->state, REPLAYING);
	check_told(a, 1, 100);
	check_told(b, 51, 100);
	crowd_free(crowd);
}
END_TEST

START_TEST(a_replay_does_not_pass_the_others)
{
	struct pair live, late;

	make_crowd(10);
	live = join(-1, false);
	late = join(5, false);
	read_once();
	head = 200;
	read_news();
	check_told(late, 6, 200);
	check_told(live, 11, 200);
	crowd_free(crowd);
}
END_TEST

START_TEST(a_replay_may_take_two_answers)
{
	struct pair live, late;

	payload = 10; /* so that the socket takes all, and nothing else wakes the account */
	make_crowd(490);
	live = join(-1, false);
	late = join(0, false);
	read_once();
	head = 550;
	read_news();
	ck_assert_ptr_null(late.stream->ring);
	check_told(late, 1, 550);
	check_told(live, 491, 550);
	crowd_free(crowd);
}
END_TEST

START_TEST(a_stalled_replay_waits_for_its_turn)
{
	struct pair stalled, quick;
	int64_t cursor;

	make_crowd(300);
	stalled = join(0, true);
	while (crowd->todo)
		read_once();
	ck_assert_int_eq(stalled.stream->state, REPLAYING);
	/* A little room: something still waits, but the ring is not full. */
	client_read(stalled.client, 0);
	stream_writable(crowd, stalled.stream);
	ck_assert_ptr_nonnull(stalled.stream->ring);
	cursor = stalled.stream->cursor;
	quick = join(cursor + 20, false);
	while (crowd->todo)
		read_once();
	ck_assert_int_eq(stalled.stream->cursor, cursor);
	check_told(quick, cursor + 21, 300);
	check_told(stalled, 1, 300);
	crowd_free(crowd);
}
END_TEST

START_TEST(now_is_when_all_is_told)
{
	struct pair live, now;

	make_crowd(10);
	live = join(-1, false);
	read_once();
	head = 200;
	now = join(-1, false);
	read_once();
	ck_assert_int_eq(now.stream->state, JOINING);
	while (crowd->todo)
		read_once();
	head = 201;
	read_news();
	check_told(now, 201, 201);
	check_told(live, 11, 201);
	crowd_free(crowd);
}
END_TEST

/* More than one reading may bring: an account that got no turn has it in the next. */
START_TEST(more_than_one_reading_brings)
{
	struct pair live[9], late[9];

	make_crowd(10);
	for (int at = 0; at < 9; at++)
		live[at] = join_account(at, -1, false);
	read_once();
	head = 490;
	for (int at = 0; at < 9; at++)
		late[at] = join_account(at, at, false);
	for (int at = 0; at < 9; at++) {
		check_told(live[at], 11, 490);
		check_told(late[at], at + 1, 490);
	}
	crowd_free(crowd);
}
END_TEST

SUITE("kit/hub/catchup", one_who_comes_during_a_replay, a_replay_does_not_pass_the_others,
      a_replay_may_take_two_answers, a_stalled_replay_waits_for_its_turn, now_is_when_all_is_told,
      more_than_one_reading_brings)
