/* The end of a hand-off that was taken over: resolved with a word, or given back to wait anew. */
#include "escalations/escalations.h"
#include "escalations/pages.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/db/db.h"
#include "kit/http/form.h"
#include "people/people.h"

/* What becomes of the session. */
enum fate { FATE_COMPLETE, FATE_BACK, FATE_KEEP };
static const struct names fates = NAMES("complete", "back", "keep");

struct resolve_form {
	struct str resolution;
	int session;
};

#define F struct resolve_form
static const struct shape resolve_form =
	SHAPE(F,
	      F_STR(F, resolution, .min = 1, .max = 20000, .lines = true, .any = true,
		    .label = "What it was"),
	      F_ENUM(F, session, &fates, .optional = true));
#undef F

struct resolve_page {
	struct uuid id, session;
	struct str flow, by, owner, reason;
	struct form_view form;
	bool has_it, complete, back, keep; /* which of them is chosen */
};

#define P_ struct resolve_page
static const struct shape resolve_page_shape = SHAPE(
	P_, F_UUID(P_, id), F_UUID(P_, session), F_STR(P_, flow), F_STR(P_, by), F_STR(P_, owner),
	F_STR(P_, reason), F_OBJECT(P_, form, struct form_view, &form_view_shape),
	F_BOOL(P_, has_it), F_BOOL(P_, complete), F_BOOL(P_, back), F_BOOL(P_, keep));
#undef P_
const struct view resolve_view = { "escalations/resolve", &resolve_page_shape };

/* Nothing to end here, or not theirs: the hand-off's page says how it stands. */
static const struct err *elsewhere(struct req *r)
{
	return reply_see_other(r, escalation_url(r, r->id[0]));
}

static struct form_view form_of(struct req *r, const struct handoff_row *row)
{
	const struct control controls[] = {
		{ "resolution", CONTROL_LINES,
		  .hint = str_cstr(r->arena,
				   str_fmt(r->arena,
					   "What was wrong and what helped. %.*s reads it.",
					   STR_ARG(row->by_name))) },
		{ 0 },
	};
	struct str url = escalation_url(r, row->id);

	return form_view(r, &(struct form_settings){
				    .action = str_fmt(r->arena, "%.*s/resolve", STR_ARG(url)),
				    .button = "Resolve",
				    .input = &resolve_form,
				    .controls = controls,
				    .once = true });
}

static const struct err *resolve_show(struct req *r)
{
	const struct handoff_row *row;
	struct resolve_page page;
	struct handoff h;
	int fate;

	TRY(escalation_read(r, &h));
	row = h.row;
	if (!handoff_may(r, row, HANDOFF_RESOLVE))
		return r->method == GET ? elsewhere(r) : escalation_late(r);
	TRY(tx_run(r->tx));
	page = (struct resolve_page){
		.id = row->id,
		.session = row->session,
		.flow = row->flow_name,
		.by = row->by_name,
		.owner = row->claimer_name,
		.reason = row->reason,
		.form = form_of(r, row),
		.has_it = uuid_eq(row->claimer, r->who->person),
	};
	if (!names_find(&fates, form_value(r, STR("session")), &fate))
		fate = page.has_it ? FATE_COMPLETE : FATE_BACK;
	page.complete = fate == FATE_COMPLETE;
	page.back = fate == FATE_BACK;
	page.keep = fate == FATE_KEEP;
	return reply_page(r, &resolve_view, &page);
}

/* Completing comes next on a page of its own, where outcome and summary are asked for. */
static const struct err *resolve(struct req *r)
{
	const struct resolve_form *in = r->input;
	struct handoff h;
	struct str url;

	TRY(handoff_do(r, in->session == FATE_BACK ? HANDOFF_RETURN : HANDOFF_RESOLVE, r->id[0],
		       in->resolution, &h));
	TRY(tx_run(r->tx));
	people_flash(r, "Resolved. Whoever asked for help is told.");
	if (in->session == FATE_BACK || !uuid_eq(h.row->claimer, r->who->person))
		return elsewhere(r);
	url = session_url(r, h.row->session);
	return reply_see_other(r, in->session == FATE_KEEP
					  ? url
					  : str_fmt(r->arena, "%.*s/complete", STR_ARG(url)));
}

/* ---- given back ---- */

struct release_page {
	struct uuid id, session;
	struct str flow, by, owner, once;
	bool has_it;
};

#define P_ struct release_page
static const struct shape release_page_shape =
	SHAPE(P_, F_UUID(P_, id), F_UUID(P_, session), F_STR(P_, flow), F_STR(P_, by),
	      F_STR(P_, owner), F_STR(P_, once), F_BOOL(P_, has_it));
#undef P_
const struct view release_view = { "escalations/release", &release_page_shape };

static const struct err *release_show(struct req *r)
{
	struct release_page page;
	struct handoff h;

	TRY(escalation_read(r, &h));
	TRY(tx_run(r->tx));
	if (!handoff_may(r, h.row, HANDOFF_RELEASE))
		return elsewhere(r);
	page = (struct release_page){
		.id = h.row->id,
		.session = h.row->session,
		.flow = h.row->flow_name,
		.by = h.row->by_name,
		.owner = h.row->claimer_name,
		.once = crypto_token(r->arena),
		.has_it = uuid_eq(h.row->claimer, r->who->person),
	};
	return reply_page(r, &release_view, &page);
}

static const struct err *release(struct req *r)
{
	struct handoff h;

	TRY(handoff_do(r, HANDOFF_RELEASE, r->id[0], STR_NONE, &h));
	TRY(tx_run(r->tx));
	people_flash(r, "Given back. It waits in the queue again.");
	return elsewhere(r);
}

#define HANDOFF "/escalations/:handoff"

const struct route resolve_routes[] = {
	{ GET, HANDOFF "/resolve", .need = PERM_QUEUE, .run = resolve_show },
	{ POST, HANDOFF "/resolve", .need = PERM_QUEUE, .input = &resolve_form,
	  .find = handoff_find, .run = resolve, .again = resolve_show, .once = true },
	{ GET, HANDOFF "/release", .need = PERM_QUEUE, .run = release_show },
	{ POST, HANDOFF "/release", .need = PERM_QUEUE, .run = release, .again = escalation_late,
	  .once = true },
	{ 0 },
};
