/* What edits of steps, options and fields share; see edit_parts.h. */
#include "flows/edit_parts.h"

#include <string.h>

#include "flows/words.h"
#include "kit/base/arena.h"

/* ---- lists ---- */

void *edit_splice(struct arena *a, struct list *l, size_t size, size_t at, size_t gone, size_t more)
{
	size_t left = l->n - at - gone;
	char *items = arena_array(a, at + more + left + 1, size, _Alignof(max_align_t));
	const char *old = l->items;

	if (at)
		memcpy(items, old, at * size);
	if (left)
		memcpy(items + (at + more) * size, old + (at + gone) * size, left * size);
	*l = LIST_OF(items, at + more + left);
	return items;
}

struct list edit_moved(struct arena *a, struct list l, size_t size, size_t from, size_t to)
{
	const char *item = (const char *)l.items + from * size;
	char *items;

	if (to > l.n - 1)
		to = l.n - 1;
	edit_splice(a, &l, size, from, 1, 0);
	items = edit_splice(a, &l, size, to, 0, 1);
	memcpy(items + to * size, item, size);
	return l;
}

/* ---- texts ---- */

struct str edit_text(struct str text)
{
	return text.p ? text : STR("");
}

const struct err *edit_check_length(struct arena *a, const char *what, struct str text, size_t max)
{
	if (!flow_is_longer(text, max))
		return NULL;
	return ERR(a, ERR_INVALID, "The %s has more than %zu characters: shorten it.", what, max);
}

const struct err *edit_check_texts(struct arena *a, const struct flow_node *n)
{
	TRY(edit_check_length(a, "title", n->title, FLOW_TITLE_MAX));
	TRY(edit_check_length(a, "text", n->body, FLOW_TEXT_MAX));
	return edit_check_length(a, "help", n->help, FLOW_TEXT_MAX);
}

const struct err *edit_check_target(struct arena *a, struct str next)
{
	if (next.n == 0 || flow_id_is_sound(next))
		return NULL;
	return ERR(a, ERR_INVALID, "No step has such an id: choose one from the list.");
}

/* ---- ids ---- */

struct edit_numbers edit_numbers(struct arena *a, char letter, size_t most)
{
	/* Of most + 1 numbers from 1 one is free, whatever the others are. */
	return (struct edit_numbers){ a, letter, ARENA_ARRAY(a, bool, most + 2), most + 2 };
}

void edit_note(struct edit_numbers *numbers, struct str id)
{
	int64_t number;

	if (id.n < 2 || id.p[0] != numbers->letter || !str_to_int(str_skip(id, 1), &number))
		return;
	if (number > 0 && (size_t)number < numbers->room)
		numbers->taken[number] = true;
}

struct str edit_free_id(struct edit_numbers *numbers)
{
	size_t at = 1;

	while (at + 1 < numbers->room && numbers->taken[at])
		at++;
	numbers->taken[at] = true;
	return str_fmt(numbers->arena, "%c%zu", numbers->letter, at);
}

/* ---- steps ---- */

const struct err *edit_find(const struct flow_edit *e, struct str id, size_t *ret)
{
	ptrdiff_t at = flow_at(flow_index(e->arena, &e->doc.structure), id);

	if (at < 0)
		return ERR(e->arena, ERR_NOT_FOUND,
			   "That step is no longer in the flow: load the page again.");
	*ret = (size_t)at;
	return NULL;
}

struct flow_node *edit_nodes(struct flow_edit *e)
{
	return edit_splice(e->arena, &e->doc.structure.nodes, sizeof(struct flow_node), 0, 0, 0);
}

/* Free is what no step is called and no way leads to: a broken way must not be mended by chance. */
static struct str free_node_id(const struct flow_edit *e)
{
	const struct flow_graph *g = &e->doc.structure;
	size_t most = g->nodes.n + 1;
	struct edit_numbers numbers;

	for (size_t at = 0; at < g->nodes.n; at++)
		most += flow_ways(&flow_nodes(g)[at]);
	numbers = edit_numbers(e->arena, 'n', most);
	edit_note(&numbers, g->start);
	for (size_t at = 0; at < g->nodes.n; at++) {
		const struct flow_node *n = &flow_nodes(g)[at];

		edit_note(&numbers, n->id);
		for (size_t way = 0; way < flow_ways(n); way++)
			edit_note(&numbers, flow_way(n, way).next);
	}
	return edit_free_id(&numbers);
}

const struct err *edit_insert(struct flow_edit *e, size_t at, struct flow_node *node)
{
	struct flow_graph *g = &e->doc.structure;
	struct flow_node *nodes;

	if (g->nodes.n >= FLOW_NODES_MAX)
		return ERR(e->arena, ERR_INVALID,
			   "A flow holds at most %d steps: delete one, or go on in a second flow.",
			   FLOW_NODES_MAX);
	TRY(edit_check_texts(e->arena, node));
	node->id = e->made = free_node_id(e);
	nodes = edit_splice(e->arena, &g->nodes, sizeof(*nodes), at, 0, 1);
	nodes[at] = *node;
	if (g->nodes.n == 1)
		g->start = node->id;
	return NULL;
}
