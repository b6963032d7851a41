/* The statement of store.sql, and the shape of its rows. */
#include "kit/db/db.h"
#include "room/room.h"

const struct shape flow_row_shape =
	SHAPE(struct flow_row, F_UUID(struct flow_row, id), F_STR(struct flow_row, name),
	      F_STR(struct flow_row, description), F_STR(struct flow_row, category),
	      F_LIST(struct flow_row, tags, &shape_texts), F_INT(struct flow_row, used),
	      F_TIME(struct flow_row, updated_at));

#include "tests/bench/room/store.sql.h"

void store_flows(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_flows, ret);
}
