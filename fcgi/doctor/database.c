/* Checks of the database: who may what, how it is set, and what waits in it. */
#include <stdlib.h>

#include "accounts/accounts.h"
#include "doctor/checks.h"
#include "doctor/store.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/db/migrate.h"
#include "sealed/sealed.h"

#define OTHERS 10 /* lanes, hubs, commands, a migration */

static const struct err *look_in(struct doctor *d, const char *program)
{
	struct db_settings place = d->place(d->arena, d->settings, program);
	struct db *db;

	TRY(db_open(d->arena, &place, &db));
	db_close(db);
	return NULL;
}

static const struct err *look_roles_reach(struct doctor *d, struct found *ret)
{
	static const char *const programs[] = { "worker", "hub", "jobs", "backup" };

	(void)ret;
	for (size_t at = 0; at < sizeof(programs) / sizeof(programs[0]); at++)
		TRY(look_in(d, programs[at]));
	return NULL;
}

static const struct err *look_owner(struct doctor *d, struct found *ret)
{
	struct db_settings *place = ARENA_NEW(d->arena, struct db_settings);
	struct db *db;

	(void)ret;
	*place = d->place(d->arena, d->settings, "migrate");
	place->statements = doctor_catalogue;
	TRY(db_open(d->arena, place, &db));
	d->owner = db;
	return NULL;
}

static const struct err *look_schema(struct doctor *d, struct found *ret)
{
	struct db_settings *place = ARENA_NEW(d->arena, struct db_settings);
	struct db *db;

	(void)ret;
	*place = d->place(d->arena, d->settings, "jobs");
	place->statements = doctor_tables;
	TRY(db_open(d->arena, place, &db));
	TRY(migrate_is_current(d->arena, db, (int)d->settings->schema_version));
	d->jobs = db;
	return NULL;
}

static const struct err *need_owner(struct doctor *d, struct tx **ret)
{
	if (!d->owner)
		return ERR(d->arena, ERR_BUSY, "the database can't be asked");
	*ret = tx_new(d->arena, d->owner);
	return NULL;
}

static const struct err *look_connections(struct doctor *d, struct found *ret)
{
	struct list lines;
	struct tx *tx;

	TRY(need_owner(d, &tx));
	doctor_connections(tx, d->settings->workers + d->settings->password_workers + OTHERS,
			   &lines);
	TRY(tx_run(tx));
	ret->text = check_lines(d->arena, lines);
	return NULL;
}

static const struct err *look_clock(struct doctor *d, struct found *ret)
{
	struct moment *there;
	struct tx *tx;
	int64_t apart;

	TRY(need_owner(d, &tx));
	doctor_clock(tx, &there);
	TRY(tx_run(tx));
	apart = llabs(clock_now().us - there->at.us) / CLOCK_SECOND;
	if (apart >= 2)
		ret->text = str_fmt(d->arena, "the database's clock is %lld s apart from this one",
				    (long long)apart);
	if (apart >= 60)
		ret->state = FINDING_FAIL;
	return NULL;
}

static const struct err *look_lines(struct doctor *d, const struct sql *sql, struct found *ret)
{
	struct tx *tx = tx_new(d->arena, d->jobs);
	struct list lines;

	tx_list(tx, sql, &lines);
	TRY(tx_run(tx));
	ret->text = check_lines(d->arena, lines);
	return NULL;
}

static const struct err *need_tables(struct doctor *d)
{
	return d->jobs ? NULL : ERR(d->arena, ERR_BUSY, "the schema can't be read");
}

static const struct err *look_stuck(struct doctor *d, struct found *ret)
{
	TRY(need_tables(d));
	return look_lines(d, doctor_stuck, ret);
}

static const struct err *look_unsealed(struct doctor *d, struct found *ret)
{
	TRY(need_tables(d));
	return look_lines(d, doctor_unsealed, ret);
}

static const struct err *look_dead(struct doctor *d, struct found *ret)
{
	TRY(need_tables(d));
	return look_lines(d, doctor_dead, ret);
}

static const struct err *look_sealed(struct doctor *d, struct found *ret)
{
	struct db_settings *place = ARENA_NEW(d->arena, struct db_settings);
	struct list counts;
	struct db *db;
	struct str closed, previous;

	TRY(need_tables(d));
	*place = d->place(d->arena, d->settings, "migrate");
	place->statements = sealed_lists;
	TRY(db_open(d->arena, place, &db));
	TRY(sealed_look(d->arena, db, d->settings, false, &counts));
	closed = sealed_closed(d->arena, counts);
	previous = sealed_previous(d->arena, counts);
	if (closed.p)
		ret->text = str_fmt(d->arena, "MASTER_SECRET does not open %.*s", STR_ARG(closed));
	else if (previous.p)
		*ret = (struct found){ str_fmt(d->arena, "only MASTER_SECRET_PREVIOUS opens %.*s",
					       STR_ARG(previous)),
				       FINDING_WARN, STR("Run resolutionflow reseal.") };
	return NULL;
}

static const struct err *look_chores(struct doctor *d, struct found *ret)
{
	struct list lines;
	struct tx *tx;

	TRY(need_tables(d));
	tx = tx_new(d->arena, d->jobs);
	doctor_chores_late(tx, d->chore_names, d->chore_seconds, &lines);
	TRY(tx_run(tx));
	ret->text = check_lines(d->arena, lines);
	return NULL;
}

#define ROLES          "Run what resolutionflow install-roles prints, as the administrator."
#define SCHEMA_BY_HAND "Somebody changed the schema by hand: restore it, or ask for help."

const struct check database_checks[] = {
	{ "database", FINDING_FAIL, "Look at DATABASE_URL, and whether PostgreSQL runs.",
	  .look = look_owner },
	{ "roles", FINDING_FAIL, ROLES, .wrong = &doctor_roles_missing },
	{ "roles' sign-ins", FINDING_FAIL, "Look at WORKER_, HUB_ and JOBS_DATABASE_URL. " ROLES,
	  .look = look_roles_reach },
	{ "roles' rights", FINDING_FAIL,
	  "ALTER ROLE or REVOKE what is too much: it passes the wall "
	  "between accounts.",
	  .wrong = &doctor_roles_mighty },
	{ "roles' belongings", FINDING_FAIL, "ALTER ... OWNER TO rf_owner.",
	  .wrong = &doctor_roles_owning },
	{ "walls", FINDING_FAIL, SCHEMA_BY_HAND, .wrong = &doctor_walls },
	{ "doors", FINDING_FAIL, SCHEMA_BY_HAND, .wrong = &doctor_doors },
	{ "indexes", FINDING_FAIL, "REINDEX CONCURRENTLY, or VALIDATE CONSTRAINT.",
	  .wrong = &doctor_indexes },
	{ "PostgreSQL", FINDING_FAIL,
	  "Set it in postgresql.conf, or a crash loses what was answered.",
	  .wrong = &doctor_unsafe },
	{ "checksums", FINDING_WARN,
	  "pg_checksums --enable while the server is down: a rotten disk "
	  "is then noticed.",
	  .wrong = &doctor_checksums },
	{ "connections", FINDING_FAIL, "Raise max_connections, or lower WORKERS.",
	  .look = look_connections },
	{ "clock", FINDING_WARN, "Have both machines keep the time (systemd-timesyncd).",
	  .look = look_clock },
	{ "schema", FINDING_FAIL, "Run resolutionflow migrate.", .look = look_schema },
	{ "sealed secrets", FINDING_FAIL,
	  "Set the MASTER_SECRET that sealed them, or set it as MASTER_SECRET_PREVIOUS and run "
	  "resolutionflow reseal. Where it is lost: password reset --second-factor, and new "
	  "secrets "
	  "of webhooks.",
	  .look = look_sealed },
	{ "what waits too long", FINDING_WARN,
	  "Start the jobs program: systemctl start resolutionflow@jobs, and read its log.",
	  .look = look_stuck },
	{ "audit log", FINDING_WARN,
	  "Start the jobs program, which seals: systemctl start resolutionflow@jobs. Then "
	  "resolutionflow audit verify.",
	  .look = look_unsealed },
	{ "housekeeping", FINDING_WARN,
	  "Start the jobs program: systemctl start resolutionflow@jobs.", .look = look_chores },
	{ "what has failed", FINDING_WARN,
	  "resolutionflow jobs list --state dead, mail list --state failed; mend the cause, then "
	  "retry.",
	  .look = look_dead },
	{ 0 },
};
