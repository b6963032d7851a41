/* Calls to other people's programs, over libcurl's many transfers in one; see caller.h. */
#include "kit/net/caller.h"

#include <assert.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/net/egress.h"

#define CONNECT_SECONDS 5
#define DRAIN_MAX       ((size_t)65536) /* of an answer; nobody needs to hear it all */
#define WAIT_MAX        4               /* descriptors beside our own */

struct transfer {
	struct caller *caller;
	const struct call *call; /* NULL: free */
	CURL *easy;
	struct curl_slist *headers;
	bool closed, opened; /* an address was refused; a socket was opened */
	size_t heard, kept;
	char answer[CALLER_ANSWER], error[CURL_ERROR_SIZE], what[CURL_ERROR_SIZE];
	struct call said;
};

struct caller {
	CURLM *multi;
	struct curl_slist *resolve;
	bool loopback;
	size_t running;
	struct transfer transfers[CALLER_AT_ONCE];
};

static void stop(void *caller)
{
	struct caller *c = caller;

	for (size_t at = 0; at < CALLER_AT_ONCE; at++) {
		struct transfer *t = &c->transfers[at];

		if (t->call)
			curl_multi_remove_handle(c->multi, t->easy);
		curl_slist_free_all(t->headers);
		curl_easy_cleanup(t->easy);
	}
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->resolve);
	curl_global_cleanup();
}

const struct err *caller_new(struct arena *a, const struct caller_settings *settings,
			     struct caller **ret)
{
	struct caller *c = ARENA_NEW(a, struct caller);
	bool well;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return ERR(a, ERR_INTERNAL, "libcurl does not start");
	c->loopback = settings->loopback;
	c->multi = curl_multi_init();
	if (settings->resolve)
		c->resolve = curl_slist_append(NULL, settings->resolve);
	well = c->multi && (c->resolve || !settings->resolve);
	for (size_t at = 0; at < CALLER_AT_ONCE; at++) {
		c->transfers[at].caller = c;
		c->transfers[at].easy = curl_easy_init();
		well = well && c->transfers[at].easy;
	}
	arena_defer(a, stop, c);
	if (!well)
		return ERR(a, ERR_INTERNAL, "libcurl does not start");
	*ret = c;
	return NULL;
}

/* ---- what libcurl asks on the way ---- */

/* The very address of this connection: a name may have said something else a moment ago. */
static curl_socket_t open_socket(void *transfer, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = transfer;

	if (purpose != CURLSOCKTYPE_IPCXN || !egress_may(&to->addr, t->caller->loopback)) {
		t->closed = true;
		return CURL_SOCKET_BAD;
	}
	t->opened = true;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t hear(const char *bytes, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;

	for (size_t at = 0; at < size * n && t->kept < CALLER_ANSWER; at++)
		t->answer[t->kept++] = bytes[at] >= ' ' && bytes[at] < 0x7f ? bytes[at] : '?';
	t->heard += size * n;
	return t->heard > DRAIN_MAX ? 0 : size * n;
}

/* ---- one call ---- */

static void set_up_bounds(const struct caller *c, struct transfer *t)
{
	CURL *easy = t->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, c->loopback ? "https,http" : "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name server that hangs must not hold up the others when this call is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)CALLER_SECONDS);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
	if (c->resolve)
		curl_easy_setopt(easy, CURLOPT_RESOLVE, c->resolve);
}

static void set_up(const struct caller *c, struct transfer *t)
{
	CURL *easy = t->easy;

	curl_easy_reset(easy);
	set_up_bounds(c, t);
	curl_easy_setopt(easy, CURLOPT_URL, t->call->url);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "ResolutionFlow");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->call->body.n);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->call->body.p);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, hear);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
}

static bool add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (longer)
		t->headers = longer;
	return longer != NULL;
}

static bool add_headers(struct transfer *t)
{
	bool well = add_header(t, "Expect:");

	for (size_t at = 0; at < CALLER_HEADERS && t->call->headers[at]; at++)
		well = add_header(t, t->call->headers[at]) && well;
	return well;
}

static void release(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	t->call = NULL;
}

bool caller_start(struct caller *c, const struct call *call)
{
	struct transfer *t = c->transfers;

	while (t < c->transfers + CALLER_AT_ONCE && t->call)
		t++;
	if (t == c->transfers + CALLER_AT_ONCE)
		return false;
	t->said = *call;
	t->call = &t->said;
	t->closed = t->opened = false;
	t->heard = t->kept = 0;
	t->error[0] = '\0';
	if (add_headers(t)) {
		set_up(c, t);
		if (curl_multi_add_handle(c->multi, t->easy) == CURLM_OK) {
			c->running++;
			return true;
		}
	}
	release(t);
	return false;
}

/* ---- what became of it ---- */

/* Of these a second try has another end; what says so is the receiver. */
static enum call_outcome outcome_of(long status)
{
	static const long for_ever[] = { 400, 405, 410, 411, 413, 414, 415, 422, 431 };

	if (status >= 200 && status <= 299)
		return CALL_DONE;
	if (status >= 300 && status <= 399)
		return CALL_REFUSED;
	for (size_t at = 0; at < sizeof(for_ever) / sizeof(for_ever[0]); at++)
		if (status == for_ever[at])
			return CALL_REFUSED;
	return CALL_LATER;
}

static const char *describe(struct transfer *t, long status)
{
	const char *more =
		status >= 300 && status <= 399
			? " Calls follow no redirect: enter the address that it leads to."
			: "";

	snprintf(t->what, sizeof(t->what), "It answered %ld.%s", status, more);
	return t->what;
}

static struct call_result judge(struct transfer *t, CURLcode code)
{
	struct call_result result = { .what = "", .answer = { t->answer, t->kept } };
	curl_off_t wait = 0;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	result.status = (int)status;
	result.retry_after = wait > 0 ? wait : 0;
	if (code == CURLE_OK || status >= 200) { /* what it says beside its status may break off */
		result.outcome = outcome_of(status);
		if (result.outcome != CALL_DONE)
			result.what = describe(t, status);
		return result;
	}
	result.outcome = CALL_LATER;
	result.what = t->error[0] ? t->error : curl_easy_strerror(code);
	if (t->closed && !t->opened) {
		result.outcome = CALL_REFUSED;
		result.what = "The host leads into a private network. "
			      "It must be one in the internet.";
	}
	return result;
}

static void finish(struct caller *c, struct transfer *t, CURLcode code)
{
	struct call_result result = judge(t, code);

	curl_multi_remove_handle(c->multi, t->easy);
	c->running--;
	t->call->done(t->call->ctx, &result);
	release(t);
}

void caller_turn(struct caller *c)
{
	const CURLMsg *message;
	int running, left;

	curl_multi_perform(c->multi, &running);
	while ((message = curl_multi_info_read(c->multi, &left))) {
		struct transfer *t = NULL;
		CURLcode code = message->data.result;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
		finish(c, t, code);
	}
}

void caller_wait(struct caller *c, struct pollfd *fds, size_t n, int ms)
{
	struct curl_waitfd extra[WAIT_MAX];
	unsigned used = 0;
	size_t of[WAIT_MAX];

	assert(n <= WAIT_MAX);
	for (size_t at = 0; at < n; at++) {
		fds[at].revents = 0;
		if (fds[at].fd < 0)
			continue;
		of[used] = at;
		extra[used++] =
			(struct curl_waitfd){ .fd = fds[at].fd, .events = CURL_WAIT_POLLIN };
	}
	curl_multi_poll(c->multi, extra, used, ms, NULL);
	for (unsigned at = 0; at < used; at++)
		fds[of[at]].revents = extra[at].revents & CURL_WAIT_POLLIN ? POLLIN : 0;
}

size_t caller_running(const struct caller *c)
{
	return c->running;
}
