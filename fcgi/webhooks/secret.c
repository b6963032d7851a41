/* The secrets of endpoints; see secret.h. */
#include "webhooks/secret.h"

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

static struct str place_of(struct arena *a, struct uuid webhook)
{
	return str_fmt(a, "webhook/%s/", webhook.text);
}

struct str secret_new(struct arena *a)
{
	struct str token = crypto_token(a);

	return str_fmt(a, "whsec_%.*s", STR_ARG(token));
}

struct str secret_seal(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str secret)
{
	return settings_seal(a, s, place_of(a, webhook), secret);
}

struct str secret_open(struct arena *a, const struct settings *s, struct uuid webhook,
		       struct str sealed)
{
	return settings_open(a, s, place_of(a, webhook), sealed);
}
