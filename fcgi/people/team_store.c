/* The statements of the account's users, teams and invites; see team.h and team.sql. */
#include "people/team.h"
#include "people/invite_list.h"
#include "people/store.h"

#include "kit/base/arena.h"

const struct names user_statuses = NAMES("active", "deactivated", "left", "unverified");
const struct names holding_kinds = NAMES("running", "claimed", "waiting", "prepared", "flow");
#define U struct user_row
static const struct shape user_row_shape =
	SHAPE(U, F_UUID(U, id), F_STR(U, email), F_STR(U, name), F_ENUM(U, role, &role_names),
	      F_UUID(U, team, .null = true), F_STR(U, team_name, .null = true),
	      F_ENUM(U, status, &user_statuses), F_BOOL(U, owner), F_BOOL(U, verified),
	      F_BOOL(U, second_factor), F_TIME(U, created_at), F_TIME(U, left_at, .null = true),
	      F_TIME(U, last_seen_at, .null = true));
#undef U
#define H struct holding_row
static const struct shape holding_shape =
	SHAPE(H, F_ENUM(H, kind, &holding_kinds), F_UUID(H, id), F_STR(H, name), F_STR(H, about),
	      F_TIME(H, at), F_INT(H, total));
#undef H
static const struct shape team_row_shape =
	SHAPE(struct team_row, F_UUID(struct team_row, id), F_STR(struct team_row, name),
	      F_TIME(struct team_row, created_at), F_INT(struct team_row, members));
const struct names invite_states = NAMES("open", "used", "expired", "revoked");
const struct names given_roles = NAMES("viewer", "engineer", "team_admin");
#define I struct invite_row
static const struct shape invite_row_shape = SHAPE(
	I, F_UUID(I, id), F_ENUM(I, role, &role_names), F_UUID(I, team, .null = true),
	F_STR(I, team_name, .null = true), F_STR(I, email, .null = true), F_STR(I, made_by),
	F_INT(I, uses), F_INT(I, max_uses), F_TIME(I, expires_at), F_TIME(I, created_at),
	F_ENUM(I, state, &invite_states), F_STR(I, used_by), F_TIME(I, used_at, .null = true));
#undef I
#define B struct batch_row
static const struct shape batch_shape =
	SHAPE(B, F_UUID(B, id), F_TIME(B, created_at), F_TIME(B, sent_at, .null = true),
	      F_STR(B, by), F_INT(B, lines));
#undef B
#define L struct batch_line
static const struct shape batch_line_shape =
	SHAPE(L, F_INT(L, n), F_STR(L, email), F_STR(L, role), F_STR(L, team),
	      F_ENUM(L, outcome, &invite_outcomes), F_UUID(L, invite, .null = true),
	      F_TIME(L, expires_at, .null = true), F_BOOL(L, can_make));
#undef L
static const struct shape sent_shape = SHAPE(struct sent_row, F_BOOL(struct sent_row, sent));
static const struct shape count_shape = SHAPE(struct count_row, F_INT(struct count_row, n));

#include "fcgi/people/team.sql.h"

void store_users(struct tx *t, const struct user_filter *f, int64_t most, int64_t skip,
		 struct list *ret)
{
	tx_list(t, &sql_users, ret, P(f->q), P(f->role), P(f->team), P(f->status), P(most),
		P(skip));
}

void store_users_count(struct tx *t, const struct user_filter *f, struct count_row **ret)
{
	tx_one(t, &sql_users_count, ret, P(f->q), P(f->role), P(f->team), P(f->status));
}

void store_user_holds(struct tx *t, struct uuid person, int64_t most, struct list *ret)
{
	tx_list(t, &sql_user_holds, ret, P(person), P(most));
}

void store_user_leave(struct req *r, struct uuid person)
{
	tx_exec(r->tx, &sql_user_leave, P(person), P(r->address), P(r->agent), P(r->request_id));
}

void store_owner_hand_on(struct req *r, struct uuid person)
{
	tx_exec(r->tx, &sql_owner_hand_on, P(person), P(r->address), P(r->agent), P(r->request_id));
}

void store_user(struct tx *t, struct uuid person, struct user_row **ret)
{
	tx_one(t, &sql_user, ret, P(person));
}

void store_user_maybe(struct tx *t, struct uuid person, struct user_row **ret)
{
	tx_maybe(t, &sql_user, ret, P(person));
}

void store_user_change(struct req *r, struct uuid person, const struct user_change *c)
{
	struct str active = c->active ? *c->active ? STR("true") : STR("false") : STR_NONE;

	tx_exec(r->tx, &sql_user_change, P(person), P(names_text(&role_names, c->role)), P(c->team),
		P(c->team_given), P(active), P(r->address), P(r->agent), P(r->request_id));
}

void store_teams(struct tx *t, struct list *ret)
{
	tx_list(t, &sql_teams, ret);
}

void store_team(struct tx *t, struct uuid team, struct team_row **ret)
{
	tx_one(t, &sql_team, ret, P(team));
}

void store_team_rename(struct tx *t, struct uuid team, struct str name)
{
	tx_must(t, &sql_team_rename, P(team), P(name));
}

void store_team_delete(struct req *r, struct uuid team, struct uuid into)
{
	tx_exec(r->tx, &sql_team_delete, P(team), P(into), P(r->address), P(r->agent),
		P(r->request_id));
}

void store_team_take(struct req *r, struct uuid team, struct list people, struct count_row **ret)
{
	tx_one(r->tx, &sql_team_take, ret, P(team), P(people), P(r->address), P(r->agent),
	       P(r->request_id));
}

void store_invite_add(struct tx *t, const struct new_invite *i, struct invite_row **ret)
{
	tx_exec(t, &sql_invite_add, P(i->id), P(i->code_hash), P(i->role), P(i->team), P(i->email),
		P(i->max_uses), P(i->lasts));
	store_invite(t, i->id, ret);
}

void store_invites(struct tx *t, const struct invite_filter *f, int64_t most, int64_t skip,
		   struct list *ret)
{
	tx_list(t, &sql_invites, ret, P(f->q), P(f->state), P(most), P(skip));
}

void store_invites_count(struct tx *t, const struct invite_filter *f, struct count_row **ret)
{
	tx_one(t, &sql_invites_count, ret, P(f->q), P(f->state));
}

void store_invite(struct tx *t, struct uuid invite, struct invite_row **ret)
{
	tx_one(t, &sql_invite, ret, P(invite));
}

void store_invite_renew(struct tx *t, struct uuid invite, struct str code_hash,
			struct invite_row **ret)
{
	tx_exec(t, &sql_invite_renew, P(invite), P(code_hash));
	store_invite(t, invite, ret);
}

void store_batch_add(struct tx *t, struct arena *a, const struct new_batch *b)
{
	const struct invite_entry *entry = b->entries.items;
	size_t n = b->entries.n;
	struct str *all = ARENA_ARRAY(a, struct str, 6 * n + 1);

	for (size_t at = 0; at < n; at++) {
		all[at] = str_fmt(a, "%lld", (long long)entry[at].n);
		all[n + at] = entry[at].email;
		all[2 * n + at] = entry[at].role;
		all[3 * n + at] = entry[at].team;
		all[4 * n + at] = entry[at].fault;
		all[5 * n + at] = uuid_str(&entry[at].team_id);
	}
	tx_exec(t, &sql_batch_add, P(b->id), P(b->lasts));
	tx_exec(t, &sql_batch_lines_add, P(b->id), P(LIST_OF(all, n)), P(LIST_OF(all + n, n)),
		P(LIST_OF(all + 2 * n, n)), P(LIST_OF(all + 3 * n, n)), P(LIST_OF(all + 4 * n, n)),
		P(LIST_OF(all + 5 * n, n)));
}

void store_batch(struct tx *t, struct uuid batch, struct batch_row **ret)
{
	tx_one(t, &sql_batch, ret, P(batch));
}

void store_batch_lines(struct tx *t, struct uuid batch, struct list *ret)
{
	tx_list(t, &sql_batch_lines, ret, P(batch));
}

void store_batch_send(struct req *r, struct uuid batch, struct list codes, struct list ids,
		      bool makes_teams, struct sent_row **ret)
{
	tx_maybe(r->tx, &sql_batch_send, ret, P(batch), P(codes), P(ids), P(makes_teams),
		 P(r->address), P(r->agent), P(r->request_id));
}

void store_invite_revoke(struct tx *t, struct uuid invite)
{
	tx_must(t, &sql_invite_revoke, P(invite));
}

void store_sweep_batches(struct tx *t)
{
	tx_exec(t, &sql_sweep_invite_batches);
}
