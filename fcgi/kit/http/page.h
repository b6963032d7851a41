#ifndef KIT_HTTP_PAGE_H
#define KIT_HTTP_PAGE_H

#include "kit/http/http.h"

/*
 * Lists by page, for the API and for pages.  An input that selects a page begins with these two:
 *	struct users_query { int64_t page, per_page; struct str q; };
 *	SHAPE(struct users_query, F_PAGE(struct users_query), F_STR(struct users_query, q, .optional
 *= true))
 */
#define F_PAGE(T)                                                                                  \
	F_INT(T, page, .optional = true, .min = 1, .max = 1000000),                                \
		F_INT(T, per_page, .optional = true, .min = 1, .max = 200)

#define PAGE_TOTAL_MAX 10000 /* counted exactly up to here */

/* Which rows to ask for; both are 1 and 50 where the query does not say. */
struct page {
	int64_t number, size;
};

struct page page_of(int64_t number, int64_t size);
int64_t page_skip(struct page p);

/* The API's list; a resource's shape of it is made by SHAPE_PAGE(item_shape). */
struct page_json {
	struct list items;
	int64_t total;
	bool total_capped;
	int64_t page, per_page;
	struct str next;
};

#define SHAPE_PAGE(item)                                                                           \
	SHAPE(struct page_json, F_LIST(struct page_json, items, (item)),                           \
	      F_INT(struct page_json, total), F_BOOL(struct page_json, total_capped),              \
	      F_INT(struct page_json, page), F_INT(struct page_json, per_page),                    \
	      F_STR(struct page_json, next, .null = true))

/*
 * This address with its query changed: without the fields that `drop` names ("type,status"), and
 * with one more.  Empty fields are left out, and so is the place in the list, unless it stays.
 */
struct url_change {
	const char *drop;
	const char *name;
	struct str value;
	bool stay;
};
struct str url_changed(struct req *r, const struct url_change *c);

/* With one field so, or without it where the value is empty. */
struct str url_turned(struct req *r, const char *field, struct str value);

/* A link that shows a list otherwise: a tab, or a filter that is on and goes off. */
struct tab {
	struct str label, url;
	bool current;
};
extern const struct shape tab_shape;
/* "All", and one for each value that a field may have; current: the value it has now, if any. */
struct list value_tabs(struct req *r, const char *field, const struct names *values,
		       const struct names *labels, struct str current);

struct page_json page_json(struct req *r, struct page p, struct list items, int64_t total);

/* The links below a list, as templates/ui/pages.mustache prints them. */
struct pager_view {
	bool many;
	struct str label, previous, next;
	struct list numbers;
};

extern const struct shape pager_shape;
struct pager_view pager_view(struct req *r, struct page p, int64_t total, struct str label);

#endif
