/* Any bytes as a kept flow, its type first: judged, told as steps, compared with itself and edited
 * without a crash; and a sound one stays the same when it is written and read again. */
#include <stdint.h>
#include <stdlib.h>

#include "flows/check.h"
#include "flows/diff.h"
#include "flows/edit.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/base/shape_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool has(const struct flow_findings *found, struct str code)
{
	const struct flow_finding *f = found->errors.items;

	for (size_t at = 0; at < found->errors.n; at++)
		if (str_eq(f[at].code, code))
			return true;
	return false;
}

/* What is kept is of a known kind each; the door sees to it. */
static bool has_kinds(const struct flow_graph *g)
{
	for (size_t at = 0; at < g->nodes.n; at++)
		if (flow_nodes(g)[at].kind < 0)
			return false;
	return true;
}

static void go_round(struct arena *a, const struct flow_doc *d)
{
	struct flow_doc again = *d;

	if (shape_read_json(a, &flow_graph_shape, flow_structure_json(a, &d->structure),
			    &again.structure) ||
	    flow_diff(a, d, &again).n)
		abort();
}

static void edit(struct arena *a, const struct flow_doc *d)
{
	struct flow_edit e = { .arena = a, .doc = *d };

	while (e.doc.structure.nodes.n) {
		struct str id = flow_nodes(&e.doc.structure)->id;

		if (flow_move_node(&e, id, 1) || flow_delete_node(&e, id))
			break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new((size_t)512 * 1024 * 1024);
	struct str text = { (const char *)data, n };
	struct flow_doc d = { .name = STR("A flow"), .description = STR("") };
	struct flow_findings found;

	d.type = n ? data[0] % 3 : 0;
	if (!shape_read_json(a, &flow_graph_shape, str_skip(text, 1), &d.structure) &&
	    !json_check(a, str_skip(text, 1), &json_default_limits)) {
		flow_check(a, &d, &found);
		if (flow_steps_told(a, NULL, &d).n != d.structure.nodes.n)
			abort();
		if (flow_diff(a, &d, &d).n && !has(&found, STR("duplicate_id")))
			abort();
		if (has_kinds(&d.structure))
			edit(a, &d);
		if (found.errors.n == 0 && has_kinds(&d.structure))
			go_round(a, &d);
	}
	arena_free(a);
	return 0;
}
