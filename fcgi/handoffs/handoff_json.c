/* HANDOFF of the API and of the events; see handoffs.h. */
#include "flows/tree.h"
#include "handoffs/handoffs.h"
#include "kit/base/arena.h"
#include "people/people.h"

struct handoff_json {
	struct uuid id, session_id;
	struct str intent, status, reason, tried, priority;
	const struct person_json *escalated_by, *assigned_to, *claimed_by;
	struct instant created_at, claimed_at, resolved_at, overdue_at, park_until;
	struct str resolution;
	struct list deliveries;
	bool mine;
};

#define D struct delivery_row
static const struct shape delivery_json_shape =
	SHAPE_WITH(D, (.label = "Delivery"), F_STR(D, channel), F_STR(D, recipient),
		   F_STR(D, status), F_INT(D, attempts), F_STR(D, last_error, .null = true),
		   F_TIME(D, sent_at, .null = true), F_STR(D, occasion));
#undef D

#define H         struct handoff_json
#define PERSON(m) F_REF(H, m, struct person_json, &person_json_shape, .null = true)
#define FIELDS                                                                                     \
	F_UUID(H, id), F_UUID(H, session_id), F_STR(H, intent), F_STR(H, status),                  \
		F_STR(H, reason), F_STR(H, tried), F_STR(H, priority, .null = true),               \
		PERSON(escalated_by), PERSON(assigned_to), PERSON(claimed_by),                     \
		F_TIME(H, created_at), F_TIME(H, claimed_at, .null = true),                        \
		F_TIME(H, resolved_at, .null = true), F_TIME(H, overdue_at, .null = true),         \
		F_TIME(H, park_until, .null = true), F_STR(H, resolution),                         \
		F_LIST(H, deliveries, &delivery_json_shape)

const struct shape handoff_json_shape = SHAPE_WITH(H, (.label = "Handoff"), FIELDS);
const struct shape handoff_item_shape =
	SHAPE_WITH(H, (.label = "HandoffItem"), FIELDS, F_BOOL(H, mine));
#undef PERSON
#undef H

static const struct person_json *person(struct arena *a, struct uuid id, struct str name)
{
	struct person_json *ret = ARENA_NEW(a, struct person_json);

	*ret = (struct person_json){ id, name };
	return uuid_is_none(id) ? NULL : ret;
}

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
		.escalated_by = person(a, row->by, row->by_name),
		.assigned_to = person(a, row->to, row->to_name),
		.claimed_by = person(a, row->claimer, row->claimer_name),
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
	struct handoff_json *items = ARENA_ARRAY(r->arena, struct handoff_json, handoffs.n + 1);
	const struct handoff *all = handoffs.items;

	for (size_t at = 0; at < handoffs.n; at++) {
		items[at] = json_of(r->arena, &all[at]);
		items[at].mine = uuid_eq(all[at].row->by, r->who->person);
	}
	return LIST_OF(items, handoffs.n);
}
