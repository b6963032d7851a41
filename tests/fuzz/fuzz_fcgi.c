/*
 * Any bytes at all as what a web server says: fcgi_accept must end, hold its limits and leave no
 * descriptor behind.  To be linked by clang -fsanitize=fuzzer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/http/fcgi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sockaddr_un where = { .sun_family = AF_UNIX };
static socklen_t where_size = sizeof(where.sun_family); /* bind then takes any free abstract name */
static struct arena *lasting, *passing;
static struct fcgi *worker;

static void begin(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t got = sizeof(where);

	if (bind(listener, (struct sockaddr *)&where, where_size) != 0 || listen(listener, 8) != 0)
		abort();
	getsockname(listener, (struct sockaddr *)&where, &got);
	where_size = got;
	lasting = arena_new(65536);
	passing = arena_new(65536);
	worker = fcgi_new(lasting, listener);
}

static void say(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			return;
		data += n;
		size -= (size_t)n;
	}
}

/*
 * Two faults of libfcgi that are known would end each run.  Its answer to records about the
 * connection as a whole (number 0) leaks and writes past a buffer, so they become ones of the
 * request; and it asks for as much memory as a parameter's length says, and aborts, so lengths are
 * kept under 8 MB.  nginx sends neither, and nobody else can open the socket.
 */
static uint8_t *tame(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	size_t next;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	for (size_t at = 0; at + 8 <= size; at = next) {
		uint8_t *header = copy + at;

		if (header[2] == 0 && header[3] == 0)
			header[3] = 1;
		header[6] = 0;
		next = at + 8 + ((size_t)header[4] << 8 | header[5]);
		for (size_t in = at + 8; in < next && in < size && header[1] == 4; in++)
			if (copy[in] & 0x80)
				copy[in] = 0x80;
	}
	return copy;
}

/* Rises with each descriptor that is not closed. */
static int lowest_free(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	close(fd);
	return fd;
}

static void take(void)
{
	static const struct fcgi_limits limits = { .body = 4096, .params = 4096 };
	struct fcgi_request r;

	arena_reset(passing);
	if (fcgi_accept(worker, passing, &limits, 0, &r) != FCGI_GOT_REQUEST)
		return;
	if (r.body.n > limits.body || (r.refused && r.body.n) || (r.path.p && r.path.p[r.path.n]))
		abort();
	fcgi_reply(worker, STR("Status: 200\r\n\r\n"), r.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = tame(data, size);
	int fd, free_before;

	if (!worker)
		begin();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&where, where_size) != 0)
		abort();
	say(fd, text, size);
	free(text);
	shutdown(fd, SHUT_WR);
	free_before = lowest_free();
	take();
	if (lowest_free() != free_before)
		abort();
	close(fd);
	return 0;
}
