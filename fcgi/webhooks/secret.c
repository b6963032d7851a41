/* The secrets of endpoints; see secret.h. */
#include "webhooks/secret.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

/* A sealed text names its place, so that one copied elsewhere in the table does not open there. */
static struct str place_of(struct arena *a, struct uuid webhook)
{
	return str_fmt(a, "webhook/%s/", webhook.text);
}

struct str secret_new(struct arena *a)
{
	return str_fmt(a, "whsec_%.*s", STR_ARG(crypto_token(a)));
}

struct str secret_seal(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str secret)
{
	struct str place = place_of(a, webhook);

	return crypto_seal(a, s->keys.secret,
			   str_fmt(a, "%.*s%.*s", STR_ARG(place), STR_ARG(secret)));
}

struct str secret_open(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str sealed)
{
	struct str place = place_of(a, webhook);
	struct str plain = crypto_open(a, s->keys.secret, sealed);

	if (!plain.p)
		plain = crypto_open(a, s->keys.secret_previous, sealed);
	return str_starts(plain, place) ? str_skip(plain, place.n) : STR_NONE;
}
