/* What an editor does to a flow: each act by example, then by chance against what must hold for all
 * of them. */
#include "support/suite.h"

#include "flows/edit.h"
#include "support/flows.h"

static struct flow_edit edit_of(struct flow_doc d)
{
	return (struct flow_edit){ .arena = arena, .doc = d };
}

static const struct flow_node *node(const struct flow_edit *e, const char *id)
{
	const struct flow_node *n = flows_node(arena, &e->doc, id);

	ck_assert_msg(n != NULL, "no step %s", id);
	return n;
}

static void well(const struct err *e)
{
	struct str why = e ? e->message : STR_NONE;

	ck_assert_msg(!e, "%.*s", STR_ARG(why));
}

static void refused(const struct err *e, enum err_kind kind, struct str words)
{
	ck_assert_msg(e && e->kind == kind, "not refused");
	ck_assert_msg(str_contains(e->message, words), "%.*s", STR_ARG(e->message));
}

static const struct flow_doc network =
	FLOW(FLOW_TROUBLESHOOTING, "n1",
	     DECISION("n1", "Lamp on?", WAY("o1", "Yes", TO("n2")), WAY("o2", "No", TO("n3"))),
	     ACTION("n2", "Ping it", TO("n4")), ACTION("n3", "Plug it in", TO("n1")),
	     ANSWER("n4", "Solved"));
static const struct flow_doc procedure = FLOW(FLOW_PROCEDURAL, "a", ACTION("a", "A", TO("b")),
					      ACTION("b", "B", TO("c")), ACTION("c", "C", NOWHERE));
static const struct flow_doc gap =
	FLOW(FLOW_PROCEDURAL, "n1", ACTION("n1", "A", TO("n2")), ACTION("n3", "B", NOWHERE));

/* The ids of the run in its order, "a b c". */
static struct str run_of(const struct flow_edit *e)
{
	struct str run = STR(""), id = e->doc.structure.start;

	for (size_t at = 0; at < e->doc.structure.nodes.n && id.n; at++) {
		run = str_fmt(arena, "%.*s%s%.*s", STR_ARG(run), run.n ? " " : "", STR_ARG(id));
		id = node(e, str_cstr(arena, id))->next;
	}
	return run;
}

START_TEST(adds_the_first_step_as_the_start)
{
	struct flow_edit e = edit_of((struct flow_doc){ .type = FLOW_PROCEDURAL });

	well(flow_add_node(&e, FLOW_ACTION, STR("Begin"), STR_NONE));
	ck_assert_text(e.made, STR("n1"));
	ck_assert_text(e.doc.structure.start, STR("n1"));
	ck_assert_text(e.label, STR("Added step 'Begin'"));
	well(flow_add_node(&e, FLOW_ACTION, STR("Go on"), STR_NONE));
	ck_assert_text(run_of(&e), STR("n1 n2"));
}
END_TEST

START_TEST(adds_into_the_way)
{
	struct flow_edit e = edit_of(network);

	well(flow_add_node(&e, FLOW_ACTION, STR("Wait"), STR("n2")));
	ck_assert_text(e.made, STR("n5"));
	ck_assert_text(node(&e, "n2")->next, STR("n5"));
	ck_assert_text(node(&e, "n5")->next, STR("n4"));
	well(flow_add_node(&e, FLOW_DECISION, STR("Better?"), STR("n5")));
	ck_assert_text(node(&e, "n5")->next, STR("n6"));
	ck_assert_text(flow_options(node(&e, "n6"))[0].next, STR("n4"));
	well(flow_add_node(&e, FLOW_ANSWER, STR("Give up"), STR("n3")));
	ck_assert_text(node(&e, "n3")->next, STR("n1"));
	ck_assert_int_eq(node(&e, "n7")->outcome, OUTCOME_RESOLVED);
	refused(flow_add_node(&e, FLOW_ACTION, STR("x"), STR("n99")), ERR_NOT_FOUND,
		STR("load the"));
}
END_TEST

START_TEST(makes_ids_that_nothing_refers_to)
{
	struct flow_edit e = edit_of(gap);

	well(flow_add_node(&e, FLOW_ANSWER, STR("C"), STR_NONE));
	ck_assert_text(e.made, STR("n4"));
	well(flow_delete_node(&e, STR("n4")));
	well(flow_add_node(&e, FLOW_ANSWER, STR("D"), STR_NONE));
	ck_assert_text(e.made, STR("n4"));
}
END_TEST

START_TEST(holds_its_limits)
{
	struct flow_edit e = edit_of((struct flow_doc){ .type = FLOW_TROUBLESHOOTING });
	struct flow_new_option option = { .label = STR("Yes") };
	char long_text[FLOW_TEXT_MAX + 1];
	struct flow_node to = { .kind = FLOW_ACTION, .outcome = -1 };

	for (size_t at = 0; at < sizeof(long_text); at++)
		long_text[at] = 'x';
	for (int at = 0; at < FLOW_NODES_MAX; at++)
		well(flow_add_node(&e, FLOW_DECISION, STR("Step"), STR_NONE));
	refused(flow_add_node(&e, FLOW_DECISION, STR("Step"), STR_NONE), ERR_INVALID,
		STR("500 steps"));
	refused(flow_duplicate_node(&e, STR("n1")), ERR_INVALID, STR("500 steps"));
	for (int at = 0; at < FLOW_OPTIONS_MAX; at++)
		well(flow_add_option(&e, STR("n1"), &option));
	refused(flow_add_option(&e, STR("n1"), &option), ERR_INVALID, STR("20 options"));
	to.body = (struct str){ long_text, FLOW_TEXT_MAX };
	well(flow_set_node(&e, STR("n2"), &to));
	to.body.n++;
	refused(flow_set_node(&e, STR("n2"), &to), ERR_INVALID, STR("16000 characters"));
	refused(flow_add_node(&e, FLOW_ACTION, (struct str){ long_text, 201 }, STR_NONE),
		ERR_INVALID, STR("200 characters"));
	for (int at = 0; at < FLOW_FIELDS_MAX; at++) {
		struct flow_field f = { .name = str_fmt(arena, "f%d", at), .label = STR("F") };

		well(flow_set_field(&e, STR_NONE, &f));
	}
	refused(flow_set_field(&e, STR_NONE, &(struct flow_field){ .name = STR("more") }),
		ERR_INVALID, STR("100 fields"));
}
END_TEST

START_TEST(tells_what_changed)
{
	struct flow_edit e = edit_of(network);
	struct flow_node to = *node(&e, "n2");

	to.title = STR("Ping the gateway");
	well(flow_set_node(&e, STR("n2"), &to));
	ck_assert_text(e.label, STR("Renamed step 'Ping it' to 'Ping the gateway'"));
	to.next = STR("n3");
	well(flow_set_node(&e, STR("n2"), &to));
	ck_assert_text(e.label, STR("Linked 'Ping the gateway' to 'Plug it in'"));
	to.next = STR("");
	to.body = STR("Once.");
	well(flow_set_node(&e, STR("n2"), &to));
	ck_assert_text(e.label, STR("Changed step 'Ping the gateway'"));
	ck_assert_ptr_null(node(&e, "n2")->next.p);
	to = *node(&e, "n1");
	to.options =
		ITEMS(struct flow_option, WAY("o1", "Yes", TO("n2")), WAY("o2", "No", TO("n4")));
	well(flow_set_node(&e, STR("n1"), &to));
	ck_assert_text(e.label, STR("Linked 'No' of 'Lamp on?' to 'Solved'"));
	refused(flow_set_node(&e, STR("nx"), &to), ERR_NOT_FOUND, STR("load the page"));
	to.next = STR("not an id");
	to.kind = FLOW_ACTION;
	refused(flow_set_node(&e, STR("n1"), &to), ERR_INVALID, STR("choose one"));
}
END_TEST

START_TEST(cuts_long_titles_between_characters)
{
	struct str title = STR_NONE;
	struct flow_edit e = edit_of(network);

	for (int at = 0; at < 61; at++)
		title = str_fmt(arena, "%.*s\xe9\x95\xbf", STR_ARG(title));
	well(flow_add_node(&e, FLOW_ACTION, title, STR_NONE));
	ck_assert(str_is_utf8(e.label));
	ck_assert_uint_eq(str_utf8_length(e.label), 60 + 13);
	ck_assert(str_ends(e.label, STR("\xe9\x95\xbf\xe2\x80\xa6'")));
}
END_TEST

START_TEST(carries_over_to_another_kind)
{
	struct flow_edit e = edit_of(network);
	struct flow_node to = *node(&e, "n2");

	to.kind = FLOW_DECISION;
	well(flow_set_node(&e, STR("n2"), &to));
	ck_assert_uint_eq(node(&e, "n2")->options.n, 1);
	ck_assert_text(flow_options(node(&e, "n2"))[0].next, STR("n4"));
	ck_assert_ptr_null(node(&e, "n2")->next.p);
	to = *node(&e, "n1");
	to.kind = FLOW_SECTION;
	well(flow_set_node(&e, STR("n1"), &to));
	ck_assert_text(node(&e, "n1")->next, STR("n2"));
	ck_assert_uint_eq(node(&e, "n1")->options.n, 0);
	to = (struct flow_node){ .kind = FLOW_ANSWER, .outcome = -1 };
	well(flow_set_node(&e, STR("n1"), &to));
	ck_assert_int_eq(node(&e, "n1")->outcome, OUTCOME_RESOLVED);
}
END_TEST

START_TEST(deletes_and_closes_the_gap)
{
	struct flow_edit e = edit_of(network);

	well(flow_delete_node(&e, STR("n2")));
	ck_assert_text(e.label, STR("Deleted step 'Ping it'"));
	ck_assert_text(flow_options(node(&e, "n1"))[0].next, STR("n4"));
	well(flow_delete_node(&e, STR("n1")));
	ck_assert_text(e.doc.structure.start, STR("n3"));
	ck_assert_ptr_null(node(&e, "n3")->next.p);
	e = edit_of(procedure);
	well(flow_delete_node(&e, STR("a")));
	ck_assert_text(run_of(&e), STR("b c"));
	well(flow_delete_node(&e, STR("c")));
	well(flow_delete_node(&e, STR("b")));
	ck_assert_ptr_null(e.doc.structure.start.p);
	refused(flow_delete_node(&e, STR("b")), ERR_NOT_FOUND, STR("no longer"));
}
END_TEST

START_TEST(moves_the_run_of_a_procedure_along)
{
	struct flow_edit e = edit_of(procedure);

	well(flow_move_node(&e, STR("c"), 0));
	ck_assert_text(e.label, STR("Moved step 'C' to place 1"));
	ck_assert_text(run_of(&e), STR("c a b"));
	well(flow_move_node(&e, STR("c"), 99));
	ck_assert_text(run_of(&e), STR("a b c"));
	well(flow_move_node(&e, STR("b"), 0));
	ck_assert_text(run_of(&e), STR("b a c"));
	well(flow_duplicate_node(&e, STR("a")));
	ck_assert_text(e.label, STR("Duplicated step 'A'"));
	ck_assert_text(run_of(&e), STR("b a n1 c"));
	ck_assert_text(node(&e, "n1")->title, STR("A (copy)"));
	well(flow_set_start(&e, STR("a")));
	ck_assert_text(e.label, STR("Made 'A' the first step"));
	ck_assert_text(run_of(&e), STR("a n1 c"));
}
END_TEST

START_TEST(moves_nothing_but_places_in_a_tree)
{
	struct flow_edit e = edit_of(network);

	well(flow_move_node(&e, STR("n4"), 1));
	ck_assert_text(flow_nodes(&e.doc.structure)[1].id, STR("n4"));
	ck_assert_text(node(&e, "n2")->next, STR("n4"));
	ck_assert_text(e.doc.structure.start, STR("n1"));
}
END_TEST

START_TEST(edits_options)
{
	struct flow_edit e = edit_of(network);
	struct flow_new_option some = { .label = STR("Flickers"),
					.new_title = STR("Take a film"),
					.new_kind = FLOW_ACTION };

	well(flow_add_option(&e, STR("n1"), &some));
	ck_assert_text(e.label,
		       STR("Added option 'Flickers' to 'Lamp on?', with new step 'Take a film'"));
	ck_assert_text(flow_options(node(&e, "n1"))[2].next, STR("n5"));
	ck_assert_text(flow_nodes(&e.doc.structure)[3].id, STR("n5"));
	some = (struct flow_new_option){ .label = STR("Off"), .next = STR("n3") };
	well(flow_add_option(&e, STR("n1"), &some));
	ck_assert_text(e.label, STR("Added option 'Off' to 'Lamp on?'"));
	well(flow_move_option(&e, STR("n1"), STR("o4"), 0));
	ck_assert_text(e.label, STR("Moved option 'Off' of 'Lamp on?' to place 1"));
	ck_assert_text(flow_options(node(&e, "n1"))[1].id, STR("o1"));
	well(flow_delete_option(&e, STR("n1"), STR("o1")));
	ck_assert_text(e.label, STR("Deleted option 'Yes' of 'Lamp on?'"));
	ck_assert_uint_eq(node(&e, "n1")->options.n, 3);
	some.next = STR("n77");
	refused(flow_add_option(&e, STR("n1"), &some), ERR_NOT_FOUND, STR("load the page"));
	refused(flow_add_option(&e, STR("n2"), &some), ERR_INVALID, STR("Only a decision"));
	refused(flow_delete_option(&e, STR("n1"), STR("o1")), ERR_NOT_FOUND, STR("load the page"));
}
END_TEST

START_TEST(gives_options_ids_of_their_own)
{
	struct flow_edit e = edit_of(network);
	struct flow_node to = *node(&e, "n1");
	const struct flow_option *made;

	to.options = ITEMS(struct flow_option, { .label = STR_INIT("A") }, WAY("o1", "B", NOWHERE),
			   WAY("o1", "C", NOWHERE), WAY("not one", "D", NOWHERE));
	well(flow_set_node(&e, STR("n1"), &to));
	made = flow_options(node(&e, "n1"));
	ck_assert_text(made[0].id, STR("o2"));
	ck_assert_text(made[1].id, STR("o1"));
	ck_assert_text(made[2].id, STR("o3"));
	ck_assert_text(made[3].id, STR("o4"));
}
END_TEST

START_TEST(edits_fields)
{
	struct flow_edit e = edit_of(network);
	struct flow_field f = { .name = STR("host"), .label = STR("Host"), .kind = KIND_TEXT };
	struct flow_node to = *node(&e, "n2");

	well(flow_set_field(&e, STR_NONE, &f));
	ck_assert_text(e.label, STR("Added field 'host'"));
	refused(flow_set_field(&e, STR_NONE, &f), ERR_INVALID, STR("already"));
	to.title = STR("Ping [VAR:host]");
	to.body = STR("[VAR:hosts] [VAR:host][VAR:host] [VAR: host] VAR:host");
	well(flow_set_node(&e, STR("n2"), &to));
	f.name = STR("server_name");
	well(flow_set_field(&e, STR("host"), &f));
	ck_assert_text(e.label, STR("Renamed field 'host' to 'server_name'"));
	ck_assert_text(node(&e, "n2")->title, STR("Ping [VAR:server_name]"));
	ck_assert_text(node(&e, "n2")->body,
		       STR("[VAR:hosts] [VAR:server_name][VAR:server_name] [VAR: host] VAR:host"));
	f.label = STR("Server");
	well(flow_set_field(&e, STR("server_name"), &f));
	ck_assert_text(e.label, STR("Changed field 'server_name'"));
	f.name = STR("b");
	well(flow_set_field(&e, STR_NONE, &f));
	well(flow_move_field(&e, STR("b"), 0));
	ck_assert_text(e.label, STR("Moved field 'b' to place 1"));
	ck_assert_text(flow_fields(&e.doc)[0].name, STR("b"));
	well(flow_delete_field(&e, STR("b")));
	ck_assert_text(e.label, STR("Deleted field 'b'"));
	refused(flow_delete_field(&e, STR("b")), ERR_NOT_FOUND, STR("load the page"));
	f.name = STR("not a name");
	refused(flow_set_field(&e, STR_NONE, &f), ERR_INVALID, STR("letters"));
}
END_TEST

START_TEST(refuses_a_name_that_makes_texts_too_long)
{
	struct flow_edit e = edit_of(network);
	struct flow_field f = { .name = STR("x"), .label = STR("X") };
	struct flow_node to = *node(&e, "n2");
	struct str before;

	for (int at = 0; at < 20; at++)
		to.title = str_fmt(arena, "[VAR:x]%.*s", STR_ARG(at ? to.title : STR_NONE));
	well(flow_set_field(&e, STR_NONE, &f));
	well(flow_set_node(&e, STR("n2"), &to));
	before = flow_doc_hash(arena, &e.doc);
	f.name = STR("a_name_longer_than_x");
	refused(flow_set_field(&e, STR("x"), &f), ERR_INVALID, STR("choose a shorter one"));
	ck_assert_text(flow_doc_hash(arena, &e.doc), before);
}
END_TEST

START_TEST(edits_the_head)
{
	struct flow_edit e = edit_of(network);

	well(flow_set_head(&e, STR("Network"), STR(""), FLOW_TROUBLESHOOTING));
	ck_assert_text(e.label, STR("Renamed the flow to 'Network'"));
	well(flow_set_head(&e, STR("Network"), STR("All of it"), FLOW_TROUBLESHOOTING));
	ck_assert_text(e.label, STR("Changed the description"));
	well(flow_set_head(&e, STR("Network"), STR("All of it"), FLOW_PROCEDURAL));
	ck_assert_text(e.label, STR("Changed the type to 'procedural'"));
	well(flow_set_head(&e, STR("Net"), STR("All of it"), FLOW_MAINTENANCE));
	ck_assert_text(e.label, STR("Changed name and type"));
}
END_TEST

/* ---- by chance ---- */

enum act {
	ADD,
	SET,
	COPY,
	DELETE,
	MOVE,
	START,
	ADD_OPTION,
	DELETE_OPTION,
	MOVE_OPTION,
	HEAD,
	ACTS
};

static const struct err *act_on_options(struct flow_edit *e, struct chance *c, enum act act,
					struct str id)
{
	size_t nodes = e->doc.structure.nodes.n;
	struct str option = str_fmt(arena, "o%zu", 1 + chance_below(c, 5));
	struct flow_new_option new = { .label = flows_title(c), .new_kind = FLOW_ACTION };

	if (act == DELETE_OPTION)
		return flow_delete_option(e, id, option);
	if (act == MOVE_OPTION)
		return flow_move_option(e, id, option, chance_below(c, 6));
	if (chance_one_in(c, 2))
		new.next = flows_target(arena, c, nodes);
	else
		new.new_title = flows_title(c);
	return flow_add_option(e, id, &new);
}

static const struct err *act_on(struct flow_edit *e, struct chance *c, enum act act, struct str id)
{
	size_t nodes = e->doc.structure.nodes.n;
	struct flow_doc other;

	switch (act) {
	case ADD:
		return flow_add_node(e, (int)chance_below(c, node_kinds.n), flows_title(c), id);
	case SET:
		other = flows_by_chance(arena, c, 9);
		if (!other.structure.nodes.n)
			return NULL;
		return flow_set_node(e, id, flow_nodes(&other.structure));
	case COPY:
		return flow_duplicate_node(e, id);
	case DELETE:
		return flow_delete_node(e, id);
	case MOVE:
		return flow_move_node(e, id, chance_below(c, nodes + 2));
	case START:
		return flow_set_start(e, id);
	case HEAD:
		return flow_set_head(e, flows_title(c), flows_title(c), e->doc.type);
	case ADD_OPTION:
	case DELETE_OPTION:
	case MOVE_OPTION:
	case ACTS:
		break;
	}
	return act_on_options(e, c, act, id);
}

static bool leads_to(const struct flow_node *n, struct str id)
{
	for (size_t way = 0; way < flow_ways(n); way++)
		if (str_eq(flow_way(n, way).next, id))
			return true;
	return false;
}

/* Whether the act has no business with this step. */
static bool is_unrelated(const struct flow_edit *e, enum act act, struct str id, size_t at)
{
	const struct flow_node *n = flow_nodes(&e->doc.structure) + at;
	bool run = e->doc.type != FLOW_TROUBLESHOOTING;

	if (str_eq(n->id, id))
		return act == MOVE && !run;
	if (act == DELETE)
		return !leads_to(n, id);
	if (act == ADD)
		return id.n > 0 || !run || at + 1 < e->doc.structure.nodes.n;
	return act != MOVE || !run;
}

static struct str without_next(const struct flow_node *n)
{
	struct flow_node bare = *n;

	bare.next = STR_NONE;
	return flows_node_text(arena, &bare);
}

static void check_ids(const struct flow_doc *d)
{
	const struct flow_node *nodes = flow_nodes(&d->structure);

	for (size_t at = 0; at < d->structure.nodes.n; at++) {
		ck_assert(flow_id_is_sound(nodes[at].id));
		for (size_t other = 0; other < at; other++)
			ck_assert(!str_eq(nodes[at].id, nodes[other].id));
		for (size_t o = 0; o < nodes[at].options.n; o++)
			for (size_t p = 0; p < o; p++)
				ck_assert(!str_eq(flow_options(&nodes[at])[o].id,
						  flow_options(&nodes[at])[p].id));
	}
}

static void check_unrelated(const struct flow_edit *was, const struct flow_edit *is, enum act act,
			    struct str id)
{
	for (size_t at = 0; at < was->doc.structure.nodes.n; at++) {
		const struct flow_node *old = flow_nodes(&was->doc.structure) + at, *new;

		if (act == DELETE && str_eq(old->id, id))
			continue;
		new = node(is, str_cstr(arena, old->id));
		if (is_unrelated(was, act, id, at))
			ck_assert_text(flows_node_text(arena, new), flows_node_text(arena, old));
		if (act == MOVE || act == ADD)
			ck_assert_text(without_next(new), without_next(old));
	}
}

START_TEST(touches_nothing_else)
{
	struct chance c = { 1 };
	size_t done[ACTS] = { 0 };

	for (int round = 0; round < 20000; round++) {
		enum act act = (enum act)chance_below(&c, ACTS);
		struct flow_edit was, e;
		struct str id, hash, text;

		if (round % 100 == 0)
			arena_reset(arena);
		was = e = edit_of(flows_by_chance(arena, &c, 12));
		id = flows_target(arena, &c, e.doc.structure.nodes.n);
		hash = flow_doc_hash(arena, &was.doc);
		text = act_on(&e, &c, act, id) ? STR_NONE : STR("done");
		ck_assert_text(flow_doc_hash(arena, &was.doc), hash);
		if (!text.p) {
			ck_assert_text(flow_doc_hash(arena, &e.doc), hash);
			continue;
		}
		done[act]++;
		check_ids(&e.doc);
		check_unrelated(&was, &e, act, id);
		ck_assert(act == SET || e.label.n > 0);
		if (act == DELETE) {
			for (size_t at = 0; at < e.doc.structure.nodes.n; at++)
				ck_assert(!leads_to(flow_nodes(&e.doc.structure) + at, id));
			ck_assert(!str_eq(e.doc.structure.start, id));
		}
	}
	for (int act = 0; act < ACTS; act++)
		ck_assert_msg(done[act] > 100, "act %d was done %zu times", act, done[act]);
}
END_TEST

static void check_gone(const struct flow_doc *d, struct str field)
{
	struct str variable = str_fmt(arena, "[VAR:%.*s]", STR_ARG(field));

	for (size_t at = 0; at < d->structure.nodes.n; at++) {
		ck_assert(!str_contains(flow_nodes(&d->structure)[at].title, variable));
		ck_assert(!str_contains(flow_nodes(&d->structure)[at].body, variable));
		ck_assert(!str_contains(flow_nodes(&d->structure)[at].help, variable));
	}
}

START_TEST(renames_and_back)
{
	struct chance c = { 2 };

	for (int round = 0; round < 2000; round++) {
		struct flow_edit e = edit_of(flows_by_chance(arena, &c, 12));
		struct str hash = flow_doc_hash(arena, &e.doc), name;
		struct flow_field f;

		if (!e.doc.intake.n)
			continue;
		f = flow_fields(&e.doc)[0];
		name = f.name;
		f.name = STR("another");
		well(flow_set_field(&e, name, &f));
		check_gone(&e.doc, name);
		f.name = name;
		well(flow_set_field(&e, STR("another"), &f));
		ck_assert_text(flow_doc_hash(arena, &e.doc), hash);
		arena_reset(arena);
	}
}
END_TEST

SUITE("flows/edit", adds_the_first_step_as_the_start, adds_into_the_way,
      makes_ids_that_nothing_refers_to, holds_its_limits, tells_what_changed,
      cuts_long_titles_between_characters, carries_over_to_another_kind, deletes_and_closes_the_gap,
      moves_the_run_of_a_procedure_along, moves_nothing_but_places_in_a_tree, edits_options,
      gives_options_ids_of_their_own, edits_fields, refuses_a_name_that_makes_texts_too_long,
      edits_the_head, touches_nothing_else, renames_and_back)
