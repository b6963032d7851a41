/* The escalations room's statements; see store.h and store.sql. */
#include "escalations/store.h"

#include "escalations/escalations.h"

static const struct shape helper_row_shape =
	SHAPE(struct helper_row, F_UUID(struct helper_row, id), F_STR(struct helper_row, name));
static const struct shape handed_row_shape =
	SHAPE(struct handed_row, F_STR(struct handed_row, scratchpad));

#include "fcgi/escalations/store.sql.h"

void store_helpers(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_helpers, ret);
}

void store_handed(struct tx *t, struct uuid handoff, struct handed_row **ret)
{
	tx_maybe(t, &sql_handed, ret, P(handoff));
}
