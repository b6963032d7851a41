/* The judge of flows: each defect by example, then its verdict on the graph against a slow and
 * plain one, for flows by chance. */
#include "flow_doc.h"

#include <time.h>

#include "flows/check.h"
#include "support/flows.h"

#define T  FLOW_TROUBLESHOOTING
#define P  FLOW_PROCEDURAL
#define N1 "{'id':'n1','kind':'answer','title':'End','outcome':'resolved'}"
#define N2 "{'id':'n2','kind':'action','title':'Go','next':'n1'}"
/* A decision n3 with these options, which are O(id, label, next). */
#define ASK(options)                                                                               \
	"{'id':'n3','kind':'decision','title':'Ask','help':'Look.','options':[" options "]}"
#define O(id, label, next) "{'id':'" id "','label':'" label "','next':" next "}"
/* The structure, and the intake. */
#define GRAPH(start, nodes)               "{'start':'" start "','nodes':[" nodes "]}"
#define FLOW_TEXT(start, nodes)           GRAPH(start, nodes), "[]"
#define FLOW_FIELDS(start, nodes, fields) GRAPH(start, nodes), "[" fields "]"

static const struct {
	int type;
	const char *flow, *intake;
	const char *errors, *warnings; /* "code@node" each, or "code" */
} cases[] = {
	{ T, FLOW_TEXT("n1", N1), "", "" },
	{ T, FLOW_TEXT("n3", ASK(O("a", "Y", "'n1'") "," O("b", "N", "'n2'")) "," N1 "," N2), "",
	  "" },
	{ T, "{'start':null,'nodes':[]}", "[]", "no_steps", "" },
	{ T, FLOW_TEXT("n7", N1), "missing_start", "" },
	{ T, "{'nodes':[" N1 "]}", "[]", "missing_start", "" },
	/* targets */
	{ T, FLOW_TEXT("n2", N2), "no_answer missing_target@n2", "" },
	{ P, FLOW_TEXT("n2", N2), "missing_target@n2", "" },
	{ T, FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'action','title':'Stop'}"), "missing_target@n4",
	  "unreachable@n1" },
	{ P, FLOW_TEXT("n4", "{'id':'n4','kind':'action','title':'Stop'}"), "", "" },
	{ T, FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'section','title':'Stop'}"),
	  "missing_target@n4", "unreachable@n1" },
	{ P, FLOW_TEXT("n3", ASK(O("a", "Y", "null") "," O("b", "N", "'n9'"))),
	  "missing_target@n3 missing_target@n3", "" },
	/* decisions */
	{ T, FLOW_TEXT("n3", N1 "," ASK(O("a", "Y", "'n1'"))), "too_few_options@n3", "" },
	{ T, FLOW_TEXT("n3", N1 "," ASK("")), "too_few_options@n3", "unreachable@n1" },
	{ T, FLOW_TEXT("n3", N1 "," ASK(O("a", " ", "'n1'") "," O("b", "N", "'n1'"))),
	  "empty_label@n3", "" },
	{ T, FLOW_TEXT("n3", N1 "," ASK(O("a", "N", "'n1'") "," O("b", " N", "'n1'"))), "",
	  "duplicate_label@n3" },
	{ T, FLOW_TEXT("n3", N1 "," ASK(O("a", "Y", "'n1'") "," O("a", "N", "'n1'"))),
	  "duplicate_id@n3", "" },
	{ T,
	  FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'decision','title':'Ask','options':[" O(
				  "a", "Y", "'n1'") "," O("b", "N", "'n1'") "]}"),
	  "", "no_help@n4" },
	/* steps */
	{ T, FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'action','title':' ','next':'n1'}"),
	  "empty_title@n4", "" },
	{ T, FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'action','title':'End','next':'n1'}"), "",
	  "duplicate_label@n4" },
	{ T, FLOW_TEXT("n1", N1 ",{'id':'n1','kind':'answer','title':'O','outcome':'escalate'}"),
	  "duplicate_id@n1", "unreachable@n1" },
	{ T, FLOW_TEXT("n4", "{'id':'n4','kind':'answer','title':'O'}"), "missing_outcome@n4", "" },
	{ T, FLOW_TEXT("n1", N1 "," N2), "", "unreachable@n2" },
	/* loops */
	{ T, FLOW_TEXT("n4", N1 ",{'id':'n4','kind':'action','title':'O','next':'n4'}"),
	  "endless_way@n4", "unreachable@n1" },
	{ P,
	  FLOW_TEXT("n5", "{'id':'n4','kind':'action','title':'O','next':'n5'},"
			  "{'id':'n5','kind':'action','title':'U','next':'n4'}"),
	  "endless_way@n5", "" },
	{ T,
	  FLOW_TEXT("n3", N1 "," ASK(O("a", "Y", "'n4'") "," O(
				  "b", "N",
				  "'n1'")) ","
					   "{'id':'n4','kind':'action','title':'U','next':'n3'}"),
	  "", "" },
	{ T,
	  FLOW_TEXT("n3", N1 "," ASK(O("a", "Y", "'n4'") "," O(
				  "b", "N",
				  "'n5'")) ","
					   "{'id':'n4','kind':'action','title':'U','next':'n4'},"
					   "{'id':'n5','kind':'action','title':'V','next':'n6'},"
					   "{'id':'n6','kind':'action','title':'W','next':'n5'}"),
	  "endless_way@n4 endless_way@n5", "unreachable@n1" },
	/* fields */
	{ P,
	  FLOW_FIELDS(
		  "n4",
		  "{'id':'n4','kind':'action','title':'[VAR:a]','body':'[VAR:b]',"
		  "'help':'[VAR:c] [VAR:c]'}",
		  "{'name':'a','label':'A','kind':'text'},{'name':'b','label':'B','kind':'ip'}"),
	  "undeclared_variable@n4", "" },
	{ T, FLOW_FIELDS("n1", N1, "{'name':'a','label':'A','kind':'text'}"), "", "unused_field" },
	{ T,
	  FLOW_FIELDS("n1", N1,
		      "{'name':'a','label':'A','kind':'text'},"
		      "{'name':'a','label':'A','kind':'select'}"),
	  "duplicate_field select_without_options", "duplicate_label unused_field" },
	{ T, FLOW_FIELDS("n1", N1, "{'name':'a','label':' ','kind':'text'}"), "empty_field_label",
	  "unused_field" },
};

static struct str codes(struct list findings)
{
	const struct flow_finding *f = findings.items;
	struct str said = STR("");

	for (size_t at = 0; at < findings.n; at++) {
		said = str_fmt(arena, "%.*s%s%.*s%s%.*s", STR_ARG(said), at ? " " : "",
			       STR_ARG(f[at].code), f[at].node_id.n ? "@" : "",
			       STR_ARG(f[at].node_id));
		ck_assert(str_ends(f[at].message, STR(".")) && str_ends(f[at].hint, STR(".")));
	}
	return said;
}

START_TEST(finds_each_defect)
{
	for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		struct flow_doc d = doc_of(cases[at].type, cases[at].flow, cases[at].intake);
		struct flow_findings found;

		flow_check(arena, &d, &found);
		ck_assert_msg(str_eq(codes(found.errors), str_of(cases[at].errors)) &&
				      str_eq(codes(found.warnings), str_of(cases[at].warnings)),
			      "%s: \"%.*s\", \"%.*s\"", cases[at].flow,
			      STR_ARG(codes(found.errors)), STR_ARG(codes(found.warnings)));
	}
}
END_TEST

START_TEST(names_the_step)
{
	struct flow_doc d =
		doc_of(T, FLOW_TEXT("n3", ASK(O("a", "Y", "'n3'") "," O("b", "N", "null"))));
	struct flow_findings found;
	const struct flow_finding *f;

	flow_check(arena, &d, &found);
	f = found.errors.items;
	ck_assert_text(f[1].message, STR("In step 'Ask' option 'N' leads nowhere."));
	ck_assert_text(f[1].hint, STR("Choose the step it leads to."));
}
END_TEST

/* Of a flow at and over its limits. */
static struct flow_doc large(size_t nodes, size_t options, size_t body)
{
	struct flow_node *all = ARENA_ARRAY(arena, struct flow_node, nodes);
	char *text = arena_alloc(arena, body + 1, 1);

	for (size_t at = 0; at < body; at++)
		text[at] = 'x';
	for (size_t at = 0; at < nodes; at++) {
		struct flow_option *o = ARENA_ARRAY(arena, struct flow_option, options);

		for (size_t way = 0; way < options; way++)
			o[way] = (struct flow_option){
				str_fmt(arena, "o%zu", way), str_fmt(arena, "Option %zu", way),
				str_fmt(arena, "n%zu", (at * 7 + way * 13 + 1) % nodes)
			};
		all[at] = (struct flow_node){ .id = str_fmt(arena, "n%zu", at),
					      .kind = at + 1 < nodes ? FLOW_DECISION : FLOW_ANSWER,
					      .title = str_fmt(arena, "Step %zu", at),
					      .body = { text, body },
					      .help = STR("Look at [VAR:server]."),
					      .options = LIST_OF(o, options) };
	}
	return (struct flow_doc){ .type = T, .structure = { STR("n0"), LIST_OF(all, nodes) } };
}

START_TEST(holds_the_limits)
{
	struct flow_doc at_limit = large(FLOW_NODES_MAX, FLOW_OPTIONS_MAX, 300),
			over = large(FLOW_NODES_MAX + 1, 2, 10), wide = large(2, 21, 1501),
			deep = large(1, 0, FLOW_TEXT_MAX + 1);
	struct flow_findings found;

	flow_check(arena, &at_limit, &found);
	ck_assert_uint_eq(found.errors.n, FLOW_NODES_MAX); /* the field that is not declared */
	ck_assert_uint_eq(found.warnings.n, 0);
	flow_check(arena, &over, &found);
	ck_assert(str_starts(codes(found.errors), STR("too_many_nodes ")));
	flow_check(arena, &wide, &found);
	ck_assert(str_contains(codes(found.errors), STR("too_many_options@n0")));
	ck_assert_text(codes(found.warnings), STR("long_step@n0 long_step@n1"));
	flow_check(arena, &deep, &found);
	ck_assert_text(codes(found.errors), STR("text_too_long@n0 undeclared_variable@n0"));
}
END_TEST

START_TEST(takes_little_time)
{
	struct flow_doc d = large(FLOW_NODES_MAX, FLOW_OPTIONS_MAX, 300);
	struct flow_field field = { .name = STR("server"), .label = STR("Server") };
	struct arena *own = arena_new((size_t)64 << 20);
	double best = 1;

	d.intake = LIST_OF(&field, 1);
	for (int round = 0; round < 50; round++) {
		struct timespec from, to;
		struct flow_findings found;
		double took;

		clock_gettime(CLOCK_MONOTONIC, &from);
		flow_check(own, &d, &found);
		clock_gettime(CLOCK_MONOTONIC, &to);
		ck_assert_uint_eq(found.errors.n, 0);
		took = (double)(to.tv_sec - from.tv_sec) +
		       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
		best = took < best ? took : best;
		arena_reset(own);
	}
	arena_free(own);
	printf("500 nodes of 20 options: %.0f us\n", best * 1e6);
}
END_TEST

/* ---- against a plain one ---- */

#define MOST 14

struct plain {
	const struct flow_doc *doc;
	size_t n, order[MOST], nordered;
	bool leads[MOST][MOST]; /* by any number of ways, and each to itself */
	bool out[MOST];
};

static ptrdiff_t place(const struct plain *p, struct str id)
{
	for (size_t at = 0; at < p->n; at++)
		if (str_eq(flow_nodes(&p->doc->structure)[at].id, id))
			return (ptrdiff_t)at;
	return -1;
}

static void read_on(struct plain *p, size_t at)
{
	const struct flow_node *n = &flow_nodes(&p->doc->structure)[at];

	for (size_t before = 0; before < p->nordered; before++)
		if (p->order[before] == at)
			return;
	p->order[p->nordered++] = at;
	for (size_t way = 0; way < flow_ways(n); way++)
		if (place(p, flow_way(n, way).next) >= 0)
			read_on(p, (size_t)place(p, flow_way(n, way).next));
}

static void read_plainly(struct plain *p, const struct flow_doc *d)
{
	*p = (struct plain){ .doc = d, .n = d->structure.nodes.n };
	for (size_t at = 0; at < p->n; at++) {
		const struct flow_node *n = &flow_nodes(&d->structure)[at];

		p->leads[at][at] = true;
		p->out[at] = flow_ways(n) == 0;
		for (size_t way = 0; way < flow_ways(n); way++) {
			ptrdiff_t to = place(p, flow_way(n, way).next);

			if (to < 0)
				p->out[at] = true;
			else
				p->leads[at][to] = true;
		}
	}
	for (size_t mid = 0; mid < p->n; mid++)
		for (size_t at = 0; at < p->n; at++)
			for (size_t to = 0; to < p->n; to++)
				p->leads[at][to] |= p->leads[at][mid] && p->leads[mid][to];
	if (place(p, d->structure.start) >= 0)
		read_on(p, (size_t)place(p, d->structure.start));
	/* The rest as they stand: one at a time, not where their ways lead. */
	for (size_t at = 0, reached = p->nordered; at < p->n; at++) {
		bool there = false;

		for (size_t before = 0; before < reached; before++)
			there |= p->order[before] == at;
		if (!there)
			p->order[p->nordered++] = at;
	}
}

/* Whether all that the node leads to leads back to it, and nowhere out. */
static bool is_caught(const struct plain *p, size_t at)
{
	for (size_t to = 0; to < p->n; to++)
		if (p->leads[at][to] && (p->out[to] || !p->leads[to][at]))
			return false;
	return true;
}

static bool is_trap(const struct plain *p, size_t at)
{
	if (!is_caught(p, at))
		return false;
	for (size_t first = 0; p->order[first] != at; first++)
		if (p->leads[at][p->order[first]])
			return false;
	return true;
}

static bool has(struct list findings, const char *code, struct str id)
{
	const struct flow_finding *f = findings.items;

	for (size_t at = 0; at < findings.n; at++)
		if (str_eq(f[at].code, str_of(code)) && str_eq(f[at].node_id, id))
			return true;
	return false;
}

START_TEST(judges_as_a_plain_one_does)
{
	struct chance c = { 3 };
	size_t traps = 0, unreached = 0;

	for (int round = 0; round < 20000; round++) {
		struct flow_doc d = flows_by_chance(arena, &c, MOST);
		struct flow_findings found;
		struct plain p;
		ptrdiff_t start;

		read_plainly(&p, &d);
		flow_check(arena, &d, &found);
		start = place(&p, d.structure.start);
		ck_assert(has(found.errors, "missing_start", STR_NONE) == (p.n && start < 0));
		for (size_t at = 0; at < p.n; at++) {
			struct str id = flow_nodes(&d.structure)[at].id;
			bool lost = start >= 0 && !p.leads[start][at];

			ck_assert(has(found.errors, "endless_way", id) == is_trap(&p, at));
			ck_assert(has(found.warnings, "unreachable", id) == lost);
			traps += is_trap(&p, at);
			unreached += lost;
		}
		arena_reset(arena);
	}
	ck_assert_uint_gt(traps, 1000);
	ck_assert_uint_gt(unreached, 1000);
}
END_TEST

SUITE("flows/check", finds_each_defect, names_the_step, holds_the_limits, takes_little_time,
      judges_as_a_plain_one_does)
