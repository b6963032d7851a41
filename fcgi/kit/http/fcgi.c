/*
 * The only file that knows libfcgi; see fcgi.h.  libfcgi parses what comes in.  The rest is done
 * here, for it loses connections on signals, waits up to two seconds at each close and copies each
 * answer twice: accepting, the time limits, the records that go out, and closing.
 */
#include "kit/http/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fastcgi.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"

#define SILENCE_SECONDS 5 /* nginx sends a request in one go */
#define LINGER_US       CLOCK_SECOND
#define RECORD_MAX      65528 /* of the 65,535 that a record can hold: a multiple of 8 */

struct param {
	struct str name, value;
};

struct fcgi {
	int listen_fd, watch_fd; /* an epoll that watches listen_fd */
	sigset_t waiting;        /* the signal mask of the wait */
	int fd;                  /* the connection in hand, or -1 */
	int number;              /* the request's, on that connection */
	bool unread;             /* the peer may still be sending */
	const struct param *params;
	size_t nparams;
};

/* A second one of these would let two readers of one request disagree. */
static const struct str single[] = {
	STR_INIT("CONTENT_LENGTH"),     STR_INIT("CONTENT_TYPE"),
	STR_INIT("HTTP_CONTENT_TYPE"),  STR_INIT("HTTP_COOKIE"),
	STR_INIT("HTTP_AUTHORIZATION"), STR_INIT("HTTP_IDEMPOTENCY_KEY"),
};

static volatile sig_atomic_t stop;

static void on_term(int signo)
{
	(void)signo;
	stop = 1;
}

/* After FCGX_Init, which installs handlers of its own. */
static void take_signals(struct fcgi *f)
{
	struct sigaction term = { .sa_handler = on_term }, ignore = { .sa_handler = SIG_IGN };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &f->waiting);
	sigdelset(&f->waiting, SIGTERM);
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
}

/* Exclusive, so that one connection wakes one worker and not all of them. */
static int watch(int listen_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, listen_fd, &event) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void hang_up(struct fcgi *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->unread = false;
	f->params = NULL;
	f->nparams = 0;
}

static void fcgi_close(void *obj)
{
	struct fcgi *f = obj;

	hang_up(f);
	if (f->watch_fd >= 0)
		close(f->watch_fd);
}

struct fcgi *fcgi_new(struct arena *a, int listen_fd)
{
	struct fcgi *f = ARENA_NEW(a, struct fcgi);

	f->fd = -1;
	f->listen_fd = listen_fd;
	FCGX_Init();
	take_signals(f);
	fcntl(listen_fd, F_SETFL, fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
	f->watch_fd = watch(listen_fd);
	arena_defer(a, fcgi_close, f);
	return f;
}

/* False where SIGTERM came.  The end of the wait is no reason not to look: a worker that dies takes
 * its wake-up along. */
static bool await(const struct fcgi *f, int wait_ms)
{
	struct epoll_event event;

	if (stop)
		return false;
	epoll_pwait(f->watch_fd, &event, 1, wait_ms, &f->waiting);
	return !stop;
}

/* A connection with time limits, or -1. */
static int take_connection(int listen_fd)
{
	const struct timeval silence = { .tv_sec = SILENCE_SECONDS };
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(NULL, 0, 50); /* out of descriptors or memory: no help in spinning */
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
	return fd;
}

/*
 * Gives libfcgi a connection that we accepted.  As "detached" it does not linger over one that it
 * closes for bad form, and having no socket to listen on it then returns.  FCGX_GetError tells a
 * stream of parameters that broke off from one that ended.
 */
static bool read_params(FCGX_Request *lib, int fd)
{
	const char *end;

	FCGX_InitRequest(lib, -1, 0);
	lib->ipcFd = fd;
	lib->keepConnection = 1;
	lib->detached = 1;
	if (FCGX_Accept_r(lib) < 0)
		return false;
	end = FCGX_GetParam("RF_END", lib->envp);
	if (lib->role == FCGI_RESPONDER && FCGX_GetError(lib->in) == 0 && end &&
	    strcmp(end, "1") == 0)
		return true;
	FCGX_Free(lib, 1);
	return false;
}

/* Frees what libfcgi holds but the connection; cookies and tokens are not left lying in the heap.
 */
static void let_go(FCGX_Request *lib)
{
	for (char **at = lib->envp; *at; at++)
		explicit_bzero(*at, strlen(*at));
	lib->ipcFd = -1;
	FCGX_Free(lib, 0);
}

/* False where they are longer than the limit; those before it are kept. */
static bool copy_params(struct fcgi *f, struct arena *a, char *const *envp, size_t limit)
{
	struct param *params;
	size_t n = 0;

	while (envp[n])
		n++;
	f->params = params = ARENA_ARRAY(a, struct param, n);
	for (size_t at = 0; at < n; at++) {
		struct str value = str_of(envp[at]);

		if (value.n > limit)
			return false;
		limit -= value.n;
		value = (struct str){ str_cstr(a, value), value.n };
		params[at].name = str_cut(&value, '=');
		params[at].value = value;
		f->nparams++;
	}
	return true;
}

static bool has_double(const struct fcgi *f)
{
	for (size_t name = 0; name < sizeof(single) / sizeof(single[0]); name++) {
		int seen = 0;

		for (size_t at = 0; at < f->nparams; at++)
			seen += str_eq(f->params[at].name, single[name]);
		if (seen > 1)
			return true;
	}
	return false;
}

/* Digits only: no sign, no list, no blank.  An absent or empty length is none. */
static bool content_length(struct str text, size_t *ret)
{
	int64_t length = 0;

	for (size_t at = 0; at < text.n; at++)
		if (text.p[at] < '0' || text.p[at] > '9')
			return false;
	if (text.n && !str_to_int(text, &length))
		return false;
	*ret = (size_t)length;
	return true;
}

/* 0, or the status to refuse with.  The stream must end where the length says, no sooner and no
 * later. */
static int read_body(struct arena *a, struct str length, size_t limit, FCGX_Stream *in,
		     struct str *ret)
{
	size_t n;
	char *room;

	if (!content_length(length, &n))
		return 400;
	if (n > limit || n > INT_MAX)
		return 413;
	room = arena_alloc(a, n + 1, 1);
	if (n && FCGX_GetStr(room, (int)n, in) != (int)n)
		return 400;
	if (FCGX_GetChar(in) != EOF || FCGX_GetError(in) != 0)
		return 400;
	*ret = (struct str){ room, n };
	return 0;
}

static struct fcgi_request describe(const struct fcgi *f)
{
	return (struct fcgi_request){
		.method = fcgi_param(f, "REQUEST_METHOD"),
		.path = fcgi_param(f, "DOCUMENT_URI"),
		.uri = fcgi_param(f, "REQUEST_URI"),
		.query = fcgi_param(f, "QUERY_STRING"),
		.content_type = fcgi_param(f, "CONTENT_TYPE"),
		.address = fcgi_param(f, "REMOTE_ADDR"),
		.host = fcgi_param(f, "HTTP_HOST"),
		.request_id = fcgi_param(f, "RF_REQUEST_ID"),
		.body = STR(""),
		.https = str_eq(fcgi_param(f, "HTTPS"), STR("on")),
	};
}

enum fcgi_got fcgi_accept(struct fcgi *f, struct arena *a, const struct fcgi_limits *limits,
			  int wait_ms, struct fcgi_request *ret)
{
	FCGX_Request lib;
	bool whole;
	int fd;

	hang_up(f);
	if (!await(f, wait_ms))
		return FCGI_GOT_STOP;
	fd = take_connection(f->listen_fd);
	if (fd < 0 || !read_params(&lib, fd))
		return FCGI_GOT_NOTHING;
	f->fd = fd;
	f->number = lib.requestId;
	whole = copy_params(f, a, lib.envp, limits->params);
	*ret = describe(f);
	ret->refused = !whole ? 431 : has_double(f) ? 400 : 0;
	if (!ret->refused)
		ret->refused = read_body(a, fcgi_param(f, "CONTENT_LENGTH"), limits->body, lib.in,
					 &ret->body);
	f->unread = ret->refused != 0;
	let_go(&lib);
	return FCGI_GOT_REQUEST;
}

struct str fcgi_param(const struct fcgi *f, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t at = 0; at < f->nparams; at++)
		if (str_eq(f->params[at].name, wanted))
			return f->params[at].value;
	return STR_NONE;
}

/* Records on their way out: two pieces each, a header and the content where it lies. */
struct out {
	int fd, number, n;
	bool lost;
	struct iovec pieces[64];
	unsigned char headers[32][FCGI_HEADER_LEN];
};

static struct out out_of(const struct fcgi *f)
{
	return (struct out){ .fd = f->fd, .number = f->number, .lost = f->fd < 0 };
}

static void out_flush(struct out *o)
{
	struct iovec *at = o->pieces, *end = o->pieces + o->n;

	o->n = 0;
	while (at < end && !o->lost) {
		ssize_t wrote = writev(o->fd, at, (int)(end - at));

		if (wrote < 0 && errno != EINTR)
			o->lost = true;
		if (wrote < 0)
			continue;
		while (at < end && (size_t)wrote >= at->iov_len)
			wrote -= (ssize_t)at++->iov_len;
		if (at < end)
			*at = (struct iovec){ (char *)at->iov_base + wrote,
					      at->iov_len - (size_t)wrote };
	}
}

static void out_record(struct out *o, int type, struct str content)
{
	unsigned char *header = o->headers[o->n / 2];
	union {
		const char *in;
		void *out; /* writev only reads, but its type cannot say so */
	} place = { content.p };

	header[0] = FCGI_VERSION_1;
	header[1] = (unsigned char)type;
	header[2] = (unsigned char)(o->number >> 8);
	header[3] = (unsigned char)o->number;
	header[4] = (unsigned char)(content.n >> 8);
	header[5] = (unsigned char)content.n;
	header[6] = header[7] = 0;
	o->pieces[o->n++] = (struct iovec){ header, FCGI_HEADER_LEN };
	o->pieces[o->n++] = (struct iovec){ place.out, content.n };
	if (o->n == sizeof(o->pieces) / sizeof(o->pieces[0]))
		out_flush(o);
}

static void out_text(struct out *o, struct str text)
{
	while (text.n) {
		out_record(o, FCGI_STDOUT, str_first(text, RECORD_MAX));
		text = str_skip(text, RECORD_MAX);
	}
}

/* Closing on a peer that still sends would cost it the answer; it has a moment to read that and
 * hang up. */
static void linger(int fd)
{
	int64_t until = clock_mono() + LINGER_US;
	char trash[16384];

	shutdown(fd, SHUT_WR);
	for (int64_t left = LINGER_US; left > 0; left = until - clock_mono()) {
		struct pollfd peer = { .fd = fd, .events = POLLIN };

		if (poll(&peer, 1, (int)(left / 1000) + 1) <= 0 ||
		    read(fd, trash, sizeof(trash)) <= 0)
			return;
	}
}

bool fcgi_send(struct fcgi *f, struct str piece)
{
	struct out o = out_of(f);

	out_text(&o, piece);
	out_flush(&o);
	if (o.lost)
		hang_up(f);
	return !o.lost;
}

bool fcgi_reply(struct fcgi *f, struct str head, struct str body)
{
	struct out o = out_of(f);

	out_text(&o, head);
	out_text(&o, body);
	out_record(&o, FCGI_STDOUT, STR(""));
	out_record(&o, FCGI_END_REQUEST, (struct str){ "\0\0\0\0\0\0\0", 8 });
	out_flush(&o);
	if (f->unread && !o.lost)
		linger(f->fd);
	hang_up(f);
	return !o.lost;
}

bool fcgi_end(struct fcgi *f)
{
	return fcgi_reply(f, STR(""), STR(""));
}
