/*
 * Draws the flow that stands as JSON on stdin, for tests that look at pictures:
 *	draw layout	boxes and lines as JSON
 *	draw page	SVG as a page has it, the start marked
 *	draw file	SVG that stands alone
 *	draw time	milliseconds of the processor for one drawing, the best of 20
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flows/picture.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"

#define INPUT_MAX ((size_t)16 << 20)

static struct str read_all(struct arena *a)
{
	char *text = arena_alloc(a, INPUT_MAX, 1);

	return (struct str){ text, fread(text, 1, INPUT_MAX, stdin) };
}

static void print_layout(const struct flow_layout *l)
{
	printf("{\"width\":%g,\"height\":%g,\"boxes\":[", l->width, l->height);
	for (size_t at = 0; at < l->nboxes; at++)
		printf("%s[%g,%g,%g,%g]", at ? "," : "", l->boxes[at].x, l->boxes[at].y,
		       l->boxes[at].width, l->boxes[at].height);
	printf("],\"lines\":[");
	for (size_t at = 0; at < l->nlines; at++) {
		const struct flow_line *line = &l->lines[at];

		printf("%s{\"from\":%zu,\"to\":%zu,\"back\":%s,\"points\":[", at ? "," : "",
		       line->from, line->to, line->back ? "true" : "false");
		for (size_t point = 0; point < line->npoints; point++)
			printf("%s[%g,%g]", point ? "," : "", line->points[point][0],
			       line->points[point][1]);
		printf("]}");
	}
	printf("]}\n");
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double best_time(const struct flow_graph *g, const struct flow_picture *p)
{
	double best = 1e9;

	for (int turn = 0; turn < 20; turn++) {
		struct arena *a = arena_new((size_t)128 << 20);
		double begun = now_ms(), took;

		flow_svg(a, g, p);
		took = now_ms() - begun;
		best = took < best ? took : best;
		arena_free(a);
	}
	return best;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)512 << 20);
	const char *what = argc > 1 ? argv[1] : "layout";
	bool alone = strcmp(what, "file") == 0;
	struct flow_graph g = { 0 };
	struct flow_picture p = { .alone = alone };

	if (shape_read_json(a, &flow_graph_shape, read_all(a), &g)) {
		fputs("not a flow\n", stderr);
		return 1;
	}
	if (!alone) {
		p.base = STR("/flows/1/edit/");
		p.current = g.start;
	}
	if (strcmp(what, "layout") == 0)
		print_layout(flow_lay_out(a, &g));
	else if (strcmp(what, "time") == 0)
		printf("%.2f\n", best_time(&g, &p));
	else
		printf("%.*s\n", STR_ARG(flow_svg(a, &g, &p).s));
	arena_free(a);
	return 0;
}
