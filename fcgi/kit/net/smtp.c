/* Sending by SMTP: the face over libcurl; see smtp.h. */
#include "kit/net/smtp.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/net/message.h"

#define CONNECT_SECONDS 10
#define IDLE_SECONDS    20 /* servers close what rests for long */
#define HURRY_SECONDS   5
#define REPLY_MAX       300

struct smtp {
	const char *url, *user, *password;
	struct str ca;
	long seconds, encrypt;
	int hurry_fd;
	CURL *easy[SMTP_AT_ONCE];
};

/* One mail under way. */
struct transfer {
	CURL *easy;
	struct curl_slist *to;
	struct str rest; /* of the text, not sent yet */
	const void *of;  /* the caller's own */
	CURLcode code;
	size_t at;
	pthread_t thread;
	int told;                          /* where its number goes when it is over */
	const atomic_int_least64_t *until; /* clock_mono; 0: without end */
	char error[CURL_ERROR_SIZE], reply[REPLY_MAX];
};

static void stop(void *smtp)
{
	struct smtp *s = smtp;

	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		curl_easy_cleanup(s->easy[at]);
	curl_global_cleanup();
}

static bool is_this_machine(struct str url)
{
	static const struct str names[] = { STR_INIT("localhost"), STR_INIT("127.0.0.1"),
					    STR_INIT("[::1]") };
	struct str host = str_skip(url, str_starts(url, STR("smtps")) ? 8 : 7);

	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
		struct str rest = str_skip(host, names[at].n);

		if (str_starts(host, names[at]) &&
		    (rest.n == 0 || rest.p[0] == ':' || rest.p[0] == '/'))
			return true;
	}
	return false;
}

const struct err *smtp_new(struct arena *a, const struct smtp_settings *settings, struct smtp **ret)
{
	struct smtp *s = ARENA_NEW(a, struct smtp);
	bool must = settings->password.n && !is_this_machine(settings->url);

	if (!str_starts(settings->url, STR("smtp://")) &&
	    !str_starts(settings->url, STR("smtps://")))
		return ERR(a, ERR_INVALID, "SMTP_URL begins with smtp:// or smtps://");
	*s = (struct smtp){ .url = str_cstr(a, settings->url),
			    .user = str_cstr(a, settings->user),
			    .password = str_cstr(a, settings->password),
			    .ca = settings->ca,
			    .seconds = (long)settings->seconds,
			    .hurry_fd = settings->hurry_fd,
			    .encrypt = must ? CURLUSESSL_ALL : CURLUSESSL_TRY };
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return ERR(a, ERR_INTERNAL, "libcurl does not start");
	arena_defer(a, stop, s);
	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		s->easy[at] = curl_easy_init();
	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		if (!s->easy[at])
			return ERR(a, ERR_INTERNAL, "libcurl does not start");
	*ret = s;
	return NULL;
}

static size_t give(char *room, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	size_t bytes = size * n < t->rest.n ? size * n : t->rest.n;

	if (bytes)
		memcpy(room, t->rest.p, bytes);
	t->rest = str_skip(t->rest, bytes);
	return bytes;
}

/* The last line that the server said before it took leave, made printable. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t hear(char *line, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	struct str said = str_first(str_trim((struct str){ line, size * n }), REPLY_MAX - 1);

	if (str_starts(said, STR("221")))
		return size * n;
	for (size_t at = 0; at < said.n; at++)
		t->reply[at] = said.p[at] >= ' ' && said.p[at] < 0x7f ? said.p[at] : '?';
	t->reply[said.n] = '\0';
	return size * n;
}

/* Called by libcurl at least once a second, in whatever state the transfer is. */
static int is_given_up(void *transfer, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct transfer *t = transfer;
	int64_t until = atomic_load(t->until);

	(void)(a + b + c + d);
	return until && clock_mono() > until;
}

static void set_up_trust(const struct smtp *s, CURL *easy)
{
	struct curl_blob ca = { (void *)(uintptr_t)s->ca.p, s->ca.n, CURL_BLOB_NOCOPY };

	curl_easy_setopt(easy, CURLOPT_USE_SSL, s->encrypt);
	if (s->ca.n)
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
	if (s->user && *s->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, s->password);
	}
}

static void set_up(const struct smtp *s, struct transfer *t, const char *from)
{
	CURL *easy = t->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, s->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	set_up_trust(s, easy);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, s->seconds);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_SECONDS);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, t->to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(easy, CURLOPT_READDATA, t);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, is_given_up);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t);
}

const struct err *smtp_greet(struct smtp *s, struct arena *a)
{
	CURL *easy = s->easy[0];
	CURLcode code;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, s->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, s->seconds);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	set_up_trust(s, easy);
	code = curl_easy_perform(easy);
	return code ? ERR(a, ERR_BUSY, "%s", curl_easy_strerror(code)) : NULL;
}

/*
 * 5xx is about this mail where it answers MAIL, RCPT, DATA or the text; not where it answers the
 * greeting or a password, which the operator mends.
 */
static bool is_for_ever(const struct transfer *t)
{
	static const long of_signing_in[] = { 530, 534, 535, 538 };
	curl_off_t sent = 0;
	long said = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &said);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	if (said < 500 || said > 599 || (t->code != CURLE_SEND_ERROR && sent == 0))
		return false;
	for (size_t at = 0; at < sizeof(of_signing_in) / sizeof(of_signing_in[0]); at++)
		if (said == of_signing_in[at])
			return false;
	return true;
}

static struct smtp_result result_of(const struct transfer *t)
{
	struct smtp_result result = { .outcome = SMTP_SENT, .what = "", .reply = str_of(t->reply) };

	if (t->code == CURLE_OK)
		return result;
	result.outcome = is_for_ever(t) ? SMTP_REFUSED : SMTP_LATER;
	result.what = t->error[0] ? t->error : curl_easy_strerror(t->code);
	return result;
}

/* A thread's whole work: it touches nothing but its own transfer. */
static void *carry(void *transfer)
{
	struct transfer *t = transfer;

	t->code = curl_easy_perform(t->easy);
	while (write(t->told, &t->at, sizeof(t->at)) < 0 && errno == EINTR)
		;
	return NULL;
}

static bool start(struct smtp *s, struct arena *a, const struct parcel *parcel, struct transfer *t)
{
	assert(address_is_sound(parcel->from) && address_is_sound(parcel->to));
	t->easy = s->easy[t->at];
	t->rest = parcel->text;
	t->to = curl_slist_append(NULL, str_cstr(a, parcel->to));
	set_up(s, t, str_cstr(a, parcel->from));
	if (t->to && pthread_create(&t->thread, NULL, carry, t) == 0)
		return true;
	curl_slist_free_all(t->to);
	return false;
}

/* What is under way. */
struct traffic {
	struct transfer transfers[SMTP_AT_ONCE];
	bool taken[SMTP_AT_ONCE];
	size_t running;
	int ends[2], hurry_fd; /* -1: noticed, or none */
	atomic_int_least64_t until;
};

/* The next that has come to an end; gives the rest of them HURRY_SECONDS when we are to stop. */
static struct transfer *next_end(struct traffic *traffic)
{
	struct pollfd fds[] = { { .fd = traffic->ends[0], .events = POLLIN },
				{ .fd = traffic->hurry_fd, .events = POLLIN } };
	struct transfer *t;
	size_t at;

	for (;;) {
		poll(fds, 2, -1);
		if (fds[1].revents) {
			atomic_store(&traffic->until, clock_mono() + HURRY_SECONDS * CLOCK_SECOND);
			traffic->hurry_fd = fds[1].fd = -1;
		}
		if (fds[0].revents && read(traffic->ends[0], &at, sizeof(at)) == sizeof(at))
			break;
	}
	t = &traffic->transfers[at];
	pthread_join(t->thread, NULL);
	curl_slist_free_all(t->to);
	traffic->taken[at] = false;
	traffic->running--;
	return t;
}

static size_t free_place(const struct traffic *traffic)
{
	size_t at = 0;

	while (traffic->taken[at])
		at++;
	return at;
}

/* As many as there are places for, unless we are to stop. */
static void fill_up(struct smtp *s, struct arena *a, const struct smtp_round *round,
		    struct traffic *traffic)
{
	const struct smtp_result not_now = { SMTP_LATER, "short of memory", STR_INIT("") };
	struct parcel parcel;

	while (traffic->running < SMTP_AT_ONCE && !atomic_load(&traffic->until) &&
	       round->next(round->ctx, SMTP_AT_ONCE - traffic->running, &parcel)) {
		size_t at = free_place(traffic);
		struct transfer *t = &traffic->transfers[at];

		*t = (struct transfer){ .at = at,
					.of = parcel.of,
					.told = traffic->ends[1],
					.until = &traffic->until };
		traffic->taken[at] = start(s, a, &parcel, t);
		traffic->running += traffic->taken[at];
		if (!traffic->taken[at])
			round->done(round->ctx, parcel.of, &not_now);
	}
}

/*
 * Threads, and not libcurl's many transfers in one: it waits for the answer to a mail's text in a
 * loop of its own, in which all the others stand still.
 */
void smtp_send(struct smtp *s, struct arena *a, const struct smtp_round *round)
{
	struct traffic *traffic = ARENA_NEW(a, struct traffic);

	traffic->hurry_fd = s->hurry_fd;
	if (pipe2(traffic->ends, O_CLOEXEC))
		return; /* what is due stays where it is */
	fill_up(s, a, round, traffic);
	while (traffic->running) {
		const struct transfer *t = next_end(traffic);
		struct smtp_result result = result_of(t);

		round->done(round->ctx, t->of, &result);
		fill_up(s, a, round, traffic);
	}
	close(traffic->ends[0]);
	close(traffic->ends[1]);
}
