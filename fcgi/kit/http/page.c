/* Lists by page; see page.h. */
#include "kit/http/page.h"

#include "kit/base/arena.h"
#include "kit/http/fcgi.h"
#include "kit/http/input.h"

#define AROUND 2 /* numbers shown on either side of the current one */

struct number_view {
	struct str label, url;
	bool current, gap;
};

static const struct shape number_shape =
	SHAPE(struct number_view, F_STR(struct number_view, label), F_STR(struct number_view, url),
	      F_BOOL(struct number_view, current), F_BOOL(struct number_view, gap));
const struct shape pager_shape =
	SHAPE(struct pager_view, F_BOOL(struct pager_view, many), F_STR(struct pager_view, label),
	      F_STR(struct pager_view, previous), F_STR(struct pager_view, next),
	      F_LIST(struct pager_view, numbers, &number_shape));

struct page page_of(int64_t number, int64_t size)
{
	return (struct page){ number > 0 ? number : 1, size > 0 ? size : 50 };
}

int64_t page_skip(struct page p)
{
	return (p.number - 1) * p.size;
}

static void put_field(struct buf *url, struct str name, struct str value)
{
	buf_putc(url, str_find(buf_str(url), '?') < 0 ? '?' : '&');
	buf_put_url(url, name);
	buf_putc(url, '=');
	buf_put_url(url, value);
}

static bool is_dropped(const struct url_change *c, const struct pair *pair)
{
	if (pair->value.n == 0 || (!c->stay && input_in_list("page,after,before", pair->name)))
		return true;
	return input_in_list(c->drop, pair->name);
}

struct str url_changed(struct req *r, const struct url_change *c)
{
	struct buf url = buf_new(r->arena, 8192);

	buf_put(&url, r->path);
	for (size_t at = 0; at < r->nform; at++)
		if (!is_dropped(c, &r->form[at]))
			put_field(&url, r->form[at].name, r->form[at].value);
	if (c->name)
		put_field(&url, str_of(c->name), c->value);
	return buf_str(&url);
}

struct str url_turned(struct req *r, const char *field, struct str value)
{
	return url_changed(r, &(struct url_change){ .drop = field,
						    .name = value.n ? field : NULL,
						    .value = value });
}

const struct shape tab_shape = SHAPE(struct tab, F_STR(struct tab, label), F_STR(struct tab, url),
				     F_BOOL(struct tab, current));

struct list value_tabs(struct req *r, const char *field, const struct names *values,
		       const struct names *labels, struct str current)
{
	struct tab *tabs = ARENA_ARRAY(r->arena, struct tab, values->n + 1);

	tabs[0] = (struct tab){ STR("All"), url_turned(r, field, STR_NONE), current.n == 0 };
	for (size_t at = 0; at < values->n; at++) {
		struct str value = names_text(values, (int)at);

		tabs[at + 1] = (struct tab){ names_text(labels, (int)at),
					     url_turned(r, field, value), str_eq(value, current) };
	}
	return LIST_OF(tabs, values->n + 1);
}

static struct str url_of_page(struct req *r, int64_t number)
{
	return url_changed(
		r, &(struct url_change){ .name = "page",
					 .value = str_fmt(r->arena, "%lld", (long long)number) });
}

struct page_json page_json(struct req *r, struct page p, struct list items, int64_t total)
{
	bool more = p.number * p.size < total && p.number * p.size < PAGE_TOTAL_MAX;

	return (struct page_json){
		.items = items,
		.total = total < PAGE_TOTAL_MAX ? total : PAGE_TOTAL_MAX,
		.total_capped = total > PAGE_TOTAL_MAX,
		.page = p.number,
		.per_page = p.size,
		.next = more ? url_of_page(r, p.number + 1) : STR_NONE,
	};
}

static bool is_shown(int64_t number, int64_t current, int64_t last)
{
	int64_t away = number > current ? number - current : current - number;

	return number == 1 || number == last || away <= AROUND;
}

/* 1 ... 4 5 [6] 7 8 ... 20 */
static struct list numbers_of(struct req *r, int64_t current, int64_t last)
{
	struct number_view *views = ARENA_ARRAY(r->arena, struct number_view, 2 * AROUND + 5);
	size_t n = 0;
	bool gap = false;

	for (int64_t number = 1; number <= last; number++) {
		if (is_shown(number, current, last)) {
			views[n++] = (struct number_view){
				.label = str_fmt(r->arena, "%lld", (long long)number),
				.url = url_of_page(r, number),
				.current = number == current,
			};
			gap = false;
		} else if (!gap) {
			views[n++] = (struct number_view){ .gap = true };
			gap = true;
		}
	}
	return LIST_OF(views, n);
}

struct pager_view pager_view(struct req *r, struct page p, int64_t total, struct str label)
{
	int64_t shown = total < PAGE_TOTAL_MAX ? total : PAGE_TOTAL_MAX;
	int64_t last = (shown + p.size - 1) / p.size;

	if (last < 2)
		return (struct pager_view){ .many = false };
	return (struct pager_view){
		.many = true,
		.label = label,
		.previous = p.number > 1 ? url_of_page(r, p.number - 1) : STR_NONE,
		.next = p.number < last ? url_of_page(r, p.number + 1) : STR_NONE,
		.numbers = numbers_of(r, p.number, last),
	};
}
