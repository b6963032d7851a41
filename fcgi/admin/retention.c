/* How long sessions are kept after their end: the page and the API.  What is due goes by the jobs
 * program; migrations/0021_admin.sql says how. */
#include "admin/admin.h"
#include "admin/pages.h"
#include "admin/store.h"
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE "/account/retention"
#define API  "/api/v1/account/retention"

static const struct choice way_words[] = {
	{ "delete", "Delete them" },
	{ "anonymise", "Keep their path and times, without names, texts and clients" },
	{ 0 },
};

/* ---- input ---- */

struct retention_wish {
	int64_t days;
	int way;
	int64_t sessions; /* as they were shown; -1: not confirmed */
	bool sure;
};

#define W struct retention_wish
#define WISH                                                                                       \
	F_INT(W, days, .optional = true, .max = 3650, .label = "Days after their end"),            \
		F_ENUM(W, way, &retention_ways, .optional = true, .choices = way_words,            \
		       .label = "Then")
static const struct shape look_input = SHAPE(W, WISH);
static const struct shape save_input = SHAPE_WITH(
	W, (.label = "RetentionWish"), WISH,
	F_INT(W, sessions, .optional = true, .max = 1000000000, .label = "Sessions that go today"),
	F_BOOL(W, sure, .optional = true, .label = "Yes, they shall go"));
#undef W

static const struct control look_controls[] = {
	{ "days", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off",
	  .hint = "30 to 3650. Empty: sessions are kept for ever." },
	{ .field = "way", .kind = CONTROL_SELECT },
	{ 0 },
};
static const struct control save_controls[] = {
	{ .field = "days", .kind = CONTROL_HIDDEN },
	{ .field = "way", .kind = CONTROL_HIDDEN },
	{ "sessions", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off", .needed = true,
	  .hint = "Type the number to confirm it." },
	{ 0 },
};
/* Where none goes, there is nothing to confirm. */
static const struct control plain_controls[] = {
	{ .field = "days", .kind = CONTROL_HIDDEN },
	{ .field = "way", .kind = CONTROL_HIDDEN },
	{ 0 },
};

static int64_t days_of(const struct req *r)
{
	const struct retention_wish *in = r->input;

	return input_given(r, "days") ? in->days : 0;
}

static struct str way_of(const struct req *r)
{
	const struct retention_wish *in = r->input;

	return names_text(&retention_ways, input_given(r, "way") && in->way >= 0 ? in->way : 0);
}

/* ---- acts ---- */

static struct json_text told(struct req *r, int64_t days, struct str way)
{
	return (struct json_text){ str_fmt(r->arena, "{\"days\":%lld,\"way\":\"%.*s\"}",
					   (long long)days, STR_ARG(way)) };
}

static const struct err *check_days(struct req *r, int64_t days)
{
	if (days != 0 && days < 30)
		return input_refuse(r, "days",
				    "Enter 30 to 3650 days, or nothing to keep them for ever.");
	return NULL;
}

/* What was shown is what goes: where it has become more or less meanwhile, it is shown anew. */
static const struct err *check_confirmed(struct req *r, int64_t sessions)
{
	const struct retention_wish *in = r->input;
	int64_t shown = input_given(r, "sessions") ? in->sessions : 0;

	if (shown == sessions || (r->api && in->sure && !input_given(r, "sessions")))
		return NULL;
	input_problem(r, STR("sessions"),
		      str_fmt(r->arena, "It is %lld by now. Enter that number to confirm it.",
			      (long long)sessions));
	return ERR_CODE(r->arena, ERR_INVALID, "not_confirmed",
			"With these settings %lld sessions go today. Confirm that number.",
			(long long)sessions);
}

static const struct err *save(struct req *r)
{
	int64_t days = days_of(r);
	struct str way = way_of(r);
	struct past_total none = { 0 }, *past = &none;
	struct retention_row *was;

	TRY(check_days(r, days));
	store_retention_lock(r->tx);
	store_retention(r->tx, &was);
	if (days)
		store_retention_total(r->tx, days, way, &past);
	TRY(tx_more(r->tx));
	TRY(check_confirmed(r, past->sessions));
	store_retention_set(r->tx, days, way);
	audit(r, "retention.changed", "account", r->who->account, told(r, was->days, was->way),
	      told(r, days, way));
	return tx_run(r->tx);
}

/* ---- what pages and API tell ---- */

#define P_ struct past_row
static const struct shape past_shape = SHAPE_WITH(P_, (.label = "SessionsPast"), F_STR(P_, month),
						  F_STR(P_, flow), F_INT(P_, sessions));
#undef P_
#define R struct retention_run
static const struct shape run_shape = SHAPE_WITH(R, (.label = "RetentionRun"), F_TIME(R, began_at),
						 F_TIME(R, ended_at, .null = true),
						 F_INT(R, sessions), F_INT(R, days), F_STR(R, way));
#undef R
struct retention_json {
	int64_t days;
	struct str way;
	int64_t kept;
	struct list runs;
};
#define J struct retention_json
static const struct shape retention_json =
	SHAPE_WITH(J, (.label = "Retention"), F_INT(J, days), F_STR(J, way), F_INT(J, kept),
		   F_LIST(J, runs, &run_shape));
#undef J

struct dry_json {
	int64_t days, sessions;
	struct instant oldest;
	struct list groups;
};
#define J struct dry_json
static const struct shape dry_json =
	SHAPE_WITH(J, (.label = "RetentionDryRun"), F_INT(J, days), F_INT(J, sessions),
		   F_TIME(J, oldest, .null = true), F_LIST(J, groups, &past_shape));
#undef J

/* ---- the page ---- */

struct retention_page {
	struct form_view look, confirm;
	bool has_days, goes, past, looked, running, ran, anonymises;
	int64_t days, would_days, sessions, removed, kept;
	struct str oldest, list_url, would_way;
	struct list groups, runs;
};
struct run_view {
	struct str when, what;
};
static const struct shape run_view_shape =
	SHAPE(struct run_view, F_STR(struct run_view, when), F_STR(struct run_view, what));
#define V struct retention_page
static const struct shape retention_page_shape = SHAPE(
	V, F_OBJECT(V, look, struct form_view, &form_view_shape),
	F_OBJECT(V, confirm, struct form_view, &form_view_shape), F_BOOL(V, has_days),
	F_BOOL(V, goes), F_BOOL(V, past), F_BOOL(V, looked), F_BOOL(V, running), F_BOOL(V, ran),
	F_BOOL(V, anonymises), F_INT(V, days), F_INT(V, would_days), F_INT(V, sessions),
	F_INT(V, removed), F_INT(V, kept), F_STR(V, oldest), F_STR(V, list_url),
	F_STR(V, would_way), F_LIST(V, groups, &past_shape), F_LIST(V, runs, &run_view_shape));
#undef V
const struct view retention_view = { "admin/retention", &retention_page_shape };

static struct list runs_of(struct arena *a, struct list rows)
{
	struct run_view *views = ARENA_ARRAY(a, struct run_view, rows.n + 1);
	const struct retention_run *run = rows.items;

	for (size_t at = 0; at < rows.n; at++)
		views[at] = (struct run_view){
			clock_words(a, run[at].began_at),
			str_fmt(a, "%lld session%s %s, %lld days after their end%s",
				(long long)run[at].sessions, run[at].sessions == 1 ? "" : "s",
				str_eq(run[at].way, STR("delete")) ? "deleted" : "anonymised",
				(long long)run[at].days,
				run[at].ended_at.us ? "" : "; not finished yet"),
		};
	return LIST_OF(views, rows.n);
}

static void forms_of(struct req *r, struct retention_page *page, struct str days, struct str way)
{
	struct pair *values = ARENA_ARRAY(r->arena, struct pair, 3);

	values[0] = (struct pair){ STR("days"), days };
	values[1] = (struct pair){ STR("way"), way };
	page->look = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							   .button = "Look what would go",
							   .input = &look_input,
							   .controls = look_controls,
							   .values = values,
							   .quiet = true });
	page->confirm = form_view(
		r, &(struct form_settings){ .action = STR(PAGE),
					    .button = page->past ? "Save, and let them go" : "Save",
					    .input = &save_input,
					    .controls = page->past ? save_controls : plain_controls,
					    .values = values,
					    .id_end = "-save",
					    .quiet = true });
}

static struct str number(struct arena *a, int64_t n)
{
	return n ? str_fmt(a, "%lld", (long long)n) : STR("");
}

static const struct err *show(struct req *r)
{
	bool looked = input_given(r, "days") || input_given(r, "way") || r->method == POST;
	int64_t wish = days_of(r);
	bool counts = looked && wish >= 30;
	struct past_total none = { 0 }, *past = &none;
	struct retention_row *now;
	struct retention_page page = { 0 };
	struct list runs;

	store_retention(r->tx, &now);
	store_retention_runs(r->tx, &runs);
	if (counts) {
		store_retention_total(r->tx, wish, way_of(r), &past);
		store_retention_past(r->tx, wish, way_of(r), &page.groups);
	}
	TRY(tx_run(r->tx));
	page.has_days = now->days;
	page.days = now->days;
	page.kept = now->kept;
	page.running = now->running;
	page.removed = now->running;
	page.runs = runs_of(r->arena, runs);
	page.ran = runs.n;
	page.looked = looked && (wish == 0 || wish >= 30);
	page.goes = counts;
	page.would_days = wish;
	page.sessions = past->sessions;
	page.past = past->sessions > 0;
	page.anonymises = str_eq(looked ? way_of(r) : now->way, STR("anonymise"));
	page.would_way = page.anonymises ? STR("anonymised") : STR("deleted");
	if (page.past) {
		page.oldest = clock_words(r->arena, past->oldest);
		page.list_url = str_fmt(r->arena, PAGE "/due?days=%lld&way=%.*s", (long long)wish,
					STR_ARG(way_of(r)));
	}
	forms_of(r, &page, number(r->arena, looked ? wish : now->days),
		 looked ? way_of(r) : now->way);
	return reply_page(r, &retention_view, &page);
}

static const struct err *look(struct req *r)
{
	int64_t wish = days_of(r);

	if (wish != 0 && wish < 30)
		input_problem(r, STR("days"),
			      STR("Enter 30 to 3650 days, or nothing to keep them for ever."));
	return show(r);
}

static const struct err *save_by_page(struct req *r)
{
	TRY(save(r));
	people_flash(r, "The retention is saved. What is due goes within some minutes.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- API ---- */

static const struct err *get_api(struct req *r)
{
	struct retention_row *now;
	struct retention_json answer;

	store_retention(r->tx, &now);
	store_retention_runs(r->tx, &answer.runs);
	TRY(tx_run(r->tx));
	answer.days = now->days;
	answer.way = now->way;
	answer.kept = now->kept;
	return reply_json(r, &retention_json, &answer);
}

static const struct err *dry_api(struct req *r)
{
	struct dry_json answer = { .days = days_of(r) };
	struct past_total *past;

	TRY(check_days(r, answer.days));
	if (!answer.days)
		return reply_json(r, &dry_json, &answer);
	store_retention_total(r->tx, answer.days, way_of(r), &past);
	store_retention_past(r->tx, answer.days, way_of(r), &answer.groups);
	TRY(tx_run(r->tx));
	answer.sessions = past->sessions;
	answer.oldest = past->oldest;
	return reply_json(r, &dry_json, &answer);
}

static const struct err *put_api(struct req *r)
{
	struct retention_json answer = { .days = days_of(r), .way = way_of(r) };
	struct retention_row *was;

	store_retention(r->tx, &was);
	store_retention_runs(r->tx, &answer.runs);
	TRY(save(r));
	answer.kept = was->kept;
	return reply_json(r, &retention_json, &answer);
}

const struct route retention_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .input = &look_input, .run = look, .again = show },
	{ POST, PAGE, .need = PERM_ADMIN, .input = &save_input, .run = save_by_page,
	  .again = show },
	{ GET, API, .need = PERM_ADMIN, .run = get_api, .output = &retention_json,
	  .about = "How many days after their end sessions go (0: never) and how, and what was "
		   "done lately" },
	{ PUT, API, .need = PERM_ADMIN, .input = &save_input, .run = put_api,
	  .output = &retention_json,
	  .about = "Change it: `sessions` is the number of those that go today, as the dry run "
		   "tells it" },
	{ GET, API "/dry-run", .need = PERM_ADMIN, .input = &look_input, .run = dry_api,
	  .output = &dry_json, .about = "Which sessions would go today, by month and flow" },
	{ 0 },
};
