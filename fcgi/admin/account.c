/* What an account says of itself: its name, its time zone, its business hours.  The page and the
 * API. */
#include <string.h>

#include "admin/admin.h"
#include "admin/pages.h"
#include "admin/store.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/http/form.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE     "/account"
#define TEXT_MAX ((size_t)16 * 1024)

#define R struct account_row
#define TIME(m, what)                                                                              \
	F_STR(R, m, .optional = true, .max = 5, .check = clock_check_time, .label = what)
#define DAY(name, word) TIME(name##_opens, word ": opens"), TIME(name##_closes, word ": closes")
static const struct shape account_input = SHAPE_WITH(
	R, (.label = "AccountSettings"), F_STR(R, name, .min = 1, .max = 120, .label = "Name"),
	F_STR(R, time_zone, .min = 1, .max = 64, .label = "Time zone"),
	F_BOOL(R, by_hours, .optional = true,
	       .label = "Hand-offs wait and rest in business hours only"),
	DAY(monday, "Monday"), DAY(tuesday, "Tuesday"), DAY(wednesday, "Wednesday"),
	DAY(thursday, "Thursday"), DAY(friday, "Friday"), DAY(saturday, "Saturday"),
	DAY(sunday, "Sunday"));
#undef R

#define CLOCK(day)                                                                                 \
	{ .field = day "_opens", .kind = CONTROL_TIME, .needed = true },                           \
	{                                                                                          \
		.field = day "_closes", .kind = CONTROL_TIME, .needed = true                       \
	}
static const struct control controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "organization" },
	{ .field = "time_zone", .kind = CONTROL_SELECT, .hint = "Of the business hours below." },
	{ "by_hours", CONTROL_CHECKBOX,
	  .hint = "The minutes of the rules for escalations then stand still while you are "
		  "closed." },
	CLOCK("monday"),
	CLOCK("tuesday"),
	CLOCK("wednesday"),
	CLOCK("thursday"),
	CLOCK("friday"),
	CLOCK("saturday"),
	CLOCK("sunday"),
	{ 0 },
};
enum { ZONE = 1, HOURS = 3, CONTROLS = HOURS + 2 * DAYS };

static const struct names day_words =
	NAMES("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

/* ---- acts ---- */

/* The times of a row, day by day, opening before closing. */
static const struct str *times_of(const struct account_row *row)
{
	_Static_assert(offsetof(struct account_row, sunday_closes) -
				       offsetof(struct account_row, monday_opens) ==
			       (2 * DAYS - 1) * sizeof(struct str),
		       "one after the other");
	return &row->monday_opens;
}

static const struct err *check_hours(struct req *r, const struct account_row *in)
{
	const struct str *times = times_of(in);

	for (int day = 0; day < DAYS; day++) {
		struct str opens = times[2 * day], closes = times[2 * day + 1];
		bool midnight = str_eq(closes, STR("00:00"));

		if (!opens.n && !closes.n)
			continue;
		if (!opens.n || !closes.n)
			return input_refuse(
				r, controls[HOURS + 2 * day + (opens.n > 0)].field,
				"Enter both times, or none where you are closed all day.");
		if (!midnight && memcmp(opens.p, closes.p, 5) >= 0)
			return input_refuse(r, controls[HOURS + 2 * day + 1].field,
					    "Close later than you open; 00:00 is midnight.");
	}
	return NULL;
}

static const struct err *check_zone(struct req *r, struct list zones, struct str zone)
{
	for (size_t at = 0; at < zones.n; at++)
		if (str_eq(((const struct text_row *)zones.items)[at].text, zone))
			return NULL;
	return input_refuse(r, "time_zone", "Choose one of the time zones.");
}

static struct json_text account_text(struct req *r, const struct account_row *row)
{
	struct buf out = buf_new(r->arena, TEXT_MAX);

	shape_put_json(&out, &account_input, row);
	return (struct json_text){ buf_str(&out) };
}

static const struct err *save(struct req *r, struct account_row **ret)
{
	const struct account_row *in = r->input;
	struct str opens[DAYS], closes[DAYS];
	struct account_row *was;
	struct list zones;

	TRY(check_hours(r, in));
	store_account(r->tx, &was);
	store_account_zones(r->tx, &zones);
	TRY(tx_more(r->tx));
	TRY(check_zone(r, zones, in->time_zone));
	for (int day = 0; day < DAYS; day++) {
		opens[day] = str_or_empty(times_of(in)[2 * day]);
		closes[day] = str_or_empty(times_of(in)[2 * day + 1]);
	}
	store_account_set(r->tx, in, LIST_OF(opens, DAYS), LIST_OF(closes, DAYS));
	store_account(r->tx, ret);
	TRY(tx_more(r->tx));
	audit(r, "account.changed", "account", r->who->account, account_text(r, was),
	      account_text(r, *ret));
	return tx_run(r->tx);
}

/* ---- the page ---- */

struct day_view {
	struct str day;
	struct list fields;
};

struct account_page {
	struct form_view form;
	struct list head, days; /* of fields; of struct day_view */
};

static const struct shape day_shape = SHAPE(struct day_view, F_STR(struct day_view, day),
					    F_LIST(struct day_view, fields, &form_field_shape));
#define V struct account_page
static const struct shape account_page_shape =
	SHAPE(V, F_OBJECT(V, form, struct form_view, &form_view_shape),
	      F_LIST(V, head, &form_field_shape), F_LIST(V, days, &day_shape));
#undef V
const struct view account_view = { "admin/account", &account_page_shape };

static const struct pair *values_of(struct arena *a, const struct account_row *row)
{
	struct pair *values = ARENA_ARRAY(a, struct pair, CONTROLS + 1);

	for (int at = 0; at < CONTROLS; at++)
		values[at].name = str_of(controls[at].field);
	values[0].value = row->name;
	values[ZONE].value = row->time_zone;
	values[2].value = row->by_hours ? STR("1") : STR("");
	for (int at = HOURS; at < CONTROLS; at++)
		values[at].value = str_or_empty(times_of(row)[at - HOURS]);
	return values;
}

static const struct control *controls_of(struct arena *a, struct list zones)
{
	struct control *own = ARENA_ARRAY(a, struct control, CONTROLS + 1);
	struct pair *choices = ARENA_ARRAY(a, struct pair, zones.n + 1);

	memcpy(own, controls, sizeof controls);
	for (size_t at = 0; at < zones.n; at++)
		choices[at].name = choices[at].value =
			((const struct text_row *)zones.items)[at].text;
	own[ZONE].more = LIST_OF(choices, zones.n);
	return own;
}

static const struct err *show(struct req *r)
{
	struct day_view *days = ARENA_ARRAY(r->arena, struct day_view, DAYS);
	struct account_page page;
	struct account_row *row;
	struct list zones;

	store_account(r->tx, &row);
	store_account_zones(r->tx, &zones);
	TRY(tx_run(r->tx));
	page.form = form_view(r, &(struct form_settings){ .action = STR(PAGE),
							  .button = "Save",
							  .input = &account_input,
							  .controls = controls_of(r->arena, zones),
							  .values = values_of(r->arena, row),
							  .quiet = true });
	page.head = form_part(&page.form, 0, HOURS);
	for (size_t at = 0; at < DAYS; at++)
		days[at] = (struct day_view){ names_text(&day_words, (int)at),
					      form_part(&page.form, HOURS + 2 * at, 2) };
	page.days = LIST_OF(days, DAYS);
	return reply_page(r, &account_view, &page);
}

static const struct err *save_by_page(struct req *r)
{
	struct account_row *row;

	TRY(save(r, &row));
	people_flash(r, "The settings of the account are saved.");
	return reply_see_other(r, STR(PAGE));
}

/* ---- API ---- */

static const struct err *get_api(struct req *r)
{
	struct account_row *row;

	store_account(r->tx, &row);
	TRY(tx_run(r->tx));
	return reply_json(r, &account_input, row);
}

static const struct err *put_api(struct req *r)
{
	struct account_row *row;

	TRY(save(r, &row));
	return reply_json(r, &account_input, row);
}

const struct view *const admin_views[] = { &account_view,  &retention_view, &due_view, &hold_view,
					   &archives_view, &closing_view,   NULL };

const struct route account_routes[] = {
	{ GET, PAGE, .need = PERM_ADMIN, .run = show },
	{ POST, PAGE, .need = PERM_ADMIN, .input = &account_input, .run = save_by_page,
	  .again = show },
	{ GET, "/api/v1" PAGE, .need = PERM_ADMIN, .run = get_api, .output = &account_input,
	  .about = "The account's name, time zone and business hours; a day without times is "
		   "closed, "
		   "and where all are it never closes" },
	{ PUT, "/api/v1" PAGE, .need = PERM_ADMIN, .input = &account_input, .run = put_api,
	  .output = &account_input, .about = "Change them" },
	{ 0 },
};
