/* The post: takes mails out of the outbox and sends them; see post.h. */
#include "mail/post.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"
#include "kit/net/egress.h"
#include "kit/net/message.h"
#include "kit/net/smtp.h"
#include "mail/store.h"

#define POST_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define RECORD_SECONDS 10 /* how long the database may be away when a mail has gone out */
#define LEASE_SPARE    60
#define MORE_MAX       20
#define ROUND_MAX      128 /* mails; the process must be heard of between rounds */
#define ERROR_MAX      500

/* Seconds after each try; behind the last one there is none. */
static const int64_t waits[] = { 60, 300, 900, 3600, 2 * 3600, 4 * 3600, 8 * 3600 };

#define TRIES ((int64_t)(sizeof(waits) / sizeof(waits[0])) + 1)

/* A quarter more or less is chance, so that what failed together does not come back together. */
int64_t post_wait(int64_t attempt)
{
	int64_t quarter = waits[attempt - 1] / 4;

	return waits[attempt - 1] - quarter + (int64_t)crypto_below((uint32_t)quarter * 2 + 1);
}

struct post {
	const struct settings *settings;
	struct db *db;
	struct arena *a;   /* of the mails in hand */
	struct str host;   /* of Message-IDs */
	struct smtp *smtp; /* NULL: into files */
	void (*tell)(const struct post_report *report);
};

/* One round: letters are claimed as there are places for them, and never kept for later. */
struct round {
	struct post *post;
	struct list letters; /* claimed last */
	size_t given;        /* of those */
	int64_t claimed;
	const struct err *failed;
};

/* ---- what it becomes ---- */

struct headers {
	struct arena *a;
	struct message_header *rows;
	size_t n;
};

static const struct err *add_header(void *ctx, struct str key, const struct json *value)
{
	struct headers *h = ctx;

	if (h->n == MORE_MAX || json_type(value) != JSON_STRING)
		return ERR(h->a, ERR_INVALID, "the headers are not a few texts");
	h->rows[h->n++] = (struct message_header){ key, json_str(value) };
	return NULL;
}

static const struct err *write_letter(const struct post *p, const struct letter *l, struct str *ret)
{
	struct headers more = { p->a, ARENA_ARRAY(p->a, struct message_header, MORE_MAX), 0 };
	const struct json *json;

	TRY(json_parse(p->a, l->headers, &json_default_limits, &json));
	TRY(json_each(json, add_header, &more));
	return message_write(
		p->a,
		&(struct message){
			.from = p->settings->mail_from,
			.to = l->recipient,
			.subject = l->subject,
			.message_id = str_fmt(p->a, "%.*s@%.*s", STR_ARG(l->message_id),
					      STR_ARG(p->host)),
			.date = l->created_at,
			.text = l->text,
			.html = l->html,
			.more = more.rows,
			.nmore = more.n,
		},
		ret);
}

/* ---- what became of it ---- */

static struct str error_text(struct arena *a, const struct smtp_result *result)
{
	struct str what = str_of(result->what);

	if (result->reply.n)
		what = str_fmt(a, "%s (%.*s)", result->what, STR_ARG(result->reply));
	return str_first(what, ERROR_MAX);
}

/* The database may just be coming back: a mail that is out and not recorded goes out again. */
static const struct err *record(const struct post *p, const struct letter *l,
				const struct smtp_result *result, bool last)
{
	int64_t until = clock_mono() + RECORD_SECONDS * CLOCK_SECOND;
	struct str error = error_text(p->a, result);
	const struct err *e;

	do {
		struct tx *tx = tx_new(p->a, p->db);

		if (result->outcome == SMTP_SENT)
			store_mail_sent(tx, l);
		else if (last)
			store_mail_failed(tx, l, error);
		else
			store_mail_later(tx, l, post_wait(l->attempt), error);
		e = tx_run(tx);
		if (e && e->kind == ERR_BUSY)
			nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	} while (e && e->kind == ERR_BUSY && clock_mono() < until);
	return e;
}

static const struct err *settle(const struct post *p, const struct letter *l,
				const struct smtp_result *result)
{
	bool last = result->outcome == SMTP_REFUSED || l->attempt >= TRIES;
	const struct err *e = record(p, l, result, last);
	struct post_report report = {
		.id = l->id, .account = l->account, .attempt = l->attempt, .why = result->what
	};

	report.outcome = e                              ? "not recorded"
			 : result->outcome == SMTP_SENT ? "sent"
			 : last                         ? "failed"
							: "later";
	p->tell(&report);
	return e;
}

static void settle_parcel(void *ctx, const void *letter, const struct smtp_result *result)
{
	struct round *round = ctx;
	const struct err *e = settle(round->post, letter, result);

	if (e)
		round->failed = e;
}

static const struct err *settle_refused(const struct post *p, const struct letter *l,
					const char *what)
{
	return settle(p, l, &(struct smtp_result){ SMTP_REFUSED, what, STR("not sent") });
}

/* ---- into files ---- */

/* By the time of the row, so that names sort by time and a second try writes the same file. */
static const char *file_name(const struct post *p, const struct letter *l)
{
	time_t seconds = (time_t)(l->created_at.us / CLOCK_SECOND);
	char day[20];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y%m%dT%H%M%S", &tm);
	return str_fmt(p->a, "%s.%06d-%s.eml", day, (int)(l->created_at.us % CLOCK_SECOND),
		       l->id.text)
		.p;
}

static bool put_file(const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool well = fd >= 0;

	for (size_t at = 0; well && at < text.n;) {
		ssize_t n = write(fd, text.p + at, text.n - at);

		well = n > 0 || (n < 0 && errno == EINTR);
		at += n > 0 ? (size_t)n : 0;
	}
	return fd >= 0 && close(fd) == 0 && well;
}

static struct smtp_result write_file(const struct post *p, const struct letter *l, struct str text)
{
	const char *name = file_name(p, l);
	const char *path = str_fmt(p->a, "%.*s/%s", STR_ARG(p->settings->mail_dir), name).p;
	const char *temporary =
		str_fmt(p->a, "%.*s/.%s.new", STR_ARG(p->settings->mail_dir), name).p;

	if (put_file(temporary, text) && rename(temporary, path) == 0)
		return (struct smtp_result){ SMTP_SENT, "", STR("") };
	return (struct smtp_result){ SMTP_LATER, "the file could not be written",
				     str_of(strerror(errno)) };
}

/* ---- the start ---- */

/* For the Message-ID, where an address of numbers would need brackets. */
static struct str host_of(struct str url)
{
	struct str host = egress_name(url);

	return str_find(host, ':') >= 0 ? STR("localhost") : host;
}

const struct err *post_new(struct arena *a, const struct settings *settings, struct db *db,
			   int hurry_fd, void (*tell)(const struct post_report *report),
			   struct post **ret)
{
	struct post *p = ARENA_NEW(a, struct post);

	*p = (struct post){
		.settings = settings, .db = db, .host = host_of(settings->base_url), .tell = tell
	};
	if (!address_is_sound(address_of(settings->mail_from)))
		return ERR(a, ERR_INVALID, "MAIL_FROM is no address");
	if (str_eq(settings->mail_mode, STR("smtp")))
		TRY(smtp_new(a,
			     &(struct smtp_settings){ .url = settings->smtp_url,
						      .user = settings->smtp_user,
						      .password = settings->smtp_password,
						      .ca = settings->smtp_ca,
						      .seconds = settings->smtp_seconds,
						      .hurry_fd = hurry_fd },
			     &p->smtp));
	else if (!settings->mail_dir.n || access(str_cstr(a, settings->mail_dir), W_OK | X_OK))
		return ERR(a, ERR_INVALID, "MAIL_DIR is no directory that can be written to");
	p->a = arena_within(a, POST_ARENA_MAX);
	*ret = p;
	return NULL;
}

/* ---- the round ---- */

/* *ret is false where the letter is settled by that already. */
static const struct err *pack(const struct post *p, const struct letter *l, struct parcel *parcel,
			      bool *ret)
{
	const struct err *e;

	*parcel = (struct parcel){ .of = l,
				   .from = address_of(p->settings->mail_from),
				   .to = l->recipient };
	*ret = false;
	if (l->attempt > TRIES) /* the process died with each of them */
		return settle_refused(p, l, "no try came to an end");
	e = write_letter(p, l, &parcel->text);
	*ret = !e;
	return e ? settle_refused(p, l, e->message.p) : NULL;
}

/* False where nothing is due. */
static bool claim(struct round *round, size_t most)
{
	const struct post *p = round->post;
	struct tx *tx = tx_new(p->a, p->db);

	round->letters = (struct list){ 0 };
	round->given = 0;
	store_mail_claim(tx, (int64_t)most, p->settings->smtp_seconds + LEASE_SPARE,
			 &round->letters);
	round->failed = tx_run(tx);
	if (round->failed)
		return false;
	round->claimed += (int64_t)round->letters.n;
	return round->letters.n > 0;
}

/* A round has an end, and so has its memory. */
static bool is_full(const struct round *round)
{
	return round->claimed >= ROUND_MAX || arena_used(round->post->a) > POST_ARENA_MAX / 4;
}

static bool next_parcel(void *ctx, size_t free, struct parcel *ret)
{
	struct round *round = ctx;
	bool packed = false;

	while (!packed && !round->failed) {
		const struct letter *letters = round->letters.items;

		if (round->given < round->letters.n)
			round->failed = pack(round->post, &letters[round->given++], ret, &packed);
		else if (is_full(round) || !claim(round, free))
			break;
	}
	return packed;
}

static void write_files(struct round *round)
{
	struct parcel parcel;

	while (next_parcel(round, SMTP_AT_ONCE, &parcel)) {
		struct smtp_result result = write_file(round->post, parcel.of, parcel.text);

		settle_parcel(round, parcel.of, &result);
	}
}

const struct err *post_work(struct post *p, bool *ret)
{
	struct round round = { .post = p };

	arena_reset(p->a);
	if (p->smtp)
		smtp_send(p->smtp, p->a,
			  &(struct smtp_round){ next_parcel, settle_parcel, &round });
	else
		write_files(&round);
	*ret = round.claimed > 0;
	return round.failed;
}

static const struct err *sweep(struct job *j)
{
	store_mail_sweep(j->tx);
	return tx_run(j->tx);
}

const struct chore mail_chores[] = { { "sweep_outbox", 3600, sweep }, { 0 } };
