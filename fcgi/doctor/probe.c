/* Asking the programs themselves, by the sockets that nginx uses; see probe.h. */
#include "doctor/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define SECONDS 5
#define ANSWER  4096
#define VERSION 1
#define BEGIN   1
#define PARAMS  4
#define STDIN   5
#define ROLE    1 /* responder */

static const struct err *reach(struct arena *a, const char *path, int *ret)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = SECONDS };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memccpy(to.sun_path, path, '\0', sizeof(to.sun_path) - 1);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	}
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		const struct err *e = ERR(a, ERR_BUSY, "%s: %s", path, strerror(errno));

		if (fd >= 0)
			close(fd);
		return e;
	}
	*ret = fd;
	return NULL;
}

const struct err *probe_socket(struct arena *a, const char *path)
{
	int fd;

	TRY(reach(a, path, &fd));
	close(fd);
	return NULL;
}

static void put_record(struct buf *out, int type, struct str content)
{
	const char head[8] = { VERSION, (char)type, 0, 1, (char)(content.n >> 8), (char)content.n };

	buf_put(out, (struct str){ head, sizeof(head) });
	buf_put(out, content);
}

static void put_param(struct buf *out, const char *name, const char *value)
{
	buf_putc(out, (char)strlen(name));
	buf_putc(out, (char)strlen(value));
	buf_put(out, str_of(name));
	buf_put(out, str_of(value));
}

static struct str question(struct arena *a)
{
	static const char begin[8] = { 0, ROLE };
	struct buf out = buf_new(a, 2048), params = buf_new(a, 1024);

	put_param(&params, "REQUEST_METHOD", "GET");
	put_param(&params, "HTTP_HOST", "localhost");
	put_param(&params, "REQUEST_URI", "/readyz");
	put_param(&params, "DOCUMENT_URI", "/readyz");
	put_param(&params, "REMOTE_ADDR", "127.0.0.1");
	put_param(&params, "SERVER_PROTOCOL", "HTTP/1.1");
	put_param(&params, "RF_REQUEST_ID", "00000000000000000000000000000000");
	put_param(&params, "RF_END", "1");
	put_record(&out, BEGIN, (struct str){ begin, sizeof(begin) });
	put_record(&out, PARAMS, buf_str(&params));
	put_record(&out, PARAMS, STR(""));
	put_record(&out, STDIN, STR(""));
	return buf_str(&out);
}

const struct err *probe_ready(struct arena *a, const char *path)
{
	struct str asked = question(a);
	char *answer = arena_alloc(a, ANSWER, 1);
	ssize_t got = 0, n = 0;
	int fd;

	TRY(reach(a, path, &fd));
	if (send(fd, asked.p, asked.n, MSG_NOSIGNAL) == (ssize_t)asked.n)
		while (n < ANSWER && (got = recv(fd, answer + n, (size_t)(ANSWER - n), 0)) > 0)
			n += got;
	close(fd);
	if (str_contains((struct str){ answer, (size_t)n }, STR("Status: 200")))
		return NULL;
	return ERR(a, ERR_BUSY,
		   n ? "%s: the worker says that it is not ready" : "%s: no worker answers", path);
}
