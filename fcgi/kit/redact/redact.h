#ifndef KIT_REDACT_REDACT_H
#define KIT_REDACT_REDACT_H

#include "kit/base/err.h"
#include "kit/base/shape.h"

/*
 * Takes passwords, keys, addresses and what else must not leave the product out of a text, and
 * writes [REDACTED:kind] in their place.  It reads the text through a shadow in which disguises are
 * folded away (shadow.h), and in doubt takes out rather than lets through.
 */
enum redact_kind {
	REDACT_PASSWORD,
	REDACT_SECRET,      /* api_key=..., client secrets, shared keys, connection strings */
	REDACT_TOKEN,       /* known by its looks: bearer tokens, JWTs, keys of clouds and forges */
	REDACT_PRIVATE_KEY, /* a PEM or PuTTY block */
	REDACT_BITLOCKER,   /* a recovery key of 48 digits */
	REDACT_LICENCE,     /* a product key of five fives */
	REDACT_SNMP,        /* a community string */
	REDACT_UNC,         /* the password in net use, in \\user:pass@..., in a URL */
	REDACT_EMAIL,
	REDACT_IP,
	REDACT_MAC,
	REDACT_PHONE,
	REDACT_CARD,
	REDACT_CUSTOM, /* one of the account's own patterns */
	REDACT_LINE,   /* a line that a person chose */
	REDACT__MAX
};

extern const struct names redact_kinds; /* "password", "secret", ... */

/* One of the account's own patterns. */
struct redact_pattern {
	struct str pattern; /* PCRE2; where it has a group named "secret", only that is taken out */
	struct str kind;    /* what its marks say in place of "custom", where it has bytes */
};

/* What to make rules of: what a form sent, what the account has.  All of it may be empty. */
struct redact_wish {
	const struct redact_pattern *patterns;
	size_t npatterns;
	const struct str *keep; /* ids of hits to leave in the text */
	size_t nkeep;
	const struct str *drop; /* ids of lines (redact_lines) to take out */
	size_t ndrop;
};

struct redact_rules;

/* Of one arena, for any number of texts.  A pattern that does not compile is passed over here: it
 * was refused when somebody wrote it (redact_check). */
const struct redact_rules *redact_rules_new(struct arena *a, const struct redact_wish *wish);
/* ERR_INVALID with a sentence for whoever wrote the pattern. */
const struct err *redact_check(struct arena *a, struct str pattern) must_check;

/* What was found, gathered over any number of texts; each text of a kind once. */
struct hit {
	struct str id; /* of kind and text, the same each time: 16 hex digits */
	enum redact_kind kind;
	struct str shown; /* the kind as the mark says it */
	struct str text;  /* as it stood there */
	int64_t count;
	bool kept; /* the rules left it in the text */
};

struct hits {
	struct hit *items;
	size_t n, cap;
	size_t *slots; /* private: where an id is */
	bool gave_up;  /* a pattern of the account took too long; its line went with it */
};

/* The text as it may leave.  hits is added to, and may be NULL. */
struct str redact(struct arena *a, const struct redact_rules *rules, struct str text,
		  struct hits *hits);

/* The same in lines, for a page on which a person chooses lines to drop. */
struct redact_line {
	struct str id;   /* stays the same whatever hits are kept */
	struct str text; /* as it may leave, without its line break */
	bool dropped;
};

size_t redact_lines(struct arena *a, const struct redact_rules *rules, struct str text,
		    struct hits *hits, struct redact_line **ret);

#endif
