/* The route that is measured. */
#include "kit/db/db.h"
#include "people/people.h"
#include "room/room.h"

static const struct err *flows(struct req *r)
{
	struct list rows;

	store_flows(r->tx, &rows);
	TRY(tx_run(r->tx));
	return view_flows(r, rows);
}

const struct route room_routes[] = {
	{ GET, "/bench/flows", .need = PERM_RUN, .run = flows },
	{ 0 },
};
