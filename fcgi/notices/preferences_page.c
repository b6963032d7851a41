/* The page of what a person wishes to be told of. */
#include "kit/base/arena.h"
#include "kit/http/form.h"
#include "notices/inside.h"
#include "notices/preferences.h"
#include "people/people.h"

static const struct names day_labels =
	NAMES("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

struct preferences_form {
	int email[NOTICE__MAX];
	bool inapp[NOTICE__MAX];
	struct str quiet_from, quiet_until, digest_at, zone;
	struct list quiet_days;
	bool urgent_anyway, chime;
};

static const struct choice email_choices[] = {
	{ "now", "At once" },
	{ "digest", "In the digest" },
	{ "off", "Not at all" },
	{ 0 },
};

#define T struct preferences_form
#define EVENT(word, number, what)                                                                  \
	{                                                                                          \
		.name = "email_" word,                                                             \
		.type = FIELD_ENUM,                                                                \
		.off = offsetof(T, email[number]),                                                 \
		.names = &wish_names,                                                              \
		.optional = true,                                                                  \
		.label = "E-mail: " what,                                                          \
		.choices = email_choices,                                                          \
	},                                                                                         \
	{                                                                                          \
		.name = "inapp_" word, .type = FIELD_BOOL, .off = offsetof(T, inapp[number]),      \
		.label = "Notice: " what,                                                          \
	}
static const struct shape preferences_form = SHAPE(
	T, EVENT("prepared", NOTICE_PREPARED, "prepared for you"),
	EVENT("escalation", NOTICE_ESCALATION, "handed off"),
	EVENT("overdue", NOTICE_OVERDUE, "not taken in time"),
	EVENT("answer", NOTICE_ANSWER, "answer to your own"),
	F_STR(T, quiet_from, .optional = true, .check = clock_check_time, .label = "From"),
	F_STR(T, quiet_until, .optional = true, .check = clock_check_time, .label = "Until"),
	F_BOOL(T, urgent_anyway, .label = "Urgent ones come all the same"),
	F_STR(T, digest_at, .min = 1, .check = clock_check_time, .label = "Time of the digest"),
	F_STR(T, zone, .min = 1, .max = 100, .label = "Your time zone"),
	F_BOOL(T, chime, .label = "A sound when a case arrives in the open queue"),
	F_LIST(T, quiet_days, &shape_texts, .optional = true, .label = "Quiet all day"));
#undef T

/* In the order of the page; the first two of each event. */
static const struct control controls[] = {
	{ .field = "email_prepared", .kind = CONTROL_SELECT },
	{ .field = "inapp_prepared", .kind = CONTROL_CHECKBOX },
	{ .field = "email_escalation", .kind = CONTROL_SELECT },
	{ .field = "inapp_escalation", .kind = CONTROL_CHECKBOX },
	{ .field = "email_overdue", .kind = CONTROL_SELECT },
	{ .field = "inapp_overdue", .kind = CONTROL_CHECKBOX },
	{ .field = "email_answer", .kind = CONTROL_SELECT },
	{ .field = "inapp_answer", .kind = CONTROL_CHECKBOX },
	{ .field = "quiet_from", .kind = CONTROL_TIME },
	{ .field = "quiet_until", .kind = CONTROL_TIME },
	{ .field = "urgent_anyway", .kind = CONTROL_CHECKBOX },
	{ .field = "digest_at", .kind = CONTROL_TIME, .needed = true },
	{ .field = "zone", .kind = CONTROL_SELECT },
	{ .field = "chime", .kind = CONTROL_CHECKBOX },
	{ 0 },
};
enum { HOURS = 2 * NOTICE__MAX, URGENT = HOURS + 2, DIGEST, ZONE, CHIME, CONTROLS };

struct event_line {
	struct str title;
	struct list email, inapp; /* a field each */
};

struct day_view {
	struct str value, label;
	bool checked;
};

struct preferences_page {
	struct form_view form;
	struct list events, hours, urgent, days, digest, zone, chime;
	bool any;
	struct str days_error;
};

static const struct shape event_line_shape =
	SHAPE(struct event_line, F_STR(struct event_line, title),
	      F_LIST(struct event_line, email, &form_field_shape),
	      F_LIST(struct event_line, inapp, &form_field_shape));
static const struct shape day_shape =
	SHAPE(struct day_view, F_STR(struct day_view, value), F_STR(struct day_view, label),
	      F_BOOL(struct day_view, checked));
#define P_ struct preferences_page
static const struct shape preferences_shape =
	SHAPE(P_, F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, events, &event_line_shape), F_LIST(P_, hours, &form_field_shape),
	      F_LIST(P_, urgent, &form_field_shape), F_LIST(P_, days, &day_shape),
	      F_LIST(P_, digest, &form_field_shape), F_LIST(P_, zone, &form_field_shape),
	      F_LIST(P_, chime, &form_field_shape), F_BOOL(P_, any), F_STR(P_, days_error));
#undef P_
const struct view preferences_view = { "notices/preferences", &preferences_shape };

static struct str ticked(bool is)
{
	return is ? STR("1") : STR("");
}

/* In the order of the controls. */
static const struct pair *values_of(struct arena *a, const struct preferences *p)
{
	struct pair *values = ARENA_ARRAY(a, struct pair, CONTROLS + 1);
	const struct times *t = &p->times;
	const struct str others[] = {
		t->quiet_from.n ? t->quiet_from : STR(""),
		t->quiet_until.n ? t->quiet_until : STR(""),
		ticked(t->urgent_anyway),
		t->digest_at,
		t->zone,
		ticked(t->chime),
	};

	for (int at = 0; at < CONTROLS; at++)
		values[at].name = str_of(controls[at].field);
	for (int event = 0; event < NOTICE__MAX; event++) {
		values[2 * event].value = names_text(&wish_names, p->wish[event][CHANNEL_EMAIL]);
		values[2 * event + 1].value = ticked(p->wish[event][CHANNEL_INAPP] == WISH_NOW);
	}
	for (int at = HOURS; at < CONTROLS; at++)
		values[at].value = others[at - HOURS];
	return values;
}

static struct form_view form_of(struct req *r, const struct kept *kept, const struct preferences *p)
{
	struct control *own = ARENA_ARRAY(r->arena, struct control, CONTROLS + 1);
	struct pair *zones = ARENA_ARRAY(r->arena, struct pair, kept->zones.n + 1);

	for (size_t at = 0; at < kept->zones.n; at++)
		zones[at].name = zones[at].value =
			((const struct zone_row *)kept->zones.items)[at].name;
	for (int at = 0; at < CONTROLS; at++)
		own[at] = controls[at];
	own[ZONE].more = LIST_OF(zones, kept->zones.n);
	return form_view(r, &(struct form_settings){ .action = STR("/profile/notifications"),
						     .button = "Save",
						     .input = &preferences_form,
						     .controls = own,
						     .values = values_of(r->arena, p),
						     .quiet = true });
}

static struct list event_lines(struct req *r, const struct form_view *form)
{
	struct event_line *lines = ARENA_ARRAY(r->arena, struct event_line, NOTICE__MAX);
	size_t n = 0;

	for (size_t event = 0; event < NOTICE__MAX; event++)
		if (preferences_concern(r, (int)event))
			lines[n++] = (struct event_line){ notice_event_title((int)event),
							  form_part(form, 2 * event, 1),
							  form_part(form, 2 * event + 1, 1) };
	return LIST_OF(lines, n);
}

static bool was_sent(const struct req *r, const char *name, struct str value)
{
	for (size_t at = 0; at < r->nform; at++)
		if (str_eq(r->form[at].name, str_of(name)) && str_eq(r->form[at].value, value))
			return true;
	return false;
}

static struct list day_views(struct req *r, int64_t days)
{
	struct day_view *views = ARENA_ARRAY(r->arena, struct day_view, day_names.n);
	bool sent = r->method != GET && r->nform;

	for (size_t at = 0; at < day_names.n; at++) {
		struct str value = names_text(&day_names, (int)at);

		views[at] = (struct day_view){ value, names_text(&day_labels, (int)at),
					       sent ? was_sent(r, "quiet_days", value)
						    : days >> at & 1 };
	}
	return LIST_OF(views, day_names.n);
}

static struct str problem_of_days(const struct req *r)
{
	for (size_t at = 0; at < r->nproblems; at++)
		if (str_eq(r->problems[at].field, STR("quiet_days")))
			return r->problems[at].message;
	return STR_NONE;
}

static const struct err *show(struct req *r)
{
	struct preferences_page page = { 0 };
	struct preferences p;
	struct kept kept;

	preferences_read(r, &kept);
	TRY(tx_run(r->tx));
	p = preferences_of(&kept);
	page.form = form_of(r, &kept, &p);
	page.events = event_lines(r, &page.form);
	page.any = page.events.n > 0;
	page.hours = form_part(&page.form, HOURS, 2);
	page.urgent = form_part(&page.form, URGENT, 1);
	page.digest = form_part(&page.form, DIGEST, 1);
	page.zone = form_part(&page.form, ZONE, 1);
	page.chime = form_part(&page.form, CHIME, 1);
	page.days = day_views(r, p.times.quiet_days);
	page.days_error = problem_of_days(r);
	return reply_page(r, &preferences_view, &page);
}

static const struct err *save(struct req *r)
{
	const struct preferences_form *form = r->input;
	struct preferences p;
	struct kept kept;

	preferences_read(r, &kept);
	TRY(tx_more(r->tx));
	p = preferences_of(&kept);
	p.times = (struct times){ form->zone,          form->quiet_from, form->quiet_until, 0,
				  form->urgent_anyway, form->digest_at,  form->chime };
	TRY(preferences_days(r, form->quiet_days, &p.times.quiet_days));
	for (int event = 0; event < NOTICE__MAX; event++) {
		if (form->email[event] >= 0)
			p.wish[event][CHANNEL_EMAIL] = form->email[event];
		p.wish[event][CHANNEL_INAPP] = form->inapp[event] ? WISH_NOW : WISH_OFF;
	}
	TRY(preferences_keep(r, &kept, &p));
	people_flash(r, "Saved.");
	return reply_see_other(r, STR("/profile/notifications"));
}

const struct route preferences_routes[] = {
	{ GET, "/profile/notifications", .need = PERM_SIGNED_IN, .run = show },
	{ POST, "/profile/notifications", .need = PERM_SIGNED_IN, .input = &preferences_form,
	  .run = save, .again = show },
	{ 0 },
};
