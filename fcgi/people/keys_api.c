/* Keys of the API, by the API: one's own, and the account's for whoever looks after its people. */
#include "kit/base/arena.h"
#include "people/keys.h"
#include "people/rates.h"

#define OWN     "/api/v1/keys"
#define ACCOUNT "/api/v1/account/keys"

struct key_json {
	struct uuid id;
	struct str key, name, prefix;
	struct list permissions;
	int state;
	struct instant expires_at, created_at, last_used_at;
	struct str last_address, last_agent;
	struct uuid user_id;
	struct str user_name;
};

#define K struct key_json
#define KEY_FIELDS                                                                                 \
	F_STR(K, name), F_STR(K, prefix), F_LIST(K, permissions, &shape_texts),                    \
		F_ENUM(K, state, &key_states), F_TIME(K, expires_at, .null = true),                \
		F_TIME(K, created_at), F_TIME(K, last_used_at, .null = true),                      \
		F_STR(K, last_address), F_STR(K, last_agent), F_UUID(K, user_id),                  \
		F_STR(K, user_name)
static const struct shape key_json = SHAPE_WITH(K, (.label = "Key"), F_UUID(K, id), KEY_FIELDS);
static const struct shape made_json = SHAPE(K, F_UUID(K, id), F_STR(K, key), KEY_FIELDS);
static const struct shape keys_json = SHAPE_PAGE(&key_json);

static struct key_json json_of(const struct key_row *row)
{
	return (struct key_json){
		.id = row->id,
		.name = row->name,
		.prefix = row->prefix,
		.permissions = row->permissions,
		.state = row->state,
		.expires_at = row->expires_at,
		.created_at = row->created_at,
		.last_used_at = row->last_used_at,
		.last_address = row->address.p ? row->address : STR(""),
		.last_agent = row->agent.p ? row->agent : STR(""),
		.user_id = row->person,
		.user_name = row->person_name,
	};
}

static const struct err *reply_keys(struct req *r, struct page page, struct list rows,
				    int64_t total)
{
	struct key_json *items = ARENA_ARRAY(r->arena, struct key_json, rows.n);
	struct page_json answer;

	for (size_t at = 0; at < rows.n; at++)
		items[at] = json_of(&((const struct key_row *)rows.items)[at]);
	answer = page_json(r, page, LIST_OF(items, rows.n), total);
	return reply_json(r, &keys_json, &answer);
}

/* ---- one's own ---- */

static const struct err *own_keys(struct req *r)
{
	struct list rows;

	store_keys(r->tx, r->who->person, &rows);
	TRY(tx_run(r->tx));
	return reply_keys(r, page_of(1, 200), rows, (int64_t)rows.n);
}

#define I struct key_wish
static const struct shape make_input = SHAPE(
	I, F_STR(I, name, KEY_NAME), F_LIST(I, permissions, &key_word_text, .max = 20),
	F_TIME(I, expires_at, .null = true),
	F_STR(I, current_password, .min = 1, .max = PASSWORD_MAX, .secret = true, .exact = true),
	F_STR(I, totp, .optional = true, .null = true, .max = 100, .secret = true));

static const struct err *make(struct req *r)
{
	struct key_made made = { 0 };
	struct key_json answer;

	TRY(key_make(r, r->input, &made));
	answer = json_of(&made.row);
	answer.key = made.key;
	return reply_json(r, &made_json, &answer);
}

static const struct err *revoke_own(struct req *r)
{
	TRY(key_revoke(r, r->who->person));
	return reply_none(r);
}

/* ---- the account's ---- */

static const struct err *all_keys(struct req *r)
{
	struct keys_found found;

	TRY(keys_find(r, &found));
	return reply_keys(r, found.page, found.rows, found.count->n);
}

/* A key that looks after people ends no key: it would be the last to notice that it was stolen. */
static const struct err *revoke_any(struct req *r)
{
	if (r->who->by_key)
		return ERR_CODE(r->arena, ERR_FORBIDDEN, "key_permission",
				"No API key ends API keys. Sign in, and do it on the pages.");
	TRY(key_revoke(r, UUID_NONE));
	return reply_none(r);
}

const struct route keys_api[] = {
	{ GET, OWN, .need = PERM_SIGNED_IN, .run = own_keys, .output = &keys_json,
	  .about = "One's own API keys, the active ones first" },
	{ POST, OWN, .need = PERM_SIGNED_IN, .input = &make_input, .run = make,
	  .pool = POOL_PASSWORD, .rate = RATE_SIGN_IN, .output = &made_json, .status = 201,
	  .about = "Make an API key; it is shown this once" },
	{ DELETE, OWN "/:key", .need = PERM_SIGNED_IN, .run = revoke_own, .status = 204,
	  .about = "Revoke one's own API key: the next request with it is refused" },
	{ GET, ACCOUNT, .need = PERM_PEOPLE, .input = &keys_query, .run = all_keys,
	  .output = &keys_json, .about = "The account's API keys and whose they are" },
	{ DELETE, ACCOUNT "/:key", .need = PERM_PEOPLE, .run = revoke_any, .status = 204,
	  .about = "Revoke anyone's API key" },
	{ 0 },
};
