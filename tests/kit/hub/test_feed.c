/* The feed over a real server: the one query, the bells, and a hub that outlives its database. */
#include "kit/hub/client.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "kit/hub/feed.h"
#include "support/db.h"

#define ACCOUNT_A "0190b3c0-0000-7000-8000-0000000000a1"
#define ACCOUNT_B "0190b3c0-0000-7000-8000-0000000000b1"
#define ACCOUNT_C "0190b3c0-0000-7000-8000-0000000000c1"
#define USER_1    "0190b3c0-0000-7000-8000-000000000001"

/* The two tables as the migrations make them, with the wall between accounts and the hub's way
 * through. */
#define TABLES                                                                                     \
	"CREATE TABLE feed (account_id uuid PRIMARY KEY, seq bigint NOT NULL DEFAULT 0);"          \
	"CREATE TABLE event (account_id uuid NOT NULL, seq bigint NOT NULL, topic text NOT NULL,"  \
	" type text NOT NULL, user_id uuid, sign_in_id uuid, payload jsonb NOT NULL,"              \
	" created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (account_id, seq));"          \
	"ALTER TABLE feed ENABLE ROW LEVEL SECURITY; ALTER TABLE event ENABLE ROW LEVEL SECURITY;" \
	"GRANT SELECT ON feed, event TO feed_reader;"                                              \
	"CREATE POLICY hub ON feed FOR SELECT TO feed_reader USING (true);"                        \
	"CREATE POLICY hub ON event FOR SELECT TO feed_reader USING (true);"                       \
	"CREATE FUNCTION add(account uuid, n int) RETURNS void LANGUAGE sql AS $$"                 \
	" WITH f AS (INSERT INTO feed AS f VALUES ($1, n) ON CONFLICT (account_id)"                \
	"  DO UPDATE SET seq = f.seq + n RETURNING seq)"                                           \
	" INSERT INTO event (account_id, seq, topic, type, payload)"                               \
	" SELECT $1, f.seq - n + k, 'notice', 'told', jsonb_build_object('k', k, 'text', "         \
	"E'a\\nb')"                                                                                \
	" FROM f, generate_series(1, n) AS k ORDER BY k $$"

static const char *url;
static struct db *writer;
static struct hub_feed feed;

static void make_tables(void)
{
	const struct db_settings settings = { .url = url = server_database(arena),
					      .program = "test" };

	must(db_open(arena, &settings, &writer));
	must(db_script(arena, writer,
		       "DO $$ BEGIN CREATE ROLE feed_reader; EXCEPTION WHEN duplicate_object THEN "
		       "END $$"));
	must(db_script(arena, writer, TABLES));
}

static const struct err *open_feed(void)
{
	const struct db_settings settings = { .url = url, .role = "feed_reader", .program = "hub" };

	return hub_feed_open(arena, settings, &feed);
}

static void add(const char *account, int n)
{
	must(db_script(arena, writer, str_fmt(arena, "SELECT add('%s', %d)", account, n).p));
}

static struct hub_ask ask_for(const char *account, int64_t after, int64_t most)
{
	struct hub_ask ask = { .after = after, .most = most };

	ck_assert(uuid_parse(str_of(account), &ask.account));
	return ask;
}

START_TEST(answers_all_at_once)
{
	struct list list = { 0 };
	const struct hub_news *news;

	make_tables();
	must(open_feed());
	add(ACCOUNT_A, 5);
	add(ACCOUNT_B, 70);
	const struct hub_ask asks[] = { ask_for(ACCOUNT_A, 3, 64), ask_for(ACCOUNT_B, 0, 64),
					ask_for(ACCOUNT_A, -1, 0), ask_for(ACCOUNT_C, -1, 0),
					ask_for(ACCOUNT_A, 5, 64), ask_for(ACCOUNT_C, 7, 64),
					ask_for(ACCOUNT_A, 0, 500) };
	must(feed.read(arena, feed.self, asks, 7, &list));
	news = list.items;
	ck_assert_uint_eq(list.n, 2 + 64 + 1 + 1 + 0 + 1 + 5);
	ck_assert_int_eq(news[0].ask, 0);
	ck_assert_int_eq(news[0].seq, 4);
	ck_assert_int_eq(news[0].head, 5);
	ck_assert_text(news[0].topic, STR("notice"));
	ck_assert_text(news[0].type, STR("told"));
	ck_assert(uuid_is_none(news[0].user_id));
	ck_assert_text(news[1].payload, STR("{\"k\": 5, \"text\": \"a\\nb\"}"));
	for (int at = 0; at < 64; at++)
		ck_assert_int_eq(news[2 + at].seq, at + 1);
	ck_assert_int_eq(news[2].head, 70);
	ck_assert_int_eq(news[66].ask, 2);
	ck_assert_int_eq(news[66].head, 5);
	ck_assert_int_eq(news[66].seq, 0);
	ck_assert_int_eq(news[67].ask, 3);
	ck_assert_int_eq(news[67].head, 0);
	ck_assert_int_eq(news[68].ask, 5); /* an account that was set back */
	ck_assert_int_eq(news[68].seq, 0);
	ck_assert_int_eq(news[69].ask, 6);
}
END_TEST

START_TEST(answers_a_thousand_at_most)
{
	struct list list = { 0 };

	make_tables();
	must(open_feed());
	add(ACCOUNT_A, 800);
	add(ACCOUNT_B, 800);
	const struct hub_ask asks[] = { ask_for(ACCOUNT_A, 0, 900), ask_for(ACCOUNT_B, 0, 900) };
	must(feed.read(arena, feed.self, asks, 2, &list));
	ck_assert_uint_eq(list.n, HUB_NEWS_MAX);
}
END_TEST

START_TEST(hears_bells)
{
	struct uuid account = UUID_NONE;
	bool rung = false;

	make_tables();
	must(open_feed());
	must(db_script(arena, writer, "SELECT pg_notify('bell_event', 'no account')"));
	must(db_script(arena, writer, "SELECT pg_notify('bell_event', '" ACCOUNT_B "')"));
	for (int at = 0; at < patient(200) && !rung; at++) {
		usleep(10000);
		rung = feed.bell(arena, feed.self, &account);
	}
	ck_assert(rung);
	ck_assert_str_eq(account.text, ACCOUNT_B);
	ck_assert(!feed.bell(arena, feed.self, &account));
}
END_TEST

/* A whole hub over the database. */

static char dir[64], socket_path[80];

static void ignore_change(const struct err *why)
{
	(void)why;
}

static pid_t start_hub(void)
{
	const struct hub_settings settings = {
		.socket = socket_path,
		.heartbeat_seconds = 1,
		.poll_ms = 2500,
		.max_streams = 100,
		.max_per_account = 100,
		.max_per_user = 8,
		.feed_changed = ignore_change,
	};
	pid_t pid;

	suite_folder(dir, sizeof(dir));
	snprintf(socket_path, sizeof(socket_path), "%s/hub.sock", dir);
	pid = fork();
	if (pid)
		return pid;
	must(open_feed());
	must(hub_run(arena, &settings, &feed));
	exit(0);
}

static void stop_hub(pid_t pid)
{
	int status = -1;

	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	unlink(socket_path);
	unlink(str_fmt(arena, "%s.lock", socket_path).p);
	rmdir(dir);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static struct client *stream(const char *account, int head, const char *last)
{
	struct client *c = NULL;
	struct str query = str_fmt(arena,
				   "account=%s&user=" USER_1 "&sign_in=" USER_1
				   "&until=4000000000&at=%d&topics=notice&last=%s",
				   account, head, last);

	for (int at = 0; at < patient(500) && access(socket_path, R_OK); at++)
		usleep(10000);
	usleep(20000);
	c = client_connect(socket_path);
	client_write(c, request_for(STR("/_stream"), query));
	client_gets(c, "event: ready\n");
	return c;
}

START_TEST(nothing_is_missed_over_a_restart_of_the_database)
{
	struct client *c, *other;
	pid_t pid;

	if (!server_is_own())
		return;
	make_tables();
	db_close(writer);
	pid = start_hub();
	must(db_heal(arena, writer));
	add(ACCOUNT_A, 3);
	c = stream(ACCOUNT_A, 3, "1");
	client_gets(c, "id: 3\nevent: told\ndata: {\"k\": 3, \"text\": \"a\\nb\"}\n\n");
	add(ACCOUNT_A, 1);
	must(db_script(arena, writer, "SELECT pg_notify('bell_event', '" ACCOUNT_A "')"));
	ck_assert(client_waits_for(c, "id: 4\nevent: told\n", 1000));
	server_stop();
	c->text[c->n = 0] = '\0';
	client_gets(c, ": still here\n");
	server_go_on();
	/* Committed, and nobody rings. */
	add(ACCOUNT_A, 2);
	client_gets(c, "id: 5\nevent: told\n");
	client_gets(c, "id: 6\nevent: told\n");
	/* The new connection listens. */
	usleep(3000000);
	other = stream(ACCOUNT_B, 0, "");
	add(ACCOUNT_B, 1);
	must(db_script(arena, writer, "SELECT pg_notify('bell_event', '" ACCOUNT_B "')"));
	ck_assert(client_waits_for(other, "id: 1\nevent: told\n", 500));
	ck_assert_int_eq(times_in(c->text, "event: told\n"), 2);
	stop_hub(pid);
}
END_TEST

DB_SUITE("kit/hub/feed", answers_all_at_once, answers_a_thousand_at_most, hears_bells,
	 nothing_is_missed_over_a_restart_of_the_database)
