/* The feed of events from the database; see feed.h. */
#include "kit/hub/feed.h"

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define CHANNEL   "bell_event"
#define ARRAY_MAX ((size_t)64 * 1024 * 1024)

static const struct shape news_row = SHAPE(
	struct hub_news, F_INT(struct hub_news, ask), F_INT(struct hub_news, head),
	F_INT(struct hub_news, seq, .null = true), F_STR(struct hub_news, topic, .null = true),
	F_STR(struct hub_news, type, .null = true), F_UUID(struct hub_news, user_id, .null = true),
	F_UUID(struct hub_news, sign_in_id, .null = true),
	F_STR(struct hub_news, payload, .null = true));

#include "fcgi/kit/hub/store.sql.h"

static int feed_fd(void *self)
{
	return db_fd(self);
}

static int feed_generation(void *self)
{
	return db_generation(self);
}

static const struct err *feed_heal(struct arena *a, void *self)
{
	return db_heal(a, self);
}

static bool feed_bell(struct arena *a, void *self, struct uuid *account)
{
	struct str channel, payload;

	while (db_notification(a, self, &channel, &payload)) {
		if (str_eq(channel, STR(CHANNEL)) && uuid_parse(payload, account))
			return true;
	}
	return false;
}

static const struct err *feed_read(struct arena *a, void *self, const struct hub_ask *asks,
				   size_t nasks, struct list *ret)
{
	struct buf accounts = buf_new(a, ARRAY_MAX), afters = buf_new(a, ARRAY_MAX),
		   mosts = buf_new(a, ARRAY_MAX);
	struct tx *t = tx_new(a, self);

	for (size_t at = 0; at < nasks; at++) {
		char before = at ? ',' : '{';

		buf_putc(&accounts, before);
		buf_put(&accounts, uuid_str(&asks[at].account));
		buf_putc(&afters, before);
		buf_put_int(&afters, asks[at].after);
		buf_putc(&mosts, before);
		buf_put_int(&mosts, asks[at].most);
	}
	buf_putc(&accounts, '}');
	buf_putc(&afters, '}');
	buf_putc(&mosts, '}');
	tx_list(t, &sql_news, ret, P(buf_str(&accounts)), P(buf_str(&afters)), P(buf_str(&mosts)));
	return tx_run(t);
}

const struct err *hub_feed_open(struct arena *a, struct db_settings connection,
				struct hub_feed *ret)
{
	static const struct sql *const *const statements[] = { hub_statements, NULL };
	static const char *const channels[] = { CHANNEL, NULL };
	struct db *db;

	connection.statements = statements;
	connection.listen = channels;
	connection.statement_timeout_ms = 5000;
	connection.lock_timeout_ms = 2000;
	TRY(db_open(a, &connection, &db));
	*ret = (struct hub_feed){
		.self = db,
		.fd = feed_fd,
		.generation = feed_generation,
		.heal = feed_heal,
		.bell = feed_bell,
		.read = feed_read,
	};
	return NULL;
}
