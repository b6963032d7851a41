/* The text that is searched follows its flow by triggers; what takes longer, the words of all steps
 * of a draft, is done here. */
#include "flows/flows.h"
#include "flows/store.h"
#include "kit/base/shape_json.h"

struct index_job {
	struct uuid flow_id;
};

static const struct shape index_job = SHAPE(struct index_job, F_UUID(struct index_job, flow_id));

static const struct err *index_flow(struct job *j)
{
	struct index_job job;

	TRY(shape_read_json(j->arena, &index_job, j->payload, &job));
	store_flow_index(j->tx, job.flow_id);
	return tx_run(j->tx);
}

const struct job_kind flows_jobs[] = {
	{ "flow_index", index_flow, .max_attempts = 5, .lease_seconds = 60 },
	{ 0 },
};

/* Of a job that was given up, or of rows that came from elsewhere. */
static const struct err *index_rest(struct job *j)
{
	store_flow_index_rest(j->tx);
	return tx_run(j->tx);
}

/* What was typed a month ago and never sent. */
static const struct err *sweep_unsent(struct job *j)
{
	store_sweep_unsent(j->tx);
	return tx_run(j->tx);
}

const struct chore flows_chores[] = {
	{ "flow_index_rest", 600, index_rest },
	{ "sweep_unsent", 86400, sweep_unsent },
	{ 0 },
};
