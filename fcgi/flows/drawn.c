/* Pictures are drawn once: a worker keeps them under the hash of what they show. */
#include "flows/acts.h"
#include "flows/picture.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/cache.h"

struct html flow_drawn(struct req *r, const struct flow *f, const struct flow_picture *p)
{
	struct cache *cache = r->server->made;
	struct buf name = buf_new(r->arena, (size_t)16 * 1024);
	struct str key, kept;
	struct flow_doc doc;
	struct html made;

	if (f->doc.structure.nodes.n == 0)
		return (struct html){ STR_NONE };
	buf_printf(&name, "P%.*s %d %.*s %.*s", STR_ARG(f->hash), p->alone, STR_ARG(p->base),
		   STR_ARG(p->current));
	for (size_t at = 0; p->path && at < f->doc.structure.nodes.n; at++)
		buf_printf(&name, " %td", p->path[at]);
	key = buf_str(&name);
	if (cache_get(cache, key, &kept))
		return (struct html){ str_dup(r->arena, kept) };
	doc = flow_labelled(r->arena, &f->doc);
	made = flow_svg(r->arena, &doc.structure, p);
	cache_put(cache, key, made.s);
	return made;
}
