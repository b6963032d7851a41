/* Laying a session aside for a while, and going on with it. */
#include <stdio.h>

#include "flows/tree.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "sessions/prepared.h"
#include "sessions/sessions.h"

/* ---- until when ---- */

enum { FOR_GOOD, FOR_AN_HOUR, TILL_TOMORROW };
static const struct names spans = NAMES("open", "hour", "tomorrow");
static const struct choice span_choices[] = {
	{ "open", "Until I resume it" },
	{ "hour", "For one hour" },
	{ "tomorrow", "Until tomorrow, 8:00 UTC" },
	{ 0 },
};

struct park_form {
	struct str reason;
	int until;
	struct str at;
};

/* As a browser's date and time come: "2026-11-22T08:00", in UTC. */
static bool moment_of(struct str text, struct instant *ret)
{
	char whole[32];
	int n = snprintf(whole, sizeof(whole), "%.*s:00Z", STR_ARG(text));

	return n > 0 && (size_t)n < sizeof(whole) && clock_parse(str_of(whole), ret);
}

static const char *check_moment(struct str text)
{
	struct instant at;

	return moment_of(text, &at) ? NULL : "Choose a day and a time, such as 2026-11-22 08:00.";
}

#define P_ struct park_form
static const struct shape park_form = SHAPE(
	P_,
	F_STR(P_, reason, .optional = true, .max = 4000, .lines = true, .any = true,
	      .label = "Why"),
	F_ENUM(P_, until, &spans, .optional = true, .label = "Until", .choices = span_choices),
	F_STR(P_, at, .optional = true, .max = 30, .check = check_moment,
	      .label = "or until a time of your choice (UTC)"));
#undef P_

static struct instant wake_of(const struct park_form *in)
{
	const int64_t hour = 3600 * CLOCK_SECOND, day = 24 * hour;
	struct instant now = clock_now(), at = { 0 };

	if (in->at.n)
		return moment_of(in->at, &at) ? at : (struct instant){ 0 };
	if (in->until == FOR_AN_HOUR)
		return (struct instant){ now.us + hour };
	if (in->until == TILL_TOMORROW)
		return (struct instant){ now.us / day * day + day + 8 * hour };
	return at;
}

/* ---- parking ---- */

struct park_page {
	struct uuid id;
	struct str name;
	struct form_view form;
};

static const struct shape park_page_shape =
	SHAPE(struct park_page, F_UUID(struct park_page, id), F_STR(struct park_page, name),
	      F_OBJECT(struct park_page, form, struct form_view, &form_view_shape));
const struct view park_view = { "sessions/park", &park_page_shape };

static const struct control park_controls[] = {
	{ "reason", CONTROL_LINES, .hint = "For yourself: only you see it." },
	{ .field = "until", .kind = CONTROL_SELECT },
	{ "at", CONTROL_MOMENT,
	  .hint = "It then stands on your home page as if it had never "
		  "been parked." },
	{ 0 },
};

static const struct err *park_show(struct req *r)
{
	struct park_page page;
	struct session s;

	TRY(session_read(r, r->id[0], &s));
	if (s.row->status != SESSION_ACTIVE)
		return r->method == GET ? reply_see_other(r, session_url(r, r->id[0]))
					: session_must_run(r, &s);
	TRY(session_must_run(r, &s));
	page = (struct park_page){
		.id = s.row->id,
		.name = s.row->flow_name,
		.form = form_view(
			r, &(struct form_settings){ .action = str_fmt(r->arena, "/sessions/%s/park",
								      s.row->id.text),
						    .button = "Park it",
						    .input = &park_form,
						    .controls = park_controls,
						    .once = true }),
	};
	return reply_page(r, &park_view, &page);
}

static const struct err *park(struct req *r)
{
	const struct park_form *in = r->input;
	struct instant wake = wake_of(in);
	struct handoff parked;
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	TRY(session_park(r, &s, in->reason, wake, &parked));
	TRY(tx_run(r->tx));
	people_flash(r, "Parked. It waits here for you.");
	return reply_see_other(r, STR("/"));
}

/* ---- while it is parked ---- */

struct parked_page {
	struct uuid id;
	struct str name, client, ticket, owner, why, since_ago, wakes, step;
	struct instant since;
	bool runs, hands_off;
	struct str once;
};

#define P_ struct parked_page
static const struct shape parked_page_shape = SHAPE(
	P_, F_UUID(P_, id), F_STR(P_, name), F_STR(P_, client), F_STR(P_, ticket), F_STR(P_, owner),
	F_STR(P_, why), F_STR(P_, since_ago), F_STR(P_, wakes), F_STR(P_, step), F_TIME(P_, since),
	F_BOOL(P_, runs), F_BOOL(P_, hands_off), F_STR(P_, once));
#undef P_
const struct view parked_view = { "sessions/parked", &parked_page_shape };

const struct err *parked_show(struct req *r, const struct session *s)
{
	const struct session_row *row = s->row;
	const struct parked_page page = {
		.id = row->id,
		.name = row->flow_name,
		.client = row->client,
		.ticket = row->ticket,
		.owner = row->owner_name,
		.why = row->runs ? row->aside_why : STR_NONE,
		.since = row->aside_at,
		.since_ago = clock_ago(r->arena, row->aside_at),
		.wakes = clock_words(r->arena, row->wake_at),
		.step = s->here ? s->here->title : STR_NONE,
		.runs = row->runs,
		.hands_off = row->runs && uuid_is_none(row->handoff),
		.once = crypto_token(r->arena),
	};

	return reply_page(r, &parked_view, &page);
}

/* One that has returned by its time is gone on with all the same. */
static const struct err *resume(struct req *r)
{
	struct session s;

	TRY(session_open(r, r->id[0], &s));
	if (!s.row->runs || s.row->status != SESSION_ACTIVE)
		TRY(session_resume(r, &s));
	TRY(tx_run(r->tx));
	return reply_see_other(r, session_url(r, r->id[0]));
}

#define SESSION "/sessions/:session"

const struct route aside_routes[] = {
	{ GET, SESSION "/park", .need = PERM_RUN, .find = session_find, .run = park_show },
	{ POST, SESSION "/park", .need = PERM_RUN, .input = &park_form, .find = session_find,
	  .run = park, .again = park_show, .once = true },
	{ POST, SESSION "/resume", .need = PERM_RUN, .find = session_find, .run = resume,
	  .once = true },
	{ 0 },
};
