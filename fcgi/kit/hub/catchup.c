/*
 * From the table of events to the streams; see catchup.h.
 *
 * An account has two questions.  The live one, "what came after the number that all have been
 * told", moves that number on.  The replay one, "what came after the lowest number of those who are
 * behind", never passes it; who reaches it becomes live.  Both go out in one query, the live ones
 * first, and everything here happens between two turns of the loop, so nothing can come in between.
 */
#include "kit/hub/catchup.h"

#include "kit/base/arena.h"
#include "kit/hub/ring.h"
#include "kit/hub/streams.h"

#define ACCOUNTS_MAX 2048
#define LIVE_MOST    RING_SLOTS /* one who had nothing waiting never loses any of a single reading */
#define REPLAY_MOST  128
#define REPLAY_WAITS 16 /* frames of a replay are one stream's own, so few of them wait */

struct question {
	struct account *account;
	bool replay;
	int64_t head, answers;
};

struct reading {
	struct crowd *c;
	struct arena *a;
	struct hub_ask *asks;
	struct question *questions; /* beside the asks */
	size_t n, accounts;         /* the live questions are the first `accounts` */
	const struct hub_news *row; /* being told */
	struct frame *frame;        /* of that row, once someone needs it */
};

static void ask(struct reading *r, struct account *account, bool replay, int64_t after,
		int64_t most)
{
	r->asks[r->n] = (struct hub_ask){ .account = account->id, .after = after, .most = most };
	r->questions[r->n] =
		(struct question){ .account = account, .replay = replay, .head = after };
	r->n++;
}

/* The lowest number of those who are behind and can be told more now; -1 where there is none. */
static int64_t lowest_cursor(const struct account *account)
{
	int64_t lowest = -1;

	for (const struct stream *s = account->streams; s; s = s->next) {
		if (s->state == REPLAYING && !s->ring && (lowest < 0 || s->cursor < lowest))
			lowest = s->cursor;
	}
	return lowest;
}

static void prepare(struct reading *r)
{
	size_t most = r->c->todo_n < ACCOUNTS_MAX ? r->c->todo_n : ACCOUNTS_MAX;
	struct account *account;

	r->asks = ARENA_ARRAY(r->a, struct hub_ask, 2 * most);
	r->questions = ARENA_ARRAY(r->a, struct question, 2 * most);
	while (r->n < most && (account = crowd_next_todo(r->c)))
		ask(r, account, false, account->last, account->last < 0 ? 0 : LIVE_MOST);
	r->accounts = r->n;
	for (size_t at = 0; at < r->accounts; at++) {
		int64_t lowest = lowest_cursor(r->questions[at].account);

		if (lowest >= 0)
			ask(r, r->questions[at].account, true, lowest, REPLAY_MOST);
	}
}

static bool hears(const struct stream *s, const struct hub_news *e)
{
	return wish_has_topic(str_of(s->topics), e->topic) &&
	       (uuid_is_none(e->user_id) || uuid_eq(e->user_id, s->user)) &&
	       (uuid_is_none(e->sign_in_id) || uuid_eq(e->sign_in_id, s->sign_in));
}

/* What is older than the permission was known to whoever gave it. */
static bool ends(const struct stream *s, const struct hub_news *e)
{
	return e->seq > s->at &&
	       (str_eq(e->type, STR("signed_out")) || str_eq(e->type, STR("stream_end")));
}

/* A stream that already misses something stays silent until it has said so. */
static void tell(struct reading *r, struct stream *s)
{
	const struct hub_news *e = r->row;

	if (!hears(s, e))
		return;
	if (!r->frame)
		r->frame = frame_event(r->a, e->seq, e->type, e->payload);
	if (s->missed || !stream_send(r->c, s, r->frame)) {
		s->missed = true;
		r->c->stats.dropped++;
	}
	if (ends(s, e))
		stream_end(r->c, s);
}

static void tell_live(struct reading *r, struct account *account)
{
	for (struct stream *s = account->streams; s; s = s->next) {
		if (s->state == LIVE)
			tell(r, s);
		else if (s->state == REPLAYING && hears(s, r->row) && ends(s, r->row))
			stream_end(r->c, s); /* and not when its replay gets there */
	}
	account->last = r->row->seq;
	r->c->stats.events++;
}

/* Between its cursor and the answers of a question nothing may be missing. */
static bool follows(const struct stream *s, int64_t seq, int64_t after)
{
	return s->state == REPLAYING && s->cursor >= after && s->cursor < seq &&
	       ring_waiting(s->ring) < REPLAY_WAITS;
}

/* One with much that waits goes on when it has drained; one whose next event has been swept reads
 * anew. */
static void tell_replay(struct reading *r, struct account *account, int64_t after)
{
	int64_t seq = r->row->seq;

	if (seq > account->last)
		return;
	for (struct stream *s = account->streams; s; s = s->next) {
		if (!follows(s, seq, after))
			continue;
		if (seq != s->cursor + 1) {
			stream_fall_behind(r->c, s);
			continue;
		}
		s->cursor = seq;
		tell(r, s);
	}
}

/* A database that was set back to an older state counts from there again; so do permissions. */
static void rewind_account(struct reading *r, struct account *account, int64_t head)
{
	account->last = head;
	for (struct stream *s = account->streams; s; s = s->next) {
		s->at = head;
		if (s->state == LIVE || s->state == REPLAYING)
			stream_fall_behind(r->c, s);
	}
}

static void take_row(struct reading *r, const struct hub_news *row)
{
	struct question *q = &r->questions[row->ask];

	q->head = row->head;
	if (row->seq == 0) {
		if (!q->replay)
			rewind_account(r, q->account, row->head);
		return;
	}
	q->answers++;
	r->row = row;
	r->frame = NULL;
	if (q->replay)
		tell_replay(r, q->account, r->asks[row->ask].after);
	else
		tell_live(r, q->account);
	frame_drop(r->frame);
}

static void finish_live(struct reading *r, const struct question *q)
{
	struct account *account = q->account;

	if (account->last < q->head)
		crowd_wake(r->c, account);
	if (account->last < q->head || account->last < 0)
		return;
	for (struct stream *s = account->streams; s; s = s->next) {
		if (s->state == JOINING)
			stream_start(r->c, s, r->a);
	}
}

/* Who took all there was is live; if that was not up to the account's number, the rest has been
 * swept. */
static void finish_replay(struct reading *r, const struct question *q, int64_t after)
{
	struct account *account = q->account;

	for (struct stream *s = account->streams; s; s = s->next) {
		if (s->state != REPLAYING)
			continue;
		if (s->cursor >= account->last)
			s->state = LIVE;
		else if (q->answers < REPLAY_MOST && follows(s, account->last + 1, after))
			stream_fall_behind(r->c, s);
	}
	if (q->answers == REPLAY_MOST)
		crowd_wake(r->c, account);
}

const struct err *crowd_catch_up(struct crowd *c, struct arena *a, const struct hub_feed *feed)
{
	struct reading r = { .c = c, .a = a };
	struct list news = { 0 };
	const struct hub_news *rows;
	size_t whole; /* questions before this one have all their answers */

	prepare(&r);
	if (r.n == 0)
		return NULL;
	TRY(feed->read(a, feed->self, r.asks, r.n, &news));
	rows = news.items;
	for (size_t at = 0; at < news.n; at++)
		take_row(&r, &rows[at]);
	whole = news.n < HUB_NEWS_MAX ? r.n : (size_t)rows[news.n - 1].ask;
	/* Replay first: a stream that begins one now had no part in this reading. */
	for (size_t at = r.n; at-- > 0;) {
		if (at >= whole)
			crowd_wake(c, r.questions[at].account);
		else if (r.questions[at].replay)
			finish_replay(&r, &r.questions[at], r.asks[at].after);
		else
			finish_live(&r, &r.questions[at]);
	}
	return NULL;
}
