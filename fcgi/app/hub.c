/* The hub program: event streams on RUN_DIR/hub.sock, or the name it was started by, out of the
 * table of events. */
#include <unistd.h>

#include "app/main.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/hub/feed.h"

#define HUB_ARENA_MAX ((size_t)4 * 1024 * 1024)

static void tell_feed(const struct err *why)
{
	if (why)
		log_note(LOG_WARN, "feed_lost", "%.*s", STR_ARG(why->message));
	else
		log_note(LOG_INFO, "feed_up", "events are read");
}

/* The database may be away for a while at the start, too. */
static const struct err *open_feed(struct arena *a, const struct settings *settings,
				   struct hub_feed *ret)
{
	const struct err *e = hub_feed_open(a, server_database(a, settings, "hub"), ret);

	if (!e || e->kind != ERR_BUSY)
		return e;
	tell_feed(e);
	while (e && e->kind == ERR_BUSY) {
		sleep(1);
		arena_reset(a);
		e = hub_feed_open(a, server_database(a, settings, "hub"), ret);
	}
	return e;
}

bool hub_is_named(const char *name)
{
	struct str number = str_of(name);
	int64_t n;

	return str_eq(str_cut(&number, '-'), STR("hub")) && str_to_int(number, &n) && n > 1 &&
	       n < 100;
}

static const struct err *run(struct arena *a, const struct settings *settings, const char *name)
{
	struct hub_feed feed;
	struct hub_settings hub = {
		.heartbeat_seconds = settings->hub_heartbeat_seconds,
		.poll_ms = 2500,
		.max_streams = settings->hub_max_streams,
		.max_per_account = (settings->hub_max_streams + 1) / 2,
		.max_per_user = 8,
		.send_buffer = 32 * 1024,
		.feed_changed = tell_feed,
	};

	TRY(open_feed(a, settings, &feed));
	hub.socket = str_fmt(a, "%.*s/%s.sock", STR_ARG(settings->run_dir), name).p;
	return hub_run(a, &hub, &feed);
}

int hub_main(const struct settings *settings, char **argv)
{
	struct arena *a = arena_new(HUB_ARENA_MAX);
	const struct err *e = run(a, settings, argv[1]);

	if (e)
		log_note(LOG_ERROR, "start", "%.*s", STR_ARG(e->message));
	arena_free(a);
	return e ? 1 : 0;
}
