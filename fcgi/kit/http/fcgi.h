#ifndef KIT_HTTP_FCGI_H
#define KIT_HTTP_FCGI_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/str.h"

struct arena;

/*
 * One worker's end of the socket that nginx speaks FastCGI to: one connection, one request, one
 * answer.
 *
 * The web server's list of parameters must end in RF_END "1": libfcgi takes a stream that breaks
 * off for a whole one, and nginx forgets the list where a location has one of its own.  What comes
 * without the mark, or breaks off before its end, is closed without an answer.
 */
struct fcgi_limits {
	size_t body, params; /* bytes */
};

/* Copied into the arena given to fcgi_accept, each ends in a NUL that is not counted. */
struct fcgi_request {
	struct str method, path /* DOCUMENT_URI */, uri /* REQUEST_URI */, query, content_type,
		address, host, request_id, body;
	bool https;
	int refused; /* 0, or the status that the request must get without being read: 400, 413, 431
		      */
};

struct fcgi;

/*
 * To be called in the process that accepts, once; lives as long as a.  From here on SIGTERM is
 * blocked but for the wait in fcgi_accept, so that it never takes a request in hand, and SIGPIPE is
 * ignored.
 */
struct fcgi *fcgi_new(struct arena *a, int listen_fd);

enum fcgi_got {
	FCGI_GOT_REQUEST, /* *ret is set, and fcgi_reply owes an answer */
	FCGI_GOT_NOTHING, /* wait_ms went by, another worker was quicker, or the peer was no web
			     server */
	FCGI_GOT_STOP     /* SIGTERM came; nothing is in hand */
};

/*
 * Waits at most wait_ms (-1: as long as it takes) for a connection and reads the whole request.  A
 * peer that is silent for some seconds is dropped.  A request that was not answered is closed
 * first.  Where it is refused for its parameters (431), those that came before the limit was
 * reached are there.
 */
enum fcgi_got fcgi_accept(struct fcgi *f, struct arena *a, const struct fcgi_limits *limits,
			  int wait_ms, struct fcgi_request *ret);
/* Of the request in hand; none where absent.  "HTTP_COOKIE" */
struct str fcgi_param(const struct fcgi *f, const char *name);
/* head with its empty line; false where the peer went away or takes nothing.  Closes the
 * connection. */
bool fcgi_reply(struct fcgi *f, struct str head, struct str body);
/*
 * The same in pieces, head first: each goes out at once, and fcgi_end closes.  Without it the web
 * server sees an answer that broke off, and so does its client.
 */
bool fcgi_send(struct fcgi *f, struct str piece);
bool fcgi_end(struct fcgi *f);

#endif
