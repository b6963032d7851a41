/* The clock's part in hand-offs: what nobody takes in time, what rests too long with whoever took
 * it, and what is left behind by whoever goes. */
#include "escalations/inside.h"
#include "handoffs/handoffs.h"
#include "kit/base/shape_json.h"

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

struct person_job {
	struct uuid person;
};

static const struct shape person_job = SHAPE(struct person_job, F_UUID(struct person_job, person));

const struct err *watch_person(struct job *j)
{
	struct person_job job;

	TRY(shape_read_json(j->arena, &person_job, j->payload, &job));
	TRY(handoff_vacate(j, job.person));
	return tx_run(j->tx);
}
