#ifndef AUDIT_SEAL_H
#define AUDIT_SEAL_H

#include "accounts/accounts.h"
#include "kit/base/shape.h"

/*
 * What is hashed when an entry is sealed.  A canonical form is a list of fields, each with its
 * length before it, so that no two things are written alike: it never changes, or what was sealed
 * would hold no longer.
 */

/* An entry, column for column; `there` is false where its row is missing. */
struct audit_entry {
	struct uuid account, id;
	struct instant at;
	bool there;
	struct uuid actor;
	struct str action, object;
	struct uuid object_id;
	struct str before, after, address, agent, request_id;
};

struct audit_seal {
	struct uuid account;
	int64_t seq;
	struct uuid entry;
	struct instant entry_at, since, sealed_at;
	struct str key, previous, entry_mac, mac;
};

/* Where a chain ends, and up to where it was let go. */
struct audit_head {
	struct uuid account;
	int64_t seq;
	struct str mac;
	int64_t retired_seq;
	struct str retired_mac;
	struct instant retired_before;
	struct str key, sign;
};

/* The id of a key, as seals and heads carry it: 8 characters. */
struct str audit_key_id(struct arena *a, const uint8_t key[CRYPTO_KEY]);
/* The key of that id: today's or the previous one; NULL where it is neither. */
const uint8_t *audit_key(struct arena *a, const struct settings *s, struct str id);

struct str audit_entry_mac(struct arena *a, const uint8_t *key, const struct audit_entry *e);
/* Over all of it but mac itself. */
struct str audit_seal_mac(struct arena *a, const uint8_t *key, const struct audit_seal *s);
struct str audit_head_sign(struct arena *a, const uint8_t *key, const struct audit_head *h);

#endif
