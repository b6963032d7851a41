/* Flows for the demo account; see flows.h. */
#include "flows/flows.h"
#include "flows/import.h"
#include "kit/base/json.h"

void flows_seed_category(struct tx *tx, const struct json *flow)
{
	store_category_of(tx, json_str(json_get(flow, STR("category"))));
}

const struct err *flows_seed(struct arena *a, struct tx *tx, const struct json *flow)
{
	struct req r = { .arena = a, .tx = tx };
	struct flow_findings findings;
	struct flow_making making;

	tree_take_import(&r, flow, &making);
	if (r.nproblems)
		return ERR(a, ERR_INTERNAL, "a demo flow: %.*s: %.*s", STR_ARG(r.problems[0].field),
			   STR_ARG(r.problems[0].message));
	flow_check(a, &making.doc, &findings);
	if (findings.errors.n)
		return ERR(a, ERR_INTERNAL, "a demo flow is not sound: %.*s",
			   STR_ARG(((const struct flow_finding *)findings.errors.items)->message));
	making.label = STR("Made the flow");
	store_flow_publish(tx, flow_make(&r, &making), STR("The first version."));
	return NULL;
}
