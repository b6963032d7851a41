/* One lane of the jobs program: turn after turn, woken by its bell and by the clock; see lane.h. */
#include "app/lane.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "accounts/accounts.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/db/migrate.h"
#include "kit/http/pool.h"

#define START_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define TURN_ARENA_MAX  ((size_t)16 * 1024 * 1024)
#define TICK_MS         2000 /* for what no bell told of: retries, leases that ran out */
#define AWAY_MS         1000

struct running {
	const struct lane_start *start;
	struct pool_beat *beat;
	struct arena *a; /* of what was heard */
	struct db *db;
	void *work;
	int signals;
	bool away; /* the database is, and that was said */
};

/* The loss of the database is told once; other errors each time, for none is expected. */
static void tell_trouble(struct running *l, const struct err *e)
{
	const char *name = l->start->lane->name;
	bool away = e && e->kind == ERR_BUSY;

	if (e && !(away && l->away))
		log_note(away ? LOG_WARN : LOG_ERROR, away ? "database_lost" : "jobs", "%s: %.*s",
			 name, STR_ARG(e->message));
	if (!e && l->away)
		log_note(LOG_INFO, "database_up", "%s goes on", name);
	l->away = away;
}

/* Whether somebody wants us to stop; waits up to ms for it, a bell or the loss of the connection.
 */
static bool is_stopped(const struct running *l, int ms, bool listen)
{
	struct pollfd fds[] = {
		{ .fd = l->signals, .events = POLLIN },
		{ .fd = listen && l->db ? db_fd(l->db) : -1, .events = POLLIN },
	};

	pool_idle(l->beat);
	if (l->work && l->start->lane->wait)
		l->start->lane->wait(l->work, fds, 2, ms);
	else
		poll(fds, 2, ms);
	return fds[0].revents != 0;
}

static const struct err *work(struct running *l)
{
	bool more = true;

	while (more && !is_stopped(l, 0, false))
		TRY(l->start->lane->turn(l->work, &more));
	return NULL;
}

static bool heard_bell(struct running *l)
{
	struct str channel, payload;
	bool heard = false;

	while (db_notification(l->a, l->db, &channel, &payload))
		heard = true;
	return heard;
}

/* Ready when a first round has come to its end: one that dies of its work is not begun anew for
 * ever without a pause. */
static void run(struct running *l)
{
	int generation = db_generation(l->db);

	for (bool stopped = false; !stopped; arena_reset(l->a)) {
		const struct err *e = work(l);
		bool again;

		tell_trouble(l, e);
		pool_ready(l->beat);
		/* What rang while nobody listened is found by looking once more. */
		again = !e && (heard_bell(l) || generation != db_generation(l->db));
		generation = db_generation(l->db);
		stopped = is_stopped(l, e ? AWAY_MS : again ? 0 : TICK_MS, !e);
	}
}

/* ---- the start ---- */

static const struct err *connect_database(struct arena *a, const struct lane_start *start,
					  struct db **ret)
{
	const struct settings *settings = start->settings;
	struct db_settings *db = ARENA_NEW(a, struct db_settings);
	const char **bells = ARENA_ARRAY(a, const char *, 2);
	int newest;

	bells[0] = start->lane->bell;
	*db = server_database(a, settings, "jobs");
	db->statements = start->lane->statements;
	db->listen = bells;
	db->statement_timeout_ms = 30000;
	db->lock_timeout_ms = 5000;
	TRY(migrate_newest(a, str_cstr(a, settings->migrations_dir), &newest));
	TRY(db_open(a, db, ret));
	return migrate_is_current(a, *ret, newest);
}

const struct err *lane_rehearse(const struct lane_start *start, struct arena *a)
{
	struct db *db;
	void *nothing;

	TRY(connect_database(a, start, &db));
	return start->lane->open(a, start->settings, db, -1, &nothing);
}

/* The database may be away at the start, too, or about to be migrated. */
static const struct err *open_lane(struct running *l, struct arena *a)
{
	const struct err *e;

	for (;;) {
		e = connect_database(a, l->start, &l->db);
		tell_trouble(l, e);
		if (!e || e->kind != ERR_BUSY || is_stopped(l, AWAY_MS, false))
			break;
		l->db = NULL;
		arena_reset(a);
	}
	TRY(e);
	return l->start->lane->open(a, l->start->settings, l->db, l->signals, &l->work);
}

/* The pool's parent has blocked it, so that none comes too early. */
static int wait_for_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int lane_run(void *ctx, int listen_fd, struct pool_beat *beat)
{
	struct arena *a = arena_new(START_ARENA_MAX);
	struct running l = { .start = ctx,
			     .beat = beat,
			     .a = arena_new(TURN_ARENA_MAX),
			     .signals = wait_for_signals() };
	const struct err *e = open_lane(&l, a);
	bool failed = e && e->kind != ERR_BUSY;

	(void)listen_fd;
	arena_trim();
	if (failed)
		log_note(LOG_ERROR, "start", "%s: %.*s", l.start->lane->name, STR_ARG(e->message));
	if (!e)
		run(&l);
	if (!e && l.start->lane->finish)
		l.start->lane->finish(l.work);
	arena_free(a);
	arena_free(l.a);
	return failed ? 1 : 0;
}
