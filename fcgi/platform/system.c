/* The system: versions, queues, jobs that were given up, who runs, how long requests take, how
 * large the database is. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/disk.h"
#include "kit/http/metrics.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "platform/pages.h"
#include "platform/trouble.h"
#include "record/record.h"

#define PAGE    "/platform/system"
#define API     "/api/v1/platform/"
#define DEAD    100
#define SLOWEST 20

struct system {
	struct list queues, dead_jobs, chores, programs, tables, migrations, slowest;
	struct database_row *database;
	struct audit_row *audit;
	struct disk_room disk; /* the fullest */
};

/* Of the disks that this machine's programs write to. */
static struct disk_room fullest_disk(struct req *r)
{
	const struct str places[] = { r->settings->run_dir, r->settings->mail_dir,
				      r->settings->archive_dir, STR("/var/lib/postgresql") };
	struct disk_room fullest = { .percent = 101 }, room;

	for (size_t at = 0; at < sizeof(places) / sizeof(places[0]); at++)
		if (disk_room(r->arena, places[at], &room) && room.percent < fullest.percent)
			fullest = room;
	return fullest;
}

static const struct err *read_system(struct req *r, struct system *ret)
{
	store_platform_queues(r->tx, &ret->queues);
	store_platform_dead_jobs(r->tx, DEAD, &ret->dead_jobs);
	store_platform_chores(r->tx, &ret->chores);
	store_platform_programs(r->tx, &ret->programs);
	store_platform_tables(r->tx, &ret->tables);
	store_platform_migrations(r->tx, &ret->migrations);
	store_platform_database(r->tx, &ret->database);
	store_platform_audit(r->tx, &ret->audit);
	TRY(tx_run(r->tx));
	ret->disk = fullest_disk(r);
	ret->slowest = metrics_slowest(r->arena, r->server->router, SLOWEST);
	return NULL;
}

static int64_t schema_of(const struct system *s)
{
	return s->migrations.n ? ((const struct migration_row *)s->migrations.items)->number : 0;
}

/* Of all programs' the oldest. */
static struct instant oldest_transaction(const struct system *s)
{
	struct instant oldest = { 0 };

	for (size_t at = 0; at < s->programs.n; at++) {
		struct instant began =
			((const struct program_row *)s->programs.items)[at].oldest_at;

		if (began.us && (!oldest.us || began.us < oldest.us))
			oldest = began;
	}
	return oldest;
}

/* ---- acts ---- */

static void job_find(struct req *r)
{
	struct dead_job **job = ARENA_NEW(r->arena, struct dead_job *);

	store_platform_dead_job(r->tx, r->id[0], job);
}

static const struct err *retry(struct req *r)
{
	store_platform_job_retry(r->tx, r->id[0]);
	audit(r, "job.retried", "job", r->id[0], audit_nothing, audit_nothing);
	return tx_run(r->tx);
}

static const struct err *drop(struct req *r)
{
	struct dead_job *job;

	store_platform_dead_job(r->tx, r->id[0], &job);
	TRY(tx_more(r->tx));
	store_platform_job_drop(r->tx, r->id[0]);
	audit(r, "job.dropped", "job", r->id[0], audit_fact(r->arena, "kind", job->kind),
	      audit_nothing);
	return tx_run(r->tx);
}

/* ---- API ---- */

#define R struct route_time
static const struct shape route_time_shape =
	SHAPE_WITH(R, (.label = "RouteTime"), F_STR(R, method), F_STR(R, route), F_INT(R, requests),
		   F_INT(R, p50_us), F_INT(R, p99_us));
#undef R

struct system_json {
	struct str version;
	int64_t schema, database_bytes, disk_bytes, disk_left;
	struct str postgresql;
	struct audit_row audit;
	struct instant oldest_transaction_at;
	struct list migrations, queues, dead_jobs, chores, programs, tables, routes;
};

#define S struct system_json
static const struct shape system_json = SHAPE_WITH(
	S, (.label = "System"), F_STR(S, version), F_INT(S, schema), F_STR(S, postgresql),
	F_INT(S, database_bytes), F_INT(S, disk_bytes), F_INT(S, disk_left),
	F_OBJECT(S, audit, struct audit_row, &platform_audit_shape),
	F_TIME(S, oldest_transaction_at, .null = true),
	F_LIST(S, migrations, &platform_migration_shape), F_LIST(S, queues, &platform_queue_shape),
	F_LIST(S, dead_jobs, &platform_dead_job_shape), F_LIST(S, chores, &platform_chore_shape),
	F_LIST(S, programs, &platform_program_shape), F_LIST(S, tables, &platform_table_shape),
	F_LIST(S, routes, &route_time_shape));
#undef S

static const struct err *system_api(struct req *r)
{
	struct system s;

	TRY(read_system(r, &s));
	return reply_json(r, &system_json,
			  &(struct system_json){
				  .version = r->settings->version,
				  .schema = schema_of(&s),
				  .disk_bytes = s.disk.all,
				  .disk_left = s.disk.left,
				  .audit = *s.audit,
				  .postgresql = s.database->version,
				  .database_bytes = s.database->bytes,
				  .oldest_transaction_at = oldest_transaction(&s),
				  .migrations = s.migrations,
				  .queues = s.queues,
				  .dead_jobs = s.dead_jobs,
				  .chores = s.chores,
				  .programs = s.programs,
				  .tables = s.tables,
				  .routes = s.slowest,
			  });
}

static const struct err *drop_api(struct req *r)
{
	TRY(drop(r));
	return reply_none(r);
}

static const struct err *retry_api(struct req *r)
{
	TRY(retry(r));
	return reply_none(r);
}

/* ---- the page ---- */

struct line {
	struct uuid id;
	struct str name, about, ago, first, second;
	struct instant at;
	int64_t n, more, failed;
};

#define L struct line
static const struct shape line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, about), F_STR(L, ago), F_STR(L, first),
	      F_STR(L, second), F_TIME(L, at), F_INT(L, n), F_INT(L, more), F_INT(L, failed));
#undef L

struct system_page {
	struct str version, postgresql, size, oldest, disk, sealed_ago;
	struct instant sealed_to;
	int64_t schema, unsealed;
	struct list troubles, queues, dead, chores, programs, tables, migrations, routes;
};

#define V struct system_page
static const struct shape system_page_shape =
	SHAPE(V, F_STR(V, version), F_STR(V, postgresql), F_STR(V, size), F_STR(V, oldest),
	      F_STR(V, disk), F_STR(V, sealed_ago), F_TIME(V, sealed_to), F_INT(V, schema),
	      F_INT(V, unsealed), F_LIST(V, troubles, &platform_trouble_shape),
	      F_LIST(V, queues, &line_shape), F_LIST(V, dead, &line_shape),
	      F_LIST(V, chores, &line_shape), F_LIST(V, programs, &line_shape),
	      F_LIST(V, tables, &line_shape), F_LIST(V, migrations, &line_shape),
	      F_LIST(V, routes, &line_shape));
#undef V
const struct view platform_system_view = { "platform/system", &system_page_shape };

static struct str ago(struct arena *a, struct instant at)
{
	return at.us ? clock_ago(a, at) : STR_NONE;
}

/* "9.1 GB of 20 GB (45 %)" */
static struct str disk_text(struct arena *a, const struct disk_room *disk)
{
	struct str left = str_size(a, disk->left), all = str_size(a, disk->all);

	return disk->all ? str_fmt(a, "%.*s of %.*s (%d %%)", STR_ARG(left), STR_ARG(all),
				   disk->percent)
			 : STR_NONE;
}

/* "2.5 ms or less" */
static struct str bound_text(struct arena *a, int64_t us)
{
	return us < 0 ? STR("over 5 s") : str_fmt(a, "%g ms", (double)us / 1000);
}

static struct line queue_line(struct arena *a, const void *item)
{
	const struct queue_row *row = item;
	static const char *const names[] = { "jobs",  "Jobs",  "mails",
					     "Mails", "calls", "Calls of webhooks" };
	struct line ret = { .name = row->name,
			    .n = row->waiting,
			    .more = row->retrying,
			    .failed = row->failed,
			    .at = row->oldest_at,
			    .ago = ago(a, row->oldest_at) };

	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at += 2)
		if (str_eq(row->name, str_of(names[at])))
			ret.name = str_of(names[at + 1]);
	return ret;
}

static struct line dead_line(struct arena *a, const void *item)
{
	const struct dead_job *row = item;

	return (struct line){ .id = row->id,
			      .name = row->kind,
			      .about = row->last_error,
			      .first = row->account_name,
			      .second = uuid_str(&row->account_id),
			      .n = row->attempts,
			      .at = row->finished_at,
			      .ago = ago(a, row->finished_at) };
}

static struct line chore_line(struct arena *a, const void *item)
{
	const struct chore_row *row = item;

	return (struct line){ .name = row->name, .at = row->last_at, .ago = ago(a, row->last_at) };
}

static struct line program_line(struct arena *a, const void *item)
{
	const struct program_row *row = item;

	return (struct line){ .name = row->name,
			      .n = row->connections,
			      .at = row->oldest_at,
			      .ago = ago(a, row->oldest_at) };
}

static struct line table_line(struct arena *a, const void *item)
{
	const struct table_row *row = item;

	return (struct line){ .name = row->name, .first = str_size(a, row->bytes), .n = row->rows };
}

static struct line migration_line(struct arena *a, const void *item)
{
	const struct migration_row *row = item;

	return (struct line){ .name = row->name,
			      .n = row->number,
			      .at = row->applied_at,
			      .ago = ago(a, row->applied_at) };
}

static struct line route_line(struct arena *a, const void *item)
{
	const struct route_time *row = item;

	return (struct line){ .name = row->route,
			      .about = row->method,
			      .n = row->requests,
			      .first = bound_text(a, row->p50_us),
			      .second = bound_text(a, row->p99_us) };
}

static struct list lines(struct arena *a, struct list rows, size_t size,
			 struct line (*line)(struct arena *a, const void *item))
{
	struct line *ret = ARENA_ARRAY(a, struct line, rows.n);

	for (size_t at = 0; at < rows.n; at++)
		ret[at] = line(a, (const char *)rows.items + at * size);
	return LIST_OF(ret, rows.n);
}

#define LINES(a, rows, row, line) lines((a), (rows), sizeof(struct row), (line))

static const struct err *system_show(struct req *r)
{
	struct arena *a = r->arena;
	struct system s;
	struct instant oldest;

	TRY(read_system(r, &s));
	oldest = oldest_transaction(&s);
	return reply_page(
		r, &platform_system_view,
		&(struct system_page){
			.version = r->settings->version,
			.disk = disk_text(a, &s.disk),
			.unsealed = s.audit->waiting,
			.sealed_to = s.audit->oldest_at,
			.sealed_ago = ago(a, s.audit->oldest_at),
			.postgresql = s.database->version,
			.size = str_size(a, s.database->bytes),
			.oldest = ago(a, oldest),
			.schema = schema_of(&s),
			.troubles = platform_troubles(a, s.queues),
			.queues = LINES(a, s.queues, queue_row, queue_line),
			.dead = LINES(a, s.dead_jobs, dead_job, dead_line),
			.chores = LINES(a, s.chores, chore_row, chore_line),
			.programs = LINES(a, s.programs, program_row, program_line),
			.tables = LINES(a, s.tables, table_row, table_line),
			.migrations = LINES(a, s.migrations, migration_row, migration_line),
			.routes = LINES(a, s.slowest, route_time, route_line),
		});
}

static const struct err *retry_by_page(struct req *r)
{
	TRY(retry(r));
	people_flash(r, "The job is tried again.");
	return reply_see_other(r, STR(PAGE));
}

static const struct err *drop_by_page(struct req *r)
{
	TRY(drop(r));
	people_flash(r, "The job is dropped.");
	return reply_see_other(r, STR(PAGE));
}

const struct route platform_system[] = {
	{ GET, API "system", .need = PERM_PLATFORM, .run = system_api, .output = &system_json,
	  .about =
		  "Versions, queues, jobs that were given up, chores, programs, the slowest routes "
		  "and the largest tables" },
	{ POST, API "jobs/:job/retry", .need = PERM_PLATFORM, .find = job_find, .run = retry_api,
	  .status = 204, .about = "Try a job again that was given up" },
	{ DELETE, API "jobs/:job", .need = PERM_PLATFORM, .find = job_find, .run = drop_api,
	  .status = 204, .about = "Drop a job that was given up" },
	{ GET, PAGE, .need = PERM_PLATFORM, .run = system_show },
	{ POST, "/platform/jobs/:job/retry", .need = PERM_PLATFORM, .find = job_find,
	  .run = retry_by_page },
	{ POST, "/platform/jobs/:job/drop", .need = PERM_PLATFORM, .find = job_find,
	  .run = drop_by_page },
	{ 0 },
};
