/* Statements, rows and transactions against a real server. */
#include "support/patience.h"
#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/db/db.h"
#include "support/db.h"

static const char *const color_texts[] = { "red", "green" };
static const struct names colors = { color_texts, 2 };

struct thing {
	struct str text;
	int64_t number;
	bool flag;
	struct instant at;
	struct uuid id;
	int color;
	struct html html;
	struct json_text json;
	struct list tags;
};

#define THING(...)                                                                                 \
	SHAPE(struct thing, F_STR(struct thing, text, __VA_ARGS__),                                \
	      F_INT(struct thing, number, __VA_ARGS__), F_BOOL(struct thing, flag, __VA_ARGS__),   \
	      F_TIME(struct thing, at, __VA_ARGS__), F_UUID(struct thing, id, __VA_ARGS__),        \
	      F_ENUM(struct thing, color, &colors, __VA_ARGS__),                                   \
	      F_HTML(struct thing, html, __VA_ARGS__), F_JSON(struct thing, json, __VA_ARGS__),    \
	      F_LIST(struct thing, tags, &shape_texts, __VA_ARGS__))

static const struct shape thing_shape = THING();
static const struct shape nullable_shape = THING(.null = true);

struct number {
	int64_t n;
};

static const struct shape number_shape = SHAPE(struct number, F_INT(struct number, n));

struct line {
	struct str text;
};

static const struct shape line_shape = SHAPE(struct line, F_STR(struct line, text));

#define THING_SQL                                                                                  \
	"SELECT $1::text AS text, $2::bigint AS number, $3::boolean AS flag, "                     \
	"$4::timestamptz AS at, $5::uuid AS id, $6::color AS color, $7::text AS html, "            \
	"$8::jsonb AS json, $9::text[] AS tags"

static const struct sql thing = { "t.thing", 9, false, &thing_shape, THING_SQL };
static const struct sql nullable = { "t.nullable", 9, false, &nullable_shape, THING_SQL };
static const struct sql insert = { "t.insert", 1, true, NULL, "INSERT INTO n VALUES ($1)" };
static const struct sql change = { "t.change", 2, true, NULL, "UPDATE n SET n = $2 WHERE n = $1" };
static const struct sql numbers = { "t.numbers", 0, false, &number_shape,
				    "SELECT n FROM n ORDER BY n" };
static const struct sql number = { "t.number", 1, false, &number_shape,
				   "SELECT n FROM n WHERE n = $1" };
static const struct sql series = { "t.series", 1, false, &number_shape,
				   "SELECT n FROM generate_series(1, $1::int) n" };
static const struct sql negated = { "t.negated", 1, false, &number_shape,
				    "SELECT nullif($1::bigint, 0) AS n" };
static const struct sql refuse = { "t.refuse", 3, false, NULL, "SELECT refuse($1, $2, $3)" };
static const struct sql late = { "t.late", 1, true, NULL, "INSERT INTO late VALUES ($1)" };
static const struct sql texts = { "t.texts", 1, false, &line_shape,
				  "SELECT unnest($1::text[]) AS text" };
static const struct sql to_uuid = { "t.to_uuid", 1, false, NULL, "SELECT $1::text::uuid" };
static const struct sql pause_for = { "t.pause", 1, false, NULL, "SELECT pg_sleep($1::int)" };
static const struct sql strictly = { "t.strictly", 0, false, NULL,
				     "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE" };
static const struct sql isolation = { "t.isolation", 0, false, &line_shape,
				      "SELECT current_setting('transaction_isolation') AS text" };
static const struct sql lock = { "t.lock", 0, false, NULL, "LOCK TABLE n" };
static const struct sql kill_me = { "t.kill_me", 0, false, NULL,
				    "SELECT pg_terminate_backend(pg_backend_pid())" };
static const struct sql kill_others = {
	"t.kill_others", 0, false, NULL,
	"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
	"WHERE datname = current_database() AND pid <> pg_backend_pid()"
};
static const struct sql as_account = { "t.as_account", 1, false, &line_shape,
				       "SELECT set_config('app.account', $1, true) AS text" };
static const struct sql notes = { "t.notes", 0, false, &line_shape, "SELECT text FROM note" };
static const struct sql setting = { "t.setting", 1, false, &line_shape,
				    "SELECT current_setting($1) AS text" };

static const struct sql *const statements[] = {
	&thing,    &nullable,  &insert,     &change,  &numbers,   &number, &series,  &negated,
	&refuse,   &late,      &texts,      &to_uuid, &pause_for, &lock,   &kill_me, &kill_others,
	&strictly, &isolation, &as_account, &notes,   &setting,   NULL
};
static const struct sql *const *const all[] = { statements, NULL };

static const char schema[] =
	"CREATE TYPE color AS ENUM ('red', 'green', 'blue');"
	"CREATE TABLE n (n bigint CONSTRAINT n_once PRIMARY KEY);"
	"CREATE TABLE late (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED);"
	"CREATE TABLE note (account_id text, text text);"
	"INSERT INTO note VALUES ('a', 'of a'), ('b', 'of b');"
	"ALTER TABLE note ENABLE ROW LEVEL SECURITY;"
	"CREATE POLICY p ON note USING (account_id = nullif(current_setting('app.account', true), "
	"''));"
	"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO rf_test;"
	"CREATE FUNCTION refuse(status int, code text, sentence text) RETURNS void LANGUAGE "
	"plpgsql AS $$"
	"BEGIN RAISE EXCEPTION USING ERRCODE = 'RF' || status, MESSAGE = code, DETAIL = sentence,"
	" HINT = '17'; END $$;";

static const char *url;

static struct db *connect_with(struct db_settings settings)
{
	struct db *db = NULL;

	settings.url = url;
	must(db_open(arena, &settings, &db));
	return db;
}

/* A new database with the schema, and a connection that has the statements. */
static struct db *fresh(void)
{
	struct db *db;

	url = server_database(arena);
	db = connect_with((struct db_settings){ .program = "test" });
	must(db_script(
		arena, db,
		"DO $$ BEGIN CREATE ROLE rf_test; EXCEPTION WHEN duplicate_object THEN END $$"));
	must(db_script(arena, db, schema));
	db_close(db);
	return connect_with((struct db_settings){ .program = "test", .statements = all });
}

static size_t count(struct db *db)
{
	struct tx *t = tx_new(arena, db);
	struct list rows = { NULL, 99 };

	tx_list(t, &numbers, &rows);
	must(tx_run(t));
	return rows.n;
}

START_TEST(carries_every_type_there_and_back)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	struct str tags[] = { STR("plain"), STR("a, \"b\" \\ {c}"), STR(""), STR("NULL"),
			      STR(" caf\xc3\xa9\n") };
	struct str texts_in = STR("it's {\"x\"} \\ \xf0\x9f\x98\x80");
	struct instant at = { 1795258267123456 };
	const struct thing *got = NULL;
	struct uuid id;

	ck_assert(uuid_parse(STR("0190a5f0-1111-7222-8333-444455556666"), &id));
	tx_one(t, &thing, &got, P(texts_in), P(INT64_MIN), P(true), P(at), P(id), P(STR("green")),
	       P(STR("<b>x</b>")), P(STR("{\"a\": [1]}")), P(LIST_OF(tags, 5)));
	must(tx_run(t));
	ck_assert_text(got->text, texts_in);
	ck_assert(got->number == INT64_MIN && got->flag && got->at.us == at.us &&
		  uuid_eq(got->id, id));
	ck_assert_int_eq(got->color, 1);
	ck_assert_text(got->html.s, STR("<b>x</b>"));
	ck_assert_text(got->json.s, STR("{\"a\": [1]}"));
	ck_assert_uint_eq(got->tags.n, 5);
	for (size_t n = 0; n < 5; n++)
		ck_assert_text(*(const struct str *)list_at(got->tags, &shape_texts, n), tags[n]);
	ck_assert_int_eq(tx_round_trips(t), 1);
	ck_assert(tx_microseconds(t) > 0);
}
END_TEST

START_TEST(none_is_null_both_ways)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	struct instant never = { 0 };
	const struct thing *got = NULL;

	tx_one(t, &nullable, &got, P(STR_NONE), P(0), P(false), P(never), P(UUID_NONE), P(STR_NONE),
	       P(STR_NONE), P(STR_NONE), P(LIST_OF(NULL, 0)));
	must(tx_run(t));
	ck_assert(!got->text.p && !got->number && !got->flag && !got->at.us &&
		  uuid_is_none(got->id));
	ck_assert(got->color == -1 && !got->html.s.p && !got->json.s.p && !got->tags.n);
}
END_TEST

START_TEST(a_null_without_leave_names_the_column)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct number *got = NULL;
	const struct err *e;

	tx_one(t, &negated, &got, P(0));
	e = fails(tx_run(t), ERR_INTERNAL);
	ck_assert(str_contains(e->message, STR("t.negated: column n")));
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(an_unknown_name_of_an_enum_is_our_fault)
{
	struct tx *t = tx_new(arena, fresh());
	const struct thing *got = NULL;
	const struct err *e;

	tx_one(t, &nullable, &got, P(STR_NONE), P(0), P(false), P((struct instant){ 0 }),
	       P(UUID_NONE), P(STR("blue")), P(STR_NONE), P(STR_NONE), P(LIST_OF(NULL, 0)));
	e = fails(tx_run(t), ERR_INTERNAL);
	ck_assert(str_contains(e->message, STR("column color")));
}
END_TEST

START_TEST(fills_the_places_for_rows)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct number *one = NULL, *maybe = NULL, *absent = (const void *)"";
	struct list many, few, no;

	tx_one(t, &series, &one, P(1));
	tx_maybe(t, &series, &maybe, P(1));
	tx_maybe(t, &series, &absent, P(0));
	tx_list(t, &series, &many, P(1000));
	tx_list(t, &texts, &few, P(LIST_OF(((struct str[]){ STR("x"), STR("y") }), 2)));
	tx_list(t, &series, &no, P(0));
	must(tx_run(t));
	ck_assert(one->n == 1 && maybe->n == 1 && !absent);
	ck_assert_uint_eq(many.n, 1000);
	ck_assert(((const struct number *)list_at(many, &number_shape, 999))->n == 1000);
	ck_assert_text(((const struct line *)list_at(few, &line_shape, 1))->text, STR("y"));
	ck_assert_uint_eq(no.n, 0);
	ck_assert_int_eq(tx_round_trips(t), 1);
}
END_TEST

START_TEST(one_row_means_one)
{
	struct db *db = fresh();
	const struct number *got = NULL;
	struct tx *t = tx_new(arena, db);

	tx_one(t, &series, &got, P(0));
	fails(tx_run(t), ERR_NOT_FOUND);
	t = tx_new(arena, db);
	tx_one(t, &series, &got, P(2));
	fails(tx_run(t), ERR_INTERNAL);
	t = tx_new(arena, db);
	tx_must(t, &change, P(7), P(8));
	fails(tx_run(t), ERR_NOT_FOUND);
	ck_assert_int_eq(tx_round_trips(t), 1);
	ck_assert_ptr_null(got);
}
END_TEST

START_TEST(a_missing_row_undoes_what_stands_beside_it)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct number *got = NULL;

	tx_exec(t, &insert, P(1));
	tx_must(t, &change, P(7), P(8));
	fails(tx_run(t), ERR_NOT_FOUND);
	ck_assert_uint_eq(count(db), 0);
	t = tx_new(arena, db);
	tx_one(t, &number, &got, P(7));
	tx_exec(t, &insert, P(1));
	fails(tx_run(t), ERR_NOT_FOUND);
	ck_assert_uint_eq(count(db), 0);
	/* Also where the write went out before. */
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	must(tx_more(t));
	tx_one(t, &number, &got, P(7));
	fails(tx_run(t), ERR_NOT_FOUND);
	ck_assert_uint_eq(count(db), 0);
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	tx_must(t, &change, P(1), P(2));
	must(tx_run(t));
	ck_assert_int_eq(tx_round_trips(t), 2);
	ck_assert_uint_eq(count(db), 1);
}
END_TEST

START_TEST(a_refusal_skips_what_is_behind_it)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct err *e;

	tx_exec(t, &insert, P(1));
	tx_exec(t, &refuse, P(403), P(STR("forbidden")),
		P(STR("Your role does not allow 100 % of this.")));
	tx_exec(t, &insert, P(2));
	tx_exec(t, &to_uuid, P(STR("no")));
	e = fails(tx_run(t), ERR_FORBIDDEN);
	ck_assert_str_eq(e->code, "forbidden");
	ck_assert_text(e->message, STR("Your role does not allow 100 % of this."));
	ck_assert_str_eq(e->sqlstate, "RF403");
	ck_assert_int_eq(tx_round_trips(t), 1);
	ck_assert_uint_eq(count(db), 0);
	ck_assert_ptr_eq(tx_finish(t), e);
}
END_TEST

START_TEST(tells_errors_by_their_state)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct err *e;

	tx_exec(t, &refuse, P(429), P(STR("rate_limited")), P(STR("Wait.")));
	e = fails(tx_run(t), ERR_RATE);
	ck_assert_int_eq(e->retry_after, 17);
	t = tx_new(arena, db);
	tx_exec(t, &refuse, P(418), P(STR("teapot")), P(STR("")));
	fails(tx_run(t), ERR_INTERNAL);
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	tx_exec(t, &insert, P(1));
	e = fails(tx_run(t), ERR_CONFLICT);
	ck_assert_str_eq(e->code, "n_once");
	t = tx_new(arena, db);
	tx_exec(t, &to_uuid, P(STR("no")));
	fails(tx_run(t), ERR_MALFORMED);
	t = tx_new(arena, db);
	tx_exec(t, &to_uuid, P(STR("\xff")));
	fails(tx_run(t), ERR_MALFORMED);
	t = tx_new(arena, db);
	tx_exec(t, &to_uuid, P(STR("no\0t")));
	fails(tx_run(t), ERR_MALFORMED);
	ck_assert_int_eq(tx_round_trips(t), 0);
	e = fails(db_script(arena, db, "SELECT 1/0"), ERR_INTERNAL);
	ck_assert_str_eq(e->sqlstate, "22012");
	ck_assert_uint_eq(count(db), 0);
}
END_TEST

START_TEST(a_commit_that_fails_is_an_error)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);

	tx_exec(t, &late, P(1));
	tx_exec(t, &late, P(1));
	fails(tx_run(t), ERR_CONFLICT);
	t = tx_new(arena, db);
	tx_exec(t, &late, P(1));
	must(tx_more(t));
	tx_exec(t, &late, P(1));
	fails(tx_run(t), ERR_CONFLICT);
	t = tx_new(arena, db);
	tx_exec(t, &late, P(1));
	tx_bell(t, STR("bell"), STR("x"));
	must(tx_run(t));
	t = tx_new(arena, db);
	tx_exec(t, &late, P(1));
	tx_bell(t, STR("bell"), STR("x"));
	fails(tx_run(t), ERR_CONFLICT);
	ck_assert_uint_eq(count(db), 0);
}
END_TEST

START_TEST(two_round_trips_share_a_transaction)
{
	struct db *db = fresh(), *other = connect_with((struct db_settings){ .statements = all });
	struct tx *t = tx_new(arena, db);

	tx_exec(t, &insert, P(1));
	must(tx_more(t));
	ck_assert_uint_eq(count(other), 0);
	tx_exec(t, &insert, P(2));
	must(tx_run(t));
	ck_assert_uint_eq(count(other), 2);
	ck_assert_int_eq(tx_round_trips(t), 2);
}
END_TEST

/* Queued first, it finds what was written behind it, and no one waits for it meanwhile. */
START_TEST(what_comes_last_goes_with_the_commit)
{
	struct db *db = fresh(), *other = connect_with((struct db_settings){ .statements = all });
	struct tx *t = tx_new(arena, db);
	struct list seen;

	tx_hold(t);
	tx_last(t, &change, P(1), P(3));
	tx_exec(t, &insert, P(1));
	must(tx_run(t));
	tx_list(t, &numbers, &seen);
	must(tx_run(t));
	ck_assert_int_eq(((const struct number *)seen.items)->n, 1);
	tx_exec(t, &insert, P(2));
	must(tx_finish(t));
	ck_assert_int_eq(tx_round_trips(t), 3);
	t = tx_new(arena, other);
	tx_list(t, &numbers, &seen);
	must(tx_run(t));
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_int_eq(((const struct number *)seen.items)[1].n, 3);
	/* Alone; and with what it fails of nothing is written. */
	t = tx_new(arena, db);
	tx_last(t, &insert, P(4));
	must(tx_run(t));
	ck_assert_uint_eq(count(other), 3);
	t = tx_new(arena, db);
	tx_last(t, &refuse, P(409), P(STR("stale")), P(STR("Changed meanwhile.")));
	tx_exec(t, &insert, P(5));
	must(tx_more(t));
	fails(tx_run(t), ERR_CONFLICT);
	ck_assert_uint_eq(count(other), 3);
}
END_TEST

START_TEST(an_error_in_the_second_undoes_the_first)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	const struct err *e;

	tx_exec(t, &insert, P(1));
	must(tx_more(t));
	tx_exec(t, &refuse, P(409), P(STR("stale")), P(STR("Changed meanwhile.")));
	e = fails(tx_run(t), ERR_CONFLICT);
	ck_assert_ptr_eq(tx_finish(t), e);
	tx_abandon(t);
	ck_assert_uint_eq(count(db), 0);
}
END_TEST

START_TEST(a_held_transaction_ends_with_its_holder)
{
	struct db *db = fresh(), *other = connect_with((struct db_settings){ .statements = all });
	struct tx *t = tx_new(arena, db);

	tx_hold(t);
	tx_exec(t, &insert, P(1));
	must(tx_run(t));
	ck_assert_uint_eq(count(other), 0);
	tx_exec(t, &insert, P(2));
	must(tx_finish(t));
	ck_assert_int_eq(tx_round_trips(t), 2);
	ck_assert_uint_eq(count(other), 2);
	/* A handler that ran nothing, and one that gave up. */
	t = tx_new(arena, db);
	tx_hold(t);
	must(tx_finish(t));
	ck_assert_int_eq(tx_round_trips(t), 0);
	t = tx_new(arena, db);
	tx_hold(t);
	tx_exec(t, &insert, P(3));
	must(tx_run(t));
	tx_abandon(t);
	tx_abandon(t);
	ck_assert_uint_eq(count(db), 2);
}
END_TEST

START_TEST(a_forgotten_transaction_ends_with_its_arena)
{
	struct db *db = fresh();
	struct arena *request = arena_new((size_t)1 << 20);
	struct tx *t = tx_new(request, db);

	tx_exec(t, &insert, P(1));
	must(tx_more(t));
	arena_reset(request);
	ck_assert_uint_eq(count(db), 0);
	arena_free(request);
}
END_TEST

static void hears(struct db *db, const char *want)
{
	struct str channel, payload;

	for (int tries = 0; !db_notification(arena, db, &channel, &payload); tries++) {
		ck_assert_int_lt(tries, patient(500));
		usleep(10000);
	}
	ck_assert_text(channel, STR("bell"));
	ck_assert_text(payload, str_of(want));
}

START_TEST(the_bell_rings_after_the_commit)
{
	static const char *const channels[] = { "bell", NULL };
	struct db *db = fresh();
	struct db *hub =
		connect_with((struct db_settings){ .listen = channels, .statements = all });
	struct tx *t = tx_new(arena, db);
	struct str channel, payload;

	ck_assert(!db_notification(arena, hub, &channel, &payload));
	tx_exec(t, &insert, P(1));
	tx_bell(t, STR("bell"), STR("one"));
	must(tx_run(t));
	ck_assert_int_eq(tx_round_trips(t), 1);
	hears(hub, "one");
	ck_assert_uint_eq(count(hub), 1);
	ck_assert(!db_notification(arena, hub, &channel, &payload));
	/* Held, two round trips, and without any statement. */
	t = tx_new(arena, db);
	tx_hold(t);
	tx_exec(t, &insert, P(2));
	tx_bell(t, STR("bell"), STR("two"));
	must(tx_run(t));
	ck_assert(!db_notification(arena, hub, &channel, &payload));
	must(tx_finish(t));
	hears(hub, "two");
	t = tx_new(arena, db);
	tx_bell(t, STR("bell"), STR("three"));
	must(tx_run(t));
	hears(hub, "three");
}
END_TEST

START_TEST(a_bell_that_fails_is_no_failure)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	char payload[9000];

	memset(payload, 'x', sizeof(payload));
	tx_exec(t, &insert, P(1));
	tx_bell(t, STR("bell"), (struct str){ payload, sizeof(payload) });
	must(tx_run(t));
	ck_assert_uint_eq(count(db), 1);
}
END_TEST

START_TEST(a_listener_listens_again)
{
	static const char *const channels[] = { "bell", NULL };
	struct db *db = fresh();
	struct db *hub = connect_with((struct db_settings){ .listen = channels });
	struct tx *t = tx_new(arena, db);
	struct str channel, payload;

	ck_assert_int_eq(db_generation(hub), 1);
	tx_exec(t, &kill_others);
	must(tx_run(t));
	ck_assert(!db_notification(arena, hub, &channel, &payload));
	ck_assert_int_eq(db_fd(hub), -1);
	must(db_heal(arena, hub));
	ck_assert_int_eq(db_generation(hub), 2);
	ck_assert_int_ge(db_fd(hub), 0);
	t = tx_new(arena, db);
	tx_bell(t, STR("bell"), STR("again"));
	must(tx_run(t));
	hears(hub, "again");
}
END_TEST

START_TEST(a_serialization_failure_asks_for_another_try)
{
	struct db *db = fresh(), *strict;
	struct tx *t = tx_new(arena, db), *slow;
	struct list rows;
	const struct err *e;

	tx_exec(t, &insert, P(1));
	must(tx_run(t));
	strict = connect_with((struct db_settings){ .statements = all });
	slow = tx_new(arena, strict);
	tx_exec(slow, &strictly);
	tx_list(slow, &numbers, &rows);
	must(tx_more(slow));
	t = tx_new(arena, db);
	tx_must(t, &change, P(1), P(2));
	must(tx_run(t));
	tx_must(slow, &change, P(1), P(3));
	e = fails(tx_run(slow), ERR_RETRY);
	ck_assert_str_eq(e->sqlstate, "40001");
	ck_assert_uint_eq(count(strict), 1);
}
END_TEST

START_TEST(what_isolation_we_have_is_not_the_servers_to_say)
{
	struct db *db = fresh();
	struct tx *t;
	const struct line *is = NULL;

	db_close(db);
	url = str_fmt(arena, "%s options='-c default_transaction_isolation=serializable'", url).p;
	db = connect_with((struct db_settings){ .statements = all });
	t = tx_new(arena, db);
	tx_one(t, &isolation, &is);
	must(tx_run(t));
	ck_assert_text(is->text, STR("read committed"));
}
END_TEST

START_TEST(limits_of_time_are_busy)
{
	struct db *holder = fresh();
	struct db *db = connect_with((struct db_settings){
		.statements = all, .statement_timeout_ms = 200, .lock_timeout_ms = 100 });
	struct tx *t = tx_new(arena, db), *h = tx_new(arena, holder);
	const struct err *e;

	tx_exec(t, &pause_for, P(5));
	e = fails(tx_run(t), ERR_BUSY);
	ck_assert_str_eq(e->sqlstate, "57014");
	ck_assert_int_gt(e->retry_after, 0);
	tx_exec(h, &lock);
	must(tx_more(h));
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	e = fails(tx_run(t), ERR_BUSY);
	ck_assert_str_eq(e->sqlstate, "55P03");
	must(tx_run(h));
	ck_assert_int_eq(db_generation(db), 1);
}
END_TEST

START_TEST(a_backend_lost_between_requests_is_replaced)
{
	struct db *db = fresh(), *other = connect_with((struct db_settings){ .statements = all });
	struct tx *t = tx_new(arena, other);

	tx_exec(t, &kill_others);
	must(tx_run(t));
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	must(tx_run(t));
	ck_assert_int_eq(db_generation(db), 2);
	ck_assert_uint_eq(count(other), 1);
}
END_TEST

START_TEST(a_backend_lost_on_the_way_is_busy)
{
	struct db *db = fresh(), *other = connect_with((struct db_settings){ .statements = all });
	struct tx *t = tx_new(arena, db), *k = tx_new(arena, other);
	const struct err *e;

	tx_exec(t, &insert, P(1));
	must(tx_more(t));
	tx_exec(k, &kill_others);
	must(tx_run(k));
	tx_exec(t, &insert, P(2));
	e = fails(tx_run(t), ERR_BUSY);
	ck_assert_int_gt(e->retry_after, 0);
	ck_assert_uint_eq(count(db), 0);
	ck_assert_int_eq(db_generation(db), 2);
	/* And in the middle of a pipeline. */
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	tx_exec(t, &kill_me);
	tx_exec(t, &insert, P(2));
	tx_bell(t, STR("bell"), STR("x"));
	fails(tx_run(t), ERR_BUSY);
	ck_assert_uint_eq(count(db), 0);
}
END_TEST

START_TEST(a_server_away_is_busy_until_it_is_back)
{
	struct db_settings settings = { .statements = all };
	struct db *db, *none = NULL;
	struct tx *t;

	if (!server_is_own()) {
		puts("skip: this server is not ours to stop");
		return;
	}
	db = fresh();
	server_stop();
	t = tx_new(arena, db);
	tx_exec(t, &insert, P(1));
	fails(tx_run(t), ERR_BUSY);
	settings.url = url;
	fails(db_open(arena, &settings, &none), ERR_BUSY);
	ck_assert_int_eq(db_fd(db), -1);
	fails(db_heal(arena, db), ERR_BUSY);
	server_go_on();
	ck_assert_uint_eq(count(db), 0);
	ck_assert_uint_eq(count(none), 0);
}
END_TEST

START_TEST(a_statement_that_does_not_fit_stops_the_start)
{
	static const struct {
		struct sql sql;
		const char *says;
	} cases[] = {
		{ { "t.name", 0, false, &number_shape, "SELECT 1 AS m" }, "column 1 is m" },
		{ { "t.many", 0, false, &number_shape, "SELECT 1 AS n, 2 AS m" }, "2 columns" },
		{ { "t.type", 0, false, &number_shape, "SELECT 'x' AS n" }, "type" },
		{ { "t.text", 0, false, &line_shape, "SELECT now() AS text" }, "type" },
		{ { "t.args", 1, false, &number_shape, "SELECT 1 AS n" }, "0 parameters" },
		{ { "t.table", 0, false, NULL, "SELECT 1 FROM nowhere" }, "nowhere" },
	};
	struct db *db = fresh();

	db_close(db);
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		const struct sql *const list[] = { &cases[at].sql, NULL };
		const struct sql *const *const lists[] = { statements, list, NULL };
		const struct db_settings settings = { .url = url, .statements = lists };
		const struct err *e = fails(db_open(arena, &settings, &db), ERR_INTERNAL);

		ck_assert(str_starts(e->message, str_of(cases[at].sql.name)));
		ck_assert_msg(str_contains(e->message, str_of(cases[at].says)), "%.*s",
			      STR_ARG(e->message));
	}
}
END_TEST

START_TEST(rows_of_another_account_are_not_there)
{
	struct db *db = fresh();
	struct tx *t;
	struct list seen;
	struct line *unused;

	db_close(db);
	db = connect_with((struct db_settings){ .role = "rf_test", .statements = all });
	t = tx_new(arena, db);
	tx_one(t, &as_account, &unused, P(STR("a")));
	tx_list(t, &notes, &seen);
	must(tx_run(t));
	ck_assert_int_eq(tx_round_trips(t), 1);
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_text(((const struct line *)seen.items)->text, STR("of a"));
	t = tx_new(arena, db);
	tx_list(t, &notes, &seen);
	must(tx_run(t));
	ck_assert_uint_eq(seen.n, 0);
}
END_TEST

START_TEST(a_connection_has_its_settings)
{
	static const char *const want[][2] = { { "timezone", "UTC" },
					       { "application_name", "test" },
					       { "client_encoding", "UTF8" },
					       { "idle_in_transaction_session_timeout", "10s" } };
	struct db *db = fresh();
	const struct line *got = NULL;

	for (size_t at = 0; at < sizeof(want) / sizeof(want[0]); at++) {
		struct tx *t = tx_new(arena, db);

		tx_one(t, &setting, &got, P(str_of(want[at][0])));
		must(tx_run(t));
		ck_assert_text(got->text, str_of(want[at][1]));
	}
}
END_TEST

START_TEST(a_large_pipeline_does_not_clog)
{
	struct db *db = fresh();
	struct tx *t = tx_new(arena, db);
	char *big = arena_alloc(arena, 500001, 1);
	struct list rows[40];

	memset(big, 'x', 500000);
	for (size_t at = 0; at < 40; at++)
		tx_list(t, &texts, &rows[at], P(LIST_OF(((struct str[]){ { big, 500000 } }), 1)));
	must(tx_run(t));
	ck_assert_uint_eq(((const struct line *)rows[39].items)->text.n, 500000);
	ck_assert_int_eq(tx_round_trips(t), 1);
}
END_TEST

DB_SUITE("kit/db/tx", carries_every_type_there_and_back, none_is_null_both_ways,
	 a_null_without_leave_names_the_column, an_unknown_name_of_an_enum_is_our_fault,
	 fills_the_places_for_rows, one_row_means_one, a_missing_row_undoes_what_stands_beside_it,
	 a_refusal_skips_what_is_behind_it, tells_errors_by_their_state,
	 a_commit_that_fails_is_an_error, two_round_trips_share_a_transaction,
	 what_comes_last_goes_with_the_commit, an_error_in_the_second_undoes_the_first,
	 a_held_transaction_ends_with_its_holder, a_forgotten_transaction_ends_with_its_arena,
	 the_bell_rings_after_the_commit, a_bell_that_fails_is_no_failure, a_listener_listens_again,
	 a_serialization_failure_asks_for_another_try,
	 what_isolation_we_have_is_not_the_servers_to_say, limits_of_time_are_busy,
	 a_backend_lost_between_requests_is_replaced, a_backend_lost_on_the_way_is_busy,
	 a_server_away_is_busy_until_it_is_back, a_statement_that_does_not_fit_stops_the_start,
	 rows_of_another_account_are_not_there, a_connection_has_its_settings,
	 a_large_pipeline_does_not_clog)
