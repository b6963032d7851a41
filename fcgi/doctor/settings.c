/* Checks of what was set. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "accounts/accounts.h"
#include "doctor/checks.h"
#include "kit/base/arena.h"
#include "kit/net/smtp.h"

#define DISTINCT_LEAST 10 /* of 32 random bytes in any spelling there are more */

static const struct err *look_secret(struct doctor *d, struct found *ret)
{
	bool seen[256] = { false };
	size_t n = 0;

	for (size_t at = 0; at < d->settings->master_secret.n; at++) {
		unsigned char c = (unsigned char)d->settings->master_secret.p[at];

		n += !seen[c];
		seen[c] = true;
	}
	if (n < DISTINCT_LEAST)
		ret->text = str_fmt(d->arena, "it is made of %zu characters again and again", n);
	return NULL;
}

static const struct err *look_secret_files(struct doctor *d, struct found *ret)
{
	static const char *const names[] = { "MASTER_SECRET_FILE", "DATABASE_URL_FILE",
					     "SMTP_PASSWORD_FILE" };

	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++) {
		const char *path = getenv(names[at]);
		struct stat st;

		if (path && stat(path, &st) == 0 && st.st_mode & 037)
			ret->text = str_fmt(d->arena, "%s can be read or written by others (%o)",
					    path, (unsigned)st.st_mode & 0777);
	}
	return NULL;
}

static bool is_here(struct str url)
{
	return str_starts(url, STR("http://127.0.0.1")) ||
	       str_starts(url, STR("http://localhost")) || str_starts(url, STR("http://[::1]"));
}

static const struct err *look_base(struct doctor *d, struct found *ret)
{
	struct str url = d->settings->base_url;

	if (str_starts(url, STR("https://")))
		return NULL;
	ret->text = str_fmt(d->arena, "%.*s is not encrypted", STR_ARG(url));
	if (is_here(url))
		ret->state = FINDING_WARN;
	return NULL;
}

static const struct err *look_demo(struct doctor *d, struct found *ret)
{
	if (!d->settings->demo)
		return NULL;
	ret->text = STR("DEMO=1 shows every mail to everybody");
	if (is_here(d->settings->base_url))
		ret->state = FINDING_WARN;
	return NULL;
}

static const struct err *look_mail(struct doctor *d, struct found *ret)
{
	const struct settings *s = d->settings;

	if (!str_eq(s->mail_mode, STR("smtp")))
		ret->text = STR("MAIL_MODE=file: mails reach nobody");
	else if (str_contains(s->mail_from, STR("@localhost")))
		ret->text = str_fmt(d->arena, "MAIL_FROM is %.*s, which nobody can answer",
				    STR_ARG(s->mail_from));
	return NULL;
}

static const struct err *look_mail_server(struct doctor *d, struct found *ret)
{
	const struct settings *s = d->settings;
	struct smtp *smtp;

	if (!d->mail || !str_eq(s->mail_mode, STR("smtp"))) {
		*ret = (struct found){ STR("not asked: --mail asks it"), FINDING_SKIPPED,
				       STR_NONE };
		return NULL;
	}
	TRY(smtp_new(d->arena,
		     &(struct smtp_settings){ .url = s->smtp_url,
					      .user = s->smtp_user,
					      .password = s->smtp_password,
					      .ca = s->smtp_ca,
					      .seconds = s->smtp_seconds,
					      .hurry_fd = -1 },
		     &smtp));
	return smtp_greet(smtp, d->arena);
}

static const struct err *look_breached(struct doctor *d, struct found *ret)
{
	const struct breached *list;

	if (!d->settings->breached_passwords.n)
		*ret = (struct found){ STR("new passwords are held against no list of stolen ones"),
				       FINDING_WARN,
				       STR("docs/operations.md says where to get one.") };
	return settings_breached(d->arena, d->settings, &list);
}

static const struct err *look_program(struct doctor *d, struct found *ret)
{
	(void)ret;
	return d->broken;
}

const struct check settings_checks[] = {
	{ "MASTER_SECRET", FINDING_FAIL, "Make one by openssl rand -base64 48.",
	  .look = look_secret },
	{ "secrets in files", FINDING_FAIL, "chmod 400, and give it to whom the programs run as.",
	  .look = look_secret_files },
	{ "BASE_URL", FINDING_FAIL,
	  "Give nginx a certificate and set https://, or passwords can be read on the way.",
	  .look = look_base },
	{ "DEMO", FINDING_FAIL, "Set DEMO=0.", .look = look_demo },
	{ "mail", FINDING_WARN, "Set MAIL_MODE=smtp, SMTP_URL and MAIL_FROM.", .look = look_mail },
	{ "mail server", FINDING_FAIL, "Look at SMTP_URL, SMTP_USER, SMTP_PASSWORD and SMTP_CA.",
	  .look = look_mail_server },
	{ "BREACHED_PASSWORDS", FINDING_FAIL,
	  "Fetch the list anew, sorted by hash, and let the programs' user read it: see "
	  "docs/operations.md.",
	  .look = look_breached },
	{ "templates and files", FINDING_FAIL,
	  "Set TEMPLATES_DIR, PUBLIC_DIR and MIGRATIONS_DIR, or install again.",
	  .look = look_program },
	{ 0 },
};
