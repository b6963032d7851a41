/*
 * Holds thousands of event streams and tells how long each event took.
 *	streams PORT < TOKENS
 * TOKENS: lines "TOKEN NUMBER", so many streams with that bearer token, then an empty line.  Opens
 *them, at most AT_ONCE at a time, and says so; from then on each line of its input is answered by
 *one line of JSON about what came since the one before.  An event carries {"t": NANOSECONDS}, of
 *the monotonic clock when it was made.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STREAMS_MAX 20000
#define TOKENS_MAX  4000
#define AT_ONCE     256
#define TIMES_MAX   (4 << 20)
#define ADDRESSES   20 /* of ours, 127.0.0.1 and on */

static const char mark[] = "\"t\": ", greeting[] = "event: ready";

struct stream {
	int fd;
	bool ready, closed;
	unsigned matched, greeted; /* characters of mark and of greeting */
	int64_t value;             /* behind the mark; -1: none */
};

static struct stream streams[STREAMS_MAX];
static char *token_of[STREAMS_MAX];
static int n, opened, ready, lost, port, epoll;
static uint32_t *times; /* microseconds */
static size_t ntimes;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_tokens(void)
{
	static char text[TOKENS_MAX][1024];
	int many;

	for (int at = 0; at < TOKENS_MAX && fgets(text[at], sizeof(text[at]), stdin); at++) {
		char *space = strchr(text[at], ' ');

		if (!space)
			return;
		*space = '\0';
		for (many = (int)strtol(space + 1, NULL, 10); many > 0 && n < STREAMS_MAX; many--)
			token_of[n++] = text[at];
	}
}

static void open_stream(int at)
{
	struct stream *s = &streams[at];
	struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
	char request[1500];
	int size, wide = 1;

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (unsigned)(at % ADDRESSES));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	s->value = -1;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &wide, sizeof(wide));
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(s->fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	size = snprintf(request, sizeof(request),
			"GET /api/v1/escalations/stream HTTP/1.1\r\nHost: localhost\r\n"
			"Authorization: Bearer %s\r\n\r\n",
			token_of[at]);
	if (write(s->fd, request, (size_t)size) != size)
		die("write");
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event);
	opened++;
}

static unsigned match(const char *wanted, unsigned matched, char c)
{
	return c == wanted[matched] ? matched + 1 : c == wanted[0];
}

static void take_time(struct stream *s, int64_t at)
{
	/* The hub looks by itself, too, and may be there before the bell. */
	int64_t late = at > s->value ? at - s->value : 0;

	if (ntimes < TIMES_MAX)
		times[ntimes++] = (uint32_t)(late / 1000);
	s->value = -1;
}

static void take(struct stream *s, char c, int64_t at)
{
	if (s->value >= 0 && c >= '0' && c <= '9') {
		s->value = s->value * 10 + (c - '0');
		return;
	}
	if (s->value >= 0)
		take_time(s, at);
	s->matched = match(mark, s->matched, c);
	if (!mark[s->matched]) {
		s->matched = 0;
		s->value = 0;
	}
	if (s->ready)
		return;
	s->greeted = match(greeting, s->greeted, c);
	if (!greeting[s->greeted]) {
		s->ready = true;
		ready++;
	}
}

static void readable(struct stream *s)
{
	char bytes[16384];
	ssize_t got;

	while ((got = recv(s->fd, bytes, sizeof(bytes), 0)) > 0) {
		int64_t at = now();

		for (ssize_t p = 0; p < got; p++)
			take(s, bytes[p], at);
	}
	if (got < 0 && errno == EAGAIN)
		return;
	if (!s->ready)
		fprintf(stderr, "a stream was refused: %.300s\n", bytes);
	s->closed = true;
	lost++;
	close(s->fd);
}

static int earlier(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double quantile(double part)
{
	return ntimes ? times[(size_t)(part * (double)(ntimes - 1))] / 1000.0 : 0;
}

static void tell(void)
{
	qsort(times, ntimes, sizeof(times[0]), earlier);
	printf("{\"streams\":%d,\"lost\":%d,\"frames\":%zu,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f}"
	       "\n",
	       ready - lost, lost, ntimes, quantile(0.5), quantile(0.99), quantile(1));
	ntimes = 0;
}

static bool listen_to_input(void)
{
	char text[100];

	if (read(STDIN_FILENO, text, sizeof(text)) <= 0)
		return false;
	tell();
	return true;
}

static bool turn(void)
{
	struct epoll_event events[512];
	int many = epoll_wait(epoll, events, 512, 1000);

	for (int at = 0; at < many; at++) {
		if (events[at].data.ptr)
			readable(events[at].data.ptr);
		else if (!listen_to_input())
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct epoll_event input = { .events = EPOLLIN };
	struct rlimit limit;
	int64_t began;

	if (argc != 2)
		return 2;
	port = (int)strtol(argv[1], NULL, 10);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	times = malloc(TIMES_MAX * sizeof(times[0]));
	epoll = epoll_create1(0);
	read_tokens();
	began = now();
	while (ready + lost < n) {
		while (opened < n && opened - ready - lost < AT_ONCE)
			open_stream(opened);
		turn();
	}
	printf("{\"streams\":%d,\"lost\":%d,\"seconds\":%.2f}\n", ready - lost, lost,
	       (double)(now() - began) / 1e9);
	epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
	while (turn())
		;
	return 0;
}
