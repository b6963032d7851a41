#ifndef KIT_HTTP_METRICS_H
#define KIT_HTTP_METRICS_H

#include "kit/http/http.h"

struct pool_beat;

/* Numbers for Prometheus, counted by every worker in memory that all of them share. */

/* Bytes of that memory, mapped by the parent before it forks; zeroed. */
size_t metrics_size(void);
void metrics_attach(void *shared);
/* A child tells through which beat it sees the pools. */
void metrics_watch(const struct pool_beat *beat);
void metrics_count(const struct req *r, int64_t microseconds);
/* What is put off and not done yet. */
struct metrics_queues {
	int64_t jobs_queued, jobs_dead, mails_queued, mails_failed;
};
/* How long a route's requests took since the program's start: no more than so much, for half of
 * them and for 99 of 100; of what took longer than all bounds, -1. */
struct route_time {
	struct str method, route;
	int64_t requests, p50_us, p99_us;
};
/* The slowest routes first, by their 99th of 100. */
struct list metrics_slowest(struct arena *a, const struct router *router, size_t most);
struct str metrics_text(struct arena *a, const struct router *router,
			const struct metrics_queues *queues);

#endif
