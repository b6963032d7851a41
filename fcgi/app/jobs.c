/*
 * The jobs program: a process for each lane of work, and a parent that replaces the dead.  Any
 * number may run side by side.
 */
#include "accounts/accounts.h"
#include "admin/admin.h"
#include "app/features.h"
#include "app/lane.h"
#include "app/main.h"
#include "audit/audit.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/db/migrate.h"
#include "kit/http/pool.h"
#include "mail/mail.h"
#include "kit/render/render.h"
#include "mail/post.h"
#include "people/people.h"
#include "record/record.h"
#include "webhooks/sender.h"
#include "webhooks/webhooks.h"

#define START_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define HANG_SECONDS    900 /* for one turn: more than any lease */
#define DRAIN_SECONDS   50

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

static void tell_keeping(const struct keeper_report *report)
{
	bool well = report->why[0] == '\0';
	struct log line = log_begin(well ? LOG_INFO : LOG_WARN, "keeper");

	log_str(&line, "what", str_of(report->what));
	log_str(&line, "account", uuid_str(&report->account));
	log_str(&line, "outcome", str_of(report->outcome));
	log_str(&line, "msg", well ? STR_NONE : str_of(report->why));
	log_end(&line);
}

/* ---- the lanes ---- */

static const struct err *open_jobs(struct arena *a, const struct settings *settings, struct db *db,
				   int stop_fd, void **ret)
{
	struct jobs_ctx *ctx = ARENA_NEW(a, struct jobs_ctx);
	struct render *render;

	(void)stop_fd;
	TRY(render_load(a, str_cstr(a, settings->templates_dir), &people_frame_shape, feature_mails,
			&render));
	*ctx = (struct jobs_ctx){ settings, render };
	*ret = jobs_new(a, &(struct jobs_settings){ .db = db,
						    .kinds = feature_jobs,
						    .chores = feature_chores,
						    .ctx = ctx,
						    .tell = tell_job });
	return NULL;
}

static const struct err *turn_jobs(void *jobs, bool *more)
{
	TRY(jobs_work(jobs, more));
	return *more ? NULL : jobs_keep_house(jobs);
}

static const struct err *open_post(struct arena *a, const struct settings *settings, struct db *db,
				   int stop_fd, void **ret)
{
	struct post *post;

	TRY(post_new(a, settings, db, stop_fd, tell_mail, &post));
	*ret = post;
	return NULL;
}

static const struct err *turn_post(void *post, bool *more)
{
	return post_work(post, more);
}

static const struct err *open_sender(struct arena *a, const struct settings *settings,
				     struct db *db, int stop_fd, void **ret)
{
	struct sender *sender;

	(void)stop_fd;
	TRY(sender_new(a, settings, db, tell_call, &sender));
	*ret = sender;
	return NULL;
}

static const struct err *turn_sender(void *sender, bool *more)
{
	return sender_work(sender, more);
}

static const struct err *open_sealer(struct arena *a, const struct settings *settings,
				     struct db *db, int stop_fd, void **ret)
{
	(void)stop_fd;
	*ret = audit_sealer_new(a, settings, db);
	return NULL;
}

static const struct err *turn_sealer(void *sealer, bool *more)
{
	return audit_seal_some(sealer, more);
}

static void wait_sender(void *sender, struct pollfd *fds, size_t n, int ms)
{
	sender_wait(sender, fds, n, ms);
}

static void finish_sender(void *sender)
{
	sender_finish(sender);
}

static const struct err *open_keeper(struct arena *a, const struct settings *settings,
				     struct db *db, int stop_fd, void **ret)
{
	struct keeper *keeper;

	(void)stop_fd;
	TRY(keeper_new(a, settings, db, tell_keeping, &keeper));
	*ret = keeper;
	return NULL;
}

static const struct err *turn_keeper(void *keeper, bool *more)
{
	return keeper_work(keeper, more);
}

static void finish_keeper(void *keeper)
{
	keeper_finish(keeper);
}

static const struct sql *const *const post_statements[] = { migrate_statements, mail_statements,
							    NULL };
static const struct sql *const *const call_statements[] = { migrate_statements, webhooks_statements,
							    NULL };
static const struct sql *const *const keeper_statements[] = { migrate_statements, admin_statements,
							      record_statements, mail_statements,
							      NULL };

static const struct sql *const *const seal_statements[] = { migrate_statements, audit_statements,
							    NULL };

static const struct lane lanes[] = {
	{ "work", "bell_job", feature_statements, open_jobs, .turn = turn_jobs },
	{ "mail", "bell_mail", post_statements, open_post, .turn = turn_post },
	{ "calls", "bell_call", call_statements, open_sender, .turn = turn_sender,
	  .wait = wait_sender, .finish = finish_sender },
	{ "seals", NULL, seal_statements, open_sealer, .turn = turn_sealer },
	{ "keeper", "bell_keeper", keeper_statements, open_keeper, .turn = turn_keeper,
	  .finish = finish_keeper },
};

#define LANES (sizeof(lanes) / sizeof(lanes[0]))

/* ---- the parent ---- */

/* What no patience mends ends the program at its start, and not one child after the other. */
static bool rehearse(const struct lane_start *starts)
{
	for (size_t at = 0; at < LANES; at++) {
		struct arena *a = arena_new(START_ARENA_MAX);
		const struct err *e = lane_rehearse(&starts[at], a);
		bool failed = e && e->kind != ERR_BUSY;

		if (failed)
			log_note(LOG_ERROR, "start", "%.*s", STR_ARG(e->message));
		arena_free(a);
		if (failed)
			return false;
	}
	arena_trim();
	return true;
}

int jobs_main(const struct settings *settings, char **argv)
{
	struct arena *a = arena_new(START_ARENA_MAX);
	struct lane_start starts[LANES];
	struct pool_settings pools[LANES];
	struct pool_host host = { .pools = pools, .npools = LANES, .drain_seconds = DRAIN_SECONDS };
	const struct err *e;
	bool able;

	(void)argv;
	for (size_t at = 0; at < LANES; at++) {
		starts[at] = (struct lane_start){ &lanes[at], settings };
		pools[at] = (struct pool_settings){ .name = lanes[at].name,
						    .workers = 1,
						    .hang_seconds = HANG_SECONDS,
						    .run = lane_run,
						    .ctx = &starts[at] };
	}
	able = rehearse(starts);
	e = able ? pool_run(a, &host) : NULL;
	arena_free(a);
	return able && !e ? 0 : 1;
}
