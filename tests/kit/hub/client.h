#ifndef TESTS_KIT_HUB_CLIENT_H
#define TESTS_KIT_HUB_CLIENT_H

#include "support/suite.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "support/patience.h"

/* A FastCGI client as small as nginx's part in a stream: it writes a request and reads what comes.
 */
#define CLIENT_FN static __attribute__((unused))

CLIENT_FN void put_record(struct buf *b, int type, int id, struct str content, int padding)
{
	const unsigned char header[] = { 1,
					 (unsigned char)type,
					 (unsigned char)(id >> 8),
					 (unsigned char)id,
					 (unsigned char)(content.n >> 8),
					 (unsigned char)content.n,
					 (unsigned char)padding,
					 0 };

	buf_put(b, (struct str){ (const char *)header, sizeof(header) });
	buf_put(b, content);
	for (int at = 0; at < padding; at++)
		buf_putc(b, 'x');
}

CLIENT_FN void put_length(struct buf *b, size_t n)
{
	if (n > 127) {
		buf_putc(b, (char)(0x80 | n >> 24));
		buf_putc(b, (char)(n >> 16));
		buf_putc(b, (char)(n >> 8));
	}
	buf_putc(b, (char)n);
}

CLIENT_FN void put_pair(struct buf *b, struct str name, struct str value)
{
	put_length(b, name.n);
	put_length(b, value.n);
	buf_put(b, name);
	buf_put(b, value);
}

#define BEGIN_RESPONDER ((struct str){ "\0\1\0\0\0\0\0\0", 8 })

/* The parameters of a request in one record, then the empty one and an empty body. */
CLIENT_FN struct str request_of(struct str params, int id)
{
	struct buf b = buf_new(arena, 1 << 20);

	put_record(&b, 1, id, BEGIN_RESPONDER, 0);
	put_record(&b, 4, id, params, (int)(-params.n & 7));
	put_record(&b, 4, id, STR(""), 0);
	put_record(&b, 5, id, STR(""), 0);
	return buf_str(&b);
}

CLIENT_FN struct str request_for(struct str uri, struct str query)
{
	struct buf b = buf_new(arena, 1 << 16);

	put_pair(&b, STR("QUERY_STRING"), query);
	put_pair(&b, STR("DOCUMENT_URI"), uri);
	put_pair(&b, STR("HTTP_PROXY"), STR(""));
	put_pair(&b, STR("RF_END"), STR("1"));
	put_pair(&b, STR("HTTP_USER_AGENT"), STR("a browser"));
	return request_of(buf_str(&b), 1);
}

struct client {
	int fd;
	char *text; /* of all STDOUT records so far, NUL-terminated */
	size_t n;
	unsigned char raw[1 << 17]; /* a record of which not all is here */
	size_t raw_n;
	bool ended; /* END_REQUEST has come */
	bool closed;
};

#define CLIENT_TEXT ((size_t)1 << 20)

CLIENT_FN struct client *client_connect(const char *path)
{
	struct client *c = ARENA_NEW(arena, struct client);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	c->text = ARENA_ARRAY(arena, char, CLIENT_TEXT + 1);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(c->fd, 0);
	ck_assert_msg(connect(c->fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		      "connect: %s", strerror(errno));
	return c;
}

CLIENT_FN void client_write(const struct client *c, struct str bytes)
{
	ck_assert_int_eq(send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL), (ssize_t)bytes.n);
}

CLIENT_FN void client_take_records(struct client *c)
{
	size_t at = 0;

	while (c->raw_n - at >= 8) {
		const unsigned char *h = c->raw + at;
		size_t content = (size_t)h[4] << 8 | h[5], whole = 8 + content + h[6];

		if (c->raw_n - at < whole)
			break;
		ck_assert_int_eq(h[0], 1);
		ck_assert_int_eq(h[3], 1);
		if (h[1] == 6) {
			ck_assert_uint_le(c->n + content, CLIENT_TEXT);
			memcpy(c->text + c->n, h + 8, content);
			c->n += content;
			c->text[c->n] = '\0';
		} else {
			ck_assert_int_eq(h[1], 3);
			c->ended = true;
		}
		at += whole;
	}
	memmove(c->raw, c->raw + at, c->raw_n - at);
	c->raw_n -= at;
}

/* Reads once; false where nothing came in time or nothing will. */
CLIENT_FN bool client_read(struct client *c, int ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	ssize_t n;

	if (c->closed || poll(&p, 1, ms) <= 0)
		return false;
	n = recv(c->fd, c->raw + c->raw_n, sizeof(c->raw) - c->raw_n, 0);
	if (n <= 0) {
		c->closed = true;
		return false;
	}
	c->raw_n += (size_t)n;
	client_take_records(c);
	return true;
}

CLIENT_FN bool client_waits_for(struct client *c, const char *text, int ms)
{
	int64_t until = clock_mono() + patient(ms) * 1000;

	while (!strstr(c->text, text) && !c->closed && clock_mono() < until)
		client_read(c, 50);
	return strstr(c->text, text) != NULL;
}

#define client_gets(c, wanted)                                                                     \
	ck_assert_msg(client_waits_for((c), (wanted), 5000), "no %s in:\n%s", (wanted), (c)->text)

CLIENT_FN bool client_sees_end(struct client *c)
{
	int64_t until = clock_mono() + patient(8000) * 1000;

	while (!c->closed && clock_mono() < until)
		client_read(c, 50);
	return c->closed;
}

CLIENT_FN int times_in(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

#endif
