#ifndef APP_SEND_H
#define APP_SEND_H

#include "kit/http/http.h"

/* How an answer leaves: at once, or in pieces (reply_stream). */

struct sent {
	int64_t bytes; /* of the body */
	bool whole;    /* false: the reader went away or takes nothing, or an error broke it off */
};

/* The error is one of a later piece.  What is not whole is closed by the next fcgi_accept. */
const struct err *send_answer(struct req *r, struct fcgi *fcgi, struct sent *ret) must_check;

#endif
