/* A request that comes with a key of the API: whose it is, and what it may open. */
#include "people/key_identify.h"

#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/cache.h"
#include "kit/base/clock.h"
#include "kit/crypto/crypto.h"
#include "people/keys.h"

/* Whose a key is and what it opens never changes, so a worker remembers it; whether it still holds
 * is asked at each request, by enter().  Now and then it is looked up all the same, for that writes
 * down when it was used last. */
#define REMEMBERED ((int64_t)60 * 1000 * 1000)

struct remembered {
	struct who who;
	int64_t until; /* of clock_mono */
};

bool key_is(struct str token)
{
	return str_starts(token, STR(KEY_BEGINS));
}

static bool recall(struct req *r, struct str name, struct remembered *ret)
{
	struct str bytes;

	if (!cache_get(r->server->made, name, &bytes) || bytes.n != sizeof(*ret))
		return false;
	memcpy(ret, bytes.p, sizeof(*ret));
	return ret->until > clock_mono();
}

static const struct err *look_up(struct req *r, struct str hash, struct known_key **ret)
{
	struct tx *tx = tx_new(r->arena, r->server->db);

	store_key_find(tx, r, hash, r->settings->rate_sign_in, ret);
	return tx_run(tx);
}

/* Pages are for people: to them whoever comes with a key is nobody. */
const struct err *key_identify(struct req *r, struct str token)
{
	struct str hash = crypto_hash_token(r->arena, token),
		   name = str_fmt(r->arena, "k%.*s", STR_ARG(hash));
	struct remembered *known = ARENA_NEW(r->arena, struct remembered);
	struct known_key *key = NULL;

	if (!r->api)
		return NULL;
	if (!recall(r, name, known)) {
		TRY(look_up(r, hash, &key));
		if (!key)
			return NULL;
		known->who = (struct who){ .account = key->account,
					   .person = key->person,
					   .sign_in = key->sign_in,
					   .role = (enum role)key->role,
					   .by_key = true,
					   .key_may = key_mask(key->permissions) };
		known->until = clock_mono() + REMEMBERED;
		cache_put(r->server->made, name,
			  (struct str){ (const char *)known, sizeof(*known) });
	}
	r->who = &known->who;
	return NULL;
}

const struct err *people_check_key(struct req *r)
{
	enum permission need;

	if (!r->who || !r->who->by_key)
		return NULL;
	need = key_needs(r->route);
	if (need == PERM__MAX)
		return ERR_CODE(r->arena, ERR_FORBIDDEN, "key_permission",
				"No API key opens this. Sign in, and do it on the pages.");
	if (r->who->key_may & 1u << need)
		return NULL;
	return ERR_CODE(r->arena, ERR_FORBIDDEN, "key_permission",
			"This API key lacks the permission \"%s\". Make one that has it.",
			key_word_of(r->route));
}

bool who_may(const struct who *who, enum permission p)
{
	return role_may((enum role)who->row->role, p) && (!who->by_key || who->key_may & 1u << p);
}
