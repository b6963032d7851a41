/* The picture of a flow: nothing overlaps, nothing is missing, and it is the same each time. */
#include "support/suite.h"

#include <math.h>
#include <string.h>

#include "flows/picture.h"
#include "kit/base/buf.h"
#include "kit/base/shape_json.h"

#define CLOSE .5

static struct flow_graph read_graph(const char *json)
{
	struct flow_graph g = { 0 };

	ck_assert(!shape_read_json(arena, &flow_graph_shape, str_of(json), &g));
	return g;
}

static size_t next_chance(size_t *seed, size_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % n;
}

/* n nodes, each decision with ways to anywhere, mostly near: no author writes such, and that is
 * what it is for. */
static struct flow_graph wild_graph(size_t seed, size_t n, size_t ways)
{
	struct flow_node *nodes = ARENA_ARRAY(arena, struct flow_node, n);

	for (size_t at = 0; at < n; at++) {
		struct flow_option *options = ARENA_ARRAY(arena, struct flow_option, ways);
		size_t count = next_chance(&seed, ways + 1);

		nodes[at] = (struct flow_node){ .id = str_fmt(arena, "n%zu", at),
						.kind = count ? FLOW_DECISION : FLOW_ANSWER,
						.title = str_fmt(arena, "Title of %zu", at * 997),
						.options = { options, count },
						.outcome = count ? -1 : OUTCOME_ESCALATE };
		for (size_t way = 0; way < count; way++) {
			size_t far = next_chance(&seed, 4) ? 12 : n;
			size_t to = (at + n - far / 4 + next_chance(&seed, far)) % n;

			options[way].label = str_fmt(arena, "Way %zu", way);
			options[way].next = str_fmt(arena, "n%zu", to);
		}
	}
	return (struct flow_graph){ .start = STR("n0"), .nodes = { nodes, n } };
}

static void check_boxes(const struct flow_layout *l)
{
	for (size_t at = 0; at < l->nboxes; at++) {
		const struct flow_box *a = &l->boxes[at];

		ck_assert_msg(a->x >= 0 && a->y >= 0 && a->x + a->width <= l->width &&
				      a->y + a->height <= l->height,
			      "box %zu is outside", at);
		for (size_t other = 0; other < at; other++) {
			const struct flow_box *b = &l->boxes[other];

			ck_assert_msg(a->x + a->width <= b->x || b->x + b->width <= a->x ||
					      a->y + a->height <= b->y || b->y + b->height <= a->y,
				      "boxes %zu and %zu overlap", at, other);
		}
	}
}

static bool on_edge(const struct flow_box *b, const double *p)
{
	bool level = fabs(p[1] - b->y) < CLOSE || fabs(p[1] - b->y - b->height) < CLOSE;
	bool upright = fabs(p[0] - b->x) < CLOSE || fabs(p[0] - b->x - b->width) < CLOSE;

	return (level && p[0] > b->x - CLOSE && p[0] < b->x + b->width + CLOSE) ||
	       (upright && p[1] > b->y - CLOSE && p[1] < b->y + b->height + CLOSE);
}

/* Whether some point of the piece lies inside the box: cut the piece down to the box's height. */
static bool passes(const struct flow_box *b, const double *p, const double *q)
{
	const double *high = p[1] < q[1] ? p : q, *low = p[1] < q[1] ? q : p;
	double top = fmax(high[1], b->y + CLOSE), end = fmin(low[1], b->y + b->height - CLOSE);
	double slope = low[1] > high[1] ? (low[0] - high[0]) / (low[1] - high[1]) : 0;
	double x1 = high[0] + slope * (top - high[1]), x2 = high[0] + slope * (end - high[1]);

	if (low[1] - high[1] < CLOSE) {
		x1 = p[0];
		x2 = q[0];
	}
	return top <= end && fmax(x1, x2) > b->x + CLOSE && fmin(x1, x2) < b->x + b->width - CLOSE;
}

static void check_line(const struct flow_layout *l, const struct flow_line *line)
{
	ck_assert_uint_ge(line->npoints, 2);
	ck_assert_uint_le(line->ndrawn, line->npoints);
	ck_assert_msg(on_edge(&l->boxes[line->from], line->points[0]), "begins at its box");
	ck_assert_msg(on_edge(&l->boxes[line->to], line->points[line->npoints - 1]), "ends there");
	for (size_t at = 0; at < line->npoints; at++)
		ck_assert(line->points[at][0] >= 0 && line->points[at][0] <= l->width &&
			  line->points[at][1] >= 0 && line->points[at][1] <= l->height);
	for (size_t at = 1; at < line->npoints; at++)
		for (size_t box = 0; box < l->nboxes; box++)
			ck_assert_msg(
				!passes(&l->boxes[box], line->points[at - 1], line->points[at]),
				"%zu to %zu passes through %zu", line->from, line->to, box);
}

/* Ways to one node are one line; a way to nowhere is none. */
static void check_ways(const struct flow_graph *g, const struct flow_layout *l)
{
	const struct flow_index *ix = flow_index(arena, g);
	size_t *drawn = ARENA_ARRAY(arena, size_t, g->nodes.n * g->nodes.n), pairs = 0;

	for (size_t at = 0; at < l->nlines; at++)
		drawn[l->lines[at].from * g->nodes.n + l->lines[at].to]++;
	for (size_t at = 0; at < g->nodes.n; at++)
		for (size_t way = 0; way < flow_ways(&flow_nodes(g)[at]); way++) {
			ptrdiff_t to = flow_at(ix, flow_way(&flow_nodes(g)[at], way).next);
			size_t *count = &drawn[at * g->nodes.n + (size_t)(to < 0 ? 0 : to)];

			if (to < 0)
				continue;
			ck_assert_msg(*count == 1 || *count == 99, "drawn %zu times", *count);
			pairs += *count == 1;
			*count = 99;
		}
	ck_assert_uint_eq(pairs, l->nlines);
}

/* Without the lines back nothing leads from a node to itself again; they alone go up. */
static void check_loops(const struct flow_layout *l)
{
	for (size_t at = 0; at < l->nlines; at++) {
		const struct flow_line *line = &l->lines[at];
		double from = l->boxes[line->from].y, to = l->boxes[line->to].y;

		ck_assert_msg(line->back ? to <= from : from < to, "%zu to %zu", line->from,
			      line->to);
	}
}

static const struct flow_layout *check_layout(const struct flow_graph *g)
{
	const struct flow_layout *l = flow_lay_out(arena, g);

	ck_assert_uint_eq(l->nboxes, g->nodes.n);
	check_boxes(l);
	check_ways(g, l);
	check_loops(l);
	for (size_t at = 0; at < l->nlines; at++)
		check_line(l, &l->lines[at]);
	return l;
}

static struct str svg_of(const struct flow_graph *g, struct flow_picture p)
{
	return flow_svg(arena, g, &p).s;
}

static bool holds(struct str text, const char *part)
{
	return str_contains(text, str_of(part));
}

START_TEST(lays_out_wild_flows_soundly)
{
	for (size_t seed = 1; seed <= 60; seed++) {
		struct flow_graph g = wild_graph(seed, 2 + seed, 2 + seed % 5);

		check_layout(&g);
	}
}
END_TEST

START_TEST(draws_the_same_each_time)
{
	for (size_t seed = 1; seed <= 10; seed++) {
		struct flow_graph g = wild_graph(seed, 40, 4);
		struct flow_picture p = { .base = STR("/flows/1/edit/") };

		ck_assert_text(svg_of(&g, p), svg_of(&g, p));
	}
}
END_TEST

#define ANSWER(id)                                                                                 \
	"{\"id\":\"" id "\",\"kind\":\"answer\",\"title\":\"End\",\"outcome\":\"resolved\"}"

START_TEST(marks_loops_and_what_is_apart)
{
	struct flow_graph g =
		read_graph("{\"start\":\"a\",\"nodes\":["
			   "{\"id\":\"a\",\"kind\":\"action\",\"title\":\"Do\",\"next\":\"b\"},"
			   "{\"id\":\"b\",\"kind\":\"decision\",\"title\":\"Done?\",\"options\":["
			   "{\"id\":\"1\",\"label\":\"No\",\"next\":\"a\"},"
			   "{\"id\":\"2\",\"label\":\"Again\",\"next\":\"b\"},"
			   "{\"id\":\"3\",\"label\":\"Yes\",\"next\":\"c\"},"
			   "{\"id\":\"4\",\"label\":\"Perhaps\",\"next\":\"c\"},"
			   "{\"id\":\"5\",\"label\":\"Lost\",\"next\":\"gone\"},"
			   "{\"id\":\"6\",\"label\":\"Nowhere\",\"next\":null}]}," ANSWER(
				   "c") ","
					"{\"id\":\"x\",\"kind\":\"section\",\"title\":\"Old\","
					"\"next\":\"a\"}]}");
	const struct flow_layout *l = check_layout(&g);

	ck_assert_uint_eq(l->nlines, 5);
	ck_assert(!l->lines[0].back && l->lines[1].back && l->lines[2].back && !l->lines[3].back);
	ck_assert_msg(l->lines[4].back, "into what can be reached");
	ck_assert_text(l->lines[3].text, STR("Yes / Perhaps"));
	ck_assert(l->apart > l->boxes[2].y && l->apart < l->boxes[3].y);
	ck_assert(holds(svg_of(&g, (struct flow_picture){ 0 }), "class=\"section apart\""));
}
END_TEST

#define ASK(id, one, two)                                                                          \
	"{\"id\":\"" id "\",\"kind\":\"decision\",\"title\":\"?\",\"options\":["                   \
	"{\"id\":\"1\",\"label\":\"Yes\",\"next\":\"" one "\"},"                                   \
	"{\"id\":\"2\",\"label\":\"No\",\"next\":\"" two "\"}]}"

START_TEST(keeps_options_in_their_order_where_that_costs_nothing)
{
	struct flow_graph tree =
		read_graph("{\"start\":\"a\",\"nodes\":[" ANSWER("g") "," ANSWER("f") "," ANSWER(
			"e") "," ANSWER("d") "," ASK("c", "f", "g") "," ASK("b", "d",
									    "e") "," ASK("a", "b",
											 "c") "]}");
	const struct flow_box *box = flow_lay_out(arena, &tree)->boxes;

	for (size_t at = 0; at < 3; at++)
		ck_assert_msg(box[at].x > box[at + 1].x, "answer %zu", at);
	ck_assert(box[5].x < box[4].x);
}
END_TEST

START_TEST(names_a_doubled_node_once)
{
	struct flow_graph g = read_graph("{\"nodes\":[" ANSWER("c") "," ANSWER("c") "]}");
	struct str svg = svg_of(&g, (struct flow_picture){ 0 });

	ck_assert(holds(str_first(svg, svg.n), "id=\"pic-c\""));
	ck_assert(!holds(str_skip(svg, (size_t)(strstr(svg.p, "pic-c") - svg.p) + 1), "pic-c"));
}
END_TEST

START_TEST(stays_bounded_where_a_flow_is_at_its_limits)
{
	struct flow_graph g = wild_graph(3, FLOW_NODES_MAX, FLOW_OPTIONS_MAX);
	struct str svg = svg_of(&g, (struct flow_picture){ 0 });

	ck_assert(str_ends(svg, STR("</svg>")));
	ck_assert_msg(arena_used(arena) < (size_t)100 << 20, "%zu bytes", arena_used(arena));
}
END_TEST

START_TEST(draws_an_empty_flow_and_one_of_a_single_node)
{
	struct flow_graph none = { 0 };
	struct flow_graph one = read_graph("{\"start\":\"c\",\"nodes\":[" ANSWER("c") "]}");

	ck_assert(str_ends(svg_of(&none, (struct flow_picture){ 0 }), STR("</svg>")));
	ck_assert(check_layout(&one)->nlines == 0);
}
END_TEST

START_TEST(links_marks_and_escapes)
{
	struct flow_graph g = read_graph(
		"{\"start\":\"a\",\"nodes\":[{\"id\":\"a\",\"kind\":\"action\",\"title\":"
		"\"<b>\\u0001&\\\"'\",\"next\":\"a\"}]}");
	struct str page =
		svg_of(&g, (struct flow_picture){ STR("/f/?x=1&y="), STR("a"), .alone = false });
	struct str file = svg_of(&g, (struct flow_picture){ .alone = true });

	ck_assert(holds(page, "<a href=\"/f/?x=1&amp;y=a\" id=\"pic-a\""));
	ck_assert(holds(page, "aria-current=\"true\"") && !holds(file, "aria-current=\"true\""));
	ck_assert(holds(page, "&lt;b&gt; &amp;"));
	ck_assert(!holds(page, "<b>") && !holds(page, "\x01"));
	ck_assert(!holds(page, "<style") && holds(file, "<style"));
	ck_assert(!holds(page, " style=") && !holds(file, "<a "));
}
END_TEST

START_TEST(breaks_titles_where_words_end)
{
	struct flow_graph g = read_graph(
		"{\"start\":\"a\",\"nodes\":[{\"id\":\"a\",\"kind\":\"action\",\"title\":"
		"\"Überprüfen, ob der Drucker am Netz hängt und ob jemand das Kabel mit dem Fuß "
		"aus der Dose gezogen hat, was öfter vorkommt\",\"next\":null}]}");
	struct str svg = svg_of(&g, (struct flow_picture){ 0 });

	ck_assert(str_is_utf8(svg));
	ck_assert(holds(svg, ">Überprüfen, ob der</tspan>"));
	ck_assert(holds(svg, "…</tspan>"));
}
END_TEST

SUITE("flows/picture", lays_out_wild_flows_soundly, draws_the_same_each_time,
      marks_loops_and_what_is_apart, keeps_options_in_their_order_where_that_costs_nothing,
      names_a_doubled_node_once, stays_bounded_where_a_flow_is_at_its_limits,
      draws_an_empty_flow_and_one_of_a_single_node, links_marks_and_escapes,
      breaks_titles_where_words_end)
