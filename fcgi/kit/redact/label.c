/*
 * Values that a label announces: "Password: ...", "client_secret=...", "the PIN is ...", in prose,
 * Markdown, JSON, XML, YAML, tables and command lines.  Only the value is taken out, so that the
 * text still says what stood there.
 */
#include <string.h>

#include "kit/redact/scan.h"

#define VALUE_MAX 4096
#define ASIDE_MAX 60

enum {
	WITHIN = 1,  /* may stand within a longer word */
	STRICT = 2,  /* a word that prose uses too: the value must look like a secret */
	CLOSED = 4,  /* only with a sign between: "pass: x", not "pass x" */
	LINE = 8,    /* the value has blanks */
	PAIR = 16,   /* a name and a password */
	OBVIOUS = 32 /* whatever follows is one: snmp-server community public */
};

static const struct label {
	const char *word;
	enum redact_kind kind;
	int flags;
} labels[] = {
	{ "pass word", REDACT_PASSWORD, WITHIN },
	{ "passwd", REDACT_PASSWORD, WITHIN },
	{ "pass wort", REDACT_PASSWORD, WITHIN },
	{ "pass phrase", REDACT_PASSWORD, WITHIN | LINE },
	{ "pass code", REDACT_PASSWORD, 0 },
	{ "pass", REDACT_PASSWORD, CLOSED },
	{ "pwd", REDACT_PASSWORD, WITHIN },
	{ "psw", REDACT_PASSWORD, CLOSED },
	{ "pw", REDACT_PASSWORD, CLOSED },
	{ "p/w", REDACT_PASSWORD, CLOSED },
	{ "pin code", REDACT_PASSWORD, STRICT },
	{ "pin", REDACT_PASSWORD, STRICT | CLOSED },
	{ "kenn wort", REDACT_PASSWORD, 0 },
	{ "mot de passe", REDACT_PASSWORD, 0 },
	{ "contrasena", REDACT_PASSWORD, 0 },
	{ "wachtwoord", REDACT_PASSWORD, 0 },
	{ "key content", REDACT_SECRET, 0 },
	{ "unlock code", REDACT_PASSWORD, STRICT },
	{ "convertto-securestring", REDACT_PASSWORD, 0 },
	{ "credentials", REDACT_PASSWORD, PAIR },
	{ "credential", REDACT_PASSWORD, PAIR },
	{ "creds", REDACT_PASSWORD, PAIR },
	{ "logon", REDACT_PASSWORD, PAIR },
	{ "login", REDACT_PASSWORD, PAIR },
	{ "log in", REDACT_PASSWORD, PAIR },
	{ "sign in", REDACT_PASSWORD, PAIR },
	{ "api key", REDACT_SECRET, 0 },
	{ "api secret", REDACT_SECRET, 0 },
	{ "api token", REDACT_SECRET, 0 },
	{ "app key", REDACT_SECRET, 0 },
	{ "app secret", REDACT_SECRET, 0 },
	{ "application secret", REDACT_SECRET, 0 },
	{ "client secret", REDACT_SECRET, 0 },
	{ "consumer secret", REDACT_SECRET, 0 },
	{ "shared secret", REDACT_SECRET, 0 },
	{ "radius secret", REDACT_SECRET, 0 },
	{ "secret access key", REDACT_SECRET, 0 },
	{ "secret key", REDACT_SECRET, 0 },
	{ "secret value", REDACT_SECRET, STRICT },
	{ "secret", REDACT_SECRET, STRICT },
	{ "access key", REDACT_SECRET, STRICT },
	{ "account key", REDACT_SECRET, STRICT },
	{ "shared access key", REDACT_SECRET, 0 },
	{ "shared access signature", REDACT_SECRET, 0 },
	{ "signing key", REDACT_SECRET, STRICT },
	{ "encryption key", REDACT_SECRET, STRICT },
	{ "master key", REDACT_SECRET, STRICT },
	{ "private key", REDACT_SECRET, STRICT },
	{ "pre shared key", REDACT_SECRET, 0 },
	{ "preshared key", REDACT_SECRET, 0 },
	{ "psk", REDACT_SECRET, 0 },
	{ "wpa key", REDACT_SECRET, 0 },
	{ "wi fi key", REDACT_SECRET, 0 },
	{ "wireless key", REDACT_SECRET, 0 },
	{ "network key", REDACT_SECRET, STRICT },
	{ "subscription key", REDACT_SECRET, 0 },
	{ "auth key", REDACT_SECRET, 0 },
	{ "x functions key", REDACT_SECRET, 0 },
	{ "auth token", REDACT_TOKEN, STRICT },
	{ "access token", REDACT_TOKEN, STRICT },
	{ "refresh token", REDACT_TOKEN, STRICT },
	{ "session token", REDACT_TOKEN, STRICT },
	{ "bearer", REDACT_TOKEN, STRICT },
	{ "token", REDACT_TOKEN, STRICT },
	{ "authorization", REDACT_TOKEN, STRICT | LINE | CLOSED },
	{ "connection string", REDACT_SECRET, STRICT | LINE },
	{ "recovery key", REDACT_SECRET, STRICT },
	{ "recovery code", REDACT_SECRET, STRICT | LINE },
	{ "backup code", REDACT_SECRET, STRICT | LINE },
	{ "license key", REDACT_LICENCE, STRICT },
	{ "licence key", REDACT_LICENCE, STRICT },
	{ "product key", REDACT_LICENCE, STRICT },
	{ "serial key", REDACT_LICENCE, STRICT },
	{ "activation key", REDACT_LICENCE, STRICT },
	{ "snmp-server community", REDACT_SNMP, OBVIOUS },
	{ "snmp community string", REDACT_SNMP, 0 },
	{ "snmp community", REDACT_SNMP, 0 },
	{ "community string", REDACT_SNMP, 0 },
	{ "rocommunity", REDACT_SNMP, OBVIOUS },
	{ "rwcommunity", REDACT_SNMP, OBVIOUS },
	{ "read community", REDACT_SNMP, CLOSED },
	{ "write community", REDACT_SNMP, CLOSED },
};

const char *label_word(size_t at)
{
	return at < sizeof(labels) / sizeof(labels[0]) ? labels[at].word : NULL;
}

/* How label and value are joined, the firmest first. */
enum join {
	JOIN_SIGN,  /* "password: x", "password=x", "<password>x" */
	JOIN_TABLE, /* "password | x", "password - x" */
	JOIN_WORD,  /* "password is x" */
	JOIN_NONE   /* "password x" */
};

struct reading {
	const struct label *label;
	size_t from; /* the label's first byte */
	size_t at;   /* what is read next */
	enum join join;
	bool aside; /* "password for the router: x" */
	bool equals, next_line;
};

static const struct label *label_at(const struct scan *s, size_t at, size_t *past)
{
	const struct label *best = NULL;
	char first = to_lower(s->p[at]);

	*past = 0;
	for (size_t row = 0; row < sizeof(labels) / sizeof(labels[0]); row++) {
		size_t end;

		if (labels[row].word[0] != first)
			continue;
		end = scan_word(s, at, labels[row].word);
		if (end > *past &&
		    (scan_starts(s, at) || is_upper(s->p[at]) || labels[row].flags & WITHIN)) {
			best = &labels[row];
			*past = end;
		}
	}
	return best;
}

/* Emphasis, quotes, brackets and tags around a label or before a value. */
static size_t past_marks(const struct scan *s, size_t at, const char *marks)
{
	for (size_t most = at + ASIDE_MAX; at < most;) {
		char c = scan_at(s, at);
		size_t end = at + 1;

		if (is_blank(c) || is_one_of(c, marks)) {
			at++;
			continue;
		}
		if (c != '<' || !(is_alpha(scan_at(s, end)) || scan_at(s, end) == '/'))
			break;
		while (end < most && scan_at(s, end) && !is_one_of(s->p[end], "<>\n"))
			end++;
		if (scan_at(s, end) != '>')
			break;
		at = end + 1;
	}
	return at;
}

static bool word_here(const struct scan *s, size_t at, const char *words, size_t *past)
{
	char room[16] = " ";
	size_t n = 0;

	while (n < 12 && is_alpha(scan_at(s, at + n))) {
		room[n + 1] = to_lower(s->p[at + n]);
		n++;
	}
	room[n + 1] = ' ';
	*past = at + n;
	return n && !is_letter(scan_at(s, at + n)) && strstr(words, room);
}

/* "for the router": up to a sign, or "is", on the same line. */
static size_t aside_end(const struct scan *s, size_t at)
{
	for (size_t end = at; end < at + ASIDE_MAX && scan_at(s, end); end++) {
		size_t past;

		if (is_one_of(s->p[end], ":=") && !is_alnum(scan_at(s, end + 1)))
			return end;
		if (s->p[end] == ' ' && word_here(s, end + 1, " is was ", &past))
			return end + 1;
		if (is_one_of(s->p[end], "\n.;?!") && !is_alnum(scan_at(s, end + 1)))
			break;
	}
	return at;
}

static void past_aside(const struct scan *s, struct reading *r)
{
	size_t end = r->at, past;

	if (scan_at(s, end) == '(') {
		while (end < r->at + ASIDE_MAX && scan_at(s, end) && !is_one_of(s->p[end], ")\n"))
			end++;
		if (scan_at(s, end) == ')')
			r->at = past_marks(s, end + 1, "*_`\"'");
	} else if (word_here(s, end, " for of on to at ", &past)) {
		end = aside_end(s, past);
		r->aside = end > past;
		r->at = r->aside ? end : r->at;
	}
}

static void past_sign(const struct scan *s, struct reading *r)
{
	char c = scan_at(s, r->at);

	if (is_one_of(c, ":=")) {
		r->join = JOIN_SIGN;
		while (is_one_of(scan_at(s, r->at), ":=>")) {
			r->equals |= s->p[r->at] == '=';
			r->at++;
		}
	} else if (c == '|' || c == '>' || (c == '-' && is_blank(scan_at(s, r->at + 1)))) {
		r->join = c == '>' ? JOIN_SIGN : JOIN_TABLE;
		r->at++;
	} else if (c == '-' && scan_at(s, r->at + 1) == '>') {
		r->join = JOIN_SIGN;
		r->at += 2;
	}
}

/* To the first byte of the value. */
static void past_join(const struct scan *s, struct reading *r)
{
	static const char words[] = " is was are be been has have now set reset changed updated to "
				    "as the currently temporary ";
	size_t past;

	r->join = JOIN_NONE;
	r->at = past_marks(s, r->at, "*_`\"'])\\.");
	past_aside(s, r);
	for (int most = 5; most && word_here(s, r->at, words, &past); most--) {
		r->at = scan_blanks(s, past);
		r->join = JOIN_WORD;
	}
	past_sign(s, r);
	/* "password 7 0822455D0A16": a router's word for how it is kept. */
	if (r->join == JOIN_NONE && is_digit(scan_at(s, r->at)) && is_blank(scan_at(s, r->at + 1)))
		r->at++;
	r->at = past_marks(s, r->at, "*_\\");
	if (scan_at(s, r->at) == '\n' && r->join == JOIN_SIGN) {
		r->next_line = true;
		r->at = past_marks(s, r->at + 1, "*_>|\\");
	}
}

/* ---- the value ---- */

/* What stands between two quotes; false where they do not close. */
static bool quoted(const struct scan *s, size_t at, struct str *ret)
{
	char quote = scan_at(s, at);
	size_t end = at + 1;

	if (!is_one_of(quote, "\"'`"))
		return false;
	while (end < s->n && end - at < VALUE_MAX && s->p[end] != quote && s->p[end] != '\n')
		end += s->p[end] == '\\' && scan_at(s, end + 1) == quote && s->p[at - 1] != '\\'
			       ? 2
			       : 1;
	if (scan_at(s, end) != quote)
		return false;
	if (s->p[end - 1] == '\\' && s->p[at - 1] == '\\')
		end--;
	*ret = scan_text(s, at + 1, end);
	return true;
}

static size_t shorter(const struct scan *s, size_t at, size_t end, const char *stops)
{
	for (size_t past = at + 1; past < end; past++) {
		if (is_one_of(s->p[past], stops))
			return past;
	}
	return end;
}

static struct str unquoted(const struct scan *s, const struct reading *r)
{
	size_t at = r->at, end;

	if (r->label->flags & LINE && r->join == JOIN_SIGN) {
		end = scan_line_end(s, at);
		end = shorter(s, at, end - at > VALUE_MAX ? at + VALUE_MAX : end, "\"`|<");
	} else {
		at += is_one_of(scan_at(s, at), "\"'`");
		end = scan_run_end(s, at, VALUE_MAX);
		end = shorter(s, at, end, r->equals ? "\";&<" : "\"<`");
	}
	while (end > at && (is_space(s->p[end - 1]) || is_one_of(s->p[end - 1], ".,;)'`|*")))
		end--;
	return scan_text(s, at, end);
}

static bool all_digits(struct str v)
{
	for (size_t at = 0; at < v.n; at++) {
		if (!is_digit(v.p[at]))
			return false;
	}
	return true;
}

static bool all_words(struct str v)
{
	for (size_t at = 0; at < v.n; at++) {
		if (!is_letter(v.p[at]) && v.p[at] != ' ')
			return false;
	}
	return true;
}

/* "-p x", "/password x": an option of a command. */
static bool is_option(const struct scan *s, const struct reading *r)
{
	size_t at = r->from;

	return at && is_one_of(s->p[at - 1], "-/") &&
	       (at < 2 || is_space(s->p[at - 2]) || s->p[at - 2] == '-');
}

static bool strictly(const struct reading *r, struct str v)
{
	if (all_digits(v) && (r->label->kind != REDACT_PASSWORD || r->join == JOIN_NONE))
		return v.n >= 8 && r->join == JOIN_SIGN;
	return value_is_secret(v);
}

/* "Password: ******** User:" */
static bool is_label(struct str v)
{
	return v.n && v.p[v.n - 1] == ':' && all_words(str_first(v, v.n - 1));
}

static bool is_value(const struct scan *s, const struct reading *r, struct str v, bool in_quotes)
{
	int flags = r->label->flags;
	bool words = flags & LINE && memchr(v.p, ' ', v.n);

	if (!v.n || value_is_stand_in(v) || is_label(v) || str_starts(v, STR("[REDACTED:")) ||
	    (!words && value_is_prose(v)))
		return false;
	if (flags & OBVIOUS)
		return true;
	if (r->join == JOIN_NONE && is_option(s, r))
		return !is_one_of(v.p[0], "-/$(");
	if (r->join == JOIN_NONE)
		return !(flags & CLOSED) && scan_starts(s, r->from) && strictly(r, v) &&
		       !is_one_of(v.p[0], "@/");
	if (r->join == JOIN_SIGN && !r->aside && !r->next_line && !(flags & STRICT))
		return true;
	if (r->join == JOIN_SIGN && flags & STRICT && (in_quotes || r->equals) && v.n >= 8 &&
	    !all_digits(v) && !memchr(v.p, ' ', v.n))
		return true;
	return (in_quotes && !(flags & STRICT) && v.n >= 4 && r->join == JOIN_WORD) ||
	       strictly(r, v);
}

/* A value of plain words goes on to the end of a short line: "Password: correct horse battery". */
static size_t last_word(const struct scan *s, const struct reading *r, struct str v)
{
	size_t end = (size_t)(v.p - s->p) + v.n, line = scan_line_end(s, end);

	if (r->join == JOIN_SIGN && !r->equals && r->label->kind == REDACT_PASSWORD &&
	    line - end <= ASIDE_MAX && all_words(v) && all_words(scan_text(s, end, line)))
		return line;
	/* What was read of a long value is enough to know it, but not all of it. */
	return v.n + 1 < VALUE_MAX ? end : scan_run_end(s, end, s->n);
}

/* "login: admin / x", "creds = admin:x". */
static size_t pair(struct scan *s, const struct reading *r)
{
	size_t end = scan_run_end(s, r->at, VALUE_MAX), at = shorter(s, r->at, end, "/:");
	struct str v;

	if (r->join != JOIN_SIGN && r->join != JOIN_WORD)
		return 0;
	if (at == end)
		at = scan_blanks(s, at);
	if (!is_one_of(scan_at(s, at), "/:,|") || at == r->at)
		return 0;
	at = scan_blanks(s, at + 1);
	end = scan_run_end(s, at, VALUE_MAX);
	while (end > at && is_one_of(s->p[end - 1], ".,;)'\"`|"))
		end--;
	v = scan_text(s, at, end);
	if (s->p[r->at] == '[' || !value_is_secret(v) || v.p[0] == '/' || all_digits(v))
		return 0;
	return scan_found(s, at, end, REDACT_PASSWORD);
}

/* Past what may follow a label in its word: "passwords", "password1", "password_new". */
static bool past_word(const struct scan *s, struct reading *r)
{
	size_t at = r->at;

	if (to_lower(scan_at(s, at)) == 's' && !is_letter(scan_at(s, at + 1)))
		at++;
	while (is_digit(scan_at(s, at)) && at < r->at + 2)
		at++;
	if (is_letter(scan_at(s, at)))
		return false;
	if (is_one_of(scan_at(s, at), "_-") && is_alpha(scan_at(s, at + 1))) {
		for (at++; is_alnum(scan_at(s, at)) || scan_at(s, at) == '_';)
			at++;
		r->aside = true;
	}
	r->at = at;
	return true;
}

size_t label_detect(struct scan *s, size_t at)
{
	struct reading r = { .from = at };
	struct str v;
	bool in_quotes;
	size_t from, end;

	r.label = label_at(s, at, &r.at);
	if (!r.label || !past_word(s, &r))
		return 0;
	past_join(s, &r);
	if (r.label->flags & PAIR)
		return pair(s, &r);
	in_quotes = quoted(s, r.at, &v);
	if (!in_quotes)
		v = unquoted(s, &r);
	if (!is_value(s, &r, v, in_quotes))
		return 0;
	from = (size_t)(v.p - s->p);
	end = scan_found(s, from, in_quotes ? from + v.n : last_word(s, &r, v), r.label->kind);
	/* A token that goes on in the next line is found within its value. */
	return v.n + 1 < VALUE_MAX ? from : end;
}
