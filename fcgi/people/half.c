/*
 * The second step of signing in on a page.  What the browser holds between the steps is no sign-in:
 * no other route looks at that cookie, and it leads nowhere without a code.
 */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/pages.h"
#include "people/second_factor.h"

#define COOKIE       "half"
#define HALF_SECONDS 300
#define RECOVERY     "/login/recovery"

struct code_form {
	struct str totp, next;
};

#define NEXT F_STR(struct code_form, next, .max = 2000, .optional = true)
const struct shape code_input = SHAPE(struct code_form,
				      F_STR(struct code_form, totp, .min = 1, .max = 100,
					    .secret = true, .label = "Code from your app"),
				      NEXT);
const struct shape recovery_input = SHAPE(struct code_form,
					  F_STR(struct code_form, totp, .min = 1, .max = 100,
						.secret = true, .label = "Recovery code"),
					  NEXT);

struct code_page {
	struct form_view form;
	struct str email, other;
	bool recovery;
};

static const struct shape code_shape = SHAPE(
	struct code_page, F_OBJECT(struct code_page, form, struct form_view, &form_view_shape),
	F_STR(struct code_page, email), F_STR(struct code_page, other),
	F_BOOL(struct code_page, recovery));
const struct view code_view = { "people/code", &code_shape };

static const struct control code_controls[] = {
	{ "totp", CONTROL_TEXT, .autocomplete = "one-time-code", .inputmode = "numeric",
	  .hint = "Six digits; a new code comes every half minute." },
	{ "next", .kind = CONTROL_HIDDEN },
	{ 0 },
};
static const struct control recovery_controls[] = {
	{ "totp", CONTROL_TEXT, .autocomplete = "off",
	  .hint = "One of the ten that you kept, such as abcd-efgh-ijkl-mnop-qrst-uvwx. Each works "
		  "once." },
	{ "next", .kind = CONTROL_HIDDEN },
	{ 0 },
};

/* ---- the cookie ---- */

const struct err *half_way(struct req *r, const struct credentials *c, struct str next)
{
	struct half half = half_of(r->arena, c);

	TRY(tx_run(r->tx));
	cookie_set(r, COOKIE, half_seal(r->arena, r->settings, &half), HALF_SECONDS);
	return reply_see_other(r, path_with_next(r, "/login/code", next));
}

/* Who came half the way, while that is still their password; NULL: nobody. */
static const struct err *half_open(struct req *r, struct credentials **ret)
{
	struct half half;

	*ret = NULL;
	if (!half_unseal(r->arena, r->settings, cookie_get(r, COOKIE), &half))
		return tx_run(r->tx);
	store_begin_as(r->tx, half.account, half.person);
	store_credentials_of(r->tx, half.person, ret);
	TRY(tx_run(r->tx));
	if (*ret && (!(*ret)->factor.p || !crypto_equal(half.mark, half_of(r->arena, *ret).mark)))
		*ret = NULL;
	return NULL;
}

static const struct err *begin_again(struct req *r, struct str next)
{
	cookie_set(r, COOKIE, STR(""), 0);
	people_flash(r, "Enter your password once more: that took too long.");
	return reply_see_other(r, path_with_next(r, "/login", next));
}

/* ---- the page ---- */

static struct str next_of(struct req *r)
{
	return form_value(r, STR("next"));
}

const struct err *code_show(struct req *r)
{
	bool recovery = str_eq(r->path, STR(RECOVERY));
	struct code_page page = { .recovery = recovery };
	struct credentials *c;

	TRY(half_open(r, &c));
	if (!c)
		return begin_again(r, next_of(r));
	page.email = c->email;
	page.other = path_with_next(r, recovery ? "/login/code" : RECOVERY, next_of(r));
	page.form = form_view(r, &(struct form_settings){
					 .action = r->path,
					 .button = "Sign in",
					 .input = recovery ? &recovery_input : &code_input,
					 .controls = recovery ? recovery_controls : code_controls,
				 });
	return reply_page(r, &code_view, &page);
}

const struct err *code_send(struct req *r)
{
	const struct code_form *form = r->input;
	struct credentials *c;
	struct tokens tokens;

	TRY(half_open(r, &c));
	if (!c)
		return begin_again(r, form->next);
	r->tx = tx_new(r->arena, r->server->db);
	TRY(act_enter_by_code(r, c, form->totp, &tokens));
	cookie_set(r, COOKIE, STR(""), 0);
	tokens_set_cookies(r, &tokens);
	return reply_see_other(r, way_on(r, form->next));
}
