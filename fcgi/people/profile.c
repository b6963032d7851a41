/* One's own pages: what home shows of the account, profile, password, devices, and a form that was
 * kept. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/pages.h"
#include "record/record.h"

static const char *const role_labels[ROLE__MAX] = { "Viewer", "Engineer", "Team admin",
						    "Platform admin" };

struct str role_label(int role)
{
	return role >= 0 && role < ROLE__MAX ? str_of(role_labels[role]) : STR_NONE;
}

/* ---- home ---- */

struct step_view {
	struct str title, hint, href;
	bool done;
};

static const struct shape step_shape =
	SHAPE(struct step_view, F_STR(struct step_view, title), F_STR(struct step_view, hint),
	      F_STR(struct step_view, href), F_BOOL(struct step_view, done));

#define H struct people_home
const struct shape people_home_shape =
	SHAPE(H, F_BOOL(H, verified), F_BOOL(H, setting_up), F_INT(H, people), F_INT(H, teams),
	      F_STR(H, plan), F_STR(H, role_label), F_LIST(H, steps, &step_shape));

void people_home_read(struct req *r, struct people_home *ret)
{
	store_home_counts(r->tx, &ret->counts);
}

void people_home_ready(struct req *r, struct people_home *home)
{
	const struct home_counts *counts = home->counts;
	struct step_view *steps = ARENA_ARRAY(r->arena, struct step_view, 2);

	steps[0] = (struct step_view){ STR("Invite a colleague"),
				       STR("Hand-offs need someone to hand to."), STR("/invites"),
				       counts->people > 1 };
	steps[1] = (struct step_view){ STR("Add your teams"),
				       STR("A team shares what the others need not see."),
				       STR("/teams"), counts->teams > 1 };
	home->verified = r->who->row->verified;
	home->setting_up =
		role_may((enum role)r->who->row->role, PERM_PEOPLE) && counts->people <= 1;
	home->people = counts->people;
	home->teams = counts->teams;
	home->plan = counts->plan;
	home->role_label = role_label(r->who->row->role);
	home->steps = LIST_OF(steps, 2);
}

/* ---- the public front page ---- */

struct welcome_page {
	bool can_register;
};

static const struct shape welcome_shape =
	SHAPE(struct welcome_page, F_BOOL(struct welcome_page, can_register));
const struct view welcome_view = { "people/welcome", &welcome_shape };

const struct err *people_welcome(struct req *r)
{
	struct welcome_page page = { .can_register = may_register(r) };

	TRY(tx_run(r->tx));
	return reply_page(r, &welcome_view, &page);
}

/* ---- profile ---- */

static const struct names theme_names = NAMES("auto", "light", "dark");
static const struct choice themes[] = {
	{ "auto", "As the device has it" },
	{ "light", "Light" },
	{ "dark", "Dark" },
	{ 0 },
};

struct profile_input {
	struct str name;
	int theme;
	bool shortcuts;
};

const struct shape profile_input = SHAPE(
	struct profile_input,
	F_STR(struct profile_input, name, .min = 1, .max = 120, .label = "Your name"),
	F_ENUM(struct profile_input, theme, &theme_names, .label = "Colours", .choices = themes),
	F_BOOL(struct profile_input, shortcuts, .label = "Single-key shortcuts"));

struct profile_page {
	struct form_view form;
	bool verified, second_factor;
	struct str role_label, team, password_changed_ago;
	struct instant password_changed;
	int64_t devices, keys;
};

static const struct shape profile_shape =
	SHAPE(struct profile_page,
	      F_OBJECT(struct profile_page, form, struct form_view, &form_view_shape),
	      F_BOOL(struct profile_page, verified), F_STR(struct profile_page, role_label),
	      F_STR(struct profile_page, team), F_STR(struct profile_page, password_changed_ago),
	      F_TIME(struct profile_page, password_changed), F_INT(struct profile_page, devices),
	      F_INT(struct profile_page, keys), F_BOOL(struct profile_page, second_factor));
const struct view profile_view = { "people/profile", &profile_shape };

static const struct control profile_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "name" },
	{ "theme", .kind = CONTROL_SELECT },
	{ "shortcuts", CONTROL_CHECKBOX,
	  .hint = "Digits choose an answer, n takes a note, ? lists them all. Turn them off if you "
		  "speak to your computer." },
	{ 0 },
};

static struct str ticked(bool is)
{
	return is ? STR("1") : STR("");
}

const struct err *profile_show(struct req *r)
{
	struct profile_row *row;
	struct profile_page page;
	struct pair values[4] = { 0 };

	store_profile(r->tx, r->who->person, &row);
	TRY(tx_run(r->tx));
	values[0] = (struct pair){ STR("name"), r->who->row->name };
	values[1] = (struct pair){ STR("theme"), r->who->row->theme };
	values[2] = (struct pair){ STR("shortcuts"), ticked(r->who->row->single_keys) };
	page = (struct profile_page){
		.form = form_view(r, &(struct form_settings){ .action = STR("/profile"),
							      .button = "Save",
							      .input = &profile_input,
							      .controls = profile_controls,
							      .values = values,
							      .quiet = true }),
		.verified = r->who->row->verified,
		.role_label = role_label(r->who->row->role),
		.team = row->team,
		.password_changed = row->password_changed_at,
		.password_changed_ago = clock_ago(r->arena, row->password_changed_at),
		.devices = row->devices,
		.keys = row->keys,
		.second_factor = row->second_factor,
	};
	return reply_page(r, &profile_view, &page);
}

const struct err *profile_save(struct req *r)
{
	const struct profile_input *in = r->input;

	TRY(tx_more(r->tx));
	store_profile_set(r->tx, r->who->person,
			  &(struct profile_form){ .name = in->name,
						  .theme = names_text(&theme_names, in->theme),
						  .single_keys = in->shortcuts });
	if (!str_eq(in->name, r->who->row->name))
		audit(r, "person.renamed", "person", r->who->person,
		      audit_fact(r->arena, "name", r->who->row->name),
		      audit_fact(r->arena, "name", in->name));
	TRY(tx_run(r->tx));
	people_flash(r, "Saved.");
	return reply_see_other(r, STR("/profile"));
}

/* ---- password ---- */

struct password_page {
	struct form_view form;
};

static const struct shape password_page_shape =
	SHAPE(struct password_page,
	      F_OBJECT(struct password_page, form, struct form_view, &form_view_shape));
const struct view password_view = { "people/password", &password_page_shape };

static const struct control password_controls[] = {
	{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ "password", CONTROL_PASSWORD, .autocomplete = "new-password",
	  .hint = "At least 12 characters. Your other devices are signed out." },
	{ 0 },
};

const struct err *password_show(struct req *r)
{
	struct password_page page = {
		.form = form_view(r, &(struct form_settings){ .action = STR("/profile/password"),
							      .button = "Change password",
							      .input = &change_input,
							      .controls = password_controls }),
	};

	TRY(tx_run(r->tx));
	return reply_page(r, &password_view, &page);
}

const struct err *password_save(struct req *r)
{
	TRY(act_change(r, r->input));
	people_flash(r, "Your password is changed. Your other devices are signed out.");
	return reply_see_other(r, STR("/profile"));
}

/* ---- devices ---- */

struct devices_page {
	int64_t others;
	struct str others_label;
	struct list devices;
};

const struct shape device_view_shape =
	SHAPE(struct device_view, F_UUID(struct device_view, id), F_STR(struct device_view, agent),
	      F_STR(struct device_view, address), F_STR(struct device_view, since_ago),
	      F_STR(struct device_view, last_seen_ago), F_TIME(struct device_view, since),
	      F_TIME(struct device_view, last_seen), F_BOOL(struct device_view, current));
static const struct shape devices_shape =
	SHAPE(struct devices_page, F_INT(struct devices_page, others),
	      F_STR(struct devices_page, others_label),
	      F_LIST(struct devices_page, devices, &device_view_shape));
const struct view devices_view = { "people/devices", &devices_shape };

/* The first of the table's words that stands in the text. */
static struct str first_match(struct str text, const char *const (*table)[2])
{
	for (; (*table)[0]; table++)
		if (str_contains(text, str_of((*table)[0])))
			return str_of((*table)[1]);
	return STR_NONE;
}

/* "Firefox on Windows": order matters, for every browser claims to be the others too. */
struct str agent_label(struct arena *a, struct str agent)
{
	static const char *const browsers[][2] = {
		{ "Edg/", "Edge" },      { "OPR/", "Opera" },     { "Firefox/", "Firefox" },
		{ "Chrome/", "Chrome" }, { "Safari/", "Safari" }, { "curl/", "curl" },
		{ NULL, NULL },
	};
	static const char *const systems[][2] = {
		{ "Android", "Android" }, { "iPhone", "iPhone" },  { "iPad", "iPad" },
		{ "Windows", "Windows" }, { "Mac OS X", "macOS" }, { "Linux", "Linux" },
		{ NULL, NULL },
	};
	struct str browser = first_match(agent, browsers), system = first_match(agent, systems);

	if (browser.n && system.n)
		return str_fmt(a, "%.*s on %.*s", STR_ARG(browser), STR_ARG(system));
	return browser.n ? browser : STR("Another program");
}

struct list device_views(struct req *r, struct list rows)
{
	struct device_view *views = ARENA_ARRAY(r->arena, struct device_view, rows.n);

	for (size_t at = 0; at < rows.n; at++) {
		const struct device *d = &((const struct device *)rows.items)[at];

		views[at] = (struct device_view){
			.id = d->id,
			.agent = agent_label(r->arena, d->agent),
			.address = d->address,
			.since = d->created_at,
			.since_ago = clock_ago(r->arena, d->created_at),
			.last_seen = d->last_seen_at,
			.last_seen_ago = clock_ago(r->arena, d->last_seen_at),
			.current = uuid_eq(d->id, r->who->sign_in),
		};
	}
	return LIST_OF(views, rows.n);
}

const struct err *devices_show(struct req *r)
{
	struct devices_page page;
	struct list rows;

	store_devices(r->tx, r->who->person, &rows);
	TRY(tx_run(r->tx));
	page = (struct devices_page){
		.others = rows.n ? (int64_t)rows.n - 1 : 0,
		.others_label = rows.n == 2 ? STR("1 other device")
					    : str_fmt(r->arena, "%zu other devices", rows.n - 1),
		.devices = device_views(r, rows),
	};
	return reply_page(r, &devices_view, &page);
}

/* ---- ending them ---- */

struct end_input {
	struct str current_password;
};

struct end_page {
	struct form_view form;
	struct str title, lead;
};

const struct shape device_end_input = SHAPE(
	struct end_input, F_STR(struct end_input, current_password, .min = 1, .max = PASSWORD_MAX,
				.secret = true, .exact = true, .label = "Your password"));
static const struct shape end_page_shape =
	SHAPE(struct end_page, F_OBJECT(struct end_page, form, struct form_view, &form_view_shape),
	      F_STR(struct end_page, title), F_STR(struct end_page, lead));
const struct view device_end_view = { "people/device_end", &end_page_shape };

static const struct err *show_end(struct req *r, struct str what, struct str lead)
{
	static const struct control controls[] = {
		{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
		{ 0 },
	};
	struct end_page page = {
		.form = form_view(r, &(struct form_settings){ .action = r->path,
							      .button = "Sign out",
							      .input = &device_end_input,
							      .controls = controls }),
		.title = str_fmt(r->arena, "Sign out %.*s", STR_ARG(what)),
		.lead = lead,
	};

	return reply_page(r, &device_end_view, &page);
}

/* One that has ended in the meantime needs nothing any more. */
const struct err *device_end_show(struct req *r)
{
	struct list rows;

	store_devices(r->tx, r->who->person, &rows);
	TRY(tx_run(r->tx));
	for (size_t at = 0; at < rows.n; at++) {
		const struct device *d = &((const struct device *)rows.items)[at];

		if (uuid_eq(d->id, r->id[0]))
			return show_end(r, agent_label(r->arena, d->agent),
					str_fmt(r->arena, "At %.*s it will have to sign in again.",
						STR_ARG(d->address)));
	}
	return reply_see_other(r, STR("/devices"));
}

const struct err *devices_end_show(struct req *r)
{
	TRY(tx_run(r->tx));
	return show_end(r, STR("all other devices"),
			STR("They will have to sign in again. This one stays signed in."));
}

static void audit_end(struct req *r, const char *action, struct uuid id)
{
	audit(r, action, "sign_in", id, audit_nothing, audit_nothing);
}

void device_find(struct req *r)
{
	store_device_find(r->tx, r->id[0], r->who->person);
}

const struct err *device_end(struct req *r)
{
	const struct end_input *in = r->input;

	TRY(people_prove_password(r, in->current_password));
	audit_end(r, "sign_in.ended", r->id[0]);
	store_sign_in_end(r->tx, r->id[0], r->who->person, "signed_out_elsewhere");
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	people_flash(r, "That device is signed out.");
	return reply_see_other(r, STR("/devices"));
}

const struct err *devices_end_others(struct req *r)
{
	const struct end_input *in = r->input;

	TRY(people_prove_password(r, in->current_password));
	audit_end(r, "sign_in.ended_others", r->who->sign_in);
	store_sign_ins_end(r->tx, r->who->person, r->who->sign_in, "signed_out_elsewhere");
	event_bell(r->tx, r->who->account);
	TRY(tx_run(r->tx));
	people_flash(r, "Your other devices are signed out.");
	return reply_see_other(r, STR("/devices"));
}

/* ---- a kept form ---- */

static const struct shape pair_shape =
	SHAPE(struct pair, F_STR(struct pair, name), F_STR(struct pair, value));

struct shown_view {
	struct str label, value;
};

static const struct shape shown_shape =
	SHAPE(struct shown_view, F_STR(struct shown_view, label), F_STR(struct shown_view, value));

struct kept_page {
	struct str action, button, kept_at_ago;
	struct instant kept_at;
	struct list shown, hidden;
};

static const struct shape kept_page_shape =
	SHAPE(struct kept_page, F_STR(struct kept_page, action), F_STR(struct kept_page, button),
	      F_STR(struct kept_page, kept_at_ago), F_TIME(struct kept_page, kept_at),
	      F_LIST(struct kept_page, shown, &shown_shape),
	      F_LIST(struct kept_page, hidden, &pair_shape));
const struct view kept_form_view = { "people/kept_form", &kept_page_shape };

static struct str sentence_case(struct arena *a, struct str name)
{
	char *copy = arena_alloc(a, name.n + 1, 1);

	for (size_t at = 0; at < name.n; at++)
		copy[at] = name.p[at] == '_' ? ' ' : name.p[at];
	if (name.n && copy[0] >= 'a' && copy[0] <= 'z')
		copy[0] = (char)(copy[0] - 'a' + 'A');
	return (struct str){ copy, name.n };
}

/* What the form asked for; NULL where its page is gone. */
static const struct shape *input_of(const struct req *r, struct str path)
{
	struct req sent = *r;

	sent.path = path;
	sent.route = NULL;
	return router_find(r->server->router, &sent, STR("POST")) ? NULL : sent.route->input;
}

/* In the words of the form, as far as its shape knows them. */
static struct shown_view shown_of(struct req *r, const struct shape *input, const struct pair *pair)
{
	const struct field *f = input ? shape_find(input, pair->name) : NULL;
	bool ticked = f && f->type == FIELD_BOOL;

	return (struct shown_view){
		f && f->label ? str_of(f->label) : sentence_case(r->arena, pair->name),
		ticked ? STR("Yes")
		: f    ? field_choice(f, pair->value)
		       : pair->value,
	};
}

/* Nonces, ids and what else a form carries along has no name for readers. */
static bool is_readable(const struct shape *input, struct str name)
{
	const struct field *f = input ? shape_find(input, name) : NULL;

	return f ? f->label != NULL : !str_eq(name, STR("once"));
}

/* What the reader typed is shown; the rest goes along unseen. */
static void split_pairs(struct req *r, const struct pair *pairs, size_t n, struct kept_page *page)
{
	const struct shape *input = input_of(r, page->action);
	struct shown_view *shown = ARENA_ARRAY(r->arena, struct shown_view, n + 1);
	struct pair *hidden = ARENA_ARRAY(r->arena, struct pair, n + 1);
	size_t nshown = 0;

	for (size_t at = 0; at < n; at++) {
		hidden[at] = pairs[at];
		if (is_readable(input, pairs[at].name))
			shown[nshown++] = shown_of(r, input, &pairs[at]);
	}
	hidden[n] = (struct pair){ STR("kept"), STR("1") };
	page->shown = LIST_OF(shown, nshown);
	page->hidden = LIST_OF(hidden, n + 1);
}

const struct err *kept_show(struct req *r)
{
	struct str token = cookie_get(r, "kept"), text;
	struct kept_form *kept = NULL;
	struct kept_page page = { 0 };
	struct pair *pairs;
	size_t n;

	store_form_find(r->tx, crypto_hash_token(r->arena, token), &kept);
	TRY(tx_run(r->tx));
	if (!kept) {
		cookie_set(r, "kept", STR(""), 0);
		return reply_see_other(r, STR("/"));
	}
	text = crypto_open_either(r->arena, r->settings->keys.form, r->settings->keys.form_previous,
				  kept->sealed);
	page.action = str_cut(&text, '&');
	page.kept_at = kept->created_at;
	page.kept_at_ago = clock_ago(r->arena, kept->created_at);
	if (!page.action.n || !pairs_decode(r->arena, text, &pairs, &n))
		return ERR(r->arena, ERR_INTERNAL, "a kept form could not be opened");
	split_pairs(r, pairs, n, &page);
	return reply_page(r, &kept_form_view, &page);
}

const struct err *kept_discard(struct req *r)
{
	people_drop_kept_form(r);
	TRY(tx_run(r->tx));
	return reply_see_other(r, STR("/"));
}
