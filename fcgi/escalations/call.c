/* What endpoints are told of a hand-off; see inside.h. */
#include "accounts/accounts.h"
#include "escalations/inside.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"
#include "kit/redact/redact.h"
#include "webhooks/webhooks.h"

#define DATA_MAX ((size_t)1 << 20)

/* Who is told of it is a matter of the account's. */
static struct json_text data_of(struct arena *a, const struct redact_rules *rules,
				const struct handoff_row *row)
{
	struct handoff_row clean = *row;
	struct buf out = buf_new(a, DATA_MAX);

	clean.reason = redact(a, rules, row->reason, NULL);
	clean.tried = redact(a, rules, row->tried, NULL);
	clean.resolution = redact(a, rules, row->resolution, NULL);
	shape_put_json(&out, &handoff_json_shape,
		       handoff_json(a, &(struct handoff){ .row = &clean }));
	return (struct json_text){ buf_str(&out) };
}

/* What is empty has no line. */
static struct list lines_of(struct arena *a, const struct told *t)
{
	const struct webhook_line all[] = {
		{ STR("From"), t->by },          { STR("Priority"), t->priority },
		{ STR("Client"), t->client },    { STR("Ticket"), t->ticket },
		{ STR("Flow"), t->title },       { STR("Step"), t->step },
		{ STR("Why"), t->reason },       { STR("What was tried"), t->tried },
		{ STR("Taken by"), t->claimer }, { STR("Resolution"), t->resolution },
	};
	const size_t most = sizeof(all) / sizeof(all[0]);
	struct webhook_line *lines = ARENA_ARRAY(a, struct webhook_line, most);
	size_t n = 0;

	for (size_t at = 0; at < most; at++)
		if (all[at].text.n)
			lines[n++] = all[at];
	return LIST_OF(lines, n);
}

struct webhook_news call_news(struct arena *a, const struct jobs_ctx *ctx,
			      const struct redact_rules *rules, const struct call *c)
{
	const struct due_row *due = c->due;

	return (struct webhook_news){
		.id = str_fmt(a, "%s:%.*s:%lld", due->handoff.text, STR_ARG(due->occasion),
			      (long long)due->round),
		.type = str_fmt(a, "handoff_%.*s", STR_ARG(due->occasion)).p,
		.at = due->created_at,
		.account = c->account,
		.account_name = c->account_name,
		.title = told_headline(a, c->told, due),
		.lines = lines_of(a, c->told),
		.url = str_fmt(a, "%.*s/escalations/%s", STR_ARG(ctx->settings->base_url),
			       due->handoff.text),
		.data = data_of(a, rules, c->row),
	};
}
