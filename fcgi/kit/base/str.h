#ifndef KIT_BASE_STR_H
#define KIT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A view of bytes that someone else owns.  p == NULL means "none"; an empty text has p != NULL, n
 * == 0. */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit)                                                                              \
	{                                                                                          \
		"" lit, sizeof(lit) - 1                                                            \
	} /* for static initialisers */
#define STR_NONE     ((struct str){ NULL, 0 })
#define STR_INT_ROOM 21
/* For "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).n ? (s).p : ""

struct str str_of(const char *cstr); /* NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_skip(struct str s, size_t n);  /* without the first n bytes */
struct str str_first(struct str s, size_t n); /* at most the first n bytes */
struct str str_trim(struct str s);            /* ASCII white space at both ends */
/* Cuts *rest at the first sep: returns what is before it and leaves what is after it, or none. */
struct str str_cut(struct str *rest, char sep);
/* The same at the end of a line: LF, CR or both. */
struct str str_cut_line(struct str *rest);
ptrdiff_t str_find(struct str s, char c); /* -1 where it is not there */
bool str_contains(struct str s, struct str part);
bool str_is_utf8(struct str s);
struct str str_mend(struct str s); /* without the last character, where a cut went through it */
bool str_has_control(struct str s,
		     struct str allowed);     /* bytes under 0x20 and 0x7f, but those allowed */
size_t str_put_utf8(uint32_t c, char ret[4]); /* a character's bytes, and how many */
size_t str_utf8_length(struct str s);         /* code points of valid UTF-8 */
bool str_to_int(struct str s, int64_t *ret);  /* the whole of s, decimal, in range */
/* Of room, and a zero byte follows it. */
struct str str_of_int(int64_t value, char room[STR_INT_ROOM]);

struct str str_dup(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s); /* ASCII only */
struct str str_or_empty(struct str s); /* "" for none: what a column that is never NULL takes */
/* Browsers send CR LF; what is stored has LF alone. */
struct str str_unix_lines(struct arena *a, struct str s);
/* The first bytes of a longer text up to a whole character, and "…" for the rest. */
struct str str_brief(struct arena *a, struct str s, size_t most);
/* Each byte of a control character as a blank. */
struct str str_one_line(struct arena *a, struct str s);
const char *str_cstr(struct arena *a, struct str s); /* NUL-terminated copy; none gives NULL */
struct str str_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "1,234,567" */
struct str str_count(struct arena *a, int64_t n);
/* So many bytes as people say it, by thousands: "900 bytes", "1.5 kB", "5 GB". */
struct str str_size(struct arena *a, int64_t bytes);

#endif
