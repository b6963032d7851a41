/*
 * A FastCGI reader for the one kind of request that the hub gets; see records.h.  It keeps no body:
 * a stream is asked for by GET.
 */
#include "kit/hub/records.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/hub/memory.h"

#define FCGI_VERSION       1
#define FCGI_BEGIN_REQUEST 1
#define FCGI_PARAMS        4
#define FCGI_RESPONDER     1
#define HEADER             8
#define BEGIN_BODY         8

struct records {
	enum records_outcome outcome;
	uint8_t header[HEADER], begin[BEGIN_BODY];
	size_t header_n;         /* bytes of the header that are here */
	size_t content, padding; /* bytes of the record that are still to come */
	bool begun;
	unsigned id;
	char *params;
	size_t n, cap;
};

struct records *records_new(void)
{
	return hub_alloc(sizeof(struct records));
}

void records_free(struct records *r)
{
	if (r)
		free(r->params);
	free(r);
}

unsigned records_id(const struct records *r)
{
	return r->id;
}

/* One byte below 128, or four with the top bit set. */
static bool cut_length(struct str *s, size_t *ret)
{
	const unsigned char *p = (const unsigned char *)s->p;
	size_t used = s->n && p[0] & 0x80 ? 4 : 1;

	if (s->n < used)
		return false;
	*ret = used == 1 ? p[0]
			 : (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
				   p[3];
	*s = str_skip(*s, used);
	return true;
}

/* Takes a pair off the front of *rest; false where *rest is not a whole pair. */
static bool cut_pair(struct str *rest, struct str *name, struct str *value)
{
	size_t name_n, value_n;

	if (!cut_length(rest, &name_n) || !cut_length(rest, &value_n))
		return false;
	if (name_n > rest->n || value_n > rest->n - name_n)
		return false;
	*name = str_first(*rest, name_n);
	*value = str_first(str_skip(*rest, name_n), value_n);
	*rest = str_skip(*rest, name_n + value_n);
	return true;
}

struct str records_param(const struct records *r, struct str wanted)
{
	struct str rest = { r->params, r->n }, found = STR_NONE, name, value;
	int times = 0;

	while (rest.n && cut_pair(&rest, &name, &value)) {
		if (str_eq(name, wanted)) {
			found = value;
			times++;
		}
	}
	return times == 1 ? found : STR_NONE;
}

static bool pairs_are_whole(const struct records *r)
{
	struct str rest = { r->params, r->n }, name, value;

	while (rest.n) {
		if (!cut_pair(&rest, &name, &value))
			return false;
	}
	return true;
}

/* Opens the record whose header is here; false where it may not come now. */
static bool begin_record(struct records *r)
{
	const uint8_t *h = r->header;
	unsigned id = (unsigned)h[2] << 8 | h[3];

	r->content = (size_t)h[4] << 8 | h[5];
	r->padding = h[6];
	if (h[0] != FCGI_VERSION || id == 0)
		return false;
	if (!r->begun) {
		r->id = id;
		return h[1] == FCGI_BEGIN_REQUEST && r->content == BEGIN_BODY;
	}
	return h[1] == FCGI_PARAMS && id == r->id && r->content <= RECORDS_MAX - r->n;
}

static enum records_outcome end_record(struct records *r)
{
	bool last = r->header[1] == FCGI_PARAMS && r->header[4] == 0 && r->header[5] == 0;

	r->header_n = 0;
	if (!r->begun) {
		r->begun = true;
		return r->begin[0] == 0 && r->begin[1] == FCGI_RESPONDER ? RECORDS_MORE
									 : RECORDS_REFUSED;
	}
	if (!last)
		return RECORDS_MORE;
	if (!pairs_are_whole(r) || !str_eq(records_param(r, STR("RF_END")), STR("1")))
		return RECORDS_REFUSED;
	return RECORDS_DONE;
}

static void keep(struct records *r, const uint8_t *p, size_t n)
{
	if (!r->begun) {
		memcpy(r->begin + BEGIN_BODY - r->content, p, n);
		return;
	}
	if (r->cap - r->n < n) {
		size_t cap = r->cap ? r->cap : 1024;
		char *bigger;

		while (cap < r->n + n)
			cap *= 2;
		bigger = hub_alloc(cap);
		if (r->n)
			memcpy(bigger, r->params, r->n);
		free(r->params);
		r->params = bigger;
		r->cap = cap;
	}
	memcpy(r->params + r->n, p, n);
	r->n += n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Consumes some of n bytes, at least one, and says how many. */
static size_t take_some(struct records *r, const uint8_t *p, size_t n)
{
	size_t used;

	if (r->header_n < HEADER) {
		used = least(n, HEADER - r->header_n);
		memcpy(r->header + r->header_n, p, used);
		r->header_n += used;
		if (r->header_n == HEADER && !begin_record(r))
			r->outcome = RECORDS_REFUSED;
	} else if (r->content) {
		used = least(n, r->content);
		keep(r, p, used);
		r->content -= used;
	} else {
		used = least(n, r->padding);
		r->padding -= used;
	}
	if (r->outcome == RECORDS_MORE && r->header_n == HEADER && !r->content && !r->padding)
		r->outcome = end_record(r);
	return used;
}

enum records_outcome records_take(struct records *r, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n && r->outcome == RECORDS_MORE) {
		size_t used = take_some(r, p, n);

		p += used;
		n -= used;
	}
	return r->outcome;
}
