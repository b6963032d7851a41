/*
 * A form that brings a file: multipart/form-data, to the pairs of any other form.  A file is the
 * text in it; its name and its type are the sender's to say, and nobody asks for them.
 */
#include <string.h>

#include "kit/base/arena.h"
#include "kit/http/fcgi.h"
#include "kit/http/input.h"

#define PARTS_MAX    100
#define BOUNDARY_MAX 70

/* "form-data; name=x; filename="a;b.md"": the value of that parameter, or none. */
static struct str parameter(struct str header, struct str name)
{
	struct str rest = header;

	(void)str_cut(&rest, ';');
	while (rest.p) {
		struct str is = str_trim(str_cut(&rest, '=')), value;
		bool quoted = str_starts(rest, STR("\""));

		rest = str_skip(rest, quoted);
		value = str_cut(&rest, quoted ? '"' : ';');
		if (str_eq_nocase(is, name))
			return quoted ? value : str_trim(value);
		if (quoted)
			(void)str_cut(&rest, ';');
	}
	return STR_NONE;
}

static ptrdiff_t find(struct str text, struct str part)
{
	const char *at = text.n ? memmem(text.p, text.n, part.p, part.n) : NULL;

	return at ? at - text.p : -1;
}

/* Of a part's header lines, the one that says which field it is of. */
static struct str disposition(struct str head)
{
	while (head.p) {
		struct str line = str_cut_line(&head);
		struct str header = str_cut(&line, ':');

		if (str_eq_nocase(header, STR("content-disposition")))
			return line;
	}
	return STR_NONE;
}

/* The part at the beginning of *rest, which is left behind the mark that ends it. */
static bool take_part(struct str *rest, struct str mark, struct pair *ret)
{
	ptrdiff_t head = find(*rest, STR("\r\n\r\n")), end;
	struct str body, field;

	if (head < 0 || !str_starts(*rest, STR("\r\n")))
		return false;
	body = str_skip(*rest, (size_t)head + 4);
	end = find(body, mark);
	field = disposition(str_skip(str_first(*rest, (size_t)head), 2));
	if (end < 0)
		return false;
	ret->name = parameter(field, STR("name"));
	ret->value = str_first(body, (size_t)end);
	if (!ret->name.n || !input_is_text(ret->name) ||
	    (!input_is_text(ret->value) && !parameter(field, STR("filename")).p))
		return false;
	*rest = str_skip(body, (size_t)end + mark.n);
	return true;
}

bool multipart_decode(struct req *r)
{
	struct str boundary = parameter(r->in->content_type, STR("boundary"));
	struct str mark = str_fmt(r->arena, "\r\n--%.*s", STR_ARG(boundary));
	struct str rest = r->in->body;

	if (!boundary.n || boundary.n > BOUNDARY_MAX || !str_starts(rest, str_skip(mark, 2)))
		return false;
	rest = str_skip(rest, mark.n - 2);
	r->form = ARENA_ARRAY(r->arena, struct pair, PARTS_MAX);
	while (!str_starts(rest, STR("--")))
		if (r->nform == PARTS_MAX || !take_part(&rest, mark, &r->form[r->nform++]))
			return false;
	return true;
}
