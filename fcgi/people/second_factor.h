#ifndef PEOPLE_SECOND_FACTOR_H
#define PEOPLE_SECOND_FACTOR_H

#include "people/acts.h"

/*
 * The second factor: an authenticator app, and ten recovery codes for the day on which it is lost.
 * What is typed is one field for both; which it is, its form says.
 */

/* ---- codes.c: what is typed and what is shown; pure ---- */

enum code_kind { CODE_NONE, CODE_APP, CODE_RECOVERY };

struct code {
	enum code_kind kind;
	struct str text; /* without the blanks and dashes that people put in */
};

struct code code_read(struct arena *a, struct str typed);
/* Ten new ones as a person reads them, struct str: "abcd-efgh-...". */
struct list codes_new(struct arena *a);
/* How each is stored: its hash, struct str. */
struct list codes_hashed(struct arena *a, struct list codes);
/* The address that an app takes the secret from, as a link or a QR code. */
struct str totp_url(struct arena *a, struct str email, struct str secret);
/* "ABCD EFGH ...", for whoever types it over. */
struct str secret_in_groups(struct arena *a, struct str secret);
/* A sealed secret names its person: in another row it does not open.  None where neither key does.
 */
struct str factor_seal(struct arena *a, const struct settings *s, struct uuid person,
		       struct str secret);
struct str factor_open(struct arena *a, const struct settings *s, struct uuid person,
		       struct str sealed);

/*
 * Between the two steps of signing in on a page: whose password was right, and, as a hash of what
 * is stored of it, which password that was.  Sealed it holds for five minutes.
 */
#define HALF_SECONDS 300
struct half {
	struct uuid account, person;
	struct str mark;
};
struct half half_of(struct arena *a, const struct credentials *c);
struct str half_seal(struct arena *a, const struct settings *s, const struct half *half);
bool half_unseal(struct arena *a, const struct settings *s, struct str sealed, struct half *ret);

/* ---- store.c ---- */

struct factor_row {
	struct str secret;    /* sealed; none: there is none */
	struct instant since; /* 0: it is being set up */
	bool required;        /* by the account, of everyone */
	int64_t codes_left;
};

struct found_row {
	bool found;
};

struct holder_row {
	struct str name, email;
	struct instant since;
};

struct security_row {
	bool required;
	int64_t people, having;
	bool own;
};

struct holder_line {
	struct uuid id;
	struct str name, email;
	int role;
	struct instant since;
};

void store_credentials_of(struct tx *t, struct uuid person, struct credentials **ret);
void store_code_try(struct tx *t, struct str key, struct count_row **ret);
/* 401 totp_required where there is one by now. */
void store_factor_none(struct tx *t, struct uuid person);
void store_factor(struct tx *t, struct uuid person, struct factor_row **ret);
void store_factor_begin(struct tx *t, struct uuid person, struct str sealed,
			struct found_row **ret);
void store_factor_confirm(struct tx *t, struct uuid person, struct str sealed, int64_t step,
			  struct found_row **ret);
void store_factor_take(struct tx *t, struct uuid person, struct str sealed, int64_t step,
		       struct str resealed, struct found_row **ret);
void store_recovery_take(struct tx *t, struct uuid person, struct str hash, struct found_row **ret);
/* All that there were go. */
void store_recovery_set(struct tx *t, struct uuid person, struct list hashes);
void store_factor_clear(struct tx *t, struct uuid person);
/* NULL: nobody of the account's own. */
void store_factor_holder(struct tx *t, struct uuid person, struct holder_row **ret);
void store_security(struct tx *t, struct uuid person, struct security_row **ret);
void store_security_require(struct tx *t, bool required);
void store_factor_holders(struct tx *t, bool lack, int64_t most, int64_t skip, struct list *ret);
void store_factor_holders_count(struct tx *t, bool lack, struct count_row **ret);

/* ---- second_factor.c: what can be done with it; pages and API are two faces of these ---- */

/* Who signs in, whose password was right, proves the second factor; their transaction is run and
 * another begun.  401 wrong_totp. */
const struct err *factor_prove(struct req *r, const struct credentials *c, struct str typed,
			       const char **how) must_check;

/* By whoever is signed in, who says the password once more. */
struct proof_form {
	struct str current_password, totp, next;
};

/* A new secret, which asks for nothing before a code of it was typed. */
const struct err *factor_begin(struct req *r, struct str *secret) must_check;
const struct err *factor_confirm(struct req *r, const struct proof_form *form,
				 struct list *codes) must_check;
const struct err *factor_new_codes(struct req *r, const struct proof_form *form,
				   struct list *codes) must_check;
const struct err *factor_off(struct req *r, const struct proof_form *form) must_check;
/* Takes it from somebody else, who is told and signed out everywhere. */
const struct err *factor_reset(struct req *r, struct uuid person) must_check;
/* Of everyone, or of nobody any more; the caller runs what is queued. */
const struct err *factor_require(struct req *r, bool required) must_check;

#define CODES_WARN 2 /* left: time for new ones */

#endif
