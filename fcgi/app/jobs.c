/* The jobs program: one loop over jobs, mail and housekeeping.  Any number may run side by side. */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/features.h"
#include "app/main.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/db/migrate.h"
#include "mail/post.h"
#include "webhooks/sender.h"

#define START_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define TURN_ARENA_MAX  ((size_t)16 * 1024 * 1024)
#define TICK_MS         2000 /* for what no bell told of: retries, leases that ran out */
#define AWAY_MS         1000

struct program {
	struct arena *a; /* of this turn */
	struct db *db;
	struct jobs *jobs;
	struct post *post;
	struct sender *sender;
	int signals;
	bool away; /* the database is, and that was said */
};

/* ---- the log ---- */

static void tell_job(const struct job_report *report)
{
	bool done = !report->why;
	struct log line = log_begin(done ? LOG_INFO : LOG_WARN, report->event);

	log_str(&line, "kind", report->job->kind);
	log_str(&line, "id", uuid_str(&report->job->id));
	log_str(&line, "account", uuid_str(&report->job->account));
	log_int(&line, "attempt", report->job->attempt);
	log_str(&line, "outcome", str_of(report->outcome));
	log_int(&line, "us", report->microseconds);
	if (!done) {
		log_str(&line, "code", str_of(err_code(report->why)));
		log_str(&line, "msg", report->why->message);
	}
	log_end(&line);
}

static void tell_mail(const struct post_report *report)
{
	bool sent = report->why[0] == '\0';
	struct log line = log_begin(sent ? LOG_INFO : LOG_WARN, "mail");

	log_str(&line, "id", uuid_str(&report->id));
	log_str(&line, "account", uuid_str(&report->account));
	log_int(&line, "attempt", report->attempt);
	log_str(&line, "outcome", str_of(report->outcome));
	log_str(&line, "msg", sent ? STR_NONE : str_of(report->why));
	log_end(&line);
}

static void tell_call(const struct sender_report *report)
{
	bool sent = report->why[0] == '\0';
	struct log line = log_begin(sent ? LOG_INFO : LOG_WARN, "call");

	log_str(&line, "id", uuid_str(&report->id));
	log_str(&line, "account", uuid_str(&report->account));
	log_str(&line, "webhook", uuid_str(&report->webhook));
	log_str(&line, "host", report->host);
	log_int(&line, "attempt", report->attempt);
	log_int(&line, "status", report->status);
	log_str(&line, "outcome", str_of(report->outcome));
	log_str(&line, "msg", sent ? STR_NONE : str_of(report->why));
	log_end(&line);
}

/* The loss of the database is told once; other errors each time, for none is expected. */
static void tell_trouble(struct program *p, const struct err *e)
{
	bool away = e && e->kind == ERR_BUSY;

	if (e && !(away && p->away))
		log_note(away ? LOG_WARN : LOG_ERROR, away ? "database_lost" : "jobs", "%.*s",
			 STR_ARG(e->message));
	if (!e && p->away)
		log_note(LOG_INFO, "database_up", "going on");
	p->away = away;
}

/* ---- the loop ---- */

/* Whether somebody wants us to stop; waits up to ms for it, a bell or the loss of the connection.
 */
static bool is_stopped(const struct program *p, int ms, bool listen)
{
	struct pollfd fds[] = {
		{ .fd = p->signals, .events = POLLIN },
		{ .fd = listen && p->db ? db_fd(p->db) : -1, .events = POLLIN },
	};

	if (ms > 0 && p->sender)
		sender_wait(p->sender, fds, 2, ms);
	else
		poll(fds, 2, ms);
	return fds[0].revents != 0;
}

/* One of each in turn, so that neither mails nor jobs wait for all of the others. */
static const struct err *work(struct program *p)
{
	bool more = true;

	while (more && !is_stopped(p, 0, false)) {
		bool job = false, mail = false;

		TRY(jobs_work(p->jobs, &job));
		TRY(post_work(p->post, &mail));
		TRY(sender_work(p->sender, true));
		more = job || mail;
	}
	return is_stopped(p, 0, false) ? NULL : jobs_keep_house(p->jobs);
}

static bool heard_bell(struct program *p)
{
	struct str channel, payload;
	bool heard = false;

	while (db_notification(p->a, p->db, &channel, &payload))
		heard = true;
	return heard;
}

static void run(struct program *p)
{
	int generation = db_generation(p->db);

	for (bool stopped = false; !stopped; arena_reset(p->a)) {
		const struct err *e = work(p);
		bool again;

		tell_trouble(p, e);
		/* What rang while nobody listened is found by looking once more. */
		again = !e && (heard_bell(p) || generation != db_generation(p->db));
		generation = db_generation(p->db);
		stopped = is_stopped(p, e ? AWAY_MS : again ? 0 : TICK_MS, !e);
	}
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* ---- the start ---- */

static const struct err *connect_database(struct arena *a, const struct settings *settings,
					  struct program *p)
{
	static const char *const bells[] = { "bell_job", NULL };
	struct db_settings *db = ARENA_NEW(a, struct db_settings);
	int newest;

	*db = server_database(a, settings, "jobs");
	db->statements = feature_statements;
	db->listen = bells;
	db->statement_timeout_ms = 30000;
	db->lock_timeout_ms = 5000;
	TRY(migrate_newest(a, str_cstr(a, settings->migrations_dir), &newest));
	TRY(db_open(a, db, &p->db));
	return migrate_is_current(a, p->db, newest);
}

static const struct err *start(struct arena *a, const struct settings *settings, struct program *p)
{
	const struct err *e;

	p->signals = catch_signals();
	/* The database may be away at the start, too, or about to be migrated. */
	for (;;) {
		e = connect_database(a, settings, p);
		tell_trouble(p, e);
		if (!e || e->kind != ERR_BUSY || is_stopped(p, AWAY_MS, false))
			break;
		p->db = NULL;
		arena_reset(a);
	}
	TRY(e);
	TRY(post_new(a, settings, p->db, p->signals, tell_mail, &p->post));
	TRY(sender_new(a, settings, p->db, tell_call, &p->sender));
	p->jobs = jobs_new(a, &(struct jobs_settings){ .db = p->db,
						       .kinds = feature_jobs,
						       .chores = feature_chores,
						       .ctx = settings,
						       .tell = tell_job });
	return NULL;
}

int jobs_main(const struct settings *settings, char **argv)
{
	struct arena *a = arena_new(START_ARENA_MAX);
	struct program p = { .a = arena_new(TURN_ARENA_MAX) };
	const struct err *e = start(a, settings, &p);
	bool failed = e && e->kind != ERR_BUSY;

	(void)argv;
	if (failed)
		log_note(LOG_ERROR, "start", "%.*s", STR_ARG(e->message));
	if (!e) {
		run(&p);
		sender_finish(p.sender);
	}
	arena_free(a);
	arena_free(p.a);
	return failed ? 1 : 0;
}
