/* The hub program: holds event streams; the machine is in kit/hub. */
#include "app/main.h"
#include "app/server.h"
#include "kit/base/arena.h"
#include "kit/base/log.h"
#include "kit/hub/feed.h"

static void feed_changed(const struct err *why)
{
	struct log line = log_begin(why ? LOG_WARN : LOG_INFO, why ? "feed_lost" : "feed_back");

	log_str(&line, "msg", why ? why->message : STR_NONE);
	log_end(&line);
}

int hub_main(const struct settings *settings)
{
	struct arena *a = arena_new((size_t)64 * 1024 * 1024);
	struct db_settings db = server_database(a, settings, "hub");
	struct hub_settings hub = {
		.socket = str_fmt(a, "%.*s/hub.sock", STR_ARG(settings->run_dir)).p,
		.heartbeat_seconds = settings->hub_heartbeat_seconds,
		.poll_ms = 2500,
		.max_streams = settings->hub_max_streams,
		.max_per_account = settings->hub_max_streams,
		.max_per_user = 8,
		.feed_changed = feed_changed,
	};
	struct hub_feed feed;
	const struct err *e = hub_feed_open(
	        a, &(struct hub_feed_settings){ .url = db.url, .role = db.role, .program = db.program }, &feed);

	if (!e)
		e = hub_run(a, &hub, &feed);
	if (e)
		log_note(LOG_ERROR, "hub", "%.*s", STR_ARG(e->message));
	arena_free(a);
	return e ? 1 : 0;
}
