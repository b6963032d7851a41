/*
 * The bound of every page behind FastCGI: workers that answer the same bytes from memory.
 *	hello SOCKET WORKERS HEAD BODY     the files hold the answer's header and its body
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <signal.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/http/fcgi.h"

static const struct fcgi_limits limits = { .body = 65536, .params = 65536 };

static struct str read_file(struct arena *a, const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = arena_alloc(a, 65536, 1);
	size_t n = file ? fread(text, 1, 65536, file) : 0;

	if (file)
		fclose(file);
	return (struct str){ text, n };
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1024)) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void answer(int listen_fd, struct str head, struct str body)
{
	struct arena *kept = arena_new((size_t)1024 * 1024), *a = arena_new((size_t)1024 * 1024);
	struct fcgi *fcgi = fcgi_new(kept, listen_fd);
	struct fcgi_request request;
	enum fcgi_got got;

	do {
		got = fcgi_accept(fcgi, a, &limits, -1, &request);
		if (got == FCGI_GOT_REQUEST)
			fcgi_reply(fcgi, head, body);
		arena_reset(a);
	} while (got != FCGI_GOT_STOP);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)1024 * 1024);
	int fd = open_socket(argc == 5 ? argv[1] : ""), workers = argc == 5 ? argv[2][0] - '0' : 0;
	struct str head = read_file(a, argv[3]), body = read_file(a, argv[4]);

	for (int at = 0; at < workers; at++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			answer(fd, head, body);
			return 0;
		}
	pause();
	return 0;
}
