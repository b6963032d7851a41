/* What every page has: who is signed in, the names of the static files, the CSRF token, a sentence
 * in passing. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

struct frame {
	struct str app_css, icon, csrf, request_id, theme, user_name, user_email, account_name,
		role;
	struct str flash, flash_kind;
	bool signed_in, can_invite, can_see_users, is_engineer, is_platform, single_keys, chime,
		demo, error;
	bool at_home, at_flows, at_sessions, at_escalations, at_profile, at_users, at_notices,
		at_platform;
	bool has_webhooks, has_insight, has_fast_lane;
	struct str inside;
	bool look_over;
	bool read_only;     /* what is shown is another account's, that is looked into */
	struct str closing; /* when the account will be deleted */
	bool is_keeper;     /* and may call it off */
	int64_t unread_notices, escalations, last_event;
	bool unread_more, escalations_more;
	struct asset app_js, editor_js, library_js, queue_js, run_js;
};

static const struct shape asset_shape =
	SHAPE(struct asset, F_STR(struct asset, name), F_STR(struct asset, integrity));

const struct shape people_frame_shape = SHAPE(
	struct frame, F_STR(struct frame, app_css), F_STR(struct frame, icon),
	F_STR(struct frame, csrf), F_STR(struct frame, request_id), F_STR(struct frame, theme),
	F_STR(struct frame, user_name), F_STR(struct frame, user_email),
	F_STR(struct frame, account_name), F_STR(struct frame, role), F_STR(struct frame, flash),
	F_STR(struct frame, flash_kind), F_BOOL(struct frame, signed_in),
	F_BOOL(struct frame, can_invite), F_BOOL(struct frame, can_see_users),
	F_BOOL(struct frame, is_engineer), F_BOOL(struct frame, single_keys),
	F_BOOL(struct frame, chime), F_BOOL(struct frame, demo), F_BOOL(struct frame, error),
	F_BOOL(struct frame, at_home), F_BOOL(struct frame, at_flows),
	F_BOOL(struct frame, at_sessions), F_BOOL(struct frame, at_profile),
	F_BOOL(struct frame, at_users), F_BOOL(struct frame, at_notices),
	F_INT(struct frame, unread_notices), F_BOOL(struct frame, unread_more),
	F_OBJECT(struct frame, app_js, struct asset, &asset_shape),
	F_OBJECT(struct frame, editor_js, struct asset, &asset_shape),
	F_OBJECT(struct frame, library_js, struct asset, &asset_shape),
	F_OBJECT(struct frame, run_js, struct asset, &asset_shape),
	F_OBJECT(struct frame, queue_js, struct asset, &asset_shape),
	F_INT(struct frame, escalations), F_BOOL(struct frame, escalations_more),
	F_BOOL(struct frame, at_escalations), F_BOOL(struct frame, is_platform),
	F_BOOL(struct frame, at_platform), F_STR(struct frame, inside),
	F_BOOL(struct frame, look_over), F_BOOL(struct frame, has_webhooks),
	F_BOOL(struct frame, has_insight), F_BOOL(struct frame, has_fast_lane),
	F_BOOL(struct frame, read_only), F_STR(struct frame, closing),
	F_BOOL(struct frame, is_keeper), F_INT(struct frame, last_event));

void people_flash(struct req *r, const char *sentence)
{
	struct str text = str_of(sentence);

	cookie_set(r, "flash", crypto_base64url(r->arena, (const uint8_t *)text.p, text.n), 60);
}

static struct str take_flash(struct req *r)
{
	struct str cookie = cookie_get(r, "flash");
	uint8_t *bytes;
	struct str text;
	size_t n;

	if (!cookie.n)
		return STR_NONE;
	cookie_set(r, "flash", STR(""), 0);
	if (cookie.n > 400 || !crypto_unbase64url(r->arena, cookie, &bytes, &n))
		return STR_NONE;
	text = (struct str){ (const char *)bytes, n };
	return str_is_utf8(text) && !str_has_control(text, STR("")) ? text : STR_NONE;
}

/* A browser without a sign-in gets a cookie that its forms' token is bound to. */
static struct str csrf_token(struct req *r)
{
	if (!r->csrf_seed.n)
		r->csrf_seed = cookie_get(r, "anon"); /* refused before it was asked who this is */
	if (!r->csrf_seed.n) {
		r->csrf_seed = crypto_token(r->arena);
		cookie_set(r, "anon", r->csrf_seed, 86400);
	}
	return people_csrf_token(r);
}

bool people_is_inside(const struct req *r)
{
	return !uuid_eq(r->who->row->here, r->who->account);
}

static void fill_who(struct req *r, struct frame *f, const struct who *who)
{
	const struct who_row *row = who->row;
	enum role role = (enum role)row->role;
	bool at_home = !people_is_inside(r);

	f->signed_in = true;
	f->user_name = row->name;
	f->user_email = row->email;
	f->account_name = at_home ? row->account_name : row->inside;
	f->role = names_text(&role_names, row->role);
	f->theme = row->theme;
	f->single_keys = row->single_keys;
	f->chime = row->chime;
	f->unread_notices = row->unread;
	f->unread_more = row->unread == UNREAD_MOST;
	f->escalations = row->waiting;
	f->escalations_more = row->waiting == UNREAD_MOST;
	f->last_event = row->last_event;
	f->can_invite = at_home && role_may(role, PERM_PEOPLE);
	f->can_see_users = role_may(role, PERM_PEOPLE);
	f->is_engineer = role_may(role, PERM_RUN);
	f->is_platform = role_may(role, PERM_PLATFORM);
	f->inside = row->inside;
	f->look_over = row->look_over;
	f->read_only = !at_home;
	f->has_webhooks = flag_on(r, FLAG_WEBHOOKS);
	f->has_insight = flag_on(r, FLAG_INSIGHT);
	f->has_fast_lane = flag_on(r, FLAG_FAST_LANE);
	f->closing = row->closing_at.us ? clock_words(r->arena, row->closing_at) : STR_NONE;
	f->is_keeper = role_may(role, PERM_ADMIN);
}

/* What templates/people/tabs leads to. */
static bool is_admin_path(struct str path)
{
	static const char *const begins[] = { "/users",  "/invites", "/teams", "/keys",
					      "/audit",  "/account", "/plan",  "/redaction",
					      "/outbox", "/webhooks" };

	for (size_t at = 0; at < sizeof(begins) / sizeof(begins[0]); at++)
		if (str_starts(path, str_of(begins[at])))
			return true;
	return false;
}

const void *people_frame(struct req *r)
{
	struct frame *f = ARENA_NEW(r->arena, struct frame);

	*f = (struct frame){
		.app_css = r->settings->assets.css.name,
		.app_js = r->settings->assets.js,
		.editor_js = r->settings->assets.editor_js,
		.library_js = r->settings->assets.library_js,
		.run_js = r->settings->assets.run_js,
		.queue_js = r->settings->assets.queue_js,
		.at_escalations = str_starts(r->path, STR("/escalations")) ||
				  str_starts(r->path, STR("/insight")),
		.icon = r->settings->assets.icon.name,
		.csrf = csrf_token(r),
		.request_id = r->request_id,
		.theme = STR("auto"),
		.flash = take_flash(r),
		.flash_kind = STR("good"),
		.demo = r->settings->demo,
		.error = r->nproblems > 0,
		.at_home = str_eq(r->path, STR("/")),
		.at_flows = str_starts(r->path, STR("/flows")),
		.at_sessions = str_starts(r->path, STR("/sessions")),
		.at_profile = str_starts(r->path, STR("/profile")),
		.at_users = is_admin_path(r->path),
		.at_platform = str_starts(r->path, STR("/platform")),
		.at_notices = str_starts(r->path, STR("/notices")),
	};
	if (r->who && r->who->row)
		fill_who(r, f, r->who);
	reply_header(r, "Cache-Control", STR("no-store"));
	return f;
}
