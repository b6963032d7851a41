/* What became of a flow: by example, and for flows by chance against the plain comparison of each
 * step's text. */
#include "support/suite.h"

#include "flows/diff.h"
#include "flows/edit.h"
#include "support/flows.h"

static const struct flow_doc before =
	FLOW(FLOW_TROUBLESHOOTING, "n1",
	     DECISION("n1", "Lamp on?", WAY("o1", "Yes", TO("n2")), WAY("o2", "No", TO("n3"))),
	     ACTION("n2", "Ping it", TO("n4")), ACTION("n3", "Plug it in", TO("n1")),
	     ANSWER("n4", "Solved"));
static const struct flow_doc after = FLOW(
	FLOW_TROUBLESHOOTING, "n1",
	DECISION("n1", "Lamp on?", WAY("o2", "No", TO("n5")), WAY("o1", "Sure", TO("n2")),
		 WAY("o3", "Flickers", NOWHERE)),
	ACTION("n2", "Ping it", NOWHERE), ACTION("n5", "Swap it", TO("n1")), ANSWER("n4", "Done"));

/* "changed Step 'A': Title: a > b; Text: ...", a line each. */
static struct str told(struct list changes)
{
	const struct flow_change *c = changes.items;
	struct str all = STR("");

	for (size_t at = 0; at < changes.n; at++) {
		const struct flow_change_part *p = c[at].parts.items;

		all = str_fmt(arena, "%.*s%.*s %.*s:", STR_ARG(all), STR_ARG(c[at].what),
			      STR_ARG(c[at].title));
		for (size_t one = 0; one < c[at].parts.n; one++)
			all = str_fmt(arena, "%.*s %.*s: %.*s > %.*s;", STR_ARG(all),
				      STR_ARG(p[one].name), STR_ARG(p[one].before),
				      STR_ARG(p[one].after));
		all = str_fmt(arena, "%.*s\n", STR_ARG(all));
	}
	return all;
}

START_TEST(tells_what_changed)
{
	ck_assert_text(told(flow_diff(arena, &before, &after)),
		       STR("changed Step 'Lamp on?': Option 'No' leads to: Plug it in > Swap it;"
			   " Option 'Yes': Yes > Sure; Option 'Flickers' leads to:  > nowhere;"
			   " Order of the options: Yes, No > No, Sure, Flickers;\n"
			   "changed Step 'Ping it': Leads to: Solved > nowhere;\n"
			   "added Step 'Swap it': Kind:  > action; Title:  > Swap it;"
			   " Text:  > Do it.; Leads to:  > Lamp on?;\n"
			   "removed Step 'Plug it in': Kind: action > ; Title: Plug it in > ;"
			   " Text: Do it. > ; Leads to: Lamp on? > ;\n"
			   "changed Step 'Done': Title: Solved > Done;\n"));
}
END_TEST

START_TEST(tells_of_head_and_fields)
{
	static const struct str two[] = { STR_INIT("a"), STR_INIT("b") };
	struct flow_edit e = { .arena = arena, .doc = before };
	struct flow_field f = { .name = STR("site"), .label = STR("Site"), .kind = KIND_TEXT };
	struct flow_doc was;

	ck_assert_ptr_null(flow_set_field(&e, STR_NONE, &f));
	was = e.doc;
	f.kind = KIND_SELECT;
	f.options = LIST_OF(two, 2);
	f.required = true;
	f.preset = STR("a");
	ck_assert_ptr_null(flow_set_field(&e, STR("site"), &f));
	ck_assert_ptr_null(flow_set_head(&e, STR("New"), STR("What"), FLOW_PROCEDURAL));
	ck_assert_ptr_null(flow_set_start(&e, STR("n2")));
	ck_assert_text(told(flow_diff(arena, &was, &e.doc)),
		       STR("changed Name: Name: A flow > New;\n"
			   "changed Description: Description:  > What;\n"
			   "changed Type: Type: troubleshooting > procedural;\n"
			   "changed First step: First step: Lamp on? > Ping it;\n"
			   "changed Field 'site': Kind: text > select; Required:  > yes;"
			   " Choices:  > a\nb; Default:  > a;\n"));
	ck_assert(str_contains(told(flow_diff(arena, &e.doc, &before)),
			       STR("removed Field 'site': Label: Site > ;")));
}
END_TEST

START_TEST(calls_one_moved_that_has_moved)
{
	struct flow_edit e = { .arena = arena, .doc = before };

	ck_assert_ptr_null(flow_move_node(&e, STR("n4"), 0));
	ck_assert_text(told(flow_diff(arena, &before, &e.doc)),
		       STR("changed Step 'Solved': Place: 4 > 1;\n"));
	e.doc = before;
	ck_assert_ptr_null(flow_move_node(&e, STR("n1"), 3));
	ck_assert_text(told(flow_diff(arena, &before, &e.doc)),
		       STR("changed Step 'Lamp on?': Place: 1 > 4;\n"));
}
END_TEST

static const struct flow_doc twins = FLOW(FLOW_PROCEDURAL, "a", ACTION("a", "A", TO("b")),
					  ACTION("b", "B", NOWHERE), ACTION("c", "B", NOWHERE));

START_TEST(tells_twins_apart)
{
	struct flow_edit e = { .arena = arena, .doc = twins };
	struct flow_node to = *flow_nodes(&twins.structure);

	to.next = STR("c");
	ck_assert_ptr_null(flow_set_node(&e, STR("a"), &to));
	ck_assert_text(told(flow_diff(arena, &twins, &e.doc)),
		       STR("changed Step 'A': Leads to: B > B (c);\n"));
	to.next = STR_NONE;
	ck_assert_ptr_null(flow_set_node(&e, STR("a"), &to));
	ck_assert_text(told(flow_diff(arena, &twins, &e.doc)),
		       STR("changed Step 'A': Leads to: B > the end;\n"));
}
END_TEST

/* ---- by chance ---- */

/* What the diff must say of a step, but for its place: none, "added", "removed" or "changed". */
static struct str verdict(const struct flow_doc *from, const struct flow_doc *to, struct str id)
{
	const struct flow_node *old = flows_node(arena, from, str_cstr(arena, id));
	const struct flow_node *new = flows_node(arena, to, str_cstr(arena, id));

	if (!old || !new)
		return old ? STR("removed") : STR("added");
	return str_eq(flows_node_text(arena, old), flows_node_text(arena, new)) ? STR_NONE
										: STR("changed");
}

static const struct flow_change *change_of(struct list changes, struct str id)
{
	const struct flow_change *c = changes.items, *found = NULL;

	for (size_t at = 0; at < changes.n; at++) {
		if (!str_eq(c[at].node_id, id))
			continue;
		ck_assert_ptr_null(found);
		found = &c[at];
	}
	return found;
}

static bool is_place_alone(const struct flow_change *c)
{
	const struct flow_change_part *p = c->parts.items;

	return c->parts.n == 1 && str_eq(p->name, STR("Place"));
}

static void check_node(struct list changes, const struct flow_doc *from, const struct flow_doc *to,
		       struct str id)
{
	const struct flow_change *c = change_of(changes, id);
	struct str want = verdict(from, to, id);

	if (want.n) {
		ck_assert_ptr_nonnull(c);
		ck_assert_text(c->what, want);
		ck_assert(!is_place_alone(c));
	} else {
		ck_assert(!c || is_place_alone(c));
	}
}

static void check_diff(const struct flow_doc *from, const struct flow_doc *to)
{
	struct list changes = flow_diff(arena, from, to);
	bool same = str_eq(flow_doc_hash(arena, from), flow_doc_hash(arena, to));

	ck_assert(same == (changes.n == 0));
	for (size_t at = 0; at < from->structure.nodes.n; at++)
		check_node(changes, from, to, flow_nodes(&from->structure)[at].id);
	for (size_t at = 0; at < to->structure.nodes.n; at++)
		check_node(changes, from, to, flow_nodes(&to->structure)[at].id);
}

START_TEST(tells_of_each_change_and_no_other)
{
	struct chance c = { 4 };

	for (int round = 0; round < 5000; round++) {
		struct flow_doc from = flows_by_chance(arena, &c, 12);
		struct flow_doc to = flows_by_chance(arena, &c, 12);

		ck_assert_uint_eq(flow_diff(arena, &from, &from).n, 0);
		check_diff(&from, &to);
		check_diff(&to, &from);
		arena_reset(arena);
	}
}
END_TEST

START_TEST(tells_of_edits)
{
	struct chance c = { 5 };
	size_t moved = 0;

	for (int round = 0; round < 5000; round++) {
		struct flow_edit e = { .arena = arena, .doc = flows_by_chance(arena, &c, 12) };
		const struct flow_doc was = e.doc;
		size_t n = was.structure.nodes.n;
		struct str id = flows_target(arena, &c, n);
		struct list changes;

		if (flow_move_node(&e, id, chance_below(&c, n + 1)))
			continue;
		check_diff(&was, &e.doc);
		changes = flow_diff(arena, &was, &e.doc);
		if (was.type == FLOW_TROUBLESHOOTING) {
			ck_assert_uint_le(changes.n, 1);
			moved += changes.n;
		}
		if (flow_delete_node(&e, id))
			ck_abort();
		check_diff(&was, &e.doc);
		if (!flow_add_node(&e, FLOW_DECISION, flows_title(&c), STR_NONE))
			check_diff(&was, &e.doc);
		arena_reset(arena);
	}
	ck_assert_uint_gt(moved, 500);
}
END_TEST

SUITE("flows/diff", tells_what_changed, tells_of_head_and_fields, calls_one_moved_that_has_moved,
      tells_twins_apart, tells_of_each_change_and_no_other, tells_of_edits)
