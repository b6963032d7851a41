/* The stream of hand-offs for programs; pages hear of them by /events. */
#include "escalations/escalations.h"
#include "people/people.h"

static const struct err *stream(struct req *r)
{
	return people_stream(r, "escalation");
}

const struct route escalations_stream[] = {
	{ GET, "/api/v1/escalations/stream", .need = PERM_QUEUE, .run = stream,
	  .about = "Hand-offs as they happen (text/event-stream)" },
	{ GET, "/api/v1/ai-sessions/escalations/stream", .need = PERM_QUEUE, .run = stream,
	  .about = "Hand-offs as they happen (text/event-stream)" },
	{ 0 },
};
