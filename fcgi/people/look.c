/* What a super_admin has seen of another account, on record there. */
#include "kit/db/db.h"
#include "people/people.h"
#include "record/record.h"

/*
 * In a transaction of its own, behind the page's and before it is sent: who only reads pays nothing
 * for it, and what is not on record is not shown.  The path alone: what was searched for is the
 * looker's.
 */
const struct err *people_record_look(struct req *r)
{
	struct tx *tx = r->tx;

	if (!r->who || !r->who->row || !people_is_inside(r))
		return NULL;
	r->tx = tx_new(r->arena, r->server->db);
	people_go_on_as(r->tx, r->who->row->here, r->who->person);
	audit(r, "look.seen", "account", r->who->row->here, audit_nothing,
	      audit_fact(r->arena, "path", str_first(r->path, 300)));
	tx_count(r->tx, tx);
	return tx_run(r->tx);
}
