/* The operator's commands; see usage in main.c. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/ctl.h"
#include "app/demo.h"
#include "app/features.h"
#include "app/main.h"
#include "app/server.h"
#include "handoffs/states.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/db/migrate.h"
#include "people/roles.h"

struct command {
	const char *name;
	const struct err *(*run)(struct arena *a, const struct settings *settings, int argc,
				 char **argv);
	bool bare; /* needs no settings */
};

static void tell_applied(void *ctx, struct str file, int64_t microseconds)
{
	(void)ctx;
	log_note(LOG_INFO, "migrated", "%.*s in %lld ms", STR_ARG(file),
		 (long long)microseconds / 1000);
}

static const struct err *migrate(struct arena *a, const struct settings *settings, int argc,
				 char **argv)
{
	struct db_settings db = server_database(a, settings, "migrate");

	(void)argc;
	(void)argv;
	return migrate_run(a, &db, str_cstr(a, settings->migrations_dir), tell_applied, NULL);
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
static const struct err *install_roles(struct arena *a, const struct settings *settings, int argc,
				       char **argv)
{
	static const char sql[] =
		"-- The roles of ResolutionFlow: rf_owner owns everything and logs in nowhere; the "
		"programs own nothing.\n"
		"DO $roles$\n"
		"DECLARE\n"
		"\tname text;\n"
		"BEGIN\n"
		"\tFOREACH name IN ARRAY ARRAY['rf_owner', 'doorman', 'searcher', 'eraser'] LOOP\n"
		"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN\n"
		"\t\t\tEXECUTE format('CREATE ROLE %I NOLOGIN', name);\n"
		"\t\tEND IF;\n"
		"\tEND LOOP;\n"
		"\tFOREACH name IN ARRAY ARRAY['rf_worker', 'rf_hub', 'rf_jobs'] LOOP\n"
		"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN\n"
		"\t\t\tEXECUTE format('CREATE ROLE %I LOGIN', name);\n"
		"\t\tEND IF;\n"
		"\tEND LOOP;\n"
		"\tEXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO rf_owner', "
		"current_database());\n"
		"\tEXECUTE format('GRANT CONNECT ON DATABASE %I TO rf_worker, rf_hub, rf_jobs', "
		"current_database());\n"
		"END $roles$;\n"
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC;\n"
		"GRANT CREATE, USAGE ON SCHEMA public TO rf_owner;\n"
		"GRANT USAGE ON SCHEMA public TO doorman, searcher, eraser, rf_worker, rf_hub, rf_jobs;\n"
		"GRANT doorman, searcher, eraser TO rf_owner;\n"
		"-- Whoever DATABASE_URL signs in as must be allowed to become them, where no URL "
		"of their own is set:\n"
		"GRANT rf_owner, rf_worker, rf_hub, rf_jobs TO ";

	(void)a;
	(void)settings;
	fputs(sql, stdout);
	if (argc > 1)
		print_quoted(argv[1]);
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
	printf("%-6s %-40s %-6s %.*s\n", method_name(route->method), route->path,
	       route->pool == POOL_PASSWORD ? "hashes" : "-",
	       STR_ARG(roles_of(a, (enum permission)route->need)));
}

/* A line of nginx's map from "METHOD:/path" to the pool. */
static void print_nginx(struct arena *a, const struct route *route)
{
	(void)a;
	if (route->pool != POOL_PASSWORD)
		return;
	printf("\"~^%s:", method_name(route->method));
	for (struct str rest = str_skip(str_of(route->path), 1); rest.p;) {
		struct str segment = str_cut(&rest, '/');

		if (segment.n && (segment.p[0] == ':' || segment.p[0] == '*'))
			printf("/[^/]+");
		else
			printf("/%.*s", STR_ARG(segment));
	}
	printf("/?$\" password;\n");
}

static const struct err *routes(struct arena *a, const struct settings *settings, int argc,
				char **argv)
{
	bool nginx = argc > 1 && strcmp(argv[1], "--nginx") == 0;
	struct router *router;
	const struct route *route;

	(void)settings;
	TRY(router_new(a, feature_routes, &router));
	for (size_t at = 0; (route = router_at(router, at)); at++)
		(nginx ? print_nginx : print_plain)(a, route);
	return NULL;
}

/* All that a worker's children could stumble over; its parent asks this of a program that is to
 * take its place. */
static const struct err *check(struct arena *a, const struct settings *settings, int argc,
			       char **argv)
{
	struct settings loaded = *settings;
	struct server server;

	(void)argc;
	(void)argv;
	TRY(server_load(a, &loaded, &server));
	TRY(server_connect(a, &server));
	return migrate_is_current(a, server.db, (int)loaded.schema_version);
}

static const struct err *graph(struct arena *a, const struct settings *settings, int argc,
			       char **argv)
{
	struct str text = handoff_graph(a);

	(void)settings;
	(void)argc;
	(void)argv;
	fwrite(text.p, 1, text.n, stdout);
	return NULL;
}

static const struct command commands[] = {
	{ "migrate", migrate, false },     { "install-roles", install_roles, true },
	{ "routes", routes, true },        { "check", check, false },
	{ "seed-demo", demo_seed, false }, { "graph", graph, true },
	{ "mail", ctl_mail, false },
};

static const struct command *find_command(const char *name)
{
	for (size_t at = 0; at < sizeof(commands) / sizeof(commands[0]); at++)
		if (strcmp(commands[at].name, name) == 0)
			return &commands[at];
	return NULL;
}

bool ctl_knows(const char *command)
{
	return find_command(command);
}

bool ctl_needs_no_settings(const char *command)
{
	const struct command *known = find_command(command);

	return known && known->bare;
}

int ctl_main(const struct settings *settings, int argc, char **argv)
{
	const struct command *command = find_command(argv[0]);
	const struct err *e;
	struct arena *a;

	assert(command); /* main() has asked ctl_knows() */
	a = arena_new((size_t)64 * 1024 * 1024);
	e = command->run(a, settings, argc, argv);
	if (e)
		fprintf(stderr, "resolutionflow %s: %.*s\n", argv[0], STR_ARG(e->message));
	arena_free(a);
	return e ? 1 : 0;
}
