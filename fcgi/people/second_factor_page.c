/* One's own second factor as pages: setting it up, its recovery codes, turning it off. */
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/qr/qr.h"
#include "kit/render/render.h"
#include "people/rates.h"
#include "people/second_factor.h"
#include "people/security.h"
#include "people/pages.h"

#define PAGE "/profile/second-factor"

/* ---- what forms ask for ---- */

struct begin_form {
	struct str next;
};

#define PASSWORD                                                                                   \
	F_STR(struct proof_form, current_password, .min = 1, .max = PASSWORD_MAX, .secret = true,  \
	      .exact = true, .label = "Current password")
#define NEXT(T) F_STR(T, next, .max = 2000, .optional = true)
static const struct shape begin_input = SHAPE(struct begin_form, NEXT(struct begin_form));
static const struct shape confirm_input =
	SHAPE(struct proof_form, PASSWORD,
	      F_STR(struct proof_form, totp, .min = 1, .max = 100, .secret = true,
		    .label = "Code from your app"),
	      NEXT(struct proof_form));
static const struct shape proof_input = SHAPE(
	struct proof_form, PASSWORD,
	F_STR(struct proof_form, totp, .min = 1, .max = 100, .secret = true, .label = "Code"));

static const struct control confirm_controls[] = {
	{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ "totp", CONTROL_TEXT, .autocomplete = "one-time-code", .inputmode = "numeric",
	  .hint = "The six digits that it shows once it has scanned the picture." },
	{ "next", .kind = CONTROL_HIDDEN },
	{ 0 },
};
static const struct control proof_controls[] = {
	{ "current_password", CONTROL_PASSWORD, .autocomplete = "current-password" },
	{ "totp", CONTROL_TEXT, .autocomplete = "one-time-code",
	  .hint = "The six digits of your app, or one of your recovery codes." },
	{ 0 },
};

/* ---- the page ---- */

struct factor_page {
	bool on, setting_up, required, few;
	struct str since_ago, secret, url, next;
	struct instant since;
	int64_t codes_left;
	struct html picture;
	struct form_view form;
};

#define F struct factor_page
static const struct shape factor_shape =
	SHAPE(F, F_BOOL(F, on), F_BOOL(F, setting_up), F_BOOL(F, required), F_BOOL(F, few),
	      F_STR(F, since_ago), F_STR(F, secret), F_STR(F, url), F_STR(F, next),
	      F_TIME(F, since), F_INT(F, codes_left), F_HTML(F, picture),
	      F_OBJECT(F, form, struct form_view, &form_view_shape));
#undef F
static const struct view own_view = { "people/second_factor", &factor_shape };

static const struct err *show_secret(struct req *r, const struct factor_row *factor,
				     struct factor_page *page)
{
	struct str secret = factor_open(r->arena, r->settings, r->who->person, factor->secret);

	if (!secret.p)
		return NULL; /* its key is gone: it is begun anew */
	page->setting_up = true;
	page->secret = secret_in_groups(r->arena, secret);
	page->url = totp_url(r->arena, r->who->row->email, secret);
	page->form = form_view(r, &(struct form_settings){ .action = STR(PAGE "/confirm"),
							   .button = "Turn it on",
							   .input = &confirm_input,
							   .controls = confirm_controls,
							   .quiet = true });
	return qr_svg(r->arena, page->url,
		      STR("QR code for your authenticator app. The key below says the same."),
		      &page->picture);
}

static const struct err *factor_show(struct req *r)
{
	struct factor_page page = { .next = form_value(r, STR("next")) };
	struct factor_row *factor;

	store_factor(r->tx, r->who->person, &factor);
	TRY(tx_run(r->tx));
	page.on = factor->since.us != 0;
	page.required = factor->required;
	page.since = factor->since;
	page.since_ago = clock_ago(r->arena, factor->since);
	page.codes_left = factor->codes_left;
	page.few = factor->codes_left <= CODES_WARN;
	if (factor->secret.p && !page.on)
		TRY(show_secret(r, factor, &page));
	return reply_page(r, &own_view, &page);
}

static const struct err *begin(struct req *r)
{
	const struct begin_form *form = r->input;
	struct str secret;

	TRY(factor_begin(r, &secret));
	return reply_see_other(r, path_with_next(r, PAGE, form->next));
}

/* ---- the only page that shows recovery codes ---- */

struct codes_page {
	struct str text, file, way_on;
	bool is_new; /* the factor is, too */
};

static const struct shape codes_shape =
	SHAPE(struct codes_page, F_STR(struct codes_page, text), F_STR(struct codes_page, file),
	      F_STR(struct codes_page, way_on), F_BOOL(struct codes_page, is_new));
static const struct view codes_view = { "people/recovery_codes", &codes_shape };

static struct str lines_of(struct req *r, struct list codes)
{
	struct buf out = buf_new(r->arena, 4096);

	for (size_t at = 0; at < codes.n; at++)
		buf_printf(&out, "%.*s\n", STR_ARG(((const struct str *)codes.items)[at]));
	return buf_str(&out);
}

/* The server has only their hashes, so the file is in the link itself. */
static struct str file_of(struct req *r, struct str text)
{
	struct buf out = buf_new(r->arena, 8192);

	buf_put(&out, STR("data:text/plain;charset=utf-8,"));
	buf_put_url(&out, str_fmt(r->arena, "ResolutionFlow recovery codes of %.*s\n\n%.*s",
				  STR_ARG(r->who->row->email), STR_ARG(text)));
	return buf_str(&out);
}

static const struct err *show_codes(struct req *r, struct list codes, bool is_new, struct str next)
{
	struct str text = lines_of(r, codes);

	return reply_page(r, &codes_view,
			  &(struct codes_page){ .text = text,
						.file = file_of(r, text),
						.way_on = is_new ? way_on(r, next) : STR(PAGE),
						.is_new = is_new });
}

static const struct err *confirm(struct req *r)
{
	const struct proof_form *form = r->input;
	struct list codes;

	TRY(factor_confirm(r, form, &codes));
	return show_codes(r, codes, true, form->next);
}

/* ---- what asks for password and code ---- */

struct proof_page {
	struct form_view form;
	bool off;
};

static const struct shape proof_shape = SHAPE(
	struct proof_page, F_OBJECT(struct proof_page, form, struct form_view, &form_view_shape),
	F_BOOL(struct proof_page, off));
static const struct view proof_view = { "people/factor_proof", &proof_shape };

/* /off or /codes: whoever has none set up finds the page where that is done. */
static const struct err *proof_show(struct req *r)
{
	bool off = str_ends(r->path, STR("/off"));
	struct factor_row *factor;

	store_factor(r->tx, r->who->person, &factor);
	TRY(tx_run(r->tx));
	if (!factor->since.us || (off && factor->required))
		return reply_see_other(r, STR(PAGE));
	return reply_page(
		r, &proof_view,
		&(struct proof_page){
			.form = form_view(r,
					  &(struct form_settings){ .action = r->path,
								   .button = off ? "Turn it off"
										 : "Make new codes",
								   .input = &proof_input,
								   .controls = proof_controls }),
			.off = off });
}

static const struct err *new_codes(struct req *r)
{
	struct list codes;

	TRY(factor_new_codes(r, r->input, &codes));
	return show_codes(r, codes, false, STR_NONE);
}

static const struct err *turn_off(struct req *r)
{
	TRY(factor_off(r, r->input));
	people_flash(r, "Your second factor is off.");
	return reply_see_other(r, STR("/profile"));
}

/* ---- the API ---- */

struct totp_json {
	bool on, required;
	struct instant since;
	int64_t recovery_codes_left;
};

struct begun_json {
	struct str secret, url;
};

struct codes_json {
	struct list recovery_codes;
};

static const struct shape totp_json =
	SHAPE(struct totp_json, F_BOOL(struct totp_json, on), F_BOOL(struct totp_json, required),
	      F_TIME(struct totp_json, since, .null = true),
	      F_INT(struct totp_json, recovery_codes_left));
static const struct shape begun_json =
	SHAPE(struct begun_json, F_STR(struct begun_json, secret), F_STR(struct begun_json, url));
static const struct shape codes_json =
	SHAPE(struct codes_json, F_LIST(struct codes_json, recovery_codes, &shape_texts));

static const struct err *totp_api(struct req *r)
{
	struct factor_row *factor;

	store_factor(r->tx, r->who->person, &factor);
	TRY(tx_run(r->tx));
	return reply_json(r, &totp_json,
			  &(struct totp_json){ .on = factor->since.us != 0,
					       .required = factor->required,
					       .since = factor->since,
					       .recovery_codes_left = factor->codes_left });
}

static const struct err *begin_api(struct req *r)
{
	struct begun_json answer;

	TRY(factor_begin(r, &answer.secret));
	answer.url = totp_url(r->arena, r->who->row->email, answer.secret);
	return reply_json(r, &begun_json, &answer);
}

static const struct err *confirm_api(struct req *r)
{
	struct codes_json answer;

	TRY(factor_confirm(r, r->input, &answer.recovery_codes));
	return reply_json(r, &codes_json, &answer);
}

static const struct err *new_codes_api(struct req *r)
{
	struct codes_json answer;

	TRY(factor_new_codes(r, r->input, &answer.recovery_codes));
	return reply_json(r, &codes_json, &answer);
}

static const struct err *off_api(struct req *r)
{
	TRY(factor_off(r, r->input));
	return reply_none(r);
}

const struct view *const second_factor_views[] = { &own_view,      &codes_view,        &proof_view,
						   &security_view, &factor_reset_view, NULL };

#define OWN .need = PERM_SIGNED_IN
#define PROOF                                                                                      \
	.need = PERM_SIGNED_IN, .input = &proof_input, .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN
#define TOTP "/api/v1/auth/totp"

const struct route second_factor_routes[] = {
	{ GET, PAGE, OWN, .run = factor_show },
	{ POST, PAGE, OWN, .input = &begin_input, .run = begin },
	{ POST, PAGE "/confirm", OWN, .input = &confirm_input, .run = confirm, .again = factor_show,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN },
	{ GET, PAGE "/codes", OWN, .run = proof_show },
	{ POST, PAGE "/codes", PROOF, .run = new_codes, .again = proof_show },
	{ GET, PAGE "/off", OWN, .run = proof_show },
	{ POST, PAGE "/off", PROOF, .run = turn_off, .again = proof_show },
	{ GET, TOTP, OWN, .run = totp_api, .output = &totp_json,
	  .about = "One's own second factor" },
	{ POST, TOTP, OWN, .run = begin_api, .output = &begun_json, .status = 201,
	  .about =
		  "Begin to set up an authenticator app: its secret, which asks for nothing before "
		  "it is confirmed" },
	{ POST, TOTP "/confirm", PROOF, .run = confirm_api, .output = &codes_json,
	  .about = "Turn the second factor on by password and a code; the recovery codes are shown "
		   "this once" },
	{ POST, TOTP "/recovery-codes", PROOF, .run = new_codes_api, .output = &codes_json,
	  .about = "Make new recovery codes in place of the old ones; they are shown this once" },
	{ DELETE, TOTP, PROOF, .run = off_api, .status = 204,
	  .about = "Turn the second factor off by password and a code" },
	{ 0 },
};
