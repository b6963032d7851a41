/* Mails into the outbox, one or many in one statement, and how long one that failed waits. */
#include "support/suite.h"

#include <stdio.h>

#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "mail/mail.h"
#include "mail/post.h"
#include "support/db.h"

struct row {
	struct uuid id;
	struct str recipient, subject, text, html, headers;
};

static const struct shape row_shape =
	SHAPE(struct row, F_UUID(struct row, id), F_STR(struct row, recipient),
	      F_STR(struct row, subject), F_STR(struct row, text), F_STR(struct row, html),
	      F_STR(struct row, headers));
static const struct sql enter = { "t.enter", 0, false, NULL,
				  "SELECT set_config('app.account', '" SCHEMA_ACCOUNT "', true)" };
static const struct sql rows = { "t.rows", 0, false, &row_shape,
				 "SELECT id, recipient, subject, body_text AS text, body_html AS "
				 "html, headers::text AS headers FROM outbox ORDER BY recipient" };
static const struct sql *const own[] = { &enter, &rows, NULL };
static const struct sql *const *const statements[] = { own, mail_statements, NULL };
static const char *url;

static struct db *connect_as(const char *role)
{
	struct db *db;

	must(db_open(arena,
		     &(struct db_settings){ .url = url, .role = role, .statements = statements },
		     &db));
	return db;
}

static const struct row *kept(size_t n)
{
	struct tx *tx = tx_new(arena, connect_as(NULL));
	struct list found;

	tx_list(tx, &rows, &found);
	must(tx_run(tx));
	ck_assert_uint_eq(found.n, n);
	return found.items;
}

START_TEST(queues_one_with_its_id_and_headers)
{
	const struct pair headers[] = {
		{ STR("List-Unsubscribe"), STR("<https://a.example/x?\"y\"&z>") },
		{ STR("Auto-Submitted"), STR("auto-generated") },
		{ { 0 }, { 0 } },
	};
	struct mail mail = { .recipient = STR("a@example.com"),
			     .subject = STR("{\"a\",\\NULL}"),
			     .text = STR("One\n\"two\"") };
	const struct row *row;
	struct tx *tx;

	url = server_schema(arena);
	mail.id = crypto_uuid7();
	mail.headers = mail_headers(arena, headers);
	tx = tx_new(arena, connect_as("rf_worker"));
	tx_exec(tx, &enter);
	mail_queue(tx, &mail);
	must(tx_run(tx));
	row = kept(1);
	ck_assert(uuid_eq(row->id, mail.id));
	ck_assert_text(row->subject, mail.subject);
	ck_assert_text(row->text, mail.text);
	ck_assert_text(row->html, STR(""));
	ck_assert_text(row->headers,
		       STR("{\"Auto-Submitted\": \"auto-generated\", "
			   "\"List-Unsubscribe\": \"<https://a.example/x?\\\"y\\\"&z>\"}"));
}
END_TEST

START_TEST(queues_many_by_one_statement)
{
	struct mail mails[300] = { 0 };
	const struct row *row;
	struct tx *tx;

	url = server_schema(arena);
	for (size_t at = 0; at < 300; at++) {
		mails[at].recipient = str_fmt(arena, "p%03zu@example.com", at);
		mails[at].subject = str_fmt(arena, "No %zu, \\ \"", at);
		mails[at].text = STR("x");
		if (at % 2)
			mails[at].id = crypto_uuid7();
		else
			mails[at].html = STR("<p>x</p>");
	}
	tx = tx_new(arena, connect_as("rf_worker"));
	tx_exec(tx, &enter);
	mail_queue_all(arena, tx, LIST_OF(mails, 300));
	must(tx_run(tx));
	ck_assert_int_eq(tx_round_trips(tx), 1);
	row = kept(300);
	for (size_t at = 0; at < 300; at++) {
		ck_assert_text(row[at].recipient, mails[at].recipient);
		ck_assert_text(row[at].subject, mails[at].subject);
		ck_assert_text(row[at].headers, STR("{}"));
		ck_assert_text(row[at].html, at % 2 ? STR("") : STR("<p>x</p>"));
		ck_assert(!uuid_is_none(row[at].id));
		ck_assert(at % 2 == 0 || uuid_eq(row[at].id, mails[at].id));
	}
}
END_TEST

START_TEST(queues_none)
{
	struct tx *tx;

	url = server_schema(arena);
	tx = tx_new(arena, connect_as("rf_worker"));
	tx_exec(tx, &enter);
	mail_queue_all(arena, tx, LIST_OF(NULL, 0));
	must(tx_run(tx));
	kept(0);
}
END_TEST

START_TEST(waits_longer_and_longer_with_some_chance)
{
	static const int64_t about[] = { 60, 300, 900, 3600, 7200, 14400, 28800 };
	static const uint8_t seed[32] = { 5 };
	int64_t first, least, most;

	must(crypto_start(arena));
	for (int64_t try = 0; try < 7; try++) {
		least = most = about[try];
		for (int at = 0; at < 1000; at++) {
			int64_t wait = post_wait(try + 1);

			least = wait < least ? wait : least;
			most = wait > most ? wait : most;
		}
		ck_assert_int_ge(least, about[try] * 3 / 4);
		ck_assert_int_le(most, about[try] * 5 / 4);
		ck_assert_int_ge(most - least, about[try] / 3);
	}
	crypto_hold_random(seed);
	first = post_wait(7);
	crypto_hold_random(seed);
	ck_assert_int_eq(post_wait(7), first);
}
END_TEST

DB_SUITE("mail/mail", queues_one_with_its_id_and_headers, queues_many_by_one_statement, queues_none,
	 waits_longer_and_longer_with_some_chance)
