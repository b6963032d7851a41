/* The reports room's statements; see store.h and store.sql. */
#include "reports/store.h"

#include "reports/pages.h"

const struct names share_audiences = NAMES("public", "account");
const struct names share_states = NAMES("open", "revoked", "expired", "used_up");

#define R struct export_row
static const struct shape export_row_shape =
	SHAPE(R, F_UUID(R, id), F_ENUM(R, format, &report_formats),
	      F_ENUM(R, detail, &report_details), F_BOOL(R, redacted), F_BOOL(R, edited),
	      F_STR(R, text), F_STR(R, digest), F_STR(R, person), F_TIME(R, at));
#undef R
#define R struct export_found
static const struct shape export_found_shape =
	SHAPE(R, F_STR(R, account_name), F_ENUM(R, format, &report_formats), F_BOOL(R, edited),
	      F_TIME(R, at));
#undef R
static const struct shape account_name_shape =
	SHAPE(struct account_name, F_STR(struct account_name, name));
#define R struct share_row
static const struct shape share_row_shape =
	SHAPE(R, F_UUID(R, id), F_ENUM(R, audience, &share_audiences),
	      F_ENUM(R, detail, &report_details), F_BOOL(R, redact), F_TIME(R, expires_at),
	      F_INT(R, max_views, .null = true), F_INT(R, views), F_TIME(R, created_at),
	      F_TIME(R, revoked_at, .null = true), F_UUID(R, person), F_STR(R, person_name),
	      F_ENUM(R, state, &share_states), F_TIME(R, viewed_at, .null = true));
#undef R
#define R struct share_view_row
static const struct shape share_view_row_shape =
	SHAPE(R, F_UUID(R, share), F_TIME(R, at), F_STR(R, person, .null = true));
#undef R
#define R struct share_open
static const struct shape share_open_shape =
	SHAPE(R, F_UUID(R, session), F_ENUM(R, audience, &share_audiences),
	      F_ENUM(R, detail, &report_details), F_BOOL(R, redact), F_BOOL(R, asks),
	      F_INT(R, views_left, .null = true), F_STR(R, account_name), F_UUID(R, account));
#undef R

#include "fcgi/reports/store.sql.h"

void store_export_add(struct tx *t, const struct new_export *e)
{
	tx_exec(t, &sql_export_room, P(e->session));
	tx_exec(t, &sql_export_add, P(e->id), P(e->session),
		P(names_text(&report_formats, e->format)),
		P(names_text(&report_details, e->detail)), P(e->redacted), P(e->edited), P(e->text),
		P(e->digest));
}

void store_export(struct tx *t, struct uuid session, struct uuid export, struct export_row **ret)
{
	tx_maybe(t, &sql_export, ret, P(session), P(export));
}

void store_exports(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_exports, ret, P(session));
}

void store_export_find(struct tx *t, struct str digest, struct export_found **ret)
{
	tx_maybe(t, &sql_export_find, ret, P(digest));
}

void store_account_name(struct tx *t, struct account_name **ret)
{
	tx_maybe(t, &sql_account_name, ret);
}

void store_share_add(struct tx *t, const struct new_share *s)
{
	tx_exec(t, &sql_share_room, P(s->session));
	tx_exec(t, &sql_share_add, P(s->id), P(s->session), P(s->token_hash),
		P(names_text(&share_audiences, s->audience)),
		P(names_text(&report_details, s->detail)), P(s->redact), P(s->seconds),
		P(s->max_views));
}

void store_shares(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_shares, ret, P(session));
}

void store_share_views(struct tx *t, struct uuid session, struct list *ret)
{
	tx_list(t, &sql_share_views, ret, P(session));
}

void store_share_revoke(struct tx *t, struct uuid session, struct uuid share)
{
	tx_must(t, &sql_share_revoke, P(session), P(share));
}

void store_share_open(struct tx *t, struct str token_hash, bool claim, struct share_open **ret)
{
	tx_maybe(t, &sql_share_open, ret, P(token_hash), P(claim));
}
