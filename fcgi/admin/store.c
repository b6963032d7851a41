/* The admin room's statements; see store.h and store.sql. */
#include "admin/store.h"

#include "flows/doc.h"

#define R struct account_row
static const struct shape account_shape =
	SHAPE(R, F_STR(R, name), F_STR(R, time_zone), F_BOOL(R, by_hours), F_STR(R, monday_opens),
	      F_STR(R, monday_closes), F_STR(R, tuesday_opens), F_STR(R, tuesday_closes),
	      F_STR(R, wednesday_opens), F_STR(R, wednesday_closes), F_STR(R, thursday_opens),
	      F_STR(R, thursday_closes), F_STR(R, friday_opens), F_STR(R, friday_closes),
	      F_STR(R, saturday_opens), F_STR(R, saturday_closes), F_STR(R, sunday_opens),
	      F_STR(R, sunday_closes));
#undef R
static const struct shape text_shape = SHAPE(struct text_row, F_STR(struct text_row, text));
#define R struct retention_row
static const struct shape retention_shape = SHAPE(R, F_INT(R, days, .null = true), F_STR(R, way),
						  F_INT(R, kept), F_INT(R, running, .null = true));
#undef R
static const struct shape past_total_shape =
	SHAPE(struct past_total, F_INT(struct past_total, sessions),
	      F_TIME(struct past_total, oldest, .null = true));
static const struct shape past_shape =
	SHAPE(struct past_row, F_STR(struct past_row, month), F_STR(struct past_row, flow),
	      F_INT(struct past_row, sessions));
#define R struct retention_run
static const struct shape retention_run_shape =
	SHAPE(R, F_TIME(R, began_at), F_TIME(R, ended_at, .null = true), F_INT(R, sessions),
	      F_INT(R, days), F_STR(R, way));
#undef R
const struct names retention_ways = NAMES("delete", "anonymise");
#define R struct due_row
static const struct shape due_shape = SHAPE(R, F_UUID(R, session), F_STR(R, flow), F_STR(R, client),
					    F_STR(R, ticket), F_TIME(R, ended_at));
#undef R
#define R struct hold_row
static const struct shape hold_shape =
	SHAPE(R, F_UUID(R, session), F_STR(R, flow), F_STR(R, client), F_STR(R, ticket),
	      F_STR(R, reason), F_STR(R, person), F_TIME(R, at, .null = true));
#undef R
const struct names archive_states = NAMES("queued", "running", "done", "failed", "deleted");
#define R struct archive_row
static const struct shape archive_shape = SHAPE(
	R, F_UUID(R, id), F_ENUM(R, state, &archive_states), F_STR(R, person), F_TIME(R, asked_at),
	F_TIME(R, ended_at, .null = true), F_STR(R, part), F_INT(R, total), F_INT(R, made),
	F_INT(R, bytes), F_STR(R, why), F_TIME(R, until, .null = true));
#undef R
#define R struct closing_row
static const struct shape closing_shape =
	SHAPE(R, F_STR(R, name), F_TIME(R, closing_at, .null = true),
	      F_STR(R, person, .null = true), F_BOOL(R, may), F_STR(R, owner, .null = true),
	      F_INT(R, people), F_INT(R, flows), F_INT(R, sessions));
#undef R
static const struct shape keeper_shape =
	SHAPE(struct keeper_row, F_UUID(struct keeper_row, id), F_STR(struct keeper_row, email),
	      F_STR(struct keeper_row, name));
static const struct shape custody_due_shape =
	SHAPE(struct custody_due, F_UUID(struct custody_due, account_id));
static const struct shape yes_shape = SHAPE(struct yes_row, F_BOOL(struct yes_row, yes));
static const struct shape taken_shape =
	SHAPE(struct archive_taken, F_UUID(struct archive_taken, id),
	      F_INT(struct archive_taken, attempts), F_UUID(struct archive_taken, person));
static const struct shape archive_gone_shape =
	SHAPE(struct archive_gone, F_UUID(struct archive_gone, id));
#define R struct piece_row
static const struct shape piece_shape = SHAPE(R, F_UUID(R, key), F_STR(R, path), F_STR(R, body));
#undef R
#define R struct flow_piece
static const struct shape flow_piece_shape = SHAPE(
	R, F_UUID(R, key), F_STR(R, path), F_STR(R, body), F_STR(R, name), F_STR(R, description),
	F_ENUM(R, type, &flow_types), F_STR(R, structure), F_STR(R, intake));
#undef R
#define R struct session_piece
static const struct shape session_piece_shape =
	SHAPE(R, F_UUID(R, key), F_STR(R, path), F_STR(R, body), F_STR(R, notes));
#undef R

#define R struct version_piece
static const struct shape version_piece_shape =
	SHAPE(R, F_UUID(R, key), F_STR(R, path), F_STR(R, body), F_INT(R, n));
#undef R

#include "fcgi/admin/store.sql.h"

/* ---- what an account says of itself ---- */

void store_account(struct tx *t, struct account_row **ret)
{
	tx_maybe(t, &sql_account, ret);
}

void store_account_zones(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_zones, ret);
}

void store_account_set(struct tx *t, const struct account_row *row, struct list opens,
		       struct list closes)
{
	tx_exec(t, &sql_account_set, P(row->name), P(row->time_zone), P(row->by_hours), P(opens),
		P(closes));
}

/* ---- retention ---- */

void store_retention(struct tx *t, struct retention_row **ret)
{
	tx_maybe(t, &sql_retention, ret);
}

void store_retention_lock(struct tx *t)
{
	tx_exec(t, &sql_retention_lock);
}

void store_retention_total(struct tx *t, int64_t days, struct str way, struct past_total **ret)
{
	tx_maybe(t, &sql_retention_total, ret, P(days), P(way));
}

void store_retention_past(struct tx *t, int64_t days, struct str way, struct list *ret)
{
	tx_list(t, &sql_retention_past, ret, P(days), P(way));
}

void store_retention_due(struct tx *t, const struct due_wish *wish, struct list *ret)
{
	tx_list(t, &sql_retention_due, ret, P(wish->days), P(wish->way), P(wish->most),
		P(wish->skip));
}

void store_retention_set(struct tx *t, int64_t days, struct str way)
{
	tx_exec(t, &sql_retention_set, P(days), P(way));
}

void store_retention_runs(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_retention_runs, ret);
}

void store_holds(struct tx *t, int64_t most, int64_t skip, struct list *ret)
{
	tx_list(t, &sql_holds, ret, P(most), P(skip));
}

void store_hold(struct tx *t, struct uuid session, struct hold_row **ret)
{
	tx_maybe(t, &sql_hold, ret, P(session));
}

void store_hold_lock(struct tx *t, struct uuid session)
{
	tx_must(t, &sql_hold_lock, P(session));
}

void store_hold_set(struct tx *t, struct uuid session, struct str reason)
{
	tx_exec(t, &sql_hold_set, P(session), P(reason));
}

void store_hold_seed(struct tx *t, struct str flow, struct str reason)
{
	tx_must(t, &sql_hold_seed, P(flow), P(reason));
}

void store_hold_end(struct tx *t, struct uuid session)
{
	tx_must(t, &sql_hold_end, P(session));
}

/* ---- the archive ---- */

void store_archives(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_archives, ret);
}

void store_archive(struct tx *t, struct uuid id, struct archive_row **ret)
{
	tx_one(t, &sql_archive, ret, P(id));
}

void store_archive_ask(struct tx *t, struct uuid id)
{
	tx_exec(t, &sql_archive_ask, P(id));
}

void store_archive_drop(struct tx *t, struct uuid id)
{
	tx_must(t, &sql_archive_drop, P(id));
}

/* ---- its end ---- */

void store_closing(struct tx *t, struct closing_row **ret)
{
	tx_maybe(t, &sql_closing, ret);
}

void store_account_close(struct tx *t, struct str name, int64_t days)
{
	tx_exec(t, &sql_account_close, P(name), P(days));
}

void store_account_keep(struct tx *t)
{
	tx_exec(t, &sql_account_keep);
}

void store_keepers(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_keepers, ret);
}

/* ---- the jobs program's ---- */

void store_custody_due(struct tx *t, const char *what, struct custody_due **ret)
{
	tx_maybe(t, &sql_custody_due, ret, P(str_of(what)));
}

void store_custody_enter(struct tx *t, struct uuid account)
{
	tx_exec(t, &sql_custody_enter, P(account));
}

void store_custody_retain(struct tx *t, struct uuid account, int most, struct yes_row **ret)
{
	tx_maybe(t, &sql_custody_retain, ret, P(account), P(most));
}

void store_custody_erase_begin(struct tx *t, struct uuid account, struct yes_row **ret)
{
	tx_maybe(t, &sql_custody_erase_begin, ret, P(account));
}

void store_custody_erase(struct tx *t, struct uuid account, int most, struct yes_row **ret)
{
	tx_maybe(t, &sql_custody_erase, ret, P(account), P(most));
}

void store_custody_remind(struct tx *t, struct closing_row **ret)
{
	tx_maybe(t, &sql_custody_remind, ret);
}

void store_archive_take(struct tx *t, struct str holder, struct archive_taken **ret)
{
	tx_maybe(t, &sql_archive_take, ret, P(holder));
}

void store_archive_tell(struct tx *t, const struct archive_told *told, struct yes_row **ret)
{
	tx_maybe(t, &sql_archive_tell, ret, P(told->id), P(told->holder), P(told->part),
		 P(told->made), P(told->bytes));
}

void store_archive_end(struct tx *t, const struct archive_told *told, struct str why,
		       struct yes_row **ret)
{
	tx_maybe(t, &sql_archive_end, ret, P(told->id), P(told->holder), P(told->part),
		 P(told->bytes), P(why));
}

void store_archive_release(struct tx *t, struct uuid id, struct str holder)
{
	tx_exec(t, &sql_archive_release, P(id), P(holder));
}

void store_archive_expire(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_archive_expire, ret);
}

void store_archive_view(struct tx *t, struct uuid account)
{
	tx_exec(t, &sql_archive_one_view);
	tx_exec(t, &sql_archive_view, P(account));
}

const struct archive_part archive_parts[] = {
	{ "The account", "account.json", "", &sql_part_account, 1 },
	{ "People", "people.csv", "id,name,email,role,team,standing,owner,since\r\n",
	  &sql_part_people, 1000 },
	{ "Teams", "teams.csv", "id,name,since\r\n", &sql_part_teams, 1000 },
	{ "Invites", "invites.csv", "id,email,role,team,uses,of,by,at,until,withdrawn\r\n",
	  &sql_part_invites, 1000 },
	{ "API keys", "keys.csv", "id,name,permissions,of,at,until,ended\r\n", &sql_part_keys,
	  1000 },
	{ "What people set and pinned", "own.jsonl", "", &sql_part_own, 200 },
	{ "Notices", "notices.csv", "at,to,text,link,read\r\n", &sql_part_notices, 1000 },
	{ "The list of flows", "flows.jsonl", "", &sql_part_listed, 200 },
	{ "Flows", NULL, NULL, &sql_part_flows, 20 },
	{ "Earlier versions", NULL, NULL, &sql_part_versions, 20 },
	{ "Sessions", NULL, NULL, &sql_part_sessions, 100 },
	{ "Hand-offs", "handoffs.jsonl", "", &sql_part_handoffs, 500 },
	{ "Exports", NULL, NULL, &sql_part_exports, 10 },
	{ "The list of exports", "exports.csv",
	  "id,session,format,detail,redacted,edited,sha256,by,at\r\n", &sql_part_exported, 1000 },
	{ "Links", "shares.csv",
	  "id,session,audience,detail,redacted,views,by,at,until,withdrawn\r\n", &sql_part_shares,
	  1000 },
	{ "Who opened links", "share_views.csv", "share,at,by\r\n", &sql_part_views, 1000 },
	{ "Webhooks", "webhooks.jsonl", "", &sql_part_webhooks, 1000 },
	{ "The audit log", "audit.csv",
	  "at,action,object,object_id,actor_id,actor,before,after,address,agent,request_id\r\n",
	  &sql_part_audit, 2000 },
	{ 0 },
};

void store_pieces(struct tx *t, const struct archive_part *part, struct piece_place after,
		  struct list *ret)
{
	if (part_is_versions(part))
		tx_list(t, part->sql, ret, P(after.key), P(after.n), P(part->most));
	else
		tx_list(t, part->sql, ret, P(after.key), P(part->most));
}

bool part_is_flows(const struct archive_part *part)
{
	return part->sql == &sql_part_flows;
}

bool part_is_sessions(const struct archive_part *part)
{
	return part->sql == &sql_part_sessions;
}

bool part_is_versions(const struct archive_part *part)
{
	return part->sql == &sql_part_versions;
}
