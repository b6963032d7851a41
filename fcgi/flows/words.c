/* Names of a flow's parts in messages; see words.h. */
#include "flows/words.h"

#include "flows/write.h"

#define BRIEF 60

struct str flow_cut(struct str text, size_t max)
{
	size_t at = 0;

	/* A byte of the form 10xxxxxx goes on with the character before it. */
	for (; at < text.n; at++)
		if (((unsigned char)text.p[at] & 0xc0) != 0x80 && max-- == 0)
			break;
	return str_first(text, at);
}

bool flow_is_longer(struct str text, size_t max)
{
	return text.n > max && flow_cut(text, max).n < text.n;
}

struct str flow_brief(struct arena *a, struct str text)
{
	struct str trimmed = flow_visible(text);

	if (!flow_is_longer(trimmed, BRIEF))
		return trimmed;
	return str_fmt(a, "%.*s\xe2\x80\xa6", STR_ARG(flow_visible(flow_cut(trimmed, BRIEF - 1))));
}

static struct str name_of(struct arena *a, struct str text, struct str id)
{
	struct str brief = flow_brief(a, text);

	return brief.n ? brief : id;
}

struct str flow_node_name(struct arena *a, const struct flow_node *n)
{
	return name_of(a, n->title, n->id);
}

struct str flow_option_name(struct arena *a, const struct flow_option *option)
{
	return name_of(a, option->label, option->id);
}
