/* Codes as people type them, and secrets as they are shown and stored; see second_factor.h. */
#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/totp.h"
#include "people/second_factor.h"

#define CODES      10
#define CODE_CHARS 24 /* of five bits: more than 112, so that a plain hash will do */
#define GROUP      4
#define TYPED_MAX  100

/* Phones put a dash for a minus, and apps show "123 456". */
static struct str without_gaps(struct arena *a, struct str typed)
{
	struct str lower = str_lower(a, str_first(typed, TYPED_MAX));
	struct buf out = buf_new(a, TYPED_MAX + 1);

	for (size_t at = 0; at < lower.n; at++)
		if ((lower.p[at] >= '0' && lower.p[at] <= '9') ||
		    (lower.p[at] >= 'a' && lower.p[at] <= 'z'))
			buf_putc(&out, lower.p[at]);
	return buf_str(&out);
}

static bool is_digits(struct str text)
{
	for (size_t at = 0; at < text.n; at++)
		if (text.p[at] < '0' || text.p[at] > '9')
			return false;
	return true;
}

struct code code_read(struct arena *a, struct str typed)
{
	struct code code = { CODE_NONE, without_gaps(a, typed) };

	if (code.text.n == TOTP_DIGITS && is_digits(code.text))
		code.kind = CODE_APP;
	else if (code.text.n == CODE_CHARS)
		code.kind = CODE_RECOVERY;
	return code;
}

static struct str in_groups(struct arena *a, struct str text, char between)
{
	struct buf out = buf_new(a, 2 * text.n + 1);

	for (size_t at = 0; at < text.n; at++) {
		if (at && at % GROUP == 0)
			buf_putc(&out, between);
		buf_putc(&out, text.p[at]);
	}
	return buf_str(&out);
}

struct list codes_new(struct arena *a)
{
	struct str *codes = ARENA_ARRAY(a, struct str, CODES);

	for (size_t at = 0; at < CODES; at++)
		codes[at] = in_groups(a, str_lower(a, crypto_base32(a, CODE_CHARS)), '-');
	return LIST_OF(codes, CODES);
}

struct list codes_hashed(struct arena *a, struct list codes)
{
	const struct str *texts = codes.items;
	struct str *hashes = ARENA_ARRAY(a, struct str, codes.n);

	for (size_t at = 0; at < codes.n; at++)
		hashes[at] = crypto_hash_token(a, code_read(a, texts[at]).text);
	return LIST_OF(hashes, codes.n);
}

struct str totp_url(struct arena *a, struct str email, struct str secret)
{
	struct buf out = buf_new(a, 2048);

	buf_put(&out, STR("otpauth://totp/ResolutionFlow:"));
	buf_put_url(&out, email);
	buf_put(&out, STR("?secret="));
	buf_put(&out, secret);
	buf_put(&out, STR("&issuer=ResolutionFlow"));
	return buf_str(&out);
}

struct str secret_in_groups(struct arena *a, struct str secret)
{
	return in_groups(a, secret, ' ');
}

static struct str place_of(struct arena *a, struct uuid person)
{
	return str_fmt(a, "totp/%s/", person.text);
}

struct str factor_seal(struct arena *a, const struct settings *s, struct uuid person,
		       struct str secret)
{
	return settings_seal(a, s, place_of(a, person), secret);
}

struct str factor_open(struct arena *a, const struct settings *s, struct uuid person,
		       struct str sealed)
{
	return settings_open(a, s, place_of(a, person), sealed);
}

struct half half_of(struct arena *a, const struct credentials *c)
{
	return (struct half){ c->account, c->person, crypto_hash_token(a, c->password_hash) };
}

/* account/person/until/mark */
struct str half_seal(struct arena *a, const struct settings *s, const struct half *half)
{
	int64_t until = clock_now().us / CLOCK_SECOND + HALF_SECONDS;

	return crypto_seal(a, s->keys.half,
			   str_fmt(a, "%s/%s/%lld/%.*s", half->account.text, half->person.text,
				   (long long)until, STR_ARG(half->mark)));
}

bool half_unseal(struct arena *a, const struct settings *s, struct str sealed, struct half *ret)
{
	struct str text = crypto_open(a, s->keys.half, sealed);
	int64_t until;

	if (!uuid_parse(str_cut(&text, '/'), &ret->account) ||
	    !uuid_parse(str_cut(&text, '/'), &ret->person) ||
	    !str_to_int(str_cut(&text, '/'), &until))
		return false;
	ret->mark = text;
	return clock_now().us / CLOCK_SECOND < until;
}
