/* Whether a password was stolen, by halving a sorted file; see breached.h. */
#include "kit/crypto/breached.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"

#define LINE_MOST 64 /* bytes, its end included */
#define HEX       (2 * SHA_DIGEST_LENGTH)
#define BLOCK     4096 /* what is not halved any further */
#define SAMPLES   64
#define FAR       64 /* so many times the usual gap between two hashes is none by chance */

struct breached {
	int fd;
	off_t size;
	const char *path;
};

struct line {
	off_t at; /* where it begins; the file's size: there is none */
	uint8_t hash[SHA_DIGEST_LENGTH];
};

static const struct err *damaged(struct arena *a, const struct breached *list, off_t at)
{
	return ERR(a, ERR_INTERNAL, "%s has no line \"SHA-1:count\" at byte %lld", list->path,
		   (long long)at);
}

/* As many bytes as there are up to n. */
static const struct err *read_at(struct arena *a, const struct breached *list, off_t at, size_t n,
				 char *bytes, struct str *ret)
{
	size_t there = list->size - at < (off_t)n ? (size_t)(list->size - at) : n;
	ssize_t got = pread(list->fd, bytes, there, at);

	if (got < 0)
		return ERR(a, ERR_INTERNAL, "%s: %s", list->path, strerror(errno));
	if ((size_t)got != there)
		return ERR(a, ERR_INTERNAL, "%s is shorter than it was when it was opened",
			   list->path);
	*ret = (struct str){ bytes, there };
	return NULL;
}

static bool read_hash(struct str line, uint8_t hash[SHA_DIGEST_LENGTH])
{
	size_t n;

	return line.n > HEX + 1 && line.p[HEX] == ':' && line.p[HEX + 1] >= '0' &&
	       line.p[HEX + 1] <= '9' &&
	       sodium_hex2bin(hash, SHA_DIGEST_LENGTH, line.p, HEX, NULL, &n, NULL) == 0 &&
	       n == SHA_DIGEST_LENGTH;
}

/* The first that begins behind `at`, or with the file. */
static const struct err *line_after(struct arena *a, const struct breached *list, off_t at,
				    struct line *ret)
{
	char bytes[2 * LINE_MOST];
	struct str text;
	ptrdiff_t end = -1;

	TRY(read_at(a, list, at, sizeof(bytes), bytes, &text));
	if (at > 0) {
		end = str_find(str_first(text, LINE_MOST), '\n');
		if (end < 0 && text.n > LINE_MOST)
			return damaged(a, list, at);
		text = end < 0 ? STR("") : str_skip(text, (size_t)end + 1);
	}
	ret->at = text.n ? at + end + 1 : list->size;
	return text.n && !read_hash(text, ret->hash) ? damaged(a, list, ret->at) : NULL;
}

static const struct err *last_line(struct arena *a, const struct breached *list, struct line *ret)
{
	off_t at = list->size > LINE_MOST ? list->size - LINE_MOST : 0;
	char bytes[LINE_MOST];
	struct str text;

	TRY(read_at(a, list, at, sizeof(bytes), bytes, &text));
	text = str_trim(text);
	for (ptrdiff_t end; (end = str_find(text, '\n')) >= 0;)
		text = str_skip(text, (size_t)end + 1);
	ret->at = at + (text.p - bytes);
	return read_hash(text, ret->hash) ? NULL : damaged(a, list, ret->at);
}

/* By count, as the other list of theirs is, or by nothing. */
static const struct err *check_order(struct arena *a, const struct breached *list)
{
	struct line line, before;

	TRY(line_after(a, list, 0, &before));
	for (off_t part = 1; part < SAMPLES; part++) {
		TRY(line_after(a, list, list->size / SAMPLES * part, &line));
		if (line.at == before.at)
			continue;
		if (line.at == list->size)
			break;
		if (memcmp(before.hash, line.hash, sizeof(line.hash)) >= 0)
			return ERR(a, ERR_INVALID, "%s is not sorted by hash", list->path);
		before = line;
	}
	return NULL;
}

static uint32_t beginning(const uint8_t hash[SHA_DIGEST_LENGTH])
{
	return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

/* Hashes lie evenly, so that a list begins close to 0000 and ends close to FFFF. */
static const struct err *check_whole(struct arena *a, const struct breached *list)
{
	off_t lines = list->size / LINE_MOST + 1;
	off_t far = (off_t)UINT32_MAX / lines * FAR;
	struct line first, last;

	TRY(line_after(a, list, 0, &first));
	TRY(last_line(a, list, &last));
	if (beginning(first.hash) > far || UINT32_MAX - beginning(last.hash) > far)
		return ERR(a, ERR_INVALID, "%s is only a part of a list", list->path);
	return NULL;
}

static void close_list(void *list)
{
	close(((struct breached *)list)->fd);
}

const struct err *breached_open(struct arena *a, const char *path, const struct breached **ret)
{
	struct breached *list = ARENA_NEW(a, struct breached);
	struct stat st;

	list->path = path;
	list->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (list->fd < 0)
		return ERR(a, ERR_INVALID, "%s: %s", path, strerror(errno));
	arena_defer(a, close_list, list);
	if (fstat(list->fd, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return ERR(a, ERR_INVALID, "%s is no file, or an empty one", path);
	list->size = st.st_size;
	TRY(check_order(a, list));
	TRY(check_whole(a, list));
	*ret = list;
	return NULL;
}

/* In what is left between from, which is a line's begin, and to. */
static const struct err *look_through(struct arena *a, const struct breached *list, off_t from,
				      off_t to, const uint8_t *wanted, bool *ret)
{
	char bytes[BLOCK];
	uint8_t hash[SHA_DIGEST_LENGTH];
	struct str rest;

	*ret = false;
	TRY(read_at(a, list, from, (size_t)(to - from), bytes, &rest));
	while (!*ret && rest.n) {
		struct str line = str_cut(&rest, '\n');

		if (!read_hash(line, hash))
			return damaged(a, list, from + (line.p - bytes));
		*ret = memcmp(hash, wanted, sizeof(hash)) == 0;
	}
	return NULL;
}

const struct err *breached_has(struct arena *a, const struct breached *list, struct str password,
			       bool *ret)
{
	off_t from = 0, to = list->size;
	uint8_t wanted[SHA_DIGEST_LENGTH];
	const struct err *e;

	SHA1((const unsigned char *)password.p, password.n, wanted);
	while (to - from > BLOCK) {
		struct line line;

		TRY(line_after(a, list, from + (to - from) / 2, &line));
		if (memcmp(wanted, line.hash, sizeof(wanted)) < 0)
			to = line.at;
		else
			from = line.at;
	}
	e = look_through(a, list, from, to, wanted, ret);
	crypto_wipe(wanted, sizeof(wanted));
	return e;
}
