/* What was typed into a step's form and not sent, kept for whoever typed it; see node.h. */
#include "flows/flows.h"
#include "flows/node.h"
#include "kit/base/arena.h"
#include "kit/http/fcgi.h"

/* The longest text and help, of letters that take nine bytes each. */
#define UNSENT_MAX ((size_t)400000)

static const struct names pressed = NAMES("act", "at", "up", "down", "remove");

static bool is_typed(struct str name)
{
	int which;

	return shape_find(&node_form_shape, name) && !names_find(&pressed, name, &which);
}

const struct err *node_note_unsent(struct req *r)
{
	struct buf text = buf_new(r->arena, UNSENT_MAX);

	for (size_t at = 0; at < r->nform; at++) {
		if (!is_typed(r->form[at].name))
			continue;
		if (text.n)
			buf_putc(&text, '&');
		buf_put_url(&text, r->form[at].name);
		buf_putc(&text, '=');
		buf_put_url(&text, r->form[at].value);
	}
	if (text.full)
		return ERR(r->arena, ERR_TOO_LARGE, "This is more than a step may hold.");
	store_unsent_keep(r->tx, r->id[0], r->word, buf_str(&text), form_value(r, STR("once")));
	return NULL;
}

const struct err *node_keep_unsent(struct req *r)
{
	struct flow_row *row;

	if (!flow_id_is_sound(r->word))
		return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such step.");
	store_flow(r->tx, r->id[0], &row);
	TRY(node_note_unsent(r));
	TRY(tx_run(r->tx));
	if (!row || !row->edits)
		return flow_not_yours(r);
	return reply_none(r);
}

/* The step itself may be gone; then there is only the editor's front to go to. */
const struct err *node_drop_unsent(struct req *r)
{
	store_unsent_drop(r->tx, r->id[0], r->word);
	TRY(tx_run(r->tx));
	return editor_go(r, form_value(r, STR("gone")).n ? STR("") : r->word, STR_NONE);
}
