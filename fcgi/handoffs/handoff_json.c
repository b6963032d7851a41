/* HANDOFF of the API and of the events; see handoffs.h. */
#include "flows/tree.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "people/people.h"

#define D struct delivery_row
const struct shape delivery_json_shape =
	SHAPE_WITH(D, (.label = "Delivery"), F_STR(D, channel), F_STR(D, recipient),
		   F_STR(D, status), F_INT(D, attempts), F_STR(D, last_error, .null = true),
		   F_TIME(D, sent_at, .null = true), F_STR(D, occasion));
#undef D

#define ITEM struct handoff_item
struct handoff_item {
	union {
		struct {
			HANDOFF_MEMBERS
		};
		struct handoff_json handoff;
	};
	bool mine;
};

const struct shape handoff_json_shape =
	SHAPE_WITH(struct handoff_json, (.label = "Handoff"), HANDOFF_FIELDS(struct handoff_json));
const struct shape handoff_item_shape =
	SHAPE_WITH(ITEM, (.label = "HandoffItem"), HANDOFF_FIELDS(ITEM), F_BOOL(ITEM, mine));
#undef ITEM

static struct handoff_json json_of(struct arena *a, const struct handoff *h)
{
	const struct handoff_row *row = h->row;
	bool park = row->state == HANDOFF_PARKED || row->state == HANDOFF_RESUMED;

	return (struct handoff_json){
		.id = row->id,
		.session_id = row->session,
		.intent = row->intent,
		.status = names_text(&handoff_states, row->state),
		.reason = row->reason,
		.tried = row->tried,
		.priority = park ? STR_NONE : names_text(&handoff_priorities, row->priority),
		.escalated_by = person_json_of(a, row->by, row->by_name),
		.assigned_to = person_json_of(a, row->to, row->to_name),
		.claimed_by = person_json_of(a, row->claimer, row->claimer_name),
		.created_at = row->created_at,
		.claimed_at = row->claimed_at,
		.resolved_at =
			row->state == HANDOFF_RESOLVED ? row->ended_at : (struct instant){ 0 },
		.overdue_at = row->overdue_at,
		.park_until = row->wake_at,
		.resolution = row->resolution,
		.deliveries = h->deliveries,
	};
}

const struct handoff_json *handoff_json(struct arena *a, const struct handoff *h)
{
	struct handoff_json *ret = ARENA_NEW(a, struct handoff_json);

	*ret = json_of(a, h);
	return ret;
}

struct list handoff_items(struct req *r, struct list handoffs)
{
	struct handoff_item *items = ARENA_ARRAY(r->arena, struct handoff_item, handoffs.n + 1);
	const struct handoff *all = handoffs.items;

	for (size_t at = 0; at < handoffs.n; at++) {
		items[at].handoff = json_of(r->arena, &all[at]);
		items[at].mine = uuid_eq(all[at].row->by, r->who->person);
	}
	return LIST_OF(items, handoffs.n);
}
