#ifndef KIT_REDACT_SCAN_H
#define KIT_REDACT_SCAN_H

#include "kit/redact/redact.h"

/*
 * One walk over a shadow.  Where a detector's first byte stands, it looks a bounded way ahead, says
 * scan_found, and returns where the walk may go on: at or after what it found, or 0 where there is
 * nothing of its kind.  So the walk is linear in the text whatever the text is.
 */
struct span {
	size_t from, to;
	enum redact_kind kind;
	struct str shown; /* none: the kind's own name */
};

struct spans {
	struct span *items;
	size_t n, cap;
};

struct scan {
	struct arena *arena;
	const char *p;
	size_t n;
	struct spans *found;
	size_t endless; /* up to here no private key ends */
	size_t judged;  /* up to here base64 was looked at */
	bool inner;
};

void spans_add(struct arena *a, struct spans *all, struct span one);
static inline size_t scan_found(struct scan *s, size_t from, size_t to, enum redact_kind kind)
{
	spans_add(s->arena, s->found, (struct span){ from, to, kind, { 0 } });
	return to;
}

/* The walk itself, over text; inner: of a decoded piece, in which nothing is decoded again. */
void scan_all(struct arena *a, struct str text, bool inner, struct spans *found);

/* ---- bytes; those from 0x80 are letters that have no ASCII look ---- */

static inline char scan_at(const struct scan *s, size_t at)
{
	return at < s->n ? s->p[at] : '\0';
}
static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}
static inline bool is_alpha(char c)
{
	return is_upper(c) || is_lower(c);
}
static inline bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}
static inline bool is_letter(char c)
{
	return is_alpha(c) || (unsigned char)c >= 0x80;
}
static inline bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}
static inline bool is_space(char c)
{
	return is_blank(c) || c == '\n';
}
static inline char to_lower(char c)
{
	return is_upper(c) ? (char)(c + 'a' - 'A') : c;
}
/* Is there one of the bytes of set? */
bool is_one_of(char c, const char *set);

/* ---- places ---- */

/* No letter or digit stands before. */
bool scan_starts(const struct scan *s, size_t at);
size_t scan_blanks(const struct scan *s, size_t at); /* past blanks of the line */
/* Past one line break with the blanks, quote marks and bars around it, or two blanks; or at itself.
 */
size_t scan_gap(const struct scan *s, size_t at);
/* Past the word, whatever its case, or 0.  A blank in the word: nothing, a blank, '_', '-' or '.'.
 */
size_t scan_word(const struct scan *s, size_t at, const char *word);
size_t scan_line_end(const struct scan *s, size_t at);
/* A run without blanks, at most that long. */
size_t scan_run_end(const struct scan *s, size_t at, size_t most);
/* Is one of the words, parted by blanks, among the last `within` bytes, 39 at most, of the line? */
bool scan_announced(const struct scan *s, size_t at, size_t within, const char *words);
struct str scan_text(const struct scan *s, size_t from, size_t to);

/* ---- what a value is like (value.c) ---- */

/* Does it look chosen or made, not like a word of a sentence? */
bool value_is_secret(struct str value);
/* A word of a sentence, such as "expired", after "password:". */
bool value_is_prose(struct str value);
/* "<password>", "%PASS%", "********": stands for a value. */
bool value_is_stand_in(struct str value);

/* What begins with a word, by number, by number; NULL behind the last. */
const char *block_word(size_t at);
const char *label_word(size_t at);
const char *command_word(size_t at);
const char *token_word(size_t at);

/* ---- the detectors, each in the file of its name ---- */

size_t label_detect(struct scan *s, size_t at);      /* label.c: "password: ..." */
size_t command_detect(struct scan *s, size_t at);    /* command.c: "net use ..." */
size_t block_detect(struct scan *s, size_t at);      /* block.c: private keys */
size_t token_detect(struct scan *s, size_t at);      /* token.c: by prefix */
size_t azure_detect(struct scan *s, size_t at);      /* token.c: abc8Q~... */
size_t blob_detect(struct scan *s, size_t at);       /* token.c: by chance alone, and base64 */
size_t address_at_sign(struct scan *s, size_t at);   /* address.c: e-mail */
size_t address_authority(struct scan *s, size_t at); /* address.c: //user:pass@ */
size_t address_detect(struct scan *s, size_t at);    /* address.c: IP and MAC */
size_t number_detect(struct scan *s, size_t at);     /* number.c: card, phone, recovery key */
size_t licence_detect(struct scan *s, size_t at);    /* number.c: five fives */

#endif
