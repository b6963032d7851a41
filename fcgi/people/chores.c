/* Housekeeping of the people room. */
#include "kit/jobs/jobs.h"
#include "people/store.h"

static const struct err *sweep_leftovers(struct job *j)
{
	store_sweep_leftovers(j->tx);
	return tx_run(j->tx);
}

static const struct err *sweep_sign_ins(struct job *j)
{
	store_sweep_sign_ins(j->tx);
	store_sweep_batches(j->tx);
	return tx_run(j->tx);
}

const struct chore people_chores[] = {
	{ "sweep_leftovers", 600, sweep_leftovers },
	{ "sweep_sign_ins", 86400, sweep_sign_ins },
	{ 0 },
};
