/* The account's own patterns; see pattern.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "kit/redact/pattern.h"

#include <pcre2.h>
#include <string.h>
#include <time.h>

#include "kit/base/arena.h"
#include "kit/base/clock.h"

#define STEPS_MAX  50000 /* of backtracking, from one place of the text */
#define HEAP_MAX   4096  /* KiB of one match */
#define NESTED_MAX 50    /* brackets within brackets */
#define WINDOW     256   /* places tried between two looks at the clock */
#define CAREFUL    64    /* the same where a pattern was near giving up: within one line */

static void free_code(void *code)
{
	pcre2_code_free(code);
}

static void free_data(void *data)
{
	pcre2_match_data_free(data);
}

static void free_limits(void *limits)
{
	pcre2_match_context_free(limits);
}

static const struct err *wrong(struct arena *a, int code, struct str before)
{
	PCRE2_UCHAR8 said[128] = "";

	pcre2_get_error_message(code, said, sizeof(said));
	return ERR(a, ERR_INVALID, "is wrong after %zu characters: %s.", str_utf8_length(before),
		   (const char *)said);
}

const struct err *pattern_compile(struct arena *a, struct str text, struct pattern *ret)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t empty = 0;
	size_t offset;
	int code, group;

	if (!context)
		return ERR(a, ERR_INTERNAL, "no memory for a pattern");
	pcre2_set_parens_nest_limit(context, NESTED_MAX);
	ret->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
				  PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE |
					  PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT,
				  &code, &offset, context);
	pcre2_compile_context_free(context);
	if (!ret->code)
		return wrong(a, code, str_first(text, offset));
	arena_defer(a, free_code, ret->code);
	pcre2_pattern_info(ret->code, PCRE2_INFO_MATCHEMPTY, &empty);
	if (empty)
		return ERR(a, ERR_INVALID,
			   "also matches where there is nothing. Say what must be there, such as + "
			   "in place of *.");
	group = pcre2_substring_number_from_name(ret->code, (PCRE2_SPTR) "secret");
	ret->secret = group > 0 ? (uint32_t)group : 0;
	return NULL;
}

/* One pattern on one subject. */
struct search {
	struct pattern_run *run;
	const struct pattern *pattern;
	struct str subject;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	size_t careful; /* up to here one line is tried after another */
};

static size_t line_end(struct str s, size_t at)
{
	ptrdiff_t end = str_find(str_skip(s, at), '\n');

	return end < 0 ? s.n : at + (size_t)end;
}

/* The line at `at`, or all from there on; returns where to go on. */
static size_t give_up(const struct search *s, size_t at, bool all)
{
	size_t from = at, end = all ? s->subject.n : line_end(s->subject, at);

	while (from && s->subject.p[from - 1] != '\n')
		from--;
	s->run->gave_up = true;
	spans_add(s->run->arena, s->run->found,
		  (struct span){ from, end, REDACT_CUSTOM, s->pattern->kind });
	return end + 1;
}

/* What matched; returns where to go on. */
static size_t take(const struct search *s, size_t at)
{
	const size_t *places = pcre2_get_ovector_pointer(s->data);
	size_t from = places[0], to = places[1], group = s->pattern->secret;

	if (to <= from)
		return at + 1;
	at = to;
	if (group && places[2 * group] != PCRE2_UNSET) {
		from = places[2 * group];
		to = places[2 * group + 1];
	}
	spans_add(s->run->arena, s->run->found,
		  (struct span){ from, to, REDACT_CUSTOM, s->pattern->kind });
	return at;
}

/* Where the window that begins at `at` ends. */
static size_t window_end(const struct search *s, size_t at)
{
	struct str rest = str_skip(s->subject, at);
	size_t end = at + (at < s->careful ? line_end(str_first(rest, CAREFUL), 0)
					   : str_first(rest, WINDOW).n);

	while (end < s->subject.n && (s->subject.p[end] & 0xc0) == 0x80)
		end++;
	return end;
}

/* Tries the places of one window; returns where to go on.  Where it gives up, the window is tried
 * again line by line, so that only the line goes that is to blame. */
static size_t try_window(struct search *s, size_t at)
{
	size_t end = window_end(s, at);
	int found;

	pcre2_set_offset_limit(s->limits, end);
	found = pcre2_match(s->pattern->code, (PCRE2_SPTR)s->subject.p, s->subject.n, at,
			    PCRE2_NO_UTF_CHECK, s->data, s->limits);
	if (found > 0)
		return take(s, at);
	if (found == PCRE2_ERROR_NOMATCH)
		return end + 1;
	if (at < s->careful)
		return give_up(s, at, false);
	s->careful = end + 1;
	return at;
}

/* Of the processor, so that a busy machine takes no text away. */
static int64_t spent(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

static void search(struct search *s)
{
	struct pattern_run *run = s->run;

	for (size_t at = 0; at < s->subject.n;) {
		int64_t began = spent();

		if (run->left <= 0) {
			give_up(s, at, true);
			return;
		}
		at = try_window(s, at);
		while (at < s->subject.n && (s->subject.p[at] & 0xc0) == 0x80)
			at++;
		run->left -= spent() - began;
	}
}

void pattern_find(struct pattern_run *run, const struct pattern *p, struct str subject)
{
	struct search s = { .run = run, .pattern = p, .subject = subject };

	if (!p->code)
		return;
	s.data = pcre2_match_data_create_from_pattern(p->code, NULL);
	s.limits = pcre2_match_context_create(NULL);
	if (s.data)
		arena_defer(run->arena, free_data, s.data);
	if (s.limits)
		arena_defer(run->arena, free_limits, s.limits);
	if (!s.data || !s.limits) {
		give_up(&s, 0, true);
		return;
	}
	pcre2_set_match_limit(s.limits, STEPS_MAX);
	pcre2_set_depth_limit(s.limits, STEPS_MAX);
	pcre2_set_heap_limit(s.limits, HEAP_MAX);
	search(&s);
}
