/* What the pages of hand-offs share; see pages.h. */
#include "escalations/pages.h"

#include "escalations/escalations.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"

const struct view *const escalations_views[] = { &queue_view,   &rules_view, &hand_over_view,
						 &context_view, &late_view,  &resolve_view,
						 &release_view, NULL };

static const struct names tones = NAMES("plain", "plain", "warn", "bad");

struct str escalation_url(struct req *r, struct uuid handoff)
{
	return str_fmt(r->arena, "/escalations/%s", handoff.text);
}

struct str priority_tone(int priority)
{
	return names_text(&tones, priority);
}

static struct list left_options(struct req *r, const struct session *s)
{
	struct prompts prompts = prompts_new(r->arena, &s->values);
	size_t n = s->node->options.n;
	struct case_left *left = ARENA_ARRAY(r->arena, struct case_left, n + 1);

	for (size_t at = 0; at < n; at++) {
		const struct flow_option *option = &flow_options(s->node)[at];

		left[at] = (struct case_left){ STR("option"), option->id,
					       prompts_line(&prompts, option->label) };
	}
	return LIST_OF(left, n);
}

struct list case_left(struct req *r, const struct session *s)
{
	size_t n = 0, all = s->doc.structure.nodes.n;
	struct case_left *left = ARENA_ARRAY(r->arena, struct case_left, all + 1);
	struct prompts prompts = prompts_new(r->arena, &s->values);
	const struct flow_node *node = s->node;

	if (node && node->kind == FLOW_DECISION)
		return left_options(r, s);
	while (node && node->kind == FLOW_ACTION && n < all) {
		node = run_land(&s->doc, s->ix, node->next).node;
		if (node)
			left[n++] = (struct case_left){ STR("step"), node->id,
							prompts_line(&prompts, node->title) };
	}
	return LIST_OF(left, n);
}

const struct err *escalation_read(struct req *r, struct handoff *ret)
{
	handoff_read(r->tx, r->id[0], ret);
	TRY(tx_more(r->tx));
	if (!ret->row || ret->row->state >= HANDOFF_PARKED)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such hand-off.");
	return NULL;
}
