/* Shared pieces of output, already in FastCGI records; see frames.h. */
#include "kit/hub/frames.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/buf.h"
#include "kit/hub/memory.h"

#define HEADER           8
#define CONTENT_MAX      65528 /* the largest that needs no padding */
#define FCGI_END_REQUEST 3
#define FCGI_STDOUT      6

static struct frame *new_frame(size_t n)
{
	struct frame *f = hub_alloc(sizeof(*f) + n);

	f->refs = 1;
	return f;
}

/* Appends one record, its content padded to a multiple of eight. */
static void put_record(struct frame *f, unsigned char type, const void *content, size_t n)
{
	unsigned char padding = (unsigned char)(-n & 7);
	const unsigned char header[HEADER] = {
		1, type, 0, FRAME_REQUEST_ID, (unsigned char)(n >> 8), (unsigned char)n, padding, 0
	};

	memcpy(f->bytes + f->n, header, HEADER);
	if (n)
		memcpy(f->bytes + f->n + HEADER, content, n);
	f->n += (uint32_t)(HEADER + n + padding); /* the padding is zero already */
}

struct frame *frame_text(struct str text)
{
	size_t records = text.n / CONTENT_MAX + 1;
	struct frame *f = new_frame(text.n + records * (HEADER + 7));

	while (text.n) {
		struct str part = str_first(text, CONTENT_MAX);

		put_record(f, FCGI_STDOUT, part.p, part.n);
		text = str_skip(text, part.n);
	}
	return f;
}

static void put_line(struct buf *b, struct str name, struct str value)
{
	buf_put(b, name);
	for (size_t at = 0; at < value.n; at++)
		buf_putc(b, value.p[at] == '\n' || value.p[at] == '\r' ? ' ' : value.p[at]);
	buf_putc(b, '\n');
}

struct frame *frame_event(struct arena *a, int64_t seq, struct str type, struct str payload)
{
	struct buf b = buf_new(a, payload.n + type.n + 100);

	buf_put(&b, STR("id: "));
	buf_put_int(&b, seq);
	buf_putc(&b, '\n');
	put_line(&b, STR("event: "), type);
	put_line(&b, STR("data: "), payload);
	buf_putc(&b, '\n');
	return frame_text(buf_str(&b));
}

struct frame *frame_end(void)
{
	static const unsigned char complete[8]; /* status 0, FCGI_REQUEST_COMPLETE */
	struct frame *f = new_frame(2 * HEADER + sizeof(complete));

	put_record(f, FCGI_STDOUT, NULL, 0);
	put_record(f, FCGI_END_REQUEST, complete, sizeof(complete));
	return f;
}

struct frame *frame_keep(struct frame *f)
{
	f->refs++;
	return f;
}

void frame_drop(struct frame *f)
{
	if (f && --f->refs == 0)
		free(f);
}
