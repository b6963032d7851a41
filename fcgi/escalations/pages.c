/* What the pages of hand-offs share; see pages.h. */
#include "escalations/pages.h"

#include "escalations/escalations.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"

const struct view *const escalations_views[] = { &hand_over_view, &context_view, &late_view,
						 &resolve_view,   &release_view, NULL };

static const struct names words = NAMES("Low", "Normal", "High", "Urgent");
static const struct names tones = NAMES("plain", "plain", "warn", "bad");

struct str escalation_url(struct req *r, struct uuid handoff)
{
	return str_fmt(r->arena, "/escalations/%s", handoff.text);
}

struct str priority_word(int priority)
{
	return names_text(&words, priority);
}

struct str priority_tone(int priority)
{
	return names_text(&tones, priority);
}

const struct err *escalation_read(struct req *r, struct handoff *ret)
{
	handoff_read(r->tx, r->id[0], ret);
	TRY(tx_more(r->tx));
	if (!ret->row || ret->row->state >= HANDOFF_PARKED)
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such hand-off.");
	return NULL;
}
