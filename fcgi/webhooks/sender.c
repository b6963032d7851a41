/* The sender: takes calls out of the queue and makes them; see sender.h. */
#include "webhooks/sender.h"

#include <poll.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/net/caller.h"
#include "kit/net/egress.h"
#include "webhooks/secret.h"
#include "webhooks/store.h"

#define SLOT_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define WORK_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define EACH           2 /* at once, to one endpoint */
#define LEASE_SECONDS  (CALLER_SECONDS + 30)
#define FINISH_SECONDS 5
#define RETRY_MAX      ((int64_t)24 * 3600)
#define ERROR_MAX      500

/* Seconds after each try, more or less; behind the last one there is none. */
static const int64_t waits[] = { 60, 300, 1800, 2 * 3600, 6 * 3600, 12 * 3600, RETRY_MAX };

#define TRIES ((int64_t)(sizeof(waits) / sizeof(waits[0])) + 1)

/* One call under way. */
struct slot {
	struct sender *sender;
	struct arena *a; /* of this call */
	enum { SLOT_FREE, SLOT_OUT, SLOT_ENDED } state;
	struct due_row due;
	struct call_result result;
};

struct sender {
	const struct settings *settings;
	struct db *db;
	struct arena *a; /* of one sender_work */
	struct caller *caller;
	struct str holder;
	void (*tell)(const struct sender_report *report);
	struct slot slots[CALLER_AT_ONCE];
};

const struct err *sender_new(struct arena *a, const struct settings *settings, struct db *db,
			     void (*tell)(const struct sender_report *report), struct sender **ret)
{
	struct sender *s = ARENA_NEW(a, struct sender);

	*s = (struct sender){
		.settings = settings, .db = db, .tell = tell, .holder = crypto_token(a)
	};
	s->a = arena_within(a, WORK_ARENA_MAX);
	for (size_t at = 0; at < CALLER_AT_ONCE; at++) {
		s->slots[at].sender = s;
		s->slots[at].a = arena_within(a, SLOT_ARENA_MAX);
	}
	TRY(caller_new(a, &(struct caller_settings){ .loopback = settings->demo }, &s->caller));
	*ret = s;
	return NULL;
}

/* ---- what became of it ---- */

static void end(struct slot *slot, const struct call_result *result)
{
	slot->state = SLOT_ENDED;
	slot->result = *result;
	slot->result.what = str_cstr(slot->a, str_of(result->what));
	slot->result.answer = str_dup(slot->a, result->answer);
}

static void end_call(void *ctx, const struct call_result *result)
{
	end(ctx, result);
}

static void end_refused(struct slot *slot, const char *what)
{
	end(slot,
	    &(struct call_result){ .outcome = CALL_REFUSED, .what = what, .answer = STR("") });
}

/* A fifth more or less, so that what failed together does not come together again. */
static int64_t shaken(int64_t seconds)
{
	return seconds - seconds / 5 + (int64_t)crypto_below((uint32_t)(2 * seconds / 5 + 1));
}

/* Not before the receiver wants to hear of us; at first just then. */
static int64_t next_wait(const struct slot *slot)
{
	int64_t asked = slot->result.retry_after, wait;

	if (slot->result.outcome == CALL_REFUSED || slot->due.attempt >= TRIES)
		return -1;
	if (asked > RETRY_MAX)
		asked = RETRY_MAX;
	if (asked > 0 && slot->due.attempt == 1)
		return asked;
	wait = shaken(waits[slot->due.attempt - 1]);
	return wait > asked ? wait : asked;
}

static struct str error_of(const struct slot *slot)
{
	struct str said = slot->result.answer;
	struct str text = str_of(slot->result.what);

	if (said.n)
		text = str_fmt(slot->a, "%s It said: %.*s", slot->result.what, STR_ARG(said));
	return str_first(text, ERROR_MAX);
}

static void record(const struct slot *slot, struct tx *tx)
{
	const struct call_result *result = &slot->result;
	int64_t wait = next_wait(slot);
	struct call_end how = { .call = &slot->due,
				.holder = slot->sender->holder,
				.status = result->status,
				.seconds = wait };

	if (result->outcome == CALL_DONE) {
		store_call_sent(tx, &how);
		return;
	}
	how.error = error_of(slot);
	how.pause = result->retry_after < RETRY_MAX ? result->retry_after : RETRY_MAX;
	store_call_unsent(tx, &how);
}

static void tell(const struct slot *slot)
{
	const struct call_result *result = &slot->result;
	bool last = result->outcome == CALL_REFUSED || slot->due.attempt >= TRIES;

	slot->sender->tell(&(struct sender_report){
		.id = slot->due.id,
		.account = slot->due.account,
		.webhook = slot->due.webhook,
		.host = egress_host(slot->due.url),
		.attempt = slot->due.attempt,
		.status = result->status,
		.outcome = result->outcome == CALL_DONE ? "sent"
			   : last                       ? "failed"
							: "later",
		.why = result->what,
	});
}

/* All in one transaction; they stay in their slots until it is through. */
static const struct err *settle(struct sender *s, bool *ret)
{
	struct tx *tx = tx_new(s->a, s->db);

	*ret = false;
	for (size_t at = 0; at < CALLER_AT_ONCE; at++) {
		if (s->slots[at].state != SLOT_ENDED)
			continue;
		record(&s->slots[at], tx);
		*ret = true;
	}
	if (!*ret)
		return NULL;
	TRY(tx_run(tx));
	for (size_t at = 0; at < CALLER_AT_ONCE; at++) {
		if (s->slots[at].state != SLOT_ENDED)
			continue;
		tell(&s->slots[at]);
		s->slots[at].state = SLOT_FREE;
	}
	return NULL;
}

/* ---- on its way ---- */

static void keep(struct slot *slot, const struct due_row *due)
{
	struct str *const texts[] = { &slot->due.url,  &slot->due.event,  &slot->due.event_id,
				      &slot->due.body, &slot->due.secret, &slot->due.old_secret };

	arena_reset(slot->a);
	slot->state = SLOT_OUT;
	slot->due = *due;
	for (size_t at = 0; at < sizeof(texts) / sizeof(texts[0]); at++)
		*texts[at] = str_dup(slot->a, *texts[at]);
}

static const char *header(struct arena *a, const char *name, struct str value)
{
	return str_fmt(a, "%s: %.*s", name, STR_ARG(value)).p;
}

static bool start(struct slot *slot, struct str secret)
{
	const struct settings *settings = slot->sender->settings;
	const struct due_row *due = &slot->due;
	struct arena *a = slot->a;
	struct str old = secret_open(a, settings, due->webhook, due->old_secret);
	struct str signature =
		webhook_signature(a, secret, old, clock_now().us / CLOCK_SECOND, due->body);

	return caller_start(
		slot->sender->caller,
		&(struct call){
			.url = str_cstr(a, due->url),
			.body = due->body,
			.headers = { "Content-Type: application/json",
				     header(a, "ResolutionFlow-Event", due->event),
				     header(a, "ResolutionFlow-Event-Id", due->event_id),
				     header(a, "ResolutionFlow-Signature", signature) },
			.done = end_call,
			.ctx = slot,
		});
}

static void take(struct slot *slot, const struct due_row *due)
{
	const struct settings *settings = slot->sender->settings;
	struct str secret;

	keep(slot, due);
	secret = secret_open(slot->a, settings, due->webhook, due->secret);
	if (due->attempt > TRIES) /* the process died with each of them */
		end_refused(slot, "No try came to an end.");
	else if (egress_check_url(due->url, settings->demo))
		end_refused(slot, "Its address is none that calls may go to.");
	else if (!secret.p)
		end_refused(slot, "Its secret can't be read any more. Make a new one.");
	else if (!start(slot, secret))
		end(slot, &(struct call_result){ .outcome = CALL_LATER,
						 .what = "We were short of memory.",
						 .answer = STR("") });
}

static size_t free_slots(const struct sender *s)
{
	size_t n = 0;

	for (size_t at = 0; at < CALLER_AT_ONCE; at++)
		n += s->slots[at].state == SLOT_FREE;
	return n;
}

static const struct err *claim(struct sender *s, bool *ret)
{
	struct tx *tx = tx_new(s->a, s->db);
	struct slot *slot = s->slots;
	struct list due = { 0 };

	store_calls_claim(tx,
			  &(struct claim){ .most = (int64_t)free_slots(s),
					   .each = EACH,
					   .seconds = LEASE_SECONDS,
					   .holder = s->holder },
			  &due);
	TRY(tx_run(tx));
	for (size_t at = 0; at < due.n; at++) {
		while (slot->state != SLOT_FREE)
			slot++;
		take(slot, &((const struct due_row *)due.items)[at]);
	}
	*ret = due.n > 0;
	return NULL;
}

const struct err *sender_work(struct sender *s, bool *more)
{
	bool settled, claimed = false;

	arena_reset(s->a);
	caller_turn(s->caller);
	TRY(settle(s, &settled));
	if (free_slots(s))
		TRY(claim(s, &claimed));
	*more = settled || claimed;
	return NULL;
}

static bool is_ready(const struct pollfd *fds, size_t n)
{
	for (size_t at = 0; at < n; at++)
		if (fds[at].revents)
			return true;
	return false;
}

static bool any_ended(const struct sender *s)
{
	for (size_t at = 0; at < CALLER_AT_ONCE; at++)
		if (s->slots[at].state == SLOT_ENDED)
			return true;
	return false;
}

/* What a call needs on its way it gets here, for a turn asks the database what is due. */
void sender_wait(struct sender *s, struct pollfd *fds, size_t n, int ms)
{
	int64_t until = clock_mono() + (int64_t)ms * 1000, rest = ms;

	do {
		caller_wait(s->caller, fds, n, (int)rest);
		caller_turn(s->caller);
		rest = (until - clock_mono()) / 1000;
	} while (rest > 0 && !is_ready(fds, n) && !any_ended(s));
}

void sender_finish(struct sender *s)
{
	int64_t until = clock_mono() + FINISH_SECONDS * CLOCK_SECOND;
	const struct err *e = NULL;
	bool settled;

	do {
		sender_wait(s, NULL, 0, 100);
		arena_reset(s->a);
		e = settle(s, &settled);
	} while ((e || caller_running(s->caller)) && clock_mono() < until);
}

static const struct err *sweep(struct job *j)
{
	store_calls_sweep(j->tx);
	return tx_run(j->tx);
}

const struct chore webhooks_chores[] = { { "sweep_webhook_calls", 3600, sweep }, { 0 } };
