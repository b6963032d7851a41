/* `resolutionflow doctor`: gives the doctor what only the program knows, and prints what it finds.
 */
#include <stdio.h>
#include <string.h>

#include "accounts/accounts.h"
#include "app/commands.h"
#include "app/ctl.h"
#include "app/features.h"
#include "app/main.h"
#include "app/server.h"
#include "doctor/doctor.h"
#include "kit/base/arena.h"
#include "kit/db/migrate.h"
#include "kit/jobs/jobs.h"

#define NGINX   "/etc/nginx/resolutionflow"
#define BACKUPS "/var/lib/resolutionflow/backup"

/* A worker's parent does the same at its start. */
static void load_program(struct call *call, struct settings *settings, struct doctor *d)
{
	struct server server;
	int newest;

	d->broken = migrate_newest(call->arena, str_cstr(call->arena, settings->migrations_dir),
				   &newest);
	if (!d->broken)
		settings->schema_version = newest;
	if (!d->broken)
		d->broken = server_load(call->arena, settings, &server);
}

static void list_chores(struct arena *a, struct doctor *d)
{
	struct str *names, *seconds;
	size_t n = 0;

	for (const struct chore *const *list = feature_chores; *list; list++)
		for (const struct chore *at = *list; at->name; at++)
			n++;
	names = ARENA_ARRAY(a, struct str, n);
	seconds = ARENA_ARRAY(a, struct str, n);
	n = 0;
	for (const struct chore *const *list = feature_chores; *list; list++)
		for (const struct chore *at = *list; at->name; at++) {
			names[n] = str_of(at->name);
			seconds[n++] = str_fmt(a, "%d", at->every_seconds);
		}
	d->chore_names = LIST_OF(names, n);
	d->chore_seconds = LIST_OF(seconds, n);
}

static struct list joined(struct arena *a, struct list one, struct list other)
{
	struct finding *all = ARENA_ARRAY(a, struct finding, one.n + other.n);

	memcpy(all, one.items, one.n * sizeof(*all));
	memcpy(all + one.n, other.items, other.n * sizeof(*all));
	return LIST_OF(all, one.n + other.n);
}

static int status_of(struct list findings)
{
	int worst = 0;

	for (size_t at = 0; at < findings.n; at++) {
		int state = ((const struct finding *)findings.items)[at].state;

		if (state == FINDING_FAIL)
			worst = 2;
		else if (state == FINDING_WARN && !worst)
			worst = 1;
	}
	return worst;
}

const struct err *ctl_doctor(struct call *call)
{
	struct settings settings = *call->settings;
	struct str nginx = call_option(call, "nginx"), backups = call_option(call, "backups");
	struct doctor d = { .arena = call->arena,
			    .settings = &settings,
			    .place = server_database,
			    .nginx = nginx.p ? nginx.p : NGINX,
			    .backups = backups.p ? backups.p : BACKUPS,
			    .mail = call_has(call, "mail") };
	struct finding broken;
	struct list site = { 0 }, findings;

	if (!call->fault)
		site = doctor_look_as_root(&d);
	TRY(ctl_become(call->arena, call->user));
	if (call->fault) {
		broken = doctor_settings_broken(call->fault);
		findings = LIST_OF(&broken, 1);
	} else {
		load_program(call, &settings, &d);
		list_chores(call->arena, &d);
		TRY(ctl_pool_map(call->arena, &d.pool_map));
		findings = joined(call->arena, doctor_look(&d), site);
	}
	call_print(call, &finding_shape, findings);
	call->status = status_of(findings);
	return NULL;
}
