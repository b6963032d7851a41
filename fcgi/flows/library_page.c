/* The library as a page: filters in the address, three looks, folders beside it. */
#include "flows/flows.h"
#include "flows/library.h"
#include "kit/base/arena.h"
#include "kit/http/fcgi.h"
#include "kit/http/form.h"
#include "kit/render/render.h"
#include "people/people.h"

/* A filter that is on, with the address without it. */
struct applied {
	struct str label, url;
};

/* A way to look at the list, or to order it. */
struct way {
	struct str label, url, order; /* order: what aria-sort says */
	bool current, numeric;
};

struct folder_line {
	struct uuid id;
	struct str name, path, url;
	int64_t level, count;
	bool current;
};

struct library_page {
	bool as_grid, as_list, as_table, filtered, none, has_folders, may_make, may_curate, capped;
	int64_t total;
	struct str q, tags, back, csv, folder, count_word;
	bool pinned;
	struct list types, statuses, categories, teams, authors, sorts, tag_names;
	struct list applied, looks, columns, flows, folders, errors;
	struct str bulk_tag;
	bool failed;
	struct pager_view pager;
};

static const struct shape applied_shape =
	SHAPE(struct applied, F_STR(struct applied, label), F_STR(struct applied, url));
static const struct shape way_shape =
	SHAPE(struct way, F_STR(struct way, label), F_STR(struct way, url),
	      F_STR(struct way, order), F_BOOL(struct way, current), F_BOOL(struct way, numeric));
static const struct shape folder_line_shape =
	SHAPE(struct folder_line, F_UUID(struct folder_line, id), F_STR(struct folder_line, name),
	      F_STR(struct folder_line, path), F_STR(struct folder_line, url),
	      F_INT(struct folder_line, level), F_INT(struct folder_line, count),
	      F_BOOL(struct folder_line, current));
const struct shape tag_name_shape = SHAPE(struct tag_row, F_STR(struct tag_row, name));
static const struct shape problem_shape =
	SHAPE(struct problem, F_STR(struct problem, field), F_STR(struct problem, message));

#define P_ struct library_page
static const struct shape library_page_shape =
	SHAPE(P_, F_BOOL(P_, as_grid), F_BOOL(P_, as_list), F_BOOL(P_, as_table),
	      F_BOOL(P_, filtered), F_BOOL(P_, none), F_BOOL(P_, has_folders), F_BOOL(P_, may_make),
	      F_BOOL(P_, may_curate), F_BOOL(P_, capped), F_INT(P_, total), F_STR(P_, q),
	      F_STR(P_, back), F_STR(P_, csv), F_STR(P_, folder), F_STR(P_, count_word),
	      F_BOOL(P_, pinned), F_LIST(P_, types, &option_view_shape),
	      F_LIST(P_, statuses, &option_view_shape), F_LIST(P_, categories, &option_view_shape),
	      F_LIST(P_, teams, &option_view_shape), F_LIST(P_, authors, &option_view_shape),
	      F_LIST(P_, sorts, &option_view_shape), F_STR(P_, tags),
	      F_LIST(P_, tag_names, &tag_name_shape), F_LIST(P_, applied, &applied_shape),
	      F_LIST(P_, looks, &way_shape), F_LIST(P_, columns, &way_shape),
	      F_LIST(P_, flows, &flow_line_shape), F_LIST(P_, folders, &folder_line_shape),
	      F_LIST(P_, errors, &problem_shape), F_STR(P_, bulk_tag), F_BOOL(P_, failed),
	      F_OBJECT(P_, pager, struct pager_view, &pager_shape));
const struct view library_view = { "flows/library", &library_page_shape };

/* ---- filters ---- */

static const struct choice type_choices[] = { { "", "Every type" },
					      { "troubleshooting", "Troubleshooting" },
					      { "procedural", "Procedure" },
					      { "maintenance", "Maintenance" },
					      { 0 } };
static const struct choice status_choices[] = { { "", "In use" },
						{ "draft", "Draft" },
						{ "published", "Published" },
						{ "archived", "Archived" },
						{ 0 } };
static const struct choice sort_choices[] = { { "name", "By name" },
					      { "-updated_at", "Newest change first" },
					      { "-usage_count", "Most runs first" },
					      { 0 } };

static struct list options_of(struct arena *a, const struct choice *choices, struct str value)
{
	struct option_view *options;
	size_t n = 0;

	while (choices[n].value)
		n++;
	options = ARENA_ARRAY(a, struct option_view, n);
	for (size_t at = 0; at < n; at++)
		options[at] =
			(struct option_view){ str_of(choices[at].value), str_of(choices[at].label),
					      str_eq(str_of(choices[at].value), value) };
	return LIST_OF(options, n);
}

/* Those of one kind, behind one that stands for all. */
static struct list choices_of(struct arena *a, struct list rows, const char *kind, const char *all,
			      struct str value)
{
	struct option_view *options = ARENA_ARRAY(a, struct option_view, rows.n + 1);
	size_t n = 1;

	options[0] = (struct option_view){ STR(""), str_of(all), value.n == 0 };
	for (size_t at = 0; at < rows.n; at++) {
		const struct library_choice *c = &((const struct library_choice *)rows.items)[at];

		if (str_eq(c->kind, str_of(kind)))
			options[n++] = (struct option_view){ c->value, c->label,
							     str_eq_nocase(c->value, value) };
	}
	return LIST_OF(options, n);
}

static struct list author_options(struct req *r, const struct library *l)
{
	struct option_view *options = ARENA_ARRAY(r->arena, struct option_view, 3);
	struct uuid author = l->filter.author;
	bool mine = uuid_eq(author, r->who->person), other = !uuid_is_none(author) && !mine;

	options[0] = (struct option_view){ STR(""), STR("Anyone"), uuid_is_none(author) };
	options[1] = (struct option_view){ uuid_str(&r->who->person), STR("Me"), mine };
	if (other)
		options[2] = (struct option_view){
			uuid_str(&l->filter.author),
			l->rows.n ? ((const struct flow_row *)l->rows.items)->author_name
				  : STR("Someone else"),
			true,
		};
	return LIST_OF(options, other ? 3 : 2);
}

static struct str label_of(struct list options, struct str none)
{
	const struct option_view *option = options.items;

	for (size_t at = 0; at < options.n; at++)
		if (option[at].selected && option[at].value.n)
			return option[at].label;
	return none;
}

/* All of them but the one at that place, with commas between. */
static struct str tags_but(struct arena *a, struct list tags, size_t but)
{
	struct buf out = buf_new(a, 8192);

	for (size_t at = 0; at < tags.n; at++) {
		if (at == but)
			continue;
		if (out.n)
			buf_put(&out, STR(", "));
		buf_put(&out, ((const struct str *)tags.items)[at]);
	}
	return buf_str(&out);
}

struct chips {
	struct req *r;
	struct applied *items;
	size_t n;
};

static void chip(struct chips *c, const char *field, struct str rest, struct str label)
{
	if (!label.p)
		return;
	c->items[c->n++] = (struct applied){ label, url_turned(c->r, field, rest) };
}

static struct str folder_name(struct list folders, struct uuid id)
{
	const struct folder_row *folder = folders.items;

	for (size_t at = 0; at < folders.n; at++)
		if (uuid_eq(folder[at].id, id))
			return folder[at].path;
	return STR("Another folder");
}

/* Every filter that is on, as a link to the list without it; the number of the page goes with it.
 */
static struct list chips_of(struct req *r, const struct library_page *p, const struct library *l,
			    struct list folders)
{
	struct chips c = { r, ARENA_ARRAY(r->arena, struct applied, 9 + l->filter.tags.n), 0 };
	const struct str *tag = l->filter.tags.items;

	chip(&c, "q", STR_NONE, p->q.n ? str_fmt(r->arena, "“%.*s”", STR_ARG(p->q)) : STR_NONE);
	chip(&c, "type", STR_NONE, label_of(p->types, STR_NONE));
	chip(&c, "status", STR_NONE, label_of(p->statuses, STR_NONE));
	chip(&c, "category", STR_NONE, l->filter.category.n ? l->filter.category : STR_NONE);
	for (size_t at = 0; at < l->filter.tags.n; at++)
		chip(&c, "tag", tags_but(r->arena, l->filter.tags, at),
		     str_fmt(r->arena, "Tag: %.*s", STR_ARG(tag[at])));
	chip(&c, "author", STR_NONE,
	     uuid_is_none(l->filter.author)
		     ? STR_NONE
		     : str_fmt(r->arena, "By: %.*s",
			       STR_ARG(label_of(p->authors, STR("someone")))));
	chip(&c, "team", STR_NONE,
	     uuid_is_none(l->filter.team) ? STR_NONE : label_of(p->teams, STR("Another team")));
	chip(&c, "folder", STR_NONE,
	     uuid_is_none(l->filter.folder)
		     ? STR_NONE
		     : str_fmt(r->arena, "Folder: %.*s",
			       STR_ARG(folder_name(folders, l->filter.folder))));
	chip(&c, "pinned", STR_NONE, l->filter.pinned ? STR("Pinned") : STR_NONE);
	return LIST_OF(c.items, c.n);
}

/* ---- looks, columns, folders ---- */

static struct list looks_of(struct req *r, int look)
{
	static const char *const labels[] = { "Grid", "List", "Table" };
	struct way *ways = ARENA_ARRAY(r->arena, struct way, 3);

	for (int at = 0; at < 3; at++)
		ways[at] = (struct way){
			.label = str_of(labels[at]),
			.url = url_changed(
				r, &(struct url_change){ .drop = "view",
							 .name = "view",
							 .value = names_text(&flow_looks, at),
							 .stay = true }),
			.current = at == look,
		};
	return LIST_OF(ways, 3);
}

/* Headers of the table that order it. */
static struct list columns_of(struct req *r, int sort)
{
	static const char *const labels[] = { "Name", "Changed", "Runs" };
	struct way *ways = ARENA_ARRAY(r->arena, struct way, 3);

	for (int at = 0; at < 3; at++)
		ways[at] = (struct way){
			.label = str_of(labels[at]),
			.url = url_changed(
				r, &(struct url_change){ .drop = "sort",
							 .name = "sort",
							 .value = names_text(&flow_sorts, at) }),
			.order = at != sort        ? STR_NONE
				 : at == SORT_NAME ? STR("ascending")
						   : STR("descending"),
			.numeric = at == SORT_USED,
		};
	return LIST_OF(ways, 3);
}

static struct list folder_lines(struct req *r, struct list rows, struct uuid current)
{
	struct folder_line *lines = ARENA_ARRAY(r->arena, struct folder_line, rows.n + 1);

	for (size_t at = 0; at < rows.n; at++) {
		const struct folder_row *row = &((const struct folder_row *)rows.items)[at];

		lines[at] = (struct folder_line){
			.id = row->id,
			.name = row->name,
			.path = row->path,
			.url = url_changed(r, &(struct url_change){ .drop = "folder",
								    .name = "folder",
								    .value = uuid_str(&row->id) }),
			.level = row->level,
			.count = row->count,
			.current = uuid_eq(row->id, current),
		};
	}
	return LIST_OF(lines, rows.n);
}

/* By number as far as numbers go, and on by the key. */
static struct pager_view pages_of(struct req *r, const struct library *l)
{
	struct pager_view pager = pager_view(r, l->page, l->total, STR("flows"));

	pager.next = l->next;
	return pager;
}

/* The same filters; order and look are the spreadsheet's own. */
static struct str csv_url(struct req *r)
{
	struct str url = url_changed(r, &(struct url_change){ .drop = "view,sort,per_page" });

	return str_fmt(r->arena, "/flows.csv%.*s", STR_ARG(str_skip(url, r->path.n)));
}

/* ---- the page ---- */

struct library_rows {
	struct library library;
	struct list choices, folders, tags;
	struct flow_look_row *look;
};

static const struct err *read_all(struct req *r, struct library_rows *ret)
{
	const struct library_query *query = r->input;

	store_flow_look(r->tx, query->view, &ret->look);
	store_library_choices(r->tx, &ret->choices);
	store_folders(r->tx, &ret->folders);
	store_tag_names(r->tx, &ret->tags);
	TRY(library_read(r, query, &ret->library));
	TRY(tx_run(r->tx));
	library_ready(r, &ret->library);
	return NULL;
}

static void fill_filters(struct req *r, const struct library_rows *all, struct library_page *p)
{
	const struct library *l = &all->library;
	struct arena *a = r->arena;

	p->q = l->filter.q;
	p->types = options_of(a, type_choices, names_text(&flow_types, l->filter.type));
	p->statuses = options_of(a, status_choices, names_text(&flow_statuses, l->filter.status));
	p->sorts = options_of(a, sort_choices, names_text(&flow_sorts, l->filter.sort));
	p->categories =
		choices_of(a, all->choices, "category", "Every category", l->filter.category);
	p->teams = choices_of(a, all->choices, "team", "Every team", uuid_str(&l->filter.team));
	p->authors = author_options(r, l);
	p->tags = tags_but(a, l->filter.tags, l->filter.tags.n);
	p->tag_names = all->tags;
	p->folder = uuid_str(&l->filter.folder);
	p->pinned = l->filter.pinned;
	p->applied = chips_of(r, p, l, all->folders);
	p->filtered = p->applied.n > 0;
}

static void fill_page(struct req *r, const struct library_rows *all, struct library_page *p)
{
	const struct library *l = &all->library;
	enum role role = (enum role)r->who->row->role;

	fill_filters(r, all, p);
	p->as_grid = all->look->look == 0;
	p->as_list = all->look->look == 1;
	p->as_table = all->look->look == 2;
	p->capped = l->total > PAGE_TOTAL_MAX;
	p->total = p->capped ? PAGE_TOTAL_MAX : l->total;
	p->count_word = p->total == 1 ? STR("flow") : STR("flows");
	p->none = l->rows.n == 0;
	p->may_make = role_may(role, PERM_FLOWS);
	p->may_curate = role_may(role, PERM_CURATE);
	p->looks = looks_of(r, all->look->look);
	p->columns = columns_of(r, l->filter.sort);
	p->flows = flow_lines(r, l->rows);
	p->folders = folder_lines(r, all->folders, l->filter.folder);
	p->has_folders = all->folders.n > 0;
	p->back = url_changed(r, &(struct url_change){ .drop = "view", .stay = true });
	p->csv = csv_url(r);
	p->pager = pages_of(r, l);
}

static const struct err *library_show(struct req *r)
{
	struct library_page page = { 0 };
	struct library_rows all = { 0 };

	TRY(read_all(r, &all));
	fill_page(r, &all, &page);
	return reply_page(r, &library_view, &page);
}

const struct route library_routes[] = {
	{ GET, "/flows", .need = PERM_READ, .input = &library_query_shape, .run = library_show },
	{ GET, "/flows.csv", .need = PERM_READ, .input = &library_query_shape, .run = library_csv },
	{ 0 },
};

/* Reads the address of the list as if the browser had asked for it, and tells on it what is wrong.
 */
const struct err *library_again(struct req *r)
{
	struct str back = form_value(r, STR("back"));
	struct fcgi_request in = *r->in;
	struct library_page page = { 0 };
	struct library_rows all = { 0 };
	struct req list = *r;

	str_cut(&back, '?');
	in.query = back.p ? back : STR("");
	list.in = &in;
	list.path = STR("/flows");
	list.method = GET;
	list.route = library_routes;
	list.nform = list.nproblems = 0;
	list.problems = NULL;
	TRY(input_read(&list));
	TRY(input_bind(&list));
	TRY(read_all(&list, &all));
	fill_page(&list, &all, &page);
	page.bulk_tag = form_value(r, STR("tag"));
	page.errors = LIST_OF(r->problems, r->nproblems);
	page.failed = true;
	return reply_page(r, &library_view, &page);
}

const struct view *const library_views[] = { &library_view,    &folders_view,  &folder_view,
					     &categories_view, &category_view, NULL };
