/* The mails that went into files, shown where the service is a demonstration. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "kit/base/arena.h"
#include "kit/db/db.h"
#include "kit/net/message.h"
#include "kit/render/render.h"
#include "mail/mail.h"

#define SHOWN       50 /* the newest */
#define NAME_LENGTH 90
#define FILE_MAX    ((size_t)256 * 1024)
#define LINKS_MAX   20

struct link_view {
	struct str href;
};

struct mail_view {
	struct str id, subject, sender, recipient, state, body_text, at_ago;
	struct instant at;
	struct list links;
};

struct mails_page {
	int64_t total;
	struct list mails;
};

static const struct shape link_shape = SHAPE(struct link_view, F_STR(struct link_view, href));
static const struct shape mail_shape =
	SHAPE(struct mail_view, F_STR(struct mail_view, id), F_STR(struct mail_view, subject),
	      F_STR(struct mail_view, sender), F_STR(struct mail_view, recipient),
	      F_STR(struct mail_view, state), F_STR(struct mail_view, body_text),
	      F_STR(struct mail_view, at_ago), F_TIME(struct mail_view, at),
	      F_LIST(struct mail_view, links, &link_shape));
static const struct shape mails_shape = SHAPE(struct mails_page, F_INT(struct mails_page, total),
					      F_LIST(struct mails_page, mails, &mail_shape));

static const struct view list_view = { "dev/mail", &mails_shape };
static const struct view item_view = { "dev/mail_item", &mail_shape };
const struct view *const mail_views[] = { &list_view, &item_view, NULL };

/* ---- the directory ---- */

/* A name as post.c gives it: no path, nothing hidden. */
static bool is_ours(struct str name)
{
	for (size_t at = 0; at < name.n; at++) {
		char c = name.p[at];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
		      c == 'T'))
			return false;
	}
	return name.n > 4 && name.n < NAME_LENGTH && name.p[0] != '.' &&
	       str_ends(name, STR(".eml"));
}

static struct str read_whole(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = arena_alloc(a, FILE_MAX, 1);
	struct stat st;
	size_t n = 0;

	if (fd < 0)
		return STR_NONE;
	for (ssize_t more = 1;
	     more > 0 && n < FILE_MAX && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	     n += more > 0 ? (size_t)more : 0)
		more = read(fd, text + n, FILE_MAX - n);
	close(fd);
	return (struct str){ text, n };
}

/* Keeps the greatest names, the greatest first; returns how many there are now. */
static size_t keep_newest(struct str *names, size_t n, struct arena *a, struct str name)
{
	size_t to = n < SHOWN ? n : SHOWN - 1;

	if (n == SHOWN && strcmp(name.p, names[SHOWN - 1].p) <= 0)
		return n;
	for (; to > 0 && strcmp(name.p, names[to - 1].p) > 0; to--)
		names[to] = names[to - 1];
	names[to] = str_dup(a, name);
	return n < SHOWN ? n + 1 : n;
}

static size_t newest(struct arena *a, const char *dir, struct str names[SHOWN])
{
	DIR *d = opendir(dir);
	size_t n = 0;

	if (!d)
		return 0;
	for (const struct dirent *entry; (entry = readdir(d));)
		if (is_ours(str_of(entry->d_name)))
			n = keep_newest(names, n, a, str_of(entry->d_name));
	closedir(d);
	return n;
}

/* ---- a mail ---- */

/* Only what leads to ourselves can be pressed. */
static struct list links_of(struct req *r, struct str text)
{
	struct link_view *links = ARENA_ARRAY(r->arena, struct link_view, LINKS_MAX);
	struct str start = str_fmt(r->arena, "%.*s/", STR_ARG(r->settings->base_url));
	size_t n = 0;

	for (struct str rest = text; n < LINKS_MAX && rest.n;) {
		const char *found = memmem(rest.p, rest.n, start.p, start.n);
		size_t end = start.n;

		if (!found)
			break;
		rest = str_skip(rest, (size_t)(found - rest.p));
		while (end < rest.n && (unsigned char)rest.p[end] > ' ' &&
		       str_find(STR("<>\"'"), rest.p[end]) < 0)
			end++;
		links[n++].href = str_first(rest, end);
		rest = str_skip(rest, end);
	}
	return LIST_OF(links, n);
}

static bool read_mail(struct req *r, struct str name, struct mail_view *ret)
{
	const char *path =
		str_fmt(r->arena, "%.*s/%.*s", STR_ARG(r->settings->mail_dir), STR_ARG(name)).p;
	struct message m;

	if (!message_read(r->arena, read_whole(r->arena, path), &m))
		return false;
	*ret = (struct mail_view){ .id = name,
				   .subject = m.subject,
				   .sender = m.from,
				   .recipient = m.to,
				   .state = STR("sent"),
				   .body_text = m.text,
				   .at = m.date,
				   .at_ago = clock_ago(r->arena, m.date) };
	return true;
}

static const struct err *check_demo(struct req *r)
{
	return r->settings->demo && r->settings->mail_dir.n
		       ? NULL
		       : ERR(r->arena, ERR_NOT_FOUND, "There is no such page.");
}

static const struct err *list(struct req *r)
{
	struct mail_view *mails = ARENA_ARRAY(r->arena, struct mail_view, SHOWN);
	struct str names[SHOWN];
	struct mails_page page = { 0 };
	size_t n;

	TRY(check_demo(r));
	TRY(tx_run(r->tx));
	n = newest(r->arena, str_cstr(r->arena, r->settings->mail_dir), names);
	for (size_t at = 0; at < n; at++)
		page.total += read_mail(r, names[at], &mails[page.total]);
	page.mails = LIST_OF(mails, (size_t)page.total);
	return reply_page(r, &list_view, &page);
}

static const struct err *show(struct req *r)
{
	struct mail_view mail;

	TRY(check_demo(r));
	TRY(tx_run(r->tx));
	if (!is_ours(r->word) || !read_mail(r, r->word, &mail))
		return ERR(r->arena, ERR_NOT_FOUND, "There is no such mail.");
	mail.links = links_of(r, mail.body_text);
	return reply_page(r, &item_view, &mail);
}

const struct route mail_routes[] = {
	{ GET, "/dev/mail", .run = list },
	{ GET, "/dev/mail/*file", .run = show },
	{ 0 },
};
