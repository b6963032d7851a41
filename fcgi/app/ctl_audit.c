/* `resolutionflow audit`: checks the seals of the log, and prints where its chains end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/ctl.h"
#include "audit/audit.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define NOTES_MAX ((size_t)64 << 20)

static const struct sql *const *const statements[] = { audit_statements, NULL };

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

static const struct err *read_notes(struct arena *a, struct str path, struct str *ret)
{
	struct buf text = buf_new(a, NOTES_MAX);
	int fd = open(str_cstr(a, path), O_RDONLY | O_CLOEXEC);
	char piece[16384];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_put(&text, (struct str){ piece, (size_t)n });
	if (fd >= 0)
		close(fd);
	if (n < 0 || text.full)
		return ERR(a, ERR_INVALID, "%.*s can't be read: %s", STR_ARG(path),
			   strerror(errno));
	*ret = buf_str(&text);
	return NULL;
}

/* "3 seals" */
static struct str counted(struct arena *a, int64_t n, const char *what)
{
	return str_fmt(a, "%lld %s%s", (long long)n, what, n == 1 ? "" : "s");
}

const struct err *ctl_audit_verify(struct call *call)
{
	struct audit_check check = { .settings = call->settings, .tell = print_finding };
	struct arena *a = call->arena;
	struct audit_verdict v;
	struct db *db;

	if (call->nwords && !uuid_parse(str_of(call->words[0]), &check.account))
		return ERR(a, ERR_INVALID, "\"%s\" is no account's id", call->words[0]);
	if (call_has(call, "heads"))
		TRY(read_notes(a, call_option(call, "heads"), &check.heads));
	TRY(call_connect(call, "jobs", statements, &db));
	TRY(audit_verify(a, db, &check, &v));
	printf("%.*s of %.*s checked, %.*s\n", STR_ARG(counted(a, v.seals, "seal")),
	       STR_ARG(counted(a, v.accounts, "account")),
	       STR_ARG(counted(a, v.findings, "finding")));
	call->status = v.findings > 0;
	return NULL;
}

const struct err *ctl_audit_heads(struct call *call)
{
	struct str heads;
	struct db *db;

	TRY(call_connect(call, "jobs", statements, &db));
	TRY(audit_heads(call->arena, db, &heads));
	fwrite(heads.p, 1, heads.n, stdout);
	return NULL;
}
