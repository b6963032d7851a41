/* Secrets that rows hold, and the list that new passwords are not in; see accounts.h. */
#include "accounts/accounts.h"

#include "kit/base/arena.h"
#include "kit/crypto/breached.h"

struct str settings_seal(struct arena *a, const struct settings *s, struct str place,
			 struct str secret)
{
	return crypto_seal(a, s->keys.secret,
			   str_fmt(a, "%.*s%.*s", STR_ARG(place), STR_ARG(secret)));
}

struct str settings_open(struct arena *a, const struct settings *s, struct str place,
			 struct str sealed)
{
	struct str plain = crypto_open_either(a, s->keys.secret, s->keys.secret_previous, sealed);

	return str_starts(plain, place) ? str_skip(plain, place.n) : STR_NONE;
}

enum sealed_by settings_reseal(struct arena *a, const struct settings *s, struct str sealed,
			       struct str *fresh)
{
	struct str plain;

	if (crypto_open(a, s->keys.secret, sealed).p)
		return SEALED_BY_CURRENT;
	plain = crypto_open(a, s->keys.secret_previous, sealed);
	if (!plain.p)
		return SEALED_BY_NONE;
	*fresh = crypto_seal(a, s->keys.secret, plain);
	return SEALED_BY_PREVIOUS;
}

const struct err *settings_breached(struct arena *a, const struct settings *s,
				    const struct breached **ret)
{
	*ret = NULL;
	return s->breached_passwords.n ? breached_open(a, str_cstr(a, s->breached_passwords), ret)
				       : NULL;
}
