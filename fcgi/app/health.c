/* What operators ask; see health.h. */
#include "app/health.h"

#include "accounts/accounts.h"
#include "kit/http/metrics.h"
#include "kit/db/db.h"
#include "kit/db/migrate.h"

static const struct shape queues_shape =
	SHAPE(struct metrics_queues, F_INT(struct metrics_queues, jobs_queued),
	      F_INT(struct metrics_queues, jobs_dead), F_INT(struct metrics_queues, mails_queued),
	      F_INT(struct metrics_queues, mails_failed));

#include "fcgi/app/store.sql.h"

#define PLAIN STR("text/plain; charset=utf-8")

static const struct err *healthz(struct req *r)
{
	return reply_text(r, PLAIN, STR("ok\n"));
}

static const struct err *readyz(struct req *r)
{
	TRY(tx_run(r->tx));
	TRY(migrate_is_current(r->arena, r->server->db, (int)r->settings->schema_version));
	return reply_text(r, PLAIN, STR("ready\n"));
}

/* nginx lets only this machine through; this is the second lock. */
static const struct err *metrics(struct req *r)
{
	struct metrics_queues *queues;

	if (!str_eq(r->address, STR("127.0.0.1")) && !str_eq(r->address, STR("::1")))
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
	tx_one(r->tx, &sql_queues, &queues);
	TRY(tx_run(r->tx));
	return reply_text(r, STR("text/plain; version=0.0.4; charset=utf-8"),
			  metrics_text(r->arena, r->server->router, queues));
}

static const struct err *openapi(struct req *r)
{
	return reply_text(r, STR("application/json; charset=utf-8"),
			  openapi_document(r->arena, r->server->router, r->settings->base_url));
}

const struct route health_routes[] = {
	{ GET, "/healthz", .run = healthz, .anonymous = true },
	{ GET, "/readyz", .run = readyz, .anonymous = true },
	{ GET, "/metrics", .run = metrics, .anonymous = true },
	{ GET, "/api/v1/openapi.json", .run = openapi, .anonymous = true,
	  .about = "This document" },
	{ 0 },
};
