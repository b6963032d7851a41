/* What a connection asks for; see door.h. */
#include "kit/hub/door.h"

#include <errno.h>
#include <sys/socket.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/hub/records.h"
#include "kit/hub/streams.h"

static void answer(struct crowd *c, struct stream *s, struct str text)
{
	struct frame *f = frame_text(text);

	stream_send(c, s, f);
	frame_drop(f);
	stream_end(c, s);
}

static void refuse(struct crowd *c, struct stream *s, const char *status, struct arena *a)
{
	c->stats.refused++;
	answer(c, s,
	       str_fmt(a, "Status: %s\r\nContent-Type: text/plain\r\nRetry-After: 60\r\n\r\n%s\n",
		       status, status));
}

static void put_metric(struct buf *b, const char *name, const char *type, int64_t value)
{
	buf_printf(b, "# TYPE hub_%s %s\nhub_%s %lld\n", name, type, name, (long long)value);
}

static void answer_stats(struct crowd *c, struct stream *s, struct arena *a)
{
	const struct crowd_stats *stats = &c->stats;
	struct buf b = buf_new(a, 4096);

	buf_put(&b, STR("Status: 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
			"Cache-Control: no-store\r\n\r\n"));
	put_metric(&b, "streams", "gauge", stats->streams - 1); /* not this one */
	put_metric(&b, "accounts", "gauge", stats->accounts);
	put_metric(&b, "feed_up", "gauge", stats->feed_is_up);
	put_metric(&b, "events_total", "counter", stats->events);
	put_metric(&b, "frames_total", "counter", stats->frames);
	put_metric(&b, "dropped_total", "counter", stats->dropped);
	put_metric(&b, "overflows_total", "counter", stats->overflows);
	put_metric(&b, "refused_total", "counter", stats->refused);
	answer(c, s, buf_str(&b));
}

static void open_stream(struct crowd *c, struct stream *s, struct arena *a)
{
	const struct records *r = s->records;
	struct wish wish;

	if (str_eq(records_param(r, STR("DOCUMENT_URI")), STR("/_hub_stats")))
		answer_stats(c, s, a);
	else if (!wish_parse(records_param(r, STR("QUERY_STRING")), &wish))
		refuse(c, s, "400 Bad Request", a);
	else if (!crowd_join(c, s, &wish, a))
		refuse(c, s, "503 Service Unavailable", a);
	records_free(s->records);
	s->records = NULL;
}

static void take(struct crowd *c, struct stream *s, const char *bytes, size_t n, struct arena *a)
{
	enum records_outcome outcome;

	if (s->state != OPENING)
		return;
	outcome = records_take(s->records, bytes, n);
	if (outcome == RECORDS_MORE)
		return;
	if (outcome == RECORDS_DONE && records_id(s->records) == FRAME_REQUEST_ID) {
		open_stream(c, s, a);
		return;
	}
	c->stats.refused++;
	stream_kill(c, s);
}

void door_readable(struct crowd *c, struct stream *s, struct arena *a)
{
	char bytes[4096];

	while (s->state != GONE) {
		ssize_t n = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			stream_kill(c, s);
		else
			take(c, s, bytes, (size_t)n, a);
	}
}
