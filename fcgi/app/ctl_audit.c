/* `resolutionflow audit`: checks the seals of the log, and prints where its chains end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "app/ctl.h"
#include "app/server.h"
#include "audit/audit.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define NOTES_MAX ((size_t)64 << 20)

static const char usage[] = "audit verify [ACCOUNT-ID] [--heads FILE], or audit heads";

static void print_finding(void *ctx, const struct audit_finding *f)
{
	(void)ctx;
	printf("account %s", f->account.text);
	if (f->seq)
		printf(" seal %lld", (long long)f->seq);
	if (!uuid_is_none(f->id))
		printf(" entry %s", f->id.text);
	if (f->action.n)
		printf(" %.*s", STR_ARG(f->action));
	printf(": %.*s\n", STR_ARG(f->what));
}

static const struct err *read_file(struct arena *a, const char *path, struct str *ret)
{
	struct buf text = buf_new(a, NOTES_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[16384];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_put(&text, (struct str){ piece, (size_t)n });
	if (fd >= 0)
		close(fd);
	if (n < 0 || text.full)
		return ERR(a, ERR_INVALID, "%s can't be read: %s", path, strerror(errno));
	*ret = buf_str(&text);
	return NULL;
}

static const struct err *verify(struct arena *a, struct db *db, struct audit_check *check)
{
	struct audit_verdict v;

	TRY(audit_verify(a, db, check, &v));
	printf("%lld seal%s of %lld account%s checked, %lld finding%s\n", (long long)v.seals,
	       v.seals == 1 ? "" : "s", (long long)v.accounts, v.accounts == 1 ? "" : "s",
	       (long long)v.findings, v.findings == 1 ? "" : "s");
	return v.findings ? ERR(a, ERR_CONFLICT, "the log is not as it was written") : NULL;
}

static const struct err *print_heads(struct arena *a, struct db *db)
{
	struct str heads;

	TRY(audit_heads(a, db, &heads));
	fwrite(heads.p, 1, heads.n, stdout);
	return NULL;
}

const struct err *ctl_audit(struct arena *a, const struct settings *settings, int argc, char **argv)
{
	static const struct sql *const *const statements[] = { audit_statements, NULL };
	struct audit_check check = { .settings = settings, .tell = print_finding };
	struct db_settings wish = server_database(a, settings, "jobs");
	bool verifies = argc > 1 && strcmp(argv[1], "verify") == 0;
	struct db *db;

	wish.statements = statements;
	for (int at = 2; at < argc; at++) {
		if (strcmp(argv[at], "--heads") == 0 && at + 1 < argc)
			TRY(read_file(a, argv[++at], &check.heads));
		else if (!uuid_parse(str_of(argv[at]), &check.account))
			return ERR(a, ERR_INVALID, "%s", usage);
	}
	if (!verifies && (argc != 2 || strcmp(argv[1], "heads") != 0))
		return ERR(a, ERR_INVALID, "%s", usage);
	TRY(db_open(a, &wish, &db));
	return verifies ? verify(a, db, &check) : print_heads(a, db);
}
