/* The clock's part in hand-offs: what nobody takes in time, and what rests too long with whoever
 * took it. */
#include "escalations/inside.h"
#include "handoffs/handoffs.h"

/* Of either step at most one fits the state in which it is found; one that is not due yet is put
 * off, and one that has been taken meanwhile is nothing. */
const struct err *watch_handoff(struct job *j)
{
	struct uuid handoff;
	bool done;

	TRY(handoff_of_job(j, &handoff));
	TRY(handoff_clock(j, HANDOFF_REMIND, handoff, &done));
	if (!done)
		TRY(handoff_clock(j, HANDOFF_LAPSE, handoff, &done));
	return tx_run(j->tx);
}
