#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "kit/http/http.h"

struct fcgi;
struct fcgi_request;

/* One request, from its parameters to its answer, and one line in the log. */
void serve(const struct server *server, struct arena *a, struct fcgi *fcgi,
	   const struct fcgi_request *in);

#endif
