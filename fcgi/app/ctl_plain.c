/* Commands of one function each: what the program knows by itself, the schema, the demo. */
#include <stdio.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "app/demo.h"
#include "app/features.h"
#include "app/server.h"
#include "handoffs/states.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/log.h"
#include "kit/db/migrate.h"
#include "people/key_words.h"

#define MAP_MAX ((size_t)256 << 10)

static void tell_applied(void *ctx, struct str file, int64_t microseconds)
{
	(void)ctx;
	log_note(LOG_INFO, "migrated", "%.*s in %lld ms", STR_ARG(file),
		 (long long)microseconds / 1000);
}

const struct err *ctl_migrate(struct call *call)
{
	struct db_settings db = server_database(call->arena, call->settings, "migrate");

	return migrate_run(call->arena, &db, str_cstr(call->arena, call->settings->migrations_dir),
			   tell_applied, NULL);
}

static void print_quoted(const char *name)
{
	putchar('"');
	for (; *name; name++) {
		if (*name == '"')
			putchar('"');
		putchar(*name);
	}
	putchar('"');
}

/* For a database administrator, to be run once in the database that migrate will fill.  An argument
 * names the role that DATABASE_URL signs in as, where that is not the administrator. */
const struct err *ctl_install_roles(struct call *call)
{
	static const char sql[] =
		"-- The roles of ResolutionFlow: rf_owner owns everything and logs in nowhere; the "
		"programs own nothing.\n"
		"DO $roles$\n"
		"DECLARE\n"
		"\tname text;\n"
		"BEGIN\n"
		"\tFOREACH name IN ARRAY ARRAY['rf_owner', 'doorman', 'searcher', 'eraser', "
		"'overseer'] "
		"LOOP\n"
		"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN\n"
		"\t\t\tEXECUTE format('CREATE ROLE %I NOLOGIN', name);\n"
		"\t\tEND IF;\n"
		"\tEND LOOP;\n"
		"\tFOREACH name IN ARRAY ARRAY['rf_worker', 'rf_hub', 'rf_jobs'] LOOP\n"
		"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN\n"
		"\t\t\tEXECUTE format('CREATE ROLE %I LOGIN', name);\n"
		"\t\tEND IF;\n"
		"\tEND LOOP;\n"
		"\t-- It reads all accounts, for backups, and changes nothing.\n"
		"\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rf_backup') THEN\n"
		"\t\tCREATE ROLE rf_backup NOLOGIN BYPASSRLS;\n"
		"\tEND IF;\n"
		"\tEXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO rf_owner', "
		"current_database());\n"
		"\tEXECUTE format('GRANT CONNECT ON DATABASE %I TO rf_worker, rf_hub, rf_jobs', "
		"current_database());\n"
		"END $roles$;\n"
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC;\n"
		"GRANT CREATE, USAGE ON SCHEMA public TO rf_owner;\n"
		"GRANT USAGE ON SCHEMA public TO doorman, searcher, eraser, overseer, rf_worker, "
		"rf_hub, "
		"rf_jobs;\n"
		"GRANT doorman, searcher, eraser, overseer TO rf_owner;\n"
		"-- How old the oldest transaction is, for the platform's system page:\n"
		"GRANT pg_read_all_stats TO overseer;\n"
		"GRANT pg_read_all_data TO rf_backup;\n"
		"-- Whoever DATABASE_URL signs in as must be allowed to become them, where no URL "
		"of their own is set:\n"
		"GRANT rf_owner, rf_worker, rf_hub, rf_jobs, rf_backup TO ";

	fputs(sql, stdout);
	if (call->nwords)
		print_quoted(call->words[0]);
	else
		fputs("CURRENT_USER", stdout);
	puts(";");
	return NULL;
}

/* "engineer,team_admin", or "-" for a route of whoever comes. */
static struct str roles_of(struct arena *a, enum permission need)
{
	struct buf out = buf_new(a, 200);

	for (enum role role = 0; need && role < ROLE__MAX; role++) {
		if (!role_may(role, need))
			continue;
		buf_put(&out, out.n ? STR(",") : STR(""));
		buf_put(&out, names_text(&role_names, (int)role));
	}
	return out.n ? buf_str(&out) : STR("-");
}

static void print_plain(struct arena *a, const struct route *route)
{
	const char *word = key_word_of(route);

	printf("%-6s %-40s %-6s %.*s %s\n", method_name(route->method), route->path,
	       route->pool == POOL_PASSWORD ? "hashes" : "-",
	       STR_ARG(roles_of(a, (enum permission)route->need)), word ? word : "-");
}

/* A line of nginx's map from "METHOD:/path" to the pool. */
static void put_nginx(struct buf *out, const struct route *route)
{
	if (route->pool != POOL_PASSWORD)
		return;
	buf_printf(out, "\"~^%s:", method_name(route->method));
	for (struct str rest = str_skip(str_of(route->path), 1); rest.p;) {
		struct str segment = str_cut(&rest, '/');

		if (segment.n && (segment.p[0] == ':' || segment.p[0] == '*'))
			buf_put(out, STR("/[^/]+"));
		else
			buf_printf(out, "/%.*s", STR_ARG(segment));
	}
	buf_put(out, STR("/?$\" password;\n"));
}

const struct err *ctl_pool_map(struct arena *a, struct str *ret)
{
	struct buf out = buf_new(a, MAP_MAX);
	struct router *router;
	const struct route *route;

	TRY(router_new(a, feature_routes, &router));
	for (size_t at = 0; (route = router_at(router, at)); at++)
		put_nginx(&out, route);
	*ret = buf_str(&out);
	return NULL;
}

const struct err *ctl_routes(struct call *call)
{
	struct router *router;
	const struct route *route;
	struct str map;

	if (call_has(call, "nginx")) {
		TRY(ctl_pool_map(call->arena, &map));
		fwrite(map.p, 1, map.n, stdout);
		return NULL;
	}
	TRY(router_new(call->arena, feature_routes, &router));
	for (size_t at = 0; (route = router_at(router, at)); at++)
		print_plain(call->arena, route);
	return NULL;
}

/* All that a worker's children could stumble over; its parent asks this of a program that is to
 * take its place. */
const struct err *ctl_check(struct call *call)
{
	struct settings loaded = *call->settings;
	struct server server;

	TRY(server_load(call->arena, &loaded, &server));
	TRY(settings_breached(call->arena, &loaded, &loaded.breached));
	TRY(server_connect(call->arena, &server));
	return migrate_is_current(call->arena, server.db, (int)loaded.schema_version);
}

const struct err *ctl_graph(struct call *call)
{
	struct str text = handoff_graph(call->arena);

	fwrite(text.p, 1, text.n, stdout);
	return NULL;
}

const struct err *ctl_seed_demo(struct call *call)
{
	return demo_seed(call->arena, call->settings);
}
