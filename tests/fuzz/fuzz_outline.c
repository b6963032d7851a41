/* Any bytes as an outline: problems with their lines, and a doc that the API's shapes would take.
 */
#include <stdio.h>
#include <stdlib.h>

#include "flows/outline.h"
#include "flows/write.h"
#include "kit/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool sound, const char *what)
{
	if (sound)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_text(struct str text, size_t most)
{
	expect(text.p && str_is_utf8(text) && str_utf8_length(text) <= most, "a text");
}

static void check_node(const struct flow_index *ix, const struct flow_node *n)
{
	check_text(n->title, FLOW_TITLE_MAX);
	check_text(n->body, FLOW_TEXT_MAX);
	check_text(n->help, FLOW_TEXT_MAX);
	expect(n->title.n > 0 && flow_id_is_sound(n->id), "a node");
	expect(n->options.n <= FLOW_OPTIONS_MAX, "options");
	for (size_t at = 0; at < flow_ways(n); at++)
		expect(!flow_way(n, at).next.p || flow_at(ix, flow_way(n, at).next) >= 0, "a way");
	for (size_t at = 0; at < n->options.n; at++)
		check_text(flow_options(n)[at].label, FLOW_LABEL_MAX);
}

static void check_doc(struct arena *arena, const struct flow_doc *d)
{
	const struct flow_index *ix = flow_index(arena, &d->structure);

	check_text(d->name, FLOW_TITLE_MAX);
	check_text(d->description, FLOW_TEXT_MAX);
	expect(d->structure.nodes.n <= FLOW_NODES_MAX && d->intake.n <= FLOW_FIELDS_MAX, "bounds");
	for (size_t at = 0; at < d->structure.nodes.n; at++)
		check_node(ix, &flow_nodes(&d->structure)[at]);
	for (size_t at = 0; at < d->intake.n; at++) {
		expect(flow_id_is_sound(flow_fields(d)[at].name), "a field");
		check_text(flow_fields(d)[at].label, FLOW_LABEL_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)128 * 1024 * 1024);
	struct buf out = buf_new(arena, (size_t)16 * 1024 * 1024);
	struct flow_outline outline;

	flow_read_outline(arena, (struct str){ (const char *)data, size }, &outline);
	for (size_t at = 0; at < outline.problems.n; at++) {
		const struct flow_line_problem *p = outline.problems.items;

		expect(p[at].line > 0 && p[at].message.n > 0, "a problem");
	}
	expect(outline.problems.n || outline.doc.structure.nodes.n, "nothing");
	check_doc(arena, &outline.doc);
	flow_put_markdown(arena, &out, &outline.doc);
	flow_put_mermaid(arena, &out, &outline.doc);
	flow_steps_told(arena, NULL, &outline.doc);
	arena_free(arena);
	return 0;
}
