/* The whole loop in a process of its own, over a feed that the test writes as it goes. */
#include "kit/hub/client.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kit/hub/hub.h"

#define ACCOUNT_A "0190b3c0-0000-7000-8000-0000000000a1"
#define ACCOUNT_B "0190b3c0-0000-7000-8000-0000000000b1"
#define USER_1    "0190b3c0-0000-7000-8000-000000000001"
#define USER_2    "0190b3c0-0000-7000-8000-000000000002"
#define SIGN_IN_1 "0190b3c0-0000-7000-8000-0000000000c1"
#define SIGN_IN_2 "0190b3c0-0000-7000-8000-0000000000c2"
#define LATE      "4000000000"
#define ROWS_MAX  3000

/* One row of the event table, in memory that both processes see. */
struct row {
	char account[37], topic[20], type[20], user[37], sign_in[37];
	int64_t seq;
	int size; /* of the payload */
};

struct script {
	struct row row[ROWS_MAX];
	atomic_int n, swept; /* rows before `swept` are gone */
	atomic_int readings; /* how often the hub asked */
	atomic_int changes;  /* how often the operator was told something */
	atomic_bool away;
};

static struct script *script;
static int bells[2];
static char dir[64], socket_path[80];
static pid_t hub;
static int generation; /* in the hub's process */
static char filler[100000];

/* The feed. */

static int script_fd(void *self)
{
	(void)self;
	return script->away ? -1 : bells[0];
}

static int script_generation(void *self)
{
	(void)self;
	return generation;
}

static const struct err *script_heal(struct arena *a, void *self)
{
	(void)self;
	if (script->away)
		return ERR(a, ERR_BUSY, "away");
	generation++;
	return NULL;
}

static bool script_bell(struct arena *a, void *self, struct uuid *account)
{
	(void)a;
	(void)self;
	return read(bells[0], account, sizeof(*account)) == sizeof(*account) && !script->away;
}

static int64_t head_of(const char *account, int n)
{
	int64_t head = 0;

	for (int at = 0; at < n; at++) {
		if (strcmp(script->row[at].account, account) == 0)
			head = script->row[at].seq;
	}
	return head;
}

static struct hub_news news_of(const struct row *row, size_t ask, int64_t head)
{
	struct hub_news news = { .ask = (int64_t)ask, .head = head, .seq = row->seq };

	news.topic = str_of(row->topic);
	news.type = str_of(row->type);
	memcpy(news.user_id.text, row->user, sizeof(row->user));
	memcpy(news.sign_in_id.text, row->sign_in, sizeof(row->sign_in));
	news.payload = (struct str){ filler, (size_t)row->size };
	return news;
}

static const struct err *script_read(struct arena *a, void *self, const struct hub_ask *asks,
				     size_t nasks, struct list *ret)
{
	struct hub_news *news = ARENA_ARRAY(a, struct hub_news, HUB_NEWS_MAX);
	int rows = script->n;
	size_t n = 0;

	(void)self;
	if (script->away)
		return ERR(a, ERR_BUSY, "away");
	script->readings++;
	for (size_t ask = 0; ask < nasks; ask++) {
		int64_t head = head_of(asks[ask].account.text, rows), left = asks[ask].most;

		if (n < HUB_NEWS_MAX && (asks[ask].after < 0 || head < asks[ask].after))
			news[n++] = (struct hub_news){ .ask = (int64_t)ask, .head = head };
		for (int at = script->swept; at < rows && left && n < HUB_NEWS_MAX; at++) {
			const struct row *row = &script->row[at];

			if (strcmp(row->account, asks[ask].account.text) != 0 ||
			    row->seq <= asks[ask].after)
				continue;
			news[n++] = news_of(row, ask, head);
			left--;
		}
	}
	*ret = LIST_OF(news, n);
	return NULL;
}

static const struct hub_feed script_feed = {
	.fd = script_fd,
	.generation = script_generation,
	.heal = script_heal,
	.bell = script_bell,
	.read = script_read,
};

static void note_change(const struct err *why)
{
	(void)why;
	script->changes++;
}

/* The hub. */

static struct hub_settings usual(void)
{
	return (struct hub_settings){
		.socket = socket_path,
		.heartbeat_seconds = 20,
		.poll_ms = 60000, /* a test that wants the poll says so */
		.max_streams = 100,
		.max_per_account = 100,
		.max_per_user = 8,
		.feed_changed = note_change,
	};
}

static void kill_hub(void)
{
	if (hub > 0) {
		kill(hub, SIGKILL);
		waitpid(hub, NULL, 0);
	}
	hub = 0;
}

static void clean_up(void)
{
	kill_hub();
	unlink(socket_path);
	unlink(str_fmt(arena, "%s.lock", socket_path).p);
	rmdir(dir);
}

static void set_up(void)
{
	suite_folder(dir, sizeof(dir));
	snprintf(socket_path, sizeof(socket_path), "%s/hub.sock", dir);
	script = mmap(NULL, sizeof(*script), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	ck_assert_ptr_ne(script, MAP_FAILED);
	ck_assert_int_eq(pipe2(bells, O_NONBLOCK | O_CLOEXEC), 0);
	memset(filler, 'p', sizeof(filler));
}

static void run_hub(const struct hub_settings *settings)
{
	const struct err *e;

	generation = 1;
	hub = fork();
	if (hub)
		return;
	e = hub_run(arena, settings, &script_feed);
	if (e)
		fprintf(stderr, "hub: %.*s\n", STR_ARG(e->message));
	arena_free(arena);
	exit(e ? 1 : 0);
}

static void wait_for_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	bool there = false;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	for (int at = 0; at < patient(500) && !there; at++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		there = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
		close(fd);
		usleep(10000);
	}
	ck_assert(there);
}

static void start_hub(const struct hub_settings *settings)
{
	run_hub(settings);
	wait_for_socket();
}

static void start_usual(void)
{
	struct hub_settings settings = usual();

	start_hub(&settings);
}

static void ring_bell(const char *account)
{
	struct uuid id;

	ck_assert(uuid_parse(str_of(account), &id));
	ck_assert_int_eq(write(bells[1], &id, sizeof(id)), sizeof(id));
}

/* An event that is committed; nobody is told yet. */
static struct row *commit(const char *account, const char *topic, const char *type)
{
	int n = script->n;
	struct row *row = &script->row[n];

	snprintf(row->account, sizeof(row->account), "%s", account);
	snprintf(row->topic, sizeof(row->topic), "%s", topic);
	snprintf(row->type, sizeof(row->type), "%s", type);
	row->seq = head_of(account, n) + 1;
	row->size = 10;
	script->n = n + 1;
	return row;
}

static void publish(const char *account, const char *topic, const char *type)
{
	commit(account, topic, type);
	ring_bell(account);
}

static void commit_many(const char *account, int n)
{
	for (int at = 0; at < n; at++)
		commit(account, "notice", "told");
}

/* Permitted when the account's number was `at`. */
static struct client *ask_at(const char *query, int64_t at)
{
	struct client *c = client_connect(socket_path);

	client_write(c, request_for(STR("/_stream"),
				    str_fmt(arena, "%s&at=%lld", query, (long long)at)));
	return c;
}

/* Permitted just now. */
static struct client *ask(const char *query)
{
	char account[37];

	ck_assert_int_eq(sscanf(query, "account=%36s", account), 1);
	return ask_at(query, head_of(account, script->n));
}

#define QUERY(account, user, sign_in, until, topics, last)                                         \
	"account=" account "&user=" user "&sign_in=" sign_in "&until=" until "&topics=" topics     \
	"&last=" last
#define USUAL QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "sign_in,notice", "")

static struct client *stream(const char *query)
{
	struct client *c = ask(query);

	client_gets(c, "event: ready\n");
	return c;
}

/* The numbers of all events after `ready`, which must be `first` to `last` without a gap. */
static void check_numbers(const struct client *c, int64_t first, int64_t last)
{
	const char *at = strstr(c->text, "event: ready\n");

	for (int64_t n = first; n <= last; n++) {
		long long seq = -1;

		at = strstr(at, "\nid: ");
		ck_assert_msg(at != NULL, "no event %lld", (long long)n);
		at += strlen("\nid: ");
		ck_assert_int_eq(sscanf(at, "%lld", &seq), 1);
		ck_assert_int_eq(seq, n);
	}
	ck_assert_ptr_null(strstr(at, "\nid: "));
}

/* After `ready`, numbers follow each other; only an overflow may stand for several.  Says how many
 * of those. */
static int check_order(const struct client *c)
{
	const char *at = strstr(c->text, "\nid: ");
	long long before = -1, seq;
	int overflows = 0;

	for (; at; at = strstr(at + 1, "\nid: ")) {
		bool overflow = strstr(at, "event: overflow\n") == strstr(at, "event: ");

		ck_assert_int_eq(sscanf(at, "\nid: %lld", &seq), 1);
		ck_assert_msg(before < 0 || seq == before + 1 || (overflow && seq >= before),
			      "%lld after %lld", seq, before);
		before = seq;
		overflows += overflow;
	}
	return overflows;
}

/* An event for everyone, by which a stream shows that it has heard all that came before. */
static void check_that_all_is_told(struct client *c, const char *account)
{
	static int times;
	const char *type = str_fmt(arena, "mark_%d", ++times).p;

	publish(account, "notice", type);
	client_gets(c, str_fmt(arena, "event: %s\n", type).p);
}

#define HUB_TEST(name)                                                                             \
	static void name##_body(void);                                                             \
	START_TEST(name)                                                                           \
	{                                                                                          \
		set_up();                                                                          \
		name##_body();                                                                     \
		clean_up();                                                                        \
	}                                                                                          \
	END_TEST                                                                                   \
	static void name##_body(void)

HUB_TEST(ready_comes_first)
{
	struct client *c;
	int retry = 0;

	commit_many(ACCOUNT_A, 3);
	start_usual();
	c = stream(USUAL);
	ck_assert_int_eq(sscanf(c->text,
				"Status: 200 OK\r\nContent-Type: "
				"text/event-stream\r\n"
				"X-Accel-Buffering: no\r\n\r\nretry: %d\n\nid: 3\nevent: ready\n",
				&retry),
			 1);
	ck_assert_int_ge(retry, 2000);
	ck_assert_int_le(retry, 5000);
	ck_assert_ptr_nonnull(strstr(c->text,
				     "id: 3\nevent: ready\ndata: {\"account_id\":\"" ACCOUNT_A
				     "\",\"server_time\":\"20"));
	ck_assert_int_eq(times_in(c->text, "id: "), 1);
}

HUB_TEST(tells_what_happens)
{
	struct client *c, *other;

	start_usual();
	c = stream(USUAL);
	other = stream(USUAL);
	for (int at = 0; at < 20; at++)
		publish(ACCOUNT_A, "notice", "told");
	publish(ACCOUNT_A, "notice", "last");
	client_gets(c, "event: last\n");
	client_gets(other, "event: last\n");
	check_numbers(c, 1, 21);
	check_numbers(other, 1, 21);
	ck_assert_ptr_nonnull(strstr(c->text, "id: 21\nevent: last\ndata: pppppppppp\n\n"));
}

HUB_TEST(replays_what_was_missed)
{
	struct client *c, *other;

	commit_many(ACCOUNT_A, 470);
	start_usual();
	c = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "0"));
	other = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "460"));
	for (int at = 0; at < 20; at++)
		publish(ACCOUNT_A, "notice", "told");
	publish(ACCOUNT_A, "notice", "last");
	client_gets(c, "event: last\n");
	client_gets(other, "event: last\n");
	check_numbers(c, 1, 491);
	check_numbers(other, 461, 491);
	ck_assert_int_eq(times_in(c->text, "id: 0\nevent: ready\n"), 1);
}

/* A replay waits for a slow client instead of dropping. */
HUB_TEST(a_replay_is_paced)
{
	struct hub_settings settings = usual();
	struct client *c;

	settings.send_buffer = 1;
	commit_many(ACCOUNT_A, 400);
	start_hub(&settings);
	c = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "0"));
	usleep(300000);
	publish(ACCOUNT_A, "notice", "last");
	usleep(300000);
	client_gets(c, "event: last\n");
	check_numbers(c, 1, 401);
}

/* Streams come at any moment with any number, read now and then, and events go on meanwhile. */
HUB_TEST(nobody_misses_anything)
{
	struct hub_settings settings = usual();
	struct client *c[24] = { 0 };
	unsigned chance = 7;

	settings.send_buffer = 1;
	settings.max_per_user = 24;
	commit_many(ACCOUNT_A, 400);
	start_hub(&settings);
	for (int step = 0; step < 240; step++) {
		chance = chance * 1103515245 + 12345;
		if (step % 10 == 0)
			c[step / 10] = ask(
				str_fmt(arena,
					QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "%d"),
					script->n - (int)(chance >> 16) % 400)
					.p);
		for (unsigned n = chance >> 20 & 3; n; n--)
			publish(ACCOUNT_A, "notice", "told");
		for (int at = 0; at <= step / 10; at++) {
			while ((step + at) % 4 == 0 && client_read(c[at], 1))
				;
		}
	}
	publish(ACCOUNT_A, "notice", "last");
	for (int at = 0; at < 24; at++) {
		client_gets(c[at], "event: last\n");
		ck_assert_int_eq(check_order(c[at]), 0);
	}
}

HUB_TEST(too_much_missed_is_an_overflow)
{
	struct client *c;

	commit_many(ACCOUNT_A, 600);
	start_usual();
	c = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "99"));
	client_gets(c, "id: 600\nevent: overflow\n");
	check_that_all_is_told(c, ACCOUNT_A);
	check_numbers(c, 600, 601);
}

HUB_TEST(what_was_swept_is_an_overflow)
{
	struct client *some, *all;

	commit_many(ACCOUNT_A, 300);
	script->swept = 200;
	start_usual();
	some = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "150"));
	client_gets(some, "id: 300\nevent: overflow\n");
	script->swept = 300;
	all = ask(QUERY(ACCOUNT_A, USER_2, SIGN_IN_1, LATE, "notice", "250"));
	client_gets(all, "id: 300\nevent: overflow\n");
	check_that_all_is_told(all, ACCOUNT_A);
	check_numbers(all, 300, 301);
}

/* Numbers from a later life of the database than this one. */
HUB_TEST(a_number_from_the_future_is_an_overflow)
{
	struct client *c;

	commit_many(ACCOUNT_A, 3);
	start_usual();
	c = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "77"));
	client_gets(c, "id: 3\nevent: overflow\n");
	script->n = 1;
	ring_bell(ACCOUNT_A);
	client_gets(c, "id: 1\nevent: overflow\n");
	publish(ACCOUNT_A, "notice", "again");
	client_gets(c, "id: 2\nevent: again\n");
}

HUB_TEST(an_account_hears_nothing_of_another)
{
	struct client *a, *b;

	start_usual();
	a = stream(USUAL);
	b = stream(QUERY(ACCOUNT_B, USER_1, SIGN_IN_1, LATE, "sign_in,notice", ""));
	publish(ACCOUNT_A, "notice", "for_a");
	publish(ACCOUNT_B, "notice", "for_b");
	check_that_all_is_told(a, ACCOUNT_A);
	check_that_all_is_told(b, ACCOUNT_B);
	ck_assert_int_eq(times_in(a->text, "for_a"), 1);
	ck_assert_int_eq(times_in(b->text, "for_b"), 1);
	ck_assert_int_eq(times_in(a->text, "for_b"), 0);
	ck_assert_int_eq(times_in(b->text, "for_a"), 0);
}

HUB_TEST(topic_user_and_sign_in_choose)
{
	struct client *c, *replay;

	start_usual();
	c = stream(USUAL);
	commit(ACCOUNT_A, "escalation", "no_topic");
	memcpy(commit(ACCOUNT_A, "notice", "no_user")->user, USER_2, 37);
	memcpy(commit(ACCOUNT_A, "notice", "no_sign_in")->sign_in, SIGN_IN_2, 37);
	memcpy(commit(ACCOUNT_A, "notice", "yes_user")->user, USER_1, 37);
	memcpy(commit(ACCOUNT_A, "notice", "yes_sign_in")->sign_in, SIGN_IN_1, 37);
	check_that_all_is_told(c, ACCOUNT_A);
	replay = stream(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "sign_in,notice", "0"));
	check_that_all_is_told(replay, ACCOUNT_A);
	ck_assert_int_eq(times_in(c->text, "event: no_"), 0);
	ck_assert_int_eq(times_in(c->text, "event: yes_"), 2);
	ck_assert_int_eq(times_in(replay->text, "event: no_"), 0);
	ck_assert_int_eq(times_in(replay->text, "event: yes_"), 2);
}

HUB_TEST(signing_out_ends_the_stream)
{
	struct client *out, *stays;

	start_usual();
	out = stream(USUAL);
	stays = stream(QUERY(ACCOUNT_A, USER_1, SIGN_IN_2, LATE, "sign_in,notice", ""));
	memcpy(commit(ACCOUNT_A, "sign_in", "signed_out")->sign_in, SIGN_IN_1, 37);
	ring_bell(ACCOUNT_A);
	ck_assert(client_sees_end(out));
	ck_assert(out->ended);
	ck_assert_int_eq(times_in(out->text, "event: signed_out\n"), 1);
	check_that_all_is_told(stays, ACCOUNT_A);
	ck_assert_int_eq(times_in(stays->text, "signed_out"), 0);
}

/* Ends all of a person's streams, those of one who reads slowly among them. */
HUB_TEST(a_stream_end_is_for_all_who_hear_it)
{
	struct hub_settings settings = usual();
	struct client *one, *two, *other, *slow;

	settings.send_buffer = 1;
	commit_many(ACCOUNT_A, 400);
	start_hub(&settings);
	one = stream(USUAL);
	two = stream(QUERY(ACCOUNT_A, USER_1, SIGN_IN_2, LATE, "sign_in,notice", ""));
	other = stream(QUERY(ACCOUNT_A, USER_2, SIGN_IN_1, LATE, "sign_in,notice", ""));
	slow = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "sign_in,notice", "0"));
	usleep(200000);
	memcpy(commit(ACCOUNT_A, "sign_in", "stream_end")->user, USER_1, 37);
	ring_bell(ACCOUNT_A);
	ck_assert(client_sees_end(one) && one->ended);
	ck_assert(client_sees_end(two) && two->ended);
	usleep((useconds_t)patient(4500) * 1000);
	ck_assert(client_sees_end(slow));
	ck_assert_int_lt(times_in(slow->text, "event: told\n"), 400);
	check_that_all_is_told(other, ACCOUNT_A);
	ck_assert_int_eq(times_in(other->text, "stream_end"), 0);
}

/* What a worker permitted while the end of it was on its way. */
HUB_TEST(an_end_is_not_missed)
{
	struct client *late, *anew, *behind;

	commit_many(ACCOUNT_A, 3);
	memcpy(commit(ACCOUNT_A, "sign_in", "stream_end")->user, USER_1, 37);
	commit_many(ACCOUNT_A, 3);
	start_usual();
	stream(QUERY(ACCOUNT_A, USER_2, SIGN_IN_2, LATE, "sign_in,notice", ""));
	late = ask_at(USUAL, 3);
	ck_assert(client_sees_end(late) && late->ended);
	behind = ask_at(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "sign_in,notice", "99"), 3);
	ck_assert(client_sees_end(behind) && behind->ended);
	ck_assert_ptr_nonnull(strstr(behind->text, "id: 3\nevent: overflow\n"));
	/* One that is older than the permission ends nothing. */
	anew = ask_at(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "sign_in,notice", "1"), 4);
	check_that_all_is_told(anew, ACCOUNT_A);
	check_numbers(anew, 2, 8);
}

/* The bell and the wish cross: the number of the permission is newer than what the hub has read. */
HUB_TEST(a_permission_may_be_newer_than_the_last_reading)
{
	struct client *c;

	start_usual();
	stream(USUAL);
	commit_many(ACCOUNT_A, 5); /* unrung */
	c = stream(QUERY(ACCOUNT_A, USER_2, SIGN_IN_2, LATE, "sign_in,notice", ""));
	ck_assert_ptr_nonnull(strstr(c->text, "id: 5\nevent: ready\n"));
	check_that_all_is_told(c, ACCOUNT_A);
	ck_assert_int_eq(check_order(c), 0);
	ck_assert_int_eq(times_in(c->text, "event: told\n"), 0);
}

HUB_TEST(the_permission_ends)
{
	int64_t now = clock_now().us / CLOCK_SECOND;
	struct client *c, *over;

	start_usual();
	c = stream(str_fmt(arena, QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, "%lld", "notice", ""),
			   (long long)now + 2)
			   .p);
	over = ask(QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, "1000", "notice", ""));
	ck_assert(client_sees_end(over));
	ck_assert(over->ended);
	ck_assert_int_eq(times_in(over->text, "event:"), 0);
	ck_assert(!c->closed);
	ck_assert(client_sees_end(c));
	ck_assert(c->ended);
	ck_assert_int_ge(clock_now().us / CLOCK_SECOND, now + 2);
}

HUB_TEST(hearts_beat)
{
	struct hub_settings settings = usual();
	struct client *c;

	settings.heartbeat_seconds = 1;
	start_hub(&settings);
	c = stream(USUAL);
	for (int at = 0; at < 60; at++)
		client_read(c, 50);
	ck_assert_int_ge(times_in(c->text, ": still here\n\n"), 2);
	ck_assert_int_le(times_in(c->text, ": still here\n\n"), 4);
}

HUB_TEST(refuses_what_is_not_complete)
{
	struct client *half, *silent, *c;
	struct str whole;
	struct buf b = buf_new(arena, 1000);

	start_usual();
	c = ask_at("account=" ACCOUNT_A "&user=" USER_1, 0);
	ck_assert(client_sees_end(c));
	ck_assert(c->ended);
	ck_assert_int_eq(times_in(c->text, "Status: 400 "), 1);

	put_pair(&b, STR("QUERY_STRING"), STR(USUAL));
	c = client_connect(socket_path);
	client_write(c, request_of(buf_str(&b), 1));
	ck_assert(client_sees_end(c));
	ck_assert_uint_eq(c->n, 0);

	put_pair(&b, STR("RF_END"), STR("1"));
	c = client_connect(socket_path);
	client_write(c, request_of(buf_str(&b), 2));
	ck_assert(client_sees_end(c));
	ck_assert_uint_eq(c->n, 0);

	/* Half a request is no request, and harms nobody else. */
	silent = client_connect(socket_path);
	half = client_connect(socket_path);
	whole = request_for(STR("/_stream"), STR(USUAL));
	client_write(half, str_first(whole, 100));
	shutdown(half->fd, SHUT_WR);
	ck_assert(client_sees_end(half));
	ck_assert_uint_eq(half->n, 0);
	stream(USUAL);
	ck_assert(!client_read(silent, 0) && !silent->closed);
}

HUB_TEST(a_slow_client_loses_only_its_own)
{
	struct hub_settings settings = usual();
	struct client *slow, *fast;
	const char *overflow;
	int told;

	settings.send_buffer = 1;
	start_hub(&settings);
	slow = stream(USUAL);
	fast = stream(USUAL);
	for (int at = 0; at < 300; at++) {
		commit(ACCOUNT_A, "notice", "told")->size = 1500;
		ring_bell(ACCOUNT_A);
		while (times_in(fast->text, "event: told\n") <= at)
			ck_assert(client_read(fast, patient(5000)));
		/* A little room is no reason to go on in the middle. */
		if (at == 200)
			client_read(slow, patient(5000));
	}
	check_numbers(fast, 1, 300);
	client_gets(slow, "event: overflow\n");
	told = times_in(slow->text, "event: told\n");
	ck_assert_int_ge(told, 64);
	ck_assert_int_le(told, 64 + 16);
	overflow = strstr(slow->text, "id: 300\nevent: overflow\ndata: {}\n\n");
	ck_assert_ptr_nonnull(overflow);
	check_that_all_is_told(slow, ACCOUNT_A);
	ck_assert_int_eq(check_order(slow), 1);
	ck_assert_ptr_nonnull(strstr(overflow, "id: 301\nevent: mark_"));
}

static long hub_kilobytes(void)
{
	FILE *file = fopen(str_fmt(arena, "/proc/%d/statm", (int)hub).p, "r");
	long size, resident;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return resident * 4;
}

/* Nobody will ever read what comes. */
static void ask_and_stop(int last)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct str bytes = request_for(
		STR("/_stream"),
		str_fmt(arena, QUERY(ACCOUNT_A, USER_1, SIGN_IN_1, LATE, "notice", "%d") "&at=%d",
			last, script->n));

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(send(fd, bytes.p, bytes.n, 0), (ssize_t)bytes.n);
}

/* Of what all missed each waits for a little, and of what happens all wait for the same. */
HUB_TEST(readers_that_stop_cost_little)
{
	enum { STOPPED = 200, EVENTS = 300, SIZE = 4000 };
	struct hub_settings settings = usual();
	struct client *fast;
	long before;

	settings.send_buffer = 1;
	settings.max_streams = settings.max_per_account = settings.max_per_user = STOPPED + 9;
	for (int at = 0; at < EVENTS; at++)
		commit(ACCOUNT_A, "notice", "told")->size = SIZE;
	start_hub(&settings);
	fast = stream(USUAL);
	before = hub_kilobytes();
	for (int at = 0; at < STOPPED; at++) {
		ask_and_stop(at % 100);
		usleep(3000); /* a reading each, or nearly */
	}
	for (int at = 0; at < 100; at++) {
		commit(ACCOUNT_A, "notice", "late")->size = SIZE;
		ring_bell(ACCOUNT_A);
		while (times_in(fast->text, "event: late\n") <= at)
			ck_assert(client_read(fast, patient(5000)));
	}
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_lt(hub_kilobytes() - before, STOPPED * 24 * SIZE / 1024);
#endif
	ck_assert_int_gt(before, 0);
}

HUB_TEST(streams_stay_while_the_feed_is_away)
{
	struct hub_settings settings = usual();
	struct client *c, *late;

	settings.heartbeat_seconds = 1;
	start_hub(&settings);
	c = stream(USUAL);
	ck_assert_int_eq(script->changes, 1);
	script->away = true;
	publish(ACCOUNT_A, "notice", "while_away");
	client_gets(c, ": still here\n\n");
	late = ask(USUAL);
	client_gets(late, "retry: ");
	client_gets(late, ": still here\n\n");
	ck_assert_int_eq(times_in(c->text, "while_away"), 0);
	ck_assert_int_eq(times_in(late->text, "ready"), 0);
	ck_assert_int_eq(script->changes, 2);
	script->away = false;
	client_gets(c, "event: while_away\n");
	client_gets(late, "id: 1\nevent: ready\n");
	ck_assert_int_eq(script->changes, 3);
	check_that_all_is_told(late, ACCOUNT_A);
	check_numbers(c, 1, 1);
}

HUB_TEST(a_missed_bell_is_made_good)
{
	struct hub_settings settings = usual();
	struct client *c;

	settings.poll_ms = 200;
	start_hub(&settings);
	c = stream(USUAL);
	commit(ACCOUNT_A, "notice", "unrung");
	client_gets(c, "event: unrung\n");
}

HUB_TEST(bells_for_nobody_cost_nothing)
{
	struct client *c;
	int before;

	start_usual();
	c = stream(USUAL);
	before = script->readings;
	for (int at = 0; at < 50; at++)
		publish(ACCOUNT_B, "notice", "unheard");
	check_that_all_is_told(c, ACCOUNT_A);
	ck_assert_int_le(script->readings, before + 1);
}

HUB_TEST(a_users_oldest_stream_makes_room)
{
	struct client *c[9], *other;

	start_usual();
	other = stream(QUERY(ACCOUNT_A, USER_2, SIGN_IN_1, LATE, "notice", ""));
	for (int at = 0; at < 9; at++)
		c[at] = stream(USUAL);
	ck_assert(client_sees_end(c[0]));
	ck_assert(c[0]->ended);
	ck_assert_int_eq(times_in(c[0]->text, "retry: 60000\n\n"), 1);
	publish(ACCOUNT_A, "notice", "told");
	client_gets(other, "event: told\n");
	for (int at = 1; at < 9; at++)
		client_gets(c[at], "event: told\n");
}

HUB_TEST(refuses_more_than_it_may_hold)
{
	struct hub_settings settings = usual();
	struct client *c;

	settings.max_streams = 3;
	settings.max_per_account = 2;
	start_hub(&settings);
	stream(USUAL);
	stream(USUAL);
	c = ask(USUAL);
	ck_assert(client_sees_end(c));
	ck_assert_int_eq(times_in(c->text, "Status: 503 "), 1);
	stream(QUERY(ACCOUNT_B, USER_1, SIGN_IN_1, LATE, "notice", ""));
	c = ask(QUERY(ACCOUNT_B, USER_1, SIGN_IN_1, LATE, "notice", ""));
	ck_assert(client_sees_end(c));
	ck_assert_int_eq(times_in(c->text, "Status: 503 "), 1);
}

HUB_TEST(says_how_it_is)
{
	struct client *c, *gone;

	start_usual();
	stream(USUAL);
	gone = stream(QUERY(ACCOUNT_B, USER_1, SIGN_IN_1, LATE, "notice", ""));
	close(gone->fd);
	publish(ACCOUNT_A, "notice", "told");
	for (int at = 0; at < 100; at++) {
		c = client_connect(socket_path);
		client_write(c, request_for(STR("/_hub_stats"), STR("")));
		ck_assert(client_sees_end(c));
		if (strstr(c->text, "\nhub_accounts 1\n") &&
		    strstr(c->text, "\nhub_events_total 1\n"))
			break;
		usleep(20000);
	}
	ck_assert_ptr_nonnull(strstr(c->text, "Status: 200 OK\r\nContent-Type: text/plain"));
	ck_assert_ptr_nonnull(strstr(c->text, "# TYPE hub_streams gauge\nhub_streams 1\n"));
	ck_assert_ptr_nonnull(strstr(c->text, "\nhub_accounts 1\n"));
	ck_assert_ptr_nonnull(strstr(c->text, "\nhub_events_total 1\n"));
	ck_assert_ptr_nonnull(strstr(c->text, "\nhub_feed_up 1\n"));
}

HUB_TEST(leaves_cleanly)
{
	struct client *c, *silent;
	int status = -1;

	start_usual();
	c = stream(USUAL);
	silent = client_connect(socket_path);
	usleep(50000);
	kill(hub, SIGTERM);
	ck_assert(client_sees_end(c));
	ck_assert(c->ended);
	ck_assert(client_sees_end(silent));
	ck_assert_int_eq(waitpid(hub, &status, 0), hub);
	hub = 0;
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

HUB_TEST(a_running_hub_keeps_its_socket)
{
	struct hub_settings settings = usual();
	struct client *c;
	pid_t first;
	int status = -1;

	start_hub(&settings);
	c = stream(USUAL);
	first = hub;
	run_hub(&settings);
	ck_assert_int_eq(waitpid(hub, &status, 0), hub);
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	hub = first;
	check_that_all_is_told(c, ACCOUNT_A);
	stream(USUAL);
	/* After a crash the socket's file is still there, and no obstacle. */
	kill_hub();
	start_hub(&settings);
	stream(USUAL);
}

SUITE("kit/hub", ready_comes_first, tells_what_happens, replays_what_was_missed, a_replay_is_paced,
      nobody_misses_anything, too_much_missed_is_an_overflow, what_was_swept_is_an_overflow,
      a_number_from_the_future_is_an_overflow, an_account_hears_nothing_of_another,
      topic_user_and_sign_in_choose, signing_out_ends_the_stream,
      a_stream_end_is_for_all_who_hear_it, an_end_is_not_missed,
      a_permission_may_be_newer_than_the_last_reading, the_permission_ends, hearts_beat,
      refuses_what_is_not_complete, a_slow_client_loses_only_its_own, readers_that_stop_cost_little,
      streams_stay_while_the_feed_is_away, a_missed_bell_is_made_good,
      bells_for_nobody_cost_nothing, a_users_oldest_stream_makes_room,
      refuses_more_than_it_may_hold, says_how_it_is, leaves_cleanly, a_running_hub_keeps_its_socket)
