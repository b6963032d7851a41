/* Calls over real sockets: what an answer means, and that no socket is opened where none may be. */
#include "support/suite.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/net/caller.h"

/* A listener that nobody need accept from, so that a test sees whether somebody came. */
struct peer {
	int fd, port;
	const char *answer; /* NULL: none is given */
	char heard[4096];
	pthread_t thread;
};

static struct peer *listen_here(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct peer *p = ARENA_NEW(arena, struct peer);
	socklen_t n = sizeof(at);

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(p->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(p->fd, 16), 0);
	ck_assert_int_eq(getsockname(p->fd, (struct sockaddr *)&at, &n), 0);
	p->port = ntohs(at.sin_port);
	return p;
}

static void *serve_one(void *peer)
{
	struct peer *p = peer;
	int fd = accept(p->fd, NULL, NULL);
	size_t n = 0;

	while (n < sizeof(p->heard) - 1 && !strstr(p->heard, "\r\n\r\n{}"))
		n += (size_t)read(fd, p->heard + n, sizeof(p->heard) - 1 - n);
	ck_assert_int_eq(write(fd, p->answer, strlen(p->answer)), (ssize_t)strlen(p->answer));
	close(fd);
	return NULL;
}

static struct peer *answering(const char *answer)
{
	struct peer *p = listen_here();

	p->answer = answer;
	ck_assert_int_eq(pthread_create(&p->thread, NULL, serve_one, p), 0);
	return p;
}

static bool came(const struct peer *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

struct outcome {
	struct call_result result;
	int times;
};

static void keep(void *ctx, const struct call_result *result)
{
	struct outcome *o = ctx;

	o->result = *result;
	o->result.what = str_cstr(arena, str_of(result->what));
	o->result.answer = str_dup(arena, result->answer);
	o->times++;
}

static struct caller *caller(bool loopback, const char *resolve)
{
	struct caller *c;

	ck_assert_ptr_null(caller_new(
		arena, &(struct caller_settings){ .loopback = loopback, .resolve = resolve }, &c));
	return c;
}

static struct outcome call_by(struct caller *c, const char *url)
{
	struct outcome o = { .times = 0 };

	ck_assert(caller_start(c, &(struct call){ .url = url,
						  .body = STR("{}"),
						  .headers = { "X-One: 1", "X-Two: 2", NULL },
						  .done = keep,
						  .ctx = &o }));
	ck_assert_int_eq(o.times, 0);
	for (int64_t until = clock_mono() + 30 * CLOCK_SECOND; !o.times && clock_mono() < until;) {
		caller_turn(c);
		if (!o.times)
			caller_wait(c, NULL, 0, 1000);
	}
	ck_assert_int_eq(o.times, 1);
	ck_assert_uint_eq(caller_running(c), 0);
	return o;
}

static const char *url_of(const struct peer *p)
{
	return str_fmt(arena, "http://127.0.0.1:%d/x?y", p->port).p;
}

static struct outcome call_answered(const char *answer, struct peer **ret)
{
	struct peer *p = answering(answer);
	struct outcome o = call_by(caller(true, NULL), url_of(p));

	pthread_join(p->thread, NULL);
	close(p->fd);
	if (ret)
		*ret = p;
	return o;
}

START_TEST(sends_what_it_was_given)
{
	struct peer *p;
	struct outcome o = call_answered("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\no\001k", &p);

	ck_assert_int_eq(o.result.outcome, CALL_DONE);
	ck_assert_int_eq(o.result.status, 200);
	ck_assert_str_eq(o.result.what, "");
	ck_assert_text(o.result.answer, STR("o?k"));
	ck_assert_ptr_nonnull(strstr(p->heard, "POST /x?y HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(p->heard, "\r\nX-One: 1\r\n"));
	ck_assert_ptr_nonnull(strstr(p->heard, "\r\nX-Two: 2\r\n"));
	ck_assert_ptr_nonnull(strstr(p->heard, "\r\nContent-Length: 2\r\n"));
	ck_assert_ptr_null(strstr(p->heard, "Expect"));
}
END_TEST

START_TEST(says_what_an_answer_means)
{
	static const struct {
		const char *answer;
		enum call_outcome outcome;
		int status;
		int64_t retry_after;
		const char *what;
	} cases[] = {
		{ "HTTP/1.1 204 No\r\n\r\n", CALL_DONE, 204, 0, "" },
		{ "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", CALL_DONE, 299, 0, "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbroken off", CALL_DONE, 200, 0,
		  "" },
		{ "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", CALL_LATER, 500, 0,
		  "It answered 500." },
		{ "HTTP/1.1 429 No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", CALL_LATER,
		  429, 120, "It answered 429." },
		{ "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", CALL_LATER, 404, 0,
		  "It answered 404." },
		{ "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", CALL_REFUSED, 410, 0,
		  "It answered 410." },
		{ "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", CALL_REFUSED, 400, 0,
		  "It answered 400." },
		{ "HTTP/1.1 302 There\r\nLocation: http://169.254.169.254/\r\nContent-Length: "
		  "0\r\n\r\n",
		  CALL_REFUSED, 302, 0,
		  "It answered 302. Calls follow no redirect: enter the address that it leads "
		  "to." },
	};

	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		struct outcome o = call_answered(cases[at].answer, NULL);

		ck_assert_int_eq(o.result.outcome, cases[at].outcome);
		ck_assert_int_eq(o.result.status, cases[at].status);
		ck_assert_int_eq(o.result.retry_after, cases[at].retry_after);
		ck_assert_str_eq(o.result.what, cases[at].what);
	}
}
END_TEST

START_TEST(is_told_that_nobody_listens_or_talks_http)
{
	struct peer *p = listen_here();
	struct outcome o;

	close(p->fd);
	o = call_by(caller(true, NULL), url_of(p));
	ck_assert_int_eq(o.result.outcome, CALL_LATER);
	ck_assert_int_eq(o.result.status, 0);
	ck_assert(o.result.what[0]);
	ck_assert_int_eq(call_answered("220 mail.example.com ESMTP\r\n", NULL).result.outcome,
			 CALL_LATER);
	ck_assert_int_eq(call_answered("", NULL).result.outcome, CALL_LATER);
}
END_TEST

/* The name was in the internet when somebody looked, and leads here when the call is made. */
START_TEST(opens_no_socket_to_where_a_name_has_moved)
{
	struct peer *p = listen_here();
	const char *url = str_fmt(arena, "https://hooks.example.com:%d/", p->port).p;
	static const char *const places[] = { "127.0.0.1", "[::1]",           "[::ffff:127.0.0.1]",
					      "0.0.0.0",   "169.254.169.254", "10.0.0.1" };

	for (size_t at = 0; at < sizeof(places) / sizeof(places[0]); at++) {
		const char *resolve =
			str_fmt(arena, "hooks.example.com:%d:%s", p->port, places[at]).p;
		struct outcome o = call_by(caller(false, resolve), url);

		ck_assert_int_eq(o.result.outcome, CALL_REFUSED);
		ck_assert_str_eq(o.result.what, "The host leads into a private network. "
						"It must be one in the internet.");
		ck_assert(!came(p));
	}
	/* The seam leads there, or the above would show nothing. */
	p->answer = "HTTP/1.1 204 No\r\n\r\n";
	ck_assert_int_eq(pthread_create(&p->thread, NULL, serve_one, p), 0);
	ck_assert_int_eq(
		call_by(caller(true, str_fmt(arena, "hooks.example.com:%d:127.0.0.1", p->port).p),
			str_fmt(arena, "http://hooks.example.com:%d/", p->port).p)
			.result.outcome,
		CALL_DONE);
	pthread_join(p->thread, NULL);
	close(p->fd);
}
END_TEST

START_TEST(speaks_no_other_protocol_and_no_plain_http)
{
	struct peer *p = listen_here();
	const char *const urls[] = { "file:///etc/hostname", "gopher://127.0.0.1/",
				     str_fmt(arena, "http://127.0.0.1:%d/", p->port).p };

	for (size_t at = 0; at < 3; at++)
		ck_assert_int_ne(call_by(caller(false, NULL), urls[at]).result.outcome, CALL_DONE);
	ck_assert(!came(p));
	close(p->fd);
}
END_TEST

START_TEST(asks_no_proxy_that_the_environment_names)
{
	struct peer *proxy = listen_here();
	const char *at = str_fmt(arena, "http://127.0.0.1:%d", proxy->port).p;
	static const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY",
					     "all_proxy", "ALL_PROXY" };
	struct outcome o;

	for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name++)
		setenv(names[name], at, 1);
	o = call_answered("HTTP/1.1 204 No\r\n\r\n", NULL);
	ck_assert_int_eq(o.result.outcome, CALL_DONE);
	ck_assert(!came(proxy));
	close(proxy->fd);
}
END_TEST

START_TEST(goes_on_while_one_hangs)
{
	struct caller *c = caller(true, NULL);
	struct outcome hanging = { .times = 0 }, quick = { .times = 0 };
	struct peer *silent = listen_here(), *p;
	int64_t start;

	ck_assert(caller_start(c, &(struct call){ .url = url_of(silent),
						  .body = STR("{}"),
						  .done = keep,
						  .ctx = &hanging }));
	start = clock_mono();
	p = answering("HTTP/1.1 204 No\r\n\r\n");
	ck_assert(caller_start(
		c, &(struct call){
			   .url = url_of(p), .body = STR("{}"), .done = keep, .ctx = &quick }));
	while (!quick.times) {
		caller_turn(c);
		caller_wait(c, NULL, 0, 100);
	}
	ck_assert_int_eq(quick.result.outcome, CALL_DONE);
	ck_assert_int_eq(hanging.times, 0);
	while (!hanging.times) {
		caller_turn(c);
		caller_wait(c, NULL, 0, 1000);
	}
	ck_assert_int_eq(hanging.result.outcome, CALL_LATER);
	ck_assert_int_ge(clock_mono() - start, (CALLER_SECONDS - 1) * CLOCK_SECOND);
	pthread_join(p->thread, NULL);
	close(p->fd);
	close(silent->fd);
}
END_TEST

START_TEST(takes_so_many_and_no_more_and_stops_with_some_under_way)
{
	struct caller *c = caller(true, NULL);
	struct outcome o = { .times = 0 };
	struct peer *silent = listen_here();
	struct call call = { .url = url_of(silent), .body = STR("{}"), .done = keep, .ctx = &o };

	for (size_t at = 0; at < CALLER_AT_ONCE; at++)
		ck_assert(caller_start(c, &call));
	ck_assert(!caller_start(c, &call));
	caller_turn(c);
	ck_assert_uint_eq(caller_running(c), CALLER_AT_ONCE);
	arena_reset(arena);
	ck_assert_int_eq(o.times, 0);
}
END_TEST

SUITE("kit/net/caller", sends_what_it_was_given, says_what_an_answer_means,
      is_told_that_nobody_listens_or_talks_http, opens_no_socket_to_where_a_name_has_moved,
      speaks_no_other_protocol_and_no_plain_http, asks_no_proxy_that_the_environment_names,
      goes_on_while_one_hangs, takes_so_many_and_no_more_and_stops_with_some_under_way)
