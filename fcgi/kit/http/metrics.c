/* Requests by route and status, latency and database time; see metrics.h. */
#include "kit/http/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/http/pool.h"

#define ROUTES  512 /* the last one stands for "none", and for rows past the end */
#define CLASSES 6   /* of status: 0 unused, 1xx to 5xx */
#define BUCKETS 12

static const int64_t bounds[BUCKETS] = { 500,   1000,   2500,   5000,   10000,   25000,
					 50000, 100000, 250000, 500000, 1000000, 5000000 };

struct counters {
	atomic_uint_least64_t requests[ROUTES][CLASSES];
	atomic_uint_least64_t took[ROUTES][BUCKETS + 1];
	atomic_uint_least64_t latency[BUCKETS + 1], latency_us, db_us, trips, count;
};

static struct counters *counters;
static const struct pool_beat *watched;

void metrics_watch(const struct pool_beat *beat)
{
	watched = beat;
}

size_t metrics_size(void)
{
	return sizeof(struct counters);
}

void metrics_attach(void *shared)
{
	counters = shared;
}

static size_t route_index(const struct req *r)
{
	const struct route *route;

	for (size_t at = 0;
	     r->route && (route = router_at(r->server->router, at)) && at < ROUTES - 1; at++)
		if (route == r->route)
			return at;
	return ROUTES - 1;
}

static void add(atomic_uint_least64_t *counter, int64_t value)
{
	atomic_fetch_add_explicit(counter, (uint64_t)value, memory_order_relaxed);
}

void metrics_count(const struct req *r, int64_t microseconds)
{
	size_t bucket = 0, route;

	if (!counters)
		return;
	while (bucket < BUCKETS && microseconds > bounds[bucket])
		bucket++;
	route = route_index(r);
	add(&counters->requests[route][r->reply.status / 100 % CLASSES], 1);
	add(&counters->took[route][bucket], 1);
	add(&counters->latency[bucket], 1);
	add(&counters->latency_us, microseconds);
	add(&counters->count, 1);
	if (r->tx) {
		add(&counters->db_us, tx_microseconds(r->tx));
		add(&counters->trips, tx_round_trips(r->tx));
	}
}

static uint64_t read_counter(const atomic_uint_least64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* The bound under which so many of a hundred stay. */
static int64_t percentile(const atomic_uint_least64_t *buckets, uint64_t total, uint64_t of_100)
{
	uint64_t sum = 0;

	for (size_t at = 0; at < BUCKETS; at++) {
		sum += read_counter(&buckets[at]);
		if (sum * 100 >= total * of_100)
			return bounds[at];
	}
	return -1;
}

static int slower_first(const void *a, const void *b)
{
	const struct route_time *x = a, *y = b;
	uint64_t p = (uint64_t)x->p99_us, q = (uint64_t)y->p99_us; /* -1 is the slowest */

	if (p != q)
		return p < q ? 1 : -1;
	return x->requests < y->requests ? 1 : x->requests > y->requests ? -1 : 0;
}

struct list metrics_slowest(struct arena *a, const struct router *router, size_t most)
{
	struct route_time *ret = ARENA_ARRAY(a, struct route_time, ROUTES);
	const struct route *route;
	size_t n = 0;

	for (size_t at = 0; counters && at < ROUTES - 1 && (route = router_at(router, at)); at++) {
		const atomic_uint_least64_t *took = counters->took[at];
		uint64_t total = 0;

		for (size_t bucket = 0; bucket <= BUCKETS; bucket++)
			total += read_counter(&counters->took[at][bucket]);
		if (total)
			ret[n++] = (struct route_time){ str_of(method_name(route->method)),
							str_of(route->path), (int64_t)total,
							percentile(took, total, 50),
							percentile(took, total, 99) };
	}
	if (n)
		qsort(ret, n, sizeof(*ret), slower_first);
	return LIST_OF(ret, n < most ? n : most);
}

static void put_requests(struct buf *out, const struct router *router)
{
	buf_put(out, STR("# TYPE resolutionflow_requests_total counter\n"));
	for (size_t at = 0; at < ROUTES; at++) {
		const struct route *route = at < ROUTES - 1 ? router_at(router, at) : NULL;

		for (size_t class = 1; class < CLASSES; class ++) {
			uint64_t n = read_counter(&counters->requests[at][class]);

			if (n)
				buf_printf(out,
					   "resolutionflow_requests_total{method=\"%s\",route=\"%"
					   "s\",status=\"%zuxx\"} %llu\n",
					   route ? method_name(route->method) : "",
					   route ? route->path : "none", class,
					   (unsigned long long)n);
		}
	}
}

static void put_latency(struct buf *out)
{
	uint64_t sum = 0;

	buf_put(out, STR("# TYPE resolutionflow_request_seconds histogram\n"));
	for (size_t at = 0; at < BUCKETS; at++) {
		sum += read_counter(&counters->latency[at]);
		buf_printf(out, "resolutionflow_request_seconds_bucket{le=\"%g\"} %llu\n",
			   (double)bounds[at] / 1e6, (unsigned long long)sum);
	}
	sum += read_counter(&counters->latency[BUCKETS]);
	buf_printf(out, "resolutionflow_request_seconds_bucket{le=\"+Inf\"} %llu\n",
		   (unsigned long long)sum);
	buf_printf(out, "resolutionflow_request_seconds_sum %.6f\n",
		   (double)read_counter(&counters->latency_us) / 1e6);
	buf_printf(out, "resolutionflow_request_seconds_count %llu\n",
		   (unsigned long long)read_counter(&counters->count));
}

static void put_pools(struct buf *out)
{
	static const char *const names[] = { "pages", "password" };

	buf_put(out, STR("# TYPE resolutionflow_workers gauge\n"));
	for (size_t pool = 0; watched && pool < 2; pool++) {
		struct pool_count count = pool_count(watched, pool);

		buf_printf(out,
			   "resolutionflow_workers{pool=\"%s\",state=\"ready\"} %lld\n"
			   "resolutionflow_workers{pool=\"%s\",state=\"busy\"} %lld\n",
			   names[pool], (long long)count.ready, names[pool], (long long)count.busy);
	}
}

static void put_queues(struct buf *out, const struct metrics_queues *q)
{
	buf_printf(out,
		   "# TYPE resolutionflow_queue gauge\n"
		   "resolutionflow_queue{of=\"jobs\",state=\"queued\"} %lld\n"
		   "resolutionflow_queue{of=\"jobs\",state=\"dead\"} %lld\n"
		   "resolutionflow_queue{of=\"mails\",state=\"queued\"} %lld\n"
		   "resolutionflow_queue{of=\"mails\",state=\"failed\"} %lld\n",
		   (long long)q->jobs_queued, (long long)q->jobs_dead, (long long)q->mails_queued,
		   (long long)q->mails_failed);
}

struct str metrics_text(struct arena *a, const struct router *router,
			const struct metrics_queues *queues)
{
	struct buf out = buf_new(a, (size_t)1024 * 1024);

	if (!counters)
		return STR("");
	put_requests(&out, router);
	put_latency(&out);
	put_pools(&out);
	put_queues(&out, queues);
	buf_printf(&out,
		   "# TYPE resolutionflow_database_seconds_total counter\n"
		   "resolutionflow_database_seconds_total %.6f\n",
		   (double)read_counter(&counters->db_us) / 1e6);
	buf_printf(&out,
		   "# TYPE resolutionflow_database_round_trips_total counter\n"
		   "resolutionflow_database_round_trips_total %llu\n",
		   (unsigned long long)read_counter(&counters->trips));
	return buf_str(&out);
}
