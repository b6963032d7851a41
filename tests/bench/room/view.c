/* What the page shows. */
#include "kit/render/render.h"
#include "room/room.h"

struct flows_page {
	struct list flows;
};

static const struct shape flows_shape =
	SHAPE(struct flows_page, F_LIST(struct flows_page, flows, &flow_row_shape));
static const struct view flows_view = { "bench/flows", &flows_shape };

const struct view *const room_views[] = { &flows_view, NULL };

const struct err *view_flows(struct req *r, struct list flows)
{
	struct flows_page page = { .flows = flows };

	return reply_page(r, &flows_view, &page);
}
