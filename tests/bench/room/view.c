/* What the pages show. */
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/render/render.h"
#include "room/room.h"

#define OPTIONS_MAX 20

struct flows_page {
	struct list flows;
};

static const struct shape flows_shape =
	SHAPE(struct flows_page, F_LIST(struct flows_page, flows, &flow_row_shape));
static const struct view flows_view = { "bench/flows", &flows_shape };

struct option {
	struct str key, label;
};

static const struct shape option_shape =
	SHAPE(struct option, F_STR(struct option, key), F_STR(struct option, label));

struct session_page {
	struct uuid id;
	struct str ticket, flow, status, title, body;
	int64_t step_count;
	struct instant updated_at;
	struct list options, steps;
};

static const struct shape session_shape = SHAPE(
	struct session_page, F_UUID(struct session_page, id), F_STR(struct session_page, ticket),
	F_STR(struct session_page, flow), F_STR(struct session_page, status),
	F_STR(struct session_page, title), F_STR(struct session_page, body),
	F_INT(struct session_page, step_count), F_TIME(struct session_page, updated_at),
	F_LIST(struct session_page, options, &option_shape),
	F_LIST(struct session_page, steps, &step_row_shape));
static const struct view session_view = { "bench/session", &session_shape };

const struct view *const room_views[] = { &flows_view, &session_view, NULL };

const struct err *view_flows(struct req *r, struct list flows)
{
	struct flows_page page = { .flows = flows };

	return reply_page(r, &flows_view, &page);
}

struct options {
	struct option rows[OPTIONS_MAX];
	size_t n;
};

static const struct err *add_option(void *ctx, struct str key, const struct json *value)
{
	struct options *options = ctx;

	if (options->n < OPTIONS_MAX)
		options->rows[options->n++] =
			(struct option){ key, json_str(json_get(value, STR("label"))) };
	return NULL;
}

const struct err *view_session(struct req *r, const struct session_row *session, struct list steps)
{
	struct session_page page = {
		.id = session->id,
		.ticket = session->ticket,
		.flow = session->flow,
		.status = session->status,
		.step_count = session->step_count,
		.updated_at = session->updated_at,
		.steps = steps,
	};
	struct options options = { 0 };
	const struct json *node;

	TRY(json_parse(r->arena, session->node.s, &json_default_limits, &node));
	TRY(json_each(json_get(node, STR("options")), add_option, &options));
	page.title = json_str(json_get(node, STR("title")));
	page.body = json_str(json_get(node, STR("body")));
	page.options = LIST_OF(options.rows, options.n);
	return reply_page(r, &session_view, &page);
}
