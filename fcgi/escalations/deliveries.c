/* Deliveries in words; see deliveries.h. */
#include "escalations/deliveries.h"

#include "kit/base/arena.h"

const struct shape delivery_line_shape =
	SHAPE(struct delivery_line, F_STR(struct delivery_line, recipient),
	      F_STR(struct delivery_line, channel), F_STR(struct delivery_line, occasion),
	      F_STR(struct delivery_line, state), F_STR(struct delivery_line, how),
	      F_STR(struct delivery_line, tone));

static const struct pair channels[] = {
	{ STR_INIT("email"), STR_INIT("E-mail") },
	{ STR_INIT("inapp"), STR_INIT("Notice") },
	{ STR_INIT("webhook"), STR_INIT("Webhook") },
	{ STR_INIT(""), STR_INIT("") },
};
static const struct pair occasions[] = {
	{ STR_INIT("created"), STR_INIT("Handed off") },
	{ STR_INIT("released"), STR_INIT("Open again") },
	{ STR_INIT("overdue"), STR_INIT("Overdue") },
	{ STR_INIT(""), STR_INIT("") },
};

static struct str word_of(const struct pair *words, struct str name)
{
	while (words->name.n && !str_eq(words->name, name))
		words++;
	return words->value;
}

static bool is(const struct delivery_row *d, const char *status)
{
	return str_eq(d->status, str_of(status));
}

/* What it is by now, in a word. */
static const struct pair states[] = {
	{ STR_INIT("queued"), STR_INIT("Waits") },
	{ STR_INIT("sending"), STR_INIT("Being sent") },
	{ STR_INIT("sent"), STR_INIT("Sent") },
	{ STR_INIT("failed"), STR_INIT("Failed") },
	{ STR_INIT("skipped"), STR_INIT("Not sent") },
	{ STR_INIT(""), STR_INIT("") },
};

/* And what there is to say about that. */
static struct str how(struct arena *a, const struct delivery_row *d)
{
	if (is(d, "sent"))
		return clock_ago(a, d->sent_at);
	if (is(d, "queued") && d->attempts)
		return str_fmt(a, "tried %lld times, and will be again: %.*s",
			       (long long)d->attempts, STR_ARG(d->last_error));
	if (is(d, "queued") && d->not_before.us)
		return str_fmt(a, "for their digest on %.*s",
			       STR_ARG(clock_words(a, d->not_before)));
	return d->last_error;
}

static struct str tone(const struct delivery_row *d)
{
	return is(d, "sent")                                         ? STR("good")
	       : is(d, "failed") || (d->attempts && is(d, "queued")) ? STR("warn")
								     : STR("plain");
}

struct list delivery_lines(struct req *r, const struct handoff *h)
{
	const struct delivery_row *rows = h->deliveries.items;
	struct delivery_line *lines =
		ARENA_ARRAY(r->arena, struct delivery_line, h->deliveries.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < h->deliveries.n; at++) {
		if (rows[at].calls)
			lines[n++] = (struct delivery_line){ rows[at].recipient,
							     word_of(channels, rows[at].channel),
							     word_of(occasions, rows[at].occasion),
							     word_of(states, rows[at].status),
							     how(r->arena, &rows[at]),
							     tone(&rows[at]) };
	}
	return LIST_OF(lines, n);
}
