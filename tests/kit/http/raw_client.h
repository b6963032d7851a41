#ifndef TESTS_KIT_HTTP_RAW_CLIENT_H
#define TESTS_KIT_HTTP_RAW_CLIENT_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "support/patience.h"

/*
 * The web server's side of FastCGI, by hand and byte by byte, so that a test can stop at any point
 * and say what no web server would.
 */
enum { RAW_BEGIN = 1, RAW_END = 3, RAW_PARAMS = 4, RAW_STDIN = 5, RAW_STDOUT = 6 };

/* pairs: name, value, ..., NULL; a pair is written in the short or the long form as its length
 * asks. */
static inline void raw_pairs(struct buf *b, const char *const *pairs)
{
	for (size_t at = 0; pairs[at]; at += 2) {
		for (size_t half = 0; half < 2; half++) {
			size_t n = strlen(pairs[at + half]);

			if (n > 127) {
				buf_putc(b, (char)(0x80 | n >> 24));
				buf_putc(b, (char)(n >> 16));
				buf_putc(b, (char)(n >> 8));
			}
			buf_putc(b, (char)n);
		}
		buf_put(b, str_of(pairs[at]));
		buf_put(b, str_of(pairs[at + 1]));
	}
}

static inline void raw_record(struct buf *b, int type, struct str content)
{
	buf_putc(b, 1);
	buf_putc(b, (char)type);
	buf_putc(b, 0);
	buf_putc(b, 1);
	buf_putc(b, (char)(content.n >> 8));
	buf_putc(b, (char)content.n);
	buf_putc(b, 0);
	buf_putc(b, 0);
	buf_put(b, content);
}

/* A stream as records of at most 8,000 bytes, and its end. */
static inline void raw_stream(struct buf *b, int type, struct str content)
{
	while (content.n) {
		raw_record(b, type, str_first(content, 8000));
		content = str_skip(content, 8000);
	}
	raw_record(b, type, STR(""));
}

/* BEGIN and the parameters. */
static inline void raw_head(struct buf *b, const char *const *pairs)
{
	struct buf params = buf_new(b->arena, (size_t)1 << 24);

	raw_pairs(&params, pairs);
	raw_record(b, RAW_BEGIN, (struct str){ "\0\1\0\0\0\0\0", 8 });
	raw_stream(b, RAW_PARAMS, buf_str(&params));
}

static inline struct str raw_request(struct arena *a, const char *const *pairs, struct str body)
{
	struct buf b = buf_new(a, (size_t)1 << 25);

	raw_head(&b, pairs);
	raw_stream(&b, RAW_STDIN, body);
	return buf_str(&b);
}

/* -1 where nobody listens, or the line of those who wait is full: nginx does not wait either. */
static inline int raw_connect(const char *path)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0) {
		fcntl(fd, F_SETFL, 0);
		return fd;
	}
	close(fd);
	return -1;
}

static inline bool raw_send(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		text = str_skip(text, (size_t)n);
	}
	return true;
}

/* All that comes until the peer hangs up or wait_ms go by in silence. */
static inline struct str raw_receive(struct arena *a, int fd, int wait_ms)
{
	struct buf all = buf_new(a, (size_t)1 << 26);
	struct pollfd peer = { .fd = fd, .events = POLLIN };
	char room[16384];

	while (poll(&peer, 1, patient(wait_ms)) > 0) {
		ssize_t n = read(fd, room, sizeof(room));

		if (n <= 0)
			break;
		buf_put(&all, (struct str){ room, (size_t)n });
	}
	return buf_str(&all);
}

/* What the records of an answer carry; none where it does not end as it must. */
static inline struct str raw_content(struct arena *a, struct str records)
{
	struct buf content = buf_new(a, (size_t)1 << 26);

	while (records.n >= 8) {
		const unsigned char *h = (const unsigned char *)records.p;
		size_t n = (size_t)h[4] << 8 | h[5], whole = 8 + n + h[6];

		if (h[0] != 1 || h[2] != 0 || h[3] != 1 || whole > records.n)
			return STR_NONE;
		if (h[1] == RAW_END)
			return records.n == whole && n == 8 && h[12] == 0 ? buf_str(&content)
									  : STR_NONE;
		if (h[1] != RAW_STDOUT)
			return STR_NONE;
		buf_put(&content, str_first(str_skip(records, 8), n));
		records = str_skip(records, whole);
	}
	return STR_NONE;
}

#endif
