#ifndef KIT_NET_CALLER_H
#define KIT_NET_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/err.h"

struct arena;
struct pollfd;

/*
 * Calls to other people's programs: POST by HTTPS, many at once, without waiting for any.  It goes
 * only where egress.h lets it, whatever a name resolves to at that moment; no redirect is followed,
 * no proxy asked, and each is over after CALLER_SECONDS.
 */
#define CALLER_AT_ONCE 16
#define CALLER_SECONDS 10
#define CALLER_ANSWER  500 /* bytes that are kept of an answer */
#define CALLER_HEADERS 8

struct caller;

struct caller_settings {
	bool loopback;       /* this machine may be called, by plain HTTP too */
	const char *resolve; /* tests: "host:port:address", instead of asking for the name */
};

/* Lives as long as the arena. */
const struct err *caller_new(struct arena *a, const struct caller_settings *settings,
			     struct caller **ret) must_check;

enum call_outcome {
	CALL_DONE,    /* 2xx */
	CALL_LATER,   /* there is nobody, or not now */
	CALL_REFUSED, /* not this call, not ever */
};

struct call_result {
	enum call_outcome outcome;
	int status;          /* of the answer; 0: there was none */
	int64_t retry_after; /* seconds that the answer asks for; 0: it does not say */
	const char *what;    /* "" or what did not work, fit for a log and a page */
	struct str answer;   /* its beginning; what is not printable is "?" */
};

/* Its texts live until done is called. */
struct call {
	const char *url;
	struct str body;
	const char *headers[CALLER_HEADERS]; /* "Name: value"; NULL behind the last */
	void (*done)(void *ctx, const struct call_result *result);
	void *ctx;
};

/* Never calls done by itself; false where CALLER_AT_ONCE are under way, or memory is short. */
bool caller_start(struct caller *c, const struct call *call);
/* Moves all on as far as they go now, and calls done for each that has come to its end. */
void caller_turn(struct caller *c);
/* Until a call can go on, a descriptor is ready, or ms have passed. */
void caller_wait(struct caller *c, struct pollfd *fds, size_t n, int ms);
size_t caller_running(const struct caller *c);

#endif
