/* The pages of API keys: one's own, the one time that a new one is shown, and the account's. */
#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/clock.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/keys.h"
#include "people/rates.h"
#include "people/second_factor.h"

#define OWN "/profile/keys"
#define ALL "/keys"

/* ---- a key in a list ---- */

struct key_line {
	struct uuid id;
	struct str name, person_name, prefix, permissions, state, made_ago, used_ago, used_from,
		ends;
	struct instant made, used, expires;
	bool active, soon;
};

#define L struct key_line
static const struct shape key_line_shape =
	SHAPE(L, F_UUID(L, id), F_STR(L, name), F_STR(L, person_name), F_STR(L, prefix),
	      F_STR(L, permissions), F_STR(L, state), F_STR(L, made_ago), F_STR(L, used_ago),
	      F_STR(L, used_from), F_STR(L, ends), F_TIME(L, made), F_TIME(L, used),
	      F_TIME(L, expires), F_BOOL(L, active), F_BOOL(L, soon));
#undef L

#define WEEK (7 * 24 * 3600 * CLOCK_SECOND)

static const struct names state_labels = NAMES("Active", "Expired", "Revoked");

/* "Read, Run" */
static struct str labels_of(struct arena *a, struct list words)
{
	struct buf out = buf_new(a, 400);

	for (size_t at = 0; at < words.n; at++) {
		int word;

		if (!names_find(&key_word_names, ((const struct str *)words.items)[at], &word))
			continue;
		buf_put(&out, out.n ? STR(", ") : STR(""));
		buf_put(&out, str_of(key_words[word].label));
	}
	return buf_str(&out);
}

static struct key_line line_of(struct arena *a, const struct key_row *row)
{
	struct str rest = row->agent, program = str_cut(&rest, ' '); /* "backup/1.2" */
	bool active = row->state == KEY_ACTIVE;

	return (struct key_line){
		.id = row->id,
		.name = row->name,
		.person_name = row->person_name,
		.prefix = row->prefix,
		.permissions = labels_of(a, row->permissions),
		.state = names_text(&state_labels, row->state),
		.made = row->created_at,
		.made_ago = clock_ago(a, row->created_at),
		.used = row->last_used_at,
		.used_ago = clock_ago(a, row->last_used_at),
		.used_from = str_fmt(a, "%.*s%s%.*s", STR_ARG(program), program.n ? ", " : "",
				     STR_ARG(row->address)),
		.expires = row->expires_at,
		.ends = row->expires_at.us ? clock_words(a, row->expires_at) : STR("Never"),
		.active = active,
		.soon = active && row->expires_at.us && row->expires_at.us < clock_now().us + WEEK,
	};
}

static struct list lines_of(struct arena *a, struct list rows)
{
	struct key_line *lines = ARENA_ARRAY(a, struct key_line, rows.n);

	for (size_t at = 0; at < rows.n; at++)
		lines[at] = line_of(a, &((const struct key_row *)rows.items)[at]);
	return LIST_OF(lines, rows.n);
}

/* ---- the form of a new one ---- */

enum ends { ENDS_30, ENDS_90, ENDS_365, ENDS_ON, ENDS_NEVER };
static const struct names ends_names = NAMES("30", "90", "365", "on", "never");
static const struct choice ends_choices[] = {
	{ "90", "In 90 days" }, { "30", "In 30 days" }, { "365", "In a year" },
	{ "on", "On a date" },  { "never", "Never" },   { 0 },
};

struct key_form {
	struct str name;
	struct list permissions;
	int ends;
	struct str expires_at, current_password, totp;
};

static const char *check_day(struct str text)
{
	struct instant day;

	return !text.n || clock_parse_day(text, &day) ? NULL : "Write a date such as 2027-03-31.";
}

#define F struct key_form
static const struct shape key_form =
	SHAPE(F, F_STR(F, name, KEY_NAME),
	      F_LIST(F, permissions, &key_word_text, .optional = true, .max = 20),
	      F_ENUM(F, ends, &ends_names, .label = "It ends", .choices = ends_choices),
	      F_STR(F, expires_at, .optional = true, .max = 10, .check = check_day,
		    .label = "On this date"),
	      F_STR(F, current_password, .min = 1, .max = PASSWORD_MAX, .secret = true,
		    .exact = true, .label = "Current password"),
	      F_STR(F, totp, .optional = true, .max = 100, .secret = true, .label = "Code"));
#undef F

static const struct control key_controls[] = {
	{ "name", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "What uses it, and where: \"Nightly export, backup server\"." },
	{ "ends", CONTROL_SELECT,
	  .hint = "90 days is wise: a key that someone copied is worth nothing then. We write to "
		  "you a week before." },
	{ "expires_at", CONTROL_DATE,
	  .hint = "Where you chose a date. The key works on that day, too (UTC)." },
	{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ "totp", CONTROL_TEXT, .autocomplete = "one-time-code", .needed = true,
	  .hint = "Of your authenticator app, or a recovery code." },
	{ 0 },
};

#define KEY_CONTROLS (sizeof(key_controls) / sizeof(key_controls[0]))

/* What the role allows; a new key reads, where nothing else is said. */
static struct checks_view word_checks(struct req *r)
{
	struct check_view *checks = ARENA_ARRAY(r->arena, struct check_view, key_word_names.n);
	size_t n = 0;

	for (const struct key_word *k = key_words; k->word; k++)
		if (role_may((enum role)r->who->row->role, k->opened))
			checks[n++] = (struct check_view){ str_of(k->word), str_of(k->label),
							   str_of(k->opens), k == key_words };
	return checks_view(r, "permissions", "What it may do", checks, n);
}

/* ---- one's own ---- */

struct own_page {
	struct form_view form;
	struct list first, rest; /* its fields, around what the key may do */
	struct checks_view may;
	struct list keys;
	bool any;
};

#define P_ struct own_page
static const struct shape own_page_shape =
	SHAPE(P_, F_OBJECT(P_, form, struct form_view, &form_view_shape),
	      F_LIST(P_, first, &form_field_shape), F_LIST(P_, rest, &form_field_shape),
	      F_OBJECT(P_, may, struct checks_view, &checks_view_shape),
	      F_LIST(P_, keys, &key_line_shape), F_BOOL(P_, any));
#undef P_
const struct view own_keys_view = { "people/own_keys", &own_page_shape };

static const struct err *own_show(struct req *r)
{
	struct control controls[KEY_CONTROLS];
	struct factor_row *factor;
	struct own_page page;
	struct list rows;

	store_keys(r->tx, r->who->person, &rows);
	store_factor(r->tx, r->who->person, &factor);
	TRY(tx_run(r->tx));
	memcpy(controls, key_controls, sizeof(controls));
	if (!factor->since.us)
		controls[KEY_CONTROLS - 2] = (struct control){ 0 };
	page = (struct own_page){
		.form = form_view(r, &(struct form_settings){ .action = STR(OWN),
							      .button = "Make the key",
							      .input = &key_form,
							      .controls = controls,
							      .quiet = true }),
		.may = word_checks(r),
		.keys = lines_of(r->arena, rows),
		.any = rows.n > 0,
	};
	page.first = form_part(&page.form, 0, 1);
	page.rest = form_part(&page.form, 1, page.form.fields.n - 1);
	return reply_page(r, &own_keys_view, &page);
}

static const struct err *read_end(struct req *r, const struct key_form *form, struct instant *ret)
{
	static const int64_t days[] = { [ENDS_30] = 30, [ENDS_90] = 90, [ENDS_365] = 365 };
	const int64_t day = 24 * 3600 * CLOCK_SECOND;

	*ret = (struct instant){ 0 };
	if (form->ends == ENDS_NEVER)
		return NULL;
	if (form->ends != ENDS_ON) {
		ret->us = clock_now().us + days[form->ends] * day;
		return NULL;
	}
	if (!clock_parse_day(form->expires_at, ret))
		return input_refuse(r, "expires_at", "Enter the date.");
	ret->us += day;
	return NULL;
}

struct made_page {
	struct str key, name, permissions, ends, base_url;
};

#define M struct made_page
static const struct shape made_page_shape =
	SHAPE(M, F_STR(M, key), F_STR(M, name), F_STR(M, permissions), F_STR(M, ends),
	      F_STR(M, base_url));
#undef M
const struct view key_made_view = { "people/key_made", &made_page_shape };

static const struct err *own_make(struct req *r)
{
	const struct key_form *form = r->input;
	struct key_wish wish = { .name = form->name,
				 .permissions = form->permissions,
				 .current_password = form->current_password,
				 .totp = form->totp };
	struct key_made made = { 0 };

	TRY(read_end(r, form, &wish.expires_at));
	TRY(key_make(r, &wish, &made));
	return reply_page(r, &key_made_view,
			  &(struct made_page){
				  .key = made.key,
				  .name = made.row.name,
				  .permissions = labels_of(r->arena, made.row.permissions),
				  .ends = made.row.expires_at.us
						  ? clock_words(r->arena, made.row.expires_at)
						  : STR("Never"),
				  .base_url = r->settings->base_url,
			  });
}

static const struct err *own_revoke(struct req *r)
{
	TRY(key_revoke(r, r->who->person));
	people_flash(r, "The key is revoked.");
	return reply_see_other(r, STR(OWN));
}

/* ---- the account's ---- */

struct all_page {
	struct pager_view pager;
	int64_t total;
	struct str q, state;
	bool narrowed;
	struct list tabs, keys;
};

#define A struct all_page
static const struct shape all_page_shape =
	SHAPE(A, F_OBJECT(A, pager, struct pager_view, &pager_shape), F_INT(A, total), F_STR(A, q),
	      F_STR(A, state), F_BOOL(A, narrowed), F_LIST(A, tabs, &tab_shape),
	      F_LIST(A, keys, &key_line_shape));
#undef A
const struct view all_keys_view = { "people/keys", &all_page_shape };

static const struct err *all_show(struct req *r)
{
	const struct keys_query *query = r->input;
	struct str state = query->state < 0 ? STR_NONE : names_text(&key_states, query->state);
	struct keys_found found;
	struct all_page page;

	TRY(keys_find(r, &found));
	page = (struct all_page){
		.pager = pager_view(r, found.page, found.count->n, STR("keys")),
		.total = found.count->n,
		.q = query->q,
		.state = state,
		.narrowed = query->q.n || state.n,
		.tabs = value_tabs(r, "state", &key_states, &state_labels, state),
		.keys = lines_of(r->arena, found.rows),
	};
	return reply_page(r, &all_keys_view, &page);
}

static const struct err *all_revoke(struct req *r)
{
	TRY(key_revoke(r, UUID_NONE));
	people_flash(r, "The key is revoked.");
	return reply_see_other(r, STR(ALL));
}

const struct route keys_routes[] = {
	{ GET, OWN, .need = PERM_SIGNED_IN, .run = own_show },
	{ POST, OWN, .need = PERM_SIGNED_IN, .input = &key_form, .run = own_make, .again = own_show,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN },
	{ POST, OWN "/:key/revoke", .need = PERM_SIGNED_IN, .run = own_revoke },
	{ GET, ALL, .need = PERM_PEOPLE, .input = &keys_query, .run = all_show },
	{ POST, ALL "/:key/revoke", .need = PERM_PEOPLE, .run = all_revoke },
	{ 0 },
};
