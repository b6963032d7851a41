#ifndef ACCOUNTS_ACCOUNTS_H
#define ACCOUNTS_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/str.h"
#include "kit/crypto/crypto.h"
#include "kit/crypto/jwt.h"

struct breached;
struct render;
struct tx;

/* A file of public/: the name under which nginx serves it, and what its content must be. */
struct asset {
	struct str name, integrity;
};

/* The settings, read once by app/config.c and constant after the start; every room finds them in
 * r->settings. */
struct settings {
	struct str database_url, worker_database_url, hub_database_url, jobs_database_url;
	struct str master_secret, master_secret_previous;
	struct str base_url, run_dir, templates_dir, public_dir, migrations_dir;
	int64_t workers, password_workers, worker_max_requests, worker_hang_seconds;
	int64_t access_token_seconds, refresh_token_seconds, refresh_grace_seconds;
	int64_t argon2_passes, argon2_kib;
	struct str breached_passwords; /* a file; "": none */
	int64_t rate_register, rate_sign_in;
	struct str registration;
	struct str archive_dir; /* of accounts; "": there are none */
	int64_t close_days;     /* from the wish to the end of an account */
	struct str mail_mode, mail_dir, mail_from, smtp_url, smtp_user, smtp_password, smtp_ca;
	int64_t smtp_seconds; /* for one mail */
	int64_t hub_stream_seconds, hub_heartbeat_seconds, hub_max_streams;
	int64_t audit_months; /* how long the log is kept */
	bool demo;
	struct str log_format, log_level;
	struct str version;     /* of the program */
	int64_t schema_version; /* the newest migration that the program knows */

	const struct breached *breached; /* open where the file is set, in workers */

	/* Made of the master secret at the start, one key a purpose. */
	struct settings_keys {
		struct jwt_keys jwt;
		uint8_t csrf[CRYPTO_KEY], refresh[CRYPTO_KEY];
		uint8_t form[CRYPTO_KEY], form_previous[CRYPTO_KEY];
		uint8_t once[CRYPTO_KEY], once_previous[CRYPTO_KEY];
		uint8_t half[CRYPTO_KEY]; /* a sign-in between password and second factor */
		uint8_t unsubscribe[CRYPTO_KEY], unsubscribe_previous[CRYPTO_KEY];
		uint8_t secret[CRYPTO_KEY], secret_previous[CRYPTO_KEY]; /* what rows hold */
		uint8_t audit[CRYPTO_KEY], audit_previous[CRYPTO_KEY];
	} keys;
	struct settings_assets {
		struct asset css, js, icon;
		struct asset editor_js, library_js, queue_js, run_js; /* of those pages alone */
	} assets;
};

/*
 * A secret as a row holds it, sealed with its place ("webhook/ID/"): a sealed text that is copied
 * to another row does not open there.  None where it is of another place, or neither today's key
 * nor the one before it fits.
 */
struct str settings_seal(struct arena *a, const struct settings *s, struct str place,
			 struct str secret);
struct str settings_open(struct arena *a, const struct settings *s, struct str place,
			 struct str sealed);

/* Which key opens what settings_seal made, of whatever place; where it is the previous one, *fresh
 * is the same sealed by today's. */
enum sealed_by { SEALED_BY_CURRENT, SEALED_BY_PREVIOUS, SEALED_BY_NONE };
enum sealed_by settings_reseal(struct arena *a, const struct settings *s, struct str sealed,
			       struct str *fresh);

/* The list of stolen passwords, opened; NULL where none is set. */
const struct err *settings_breached(struct arena *a, const struct settings *s,
				    const struct breached **ret) must_check;

/* What jobs find at their ctx. */
struct jobs_ctx {
	const struct settings *settings;
	const struct render *render; /* of the views of mails */
};

#endif
