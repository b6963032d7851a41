/* Sending by SMTP: the face over libcurl; see smtp.h. */
#include "kit/net/smtp.h"

#include <assert.h>
#include <curl/curl.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/net/message.h"

#define CONNECT_SECONDS 10
#define IDLE_SECONDS    20 /* servers close what rests for long */
#define HURRY_SECONDS   5
#define REPLY_MAX       300

struct smtp {
	const char *url, *user, *password;
	long seconds, encrypt;
	CURLM *multi;
	CURL *easy[SMTP_AT_ONCE];
};

/* One mail under way. */
struct transfer {
	CURL *easy;
	struct curl_slist *to;
	struct str rest; /* of the text, not sent yet */
	bool over;
	char error[CURL_ERROR_SIZE], reply[REPLY_MAX];
};

static void stop(void *smtp)
{
	struct smtp *s = smtp;

	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		curl_easy_cleanup(s->easy[at]);
	curl_multi_cleanup(s->multi);
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
			    .seconds = (long)settings->seconds,
			    .encrypt = must ? CURLUSESSL_ALL : CURLUSESSL_TRY };
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return ERR(a, ERR_INTERNAL, "libcurl does not start");
	arena_defer(a, stop, s);
	s->multi = curl_multi_init();
	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		s->easy[at] = curl_easy_init();
	for (size_t at = 0; at < SMTP_AT_ONCE; at++)
		if (!s->multi || !s->easy[at])
			return ERR(a, ERR_INTERNAL, "libcurl does not start");
	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)SMTP_AT_ONCE);
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

/* The last line that the server said, made printable. */
static size_t hear(char *line, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	struct str said = str_first(str_trim((struct str){ line, size * n }), REPLY_MAX - 1);

	for (size_t at = 0; at < said.n; at++)
		t->reply[at] = said.p[at] >= ' ' && said.p[at] < 0x7f ? said.p[at] : '?';
	t->reply[said.n] = '\0';
	return size * n;
}

static void set_up(const struct smtp *s, struct transfer *t, const char *from)
{
	CURL *easy = t->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, s->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USE_SSL, s->encrypt);
	if (s->user && *s->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, s->password);
	}
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
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
}

/*
 * 5xx is about this mail where it answers MAIL, RCPT, DATA or the text; not where it answers the
 * greeting or a password, which the operator mends.
 */
static bool is_for_ever(const struct transfer *t, CURLcode code)
{
	static const long of_signing_in[] = { 530, 534, 535, 538 };
	curl_off_t sent = 0;
	long said = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &said);
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	if (said < 500 || said > 599 || (code != CURLE_SEND_ERROR && sent == 0))
		return false;
	for (size_t at = 0; at < sizeof(of_signing_in) / sizeof(of_signing_in[0]); at++)
		if (said == of_signing_in[at])
			return false;
	return true;
}

static struct smtp_result result_of(struct transfer *t, CURLcode code)
{
	struct smtp_result result = { .outcome = SMTP_SENT, .what = "", .reply = str_of(t->reply) };

	if (code == CURLE_OK)
		return result;
	result.outcome = is_for_ever(t, code) ? SMTP_REFUSED : SMTP_LATER;
	result.what = t->error[0] ? t->error : curl_easy_strerror(code);
	return result;
}

/* The texts outlive the transfers in the arena; curl's list is freed here. */
static void end(struct smtp *s, struct transfer *t)
{
	curl_multi_remove_handle(s->multi, t->easy);
	curl_slist_free_all(t->to);
	t->to = NULL;
	t->over = true;
}

/* Tells of those that have come to an end. */
static void gather(struct smtp *s, struct transfer *transfers,
		   void (*done)(void *ctx, size_t at, const struct smtp_result *result), void *ctx)
{
	int more;

	for (CURLMsg *msg; (msg = curl_multi_info_read(s->multi, &more));) {
		struct smtp_result result;
		struct transfer *t;
		char *private;

		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		t = (struct transfer *)(void *)private;
		result = result_of(t, msg->data.result);
		end(s, t);
		done(ctx, (size_t)(t - transfers), &result);
	}
}

/* Waits for something to happen; false where time is up. */
static bool wait(const struct smtp *s, int hurry_fd, int64_t *until)
{
	struct curl_waitfd hurry = { .fd = hurry_fd, .events = CURL_WAIT_POLLIN };
	bool watch = hurry_fd >= 0 && !*until;

	if (*until && clock_mono() > *until)
		return false;
	curl_multi_poll(s->multi, watch ? &hurry : NULL, watch ? 1 : 0, 500, NULL);
	if (watch && hurry.revents)
		*until = clock_mono() + HURRY_SECONDS * CLOCK_SECOND;
	return true;
}

void smtp_send(struct smtp *s, struct arena *a, const struct parcel *parcels, size_t n,
	       int hurry_fd, void (*done)(void *ctx, size_t at, const struct smtp_result *result),
	       void *ctx)
{
	const struct smtp_result given_up = { SMTP_LATER, "stopping", STR_INIT("") };
	struct transfer *transfers = ARENA_ARRAY(a, struct transfer, n);
	int64_t until = 0;
	int running = 1;

	assert(n <= SMTP_AT_ONCE);
	for (size_t at = 0; at < n; at++) {
		struct transfer *t = &transfers[at];

		assert(address_is_sound(parcels[at].from) && address_is_sound(parcels[at].to));
		t->easy = s->easy[at];
		t->rest = parcels[at].text;
		t->to = curl_slist_append(NULL, str_cstr(a, parcels[at].to));
		set_up(s, t, str_cstr(a, parcels[at].from));
		curl_multi_add_handle(s->multi, t->easy);
	}
	while (running) {
		curl_multi_perform(s->multi, &running);
		gather(s, transfers, done, ctx);
		if (running && !wait(s, hurry_fd, &until))
			break;
	}
	for (size_t at = 0; at < n; at++) {
		if (transfers[at].over)
			continue;
		end(s, &transfers[at]);
		done(ctx, at, &given_up);
	}
}
