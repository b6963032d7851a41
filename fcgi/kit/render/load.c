/* Templates from their directory, and a program for each view; see render.h. */
#include "kit/render/render.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/render/mustache.h"

#define ALONE_MAX ((size_t)1 << 20)

#define TEMPLATE_MAX ((off_t)256 * 1024)

struct known {
	struct known *next;
	struct template template;
};

struct file_library {
	struct library lib; /* first, so that one is the other */
	struct arena *arena;
	const char *dir;
	struct known *known;
};

struct entry {
	const struct view *view;
	struct program program;
};

struct render {
	struct entry *entries; /* by the address of the view */
	size_t n;
};

static const struct err *read_all(struct arena *a, int fd, const char *path, struct str *ret)
{
	struct stat st;
	char *text;
	size_t n = 0, size;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > TEMPLATE_MAX)
		return ERR(a, ERR_INTERNAL, "%s: not a file of at most %ld bytes", path,
			   (long)TEMPLATE_MAX);
	size = (size_t)st.st_size;
	text = arena_alloc(a, size + 1, 1);
	while (n < size) {
		ssize_t got = read(fd, text + n, size - n);

		if (got <= 0)
			return ERR(a, ERR_INTERNAL, "%s: can't be read: %s", path, strerror(errno));
		n += (size_t)got;
	}
	*ret = (struct str){ text, n };
	return NULL;
}

static const struct err *read_template(struct file_library *l, struct template *t, bool *found)
{
	const char *path = t->file.p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct err *e;
	struct str text;

	*found = fd >= 0;
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0)
		return ERR(l->arena, ERR_INTERNAL, "%s: %s", path, strerror(errno));
	e = read_all(l->arena, fd, path, &text);
	close(fd);
	return e ? e : template_parse(l->arena, t, text);
}

static const struct err *find_file(struct library *lib, struct str name,
				   const struct template **ret)
{
	struct file_library *l = (struct file_library *)lib;
	struct known *k = l->known;
	bool found;

	*ret = NULL;
	while (k && !str_eq(k->template.name, name))
		k = k->next;
	if (!k) {
		k = ARENA_NEW(l->arena, struct known);
		k->template = (struct template){
			.name = str_dup(l->arena, name),
			.file = str_fmt(l->arena, "%s/%.*s.mustache", l->dir, STR_ARG(name)),
			.plain = str_ends(name, STR(".txt")),
		};
		TRY(read_template(l, &k->template, &found));
		if (!found)
			return NULL;
		k->next = l->known;
		l->known = k;
	}
	*ret = &k->template;
	return NULL;
}

static const struct err *bind_view(struct file_library *l, const struct shape *frame,
				   const struct view *view, struct program *ret)
{
	const struct scope outer = { .shape = frame, .level = 0 };
	const struct scope scope = { .outer = &outer, .shape = view->shape, .level = 1 };
	const struct template *t;

	TRY(find_file(&l->lib, str_of(view->template), &t));
	if (!t)
		return ERR(l->arena, ERR_INTERNAL, "%s/%s.mustache: there is no such file", l->dir,
			   view->template);
	return compile(l->arena, &l->lib, t, &scope, ret);
}

/* The error tells the view as well: what is wrong may stand in a partial that is sound in others.
 */
static const struct err *load_view(struct file_library *l, const struct shape *frame,
				   const struct view *view, struct entry *entry)
{
	const struct err *e = bind_view(l, frame, view, &entry->program);

	entry->view = view;
	if (e)
		e = ERR(l->arena, ERR_INTERNAL, "%.*s (in the view %s)", STR_ARG(e->message),
			view->template);
	return e;
}

static int by_view(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct entry *)a)->view;
	uintptr_t y = (uintptr_t)((const struct entry *)b)->view;

	return (x > y) - (x < y);
}

const struct err *render_load(struct arena *a, const char *dir, const struct shape *frame,
			      const struct view *const *const *views, struct render **ret)
{
	struct file_library lib = { .lib = { find_file }, .arena = a, .dir = dir };
	struct render *r = ARENA_NEW(a, struct render);
	size_t n = 0;

	for (const struct view *const *const *room = views; *room; room++)
		for (const struct view *const *view = *room; *view; view++)
			n++;
	r->entries = ARENA_ARRAY(a, struct entry, n);
	for (const struct view *const *const *room = views; *room; room++)
		for (const struct view *const *view = *room; *view; view++)
			TRY(load_view(&lib, frame, *view, &r->entries[r->n++]));
	qsort(r->entries, r->n, sizeof(*r->entries), by_view);
	*ret = r;
	return NULL;
}

void render_view(const struct render *r, const struct view *view, const void *frame,
		 const void *model, struct buf *out)
{
	const struct entry wanted = { .view = view };
	const struct entry *hit = bsearch(&wanted, r->entries, r->n, sizeof(wanted), by_view);

	if (!hit) {
		fprintf(stderr, "level=fatal msg=\"view was not loaded\" template=%s\n",
			view->template);
		abort();
	}
	program_run(hit->program, frame, model, out);
}

bool render_alone(struct arena *a, const struct render *r, const struct view *view,
		  const void *model, struct str *ret)
{
	struct buf out = buf_new(a, ALONE_MAX);

	render_view(r, view, NULL, model, &out);
	*ret = buf_str(&out);
	return !out.full;
}
