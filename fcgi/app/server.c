/* Putting a worker's parts together; see server.h. */
#include "app/server.h"

#include <string.h>

#include "accounts/accounts.h"
#include "app/config.h"
#include "app/features.h"
#include "flags/flags.h"
#include "kit/base/arena.h"
#include "kit/base/cache.h"
#include "kit/db/migrate.h"
#include "kit/render/render.h"
#include "people/people.h"

#define CACHE_BYTES ((size_t)4 << 20)

const struct err *server_load(struct arena *a, struct settings *settings, struct server *ret)
{
	struct router *router;
	struct render *render;
	int newest = 0;

	TRY(config_assets(a, settings));
	TRY(migrate_newest(a, str_cstr(a, settings->migrations_dir), &newest));
	settings->schema_version = newest;
	TRY(jwt_start(a, &settings->keys.jwt));
	TRY(router_new(a, feature_routes, &router));
	TRY(render_load(a, str_cstr(a, settings->templates_dir), &people_frame_shape, feature_views,
			&render));
	*ret = (struct server){
		.settings = settings, .router = router, .render = render, .frame = people_frame
	};
	return NULL;
}

struct db_settings server_database(struct arena *a, const struct settings *s, const char *program)
{
	const struct {
		const char *program, *role;
		struct str url;
	} programs[] = {
		{ "worker", "rf_worker", s->worker_database_url },
		{ "hub", "rf_hub", s->hub_database_url },
		{ "jobs", "rf_jobs", s->jobs_database_url },
		{ "migrate", "rf_owner", STR("") },
		{ "backup", "rf_backup", STR("") },
	};
	struct db_settings settings = { .url = str_cstr(a, s->database_url), .program = program };

	for (size_t at = 0; at < sizeof(programs) / sizeof(programs[0]); at++) {
		if (strcmp(programs[at].program, program) != 0)
			continue;
		if (programs[at].url.n)
			settings.url = str_cstr(a, programs[at].url);
		else
			settings.role = programs[at].role;
	}
	return settings;
}

static void free_cache(void *cache)
{
	cache_free(cache);
}

const struct err *server_connect(struct arena *a, struct server *server)
{
	static const char *const bells[] = { FLAGS_BELL, NULL };
	struct db_settings *settings = ARENA_NEW(a, struct db_settings);
	const struct err *e;

	*settings = server_database(a, server->settings, "worker");
	settings->statements = feature_statements;
	settings->listen = bells;
	settings->statement_timeout_ms = 5000;
	settings->lock_timeout_ms = 2000;
	server->made = cache_new(CACHE_BYTES);
	arena_defer(a, free_cache, server->made);
	e = db_open(a, settings, &server->db);
	server->flags = flags_new(a, server->db);
	return e;
}
