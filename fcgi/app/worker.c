/* The worker program: two pools of children, one for pages and one for what hashes passwords. */
#include <poll.h>

#include "app/main.h"
#include "kit/http/metrics.h"
#include "app/serve.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/base/log.h"
#include "kit/db/db.h"
#include "kit/db/migrate.h"
#include "kit/http/fcgi.h"
#include "kit/http/pool.h"
#include "kit/http/sandbox.h"

#define REQUEST_ARENA_MAX ((size_t)128 * 1024 * 1024)
#define LOADED_ARENA_MAX  ((size_t)64 * 1024 * 1024)
#define PATIENCE          (5 * CLOCK_SECOND)
#define RECONNECT_MS      200

static const struct fcgi_limits limits = { .body = (size_t)1024 * 1024,
					   .params = (size_t)64 * 1024 };

static const struct sandbox sandbox = { .memory = (size_t)1024 * 1024 * 1024, .files = 256 };

/* The parent's: children inherit what was loaded when they were forked. */
struct worker {
	struct settings settings;
	struct server server;
	struct arena *loaded;
};

static void tell(const char *event, const struct err *e)
{
	struct log line = log_begin(LOG_ERROR, event);

	log_str(&line, "msg", e->message);
	log_end(&line);
}

/* Names and templates as they now stand on the disk; the old ones stay where the new are not sound.
 */
static bool load(void *ctx)
{
	struct worker *w = ctx;
	struct arena *a = arena_new(LOADED_ARENA_MAX);
	struct settings settings = w->settings;
	struct server server;
	const struct err *e = server_load(a, &settings, &server);

	if (!e)
		e = settings_breached(a, &settings, &settings.breached);
	if (e) {
		tell("load", e);
		arena_free(a);
		return false;
	}
	arena_free(w->loaded);
	w->loaded = a;
	w->settings = settings;
	w->server = server;
	arena_trim();
	return true;
}

/*
 * The database may be away or full, or a table locked so that no statement on it can be prepared.
 * The child waits a while, alive, for the others serve better; then it serves all the same, so that
 * somebody says 503.
 */
static const struct err *connect_database(struct arena *a, struct server *server,
					  struct pool_beat *beat)
{
	int64_t until = clock_mono() + PATIENCE;
	const struct err *e = server_connect(a, server);

	while (e && e->kind == ERR_BUSY && clock_mono() < until) {
		pool_idle(beat);
		poll(NULL, 0, RECONNECT_MS);
		e = db_heal(a, server->db);
	}
	if (!e)
		e = migrate_is_current(a, server->db, (int)server->settings->schema_version);
	pool_idle(beat);
	if (!e || e->kind != ERR_BUSY)
		return e;
	tell("database_away", e);
	return NULL;
}

static void serve_until_stopped(const struct worker *w, struct server *server, struct fcgi *fcgi,
				struct pool_beat *beat)
{
	struct arena *a = arena_new(REQUEST_ARENA_MAX);
	struct fcgi_request in;
	int64_t served = 0;

	for (;;) {
		enum fcgi_got got = fcgi_accept(fcgi, a, &limits, 1000, &in);

		if (got == FCGI_GOT_STOP)
			break;
		if (got == FCGI_GOT_REQUEST) {
			pool_busy(beat, in.request_id, in.path);
			serve(server, a, fcgi, &in);
			if (++served == w->settings.worker_max_requests)
				pool_retire(beat);
		}
		arena_reset(a);
		pool_idle(beat);
	}
	arena_free(a);
}

/* A worker whose sandbox has a hole does not serve. */
static const struct err *close_the_doors(struct arena *a)
{
	struct str open;

	TRY(sandbox_enter(a, &sandbox));
	open = sandbox_built_in() ? sandbox_selftest(a) : STR("");
	return open.n ? ERR(a, ERR_INTERNAL, "the sandbox still allows %.*s", STR_ARG(open)) : NULL;
}

static int child(void *ctx, int listen_fd, struct pool_beat *beat)
{
	struct worker *w = ctx;
	struct arena *a = arena_new(LOADED_ARENA_MAX);
	struct server server = w->server;
	struct fcgi *fcgi = fcgi_new(a, listen_fd);
	const struct err *e;

	server.settings = &w->settings;
	server.tokens = jwt_known_new(a);
	e = connect_database(a, &server, beat);
	if (!e)
		e = close_the_doors(a);
	if (e) {
		tell("start", e);
		return 1;
	}
	metrics_watch(beat);
	arena_trim();
	pool_ready(beat);
	serve_until_stopped(w, &server, fcgi, beat);
	arena_free(a);
	return 0;
}

static const char *socket_path(struct arena *a, const struct settings *s, const char *name)
{
	return str_fmt(a, "%.*s/%s.sock", STR_ARG(s->run_dir), name).p;
}

int worker_main(const struct settings *settings, char **argv)
{
	struct arena *a = arena_new((size_t)1024 * 1024);
	struct worker w = { .settings = *settings };
	struct pool_settings pools[] = {
		{ .name = "pages",
		  .socket_path = socket_path(a, settings, "worker"),
		  .backlog = 1024,
		  .workers = (int)settings->workers,
		  .hang_seconds = (int)settings->worker_hang_seconds,
		  .run = child,
		  .ctx = &w },
		{ .name = "password",
		  .socket_path = socket_path(a, settings, "password"),
		  .backlog = 1024,
		  .workers = (int)settings->password_workers,
		  .hang_seconds = (int)settings->worker_hang_seconds,
		  .run = child,
		  .ctx = &w },
	};
	char check[] = "check", *trial[] = { argv[0], check, NULL };
	struct pool_host host = {
		.pools = pools,
		.npools = 2,
		.reload = load,
		.ctx = &w,
		.command = argv,
		.trial = trial,
		.drain_seconds = 30,
	};
	const struct err *e;

	if (!load(&w))
		return 1;
	metrics_attach(pool_shared(metrics_size()));
	e = pool_run(a, &host);
	if (e)
		tell("worker", e);
	arena_free(w.loaded);
	arena_free(a);
	return e ? 1 : 0;
}
