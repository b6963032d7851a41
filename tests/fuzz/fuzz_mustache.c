/*
 * Any bytes as a template and two partials, cut at zero bytes: must end soon, in bounds, with a
 * text or an error.  What is printed of the value is escaped unless the template says otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char value_text[] = "{\"a\":{\"b\":\"<&>\",\"c\":{\"b\":1}},\"b\":true,\"c\":[1,\"x\","
				 "null],\"l\":[{\"b\":[]},{\"b\":2.5}],"
				 "\"n\":null}";

/* Nothing in the template can put a '<' into the page unescaped. */
static bool is_tame(const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size; at++)
		if ((data[at] && strchr("<&=", data[at])) ||
		    (at >= 2 && memcmp(data + at - 2, "{{{", 3) == 0))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)1 << 30);
	struct str rest = { (const char *)data, size };
	struct str template = str_cut(&rest, '\0');
	struct partial partials[] = { { .name = STR("p") }, { .name = STR("q") } };
	struct buf out = buf_new(a, (size_t)64 * 1024);
	const struct json *value;
	const struct err *e;

	partials[0].text = str_cut(&rest, '\0');
	partials[1].text = rest;
	if (json_parse(a, str_of(value_text), &json_default_limits, &value))
		abort();
	e = render_json(a, template, partials, 2, value, &out);
	if (e && e->message.n == 0)
		abort();
	if (!e && is_tame(data, size) && str_find(buf_str(&out), '<') >= 0)
		abort();
	arena_free(a);
	return 0;
}
