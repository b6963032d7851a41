/* The switches of features: for all accounts, for a part of them, for one. */
#include "platform/flags.h"

#include "flags/flags.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/db/db.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"
#include "record/record.h"

#define PAGE "/platform/flags"
#define API  "/api/v1/flags"

/* ---- how one stands ---- */

struct flag_json {
	struct str name, about;
	bool on_by_default, enabled;
	int64_t percent;
	struct list accounts;
};

#define A struct flag_account_row
static const struct shape account_json = SHAPE_WITH(
	A, (.label = "FlagOfAccount"), F_UUID(A, account), F_STR(A, name), F_BOOL(A, enabled));
#undef A
#define J        struct flag_json
#define STANDING F_STR(J, name), F_BOOL(J, enabled), F_INT(J, percent)
static const struct shape flag_json_shape =
	SHAPE_WITH(J, (.label = "Flag"), STANDING, F_STR(J, about), F_BOOL(J, on_by_default),
		   F_LIST(J, accounts, &account_json));
static const struct shape fact_shape = SHAPE(J, STANDING);
#undef J

static struct flag_json standing(enum flag flag, struct list rows)
{
	const struct flag_kind *kind = &flag_kinds[flag];
	const struct flag_row *row = rows.items;
	struct flag_json ret = { .name = str_of(kind->name),
				 .about = str_of(kind->about),
				 .on_by_default = kind->on,
				 .enabled = kind->on,
				 .percent = 100 };

	for (size_t at = 0; at < rows.n; at++) {
		if (!uuid_is_none(row[at].account) || !str_eq(row[at].name, ret.name))
			continue;
		ret.enabled = row[at].enabled;
		ret.percent = row[at].percent;
	}
	return ret;
}

/* The one that the address names. */
static const struct err *read_flag(struct req *r, enum flag *flag, struct flag_json *ret)
{
	struct list rows, accounts;

	*flag = flag_named(r->word);
	if (!*flag) {
		TRY(tx_more(r->tx)); /* who may not look is told that first */
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such flag.");
	}
	flags_read(r->tx, &rows);
	flags_accounts(r->tx, *flag, &accounts);
	TRY(tx_more(r->tx));
	*ret = standing(*flag, rows);
	ret->accounts = accounts;
	return NULL;
}

/* ---- acts ---- */

static struct json_text facts(struct req *r, const struct flag_json *flag)
{
	struct buf out = buf_new(r->arena, 1024);

	shape_put_json(&out, &fact_shape, flag);
	return (struct json_text){ buf_str(&out) };
}

static const struct err *set(struct req *r, bool enabled, int64_t percent)
{
	struct flag_json was, is;
	enum flag flag;

	TRY(read_flag(r, &flag, &was));
	is = was;
	is.enabled = enabled;
	is.percent = percent;
	flags_set(r->tx, flag, enabled, percent);
	audit(r, "flag.changed", "flag", UUID_NONE, facts(r, &was), facts(r, &is));
	return NULL;
}

static const bool *own_setting(const struct flag_json *flag, struct uuid account)
{
	const struct flag_account_row *row = flag->accounts.items;

	for (size_t at = 0; at < flag->accounts.n; at++)
		if (uuid_eq(row[at].account, account))
			return &row[at].enabled;
	return NULL;
}

static struct json_text own_fact(struct req *r, struct str name, const bool *enabled)
{
	return (struct json_text){ str_fmt(r->arena, "{\"name\":\"%.*s\",\"enabled\":%s}",
					   STR_ARG(name),
					   !enabled   ? "null"
					   : *enabled ? "true"
						      : "false") };
}

/* enabled: NULL is as for all. */
static const struct err *set_own(struct req *r, struct uuid account, const bool *enabled)
{
	struct flag_json was;
	enum flag flag;

	TRY(read_flag(r, &flag, &was));
	flags_set_account(r->tx, account, flag, enabled);
	audit(r, "flag.changed", "account", account,
	      own_fact(r, was.name, own_setting(&was, account)), own_fact(r, was.name, enabled));
	return NULL;
}

/* ---- input ---- */

struct flag_input {
	bool enabled;
	int64_t percent;
};

#define I struct flag_input
static const struct shape flag_input =
	SHAPE_WITH(I, (.read_only = "name,about,on_by_default,accounts"),
		   F_BOOL(I, enabled, .label = "Switched on"),
		   F_INT(I, percent, .max = 100, .label = "For how many accounts, in percent"));
#undef I
static const struct control flag_controls[] = {
	{ "enabled", CONTROL_CHECKBOX, .hint = "Off is off for all but the accounts named below." },
	{ "percent", CONTROL_TEXT, .inputmode = "numeric", .autocomplete = "off",
	  .hint = "0 to 100. Who is in at 10 stays in at 50." },
	{ 0 },
};

struct own_input {
	struct str account;
	bool enabled;
};

#define I struct own_input
static const struct shape own_json = SHAPE(I, F_BOOL(I, enabled));
static const struct shape own_form =
	SHAPE(I, F_STR(I, account, .min = 1, .max = 120, .label = "Account"),
	      F_BOOL(I, enabled, .label = "Switched on"));
#undef I
static const struct control own_controls[] = {
	{ "account", CONTROL_TEXT, .autocomplete = "off", .hint = "Its name or its id." },
	{ "enabled", CONTROL_CHECKBOX, .hint = "Without the tick it is off for this account." },
	{ 0 },
};

/* ---- the API ---- */

struct flags_json {
	struct list items;
};
static const struct shape flags_json =
	SHAPE(struct flags_json, F_LIST(struct flags_json, items, &flag_json_shape));

/* Those of one flag, which stand together. */
static struct list accounts_of(struct list rows, struct str flag)
{
	const struct flag_account_row *row = rows.items;
	size_t from = 0, to;

	while (from < rows.n && !str_eq(row[from].flag, flag))
		from++;
	for (to = from; to < rows.n && str_eq(row[to].flag, flag);)
		to++;
	return LIST_OF(row + from, to - from);
}

static const struct err *list_of(struct req *r, struct list *ret)
{
	struct flag_json *items = ARENA_ARRAY(r->arena, struct flag_json, FLAG__MAX);
	struct list rows, accounts;
	size_t n = 0;

	flags_read(r->tx, &rows);
	flags_accounts(r->tx, FLAG_NONE, &accounts);
	TRY(tx_run(r->tx));
	for (enum flag at = FLAG_NONE + 1; at < FLAG__MAX; at++) {
		items[n] = standing(at, rows);
		items[n].accounts = accounts_of(accounts, items[n].name);
		n++;
	}
	*ret = LIST_OF(items, n);
	return NULL;
}

static const struct err *list_api(struct req *r)
{
	struct flags_json answer;

	TRY(list_of(r, &answer.items));
	return reply_json(r, &flags_json, &answer);
}

static const struct err *get_api(struct req *r)
{
	struct flag_json flag;
	enum flag which;

	TRY(read_flag(r, &which, &flag));
	TRY(tx_run(r->tx));
	return reply_json(r, &flag_json_shape, &flag);
}

static const struct err *put_api(struct req *r)
{
	const struct flag_input *in = r->input;

	TRY(set(r, in->enabled, in->percent));
	return get_api(r);
}

static const struct err *put_own_api(struct req *r)
{
	const struct own_input *in = r->input;

	TRY(set_own(r, r->id[0], &in->enabled));
	return get_api(r);
}

static const struct err *delete_own_api(struct req *r)
{
	TRY(set_own(r, r->id[0], NULL));
	TRY(tx_run(r->tx));
	return reply_none(r);
}

/* ---- the pages ---- */

struct flag_line {
	struct str name, about, standing;
	bool on, part;
	int64_t accounts;
};

#define L struct flag_line
static const struct shape line_shape = SHAPE(L, F_STR(L, name), F_STR(L, about), F_STR(L, standing),
					     F_BOOL(L, on), F_BOOL(L, part), F_INT(L, accounts));
#undef L
struct flags_page {
	struct list flags;
};
static const struct shape flags_shape =
	SHAPE(struct flags_page, F_LIST(struct flags_page, flags, &line_shape));
static const struct view all_view = { "platform/flags", &flags_shape };

static const struct err *show_all(struct req *r)
{
	struct flags_page page;
	struct flag_line *lines;
	struct list flags;

	TRY(list_of(r, &flags));
	lines = ARENA_ARRAY(r->arena, struct flag_line, flags.n);
	for (size_t at = 0; at < flags.n; at++) {
		const struct flag_json *flag = &((const struct flag_json *)flags.items)[at];
		bool all = flag->percent == 100;

		lines[at] = (struct flag_line){
			.name = flag->name,
			.about = flag->about,
			.standing = !flag->enabled ? STR("Off")
				    : all          ? STR("On")
						   : str_fmt(r->arena, "On for %lld %%",
							     (long long)flag->percent),
			.on = flag->enabled && all,
			.part = flag->enabled && !all,
			.accounts = (int64_t)flag->accounts.n,
		};
	}
	page.flags = LIST_OF(lines, flags.n);
	return reply_page(r, &all_view, &page);
}

struct flag_page {
	struct str name, flag, about; /* flag: the name, where another one is nearer */
	struct list accounts;
	bool any;
	struct form_view form, own;
};

#define P_ struct flag_page
static const struct shape flag_page_shape = SHAPE(
	P_, F_STR(P_, name), F_STR(P_, flag), F_STR(P_, about), F_LIST(P_, accounts, &account_json),
	F_BOOL(P_, any), F_OBJECT(P_, form, struct form_view, &form_view_shape),
	F_OBJECT(P_, own, struct form_view, &form_view_shape));
#undef P_
static const struct view one_view = { "platform/flag", &flag_page_shape };
const struct view *const flags_views[] = { &all_view, &one_view, NULL };

static struct str url_of(struct req *r, const char *end)
{
	return str_fmt(r->arena, PAGE "/%.*s%s", STR_ARG(r->word), end);
}

static struct form_view flag_form(struct req *r, const struct flag_json *flag)
{
	const struct pair values[] = {
		{ STR("enabled"), flag->enabled ? STR("true") : STR("") },
		{ STR("percent"), str_fmt(r->arena, "%lld", (long long)flag->percent) },
		{ { 0 }, { 0 } },
	};

	return form_view(r, &(struct form_settings){ .action = url_of(r, ""),
						     .button = "Save",
						     .input = &flag_input,
						     .controls = flag_controls,
						     .values = values,
						     .quiet = true });
}

static const struct err *show_one(struct req *r)
{
	struct flag_json flag;
	struct flag_page page;
	enum flag which;

	TRY(read_flag(r, &which, &flag));
	TRY(tx_run(r->tx));
	page = (struct flag_page){
		.name = flag.name,
		.flag = flag.name,
		.about = flag.about,
		.accounts = flag.accounts,
		.any = flag.accounts.n > 0,
		.form = flag_form(r, &flag),
		.own = form_view(r, &(struct form_settings){ .action = url_of(r, "/accounts"),
							     .button = "Set it for the account",
							     .input = &own_form,
							     .controls = own_controls,
							     .id_end = "-own",
							     .quiet = true }),
	};
	return reply_page(r, &one_view, &page);
}

static const struct err *done(struct req *r, const char *sentence)
{
	TRY(tx_run(r->tx));
	people_flash(r, sentence);
	return reply_see_other(r, url_of(r, ""));
}

static const struct err *save(struct req *r)
{
	const struct flag_input *in = r->input;

	TRY(set(r, in->enabled, in->percent));
	return done(r, "Saved. It holds from now on.");
}

static const struct err *save_own(struct req *r)
{
	const struct own_input *in = r->input;
	struct named_row *named;

	flags_account_named(r->tx, in->account, &named);
	TRY(tx_more(r->tx));
	if (!named)
		return input_refuse(r, "account",
				    "There is no account of that name, or there are several. Use "
				    "its id.");
	TRY(set_own(r, named->account, &in->enabled));
	return done(r, "Set for the account.");
}

static const struct err *drop_own(struct req *r)
{
	TRY(set_own(r, r->id[0], NULL));
	return done(r, "For that account it is as for all again.");
}

#define OPERATOR .need = PERM_PLATFORM

const struct route flags_routes[] = {
	{ GET, API, OPERATOR, .run = list_api, .output = &flags_json,
	  .about = "Features that can be switched, and how each stands" },
	{ GET, API "/*flag", OPERATOR, .run = get_api, .output = &flag_json_shape,
	  .about = "One feature's switch" },
	{ PUT, API "/*flag", OPERATOR, .input = &flag_input, .run = put_api,
	  .output = &flag_json_shape,
	  .about = "Switch a feature for all accounts, or for so many percent of them" },
	{ PUT, API "/*flag/accounts/:account", OPERATOR, .input = &own_json, .run = put_own_api,
	  .output = &flag_json_shape, .about = "Switch a feature for one account" },
	{ DELETE, API "/*flag/accounts/:account", OPERATOR, .run = delete_own_api, .status = 204,
	  .about = "Let an account be as all are" },
	{ GET, PAGE, OPERATOR, .run = show_all },
	{ GET, PAGE "/*flag", OPERATOR, .run = show_one },
	{ POST, PAGE "/*flag", OPERATOR, .input = &flag_input, .run = save, .again = show_one },
	{ POST, PAGE "/*flag/accounts", OPERATOR, .input = &own_form, .run = save_own,
	  .again = show_one },
	{ POST, PAGE "/*flag/accounts/:account/remove", OPERATOR, .run = drop_own,
	  .again = show_one },
	{ 0 },
};
