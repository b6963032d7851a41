/* Which new passwords are easily guessed: the face over zxcvbn; see crypto.h. */
#include <math.h>
#include <string.h>
#include <zxcvbn.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

#define READ_MAX  64 /* its work grows with the square of the length and more */
#define WORDS_MAX 32
#define WORD_MIN  3
#define GUESSES   1e6 /* below that zxcvbn calls a password very guessable */

struct words {
	struct arena *a;
	const char *rows[WORDS_MAX + 1]; /* ends with NULL */
	size_t n;
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (unsigned char)c >= 0x80;
}

static void add(struct words *w, struct str text)
{
	if (text.n >= WORD_MIN && w->n < WORDS_MAX)
		w->rows[w->n++] = str_cstr(w->a, str_first(text, READ_MAX));
}

/* "Ann.Smith@acme.example" as it is, and Ann, Smith, acme and example. */
static void add_with_parts(struct words *w, struct str text)
{
	size_t from = 0;

	add(w, text);
	for (size_t at = 0; at <= text.n; at++) {
		if (at < text.n && is_word(text.p[at]))
			continue;
		if (at - from < text.n)
			add(w, (struct str){ text.p + from, at - from });
		from = at + 1;
	}
}

/* What most of the password is made of. */
static const char *reason(const ZxcMatch_t *match)
{
	static const char *const reasons[] = {
		[NON_MATCH] = "it is too short",
		[BRUTE_MATCH] = "it is too short",
		[DICTIONARY_MATCH] = "it is made of common words",
		[DICT_LEET_MATCH] = "it is made of common words",
		[USER_MATCH] = "it is made of your name, address or company, or ours",
		[USER_LEET_MATCH] = "it is made of your name, address or company, or ours",
		[REPEATS_MATCH] = "it repeats itself",
		[SEQUENCE_MATCH] = "it is a row like abc or 123",
		[SPATIAL_MATCH] = "its keys lie side by side",
		[DATE_MATCH] = "it is made of a date",
		[YEAR_MATCH] = "it is made of a year",
		[LONG_PWD_MATCH] = "it repeats itself",
	};
	unsigned most = NON_MATCH;
	int length = 0;

	for (; match; match = match->Next)
		if (match->Length > length) {
			length = match->Length;
			most = match->Type & MULTIPLE_MATCH ? REPEATS_MATCH : match->Type;
		}
	return most < sizeof(reasons) / sizeof(reasons[0]) ? reasons[most] : reasons[NON_MATCH];
}

const char *password_weakness(struct arena *a, struct str password, const struct str *known,
			      size_t n)
{
	struct words words = { .a = a };
	const char *why = NULL;
	ZxcMatch_t *matches;
	double bits;

	for (size_t at = 0; at < n; at++)
		add_with_parts(&words, known[at]);
	bits = ZxcvbnMatch(str_cstr(a, str_first(password, READ_MAX)), words.rows, &matches);
	if (bits < log2(GUESSES))
		why = reason(matches);
	ZxcvbnFreeInfo(matches);
	return why;
}
