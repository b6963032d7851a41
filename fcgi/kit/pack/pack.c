/* Archives; see pack.h. */
#include "kit/pack/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/clock.h"
#include "kit/crypto/crypto.h"

#define COPY_BYTES 65536

/* A tar has a file's size before the file: each is gathered beside, in a file without a name. */
struct pack {
	struct arena *a;
	const char *part, *place;
	int dir, fd, spool, manifest;
	struct archive *out;
	locale_t utf8; /* what libarchive takes names to be written in */
	struct str name;
	int64_t size, manifest_size, bytes;
	struct crypto_sum sum;
};

static const struct err *io_error(struct arena *a, const char *what)
{
	return ERR(a, ERR_INTERNAL, "the archive's directory: %s: %s", what, strerror(errno));
}

static const struct err *pack_error(struct pack *p)
{
	return ERR(p->a, ERR_INTERNAL, "the archive can't be written: %s",
		   archive_error_string(p->out));
}

static void close_pack(void *of)
{
	struct pack *p = of;

	if (p->out)
		archive_write_free(p->out);
	if (p->utf8)
		freelocale(p->utf8);
	if (p->part)
		unlinkat(p->dir, p->part, 0);
	close(p->fd);
	close(p->spool);
	close(p->manifest);
	close(p->dir);
}

static int open_nameless(int dir)
{
	return openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static const struct err *open_files(struct pack *p, const char *dir)
{
	struct stat st = { 0 };
	mode_t mode;

	p->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0 || fstat(p->dir, &st))
		return io_error(p->a, dir);
	mode = st.st_mode & S_ISGID ? 0640 : 0600;
	p->fd = openat(p->dir, p->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (p->fd < 0 || fchmod(p->fd, mode))
		return io_error(p->a, p->part);
	p->spool = open_nameless(p->dir);
	p->manifest = open_nameless(p->dir);
	return p->spool < 0 || p->manifest < 0 ? io_error(p->a, "a file beside it") : NULL;
}

const struct err *pack_new(struct arena *a, const char *dir, const char *name, struct pack **ret)
{
	struct pack *p = ARENA_NEW(a, struct pack);

	*p = (struct pack){ .a = a, .dir = -1, .fd = -1, .spool = -1, .manifest = -1 };
	p->place = str_cstr(a, str_of(name));
	p->part = str_fmt(a, "%s.part", name).p;
	arena_defer(a, close_pack, p);
	TRY(open_files(p, dir));
	p->out = archive_write_new();
	p->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	if (!p->out || !p->utf8)
		return ERR(a, ERR_INTERNAL, "out of memory, or no C.UTF-8");
	if (archive_write_add_filter_gzip(p->out) ||
	    archive_write_set_format_pax_restricted(p->out) ||
	    archive_write_set_filter_option(p->out, "gzip", "compression-level", "6") ||
	    archive_write_open_fd(p->out, p->fd))
		return pack_error(p);
	*ret = p;
	return NULL;
}

/* ---- a file of it ---- */

static const struct err *write_all(struct arena *a, int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return io_error(a, "writing");
		text = str_skip(text, n < 0 ? 0 : (size_t)n);
	}
	return NULL;
}

static const struct err *empty(struct arena *a, int fd)
{
	return ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 ? io_error(a, "a file beside it")
							      : NULL;
}

const struct err *pack_begin(struct pack *p, struct str name)
{
	p->name = name;
	p->size = 0;
	crypto_sum_begin(&p->sum);
	return empty(p->a, p->spool);
}

const struct err *pack_put(struct pack *p, struct str text)
{
	p->size += (int64_t)text.n;
	crypto_sum_add(&p->sum, text);
	return write_all(p->a, p->spool, text);
}

static const struct err *write_header(struct pack *p, struct arena *scratch, int64_t size)
{
	struct archive_entry *entry = archive_entry_new();
	locale_t before;
	int failed;

	if (!entry)
		return ERR(p->a, ERR_INTERNAL, "out of memory");
	archive_entry_set_pathname(entry, str_cstr(scratch, p->name));
	archive_entry_set_size(entry, size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, clock_now().us / CLOCK_SECOND, 0);
	before = uselocale(p->utf8);
	failed = archive_write_header(p->out, entry) != ARCHIVE_OK;
	uselocale(before);
	archive_entry_free(entry);
	return failed ? pack_error(p) : NULL;
}

static const struct err *copy(struct pack *p, int from)
{
	char bytes[COPY_BYTES];
	ssize_t n = 0;

	if (lseek(from, 0, SEEK_SET) < 0)
		return io_error(p->a, "a file beside it");
	while ((n = read(from, bytes, sizeof bytes)) > 0)
		if (archive_write_data(p->out, bytes, (size_t)n) != n)
			return pack_error(p);
	p->bytes = lseek(p->fd, 0, SEEK_CUR);
	return n < 0 ? io_error(p->a, "a file beside it") : NULL;
}

static const struct err *list_file(struct pack *p, struct arena *scratch)
{
	struct buf line = buf_new(scratch, p->name.n * 6 + 300);
	struct str sum = crypto_sum_end(scratch, &p->sum);

	buf_put(&line, p->manifest_size ? STR(",\n") : STR(""));
	buf_put(&line, STR("{\"name\":"));
	buf_put_json(&line, p->name);
	buf_printf(&line, ",\"bytes\":%lld,\"sha256\":\"%.*s\"}", (long long)p->size, STR_ARG(sum));
	p->manifest_size += (int64_t)line.n;
	return write_all(p->a, p->manifest, buf_str(&line));
}

const struct err *pack_end(struct pack *p, struct arena *scratch)
{
	TRY(list_file(p, scratch));
	TRY(write_header(p, scratch, p->size));
	return copy(p, p->spool);
}

/* ---- its end ---- */

static const struct err *write_manifest(struct pack *p, struct arena *scratch, struct str counts)
{
	struct str head =
		STR("{\"format\":\"resolutionflow/archive\",\"format_version\":1,\"files\":[\n");
	struct str tail = str_fmt(scratch, "\n],\"counts\":{%.*s}}\n", STR_ARG(counts));
	size_t size = head.n + (size_t)p->manifest_size + tail.n;

	p->name = STR("manifest.json");
	TRY(write_header(p, scratch, (int64_t)size));
	if (archive_write_data(p->out, head.p, head.n) < 0)
		return pack_error(p);
	TRY(copy(p, p->manifest));
	return archive_write_data(p->out, tail.p, tail.n) < 0 ? pack_error(p) : NULL;
}

const struct err *pack_finish(struct pack *p, struct arena *scratch, struct str counts)
{
	TRY(write_manifest(p, scratch, counts));
	if (archive_write_close(p->out) != ARCHIVE_OK)
		return pack_error(p);
	p->bytes = lseek(p->fd, 0, SEEK_END);
	if (fsync(p->fd) || renameat(p->dir, p->part, p->dir, p->place) || fsync(p->dir))
		return io_error(p->a, p->place);
	p->part = NULL;
	return NULL;
}

int64_t pack_bytes(const struct pack *p)
{
	return p->bytes;
}

int pack_remove(const char *dir, const char *begin)
{
	DIR *d = opendir(dir);
	const struct dirent *one;
	int n = 0;

	while (d && (one = readdir(d)))
		if (str_starts(str_of(one->d_name), str_of(begin)))
			n += unlinkat(dirfd(d), one->d_name, 0) == 0;
	if (d)
		closedir(d);
	return n;
}
