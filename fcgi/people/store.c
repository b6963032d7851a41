/* The people room's statements; see store.h and store.sql. */
#include "people/store.h"
#include "people/keys.h"
#include "people/second_factor.h"

#include "kit/base/arena.h"

static const struct names outcome_names = NAMES("rotated", "raced", "reused");

static const struct shape who_row_shape =
	SHAPE(struct who_row, F_UUID(struct who_row, here), F_STR(struct who_row, name),
	      F_STR(struct who_row, email), F_ENUM(struct who_row, role, &role_names),
	      F_STR(struct who_row, account_name), F_BOOL(struct who_row, verified),
	      F_STR(struct who_row, theme), F_BOOL(struct who_row, single_keys),
	      F_BOOL(struct who_row, chime), F_INT(struct who_row, unread),
	      F_INT(struct who_row, waiting), F_INT(struct who_row, last_event),
	      F_TIME(struct who_row, closing_at, .null = true),
	      F_STR(struct who_row, inside, .null = true), F_BOOL(struct who_row, look_over),
	      F_BOOL(struct who_row, second_factor_due));
static const struct shape credentials_shape = SHAPE(
	struct credentials, F_UUID(struct credentials, account), F_UUID(struct credentials, person),
	F_ENUM(struct credentials, role, &role_names), F_STR(struct credentials, email),
	F_STR(struct credentials, password_hash), F_STR(struct credentials, factor, .null = true),
	F_BOOL(struct credentials, suspended));
static const struct shape renewal_shape =
	SHAPE(struct renewal, F_ENUM(struct renewal, outcome, &outcome_names),
	      F_UUID(struct renewal, account), F_UUID(struct renewal, person),
	      F_UUID(struct renewal, sign_in), F_ENUM(struct renewal, role, &role_names));
static const struct shape device_shape =
	SHAPE(struct device, F_UUID(struct device, id), F_STR(struct device, agent),
	      F_STR(struct device, address), F_TIME(struct device, created_at),
	      F_TIME(struct device, last_seen_at));
static const struct shape permit_shape = SHAPE(
	struct permit, F_ENUM(struct permit, role, &role_names), F_TIME(struct permit, expires_at),
	F_INT(struct permit, at), F_BOOL(struct permit, due));
static const struct shape invite_taken_shape =
	SHAPE(struct invite_taken, F_UUID(struct invite_taken, account),
	      F_UUID(struct invite_taken, invite), F_ENUM(struct invite_taken, role, &role_names),
	      F_UUID(struct invite_taken, team, .null = true));
static const struct shape invite_offer_shape =
	SHAPE(struct invite_offer, F_STR(struct invite_offer, account_name),
	      F_ENUM(struct invite_offer, role, &role_names),
	      F_STR(struct invite_offer, email, .null = true), F_BOOL(struct invite_offer, usable));
static const struct shape code_offer_shape =
	SHAPE(struct code_offer, F_STR(struct code_offer, plan_label, .null = true),
	      F_BOOL(struct code_offer, usable));
static const struct shape code_taken_shape =
	SHAPE(struct code_taken, F_UUID(struct code_taken, code),
	      F_STR(struct code_taken, plan, .null = true));
static const struct shape ticket_shape =
	SHAPE(struct ticket, F_UUID(struct ticket, account), F_UUID(struct ticket, person),
	      F_STR(struct ticket, email), F_STR(struct ticket, name),
	      F_STR(struct ticket, account_name), F_BOOL(struct ticket, used));
static const struct shape ticket_used_shape =
	SHAPE(struct ticket_used, F_UUID(struct ticket_used, account),
	      F_UUID(struct ticket_used, person));
static const struct shape password_shape =
	SHAPE(struct password_row, F_STR(struct password_row, password_hash),
	      F_STR(struct password_row, email), F_STR(struct password_row, name),
	      F_STR(struct password_row, account_name));
static const struct shape me_shape =
	SHAPE(struct me, F_UUID(struct me, id), F_STR(struct me, email), F_STR(struct me, name),
	      F_ENUM(struct me, role, &role_names), F_UUID(struct me, account),
	      F_STR(struct me, account_name), F_STR(struct me, plan),
	      F_BOOL(struct me, email_verified), F_TIME(struct me, created_at));
static const struct shape kept_form_shape = SHAPE(struct kept_form, F_STR(struct kept_form, sealed),
						  F_TIME(struct kept_form, created_at));
static const struct shape home_counts_shape =
	SHAPE(struct home_counts, F_INT(struct home_counts, people),
	      F_INT(struct home_counts, teams), F_STR(struct home_counts, plan));
static const struct shape profile_row_shape =
	SHAPE(struct profile_row, F_STR(struct profile_row, team, .null = true),
	      F_TIME(struct profile_row, password_changed_at), F_INT(struct profile_row, devices),
	      F_INT(struct profile_row, keys), F_BOOL(struct profile_row, second_factor));

const struct names key_states = NAMES("active", "expired", "revoked");
#define K struct key_row
static const struct shape key_row_shape =
	SHAPE(K, F_UUID(K, id), F_UUID(K, person), F_STR(K, person_name), F_STR(K, name),
	      F_STR(K, prefix), F_LIST(K, permissions, &shape_texts), F_TIME(K, created_at),
	      F_TIME(K, expires_at, .null = true), F_TIME(K, last_used_at, .null = true),
	      F_STR(K, address), F_STR(K, agent), F_ENUM(K, state, &key_states));
#undef K
static const struct shape known_key_shape =
	SHAPE(struct known_key, F_UUID(struct known_key, account), F_UUID(struct known_key, person),
	      F_UUID(struct known_key, sign_in), F_ENUM(struct known_key, role, &role_names),
	      F_LIST(struct known_key, permissions, &shape_texts));
static const struct shape key_held_shape =
	SHAPE(struct key_held, F_UUID(struct key_held, person), F_STR(struct key_held, name),
	      F_BOOL(struct key_held, ended));
static const struct shape key_used_shape =
	SHAPE(struct key_used, F_UUID(struct key_used, id), F_STR(struct key_used, name),
	      F_LIST(struct key_used, permissions, &shape_texts),
	      F_TIME(struct key_used, expires_at, .null = true));
static const struct shape key_ending_shape =
	SHAPE(struct key_ending, F_UUID(struct key_ending, person), F_STR(struct key_ending, email),
	      F_STR(struct key_ending, name), F_STR(struct key_ending, prefix),
	      F_TIME(struct key_ending, expires_at), F_BOOL(struct key_ending, expired));
static const struct shape factor_shape =
	SHAPE(struct factor_row, F_STR(struct factor_row, secret, .null = true),
	      F_TIME(struct factor_row, since, .null = true), F_BOOL(struct factor_row, required),
	      F_INT(struct factor_row, codes_left));
static const struct shape found_shape = SHAPE(struct found_row, F_BOOL(struct found_row, found));
static const struct shape holder_shape =
	SHAPE(struct holder_row, F_STR(struct holder_row, name), F_STR(struct holder_row, email),
	      F_TIME(struct holder_row, since, .null = true));
static const struct shape security_shape =
	SHAPE(struct security_row, F_BOOL(struct security_row, required),
	      F_INT(struct security_row, people), F_INT(struct security_row, having),
	      F_BOOL(struct security_row, own));
static const struct shape holder_line_shape =
	SHAPE(struct holder_line, F_UUID(struct holder_line, id), F_STR(struct holder_line, name),
	      F_STR(struct holder_line, email), F_ENUM(struct holder_line, role, &role_names),
	      F_TIME(struct holder_line, since, .null = true));
static const struct shape count_shape = SHAPE(struct count_row, F_INT(struct count_row, n));

#include "fcgi/people/store.sql.h"

/* A key needs a role for what it does, not only for the route. */
void store_enter(struct req *r, enum permission need)
{
	const struct who *who = r->who;
	enum permission own = who->by_key ? key_needs(r->route) : need;
	int allowed = roles_allowed(need) & (own < PERM__MAX ? roles_allowed(own) : ~0);

	tx_maybe(r->tx, &sql_enter, &r->who->row, P(who->account), P(who->person), P(who->sign_in),
		 P(allowed), P(permission_at_home(need)), P(r->method != GET || r->route->asks));
}

void store_begin_as(struct tx *t, struct uuid account, struct uuid person)
{
	tx_exec(t, &sql_begin_as, P(account), P(person));
}

void store_rate(struct tx *t, struct str key, int64_t most)
{
	tx_exec(t, &sql_rate, P(key), P(most));
}

void store_sign_in_find(struct tx *t, struct str address, struct str guess,
			struct credentials **ret)
{
	tx_maybe(t, &sql_sign_in_find, ret, P(address), P(guess));
}

void store_sign_in_wrong(struct req *r, struct str guess, const struct credentials *whose)
{
	tx_exec(r->tx, &sql_sign_in_wrong, P(guess), P(whose ? whose->account : UUID_NONE),
		P(whose ? whose->person : UUID_NONE), P(r->address), P(r->agent), P(r->request_id));
}

void store_sign_in_right(struct tx *t, struct str guess)
{
	tx_exec(t, &sql_sign_in_right, P(guess));
}

void store_sign_in_check(struct tx *t, struct uuid person, struct str hash)
{
	tx_exec(t, &sql_sign_in_check, P(person), P(hash));
}

void store_sign_in_add(struct tx *t, const struct new_sign_in *s)
{
	tx_exec(t, &sql_sign_in_add, P(s->id), P(s->person), P(s->agent), P(s->address),
		P(s->lasts));
	tx_exec(t, &sql_refresh_add, P(s->refresh_hash), P(s->id));
}

void store_refresh(struct tx *t, const struct refresh_try *try, struct renewal **ret)
{
	tx_maybe(t, &sql_refresh, ret, P(try->old_hash), P(try->new_hash), P(try->address),
		 P(try->agent), P(try->grace), P(try->lasts), P(try->subject), P(try->body));
}

void store_sign_out(struct req *r, struct str hash)
{
	tx_exec(r->tx, &sql_sign_out, P(hash), P(r->address), P(r->agent), P(r->request_id));
}

void store_sign_in_end(struct tx *t, struct uuid sign_in, struct uuid person, const char *why)
{
	tx_exec(t, &sql_sign_in_end, P(sign_in), P(person), P(str_of(why)));
}

void store_sign_ins_end(struct tx *t, struct uuid person, struct uuid but, const char *why)
{
	tx_exec(t, &sql_sign_ins_end, P(person), P(but), P(str_of(why)));
}

void store_device_find(struct tx *t, struct uuid sign_in, struct uuid person)
{
	tx_must(t, &sql_device_find, P(sign_in), P(person));
}

void store_permit(struct tx *t, struct uuid sign_in, struct permit **ret)
{
	tx_maybe(t, &sql_permit, ret, P(sign_in));
}

void store_devices(struct tx *t, struct uuid person, struct list *ret)
{
	tx_list(t, &sql_devices, ret, P(person));
}

void store_account_add(struct tx *t, struct uuid account, struct str name,
		       const struct code_taken *by)
{
	tx_exec(t, &sql_account_add, P(account), P(name), P(by ? by->plan : STR_NONE),
		P(by ? by->code : UUID_NONE));
}

void store_code_find(struct tx *t, struct str code_hash, struct code_offer **ret)
{
	tx_maybe(t, &sql_code_find, ret, P(code_hash));
}

void store_code_take(struct tx *t, struct str code_hash, struct code_taken **ret)
{
	tx_maybe(t, &sql_code_take, ret, P(code_hash));
}

void store_team_add(struct tx *t, struct uuid id, struct str name)
{
	tx_exec(t, &sql_team_add, P(id), P(name));
}

void store_person_add(struct tx *t, const struct new_person *p)
{
	tx_exec(t, &sql_person_add, P(p->id), P(p->email), P(p->name), P(p->role), P(p->owner),
		P(p->team), P(p->password_hash), P(p->invite));
}

void store_invite_take(struct tx *t, struct str code_hash, struct str address,
		       struct invite_taken **ret)
{
	tx_one(t, &sql_invite_take, ret, P(code_hash), P(address));
}

void store_invite_find(struct tx *t, struct str code_hash, struct invite_offer **ret)
{
	tx_maybe(t, &sql_invite_find, ret, P(code_hash));
}

void store_ticket_add(struct tx *t, struct str hash, struct uuid person, const char *purpose,
		      int64_t lasts)
{
	tx_exec(t, &sql_ticket_add, P(hash), P(person), P(str_of(purpose)), P(lasts));
}

void store_ticket_find(struct tx *t, struct str hash, const char *purpose, struct ticket **ret)
{
	tx_maybe(t, &sql_ticket_find, ret, P(hash), P(str_of(purpose)));
}

void store_ticket_use(struct tx *t, struct str hash, const char *purpose, struct ticket_used **ret)
{
	tx_one(t, &sql_ticket_use, ret, P(hash), P(str_of(purpose)));
}

void store_password_set(struct tx *t, struct uuid person, struct str hash)
{
	tx_exec(t, &sql_password_set, P(person), P(hash));
}

void store_password_rehash(struct tx *t, struct uuid person, struct str hash)
{
	tx_exec(t, &sql_password_rehash, P(person), P(hash));
}

void store_tickets_end(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_tickets_end, P(person));
}

void store_password_of(struct tx *t, struct uuid person, struct password_row **ret)
{
	tx_one(t, &sql_password_of, ret, P(person));
}

void store_email_verified(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_email_verified, P(person));
}

void store_me(struct tx *t, struct uuid person, struct me **ret)
{
	tx_one(t, &sql_me, ret, P(person));
}

void store_forgot(struct tx *t, const struct forgotten *f)
{
	tx_exec(t, &sql_forgot, P(f->address), P(f->ticket_hash), P(f->lasts), P(f->subject),
		P(f->body));
}

void store_profile_set(struct tx *t, struct uuid person, const struct profile_form *f)
{
	tx_exec(t, &sql_profile_set, P(person), P(f->name), P(f->theme), P(f->single_keys));
}

void store_home_counts(struct tx *t, struct home_counts **ret)
{
	tx_one(t, &sql_home_counts, ret);
}

void store_profile(struct tx *t, struct uuid person, struct profile_row **ret)
{
	tx_one(t, &sql_profile, ret, P(person));
}

void store_form_keep(struct tx *t, struct str hash, struct str sealed)
{
	tx_exec(t, &sql_form_keep, P(hash), P(sealed));
}

void store_form_find(struct tx *t, struct str hash, struct kept_form **ret)
{
	tx_maybe(t, &sql_form_find, ret, P(hash));
}

void store_form_drop(struct tx *t, struct str hash)
{
	tx_exec(t, &sql_form_drop, P(hash));
}

void people_seed_account(struct tx *tx, struct uuid account, struct str name, struct uuid team,
			 struct str team_name)
{
	store_begin_as(tx, account, UUID_NONE);
	store_account_add(tx, account, name, NULL);
	store_team_add(tx, team, team_name);
}

void people_go_on_as(struct tx *tx, struct uuid account, struct uuid person)
{
	store_begin_as(tx, account, person);
}

void people_seed_person(struct tx *tx, const struct new_person *person)
{
	store_person_add(tx, person);
	store_email_verified(tx, person->id);
}

void store_notice_new_device(struct tx *t, struct uuid person, const struct device_notice *n)
{
	tx_exec(t, &sql_notice_new_device, P(person), P(n->agent), P(n->address), P(n->text),
		P(n->link));
}

void store_sweep_leftovers(struct tx *t)
{
	tx_exec(t, &sql_sweep_buckets);
	tx_exec(t, &sql_sweep_guesses);
	tx_exec(t, &sql_sweep_kept_forms);
	tx_exec(t, &sql_sweep_once);
}

void store_sweep_sign_ins(struct tx *t)
{
	tx_exec(t, &sql_sweep_tickets);
	tx_exec(t, &sql_sweep_sign_ins);
	tx_exec(t, &sql_sweep_refresh);
}

void store_key_find(struct tx *t, struct req *r, struct str hash, int64_t most,
		    struct known_key **ret)
{
	tx_maybe(t, &sql_key_find, ret, P(hash), P(r->address), P(r->agent), P(most));
}

void store_key_add(struct tx *t, const struct key_row *row, struct str hash)
{
	tx_exec(t, &sql_key_add, P(row->id), P(row->name), P(row->prefix), P(hash),
		P(row->permissions), P(row->expires_at));
}

void store_keys(struct tx *t, struct uuid person, struct list *ret)
{
	tx_list(t, &sql_keys, ret, P(person));
}

void store_all_keys(struct tx *t, const struct keys_query *q, struct keys_found *ret)
{
	struct str text = q->q.p ? q->q : STR(""),
		   state = q->state < 0 ? STR("") : names_text(&key_states, q->state);

	ret->page = page_of(q->page, q->per_page);
	tx_one(t, &sql_all_keys_count, &ret->count, P(text), P(state));
	tx_list(t, &sql_all_keys, &ret->rows, P(text), P(state), P(ret->page.size),
		P(page_skip(ret->page)));
}

void store_key_hold(struct tx *t, struct uuid id, struct uuid owner, struct key_held **ret)
{
	tx_one(t, &sql_key_hold, ret, P(id), P(owner));
}

void store_key_used(struct tx *t, struct uuid sign_in, struct key_used **ret)
{
	tx_maybe(t, &sql_key_used, ret, P(sign_in));
}

void store_key_ending(struct tx *t, struct uuid id, struct key_ending **ret)
{
	tx_maybe(t, &sql_key_ending, ret, P(id));
}

void store_credentials_of(struct tx *t, struct uuid person, struct credentials **ret)
{
	tx_maybe(t, &sql_credentials_of, ret, P(person));
}

void store_code_try(struct tx *t, struct str key, struct count_row **ret)
{
	tx_maybe(t, &sql_code_try, ret, P(key));
}

void store_factor_none(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_factor_none, P(person));
}

void store_factor(struct tx *t, struct uuid person, struct factor_row **ret)
{
	tx_maybe(t, &sql_factor, ret, P(person));
}

void store_factor_begin(struct tx *t, struct uuid person, struct str sealed, struct found_row **ret)
{
	tx_maybe(t, &sql_factor_begin, ret, P(person), P(sealed));
}

void store_factor_confirm(struct tx *t, struct uuid person, struct str sealed, int64_t step,
			  struct found_row **ret)
{
	tx_maybe(t, &sql_factor_confirm, ret, P(person), P(sealed), P(step));
}

void store_factor_take(struct tx *t, struct uuid person, struct str sealed, int64_t step,
		       struct str resealed, struct found_row **ret)
{
	tx_maybe(t, &sql_factor_take, ret, P(person), P(sealed), P(step), P(resealed));
}

void store_recovery_take(struct tx *t, struct uuid person, struct str hash, struct found_row **ret)
{
	tx_maybe(t, &sql_recovery_take, ret, P(person), P(hash));
}

void store_recovery_set(struct tx *t, struct uuid person, struct list hashes)
{
	tx_exec(t, &sql_recovery_drop, P(person));
	tx_exec(t, &sql_recovery_add, P(person), P(hashes));
}

void store_factor_clear(struct tx *t, struct uuid person)
{
	tx_exec(t, &sql_factor_clear, P(person));
}

void store_factor_holder(struct tx *t, struct uuid person, struct holder_row **ret)
{
	tx_maybe(t, &sql_factor_holder, ret, P(person));
}

void store_security(struct tx *t, struct uuid person, struct security_row **ret)
{
	tx_maybe(t, &sql_security, ret, P(person));
}

void store_security_require(struct tx *t, bool required)
{
	tx_exec(t, &sql_security_require, P(required));
}

void store_factor_holders(struct tx *t, bool lack, int64_t most, int64_t skip, struct list *ret)
{
	tx_list(t, &sql_factor_holders, ret, P(lack), P(most), P(skip));
}

void store_factor_holders_count(struct tx *t, bool lack, struct count_row **ret)
{
	tx_one(t, &sql_factor_holders_count, ret, P(lack));
}
