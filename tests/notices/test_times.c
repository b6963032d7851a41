/* When a person may be told: the rules of the database, in the clocks of many places, over their
 * changes. */
#include "support/suite.h"

#include "kit/db/db.h"
#include "support/db.h"

struct answer {
	struct str text;
};

static const struct shape answer_shape =
	SHAPE(struct answer, F_STR(struct answer, text, .null = true));
static const struct sql enter = { "t.enter", 0, false, NULL,
				  "SELECT set_config('app.account', '" SCHEMA_ACCOUNT "', true)" };
static const struct sql set = {
	"t.set", 5, true, NULL,
	"INSERT INTO person (account_id, id, email, name, role, password_hash, zone, quiet_from, "
	"quiet_until, quiet_days, digest_at) VALUES (app_account(), '" SCHEMA_ACCOUNT
	"', 'a@example.com', 'A', 'engineer', '', $1, $2::text::time, $3::text::time, $4::int, "
	"$5::text::time) ON CONFLICT (account_id, id) DO UPDATE SET (zone, quiet_from, "
	"quiet_until, "
	"quiet_days, digest_at) = ROW (excluded.zone, excluded.quiet_from, excluded.quiet_until, "
	"excluded.quiet_days, excluded.digest_at)"
};
static const struct sql quiet = {
	"t.quiet", 1, false, &answer_shape,
	"SELECT CASE is_quiet(p, $1::text::timestamptz) WHEN true THEN 'quiet' WHEN false THEN "
	"'awake' END AS text FROM person p WHERE p.id = '" SCHEMA_ACCOUNT "'"
};
#define UTC(call) "SELECT to_char(" call " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS text"
static const struct sql digest = { "t.digest", 1, false, &answer_shape,
				   UTC("wish_at('" SCHEMA_ACCOUNT "', $1::text::timestamptz)") };
static const struct sql mail = { "t.mail", 3, false, &answer_shape,
				 UTC("mail_at('" SCHEMA_ACCOUNT
				     "', $1, $2, $3::text::timestamptz)") };
static const struct sql *const own[] = { &enter, &set, &quiet, &digest, &mail, NULL };
static const struct sql *const *const statements[] = { own, NULL };

static struct db *db;

static void start(void)
{
	must(db_open(arena,
		     &(struct db_settings){ .url = server_schema(arena), .statements = statements },
		     &db));
}

static struct tx *entered(void)
{
	struct tx *tx = tx_new(arena, db);

	tx_exec(tx, &enter);
	return tx;
}

struct wishes {
	const char *zone, *from, *until;
	int days; /* Monday 1, Tuesday 2 ... */
	const char *digest;
};

#define SATURDAY 32
#define SUNDAY   64

static void person(struct wishes w)
{
	struct tx *tx = entered();

	tx_exec(tx, &set, P(str_of(w.zone)), P(str_of(w.from)), P(str_of(w.until)), P(w.days),
		P(str_of(w.digest ? w.digest : "08:00")));
	must(tx_run(tx));
}

static struct str asked(struct tx *tx, struct answer **found)
{
	must(tx_run(tx));
	return (*found)->text.p ? (*found)->text : STR("never");
}

#define is_quiet(at, want)                                                                         \
	do {                                                                                       \
		struct tx *tx_ = entered();                                                        \
		struct answer *found_;                                                             \
		tx_one(tx_, &quiet, &found_, P(STR(at)));                                          \
		ck_assert_text(asked(tx_, &found_), STR(want));                                    \
	} while (0)
#define digest_after(at, want)                                                                     \
	do {                                                                                       \
		struct tx *tx_ = entered();                                                        \
		struct answer *found_;                                                             \
		tx_one(tx_, &digest, &found_, P(STR(at)));                                         \
		ck_assert_text(asked(tx_, &found_), STR(want));                                    \
	} while (0)
#define mail_after(wish, urgent, at, want)                                                         \
	do {                                                                                       \
		struct tx *tx_ = entered();                                                        \
		struct answer *found_;                                                             \
		tx_one(tx_, &mail, &found_, P(STR(wish)), P((bool)(urgent)), P(STR(at)));          \
		ck_assert_text(asked(tx_, &found_), STR(want));                                    \
	} while (0)

START_TEST(quiet_hours_by_day_and_over_midnight)
{
	start();
	person((struct wishes){ .zone = "UTC" });
	is_quiet("2026-11-21 03:00Z", "awake");
	person((struct wishes){ .zone = "UTC", .from = "12:00", .until = "13:30" });
	is_quiet("2026-11-21 11:59:59Z", "awake");
	is_quiet("2026-11-21 12:00Z", "quiet");
	is_quiet("2026-11-21 13:29:59Z", "quiet");
	is_quiet("2026-11-21 13:30Z", "awake");
	person((struct wishes){ .zone = "UTC", .from = "22:00", .until = "07:00" });
	is_quiet("2026-11-21 21:59Z", "awake");
	is_quiet("2026-11-21 22:00Z", "quiet");
	is_quiet("2026-11-22 00:00Z", "quiet");
	is_quiet("2026-11-22 06:59:59Z", "quiet");
	is_quiet("2026-11-22 07:00Z", "awake");
	person((struct wishes){ .zone = "UTC", .from = "18:00", .until = "00:00" });
	is_quiet("2026-11-21 23:59:59Z", "quiet");
	is_quiet("2026-11-22 00:00Z", "awake");
}
END_TEST

START_TEST(the_clock_is_the_persons)
{
	start();
	person((struct wishes){ .zone = "Asia/Kathmandu", .from = "22:00", .until = "07:00" });
	is_quiet("2026-11-21 16:14Z", "awake"); /* 21:59 there */
	is_quiet("2026-11-21 16:15Z", "quiet");
	is_quiet("2026-11-22 01:15Z", "awake");
	/* The day is that of the place, too: Sunday begins there while it is Saturday in UTC. */
	person((struct wishes){ .zone = "Pacific/Kiritimati", .days = SUNDAY });
	is_quiet("2026-11-21 09:59Z", "awake");
	is_quiet("2026-11-21 10:00Z", "quiet");
	is_quiet("2026-11-22 09:59Z", "quiet");
	is_quiet("2026-11-22 10:00Z", "awake");
}
END_TEST

START_TEST(mail_waits_until_it_is_no_longer_quiet)
{
	start();
	person((struct wishes){
		.zone = "UTC", .from = "22:00", .until = "07:00", .days = SATURDAY | SUNDAY });
	mail_after("now", false, "2026-11-19 12:00Z", "2026-11-19 12:00"); /* a Thursday */
	mail_after("now", false, "2026-11-19 22:30Z", "2026-11-20 07:00");
	mail_after("now", false, "2026-11-20 03:00Z", "2026-11-20 07:00");
	/* Friday night runs into the weekend, and that into Monday's quiet morning. */
	mail_after("now", false, "2026-11-20 22:30Z", "2026-11-23 07:00");
	mail_after("now", true, "2026-11-20 22:30Z", "2026-11-20 22:30");
	mail_after("off", true, "2026-11-20 22:30Z", "never");
	/* Quiet for all but a minute of one day. */
	person((struct wishes){ .zone = "UTC", .from = "12:01", .until = "12:00", .days = 63 });
	mail_after("now", false, "2026-11-22 12:01Z", "2026-11-29 12:00");
	person((struct wishes){ .zone = "UTC", .days = 126 });
	mail_after("now", false, "2026-11-24 00:00Z", "2026-11-30 00:00");
}
END_TEST

START_TEST(urgent_waits_where_one_wants_that)
{
	start();
	person((struct wishes){ .zone = "UTC", .from = "22:00", .until = "07:00" });
	must(db_script(arena, db, "UPDATE person SET urgent_anyway = false"));
	mail_after("now", true, "2026-11-20 22:30Z", "2026-11-21 07:00");
}
END_TEST

START_TEST(the_digest_comes_once_a_day_that_is_not_quiet)
{
	start();
	person((struct wishes){
		.zone = "Europe/Berlin", .days = SATURDAY | SUNDAY, .digest = "08:00" });
	digest_after("2026-11-19 06:59:59Z", "2026-11-19 07:00");
	digest_after("2026-11-19 07:00Z",
		     "2026-11-20 07:00"); /* the one that goes now is not the next */
	digest_after("2026-11-20 07:00Z", "2026-11-23 07:00");
	mail_after("digest", true, "2026-11-20 07:00Z", "2026-11-23 07:00");
	/* In quiet hours it was chosen so. */
	person((struct wishes){
		.zone = "UTC", .from = "22:00", .until = "09:00", .digest = "06:00" });
	digest_after("2026-11-19 12:00Z", "2026-11-20 06:00");
	person((struct wishes){ .zone = "UTC", .days = 126, .digest = "08:00" });
	digest_after("2026-11-23 08:00Z", "2026-11-30 08:00");
}
END_TEST

START_TEST(clocks_go_forward)
{
	start();
	/* In Berlin 02:00 becomes 03:00 on 29 March 2026, at 01:00 UTC. */
	person((struct wishes){
		.zone = "Europe/Berlin", .from = "22:00", .until = "02:30", .digest = "02:30" });
	mail_after("now", false, "2026-03-29 00:30Z", "2026-03-29 01:30");
	is_quiet("2026-03-29 01:00Z", "awake"); /* 03:00 */
	digest_after("2026-03-28 12:00Z", "2026-03-29 01:30");
	digest_after("2026-03-29 01:30Z", "2026-03-30 00:30");
	person((struct wishes){ .zone = "Europe/Berlin", .digest = "08:00" });
	digest_after("2026-03-28 07:00Z", "2026-03-29 06:00"); /* 23 hours later */
	/* In Beirut there is no midnight on that day: the day begins at 01:00. */
	person((struct wishes){ .zone = "Asia/Beirut", .days = SATURDAY, .digest = "00:00" });
	mail_after("now", false, "2026-03-28 12:00Z", "2026-03-28 22:00");
	digest_after("2026-03-28 12:00Z", "2026-03-28 22:00");
}
END_TEST

START_TEST(clocks_go_back)
{
	start();
	/* In Berlin 03:00 becomes 02:00 on 25 October 2026, at 01:00 UTC: 02:30 comes twice. */
	person((struct wishes){
		.zone = "Europe/Berlin", .from = "22:00", .until = "07:00", .digest = "02:30" });
	is_quiet("2026-10-25 00:30Z", "quiet");
	is_quiet("2026-10-25 01:30Z", "quiet");
	mail_after("now", false, "2026-10-24 20:00Z", "2026-10-25 06:00"); /* ten hours */
	digest_after("2026-10-24 12:00Z", "2026-10-25 01:30");
	digest_after("2026-10-25 00:30Z", "2026-10-25 01:30");
	digest_after("2026-10-25 01:30Z", "2026-10-26 01:30");
}
END_TEST

START_TEST(nobody_is_never_told)
{
	start();
	digest_after("2026-10-25 01:30Z", "never");
}
END_TEST

DB_SUITE("notices/times", quiet_hours_by_day_and_over_midnight, the_clock_is_the_persons,
	 mail_waits_until_it_is_no_longer_quiet, urgent_waits_where_one_wants_that,
	 the_digest_comes_once_a_day_that_is_not_quiet, clocks_go_forward, clocks_go_back,
	 nobody_is_never_told)
