/* One worker's end of the socket, against a web server that does not always behave. */
#include "support/suite.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "kit/http/fcgi.h"
#include "raw_client.h"

static const struct fcgi_limits limits = { .body = 30000, .params = 4096 };
static char folder[64], path[80];
static int listener;
static struct fcgi *worker;

static void leave(void *unused)
{
	(void)unused;
	close(listener);
	unlink(path);
	rmdir(folder);
}

static void listen_here(void)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };

	if (worker)
		return;
	suite_folder(folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	memcpy(where.sun_path, path, sizeof(path));
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&where, sizeof(where)), 0);
	ck_assert_int_eq(listen(listener, 8), 0);
	worker = fcgi_new(arena, listener);
	arena_defer(arena, leave, NULL);
}

static int connected(struct str text)
{
	int fd;

	listen_here();
	fd = raw_connect(path);
	ck_assert_int_ge(fd, 0);
	ck_assert(raw_send(fd, text));
	return fd;
}

static enum fcgi_got accepts(struct fcgi_request *ret)
{
	return fcgi_accept(worker, arena, &limits, patient(1000), ret);
}

static int descriptors(void)
{
	DIR *all = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(all))
		n++;
	closedir(all);
	return n;
}

static const char *const plain[] = {
	"REQUEST_METHOD", "GET", "DOCUMENT_URI", "/x", "RF_END", "1", NULL
};

START_TEST(reads_a_request_and_answers_it)
{
	const char *pairs[] = { "QUERY_STRING",
				"a=b",
				"REQUEST_METHOD",
				"POST",
				"CONTENT_TYPE",
				"text/x",
				"CONTENT_LENGTH",
				"5",
				"REQUEST_URI",
				"/a%20b?a=b",
				"DOCUMENT_URI",
				"/a b",
				"REMOTE_ADDR",
				"192.0.2.7",
				"HTTPS",
				"on",
				"HTTP_HOST",
				"rf.test",
				"RF_REQUEST_ID",
				"r1",
				"RF_END",
				"1",
				"HTTP_COOKIE",
				"sid=a=b",
				"HTTP_X",
				"",
				NULL };
	struct fcgi_request r;
	int fd = connected(raw_request(arena, pairs, STR("hello")));

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert_int_eq(r.refused, 0);
	ck_assert_text(r.method, STR("POST"));
	ck_assert_text(r.path, STR("/a b"));
	ck_assert_text(r.uri, STR("/a%20b?a=b"));
	ck_assert_text(r.query, STR("a=b"));
	ck_assert_text(r.content_type, STR("text/x"));
	ck_assert_text(r.address, STR("192.0.2.7"));
	ck_assert_text(r.host, STR("rf.test"));
	ck_assert_text(r.request_id, STR("r1"));
	ck_assert_text(r.body, STR("hello"));
	ck_assert(r.https);
	ck_assert_text(fcgi_param(worker, "HTTP_COOKIE"), STR("sid=a=b"));
	ck_assert(fcgi_param(worker, "HTTP_X").p);
	ck_assert_ptr_null(fcgi_param(worker, "HTTP_Y").p);
	ck_assert(fcgi_reply(worker, STR("Status: 200 OK\r\n\r\n"), STR("well")));
	ck_assert_text(raw_content(arena, raw_receive(arena, fd, 1000)),
		       STR("Status: 200 OK\r\n\r\nwell"));
	close(fd);
}
END_TEST

START_TEST(nothing_of_one_request_is_seen_by_the_next)
{
	const char *first[] = { "HTTP_COOKIE", "sid=1",  "HTTPS", "on", "CONTENT_LENGTH",
				"3",           "RF_END", "1",     NULL };
	const char *second[] = { "RF_END", "1", NULL };
	struct fcgi_request r;
	int a = connected(raw_request(arena, first, STR("one"))), b;

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert(fcgi_reply(worker, STR("\r\n"), STR("")));
	ck_assert_ptr_null(fcgi_param(worker, "HTTP_COOKIE").p);
	b = connected(raw_request(arena, second, STR("")));
	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert_ptr_null(fcgi_param(worker, "HTTP_COOKIE").p);
	ck_assert(!r.https && r.body.n == 0);
	ck_assert(fcgi_reply(worker, STR("\r\n"), STR("")));
	ck_assert(!fcgi_reply(worker, STR("\r\n"), STR("twice")));
	close(a);
	close(b);
}
END_TEST

START_TEST(a_request_left_unanswered_is_closed)
{
	struct fcgi_request r;
	int fd = connected(raw_request(arena, plain, STR("")));

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, 0, &r), FCGI_GOT_NOTHING);
	ck_assert_int_eq((int)raw_receive(arena, fd, 100).n, 0);
	ck_assert_int_eq(recv(fd, (char[1]){ 0 }, 1, MSG_DONTWAIT), 0);
	close(fd);
}
END_TEST

/* A web server that took a part of the parameters for the whole would take a guest for a user, or
 * worse. */
START_TEST(parameters_that_break_off_get_no_answer)
{
	const char *pairs[] = {
		"REQUEST_METHOD", "GET", "DOCUMENT_URI", "/x", "RF_END", "1", "HTTP_COOKIE",
		"sid=abc",        NULL
	};
	struct buf head = buf_new(arena, 65536);
	struct fcgi_request r;
	int before;

	listen_here();
	before = descriptors();
	raw_head(&head, pairs);
	for (size_t cut = 0; cut < head.n; cut++) {
		int fd = connected(str_first(buf_str(&head), cut));

		shutdown(fd, SHUT_WR);
		ck_assert_msg(accepts(&r) == FCGI_GOT_NOTHING, "cut at %zu", cut);
		ck_assert_int_eq((int)raw_receive(arena, fd, 100).n, 0);
		close(fd);
	}
	ck_assert_int_eq(descriptors(), before);
}
END_TEST

START_TEST(without_its_mark_a_request_gets_no_answer)
{
	const char *none[] = { "REQUEST_METHOD", "GET", NULL };
	const char *other[] = { "REQUEST_METHOD", "GET", "RF_END", "10", NULL };
	const char *header[] = { "REQUEST_METHOD", "GET", "HTTP_RF_END", "1", NULL };
	const char *const *const all[] = { none, other, header };
	struct fcgi_request r;

	for (size_t at = 0; at < 3; at++) {
		int fd = connected(raw_request(arena, all[at], STR("")));

		ck_assert_int_eq(accepts(&r), FCGI_GOT_NOTHING);
		ck_assert_int_eq((int)raw_receive(arena, fd, 100).n, 0);
		close(fd);
	}
}
END_TEST

START_TEST(what_is_not_fastcgi_is_closed)
{
	static const struct str junk[] = {
		STR_INIT("GET / HTTP/1.0\r\n\r\n"),
		STR_INIT("\1\4\0\1\0\0\0\0"),                /* PARAMS without BEGIN */
		STR_INIT("\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0" /* an authorizer */
			 "\1\4\0\1\0\11\0\0\6\1RF_END1\1\4\0\1\0\0\0\0"),
		STR_INIT("\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\2\0\1\0\0\0\0"), /* BEGIN, ABORT */
	};
	struct fcgi_request r;

	for (size_t at = 0; at < sizeof(junk) / sizeof(junk[0]); at++) {
		int fd = connected(junk[at]);

		shutdown(fd, SHUT_WR);
		ck_assert_msg(accepts(&r) == FCGI_GOT_NOTHING, "junk %zu", at);
		ck_assert_int_eq((int)raw_receive(arena, fd, 100).n, 0);
		close(fd);
	}
}
END_TEST

/* Left to itself libfcgi would wait two seconds for the client to hang up first. */
START_TEST(closes_at_once_on_a_client_that_stays)
{
	const char *none[] = { "REQUEST_METHOD", "GET", NULL };
	int64_t since = clock_mono();
	struct fcgi_request r;
	int junk = connected(STR("GET / HTTP/1.0\r\n\r\n")), unmarked;

	ck_assert_int_eq(accepts(&r), FCGI_GOT_NOTHING);
	unmarked = connected(raw_request(arena, none, STR("")));
	ck_assert_int_eq(accepts(&r), FCGI_GOT_NOTHING);
	ck_assert_int_lt(clock_mono() - since, patient(1000) * 1000);
	close(junk);
	close(unmarked);
}
END_TEST

/* One request per row: what is odd about it, and the status it must get. */
START_TEST(refuses_what_is_doubtful)
{
	static const struct {
		const char *name, *value, *again;
		size_t body;
		int status;
	} rows[] = {
		{ "HTTP_COOKIE", "a=1", "a=2", 0, 400 },
		{ "HTTP_AUTHORIZATION", "Bearer a", "Bearer b", 0, 400 },
		{ "HTTP_IDEMPOTENCY_KEY", "a", "a", 0, 400 },
		{ "CONTENT_TYPE", "text/html", "text/plain", 0, 400 },
		{ "HTTP_CONTENT_TYPE", "text/html", "text/plain", 0, 400 },
		{ "CONTENT_LENGTH", "5", "7", 5, 400 },
		{ "HTTP_ACCEPT", "text/html", "text/plain", 0, 0 },
		{ "CONTENT_LENGTH", "", NULL, 0, 0 },
		{ "CONTENT_LENGTH", "0", NULL, 0, 0 },
		{ "CONTENT_LENGTH", "005", NULL, 5, 0 },
		{ "CONTENT_LENGTH", "30000", NULL, 30000, 0 },
		{ "CONTENT_LENGTH", "30001", NULL, 30001, 413 },
		{ "CONTENT_LENGTH", "9223372036854775807", NULL, 1, 413 },
		{ "CONTENT_LENGTH", "9223372036854775808", NULL, 1, 400 },
		{ "CONTENT_LENGTH", "-1", NULL, 0, 400 },
		{ "CONTENT_LENGTH", "+5", NULL, 5, 400 },
		{ "CONTENT_LENGTH", "5 ", NULL, 5, 400 },
		{ "CONTENT_LENGTH", "0x5", NULL, 5, 400 },
		{ "CONTENT_LENGTH", "6", NULL, 5, 400 },
		{ "CONTENT_LENGTH", "4", NULL, 5, 400 },
		{ "HTTP_ACCEPT", "*/*", NULL, 5, 400 },
	};
	char *bytes = arena_alloc(arena, 40000, 1);
	struct fcgi_request r;

	memset(bytes, 'x', 40000);
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		const char *pairs[] = { "DOCUMENT_URI",
					"/x",
					rows[at].name,
					rows[at].value,
					"RF_END",
					"1",
					rows[at].again ? rows[at].name : NULL,
					rows[at].again,
					NULL };
		int fd = connected(raw_request(arena, pairs, (struct str){ bytes, rows[at].body }));

		shutdown(fd, SHUT_WR);
		ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
		ck_assert_msg(r.refused == rows[at].status, "row %zu: %d, want %d", at, r.refused,
			      rows[at].status);
		ck_assert_int_eq((int)r.body.n, rows[at].status ? 0 : (int)rows[at].body);
		ck_assert_text(r.path, STR("/x"));
		ck_assert(fcgi_reply(worker, STR("Status: 4\r\n\r\n"), STR("no")));
		ck_assert_text(raw_content(arena, raw_receive(arena, fd, 1000)),
			       STR("Status: 4\r\n\r\nno"));
		close(fd);
	}
}
END_TEST

START_TEST(too_many_parameters_are_refused_with_the_first_ones_known)
{
	char *bytes = arena_alloc(arena, 5001, 1);
	const char *pairs[] = { "DOCUMENT_URI", "/x",     "RF_END", "1", "HTTP_COOKIE",
				bytes,          "HTTP_A", "b",      NULL };
	struct fcgi_request r;
	int fd;

	memset(bytes, 'x', 5000);
	fd = connected(raw_request(arena, pairs, STR("")));
	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert_int_eq(r.refused, 431);
	ck_assert_text(r.path, STR("/x"));
	ck_assert_ptr_null(fcgi_param(worker, "HTTP_COOKIE").p);
	ck_assert_ptr_null(fcgi_param(worker, "HTTP_A").p);
	ck_assert(fcgi_reply(worker, STR("Status: 431\r\n\r\n"), STR("")));
	ck_assert_text(raw_content(arena, raw_receive(arena, fd, 1000)),
		       STR("Status: 431\r\n\r\n"));
	close(fd);
}
END_TEST

/* The peer is still sending when the answer comes; it must be able to read that all the same. */
START_TEST(a_body_too_large_is_refused_before_it_is_read)
{
	const char *pairs[] = { "CONTENT_LENGTH", "8000000", "RF_END", "1", NULL };
	struct fcgi_request r;
	int status = -1;
	pid_t sender;

	listen_here();
	sender = fork();
	if (sender == 0) {
		struct str body = { arena_alloc(arena, 8000000, 1), 8000000 };
		int fd = connected(raw_request(arena, pairs, body));

		_exit(str_eq(raw_content(arena, raw_receive(arena, fd, 2000)), STR("\r\nno")) ? 0
											      : 1);
	}
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, 5000, &r), FCGI_GOT_REQUEST);
	ck_assert_int_eq(r.refused, 413);
	ck_assert_uint_lt(arena_used(arena), 100000);
	ck_assert(fcgi_reply(worker, STR("\r\n"), STR("no")));
	ck_assert_int_eq(waitpid(sender, &status, 0), sender);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* Sizes around the edges of a record and of one writev. */
START_TEST(answers_of_any_size_arrive_whole)
{
	static const size_t sizes[] = {
		0, 1, 65527, 65528, 65529, 65536, 131056, 2097000, 9000001
	};
	char *bytes = arena_alloc(arena, 9000001, 1);
	struct fcgi_request r;

	for (size_t at = 0; at < 9000001; at++)
		bytes[at] = (char)('a' + at % 23);
	for (size_t at = 0; at < sizeof(sizes) / sizeof(sizes[0]); at++) {
		struct str body = { bytes, sizes[at] };
		int fd = connected(raw_request(arena, plain, STR(""))), status;
		pid_t writer;

		fflush(stdout);
		writer = fork();
		if (writer == 0) {
			close(fd);
			_exit(accepts(&r) == FCGI_GOT_REQUEST && fcgi_reply(worker, STR("H"), body)
				      ? 0
				      : 1);
		}
		struct str got = raw_content(arena, raw_receive(arena, fd, 2000));

		ck_assert_uint_eq(got.n, sizes[at] + 1);
		ck_assert(str_eq(str_skip(got, 1), body));
		ck_assert_int_eq(waitpid(writer, &status, 0), writer);
		ck_assert_int_eq(status, 0);
		close(fd);
	}
}
END_TEST

START_TEST(a_piece_goes_out_at_once_and_the_end_is_told)
{
	struct fcgi_request r;
	int fd = connected(raw_request(arena, plain, STR("")));
	char room[100];

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert(fcgi_send(worker, STR("\r\n")));
	ck_assert_int_eq(read(fd, room, sizeof(room)), 8 + 2);
	ck_assert(fcgi_send(worker, STR("")));
	ck_assert_int_eq(recv(fd, room, sizeof(room), MSG_DONTWAIT), -1);
	ck_assert(fcgi_send(worker, STR("one")));
	ck_assert_int_eq(recv(fd, room, sizeof(room), MSG_PEEK), 8 + 3);
	ck_assert(fcgi_send(worker, STR("two")));
	ck_assert(fcgi_end(worker));
	ck_assert_text(raw_content(arena, raw_receive(arena, fd, 1000)), STR("onetwo"));
	ck_assert(!fcgi_send(worker, STR("more")));
	ck_assert(!fcgi_end(worker));
	close(fd);
}
END_TEST

START_TEST(what_is_not_ended_is_seen_to_be_broken)
{
	struct fcgi_request r;
	int fd = connected(raw_request(arena, plain, STR("")));
	struct str records;

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert(fcgi_send(worker, STR("one")));
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, 0, &r), FCGI_GOT_NOTHING);
	records = raw_receive(arena, fd, 1000);
	ck_assert_uint_eq(records.n, 8 + 3);
	ck_assert_ptr_null(raw_content(arena, records).p);
	close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_between_pieces_is_noticed)
{
	struct fcgi_request r;
	int fd = connected(raw_request(arena, plain, STR("")));

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert(fcgi_send(worker, STR("one")));
	close(fd);
	ck_assert(!fcgi_send(worker, STR("two")));
	ck_assert(!fcgi_send(worker, STR("three")));
	ck_assert(!fcgi_end(worker));
}
END_TEST

START_TEST(a_client_that_leaves_costs_nothing)
{
	char *bytes = arena_alloc(arena, 3000000, 1);
	struct fcgi_request r;
	int before;

	listen_here();
	before = descriptors();
	for (int round = 0; round < 20; round++) {
		int fd = connected(raw_request(arena, plain, STR("")));

		ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
		close(fd);
		ck_assert(!fcgi_reply(worker, STR("\r\n"), (struct str){ bytes, 3000000 }));
	}
	ck_assert_int_eq(descriptors(), before);
}
END_TEST

/* Silent before a word, silent within the body, and never reading. */
static void met_a_mute_one(void)
{
	struct fcgi_request r;
	int mute = connected(STR(""));

	ck_assert_int_eq(accepts(&r), FCGI_GOT_NOTHING);
	close(mute);
}

static void met_one_that_stops_halfway(void)
{
	const char *pairs[] = { "CONTENT_LENGTH", "5", "RF_END", "1", NULL };
	struct buf head = buf_new(arena, 65536);
	struct fcgi_request r;
	int half;

	raw_head(&head, pairs);
	half = connected(buf_str(&head));
	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert_int_eq(r.refused, 400);
	close(half);
}

static void met_a_deaf_one(void)
{
	struct str long_one = { arena_alloc(arena, 3000000, 1), 3000000 };
	struct fcgi_request r;
	int deaf = connected(raw_request(arena, plain, STR("")));

	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	ck_assert(!fcgi_reply(worker, STR("\r\n"), long_one));
	close(deaf);
}

/* Five seconds for each system call, and for the deaf one two of them; all three at once, each
 * before a worker of its own. */
START_TEST(a_silent_client_is_let_go)
{
	static void (*const meets[])(void) = { met_a_mute_one, met_one_that_stops_halfway,
					       met_a_deaf_one };
	int64_t since = clock_mono();
	int status;

	fflush(stdout);
	for (size_t at = 0; at < 3; at++) {
		if (fork() == 0) {
			meets[at]();
			leave(NULL);
			_exit(0);
		}
	}
	for (int at = 0; at < 3; at++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_lt(clock_mono() - since, patient(14000) * 1000);
}
END_TEST

START_TEST(sigterm_stops_the_wait_and_never_a_request)
{
	struct fcgi_request r;
	int fd = connected(raw_request(arena, plain, STR("")));

	kill(getpid(), SIGUSR1);
	ck_assert_int_eq(accepts(&r), FCGI_GOT_REQUEST);
	kill(getpid(), SIGTERM);
	ck_assert(fcgi_reply(worker, STR("\r\n"), STR("served")));
	ck_assert_text(raw_content(arena, raw_receive(arena, fd, 1000)), STR("\r\nserved"));
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, -1, &r), FCGI_GOT_STOP);
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, -1, &r), FCGI_GOT_STOP);
	close(fd);
}
END_TEST

START_TEST(waits_no_longer_than_told)
{
	struct fcgi_request r;
	int64_t since;

	listen_here();
	since = clock_mono();
	ck_assert_int_eq(fcgi_accept(worker, arena, &limits, 50, &r), FCGI_GOT_NOTHING);
	ck_assert_int_ge(clock_mono() - since, 49000);
	ck_assert_int_lt(clock_mono() - since, patient(500) * 1000);
}
END_TEST

SUITE("kit/http/fcgi", reads_a_request_and_answers_it, nothing_of_one_request_is_seen_by_the_next,
      a_request_left_unanswered_is_closed, parameters_that_break_off_get_no_answer,
      without_its_mark_a_request_gets_no_answer, what_is_not_fastcgi_is_closed,
      closes_at_once_on_a_client_that_stays, refuses_what_is_doubtful,
      too_many_parameters_are_refused_with_the_first_ones_known,
      a_body_too_large_is_refused_before_it_is_read, answers_of_any_size_arrive_whole,
      a_piece_goes_out_at_once_and_the_end_is_told, what_is_not_ended_is_seen_to_be_broken,
      a_client_that_leaves_between_pieces_is_noticed, a_client_that_leaves_costs_nothing,
      a_silent_client_is_let_go, sigterm_stops_the_wait_and_never_a_request,
      waits_no_longer_than_told)
