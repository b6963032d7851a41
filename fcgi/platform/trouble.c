/* What of the queues an operator should look at; see trouble.h. */
#include "platform/trouble.h"

#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "platform/store.h"

#define LATE_SECONDS                                                                               \
	120 /* by then somebody has always come by: the jobs program looks each few seconds */

const struct shape platform_trouble_shape =
	SHAPE(struct trouble, F_STR(struct trouble, text), F_STR(struct trouble, advice),
	      F_STR(struct trouble, url), F_STR(struct trouble, link));

/* In the order of the rows. */
static const struct {
	const char *late, *one, *many, *advice, *url, *link;
} kinds[] = {
	{ "Work has waited", "job was given up", "jobs were given up",
	  "Each says why. Mend that, then try it again.", "/platform/system#dead", "Look at them" },
	{ "Mail has waited", "mail could not be sent", "mails could not be sent",
	  "Look at the settings of the mail server. The accounts' own pages send them again.",
	  "/platform/system#queues", "Look at the queues" },
	{ "Calls of webhooks have waited", "call of a webhook failed", "calls of webhooks failed",
	  "That is mostly the receiver's. The accounts' own pages call again.",
	  "/platform/system#queues", "Look at the queues" },
};

static int64_t late_by(const struct queue_row *row)
{
	return row->oldest_at.us ? (clock_now().us - row->oldest_at.us) / CLOCK_SECOND : 0;
}

struct list platform_troubles(struct arena *a, struct list queues)
{
	struct trouble *ret = ARENA_ARRAY(a, struct trouble, 2 * queues.n);
	size_t n = 0;

	for (size_t at = 0; at < queues.n && at < sizeof(kinds) / sizeof(kinds[0]); at++) {
		const struct queue_row *row = &((const struct queue_row *)queues.items)[at];
		struct str span = clock_span(a, late_by(row));

		if (late_by(row) > LATE_SECONDS)
			ret[n++] = (struct trouble){
				str_fmt(a, "%s for %.*s", kinds[at].late, STR_ARG(span)),
				STR("See that the jobs program runs."),
				STR("/platform/system#programs"), STR("Look who runs")
			};
		if (row->failed)
			ret[n++] = (struct trouble){
				str_fmt(a, "%lld %s", (long long)row->failed,
					row->failed == 1 ? kinds[at].one : kinds[at].many),
				str_of(kinds[at].advice), str_of(kinds[at].url),
				str_of(kinds[at].link)
			};
	}
	return LIST_OF(ret, n);
}
