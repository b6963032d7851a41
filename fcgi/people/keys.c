/* Keys of the API: made, ended, and told of; the pages and the API are two faces of this. */
#include "people/keys.h"

#include <string.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "mail/mail.h"
#include "people/key_identify.h"
#include "people/pages.h"
#include "people/second_factor.h"
#include "record/record.h"

#define JOB_ENDS "key_ends"
#define DAY      ((int64_t)24 * 3600 * CLOCK_SECOND)
#define WARNED   (7 * DAY)
#define SHOWN    8 /* characters of a key that its prefix has */

/* ---- what a wish must say ---- */

static const char *check_word(struct str text)
{
	int word;

	return names_find(&key_word_names, text, &word) ? NULL : "is no permission of a key.";
}

struct key_word_input {
	struct str text;
};

const struct shape key_word_text = SHAPE_WITH(
	struct key_word_input, (.scalar = true),
	F_STR(struct key_word_input, text, .max = 40, .check = check_word, .label = "The word"));

/* In the order of the table, each once. */
static const struct err *read_words(struct req *r, struct list given, struct list *ret)
{
	struct str *words = ARENA_ARRAY(r->arena, struct str, key_word_names.n);
	unsigned mask = key_mask(given);
	size_t n = 0;

	for (const struct key_word *k = key_words; k->word; k++) {
		if (!(mask & 1u << k->opened))
			continue;
		if (!role_may((enum role)r->who->row->role, k->opened))
			return input_refuse(r, "permissions",
					    "Your role does not allow \"%s\". Leave it out.",
					    k->word);
		words[n++] = str_of(k->word);
	}
	*ret = LIST_OF(words, n);
	return n ? NULL : input_refuse(r, "permissions", "Choose at least one permission.");
}

/* Those that look for keys in texts pass over words without a digit. */
static struct str new_key(struct arena *a)
{
	for (;;) {
		struct str token = crypto_token(a);

		for (size_t at = 0; at < token.n; at++)
			if (token.p[at] >= '0' && token.p[at] <= '9')
				return str_fmt(a, KEY_BEGINS "%.*s", STR_ARG(token));
	}
}

/* ---- telling ---- */

static const struct shape fact_shape =
	SHAPE(struct key_row, F_STR(struct key_row, name), F_STR(struct key_row, prefix),
	      F_LIST(struct key_row, permissions, &shape_texts),
	      F_TIME(struct key_row, expires_at, .null = true));

static struct json_text fact(struct arena *a, const struct key_row *key)
{
	struct buf out = buf_new(a, 4096);

	shape_put_json(&out, &fact_shape, key);
	return (struct json_text){ buf_str(&out) };
}

static struct str ending_of(struct arena *a, struct instant expires_at)
{
	return expires_at.us ? str_fmt(a, "It ends on %.*s.", STR_ARG(clock_words(a, expires_at)))
			     : STR("It does not end by itself.");
}

static void tell_made(struct req *r, const struct key_row *key)
{
	struct str base = r->settings->base_url;

	mail_queue(r->tx,
		   &(struct mail){
			   .recipient = r->who->row->email,
			   .subject = STR("An API key was made"),
			   .text = str_fmt(r->arena,
					   "The API key \"%.*s\" (%.*s...) has just been made for "
					   "your ResolutionFlow account. Whoever has it acts in "
					   "your name. %.*s\n\n"
					   "If it was not you, revoke it and change your "
					   "password:\n\n%.*s/profile/keys\n",
					   STR_ARG(key->name), STR_ARG(key->prefix),
					   STR_ARG(ending_of(r->arena, key->expires_at)),
					   STR_ARG(base)),
		   });
	notice_add(r->tx, r->who->account, r->who->person,
		   str_fmt(r->arena, "The API key \"%.*s\" was made", STR_ARG(key->name)),
		   "/profile/keys");
}

struct key_job {
	struct uuid key;
};

static const struct shape key_job = SHAPE(struct key_job, F_UUID(struct key_job, key));

static void look_at(struct req *r, struct uuid key, struct instant when)
{
	jobs_enqueue(r->tx, &(struct new_job){
				    .kind = JOB_ENDS,
				    .payload = audit_fact(r->arena, "key", uuid_str(&key)),
				    .run_at = when,
			    });
}

/* A week before it ends, and when it has. */
static void watch_end(struct req *r, const struct key_row *key)
{
	struct instant warning = { key->expires_at.us - WARNED };

	if (!key->expires_at.us)
		return;
	if (warning.us > clock_now().us)
		look_at(r, key->id, warning);
	look_at(r, key->id, key->expires_at);
}

/* ---- acts ---- */

const struct err *key_make(struct req *r, const struct key_wish *wish, struct key_made *ret)
{
	struct proof_form proof = { .current_password = wish->current_password,
				    .totp = wish->totp };
	struct key_row *key = &ret->row;

	if (wish->expires_at.us && wish->expires_at.us <= clock_now().us)
		return input_refuse(r, "expires_at", "Choose a day to come.");
	TRY(factor_prove_own(r, &proof));
	ret->key = new_key(r->arena);
	*key = (struct key_row){
		.id = crypto_uuid7(),
		.person = r->who->person,
		.person_name = r->who->row->name,
		.name = wish->name,
		.prefix = str_first(ret->key, SHOWN),
		.created_at = clock_now(),
		.expires_at = wish->expires_at,
		.state = KEY_ACTIVE,
	};
	TRY(read_words(r, wish->permissions, &key->permissions));
	store_key_add(r->tx, key, crypto_hash_token(r->arena, ret->key));
	audit(r, "key.made", "key", key->id, audit_nothing, fact(r->arena, key));
	watch_end(r, key);
	tell_made(r, key);
	return tx_run(r->tx);
}

const struct err *key_revoke(struct req *r, struct uuid owner)
{
	struct key_held *held;

	store_key_hold(r->tx, r->id[0], owner, &held);
	TRY(tx_more(r->tx));
	if (!held->ended) {
		store_sign_in_end(r->tx, r->id[0], held->person, "revoked");
		audit(r, "key.revoked", "key", r->id[0], audit_fact(r->arena, "name", held->name),
		      audit_nothing);
		if (!uuid_eq(held->person, r->who->person))
			notice_add(r->tx, r->who->account, held->person,
				   str_fmt(r->arena, "%.*s revoked your API key \"%.*s\"",
					   STR_ARG(r->who->row->name), STR_ARG(held->name)),
				   "/profile/keys");
		event_bell(r->tx, r->who->account);
	}
	return tx_run(r->tx);
}

/* ---- lists ---- */

const struct shape keys_query =
	SHAPE(struct keys_query, F_PAGE(struct keys_query),
	      F_STR(struct keys_query, q, .optional = true, .max = 120),
	      F_ENUM(struct keys_query, state, &key_states, .optional = true));

const struct err *keys_find(struct req *r, struct keys_found *ret)
{
	store_all_keys(r->tx, r->input, ret);
	return tx_run(r->tx);
}

/* ---- the end of a key ---- */

static struct str about_end(struct job *j, const struct key_ending *key)
{
	const struct jobs_ctx *ctx = j->ctx;
	struct str base = ctx->settings->base_url, when = clock_words(j->arena, key->expires_at);

	return str_fmt(j->arena,
		       "The API key \"%.*s\" (%.*s...) of your ResolutionFlow account %s on %.*s. "
		       "What uses it is refused%s.\n\nMake a new one, and put it in its "
		       "place:\n\n%.*s/profile/keys\n",
		       STR_ARG(key->name), STR_ARG(key->prefix), key->expired ? "ended" : "ends",
		       STR_ARG(when), key->expired ? "" : " from then on", STR_ARG(base));
}

static const struct err *key_ends(struct job *j)
{
	struct key_ending *key;
	struct key_job job;
	struct str title;

	TRY(shape_read_json(j->arena, &key_job, j->payload, &job));
	store_key_ending(j->tx, job.key, &key);
	TRY(tx_more(j->tx));
	if (!key)
		return tx_run(j->tx);
	title = str_fmt(j->arena, "Your API key \"%.*s\" %s", STR_ARG(key->name),
			key->expired ? "has ended" : "ends within a week");
	mail_queue(j->tx, &(struct mail){ .recipient = key->email,
					  .subject = title,
					  .text = about_end(j, key) });
	if (key->expired)
		audit_by_clock(j->tx, "key.expired", "key", job.key,
			       audit_fact(j->arena, "name", key->name));
	notice_add(j->tx, j->account, key->person, title, "/profile/keys");
	return tx_run(j->tx);
}

const struct job_kind people_jobs[] = {
	{ JOB_ENDS, key_ends, .max_attempts = 20, .lease_seconds = 60 },
	{ 0 },
};
